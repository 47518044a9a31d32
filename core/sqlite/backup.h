#ifndef BARAZA_CORE_SQLITE_BACKUP_H_
#define BARAZA_CORE_SQLITE_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "core/sqlite/database.h"

namespace baraza {

// Copies the whole of `source` to a file at `path` on the local file system. The file appears there
// complete and synced, replacing one of that name, or not at all. Call it in the source's thread,
// outside a transaction.
//
// With a read-only source the copy is of one moment and a writer on another connection goes on
// undisturbed. With the writer itself as source, it may write between steps (in `progress`) and the
// copy follows.
//
// `progress(pages done, pages in all)` is called after each step of some pages and stops the backup
// by returning false: CANCELLED. It may be empty. RESOURCE_EXHAUSTED if the disk is full;
// FAILED_PRECONDITION if `path` is in use (a log lies beside it).
absl::Status Backup(Database& source, const std::string& path,
                    const std::function<bool(int64_t, int64_t)>& progress = {});

}  // namespace baraza

#endif  // BARAZA_CORE_SQLITE_BACKUP_H_
