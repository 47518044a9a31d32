#include "core/match/fit.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/base/status.h"
#include "core/match/model.h"

namespace baraza {
namespace {

// Levels of a field that must not weigh less than the next in the list. Each list is a chain of its
// own: two of one field may share levels.
struct Order {
  v1::MatchField field;
  std::vector<uint8_t> levels;
};

const std::vector<Order>& Orders() {
  using namespace level;  // NOLINT: the levels' names are long enough
  static const std::vector<Order>* const orders = new std::vector<Order>{
      {v1::MATCH_FIELD_DATE,
       {kSameDay, kSameStart, kOverlapping, kOneDayApart, kFewDaysApart, kAboutAWeekApart,
        kFarApart}},
      {v1::MATCH_FIELD_DATE, {kOneDayApart, kDaySwapped, kFewDaysApart}},
      {v1::MATCH_FIELD_DATE,
       {kSameDay, kWithinMonth, kWithinQuarter, kWithinYear, kRangesDoNotMeet}},
      {v1::MATCH_FIELD_DATE, {kSameMonth, kRangesOverlap, kRangesDoNotMeet}},
      {v1::MATCH_FIELD_PLACE,
       {kSameVenue, kSameLocality, kSimilarSpelling, kPlaceMissing, kDifferentVenue,
        kDifferentPlace}},
      {v1::MATCH_FIELD_PLACE, {kDifferentVenue, kDifferentCountry}},
      {v1::MATCH_FIELD_PLACE, {kSamePlaceCode, kNear, kPlaceMissing}},
      {v1::MATCH_FIELD_PLACE, {kPlaceMissing, kLooselyAlikeNames, kOtherName, kDifferentPlace}},
      {v1::MATCH_FIELD_PLACE, {kLooselyAlikeNames, kOtherNameTitlesAlike, kDifferentPlace}},
      {v1::MATCH_FIELD_PLACE, {kOtherName, kOtherNameAnotherDay}},
      {v1::MATCH_FIELD_PLACE, {kOtherNameTitlesAlike, kOtherNameAnotherDay}},
      {v1::MATCH_FIELD_TITLE,
       {kSameTitle, kVerySimilarTitle, kSimilarTitle, kSomewhatSimilarTitle, kSlightlySimilarTitle,
        kDifferentTitle}},
      {v1::MATCH_FIELD_TITLE, {kSimilarTitle, kTitleMissing, kSlightlySimilarTitle}},
      {v1::MATCH_FIELD_TITLE,
       {kSlightlySimilarTitle, kDifferentTitleNotUnderstood, kDifferentTitle}},
      {v1::MATCH_FIELD_TITLE, {kSimilarTitle, kRelatedTitle, kDifferentTitle}},
      {v1::MATCH_FIELD_TITLE,
       {kVeryAlikeAcrossLanguages, kAlikeAcrossLanguages, kOtherLanguage,
        kOtherLanguageHalfUnderstood, kDifferentTitle}},
      {v1::MATCH_FIELD_TOPIC,
       {kSameTopics, kSomeTopics, kTopicMissing, kDifferentTopics, kDifferentTopicsTitlesDiffer}},
      {v1::MATCH_FIELD_TOPIC, {kSomeTopics, kRelatedTopics, kDifferentTopics}},
      {v1::MATCH_FIELD_TOPIC, {kSameTopicsTitlesSilent, kSomeTopics}},
      {v1::MATCH_FIELD_TOPIC, {kTopicsInOtherTitle, kSameTopicsTitlesDiffer}},
      {v1::MATCH_FIELD_MARKER, {kSameMarker, kMarkerMissing, kMarkerOneSided, kDifferentMarker}},
      {v1::MATCH_FIELD_MARKER, {kMarkerMissing, kMarkerOneSidedTitlesAlike, kDifferentMarker}},
      {v1::MATCH_FIELD_MARKER, {kMarkerMissing, kMarkerOneSidedSameDay, kDifferentMarker}},
      {v1::MATCH_FIELD_TEAMS,
       {kSameTeams, kMostTeams, kSomeTeams, kOneTeam, kOneOfMany, kNoneOfFewTeams,
        kNoTeamInCommon}},
      {v1::MATCH_FIELD_TEAMS, {kSameOfMany, kMostOfMany, kSomeOfMany, kOneTeam}},
      {v1::MATCH_FIELD_TEAMS, {kSameOfMany, kSameTeams}},
      {v1::MATCH_FIELD_TEAMS, {kMostOfMany, kMostTeams}},
      {v1::MATCH_FIELD_TEAMS, {kSomeOfMany, kSomeTeams}},
      {v1::MATCH_FIELD_TEAMS, {kSomeTeams, kTeamsMissing, kNoneOfFewTeams}},
      {v1::MATCH_FIELD_ORGANISER,
       {kSameOrganiser, kSameOrganisation, kOrganiserMissing, kDifferentOrganiser}},
      {v1::MATCH_FIELD_ORGANISER, {kOrganiserMissing, kEachOrganiserThere, kDifferentOrganiser}},
      {v1::MATCH_FIELD_PARTICIPANTS,
       {kSameTotal, kSameRoundTotal, kCloseTotal, kSimilarTotal, kUnlikeTotal, kFarTotal}},
      {v1::MATCH_FIELD_PARTICIPANTS, {kCloseTotal, kParticipantsMissing, kFarTotal}},
      {v1::MATCH_FIELD_DOCUMENT, {kSameFile, kSameDocument, kDocumentMissing}},
      {v1::MATCH_FIELD_ISSUE, {kSameIssue, kRelatedIssue, kDifferentIssue}},
      {v1::MATCH_FIELD_ISSUE, {kSameIssue, kIssueMissing, kDifferentIssue}},
      {v1::MATCH_FIELD_ISSUE, {kSameIssue, kDifferentIssueTitlesAlike}},
      {v1::MATCH_FIELD_MODALITY,
       {kSameModality, kModalityMissing, kPartlyOnline, kDifferentModality}},
      {v1::MATCH_FIELD_REPORTER, {kDifferentTeams, kSameReportingTeam, kSameAuthor}},
      {v1::MATCH_FIELD_PASSAGE, {kSamePassage, kPassageMissing, kSameSource, kDifferentPassages}},
      {v1::MATCH_FIELD_HINT_ANSWER, {kSaidSame, kUnsure, kSaidDifferent}},
      {v1::MATCH_FIELD_HINT_ANSWER, {kSaidSame, kHintMissing, kSaidDifferent}},
      {v1::MATCH_FIELD_PART_OF,
       {kPartOfMissing, kPartOneSided, kPartOneSidedWithin, kWholeAndPart}},
      {v1::MATCH_FIELD_PART_OF, {kPartOfMissing, kDifferentWholes}},
      {v1::MATCH_FIELD_WOMEN, {kSameWomenAndTotal, kSameWomen, kCloseWomen, kUnlikeWomen}},
      {v1::MATCH_FIELD_WOMEN, {kSameWomenAndTotal, kWomenMissing, kUnlikeWomen}},
      {v1::MATCH_FIELD_DURATION, {kSameDuration, kCloseDuration, kUnlikeDuration, kFarDuration}},
      {v1::MATCH_FIELD_DURATION, {kSameDuration, kDurationMissing, kFarDuration}},
      {v1::MATCH_FIELD_SUBJECTS,
       {kManySubjects, kThreeSubjects, kTwoSubjects, kOneSubject, kNoSubjectInCommon}},
      {v1::MATCH_FIELD_PART_OF, {kPartOfMissing, kSameWhole, kSameWholeOtherTitle}},
  };
  return *orders;
}

// Levels whose pairs blocking leaves out, but for a few that something else brought together: those
// few say nothing about all the others. Two markers, which somebody wrote to tell one from the
// other. And titles that share a word and differ in others, as generated ones, which are made of
// few words, do too seldom by chance; and their topics are the themes of the titles, of few words
// too, where people choose from a short list. Nor is the lexicon as complete for others' words as
// for the generator's, so that what it knows of one title it would know in the other, or that two
// phrases for one thing would share a word. Towns under two names: the lists of names are as
// complete for the generator's towns, whose tours are fewer besides, as they are for nobody's. And
// slips that the generator's people do not make: the town where the writer sits for where it took
// place, each team as the organiser, a number left out of a title that is otherwise the same. They
// stay as they are.
bool IsHeld(int field, int level) {
  switch (field) {
    case v1::MATCH_FIELD_DATE:
      return level == level::kAboutAWeekApart || level == level::kFarApart ||
             level == level::kRangesDoNotMeet;
    case v1::MATCH_FIELD_PLACE:
      return level == level::kDifferentCountry || level == level::kOtherName ||
             level == level::kOtherNameTitlesAlike || level == level::kOtherNameAnotherDay;
    case v1::MATCH_FIELD_TITLE:
      return level == level::kSlightlySimilarTitle ||
             level == level::kOtherLanguageHalfUnderstood ||
             level == level::kDifferentTitleNotUnderstood;
    case v1::MATCH_FIELD_TOPIC:
      return level == level::kSameTopicsTitlesDiffer ||
             level == level::kSameManyTopicsTitlesDiffer || level == level::kDifferentTopics ||
             level == level::kDifferentTopicsTitlesDiffer;
    case v1::MATCH_FIELD_MARKER:
      return level == level::kDifferentMarker || level == level::kMarkerOneSidedTitlesAlike;
    case v1::MATCH_FIELD_ORGANISER:
      return level == level::kDifferentOrganiser;
    case v1::MATCH_FIELD_PASSAGE:
      return level == level::kDifferentPassages;
    case v1::MATCH_FIELD_PART_OF:
      return level == level::kWholeAndPart || level == level::kSameWholeOtherTitle;
    case v1::MATCH_FIELD_SUBJECTS:
      return level == level::kNoSubjectTitlesDiffer;
    default:
      return false;
  }
}

constexpr double kHeldPull = 1e9;

using Grid = std::array<std::array<int, kMaxLevels>, kMatchFieldCount>;

constexpr int kFixed = -1;  // at 0

// Loss and weights. Parameter 0 is the prior; levels are mapped onto parameters, several of them
// onto one where their order demands it.
class Regression {
 public:
  Regression(absl::Span<const LabelledLevels> pairs, const v1::MatchModel& toward, double pull)
      : pairs_(pairs) {
    seen_ = {};
    for (const LabelledLevels& pair : pairs_) {
      for (int field = 1; field < kMatchFieldCount; ++field) {
        seen_[field][pair.levels.level[field]] += static_cast<double>(pair.same + pair.different);
      }
    }
    Number(parameter_of_[0][0], toward.prior_milli_nats(), 0);
    for (const auto& weights : toward.fields()) {
      const auto names = LevelNames(weights.field());
      for (const auto& level : weights.levels()) {
        const size_t at = static_cast<size_t>(
            std::find(names.begin(), names.end(), absl::string_view(level.level())) -
            names.begin());
        int& parameter = parameter_of_[weights.field()][at];
        if (at == 0 && weights.field() != v1::MATCH_FIELD_DATE) {
          parameter = kFixed;
        } else {
          Number(parameter, level.milli_nats(),
                 IsHeld(weights.field(), static_cast<int>(at)) ? kHeldPull : pull);
        }
      }
    }
  }

