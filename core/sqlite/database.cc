#include "core/sqlite/database.h"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/status.h"
#include "core/sqlite/error.h"

namespace baraza {
namespace {

using sqlite_internal::ErrorFromCode;
using sqlite_internal::Phase;

constexpr char kInMemory[] = ":memory:";

// Distinct statements kept prepared. Ours are constants, some hundred at most; this is a bound
// against a leak.
constexpr size_t kMaxIdleStatements = 512;

// After a checkpoint the log file is cut to this many bytes, so that one large transaction does not
// hold disk for ever.
constexpr int64_t kJournalSizeLimit = 16 << 20;

struct Limit {
  int id;
  int value;
};

// What our own statements need, with room: the limits keep a damaged or hostile file from costing
// more.
constexpr Limit kLimits[] = {
    {SQLITE_LIMIT_LENGTH, 32 << 20},  // A published figure with its trace is the largest value.
    {SQLITE_LIMIT_SQL_LENGTH, 256 << 10},
    {SQLITE_LIMIT_COLUMN, 100},
    {SQLITE_LIMIT_EXPR_DEPTH, 100},
    {SQLITE_LIMIT_COMPOUND_SELECT, 16},
    {SQLITE_LIMIT_VDBE_OP, 50'000},
    {SQLITE_LIMIT_FUNCTION_ARG, 16},
    {SQLITE_LIMIT_ATTACHED, 1},  // VACUUM needs one.
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1'000},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 1'000},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 8},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
};

const char* VfsName(const std::string& vfs) { return vfs.empty() ? nullptr : vfs.c_str(); }

// A file: URI for `path`, whatever characters it holds.
std::string FileUri(const std::string& path, absl::string_view query) {
  std::string uri = absl::StartsWith(path, "/") ? "file://" : "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      absl::StrAppendFormat(&uri, "%%%02x", static_cast<unsigned char>(c));
    } else {
      uri.push_back(c);
    }
  }
  return absl::StrCat(uri, "?", query);
}

absl::StatusOr<sqlite3*> OpenHandle(const std::string& name, int flags, const std::string& vfs,
                                    const std::string& shown) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, VfsName(vfs));
  if (code != SQLITE_OK) {
    absl::Status status = ErrorFromCode(code, handle, Phase::kOpen, shown);
    sqlite3_close_v2(handle);
    return status;
  }
  sqlite3_extended_result_codes(handle, 1);
  return handle;
}

}  // namespace

Database::Database(sqlite3* handle, std::string path, std::string vfs, bool read_only)
    : handle_(handle), path_(std::move(path)), vfs_(std::move(vfs)), read_only_(read_only) {}

Database::~Database() {
  for (auto& [sql, statements] : idle_) {
    for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
  }
  sqlite3_close_v2(handle_);
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path,
                                                         const DatabaseOptions& options) {
  const bool in_memory = path == kInMemory;
  const bool read_only = options.mode == DatabaseOptions::Mode::kReadOnly;

  if (options.schema.has_value() && !in_memory) {
    // A first look that takes no lock and makes no file beside the database. It does not see the
    // log, so it may take a newer database for an older one, never the other way round; the second
    // look below sees all.
    absl::StatusOr<sqlite3*> peek = OpenHandle(
        FileUri(path, "immutable=1"), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, options.vfs, path);
    if (peek.ok()) {
      Database first_look(*peek, path, options.vfs, true);
      absl::Status status = first_look.Harden(options);
      if (status.ok()) status = first_look.CheckSchema(*options.schema);
      if (absl::IsFailedPrecondition(status)) return status;
    }
  }

  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (options.mode == DatabaseOptions::Mode::kReadWrite) flags = SQLITE_OPEN_READWRITE;
  if (read_only) flags = SQLITE_OPEN_READONLY;
  BARAZA_ASSIGN_OR_RETURN(sqlite3 * handle, OpenHandle(path, flags, options.vfs, path));
  std::unique_ptr<Database> database(new Database(handle, path, options.vfs, read_only));
  // Until the file is known to be ours, closing it must not move the log of a newer program into
  // it.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // Before the first look into the file: an index of the log once shared stays shared.
  if (options.exclusive && !read_only) {
    BARAZA_RETURN_IF_ERROR(database->Execute("PRAGMA locking_mode = EXCLUSIVE"));
  }
  BARAZA_RETURN_IF_ERROR(database->Harden(options));
  if (options.schema.has_value()) {
    BARAZA_RETURN_IF_ERROR(database->CheckSchema(*options.schema));
  }
  if (read_only) {
    if (options.schema.has_value()) {
      BARAZA_ASSIGN_OR_RETURN(const int64_t version, database->UserVersion());
      if (version != static_cast<int64_t>(options.schema->migrations.size())) {
        return RecordError(absl::StatusCode::kFailedPrecondition, path, "user_version",
                           absl::StrCat(options.schema->migrations.size()), absl::StrCat(version));
      }
    }
    return database;
  }
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  BARAZA_RETURN_IF_ERROR(database->SetPersistentPragmas());
  if (options.schema.has_value()) {
    BARAZA_RETURN_IF_ERROR(Migrate(*database, *options.schema));
  }
  return database;
}

