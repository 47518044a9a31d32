#include "sync_server/consolidation/review_queue.h"

#include <memory>
#include <vector>

#include "core/base/civil_date.h"
#include "core/indicator/coded_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baraza::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::CivilDay kDay(2026, 8, 4);

class ReviewQueueTest : public ::testing::Test {
 protected:
  ReviewQueueTest() {
    for (const char* id : {"ind_1", "ind_2"}) {
      IndicatorContext& context = contexts_[id];
      context.indicator.set_id(id);
      context.definition.set_id("def_1");
    }
  }

  // `verdicts` by indicator, each with the codes of its questions.
  v1::Session& Session(
      const std::string& id,
      const std::vector<std::pair<v1::Qualifies, std::vector<std::string>>>& verdicts) {
    auto session = std::make_shared<v1::Session>();
    session->set_session_id(id);
    session->set_start_earliest_day(CivilDayToDays(kDay));
    session->set_start_latest_day(CivilDayToDays(kDay));
    session->add_members()->set_report_id(id);
    for (size_t i = 0; i < verdicts.size(); ++i) {
      v1::Qualification& qualification = *session->add_qualifications();
      qualification.set_indicator_id(i == 0 ? "ind_1" : "ind_2");
      qualification.set_qualifies(verdicts[i].first);
      for (const std::string& code : verdicts[i].second) {
        *qualification.add_questions() = MakeQuestion(*session, Coded(code), "");
      }
    }
    sessions_.push_back(session);
    change_.changed.push_back(session);
    return *session;
  }

  void Pair(const std::string& left, const std::string& right, int32_t score,
            const std::string& left_session, const std::string& right_session) {
    v1::DoubtfulPair pair;
    pair.set_left_report_id(left);
    pair.set_right_report_id(right);
    pair.set_left_session_id(left_session);
    pair.set_right_session_id(right_session);
    pair.set_score_milli_nats(score);
    pair.mutable_question()->set_id("q_" + left + right);
    change_.pairs_of.push_back(left_session);
    change_.pairs.push_back(pair);
  }

  void Rule(const std::string& id, v1::RulingKind kind, const std::vector<std::string>& reports,
            const std::string& author, uint64_t lamport, bool withdrawn = false,
            const std::string& definition = "", v1::HeldStatus held = v1::HELD_STATUS_UNSPECIFIED) {
    v1::Ruling ruling;
    ruling.set_id(id);
    ruling.set_kind(kind);
    if (held != v1::HELD_STATUS_UNSPECIFIED)
      ruling.mutable_override_values()->set_held_status(held);
    if (!definition.empty()) ruling.set_definition_id(definition);
    for (const std::string& report : reports) ruling.add_report_ids(report);
    ruling.mutable_reason()->set_text("says " + author);
    v1::RecordState state;
    state.set_record_id(id);
    state.set_type(v1::RECORD_TYPE_RULING);
    state.set_author_id(author);
    state.set_created_lamport(lamport);
    state.set_created_device_time_ms(static_cast<int64_t>(1000 * lamport));
    state.set_record(ruling.SerializeAsString());
    state.set_created(true);
    state.set_voided(withdrawn);
    rulings_.Apply(state);
  }

  std::vector<v1::ReviewItem> Items() { return MakeReviewQueue(Input()); }

  ReviewQueueInput Input() {
    if (!change_.changed.empty() || !change_.pairs.empty()) {
      board_.Apply(change_, SessionBoard::BriefsOf(change_));
      change_ = ConsolidationChange();
    }
    contradictions_ = RulingClosure(rulings_.MatchRulings()).Contradictions();
    return {board_, contexts_, reg_, rulings_, contradictions_};
  }

  // "q_... -1+0~1/2" for each item: movement down and up, range, figures affected.
  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    for (const v1::ReviewItem& item : Items()) {
      std::string name = item.question().question().code();
      if (item.has_pair()) name = item.pair().left_report_id() + item.pair().right_report_id();
      if (item.waiting_size() > 0) name = "waits " + item.waiting(0).ruling_id();
      if (!item.set_aside_ruling_id().empty()) name = "aside " + item.set_aside_ruling_id();
      lines.push_back(absl::StrCat(name, " -", item.movement().down(), "+", item.movement().up(),
                                   "~", item.movement().range(), "/", item.figures_affected()));
    }
    return lines;
  }

  const std::pair<v1::Qualifies, std::vector<std::string>> yes_ = {v1::QUALIFIES_YES, {}};
  const std::pair<v1::Qualifies, std::vector<std::string>> no_ = {v1::QUALIFIES_NO, {}};

  std::map<std::string, IndicatorContext> contexts_;
  Register reg_;
  RulingBook rulings_;
  SessionBoard board_;
  ConsolidationChange change_;
  std::vector<std::shared_ptr<v1::Session>> sessions_;
  std::vector<RulingContradiction> contradictions_;
};

