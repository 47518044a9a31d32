// Coverage and width of the statistical interval on generated programmes; see docs/matching.md.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "core/indicator/interval.h"
#include "tests/evaluation/review_simulation.h"

namespace {

using baraza::ReviewedProgramme;

constexpr std::array kNoises = {"low", "medium", "high"};
constexpr std::array kNoise = {&baraza::testdata::kLowNoise, &baraza::testdata::kMediumNoise,
                               &baraza::testdata::kHighNoise};

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

struct Summary {
  double coverage = 0;
  double median_width = 0;  // part of the value
};

Summary Summarise(const std::vector<const ReviewedProgramme*>& programmes,
                  ReviewedProgramme::Bounds ReviewedProgramme::*bounds) {
  Summary summary;
  std::vector<double> widths;
  for (const ReviewedProgramme* programme : programmes) {
    const auto& [low, high, sampled] = programme->*bounds;
    summary.coverage += low <= programme->truth && programme->truth <= high;
    widths.push_back((high - low) / programme->value);
  }
  summary.coverage /= static_cast<double>(programmes.size());
  summary.median_width = Median(std::move(widths));
  return summary;
}

void PrintCoverage(const char* name, const std::vector<const ReviewedProgramme*>& programmes) {
  double bias = 0;
  for (const ReviewedProgramme* programme : programmes) {
    bias += static_cast<double>(programme->value) / programme->truth - 1;
  }
  const Summary before = Summarise(programmes, &ReviewedProgramme::before);
  const Summary after = Summarise(programmes, &ReviewedProgramme::after);
  std::printf("%-8s %10zu %+9.2f%% %9.1f%% %8.2f%% %9.1f%% %8.2f%%\n", name, programmes.size(),
              100 * bias / static_cast<double>(programmes.size()), 100 * before.coverage,
              100 * before.median_width, 100 * after.coverage, 100 * after.median_width);
}

// As they stand in core/indicator/interval.cc.
void PrintRates(const std::vector<const ReviewedProgramme*>& programmes) {
  std::vector<double> all(baraza::ReviewStrata().size());
  std::vector<double> wrong(all.size());
  double value = 0, doubtful = 0, missed = 0;
  std::array<double, 2> wrong_of_kind{};
  for (const ReviewedProgramme* programme : programmes) {
    value += programme->value;
    doubtful += programme->doubtful;
    missed += programme->value;
    missed -= programme->truth;
    for (const auto& [stratum, is_wrong] : programme->decisions) {
      all[stratum] += 1;
      if (!is_wrong) continue;
      const bool together = baraza::ReviewStrata()[stratum].together;
      wrong[stratum] += 1;
      wrong_of_kind[together] += 1;
      missed += together ? 1 : -1;
    }
  }
  std::printf("doubt_share %.4f together_wrong %.4f apart_wrong %.4f missed %.4f wrong",
              doubtful / value, wrong_of_kind[1] / value, wrong_of_kind[0] / value, missed / value);
  for (size_t i = 0; i < all.size(); ++i) std::printf(" %.4f", all[i] == 0 ? 0 : wrong[i] / all[i]);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Generates programmes, lets the matcher find their sessions, and says how often the "
      "figure's\n"
      "95 % interval holds the true count and how wide it is (in percent of the figure): before "
      "any\n"
      "review, and after a sample was reviewed. A third of the programmes each has low, medium "
      "and\n"
      "high noise.",
      "interval_evaluate");
  int programmes = 240, sessions = 400;
  uint32_t reviewed = 200;
  uint64_t seed = 1000;
  std::string vocabulary = "B";
  bool rates = false;
  double least_coverage = 0, most_before = 100, most_after = 100;
  app.add_option("--programmes", programmes, "How many")->check(CLI::Range(3, 30'000));
  app.add_option("--sessions", sessions, "Sessions of each")->check(CLI::Range(20, 20'000));
  app.add_option("--reviewed", reviewed, "Pairs reviewed of each")->check(CLI::Range(20, 2'000));
  app.add_option("--seed", seed, "That of the first; the next has the next");
  app.add_option("--vocabulary", vocabulary, "A (what the model was fitted on) or B")
      ->check(CLI::IsMember({"A", "B"}));
  app.add_flag("--rates", rates, "Print the rates of wrong decisions instead");
  app.add_option("--least-coverage", least_coverage, "End with 1 when coverage is below, percent");
  app.add_option("--most-before", most_before, "... the median width before review is above");
  app.add_option("--most-after", most_after, "... the median width after it is above");
  CLI11_PARSE(app, argc, argv);

  std::vector<ReviewedProgramme> all;
  all.reserve(programmes);
  for (int i = 0; i < programmes; ++i) {
    baraza::testdata::GenerateOptions options;
    options.seed = seed + static_cast<uint64_t>(i);
    options.sessions = sessions;
    options.vocabulary =
        vocabulary == "A" ? &baraza::testdata::VocabularyA() : &baraza::testdata::VocabularyB();
    options.noise = *kNoise[i % kNoise.size()];
    all.push_back(baraza::ReviewGenerated(options, reviewed));
  }
  std::vector<const ReviewedProgramme*> every;
  std::array<std::vector<const ReviewedProgramme*>, kNoise.size()> by_noise;
  for (size_t i = 0; i < all.size(); ++i) {
    every.push_back(&all[i]);
    by_noise[i % kNoise.size()].push_back(&all[i]);
  }
  if (rates) {
    for (const auto& of_noise : by_noise) PrintRates(of_noise);
    return 0;
  }
  std::printf("%-8s %10s %10s %10s %9s %10s %9s\n", "noise", "programmes", "count", "before",
              "width", "after", "width");
  for (size_t i = 0; i < by_noise.size(); ++i) PrintCoverage(kNoises[i], by_noise[i]);
  PrintCoverage("all", every);
  const Summary before = Summarise(every, &ReviewedProgramme::before);
  const Summary after = Summarise(every, &ReviewedProgramme::after);
  const bool good = 100 * std::min(before.coverage, after.coverage) >= least_coverage &&
                    100 * before.median_width <= most_before &&
                    100 * after.median_width <= most_after;
  if (!good) std::fprintf(stderr, "interval_evaluate: short of what was asked for\n");
  return good ? 0 : 1;
}
