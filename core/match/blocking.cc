#include "core/match/blocking.h"

#include <algorithm>
#include <array>

#include "core/base/civil_date.h"
#include "core/match/hash.h"

namespace baraza {
namespace {

constexpr int32_t kLongestSessionDays = 14;
constexpr int32_t kMostMonths = 24;
constexpr size_t kTitleWords = 8;
constexpr size_t kMostDocuments = 32;

enum class Salt : uint64_t { kTeam = 1, kPlace, kWord, kCell, kDocument, kFile, kPassage };

uint64_t Salted(Salt salt, uint64_t value) {
  return CombineHash(static_cast<uint64_t>(salt), value);
}

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

class PartList {
 public:
  explicit PartList(std::vector<BlockPart>& parts) : parts_(parts) {}
  void Add(PartKind kind, Salt salt, uint64_t value) {
    // The kind is part of the hash: parts of two kinds are never equal.
    const uint32_t hash = static_cast<uint32_t>(Salted(salt, value) >> 34);
    parts_.push_back({hash | static_cast<uint32_t>(kind) << 30, kind});
  }

 private:
  std::vector<BlockPart>& parts_;
};

void AddTeams(const ReportFeatures& features, PartList& parts) {
  for (const uint64_t team : features.teams) parts.Add(PartKind::kTeam, Salt::kTeam, team);
  for (const uint64_t name : features.unregistered_teams) {
    parts.Add(PartKind::kTeam, Salt::kTeam, name);
  }
}

void AddPlaces(const ReportFeatures& features, PartList& parts) {
  for (const PlaceName& name : features.localities) {
    parts.Add(PartKind::kPlace, Salt::kPlace, name.skeleton);
  }
  for (const PlaceName& name : features.venues) {
    parts.Add(PartKind::kPlace, Salt::kPlace, name.skeleton);
  }
  if (features.p_code != 0) parts.Add(PartKind::kPlace, Salt::kPlace, features.p_code);
  if (features.has_coordinates) {
    // Cells of a tenth of a degree that lie within 3 hundredths: two points at most 5 hundredths
    // apart share one, also across 180 degrees.
    for (const int32_t north : {-3, 3}) {
      for (const int32_t east : {-3, 3}) {
        const int32_t row = (features.latitude_centi + 9000 + north) / 10;
        const int32_t column = (features.longitude_centi + 54'000 + east) % 36'000 / 10;
        parts.Add(PartKind::kPlace, Salt::kCell, static_cast<uint64_t>(row) * 10000 + column);
      }
    }
  }
}

// Of many words those with the smallest hashes, so that two that share most of their words most
// likely share some of these.
void AddWords(const ReportFeatures& features, PartList& parts) {
  std::vector<uint64_t> words;
  const auto add = [&words](const std::vector<WeightedToken>& tokens) {
    for (const WeightedToken& word : tokens) {
      if (word.weight > 1) words.push_back(word.hash);
    }
  };
  add(features.title);
  const bool names_no_subject = words.empty();
  // The other may have its subject in the title.
  if (names_no_subject) add(features.topics);
  std::sort(words.begin(), words.end());
  if (words.size() > kTitleWords) words.resize(kTitleWords);
  // Nothing but form words: all of them together.
  if (names_no_subject && features.whole_title != 0) words.push_back(features.whole_title);
  for (const uint64_t word : words) parts.Add(PartKind::kWord, Salt::kWord, word);
}

void AddDocuments(const ReportFeatures& features, BlockRecord& record, PartList& parts) {
  for (const uint64_t file : features.files) record.documents.push_back(Salted(Salt::kFile, file));
  for (const CitationFeatures& citation : features.citations) {
    if (citation.document != 0) {
      record.documents.push_back(Salted(Salt::kDocument, citation.document));
      parts.Add(PartKind::kDocument, Salt::kDocument, citation.document);
    }
    if (citation.locator != 0 || citation.passage != 0) {
      record.documents.push_back(CombineHash(Salted(Salt::kPassage, citation.source),
                                             CombineHash(citation.locator, citation.passage)));
    }
  }
  SortUnique(record.documents);
  if (record.documents.size() > kMostDocuments) record.documents.resize(kMostDocuments);
}

int32_t MonthOf(int32_t days) {
  const absl::CivilDay day = CivilDayFromDays(days);
  return static_cast<int32_t>(day.year()) * 12 + day.month() - 1;
}

void SetTime(const DateFeatures& date, BlockRecord& record) {
  if (date.grain == DateGrain::kUnknown) return;
  record.first_month = MonthOf(date.first);
  record.last_month = date.last == date.first ? record.first_month : MonthOf(date.last);
  if (record.last_month - record.first_month >= kMostMonths) return;
  record.time = BlockTime::kCoarse;
  if (date.grain != DateGrain::kDay || date.last - date.first > kLongestSessionDays) return;
  record.time = BlockTime::kFine;
  record.first_day = date.first;
  record.last_day = date.last;
  record.swapped_day = date.swapped_first;
}

std::array<int, kPartKindCount> CommonParts(const BlockRecord& a, const BlockRecord& b) {
  std::array<int, kPartKindCount> common{};
  for (size_t i = 0, j = 0; i < a.parts.size() && j < b.parts.size();) {
    if (a.parts[i] < b.parts[j]) {
      ++i;
    } else if (b.parts[j] < a.parts[i]) {
      ++j;
    } else {
      ++common[static_cast<int>(a.parts[i].kind)];
      ++i;
      ++j;
    }
  }
  return common;
}

}  // namespace

BlockRecord MakeBlockRecord(const ReportFeatures& features) {
  BlockRecord record;
  SetTime(features.date, record);
  record.parts.reserve(16);
  PartList parts(record.parts);
  AddTeams(features, parts);
  AddPlaces(features, parts);
  record.dates = CombineHash(static_cast<uint32_t>(features.date.first),
                             static_cast<uint32_t>(features.date.last));
  AddWords(features, parts);
  AddDocuments(features, record, parts);
  SortUnique(record.parts);
  return record;
}

bool NearDays(const BlockRecord& a, const BlockRecord& b) {
  if (a.first_day <= b.last_day + kDaysApart && b.first_day <= a.last_day + kDaysApart) return true;
  return a.swapped_day == b.first_day || b.swapped_day == a.first_day;
}

const char* KeyFamilyName(KeyFamily family) {
  static constexpr std::array<const char*, kKeyFamilyCount> kNames = {
      "day",           "day_place",      "day_team",
      "day_word",      "day_place_team", "day_place_word",
      "day_two_teams", "day_team_words", "day_three_words",
      "month",         "undated",        "document"};
  return kNames[static_cast<size_t>(family)];
}

bool ShareKey(const BlockRecord& a, const BlockRecord& b, KeyFamily family) {
  if (family == KeyFamily::kDocument) {
    return std::find_first_of(a.documents.begin(), a.documents.end(), b.documents.begin(),
                              b.documents.end()) != a.documents.end();
  }
  const auto common = CommonParts(a, b);
  const int teams = common[static_cast<int>(PartKind::kTeam)];
  const int places = common[static_cast<int>(PartKind::kPlace)];
  const int words = common[static_cast<int>(PartKind::kWord)];
  const int documents = common[static_cast<int>(PartKind::kDocument)];
  const bool undated = a.time == BlockTime::kUndated || b.time == BlockTime::kUndated;
  const bool fine = a.time == BlockTime::kFine && b.time == BlockTime::kFine;
  if (family == KeyFamily::kUndated) {
    return undated && (words > 0) + (teams > 0) + (places > 0) >= 2;
  }
  if (family == KeyFamily::kMonth) {
    return !undated && !fine && a.first_month <= b.last_month && b.first_month <= a.last_month &&
           teams + places + words + documents > 0;
  }
  if (!fine || !NearDays(a, b)) return false;
  switch (family) {
    case KeyFamily::kDay:
      return true;
    case KeyFamily::kDayPlace:
      return places > 0;
    case KeyFamily::kDayTeam:
      return teams > 0;
    case KeyFamily::kDayWord:
      return words > 0;
    case KeyFamily::kDayPlaceTeam:
      return places > 0 && teams > 0;
    case KeyFamily::kDayPlaceWord:
      return places > 0 && words > 0;
    case KeyFamily::kDayTwoTeams:
      return teams > 1;
    case KeyFamily::kDayTeamWords:
      return teams > 0 && words > 1;
    case KeyFamily::kDayThreeWords:
      return words > 2;
    default:
      return false;
  }
}

}  // namespace baraza
