#include "sync_server/commands/maintain.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <set>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "core/base/status.h"
#include "core/model/operation.h"
#include "core/sqlite/backup.h"
#include "core/sqlite/database.h"
#include "sync_server/commands/offline.h"
#include "sync_server/services/data_dir.h"
#include "sync_server/store/backup.h"
#include "sync_server/store/registry_store.h"

namespace baraza::server {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxPemBytes = 1 << 20;
constexpr int kLogPage = 1'000;
constexpr size_t kRegistryPage = 1'000;

absl::StatusOr<std::unique_ptr<Database>> OpenToRead(const std::string& path) {
  DatabaseOptions options;
  options.mode = DatabaseOptions::Mode::kReadOnly;
  return Database::Open(path, options);
}

absl::StatusOr<std::vector<ProgrammeEntry>> ProgrammesOf(const DataDir& dir) {
  RegistryStore::Options options;
  options.read_only = true;
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry,
                          RegistryStore::Open(dir.Registry(), options));
  return registry->ListProgrammes();
}

absl::Status CopyCertificates(const DataDir& from, const DataDir& to) {
  const struct {
    std::string from, to;
    bool secret;
  } files[] = {{from.CaCertificate(), to.CaCertificate(), false},
               {from.CaKey(), to.CaKey(), true},
               {from.ServerCertificate(), to.ServerCertificate(), false},
               {from.ServerKey(), to.ServerKey(), true}};
  for (const auto& file : files) {
    if (!from.Exists(file.from)) continue;
    BARAZA_ASSIGN_OR_RETURN(const std::string bytes, ReadWholeFile(file.from, kMaxPemBytes));
    BARAZA_RETURN_IF_ERROR(WriteWholeFile(file.to, bytes, file.secret));
  }
  return absl::OkStatus();
}

absl::Status BackupProgramme(const DataDir& from, const DataDir& to, const std::string& id,
                             const MaintenanceProgress& progress) {
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<Database> source, OpenToRead(from.Programme(id)));
  return Backup(*source, to.Programme(id), [&](int64_t done, int64_t all) {
    if (progress) progress(id, done, all);
    return true;
  });
}

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
                            OpenToRead(dir.Programme(id)));
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
                              OpenToRead(dir.Programme(id)));
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

absl::Status Move(const std::string& old_name, const std::string& new_name) {
  if (std::rename(old_name.c_str(), new_name.c_str()) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("cannot rename ", old_name, ": ", std::strerror(errno)));
}

void RemoveDatabase(const std::string& path) {
  std::error_code ignored;
  for (const char* suffix : {"-shm", "-wal", ""}) fs::remove(path + suffix, ignored);
}

// Moves the file at `path`, with the log of a server that died, to `path`.replaced, or what a run
// that was killed has not moved yet. Invariant, while the directory has the mark of an unfinished
// restore: a `.replaced` is what was there before it. The caller holds the directory's lock, so no
// program has it open.
absl::Status MoveAway(const std::string& path) {
  std::error_code ignored;
  if (fs::exists(path, ignored) && fs::exists(path + ".replaced", ignored)) {
    // Put in place by the run that was killed.
    RemoveDatabase(path);
    return absl::OkStatus();
  }
  // The file first: without its log it would pass for the whole under its epoch, and where there is
  // none, no server starts.
  for (const char* suffix : {"", "-wal", "-shm"}) {
    if (!fs::exists(path + suffix, ignored)) continue;
    BARAZA_RETURN_IF_ERROR(Move(path + suffix, path + ".replaced" + suffix));
  }
  return absl::OkStatus();
}