TEST_F(ReviewQueueTest, WhatMovesTheCountMostComesFirst) {
  // The last thing that is missing, in two indicators; one of two things in both; the last in one.
  Session("rep_1",
          {{v1::QUALIFIES_UNDETERMINED, {"held"}}, {v1::QUALIFIES_UNDETERMINED, {"held"}}});
  Session("rep_2", {{v1::QUALIFIES_UNDETERMINED, {"issue", "duration"}},
                    {v1::QUALIFIES_UNDETERMINED, {"issue", "duration"}}});
  Session("rep_3", {{v1::QUALIFIES_UNDETERMINED, {"participants"}}, no_});
  EXPECT_THAT(Lines(), ElementsAre("held -0+2~2/2", "participants -0+1~1/1",
                                   ::testing::AnyOf("issue -0+0~2/2", "duration -0+0~2/2"),
                                   ::testing::AnyOf("issue -0+0~2/2", "duration -0+0~2/2")));
}

TEST_F(ReviewQueueTest, APairMovesTheCountsInWhichBothStand) {
  Session("rep_1", {yes_, yes_});
  Session("rep_2", {yes_, yes_});
  Session("rep_3", {yes_, no_});
  Session("rep_4", {{v1::QUALIFIES_UNDETERMINED, {}}, no_});
  Session("rep_5", {no_, no_});
  sessions_[0]->add_members()->set_report_id("rep_9");
  Pair("rep_1", "rep_2", -900, "rep_1", "rep_2");
  Pair("rep_1", "rep_3", 10, "rep_1", "rep_3");
  Pair("rep_2", "rep_3", -9, "rep_2", "rep_3");
  Pair("rep_1", "rep_4", 1, "rep_1", "rep_4");
  Pair("rep_1", "rep_5", 1, "rep_1", "rep_5");
  Pair("rep_1", "rep_9", 800, "rep_1", "rep_1");
  // By what they move; of two that move as much the one nearer to even; the one that moves none is
  // not asked.
  EXPECT_THAT(Lines(),
              ElementsAre("rep_1rep_9 -0+2~2/2", "rep_1rep_2 -2+0~2/2", "rep_2rep_3 -1+0~1/1",
                          "rep_1rep_3 -1+0~1/1", "rep_1rep_4 -0+0~1/1"));
}

// A session counts for the teams that its reports name together.
TEST_F(ReviewQueueTest, APairMovesTheCountByTheTeamsOnEitherSide) {
  contexts_.erase("ind_2");
  contexts_["ind_1"].definition.set_min_distinct(2);
  const auto there = [](v1::Session& session, const std::string& team,
                        const std::vector<std::string>& reports) {
    v1::TeamPresence& presence = *session.add_teams();
    presence.set_team_id(team);
    presence.set_present(v1::YES_NO_YES);
    for (const std::string& report : reports) presence.add_report_ids(report);
  };
  // Each of two reports names one of two teams, and each of two others both.
  v1::Session& of_halves = Session("rep_1", {yes_});
  of_halves.add_members()->set_report_id("rep_2");
  there(of_halves, "tem_a", {"rep_1"});
  there(of_halves, "tem_b", {"rep_2"});
  Pair("rep_1", "rep_2", 1, "rep_1", "rep_1");
  v1::Session& of_wholes = Session("rep_3", {yes_});
  of_wholes.add_members()->set_report_id("rep_4");
  there(of_wholes, "tem_a", {"rep_3", "rep_4"});
  there(of_wholes, "tem_b", {"rep_3", "rep_4"});
  Pair("rep_3", "rep_4", 2, "rep_3", "rep_3");
  // One is enough by itself: it is one session whatever is said.
  v1::Session& of_one = Session("rep_5", {yes_});
  of_one.add_members()->set_report_id("rep_6");
  there(of_one, "tem_a", {"rep_5", "rep_6"});
  there(of_one, "tem_b", {"rep_5"});
  Pair("rep_5", "rep_6", 3, "rep_5", "rep_5");
  // Two that do not count, for want of teams.
  for (const auto& [id, team] : {std::pair{"rep_7", "tem_a"}, std::pair{"rep_8", "tem_b"}}) {
    v1::Session& alone = Session(id, {no_});
    there(alone, team, {id});
    alone.mutable_qualifications(0)->add_reasons()->set_code("one_team_only");
  }
  Pair("rep_7", "rep_8", -4, "rep_7", "rep_8");
  EXPECT_THAT(Lines(),
              ElementsAre("rep_1rep_2 -1+0~1/1", "rep_3rep_4 -0+1~1/1", "rep_7rep_8 -0+1~1/1"));
}

