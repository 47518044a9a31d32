#include "core/match/explain.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/match/compare.h"
#include "core/match/lexicon.h"
#include "core/match/score.h"

namespace baraza {
namespace {

using Arguments = std::vector<std::pair<std::string, std::string>>;

std::string NamesOf(const std::vector<uint64_t>& subjects) {
  std::vector<absl::string_view> names;
  for (const uint64_t subject : subjects) names.push_back(Lexicon::Get().SubjectName(subject));
  std::sort(names.begin(), names.end());
  return absl::StrJoin(names, ", ");
}

std::string ShownOf(const ReportFeatures& features, int field) {
  const ReportFeatures::Shown& shown = features.shown;
  switch (field) {
    case v1::MATCH_FIELD_DATE:
      return shown.date;
    case v1::MATCH_FIELD_PLACE:
      return shown.place;
    case v1::MATCH_FIELD_TITLE:
      return shown.title;
    case v1::MATCH_FIELD_TOPIC:
      return shown.topics;
    case v1::MATCH_FIELD_MARKER:
      return shown.markers;
    case v1::MATCH_FIELD_TEAMS:
      return shown.teams;
    case v1::MATCH_FIELD_ORGANISER:
      return shown.organiser;
    case v1::MATCH_FIELD_PARTICIPANTS:
      return shown.participants;
    case v1::MATCH_FIELD_DOCUMENT:
      return shown.document;
    case v1::MATCH_FIELD_ISSUE:
      return shown.issue;
    case v1::MATCH_FIELD_MODALITY:
      return shown.modality;
    case v1::MATCH_FIELD_REPORTER:
      return shown.reporter;
    case v1::MATCH_FIELD_PASSAGE:
      return shown.passages;
    case v1::MATCH_FIELD_HINT_ANSWER:
      return shown.hints;
    case v1::MATCH_FIELD_WOMEN:
      return features.women < 0 ? "" : absl::StrCat(features.women);
    case v1::MATCH_FIELD_DURATION:
      return features.duration_minutes <= 0 ? "" : absl::StrCat(features.duration_minutes, " min");
    case v1::MATCH_FIELD_SUBJECTS:
      return NamesOf(features.subjects);
    default:
      return shown.part_of;
  }
}

size_t CommonCount(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  size_t common = 0;
  for (const uint64_t value : a) common += std::binary_search(b.begin(), b.end(), value) ? 1 : 0;
  return common;
}

Arguments TeamCounts(const ReportFeatures& a, const ReportFeatures& b) {
  const size_t common =
      CommonCount(a.teams, b.teams) + CommonCount(a.unregistered_teams, b.unregistered_teams);
  const size_t total = a.teams.size() + a.unregistered_teams.size() + b.teams.size() +
                       b.unregistered_teams.size() - common;
  return {{"common", absl::StrCat(common)}, {"total", absl::StrCat(total)}};
}

std::string DaysApart(const ReportFeatures& a, const ReportFeatures& b) {
  const int32_t gap =
      a.date.last < b.date.first ? b.date.first - a.date.last : a.date.first - b.date.last;
  return absl::StrCat(std::abs(gap));
}

// The code that says this level in a sentence, by field and level number; empty: not worth saying.
// Documented in explain.h.
absl::string_view CodeOf(int field, int level) {
  static constexpr absl::string_view kDate[] = {
      "date_missing",        "same_dates",          "dates_overlap",    "dates_one_day_apart",
      "dates_swapped",       "dates_days_apart",    "dates_days_apart", "dates_days_apart",
      "date_within_month",   "date_within_quarter", "date_within_year", "same_month",
      "date_ranges_overlap", "dates_do_not_meet",   "dates_overlap"};
  static constexpr absl::string_view kPlace[] = {"",
                                                 "same_place_code",
                                                 "same_venue",
                                                 "same_place",
                                                 "place_spelled_alike",
                                                 "places_near",
                                                 "venues_differ",
                                                 "places_differ",
                                                 "countries_differ",
                                                 "places_differ",
                                                 "place_spelled_alike",
                                                 "places_differ",
                                                 "places_differ"};
  static constexpr absl::string_view kTitle[] = {"",
                                                 "same_title",
                                                 "titles_alike",
                                                 "titles_alike",
                                                 "titles_somewhat_alike",
                                                 "titles_alike_across_languages",
                                                 "titles_differ_in_language",
                                                 "titles_differ",
                                                 "titles_alike_across_languages",
                                                 "titles_somewhat_alike",
                                                 "titles_differ_in_language",
                                                 "titles_differ",
                                                 "titles_related"};
  static constexpr absl::string_view kTopic[] = {"",
                                                 "same_topics",
                                                 "topics_in_common",
                                                 "topics_differ",
                                                 "same_topics",
                                                 "same_topics",
                                                 "topics_differ",
                                                 "topics_in_title",
                                                 "topics_related",
                                                 "same_topics"};
  static constexpr absl::string_view kMarker[] = {"",
                                                  "same_marker",
                                                  "markers_differ",
                                                  "marker_on_one_side",
                                                  "marker_on_one_side",
                                                  "marker_on_one_side"};
  static constexpr absl::string_view kTeams[] = {"",
                                                 "same_teams",
                                                 "teams_in_common",
                                                 "teams_in_common",
                                                 "teams_in_common",
                                                 "teams_in_common",
                                                 "teams_differ",
                                                 "teams_differ",
                                                 "same_teams",
                                                 "teams_in_common",
                                                 "teams_in_common"};
  static constexpr absl::string_view kOrganiser[] = {"", "same_organiser",
                                                     "same_organisation_organises",
                                                     "organisers_differ", "organisers_both_there"};
  static constexpr absl::string_view kParticipants[] = {"",
                                                        "same_participants",
                                                        "participants_close",
                                                        "",
                                                        "participants_differ",
                                                        "participants_differ",
                                                        "same_participants"};
  static constexpr absl::string_view kDocument[] = {"", "same_file", "same_document"};
  static constexpr absl::string_view kIssue[] = {"", "same_issue", "related_issues",
                                                 "issues_differ", "issues_differ"};
  static constexpr absl::string_view kModality[] = {"", "", "modalities_differ",
                                                    "modalities_differ"};
  static constexpr absl::string_view kReporter[] = {"", "same_author", "same_reporting_team", ""};
  static constexpr absl::string_view kPassage[] = {"", "same_passage", "passages_apart",
                                                   "same_source"};
  static constexpr absl::string_view kHint[] = {
      "", "collector_said_same", "collector_said_different", "", "collectors_disagree"};
  static constexpr absl::string_view kPartOf[] = {
      "",           "whole_and_part",  "same_whole", "wholes_differ", "part_on_one_side",
      "same_whole", "part_on_one_side"};
  static constexpr absl::string_view kSubjects[] = {"",
                                                    "",
                                                    "subjects_in_common",
                                                    "subjects_in_common",
                                                    "subjects_in_common",
                                                    "subjects_in_common",
                                                    ""};
  static constexpr absl::string_view kWomen[] = {"", "same_women", "same_women", "",
                                                 "women_differ"};
  static constexpr absl::string_view kDuration[] = {"", "same_duration", "", "durations_differ",
                                                    "durations_differ"};
  switch (field) {
    case v1::MATCH_FIELD_DATE:
      return kDate[level];
    case v1::MATCH_FIELD_PLACE:
      return kPlace[level];
    case v1::MATCH_FIELD_TITLE:
      return kTitle[level];
    case v1::MATCH_FIELD_TOPIC:
      return kTopic[level];
    case v1::MATCH_FIELD_MARKER:
      return kMarker[level];
    case v1::MATCH_FIELD_TEAMS:
      return kTeams[level];
    case v1::MATCH_FIELD_ORGANISER:
      return kOrganiser[level];
    case v1::MATCH_FIELD_PARTICIPANTS:
      return kParticipants[level];
    case v1::MATCH_FIELD_DOCUMENT:
      return kDocument[level];
    case v1::MATCH_FIELD_ISSUE:
      return kIssue[level];
    case v1::MATCH_FIELD_MODALITY:
      return kModality[level];
    case v1::MATCH_FIELD_REPORTER:
      return kReporter[level];
    case v1::MATCH_FIELD_PASSAGE:
      return kPassage[level];
    case v1::MATCH_FIELD_HINT_ANSWER:
      return kHint[level];
    case v1::MATCH_FIELD_SUBJECTS:
      return kSubjects[level];
    case v1::MATCH_FIELD_WOMEN:
      return kWomen[level];
    case v1::MATCH_FIELD_DURATION:
      return kDuration[level];
    default:
      return kPartOf[level];
  }
}

Arguments ArgumentsOf(absl::string_view code, int field, const ReportFeatures& a,
                      const ReportFeatures& b) {
  if (code == "dates_days_apart") return {{"days", DaysApart(a, b)}};
  if (code == "same_teams") return {TeamCounts(a, b)[0]};
  if (code == "teams_in_common") return TeamCounts(a, b);
  if (code == "subjects_in_common") {
    return {{"common", absl::StrCat(CommonCount(a.subjects, b.subjects))}};
  }
  if (code == "titles_differ_in_language" || code == "markers_differ" ||
      code == "participants_differ" || code == "women_differ" || code == "durations_differ") {
    return {{"left", ShownOf(a, field)}, {"right", ShownOf(b, field)}};
  }
  return {};
}

v1::CodedText Sentence(absl::string_view code, const Arguments& arguments) {
  v1::CodedText text;
  text.set_code(std::string(code));
  for (const auto& [key, value] : arguments) {
    v1::CodedText::Argument* argument = text.add_arguments();
    argument->set_key(key);
    argument->set_value(value);
  }
  return text;
}

}  // namespace

v1::PairExplanation ExplainPair(const ReportFeatures& x, const ReportFeatures& y,
                                const v1::MatchModel& model) {
  const ReportFeatures& a = y.report_id < x.report_id ? y : x;
  const ReportFeatures& b = &a == &x ? y : x;
  const Scorer scorer(model);
  const PairLevels levels = Compare(a, b);
  v1::PairExplanation explanation;
  explanation.set_left_report_id(a.report_id);
  explanation.set_right_report_id(b.report_id);
  explanation.set_score_milli_nats(scorer.Score(levels));
  explanation.set_prior_milli_nats(scorer.prior());
  explanation.set_model_version(model.version());

  struct Part {
    int32_t strength;
    int field;
    absl::string_view code;
  };
  std::vector<Part> parts;
  for (int field = 1; field < kMatchFieldCount; ++field) {
    const int level = levels.level[field];
    const int32_t weight = scorer.Weight(field, level);
    if (level == 0 && weight == 0) continue;
    v1::FieldComparison* comparison = explanation.add_fields();
    comparison->set_field(static_cast<v1::MatchField>(field));
    comparison->set_level(std::string(LevelNames(comparison->field())[level]));
    comparison->set_milli_nats(weight);
    comparison->set_left(ShownOf(a, field));
    comparison->set_right(ShownOf(b, field));
    const absl::string_view code = CodeOf(field, level);
    if (!code.empty()) parts.push_back({std::abs(weight), field, code});
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& p, const Part& q) { return p.strength > q.strength; });
  for (const Part& part : parts) {
    *explanation.add_sentence() = Sentence(part.code, ArgumentsOf(part.code, part.field, a, b));
  }
  return explanation;
}

