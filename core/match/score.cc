#include "core/match/score.h"

#include <algorithm>

namespace baraza {
namespace {

// Cheapest first; titles before what depends on them; names of places, whose spellings are
// compared, last.
constexpr v1::MatchField kCheapestFirst[] = {
    v1::MATCH_FIELD_DATE,     v1::MATCH_FIELD_HINT_ANSWER, v1::MATCH_FIELD_PART_OF,
    v1::MATCH_FIELD_DOCUMENT, v1::MATCH_FIELD_PASSAGE,     v1::MATCH_FIELD_MODALITY,
    v1::MATCH_FIELD_REPORTER, v1::MATCH_FIELD_ORGANISER,   v1::MATCH_FIELD_PARTICIPANTS,
    v1::MATCH_FIELD_WOMEN,    v1::MATCH_FIELD_DURATION,    v1::MATCH_FIELD_TEAMS,
    v1::MATCH_FIELD_TITLE,    v1::MATCH_FIELD_MARKER,      v1::MATCH_FIELD_ISSUE,
    v1::MATCH_FIELD_TOPIC,    v1::MATCH_FIELD_SUBJECTS,    v1::MATCH_FIELD_PLACE};
constexpr int kOrdered = kMatchFieldCount - 1;
static_assert(sizeof(kCheapestFirst) / sizeof(kCheapestFirst[0]) == kOrdered);

}  // namespace

Scorer::Scorer(const v1::MatchModel& model) : prior_(model.prior_milli_nats()) {
  for (const auto& weights : model.fields()) {
    const auto names = LevelNames(weights.field());
    for (const auto& level : weights.levels()) {
      const auto at = std::find(names.begin(), names.end(), absl::string_view(level.level()));
      if (at != names.end()) weights_[weights.field()][at - names.begin()] = level.milli_nats();
    }
  }
  for (int i = kOrdered - 2; i >= 0; --i) {
    const v1::MatchField next = kCheapestFirst[i + 1];
    const auto begin = weights_[next].begin();
    const int32_t most = *std::max_element(begin, begin + LevelNames(next).size());
    most_after_[i] = most_after_[i + 1] + most;
  }
}

std::optional<int32_t> Scorer::ScoreAbove(int32_t floor, const ReportFeatures& a,
                                          const ReportFeatures& b) const {
  PairComparison comparison(a, b);
  int32_t score = prior_;
  for (int i = 0; i < kOrdered; ++i) {
    const v1::MatchField field = kCheapestFirst[i];
    score += weights_[field][comparison.Level(field)];
    if (score + most_after_[i] <= floor) return std::nullopt;
  }
  return score;
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
