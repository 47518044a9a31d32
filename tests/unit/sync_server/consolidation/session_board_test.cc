#include "sync_server/consolidation/session_board.h"

#include <map>

#include "core/base/civil_date.h"
#include "core/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baraza::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

std::shared_ptr<const v1::Session> MakeSession(const std::string& id,
                                               const std::vector<std::string>& reports,
                                               std::optional<int32_t> earliest,
                                               std::optional<int32_t> latest) {
  auto session = std::make_shared<v1::Session>();
  session->set_session_id(id);
  for (const std::string& report : reports) session->add_members()->set_report_id(report);
  if (earliest.has_value()) session->set_start_earliest_day(*earliest);
  if (latest.has_value()) session->set_start_latest_day(*latest);
  return session;
}

v1::DoubtfulPair MakePair(const std::string& left, const std::string& right) {
  v1::DoubtfulPair pair;
  pair.set_left_session_id(left);
  pair.set_right_session_id(right);
  return pair;
}

std::vector<std::string> Ids(const SessionBoard::Briefs& sessions) {
  std::vector<std::string> ids;
  for (const auto& session : sessions) ids.push_back(std::string(session->id));
  return ids;
}

void Apply(SessionBoard& board, const ConsolidationChange& change) {
  board.Apply(change, SessionBoard::BriefsOf(change));
}

TEST(SessionBoardTest, FindsEveryReportOfASession) {
  SessionBoard board;
  ConsolidationChange change;
  change.changed = {MakeSession("a", {"a", "b"}, 10, 10)};
  Apply(board, change);
  ASSERT_NE(board.FindByReport("b"), nullptr);
  EXPECT_EQ(board.FindByReport("b")->id, "a");
  EXPECT_EQ(board.FindByReport("c"), nullptr);
}

TEST(SessionBoardTest, AReportThatMovesToAnotherSessionIsFoundThere) {
  SessionBoard board;
  ConsolidationChange first;
  first.changed = {MakeSession("a", {"a", "b"}, 10, 10)};
  Apply(board, first);
  ConsolidationChange split;
  split.before["a"] = first.changed[0];
  split.changed = {MakeSession("a", {"a"}, 10, 10), MakeSession("b", {"b"}, 11, 11)};
  Apply(board, split);
  EXPECT_EQ(board.FindByReport("a")->id, "a");
  EXPECT_EQ(board.FindByReport("b")->id, "b");
  ConsolidationChange join;
  join.before["a"] = split.changed[0];
  join.removed = {split.changed[1]};
  join.changed = {MakeSession("a", {"a", "b"}, 10, 10)};
  Apply(board, join);
  EXPECT_EQ(board.FindByReport("b")->id, "a");
  EXPECT_EQ(board.sessions().size(), 1u);
}

TEST(SessionBoardTest, PeriodIsHalfOpenAndTakesInWhatMayLieInIt) {
  const auto day = [](int d) { return CivilDayToDays(absl::CivilDay(2026, 7, d)); };
  SessionBoard board;
  ConsolidationChange change;
  change.changed = {
      MakeSession("a_last_of_june", {}, day(0), day(0)),
      MakeSession("b_first", {}, day(1), day(1)),
      MakeSession("c_straddles", {}, day(-10), day(3)),
      MakeSession("d_last", {}, day(31), day(31)),
      MakeSession("e_august", {}, day(32), day(32)),
      MakeSession("f_year", {}, day(-180), day(180)),
      MakeSession("g_undated", {}, std::nullopt, std::nullopt),
      MakeSession("h_before_some_day", {}, std::nullopt, day(-1)),
  };
  Apply(board, change);
  EXPECT_THAT(Ids(board.MeetingPeriod(absl::CivilDay(2026, 7, 1), absl::CivilDay(2026, 8, 1))),
              ElementsAre("c_straddles", "b_first", "d_last", "f_year", "g_undated"));
}

