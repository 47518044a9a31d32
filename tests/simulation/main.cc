// Runs simulated programmes, many of them: see --help.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/shrink.h"
#include "tests/simulation/simulation.h"
#include "tests/testing/temp_dir.h"

namespace baraza::sim {
namespace {

constexpr char kAbout[] =
    "Runs the real clients, stores, sync and consolidation in virtual time under simulated faults, "
    "and checks that nothing acknowledged is lost, nothing is counted twice and everybody "
    "converges.";

void Print(const Tally& tally, double seconds) {
  std::printf(
      "{\"runs\": %lld, \"device_years\": %.1f, \"captured\": %lld, \"acknowledged\": %lld, "
      "\"refused\": %lld, "
      "\"round_trips\": %lld, \"messages_lost\": %lld, \"messages_doubled\": %lld, \"kills\": "
      "%lld, \"power_cuts\": %lld, \"io_faults\": %lld, \"restores\": %lld, \"copies\": %lld, "
      "\"disks_cut_and_read\": %lld, \"decisions\": %lld, \"seconds\": %.1f}\n",
      static_cast<long long>(tally.runs),
      static_cast<double>(tally.device_ms) / (365.25 * 24 * 3600 * 1000),
      static_cast<long long>(tally.captured), static_cast<long long>(tally.acknowledged),
      static_cast<long long>(tally.refused), static_cast<long long>(tally.round_trips),
      static_cast<long long>(tally.messages_lost), static_cast<long long>(tally.messages_doubled),
      static_cast<long long>(tally.kills), static_cast<long long>(tally.power_cuts),
      static_cast<long long>(tally.io_faults), static_cast<long long>(tally.restores),
      static_cast<long long>(tally.copies), static_cast<long long>(tally.forks),
      static_cast<long long>(tally.decisions), seconds);
}

// Shrinks a failing plan and writes it where it can be kept.
void Keep(const Plan& plan, const std::string& violation, const std::string& folder) {
  const Plan small =
      Shrink(plan, [](const Plan& smaller) { return !Simulate(smaller).violation.empty(); });
  const std::string file = folder + "/" + std::to_string(plan.seed) + ".plan";
  test::WriteFile(file, "# " + violation + "\n# Shrunk to: " + Simulate(small).violation + "\n" +
                            small.ToText());
  std::printf("%zu of %zu steps suffice: %s\n", small.steps.size(), plan.steps.size(),
              file.c_str());
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  CLI::App app(kAbout, "simulate");
  uint64_t first = 1;
  uint64_t seeds = 100;
  bool fresh = false;
  bool keep_going = false;
  bool trace = false;
  std::string file;
  std::string failures;
  app.add_option("--first", first, "First seed")->capture_default_str();
  app.add_option("--seeds", seeds, "How many seeds, one after the other")->capture_default_str();
  app.add_flag("--fresh", fresh, "Begin at a seed that nobody has run before");
  app.add_flag("--keep-going", keep_going, "Go on after a failure");
  app.add_flag("--trace", trace, "Write every step and decision to stderr");
  app.add_option("--plan", file, "Run this plan (a file under regressions/) instead of seeds");
  app.add_option("--failures", failures,
                 "Folder to write the plan of each failing seed to, shrunk");
  CLI11_PARSE(app, argc, argv);

  SystemClock clock;
  if (fresh) {
    SystemRandom random;
    first = random.Next64() >> 16;
    std::fprintf(stderr, "first seed: %llu\n", static_cast<unsigned long long>(first));
  }
  std::ostream* const out = trace ? &std::cerr : nullptr;
  if (!file.empty()) {
    const absl::StatusOr<Plan> plan = Plan::Parse(test::ReadFile(file));
    if (!plan.ok()) {
      std::fprintf(stderr, "simulate: %s: %s\n", file.c_str(), plan.status().ToString().c_str());
      return 2;
    }
    const Outcome outcome = Simulate(*plan, out);
    std::printf("%s: %s\n", file.c_str(),
                outcome.violation.empty() ? "holds" : outcome.violation.c_str());
    return outcome.violation.empty() ? 0 : 1;
  }

  const absl::Duration begun = clock.Monotonic();
  const auto seconds = [&] { return absl::ToDoubleSeconds(clock.Monotonic() - begun); };
  double shown = 0;
  Tally tally;
  int failed = 0;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    const Plan plan = Plan::FromSeed(seed);
    const Outcome outcome = Simulate(plan, out);
    tally.Add(outcome.tally);
    if (!outcome.violation.empty()) {
      ++failed;
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
                  outcome.violation.c_str());
      std::fflush(stdout);
      if (!failures.empty()) Keep(plan, outcome.violation, failures);
      if (!keep_going) break;
    }
    if (isatty(STDERR_FILENO) != 0 && seconds() - shown > 1) {
      shown = seconds();
      std::fprintf(stderr, "\r%llu of %llu seeds, %.0f a minute, %d failed ",
                   static_cast<unsigned long long>(seed - first + 1),
                   static_cast<unsigned long long>(seeds),
                   60 * static_cast<double>(tally.runs) / shown, failed);
    }
  }
  if (shown > 0) std::fprintf(stderr, "\n");
  Print(tally, seconds());
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace baraza::sim

int main(int argc, char** argv) { return baraza::sim::Main(argc, argv); }
