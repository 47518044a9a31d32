#ifndef BARAZA_CORE_INDICATOR_INTERVAL_H_
#define BARAZA_CORE_INDICATOR_INTERVAL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/figure.pb.h"

namespace baraza {

// How far a count of sessions may be off because reports were wrongly taken for one session or for
// two: a 95 % interval.
//
// A count rests on decisions, each about one pair of reports (MatchIndex::ReviewLinks): a wrong one
// among those that put reports together hides a session, a wrong one among those that hold them
// apart counts one twice. Decisions fall into strata by their kind and score. How many of a stratum
// are wrong is estimated from a simple random sample of it that people looked at; how likely they
// are to be before anybody looked was measured on generated reports (docs/matching.md), by how much
// of a count is in doubt, since that tells how muddled the reports are. What no decision stands for
// - two reports of one session that share no block, or whose likeliest pair is a third report's -
// is a term of its own, which review cannot narrow.
//
// How often decisions are wrong differs between programmes: by a factor on the odds of all that put
// reports together and by one on all that hold them apart, both log-normal before anybody looks.
// What was found in the samples says which factors are likely. Given the factor, the number of
// wrong decisions in a stratum that nobody looked at has a beta-binomial distribution, the beta
// being the measured rate updated by what was found. The count's distribution is that of the sum
// over strata, mixed over the factors. Deterministic; any thread.

// Strata are numbered by their place in this list.
struct ReviewStratum {
  absl::string_view name;
  // Whether these decisions put reports together.
  bool together = false;
  // Milli-nats, inclusive; up to that of the stratum before (of the same kind).
  int32_t least_score = 0;
};
absl::Span<const ReviewStratum> ReviewStrata();
size_t ReviewStratumOf(bool together, int32_t score_milli_nats);
std::optional<size_t> FindReviewStratum(absl::string_view name);

// What is known of one stratum of one figure.
struct StratumEvidence {
  // Decisions in it, those looked at included.
  uint32_t links = 0;
  // Looked at and settled.
  uint32_t reviewed = 0;
  // Of these, found wrong.
  uint32_t wrong = 0;
  // Of these, still as they were: no ruling has put them right.
  uint32_t still_wrong = 0;
};

struct CountEvidence {
  // Sessions counted.
  uint32_t counted = 0;
  // Pairs in doubt among them.
  uint32_t doubtful = 0;
  // By stratum; empty: no sample was drawn.
  std::vector<StratumEvidence> strata;
};

// low and high (whole sessions) and sampled_pairs; the note is left to the caller.
v1::StatisticalInterval EstimateInterval(const CountEvidence& evidence);

// How many of `wanted` decisions to draw from each stratum, `available[i]` being those nobody has
// looked at yet: more where more of them are likely to be wrong (Neyman 1934), for a count of which
// `doubt_share` (pairs in doubt per session) is in doubt. Sums to min(wanted, all there are).
std::vector<uint32_t> AllocateReview(absl::Span<const uint32_t> available, double doubt_share,
                                     uint32_t wanted);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_INTERVAL_H_
