#include "core/match/compare.h"

#include <algorithm>
#include <bitset>
#include <cstdlib>

#include "core/match/similarity.h"
#include "core/match/title.h"

namespace baraza {
namespace {

using absl::string_view;

constexpr string_view kDateLevels[] = {
    "missing",           "same_day",           "overlapping",        "one_day_apart",
    "day_month_swapped", "few_days_apart",     "about_a_week_apart", "far_apart",
    "within_month",      "within_quarter",     "within_year",        "same_month",
    "ranges_overlap",    "ranges_do_not_meet", "same_start"};
constexpr string_view kPlaceLevels[] = {"missing",
                                        "same_p_code",
                                        "same_venue",
                                        "same_locality",
                                        "similar_spelling",
                                        "near",
                                        "different_venue",
                                        "different_place",
                                        "different_country",
                                        "other_name",
                                        "loosely_alike",
                                        "other_name_titles_alike",
                                        "other_name_another_day"};
constexpr string_view kTitleLevels[] = {"missing",
                                        "same",
                                        "very_similar",
                                        "similar",
                                        "somewhat_similar",
                                        "alike_across_languages",
                                        "other_language",
                                        "different",
                                        "very_alike_across_languages",
                                        "slightly_similar",
                                        "other_language_half_understood",
                                        "different_not_understood",
                                        "related"};
constexpr string_view kTopicLevels[] = {"missing",
                                        "same",
                                        "some_in_common",
                                        "different",
                                        "same_titles_silent",
                                        "same_titles_differ",
                                        "different_titles_differ",
                                        "in_other_title",
                                        "related",
                                        "same_many_titles_differ"};
constexpr string_view kMarkerLevels[] = {
    "missing", "same", "different", "one_sided", "one_sided_titles_alike", "one_sided_same_day"};
constexpr string_view kTeamsLevels[] = {"missing",      "same",         "most",        "some",
                                        "one",          "one_of_many",  "none_of_few", "none",
                                        "same_of_many", "most_of_many", "some_of_many"};
constexpr string_view kOrganiserLevels[] = {"missing", "same", "same_organisation", "different",
                                            "each_there"};
constexpr string_view kParticipantsLevels[] = {"missing", "same", "close",     "similar",
                                               "unlike",  "far",  "same_round"};
constexpr string_view kDocumentLevels[] = {"missing", "same_file", "same_document"};
constexpr string_view kIssueLevels[] = {"missing", "same", "related", "different",
                                        "different_titles_alike"};
constexpr string_view kModalityLevels[] = {"missing", "same", "partly_online", "different"};
constexpr string_view kReporterLevels[] = {"missing", "same_author", "same_team",
                                           "different_teams"};
constexpr string_view kPassageLevels[] = {"missing", "same_passage", "different_passages",
                                          "same_source"};
constexpr string_view kHintLevels[] = {"missing", "said_same", "said_different", "unsure",
                                       "disagree"};
constexpr string_view kPartOfLevels[] = {
    "missing",   "whole_and_part",         "same_whole",      "different_wholes",
    "one_sided", "same_whole_other_title", "one_sided_within"};
constexpr string_view kSubjectsLevels[] = {
    "missing", "none", "one", "two", "three", "many", "none_titles_differ"};
constexpr string_view kWomenLevels[] = {"missing", "same_and_total", "same", "close", "unlike"};
constexpr string_view kDurationLevels[] = {"missing", "same", "close", "unlike", "far"};

template <typename T>
size_t CommonCount(const std::vector<T>& a, const std::vector<T>& b) {
  size_t common = 0;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] < b[j]) {
      ++i;
    } else if (b[j] < a[i]) {
      ++j;
    } else {
      ++common;
      ++i;
      ++j;
    }
  }
  return common;
}

// Days between two intervals that do not meet, else 0.
int32_t Gap(const DateFeatures& a, const DateFeatures& b) {
  if (a.last < b.first) return b.first - a.last;
  if (b.last < a.first) return a.first - b.last;
  return 0;
}

uint8_t CompareDates(const DateFeatures& a, const DateFeatures& b) {
  if (a.grain == DateGrain::kUnknown || b.grain == DateGrain::kUnknown) return level::kDateMissing;
  const int32_t gap = Gap(a, b);
  if (a.grain == DateGrain::kDay && b.grain == DateGrain::kDay) {
    if (a.first == b.first && a.last == b.last) return level::kSameDay;
    if (a.first == b.first) return level::kSameStart;
    if (gap == 0) return level::kOverlapping;
    if (gap == 1) return level::kOneDayApart;
    if (a.swapped_first == b.first) return level::kDaySwapped;
    if (gap <= 3) return level::kFewDaysApart;
    if (gap <= 10) return level::kAboutAWeekApart;
    return level::kFarApart;
  }
  if (gap > 0) return level::kRangesDoNotMeet;
  const DateFeatures& coarse = a.grain == DateGrain::kDay ? b : a;
  const DateFeatures& other = a.grain == DateGrain::kDay ? a : b;
  if (other.grain == DateGrain::kDay) {
    switch (coarse.grain) {
      case DateGrain::kMonth:
        return level::kWithinMonth;
      case DateGrain::kQuarter:
        return level::kWithinQuarter;
      case DateGrain::kYear:
        return level::kWithinYear;
      default:
        return coarse.last - coarse.first <= 31   ? level::kWithinMonth
               : coarse.last - coarse.first <= 92 ? level::kWithinQuarter
                                                  : level::kWithinYear;
    }
  }
  if (a.grain == DateGrain::kMonth && b.grain == DateGrain::kMonth) return level::kSameMonth;
  return level::kRangesOverlap;
}

