#include "core/indicator/interval.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace baraza {
namespace {

constexpr double kTail = 0.025;
constexpr size_t kStrata = 11;
constexpr std::array<ReviewStratum, kStrata> kReviewStrata = {{
    {"together_7", true, 7000},
    {"together_5.5", true, 5500},
    {"together_4.5", true, 4500},
    {"together_3.5", true, 3500},
    {"together_2", true, 2000},
    {"together_low", true, INT32_MIN},
    {"apart_1", false, 1000},
    {"apart_-1", false, -1000},
    {"apart_-2.5", false, -2500},
    {"apart_-4.5", false, -4500},
    {"apart_low", false, INT32_MIN},
}};

// Measured with the shipped model on generated programmes (interval_evaluate --rates), at low,
// medium and high noise. Between them the share of doubt interpolates. A rate of which none was
// seen is taken for 0.0001: with 0 its distribution would have no end.
struct Rates {
  // Pairs in doubt per session counted.
  double doubt_share = 0;
  // Decisions of each stratum that were wrong.
  std::array<double, kStrata> wrong;
  // The same per session counted, over the strata of each kind.
  double together_wrong = 0;
  double apart_wrong = 0;
  // Sessions per session counted that were counted twice although no decision says so.
  double missed = 0;
};
constexpr std::array<Rates, 3> kMeasured = {{
    {0.0370,
     {0.0005, 0.0078, 0.0348, 0.0859, 0.2469, 0.5131, 0.0383, 0.0301, 0.0108, 0.0025, 0.0001},
     0.0181,
     0.0029,
     0.0006},
    {0.0910,
     {0.0009, 0.0079, 0.0196, 0.0416, 0.1116, 0.2290, 0.1393, 0.1500, 0.0469, 0.0136, 0.0008},
     0.0309,
     0.0231,
     0.0064},
    {0.2046,
     {0.0009, 0.0081, 0.0196, 0.0331, 0.0744, 0.1514, 0.2493, 0.2860, 0.1232, 0.0293, 0.0034},
     0.0421,
     0.0718,
     0.0256},
}};

// Beyond what was measured the rates go on as they rose before, up to here.
constexpr double kGreatestDoubt = 0.4;

// Programmes differ in how often decisions are wrong, by more than chance and doubt: whoever writes
// the reports leaves out other things. The odds of all measured rates of a kind are so many times
// as high in one as in another; log-normal. Of generated programmes both are near 1; on five sets
// by other hands (tests/data/other_hands) decisions that put reports together were wrong 0.2 to 0.7
// times as often as those with as much doubt that were measured, and decisions that hold them apart
// 0.4 to 1.5 times as often. What no decision stands for goes with the latter.
struct Factor {
  double median = 1;
  double spread = 0;  // standard deviation of the logarithm
};
constexpr Factor kTogetherFactor = {0.75, 0.45};
constexpr Factor kApartFactor = {1, 0.33};
// Its values that are looked at: so many on each side of the median, up to so many standard
// deviations away.
constexpr int kFactorSteps = 5;
constexpr double kFactorReach = 2.5;

// What is left to chance when the factor is known: the standard deviation of a rate as a part of
// it, of all decisions of a kind, of those of one stratum, and of what no decision stands for.
constexpr double kRateSpread = 0.1;
constexpr double kStratumSpread = 0.5;
constexpr double kMissedSpread = 0.3;

// Probabilities below are left out.
constexpr double kNegligible = 1e-13;

Rates RatesAt(double doubt_share) {
  const double share = std::clamp(doubt_share, kMeasured.front().doubt_share, kGreatestDoubt);
  const size_t after = share > kMeasured[1].doubt_share ? 2 : 1;
  const Rates& a = kMeasured[after - 1];
  const Rates& b = kMeasured[after];
  const double weight = (share - a.doubt_share) / (b.doubt_share - a.doubt_share);
  const auto between = [weight](double x, double y) { return x + (y - x) * weight; };
  Rates rates;
  rates.doubt_share = share;
  for (size_t i = 0; i < kStrata; ++i) rates.wrong[i] = between(a.wrong[i], b.wrong[i]);
  rates.together_wrong = between(a.together_wrong, b.together_wrong);
  rates.apart_wrong = between(a.apart_wrong, b.apart_wrong);
  rates.missed = between(a.missed, b.missed);
  return rates;
}

double ShareOf(const CountEvidence& evidence) {
  return evidence.counted == 0 ? 0 : static_cast<double>(evidence.doubtful) / evidence.counted;
}

struct Beta {
  double a = 0;
  double b = 0;
};

// With the mean `rate` and that standard deviation, as a part of it.
Beta PriorOf(double rate, double spread) {
  const double weight = std::max(1.0, (1 - rate) / (spread * spread * rate) - 1);
  return {rate * weight, (1 - rate) * weight};
}

// How many of `trials` decisions are wrong, when each is with a probability that has this
// distribution. In bins of `width`, bin i around (first + i) * width; what lies far out is left
// out.
struct Spread {
  int64_t first = 0;
  std::vector<double> bins;
};

double VarianceOf(uint32_t trials, const Beta& beta) {
  const double weight = beta.a + beta.b;
  const double rate = beta.a / weight;
  return trials * rate * (1 - rate) * (trials + weight) / (weight + 1);
}

// Beta-binomial, by the ratio of one probability to the next, outwards from the mean.
Spread SpreadOf(uint32_t trials, const Beta& beta, int64_t width) {
  const auto ratio = [&](int64_t k) {  // P(k + 1) / P(k)
    const double left = static_cast<double>(trials) - static_cast<double>(k);
    return left / (static_cast<double>(k) + 1) * (static_cast<double>(k) + beta.a) /
           (left - 1 + beta.b);
  };
  const auto mean = static_cast<int64_t>(trials * (beta.a / (beta.a + beta.b)));
  std::vector<double> up = {1};
  double most = 1;
  for (int64_t k = mean; k < trials; ++k) {
    up.push_back(up.back() * ratio(k));
    most = std::max(most, up.back());
    if (up.back() < kNegligible * most) break;
  }
  std::vector<double> down;
  double at = 1;
  for (int64_t k = mean; k > 0; --k) {
    at /= ratio(k - 1);
    down.push_back(at);
    most = std::max(most, at);
    if (at < kNegligible * most) break;
  }
  const int64_t least = mean - static_cast<int64_t>(down.size());
  Spread spread;
  spread.first = (least + width / 2) / width;
  const auto add = [&](int64_t k, double probability) {
    const auto bin = static_cast<size_t>((k + width / 2) / width - spread.first);
    if (bin >= spread.bins.size()) spread.bins.resize(bin + 1);
    spread.bins[bin] += probability;
  };
  for (size_t i = down.size(); i-- > 0;) add(mean - 1 - static_cast<int64_t>(i), down[i]);
  for (size_t i = 0; i < up.size(); ++i) add(mean + static_cast<int64_t>(i), up[i]);
  double sum = 0;
  for (const double p : spread.bins) sum += p;
  for (double& p : spread.bins) p /= sum;
  return spread;
}

Spread Plus(const Spread& a, const Spread& b) {
  Spread sum;
  sum.first = a.first + b.first;
  sum.bins.resize(a.bins.size() + b.bins.size() - 1);
  for (size_t i = 0; i < a.bins.size(); ++i) {
    for (size_t j = 0; j < b.bins.size(); ++j) sum.bins[i + j] += a.bins[i] * b.bins[j];
  }
  return sum;
}

Spread Minus(const Spread& a, Spread b) {
  std::reverse(b.bins.begin(), b.bins.end());
  b.first = -(b.first + static_cast<int64_t>(b.bins.size()) - 1);
  return Plus(a, b);
}

// Between which it lies but for kTail at either end.
std::pair<double, double> BoundsOf(const Spread& spread, int64_t width) {
  std::pair<double, double> bounds;
  double below = 0;
  for (size_t i = 0; i < spread.bins.size(); ++i) {
    const double before = below;
    below += spread.bins[i];
    const auto value = static_cast<double>((spread.first + static_cast<int64_t>(i)) * width);
    if (before < kTail && below >= kTail) bounds.first = value - static_cast<double>(width / 2);
    if (before < 1 - kTail && below >= 1 - kTail) {
      bounds.second = value + static_cast<double>((width - 1) / 2);
    }
  }
  return bounds;
}

// Decisions of which it is unknown whether they are wrong, each with a probability of this
// distribution.
struct Term {
  uint32_t trials = 0;
  Beta beta;
};

// What holds if a programme's rates are so many times the measured ones.
struct Case {
  double log_probability = 0;  // up to a constant
  double probability = 0;
  std::vector<Term> terms;
};

// Logarithm of the probability that so many of those looked at are wrong, up to a constant.
double LogLikelihood(uint32_t reviewed, uint32_t wrong, const Beta& beta) {
  double sum = 0;
  for (uint32_t k = 0; k < wrong; ++k) sum += std::log(beta.a + k);
  for (uint32_t k = 0; k < reviewed - wrong; ++k) sum += std::log(beta.b + k);
  for (uint32_t k = 0; k < reviewed; ++k) sum -= std::log(beta.a + beta.b + k);
  return sum;
}

// The rate whose odds are `factor` times those of `rate`.
double Times(double factor, double rate) { return factor * rate / (1 - rate + factor * rate); }

// The decisions of one kind: the cases of its factor, as likely as what was found makes them.
std::vector<Case> CasesOf(const CountEvidence& evidence, const Rates& rates, bool together) {
  const Factor& factor = together ? kTogetherFactor : kApartFactor;
  std::vector<Case> cases;
  for (int step = -kFactorSteps; step <= kFactorSteps; ++step) {
    const double deviations = kFactorReach * step / kFactorSteps;
    const double times = factor.median * std::exp(factor.spread * deviations);
    Case& of = cases.emplace_back();
    of.log_probability = -deviations * deviations / 2;
    const auto all_counted = [&](double rate, double spread) {
      of.terms.push_back({evidence.counted, PriorOf(Times(times, rate), spread)});
    };
    if (!together) all_counted(rates.missed, kMissedSpread);
    if (evidence.strata.empty()) {
      all_counted(together ? rates.together_wrong : rates.apart_wrong, kRateSpread);
    }
    for (size_t i = 0; i < evidence.strata.size() && i < kStrata; ++i) {
      if (kReviewStrata[i].together != together) continue;
      const StratumEvidence& stratum = evidence.strata[i];
      Beta beta = PriorOf(Times(times, rates.wrong[i]), kStratumSpread);
      of.log_probability += LogLikelihood(stratum.reviewed, stratum.wrong, beta);
      beta.a += stratum.wrong;
      beta.b += stratum.reviewed - stratum.wrong;
      of.terms.push_back({stratum.links - std::min(stratum.links, stratum.reviewed), beta});
    }
  }
  double most = cases.front().log_probability;
  for (const Case& of : cases) most = std::max(most, of.log_probability);
  double sum = 0;
  for (Case& of : cases) sum += of.probability = std::exp(of.log_probability - most);
  for (Case& of : cases) of.probability /= sum;
  return cases;
}

double VarianceOf(const std::vector<Case>& cases) {
  double mean = 0;
  double square = 0;
  for (const Case& of : cases) {
    double mean_of = 0;
    double variance_of = 0;
    for (const Term& term : of.terms) {
      mean_of += term.trials * term.beta.a / (term.beta.a + term.beta.b);
      variance_of += VarianceOf(term.trials, term.beta);
    }
    mean += of.probability * mean_of;
    square += of.probability * (mean_of * mean_of + variance_of);
  }
  return square - mean * mean;
}

Spread SpreadOf(const std::vector<Case>& cases, int64_t width) {
  Spread mixed;
  for (const Case& of : cases) {
    if (of.probability < kNegligible) continue;
    Spread spread{0, {1}};
    for (const Term& term : of.terms) {
      if (term.trials > 0) spread = Plus(spread, SpreadOf(term.trials, term.beta, width));
    }
    if (mixed.bins.empty()) mixed.first = spread.first;
    const int64_t first = std::min(mixed.first, spread.first);
    const int64_t end = std::max(mixed.first + static_cast<int64_t>(mixed.bins.size()),
                                 spread.first + static_cast<int64_t>(spread.bins.size()));
    mixed.bins.insert(mixed.bins.begin(), static_cast<size_t>(mixed.first - first), 0.0);
    mixed.bins.resize(static_cast<size_t>(end - first));
    mixed.first = first;
    for (size_t i = 0; i < spread.bins.size(); ++i) {
      mixed.bins[static_cast<size_t>(spread.first - first) + i] += of.probability * spread.bins[i];
    }
  }
  return mixed;
}

}  // namespace