  // Fits, and ties neighbours that come out in the wrong order, until all are in order.
  void Run() {
    do {
      Newton();
    } while (TieDisorder());
  }

  int32_t MilliNats(int field, int level) const {
    const int parameter = parameter_of_[field][level];
    if (parameter == kFixed) return 0;
    return static_cast<int32_t>(std::lround(weights_[parameter] * 100)) * 10;
  }

 private:
  void Number(int& parameter, int32_t milli_nats, double pull) {
    parameter = static_cast<int>(toward_.size());
    toward_.conservativeResize(toward_.size() + 1);
    toward_[parameter] = milli_nats / 1000.0;
    pull_.conservativeResize(pull_.size() + 1);
    pull_[parameter] = pull;
    weights_ = toward_;
  }

  // Indices of the parameters of a pair; those fixed are left out.
  int ParametersOf(const PairLevels& levels, std::array<int, kMatchFieldCount>& out) const {
    int count = 0;
    out[count++] = parameter_of_[0][0];
    for (int field = 1; field < kMatchFieldCount; ++field) {
      const int parameter = parameter_of_[field][levels.level[field]];
      if (parameter != kFixed) out[count++] = parameter;
    }
    return count;
  }

  static double SoftPlus(double x) { return x > 30 ? x : std::log1p(std::exp(x)); }

