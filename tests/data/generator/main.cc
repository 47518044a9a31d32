#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "tests/data/generator/generate.h"

namespace {

using baraza::testdata::GenerateOptions;

// False when a file cannot be written.
bool WriteProgramme(const GenerateOptions& options, const std::filesystem::path& folder,
                    int64_t& reports) {
  std::filesystem::create_directories(folder);
  std::ofstream report_lines(folder / "reports.jsonl", std::ios::binary);
  std::ofstream register_lines(folder / "register.jsonl", std::ios::binary);
  std::ofstream truth(folder / "truth.csv", std::ios::binary);
  std::ofstream scenarios(folder / "scenario.csv", std::ios::binary);
  reports += Generate(options, {&report_lines, &register_lines, &truth, &scenarios});
  report_lines.close();
  register_lines.close();
  truth.close();
  scenarios.close();
  return report_lines.good() && register_lines.good() && truth.good() && scenarios.good();
}

}  // namespace

int main(int argc, char** argv) {
  namespace data = baraza::testdata;
  CLI::App app(
      "Writes labelled session reports: reports.jsonl and register.jsonl as `baraza-server match` "
      "reads them,\n"
      "truth.csv (report_id,session_id) and scenario.csv (session_id,scenario). The same bytes for "
      "the same options.",
      "report_generator");
  GenerateOptions options;
  std::string out;
  std::string vocabulary = "B";
  std::string noise = "medium";
  int programmes = 0;
  app.add_option("--out", out, "Folder to write to")->required();
  app.add_option("--seed", options.seed, "Seed")->capture_default_str();
  app.add_option("--sessions", options.sessions,
                 "Sessions of each programme; about 2.2 reports each")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--vocabulary", vocabulary,
                 "A: what models are fitted on, B: what they are judged by")
      ->check(CLI::IsMember({"A", "B"}))
      ->capture_default_str();
  app.add_option("--noise", noise, "How careless the reporters are")
      ->check(CLI::IsMember({"low", "medium", "high"}))
      ->capture_default_str();
  app.add_option(
         "--programmes", programmes,
         "So many programmes, in folders 0001, 0002, ... of the output, with seeds from --seed on")
      ->check(CLI::Range(1, 9999));
  CLI11_PARSE(app, argc, argv);
  options.vocabulary = vocabulary == "A" ? &data::VocabularyA() : &data::VocabularyB();
  options.noise = noise == "low"    ? data::kLowNoise
                  : noise == "high" ? data::kHighNoise
                                    : data::kMediumNoise;
  int64_t reports = 0;
  bool written = true;
  if (programmes == 0) {
    written = WriteProgramme(options, out, reports);
  } else {
    for (int i = 1; i <= programmes && written; ++i) {
      std::string number = std::to_string(i);
      number.insert(0, 4 - number.size(), '0');
      written = WriteProgramme(options, std::filesystem::path(out) / number, reports);
      ++options.seed;
    }
  }
  if (!written) {
    std::cerr << "report_generator: cannot write to " << out << "\n";
    return 1;
  }
  std::cout << reports << " reports on " << options.sessions * std::max(1, programmes)
            << " sessions\n";
  return 0;
}
