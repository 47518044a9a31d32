#ifndef BARAZA_CORE_SQLITE_DATABASE_H_
#define BARAZA_CORE_SQLITE_DATABASE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/sqlite/schema.h"
#include "core/sqlite/statement.h"

struct sqlite3;
struct sqlite3_stmt;

namespace baraza {

struct DatabaseOptions {
  enum class Mode {
    kReadOnly,   // The file must exist and be at the schema's last version.
    kReadWrite,  // The file must exist.
    kCreate,     // The file is made if it does not exist; its folder must.
  };
  Mode mode = Mode::kCreate;

  // The name of a registered SQLite VFS; empty for the default one.
  std::string vfs;

  // What the file must be. Checked before anything is written; then migrations run. Without it any
  // database opens.
  std::optional<Schema> schema;

  // How long a statement waits for another connection's lock before UNAVAILABLE.
  absl::Duration busy_timeout = absl::Seconds(5);

  // The largest page cache in KiB.
  int cache_kib = 8 * 1024;

  // Nobody else opens the file while this connection is there: who tries gets UNAVAILABLE after its
  // busy timeout. A commit then takes no locks, and the log's index is in this process' memory and
  // no file. For writers.
  bool exclusive = false;
};

// One connection to an SQLite file. Invariants: a commit is durable when it returns (WAL,
// synchronous=FULL); foreign keys hold; nothing in the file is trusted (defensive, trusted_schema
// off, no mmap, low limits).
//
// A connection is for one thread at a time; Interrupt alone may come from another. A file has at
// most one connection that writes, which is also the one that checkpoints: with two, SQLite 3.40.1
// can corrupt a WAL. Others open kReadOnly.
class Database {
 public:
  // Opens `path`, or ":memory:". Errors: NOT_FOUND, PERMISSION_DENIED; DATA_LOSS if it is no
  // database; FAILED_PRECONDITION if it is another application's or a newer version's, whose bytes
  // then are left as they are.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path,
                                                        const DatabaseOptions& options = {});

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // All statements must be gone.
  ~Database();

  // A statement for `sql`, prepared once and then reused. INTERNAL if it is no single valid
  // statement.
  absl::StatusOr<Statement> Prepare(absl::string_view sql);

  // Runs a script without parameters, for schema and pragmas. Never put values into its text.
  absl::Status Execute(const std::string& script);

  // Moves the log's content into the database file. kPassive does what it can without waiting;
  // kTruncate waits (up to the busy timeout) for readers and empties the log. UNAVAILABLE if
  // somebody was in the way of kTruncate.
  enum class CheckpointMode { kPassive, kTruncate };
  absl::Status Checkpoint(CheckpointMode mode);

  // OK if SQLite finds no damage (PRAGMA quick_check), else DATA_LOSS. Reads the whole file.
  absl::Status CheckIntegrity();

  // Makes a running statement return CANCELLED. From any thread.
  void Interrupt();

  absl::StatusOr<int64_t> UserVersion();
  int64_t LastInsertRowId() const;
  // Rows that the last INSERT, UPDATE or DELETE changed.
  int64_t Changes() const;
  bool InTransaction() const;
  bool read_only() const { return read_only_; }
  const std::string& path() const { return path_; }

 private:
  friend class Statement;
  friend absl::Status Backup(Database& source, const std::string& path,
                             const std::function<bool(int64_t, int64_t)>& progress);

  Database(sqlite3* handle, std::string path, std::string vfs, bool read_only);

  absl::Status Harden(const DatabaseOptions& options);
  absl::Status CheckSchema(const Schema& schema);
  absl::Status SetPersistentPragmas();
  absl::StatusOr<int64_t> PragmaInt(absl::string_view pragma);
  void GiveBack(sqlite3_stmt* statement);

  sqlite3* handle_;
  const std::string path_;
  const std::string vfs_;
  const bool read_only_;
  // Statements that nobody uses at the moment, by their text.
  std::map<std::string, std::vector<sqlite3_stmt*>> idle_;
  size_t idle_count_ = 0;
};

}  // namespace baraza

#endif  // BARAZA_CORE_SQLITE_DATABASE_H_
