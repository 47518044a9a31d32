#ifndef BARAZA_CORE_MATCH_FIT_H_
#define BARAZA_CORE_MATCH_FIT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "baraza/v1/match.pb.h"
#include "core/match/compare.h"

namespace baraza {

// Compared pairs whose levels are the same, and how many of them describe one session.
struct LabelledLevels {
  PairLevels levels;
  int64_t same = 0;
  int64_t different = 0;
};

struct FitOptions {
  std::string version;
  // How many pairs' worth of evidence a weight of `toward` stands for: the strength of the pull
  // back to it. >= 0
  double pull = 20;
  // Added to the prior. Clusters are joined by their mean over all pairs, so one that is silent
  // holds back a join that the others agree on; leaning toward joining sets that right in the
  // count.
  int32_t lean_milli_nats = 0;
  // Score of pairs that were not compared but lie in one component of positive edges: how many of
  // them describe one session, how many do not. Sets never_compared_milli_nats, smoothed by the
  // pull toward that of `toward`; it stays at most 0.
  int64_t never_compared_same = 0;
  int64_t never_compared_different = 0;
};

// Weights by logistic regression over the levels of all fields at once, so that fields that say the
// same (teams and place, title and topic) share what they say. Least squares from `toward`, times
// the pull, are added to the loss; a level that was never seen keeps the weight of `toward`, and so
// do the few levels of pairs that blocking leaves out or that generated reports cannot teach
// (fit.cc says which). "missing" weighs 0 in every field but the date: to say nothing is no
// evidence. An ordered field stays ordered, from levels for to levels against: neighbours whose
// weights come out in the wrong order share one. Weights are milli-nats rounded to tens; the prior
// is the intercept and the lean. Everything else is as in `toward`. Deterministic. INVALID_ARGUMENT
// when a class is empty, or for an invalid `toward`.
absl::StatusOr<v1::MatchModel> FitModel(absl::Span<const LabelledLevels> pairs,
                                        const v1::MatchModel& toward, const FitOptions& options);

// Adds up equal levels, in an order that depends on the levels only.
std::vector<LabelledLevels> Grouped(std::vector<LabelledLevels> pairs);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_FIT_H_
