#include "core/match/prior.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/base/random.h"
#include "core/match/model.h"
#include "tests/testing/status_matchers.h"

namespace baraza {
namespace {

using ::baraza::test::StatusIs;

// Pairs with one piece of evidence, +-`evidence` milli-nats and right as often as it says, of which
// the share `same` are on one session; scored by a model that was fitted where `fitted` were.
std::vector<int32_t> Scores(double same, double fitted, int count, int32_t evidence) {
  SeededRandom random(7);
  const auto chance = [&random] {
    return static_cast<double>(random.Uniform(1 << 30)) / (1 << 30);
  };
  const int32_t prior = static_cast<int32_t>(1000 * std::log(fitted / (1 - fitted)));
  const double right = 1 / (1 + std::exp(-evidence / 1000.0));
  std::vector<int32_t> scores;
  for (int i = 0; i < count; ++i) {
    const bool together = chance() < same;
    const bool speaks_for = (chance() < right) == together;
    scores.push_back(prior + (speaks_for ? evidence : -evidence));
  }
  return scores;
}

v1::MatchModel FittedOn(double share, int32_t lean = 0) {
  v1::MatchModel model = ShippedModel();
  model.set_fitted_pairs(1'000'000);
  model.set_fitted_same_pairs(static_cast<int64_t>(share * 1'000'000));
  model.set_lean_milli_nats(lean);
  return model;
}

double ShiftTo(double share, double fitted) {
  return 1000 * (std::log(share / (1 - share)) - std::log(fitted / (1 - fitted)));
}

TEST(Prior, FindsTheShareThatTheScoresCameFrom) {
  for (const double share : {0.01, 0.03, 0.1, 0.3}) {
    const v1::MatchModel model = FittedOn(0.03);
    ASSERT_OK_AND_ASSIGN(const PriorEstimate found,
                         EstimatePrior(Scores(share, 0.03, 100'000, 4000), model));
    EXPECT_NEAR(found.same_share, share, share * 0.12);
    EXPECT_NEAR(found.prior_milli_nats - model.prior_milli_nats(), ShiftTo(share, 0.03), 120);
    EXPECT_EQ(found.pairs, 100'000);
  }
}

// The lean is in every score, and is no sign of more pairs on one session.
TEST(Prior, TheLeanIsNotTakenForEvidence) {
  std::vector<int32_t> scores = Scores(0.03, 0.03, 100'000, 4000);
  for (int32_t& score : scores) score += 650;
  const v1::MatchModel model = FittedOn(0.03, 650);
  ASSERT_OK_AND_ASSIGN(const PriorEstimate found, EstimatePrior(scores, model));
  EXPECT_NEAR(found.prior_milli_nats, model.prior_milli_nats(), 60);
}

TEST(Prior, FewPairsMoveItLittle) {
  const v1::MatchModel model = FittedOn(0.03);
  ASSERT_OK_AND_ASSIGN(const PriorEstimate none, EstimatePrior({}, model));
  EXPECT_EQ(none.prior_milli_nats, model.prior_milli_nats());
  const std::vector<int32_t> sure(10, 9000);
  ASSERT_OK_AND_ASSIGN(const PriorEstimate few, EstimatePrior(sure, model));
  EXPECT_GT(few.prior_milli_nats, model.prior_milli_nats());
  EXPECT_LT(few.prior_milli_nats, model.prior_milli_nats() + 600);
  const std::vector<int32_t> never(1'000'000, -90'000);
  ASSERT_OK_AND_ASSIGN(const PriorEstimate bounded, EstimatePrior(never, model));
  EXPECT_GT(bounded.prior_milli_nats, model.prior_milli_nats() - 10'000);
}

TEST(Prior, AModelMadeByHandHasNoShareToStartFrom) {
  v1::MatchModel model = ShippedModel();
  model.clear_fitted_pairs();
  model.clear_fitted_same_pairs();
  EXPECT_THAT(EstimatePrior({}, model), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace baraza