// Puts `path`.new of each in the place of `path`, and what was there beside it, so that nothing of
// it lies beside the new file; then the backup's certificates. Killed in between, it lets no server
// start, and goes on when run again.
absl::Status PutInPlace(const DataDir& backup, const DataDir& dir,
                        const std::vector<std::string>& paths) {
  const std::string mark = dir.UnfinishedRestore();
  if (!dir.Exists(mark)) {
    for (const std::string& path : paths) {
      if (dir.Exists(path)) RemoveDatabase(path + ".replaced");
    }
    BARAZA_RETURN_IF_ERROR(WriteWholeFile(mark, "", /*secret=*/false));
  }
  for (const std::string& path : paths) {
    BARAZA_RETURN_IF_ERROR(MoveAway(path));
    BARAZA_RETURN_IF_ERROR(Move(path + ".new", path));
    BARAZA_RETURN_IF_ERROR(SyncFolderOf(path));
  }
  BARAZA_RETURN_IF_ERROR(CopyCertificates(backup, dir));
  std::error_code error;
  fs::remove(mark, error);
  if (error) return absl::FailedPreconditionError(absl::StrCat("cannot remove ", mark));
  return SyncFolderOf(mark);
}

// What a registry forbids, and which credentials it knows.
struct KnownRegistry {
  Restrictions restrictions;
  std::set<std::string> credentials;
};

absl::StatusOr<std::set<std::string>> CredentialsOf(RegistryStore& registry) {
  std::set<std::string> ids;
  BARAZA_ASSIGN_OR_RETURN(const std::vector<ProgrammeEntry> programmes, registry.ListProgrammes());
  for (const ProgrammeEntry& programme : programmes) {
    std::string after;
    while (true) {
      BARAZA_ASSIGN_OR_RETURN(
          const std::vector<CredentialEntry> page,
          registry.ListCredentials(programme.programme_id, after, kRegistryPage));
      for (const CredentialEntry& credential : page) ids.insert(credential.credential_id);
      if (page.size() < kRegistryPage) break;
      after = page.back().credential_id;
    }
  }
  return ids;
}

absl::StatusOr<KnownRegistry> ReadRegistry(const std::string& path) {
  RegistryStore::Options options;
  options.read_only = true;
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry,
                          RegistryStore::Open(path, options));
  BARAZA_RETURN_IF_ERROR(registry->CheckIntegrity());
  KnownRegistry known;
  BARAZA_ASSIGN_OR_RETURN(known.restrictions, registry->ListRestrictions());
  BARAZA_ASSIGN_OR_RETURN(known.credentials, CredentialsOf(*registry));
  return known;
}

// Makes the registry's `.new` in `dir` of a backup's, with what those that are there forbid: the
// one that is to be replaced, and the one that the last restore replaced, of which what never ends
// (a revocation, a code's use) holds, since that restore may have been of a backup that did not
// know whom it concerned.
absl::StatusOr<RestoredRegistry> RestoreRegistry(RegistryStore& backup, const DataDir& dir) {
  const std::string path = dir.Registry() + ".new";
  // Of a run that was killed: beside a new file the log would be taken for its own.
  RemoveDatabase(path);
  BARAZA_RETURN_IF_ERROR(backup.BackupTo(path));
  std::string current = dir.Registry();
  const std::string replaced = current + ".replaced";
  if (!dir.Exists(current)) {
    // A run that was killed has moved it out of the way already, and its log perhaps not yet.
    BARAZA_RETURN_IF_ERROR(MoveAway(current));
    current = replaced;
  }
  RestoredRegistry restored;
  restored.restrictions_kept = dir.Exists(current);
  std::set<std::string> known;
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> made, RegistryStore::Open(path, {}));
  for (const std::string& file : std::set<std::string>{current, replaced}) {
    if (!dir.Exists(file)) continue;
    absl::StatusOr<KnownRegistry> registry = ReadRegistry(file);
    if (!registry.ok()) {
      // A damaged one is why people restore.
      restored.restrictions_kept = false;
      continue;
    }
    known.insert(registry->credentials.begin(), registry->credentials.end());
    std::vector<Restrictions::Credential>& credentials = registry->restrictions.credentials;
    if (file != current) {
      credentials.erase(std::remove_if(credentials.begin(), credentials.end(),
                                       [](const Restrictions::Credential& credential) {
                                         return credential.state != v1::CREDENTIAL_STATE_REVOKED;
                                       }),
                        credentials.end());
    }
    BARAZA_ASSIGN_OR_RETURN(const int changed, made->Restrict(registry->restrictions));
    restored.restricted += changed;
  }
  BARAZA_ASSIGN_OR_RETURN(const std::set<std::string> let_in, CredentialsOf(*made));
  // Of whom none of them knows, nobody can tell.
  restored.restrictions_kept =
      restored.restrictions_kept &&
      std::includes(known.begin(), known.end(), let_in.begin(), let_in.end());
  BARAZA_RETURN_IF_ERROR(made->Checkpoint());
  return restored;
}

}  // namespace

