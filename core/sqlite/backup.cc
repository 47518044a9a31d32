#include "core/sqlite/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/sqlite/error.h"
#include "core/sqlite/transaction.h"

namespace baraza {
namespace {

using sqlite_internal::ErrorFromCode;
using sqlite_internal::Phase;

// One step copies a MiB of 4 KiB pages: short enough for a writer that goes on between steps.
constexpr int kPagesPerStep = 256;

// How long to wait for locks that other connections hold on the source.
constexpr int kBusyWaitMs = 50;
constexpr int kMaxBusyWaits = 200;

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

absl::Status SyncPath(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  const int result = fsync(fd);
  const int error = errno;
  close(fd);
  if (result != 0) return absl::ErrnoToStatus(error, absl::StrCat("cannot sync ", path));
  return absl::OkStatus();
}

std::string Folder(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status CopyPages(sqlite3* source, sqlite3* target, const std::string& path,
                       const std::function<bool(int64_t, int64_t)>& progress) {
  sqlite3_backup* backup = sqlite3_backup_init(target, "main", source, "main");
  if (backup == nullptr) {
    return ErrorFromCode(sqlite3_extended_errcode(target), target, Phase::kOpen, path);
  }
  int code = SQLITE_OK;
  bool stopped = false;
  int waits = 0;
  while (code != SQLITE_DONE) {
    code = sqlite3_backup_step(backup, kPagesPerStep);
    if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
      if (++waits > kMaxBusyWaits) break;
      sqlite3_sleep(kBusyWaitMs);
      continue;
    }
    if (code != SQLITE_OK && code != SQLITE_DONE) break;
    const int64_t total = sqlite3_backup_pagecount(backup);
    if (progress && !progress(total - sqlite3_backup_remaining(backup), total) &&
        code != SQLITE_DONE) {
      stopped = true;
      break;
    }
  }
  const int finished = sqlite3_backup_finish(backup);
  if (stopped) return absl::CancelledError(absl::StrCat("backup to ", path, " was stopped"));
  if (code == SQLITE_DONE) code = finished;
  return ErrorFromCode(code, target, Phase::kRun, absl::StrCat("backup to ", path));
}

}  // namespace

absl::Status Backup(Database& source, const std::string& path,
                    const std::function<bool(int64_t, int64_t)>& progress) {
  if (source.InTransaction()) {
    return absl::FailedPreconditionError("backup: expected a source without an open transaction");
  }
  for (const char* suffix : {"-wal", "-journal"}) {
    // Left beside the new file, an old log would be taken for its own.
    if (Exists(path + suffix)) {
      return RecordError(absl::StatusCode::kFailedPrecondition, path, "",
                         "a file that no program has open",
                         absl::StrCat("a ", suffix, " beside it"));
    }
  }
  const std::string partial = path + ".partial";
  const auto remove_partial = [&partial] {
    unlink(partial.c_str());
    unlink((partial + "-journal").c_str());
  };
  remove_partial();

  std::optional<Transaction> snapshot;
  if (source.read_only()) {
    BARAZA_ASSIGN_OR_RETURN(Transaction begun, Transaction::BeginRead(source));
    snapshot.emplace(std::move(begun));
    // The snapshot is taken by the first read.
    BARAZA_RETURN_IF_ERROR(source.UserVersion().status());
  }

  sqlite3* target = nullptr;
  int code =
      sqlite3_open_v2(partial.c_str(), &target,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  absl::Status status;
  if (code != SQLITE_OK) {
    status = ErrorFromCode(code, target, Phase::kOpen, partial);
  } else {
    sqlite3_extended_result_codes(target, 1);
    status = CopyPages(source.handle_, target, partial, progress);
  }
  sqlite3_close_v2(target);
  if (status.ok()) status = SyncPath(partial, O_RDONLY);
  if (status.ok() && std::rename(partial.c_str(), path.c_str()) != 0) {
    status = absl::ErrnoToStatus(errno, absl::StrCat("cannot rename to ", path));
  }
  if (!status.ok()) {
    remove_partial();
    return status;
  }
  return SyncPath(Folder(path), O_RDONLY | O_DIRECTORY);
}

}  // namespace baraza
