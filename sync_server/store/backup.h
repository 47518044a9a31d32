#ifndef BARAZA_SYNC_SERVER_STORE_BACKUP_H_
#define BARAZA_SYNC_SERVER_STORE_BACKUP_H_

#include <string>

#include "absl/status/status.h"
#include "core/base/clock.h"
#include "core/base/random.h"

namespace baraza::server {

// Puts a programme's backup in the place of its file and gives it a new epoch, so that devices
// re-send what came after the backup and pull anew. No program may have `path` open. The backup is
// left as it is. DATA_LOSS: the backup is damaged, and `path` is untouched; FAILED_PRECONDITION:
// not a programme's file, or a newer version's, or `path` is in use. An existing file at `path` is
// replaced.
absl::Status RestoreProgramme(const std::string& backup_file, const std::string& path, Clock& clock,
                              Random& random);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_STORE_BACKUP_H_
