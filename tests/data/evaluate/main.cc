#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/data/csv.h"
#include "tests/data/evaluate/score.h"

namespace {

using baraza::testdata::Agreement;

// The first two columns of each row below the head. False when the file cannot be read.
bool ReadTwoColumns(const std::string& path,
                    std::vector<std::pair<std::string, std::string>>& rows) {
  std::ifstream in(path, std::ios::binary);
  std::vector<std::string> row;
  if (!in || !baraza::testdata::ReadCsvRow(in, row)) return false;
  while (baraza::testdata::ReadCsvRow(in, row)) {
    if (row.size() >= 2) rows.emplace_back(row[0], row[1]);
  }
  return true;
}

void PrintRow(const std::string& name, const Agreement& agreement) {
  std::printf("%-16s %8.4f %8.4f %8.4f %8.4f %+9.2f%% %9lld %9lld\n", name.c_str(),
              agreement.Precision(), agreement.Recall(), agreement.F1(), agreement.ExactShare(),
              100 * agreement.CountError(), static_cast<long long>(agreement.true_sessions),
              static_cast<long long>(agreement.found_sessions));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Holds found clusters against the truth: pairwise precision, recall and F1, the share of "
      "sessions\n"
      "found exactly, and the error of the count; for all, and by scenario.",
      "match_evaluate");
  std::string truth, clusters, scenarios, ambiguous;
  double least_f1 = 0, least_exact = 0, most_count_error = 100;
  app.add_option("--truth", truth, "CSV: report_id,session_id")->required();
  app.add_option("--clusters", clusters, "CSV: report_id,session_id, as found")->required();
  app.add_option("--scenarios", scenarios, "CSV: session_id,scenario");
  app.add_option("--ambiguous", ambiguous,
                 "CSV: pairs of true sessions that nobody could tell apart");
  app.add_option("--least-f1", least_f1, "End with 1 when the F1 of all is below");
  app.add_option("--least-exact", least_exact,
                 "End with 1 when the share of exact sessions is below");
  app.add_option("--most-count-error", most_count_error,
                 "End with 1 when the count is further off, in percent");
  CLI11_PARSE(app, argc, argv);
  std::vector<std::pair<std::string, std::string>> truth_rows, cluster_rows, scenario_rows,
      ambiguous_rows;
  for (auto [path, rows] : {std::pair{&truth, &truth_rows},
                            {&clusters, &cluster_rows},
                            {&scenarios, &scenario_rows},
                            {&ambiguous, &ambiguous_rows}}) {
    if (!path->empty() && !ReadTwoColumns(*path, *rows)) {
      std::cerr << "match_evaluate: cannot read " << *path << "\n";
      return 2;
    }
  }
  const baraza::testdata::Evaluation evaluation = baraza::testdata::Evaluate(
      {truth_rows.begin(), truth_rows.end()}, {cluster_rows.begin(), cluster_rows.end()},
      {scenario_rows.begin(), scenario_rows.end()}, {ambiguous_rows.begin(), ambiguous_rows.end()});
  std::printf("%-16s %8s %8s %8s %8s %10s %9s %9s\n", "scenario", "precision", "recall", "F1",
              "exact", "count", "sessions", "found");
  for (const auto& [scenario, agreement] : evaluation.of_scenario) {
    if (!scenario.empty()) PrintRow(scenario, agreement);
  }
  const Agreement& all = evaluation.all;
  PrintRow("all", all);
  const double count_error = 100 * (all.CountError() < 0 ? -all.CountError() : all.CountError());
  return all.F1() < least_f1 || all.ExactShare() < least_exact || count_error > most_count_error
             ? 1
             : 0;
}
