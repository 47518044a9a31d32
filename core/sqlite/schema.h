#ifndef BARAZA_CORE_SQLITE_SCHEMA_H_
#define BARAZA_CORE_SQLITE_SCHEMA_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace baraza {

// What a database file is and how it came to be. A landed migration is never changed; a new one is
// appended.
struct Schema {
  // PRAGMA application_id: tells our files from foreign ones. Not zero.
  int32_t application_id = 0;
  // migrations[i] is an SQL script that takes PRAGMA user_version from i to i + 1. It runs in one
  // transaction, with foreign keys checked at its end only, so it may rebuild tables; it must not
  // contain BEGIN or COMMIT.
  std::vector<std::string> migrations;
};

class Database;

// Brings `database` to the last version, one transaction a migration. Database::Open does this; it
// has checked the version before. On an error the migrations before the failing one stay.
absl::Status Migrate(Database& database, const Schema& schema);

namespace sqlite_internal {

// OK if a database with this application id and version may be opened: FAILED_PRECONDITION if it is
// not ours or was written by a newer program.
absl::Status CheckVersion(const Schema& schema, int64_t application_id, int64_t user_version,
                          bool has_tables, const std::string& path);

}  // namespace sqlite_internal
}  // namespace baraza

#endif  // BARAZA_CORE_SQLITE_SCHEMA_H_
