#ifndef BARAZA_SYNC_SERVER_COMMANDS_READ_ONLY_H_
#define BARAZA_SYNC_SERVER_COMMANDS_READ_ONLY_H_

// Looks into the files of a data directory that change nothing, also while a server runs on it.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/sqlite/database.h"
#include "sync_server/services/data_dir.h"
#include "sync_server/store/registry_store.h"

namespace baraza::server {

// Errors of Database::Open and RegistryStore::Open.
absl::StatusOr<std::unique_ptr<Database>> OpenDatabaseToRead(const std::string& path);
absl::StatusOr<std::unique_ptr<RegistryStore>> OpenRegistryToRead(const std::string& path);

// The programmes that the directory's registry names, by id.
absl::StatusOr<std::vector<ProgrammeEntry>> ProgrammesOf(const DataDir& dir);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_READ_ONLY_H_
