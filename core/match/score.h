#ifndef BARAZA_CORE_MATCH_SCORE_H_
#define BARAZA_CORE_MATCH_SCORE_H_

#include <array>
#include <cstdint>
#include <optional>

#include "baraza/v1/match.pb.h"
#include "core/match/compare.h"
#include "core/match/features.h"

namespace baraza {

// A validated model as a table, for scoring many pairs.
class Scorer {
 public:
  // `model` must be valid (ValidateModel).
  explicit Scorer(const v1::MatchModel& model);

  // prior + the sum of the levels' weights, in milli-nats. Symmetric; allocates nothing.
  int32_t Score(const ReportFeatures& a, const ReportFeatures& b) const;
  int32_t Score(const PairLevels& levels) const;

  // The score if it is above `floor`, else nullopt. Looks at the cheap fields first and gives up as
  // soon as the greatest weights of those left cannot lift the sum above the floor: the same answer
  // as Score at a part of its cost, since most pairs fall short by their teams or titles already.
  std::optional<int32_t> ScoreAbove(int32_t floor, const ReportFeatures& a,
                                    const ReportFeatures& b) const;

  int32_t prior() const { return prior_; }
  int32_t Weight(int field, int level) const { return weights_[field][level]; }

 private:
  int32_t prior_ = 0;
  std::array<std::array<int32_t, kMaxLevels>, kMatchFieldCount> weights_{};
  // The most that the fields after the i-th in the order of ScoreAbove can add.
  std::array<int32_t, kMatchFieldCount> most_after_{};
};

// The score of a pair under `model`, in milli-nats of log-odds that the two reports describe one
// session. Symmetric. For many pairs use a Scorer.
int32_t ScorePair(const ReportFeatures& a, const ReportFeatures& b, const v1::MatchModel& model);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_SCORE_H_
