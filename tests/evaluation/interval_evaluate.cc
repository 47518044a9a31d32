// Coverage and width of the statistical interval on generated programmes; see docs/matching.md.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/indicator/interval.h"
#include "tests/evaluation/review_simulation.h"

namespace {

using baraza::ReviewedProgramme;

constexpr std::array kNoises = {"low", "medium", "high"};
constexpr std::array kNoiseOf = {&baraza::testdata::kLowNoise, &baraza::testdata::kMediumNoise,
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

void PrintCoverage(const std::string& name,
                   const std::vector<const ReviewedProgramme*>& programmes) {
  double bias = 0;
  for (const ReviewedProgramme* programme : programmes) {
    bias += static_cast<double>(programme->value) / programme->truth - 1;
  }
  const Summary before = Summarise(programmes, &ReviewedProgramme::before);
  const Summary after = Summarise(programmes, &ReviewedProgramme::after);
  std::printf("%-8s %10zu %+9.2f%% %9.1f%% %8.2f%% %9.1f%% %8.2f%%\n", name.c_str(),
              programmes.size(), 100 * bias / static_cast<double>(programmes.size()),
              100 * before.coverage, 100 * before.median_width, 100 * after.coverage,
              100 * after.median_width);
}

// As they stand in core/indicator/interval.cc.
void PrintRates(const std::string& name, const std::vector<const ReviewedProgramme*>& programmes) {
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
  std::printf("%s: doubt_share %.4f together_wrong %.4f apart_wrong %.4f missed %.4f wrong",
              name.c_str(), doubtful / value, wrong_of_kind[1] / value, wrong_of_kind[0] / value,
              missed / value);
  for (size_t i = 0; i < all.size(); ++i) std::printf(" %.4f", all[i] == 0 ? 0 : wrong[i] / all[i]);
  std::printf("\n");
}

// Programmes, and the row that they are in.
using Rows = std::vector<std::pair<std::string, std::vector<ReviewedProgramme>>>;

Rows OfVocabulary(const baraza::testdata::Vocabulary& vocabulary, int programmes, int sessions,
                  uint32_t reviewed, uint64_t seed) {
  Rows rows;
  for (const char* noise : kNoises) rows.push_back({noise, {}});
  for (int i = 0; i < programmes; ++i) {
    const size_t noise = static_cast<size_t>(i) % kNoises.size();
    baraza::testdata::GenerateOptions options;
    options.seed = seed + static_cast<uint64_t>(i);
    options.sessions = sessions;
    options.vocabulary = &vocabulary;
    options.noise = *kNoiseOf[noise];
    rows[noise].second.push_back(
        baraza::Review(baraza::GenerateProgramme(options), reviewed, options.seed));
  }
  return rows;
}

// A set is reviewed as often as there are to be programmes, each time by another draw.
Rows OfSets(const std::vector<std::string>& sets, int programmes, uint32_t reviewed,
            uint64_t seed) {
  Rows rows;
  for (const std::string& set : sets) {
    const baraza::LabelledProgramme programme = baraza::ReadProgramme(set);
    auto& [name, drawn] = rows.emplace_back();
    name = std::filesystem::path(set).filename();
    for (int i = 0; i < programmes; ++i) {
      drawn.push_back(baraza::Review(programme, reviewed, seed + static_cast<uint64_t>(i)));
    }
  }
  return rows;
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
      "high noise. With --set, does so with labelled reports from files.\n\n"
      "  interval_evaluate --programmes 240\n"
      "  interval_evaluate --set tests/data/other_hands/first --programmes 20",
      "interval_evaluate");
  int programmes = 240, sessions = 400;
  uint32_t reviewed = 200;
  uint64_t seed = 1000;
  std::string vocabulary = "B";
  std::vector<std::string> sets;
  bool rates = false;
  double least_coverage = 0, most_before = 100, most_after = 100;
  app.add_option("--programmes", programmes, "How many; of a set, how many draws")
      ->check(CLI::Range(3, 30'000));
  app.add_option("--sessions", sessions, "Sessions of each")->check(CLI::Range(20, 20'000));
  app.add_option("--reviewed", reviewed, "Pairs reviewed of each")->check(CLI::Range(20, 2'000));
  app.add_option("--seed", seed, "That of the first; the next has the next");
  app.add_option("--vocabulary", vocabulary, "A (what the model was fitted on) or B")
      ->check(CLI::IsMember({"A", "B"}));
  app.add_option("--set", sets, "A folder with reports, register, truth and scenarios; repeatable")
      ->check(CLI::ExistingDirectory);
  app.add_flag("--rates", rates, "Print the rates of wrong decisions instead");
  app.add_option("--least-coverage", least_coverage, "End with 1 when coverage is below, percent");
  app.add_option("--most-before", most_before, "... the median width before review is above");
  app.add_option("--most-after", most_after, "... the median width after it is above");
  CLI11_PARSE(app, argc, argv);

  const Rows rows = sets.empty() ? OfVocabulary(vocabulary == "A" ? baraza::testdata::VocabularyA()
                                                                  : baraza::testdata::VocabularyB(),
                                                programmes, sessions, reviewed, seed)
                                 : OfSets(sets, programmes, reviewed, seed);
  if (!rates) {
    std::printf("%-8s %10s %10s %10s %9s %10s %9s\n", sets.empty() ? "noise" : "set", "programmes",
                "count", "before", "width", "after", "width");
  }
  std::vector<const ReviewedProgramme*> every;
  for (const auto& [name, of_row] : rows) {
    std::vector<const ReviewedProgramme*> row;
    for (const ReviewedProgramme& programme : of_row) row.push_back(&programme);
    if (rates) {
      PrintRates(name, row);
    } else {
      PrintCoverage(name, row);
    }
    every.insert(every.end(), row.begin(), row.end());
  }
  if (rates) return 0;
  PrintCoverage("all", every);
  const Summary before = Summarise(every, &ReviewedProgramme::before);
  const Summary after = Summarise(every, &ReviewedProgramme::after);
  const bool good = 100 * std::min(before.coverage, after.coverage) >= least_coverage &&
                    100 * before.median_width <= most_before &&
                    100 * after.median_width <= most_after;
  if (!good) std::fprintf(stderr, "interval_evaluate: short of what was asked for\n");
  return good ? 0 : 1;
}
