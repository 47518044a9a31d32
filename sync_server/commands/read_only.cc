#include "sync_server/commands/read_only.h"

#include "core/base/status.h"

namespace baraza::server {

absl::StatusOr<std::unique_ptr<Database>> OpenDatabaseToRead(const std::string& path) {
  DatabaseOptions options;
  options.mode = DatabaseOptions::Mode::kReadOnly;
  return Database::Open(path, options);
}

absl::StatusOr<std::unique_ptr<RegistryStore>> OpenRegistryToRead(const std::string& path) {
  RegistryStore::Options options;
  options.read_only = true;
  return RegistryStore::Open(path, options);
}

absl::StatusOr<std::vector<ProgrammeEntry>> ProgrammesOf(const DataDir& dir) {
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry,
                          OpenRegistryToRead(dir.Registry()));
  return registry->ListProgrammes();
}

}  // namespace baraza::server