// Whether both know their days, and these neither meet nor have day and month exchanged.
bool AreOnOtherDays(const DateFeatures& a, const DateFeatures& b) {
  return a.grain == DateGrain::kDay && b.grain == DateGrain::kDay && Gap(a, b) > 0 &&
         CompareDates(a, b) != level::kDaySwapped;
}

// Every word of the shorter name stands in the longer: "kisauni" in "kisauni mombasa".
bool NameWithin(string_view shorter, string_view longer) {
  if (shorter.size() > longer.size()) std::swap(shorter, longer);
  if (shorter.size() < 4) return false;
  const size_t at = longer.find(shorter);
  if (at == string_view::npos) return false;
  const bool starts = at == 0 || longer[at - 1] == ' ';
  const size_t end = at + shorter.size();
  return starts && (end == longer.size() || longer[end] == ' ');
}

// 2: a name in common; 1: a name spelled alike, or one within the other; 0: neither; -1: neither,
// but both lie in one wider place ("Kisauni, Mombasa" and "Likoni, Mombasa").
int NamesInCommon(const std::vector<PlaceName>& a, const std::vector<PlaceName>& b) {
  int best = 0;
  for (const PlaceName& left : a) {
    for (const PlaceName& right : b) {
      if (left.broader && right.broader) {
        // Of abbreviated states there are many towns.
        if (best == 0 && left.folded.size() >= 4 && left.folded == right.folded) best = -1;
        continue;
      }
      if (left.folded == right.folded) return 2;
      if (best <= 0 &&
          (SpelledAlike(left.folded, right.folded) || NameWithin(left.folded, right.folded))) {
        best = 1;
      }
    }
  }
  return best;
}

// Whether two of the names could be one with several slips. Too weak to be evidence for. Names of
// several words are alike in most of them too often: "Kisumu East", "Kisumu West".
bool LooselyAlike(const std::vector<PlaceName>& a, const std::vector<PlaceName>& b) {
  constexpr int32_t kLoose = 850;
  for (const PlaceName& left : a) {
    for (const PlaceName& right : b) {
      if (left.broader || right.broader || left.folded.find(' ') != std::string::npos ||
          right.folded.find(' ') != std::string::npos) {
        continue;
      }
      if (JaroWinkler(left.folded, right.folded) >= kLoose) return true;
    }
  }
  return false;
}

bool OneIsShortForTheOther(const std::vector<PlaceName>& a, const std::vector<PlaceName>& b) {
  for (const PlaceName& left : a) {
    for (const PlaceName& right : b) {
      if (left.broader || right.broader) continue;
      if (IsShortFor(left.folded, right.folded) || IsShortFor(right.folded, left.folded)) {
        return true;
      }
    }
  }
  return false;
}

// 3 alike, 2 nothing to tell them by, 1 different.
int CompareVenues(const ReportFeatures& a, const ReportFeatures& b) {
  if (a.venues.empty() || b.venues.empty()) return 2;
  if (NamesInCommon(a.venues, b.venues) > 0) return 3;
  const size_t common = CommonCount(a.venue_tokens, b.venue_tokens);
  const size_t least = std::min(a.venue_tokens.size(), b.venue_tokens.size());
  return common > 0 && 2 * common >= least ? 3 : 1;
}

