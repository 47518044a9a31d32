#include "sync_server/services/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

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
  FakeClock clock_;
};

TEST_F(AdmissionTest, LetsSoManyInAndOneMoreForEachThatLeaves) {
  Admission admission(2, clock_);
  EXPECT_EQ(admission.Enter(), std::nullopt);
  EXPECT_EQ(admission.Enter(), std::nullopt);
  EXPECT_THAT(admission.Enter(), Optional(Ge(kMinTurn)));
  admission.Leave();
  EXPECT_EQ(admission.Enter(), std::nullopt);
  EXPECT_NE(admission.Enter(), std::nullopt);
}

TEST_F(AdmissionTest, TurnsAreNeverOutsideTheirBounds) {
  Admission admission(1, clock_);
  ASSERT_EQ(admission.Enter(), std::nullopt);
  absl::Duration last;
  for (int i = 0; i < 100'000; ++i) {
    const auto turn = admission.Enter();
    ASSERT_THAT(turn, Optional(AllOf(Ge(kMinTurn), Le(kMaxTurn))));
    EXPECT_GE(*turn, last) << "a later caller comes later";
    last = *turn;
  }
  EXPECT_EQ(last, kMaxTurn);
  // A crowd that has gone is forgotten.
  clock_.Advance(2 * kMaxTurn);
  EXPECT_THAT(admission.Enter(), Optional(Eq(kMinTurn)));
}

TEST_F(AdmissionTest, TurnsFollowOneAnotherAtThePaceOfTheCallsThatEnd) {
  Admission admission(1, clock_);
  constexpr int kPace = 200;  // A second, which is less than what is taken for it at first.
  ASSERT_EQ(admission.Enter(), std::nullopt);
  for (int i = 0; i < 5 * kPace; ++i) {
    admission.Enter();
    clock_.Advance(absl::Seconds(1) / kPace);
    admission.Leave();
    ASSERT_EQ(admission.Enter(), std::nullopt);
  }
  clock_.Advance(2 * kMaxTurn);
  std::vector<absl::Duration> turns;
  for (int i = 0; i < 1000; ++i) turns.push_back(admission.Enter().value());
  const double seconds = absl::ToDoubleSeconds(turns.back() - turns.front());
  EXPECT_NEAR(999 / seconds, kTurnsPerEnd * kPace, kPace * 0.05);
}

// A crowd of whom each comes back when told to: all are served, in about the time that it takes to
// serve them, and nobody is sent away again and again.
TEST_F(AdmissionTest, ACrowdThatKeepsToItsTurnsIsServedWithoutAPause) {
  constexpr int kLimit = 100;
  constexpr int kCrowd = 5'000;
  Admission admission(kLimit, clock_);
  // Per millisecond: one call ends, and those whose time it is come.
  std::vector<std::vector<int>> due(1);
  for (int i = 0; i < kCrowd; ++i) due[0].push_back(i);
  std::vector<int> refused(kCrowd);
  int served = 0;
  int under_way = 0;
  int idle_ms = 0;
  size_t ms = 0;
  for (; served < kCrowd && ms < 60'000; ++ms) {
    if (under_way > 0) {
      admission.Leave();
      --under_way;
      ++served;
    } else {
      ++idle_ms;
    }
    if (ms < due.size()) {
      for (const int caller : std::vector<int>(due[ms])) {
        const auto turn = admission.Enter();
        if (!turn.has_value()) {
          ++under_way;
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
  Admission admission(1, clock_);
  EXPECT_EQ(admission.TakeRefusals(), std::nullopt);
  ASSERT_EQ(admission.Enter(), std::nullopt);
  admission.Enter();
  EXPECT_THAT(admission.TakeRefusals(), Optional(Eq(1)));
  for (int i = 0; i < 5; ++i) admission.Enter();
  EXPECT_EQ(admission.TakeRefusals(), std::nullopt);
  clock_.Advance(kRefusalReportPeriod);
  EXPECT_THAT(admission.TakeRefusals(), Optional(Eq(5)));
  clock_.Advance(kRefusalReportPeriod);
  EXPECT_EQ(admission.TakeRefusals(), std::nullopt);
}

}  // namespace
}  // namespace baraza::server