v1::Privacy PrivacyOf(v1::MatchField field) {
  switch (field) {
    case v1::MATCH_FIELD_DATE:
    case v1::MATCH_FIELD_PLACE:
    case v1::MATCH_FIELD_TITLE:
    case v1::MATCH_FIELD_TOPIC:
    case v1::MATCH_FIELD_MARKER:
    case v1::MATCH_FIELD_TEAMS:
    case v1::MATCH_FIELD_ORGANISER:
    case v1::MATCH_FIELD_PARTICIPANTS:
    case v1::MATCH_FIELD_ISSUE:
    case v1::MATCH_FIELD_MODALITY:
    case v1::MATCH_FIELD_PART_OF:
    case v1::MATCH_FIELD_SUBJECTS:
    case v1::MATCH_FIELD_WOMEN:
    case v1::MATCH_FIELD_DURATION:
      return v1::PRIVACY_PROGRAMME;
    // Citations, and files that may be marked as sensitive.
    case v1::MATCH_FIELD_DOCUMENT:
    case v1::MATCH_FIELD_PASSAGE:
    // The author.
    case v1::MATCH_FIELD_REPORTER:
    case v1::MATCH_FIELD_HINT_ANSWER:
      return v1::PRIVACY_TEAM;
    default:
      return v1::PRIVACY_UNSPECIFIED;
  }
}

