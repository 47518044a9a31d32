#include "core/match/prior.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace baraza {
namespace {

// Each round brings the shift at least some per cent nearer to where it stays; far more rounds than
// it takes to a thousandth of a nat.
constexpr int kMaxRounds = 1000;
constexpr double kCloseEnough = 1e-6;

double LogOdds(double share) { return std::log(share / (1 - share)); }

}  // namespace

absl::StatusOr<PriorEstimate> EstimatePrior(absl::Span<const int32_t> scores,
                                            const v1::MatchModel& model) {
  const double fitted =
      static_cast<double>(model.fitted_same_pairs()) / static_cast<double>(model.fitted_pairs());
  if (!(fitted > 0 && fitted < 1)) {
    return absl::FailedPreconditionError(
        absl::StrCat("MatchModel: fitted_same_pairs: expected what the model was fitted on, got ",
                     model.fitted_same_pairs(), " of ", model.fitted_pairs(), " pairs"));
  }
  const double total = static_cast<double>(scores.size()) + kPriorStrength;
  double share = fitted;
  double shift = 0;
  for (int round = 0; round < kMaxRounds; ++round) {
    double sum = kPriorStrength * fitted;
    for (const int32_t score : scores) {
      const double log_odds = (score - model.lean_milli_nats()) / 1000.0 + shift;
      sum += 1 / (1 + std::exp(-log_odds));
    }
    share = sum / total;
    const double next = LogOdds(share) - LogOdds(fitted);
    const bool done = std::abs(next - shift) < kCloseEnough;
    shift = next;
    if (done) break;
  }
  PriorEstimate estimate;
  estimate.prior_milli_nats =
      model.prior_milli_nats() + static_cast<int32_t>(std::lround(shift * 100)) * 10;
  estimate.same_share = share;
  estimate.fitted_same_share = fitted;
  estimate.pairs = static_cast<int64_t>(scores.size());
  return estimate;
}

}  // namespace baraza
