#ifndef BARAZA_CORE_MATCH_PRIOR_H_
#define BARAZA_CORE_MATCH_PRIOR_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "baraza/v1/match.pb.h"

namespace baraza {

// A prior of a programme's own: how often two of its reports that are compared describe one
// session.
struct PriorEstimate {
  // To adopt instead of the model's; the model's lean is in it.
  int32_t prior_milli_nats = 0;
  // Share of compared pairs on one session, 0 .. 1: as estimated, and as the model was fitted on.
  double same_share = 0;
  double fitted_same_share = 0;
  int64_t pairs = 0;
};

// Estimates a prior from what pairs score alone, without anybody's answers: the share of pairs on
// one session is that with which the mean of the pairs' chances, each under that share, is the
// share itself (expectation maximisation of the one parameter; Saerens, Latinne and Decaestecker,
// Neural Computation 14, 2002). kPriorStrength pairs at the model's own share are taken along, so
// that a few reports do not move it far. `scores`, in milli-nats, are those of all compared pairs
// under `model` with its own prior; their order is of no account but for rounding.
// FAILED_PRECONDITION if the model does not say on what it was fitted.
constexpr double kPriorStrength = 500;
absl::StatusOr<PriorEstimate> EstimatePrior(absl::Span<const int32_t> scores,
                                            const v1::MatchModel& model);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_PRIOR_H_
