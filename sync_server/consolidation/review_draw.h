#ifndef BARAZA_SYNC_SERVER_CONSOLIDATION_REVIEW_DRAW_H_
#define BARAZA_SYNC_SERVER_CONSOLIDATION_REVIEW_DRAW_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "baraza/v1/figure.pb.h"
#include "baraza/v1/review.pb.h"
#include "core/base/random.h"
#include "core/match/index.h"

namespace baraza::server {

struct ReviewDraw {
  // In random order; without ids and outcomes.
  std::vector<v1::ReviewSample> samples;
  // Decisions that the figure rests on, those drawn before included.
  uint32_t decisions = 0;
};

// Draws up to `size` of the decisions that `figure` rests on, a simple random sample without
// replacement of each stratum (core/indicator/interval.h). `links` are MatchIndex::ReviewLinks of
// the figure's counted sessions: those that put reports together, and those that hold two of these
// sessions apart, since joining any others would not change the figure. `earlier` are the samples
// drawn for this figure and model before; their pairs are not drawn again. Any thread.
ReviewDraw DrawReview(const v1::Figure& figure, absl::Span<const MatchIndex::ReviewLink> links,
                      absl::Span<const v1::ReviewSample> earlier, uint32_t size, Random& random);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_CONSOLIDATION_REVIEW_DRAW_H_
