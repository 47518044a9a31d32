#include "core/match/packed_features.h"

#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

namespace baraza {
namespace {

class Packer {
 public:
  // Room for the average record at once.
  Packer() { bytes_.reserve(1024); }

  template <typename T>
  void operator()(const T& value) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void operator()(const std::string& text) {
    Size(text.size());
    bytes_ += text;
  }
  template <typename T, typename F>
  void List(const std::vector<T>& values, F&& each) {
    Size(values.size());
    for (const T& value : values) each(value);
  }
  void Hashes(const std::vector<uint64_t>& values) {
    Size(values.size());
    bytes_.append(reinterpret_cast<const char*>(values.data()), 8 * values.size());
  }

  std::string Finish() {
    bytes_.shrink_to_fit();
    return std::move(bytes_);
  }

 private:
  void Size(size_t size) {
    for (; size >= 0x80; size >>= 7) bytes_.push_back(static_cast<char>(size | 0x80));
    bytes_.push_back(static_cast<char>(size));
  }

  std::string bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(absl::string_view bytes) : at_(bytes.data()) {}

  template <typename T>
  void operator()(T& value) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    std::memcpy(&value, at_, sizeof(value));
    at_ += sizeof(value);
  }
  void operator()(std::string& text) {
    const absl::string_view found = Text();
    text.assign(found.data(), found.size());
  }
  template <typename T, typename F>
  void List(std::vector<T>& values, F&& each) {
    values.resize(Size());
    for (T& value : values) each(value);
  }
  void Hashes(std::vector<uint64_t>& values) {
    values.resize(Size());
    if (values.empty()) return;
    std::memcpy(values.data(), at_, 8 * values.size());
    at_ += 8 * values.size();
  }
  absl::string_view Text() {
    const size_t size = Size();
    const absl::string_view text(at_, size);
    at_ += size;
    return text;
  }

 private:
  size_t Size() {
    size_t size = 0;
    for (int shift = 0;; shift += 7) {
      const unsigned char byte = static_cast<unsigned char>(*at_++);
      size |= size_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return size;
    }
  }

  const char* at_;
};

// One list of the fields for both ways. `F` is ReportFeatures, const or not.
template <typename Archive, typename F>
void TransferScored(Archive& archive, F& f) {
  const auto word = [&](auto& each) {
    archive(each.hash);
    archive(each.weight);
    archive(each.concept_word);
  };
  const auto name = [&](auto& each) {
    archive(each.folded);
    archive(each.skeleton);
    archive(each.broader);
  };
  const auto party = [&](auto& each) {
    archive(each.kind);
    archive(each.hash);
    archive(each.organisation);
  };
  archive(f.report_id);
  archive(f.report_hash);
  archive(f.date.grain);
  archive(f.date.first);
  archive(f.date.last);
  archive(f.date.swapped_first);
  archive(f.country);
  archive(f.p_code);
  archive(f.has_coordinates);
  archive(f.latitude_centi);
  archive(f.longitude_centi);
  archive.List(f.localities, name);
  archive.List(f.venues, name);
  archive.Hashes(f.venue_tokens);
  archive.List(f.title, word);
  archive(f.whole_title);
  archive.List(f.markers, [&](auto& each) {
    archive(each.kind);
    archive(each.value);
  });
  archive(f.language);
  archive.List(f.topics, word);
  archive.Hashes(f.subjects);
  archive.Hashes(f.teams);
  archive.Hashes(f.unregistered_teams);
  archive.List(f.facilitators, party);
  party(f.organiser);
  archive.List(f.citations, [&](auto& each) {
    archive(each.source);
    archive(each.locator);
    archive(each.passage);
    archive(each.document);
  });
  archive.Hashes(f.files);
  archive(f.issue);
  archive.Hashes(f.related_issues);
  archive(f.modality);
  archive(f.participants);
  archive(f.women);
  archive(f.duration_minutes);
  archive(f.part_of_report);
  archive.List(f.part_of_title, word);
  archive(f.part_of_language);
  archive(f.reporter_team);
  archive(f.reporter_author);
  archive.List(f.hints, [&](auto& each) {
    archive(each.other_report);
    archive(each.answer);
  });
  archive(f.fingerprint[0]);
  archive(f.fingerprint[1]);
  archive.List(f.named_reports, [&](auto& each) { archive(each); });
}

template <typename Archive, typename S>
void TransferShown(Archive& archive, S& shown) {
  for (auto* text :
       {&shown.date, &shown.place, &shown.title, &shown.topics, &shown.markers, &shown.teams,
        &shown.organiser, &shown.participants, &shown.document, &shown.passages, &shown.issue,
        &shown.modality, &shown.reporter, &shown.part_of, &shown.hints}) {
    archive(*text);
  }
}

}  // namespace

std::string PackFeatures(const ReportFeatures& features) {
  Packer packer;
  TransferScored(packer, features);
  TransferShown(packer, features.shown);
  return packer.Finish();
}

void UnpackScored(absl::string_view packed, ReportFeatures& features) {
  Unpacker unpacker(packed);
  TransferScored(unpacker, features);
}

ReportFeatures UnpackFeatures(absl::string_view packed) {
  ReportFeatures features;
  Unpacker unpacker(packed);
  TransferScored(unpacker, features);
  TransferShown(unpacker, features.shown);
  return features;
}

absl::string_view PackedReportId(absl::string_view packed) { return Unpacker(packed).Text(); }

}  // namespace baraza
