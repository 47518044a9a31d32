// What must hold of every figure, over random sessions from fixed seeds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/civil_date.h"
#include "core/indicator/coded_text.h"
#include "core/indicator/figure.h"
#include "core/indicator/phrasing.h"
#include "tests/unit/core/indicator/indicator_test_support.h"

namespace baraza {
namespace {

class World {
 public:
  explicit World(uint64_t seed) : rng_(seed), reg(SmallRegister()) {
    const int count = Pick(25) + 1;
    for (int i = 0; i < count; ++i) {
      std::vector<MemberReport> members;
      const int reports = Pick(3) + 1;
      for (int j = 0; j < reports; ++j) members.push_back(RandomReport());
      groups.push_back(members);
    }
  }

  int Pick(int n) { return static_cast<int>(rng_() % static_cast<uint64_t>(n)); }
  bool Chance(int percent) { return Pick(100) < percent; }

  v1::YesNo RandomYesNo() { return Chance(75) ? v1::YES_NO_YES : static_cast<v1::YesNo>(Pick(4)); }

  MemberReport RandomReport() {
    const std::string id = absl::StrFormat("rep_%04d", ++reports_);
    return Report(id, static_cast<v1::SourceKind>(Pick(4)), [&](v1::SessionReport& r) {
      const char* teams[] = {"tem_a", "tem_b", "tem_c", "tem_d", "tem_e", "tem_old"};
      r.set_team_id(teams[Pick(6)]);
      r.set_held_status(Chance(80) ? v1::HELD_STATUS_HELD : static_cast<v1::HeldStatus>(Pick(5)));
      if (Chance(85)) r.set_issue_id(Chance(80) ? "iss_land" : "iss_meals");
      r.set_reporting_team_present(RandomYesNo());
      for (int i = Pick(4); i > 0; --i) AddTeam(r, teams[Pick(6)], RandomYesNo());
      if (Chance(15)) AddName(r, absl::StrCat("Name ", Pick(3)));
      r.set_experiences_shared(RandomYesNo());
      r.set_learned_from_each_other(RandomYesNo());
      if (Chance(90)) {
        const int32_t day = CivilDayToDays(absl::CivilDay(2026, 1, 1)) + Pick(365);
        const std::string first = FormatCivilDay(CivilDayFromDays(day));
        if (Chance(70)) {
          SetDay(r, first);
        } else {
          SetRange(r, first, FormatCivilDay(CivilDayFromDays(day + Pick(60))));
        }
      }
      if (Chance(30)) r.mutable_review()->set_stage(static_cast<v1::ReportStage>(Pick(4)));
      for (int i = Pick(3); i > 0; --i) r.add_topics()->set_text(absl::StrCat("topic ", Pick(5)));
    });
  }

  std::vector<v1::Session> Sessions(const std::vector<SessionRuling>& rulings = {},
                                    const std::vector<FollowUpAnswer>& answers = {}) const {
    std::vector<v1::Session> sessions;
    for (const auto& members : groups) {
      sessions.push_back(Consolidate(members, reg, rulings, answers));
    }
    return sessions;
  }

  std::vector<v1::DoubtfulPair> RandomPairs(const std::vector<v1::Session>& sessions) {
    std::vector<v1::DoubtfulPair> pairs;
    for (int i = Pick(6); i > 0; --i) {
      const v1::Session& left = sessions[Pick(sessions.size())];
      const v1::Session& right = sessions[Pick(sessions.size())];
      v1::DoubtfulPair pair;
      pair.set_left_session_id(left.session_id());
      pair.set_right_session_id(right.session_id());
      pair.set_left_report_id(left.members(0).report_id());
      pair.set_right_report_id(right.members(right.members_size() - 1).report_id());
      if (pair.left_report_id() == pair.right_report_id()) continue;
      pairs.push_back(pair);
    }
    return pairs;
  }

 private:
  std::mt19937_64 rng_;
  int reports_ = 0;