absl::Status Database::Harden(const DatabaseOptions& options) {
  const absl::Duration timeout =
      std::clamp(options.busy_timeout, absl::ZeroDuration(), absl::Hours(1));
  sqlite3_busy_timeout(handle_, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
  for (const Limit& limit : kLimits) sqlite3_limit(handle_, limit.id, limit.value);
  for (const auto& [option, value] :
       std::initializer_list<std::pair<int, int>>{{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                                  {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                                  {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
                                                  {SQLITE_DBCONFIG_DQS_DML, 0},
                                                  {SQLITE_DBCONFIG_DQS_DDL, 0}}) {
    const int code = sqlite3_db_config(handle_, option, value, nullptr);
    if (code != SQLITE_OK) return ErrorFromCode(code, handle_, Phase::kOpen, path_);
  }
  // Settings of the connection: some read the file, none writes to it.
  return Execute(absl::StrCat("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;",
                              "PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL;",
                              "PRAGMA cache_size = -", std::max(options.cache_kib, 64), ";"));
}

absl::Status Database::CheckSchema(const Schema& schema) {
  BARAZA_ASSIGN_OR_RETURN(const int64_t application_id, PragmaInt("PRAGMA application_id"));
  BARAZA_ASSIGN_OR_RETURN(const int64_t user_version, UserVersion());
  bool has_tables = false;
  {
    BARAZA_ASSIGN_OR_RETURN(Statement tables, Prepare("SELECT 1 FROM sqlite_schema LIMIT 1"));
    BARAZA_ASSIGN_OR_RETURN(has_tables, tables.Step());
  }
  return sqlite_internal::CheckVersion(schema, application_id, user_version, has_tables, path_);
}

absl::Status Database::SetPersistentPragmas() {
  {
    BARAZA_ASSIGN_OR_RETURN(Statement wal, Prepare("PRAGMA journal_mode = WAL"));
    BARAZA_RETURN_IF_ERROR(wal.StepToOnlyRow());
    const std::string mode = wal.Text(0);
    if (mode != "wal" && !(path_ == kInMemory && mode == "memory")) {
      return RecordError(absl::StatusCode::kFailedPrecondition, path_, "journal_mode", "wal", mode);
    }
  }
  // Erased content (a withdrawn consent) is overwritten, not merely unlinked from its table.
  return Execute(absl::StrCat("PRAGMA journal_size_limit = ", kJournalSizeLimit,
                              "; PRAGMA secure_delete = ON;"));
}

absl::StatusOr<Statement> Database::Prepare(absl::string_view sql) {
  std::string text(sql);
  const auto idle = idle_.find(text);
  if (idle != idle_.end() && !idle->second.empty()) {
    sqlite3_stmt* statement = idle->second.back();
    idle->second.pop_back();
    --idle_count_;
    return Statement(this, statement);
  }
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(handle_, text.c_str(), static_cast<int>(text.size()) + 1,
                                      SQLITE_PREPARE_PERSISTENT, &statement, &tail);
  if (code != SQLITE_OK) return ErrorFromCode(code, handle_, Phase::kPrepare, text);
  if (statement == nullptr ||
      absl::string_view(tail).find_first_not_of(" \t\n;") != absl::string_view::npos) {
    sqlite3_finalize(statement);
    return absl::InternalError(
        absl::StrCat("SQLite: expected exactly one statement in: ", text.substr(0, 120)));
  }
  return Statement(this, statement);
}

void Database::GiveBack(sqlite3_stmt* statement) {
  if (idle_count_ >= kMaxIdleStatements) {
    sqlite3_finalize(statement);
    return;
  }
  idle_[sqlite3_sql(statement)].push_back(statement);
  ++idle_count_;
}

absl::Status Database::Execute(const std::string& script) {
  const int code = sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr);
  return ErrorFromCode(code, handle_, Phase::kPrepare, script);
}

absl::Status Database::Checkpoint(CheckpointMode mode) {
  const int code = sqlite3_wal_checkpoint_v2(
      handle_, nullptr,
      mode == CheckpointMode::kTruncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE,
      nullptr, nullptr);
  // A passive checkpoint that finds another one at work has nothing left to do.
  if (mode == CheckpointMode::kPassive && (code & 0xff) == SQLITE_BUSY) return absl::OkStatus();
  return ErrorFromCode(code, handle_, Phase::kRun, "checkpoint");
}

absl::Status Database::CheckIntegrity() {
  BARAZA_ASSIGN_OR_RETURN(Statement check, Prepare("PRAGMA quick_check(1)"));
  BARAZA_RETURN_IF_ERROR(check.StepToOnlyRow());
  if (check.TextView(0) == "ok") return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path_, ": expected an intact database, got damage"));
}

void Database::Interrupt() { sqlite3_interrupt(handle_); }

absl::StatusOr<int64_t> Database::PragmaInt(absl::string_view pragma) {
  BARAZA_ASSIGN_OR_RETURN(Statement statement, Prepare(pragma));
  BARAZA_RETURN_IF_ERROR(statement.StepToOnlyRow());
  return statement.Int64(0);
}

absl::StatusOr<int64_t> Database::UserVersion() { return PragmaInt("PRAGMA user_version"); }

int64_t Database::LastInsertRowId() const { return sqlite3_last_insert_rowid(handle_); }

int64_t Database::Changes() const { return sqlite3_changes64(handle_); }

bool Database::InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }

}  // namespace baraza
