#ifndef BARAZA_SYNC_SERVER_STORE_REGISTRY_STORE_H_
#define BARAZA_SYNC_SERVER_STORE_REGISTRY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "baraza/v1/types.pb.h"
#include "core/base/mutex.h"
#include "core/base/sha256.h"
#include "core/sqlite/database.h"

namespace baraza::server {

// A programme that this server holds.
struct ProgrammeEntry {
  std::string programme_id;
  // Author of what the operator of the machine does (the first administrator's record); has no
  // Person record and no credential.
  std::string operator_person_id;
  int64_t created_ms = 0;
};

// What a person may do and ever might: operations written before a move are judged by what was
// granted then.
struct PersonGrant {
  // Current place; programme_id and person_id are always set.
  v1::Membership membership;
  // False: the person's record is voided. Credentials then behave as suspended.
  bool active = true;
  absl::btree_set<std::string> team_ids;
  absl::btree_set<v1::Role> roles;
};

// A single-use code, without its secret.
struct EnrolmentCodeEntry {
  std::string programme_id;
  std::string person_id;
  std::string created_by;
  int64_t created_ms = 0;
  int64_t expires_ms = 0;
};

struct CredentialEntry {
  std::string credential_id;
  std::string programme_id;
  std::string person_id;
  std::string label;
  v1::CredentialState state = v1::CREDENTIAL_STATE_ACTIVE;
  int64_t created_ms = 0;
  int64_t last_seen_ms = 0;
  // Those that enrolled with it; sorted.
  std::vector<std::string> device_ids;
};

// What a registry forbids: it holds whatever an older copy of the registry says.
struct Restrictions {
  struct Credential {
    std::string credential_id;
    // SUSPENDED or REVOKED.
    v1::CredentialState state = v1::CREDENTIAL_STATE_SUSPENDED;
  };
  struct UsedCode {
    Sha256Digest secret_hash;
    int64_t used_ms = 0;
  };
  // Revoked, suspended, and (as suspended) those of persons who have left; by id.
  std::vector<Credential> credentials;
  // Used, and those of persons who have left; by hash.
  std::vector<UsedCode> codes;
};

// The registry: one small SQLite file beside the programmes' own. Who may connect, with which hash
// of which secret; no report content. Invariants: a code is redeemed at most once, in the
// transaction that makes its credential; a device id belongs to one person of a programme for ever;
// no secret is ever stored, only SHA-256 of 32 random bytes.
//
// Safe from any thread: one connection, which is the file's only writer, under one lock. A change
// is durable when its call returns.
class RegistryStore {
 public:
  struct Options {
    // Name of a registered SQLite VFS; empty: the default.
    std::string vfs;
    // Make the file when it does not exist.
    bool create = false;
    // For a look from another process (backup): every change fails.
    bool read_only = false;
  };

  // Errors of Database::Open. On a full disk it opens all the same: what is there can be read, and
  // changes are RESOURCE_EXHAUSTED until there is room.
  static absl::StatusOr<std::unique_ptr<RegistryStore>> Open(const std::string& path,
                                                             const Options& options);

  // ALREADY_EXISTS when it is there.
  absl::Status AddProgramme(const ProgrammeEntry& programme);
  // Sorted by id.
  absl::StatusOr<std::vector<ProgrammeEntry>> ListProgrammes();
  // NOT_FOUND.
  absl::StatusOr<ProgrammeEntry> GetProgramme(absl::string_view programme_id);

  // Replaces the current membership and unites the grants with those on file. Returns whether
  // anything changed.
  absl::StatusOr<bool> PutPerson(const PersonGrant& grant);
  // NOT_FOUND.
  absl::StatusOr<PersonGrant> GetPerson(absl::string_view programme_id,
                                        absl::string_view person_id);
  // All of a programme, sorted by person id.
  absl::StatusOr<std::vector<PersonGrant>> ListPersons(absl::string_view programme_id);

  // `secret_hash` is SHA-256 of the code's secret. ALREADY_EXISTS for the same secret; NOT_FOUND
  // for an unknown person.
  absl::Status AddEnrolmentCode(const Sha256Digest& secret_hash, const EnrolmentCodeEntry& code);

  struct Redemption {
    Sha256Digest secret_hash;
    std::string device_id;
    std::string label;
    // Of the credential to make.
    std::string credential_id;
    Sha256Digest token_hash;
    int64_t now_ms = 0;
  };
  // Uses a code up, makes a credential, binds the device and revokes the credential that this
  // device held before, if no other device uses that: all or nothing. UNAUTHENTICATED: no such
  // code; FAILED_PRECONDITION: used already, or expired; PERMISSION_DENIED: the person is voided;
  // ALREADY_EXISTS: the device id is another person's.
  absl::StatusOr<CredentialEntry> Redeem(const Redemption& redemption);

  // By the hash of the bearer token; NOT_FOUND. Leaves device_ids empty.
  absl::StatusOr<CredentialEntry> FindCredential(const Sha256Digest& token_hash);
  // NOT_FOUND.
  absl::StatusOr<CredentialEntry> GetCredential(absl::string_view credential_id);
  // Of a programme, by credential id, after `after`.
  absl::StatusOr<std::vector<CredentialEntry>> ListCredentials(absl::string_view programme_id,
                                                               absl::string_view after,
                                                               size_t limit);
  // NOT_FOUND; FAILED_PRECONDITION when it is revoked, which is final.
  absl::StatusOr<CredentialEntry> SetCredentialState(absl::string_view credential_id,
                                                     v1::CredentialState state);
  // Notes when a credential was last used.
  absl::Status TouchCredential(absl::string_view credential_id, int64_t now_ms);

  absl::StatusOr<Restrictions> ListRestrictions();
  // Adds those of another copy of this registry, all or none; what is restricted more already stays
  // so, and what is not known here is left out. Returns how many credentials and codes it changed.
  absl::StatusOr<int> Restrict(const Restrictions& restrictions);

  // Copies the file to `path`; see baraza::Backup.
  absl::Status BackupTo(const std::string& path);
  // DATA_LOSS when SQLite finds damage.
  absl::Status CheckIntegrity();
  // Empties the write-ahead log into the file, for a clean end.
  absl::Status Checkpoint();

 private:
  explicit RegistryStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  // Once, before anything is changed or called done; see BootEpoch.
  absl::Status BeginWriting() BARAZA_REQUIRES(mutex_);
  absl::StatusOr<PersonGrant> GetPersonLocked(absl::string_view programme_id,
                                              absl::string_view person_id) BARAZA_REQUIRES(mutex_);
  absl::StatusOr<CredentialEntry> GetCredentialLocked(absl::string_view credential_id)
      BARAZA_REQUIRES(mutex_);
  absl::StatusOr<std::vector<std::string>> DevicesOf(absl::string_view credential_id)
      BARAZA_REQUIRES(mutex_);
  // Makes the device the person's and the credential's; revokes the one that it leaves unused.
  absl::Status BindDevice(absl::string_view programme_id, absl::string_view person_id,
                          const Redemption& redemption) BARAZA_REQUIRES(mutex_);

  Mutex mutex_;
  const std::unique_ptr<Database> database_;
  bool has_begun_ BARAZA_GUARDED_BY(mutex_) = false;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_STORE_REGISTRY_STORE_H_