  double Loss(const Eigen::VectorXd& weights) const {
    double loss = 0;
    std::array<int, kMatchFieldCount> parameters;
    for (const LabelledLevels& pair : pairs_) {
      const int count = ParametersOf(pair.levels, parameters);
      double score = 0;
      for (int i = 0; i < count; ++i) score += weights[parameters[i]];
      loss += static_cast<double>(pair.same) * SoftPlus(-score) +
              static_cast<double>(pair.different) * SoftPlus(score);
    }
    const Eigen::VectorXd off = weights - toward_;
    // A pair at even odds is worth a quarter of a squared nat.
    for (Eigen::Index i = 0; i < off.size(); ++i) loss += pull_[i] / 8 * off[i] * off[i];
    return loss;
  }

  void Newton() {
    const Eigen::Index size = weights_.size();
    double loss = Loss(weights_);
    for (int round = 0; round < 100; ++round) {
      Eigen::VectorXd gradient = Eigen::VectorXd::Zero(size);
      Eigen::MatrixXd curvature = Eigen::MatrixXd::Zero(size, size);
      std::array<int, kMatchFieldCount> parameters;
      for (const LabelledLevels& pair : pairs_) {
        const int count = ParametersOf(pair.levels, parameters);
        double score = 0;
        for (int i = 0; i < count; ++i) score += weights_[parameters[i]];
        const double chance = 1 / (1 + std::exp(-score));
        const double total = static_cast<double>(pair.same + pair.different);
        const double slope = total * chance - static_cast<double>(pair.same);
        const double bend = total * chance * (1 - chance);
        for (int i = 0; i < count; ++i) {
          gradient[parameters[i]] += slope;
          for (int j = 0; j < count; ++j) curvature(parameters[i], parameters[j]) += bend;
        }
      }
      for (Eigen::Index i = 0; i < size; ++i) {
        gradient[i] += pull_[i] / 4 * (weights_[i] - toward_[i]);
        curvature(i, i) += pull_[i] / 4;
      }
      // Parameters that were tied away have neither slope nor bend without a pull.
      for (Eigen::Index i = 0; i < size; ++i) curvature(i, i) += 1e-9;
      const Eigen::VectorXd step = curvature.ldlt().solve(gradient);
      double share = 1;
      Eigen::VectorXd next = weights_ - step;
      double next_loss = Loss(next);
      while (next_loss > loss && share > 1e-6) {
        share /= 2;
        next = weights_ - share * step;
        next_loss = Loss(next);
      }
      const bool done = loss - next_loss < 1e-9 * (1 + std::abs(loss));
      if (next_loss <= loss) {
        weights_ = next;
        loss = next_loss;
      }
      if (done) return;
    }
  }

