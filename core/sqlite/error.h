#ifndef BARAZA_CORE_SQLITE_ERROR_H_
#define BARAZA_CORE_SQLITE_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

struct sqlite3;

namespace baraza::sqlite_internal {

// Whether SQLite's own message may be quoted: it may hold pieces of bound values when a statement
// runs, while what it says about constraints and about the text of a statement holds names of the
// schema only.
enum class Phase { kOpen, kPrepare, kRun };

// The status of an SQLite (extended) result code. `what` says what was being done: a file or the
// text of a statement, never a value. Full disk -> RESOURCE_EXHAUSTED; corrupt or not a database ->
// DATA_LOSS; busy -> UNAVAILABLE; unique or primary key -> ALREADY_EXISTS; other constraint,
// read-only -> FAILED_PRECONDITION; cannot open -> NOT_FOUND or PERMISSION_DENIED as the system
// says, else FAILED_PRECONDITION; too big -> INVALID_ARGUMENT; interrupted -> CANCELLED; all else
// -> INTERNAL. `db` may be null.
absl::Status ErrorFromCode(int code, sqlite3* db, Phase phase, absl::string_view what);

}  // namespace baraza::sqlite_internal

#endif  // BARAZA_CORE_SQLITE_ERROR_H_
