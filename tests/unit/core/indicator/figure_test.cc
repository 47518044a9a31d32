#include "core/indicator/figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/indicator/coded_text.h"
#include "tests/unit/core/indicator/indicator_test_support.h"

namespace baraza {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Figures : public testing::Test {
 protected:
  v1::Session Good(const std::string& id, const std::string& day,
                   const std::function<void(v1::SessionReport&)>& change = nullptr) {
    return Consolidate({Report(id, v1::SOURCE_KIND_DOCUMENT,
                               [&](v1::SessionReport& r) {
                                 FillGood(r, day);
                                 if (change) change(r);
                               })},
                       reg_);
  }
  v1::Session Unsure(const std::string& id, const std::string& day) {
    return Good(id, day, [](v1::SessionReport& r) { r.clear_learned_from_each_other(); });
  }
  v1::Session Bad(const std::string& id, const std::string& day) {
    return Good(id, day,
                [](v1::SessionReport& r) { r.set_learned_from_each_other(v1::YES_NO_NO); });
  }
  v1::Figure Compute(const std::string& period, const std::vector<v1::Session>& sessions,
                     const std::function<void(FigureInput&)>& change = nullptr) {
    FigureInput input = InputFor(context_, period, reg_);
    if (change) change(input);
    AddSessions(input, sessions);
    return FigureOf(input);
  }
  static v1::PublishedFigure Publish(const v1::Figure& figure, const std::string& id) {
    v1::PublishedFigure published = FreezeFigure(figure);
    published.set_id(id);
    return published;
  }
  static v1::DoubtfulPair Pair(const std::string& left, const std::string& right,
                               const std::string& left_session = "",
                               const std::string& right_session = "") {
    v1::DoubtfulPair pair;
    pair.set_left_report_id(left);
    pair.set_right_report_id(right);
    pair.set_left_session_id(left_session.empty() ? left : left_session);
    pair.set_right_session_id(right_session.empty() ? right : right_session);
    return pair;
  }

