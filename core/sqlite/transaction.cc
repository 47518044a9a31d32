#include "core/sqlite/transaction.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace baraza {

absl::StatusOr<Transaction> Transaction::BeginWith(Database& database, const char* sql) {
  if (database.InTransaction()) {
    return absl::FailedPreconditionError(
        absl::StrCat(database.path(), ": expected no open transaction"));
  }
  BARAZA_ASSIGN_OR_RETURN(Statement rollback, database.Prepare("ROLLBACK"));
  BARAZA_ASSIGN_OR_RETURN(Statement begin, database.Prepare(sql));
  BARAZA_RETURN_IF_ERROR(begin.Run());
  return Transaction(&database, std::move(rollback));
}

absl::StatusOr<Transaction> Transaction::Begin(Database& database) {
  return BeginWith(database, "BEGIN IMMEDIATE");
}

absl::StatusOr<Transaction> Transaction::BeginRead(Database& database) {
  return BeginWith(database, "BEGIN DEFERRED");
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)), rollback_(std::move(other.rollback_)) {}

Transaction::~Transaction() { Rollback(); }

absl::Status Transaction::Commit() {
  if (database_ == nullptr) return absl::FailedPreconditionError("transaction: already finished");
  if (!database_->InTransaction()) {
    // A full disk or an I/O error makes SQLite roll back by itself.
    const std::string& path = database_->path();
    database_ = nullptr;
    return absl::AbortedError(absl::StrCat(
        path, ": expected an open transaction; it was rolled back by an earlier error"));
  }
  BARAZA_ASSIGN_OR_RETURN(Statement commit, database_->Prepare("COMMIT"));
  BARAZA_RETURN_IF_ERROR(
      commit.Run());  // On an error the destructor rolls back what is still open.
  database_ = nullptr;
  return absl::OkStatus();
}

void Transaction::Rollback() {
  if (database_ == nullptr) return;
  Database& database = *std::exchange(database_, nullptr);
  if (!database.InTransaction()) return;
  // SQLite's ROLLBACK fails only if none is open.
  rollback_.Run().IgnoreError();
}

}  // namespace baraza
