#include "sync_server/commands/backup.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"
#include "core/sqlite/backup.h"
#include "core/sqlite/database.h"
#include "sync_server/commands/read_only.h"
#include "sync_server/services/data_dir.h"
#include "sync_server/store/backup.h"
#include "sync_server/store/registry_store.h"

namespace baraza::server {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxPemBytes = 1 << 20;
constexpr size_t kMaxMarkBytes = 100;
constexpr size_t kRegistryPage = 1'000;
constexpr char kHadRegistry[] = "registry";
constexpr char kHadNone[] = "none";

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
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<Database> source,
                          OpenDatabaseToRead(from.Programme(id)));
  return Backup(*source, to.Programme(id), [&](int64_t done, int64_t all) {
    if (progress) progress(id, done, all);
    return true;
  });
}

absl::Status Move(const std::string& old_name, const std::string& new_name) {
  if (std::rename(old_name.c_str(), new_name.c_str()) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("cannot rename ", old_name, ": ", std::strerror(errno)));
}

absl::Status RemoveDatabase(const std::string& path) {
  for (const char* suffix : {"-shm", "-wal", ""}) {
    std::error_code error;
    fs::remove(path + suffix, error);
    if (error) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot remove ", path, suffix, ": ", error.message()));
    }
  }
  return absl::OkStatus();
}

// A restore from when it begins to put files in place until all are there, over all runs that it
// takes: what it replaces goes to a folder of its own, which nothing deletes.
struct Replacement {
  int number = 0;
  // Whether there was a registry when it began.
  bool had_registry = false;

  std::string Folder(const DataDir& dir) const { return dir.Replaced(number); }
  std::string Aside(const DataDir& dir, const std::string& path) const {
    return absl::StrCat(Folder(dir), "/", fs::path(path).filename().string());
  }
};

// The one that was interrupted in `dir`; nullopt: none was.
absl::StatusOr<std::optional<Replacement>> Interrupted(const DataDir& dir) {
  const std::string mark = dir.UnfinishedRestore();
  if (!dir.Exists(mark)) return std::nullopt;
  BARAZA_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(mark, kMaxMarkBytes));
  const std::vector<std::string> words = absl::StrSplit(text, ' ');
  Replacement replacement;
  if (words.size() != 2 || !absl::SimpleAtoi(words[0], &replacement.number) ||
      (words[1] != kHadRegistry && words[1] != kHadNone)) {
    return absl::DataLossError(absl::StrCat(mark, ": expected what a restore writes"));
  }
  replacement.had_registry = words[1] == kHadRegistry;
  return replacement;
}

// From now on no server starts, until End.
absl::StatusOr<Replacement> Begin(const DataDir& dir) {
  Replacement replacement;
  replacement.had_registry = dir.Exists(dir.Registry());
  for (replacement.number = 1; dir.Exists(replacement.Folder(dir));) ++replacement.number;
  std::error_code error;
  fs::create_directory(replacement.Folder(dir), error);
  if (!error) fs::permissions(replacement.Folder(dir), fs::perms::owner_all, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make ", replacement.Folder(dir), ": ", error.message()));
  }
  BARAZA_RETURN_IF_ERROR(SyncFolderOf(replacement.Folder(dir)));
  BARAZA_RETURN_IF_ERROR(WriteWholeFile(
      dir.UnfinishedRestore(),
      absl::StrCat(replacement.number, " ", replacement.had_registry ? kHadRegistry : kHadNone),
      /*secret=*/false));
  return replacement;
}

absl::Status End(const DataDir& dir) {
  std::error_code error;
  fs::remove(dir.UnfinishedRestore(), error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot remove ", dir.UnfinishedRestore(), ": ", error.message()));
  }
  return SyncFolderOf(dir.UnfinishedRestore());
}

// Moves what was at `path` before the restore began, with the log of a server that died, to
// `aside`; or what of it an interrupted run has not moved yet. What that run had put at `path`
// goes. The caller holds the directory's lock, so no program has any of it open.
absl::Status MoveAside(const DataDir& dir, const std::string& path, const std::string& aside) {
  if (dir.Exists(path) && dir.Exists(aside)) return RemoveDatabase(path);
  bool moved = false;
  // The file first: without its log it would pass for the whole under its epoch, and where there is
  // none, no server starts.
  for (const char* suffix : {"", "-wal", "-shm"}) {
    if (!dir.Exists(path + suffix)) continue;
    BARAZA_RETURN_IF_ERROR(Move(path + suffix, aside + suffix));
    moved = true;
  }
  if (!moved) return absl::OkStatus();
  BARAZA_RETURN_IF_ERROR(SyncFolderOf(aside));
  return SyncFolderOf(path);
}

// Puts `path`.new of each in the place of `path`, then the backup's certificates.
absl::Status PutInPlace(const DataDir& backup, const DataDir& dir,
                        const std::vector<std::string>& paths,
                        const std::optional<Replacement>& interrupted) {
  Replacement replacement;
  if (interrupted.has_value()) {
    replacement = *interrupted;
  } else {
    BARAZA_ASSIGN_OR_RETURN(replacement, Begin(dir));
  }
  for (const std::string& path : paths) {
    BARAZA_RETURN_IF_ERROR(MoveAside(dir, path, replacement.Aside(dir, path)));
    BARAZA_RETURN_IF_ERROR(Move(path + ".new", path));
    BARAZA_RETURN_IF_ERROR(SyncFolderOf(path));
  }
  BARAZA_RETURN_IF_ERROR(CopyCertificates(backup, dir));
  return End(dir);
}

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

