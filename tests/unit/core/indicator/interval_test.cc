#include "core/indicator/interval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace baraza {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;

double Width(const v1::StatisticalInterval& interval) { return interval.high() - interval.low(); }

CountEvidence Unreviewed(uint32_t counted, uint32_t doubtful) {
  CountEvidence evidence;
  evidence.counted = counted;
  evidence.doubtful = doubtful;
  return evidence;
}

// Every decision looked at: so many together, so many apart, none wrong.
CountEvidence FullyReviewed(uint32_t counted) {
  CountEvidence evidence = Unreviewed(counted, counted / 10);
  evidence.strata.resize(ReviewStrata().size());
  for (StratumEvidence& stratum : evidence.strata) stratum = {20, 20, 0, 0};
  return evidence;
}

TEST(ReviewStrata, EveryScoreOfEitherKindLiesInOne) {
  std::set<absl::string_view> names;
  for (size_t i = 0; i < ReviewStrata().size(); ++i) {
    const ReviewStratum& stratum = ReviewStrata()[i];
    EXPECT_TRUE(names.insert(stratum.name).second) << stratum.name;
    EXPECT_EQ(FindReviewStratum(stratum.name), i);
    EXPECT_EQ(ReviewStratumOf(stratum.together, stratum.least_score), i);
    if (stratum.least_score != INT32_MIN) {
      EXPECT_EQ(ReviewStratumOf(stratum.together, stratum.least_score - 1), i + 1);
    }
  }
  EXPECT_EQ(FindReviewStratum("of another version"), std::nullopt);
  for (const bool together : {false, true}) {
    for (const int32_t score : {INT32_MIN, -1, 0, 1, INT32_MAX}) {
      EXPECT_EQ(ReviewStrata()[ReviewStratumOf(together, score)].together, together);
    }
  }
}

TEST(EstimateInterval, NothingCountedIsNothing) {
  const v1::StatisticalInterval interval = EstimateInterval({});
  EXPECT_EQ(interval.low(), 0);
  EXPECT_EQ(interval.high(), 0);
  EXPECT_EQ(interval.sampled_pairs(), 0u);
}

TEST(EstimateInterval, BeforeReviewDoubtWidensItAndMovesItDown) {
  // Without doubt the matcher was found to put together a little more than it keeps apart.
  v1::StatisticalInterval last = EstimateInterval(Unreviewed(1000, 0));
  EXPECT_LE(last.low(), 1010);
  EXPECT_GE(last.high(), 1000);
  for (const uint32_t doubtful : {100u, 200u, 300u}) {
    const v1::StatisticalInterval interval = EstimateInterval(Unreviewed(1000, doubtful));
    EXPECT_GT(Width(interval), Width(last)) << doubtful;
    EXPECT_LT(interval.low() + interval.high(), last.low() + last.high()) << doubtful;
    last = interval;
  }
  // More doubt than was ever measured is taken for the most that was.
  EXPECT_EQ(EstimateInterval(Unreviewed(1000, 5000)).low(),
            EstimateInterval(Unreviewed(1000, 900)).low());
}