absl::Span<const ReviewStratum> ReviewStrata() { return kReviewStrata; }

size_t ReviewStratumOf(bool together, int32_t score_milli_nats) {
  size_t at = 0;
  while (kReviewStrata[at].together != together || score_milli_nats < kReviewStrata[at].least_score)
    ++at;
  return at;
}

std::optional<size_t> FindReviewStratum(absl::string_view name) {
  for (size_t i = 0; i < kStrata; ++i) {
    if (kReviewStrata[i].name == name) return i;
  }
  return std::nullopt;
}

v1::StatisticalInterval EstimateInterval(const CountEvidence& evidence) {
  const Rates rates = RatesAt(ShareOf(evidence));
  int64_t known = 0;
  uint32_t reviewed = 0;
  for (size_t i = 0; i < evidence.strata.size() && i < kStrata; ++i) {
    const StratumEvidence& stratum = evidence.strata[i];
    known +=
        kReviewStrata[i].together ? int64_t{stratum.still_wrong} : -int64_t{stratum.still_wrong};
    reviewed += stratum.reviewed;
  }
  const std::vector<Case> together = CasesOf(evidence, rates, true);
  const std::vector<Case> apart = CasesOf(evidence, rates, false);
  const double variance = VarianceOf(together) + VarianceOf(apart);
  // Steps finer than a sixteenth of the standard deviation would change nothing.
  const int64_t width = std::max<int64_t>(1, static_cast<int64_t>(std::sqrt(variance) / 16));
  const auto [low, high] =
      BoundsOf(Minus(SpreadOf(together, width), SpreadOf(apart, width)), width);
  const double centre = static_cast<double>(evidence.counted) + static_cast<double>(known);
  v1::StatisticalInterval interval;
  interval.set_low(std::max(0.0, centre + low));
  interval.set_high(std::max(0.0, centre + high));
  interval.set_sampled_pairs(reviewed);
  return interval;
}