// What a registry forbids, and which credentials it knows.
struct KnownRegistry {
  Restrictions restrictions;
  std::set<std::string> credentials;
};

absl::StatusOr<KnownRegistry> ReadRegistry(const std::string& path) {
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry, OpenRegistryToRead(path));
  BARAZA_RETURN_IF_ERROR(registry->CheckIntegrity());
  KnownRegistry known;
  BARAZA_ASSIGN_OR_RETURN(known.restrictions, registry->ListRestrictions());
  BARAZA_ASSIGN_OR_RETURN(known.credentials, CredentialsOf(*registry));
  return known;
}

// The registries that say who may not connect, the newest first: the one that was there when this
// restore began (`has_current`), and those that earlier restores replaced.
struct Registries {
  bool has_current = false;
  std::vector<std::string> paths;
};

absl::StatusOr<Registries> RegistriesOf(const DataDir& dir,
                                        const std::optional<Replacement>& interrupted) {
  Registries registries;
  int older = 0;
  if (interrupted.has_value()) {
    older = interrupted->number;
    const std::string aside = interrupted->Aside(dir, dir.Registry());
    // Its log, if that was not moved any more.
    if (dir.Exists(aside) && !dir.Exists(dir.Registry())) {
      BARAZA_RETURN_IF_ERROR(MoveAside(dir, dir.Registry(), aside));
    }
    // Where there was one, that at its place is it, or the interrupted run's own.
    registries.has_current = interrupted->had_registry;
    if (registries.has_current) {
      registries.paths.push_back(dir.Exists(aside) ? aside : dir.Registry());
    }
  } else {
    while (dir.Exists(dir.Replaced(older + 1))) ++older;
    ++older;
    registries.has_current = dir.Exists(dir.Registry());
    if (registries.has_current) registries.paths.push_back(dir.Registry());
  }
  while (--older > 0) {
    const std::string path = Replacement{older, false}.Aside(dir, dir.Registry());
    if (dir.Exists(path)) registries.paths.push_back(path);
  }
  return registries;
}

// Makes the registry's `.new` in `dir` of a backup's, with what those that are known here forbid:
// they may know whom a backup between them, which was too old, did not.
absl::StatusOr<RestoredRegistry> RestoreRegistry(RegistryStore& backup, const DataDir& dir,
                                                 const std::optional<Replacement>& interrupted) {
  const std::string path = dir.Registry() + ".new";
  // Of a run that was killed: beside a new file the log would be taken for its own.
  BARAZA_RETURN_IF_ERROR(RemoveDatabase(path));
  BARAZA_RETURN_IF_ERROR(backup.BackupTo(path));
  BARAZA_ASSIGN_OR_RETURN(const Registries registries, RegistriesOf(dir, interrupted));
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> made, RegistryStore::Open(path, {}));
  RestoredRegistry restored;
  restored.restrictions_kept = registries.has_current;
  std::set<std::string> known;
  for (const std::string& file : registries.paths) {
    absl::StatusOr<KnownRegistry> registry = ReadRegistry(file);
    if (!registry.ok()) {
      // A damaged one is why people restore.
      restored.restrictions_kept = false;
      continue;
    }
    // A revocation never ends, nor does a code's use; of all else the newest that knows somebody
    // has the last word.
    std::vector<Restrictions::Credential>& credentials = registry->restrictions.credentials;
    credentials.erase(std::remove_if(credentials.begin(), credentials.end(),
                                     [&known](const Restrictions::Credential& credential) {
                                       return credential.state != v1::CREDENTIAL_STATE_REVOKED &&
                                              known.count(credential.credential_id) > 0;
                                     }),
                      credentials.end());
    BARAZA_ASSIGN_OR_RETURN(const int changed, made->Restrict(registry->restrictions));
    restored.restricted += changed;
    known.merge(registry->credentials);
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
  BARAZA_RETURN_IF_ERROR(from.CheckFinished());
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
  const std::string pending = target.Registry() + ".new";
  {
    BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry,
                            OpenRegistryToRead(from.Registry()));
    BARAZA_ASSIGN_OR_RETURN(programmes, registry->ListProgrammes());
    BARAZA_RETURN_IF_ERROR(registry->BackupTo(pending));
  }
  for (const ProgrammeEntry& programme : programmes) {
    if (done.contains(programme.programme_id)) continue;
    BARAZA_RETURN_IF_ERROR(BackupProgramme(from, target, programme.programme_id, progress));
  }
  // A restore may have begun meanwhile.
  BARAZA_RETURN_IF_ERROR(from.CheckFinished());
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
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<DataDirLock> lock,
                          DataDirLock::Take(dir, DataDirLock::For::kRestore));
  if (dir.Exists(dir.Registry()) && !replace) {
    return absl::AlreadyExistsError(
        absl::StrCat(data_dir, " holds data already; --replace replaces it by the backup"));
  }
  BARAZA_ASSIGN_OR_RETURN(const std::optional<Replacement> interrupted, Interrupted(dir));
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryStore> registry,
                          OpenRegistryToRead(backup.Registry()));
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
  BARAZA_ASSIGN_OR_RETURN(const RestoredRegistry restored,
                          RestoreRegistry(*registry, dir, interrupted));
  BARAZA_RETURN_IF_ERROR(PutInPlace(backup, dir, made, interrupted));
  return restored;
}

}  // namespace baraza::server
