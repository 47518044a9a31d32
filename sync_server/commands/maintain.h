#ifndef BARAZA_SYNC_SERVER_COMMANDS_MAINTAIN_H_
#define BARAZA_SYNC_SERVER_COMMANDS_MAINTAIN_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/clock.h"
#include "core/base/random.h"

namespace baraza::server {

// Called with a programme id, what is done and what there is to do.
using MaintenanceProgress = std::function<void(const std::string&, int64_t, int64_t)>;

// Copies registry, programmes and certificates to a new folder, also while a server runs on them:
// over connections that only read, so that the server's stays the one that writes and checkpoints.
// Each file is of one moment and appears complete or not at all. ALREADY_EXISTS: there is a backup.
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
// backup stays so, and a code used after it stays used, if the registry that is replaced can still
// be read. What `replace` replaces, with the log that a server left when it died, stays beside the
// new files as *.replaced, until the next restore. Killed while it puts files in place, it leaves a
// directory in which no server starts until it was run again. ALREADY_EXISTS when `data_dir` has a
// registry and not `replace`; FAILED_PRECONDITION while a server runs on it; DATA_LOSS: the backup
// is damaged.
absl::StatusOr<RestoredRegistry> RestoreDataDir(const std::string& from,
                                                const std::string& data_dir, bool replace,
                                                Clock& clock, Random& random);

// Makes every projection anew from the log.
absl::Status RebuildProgrammes(const std::string& data_dir, Clock& clock, Random& random,
                               const MaintenanceProgress& progress);

// Checks every file: SQLite's own check, each operation's hash against its bytes, and the stored
// projection against one made anew in a copy. DATA_LOSS names what is wrong. While no server runs.
absl::Status VerifyDataDir(const std::string& data_dir, Clock& clock, Random& random,
                           const MaintenanceProgress& progress);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_MAINTAIN_H_