TEST(SessionBoardTest, PairsAreReplacedWithTheSessionsTheyTouch) {
  SessionBoard board;
  ConsolidationChange change;
  change.changed = {MakeSession("a", {"a"}, 1, 1), MakeSession("b", {"b"}, 1, 1),
                    MakeSession("c", {"c"}, 1, 1)};
  change.pairs_of = {"a", "b", "c"};
  change.pairs = {MakePair("a", "b"), MakePair("b", "c"), MakePair("c", "c")};
  Apply(board, change);
  EXPECT_EQ(board.DoubtfulPairs().size(), 3u);
  EXPECT_EQ(board.DoubtfulPairsOf({board.FindByReport("a")}).size(), 1u);

  ConsolidationChange touched;
  touched.pairs_of = {"b"};
  Apply(board, touched);
  ASSERT_EQ(board.DoubtfulPairs().size(), 1u);
  EXPECT_EQ(board.DoubtfulPairs()[0].left_session_id(), "c");

  ConsolidationChange gone;
  gone.removed = {board.FindByReport("c")->session};
  Apply(board, gone);
  EXPECT_THAT(board.DoubtfulPairs(), IsEmpty());
}

// Two questions about one session, or about two, are two questions.
TEST(SessionBoardTest, EveryPairOfReportsIsKept) {
  SessionBoard board;
  ConsolidationChange change;
  change.changed = {MakeSession("a", {"a", "a2", "a3"}, 1, 1), MakeSession("b", {"b", "b2"}, 1, 1)};
  change.pairs_of = {"a", "b"};
  const auto pair = [](const char* left_session, const char* left, const char* right_session,
                       const char* right) {
    v1::DoubtfulPair made = MakePair(left_session, right_session);
    made.set_left_report_id(left);
    made.set_right_report_id(right);
    return made;
  };
  // The last one is told of from the side of either session.
  change.pairs = {pair("a", "a", "a", "a2"), pair("a", "a2", "a", "a3"), pair("a", "a", "b", "b"),
                  pair("b", "b", "a", "a")};
  Apply(board, change);
  EXPECT_EQ(board.DoubtfulPairs().size(), 3u);
  EXPECT_EQ(board.DoubtfulPairsOf({board.FindByReport("a"), board.FindByReport("b")}).size(), 3u);
  EXPECT_EQ(board.DoubtfulPairsOf({board.FindByReport("b")}).size(), 1u);

  ConsolidationChange settled;
  settled.pairs_of = {"a"};
  settled.pairs = {pair("a", "a", "a", "a2")};
  Apply(board, settled);
  EXPECT_EQ(board.DoubtfulPairs().size(), 1u);
  EXPECT_THAT(board.DoubtfulPairsOf({board.FindByReport("b")}), IsEmpty());
}

// Against a plain list that is searched through.
TEST(SessionBoardTest, AgreesWithAListWhateverHappens) {
  SeededRandom random(7);
  SessionBoard board;
  std::map<std::string, std::shared_ptr<const v1::Session>> list;
  for (int step = 0; step < 400; ++step) {
    const std::string id = std::string(1, static_cast<char>('a' + random.Uniform(12)));
    ConsolidationChange change;
    if (auto it = list.find(id); it != list.end()) {
      if (random.Uniform(2) == 0) {
        change.removed = {it->second};
        list.erase(it);
      } else {
        change.before[id] = it->second;
      }
    }
    if (change.removed.empty()) {
      std::optional<int32_t> earliest, latest;
      if (random.Uniform(8) != 0) earliest = static_cast<int32_t>(random.Uniform(400));
      if (random.Uniform(8) != 0) {
        latest = earliest.value_or(0) + static_cast<int32_t>(random.Uniform(60));
      }
      list[id] = MakeSession(id, {id}, earliest, latest);
      change.changed = {list[id]};
    }
    Apply(board, change);
    const int32_t start = static_cast<int32_t>(random.Uniform(400));
    const int32_t end = start + 1 + static_cast<int32_t>(random.Uniform(90));
    std::vector<std::string> expected;
    for (const auto& [each, session] : list) {
      const bool begins = !session->has_start_earliest_day() || session->start_earliest_day() < end;
      const bool ends = !session->has_start_latest_day() || session->start_latest_day() >= start;
      if (begins && ends) expected.push_back(each);
    }
    ASSERT_THAT(Ids(board.MeetingPeriod(CivilDayFromDays(start), CivilDayFromDays(end))),
                UnorderedElementsAreArray(expected))
        << "step " << step;
  }
}

}  // namespace
}  // namespace baraza::server