  double Weight(int parameter) const { return parameter == kFixed ? 0 : weights_[parameter]; }

  // Ties the first neighbours of each order that are the wrong way round. Whether there were any.
  bool TieDisorder() {
    bool tied = false;
    for (const Order& order : Orders()) {
      for (size_t i = 0; i + 1 < order.levels.size(); ++i) {
        int& high = parameter_of_[order.field][order.levels[i]];
        int& low = parameter_of_[order.field][order.levels[i + 1]];
        if (high == low || Weight(high) >= Weight(low) - 1e-6) continue;
        if (IsHeldParameter(high) && IsHeldParameter(low)) continue;
        Tie(order.field, high, low);
        tied = true;
        break;
      }
    }
    return tied;
  }

  bool IsHeldParameter(int parameter) const {
    return parameter == kFixed || pull_[parameter] == kHeldPull;
  }

  // What is held stays where it is, and the other takes its weight.
  void Tie(int field, int high, int low) {
    const int into = IsHeldParameter(low) ? low : high;
    if (!IsHeldParameter(into)) {
      // By how often each was seen, so that the tied one is pulled toward the common case.
      double seen_high = 1;
      double seen_low = 1;
      for (int level = 0; level < kMaxLevels; ++level) {
        if (parameter_of_[field][level] == high) seen_high += seen_[field][level];
        if (parameter_of_[field][level] == low) seen_low += seen_[field][level];
      }
      toward_[into] =
          (toward_[high] * seen_high + toward_[low] * seen_low) / (seen_high + seen_low);
    }
    for (int& parameter : parameter_of_[field]) {
      if (parameter == high || parameter == low) parameter = into;
    }
  }

