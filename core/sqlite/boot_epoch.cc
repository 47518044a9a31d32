#include "core/sqlite/boot_epoch.h"

#include "core/base/status.h"
#include "core/sqlite/statement.h"
#include "core/sqlite/transaction.h"

namespace baraza {

absl::StatusOr<int64_t> BootEpoch(Database& database) {
  BARAZA_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(database));
  BARAZA_RETURN_IF_ERROR(
      database.Execute("CREATE TABLE IF NOT EXISTS boot_epoch ("
                       "  id INTEGER PRIMARY KEY CHECK (id = 1),"
                       "  epoch INTEGER NOT NULL"
                       ") STRICT"));
  int64_t epoch = 0;
  {
    BARAZA_ASSIGN_OR_RETURN(
        Statement count,
        database.Prepare("INSERT INTO boot_epoch (id, epoch) VALUES (1, 1)"
                         " ON CONFLICT (id) DO UPDATE SET epoch = epoch + 1 RETURNING epoch"));
    BARAZA_RETURN_IF_ERROR(count.StepToOnlyRow());
    epoch = count.Int64(0);
  }
  BARAZA_RETURN_IF_ERROR(transaction.Commit());
  return epoch;
}

}  // namespace baraza
