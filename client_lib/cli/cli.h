#ifndef BARAZA_CLIENT_LIB_CLI_CLI_H_
#define BARAZA_CLIENT_LIB_CLI_CLI_H_

#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/random.h"

namespace baraza::client {

// What surrounds one run of `baraza`, so that a test can be the shell. References must outlive the
// run.
struct CliEnvironment {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  // Whether a person sits at the other end: prompts need `in`, style `out`, progress bars `err`.
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  // The value of an environment variable; nullopt: not set.
  std::function<std::optional<std::string>(const std::string&)> variable;
  Clock& clock;
  Random& random;
};

// Runs one command line (without the program's name) and returns its exit code, one of exit_code.h.
// Answers go to `out`, everything about how it went to `err`. Not thread-safe.
int RunCli(const std::vector<std::string>& arguments, const CliEnvironment& environment);

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLI_CLI_H_
