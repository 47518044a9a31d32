#include "sync_server/store/backup.h"

#include <unistd.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/sqlite/backup.h"
#include "core/sqlite/database.h"
#include "core/sqlite/transaction.h"
#include "sync_server/store/programme_schema.h"

namespace baraza::server {
namespace {

DatabaseOptions OptionsFor(DatabaseOptions::Mode mode, std::optional<Schema> schema) {
  DatabaseOptions options;
  options.mode = mode;
  options.schema = std::move(schema);
  return options;
}

absl::Status PutEpoch(Database& database, const std::string& epoch) {
  BARAZA_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(database));
  {
    BARAZA_ASSIGN_OR_RETURN(Statement update,
                            database.Prepare("UPDATE meta SET value = ?2 WHERE key = ?1"));
    update.BindAll(kMetaEpoch, Blob{epoch});
    BARAZA_RETURN_IF_ERROR(update.Run());
  }
  if (database.Changes() != 1) {
    return RecordError(absl::StatusCode::kFailedPrecondition, database.path(), "meta",
                       "a programme with an epoch", "none");
  }
  return transaction.Commit();
}

}  // namespace

absl::Status RestoreProgramme(const std::string& backup_file, const std::string& path, Clock& clock,
                              Random& random) {
  // Prepared beside its place, so that a damaged backup or a full disk leaves `path` as it is.
  const std::string restored = path + ".restoring";
  const auto remove_restored = [&restored] {
    for (const char* suffix : {"", "-wal", "-shm"}) unlink((restored + suffix).c_str());
  };
  remove_restored();
  const auto restore = [&]() -> absl::Status {
    {
      // Without a schema to hold it against: a backup by an older version is migrated in the copy.
      BARAZA_ASSIGN_OR_RETURN(
          std::unique_ptr<Database> backup,
          Database::Open(backup_file, OptionsFor(DatabaseOptions::Mode::kReadOnly, std::nullopt)));
      BARAZA_RETURN_IF_ERROR(backup->CheckIntegrity());
      BARAZA_RETURN_IF_ERROR(Backup(*backup, restored));
    }
    {
      BARAZA_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                              Database::Open(restored, OptionsFor(DatabaseOptions::Mode::kReadWrite,
                                                                  ProgrammeSchema())));
      BARAZA_RETURN_IF_ERROR(PutEpoch(*database, MintId("epo", clock, random)));
      BARAZA_RETURN_IF_ERROR(database->Checkpoint(Database::CheckpointMode::kTruncate));
    }
    BARAZA_ASSIGN_OR_RETURN(
        std::unique_ptr<Database> source,
        Database::Open(restored, OptionsFor(DatabaseOptions::Mode::kReadOnly, ProgrammeSchema())));
    return Backup(*source, path);
  };
  const absl::Status status = restore();
  remove_restored();
  return status;
}

}  // namespace baraza::server