TEST(EstimateInterval, AsAPartOfTheCountItShrinksAsTheCountGrows) {
  double last = 1e9;
  // The share of doubt is the same in all of them.
  for (const uint32_t counted : {14u, 140u, 1400u, 14'000u, 1'400'000u}) {
    const v1::StatisticalInterval interval = EstimateInterval(Unreviewed(counted, counted / 7));
    EXPECT_GE(interval.low(), 0);
    EXPECT_LT(interval.low(), interval.high());
    // In the limit the spread of the rates remains, and the coarser steps of a large sum show.
    EXPECT_LT(Width(interval) / counted, 1.01 * last) << counted;
    last = Width(interval) / counted;
  }
}

TEST(EstimateInterval, WhatWasLookedAtIsNoLongerInQuestion) {
  const v1::StatisticalInterval before = EstimateInterval(Unreviewed(200, 20));
  const v1::StatisticalInterval after = EstimateInterval(FullyReviewed(200));
  EXPECT_LT(Width(after), Width(before));
  // Sessions that no decision stands for can only be counted twice.
  EXPECT_EQ(after.high(), 200);
  EXPECT_GT(after.low(), 180);
  EXPECT_EQ(after.sampled_pairs(), 20u * ReviewStrata().size());
}

TEST(EstimateInterval, AWrongDecisionThatStandsMovesItByOne) {
  for (size_t i = 0; i < ReviewStrata().size(); ++i) {
    const int hidden = ReviewStrata()[i].together ? 1 : -1;
    CountEvidence evidence = FullyReviewed(200);
    evidence.strata[i].wrong = 3;
    const v1::StatisticalInterval right = EstimateInterval(evidence);
    evidence.strata[i].still_wrong = 2;
    const v1::StatisticalInterval wrong = EstimateInterval(evidence);
    EXPECT_EQ(wrong.low(), right.low() + 2 * hidden) << ReviewStrata()[i].name;
    EXPECT_EQ(wrong.high(), right.high() + 2 * hidden) << ReviewStrata()[i].name;
  }
}

TEST(EstimateInterval, WhatWasFoundSpeaksForWhatWasNot) {
  const size_t stratum = ReviewStratumOf(true, 3000);
  const auto with = [&](uint32_t wrong) {
    CountEvidence evidence = FullyReviewed(500);
    evidence.strata[stratum] = {200, 40, wrong, 0};
    return EstimateInterval(evidence);
  };
  EXPECT_LT(with(0).high(), with(4).high());
  EXPECT_LT(with(4).high(), with(20).high());
  EXPECT_LT(with(4).low(), with(20).low());
  // Half of those looked at were wrong: about half of the 160 others are.
  EXPECT_GT(with(20).high(), 500 + 60);
  EXPECT_LT(with(20).high(), 500 + 120);
  // More looked at: less left to guess.
  CountEvidence more = FullyReviewed(500);
  more.strata[stratum] = {200, 160, 16, 0};
  EXPECT_LT(Width(EstimateInterval(more)), Width(with(4)));
}

// A matcher that errs more than was measured does so in every stratum of a kind.
TEST(EstimateInterval, WhatWasFoundInOneStratumSpeaksForTheOthersOfItsKind) {
  const auto with = [](bool together, uint32_t wrong) {
    CountEvidence evidence = Unreviewed(500, 50);
    evidence.strata.resize(ReviewStrata().size());
    for (size_t i = 0; i < ReviewStrata().size(); ++i) evidence.strata[i] = {50, 0, 0, 0};
    evidence.strata[ReviewStratumOf(together, together ? 0 : -3000)] = {100, 100, wrong, 0};
    return EstimateInterval(evidence);
  };
  EXPECT_GT(with(true, 60).low(), with(true, 10).low());
  EXPECT_GT(with(true, 60).high(), with(true, 10).high());
  EXPECT_LT(with(false, 30).low(), with(false, 2).low());
  EXPECT_LT(with(false, 30).high(), with(false, 2).high());
}

TEST(EstimateInterval, ThousandsLookedAtLeaveNextToNothing) {
  CountEvidence evidence = Unreviewed(50'000, 5'000);
  evidence.strata.resize(ReviewStrata().size());
  for (StratumEvidence& stratum : evidence.strata) stratum = {20'000, 19'990, 1'000, 0};
  const v1::StatisticalInterval interval = EstimateInterval(evidence);
  EXPECT_GT(interval.low(), 45'000);
  EXPECT_LE(interval.low(), interval.high());
  EXPECT_LE(interval.high(), 50'010);
}

TEST(AllocateReview, DrawsWhereMistakesAreLikelyAndPassesOnWhatIsLeft) {
  const std::vector<uint32_t> all(ReviewStrata().size(), 1000);
  const std::vector<uint32_t> drawn = AllocateReview(all, 0.14, 200);
  EXPECT_EQ(std::accumulate(drawn.begin(), drawn.end(), 0u), 200u);
  EXPECT_THAT(drawn, Each(Ge(1u)));
  EXPECT_GT(drawn[ReviewStratumOf(false, 2000)], drawn[ReviewStratumOf(false, -9000)]);
  EXPECT_GT(drawn[ReviewStratumOf(true, 100)], drawn[ReviewStratumOf(true, 9000)]);

  std::vector<uint32_t> few(ReviewStrata().size(), 0);
  few[2] = 3;
  few[7] = 5;
  EXPECT_EQ(AllocateReview(few, 0.14, 100), few) << "no more than there are";
  EXPECT_THAT(AllocateReview(std::vector<uint32_t>(ReviewStrata().size(), 0), 0, 50), Each(0u));
  few[7] = 1'000'000;
  const std::vector<uint32_t> most = AllocateReview(few, 0.14, 50);
  EXPECT_EQ(most[2] + most[7], 50u);
  EXPECT_GE(most[2], 1u);
}

}  // namespace
}  // namespace baraza
