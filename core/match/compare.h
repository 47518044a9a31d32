#ifndef BARAZA_CORE_MATCH_COMPARE_H_
#define BARAZA_CORE_MATCH_COMPARE_H_

#include <array>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/match.pb.h"
#include "core/match/features.h"

namespace baraza {

// One comparison level per field. A level's number is its position in LevelNames(field); level 0 of
// every field is "missing": there is nothing to compare.
inline constexpr int kMatchFieldCount = 19;  // v1::MatchField + 1; [0] is unused
inline constexpr int kMaxLevels = 16;

struct PairLevels {
  std::array<uint8_t, kMatchFieldCount> level{};
};

namespace level {
enum Date : uint8_t {
  kDateMissing,
  kSameDay,
  kOverlapping,
  kOneDayApart,
  kDaySwapped,
  kFewDaysApart,     // 2 or 3
  kAboutAWeekApart,  // 4 to 10
  kFarApart,
  kWithinMonth,
  kWithinQuarter,
  kWithinYear,
  kSameMonth,
  kRangesOverlap,
  kRangesDoNotMeet,
  kSameStart,  // the ends differ: often nobody wrote the second one down
};
enum Place : uint8_t {
  kPlaceMissing,  // also two places that people joined an online session from
  kSamePlaceCode,
  kSameVenue,
  kSameLocality,
  kSimilarSpelling,
  kNear,
  kDifferentVenue,
  kDifferentPlace,  // codes or coordinates say so
  kDifferentCountry,
  kOtherName,          // perhaps another language's
  kLooselyAlikeNames,  // more than one slip apart, or houses of one name in two towns
  kOtherNameTitlesAlike,
  kOtherNameAnotherDay,
};
enum Title : uint8_t {
  kTitleMissing,
  kSameTitle,
  kVerySimilarTitle,
  kSimilarTitle,
  kSomewhatSimilarTitle,
  kAlikeAcrossLanguages,
  kOtherLanguage,  // and words on both sides that the lexicon does not know
  kDifferentTitle,
  kVeryAlikeAcrossLanguages,
  kSlightlySimilarTitle,  // a subject in common, and more that are not
  kOtherLanguageHalfUnderstood,
  kDifferentTitleNotUnderstood,  // and words on either side that the lexicon does not know
  kRelatedTitle,                 // no subject in common, but one of each that stand for one another
};
enum Topic : uint8_t {
  kTopicMissing,
  kSameTopics,  // as the titles say already
  kSomeTopics,
  kDifferentTopics,
  kSameTopicsTitlesSilent,
  kSameTopicsTitlesDiffer,
  kDifferentTopicsTitlesDiffer,
  kTopicsInOtherTitle,  // and the titles differ: one is called by its subject, the other is not
  kRelatedTopics,
  kSameManyTopicsTitlesDiffer,  // two subjects or more in common
};
enum MarkerLevel : uint8_t {
  kMarkerMissing,
  kSameMarker,
  kDifferentMarker,
  kMarkerOneSided,
  kMarkerOneSidedTitlesAlike,
  kMarkerOneSidedSameDay,
};
enum Teams : uint8_t {
  kTeamsMissing,
  kSameTeams,
  kMostTeams,
  kSomeTeams,
  kOneTeam,         // one in common, and at least one side names at most two
  kOneOfMany,       // one in common of three or more on both sides
  kNoneOfFewTeams,  // none in common, but one side names a single one: perhaps itself
  kNoTeamInCommon,
  kSameOfMany,  // three or more in common
  kMostOfMany,
  kSomeOfMany,
};
enum Organiser : uint8_t {
  kOrganiserMissing,
  kSameOrganiser,
  kSameOrganisation,
  kDifferentOrganiser,
  kEachOrganiserThere,  // each is among the teams that the other report names
};
enum ParticipantsLevel : uint8_t {
  kParticipantsMissing,
  kSameTotal,
  kCloseTotal,
  kSimilarTotal,
  kUnlikeTotal,
  kFarTotal,
  kSameRoundTotal,  // a multiple of five, as estimates are
};
enum Document : uint8_t { kDocumentMissing, kSameFile, kSameDocument };
enum IssueLevel : uint8_t {
  kIssueMissing,
  kSameIssue,
  kRelatedIssue,
  kDifferentIssue,
  kDifferentIssueTitlesAlike,
};
enum ModalityLevel : uint8_t {
  kModalityMissing,
  kSameModality,
  kPartlyOnline,
  kDifferentModality,
};
enum Reporter : uint8_t { kReporterMissing, kSameAuthor, kSameReportingTeam, kDifferentTeams };
enum Passage : uint8_t { kPassageMissing, kSamePassage, kDifferentPassages, kSameSource };
enum HintLevel : uint8_t { kHintMissing, kSaidSame, kSaidDifferent, kUnsure, kDisagree };
enum PartOfLevel : uint8_t {
  kPartOfMissing,
  kWholeAndPart,
  kSameWhole,
  kDifferentWholes,
  kPartOneSided,
  kSameWholeOtherTitle,
  kPartOneSidedWithin,  // and the dates overlap without being the same
};
// Subjects in common where the titles are not alike.
enum SubjectsLevel : uint8_t {
  kSubjectsMissing,  // also where the titles are alike, or the topics the same
  kNoSubjectInCommon,
  kOneSubject,
  kTwoSubjects,
  kThreeSubjects,
  kManySubjects,
  kNoSubjectTitlesDiffer,
};
enum Women : uint8_t {
  kWomenMissing,
  kSameWomenAndTotal,
  kSameWomen,
  kCloseWomen,
  kUnlikeWomen,
};
enum Duration : uint8_t {
  kDurationMissing,
  kSameDuration,
  kCloseDuration,
  kUnlikeDuration,
  kFarDuration,
};
}  // namespace level

// The levels of `field`, in order of their numbers, by the stable names that models use; empty for
// UNSPECIFIED. The first is "missing".
absl::Span<const absl::string_view> LevelNames(v1::MatchField field);

// What the titles say, in short.
enum class TitleVerdict : uint8_t { kAlike, kSilent, kDiffer };

// Two records, compared one field at a time. Symmetric; allocates nothing. What fields say again
// after the titles has levels of its own: a weight is added, whatever the others say, so where two
// fields speak of one thing the second has to know what the first has said. Holds on to the
// records.
class PairComparison {
 public:
  PairComparison(const ReportFeatures& a, const ReportFeatures& b) : a_(a), b_(b) {}
  uint8_t Level(v1::MatchField field);

 private:
  uint8_t TitleLevel();
  uint8_t TopicLevel();
  TitleVerdict Titles();

  const ReportFeatures& a_;
  const ReportFeatures& b_;
  std::optional<uint8_t> title_;
  std::optional<uint8_t> topic_;
};

// Compares two records field by field. Symmetric; allocates nothing.
PairLevels Compare(const ReportFeatures& a, const ReportFeatures& b);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_COMPARE_H_
