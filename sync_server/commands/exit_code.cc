#include "sync_server/commands/exit_code.h"

namespace baraza::server {

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
      return kExitUsage;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
      return kExitRefused;
    case absl::StatusCode::kDataLoss:
      return kExitDamaged;
    case absl::StatusCode::kResourceExhausted:
      return kExitExhausted;
    case absl::StatusCode::kUnavailable:
      return kExitCannotListen;
    default:
      return kExitInternal;
  }
}

const char* ExitCodeHelp() {
  return "Exit codes: 0 done, 1 internal error, 2 wrong use or configuration, 3 not found, 4 "
         "refused "
         "(in use, exists\nalready, no TLS), 5 damaged data, 6 disk full or limit reached, 7 "
         "cannot "
         "listen, 8 bad input lines (--strict).";
}

}  // namespace baraza::server
