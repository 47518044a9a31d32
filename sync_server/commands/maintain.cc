#include "sync_server/commands/maintain.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "core/base/status.h"
#include "core/model/operation.h"
#include "core/sqlite/backup.h"
#include "core/sqlite/database.h"
#include "sync_server/commands/offline.h"
#include "sync_server/commands/read_only.h"
#include "sync_server/services/data_dir.h"
#include "sync_server/store/registry_store.h"

namespace baraza::server {
namespace {

namespace fs = std::filesystem;

constexpr int kLogPage = 1'000;

// What the projection says, in a fixed order.
absl::StatusOr<Sha256Digest> ProjectionHash(ProgrammeStore& store) {
  Sha256Hasher hasher;
  BARAZA_RETURN_IF_ERROR(store.ForEachRecordState(v1::RECORD_TYPE_UNSPECIFIED,
                                                  [&hasher](const v1::RecordState& state) {
                                                    hasher.UpdateFramed(state.SerializeAsString());
                                                    return absl::OkStatus();
                                                  }));
  BARAZA_RETURN_IF_ERROR(store.ForEachSession([&hasher](const v1::Session& session) {
    hasher.UpdateFramed(session.SerializeAsString());
    return absl::OkStatus();
  }));
  return hasher.Finish();
}

absl::Status CheckLog(ProgrammeStore& store) {
  int64_t position = 0;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const std::vector<LogEntry> entries, store.ReadLog(position, kLogPage));
    if (entries.empty()) return absl::OkStatus();
    for (const LogEntry& entry : entries) {
      if (OperationHash(entry.wire) != entry.hash) {
        return absl::DataLossError(absl::StrCat("operation ", entry.op_id,
                                                ": its bytes do not have the hash they came with"));
      }
    }
    position = entries.back().position;
  }
}

absl::Status VerifyProgramme(const DataDir& dir, const std::string& id, Clock& clock,
                             Random& random, const MaintenanceProgress& progress) {
  {
    BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<Database> database,
                            OpenDatabaseToRead(dir.Programme(id)));
    BARAZA_RETURN_IF_ERROR(database->CheckIntegrity());
  }
  // On a copy beside the original, where there is room for it or nowhere.
  const std::string copy = dir.Programme(id) + ".verify";
  const auto remove = [&copy] {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(copy + suffix, ignored);
  };
  remove();
  absl::Status result = [&]() -> absl::Status {
    {
      BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<Database> source,
                              OpenDatabaseToRead(dir.Programme(id)));
      BARAZA_RETURN_IF_ERROR(Backup(*source, copy, {}));
    }
    BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<OfflineProgramme> programme,
                            OfflineProgramme::Open(copy, id, /*create=*/false, clock, random));
    BARAZA_RETURN_IF_ERROR(CheckLog(programme->store()));
    const auto report = [&](int64_t done, int64_t all) {
      if (progress) progress(id, done, all);
    };
    BARAZA_RETURN_IF_ERROR(programme->Project(/*rebuild=*/false, {}));
    BARAZA_ASSIGN_OR_RETURN(const Sha256Digest stored, ProjectionHash(programme->store()));
    BARAZA_RETURN_IF_ERROR(programme->Project(/*rebuild=*/true, report));
    BARAZA_ASSIGN_OR_RETURN(const Sha256Digest anew, ProjectionHash(programme->store()));
    if (stored != anew) {
      return absl::DataLossError(
          "the stored projection differs from one made anew; run baraza-server rebuild");
    }
    return absl::OkStatus();
  }();
  remove();
  return result;
}

}  // namespace

absl::Status RebuildProgrammes(const std::string& data_dir, Clock& clock, Random& random,
                               const MaintenanceProgress& progress) {
  const DataDir dir(data_dir);
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<DataDirLock> lock, DataDirLock::Take(dir));
  BARAZA_ASSIGN_OR_RETURN(const std::vector<ProgrammeEntry> programmes, ProgrammesOf(dir));
  for (const ProgrammeEntry& programme : programmes) {
    const std::string& id = programme.programme_id;
    BARAZA_ASSIGN_OR_RETURN(
        const std::unique_ptr<OfflineProgramme> offline,
        OfflineProgramme::Open(dir.Programme(id), id, /*create=*/false, clock, random));
    BARAZA_RETURN_IF_ERROR(Annotate(offline->Project(/*rebuild=*/true,
                                                     [&](int64_t done, int64_t all) {
                                                       if (progress) progress(id, done, all);
                                                     }),
                                    id));
  }
  return absl::OkStatus();
}

absl::Status VerifyDataDir(const std::string& data_dir, Clock& clock, Random& random,
                           const MaintenanceProgress& progress) {
  const DataDir dir(data_dir);
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<DataDirLock> lock, DataDirLock::Take(dir));
  {
    BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry,
                            OpenRegistryToRead(dir.Registry()));
    BARAZA_RETURN_IF_ERROR(Annotate(registry->CheckIntegrity(), "registry"));
  }
  BARAZA_ASSIGN_OR_RETURN(const std::vector<ProgrammeEntry> programmes, ProgrammesOf(dir));
  for (const ProgrammeEntry& programme : programmes) {
    BARAZA_RETURN_IF_ERROR(
        Annotate(VerifyProgramme(dir, programme.programme_id, clock, random, progress),
                 programme.programme_id));
  }
  return absl::OkStatus();
}

}  // namespace baraza::server
