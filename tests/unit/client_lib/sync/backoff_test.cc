#include "client_lib/sync/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "client_lib/limits.h"

namespace baraza::client {
namespace {

TEST(BackoffTest, StaysBetweenOneSecondAndADoublingBound) {
  SeededRandom random(7);
  for (int run = 0; run < 200; ++run) {
    Backoff backoff(random);
    absl::Duration bound = kMinBackoff;
    for (int n = 1; n <= 12; ++n) {
      bound = std::min(bound * 2, kMaxBackoff);
      const absl::Duration wait = backoff.Next();
      EXPECT_GE(wait, kMinBackoff);
      EXPECT_LE(wait, bound);
      EXPECT_EQ(backoff.failures(), n);
    }
  }
}

TEST(BackoffTest, UsesTheWholeRange) {
  SeededRandom random(8);
  absl::Duration least = absl::InfiniteDuration();
  absl::Duration most = absl::ZeroDuration();
  for (int run = 0; run < 1000; ++run) {
    Backoff backoff(random);
    absl::Duration wait;
    for (int n = 0; n < 10; ++n) wait = backoff.Next();
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_LT(least, absl::Seconds(10));
  EXPECT_GT(most, absl::Seconds(290));
}

TEST(BackoffTest, HonoursTheServerWithinReason) {
  SeededRandom random(9);
  Backoff backoff(random);
  for (const absl::Duration asked :
       {absl::Milliseconds(500), absl::Minutes(10), absl::Hours(100)}) {
    const absl::Duration kept = std::min(asked, kMaxRetryAfter);
    std::set<absl::Duration> waits;
    for (int n = 0; n < 50; ++n) waits.insert(backoff.Next(asked));
    EXPECT_GE(*waits.begin(), kept);
    EXPECT_LE(*waits.rbegin(), kept + kept / 8);
    EXPECT_GT(waits.size(), 10u) << "all of a crowd come at once";
  }
  EXPECT_EQ(backoff.failures(), 150);
  EXPECT_GE(backoff.Next(absl::Milliseconds(1)), absl::Milliseconds(500));
}

TEST(BackoffTest, StartsAfreshAfterASuccess) {
  SeededRandom random(10);
  Backoff backoff(random);
  for (int n = 0; n < 10; ++n) backoff.Next();
  backoff.Reset();
  EXPECT_EQ(backoff.failures(), 0);
  EXPECT_LE(backoff.Next(), 2 * kMinBackoff);
}

}  // namespace
}  // namespace baraza::client