uint8_t CompareWrittenPlaces(const ReportFeatures& a, const ReportFeatures& b,
                             TitleVerdict titles) {
  const bool countries_differ = a.country != 0 && b.country != 0 && a.country != b.country;
  const int venue = CompareVenues(a, b);
  if (a.p_code != 0 && a.p_code == b.p_code) {
    if (a.venues.empty() || b.venues.empty()) return level::kSamePlaceCode;
    return venue == 3 ? level::kSameVenue : level::kDifferentVenue;
  }
  bool near = false;
  bool far = false;
  if (a.has_coordinates && b.has_coordinates) {
    const int64_t north = std::abs(a.latitude_centi - b.latitude_centi);
    const int64_t apart = std::abs(a.longitude_centi - b.longitude_centi);
    // The shorter way round: islands lie on either side of 180 degrees.
    const int64_t east = std::min<int64_t>(apart, 36'000 - apart);
    near = north <= 5 && east <= 5;  // about 5 km at the equator
    far = north > 30 ||
          (east > 30 && std::min(std::abs(a.latitude_centi), std::abs(b.latitude_centi)) < 6000);
  }
  int locality = -1;
  bool one_area = false;
  if (!a.localities.empty() && !b.localities.empty()) {
    locality = NamesInCommon(a.localities, b.localities);
    one_area = locality < 0;
    locality = std::max(locality, 0);
  }
  // One may have written the town into the name of the house.
  if (locality <= 0) {
    const int crossed =
        std::max(NamesInCommon(a.localities, b.venues), NamesInCommon(a.venues, b.localities));
    if (crossed > 0) locality = crossed;
  }
  if (countries_differ && locality <= 0 && !near) return level::kDifferentCountry;
  if (locality == 2) {
    if (venue == 3) return level::kSameVenue;
    if (far) return level::kDifferentPlace;
    return venue == 1 && !a.localities.empty() && !b.localities.empty() ? level::kDifferentVenue
                                                                        : level::kSameLocality;
  }
  if (near) {
    return venue == 3 ? level::kSameVenue : level::kNear;
  }
  if (locality == 1) return far ? level::kDifferentPlace : level::kSimilarSpelling;
  const bool codes_differ = a.p_code != 0 && b.p_code != 0;
  if (locality == -1) {
    // At most one names a town.
    if (venue == 3) return level::kSameVenue;
    return far || codes_differ ? level::kDifferentPlace : level::kPlaceMissing;
  }
  if (far || codes_differ) return level::kDifferentPlace;
  if (one_area) return level::kDifferentVenue;
  if (LooselyAlike(a.localities, b.localities)) return level::kLooselyAlikeNames;
  // Another town on another day is what a tour looks like.
  if (AreOnOtherDays(a.date, b.date)) return level::kOtherNameAnotherDay;
  if (OneIsShortForTheOther(a.localities, b.localities)) return level::kLooselyAlikeNames;
  // Every town may have a house of that name, or the town was misread.
  if (venue == 3 && CommonCount(a.venue_tokens, b.venue_tokens) >= 2) {
    return level::kLooselyAlikeNames;
  }
  // One title in two towns is what a tour looks like.
  return titles == TitleVerdict::kAlike ? level::kOtherNameTitlesAlike : level::kOtherName;
}

// Who takes part from afar writes down where they sat. Two hybrid reports may be of two rooms that
// are joined, where one title says so and they are not on different days.
bool MayBeWhereTheyJoinedFrom(const ReportFeatures& a, const ReportFeatures& b,
                              TitleVerdict titles) {
  const auto has_remote_part = [](const ReportFeatures& f) {
    return f.modality == v1::MODALITY_ONLINE || f.modality == v1::MODALITY_HYBRID;
  };
  if (!has_remote_part(a) || !has_remote_part(b)) return false;
  if (a.modality == v1::MODALITY_ONLINE || b.modality == v1::MODALITY_ONLINE) return true;
  return titles == TitleVerdict::kAlike && !AreOnOtherDays(a.date, b.date);
}

uint8_t ComparePlaces(const ReportFeatures& a, const ReportFeatures& b, TitleVerdict titles) {
  const uint8_t written = CompareWrittenPlaces(a, b, titles);
  switch (written) {
    case level::kDifferentVenue:
    case level::kDifferentPlace:
    case level::kDifferentCountry:
    case level::kOtherName:
    case level::kOtherNameTitlesAlike:
    case level::kOtherNameAnotherDay:
      if (MayBeWhereTheyJoinedFrom(a, b, titles)) return level::kPlaceMissing;
      return written;
    default:
      return written;
  }
}

bool OtherLanguages(const ReportFeatures& a, const ReportFeatures& b) {
  return a.language != 0 && b.language != 0 && a.language != b.language;
}

// Whether the two may be in two languages: known to differ, or not known.
bool MaybeOtherLanguages(const ReportFeatures& a, const ReportFeatures& b) {
  return a.language == 0 || b.language == 0 || a.language != b.language;
}

// What two subjects weigh in WordOverlap::common_subjects.
constexpr int32_t kTwoSubjects = 6;

uint8_t CompareTitles(const ReportFeatures& a, const ReportFeatures& b) {
  if (a.whole_title == 0 || b.whole_title == 0) return level::kTitleMissing;
  const WordOverlap overlap = Overlap(a.title, b.title);
  if (a.whole_title == b.whole_title) {
    // "Monthly meeting" twice is no coincidence to speak of.
    return overlap.left_subjects > 0 ? level::kSameTitle : level::kSomewhatSimilarTitle;
  }
  // "Meeting" says nothing about what the other names.
  if (overlap.left_subjects == 0 || overlap.right_subjects == 0) return level::kTitleMissing;
  const int32_t alike = 2000 * overlap.common / (overlap.left + overlap.right);
  const int32_t subjects_alike =
      2000 * overlap.common_subjects / (overlap.left_subjects + overlap.right_subjects);
  if (OtherLanguages(a, b)) {
    if (subjects_alike >= 600) return level::kVeryAlikeAcrossLanguages;
    if (overlap.common_subjects > 0 && alike >= 250) return level::kAlikeAcrossLanguages;
  } else {
    const int32_t least = std::min(overlap.left, overlap.right);
    if (alike >= 800 && overlap.common >= 5) return level::kVerySimilarTitle;
    if (overlap.common_subjects > 0 &&
        (alike >= 550 || (least >= 5 && 1000 * overlap.common / least >= 800))) {
      return level::kSimilarTitle;
    }
  }
  if (overlap.common_subjects == 0 && NameRelatedSubjects(a.title, b.title)) {
    return level::kRelatedTitle;
  }
  // Two languages, and words that are not understood: they may say the same.
  if (overlap.common_subjects == 0 && MaybeOtherLanguages(a, b) &&
      (overlap.unmapped_left || overlap.unmapped_right)) {
    // What is understood on one side is known by that name in the other language too.
    return overlap.unmapped_left && overlap.unmapped_right ? level::kOtherLanguage
                                                           : level::kOtherLanguageHalfUnderstood;
  }
  // The kind of occasion and the place in common say nothing: "API conference Berlin" is another
  // than "Serverless conference Berlin".
  if (overlap.common_subjects == 0) {
    return overlap.unmapped_left || overlap.unmapped_right ? level::kDifferentTitleNotUnderstood
                                                           : level::kDifferentTitle;
  }
  // Two subjects that are all there is on one side: the other side says more about the same.
  if (overlap.common_subjects >= kTwoSubjects &&
      overlap.common_subjects == std::min(overlap.left_subjects, overlap.right_subjects)) {
    return level::kSomewhatSimilarTitle;
  }
  return subjects_alike > 500 ? level::kSomewhatSimilarTitle : level::kSlightlySimilarTitle;
}

// Whether topics of the one are what the other is called by: two subjects at least, and most of
// what either names. People choose topics from short lists, so that one in common says less.
bool StandInTitle(absl::Span<const WeightedToken> topics, absl::Span<const WeightedToken> title) {
  const WordOverlap overlap = Overlap(topics, title);
  return overlap.common_subjects >= kTwoSubjects &&
         1000 * overlap.common_subjects >=
             600 * std::min(overlap.left_subjects, overlap.right_subjects);
}

// What one names as topics may be what the other writes into its title; where neither names any,
// the titles have been compared already.
uint8_t CompareTopics(const ReportFeatures& a, const ReportFeatures& b, TitleVerdict titles,
                      bool no_subject_in_common) {
  if (a.topics.empty() && b.topics.empty()) return level::kTopicMissing;
  if (no_subject_in_common &&
      (StandInTitle(a.topics, b.title) || StandInTitle(b.topics, a.title))) {
    return level::kTopicsInOtherTitle;
  }
  const bool both = !a.topics.empty() && !b.topics.empty();
  const absl::Span<const WeightedToken> left = a.topics.empty() ? a.title : a.topics;
  const absl::Span<const WeightedToken> right = b.topics.empty() ? b.title : b.topics;
  const WordOverlap overlap = Overlap(left, right);
  if (overlap.left_subjects == 0 || overlap.right_subjects == 0) return level::kTopicMissing;
  // A title holds more than the topic: it is enough that the topic stands in it.
  const int32_t alike = both ? 2000 * overlap.common / (overlap.left + overlap.right)
                             : 1000 * overlap.common_subjects /
                                   std::min(overlap.left_subjects, overlap.right_subjects);
  // What the titles have said already says less again.
  if (alike >= 600) {
    if (titles == TitleVerdict::kAlike) return level::kSameTopics;
    if (titles == TitleVerdict::kSilent) return level::kSameTopicsTitlesSilent;
    // One topic out of a short list is chosen for many sessions; the more the same topics say, the
    // less it is chance.
    return overlap.common_subjects >= kTwoSubjects ? level::kSameManyTopicsTitlesDiffer
                                                   : level::kSameTopicsTitlesDiffer;
  }
  if (alike >= 200) return level::kSomeTopics;
  if (NameRelatedSubjects(left, right)) return level::kRelatedTopics;
  const bool understood = !overlap.unmapped_left && !overlap.unmapped_right;
  if (MaybeOtherLanguages(a, b) && !understood) return level::kTopicMissing;
  return titles == TitleVerdict::kDiffer ? level::kDifferentTopicsTitlesDiffer
                                         : level::kDifferentTopics;
}

bool Counts(Marker::Kind kind) {
  return kind == Marker::Kind::kNumber || kind == Marker::Kind::kLetter ||
         kind == Marker::Kind::kPart;
}

bool HasKind(const std::vector<Marker>& markers, Marker::Kind kind) {
  return std::any_of(markers.begin(), markers.end(),
                     [kind](const Marker& marker) { return marker.kind == kind; });
}

// "Session 2" of the one may be the other's "group B" or "part 2": markers of kinds that the other
// side has none of, paired by their value. Of lists that are longer than any title makes them, the
// first so many.
constexpr size_t kMostMarkers = 64;
struct CountedOtherwise {
  std::bitset<kMostMarkers> left;  // by position in the list
  std::bitset<kMostMarkers> right;
};

bool Holds(const std::bitset<kMostMarkers>& positions, size_t at) {
  return at < kMostMarkers && positions[at];
}

CountedOtherwise PairAcrossKinds(const std::vector<Marker>& a, const std::vector<Marker>& b) {
  CountedOtherwise paired;
  for (size_t i = 0; i < std::min(a.size(), kMostMarkers); ++i) {
    if (!Counts(a[i].kind) || HasKind(b, a[i].kind)) continue;
    for (size_t j = 0; j < std::min(b.size(), kMostMarkers); ++j) {
      if (paired.right[j] || !Counts(b[j].kind) || b[j].value != a[i].value ||
          HasKind(a, b[j].kind)) {
        continue;
      }
      paired.left.set(i);
      paired.right.set(j);
      break;
    }
  }
  return paired;
}

uint8_t CompareMarkers(const ReportFeatures& a, const ReportFeatures& b, TitleVerdict titles) {
  if (a.markers.empty() && b.markers.empty()) return level::kMarkerMissing;
  const uint8_t dates = CompareDates(a.date, b.date);
  const bool same_day = dates == level::kSameDay || dates == level::kSameStart;
  bool same = false;
  bool one_sided = false;
  bool numbers_only = true;
  const CountedOtherwise paired = PairAcrossKinds(a.markers, b.markers);
  constexpr Marker::Kind kKinds[] = {Marker::Kind::kNumber, Marker::Kind::kLetter,
                                     Marker::Kind::kPart, Marker::Kind::kDay, Marker::Kind::kMonth};
  for (const Marker::Kind kind : kKinds) {
    bool left = false;
    bool right = false;
    bool common = false;
    for (size_t i = 0; i < a.markers.size(); ++i) {
      if (a.markers[i].kind != kind || Holds(paired.left, i)) continue;
      left = true;
      for (const Marker& y : b.markers) common = common || a.markers[i] == y;
    }
    for (size_t j = 0; j < b.markers.size(); ++j) {
      right = right || (b.markers[j].kind == kind && !Holds(paired.right, j));
    }
    if (common) {
      // A month's name tells a series apart but two reports from one month do not match by it.
      same = same || kind != Marker::Kind::kMonth;
    } else if (left && right) {
      return level::kDifferentMarker;
    } else if (kind == Marker::Kind::kDay && (same_day || dates == level::kOverlapping)) {
      // Who reports on the first of two days, and who on both.
    } else if ((left || right) && kind != Marker::Kind::kMonth) {
      one_sided = true;
      numbers_only = numbers_only && kind == Marker::Kind::kNumber;
    }
  }
  if (same) return level::kSameMarker;
  if (!one_sided) return level::kMarkerMissing;
  // A series does not meet twice a day; letters and parts tell what is held side by side.
  if (same_day && numbers_only) return level::kMarkerOneSidedSameDay;
  // Who writes out a like title leaves out its number less often.
  return titles == TitleVerdict::kAlike ? level::kMarkerOneSidedTitlesAlike
                                        : level::kMarkerOneSided;
}

// Two teams meet now and then; the same three do so seldom on two occasions.
constexpr size_t kManyTeams = 3;

uint8_t CompareTeams(const ReportFeatures& a, const ReportFeatures& b) {
  const size_t left = a.teams.size() + a.unregistered_teams.size();
  const size_t right = b.teams.size() + b.unregistered_teams.size();
  if (left == 0 || right == 0) return level::kTeamsMissing;
  const size_t common =
      CommonCount(a.teams, b.teams) + CommonCount(a.unregistered_teams, b.unregistered_teams);
  const size_t least = std::min(left, right);
  if (common == 0) {
    // A name that is not in the register may be any team.
    const bool all_known = a.unregistered_teams.empty() && b.unregistered_teams.empty();
    if (std::max(left, right) < 2) return level::kTeamsMissing;
    if (least < 2) return all_known ? level::kNoneOfFewTeams : level::kTeamsMissing;
    return all_known || std::min(a.teams.size(), b.teams.size()) >= 2 ? level::kNoTeamInCommon
                                                                      : level::kNoneOfFewTeams;
  }
  if (common >= 2) {
    const bool many = common >= kManyTeams;
    if (common == left && common == right) return many ? level::kSameOfMany : level::kSameTeams;
    if (3 * common >= 2 * least) return many ? level::kMostOfMany : level::kMostTeams;
    return many ? level::kSomeOfMany : level::kSomeTeams;
  }
  return least >= 3 ? level::kOneOfMany : level::kOneTeam;
}

uint8_t CompareOrganisers(const ReportFeatures& left, const ReportFeatures& right) {
  using Kind = PartyFeatures::Kind;
  const PartyFeatures& a = left.organiser;
  const PartyFeatures& b = right.organiser;
  if (a.kind == Kind::kNone || b.kind == Kind::kNone) return level::kOrganiserMissing;
  if (a.kind == b.kind && a.hash == b.hash) return level::kSameOrganiser;
  if (a.kind == Kind::kName || b.kind == Kind::kName) return level::kOrganiserMissing;
  if (a.organisation != 0 && a.organisation == b.organisation) return level::kSameOrganisation;
  if (a.kind != b.kind && (a.organisation == 0 || b.organisation == 0)) {
    return level::kOrganiserMissing;
  }
  // Of what two teams held together each may say that it organised it.
  const auto is_among = [](const PartyFeatures& organiser, const std::vector<uint64_t>& teams) {
    return organiser.kind == Kind::kTeam &&
           std::binary_search(teams.begin(), teams.end(), organiser.hash);
  };
  return is_among(a, right.teams) && is_among(b, left.teams) ? level::kEachOrganiserThere
                                                             : level::kDifferentOrganiser;
}

uint8_t CompareParticipants(int32_t a, int32_t b) {
  if (a < 0 || b < 0) return level::kParticipantsMissing;
  const int64_t more = std::max(a, b);
  const int64_t less = std::min(a, b);
  if (more == less) return more % 5 == 0 ? level::kSameRoundTotal : level::kSameTotal;
  // Of few people one or two who left make a large share.
  if (10 * less >= 9 * more || more - less <= 1) return level::kCloseTotal;
  if (10 * less >= 7 * more || more - less <= 3) return level::kSimilarTotal;
  return 2 * less >= more || more - less <= 5 ? level::kUnlikeTotal : level::kFarTotal;
}

uint8_t CompareWomen(const ReportFeatures& a, const ReportFeatures& b) {
  if (a.women < 0 || b.women < 0) return level::kWomenMissing;
  // Of two crowds the totals have told that they differ.
  const uint8_t totals = CompareParticipants(a.participants, b.participants);
  if (totals == level::kUnlikeTotal || totals == level::kFarTotal) return level::kWomenMissing;
  const int64_t more = std::max(a.women, b.women);
  const int64_t less = std::min(a.women, b.women);
  if (more == less) {
    return a.participants >= 0 && a.participants == b.participants ? level::kSameWomenAndTotal
                                                                   : level::kSameWomen;
  }
  return 10 * less >= 8 * more || more - less <= 2 ? level::kCloseWomen : level::kUnlikeWomen;
}

uint8_t CompareDurations(int32_t a, int32_t b) {
  if (a <= 0 || b <= 0) return level::kDurationMissing;
  const int64_t more = std::max(a, b);
  const int64_t less = std::min(a, b);
  if (more == less) return level::kSameDuration;
  if (10 * less >= 8 * more) return level::kCloseDuration;
  return 2 * less >= more ? level::kUnlikeDuration : level::kFarDuration;
}

uint8_t CompareDocuments(const ReportFeatures& a, const ReportFeatures& b) {
  if (CommonCount(a.files, b.files) > 0) return level::kSameFile;
  for (const CitationFeatures& x : a.citations) {
    if (x.document == 0) continue;
    for (const CitationFeatures& y : b.citations) {
      // Of one source record the passages speak.
      if (x.document == y.document && x.source != y.source) return level::kSameDocument;
    }
  }
  return level::kDocumentMissing;
}

// Two citations of one source (or of one document under two source records): the same place in it,
// two places, or not known.
uint8_t CompareTwoCitations(const CitationFeatures& a, const CitationFeatures& b) {
  if (a.locator != 0 && b.locator != 0) {
    if (a.locator != b.locator) return level::kDifferentPassages;
    const bool passages_differ = a.passage != 0 && b.passage != 0 && a.passage != b.passage;
    return passages_differ ? level::kSameSource : level::kSamePassage;
  }
  if (a.passage != 0 && b.passage != 0) {
    return a.passage == b.passage ? level::kSamePassage : level::kDifferentPassages;
  }
  return level::kSameSource;
}

uint8_t ComparePassages(const ReportFeatures& a, const ReportFeatures& b) {
  bool apart = false;
  bool one_source = false;
  for (const CitationFeatures& x : a.citations) {
    for (const CitationFeatures& y : b.citations) {
      const bool same_record = x.source == y.source;
      if (!same_record && (x.document == 0 || x.document != y.document)) continue;
      const uint8_t found = CompareTwoCitations(x, y);
      if (found == level::kSamePassage && (same_record || x.locator != 0)) {
        return level::kSamePassage;
      }
      // Two reviewers quote one passage differently; only their locators tell it apart.
      if (found == level::kDifferentPassages &&
          (same_record || (x.locator != 0 && y.locator != 0))) {
        apart = true;
      }
      // An interview, or a report on a whole year, tells of several sessions. A document with a
      // name of its own may be of one: where either tells no passage, it speaks neither way.
      const bool passages_told =
          (x.locator != 0 || x.passage != 0) && (y.locator != 0 || y.passage != 0);
      one_source = one_source || (same_record && (x.document == 0 || passages_told));
    }
  }
  if (apart) return level::kDifferentPassages;
  return one_source ? level::kSameSource : level::kPassageMissing;
}

uint8_t CompareIssues(const ReportFeatures& a, const ReportFeatures& b, TitleVerdict titles) {
  if (a.issue == 0 || b.issue == 0) return level::kIssueMissing;
  if (a.issue == b.issue) return level::kSameIssue;
  const bool related =
      std::binary_search(a.related_issues.begin(), a.related_issues.end(), b.issue) ||
      std::binary_search(b.related_issues.begin(), b.related_issues.end(), a.issue);
  if (related) return level::kRelatedIssue;
  return titles == TitleVerdict::kAlike ? level::kDifferentIssueTitlesAlike
                                        : level::kDifferentIssue;
}

uint8_t CompareModalities(uint8_t a, uint8_t b) {
  if (a == 0 || b == 0) return level::kModalityMissing;
  if (a == b) return level::kSameModality;
  return a == v1::MODALITY_HYBRID || b == v1::MODALITY_HYBRID ? level::kPartlyOnline
                                                              : level::kDifferentModality;
}

uint8_t CompareReporters(const ReportFeatures& a, const ReportFeatures& b) {
  if (a.reporter_author != 0 && a.reporter_author == b.reporter_author) return level::kSameAuthor;
  if (a.reporter_team == 0 || b.reporter_team == 0) return level::kReporterMissing;
  return a.reporter_team == b.reporter_team ? level::kSameReportingTeam : level::kDifferentTeams;
}

uint8_t CompareHints(const ReportFeatures& a, const ReportFeatures& b) {
  bool same = false;
  bool different = false;
  bool unsure = false;
  const auto hear = [&](const ReportFeatures& from, const ReportFeatures& about) {
    for (const HintFeatures& hint : from.hints) {
      if (hint.other_report != about.report_hash) continue;
      same = same || hint.answer > 0;
      different = different || hint.answer < 0;
      unsure = unsure || hint.answer == 0;
    }
  };
  hear(a, b);
  hear(b, a);
  if (same && different) return level::kDisagree;
  if (same) return level::kSaidSame;
  if (different) return level::kSaidDifferent;
  return unsure ? level::kUnsure : level::kHintMissing;
}

// Whether most of the words are in both, and what is in both weighs `least`.
bool MostlyInCommon(const WordOverlap& overlap, int32_t least) {
  const int32_t sum = overlap.left + overlap.right;
  return sum > 0 && overlap.common >= least && 2000 * overlap.common / sum >= 700;
}

bool TitlesAlike(absl::Span<const WeightedToken> a, absl::Span<const WeightedToken> b) {
  return MostlyInCommon(Overlap(a, b), 4);
}

// Whether what one of them tells of may hold the other: not where both are numbered alike, or are
// on the same single day and as many came.
bool MayHold(const ReportFeatures& whole, const ReportFeatures& part) {
  for (const Marker& marker : whole.markers) {
    if (marker.kind == Marker::Kind::kNumber &&
        std::find(part.markers.begin(), part.markers.end(), marker) != part.markers.end()) {
      return false;
    }
  }
  const bool one_day = whole.date.grain == DateGrain::kDay && part.date.grain == DateGrain::kDay &&
                       whole.date.first == whole.date.last && whole.date.first == part.date.first &&
                       part.date.first == part.date.last;
  if (!one_day) return true;
  switch (CompareParticipants(whole.participants, part.participants)) {
    case level::kSameTotal:
    case level::kSameRoundTotal:
    case level::kCloseTotal:
      return false;
    default:
      return true;
  }
}

// `part` says that it is a part of something; is `whole` a report on that?
bool IsWholeOf(const ReportFeatures& whole, const ReportFeatures& part) {
  if (part.part_of_report != 0) return part.part_of_report == whole.report_hash;
  // What is itself numbered or lettered is a part, whatever it is called.
  const bool is_part =
      std::any_of(whole.markers.begin(), whole.markers.end(), [](const Marker& marker) {
        return marker.kind == Marker::Kind::kPart || marker.kind == Marker::Kind::kLetter;
      });
  if (is_part) return false;
  // "Advocacy Circle" that somebody's session was a part of may be the series that it is one of.
  return !part.part_of_title.empty() && TitlesAlike(part.part_of_title, whole.title) &&
         !TitlesAlike(part.part_of_title, part.title) && MayHold(whole, part);
}

uint8_t ComparePartOf(const ReportFeatures& a, const ReportFeatures& b) {
  const bool left = a.part_of_report != 0 || !a.part_of_title.empty();
  const bool right = b.part_of_report != 0 || !b.part_of_title.empty();
  if (!left && !right) return level::kPartOfMissing;
  if ((left && IsWholeOf(b, a)) || (right && IsWholeOf(a, b))) {
    // Two parts of one conference may both bear its title as a prefix.
    if (!(left && right) || a.part_of_report == b.report_hash ||
        b.part_of_report == a.report_hash) {
      return level::kWholeAndPart;
    }
  }
  if (left != right) {
    // What lies within the days of something longer is likelier a part of it.
    const uint8_t dates = CompareDates(a.date, b.date);
    const bool within = dates == level::kSameStart || dates == level::kOverlapping;
    return within ? level::kPartOneSidedWithin : level::kPartOneSided;
  }
  // Parts of one whole share its days, place and teams: their titles have to tell them apart.
  const auto same_whole = [&] {
    const WordOverlap titles = Overlap(a.title, b.title);
    const bool unlike = titles.common_subjects == 0 && titles.left_subjects > 0 &&
                        titles.right_subjects > 0 && a.whole_title != b.whole_title;
    const bool told =
        !MaybeOtherLanguages(a, b) || (!titles.unmapped_left && !titles.unmapped_right);
    return unlike && told ? level::kSameWholeOtherTitle : level::kSameWhole;
  };
  if (a.part_of_report != 0 && a.part_of_report == b.part_of_report) return same_whole();
  if (!a.part_of_title.empty() && !b.part_of_title.empty()) {
    // "Partners' day" names no subject, and is one day all the same.
    const WordOverlap overlap = Overlap(a.part_of_title, b.part_of_title);
    // "Congress" alone may be any.
    if (MostlyInCommon(overlap, 2)) return same_whole();
    const bool other_languages = a.part_of_language != b.part_of_language &&
                                 a.part_of_language != 0 && b.part_of_language != 0;
    const bool both_say = overlap.left_subjects > 0 && overlap.right_subjects > 0;
    const bool neither_says = overlap.left_subjects == 0 && overlap.right_subjects == 0;
    const bool different =
        (both_say && overlap.common_subjects == 0) || (neither_says && overlap.common == 0);
    return different && !other_languages ? level::kDifferentWholes : level::kPartOfMissing;
  }
  return level::kPartOfMissing;
}

// Whether the topics have said already that the two are about one thing.
bool AreSameTopics(uint8_t topic_level) {
  switch (topic_level) {
    case level::kSameTopics:
    case level::kSameTopicsTitlesSilent:
    case level::kSameTopicsTitlesDiffer:
    case level::kSameManyTopicsTitlesDiffer:
    case level::kTopicsInOtherTitle:
      return true;
    default:
      return false;
  }
}

uint8_t CompareSubjects(const ReportFeatures& a, const ReportFeatures& b, TitleVerdict titles,
                        uint8_t topic_level) {
  if (titles == TitleVerdict::kAlike || AreSameTopics(topic_level) || a.subjects.empty() ||
      b.subjects.empty()) {
    return level::kSubjectsMissing;
  }
  constexpr size_t kMany = 4;
  const size_t common = CommonCount(a.subjects, b.subjects);
  // That they differ the titles have said already.
  if (common == 0 && titles == TitleVerdict::kDiffer) return level::kNoSubjectTitlesDiffer;
  return static_cast<uint8_t>(level::kNoSubjectInCommon + std::min(common, kMany));
}

}  // namespace

