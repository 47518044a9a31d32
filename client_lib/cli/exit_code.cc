#include "client_lib/cli/exit_code.h"

#include "absl/strings/str_cat.h"

namespace baraza::client {

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return ExitCode::kInvalidInput;
    case absl::StatusCode::kUnauthenticated:
      return ExitCode::kNotEnrolled;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::kUnavailable;
    case absl::StatusCode::kPermissionDenied:
      return ExitCode::kPermissionDenied;
    case absl::StatusCode::kNotFound:
      return ExitCode::kNotFound;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return ExitCode::kConflict;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDataLoss:
      return ExitCode::kStorage;
    case absl::StatusCode::kCancelled:
      return ExitCode::kCancelled;
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnimplemented:
    default:
      return ExitCode::kInternal;
  }
}

std::string ExitCodeHelp() {
  return "Exit codes:\n"
         "   0  done\n"
         "   1  internal error\n"
         "   2  wrong command line\n"
         "   3  wrong value or file; what was right in a file of several went through\n"
         "   4  not enrolled, or the credential is not known (any more)\n"
         "   5  no server, no network or no answer in time; everything is kept\n"
         "   6  not permitted\n"
         "   7  not found\n"
         "   8  not possible as things stand: changed meanwhile, exists already, nothing to "
         "change\n"
         "   9  disk full, or the database cannot be read\n"
         "  10  synced, but the server rejected something (baraza quarantine)\n"
         " 130  cancelled\n";
}

std::string NextStep(const absl::Status& status) {
  switch (ExitCodeOf(status)) {
    case ExitCode::kNotEnrolled:
      return "Ask an administrator for an enrolment code, then: baraza enrol --code-file -";
    case ExitCode::kUnavailable:
      return "Everything that was captured is kept. Try again when there is a network.";
    case ExitCode::kPermissionDenied:
      return "See with `baraza status` who this device is; an administrator can change its role.";
    case ExitCode::kStorage:
      return "Nothing was lost. Free some space on the disk, then try again.";
    default:
      return "";
  }
}

absl::Status NotEnrolledError() {
  return absl::UnauthenticatedError("this device is not enrolled in a programme");
}

}  // namespace baraza::client
