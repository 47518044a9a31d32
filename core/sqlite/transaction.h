#ifndef BARAZA_CORE_SQLITE_TRANSACTION_H_
#define BARAZA_CORE_SQLITE_TRANSACTION_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/sqlite/database.h"
#include "core/sqlite/statement.h"

namespace baraza {

// A transaction that is rolled back unless Commit succeeds. Statements used in it should be gone or
// reset by then. Must not outlive its database; lives in the database's thread.
class Transaction {
 public:
  // Begins one that will write: takes the write lock at once (BEGIN IMMEDIATE). UNAVAILABLE if
  // another connection holds it past the busy timeout; FAILED_PRECONDITION if one is open already,
  // since they do not nest.
  static absl::StatusOr<Transaction> Begin(Database& database);

  // Begins one whose reads all see the same snapshot.
  static absl::StatusOr<Transaction> BeginRead(Database& database);

  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  // Durable once OK. On an error nothing was committed, unless the code is INTERNAL from a failed
  // sync: then the rows may be seen but not survive a power cut. ABORTED if SQLite rolled back on
  // an earlier error. Call once.
  absl::Status Commit();

  // Gives up; never fails.
  void Rollback();

 private:
  Transaction(Database* database, Statement rollback)
      : database_(database), rollback_(std::move(rollback)) {}
  static absl::StatusOr<Transaction> BeginWith(Database& database, const char* sql);

  Database* database_;  // Null once finished or moved from.
  // Prepared before BEGIN: when the memory has run out there is none to prepare it with.
  Statement rollback_;
};

}  // namespace baraza

#endif  // BARAZA_CORE_SQLITE_TRANSACTION_H_
