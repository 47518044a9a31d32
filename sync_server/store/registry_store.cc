#include "sync_server/store/registry_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/sqlite/backup.h"
#include "core/sqlite/boot_epoch.h"
#include "core/sqlite/transaction.h"

namespace baraza::server {
namespace {

Schema RegistrySchema() {
  Schema schema;
  schema.application_id = 0x42525a52;  // "BRZR"
  schema.migrations = {
      R"sql(
        CREATE TABLE programme (
          programme_id TEXT PRIMARY KEY,
          operator_person_id TEXT NOT NULL,
          created_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE person (
          programme_id TEXT NOT NULL REFERENCES programme,
          person_id TEXT NOT NULL,
          membership BLOB NOT NULL,
          active INTEGER NOT NULL,
          PRIMARY KEY (programme_id, person_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE granted_team (
          programme_id TEXT NOT NULL,
          person_id TEXT NOT NULL,
          team_id TEXT NOT NULL,
          PRIMARY KEY (programme_id, person_id, team_id),
          FOREIGN KEY (programme_id, person_id) REFERENCES person
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE granted_role (
          programme_id TEXT NOT NULL,
          person_id TEXT NOT NULL,
          role INTEGER NOT NULL,
          PRIMARY KEY (programme_id, person_id, role),
          FOREIGN KEY (programme_id, person_id) REFERENCES person
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE enrolment_code (
          secret_sha256 BLOB PRIMARY KEY CHECK (length(secret_sha256) = 32),
          programme_id TEXT NOT NULL,
          person_id TEXT NOT NULL,
          created_by TEXT NOT NULL,
          created_ms INTEGER NOT NULL,
          expires_ms INTEGER NOT NULL,
          used_ms INTEGER,
          FOREIGN KEY (programme_id, person_id) REFERENCES person
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE credential (
          credential_id TEXT PRIMARY KEY,
          token_sha256 BLOB NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
          programme_id TEXT NOT NULL,
          person_id TEXT NOT NULL,
          label TEXT NOT NULL,
          state INTEGER NOT NULL,
          created_ms INTEGER NOT NULL,
          last_seen_ms INTEGER NOT NULL,
          FOREIGN KEY (programme_id, person_id) REFERENCES person
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX credential_by_programme ON credential (programme_id, credential_id);

        CREATE TABLE device (
          programme_id TEXT NOT NULL,
          device_id TEXT NOT NULL,
          person_id TEXT NOT NULL,
          credential_id TEXT NOT NULL REFERENCES credential,
          bound_ms INTEGER NOT NULL,
          PRIMARY KEY (programme_id, device_id),
          FOREIGN KEY (programme_id, person_id) REFERENCES person
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX device_by_credential ON device (credential_id);
      )sql",
  };
  return schema;
}

Blob BlobOf(const Sha256Digest& digest) { return Blob{digest.AsBytes()}; }

constexpr absl::string_view kSelectCredential =
    "SELECT credential_id, programme_id, person_id, label, state, created_ms, last_seen_ms "
    "FROM credential ";

CredentialEntry ReadCredential(const Statement& row) {
  CredentialEntry entry;
  entry.credential_id = row.Text(0);
  entry.programme_id = row.Text(1);
  entry.person_id = row.Text(2);
  entry.label = row.Text(3);
  entry.state = static_cast<v1::CredentialState>(row.Int64(4));
  entry.created_ms = row.Int64(5);
  entry.last_seen_ms = row.Int64(6);
  return entry;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RegistryStore>> RegistryStore::Open(const std::string& path,
                                                                   const Options& options) {
  DatabaseOptions database_options;
  database_options.mode = options.read_only ? DatabaseOptions::Mode::kReadOnly
                          : options.create  ? DatabaseOptions::Mode::kCreate
                                            : DatabaseOptions::Mode::kReadWrite;
  database_options.vfs = options.vfs;
  database_options.schema = RegistrySchema();
  BARAZA_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                          Database::Open(path, database_options));
  std::unique_ptr<RegistryStore> store(new RegistryStore(std::move(database)));
  {
    MutexLock lock(store->mutex_);
    // A look changes nothing. Any other may, once there is room on the disk.
    store->has_begun_ = options.read_only;
    const absl::Status begun = store->BeginWriting();
    if (!absl::IsResourceExhausted(begun)) BARAZA_RETURN_IF_ERROR(begun);
  }
  return store;
}

absl::Status RegistryStore::BeginWriting() {
  if (has_begun_) return absl::OkStatus();
  BARAZA_RETURN_IF_ERROR(BootEpoch(*database_).status());
  has_begun_ = true;
  return absl::OkStatus();
}

absl::Status RegistryStore::AddProgramme(const ProgrammeEntry& programme) {
  MutexLock lock(mutex_);
  BARAZA_RETURN_IF_ERROR(BeginWriting());
  BARAZA_ASSIGN_OR_RETURN(
      Statement insert,
      database_->Prepare("INSERT INTO programme (programme_id, operator_person_id, created_ms) "
                         "VALUES (?1, ?2, ?3)"));
  return insert.BindAll(programme.programme_id, programme.operator_person_id, programme.created_ms)
      .Run();
}

absl::StatusOr<std::vector<ProgrammeEntry>> RegistryStore::ListProgrammes() {
  MutexLock lock(mutex_);
  BARAZA_ASSIGN_OR_RETURN(
      Statement find,
      database_->Prepare("SELECT programme_id, operator_person_id, created_ms FROM programme "
                         "ORDER BY programme_id"));
  std::vector<ProgrammeEntry> programmes;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
    if (!row) return programmes;
    programmes.push_back({find.Text(0), find.Text(1), find.Int64(2)});
  }
}

absl::StatusOr<ProgrammeEntry> RegistryStore::GetProgramme(absl::string_view programme_id) {
  MutexLock lock(mutex_);
  BARAZA_ASSIGN_OR_RETURN(
      Statement find,
      database_->Prepare("SELECT programme_id, operator_person_id, created_ms FROM programme "
                         "WHERE programme_id = ?1"));
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.BindAll(programme_id).Step());
  if (!row) return absl::NotFoundError("no such programme");
  return ProgrammeEntry{find.Text(0), find.Text(1), find.Int64(2)};
}

absl::StatusOr<bool> RegistryStore::PutPerson(const PersonGrant& grant) {
  const std::string& programme = grant.membership.programme_id();
  const std::string& person = grant.membership.person_id();
  MutexLock lock(mutex_);
  // Looked at first: at every start all persons are put again, and a commit costs a sync.
  absl::StatusOr<PersonGrant> known = GetPersonLocked(programme, person);
  if (known.ok()) {
    bool same = known->active == grant.active &&
                known->membership.SerializeAsString() == grant.membership.SerializeAsString();
    for (const std::string& team : grant.team_ids) same = same && known->team_ids.contains(team);
    for (const v1::Role role : grant.roles) same = same && known->roles.contains(role);
    if (same) return false;
  } else if (known.status().code() != absl::StatusCode::kNotFound) {
    return known.status();
  }
  BARAZA_RETURN_IF_ERROR(BeginWriting());
  BARAZA_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(*database_));
  {
    BARAZA_ASSIGN_OR_RETURN(
        Statement put,
        database_->Prepare("INSERT INTO person (programme_id, person_id, membership, active) "
                           "VALUES (?1, ?2, ?3, ?4) "
                           "ON CONFLICT (programme_id, person_id) DO UPDATE SET "
                           "membership = excluded.membership, active = excluded.active"));
    const std::string membership = grant.membership.SerializeAsString();
    BARAZA_RETURN_IF_ERROR(
        put.BindAll(programme, person, Blob{membership}, grant.active ? 1 : 0).Run());
    BARAZA_ASSIGN_OR_RETURN(
        Statement team,
        database_->Prepare("INSERT OR IGNORE INTO granted_team (programme_id, person_id, team_id) "
                           "VALUES (?1, ?2, ?3)"));
    for (const std::string& team_id : grant.team_ids) {
      BARAZA_RETURN_IF_ERROR(team.BindAll(programme, person, team_id).Run());
    }
    BARAZA_ASSIGN_OR_RETURN(
        Statement role,
        database_->Prepare("INSERT OR IGNORE INTO granted_role (programme_id, person_id, role) "
                           "VALUES (?1, ?2, ?3)"));
    for (const v1::Role granted : grant.roles) {
      BARAZA_RETURN_IF_ERROR(role.BindAll(programme, person, static_cast<int>(granted)).Run());
    }
  }
  BARAZA_RETURN_IF_ERROR(transaction.Commit());
  return true;
}

absl::StatusOr<PersonGrant> RegistryStore::GetPerson(absl::string_view programme_id,
                                                     absl::string_view person_id) {
  MutexLock lock(mutex_);
  return GetPersonLocked(programme_id, person_id);
}

absl::StatusOr<PersonGrant> RegistryStore::GetPersonLocked(absl::string_view programme_id,
                                                           absl::string_view person_id) {
  PersonGrant grant;
  {
    BARAZA_ASSIGN_OR_RETURN(Statement find,
                            database_->Prepare("SELECT membership, active FROM person "
                                               "WHERE programme_id = ?1 AND person_id = ?2"));
    BARAZA_ASSIGN_OR_RETURN(const bool row, find.BindAll(programme_id, person_id).Step());
    if (!row) return absl::NotFoundError("no such person in this programme");
    const absl::string_view bytes = find.BlobView(0);
    if (!grant.membership.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return absl::DataLossError("the registry's entry of a person does not parse");
    }
    grant.active = find.Int64(1) != 0;
  }
  BARAZA_ASSIGN_OR_RETURN(Statement teams,
                          database_->Prepare("SELECT team_id FROM granted_team "
                                             "WHERE programme_id = ?1 AND person_id = ?2"));
  teams.BindAll(programme_id, person_id);
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, teams.Step());
    if (!row) break;
    grant.team_ids.insert(teams.Text(0));
  }
  BARAZA_ASSIGN_OR_RETURN(Statement roles,
                          database_->Prepare("SELECT role FROM granted_role "
                                             "WHERE programme_id = ?1 AND person_id = ?2"));
  roles.BindAll(programme_id, person_id);
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, roles.Step());
    if (!row) break;
    grant.roles.insert(static_cast<v1::Role>(roles.Int64(0)));
  }
  return grant;
}

absl::StatusOr<std::vector<PersonGrant>> RegistryStore::ListPersons(
    absl::string_view programme_id) {
  MutexLock lock(mutex_);
  std::vector<std::string> ids;
  {
    BARAZA_ASSIGN_OR_RETURN(
        Statement find,
        database_->Prepare(
            "SELECT person_id FROM person WHERE programme_id = ?1 ORDER BY person_id"));
    find.BindAll(programme_id);
    while (true) {
      BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
      if (!row) break;
      ids.push_back(find.Text(0));
    }
  }
  std::vector<PersonGrant> persons;
  for (const std::string& id : ids) {
    BARAZA_ASSIGN_OR_RETURN(persons.emplace_back(), GetPersonLocked(programme_id, id));
  }
  return persons;
}

absl::Status RegistryStore::AddEnrolmentCode(const Sha256Digest& secret_hash,
                                             const EnrolmentCodeEntry& code) {
  MutexLock lock(mutex_);
  BARAZA_RETURN_IF_ERROR(BeginWriting());
  BARAZA_RETURN_IF_ERROR(GetPersonLocked(code.programme_id, code.person_id).status());
  BARAZA_ASSIGN_OR_RETURN(
      Statement insert,
      database_->Prepare(
          "INSERT INTO enrolment_code "
          "(secret_sha256, programme_id, person_id, created_by, created_ms, expires_ms) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  return insert
      .BindAll(BlobOf(secret_hash), code.programme_id, code.person_id, code.created_by,
               code.created_ms, code.expires_ms)
      .Run();
}

absl::StatusOr<CredentialEntry> RegistryStore::Redeem(const Redemption& redemption) {
  MutexLock lock(mutex_);
  BARAZA_RETURN_IF_ERROR(BeginWriting());
  BARAZA_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(*database_));
  std::string programme_id, person_id;
  {
    BARAZA_ASSIGN_OR_RETURN(
        Statement find, database_->Prepare("SELECT programme_id, person_id, expires_ms, used_ms "
                                           "FROM enrolment_code WHERE secret_sha256 = ?1"));
    BARAZA_ASSIGN_OR_RETURN(const bool row, find.BindAll(BlobOf(redemption.secret_hash)).Step());
    if (!row) return absl::UnauthenticatedError("this enrolment code is not known here");
    if (!find.IsNull(3)) {
      return absl::FailedPreconditionError(
          "this enrolment code was used already; ask for a new one");
    }
    if (find.Int64(2) <= redemption.now_ms) {
      return absl::FailedPreconditionError("this enrolment code has expired; ask for a new one");
    }
    programme_id = find.Text(0);
    person_id = find.Text(1);
  }
  BARAZA_ASSIGN_OR_RETURN(const PersonGrant person, GetPersonLocked(programme_id, person_id));
  if (!person.active) {
    return absl::PermissionDeniedError("this person has left the programme");
  }
  {
    BARAZA_ASSIGN_OR_RETURN(
        Statement use,
        database_->Prepare("UPDATE enrolment_code SET used_ms = ?2 WHERE secret_sha256 = ?1"));
    BARAZA_RETURN_IF_ERROR(use.BindAll(BlobOf(redemption.secret_hash), redemption.now_ms).Run());
    BARAZA_ASSIGN_OR_RETURN(
        Statement insert,
        database_->Prepare("INSERT INTO credential (credential_id, token_sha256, programme_id, "
                           "person_id, label, state, created_ms, last_seen_ms) "
                           "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)"));
    BARAZA_RETURN_IF_ERROR(insert
                               .BindAll(redemption.credential_id, BlobOf(redemption.token_hash),
                                        programme_id, person_id, redemption.label,
                                        static_cast<int>(v1::CREDENTIAL_STATE_ACTIVE),
                                        redemption.now_ms)
                               .Run());
  }
  BARAZA_RETURN_IF_ERROR(BindDevice(programme_id, person_id, redemption));
  BARAZA_ASSIGN_OR_RETURN(CredentialEntry credential,
                          GetCredentialLocked(redemption.credential_id));
  BARAZA_RETURN_IF_ERROR(transaction.Commit());
  return credential;
}

absl::Status RegistryStore::BindDevice(absl::string_view programme_id, absl::string_view person_id,
                                       const Redemption& redemption) {
  std::string previous_credential;
  {
    BARAZA_ASSIGN_OR_RETURN(Statement find,
                            database_->Prepare("SELECT person_id, credential_id FROM device "
                                               "WHERE programme_id = ?1 AND device_id = ?2"));
    BARAZA_ASSIGN_OR_RETURN(const bool row,
                            find.BindAll(programme_id, redemption.device_id).Step());
    if (row) {
      if (find.TextView(0) != person_id) {
        return absl::AlreadyExistsError(
            "this device id is another person's; start with a new database");
      }
      previous_credential = find.Text(1);
    }
  }
  {
    BARAZA_ASSIGN_OR_RETURN(
        Statement put,
        database_->Prepare(
            "INSERT INTO device (programme_id, device_id, person_id, credential_id, bound_ms) "
            "VALUES (?1, ?2, ?3, ?4, ?5) "
            "ON CONFLICT (programme_id, device_id) DO UPDATE SET "
            "credential_id = excluded.credential_id"));
    BARAZA_RETURN_IF_ERROR(put.BindAll(programme_id, redemption.device_id, person_id,
                                       redemption.credential_id, redemption.now_ms)
                               .Run());
  }
  if (previous_credential.empty()) return absl::OkStatus();
  BARAZA_ASSIGN_OR_RETURN(
      Statement revoke,
      database_->Prepare("UPDATE credential SET state = ?2 WHERE credential_id = ?1 "
                         "AND NOT EXISTS (SELECT 1 FROM device WHERE credential_id = ?1)"));
  return revoke.BindAll(previous_credential, static_cast<int>(v1::CREDENTIAL_STATE_REVOKED)).Run();
}

absl::StatusOr<CredentialEntry> RegistryStore::FindCredential(const Sha256Digest& token_hash) {
  MutexLock lock(mutex_);
  BARAZA_ASSIGN_OR_RETURN(Statement find, database_->Prepare(absl::StrCat(
                                              kSelectCredential, "WHERE token_sha256 = ?1")));
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.BindAll(BlobOf(token_hash)).Step());
  if (!row) return absl::NotFoundError("no such credential");
  return ReadCredential(find);
}

absl::StatusOr<CredentialEntry> RegistryStore::GetCredential(absl::string_view credential_id) {
  MutexLock lock(mutex_);
  return GetCredentialLocked(credential_id);
}

absl::StatusOr<CredentialEntry> RegistryStore::GetCredentialLocked(
    absl::string_view credential_id) {
  CredentialEntry credential;
  {
    BARAZA_ASSIGN_OR_RETURN(Statement find, database_->Prepare(absl::StrCat(
                                                kSelectCredential, "WHERE credential_id = ?1")));
    BARAZA_ASSIGN_OR_RETURN(const bool row, find.BindAll(credential_id).Step());
    if (!row) return absl::NotFoundError("no such credential");
    credential = ReadCredential(find);
  }
  BARAZA_ASSIGN_OR_RETURN(credential.device_ids, DevicesOf(credential_id));
  return credential;
}

absl::StatusOr<std::vector<std::string>> RegistryStore::DevicesOf(absl::string_view credential_id) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement find, database_->Prepare("SELECT device_id FROM device WHERE credential_id = ?1 "
                                         "ORDER BY device_id"));
  find.BindAll(credential_id);
  std::vector<std::string> devices;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
    if (!row) return devices;
    devices.push_back(find.Text(0));
  }
}

