#ifndef BARAZA_SYNC_SERVER_COMMANDS_EXIT_CODE_H_
#define BARAZA_SYNC_SERVER_COMMANDS_EXIT_CODE_H_

#include "absl/status/status.h"

namespace baraza::server {

// What baraza-server ends with; in its --help, and never renumbered.
enum ExitCode : int {
  kExitOk = 0,
  kExitInternal = 1,
  // Flags, environment or configuration file.
  kExitUsage = 2,
  kExitNotFound = 3,
  // Refused as things stand: in use, there already, no TLS.
  kExitRefused = 4,
  kExitDamaged = 5,
  // Disk full, or another limit.
  kExitExhausted = 6,
  kExitCannotListen = 7,
  // Input lines that could not be taken, with --strict.
  kExitBadInput = 8,
};

int ExitCodeOf(const absl::Status& status);

// The codes as --help lists them.
const char* ExitCodeHelp();

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_EXIT_CODE_H_