 public:
  const Register reg;
  std::vector<std::vector<MemberReport>> groups;
};

IndicatorContext RandomContext(World& world) {
  IndicatorContext context = LandContext();
  if (world.Chance(30)) context.indicator.set_from_stage(v1::REPORT_STAGE_ENDORSED);
  if (world.Chance(30)) {
    context.definition.set_distinct_unit(v1::DISTINCT_UNIT_ORGANISATION);
  }
  return context;
}

std::set<std::string> SetOf(const google::protobuf::RepeatedPtrField<v1::FigureSession>& list) {
  const std::vector<std::string> ids = IdsOf(list);
  return {ids.begin(), ids.end()};
}

class EveryFigure : public testing::TestWithParam<int> {};

TEST_P(EveryFigure, RangePartitionAndOrder) {
  World world(GetParam());
  const IndicatorContext context = RandomContext(world);
  const std::vector<v1::Session> sessions = world.Sessions();
  const std::vector<v1::DoubtfulPair> pairs = world.RandomPairs(sessions);
  for (const char* text : {"2026-Q1", "2026-Q2", "2026", "2026-03", "FY2026"}) {
    FigureInput input = InputFor(context, text, world.reg);
    input.as_of = absl::CivilDay(2026, 11, 1);
    AddSessions(input, sessions);
    input.doubtful_pairs = Shared(pairs);
    const v1::Figure figure = FigureOf(input);
    EXPECT_LE(figure.low(), figure.value());
    EXPECT_LE(figure.value(), figure.high());
    EXPECT_EQ(figure.value(), static_cast<uint32_t>(figure.counted_size()));
    // A range and its questions go together.
    EXPECT_EQ(figure.low() != figure.high(), OpenQuestionCount(figure) > 0);
    // Each session that could lie in the period stands in exactly one list.
    std::multiset<std::string> placed;
    for (const auto* list : {&figure.counted(), &figure.excluded(), &figure.undetermined(),
                             &figure.waiting_for_stage()}) {
      for (const v1::FigureSession& session : *list) placed.insert(session.session_id());
    }
    const int32_t start = CivilDayToDays(input.period.start);
    const int32_t end = CivilDayToDays(input.period.end);
    for (const v1::Session& session : sessions) {
      const bool outside =
          (session.has_start_latest_day() && session.start_latest_day() < start) ||
          (session.has_start_earliest_day() && session.start_earliest_day() >= end);
      EXPECT_EQ(placed.count(session.session_id()), outside ? 0u : 1u);
    }
    // The order of the input changes nothing, byte for byte.
    FigureInput shuffled = input;
    std::mt19937_64 rng(GetParam());
    std::shuffle(shuffled.sessions.begin(), shuffled.sessions.end(), rng);
    std::shuffle(shuffled.doubtful_pairs.begin(), shuffled.doubtful_pairs.end(), rng);
    EXPECT_EQ(FigureOf(shuffled).SerializeAsString(), figure.SerializeAsString());
    // Whatever it says can be read.
    for (const auto* list : {&figure.excluded(), &figure.undetermined()}) {
      for (const v1::FigureSession& session : *list) {
        for (const v1::CodedText& reason : session.reasons()) {
          EXPECT_EQ(RenderText(reason, "en", &world.reg).find(reason.code()), std::string::npos);
        }
        for (const v1::OpenQuestion& question : session.questions()) {
          EXPECT_NE(RenderText(question.question(), "cs", &world.reg).find('?'), std::string::npos);
        }
      }
    }
  }
}

TEST_P(EveryFigure, QuartersAndStraddlersMakeTheYear) {
  World world(GetParam());
  const IndicatorContext context = LandContext();
  const std::vector<v1::Session> sessions = world.Sessions();
  std::set<std::string> counted;
  std::set<std::string> straddling;
  size_t sum = 0;
  for (const char* text : {"2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"}) {
    FigureInput input = InputFor(context, text, world.reg);
    AddSessions(input, sessions);
    const v1::Figure figure = FigureOf(input);
    sum += figure.value();
    const std::set<std::string> ids = SetOf(figure.counted());
    counted.insert(ids.begin(), ids.end());
    for (const std::string& id : figure.reconciliation().straddling_session_ids()) {
      straddling.insert(id);
    }
  }
  EXPECT_EQ(sum, counted.size()) << "no session in two quarters";
  FigureInput input = InputFor(context, "2026", world.reg);
  AddSessions(input, sessions);
  const v1::Figure year = FigureOf(input);
  std::set<std::string> expected = counted;
  for (const std::string& id : SetOf(year.counted())) {
    if (straddling.count(id) > 0) expected.insert(id);
  }
  EXPECT_EQ(SetOf(year.counted()), expected);
}

TEST_P(EveryFigure, ConsolidationIsAFunctionOfSets) {
  World world(GetParam());
  std::mt19937_64 rng(GetParam());
  std::vector<SessionRuling> rulings;
  std::vector<FollowUpAnswer> answers;
  for (const auto& members : world.groups) {
    const std::string& id = members[world.Pick(members.size())].report.id();
    if (world.Chance(40)) {
      rulings.push_back(Override(
          absl::StrCat("rul_", id), id, [&](v1::SessionReport& r) { SetDay(r, "2026-04-04"); },
          world.Pick(3)));
    }
    if (world.Chance(40)) {
      answers.push_back(Answer(
          absl::StrCat("fup_", id), id, Coded("learned_from_each_other"),
          [&](auto& a) { a.set_yes_no(world.RandomYesNo()); }, "tem_b", world.Pick(3)));
    }
  }
  for (const auto& members : world.groups) {
    const std::string bytes = Consolidate(members, world.reg, rulings, answers).SerializeAsString();
    std::vector<MemberReport> shuffled = members;
    std::shuffle(shuffled.begin(), shuffled.end(), rng);
    std::shuffle(rulings.begin(), rulings.end(), rng);
    std::shuffle(answers.begin(), answers.end(), rng);
    EXPECT_EQ(Consolidate(shuffled, world.reg, rulings, answers).SerializeAsString(), bytes);
  }
}

// Answers and rulings close the range, and the figure ends inside what was promised.
TEST_P(EveryFigure, AnsweringEveryQuestionClosesTheRange) {
  World world(GetParam());
  const IndicatorContext context = LandContext();
  std::vector<SessionRuling> overrides;
  std::vector<SessionRuling> verdicts;
  std::vector<FollowUpAnswer> answers;
  uint32_t low = 0;
  uint32_t high = ~0u;
  for (int round = 0; round < 12; ++round) {
    const std::vector<v1::Session> sessions = world.Sessions(overrides, answers);
    FigureInput input = InputFor(context, "2026-Q2", world.reg);
    AddSessions(input, sessions, verdicts);
    const v1::Figure figure = FigureOf(input);
    EXPECT_GE(figure.value(), low) << "round " << round;
    EXPECT_LE(figure.value(), high) << "round " << round;
    low = figure.low();
    high = figure.high();
    if (figure.undetermined_size() == 0) {
      EXPECT_EQ(figure.low(), figure.high());
      EXPECT_EQ(FigureHeadline(figure, "en"), absl::StrCat(figure.value()));
      return;
    }
    ASSERT_GT(OpenQuestionCount(figure), 0u);
    for (const v1::FigureSession& session : figure.undetermined()) {
      for (const v1::OpenQuestion& question : session.questions()) {
        const std::string& code = question.question().code();
        const std::string& report = question.report_id();
        const std::string id = absl::StrCat("fup_", round, question.id());
        if (question.addressed_team_id().empty() || code == "session_date") {
          // The office rules.
          if (code == "session_date") {
            overrides.push_back(Override(
                absl::StrCat("rul_", question.id()), report,
                [](auto& r) { SetDay(r, "2026-05-05"); }, round + 1));
          } else {
            verdicts.push_back(
                Ruling(absl::StrCat("rul_", question.id()),
                       world.Chance(50) ? v1::RULING_KIND_COUNTS : v1::RULING_KIND_DOES_NOT_COUNT,
                       report, round + 1));
          }
          continue;
        }
        answers.push_back(Answer(
            id, report, question.question(),
            [&](auto& a) {
              if (code == "who_is" || code == "which_teams") {
                a.set_record_id(world.Chance(50) ? "tem_b" : "tem_c");
              } else if (code == "issue") {
                a.set_record_id("iss_land");
              } else {
                a.set_yes_no(world.Chance(50) ? v1::YES_NO_YES : v1::YES_NO_NO);
              }
            },
            question.addressed_team_id(), round + 1));
      }
    }
  }
  FAIL() << "questions that no answer closes";
}

TEST_P(EveryFigure, PublicationReconciles) {
  World world(GetParam());
  const IndicatorContext context = LandContext();
  const std::vector<v1::Session> before = world.Sessions();
  FigureInput input = InputFor(context, "2026-Q2", world.reg);
  AddSessions(input, before);
  v1::PublishedFigure published = FreezeFigure(FigureOf(input));
  published.set_id("fig_1");
  // Some reports go away, some move into other sessions.
  for (auto& members : world.groups) {
    if (members.size() > 1 && world.Chance(30)) members.pop_back();
  }
  if (world.groups.size() > 1 && world.Chance(50)) {
    auto& first = world.groups[0];
    first.insert(first.end(), world.groups[1].begin(), world.groups[1].end());
    world.groups.erase(world.groups.begin() + 1);
  }
  const std::vector<v1::Session> after = world.Sessions();
  FigureInput again = InputFor(context, "2026-Q2", world.reg);
  AddSessions(again, after);
  again.published = {published};
  const v1::Figure now = FigureOf(again);
  EXPECT_EQ(static_cast<int>(now.value()), published.sessions_size() -
                                               now.reconciliation().withdrawn_session_ids_size() +
                                               now.reconciliation().late_session_ids_size());
}

INSTANTIATE_TEST_SUITE_P(Seeds, EveryFigure, testing::Range(1, 61));

}  // namespace
}  // namespace baraza
