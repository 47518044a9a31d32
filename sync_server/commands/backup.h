#ifndef BARAZA_SYNC_SERVER_COMMANDS_BACKUP_H_
#define BARAZA_SYNC_SERVER_COMMANDS_BACKUP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "sync_server/commands/maintain.h"

namespace baraza::server {

// Copies registry, programmes and certificates to a new folder, also while a server runs on them:
// over connections that only read, so that the server's stays the one that writes and checkpoints.
// Each file is of one moment and appears complete or not at all. ALREADY_EXISTS: there is a
// backup; FAILED_PRECONDITION: a restore was interrupted in `data_dir`.
absl::Status BackupDataDir(const std::string& data_dir, const std::string& to,
                           const MaintenanceProgress& progress);

// What the registry that a restore replaced had to say about who may not connect (any more).
struct RestoredRegistry {
  // False: there was none, or it could not be read, or it did not know everybody whom the backup
  // lets in. What was revoked or suspended and which codes were used after the backup is then not
  // known any more, and somebody has to go through them.
  bool restrictions_kept = false;
  // Credentials and codes that the backup alone would have let in.
  int restricted = 0;
};

// Makes a data directory of a backup, checking every file. Each programme gets a new epoch, so that
// devices re-send what came after the backup. A credential that was revoked or suspended after the
// backup stays so, and a code used after it stays used, if the registry that is replaced, or one
// that an earlier restore replaced, tells of it. What `replace` replaces, with the log that a
// server left when it died, goes to the folder replaced-N of the directory, which nothing deletes.
// Killed while it puts files in place, it leaves a directory in which no server starts until it was
// run again. ALREADY_EXISTS when `data_dir` has a registry and not `replace`; FAILED_PRECONDITION
// while a server runs on it; DATA_LOSS: the backup is damaged.
absl::StatusOr<RestoredRegistry> RestoreDataDir(const std::string& from,
                                                const std::string& data_dir, bool replace,
                                                Clock& clock, Random& random);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_BACKUP_H_