absl::StatusOr<std::vector<CredentialEntry>> RegistryStore::ListCredentials(
    absl::string_view programme_id, absl::string_view after, size_t limit) {
  MutexLock lock(mutex_);
  std::vector<CredentialEntry> credentials;
  {
    BARAZA_ASSIGN_OR_RETURN(Statement find, database_->Prepare(absl::StrCat(
                                                kSelectCredential,
                                                "WHERE programme_id = ?1 AND credential_id > ?2 "
                                                "ORDER BY credential_id LIMIT ?3")));
    find.BindAll(programme_id, after, limit);
    while (true) {
      BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
      if (!row) break;
      credentials.push_back(ReadCredential(find));
    }
  }
  for (CredentialEntry& credential : credentials) {
    BARAZA_ASSIGN_OR_RETURN(credential.device_ids, DevicesOf(credential.credential_id));
  }
  return credentials;
}

absl::StatusOr<CredentialEntry> RegistryStore::SetCredentialState(absl::string_view credential_id,
                                                                  v1::CredentialState state) {
  MutexLock lock(mutex_);
  BARAZA_RETURN_IF_ERROR(BeginWriting());
  BARAZA_ASSIGN_OR_RETURN(CredentialEntry credential, GetCredentialLocked(credential_id));
  if (credential.state == state) return credential;
  if (credential.state == v1::CREDENTIAL_STATE_REVOKED) {
    return absl::FailedPreconditionError(
        absl::StrCat("credential ", credential_id, " is revoked for good; enrol the device anew"));
  }
  BARAZA_ASSIGN_OR_RETURN(
      Statement update,
      database_->Prepare("UPDATE credential SET state = ?2 WHERE credential_id = ?1"));
  BARAZA_RETURN_IF_ERROR(update.BindAll(credential_id, static_cast<int>(state)).Run());
  credential.state = state;
  return credential;
}

