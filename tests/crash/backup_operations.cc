#include "tests/crash/backup_operations.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "core/base/status.h"
#include "sync_server/store/backup.h"
#include "tests/crash/coalition.h"
#include "tests/crash/disk_files.h"
#include "tests/testing/status_matchers.h"

namespace baraza::crash {
namespace {

using sim::SimDisk;

constexpr char kTarget[] = "/w/target.db";
constexpr char kBackup[] = "/w/backup.db";
constexpr char kTried[] = "/w/tried.db";

absl::Status Restore(SimDisk& disk, const std::string& backup, const std::string& path,
                     Random& random) {
  FakeClock clock(Today());
  const DiskFiles files(disk);
  return server::RestoreProgramme(backup, path, clock, random);
}

// The bytes of a backup of what a server has in `image`.
std::string BackupOf(const SimDisk::Image& image) {
  SimDisk source(1, image);
  Server server(source);
  EXPECT_OK(server.Open());
  SimDisk disk(1);
  {
    const DiskFiles files(disk);
    EXPECT_OK(server.store().BackupTo(kBackup));
  }
  return std::string(disk.Bytes(kBackup));
}

absl::StatusOr<std::string> StateOf(SimDisk& disk, const char* path) {
  if (!disk.Exists(path)) return std::string("none\n");
  return Dump(disk.name(), path);
}

SimDisk::Image DiskWith(const std::string& backup, const std::string& target) {
  SimDisk disk(1);
  if (!backup.empty()) disk.Put(kBackup, backup);
  if (!target.empty()) disk.Put(kTarget, target);
  return disk.Snapshot();
}

// --- Backup --------------------------------------------------------------------------------------

class Backing : public Process {
 public:
  explicit Backing(SimDisk& disk)
      : disk_(disk), source_(1, TheCoalition().to_project), server_(source_) {
    EXPECT_OK(server_.Open());
    const absl::StatusOr<std::string> before = DumpSource();
    EXPECT_OK(before);
    if (before.ok()) before_ = *before;
  }

  absl::Status Do() override {
    absl::Status done;
    {
      const DiskFiles files(disk_);
      done = server_.store().BackupTo(kTarget);
    }
    BARAZA_ASSIGN_OR_RETURN(const std::string after, DumpSource());
    EXPECT_EQ(after, before_) << "the source changed";
    return done;
  }
  // The server goes on: the backup alone ended.
  void End() override {}

 private:
  absl::StatusOr<std::string> DumpSource() {
    SimDisk copy(1, source_.Snapshot());
    return Dump(copy.name(), kServerPath);
  }

  SimDisk& disk_;
  SimDisk source_;
  Server server_;
  std::string before_;
};

std::string WithoutEpoch(std::string dump) {
  const size_t at = dump.find("meta|store.epoch|");
  return at == std::string::npos ? dump : dump.erase(at, dump.find('\n', at) - at);
}

// Somebody takes what a backup that broke off left behind for a backup: that is refused, or it is
// whole.
absl::Status TryTheRest(SimDisk& disk) {
  const std::string partial = absl::StrCat(kTarget, ".partial");
  if (!disk.Exists(partial)) return absl::OkStatus();
  static const std::string* const whole = [] {
    SimDisk copy(1, TheCoalition().to_project);
    return new std::string(WithoutEpoch(*Dump(copy.name(), kServerPath)));
  }();
  SeededRandom random(1);
  if (!Restore(disk, partial, kTried, random).ok()) return absl::OkStatus();
  BARAZA_ASSIGN_OR_RETURN(const std::string restored, Dump(disk.name(), kTried));
  if (WithoutEpoch(restored) == *whole) return absl::OkStatus();
  return absl::DataLossError("a part of a backup was restored");
}

Operation ABackup(std::string name, const std::string& older) {
  Operation operation;
  operation.name = std::move(name);
  operation.before = DiskWith("", older);
  operation.start = [](SimDisk& disk) { return std::make_unique<Backing>(disk); };
  operation.state = [](SimDisk& disk) -> absl::StatusOr<std::string> {
    BARAZA_ASSIGN_OR_RETURN(std::string state, StateOf(disk, kTarget));
    BARAZA_RETURN_IF_ERROR(TryTheRest(disk));
    return state;
  };
  operation.repeatable = true;
  return operation;
}

// --- Restore -------------------------------------------------------------------------------------

class Restoring : public Process {
 public:
  explicit Restoring(SimDisk& disk) : disk_(disk), random_(1) {}
  absl::Status Do() override { return Restore(disk_, kBackup, kTarget, random_); }
  void End() override {}

 private:
  SimDisk& disk_;
  SeededRandom random_;
};

Operation ARestore(std::string name, const std::string& older) {
  Operation operation;
  operation.name = std::move(name);
  operation.before = DiskWith(BackupOf(TheCoalition().to_project), older);
  operation.start = [](SimDisk& disk) { return std::make_unique<Restoring>(disk); };
  // With the backup, which stays what it was. Its epoch is in the state before, so that the new one
  // is seen to be another.
  operation.state = [](SimDisk& disk) -> absl::StatusOr<std::string> {
    const std::string backup = Sha256(std::string(disk.Bytes(kBackup))).ToHex();
    BARAZA_ASSIGN_OR_RETURN(const std::string target, StateOf(disk, kTarget));
    BARAZA_ASSIGN_OR_RETURN(const std::string content, StateOf(disk, kBackup));
    return absl::StrCat(target, "backup ", backup, "\n", content);
  };
  operation.repeatable = true;
  return operation;
}

}  // namespace

Operation BackUp() { return ABackup("backup", ""); }

Operation BackUpOverAnOlderOne() {
  return ABackup("backup over an older one", BackupOf(TheCoalition().to_push));
}

Operation RestoreWhereNothingIs() { return ARestore("restore", ""); }

Operation RestoreOverAnOlderFile() {
  return ARestore("restore over an older file", BackupOf(TheCoalition().to_push));
}

}  // namespace baraza::crash
