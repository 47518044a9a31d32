#include "core/base/clock.h"

#include <gtest/gtest.h>

namespace baraza {
namespace {

TEST(FakeClock, StandsStillUntilMoved) {
  FakeClock clock(absl::FromUnixSeconds(100));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(100));
  EXPECT_EQ(clock.Monotonic(), absl::ZeroDuration());
  clock.Advance(absl::Milliseconds(1500));
  EXPECT_EQ(clock.Now(), absl::FromUnixMillis(101500));
  EXPECT_EQ(clock.Monotonic(), absl::Milliseconds(1500));
}

TEST(FakeClock, SettingTheWallClockBackLeavesTheMonotonicOneAlone) {
  FakeClock clock;
  clock.Advance(absl::Seconds(5));
  clock.SetNow(absl::UnixEpoch());
  EXPECT_EQ(clock.Now(), absl::UnixEpoch());
  EXPECT_EQ(clock.Monotonic(), absl::Seconds(5));
}

TEST(SystemClock, MonotonicDoesNotGoBack) {
  SystemClock clock;
  absl::Duration last = clock.Monotonic();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration now = clock.Monotonic();
    ASSERT_GE(now, last);
    last = now;
  }
  EXPECT_GT(clock.Now(), absl::FromUnixSeconds(1'600'000'000));
}

}  // namespace
}  // namespace baraza
