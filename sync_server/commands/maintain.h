#ifndef BARAZA_SYNC_SERVER_COMMANDS_MAINTAIN_H_
#define BARAZA_SYNC_SERVER_COMMANDS_MAINTAIN_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "core/base/clock.h"
#include "core/base/random.h"

namespace baraza::server {

// Called with a programme id, what is done and what there is to do.
using MaintenanceProgress = std::function<void(const std::string&, int64_t, int64_t)>;

// Makes every projection anew from the log.
absl::Status RebuildProgrammes(const std::string& data_dir, Clock& clock, Random& random,
                               const MaintenanceProgress& progress);

// Checks every file: SQLite's own check, each operation's hash against its bytes, and the stored
// projection against one made anew in a copy. DATA_LOSS names what is wrong. While no server runs.
absl::Status VerifyDataDir(const std::string& data_dir, Clock& clock, Random& random,
                           const MaintenanceProgress& progress);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_MAINTAIN_H_
