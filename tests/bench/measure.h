#ifndef BARAZA_TESTS_BENCH_MEASURE_H_
#define BARAZA_TESTS_BENCH_MEASURE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace baraza::bench {

// Sizes of a run.
struct Sizes {
  int captures = 4'000;
  int devices = 64;
  int reports = 100'000;
  int field_reports = 10'000;
  int hint_captures = 200;
  int figure_calls = 200;
  int starts = 20;
  // Ascending.
  std::vector<int> match_reports = {10'000, 100'000, 1'000'000};
  int rush_devices = 10'000;
  int overload_requests = 150'000;
  absl::Duration overload_time = absl::Seconds(3);
  // How long the consolidation of `reports` is waited for.
  absl::Duration patience = absl::Seconds(240);
};

// What every benchmark is given. `directory` exists, is its own and is removed afterwards.
struct Run {
  Sizes sizes;
  std::string directory;
  // Where BenchMatch writes time and memory against size, an SVG; empty: nowhere.
  std::string plot;
};

// Prints one result as a line of JSON to standard output. `reference` is what the value was
// compared with (docs/benchmarks.md says what that is for each name); ratio = value / reference.
void Print(const std::string& name, double value, const std::string& unit,
           std::optional<double> reference = std::nullopt);
// Says on standard error what is going on.
void Progress(const std::string& text);

// Ends the program with the status unless it is OK: a benchmark that cannot run has no result.
void Check(const absl::Status& status, const char* what);
template <typename T>
T Check(absl::StatusOr<T> value, const char* what) {
  Check(value.status(), what);
  return *std::move(value);
}

// Time on the monotonic clock, since some start.
absl::Duration Now();
double SecondsSince(absl::Duration start);

// The q-quantile (0 .. 1) by the nearest rank. `values` is not empty.
double Quantile(std::vector<double> values, double q);

// A line "VmRSS: 1234 kB" of /proc/self/status, in KiB; 0 when there is none.
int64_t SelfStatusKib(const std::string& key);

// Runs a program to its end, its errors going to ours; what it wrote to standard output. Ends this
// program if it fails.
std::string RunProgram(const std::vector<std::string>& arguments);

}  // namespace baraza::bench

#endif  // BARAZA_TESTS_BENCH_MEASURE_H_
