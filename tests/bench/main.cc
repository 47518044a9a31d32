// baraza_bench [--quick] [--only capture|sync|wire|field|match|load] [--plot FILE] DIRECTORY
//
// Prints one result a line; see docs/benchmarks.md. DIRECTORY exists and is empty; databases are
// left in it. FILE is written by "match": time and memory against size, as SVG.

#include <cstdio>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/bench/benches.h"
#include "tests/bench/measure.h"

int main(int argc, char** argv) {
  baraza::bench::Run run;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--quick") {
      run.sizes = {.captures = 400,
                   .devices = 64,
                   .reports = 4'000,
                   .field_reports = 1'000,
                   .hint_captures = 20,
                   .figure_calls = 50,
                   .starts = 5,
                   .match_reports = {1'000, 4'000, 16'000},
                   .rush_devices = 500,
                   .overload_requests = 40'000,
                   .overload_time = absl::Seconds(1),
                   .patience = absl::Seconds(60)};
    } else if (argument == "--plot" && i + 1 < argc) {
      run.plot = argv[++i];
    } else if (argument == "--only" && i + 1 < argc) {
      only = argv[++i];
    } else {
      run.directory = argument;
    }
  }
  if (run.directory.empty()) {
    std::fprintf(stderr,
                 "usage: baraza_bench [--quick] [--only capture|sync|wire|field|match|load] "
                 "[--plot FILE] DIRECTORY\n");
    return 2;
  }
  const std::string directory = run.directory;
  const auto bench = [&](const char* name, void (*body)(const baraza::bench::Run&)) {
    if (!only.empty() && only != name) return;
    run.directory = absl::StrCat(directory, "/", name);
    std::filesystem::create_directory(run.directory);
    body(run);
  };
  bench("wire", baraza::bench::BenchWire);
  bench("capture", baraza::bench::BenchCapture);
  bench("field", baraza::bench::BenchField);
  bench("match", baraza::bench::BenchMatch);
  bench("sync", baraza::bench::BenchSync);
  bench("load", baraza::bench::BenchLoad);
  return 0;
}
