#include "tests/bench/measure.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "core/base/clock.h"

extern char** environ;

namespace baraza::bench {

void Print(const std::string& name, double value, const std::string& unit,
           std::optional<double> reference) {
  std::printf("{\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", ", name.c_str(), value,
              unit.c_str());
  if (reference.has_value() && *reference > 0) {
    std::printf("\"reference\": %.6g, \"ratio\": %.4g}\n", *reference, value / *reference);
  } else {
    std::printf("\"reference\": null, \"ratio\": null}\n");
  }
  std::fflush(stdout);
}

void Progress(const std::string& text) { std::fprintf(stderr, "bench: %s\n", text.c_str()); }

void Check(const absl::Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "bench: %s: %s\n", what, status.ToString().c_str());
  // Threads may still run; their objects must not be torn down under them.
  std::_Exit(1);
}

absl::Duration Now() {
  static SystemClock& clock = *new SystemClock;
  return clock.Monotonic();
}

double SecondsSince(absl::Duration start) { return absl::ToDoubleSeconds(Now() - start); }

double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double rank = std::ceil(q * static_cast<double>(values.size()));
  const size_t index = rank < 1 ? 0 : static_cast<size_t>(rank) - 1;
  return values[std::min(index, values.size() - 1)];
}

int64_t SelfStatusKib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (!absl::StartsWith(line, key + ":")) continue;
    for (const absl::string_view word : absl::StrSplit(line, absl::ByAnyChar(" \t"))) {
      int64_t value = 0;
      if (absl::SimpleAtoi(word, &value)) return value;
    }
  }
  return 0;
}

std::string RunProgram(const std::vector<std::string>& arguments) {
  int ends[2];
  if (pipe(ends) != 0) Check(absl::InternalError("no pipe"), "run");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  std::vector<std::string> copies = arguments;
  std::vector<char*> argv;
  for (std::string& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) Check(absl::InternalError("cannot be started"), argv[0]);
  std::string output;
  char bytes[4096];
  for (ssize_t n = 0; (n = read(ends[0], bytes, sizeof(bytes))) > 0;) {
    output.append(bytes, static_cast<size_t>(n));
  }
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    Check(absl::InternalError("ended with an error"), argv[0]);
  }
  return output;
}

}  // namespace baraza::bench
