#include "core/indicator/qualify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/indicator/coded_text.h"
#include "tests/unit/core/indicator/indicator_test_support.h"

namespace baraza {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using Report_ = v1::SessionReport;

struct Case {
  const char* name;
  // Changes a report that meets everything.
  std::function<void(Report_&)> report;
  std::function<void(IndicatorContext&)> context;
  v1::Qualifies qualifies;
  std::vector<std::string> reasons;
  std::vector<std::string> questions;
};

void Nothing(IndicatorContext&) {}
void Untouched(Report_&) {}

// A tem_a that says it was there, with nobody listed; each case lists who else was.
void OnlyReporter(Report_& r) { r.clear_participating_teams(); }

void ByOrganisation(IndicatorContext& c) {
  c.definition.set_distinct_unit(v1::DISTINCT_UNIT_ORGANISATION);
}

const v1::Qualifies kYes = v1::QUALIFIES_YES;
const v1::Qualifies kNo = v1::QUALIFIES_NO;
const v1::Qualifies kOpen = v1::QUALIFIES_UNDETERMINED;

std::vector<Case> Cases() {
  return {
      {"all_met", Untouched, Nothing, kYes, {}, {}},
      // held
      {"planned",
       [](Report_& r) { r.set_held_status(v1::HELD_STATUS_PLANNED); },
       Nothing,
       kNo,
       {"planned_not_held"},
       {}},
      {"cancelled",
       [](Report_& r) { r.set_held_status(v1::HELD_STATUS_CANCELLED); },
       Nothing,
       kNo,
       {"cancelled"},
       {}},
      {"held_unknown",
       [](Report_& r) { r.clear_held_status(); },
       Nothing,
       kOpen,
       {"held_not_recorded"},
       {"held"}},
      {"held_not_asked",
       [](Report_& r) { r.clear_held_status(); },
       [](IndicatorContext& c) { c.definition.set_require_held(false); },
       kYes,
       {},
       {}},
      // teams
      {"one_team",
       [](Report_& r) {
         OnlyReporter(r);
         AddTeam(r, "tem_old");
       },
       Nothing,
       kNo,
       {"one_team_only"},
       {}},
      {"nobody_told", OnlyReporter, Nothing, kOpen, {"teams_not_recorded"}, {"which_teams"}},
      {"unregistered_name",
       [](Report_& r) {
         OnlyReporter(r);
         AddName(r, "Women of Boundou");
       },
       Nothing,
       kOpen,
       {"team_not_registered"},
       {"who_is"}},
      {"unknown_team_id",
       [](Report_& r) {
         OnlyReporter(r);
         AddTeam(r, "tem_zzz");
       },
       Nothing,
       kOpen,
       {"team_not_registered"},
       {"who_is"}},
      {"unregistered_but_absent",
       [](Report_& r) {
         OnlyReporter(r);
         AddName(r, "Women of Boundou", v1::YES_NO_NO);
       },
       Nothing,
       kNo,
       {"one_team_only"},
       {}},
      {"unregistered_beside_two_teams",
       [](Report_& r) { AddName(r, "Women"); },
       Nothing,
       kYes,
       {},
       {}},
      {"reporter_unknown",
       [](Report_& r) { r.clear_reporting_team_present(); },
       Nothing,
       kOpen,
       {"presence_not_recorded"},
       {"team_took_part"}},
      {"reporter_absent",
       [](Report_& r) { r.set_reporting_team_present(v1::YES_NO_NO); },
       Nothing,
       kNo,
       {"one_team_only"},
       {}},
      {"listed_not_recorded",
       [](Report_& r) {
         OnlyReporter(r);
         AddTeam(r, "tem_b", v1::YES_NO_NOT_RECORDED);
       },
       Nothing,
       kOpen,
       {"presence_not_recorded"},
       {"team_took_part"}},
      {"presence_contested",
       [](Report_& r) { AddTeam(r, "tem_a", v1::YES_NO_NO); },
       Nothing,
       kOpen,
       {"presence_contested"},
       {"team_took_part"}},
      {"too_few_of_three",
       Untouched,
       [](IndicatorContext& c) { c.definition.set_min_distinct(3); },
       kNo,
       {"teams_too_few"},
       {}},
      {"two_unknown_cannot_make_four",
       [](Report_& r) { AddName(r, "Women"); },
       [](IndicatorContext& c) { c.definition.set_min_distinct(4); },
       kNo,
       {"teams_too_few"},
       {}},
      // organisations
      {"two_organisations", Untouched, ByOrganisation, kYes, {}, {}},
      {"one_organisation",
       [](Report_& r) {
         OnlyReporter(r);
         AddTeam(r, "tem_d");
       },
       ByOrganisation,
       kNo,
       {"one_organisation_only"},
       {}},
      {"team_without_organisation",
       [](Report_& r) {
         OnlyReporter(r);
         AddTeam(r, "tem_e");
       },
       ByOrganisation,
       kOpen,
       {"organisation_not_recorded"},
       {"organisation_of"}},
      {"unknown_team_of_the_same_organisation",
       [](Report_& r) {
         OnlyReporter(r);
         AddTeam(r, "tem_d", v1::YES_NO_NOT_RECORDED);
       },
       ByOrganisation,
       kNo,
       {"one_organisation_only"},
       {}},
      // experiences, learning
      {"no_experiences",
       [](Report_& r) { r.set_experiences_shared(v1::YES_NO_NO); },
       Nothing,
       kNo,
       {"no_experiences_shared"},
       {}},
      {"experiences_unknown",
       [](Report_& r) { r.clear_experiences_shared(); },
       Nothing,
       kOpen,
       {"experiences_not_recorded"},
       {"experiences_shared"}},
      {"experiences_not_asked",
       [](Report_& r) { r.clear_experiences_shared(); },
       [](IndicatorContext& c) { c.definition.set_require_experiences_shared(false); },
       kYes,
       {},
       {}},
      {"no_learning",
       [](Report_& r) { r.set_learned_from_each_other(v1::YES_NO_NO); },
       Nothing,
       kNo,
       {"no_learning"},
       {}},
      {"learning_unknown",
       [](Report_& r) { r.set_learned_from_each_other(v1::YES_NO_NOT_RECORDED); },
       Nothing,
       kOpen,
       {"learning_not_recorded"},
       {"learned_from_each_other"}},
      // issue
      {"related_issue", [](Report_& r) { r.set_issue_id("iss_water"); }, Nothing, kYes, {}, {}},
      {"related_issue_but_exact",
       [](Report_& r) { r.set_issue_id("iss_water"); },
       [](IndicatorContext& c) { c.definition.set_issue_scope(v1::ISSUE_SCOPE_EXACT); },
       kNo,
       {"off_issue"},
       {}},
      {"other_issue",
       [](Report_& r) { r.set_issue_id("iss_meals"); },
       Nothing,
       kNo,
       {"off_issue"},
       {}},
      {"issue_unknown",
       [](Report_& r) { r.clear_issue_id(); },
       Nothing,
       kOpen,
       {"issue_not_recorded"},
       {"issue"}},
      {"issue_not_registered",
       [](Report_& r) { r.set_issue_id("iss_new"); },
       Nothing,
       kOpen,
       {"issue_not_recorded"},
       {"issue"}},
      {"any_issue",
       [](Report_& r) { r.clear_issue_id(); },
       [](IndicatorContext& c) { c.definition.set_issue_scope(v1::ISSUE_SCOPE_ANY); },
       kYes,
       {},
       {}},
      {"indicator_names_no_issue",
       [](Report_& r) { r.clear_issue_id(); },
       [](IndicatorContext& c) { c.indicator.clear_issue_ids(); },
       kYes,
       {},
       {}},
      // projects
      {"project_met",
       [](Report_& r) { r.add_project_ids("prj_1"); },
       [](IndicatorContext& c) { c.indicator.add_project_ids("prj_1"); },
       kYes,
       {},
       {}},
      {"project_other",
       [](Report_& r) { r.add_project_ids("prj_2"); },
       [](IndicatorContext& c) { c.indicator.add_project_ids("prj_1"); },
       kNo,
       {"other_project"},
       {}},
      {"project_unknown",
       Untouched,
       [](IndicatorContext& c) { c.indicator.add_project_ids("prj_1"); },
       kOpen,
       {"project_not_recorded"},
       {"project"}},
      // countries
      {"country_met",
       [](Report_& r) { r.mutable_venue()->set_country("KE"); },
       [](IndicatorContext& c) { c.indicator.add_countries("KE"); },
       kYes,
       {},
       {}},
      {"country_other",
       [](Report_& r) { r.mutable_venue()->set_country("SN"); },
       [](IndicatorContext& c) { c.indicator.add_countries("KE"); },
       kNo,
       {"other_country"},
       {}},
      {"country_unknown",
       Untouched,
       [](IndicatorContext& c) { c.indicator.add_countries("KE"); },
       kOpen,
       {"country_not_recorded"},
       {"country"}},
      // modality
      {"modality_met",
       [](Report_& r) { r.set_modality(v1::MODALITY_ONLINE); },
       [](IndicatorContext& c) { c.definition.add_modalities(v1::MODALITY_ONLINE); },
       kYes,
       {},
       {}},
      {"modality_other",
       [](Report_& r) { r.set_modality(v1::MODALITY_HYBRID); },
       [](IndicatorContext& c) { c.definition.add_modalities(v1::MODALITY_ONLINE); },
       kNo,
       {"other_modality"},
       {}},
      {"modality_unknown",
       [](Report_& r) { r.set_modality(v1::MODALITY_NOT_RECORDED); },
       [](IndicatorContext& c) { c.definition.add_modalities(v1::MODALITY_ONLINE); },
       kOpen,
       {"modality_not_recorded"},
       {"modality"}},
      // duration
      {"duration_met",
       [](Report_& r) { r.mutable_dates()->set_duration_minutes(60); },
       [](IndicatorContext& c) { c.definition.set_min_duration_minutes(60); },
       kYes,
       {},
       {}},
      {"duration_short",
       [](Report_& r) { r.mutable_dates()->set_duration_minutes(59); },
       [](IndicatorContext& c) { c.definition.set_min_duration_minutes(60); },
       kNo,
       {"too_short"},
       {}},
      {"duration_unknown",
       Untouched,
       [](IndicatorContext& c) { c.definition.set_min_duration_minutes(60); },
       kOpen,
       {"duration_not_recorded"},
       {"duration"}},
      // participants
      {"participants_met",
       [](Report_& r) { r.mutable_participants()->set_total(10); },
       [](IndicatorContext& c) { c.definition.set_min_participants(10); },
       kYes,
       {},
       {}},
      {"participants_met_by_margin",
       [](Report_& r) { r.mutable_participants()->set_women(10); },
       [](IndicatorContext& c) { c.definition.set_min_participants(10); },
       kYes,
       {},
       {}},
      {"participants_few",
       [](Report_& r) { r.mutable_participants()->set_total(0); },
       [](IndicatorContext& c) { c.definition.set_min_participants(10); },
       kNo,
       {"participants_too_few"},
       {}},
      {"participants_unknown",
       [](Report_& r) { r.mutable_participants()->set_women(9); },
       [](IndicatorContext& c) { c.definition.set_min_participants(10); },
       kOpen,
       {"participants_not_recorded"},
       {"participants"}},
      // sources
      {"sources_met",
       Untouched,
       [](IndicatorContext& c) { c.definition.set_min_independent_sources(1); },
       kYes,
       {},
       {}},
      {"sources_few",
       Untouched,
       [](IndicatorContext& c) { c.definition.set_min_independent_sources(2); },
       kNo,
       {"sources_too_few"},
       {}},
      // facilitators
      {"facilitator_met",
       [](Report_& r) { r.add_facilitated_by()->set_team_id("tem_old"); },
       [](IndicatorContext& c) { c.definition.add_facilitated_by()->set_team_id("tem_a"); },
       kYes,
       {},
       {}},
      {"facilitator_by_organisation",
       [](Report_& r) { r.add_facilitated_by()->set_unregistered_name("team D"); },
       [](IndicatorContext& c) { c.definition.add_facilitated_by()->set_organisation_id("org_1"); },
       kYes,
       {},
       {}},
      {"facilitator_other",
       [](Report_& r) { r.add_facilitated_by()->set_team_id("tem_b"); },
       [](IndicatorContext& c) { c.definition.add_facilitated_by()->set_team_id("tem_a"); },
       kNo,
       {"facilitated_by_others"},
       {}},
      {"facilitator_name",
       [](Report_& r) { r.add_facilitated_by()->set_unregistered_name("Somebody"); },
       [](IndicatorContext& c) { c.definition.add_facilitated_by()->set_team_id("tem_a"); },
       kOpen,
       {"facilitator_not_registered"},
       {"who_is"}},
      {"facilitator_unknown",
       Untouched,
       [](IndicatorContext& c) { c.definition.add_facilitated_by()->set_team_id("tem_a"); },
       kOpen,
       {"facilitator_not_recorded"},
       {"facilitated_by"}},
      // part of a whole
      {"part_by_title_only",
       [](Report_& r) { r.mutable_part_of()->mutable_title()->set_text("X"); },
       Nothing,
       kOpen,
       {"whole_not_recorded"},
       {"part_of"}},
      {"part_counts_by_sub_session",
       [](Report_& r) { r.mutable_part_of()->mutable_title()->set_text("X"); },
       [](IndicatorContext& c) { c.definition.set_counted_unit(v1::COUNTED_UNIT_SUB_SESSION); },
       kYes,
       {},
       {}},
      {"part_of_itself",
       [](Report_& r) { r.mutable_part_of()->set_report_id("rep_1"); },
       Nothing,
       kYes,
       {},
       {}},
      // Combinations: every failed requirement gives its reason; unknown ones then do not matter.
      {"several_failures",
       [](Report_& r) {
         r.set_held_status(v1::HELD_STATUS_PLANNED);
         r.set_learned_from_each_other(v1::YES_NO_NO);
         r.clear_experiences_shared();
       },
       Nothing,
       kNo,
       {"planned_not_held", "no_learning"},
       {}},
      {"several_unknown",
       [](Report_& r) {
         r.clear_held_status();
         r.clear_learned_from_each_other();
       },
       Nothing,
       kOpen,
       {"held_not_recorded", "learning_not_recorded"},
       {"held", "learned_from_each_other"}},
  };
}

class QualifyCases : public testing::TestWithParam<Case> {};

TEST_P(QualifyCases, InThreeValues) {
  const Case& c = GetParam();
  const Register reg = SmallRegister();
  const MemberReport member = Report("rep_1", v1::SOURCE_KIND_DOCUMENT, [&](Report_& r) {
    FillGood(r);
    c.report(r);
  });
  IndicatorContext context = LandContext();
  c.context(context);
  const v1::Qualification found = Qualify(Consolidate({member}, reg), context, reg, {});
  EXPECT_EQ(found.qualifies(), c.qualifies);
  EXPECT_EQ(found.definition_id(), "def_1");
  EXPECT_EQ(found.indicator_id(), "ind_1");
  EXPECT_THAT(CodesOf(found.reasons()), ElementsAreArray(c.reasons));
  EXPECT_THAT(QuestionCodes(found.questions()), ElementsAreArray(c.questions));
  for (const v1::OpenQuestion& question : found.questions()) {
    EXPECT_EQ(question.report_id(), "rep_1");
    EXPECT_EQ(question.id(), QuestionId("rep_1", question.question()));
  }
}

INSTANTIATE_TEST_SUITE_P(All, QualifyCases, testing::ValuesIn(Cases()),
                         [](const auto& param) { return std::string(param.param.name); });

class Qualifying : public testing::Test {
 protected:
  v1::Session Good() {
    return Consolidate({Report("rep_1", v1::SOURCE_KIND_DOCUMENT, [](Report_& r) { FillGood(r); })},
                       reg_);
  }
  const Register reg_ = SmallRegister();
  IndicatorContext context_ = LandContext();
};

TEST_F(Qualifying, OccasionsAndSubSessions) {
  v1::Session part = Good();
  part.set_part_of_session_id("rep_0");
  v1::Session whole = Good();
  whole.add_sub_session_ids("rep_2");
  EXPECT_THAT(CodesOf(Qualify(part, context_, reg_, {}).reasons()),
              ElementsAre("part_of_other_session"));
  EXPECT_EQ(Qualify(whole, context_, reg_, {}).qualifies(), kYes);
  context_.definition.set_counted_unit(v1::COUNTED_UNIT_SUB_SESSION);
  EXPECT_EQ(Qualify(part, context_, reg_, {}).qualifies(), kYes);
  EXPECT_THAT(CodesOf(Qualify(whole, context_, reg_, {}).reasons()),
              ElementsAre("has_sub_sessions"));
}

TEST_F(Qualifying, RulingsDecideAndTheGreatestHolds) {
  v1::Session bad = Good();
  bad.mutable_values()->set_learned_from_each_other(v1::YES_NO_NO);
  const SessionRuling counts = Ruling("rul_1", v1::RULING_KIND_COUNTS, "rep_1", 5);
  const SessionRuling not_counts = Ruling("rul_2", v1::RULING_KIND_DOES_NOT_COUNT, "rep_1", 6);
  v1::Qualification found = Qualify(bad, context_, reg_, {counts});
  EXPECT_EQ(found.qualifies(), kYes);
  EXPECT_EQ(found.ruling_id(), "rul_1");
  for (const auto& order : {std::vector{counts, not_counts}, std::vector{not_counts, counts}}) {
    found = Qualify(Good(), context_, reg_, order);
    EXPECT_EQ(found.qualifies(), kNo);
    EXPECT_EQ(found.ruling_id(), "rul_2");
  }
  SessionRuling other = Ruling("rul_3", v1::RULING_KIND_DOES_NOT_COUNT, "rep_1", 9);
  other.ruling.set_definition_id("def_other");
  EXPECT_EQ(Qualify(Good(), context_, reg_, {other}).qualifies(), kYes);
  other.ruling.set_definition_id("def_1");
  EXPECT_EQ(Qualify(Good(), context_, reg_, {other}).qualifies(), kNo);
  other.ruling.mutable_void_mark()->set_voided(true);
  EXPECT_EQ(Qualify(Good(), context_, reg_, {other}).qualifies(), kYes);
  EXPECT_EQ(
      Qualify(Good(), context_, reg_, {Ruling("rul_4", v1::RULING_KIND_DOES_NOT_COUNT, "rep_9")})
          .qualifies(),
      kYes);
  v1::Session returned = Good();
  returned.set_submitted(false);
  found = Qualify(returned, context_, reg_, {counts});
  EXPECT_EQ(found.qualifies(), kNo);
  EXPECT_THAT(CodesOf(found.reasons()), ElementsAre("all_reports_returned"));
}

TEST_F(Qualifying, AsksTheTeamsThatCanAnswer) {
  const auto report = [](const std::string& id, const std::string& team) {
    return Report(id, v1::SOURCE_KIND_DOCUMENT, [team](Report_& r) {
      FillGood(r);
      r.set_team_id(team);
      r.clear_participating_teams();
      AddTeam(r, "tem_c", v1::YES_NO_NOT_RECORDED);
      r.set_reporting_team_present(v1::YES_NO_NOT_RECORDED);
    });
  };
  const v1::Session session = Consolidate(
      {report("rep_3", "tem_b"), report("rep_2", "tem_b"), report("rep_1", "tem_a")}, reg_);
  const v1::Qualification found = Qualify(session, context_, reg_, {});
  ASSERT_EQ(found.questions_size(), 3);
  EXPECT_EQ(found.questions(0).addressed_team_id(), "tem_a");
  EXPECT_EQ(found.questions(0).report_id(), "rep_1");
  EXPECT_EQ(found.questions(1).addressed_team_id(), "tem_b");
  EXPECT_EQ(found.questions(1).report_id(), "rep_2");
  EXPECT_EQ(found.questions(2).addressed_team_id(), "tem_c");
  EXPECT_EQ(found.questions(2).report_id(), "rep_1") << "tem_c reported nothing";
  EXPECT_EQ(found.questions(1).question().arguments(0).value(), "tem_b");
  // What contradicts itself is the office's.
  const MemberReport one =
      Report("rep_1", v1::SOURCE_KIND_DOCUMENT, [](Report_& r) { FillGood(r); });
  MemberReport two = one;
  two.report.set_id("rep_2");
  two.report.set_learned_from_each_other(v1::YES_NO_NO);
  const v1::Qualification contested = Qualify(Consolidate({one, two}, reg_), context_, reg_, {});
  ASSERT_EQ(contested.questions_size(), 1);
  EXPECT_THAT(CodesOf(contested.reasons()), ElementsAre("learning_contested"));
  EXPECT_EQ(contested.questions(0).addressed_team_id(), "");
}

TEST_F(Qualifying, FollowUpsAreLinkedAndQuestionIdsAreStable) {
  v1::Session session = Good();
  session.mutable_values()->clear_held_status();
  v1::Qualification found = Qualify(session, context_, reg_, {});
  v1::FollowUp first;
  first.set_id("fup_2");
  first.set_report_id("rep_1");
  *first.mutable_question() = Coded("held");
  v1::FollowUp second = first;
  second.set_id("fup_1");
  v1::FollowUp foreign = first;
  foreign.set_id("fup_0");
  foreign.set_report_id("rep_9");
  LinkFollowUps(session, {first, second, foreign}, found);
  EXPECT_EQ(found.questions(0).follow_up_id(), "fup_1");
  EXPECT_EQ(QuestionId("rep_1", Coded("held")).size(), 18u);
  EXPECT_NE(QuestionId("rep_1", Coded("held")), QuestionId("rep_2", Coded("held")));
  EXPECT_NE(QuestionId("rep_1", Coded("who_is", {{"name", "x"}})),
            QuestionId("rep_1", Coded("who_is", {{"name", "y"}})));
}

TEST(Definition, AbsentRequirementsAreTheDefaults) {
  v1::SessionDefinition sparse;
  sparse.set_id("def_9");
  sparse.set_min_distinct(3);
  sparse.set_require_held(false);
  const v1::SessionDefinition full = WithDefaults(sparse);
  EXPECT_EQ(full.min_distinct(), 3u);
  EXPECT_FALSE(full.require_held());
  EXPECT_TRUE(full.require_experiences_shared());
  EXPECT_EQ(full.issue_scope(), v1::ISSUE_SCOPE_WITH_RELATED);
  EXPECT_EQ(full.counted_unit(), v1::COUNTED_UNIT_OCCASION);
}

TEST(WillItCount, ListsWhatTheFormLacks) {
  const Register reg = SmallRegister();
  Report_ report;
  report.set_id("rep_1");
  report.set_team_id("tem_a");
  const v1::Qualification found = Qualify(SessionOfOne(report, {}, reg), LandContext(), reg, {});
  std::vector<std::string> codes;
  for (const v1::CodedText& text : MissingFields(found)) codes.push_back(text.code());
  EXPECT_THAT(codes, ElementsAre("held", "which_teams", "team_took_part", "experiences_shared",
                                 "learned_from_each_other", "issue"));
}

}  // namespace
}  // namespace baraza