absl::Span<const absl::string_view> LevelNames(v1::MatchField field) {
  switch (field) {
    case v1::MATCH_FIELD_DATE:
      return kDateLevels;
    case v1::MATCH_FIELD_PLACE:
      return kPlaceLevels;
    case v1::MATCH_FIELD_TITLE:
      return kTitleLevels;
    case v1::MATCH_FIELD_TOPIC:
      return kTopicLevels;
    case v1::MATCH_FIELD_MARKER:
      return kMarkerLevels;
    case v1::MATCH_FIELD_TEAMS:
      return kTeamsLevels;
    case v1::MATCH_FIELD_ORGANISER:
      return kOrganiserLevels;
    case v1::MATCH_FIELD_PARTICIPANTS:
      return kParticipantsLevels;
    case v1::MATCH_FIELD_DOCUMENT:
      return kDocumentLevels;
    case v1::MATCH_FIELD_ISSUE:
      return kIssueLevels;
    case v1::MATCH_FIELD_MODALITY:
      return kModalityLevels;
    case v1::MATCH_FIELD_REPORTER:
      return kReporterLevels;
    case v1::MATCH_FIELD_PASSAGE:
      return kPassageLevels;
    case v1::MATCH_FIELD_HINT_ANSWER:
      return kHintLevels;
    case v1::MATCH_FIELD_PART_OF:
      return kPartOfLevels;
    case v1::MATCH_FIELD_SUBJECTS:
      return kSubjectsLevels;
    case v1::MATCH_FIELD_WOMEN:
      return kWomenLevels;
    case v1::MATCH_FIELD_DURATION:
      return kDurationLevels;
    default:
      return {};
  }
}

