#ifndef BARAZA_CORE_MATCH_BLOCKING_H_
#define BARAZA_CORE_MATCH_BLOCKING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/match/features.h"

namespace baraza {

// What two reports may have in common: the material of the blocking keys. A key is a day, a month
// or "undated" x one or several of these.
enum class PartKind : uint8_t { kTeam, kPlace, kWord, kDocument };
inline constexpr int kPartKindCount = 4;

// How much a part that many reports (of a day, of a month, undated ones) have says: what has to
// come together for a pair to be compared is kNeededPoints of these points.
inline constexpr int kPartPoints[kPartKindCount] = {3, 4, 2, 4};
// Place and team, place and word, two teams, a team and two words, three words ...
inline constexpr int kNeededPoints = 6;

struct BlockPart {
  uint32_t hash = 0;
  PartKind kind = PartKind::kTeam;
  friend auto operator<=>(const BlockPart&, const BlockPart&) = default;
};

// How a report's date takes part in blocking.
enum class BlockTime : uint8_t {
  kFine,     // known to the day, at most two weeks long: meets others by day
  kCoarse,   // a month, a quarter, a year, a long session: meets others by month
  kUndated,  // no date, or a range of more than two years: meets others whatever their date
};

// What blocking looks at of a report. Depends on nothing but the report.
struct BlockRecord {
  BlockTime time = BlockTime::kUndated;
  // Days, with kFine.
  int32_t first_day = 0;
  int32_t last_day = 0;
  int32_t swapped_day = DateFeatures::kNoSwap;
  // Months since year 0; not with kUndated.
  int32_t first_month = 0;
  int32_t last_month = 0;
  std::vector<BlockPart> parts;  // sorted, each once
  // Specific documents, attached files, passages of a source: together whatever the date. Sorted.
  std::vector<uint64_t> documents;
  // Of the first and last day that it may have been on, however well these are known.
  uint64_t dates = 0;
};

BlockRecord MakeBlockRecord(const ReportFeatures& features);

// How far apart two days may lie, or the ends of two sessions, for the pair to be compared.
inline constexpr int32_t kDaysApart = 3;

// Whether two fine records lie within kDaysApart of one another, or have day and month exchanged.
bool NearDays(const BlockRecord& a, const BlockRecord& b);

// Families of keys, named so that their yield can be measured one by one.
enum class KeyFamily : uint8_t {
  kDay,           // near days with few reports
  kDayPlace,      // near days x place
  kDayTeam,       // near days x team
  kDayWord,       // near days x subject word
  kDayPlaceTeam,  // ... x two that have to come together where one is common
  kDayPlaceWord,
  kDayTwoTeams,
  kDayTeamWords,  // a team and two words
  kDayThreeWords,
  kMonth,     // a common month of which at least one report knows no more
  kUndated,   // two of word, team and place, at least one report without a date
  kDocument,  // a specific document, an attached file, one passage of a source
};
inline constexpr int kKeyFamilyCount = 12;

// The name of a family, as measurements print it: "day_place_team".
const char* KeyFamilyName(KeyFamily family);

// Whether the two records share a key of that family, however many others do too.
bool ShareKey(const BlockRecord& a, const BlockRecord& b, KeyFamily family);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_BLOCKING_H_