void FilterExplanation(v1::PairExplanation& explanation, v1::Privacy greatest_class) {
  if (greatest_class >= v1::PRIVACY_TEAM) return;
  google::protobuf::RepeatedPtrField<v1::FieldComparison> fields;
  // A code is of one field alone, so what the fields left say is what may be said.
  std::vector<absl::string_view> codes;
  int32_t score = explanation.prior_milli_nats();
  for (v1::FieldComparison& compared : *explanation.mutable_fields()) {
    const v1::Privacy privacy = PrivacyOf(compared.field());
    if (privacy == v1::PRIVACY_UNSPECIFIED || privacy > greatest_class) continue;
    score += compared.milli_nats();
    const absl::Span<const absl::string_view> levels = LevelNames(compared.field());
    const auto level = std::find(levels.begin(), levels.end(), compared.level());
    if (level != levels.end()) {
      codes.push_back(CodeOf(compared.field(), static_cast<int>(level - levels.begin())));
    }
    fields.Add()->Swap(&compared);
  }
  google::protobuf::RepeatedPtrField<v1::CodedText> sentence;
  for (v1::CodedText& text : *explanation.mutable_sentence()) {
    if (std::find(codes.begin(), codes.end(), text.code()) != codes.end()) {
      sentence.Add()->Swap(&text);
    }
  }
  explanation.mutable_fields()->Swap(&fields);
  explanation.mutable_sentence()->Swap(&sentence);
  explanation.set_score_milli_nats(score);
  explanation.clear_never_compared();
}

}  // namespace baraza