absl::Status RegistryStore::TouchCredential(absl::string_view credential_id, int64_t now_ms) {
  MutexLock lock(mutex_);
  BARAZA_RETURN_IF_ERROR(BeginWriting());
  BARAZA_ASSIGN_OR_RETURN(Statement update,
                          database_->Prepare("UPDATE credential SET last_seen_ms = ?2 "
                                             "WHERE credential_id = ?1 AND last_seen_ms < ?2"));
  return update.BindAll(credential_id, now_ms).Run();
}

absl::StatusOr<Restrictions> RegistryStore::ListRestrictions() {
  Restrictions restrictions;
  MutexLock lock(mutex_);
  {
    BARAZA_ASSIGN_OR_RETURN(
        Statement find,
        database_->Prepare("SELECT credential_id, max(state, ?2) FROM credential "
                           "JOIN person USING (programme_id, person_id) "
                           "WHERE state > ?1 OR active = 0 ORDER BY credential_id"));
    find.BindAll(static_cast<int>(v1::CREDENTIAL_STATE_ACTIVE),
                 static_cast<int>(v1::CREDENTIAL_STATE_SUSPENDED));
    while (true) {
      BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
      if (!row) break;
      restrictions.credentials.push_back(
          {find.Text(0), static_cast<v1::CredentialState>(find.Int64(1))});
    }
  }
  BARAZA_ASSIGN_OR_RETURN(
      Statement find,
      database_->Prepare("SELECT secret_sha256, coalesce(used_ms, enrolment_code.created_ms) "
                         "FROM enrolment_code JOIN person USING (programme_id, person_id) "
                         "WHERE used_ms IS NOT NULL OR active = 0 ORDER BY secret_sha256"));
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
    if (!row) return restrictions;
    BARAZA_ASSIGN_OR_RETURN(const Sha256Digest hash, Sha256Digest::FromBytes(find.BlobView(0)));
    restrictions.codes.push_back({hash, find.Int64(1)});
  }
}

