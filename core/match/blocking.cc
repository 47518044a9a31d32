#include "core/match/blocking.h"

#include <algorithm>

#include "core/base/civil_date.h"
#include "core/match/hash.h"

namespace baraza {
namespace {

constexpr int32_t kLongestSessionDays = 14;
constexpr int32_t kMostMonths = 24;
constexpr size_t kTitleWords = 3;

enum class Salt : uint64_t {
  kDay = 1,
  kMonth,
  kUndated,
  kTeam,
  kPlace,
  kWord,
  kCell,
  kReport,
  kDocument,
  kFile,
  kPassage,
  kNone
};

uint64_t Salted(Salt salt, uint64_t value) {
  return CombineHash(static_cast<uint64_t>(salt), value);
}

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

std::vector<uint64_t> TeamParts(const ReportFeatures& features) {
  std::vector<uint64_t> parts;
  for (const uint64_t team : features.teams) parts.push_back(Salted(Salt::kTeam, team));
  for (const uint64_t name : features.unregistered_teams) {
    parts.push_back(Salted(Salt::kTeam, name));
  }
  return parts;
}

std::vector<uint64_t> PlaceParts(const ReportFeatures& features) {
  std::vector<uint64_t> parts;
  for (const PlaceName& name : features.localities) {
    parts.push_back(Salted(Salt::kPlace, name.skeleton));
  }
  for (const PlaceName& name : features.venues) {
    parts.push_back(Salted(Salt::kPlace, name.skeleton));
  }
  if (features.p_code != 0) parts.push_back(Salted(Salt::kPlace, features.p_code));
  if (features.has_coordinates) {
    // Cells of a tenth of a degree that lie within 3 hundredths: two points at most 5 hundredths
    // apart share one.
    for (const int32_t north : {-3, 3}) {
      for (const int32_t east : {-3, 3}) {
        const int32_t row = (features.latitude_centi + 9000 + north) / 10;
        const int32_t column = (features.longitude_centi + 18000 + east) / 10;
        parts.push_back(Salted(Salt::kCell, static_cast<uint64_t>(row) * 10000 + column));
      }
    }
  }
  SortUnique(parts);
  return parts;
}

// The words with the smallest hashes, so that two titles that share most of their words most likely
// share one of these.
std::vector<uint64_t> TitleParts(const ReportFeatures& features) {
  std::vector<uint64_t> parts;
  for (const WeightedToken& word : features.title) {
    if (word.weight > 1) parts.push_back(Salted(Salt::kWord, word.hash));
  }
  SortUnique(parts);
  if (parts.size() > kTitleWords) parts.resize(kTitleWords);
  // Nothing but form words: all of them together.
  if (parts.empty() && features.whole_title != 0) {
    parts.push_back(Salted(Salt::kWord, features.whole_title));
  }
  return parts;
}

bool LongSession(const DateFeatures& date) {
  return date.grain == DateGrain::kDay && date.last - date.first > kLongestSessionDays;
}

std::vector<uint64_t> DayParts(const DateFeatures& date) {
  std::vector<uint64_t> parts;
  if (date.grain != DateGrain::kDay) return parts;
  const auto add = [&](int32_t day) {
    parts.push_back(Salted(Salt::kDay, static_cast<uint32_t>(day)));
  };
  if (LongSession(date)) {
    for (int32_t day = -1; day <= 1; ++day) {
      add(date.first + day);
      add(date.last + day);
    }
  } else {
    for (int32_t day = date.first - 1; day <= date.last + 1; ++day) add(day);
  }
  if (date.swapped_first != DateFeatures::kNoSwap) add(date.swapped_first);
  SortUnique(parts);
  return parts;
}

int32_t MonthOf(int32_t days) {
  const absl::CivilDay day = CivilDayFromDays(days);
  return static_cast<int32_t>(day.year()) * 12 + day.month() - 1;
}

// Empty for an undated report and a range too long to say anything.
std::vector<uint64_t> MonthParts(const DateFeatures& date) {
  std::vector<uint64_t> parts;
  if (date.grain == DateGrain::kUnknown) return parts;
  const int32_t first = MonthOf(date.first);
  const int32_t last = MonthOf(date.last);
  if (last - first >= kMostMonths) return parts;
  for (int32_t month = first; month <= last; ++month) {
    parts.push_back(Salted(Salt::kMonth, static_cast<uint32_t>(month)));
  }
  return parts;
}

void Cross(const std::vector<uint64_t>& times, const std::vector<uint64_t>& parts,
           bool needs_coarse, std::vector<BlockKey>& keys) {
  for (const uint64_t time : times) {
    for (const uint64_t part : parts) keys.push_back({CombineHash(time, part), needs_coarse});
  }
}

void AddKeys(const ReportFeatures& features, KeyFamily family, std::vector<BlockKey>& keys) {
  switch (family) {
    case KeyFamily::kDayTeam:
      return Cross(DayParts(features.date), TeamParts(features), false, keys);
    case KeyFamily::kDayPlace:
      return Cross(DayParts(features.date), PlaceParts(features), false, keys);
    case KeyFamily::kDayTitle:
      return Cross(DayParts(features.date), TitleParts(features), false, keys);
    case KeyFamily::kMonthTeam:
      return Cross(MonthParts(features.date), TeamParts(features), true, keys);
    case KeyFamily::kMonthPlace:
      return Cross(MonthParts(features.date), PlaceParts(features), true, keys);
    case KeyFamily::kMonthTitle:
      return Cross(MonthParts(features.date), TitleParts(features), true, keys);
    case KeyFamily::kUndated: {
      std::vector<uint64_t> parts = TeamParts(features);
      const std::vector<uint64_t> places = PlaceParts(features);
      parts.insert(parts.end(), places.begin(), places.end());
      std::vector<uint64_t> words = TitleParts(features);
      for (uint64_t& word : words) word = Salted(Salt::kUndated, word);
      return Cross(words, parts, true, keys);
    }
    case KeyFamily::kDocument:
      for (const uint64_t file : features.files) keys.push_back({Salted(Salt::kFile, file), false});
      for (const CitationFeatures& citation : features.citations) {
        if (citation.document != 0) {
          keys.push_back({Salted(Salt::kDocument, citation.document), false});
        }
        if (citation.locator != 0 || citation.passage != 0) {
          keys.push_back({CombineHash(Salted(Salt::kPassage, citation.source),
                                      CombineHash(citation.locator, citation.passage)),
                          false});
        }
      }
      return;
  }
}

}  // namespace

bool HasCoarseDate(const ReportFeatures& features) {
  return features.date.grain != DateGrain::kDay || LongSession(features.date);
}

std::vector<BlockKey> BlockKeys(const ReportFeatures& features, KeyFamily family) {
  std::vector<BlockKey> keys;
  AddKeys(features, family, keys);
  SortUnique(keys);
  return keys;
}

std::vector<BlockKey> BlockKeys(const ReportFeatures& features) {
  std::vector<BlockKey> keys;
  keys.reserve(64);
  for (int family = 0; family < kKeyFamilyCount; ++family) {
    AddKeys(features, static_cast<KeyFamily>(family), keys);
  }
  SortUnique(keys);
  return keys;
}

BlockKey ReportKey(const std::string& report_id) {
  return {Salted(Salt::kReport, StableHash(report_id)), false};
}

std::vector<uint64_t> FinerKeys(const ReportFeatures& features) {
  std::vector<uint64_t> keys = TeamParts(features);
  const std::vector<uint64_t> places = PlaceParts(features);
  keys.insert(keys.end(), places.begin(), places.end());
  for (const WeightedToken& word : features.title) {
    if (word.weight > 1) keys.push_back(Salted(Salt::kWord, word.hash));
  }
  for (const CitationFeatures& citation : features.citations) {
    if (citation.document != 0) keys.push_back(Salted(Salt::kDocument, citation.document));
  }
  if (keys.empty()) keys.push_back(Salted(Salt::kNone, 0));
  SortUnique(keys);
  return keys;
}

}  // namespace baraza
