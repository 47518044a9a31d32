#include "core/indicator/consolidate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/civil_date.h"
#include "core/indicator/coded_text.h"
#include "tests/unit/core/indicator/indicator_test_support.h"

namespace baraza {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr v1::SourceKind kObservation = v1::SOURCE_KIND_DIRECT_OBSERVATION;
constexpr v1::SourceKind kDocument = v1::SOURCE_KIND_DOCUMENT;
constexpr v1::SourceKind kInterview = v1::SOURCE_KIND_KEY_INFORMANT_INTERVIEW;
constexpr v1::SourceKind kNone = v1::SOURCE_KIND_UNSPECIFIED;

const v1::ConsolidatedField* FieldOf(const v1::Session& session, const std::string& name) {
  for (const v1::ConsolidatedField& field : session.fields()) {
    if (field.field() == name) return &field;
  }
  return nullptr;
}

const v1::TeamPresence* TeamOf(const v1::Session& session, const std::string& id) {
  for (const v1::TeamPresence& team : session.teams()) {
    if (team.team_id() == id || team.unregistered_name() == id) return &team;
  }
  return nullptr;
}

int32_t DayOf(const char* iso) { return CivilDayToDays(*ParseCivilDay(iso)); }

auto Titled(const std::string& title) {
  return [title](v1::SessionReport& report) { report.mutable_title()->set_text(title); };
}

class Consolidating : public testing::Test {
 protected:
  const Register reg_ = SmallRegister();
};

TEST_F(Consolidating, BestSourceWinsThenMostReportsThenSmallestId) {
  v1::Session session = Consolidate({Report("rep_1", kInterview, Titled("interview")),
                                     Report("rep_2", kDocument, Titled("document")),
                                     Report("rep_3", kObservation, Titled("observation")),
                                     Report("rep_4", kNone, Titled("none"))},
                                    reg_);
  EXPECT_EQ(session.values().title().text(), "observation");
  EXPECT_EQ(session.session_id(), "rep_1");
  EXPECT_EQ(session.name(), "programmes/prg_1/sessions/rep_1");
  const v1::ConsolidatedField* title = FieldOf(session, "title");
  ASSERT_NE(title, nullptr);
  EXPECT_THAT(Strings(title->report_ids()), ElementsAre("rep_3"));
  ASSERT_EQ(title->alternatives_size(), 3);
  EXPECT_EQ(title->alternatives(0).value().title().text(), "document");
  EXPECT_EQ(title->alternatives(2).value().title().text(), "none");
  EXPECT_FALSE(title->contested());

  session = Consolidate(
      {Report("rep_1", kDocument, Titled("one")), Report("rep_2", kDocument, Titled("two")),
       Report("rep_3", kInterview, Titled("two"))},
      reg_);
  EXPECT_EQ(session.values().title().text(), "two");
  session = Consolidate(
      {Report("rep_2", kDocument, Titled("two")), Report("rep_1", kDocument, Titled("one"))}, reg_);
  EXPECT_EQ(session.values().title().text(), "one");
}

TEST_F(Consolidating, ParticipantsAreOneReportsAndNeverSummed) {
  const auto count = [](uint32_t total, uint32_t women) {
    return [=](v1::SessionReport& report) {
      report.mutable_participants()->set_total(total);
      if (women > 0) report.mutable_participants()->set_women(women);
    };
  };
  const v1::Session session = Consolidate(
      {Report("rep_1", kDocument, count(20, 0)), Report("rep_2", kDocument, count(18, 9)),
       Report("rep_3", kInterview, count(40, 30))},
      reg_);
  EXPECT_EQ(session.values().participants().total(), 18u);
  EXPECT_EQ(session.values().participants().women(), 9u);
  ASSERT_EQ(FieldOf(session, "participants")->alternatives_size(), 2);
  // A zero is a count, silence is not.
  const v1::Session zero =
      Consolidate({Report("rep_1", kObservation,
                          [](v1::SessionReport& r) {
                            r.mutable_participants()->set_method(v1::COUNT_METHOD_NOT_RECORDED);
                          }),
                   Report("rep_2", kNone, count(0, 0))},
                  reg_);
  EXPECT_TRUE(zero.values().participants().has_total());
  EXPECT_EQ(zero.values().participants().total(), 0u);
}

TEST_F(Consolidating, ListsUniteWithoutDuplicates) {
  const auto topics = [](std::vector<std::string> texts) {
    return [texts](v1::SessionReport& report) {
      for (const std::string& text : texts) report.add_topics()->set_text(text);
      report.add_project_ids("prj_" + texts.front());
    };
  };
  const v1::Session session = Consolidate({Report("rep_2", kDocument, topics({"b", "a"})),
                                           Report("rep_1", kInterview, topics({"c", "b"}))},
                                          reg_);
  std::vector<std::string> found;
  for (const v1::LocalText& text : session.values().topics()) found.push_back(text.text());
  EXPECT_THAT(found, ElementsAre("a", "b", "c"));
  EXPECT_THAT(Strings(session.project_ids()), ElementsAre("prj_b", "prj_c"));
  EXPECT_EQ(session.values().citations_size(), 2);
  EXPECT_THAT(Strings(FieldOf(session, "topics")->report_ids()), ElementsAre("rep_1", "rep_2"));
}

TEST_F(Consolidating, YesBesideNoIsContestedWhateverTheSources) {
  const auto learned = [](v1::YesNo value) {
    return [value](v1::SessionReport& report) { report.set_learned_from_each_other(value); };
  };
  v1::Session session = Consolidate({Report("rep_1", kObservation, learned(v1::YES_NO_YES)),
                                     Report("rep_2", kInterview, learned(v1::YES_NO_NO))},
                                    reg_);
  EXPECT_EQ(session.values().learned_from_each_other(), v1::YES_NO_UNSPECIFIED);
  ASSERT_TRUE(FieldOf(session, "learned_from_each_other")->contested());
  EXPECT_EQ(FieldOf(session, "learned_from_each_other")->alternatives_size(), 2);

  session = Consolidate({Report("rep_1", kObservation, learned(v1::YES_NO_NOT_RECORDED)),
                         Report("rep_2", kInterview, learned(v1::YES_NO_NO))},
                        reg_);
  EXPECT_EQ(session.values().learned_from_each_other(), v1::YES_NO_NO);
  session = Consolidate({Report("rep_1", kObservation, learned(v1::YES_NO_NOT_RECORDED))}, reg_);
  EXPECT_EQ(session.values().learned_from_each_other(), v1::YES_NO_NOT_RECORDED);

  // A follow-up is evidence like any other, and an override ends it.
  const v1::CodedText question = Coded("learned_from_each_other");
  const FollowUpAnswer no =
      Answer("fup_1", "rep_1", question, [](auto& a) { a.set_yes_no(v1::YES_NO_NO); });
  const MemberReport yes = Report("rep_1", kObservation, learned(v1::YES_NO_YES));
  session = Consolidate({yes}, reg_, {}, {no});
  EXPECT_TRUE(FieldOf(session, "learned_from_each_other")->contested());
  session = Consolidate(
      {yes}, reg_,
      {Override("rul_1", "rep_1", [](auto& r) { r.set_learned_from_each_other(v1::YES_NO_NO); })},
      {no});
  EXPECT_EQ(session.values().learned_from_each_other(), v1::YES_NO_NO);
  EXPECT_FALSE(FieldOf(session, "learned_from_each_other")->contested());
  EXPECT_EQ(FieldOf(session, "learned_from_each_other")->ruling_id(), "rul_1");
  EXPECT_EQ(FieldOf(session, "learned_from_each_other")->alternatives_size(), 2);
}

TEST_F(Consolidating, OfOneTeamsAnswersTheLatestHolds) {
  const v1::CodedText question = Coded("experiences_shared");
  const auto say = [&](const std::string& id, v1::YesNo value, const std::string& team,
                       uint64_t lamport) {
    return Answer(
        id, "rep_1", question, [value](auto& a) { a.set_yes_no(value); }, team, lamport);
  };
  const MemberReport silent = Report("rep_1", kDocument);
  v1::Session session = Consolidate(
      {silent}, reg_, {},
      {say("fup_2", v1::YES_NO_YES, "tem_a", 9), say("fup_1", v1::YES_NO_NO, "tem_a", 3)});
  EXPECT_EQ(session.values().experiences_shared(), v1::YES_NO_YES);
  EXPECT_THAT(Strings(FieldOf(session, "experiences_shared")->report_ids()), ElementsAre("fup_2"));
  // Merged teams are one team; different ones may contradict one another.
  session = Consolidate(
      {silent}, reg_, {},
      {say("fup_2", v1::YES_NO_YES, "tem_old", 9), say("fup_1", v1::YES_NO_NO, "tem_a", 3)});
  EXPECT_EQ(session.values().experiences_shared(), v1::YES_NO_YES);
  session = Consolidate(
      {silent}, reg_, {},
      {say("fup_2", v1::YES_NO_YES, "tem_b", 9), say("fup_1", v1::YES_NO_NO, "tem_a", 3)});
  EXPECT_TRUE(FieldOf(session, "experiences_shared")->contested());
  // "We cannot tell" takes the team's earlier answer back.
  FollowUpAnswer unknown = say("fup_3", v1::YES_NO_UNSPECIFIED, "tem_a", 10);
  unknown.follow_up.mutable_answer()->set_unknown(true);
  session = Consolidate({silent}, reg_, {}, {say("fup_1", v1::YES_NO_NO, "tem_a", 3), unknown});
  EXPECT_EQ(session.values().experiences_shared(), v1::YES_NO_UNSPECIFIED);
  // About another session, or voided: nothing.
  FollowUpAnswer voided = say("fup_4", v1::YES_NO_YES, "tem_a", 11);
  voided.follow_up.mutable_void_mark()->set_voided(true);
  FollowUpAnswer foreign = say("fup_5", v1::YES_NO_YES, "tem_a", 11);
  foreign.follow_up.set_report_id("rep_9");
  session = Consolidate({silent}, reg_, {}, {voided, foreign});
  EXPECT_EQ(session.values().experiences_shared(), v1::YES_NO_UNSPECIFIED);
}

TEST_F(Consolidating, HeldBesideCancelledIsContestedBesidePlannedItIsHeld) {
  const auto status = [](v1::HeldStatus value) {
    return [value](v1::SessionReport& report) { report.set_held_status(value); };
  };
  v1::Session session = Consolidate({Report("rep_1", kObservation, status(v1::HELD_STATUS_PLANNED)),
                                     Report("rep_2", kInterview, status(v1::HELD_STATUS_HELD))},
                                    reg_);
  EXPECT_EQ(session.values().held_status(), v1::HELD_STATUS_HELD);
  EXPECT_FALSE(FieldOf(session, "held_status")->contested());
  session = Consolidate({Report("rep_1", kDocument, status(v1::HELD_STATUS_CANCELLED)),
                         Report("rep_2", kInterview, status(v1::HELD_STATUS_HELD))},
                        reg_);
  EXPECT_EQ(session.values().held_status(), v1::HELD_STATUS_UNSPECIFIED);
  EXPECT_TRUE(FieldOf(session, "held_status")->contested());
  session = Consolidate(
      {Report("rep_1", kDocument, status(v1::HELD_STATUS_PLANNED))}, reg_, {},
      {Answer("fup_1", "rep_1", Coded("held"), [](auto& a) { a.set_yes_no(v1::YES_NO_YES); })});
  EXPECT_EQ(session.values().held_status(), v1::HELD_STATUS_HELD);
}

TEST_F(Consolidating, TeamsResolveThroughAliasesMergersAndAnswers) {
  const MemberReport report = Report("rep_1", kDocument, [](v1::SessionReport& r) {
    AddTeam(r, "tem_old");
    AddName(r, "equipe B", v1::YES_NO_UNSPECIFIED);
    AddName(r, "Women of Boundou");
    AddTeam(r, "tem_c", v1::YES_NO_NOT_RECORDED);
    r.mutable_organiser()->set_team_id("tem_e");
  });
  v1::Session session = Consolidate({report}, reg_);
  ASSERT_EQ(session.teams_size(), 4);
  EXPECT_EQ(TeamOf(session, "tem_a")->present(), v1::YES_NO_YES);
  EXPECT_EQ(TeamOf(session, "tem_a")->organisation_id(), "org_1");
  EXPECT_EQ(TeamOf(session, "tem_b")->present(), v1::YES_NO_YES);
  EXPECT_EQ(TeamOf(session, "tem_c")->present(), v1::YES_NO_NOT_RECORDED);
  EXPECT_EQ(TeamOf(session, "Women of Boundou")->present(), v1::YES_NO_YES);
  EXPECT_EQ(TeamOf(session, "tem_e"), nullptr) << "an organiser need not have been there";

  const v1::CodedText who = Coded("who_is", {{"name", "Women of Boundou"}});
  session = Consolidate({report}, reg_, {},
                        {Answer("fup_1", "rep_1", who, [](auto& a) { a.set_record_id("tem_d"); })});
  EXPECT_EQ(TeamOf(session, "Women of Boundou"), nullptr);
  EXPECT_EQ(TeamOf(session, "tem_d")->present(), v1::YES_NO_YES);
  // Answers that disagree settle nothing.
  session =
      Consolidate({report}, reg_, {},
                  {Answer("fup_1", "rep_1", who, [](auto& a) { a.set_record_id("tem_d"); }),
                   Answer(
                       "fup_2", "rep_1", who, [](auto& a) { a.set_record_id("tem_c"); }, "tem_b")});
  EXPECT_NE(TeamOf(session, "Women of Boundou"), nullptr);
  session =
      Consolidate({report}, reg_, {},
                  {Answer("fup_1", "rep_1", who, [](auto& a) { a.set_yes_no(v1::YES_NO_NO); })});
  EXPECT_EQ(TeamOf(session, "Women of Boundou"), nullptr);
  EXPECT_EQ(session.teams_size(), 3);
}

TEST_F(Consolidating, ReportingTeamIsPresentWhenItSaysSo) {
  const auto with = [](v1::YesNo present, bool listed) {
    return Report("rep_1", kDocument, [=](v1::SessionReport& r) {
      r.set_reporting_team_present(present);
      if (listed) AddTeam(r, "tem_a");
    });
  };
  EXPECT_EQ(TeamOf(Consolidate({with(v1::YES_NO_YES, false)}, reg_), "tem_a")->present(),
            v1::YES_NO_YES);
  EXPECT_EQ(TeamOf(Consolidate({with(v1::YES_NO_NO, false)}, reg_), "tem_a")->present(),
            v1::YES_NO_NO);
  EXPECT_EQ(TeamOf(Consolidate({with(v1::YES_NO_UNSPECIFIED, false)}, reg_), "tem_a")->present(),
            v1::YES_NO_UNSPECIFIED);
  const v1::Session contested = Consolidate({with(v1::YES_NO_NO, true)}, reg_);
  EXPECT_TRUE(TeamOf(contested, "tem_a")->contested());
  EXPECT_EQ(TeamOf(contested, "tem_a")->present(), v1::YES_NO_UNSPECIFIED);
  const v1::Session ruled = Consolidate(
      {with(v1::YES_NO_NO, true)}, reg_,
      {Override("rul_1", "rep_1", [](auto& r) { r.set_reporting_team_present(v1::YES_NO_YES); })});
  EXPECT_FALSE(TeamOf(ruled, "tem_a")->contested());
  EXPECT_EQ(TeamOf(ruled, "tem_a")->present(), v1::YES_NO_YES);
  const v1::Session replaced =
      Consolidate({with(v1::YES_NO_NO, true)}, reg_,
                  {Override("rul_1", "rep_1", [](auto& r) { AddTeam(r, "tem_c"); })});
  EXPECT_EQ(replaced.teams_size(), 1);
  EXPECT_EQ(TeamOf(replaced, "tem_c")->present(), v1::YES_NO_YES);
}

TEST_F(Consolidating, DatesThatAgreeRefineOneAnother) {
  const auto day = [](const char* first, const char* last = "") {
    return [=](v1::SessionReport& r) { SetDay(r, first, last); };
  };
  const auto month = [](const char* first, const char* last) {
    return [=](v1::SessionReport& r) { SetRange(r, first, last); };
  };
  // An interview's day inside the document's month.
  v1::Session session = Consolidate({Report("rep_1", kDocument, month("2026-05-01", "2026-05-31")),
                                     Report("rep_2", kInterview, day("2026-05-13"))},
                                    reg_);
  EXPECT_EQ(session.values().dates().earliest(), "2026-05-13");
  EXPECT_EQ(session.start_earliest_day(), DayOf("2026-05-13"));
  EXPECT_EQ(session.start_latest_day(), DayOf("2026-05-13"));
  // A day apart: the better source's day, the other beside it.
  session = Consolidate({Report("rep_1", kInterview, day("2026-06-30")),
                         Report("rep_2", kDocument, day("2026-07-01"))},
                        reg_);
  EXPECT_EQ(session.values().dates().earliest(), "2026-07-01");
  EXPECT_FALSE(FieldOf(session, "dates")->contested());
  EXPECT_EQ(FieldOf(session, "dates")->alternatives_size(), 1);
  // One account tells of the last of three days.
  session = Consolidate({Report("rep_1", kDocument, day("2026-06-29", "2026-07-01")),
                         Report("rep_2", kInterview, day("2026-07-02"))},
                        reg_);
  EXPECT_FALSE(FieldOf(session, "dates")->contested());
  EXPECT_EQ(session.start_latest_day(), DayOf("2026-06-29"));
  // Far apart: contested, and the bounds span both.
  session = Consolidate({Report("rep_1", kDocument, day("2026-06-10")),
                         Report("rep_2", kInterview, day("2026-07-10"))},
                        reg_);
  EXPECT_TRUE(FieldOf(session, "dates")->contested());
  EXPECT_EQ(FieldOf(session, "dates")->alternatives_size(), 2);
  EXPECT_EQ(session.start_earliest_day(), DayOf("2026-06-10"));
  EXPECT_EQ(session.start_latest_day(), DayOf("2026-07-10"));
  EXPECT_EQ(session.values().dates().precision(), v1::DATE_PRECISION_UNKNOWN);
  // Ruled.
  session = Consolidate({Report("rep_1", kDocument, day("2026-06-10")),
                         Report("rep_2", kInterview, day("2026-07-10"))},
                        reg_, {Override("rul_1", "rep_2", day("2026-07-09"))});
  EXPECT_FALSE(FieldOf(session, "dates")->contested());
  EXPECT_EQ(session.start_earliest_day(), DayOf("2026-07-09"));
  EXPECT_EQ(session.start_latest_day(), DayOf("2026-07-09"));
  // Nothing known, and one bound known.
  session = Consolidate({Report("rep_1", kDocument)}, reg_);
  EXPECT_FALSE(session.has_start_earliest_day());
  EXPECT_FALSE(session.has_start_latest_day());
  session = Consolidate({Report("rep_1", kDocument,
                                [](v1::SessionReport& r) {
                                  SetRange(r, "2026-05-01", "", v1::DATE_PRECISION_UNKNOWN);
                                })},
                        reg_);
  EXPECT_EQ(session.start_earliest_day(), DayOf("2026-05-01"));
  EXPECT_FALSE(session.has_start_latest_day());
}

TEST(StartBounds, MonthsQuartersAndYearsEndWhereTheyEnd) {
  v1::SessionDates dates;
  dates.set_earliest("2024-02-01");
  dates.set_precision(v1::DATE_PRECISION_MONTH);
  EXPECT_EQ(StartBoundsOf(dates).latest, DayOf("2024-02-29"));
  dates.set_precision(v1::DATE_PRECISION_QUARTER);
  EXPECT_EQ(StartBoundsOf(dates).latest, DayOf("2024-04-30"));
  dates.set_precision(v1::DATE_PRECISION_YEAR);
  EXPECT_EQ(StartBoundsOf(dates).latest, DayOf("2025-01-31"));
  dates.set_precision(v1::DATE_PRECISION_DAY);
  EXPECT_EQ(StartBoundsOf(dates).latest, DayOf("2024-02-01"));
  dates.set_earliest("2024-02-30");
  EXPECT_FALSE(StartBoundsOf(dates).earliest.has_value());
}

TEST_F(Consolidating, DurationAnswersAndAlternativesFillIn) {
  v1::Session session = Consolidate(
      {Report("rep_1", kDocument, [](v1::SessionReport& r) { SetDay(r, "2026-05-01"); }),
       Report("rep_2", kInterview,
              [](v1::SessionReport& r) {
                SetDay(r, "2026-05-02");
                r.mutable_dates()->set_duration_minutes(90);
                r.mutable_dates()->set_time_zone("Africa/Nairobi");
              })},
      reg_);
  EXPECT_EQ(session.values().dates().earliest(), "2026-05-01");
  EXPECT_EQ(session.values().dates().duration_minutes(), 90u);
  EXPECT_EQ(session.values().dates().time_zone(), "Africa/Nairobi");
  session = Consolidate(
      {Report("rep_1", kDocument)}, reg_, {},
      {Answer("fup_1", "rep_1", Coded("duration"), [](auto& a) { a.set_number(45); }),
       Answer("fup_2", "rep_1", Coded("participants"), [](auto& a) { a.set_number(12); }),
       Answer("fup_3", "rep_1", Coded("issue"), [](auto& a) { a.set_record_id("iss_land"); }),
       Answer("fup_4", "rep_1", Coded("session_date"), [](auto& a) {
         a.mutable_dates()->set_earliest("2026-05-04");
         a.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
       })});
  EXPECT_EQ(session.values().dates().duration_minutes(), 45u);
  EXPECT_EQ(session.values().participants().total(), 12u);
  EXPECT_EQ(session.values().issue_id(), "iss_land");
  EXPECT_EQ(session.start_earliest_day(), DayOf("2026-05-04"));
}

TEST_F(Consolidating, IndependentSourcesAreCountedOnce) {
  MemberReport one = Report("rep_1", kDocument);
  MemberReport two = Report("rep_2", kDocument);
  EXPECT_EQ(Consolidate({one, two}, reg_).independent_sources(), 2u);
  two.report.mutable_citations(0)->set_source_id("src_rep_1");
  two.sources = one.sources;
  EXPECT_EQ(Consolidate({one, two}, reg_).independent_sources(), 1u);
  // Two teams that each recorded the same minutes.
  two = Report("rep_2", kDocument);
  one.sources[0].set_document_reference("CLREF/2026/04");
  two.sources[0].set_document_reference("clref 2026 04");
  EXPECT_EQ(Consolidate({one, two}, reg_).independent_sources(), 1u);
  // Without a source: by reporter.
  MemberReport three = Report("rep_3", kNone);
  MemberReport four = Report("rep_4", kNone);
  EXPECT_EQ(Consolidate({three, four}, reg_).independent_sources(), 1u);
  four.state.set_author_id("per_2");
  EXPECT_EQ(Consolidate({three, four}, reg_).independent_sources(), 2u);
}

TEST_F(Consolidating, StagesAndSensitivity) {
  MemberReport one = Report("rep_1", kDocument);
  MemberReport two = Report("rep_2", kDocument);
  one.report.mutable_review()->set_stage(v1::REPORT_STAGE_RETURNED);
  EXPECT_TRUE(Consolidate({one, two}, reg_).submitted());
  EXPECT_FALSE(Consolidate({one}, reg_).submitted());
  two.report.mutable_review()->set_stage(v1::REPORT_STAGE_ENDORSED);
  EXPECT_FALSE(Consolidate({one, two}, reg_).endorsed());
  EXPECT_TRUE(Consolidate({two}, reg_).endorsed());
  two.report.set_sensitivity(v1::PRIVACY_TEAM);
  EXPECT_EQ(Consolidate({one, two}, reg_).sensitivity(), v1::PRIVACY_TEAM);
}

TEST_F(Consolidating, GreatestOverrideWinsPerField) {
  const auto title = [](const char* text) {
    return [text](v1::SessionReport& r) { r.mutable_title()->set_text(text); };
  };
  const MemberReport report = Report("rep_1", kDocument, Titled("said"));
  const SessionRuling first = Override("rul_1", "rep_1", title("first"), 5);
  const SessionRuling second = Override("rul_2", "rep_1", title("second"), 6);
  SessionRuling voided = Override("rul_3", "rep_1", title("voided"), 7);
  voided.ruling.mutable_void_mark()->set_voided(true);
  const SessionRuling foreign = Override("rul_4", "rep_9", title("foreign"), 8);
  for (const auto& order :
       {std::vector{first, second, voided, foreign}, std::vector{foreign, voided, second, first}}) {
    const v1::Session session = Consolidate({report}, reg_, order);
    EXPECT_EQ(session.values().title().text(), "second");
    EXPECT_EQ(FieldOf(session, "title")->ruling_id(), "rul_2");
    ASSERT_EQ(FieldOf(session, "title")->alternatives_size(), 1);
    EXPECT_EQ(FieldOf(session, "title")->alternatives(0).value().title().text(), "said");
  }
}

TEST_F(Consolidating, SessionOfOneIsTheReportItself) {
  const MemberReport member = Report("rep_1", kDocument, [](v1::SessionReport& r) {
    FillGood(r);
    r.mutable_part_of()->set_report_id("rep_0");
    r.mutable_private_notes()->set_text("canary");
  });
  const v1::Session session = SessionOfOne(member.report, member.sources, reg_);
  EXPECT_EQ(session.part_of_session_id(), "rep_0");
  EXPECT_EQ(session.members(0).source_rank(), 2u);
  EXPECT_EQ(session.SerializeAsString().find("canary"), std::string::npos);
  // Nothing but who told which teams took part needs explaining.
  ASSERT_EQ(session.fields_size(), 1);
  EXPECT_EQ(session.fields(0).field(), "participating_teams");
}

}  // namespace
}  // namespace baraza