TEST_F(ReviewQueueTest, WhatWaitsToBeEndorsedMovesNothingYet) {
  for (auto& [id, context] : contexts_) {
    context.indicator.set_from_stage(v1::REPORT_STAGE_ENDORSED);
  }
  const std::pair<v1::Qualifies, std::vector<std::string>> open = {v1::QUALIFIES_UNDETERMINED,
                                                                   {"held"}};
  Session("rep_1", {open, open});
  // What closes a range comes before it, although it does so in one figure only.
  Session("rep_2", {{v1::QUALIFIES_UNDETERMINED, {"issue", "duration"}}, no_})
      .mutable_members(0)
      ->set_stage(v1::REPORT_STAGE_ENDORSED);
  EXPECT_THAT(Lines(), ElementsAre(::testing::HasSubstr("-0+0~1/1"),
                                   ::testing::HasSubstr("-0+0~1/1"), "held -0+0~0/2"));
}

TEST_F(ReviewQueueTest, ADayThatDecidesOnThePeriodIsAsked) {
  v1::Session& inside = Session("rep_1", {yes_, no_});
  inside.set_start_earliest_day(CivilDayToDays(absl::CivilDay(2026, 7, 1)));
  inside.set_start_latest_day(CivilDayToDays(absl::CivilDay(2026, 9, 30)));
  v1::Session& straddling = Session("rep_2", {yes_, no_});
  straddling.set_start_earliest_day(CivilDayToDays(absl::CivilDay(2026, 9, 30)));
  straddling.set_start_latest_day(CivilDayToDays(absl::CivilDay(2026, 10, 1)));
  v1::Session& undated = Session("rep_3", {{v1::QUALIFIES_UNDETERMINED, {"held"}}, no_});
  undated.clear_start_earliest_day();
  undated.clear_start_latest_day();
  const std::vector<v1::ReviewItem> items = Items();
  EXPECT_THAT(Lines(), ElementsAre("session_date -0+1~1/1",
                                   ::testing::AnyOf("held -0+0~1/1", "session_date -0+0~1/1"),
                                   ::testing::AnyOf("held -0+0~1/1", "session_date -0+0~1/1")));
  EXPECT_EQ(items[0].question().report_id(), "rep_2");
}

TEST_F(ReviewQueueTest, ContradictionsComeFirstWithBothSides) {
  Session("rep_1",
          {{v1::QUALIFIES_UNDETERMINED, {"held"}}, {v1::QUALIFIES_UNDETERMINED, {"held"}}});
  Session("rep_2", {yes_});
  Session("rep_3", {yes_});
  Rule("rul_1", v1::RULING_KIND_SAME, {"rep_2", "rep_3"}, "ada", 1);
  Rule("rul_2", v1::RULING_KIND_DIFFERENT, {"rep_2", "rep_3"}, "ben", 2);
  const std::vector<v1::ReviewItem> items = Items();
  EXPECT_THAT(Lines(), ElementsAre("aside rul_1 -1+0~1/1", "held -0+2~2/2"));
  ASSERT_EQ(items[0].contradiction_size(), 2);
  const v1::StandingRuling& aside = items[0].contradiction(0);
  EXPECT_EQ(aside.ruling_id(), "rul_1");
  EXPECT_EQ(aside.author_id(), "ada");
  EXPECT_EQ(aside.device_time_ms(), 1000);
  EXPECT_EQ(aside.reason().text(), "says ada");
  EXPECT_EQ(aside.standing(), v1::RULING_STANDING_SET_ASIDE);
  const v1::StandingRuling& holds = items[0].contradiction(1);
  EXPECT_EQ(holds.ruling_id(), "rul_2");
  EXPECT_EQ(holds.author_id(), "ben");
  EXPECT_EQ(holds.device_time_ms(), 2000);
  EXPECT_EQ(holds.standing(), v1::RULING_STANDING_IN_EFFECT);
  // Either side settles it.
  RulingBook before = rulings_;
  Rule("rul_1", v1::RULING_KIND_SAME, {"rep_2", "rep_3"}, "ada", 1, true);
  EXPECT_THAT(Lines(), ElementsAre("held -0+2~2/2"));
  rulings_ = before;
  Rule("rul_2", v1::RULING_KIND_DIFFERENT, {"rep_2", "rep_3"}, "ben", 2, true);
  EXPECT_THAT(Lines(), ElementsAre("held -0+2~2/2"));
}

