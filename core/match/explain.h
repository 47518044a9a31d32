#ifndef BARAZA_CORE_MATCH_EXPLAIN_H_
#define BARAZA_CORE_MATCH_EXPLAIN_H_

#include "baraza/v1/match.pb.h"
#include "core/match/features.h"

namespace baraza {

// Why two reports are, or are not, taken for one session: per field with evidence its level, weight
// and the two values as people wrote them (the report with the smaller id on the left), and a
// sentence in coded parts. prior + the sum of the weights == score, exactly. Fields with
// nothing to compare (level "missing") are left out unless the model gives that a weight.
//
// Codes of the sentence, strongest evidence first; arguments in braces are decimal numbers or text:
//   date        same_dates | dates_overlap | dates_one_day_apart | dates_days_apart {days}
//               | dates_swapped (day and month exchanged) | date_within_month | date_within_quarter
//               | date_within_year | same_month | date_ranges_overlap | dates_do_not_meet
//               | date_missing
//   place       same_place_code | same_venue | same_place | place_spelled_alike | places_near
//               | venues_differ | places_differ | countries_differ
//   title       same_title | titles_alike | titles_somewhat_alike
//               | titles_alike_across_languages | titles_differ_in_language {left, right}
//               | titles_related | titles_differ
//   topic       same_topics | topics_in_common | topics_in_title | topics_related
//               | topics_differ
//   marker      same_marker | markers_differ {left, right} | marker_on_one_side
//   teams       same_teams {common} | teams_in_common {common, total} | teams_differ
//   organiser   same_organiser | same_organisation_organises | organisers_both_there
//               | organisers_differ
//   participants same_participants | participants_close | participants_differ {left, right}
//   women       same_women | women_differ {left, right}
//   duration    same_duration | durations_differ {left, right}
//   subjects    subjects_in_common {common}
//   document    same_file | same_document
//   issue       same_issue | related_issues | issues_differ
//   modality    modalities_differ
//   reporter    same_author | same_reporting_team
//   passage     same_passage | passages_apart | same_source
//   hint_answer collector_said_same | collector_said_different | collectors_disagree
//   part_of     whole_and_part | same_whole | wholes_differ | part_on_one_side
v1::PairExplanation ExplainPair(const ReportFeatures& a, const ReportFeatures& b,
                                const v1::MatchModel& model);

// The class of what the field compares: the strictest of the report's values that its level is made
// of, by the classes that the schema gives them. How two values compare tells of the values, so who
// may not see these may not be told that either. A new field gets its class here;
// PRIVACY_UNSPECIFIED is of one that has none yet: only who sees everything is told of it.
v1::Privacy PrivacyOf(v1::MatchField field);

// Leaves of an explanation what somebody may be told who sees values of both reports up to
// `greatest_class`: the fields of no stricter class, prior + the sum of their weights as the score,
// and what the sentence says of them. Below TEAM never_compared goes as well, since documents,
// passages and answers make blocking keys too. Rulings are not looked at.
void FilterExplanation(v1::PairExplanation& explanation, v1::Privacy greatest_class);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_EXPLAIN_H_