std::vector<uint32_t> AllocateReview(absl::Span<const uint32_t> available, double doubt_share,
                                     uint32_t wanted) {
  // So that what is thought never to be wrong is looked at too.
  constexpr double kLeastRate = 0.001;
  const Rates rates = RatesAt(doubt_share);
  std::vector<uint32_t> drawn(available.size());
  std::vector<double> weight(available.size());
  for (size_t i = 0; i < available.size() && i < kStrata; ++i) {
    const double rate = std::max(kLeastRate, rates.wrong[i]);
    weight[i] = available[i] * std::sqrt(rate * (1 - rate));
  }
  // One of each, so that every stratum's size is on record; then one at a time to the stratum whose
  // share is least filled: ends with what proportions ask for, rounded, and passes on what a small
  // stratum cannot take.
  uint32_t given = 0;
  for (size_t i = 0; i < available.size() && given < wanted; ++i) {
    if (available[i] == 0) continue;
    drawn[i] = 1;
    ++given;
  }
  for (; given < wanted; ++given) {
    size_t best = available.size();
    double best_priority = 0;
    for (size_t i = 0; i < available.size(); ++i) {
      if (drawn[i] >= available[i]) continue;
      const double priority = weight[i] / (drawn[i] + 1);
      if (best == available.size() || priority > best_priority) {
        best = i;
        best_priority = priority;
      }
    }
    if (best == available.size()) break;
    ++drawn[best];
  }
  return drawn;
}

}  // namespace baraza