TEST_F(ReviewQueueTest, CountsAndDoesNotCountContradictOneAnother) {
  Session("rep_1", {yes_, no_}).add_members()->set_report_id("rep_2");
  Rule("rul_1", v1::RULING_KIND_DOES_NOT_COUNT, {"rep_1"}, "ada", 1);
  Rule("rul_2", v1::RULING_KIND_COUNTS, {"rep_2"}, "ben", 2);
  Rule("rul_0", v1::RULING_KIND_COUNTS, {"rep_1"}, "cleo", 0);
  EXPECT_THAT(Lines(), ElementsAre("aside rul_1 -1+0~0/1"));
  EXPECT_EQ(Items()[0].contradiction(1).ruling_id(), "rul_2");
}

TEST_F(ReviewQueueTest, WhatHoldsForEveryDefinitionContradictsWhatHoldsForOne) {
  Session("rep_1", {yes_, no_});
  Rule("rul_1", v1::RULING_KIND_COUNTS, {"rep_1"}, "ben", 1, false, "def_1");
  Rule("rul_2", v1::RULING_KIND_DOES_NOT_COUNT, {"rep_1"}, "ada", 2);
  ASSERT_EQ(Items().size(), 1u);
  EXPECT_EQ(Items()[0].set_aside_ruling_id(), "rul_1");
  EXPECT_EQ(Items()[0].contradiction(1).ruling_id(), "rul_2");
  // The other way round it still holds for the other definitions.
  Rule("rul_2", v1::RULING_KIND_DOES_NOT_COUNT, {"rep_1"}, "ada", 0);
  EXPECT_THAT(Items(), IsEmpty());
}

TEST_F(ReviewQueueTest, OverridesThatSetOneFieldOtherwiseContradictOneAnother) {
  Session("rep_1", {yes_, no_}).add_members()->set_report_id("rep_2");
  Session("rep_3", {yes_, no_});
  const auto held = [&](const std::string& id, const std::string& report, const std::string& author,
                        uint64_t lamport, v1::HeldStatus held, bool withdrawn = false) {
    Rule(id, v1::RULING_KIND_OVERRIDE, {report}, author, lamport, withdrawn, "", held);
  };
  held("rul_1", "rep_1", "ada", 1, v1::HELD_STATUS_HELD);
  held("rul_2", "rep_2", "ben", 2, v1::HELD_STATUS_CANCELLED);
  held("rul_3", "rep_3", "ben", 3, v1::HELD_STATUS_CANCELLED);
  const std::vector<v1::ReviewItem> items = Items();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].set_aside_ruling_id(), "rul_1");
  ASSERT_EQ(items[0].contradiction_size(), 2);
  EXPECT_EQ(items[0].contradiction(0).author_id(), "ada");
  EXPECT_EQ(items[0].contradiction(0).standing(), v1::RULING_STANDING_SET_ASIDE);
  EXPECT_EQ(items[0].contradiction(0).override_values().held_status(), v1::HELD_STATUS_HELD);
  EXPECT_EQ(items[0].contradiction(1).author_id(), "ben");
  EXPECT_EQ(items[0].contradiction(1).standing(), v1::RULING_STANDING_IN_EFFECT);
  EXPECT_EQ(items[0].contradiction(1).override_values().held_status(), v1::HELD_STATUS_CANCELLED);
  held("rul_2", "rep_2", "ben", 2, v1::HELD_STATUS_CANCELLED, /*withdrawn=*/true);
  EXPECT_THAT(Items(), IsEmpty());
}

