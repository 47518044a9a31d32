#ifndef BARAZA_CORE_MATCH_BLOCKING_H_
#define BARAZA_CORE_MATCH_BLOCKING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/match/features.h"

namespace baraza {

// Two reports are compared when they share a key. Which keys a report has depends on nothing but
// the report.
struct BlockKey {
  uint64_t hash = 0;
  // Brings pairs together only when at least one of the two has a coarse date: two reports that
  // both know their day need no common month.
  bool needs_coarse = false;
  friend auto operator<=>(const BlockKey&, const BlockKey&) = default;
};

// Families of keys, named so that their yield can be measured one by one.
enum class KeyFamily : uint8_t {
  kDayTeam,     // day from start - 1 to end + 1, or with day and month exchanged; x a team
  kDayPlace,    // ... x a place (skeleton of a name, P-code or cell of coordinates)
  kDayTitle,    // ... x a subject word of the title
  kMonthTeam,   // month x team, for coarse dates
  kMonthPlace,  // month x place, for coarse dates
  kMonthTitle,  // month x subject word, for coarse dates
  kUndated,     // team or place x subject word, for undated reports
  kDocument,    // a specific document, an attached file, one passage of a source
};
inline constexpr int kKeyFamilyCount = 8;

// The issue is left out of day x place on purpose: teams file one session under different issues,
// and one town on one day is a small block.

// Keys of a report, sorted, each once.
std::vector<BlockKey> BlockKeys(const ReportFeatures& features);
// The same of one family.
std::vector<BlockKey> BlockKeys(const ReportFeatures& features, KeyFamily family);

// The key that a report named by another (part_of, hint answer) shares with it.
BlockKey ReportKey(const std::string& report_id);

// By what a block that has grown too large is split: teams, places and words of the report, sorted.
// Never empty.
std::vector<uint64_t> FinerKeys(const ReportFeatures& features);

// Whether the date is known less exactly than to the day (or spans more than two weeks).
bool HasCoarseDate(const ReportFeatures& features);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_BLOCKING_H_
