#ifndef BARAZA_CORE_SQLITE_BOOT_EPOCH_H_
#define BARAZA_CORE_SQLITE_BOOT_EPOCH_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "core/sqlite/database.h"

namespace baraza {

// To be called once after opening for writing and before anything is served. Counts the openings in
// a table of its own (made when missing) and returns the new number, from 1. The commit's sync
// covers the whole log: a row that a killed process left visible but not durable is durable when
// this returns, so what is read from then on may be acknowledged.
absl::StatusOr<int64_t> BootEpoch(Database& database);

}  // namespace baraza

#endif  // BARAZA_CORE_SQLITE_BOOT_EPOCH_H_
