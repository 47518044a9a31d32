#include <gtest/gtest.h>

#include <string>

#include "tests/evaluation/review_simulation.h"

namespace baraza {
namespace {

// What docs/matching.md claims of the interval, on fewer and smaller programmes and with a margin
// for that: of 36 intervals that hold with 95 % each, 31 or more do so in all but 1 of 1,000 cases.
TEST(IntervalCoverage, HoldsTheTrueCountBeforeAndAfterReview) {
  int programmes = 0;
  int before = 0;
  int after = 0;
  double width_before = 0;
  double width_after = 0;
  for (const testdata::Noise& noise :
       {testdata::kLowNoise, testdata::kMediumNoise, testdata::kHighNoise}) {
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      testdata::GenerateOptions options;
      options.seed = 900 + seed;
      options.sessions = 80;
      options.vocabulary = &testdata::VocabularyB();
      options.noise = noise;
      const ReviewedProgramme programme = Review(GenerateProgramme(options), 60, options.seed);
      ++programmes;
      before += programme.before.low <= programme.truth && programme.truth <= programme.before.high;
      after += programme.after.low <= programme.truth && programme.truth <= programme.after.high;
      width_before += (programme.before.high - programme.before.low) / programme.value;
      width_after += (programme.after.high - programme.after.low) / programme.value;
      EXPECT_EQ(programme.before.sampled_pairs, 0u);
      EXPECT_EQ(programme.after.sampled_pairs, 60u);
    }
  }
  EXPECT_GE(before, 31);
  EXPECT_GE(after, 31);
  EXPECT_LT(width_before / programmes, 0.25);
  EXPECT_LT(width_after, 0.75 * width_before);
}

// Where the matcher errs otherwise than on what was generated: of 18 that hold with 95 % each, 14
// or more do so in all but 1 of 600 cases.
TEST(IntervalCoverage, HoldsOnReportsByOtherHands) {
  int after = 0;
  for (const char* set : {"first", "second", "third", "fourth", "fifth", "sixth"}) {
    const LabelledProgramme programme = ReadProgramme(std::string("tests/data/other_hands/") + set);
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      const ReviewedProgramme review = Review(programme, 200, seed);
      EXPECT_LE(review.before.low, review.truth) << set;
      EXPECT_GE(review.before.high, review.truth) << set;
      after += review.after.low <= review.truth && review.truth <= review.after.high;
    }
  }
  EXPECT_GE(after, 14);
}

}  // namespace
}  // namespace baraza