uint8_t PairComparison::TitleLevel() {
  if (!title_) title_ = CompareTitles(a_, b_);
  return *title_;
}

uint8_t PairComparison::TopicLevel() {
  if (!topic_) {
    const uint8_t title = TitleLevel();
    topic_ = CompareTopics(a_, b_, Titles(),
                           title == level::kDifferentTitle ||
                               title == level::kDifferentTitleNotUnderstood ||
                               title == level::kRelatedTitle);
  }
  return *topic_;
}

TitleVerdict PairComparison::Titles() {
  switch (TitleLevel()) {
    case level::kSameTitle:
    case level::kVerySimilarTitle:
    case level::kSimilarTitle:
    case level::kVeryAlikeAcrossLanguages:
    case level::kAlikeAcrossLanguages:
      return TitleVerdict::kAlike;
    case level::kTitleMissing:
    case level::kOtherLanguage:
    case level::kOtherLanguageHalfUnderstood:
    case level::kRelatedTitle:
      return TitleVerdict::kSilent;
    default:
      return TitleVerdict::kDiffer;
  }
}

uint8_t PairComparison::Level(v1::MatchField field) {
  switch (field) {
    case v1::MATCH_FIELD_DATE:
      return CompareDates(a_.date, b_.date);
    case v1::MATCH_FIELD_PLACE:
      return ComparePlaces(a_, b_, Titles());
    case v1::MATCH_FIELD_TITLE:
      return TitleLevel();
    case v1::MATCH_FIELD_TOPIC:
      return TopicLevel();
    case v1::MATCH_FIELD_MARKER:
      return CompareMarkers(a_, b_, Titles());
    case v1::MATCH_FIELD_TEAMS:
      return CompareTeams(a_, b_);
    case v1::MATCH_FIELD_ORGANISER:
      return CompareOrganisers(a_, b_);
    case v1::MATCH_FIELD_PARTICIPANTS:
      return CompareParticipants(a_.participants, b_.participants);
    case v1::MATCH_FIELD_DOCUMENT:
      return CompareDocuments(a_, b_);
    case v1::MATCH_FIELD_ISSUE:
      return CompareIssues(a_, b_, Titles());
    case v1::MATCH_FIELD_MODALITY:
      return CompareModalities(a_.modality, b_.modality);
    case v1::MATCH_FIELD_REPORTER:
      return CompareReporters(a_, b_);
    case v1::MATCH_FIELD_PASSAGE:
      return ComparePassages(a_, b_);
    case v1::MATCH_FIELD_HINT_ANSWER:
      return CompareHints(a_, b_);
    case v1::MATCH_FIELD_PART_OF:
      return ComparePartOf(a_, b_);
    case v1::MATCH_FIELD_SUBJECTS:
      return CompareSubjects(a_, b_, Titles(), TopicLevel());
    case v1::MATCH_FIELD_WOMEN:
      return CompareWomen(a_, b_);
    case v1::MATCH_FIELD_DURATION:
      return CompareDurations(a_.duration_minutes, b_.duration_minutes);
    default:
      return 0;
  }
}

PairLevels Compare(const ReportFeatures& a, const ReportFeatures& b) {
  PairComparison comparison(a, b);
  PairLevels levels;
  for (int field = 1; field < kMatchFieldCount; ++field) {
    levels.level[field] = comparison.Level(static_cast<v1::MatchField>(field));
  }
  return levels;
}

}  // namespace baraza
