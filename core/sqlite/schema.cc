#include "core/sqlite/schema.h"

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/sqlite/database.h"
#include "core/sqlite/statement.h"
#include "core/sqlite/transaction.h"

namespace baraza {
namespace {

absl::Status ApplyMigration(Database& database, const Schema& schema, size_t version) {
  BARAZA_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(database));
  BARAZA_RETURN_IF_ERROR(database.Execute(schema.migrations[version]));
  {
    BARAZA_ASSIGN_OR_RETURN(Statement check, database.Prepare("PRAGMA foreign_key_check"));
    BARAZA_ASSIGN_OR_RETURN(const bool dangling, check.Step());
    if (dangling) {
      return absl::InternalError(
          absl::StrCat("expected no dangling reference, got one in table ", check.TextView(0)));
    }
  }
  // A pragma takes no parameters; both are numbers of ours.
  BARAZA_RETURN_IF_ERROR(database.Execute(absl::StrCat(
      "PRAGMA application_id = ", schema.application_id, "; PRAGMA user_version = ", version + 1)));
  return transaction.Commit();
}

}  // namespace

absl::Status Migrate(Database& database, const Schema& schema) {
  BARAZA_ASSIGN_OR_RETURN(const int64_t version, database.UserVersion());
  if (static_cast<uint64_t>(version) >= schema.migrations.size()) return absl::OkStatus();
  BARAZA_RETURN_IF_ERROR(database.Execute("PRAGMA foreign_keys = OFF"));
  absl::Status status;
  for (size_t i = static_cast<size_t>(version); status.ok() && i < schema.migrations.size(); ++i) {
    status = Annotate(ApplyMigration(database, schema, i),
                      absl::StrCat(database.path(), ": migration ", i + 1));
  }
  BARAZA_RETURN_IF_ERROR(database.Execute("PRAGMA foreign_keys = ON"));
  return status;
}

namespace sqlite_internal {

absl::Status CheckVersion(const Schema& schema, int64_t application_id, int64_t user_version,
                          bool has_tables, const std::string& path) {
  const bool fresh = application_id == 0 && user_version == 0 && !has_tables;
  if (!fresh && application_id != schema.application_id) {
    return RecordError(absl::StatusCode::kFailedPrecondition, path, "application_id",
                       absl::StrCat(schema.application_id), absl::StrCat(application_id));
  }
  if (user_version < 0 || user_version > static_cast<int64_t>(schema.migrations.size())) {
    return RecordError(
        absl::StatusCode::kFailedPrecondition, path, "user_version",
        absl::StrCat("at most ", schema.migrations.size()),
        absl::StrCat(user_version, ": a newer version of the program wrote this database"));
  }
  return absl::OkStatus();
}

}  // namespace sqlite_internal
}  // namespace baraza