absl::Status BackupDataDir(const std::string& data_dir, const std::string& to,
                           const MaintenanceProgress& progress) {
  const DataDir from(data_dir);
  const DataDir target(to);
  if (!from.Exists(from.Registry())) {
    return absl::NotFoundError(absl::StrCat(data_dir, " is no data directory"));
  }
  if (target.Exists(target.Registry())) {
    return absl::AlreadyExistsError(absl::StrCat(to, " holds a backup already"));
  }
  BARAZA_RETURN_IF_ERROR(target.Create());
  BARAZA_RETURN_IF_ERROR(CopyCertificates(from, target));
  std::set<std::string> done;
  BARAZA_ASSIGN_OR_RETURN(std::vector<ProgrammeEntry> programmes, ProgrammesOf(from));
  for (const ProgrammeEntry& programme : programmes) {
    BARAZA_RETURN_IF_ERROR(BackupProgramme(from, target, programme.programme_id, progress));
    done.insert(programme.programme_id);
  }
  // The registry last: its presence says that the backup is complete, and its credentials are not
  // older than what they brought in.
  RegistryStore::Options options;
  options.read_only = true;
  const std::string pending = target.Registry() + ".new";
  {
    BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry,
                            RegistryStore::Open(from.Registry(), options));
    BARAZA_ASSIGN_OR_RETURN(programmes, registry->ListProgrammes());
    BARAZA_RETURN_IF_ERROR(registry->BackupTo(pending));
  }
  for (const ProgrammeEntry& programme : programmes) {
    if (done.contains(programme.programme_id)) continue;
    BARAZA_RETURN_IF_ERROR(BackupProgramme(from, target, programme.programme_id, progress));
  }
  std::error_code error;
  fs::rename(pending, target.Registry(), error);
  if (error) return absl::InternalError(absl::StrCat("cannot finish the backup in ", to));
  return SyncFolderOf(target.Registry());
}

absl::StatusOr<RestoredRegistry> RestoreDataDir(const std::string& from,
                                                const std::string& data_dir, bool replace,
                                                Clock& clock, Random& random) {
  const DataDir backup(from);
  const DataDir dir(data_dir);
  if (!backup.Exists(backup.Registry())) {
    return absl::NotFoundError(absl::StrCat(from, " holds no complete backup"));
  }
  BARAZA_RETURN_IF_ERROR(dir.Create());
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<DataDirLock> lock, DataDirLock::Take(dir));
  if (dir.Exists(dir.Registry()) && !replace) {
    return absl::AlreadyExistsError(
        absl::StrCat(data_dir, " holds data already; --replace replaces it by the backup"));
  }
  RegistryStore::Options options;
  options.read_only = true;
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry,
                          RegistryStore::Open(backup.Registry(), options));
  BARAZA_RETURN_IF_ERROR(registry->CheckIntegrity());
  BARAZA_ASSIGN_OR_RETURN(const std::vector<ProgrammeEntry> programmes, registry->ListProgrammes());
  // All is made before anything is replaced: a damaged backup leaves the directory as it was.
  std::vector<std::string> made;
  for (const ProgrammeEntry& programme : programmes) {
    made.push_back(dir.Programme(programme.programme_id));
    BARAZA_RETURN_IF_ERROR(Annotate(RestoreProgramme(backup.Programme(programme.programme_id),
                                                     made.back() + ".new", clock, random),
                                    programme.programme_id));
  }
  made.push_back(dir.Registry());
  BARAZA_ASSIGN_OR_RETURN(RestoredRegistry restored, RestoreRegistry(*registry, dir));
  BARAZA_RETURN_IF_ERROR(PutInPlace(backup, dir, made));
  return restored;
}

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
    RegistryStore::Options options;
    options.read_only = true;
    BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry,
                            RegistryStore::Open(dir.Registry(), options));
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
