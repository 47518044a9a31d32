#ifndef BARAZA_CORE_MATCH_FEATURES_H_
#define BARAZA_CORE_MATCH_FEATURES_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/register.pb.h"
#include "baraza/v1/session_report.pb.h"
#include "baraza/v1/source.pb.h"
#include "core/model/register.h"

namespace baraza {

// What one report is compared by, made once per report. Words are kept as stable 64-bit hashes
// (core/match/hash.h) in sorted vectors, so that comparing two records allocates nothing; what a
// person is to read stays beside them in `shown`, which no score depends on.
//
// Invariant: everything up to `shown` is a pure function of the report, the register entries it
// names, the sources it cites and FeatureVersion().

// How precisely a report's date is known. Anything but kDay is "coarse".
enum class DateGrain : uint8_t { kUnknown, kDay, kMonth, kQuarter, kYear, kRange };

// A date as an interval of days since 1970-01-01, both ends inclusive.
struct DateFeatures {
  DateGrain grain = DateGrain::kUnknown;
  // With kDay: first and last day of the session. Else: bounds of its start. Meaningless with
  // kUnknown.
  int32_t first = 0;
  int32_t last = 0;
  // First day with day and month exchanged, when that is another date; else kNoSwap.
  static constexpr int32_t kNoSwap = INT32_MIN;
  int32_t swapped_first = kNoSwap;
  friend bool operator==(const DateFeatures&, const DateFeatures&) = default;
};

// What tells one of a series, or one of several parallel sessions, from the others: "#4" is
// (kNumber, 4), "Session B" (kLetter, 2), "2e partie" (kPart, 2), "March meeting" (kMonth, 3).
struct Marker {
  enum class Kind : uint8_t { kNumber, kLetter, kPart, kDay, kMonth };
  Kind kind = Kind::kNumber;
  uint32_t value = 0;
  friend auto operator<=>(const Marker&, const Marker&) = default;
};

// A word of a title or topic.
struct WeightedToken {
  uint64_t hash = 0;
  // 1: says what kind of occasion it was ("meeting", "workshop") or repeats the place; 3: a subject
  // or a name.
  uint8_t weight = 3;
  // Mapped through the lexicon, so that it means the same in every language.
  bool concept_word = false;
  friend auto operator<=>(const WeightedToken&, const WeightedToken&) = default;
};

// One name of a place, in a form for comparing spellings.
struct PlaceName {
  // Folded, exonyms replaced ("praha" -> "prague"), generic words left out; at most 64 bytes.
  std::string folded;
  // The consonants in order, after the commonest confusions of spelling; for blocking.
  uint64_t skeleton = 0;
  // Not the place itself but where it lies: "TX" in "Austin, TX".
  bool broader = false;
  friend auto operator<=>(const PlaceName&, const PlaceName&) = default;
};

struct CitationFeatures {
  uint64_t source = 0;
  // Of the normalised locator and passage; 0: not given.
  uint64_t locator = 0;
  uint64_t passage = 0;
  // Of the reference or title of the source when it names a specific document; 0: none or generic.
  uint64_t document = 0;
  friend auto operator<=>(const CitationFeatures&, const CitationFeatures&) = default;
};

// A party: a registered team or organisation, or a folded name.
struct PartyFeatures {
  enum class Kind : uint8_t { kNone, kTeam, kOrganisation, kName };
  Kind kind = Kind::kNone;
  // Of the resolved id or the folded name.
  uint64_t hash = 0;
  // Of the organisation behind it; 0: unknown.
  uint64_t organisation = 0;
  friend auto operator<=>(const PartyFeatures&, const PartyFeatures&) = default;
};

struct HintFeatures {
  uint64_t other_report = 0;
  int8_t answer = 0;  // +1 same, -1 different, 0 unsure
  friend auto operator<=>(const HintFeatures&, const HintFeatures&) = default;
};

struct ReportFeatures {
  std::string report_id;
  uint64_t report_hash = 0;

  DateFeatures date;

