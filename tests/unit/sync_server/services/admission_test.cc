#include "sync_server/services/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sync_server/limits.h"

namespace baraza::server {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::Le;
using ::testing::Optional;

class AdmissionTest : public ::testing::Test {
 protected:
  // Keeps all places taken by `calls` calls that end one after the other, `pace` of them a second.
  void Serve(Admission& admission, int calls, int pace) {
    for (int i = 0; i < calls; ++i) {
      clock_.Advance(absl::Seconds(1) / pace);
      admission.Leave(taken_.front());
      taken_.pop_front();
      Fill(admission);
    }
  }
  void Fill(Admission& admission) {
    while (true) {
      const std::string caller = absl::StrCat("served ", ++served_);
      if (admission.Enter(caller).has_value()) return;
      taken_.push_back(caller);
    }
  }
  // The turns given out in a second.
  double TurnsOf(Admission& admission) {
    clock_.Advance(2 * kMaxTurn);
    std::vector<absl::Duration> turns;
    for (int i = 0; i < 500; ++i) {
      turns.push_back(admission.Enter(absl::StrCat("waiting ", i)).value());
    }
    return 499 / absl::ToDoubleSeconds(turns.back() - turns.front());
  }

  FakeClock clock_;
  int served_ = 0;
  std::deque<std::string> taken_;
};

TEST_F(AdmissionTest, LetsSoManyInAndOneMoreForEachThatLeaves) {
  Admission admission(2, 2, clock_);
  EXPECT_EQ(admission.Enter("a"), std::nullopt);
  EXPECT_EQ(admission.Enter("b"), std::nullopt);
  EXPECT_THAT(admission.Enter("c"), Optional(Ge(kMinTurn)));
  admission.Leave("a");
  EXPECT_EQ(admission.Enter("c"), std::nullopt);
  EXPECT_NE(admission.Enter("d"), std::nullopt);
}

TEST_F(AdmissionTest, NobodyTakesMoreThanHisShareOrTheTurnsOfOthers) {
  Admission admission(10, 3, clock_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(admission.Enter("wild"), std::nullopt);
  for (int i = 0; i < 100'000; ++i) ASSERT_THAT(admission.Enter("wild"), Optional(Eq(kMinTurn)));
  for (int i = 0; i < 7; ++i) EXPECT_EQ(admission.Enter(absl::StrCat(i)), std::nullopt);
  for (int i = 0; i < 100'000; ++i) ASSERT_THAT(admission.Enter("wild"), Optional(Eq(kMinTurn)));
  EXPECT_THAT(admission.Enter("late"), Optional(Eq(kMinTurn)));
  admission.Leave("wild");
  EXPECT_EQ(admission.Enter("late"), std::nullopt);
}

TEST_F(AdmissionTest, TurnsAreNeverOutsideTheirBounds) {
  Admission admission(1, 1, clock_);
  ASSERT_EQ(admission.Enter("first"), std::nullopt);
  absl::Duration last;
  for (int i = 0; i < 100'000; ++i) {
    const auto turn = admission.Enter("other");
    ASSERT_THAT(turn, Optional(AllOf(Ge(kMinTurn), Le(kMaxTurn))));
    EXPECT_GE(*turn, last) << "a later caller comes later";
    last = *turn;
  }
  EXPECT_EQ(last, kMaxTurn);
  // A crowd that has gone is forgotten.
  clock_.Advance(2 * kMaxTurn);
  EXPECT_THAT(admission.Enter("other"), Optional(Eq(kMinTurn)));
}

TEST_F(AdmissionTest, TurnsFollowOneAnotherAtThePaceOfTheCallsThatEnd) {
  for (const int pace : {20, 200, 5'000}) {
    Admission admission(16, 1, clock_);
    taken_.clear();
    Fill(admission);
    Serve(admission, 10 * pace, pace);
    EXPECT_NEAR(TurnsOf(admission), kTurnsPerEnd * pace, pace * 0.05);
  }
}

TEST_F(AdmissionTest, ALullDoesNotSlowTheTurnsOfTheNextCrowd) {
  Admission admission(16, 1, clock_);
  Fill(admission);
  Serve(admission, 20'000, 2'000);
  // Nearly nobody comes for a while.
  while (!taken_.empty()) {
    admission.Leave(taken_.front());
    taken_.pop_front();
  }
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(admission.Enter("now and then"), std::nullopt);
    clock_.Advance(absl::Seconds(1));
    admission.Leave("now and then");
  }
  Fill(admission);
  EXPECT_NEAR(TurnsOf(admission), kTurnsPerEnd * 2'000, 100);
}

// A crowd of whom each comes back when told to: all are served, in about the time that it takes to
// serve them, and nobody is sent away again and again.
TEST_F(AdmissionTest, ACrowdThatKeepsToItsTurnsIsServedWithoutAPause) {
  constexpr int kLimit = 100;
  constexpr int kCrowd = 5'000;
  Admission admission(kLimit, 1, clock_);
  // Every second millisecond one call ends: half of what is taken for the pace at first.
  std::vector<std::vector<int>> due(1);
  for (int i = 0; i < kCrowd; ++i) due[0].push_back(i);
  std::vector<int> refused(kCrowd);
  int served = 0;
  std::deque<std::string> under_way;
  int idle_ms = 0;
  size_t ms = 0;
  for (; served < kCrowd && ms < 60'000; ++ms) {
    if (under_way.empty()) {
      ++idle_ms;
    } else if (ms % 2 == 0) {
      admission.Leave(under_way.front());
      under_way.pop_front();
      ++served;
    }
    if (ms < due.size()) {
      for (const int caller : std::vector<int>(due[ms])) {
        const std::string name = absl::StrCat(caller);
        const auto turn = admission.Enter(name);
        if (!turn.has_value()) {
          under_way.push_back(name);
          continue;
        }
        ++refused[static_cast<size_t>(caller)];
        const size_t at = ms + 1 + static_cast<size_t>(absl::ToInt64Milliseconds(*turn));
        if (due.size() <= at) due.resize(at + 1);
        due[at].push_back(caller);
      }
    }
    clock_.Advance(absl::Milliseconds(1));
  }
  EXPECT_EQ(served, kCrowd);
  // Until the first turn comes, when those who were let in have been served.
  EXPECT_LE(idle_ms, 2 * absl::ToInt64Milliseconds(kMinTurn)) << "of " << ms;
  EXPECT_LE(std::accumulate(refused.begin(), refused.end(), 0), 3 * kCrowd);
}

TEST_F(AdmissionTest, RefusalsAreReportedAsANumberNowAndThen) {
  Admission admission(1, 1, clock_);
  EXPECT_EQ(admission.TakeRefusals(), std::nullopt);
  ASSERT_EQ(admission.Enter("a"), std::nullopt);
  admission.Enter("b");
  EXPECT_THAT(admission.TakeRefusals(), Optional(Eq(1)));
  for (int i = 0; i < 5; ++i) admission.Enter(i % 2 == 0 ? "a" : "b");
  EXPECT_EQ(admission.TakeRefusals(), std::nullopt);
  clock_.Advance(kRefusalReportPeriod);
  EXPECT_THAT(admission.TakeRefusals(), Optional(Eq(5)));
  clock_.Advance(kRefusalReportPeriod);
  EXPECT_EQ(admission.TakeRefusals(), std::nullopt);
}

}  // namespace
}  // namespace baraza::server