  Register reg_ = SmallRegister();
  IndicatorContext context_ = LandContext();
};

TEST_F(Figures, BordersAreHalfOpen) {
  const v1::Figure figure =
      Compute("2026-Q3", {Good("rep_1", "2026-06-30"), Good("rep_2", "2026-07-01"),
                          Good("rep_3", "2026-09-30"), Good("rep_4", "2026-10-01")});
  EXPECT_THAT(IdsOf(figure.counted()), ElementsAre("rep_2", "rep_3"));
  EXPECT_EQ(figure.value(), 2u);
  EXPECT_EQ(figure.low(), 2u);
  EXPECT_EQ(figure.high(), 2u);
  EXPECT_EQ(figure.excluded_size() + figure.undetermined_size(), 0);
  EXPECT_EQ(figure.name(), "programmes/prg_1/indicators/ind_1/figures/2026-Q3");
  EXPECT_EQ(figure.period_start(), "2026-07-01");
  EXPECT_EQ(figure.period_end(), "2026-10-01");
  EXPECT_EQ(figure.interval().note().code(), "no_sampled_review");
  EXPECT_EQ(figure.sentence().values_size(), 5);
  EXPECT_EQ(figure.operations_sha256(), std::string(32, 'h'));
  EXPECT_EQ(figure.log_position(), 7);
  EXPECT_FALSE(figure.icu_version().empty());
}

// The interval rests on the samples of this figure; a mistake that was found stands until the
// sessions say what was found.
TEST_F(Figures, IntervalFollowsSampledReview) {
  const auto report = [](const std::string& id, const std::string& day) {
    return Report(id, v1::SOURCE_KIND_DOCUMENT, [&day](v1::SessionReport& r) { FillGood(r, day); });
  };
  const v1::Session two =
      Consolidate({report("rep_1", "2026-07-01"), report("rep_2", "2026-07-01")}, reg_);
  const v1::Session one = Consolidate({report("rep_1", "2026-07-01")}, reg_);
  const v1::Session other = Consolidate({report("rep_2", "2026-07-01")}, reg_);
  v1::ReviewSample sample;
  sample.add_report_ids("rep_1");
  sample.add_report_ids("rep_2");
  sample.set_stratum("together_3.5");
  sample.set_stratum_size(1);
  sample.set_figure_value(1);
  const auto interval = [&](const std::vector<v1::Session>& sessions, v1::RulingKind outcome) {
    sample.set_outcome(outcome);
    return Compute("2026-Q3", sessions, [&](FigureInput& input) { input.samples = {&sample}; })
        .interval();
  };
  EXPECT_EQ(interval({two}, v1::RULING_KIND_UNSURE).note().code(), "no_sampled_review");
  const v1::StatisticalInterval right = interval({two}, v1::RULING_KIND_SAME);
  EXPECT_EQ(right.note().code(), "sampled_review");
  EXPECT_EQ(right.sampled_pairs(), 1u);
  EXPECT_EQ(right.high(), 1);
  EXPECT_EQ(interval({two}, v1::RULING_KIND_DIFFERENT).high(), 2) << "one session is hidden";
  // As many decisions as there are sessions now; the one that was put right is none of the others.
  EXPECT_GE(interval({one, other}, v1::RULING_KIND_DIFFERENT).high(), 2);
  // The duplicate that was found is gone: nothing is left to put right.
  sample.set_stratum("apart_1");
  const double apart = interval({one, other}, v1::RULING_KIND_SAME).high();
  EXPECT_EQ(apart, 1);
  EXPECT_EQ(interval({one}, v1::RULING_KIND_SAME).high(), 1);
  // A size that nobody could have drawn from costs no more than a large one.
  sample.set_stratum_size(std::numeric_limits<uint32_t>::max());
  EXPECT_GE(interval({one, other}, v1::RULING_KIND_DIFFERENT).high(), 0);
  sample.set_stratum_size(1);
  sample.set_stratum("of another version");
  EXPECT_EQ(interval({two}, v1::RULING_KIND_SAME).note().code(), "no_sampled_review");
}

TEST_F(Figures, StraddlingUndatedAndFuture) {
  const auto range = [](const char* first, const char* last) {
    return [=](v1::SessionReport& r) { SetRange(r, first, last); };
  };
  const std::vector<v1::Session> sessions = {
      Good("rep_1", "2026-07-01", range("2026-06-20", "2026-07-05")),
      Good("rep_2", "2026-07-01", [](v1::SessionReport& r) { r.clear_dates(); }),
      Good("rep_3", "2026-09-20"),
      Good("rep_4", "2026-07-01", range("2026-07-01", "2026-07-31")),
      Good("rep_5", "2026-07-01",
           [](v1::SessionReport& r) { SetRange(r, "2026-08-01", "", v1::DATE_PRECISION_UNKNOWN); }),
      Bad("rep_6", "2026-07-01")};
  const v1::Figure figure = Compute(
      "2026-Q3", sessions, [](FigureInput& input) { input.as_of = absl::CivilDay(2026, 9, 1); });
  EXPECT_THAT(IdsOf(figure.counted()), ElementsAre("rep_4"));
  EXPECT_THAT(IdsOf(figure.excluded()), ElementsAre("rep_6", "rep_3"));
  EXPECT_THAT(IdsOf(figure.undetermined()), ElementsAre("rep_2", "rep_1", "rep_5"));
  EXPECT_THAT(CodesOf(figure.excluded(1).reasons()), ElementsAre("after_as_of"));
  EXPECT_THAT(CodesOf(figure.undetermined(0).reasons()), ElementsAre("undated"));
  EXPECT_THAT(CodesOf(figure.undetermined(1).reasons()), ElementsAre("straddles_period"));
  EXPECT_THAT(CodesOf(figure.undetermined(2).reasons()), ElementsAre("straddles_period_from"));
  for (const v1::FigureSession& session : figure.undetermined()) {
    EXPECT_THAT(QuestionCodes(session.questions()), ElementsAre("session_date"));
    EXPECT_EQ(session.questions(0).addressed_team_id(), "tem_a");
  }
  const v1::Reconciliation& reconciliation = figure.reconciliation();
  EXPECT_THAT(Strings(reconciliation.undated_session_ids()), ElementsAre("rep_2"));
  EXPECT_THAT(Strings(reconciliation.straddling_session_ids()), ElementsAre("rep_1", "rep_5"));
  EXPECT_THAT(Strings(reconciliation.future_session_ids()), ElementsAre("rep_3"));
  EXPECT_EQ(figure.value(), 1u);
  EXPECT_EQ(figure.high(), 4u);
  EXPECT_EQ(OpenQuestionCount(figure), 3u);
}

TEST_F(Figures, ContestedDatesAreTheOfficesQuestion) {
  const v1::Session session =
      Consolidate({Report("rep_1", v1::SOURCE_KIND_DOCUMENT,
                          [](v1::SessionReport& r) { FillGood(r, "2026-06-01"); }),
                   Report("rep_2", v1::SOURCE_KIND_DOCUMENT,
                          [](v1::SessionReport& r) { FillGood(r, "2026-07-20"); })},
                  reg_);
  const v1::Figure figure = Compute("2026-Q3", {session});
  ASSERT_EQ(figure.undetermined_size(), 1);
  EXPECT_THAT(CodesOf(figure.undetermined(0).reasons()), ElementsAre("date_contested"));
  EXPECT_EQ(figure.undetermined(0).questions(0).addressed_team_id(), "");
  // Either way it lies in the half-year, and counts there.
  EXPECT_EQ(Compute("2026-06-01..2026-07-31", {session}).value(), 1u);
}

TEST_F(Figures, StageOfReports) {
  context_.indicator.set_from_stage(v1::REPORT_STAGE_ENDORSED);
  const auto endorsed = [](v1::SessionReport& r) {
    r.mutable_review()->set_stage(v1::REPORT_STAGE_ENDORSED);
  };
  const v1::Figure figure =
      Compute("2026-Q3", {Good("rep_1", "2026-07-01", endorsed), Good("rep_2", "2026-07-02"),
                          Bad("rep_3", "2026-07-03"), Unsure("rep_4", "2026-07-04")});
  EXPECT_THAT(IdsOf(figure.counted()), ElementsAre("rep_1"));
  EXPECT_THAT(IdsOf(figure.waiting_for_stage()), ElementsAre("rep_2", "rep_4"));
  EXPECT_THAT(IdsOf(figure.excluded()), ElementsAre("rep_3"));
  EXPECT_EQ(figure.high(), 1u);
  EXPECT_THAT(CodesOf(figure.waiting_for_stage(0).reasons()), ElementsAre("awaits_endorsement"));
}

TEST_F(Figures, RangeFromUndeterminedAndDoubtfulPairs) {
  const std::vector<v1::Session> sessions = {
      Good("rep_1", "2026-07-01"), Good("rep_2", "2026-07-02"), Good("rep_3", "2026-07-03"),
      Unsure("rep_4", "2026-07-04"), Bad("rep_5", "2026-07-05")};
  const auto with = [&](std::vector<v1::DoubtfulPair> pairs) {
    return Compute("2026-Q3", sessions,
                   [&](FigureInput& input) { input.doubtful_pairs = Shared(pairs); });
  };
  EXPECT_EQ(with({}).low(), 3u);
  EXPECT_EQ(with({}).high(), 4u);
  v1::Figure figure = with({Pair("rep_2", "rep_1")});
  EXPECT_EQ(figure.low(), 2u);
  ASSERT_EQ(figure.doubtful_pairs_size(), 1);
  EXPECT_EQ(figure.doubtful_pairs(0).left_report_id(), "rep_1");
  EXPECT_EQ(figure.doubtful_pairs(0).effect(), -1);
  EXPECT_THAT(Strings(figure.doubtful_pairs(0).question().pair_report_ids()),
              ElementsAre("rep_1", "rep_2"));
  EXPECT_EQ(OpenQuestionCount(figure), 2u);
  // Several pairs, given in any order and either way round, stand by their reports.
  const v1::Figure sorted = with({Pair("rep_3", "rep_2"), Pair("rep_2", "rep_1")});
  ASSERT_EQ(sorted.doubtful_pairs_size(), 2);
  EXPECT_EQ(sorted.doubtful_pairs(0).right_report_id(), "rep_2");
  EXPECT_EQ(sorted.doubtful_pairs(1).left_report_id(), "rep_2");
  EXPECT_EQ(sorted.doubtful_pairs(1).right_session_id(), "rep_3");
  // Three that may all be one are two merges, not three.
  EXPECT_EQ(with({Pair("rep_1", "rep_2"), Pair("rep_2", "rep_3"), Pair("rep_1", "rep_3")}).low(),
            1u);
  // Two counted ones through an undetermined one.
  EXPECT_EQ(with({Pair("rep_1", "rep_4"), Pair("rep_4", "rep_2")}).low(), 2u);
  // One that reaches out of the period may leave it.
  figure = with({Pair("rep_1", "rep_9")});
  EXPECT_EQ(figure.low(), 2u);
  EXPECT_EQ(figure.doubtful_pairs(0).effect(), -1);
  // With an excluded session nothing would change.
  figure = with({Pair("rep_1", "rep_5"), Pair("rep_8", "rep_9")});
  EXPECT_EQ(figure.low(), 3u);
  EXPECT_EQ(figure.doubtful_pairs_size(), 0);
}

TEST_F(Figures, DoubtfulSplitsWidenUpwards) {
  const auto report = [](const std::string& id) {
    return Report(id, v1::SOURCE_KIND_DOCUMENT,
                  [](v1::SessionReport& r) { FillGood(r, "2026-07-01"); });
  };
  const v1::Session session = Consolidate({report("rep_1"), report("rep_2")}, reg_);
  const v1::Figure figure = Compute("2026-Q3", {session}, [&](FigureInput& input) {
    input.doubtful_pairs = Shared(
        {Pair("rep_1", "rep_2", "rep_1", "rep_1"), Pair("rep_2", "rep_1", "rep_1", "rep_1")});
  });
  EXPECT_EQ(figure.value(), 1u);
  EXPECT_EQ(figure.low(), 1u);
  EXPECT_EQ(figure.high(), 2u);
  ASSERT_EQ(figure.doubtful_pairs_size(), 1) << "the same pair twice is one";
  EXPECT_EQ(figure.doubtful_pairs(0).effect(), 1);
}

// Each account names another team: together they are a session of two teams, apart they are none.
TEST_F(Figures, ADoubtfulSplitThatLeavesTooFewTeamsWidensDownwards) {
  const auto report = [](const std::string& id, const std::string& team, bool both) {
    return Report(id, v1::SOURCE_KIND_DOCUMENT, [&](v1::SessionReport& r) {
      FillGood(r, "2026-07-01");
      if (both) return;
      r.clear_reporting_team_present();
      r.clear_participating_teams();
      v1::ParticipatingTeam& participant = *r.add_participating_teams();
      participant.set_element_id("t");
      participant.set_team_id(team);
      participant.set_present(v1::YES_NO_YES);
    });
  };
  const auto with = [&](const std::vector<MemberReport>& reports) {
    return Compute("2026-Q3", {Consolidate(reports, reg_)}, [&](FigureInput& input) {
      input.doubtful_pairs = Shared({Pair("rep_1", "rep_2", "rep_1", "rep_1")});
    });
  };
  v1::Figure figure = with({report("rep_1", "tem_a", false), report("rep_2", "tem_b", false)});
  EXPECT_EQ(figure.value(), 1u);
  EXPECT_EQ(figure.low(), 0u);
  EXPECT_EQ(figure.high(), 1u);
  ASSERT_EQ(figure.doubtful_pairs_size(), 1);
  EXPECT_EQ(figure.doubtful_pairs(0).effect(), -1);
  EXPECT_EQ(OpenQuestionCount(figure), 1u);

  // One of them counts by itself: whatever the answer is, it is one.
  figure = with({report("rep_1", "tem_a", true), report("rep_2", "tem_b", false)});
  EXPECT_EQ(figure.low(), 1u);
  EXPECT_EQ(figure.high(), 1u);
  EXPECT_EQ(OpenQuestionCount(figure), 0u);

  // With which of the two a third one goes is not known.
  figure = with({report("rep_1", "tem_a", false), report("rep_2", "tem_b", false),
                 report("rep_3", "", true)});
  EXPECT_EQ(figure.low(), 0u);
  EXPECT_EQ(figure.high(), 2u);
}

// Neither counts, for want of teams; as one they would.
TEST_F(Figures, ExcludedSessionsThatWouldCountTogetherWidenUpwards) {
  const auto of_team = [&](const std::string& id, const std::string& team) {
    return Good(id, "2026-07-01", [&](v1::SessionReport& r) {
      // All of them are told by the team tem_a.
      r.set_reporting_team_present(team == "tem_a" ? v1::YES_NO_YES : v1::YES_NO_NO);
      r.clear_participating_teams();
      v1::ParticipatingTeam& participant = *r.add_participating_teams();
      participant.set_element_id("t");
      participant.set_team_id(team);
      participant.set_present(v1::YES_NO_YES);
    });
  };
  const auto with = [&](const std::vector<v1::Session>& sessions,
                        const std::vector<v1::DoubtfulPair>& pairs) {
    return Compute("2026-Q3", sessions,
                   [&](FigureInput& input) { input.doubtful_pairs = Shared(pairs); });
  };
  v1::Figure figure =
      with({of_team("rep_1", "tem_a"), of_team("rep_2", "tem_b")}, {Pair("rep_1", "rep_2")});
  EXPECT_EQ(figure.value(), 0u);
  EXPECT_EQ(figure.low(), 0u);
  EXPECT_EQ(figure.high(), 1u);
  ASSERT_EQ(figure.doubtful_pairs_size(), 1);
  EXPECT_EQ(figure.doubtful_pairs(0).effect(), 1);

  // Three in a row are one session more at most; of one team, or not counted for something else,
  // none.
  figure = with({of_team("rep_1", "tem_a"), of_team("rep_2", "tem_b"), of_team("rep_3", "tem_a")},
                {Pair("rep_1", "rep_2"), Pair("rep_2", "rep_3")});
  EXPECT_EQ(figure.high(), 1u);
  figure = with({of_team("rep_1", "tem_a"), of_team("rep_2", "tem_a")}, {Pair("rep_1", "rep_2")});
  EXPECT_EQ(figure.high(), 0u);
  EXPECT_EQ(figure.doubtful_pairs_size(), 0);
  figure = with({Bad("rep_1", "2026-07-01"), of_team("rep_2", "tem_b")}, {Pair("rep_1", "rep_2")});
  EXPECT_EQ(figure.high(), 0u);
}

TEST_F(Figures, RestatementShowsLateAndWithdrawn) {
  const std::vector<v1::Session> before = {Good("rep_1", "2026-07-01"),
                                           Good("rep_3", "2026-07-03")};
  const v1::PublishedFigure published = Publish(Compute("2026-Q3", before), "fig_1");
  EXPECT_EQ(published.sessions_size(), 2);
  EXPECT_FALSE(published.has_restates());
  const v1::Figure now = Compute(
      "2026-Q3",
      {Bad("rep_1", "2026-07-01"), Good("rep_2", "2026-07-02"), Good("rep_3", "2026-07-03")},
      [&](FigureInput& input) { input.published = {published}; });
  EXPECT_EQ(now.value(), 2u);
  EXPECT_THAT(Strings(now.reconciliation().withdrawn_session_ids()), ElementsAre("rep_1"));
  EXPECT_THAT(Strings(now.reconciliation().late_session_ids()), ElementsAre("rep_2"));
  EXPECT_EQ(now.published().id(), "fig_1");
  EXPECT_EQ(FreezeFigure(now).restates(), "fig_1");
}

TEST_F(Figures, PublishedSessionIsFoundThroughItsReports) {
  const auto report = [](const std::string& id) {
    return Report(id, v1::SOURCE_KIND_DOCUMENT,
                  [](v1::SessionReport& r) { FillGood(r, "2026-07-01"); });
  };
  const v1::PublishedFigure published =
      Publish(Compute("2026-Q3", {Consolidate({report("rep_2"), report("rep_3")}, reg_)}), "fig_1");
  const auto now = [&](const std::vector<v1::Session>& sessions) {
    return Compute("2026-Q3", sessions, [&](FigureInput& input) { input.published = {published}; });
  };
  // A smaller report joined: the session has another name, and is the same one.
  v1::Figure figure = now({Consolidate({report("rep_1"), report("rep_2"), report("rep_3")}, reg_)});
  EXPECT_EQ(figure.reconciliation().late_session_ids_size(), 0);
  EXPECT_EQ(figure.reconciliation().withdrawn_session_ids_size(), 0);
  // Its first report was voided.
  figure = now({Consolidate({report("rep_3")}, reg_)});
  EXPECT_EQ(figure.reconciliation().late_session_ids_size(), 0);
  // It was split: one half stands for it, the other is new.
  figure = now({Consolidate({report("rep_2")}, reg_), Consolidate({report("rep_3")}, reg_)});
  EXPECT_EQ(figure.value(), 2u);
  EXPECT_THAT(Strings(figure.reconciliation().late_session_ids()), ElementsAre("rep_3"));
}

TEST_F(Figures, NeverCountedTwiceForOneIndicator) {
  const v1::PublishedFigure q2 =
      Publish(Compute("2026-Q2", {Good("rep_1", "2026-06-30")}), "fig_1");
  // Its date was corrected into July.
  const std::vector<v1::Session> now = {Good("rep_1", "2026-07-02"), Good("rep_2", "2026-07-03")};
  const auto with = [&](FigureInput& input) { input.published = {q2}; };
  v1::Figure figure = Compute("2026-Q3", now, with);
  EXPECT_THAT(IdsOf(figure.counted()), ElementsAre("rep_2"));
  EXPECT_THAT(CodesOf(figure.excluded(0).reasons()), ElementsAre("counted_elsewhere"));
  EXPECT_THAT(Strings(figure.reconciliation().counted_elsewhere_session_ids()),
              ElementsAre("rep_1"));
  // The year sums up its quarters.
  EXPECT_EQ(Compute("2026", now, with).value(), 2u);
  // Once Q2 is restated without it, Q3 has it.
  v1::PublishedFigure restated = Publish(Compute("2026-Q2", {}), "fig_2");
  restated.set_restates("fig_1");
  figure = Compute("2026-Q3", now, [&](FigureInput& input) { input.published = {restated, q2}; });
  EXPECT_EQ(figure.value(), 2u);
}

TEST_F(Figures, CarryForwardCountsOnceInTheNextUnpublishedPeriod) {
  context_.indicator.set_late_data_rule(v1::LATE_DATA_RULE_CARRY_FORWARD);
  const v1::Session in_time = Good("rep_1", "2026-02-01");
  const v1::Session late = Good("rep_2", "2026-02-02");
  const v1::Session may = Good("rep_3", "2026-05-01");
  const std::vector<v1::Session> all = {in_time, late, may};
  const v1::PublishedFigure q1 = Publish(Compute("2026-Q1", {in_time}), "fig_1");
  const auto with = [](std::vector<v1::PublishedFigure> published) {
    return [published](FigureInput& input) { input.published = published; };
  };
  v1::Figure figure = Compute("2026-Q1", all, with({q1}));
  EXPECT_THAT(IdsOf(figure.counted()), ElementsAre("rep_1"));
  EXPECT_THAT(CodesOf(figure.excluded(0).reasons()), ElementsAre("late_for_published_period"));
  EXPECT_EQ(figure.low(), figure.high());

  figure = Compute("2026-Q2", all, with({q1}));
  EXPECT_THAT(IdsOf(figure.counted()), ElementsAre("rep_2", "rep_3"));
  EXPECT_THAT(Strings(figure.reconciliation().carried_forward_session_ids()), ElementsAre("rep_2"));
  EXPECT_THAT(CodesOf(figure.counted(0).reasons()), ElementsAre("carried_forward"));
  EXPECT_EQ(Compute("2026-Q3", all, with({q1})).value(), 0u) << "Q2 comes first";

  // Published in Q2 it stays there, and is nobody else's.
  const v1::PublishedFigure q2 = Publish(figure, "fig_2");
  figure = Compute("2026-Q2", all, with({q1, q2}));
  EXPECT_THAT(IdsOf(figure.counted()), ElementsAre("rep_2", "rep_3"));
  EXPECT_EQ(figure.reconciliation().late_session_ids_size(), 0);
  EXPECT_EQ(Compute("2026-Q3", all, with({q1, q2})).value(), 0u);
  EXPECT_EQ(Compute("2026-Q1", all, with({q1, q2})).value(), 1u);
  EXPECT_EQ(Compute("2026", all, with({q1, q2})).value(), 3u);
}

TEST_F(Figures, QualitativeSideStandsOverTheCountedOnes) {
  const auto tell = [](const char* topic, uint32_t total, v1::CountUnit unit) {
    return [=](v1::SessionReport& r) {
      r.add_topics()->set_text(topic);
      r.add_topics()->set_text("shared");
      r.mutable_participants()->set_total(total);
      r.mutable_participants()->set_women(total / 2);
      r.mutable_participants()->set_unit(unit);
    };
  };
  v1::Session bad = Bad("rep_3", "2026-07-03");
  bad.mutable_values()->add_topics()->set_text("not counted");
  const v1::Figure figure = Compute(
      "2026-Q3", {Good("rep_1", "2026-07-01", tell("a", 10, v1::COUNT_UNIT_HEADS)),
                  Good("rep_2", "2026-07-02", tell("b", 20, v1::COUNT_UNIT_UNSPECIFIED)), bad});
  const v1::QualitativeSide& side = figure.qualitative();
  EXPECT_EQ(side.sessions_with_participants(), 1u);
  EXPECT_EQ(side.attendances(), 10u);
  EXPECT_EQ(side.attendances_women(), 5u);
  std::vector<std::string> topics;
  for (const v1::LocalText& text : side.topics()) topics.push_back(text.text());
  EXPECT_THAT(topics, ElementsAre("a", "shared", "b"));
  EXPECT_THAT(Strings(side.team_ids()), ElementsAre("tem_a", "tem_b"));
}

TEST_F(Figures, TargetsBaselineClaimsAndOverlap) {
  context_.indicator.set_baseline(4);
  v1::Target target;
  target.set_id("tgt_1");
  target.set_indicator_id("ind_1");
  target.set_period("2026-07-01..2026-09-30");
  target.set_value(8);
  PutRecord(reg_, v1::RECORD_TYPE_TARGET, target);
  v1::Claim first;
  first.set_source_id("src_1");
  v1::Claim second;
  second.set_source_id("src_2");
  const v1::Figure a =
      Compute("2026-Q3", {Good("rep_1", "2026-07-01"), Good("rep_2", "2026-07-02")},
              [&](FigureInput& input) {
                input.claims = {second, first};
              });
  EXPECT_EQ(a.target(), 8);
  EXPECT_EQ(a.baseline(), 4);
  EXPECT_EQ(a.claims(0).source_id(), "src_1");
  const v1::Figure b =
      Compute("2026-Q3", {Good("rep_2", "2026-07-02"), Good("rep_3", "2026-07-03")});
  EXPECT_EQ(CountOverlap(a, b), 1u);
  EXPECT_EQ(OverlapWith(a, b, "dnr_2").donor_id(), "dnr_2");
}

TEST_F(Figures, AClaimStandsBesideThePeriodsThatItSpeaksOf) {
  const auto claim = [](const std::string& id, const std::string& start, const std::string& end) {
    v1::Claim made;
    made.set_source_id(id);
    made.mutable_claimed_count()->set_period_start(start);
    made.mutable_claimed_count()->set_period_end(end);
    return made;
  };
  const auto sources = [&](const std::string& period) {
    const v1::Figure figure = Compute(period, {}, [&](FigureInput& input) {
      input.claims = {claim("src_1", "2026-04-01", "2026-06-30"),
                      claim("src_2", "2026-06-30", "2026-07-01"), claim("src_3", "", ""),
                      claim("src_4", "2026-07-01", ""), claim("src_5", "", "2026-06-30")};
    });
    std::vector<std::string> ids;
    for (const v1::Claim& shown : figure.claims()) ids.push_back(shown.source_id());
    return ids;
  };
  EXPECT_THAT(sources("2026-Q2"), ElementsAre("src_1", "src_2", "src_3", "src_5"));
  EXPECT_THAT(sources("2026-Q3"), ElementsAre("src_2", "src_3", "src_4"));
  EXPECT_THAT(sources("2026"), ElementsAre("src_1", "src_2", "src_3", "src_4", "src_5"));
}

TEST_F(Figures, FiscalYearsFollowTheProgramme) {
  const std::vector<v1::Session> sessions = {
      Good("rep_1", "2025-06-30"), Good("rep_2", "2025-07-01"), Good("rep_3", "2026-06-30"),
      Good("rep_4", "2026-07-01")};
  EXPECT_THAT(IdsOf(Compute("FY2026", sessions).counted()), ElementsAre("rep_2", "rep_3"));
  context_.indicator.set_fiscal_year_start_month(1);
  EXPECT_THAT(IdsOf(Compute("FY2026", sessions).counted()), ElementsAre("rep_3", "rep_4"));
}

TEST_F(Figures, NoSessionsNoRegister) {
  FigureInput input;
  input.context = context_;
  input.period = PeriodOf("2026");
  input.as_of = absl::CivilDay(2026, 1, 1);
  const v1::Figure figure = FigureOf(input);
  EXPECT_EQ(figure.value(), 0u);
  EXPECT_EQ(figure.high(), 0u);
  EXPECT_EQ(figure.sentence().values_size(), 5);
}

}  // namespace
}  // namespace baraza
