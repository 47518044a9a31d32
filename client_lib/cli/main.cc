#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "client_lib/cli/cli.h"
#include "core/base/clock.h"
#include "core/base/random.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  baraza::SystemClock clock;
  baraza::SystemRandom random;
  const baraza::client::CliEnvironment environment{
      std::cin,
      std::cout,
      std::cerr,
      isatty(STDIN_FILENO) == 1,
      isatty(STDOUT_FILENO) == 1,
      isatty(STDERR_FILENO) == 1,
      [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
      },
      clock,
      random};
  const int code =
      baraza::client::RunCli(std::vector<std::string>(argv + 1, argv + argc), environment);
  std::cout.flush();
  // An answer that could not be written was not given.
  return code == 0 && !std::cout ? 9 : code;
}
