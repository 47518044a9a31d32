#include "core/sqlite/statement.h"

#include <sqlite3.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/sqlite/database.h"
#include "core/sqlite/error.h"

namespace baraza {

Statement::Statement(Statement&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)),
      statement_(std::exchange(other.statement_, nullptr)),
      bind_status_(std::move(other.bind_status_)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    Release();
    database_ = std::exchange(other.database_, nullptr);
    statement_ = std::exchange(other.statement_, nullptr);
    bind_status_ = std::move(other.bind_status_);
  }
  return *this;
}

Statement::~Statement() { Release(); }

void Statement::Release() {
  if (statement_ == nullptr) return;
  Reset();
  database_->GiveBack(statement_);
  statement_ = nullptr;
}

absl::Status Statement::Error(int code) const {
  return sqlite_internal::ErrorFromCode(code, sqlite3_db_handle(statement_),
                                        sqlite_internal::Phase::kRun, Sv(sqlite3_sql(statement_)));
}

void Statement::Note(int code) {
  if (code != SQLITE_OK && bind_status_.ok()) bind_status_ = Error(code);
}

void Statement::BindOutOfRange(int index) {
  if (!bind_status_.ok()) return;
  bind_status_ = absl::OutOfRangeError(absl::StrCat(
      "SQLite: parameter ", index,
      ": expected a number below 2^63 in: ", Sv(sqlite3_sql(statement_)).substr(0, 120)));
}

void Statement::Bind(int index, int64_t value) {
  Note(sqlite3_bind_int64(statement_, index, value));
}

void Statement::Bind(int index, absl::string_view text) {
  // A null pointer would bind NULL, and an empty view may hold one.
  Note(sqlite3_bind_text64(statement_, index, text.empty() ? "" : text.data(), text.size(),
                           SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::Bind(int index, Blob blob) {
  Note(sqlite3_bind_blob64(statement_, index, blob.bytes.empty() ? "" : blob.bytes.data(),
                           blob.bytes.size(), SQLITE_TRANSIENT));
}

void Statement::Bind(int index, std::nullptr_t) { Note(sqlite3_bind_null(statement_, index)); }

absl::StatusOr<bool> Statement::Step() {
  if (!bind_status_.ok()) return bind_status_;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return Error(code);
}

absl::Status Statement::Run() {
  absl::Status status;
  while (true) {
    absl::StatusOr<bool> row = Step();
    if (!row.ok()) {
      status = row.status();
      break;
    }
    if (!*row) break;
  }
  Reset();
  return status;
}

absl::Status Statement::StepToOnlyRow() {
  BARAZA_ASSIGN_OR_RETURN(const bool row, Step());
  if (row) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("SQLite: no row in: ", Sv(sqlite3_sql(statement_)).substr(0, 120)));
}

void Statement::Reset() {
  sqlite3_reset(statement_);  // Repeats the error of the last step, which was reported then.
  sqlite3_clear_bindings(statement_);
  bind_status_ = absl::OkStatus();
}

int Statement::ColumnCount() const { return sqlite3_column_count(statement_); }

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int64_t Statement::Int64(int column) const { return sqlite3_column_int64(statement_, column); }

absl::string_view Statement::TextView(int column) const {
  // The order matters: the text is made first, then its length is asked for.
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return "";
  return absl::string_view(reinterpret_cast<const char*>(text),
                           static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
}

absl::string_view Statement::BlobView(int column) const {
  const void* blob = sqlite3_column_blob(statement_, column);
  if (blob == nullptr) return "";
  return absl::string_view(static_cast<const char*>(blob),
                           static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
}

}  // namespace baraza
