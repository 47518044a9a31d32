#include "core/match/score.h"

#include <algorithm>

namespace baraza {

Scorer::Scorer(const v1::MatchModel& model) : prior_(model.prior_milli_nats()) {
  for (const auto& weights : model.fields()) {
    const auto names = LevelNames(weights.field());
    for (const auto& level : weights.levels()) {
      const auto at = std::find(names.begin(), names.end(), absl::string_view(level.level()));
      if (at != names.end()) weights_[weights.field()][at - names.begin()] = level.milli_nats();
    }
  }
}

int32_t Scorer::Score(const PairLevels& levels) const {
  int32_t score = prior_;
  for (int field = 1; field < kMatchFieldCount; ++field) {
    score += weights_[field][levels.level[field]];
  }
  return score;
}

int32_t Scorer::Score(const ReportFeatures& a, const ReportFeatures& b) const {
  return Score(Compare(a, b));
}

int32_t ScorePair(const ReportFeatures& a, const ReportFeatures& b, const v1::MatchModel& model) {
  return Scorer(model).Score(a, b);
}

}  // namespace baraza