absl::StatusOr<int> RegistryStore::Restrict(const Restrictions& restrictions) {
  MutexLock lock(mutex_);
  BARAZA_RETURN_IF_ERROR(BeginWriting());
  BARAZA_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(*database_));
  int changed = 0;
  {
    // Greater states forbid more.
    BARAZA_ASSIGN_OR_RETURN(
        Statement restrict,
        database_->Prepare("UPDATE credential SET state = ?2 WHERE credential_id = ?1 "
                           "AND state < ?2"));
    for (const Restrictions::Credential& credential : restrictions.credentials) {
      BARAZA_RETURN_IF_ERROR(
          restrict.BindAll(credential.credential_id, static_cast<int>(credential.state)).Run());
      changed += static_cast<int>(database_->Changes());
    }
    BARAZA_ASSIGN_OR_RETURN(
        Statement use,
        database_->Prepare("UPDATE enrolment_code SET used_ms = ?2 WHERE secret_sha256 = ?1 "
                           "AND used_ms IS NULL"));
    for (const Restrictions::UsedCode& code : restrictions.codes) {
      BARAZA_RETURN_IF_ERROR(use.BindAll(BlobOf(code.secret_hash), code.used_ms).Run());
      changed += static_cast<int>(database_->Changes());
    }
  }
  BARAZA_RETURN_IF_ERROR(transaction.Commit());
  return changed;
}

absl::Status RegistryStore::BackupTo(const std::string& path) {
  MutexLock lock(mutex_);
  return Backup(*database_, path, {});
}

absl::Status RegistryStore::CheckIntegrity() {
  MutexLock lock(mutex_);
  return database_->CheckIntegrity();
}

absl::Status RegistryStore::Checkpoint() {
  MutexLock lock(mutex_);
  return database_->Checkpoint(Database::CheckpointMode::kTruncate);
}

}  // namespace baraza::server
