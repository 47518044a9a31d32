#include "core/sqlite/error.h"

#include <sqlite3.h>

#include <cerrno>
#include <string>

#include "absl/strings/str_cat.h"

namespace baraza::sqlite_internal {
namespace {

absl::StatusCode Classify(int code, int system_errno) {
  switch (code) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID:
      return absl::StatusCode::kAlreadyExists;
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return absl::StatusCode::kUnavailable;
    case SQLITE_CONSTRAINT:
    case SQLITE_READONLY:
      return absl::StatusCode::kFailedPrecondition;
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return absl::StatusCode::kPermissionDenied;
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return absl::StatusCode::kInvalidArgument;
    case SQLITE_INTERRUPT:
      return absl::StatusCode::kCancelled;
    case SQLITE_CANTOPEN:
      if (system_errno == ENOENT) return absl::StatusCode::kNotFound;
      if (system_errno == EACCES || system_errno == EPERM) {
        return absl::StatusCode::kPermissionDenied;
      }
      if (system_errno == ENOSPC || system_errno == EDQUOT) {
        return absl::StatusCode::kResourceExhausted;
      }
      return absl::StatusCode::kFailedPrecondition;
    case SQLITE_IOERR:
      // SQLITE_FULL is only for writes; a sync, or growing the shared memory, fails on a full disk
      // as well.
      if (system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG) {
        return absl::StatusCode::kResourceExhausted;
      }
      return absl::StatusCode::kInternal;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::Status ErrorFromCode(int code, sqlite3* db, Phase phase, absl::string_view what) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return absl::OkStatus();
  const int system_errno = db == nullptr ? 0 : sqlite3_system_errno(db);
  std::string message = absl::StrCat("SQLite: ", sqlite3_errstr(code), " (", code, ")");
  const bool quotable = phase != Phase::kRun || (code & 0xff) == SQLITE_CONSTRAINT;
  if (db != nullptr && quotable) absl::StrAppend(&message, ": ", sqlite3_errmsg(db));
  absl::StrAppend(&message, " in: ", what.substr(0, 120));
  return absl::Status(Classify(code, system_errno), message);
}

}  // namespace baraza::sqlite_internal