TEST_F(ReviewQueueTest, WhoSaysTheSameStandsInOneContradiction) {
  Session("rep_1", {yes_, no_});
  Rule("rul_1", v1::RULING_KIND_DOES_NOT_COUNT, {"rep_1"}, "ada", 1);
  Rule("rul_2", v1::RULING_KIND_DOES_NOT_COUNT, {"rep_1"}, "ben", 2);
  Rule("rul_3", v1::RULING_KIND_COUNTS, {"rep_1"}, "cleo", 3);
  EXPECT_THAT(Lines(), ElementsAre("aside rul_2 -1+0~0/1"));
  // With the last of them withdrawn the others' still stands against it.
  Rule("rul_2", v1::RULING_KIND_DOES_NOT_COUNT, {"rep_1"}, "ben", 2, /*withdrawn=*/true);
  EXPECT_THAT(Lines(), ElementsAre("aside rul_1 -1+0~0/1"));
}

TEST_F(ReviewQueueTest, WhatWaitsForASecondPersonIsListedWithWhatItWouldMove) {
  Session("rep_1", {yes_});
  Session("rep_2", {yes_});
  Session("rep_3", {yes_});
  rulings_.RequireApproval(true);
  Rule("rul_1", v1::RULING_KIND_SAME, {"rep_1", "rep_2", "rep_3"}, "ada", 1);
  Rule("rul_2", v1::RULING_KIND_SAME, {"rep_3", "rep_2", "rep_1"}, "ada", 2);
  Rule("rul_3", v1::RULING_KIND_DOES_NOT_COUNT, {"rep_1"}, "ben", 3);
  EXPECT_THAT(Lines(), ElementsAre("waits rul_1 -2+0~2/1", "waits rul_3 -1+0~0/1"));
  EXPECT_EQ(Items()[0].waiting_size(), 1) << "one for each author";
  EXPECT_EQ(Items()[0].waiting(0).standing(), v1::RULING_STANDING_WAITS_FOR_APPROVAL);
  Rule("rul_4", v1::RULING_KIND_DOES_NOT_COUNT, {"rep_1"}, "ada", 4);
  EXPECT_THAT(Lines(), ElementsAre("waits rul_1 -2+0~2/1"));
}

TEST_F(ReviewQueueTest, TheHistoryOfASessionOrAPair) {
  Session("rep_1", {yes_}).add_members()->set_report_id("rep_2");
  Session("rep_3", {yes_});
  Rule("rul_1", v1::RULING_KIND_SAME, {"rep_1", "rep_2"}, "ada", 2);
  Rule("rul_2", v1::RULING_KIND_DIFFERENT, {"rep_2", "rep_3"}, "ben", 1, /*withdrawn=*/true);
  Rule("rul_3", v1::RULING_KIND_COUNTS, {"rep_3"}, "ben", 3);
  Rule("rul_4", v1::RULING_KIND_UNSURE, {"rep_1", "rep_3"}, "ben", 4);
  const auto history = [&](const std::vector<std::string>& reports) {
    std::vector<std::string> lines;
    for (const v1::StandingRuling& ruling : RulingsOn(Input(), reports)) {
      lines.push_back(absl::StrCat(ruling.ruling_id(), " ", ruling.standing()));
    }
    return lines;
  };
  // By any report of the session: 1 in effect, 4 withdrawn, 0 without effect.
  EXPECT_THAT(history({"rep_2"}), ElementsAre("rul_2 4", "rul_1 1", "rul_4 0"));
  EXPECT_THAT(history({"rep_1"}), ElementsAre("rul_2 4", "rul_1 1", "rul_4 0"));
  EXPECT_THAT(history({"rep_3", "rep_2"}), ElementsAre("rul_2 4"));
  EXPECT_THAT(history({"rep_1", "rep_2"}), ElementsAre("rul_1 1"));
  EXPECT_THAT(history({"rep_7"}), IsEmpty());
}

TEST_F(ReviewQueueTest, WhoRulesTheSameStandsWhereTheFirstDoes) {
  Session("rep_1", {yes_});
  rulings_.RequireApproval(true);
  Rule("rul_1", v1::RULING_KIND_COUNTS, {"rep_1"}, "ada", 1);
  Rule("rul_2", v1::RULING_KIND_COUNTS, {"rep_1"}, "ben", 2);
  for (const v1::StandingRuling& ruling : RulingsOn(Input(), std::vector<std::string>{"rep_1"})) {
    EXPECT_EQ(ruling.standing(), v1::RULING_STANDING_IN_EFFECT) << ruling.ruling_id();
  }
}

}  // namespace
}  // namespace baraza::server