  absl::Span<const LabelledLevels> pairs_;
  Eigen::VectorXd pull_;  // of each parameter; none of the prior
  Eigen::VectorXd toward_;
  Eigen::VectorXd weights_;
  Grid parameter_of_ = {};
  std::array<std::array<double, kMaxLevels>, kMatchFieldCount> seen_;
};

}  // namespace

std::vector<LabelledLevels> Grouped(std::vector<LabelledLevels> pairs) {
  std::sort(pairs.begin(), pairs.end(), [](const LabelledLevels& a, const LabelledLevels& b) {
    return a.levels.level < b.levels.level;
  });
  std::vector<LabelledLevels> grouped;
  for (const LabelledLevels& pair : pairs) {
    if (grouped.empty() || grouped.back().levels.level != pair.levels.level) {
      grouped.push_back(pair);
    } else {
      grouped.back().same += pair.same;
      grouped.back().different += pair.different;
    }
  }
  return grouped;
}

absl::StatusOr<v1::MatchModel> FitModel(absl::Span<const LabelledLevels> pairs,
                                        const v1::MatchModel& toward, const FitOptions& options) {
  BARAZA_RETURN_IF_ERROR(ValidateModel(toward));
  int64_t same = 0;
  int64_t different = 0;
  for (const LabelledLevels& pair : pairs) {
    same += pair.same;
    different += pair.different;
  }
  if (same == 0 || different == 0) {
    return InvalidField("pairs", "", "pairs on one session and pairs that are not", "one kind");
  }
  Regression regression(pairs, toward, options.pull);
  regression.Run();
  v1::MatchModel model = toward;
  model.set_version(options.version);
  model.set_prior_milli_nats(regression.MilliNats(0, 0) + options.lean_milli_nats);
  model.set_lean_milli_nats(options.lean_milli_nats);
  model.set_fitted_pairs(same + different);
  model.set_fitted_same_pairs(same);
  for (auto& weights : *model.mutable_fields()) {
    const auto names = LevelNames(weights.field());
    for (auto& level : *weights.mutable_levels()) {
      const auto at = std::find(names.begin(), names.end(), absl::string_view(level.level()));
      level.set_milli_nats(
          regression.MilliNats(weights.field(), static_cast<int>(at - names.begin())));
    }
  }
  // Log-odds, with the pull's worth of pairs at the odds of `toward`.
  const double odds = std::exp(toward.never_compared_milli_nats() / 1000.0);
  const double together =
      static_cast<double>(options.never_compared_same) + options.pull * odds / (1 + odds);
  const double apart =
      static_cast<double>(options.never_compared_different) + options.pull / (1 + odds);
  if (together > 0 && apart > 0) {
    const int32_t log_odds =
        static_cast<int32_t>(std::lround(100 * std::log(together / apart))) * 10;
    model.set_never_compared_milli_nats(std::min(0, log_odds));
  }
  BARAZA_RETURN_IF_ERROR(ValidateModel(model));
  return model;
}

}  // namespace baraza
