#include "core/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace baraza {
namespace {

TEST(SeededRandom, FollowsThePublishedVectorsOfSplitMix64) {
  SeededRandom random(1234567);
  EXPECT_EQ(random.Next64(), 6457827717110365317u);
  EXPECT_EQ(random.Next64(), 3203168211198807973u);
  EXPECT_EQ(random.Next64(), 9817491932198370423u);
}

TEST(SeededRandom, DependsOnTheSeedAlone) {
  SeededRandom a(42);
  SeededRandom b(42);
  SeededRandom c(43);
  std::array<uint8_t, 37> bytes_a, bytes_b, bytes_c;
  a.Fill(absl::MakeSpan(bytes_a));
  b.Fill(absl::MakeSpan(bytes_b));
  c.Fill(absl::MakeSpan(bytes_c));
  EXPECT_EQ(bytes_a, bytes_b);
  EXPECT_NE(bytes_a, bytes_c);
}

TEST(Random, UniformStaysBelowItsBoundAndReachesEveryValue) {
  SeededRandom random(5);
  EXPECT_EQ(random.Uniform(0), 0u);
  EXPECT_EQ(random.Uniform(1), 0u);
  std::vector<int> seen(7);
  for (int i = 0; i < 7000; ++i) {
    const uint64_t value = random.Uniform(7);
    ASSERT_LT(value, 7u);
    ++seen[value];
  }
  for (const int count : seen) EXPECT_GT(count, 800);
}

// With this bound (three quarters of 2^64) the bare remainder would fall below 2^62 half the time,
// not a third.
TEST(Random, UniformHasNoModuloBias) {
  SeededRandom random(9);
  const uint64_t bound = (uint64_t{1} << 63) + (uint64_t{1} << 62);
  int low = 0;
  constexpr int kDraws = 30000;
  for (int i = 0; i < kDraws; ++i) low += random.Uniform(bound) < (uint64_t{1} << 62);
  EXPECT_NEAR(low, kDraws / 3, 500);  // 6 standard deviations; a biased draw gives a half.
}

TEST(SystemRandom, DoesNotRepeatItself) {
  SystemRandom random;
  std::array<uint8_t, 32> a{}, b{};
  random.Fill(absl::MakeSpan(a));
  random.Fill(absl::MakeSpan(b));
  EXPECT_NE(a, b);
  random.Fill(absl::Span<uint8_t>());
}

}  // namespace
}  // namespace baraza
