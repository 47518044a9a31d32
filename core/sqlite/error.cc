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

// The system's error behind an I/O error; 0: unknown. For a failing COMMIT SQLite keeps none with
// the connection, only with the file that could not be written.
int SystemErrno(int code, sqlite3* db) {
  if (db == nullptr) return 0;
  if (const int known = sqlite3_system_errno(db); known != 0) return known;
  if ((code & 0xff) != SQLITE_IOERR) return 0;
  sqlite3_file* log = nullptr;
  int of_log = 0;
  if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
      log != nullptr && log->pMethods != nullptr &&
      log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &of_log) == SQLITE_OK &&
      of_log != 0) {
    return of_log;
  }
  int of_database = 0;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &of_database);
  return of_database;
}

}  // namespace

absl::Status ErrorFromCode(int code, sqlite3* db, Phase phase, absl::string_view what) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return absl::OkStatus();
  const int system_errno = SystemErrno(code, db);
  std::string message = absl::StrCat("SQLite: ", sqlite3_errstr(code), " (", code, ")");
  const bool quotable = phase != Phase::kRun || (code & 0xff) == SQLITE_CONSTRAINT;
  if (db != nullptr && quotable) absl::StrAppend(&message, ": ", sqlite3_errmsg(db));
  absl::StrAppend(&message, " in: ", what.substr(0, 120));
  const absl::StatusCode kind = Classify(code, system_errno);
  if (kind == absl::StatusCode::kResourceExhausted && (code & 0xff) != SQLITE_NOMEM) {
    absl::StrAppend(&message, "; the disk is full: make room, then try again");
  }
  return absl::Status(kind, message);
}

}  // namespace baraza::sqlite_internal