  uint64_t country = 0;  // 0: not stated
  uint64_t p_code = 0;
  bool has_coordinates = false;
  // Hundredths of a degree, as captured.
  int32_t latitude_centi = 0;
  int32_t longitude_centi = 0;
  std::vector<PlaceName> localities;  // sorted
  std::vector<PlaceName> venues;      // sorted
  std::vector<uint64_t> venue_tokens;

  std::vector<WeightedToken> title;  // sorted by hash, each word once
  // Of the folded title without its spaces, numbers and all; 0: none.
  uint64_t whole_title = 0;
  std::vector<Marker> markers;  // sorted
  // Of the language ("fr"); stated, or told by its stop words; 0: unknown.
  uint64_t language = 0;

  std::vector<WeightedToken> topics;
  // What the title, the topics and the learning outcomes are about, as far as the lexicon knows
  // (AppendSubjects); sorted. Nothing that only a team may read is in it.
  std::vector<uint64_t> subjects;

  // Registered teams that were there, named by id, by name or by what is likely their name
  // (Register::LikelyTeamOf), resolved; sorted.
  std::vector<uint64_t> teams;
  // Folded names of which none or several registered teams may be meant; sorted.
  std::vector<uint64_t> unregistered_teams;
  std::vector<PartyFeatures> facilitators;
  PartyFeatures organiser;

  std::vector<CitationFeatures> citations;  // sorted
  // SHA-256 (first 8 bytes) of attached minutes and attendance lists; sorted.
  std::vector<uint64_t> files;

  uint64_t issue = 0;
  std::vector<uint64_t> related_issues;
  uint8_t modality = 0;  // v1::Modality
  // -1: not recorded.
  int32_t participants = -1;
  // Among them; where only men are told, all others. -1: not recorded.
  int32_t women = -1;
  int32_t duration_minutes = 0;  // 0: not recorded

  uint64_t part_of_report = 0;
  std::vector<WeightedToken> part_of_title;
  // As `language`, of part_of_title.
  uint64_t part_of_language = 0;

  uint64_t reporter_team = 0;
  uint64_t reporter_author = 0;
  std::vector<HintFeatures> hints;  // sorted

  // SHA-256 (first 16 bytes) over everything above but the report's id: records with equal
  // fingerprints score alike against everything.
  std::array<uint64_t, 2> fingerprint{};

  // Ids of reports that this one names (part_of, hint answers); sorted. A score depends on them.
  std::vector<std::string> named_reports;
  // What in the register the record depends on: see RegisterKeysOf. Sorted.
  std::vector<std::string> register_keys;
  // Sources it depends on; sorted.
  std::vector<std::string> source_ids;

  // The words as people wrote them; what else a person is shown, explain.cc makes out of the above.
  struct Shown {
    std::string date, place, title, topics, markers, teams, organiser, participants, document,
        passages, issue, modality, reporter, part_of, hints;
    friend bool operator==(const Shown&, const Shown&) = default;
  };
  Shown shown;

  friend bool operator==(const ReportFeatures&, const ReportFeatures&) = default;
};

// Version of the feature records: schema of the record, lexicon and ICU, such as
// "1+lexicon.3f2a91c0+icu.72.1". Records of another version must be made again.
std::string FeatureVersion();

// The feature record of `report`. Of a text just the first 4 KiB are looked at, of a list the first
// 256 elements, and shown are 1 KiB at most. `cited_sources` maps source ids to the sources it
// cites; one that is missing is compared by its id alone. Pure; any thread.
ReportFeatures MakeFeatures(const v1::SessionReport& report, const Register& reg,
                            const std::map<std::string, v1::Source>& cited_sources);

// Keys of the register entries' names and ids that a change of the entry touches. A report whose
// `register_keys` share one with the entry before or after the change is to be made again.
std::vector<std::string> RegisterKeysOf(const v1::Team& team);
std::vector<std::string> RegisterKeysOf(const v1::Organisation& organisation);
std::vector<std::string> RegisterKeysOf(const v1::Issue& issue);

// Whether the record depends on any of `keys`.
bool DependsOn(const ReportFeatures& features, absl::Span<const std::string> keys);

// Whether the record depends on this team, by id (also one merged into it, or that it was merged
// into). Names: use RegisterKeysOf.
bool DependsOn(const ReportFeatures& features, absl::string_view team_id);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_FEATURES_H_
