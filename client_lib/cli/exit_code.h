#ifndef BARAZA_CLIENT_LIB_CLI_EXIT_CODE_H_
#define BARAZA_CLIENT_LIB_CLI_EXIT_CODE_H_

#include <string>

#include "absl/status/status.h"

namespace baraza::client {

// What scripts can tell apart. Stable; `baraza --help` lists them.
enum class ExitCode {
  kOk = 0,
  kInternal = 1,
  // The command line itself is wrong.
  kUsage = 2,
  // A value or a file is wrong; what was right in a file of several went through.
  kInvalidInput = 3,
  // Not enrolled, or the server does not know this credential (any more).
  kNotEnrolled = 4,
  // No server, no network, or no answer in time.
  kUnavailable = 5,
  kPermissionDenied = 6,
  kNotFound = 7,
  // It is not possible as things stand: changed meanwhile, exists already, nothing to change.
  kConflict = 8,
  // Disk full, database unreadable or another program's.
  kStorage = 9,
  // Sync went through, but the server rejected something: see `baraza quarantine`.
  kRejected = 10,
  kCancelled = 130,
};

// The code for an error.
ExitCode ExitCodeOf(const absl::Status& status);

// One line per code, for the help.
std::string ExitCodeHelp();

// What to do about an error of this kind, as a sentence; empty when the message says it already.
std::string NextStep(const absl::Status& status);

// The error of every command that needs an enrolled database.
absl::Status NotEnrolledError();

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLI_EXIT_CODE_H_
