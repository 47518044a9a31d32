// Backup and restore when the disk that is read fails, or the one that is written to: on the real
// file system with errors alone, on a simulated disk with kills and power cuts as well.

#include "sync_server/store/backup.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "tests/crash/backup_operations.h"
#include "tests/crash/coalition.h"
#include "tests/crash/every_io.h"
#include "tests/crash/operation.h"
#include "tests/testing/fault_vfs.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza::crash {
namespace {

using sim::SimDisk;
using test::FaultVfs;

// What stands in a backup or a restored file, less the epoch, which a restore gives anew.
std::string Content(const std::string& path) {
  const absl::StatusOr<std::string> dump = Dump("", path);
  EXPECT_OK(dump);
  std::string content = dump.ok() ? *dump : "";
  const size_t at = content.find("meta|store.epoch|");
  EXPECT_NE(at, std::string::npos);
  return at == std::string::npos ? content : content.erase(at, content.find('\n', at) - at);
}

// The file that the work makes is, after an error, the old one, byte for byte, with nothing left
// beside it; else it is the new one.
void Check(const std::string& path, const absl::Status& done, const std::string& old_bytes,
           const std::string& content) {
  if (done.ok()) {
    EXPECT_EQ(Content(path), content);
    // Looking made a log beside it.
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(path + suffix);
  } else {
    EXPECT_TRUE(test::ReadFile(path) == old_bytes) << done;
  }
  for (const char* suffix : {".partial", ".partial-journal", ".restoring", ".restoring-wal"}) {
    EXPECT_FALSE(std::filesystem::exists(path + suffix)) << suffix;
  }
}

class BackupCrash : public ::testing::Test {
 protected:
  BackupCrash() {
    SimDisk disk(1, TheCoalition().to_project);
    Server server(disk);
    EXPECT_OK(server.Open());
    EXPECT_OK(server.store().BackupTo(backup_));
    content_ = Content(backup_);
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(backup_ + suffix);
  }

  // An older file in its place.
  void PutOld() { test::WriteFile(target_, old_bytes_); }

  // The default VFS, through which backups are written, is the faulty one while this is there.
  class FaultyDefault {
   public:
    explicit FaultyDefault(const FaultVfs& vfs) : before_(sqlite3_vfs_find(nullptr)) {
      sqlite3_vfs_register(sqlite3_vfs_find(vfs.name().c_str()), 1);
    }
    ~FaultyDefault() { sqlite3_vfs_register(before_, 1); }
    FaultyDefault(const FaultyDefault&) = delete;
    FaultyDefault& operator=(const FaultyDefault&) = delete;

   private:
    sqlite3_vfs* const before_;
  };

  // Every write and sync of `work` fails, from the n-th on, for every n.
  void FailEveryWrite(const char* name, const std::function<absl::Status()>& work) {
    FaultVfs vfs;
    int64_t injections = 0;
    int64_t told = 0;
    for (const FaultVfs::Fault fault :
         {FaultVfs::Fault::kDiskFull, FaultVfs::Fault::kWriteError, FaultVfs::Fault::kSyncError}) {
      bool triggered = true;
      for (int64_t n = 0; triggered; ++n) {
        SCOPED_TRACE(absl::StrCat(name, ": fault ", static_cast<int>(fault), " after ", n));
        PutOld();
        absl::Status done;
        {
          const FaultyDefault faulty(vfs);
          vfs.FailAfter(n, fault);
          done = work();
          vfs.Heal();
        }
        triggered = vfs.triggered();
        if (triggered) ++injections;
        if (!done.ok()) ++told;
        ASSERT_TRUE(triggered || done.ok()) << done;
        Check(target_, done, old_bytes_, content_);
        ASSERT_FALSE(HasFailure());
      }
    }
    EXPECT_OK(work());
    Check(target_, absl::OkStatus(), old_bytes_, content_);
    std::cout << name << ": " << injections << " faults of the disk that is written to, " << told
              << " answered with an error\n";
    EXPECT_GT(injections, 60);
    EXPECT_GT(told, 60);
  }

  test::TempDir folder_;
  const std::string backup_ = folder_.File("backup.db");
  const std::string target_ = folder_.File("target.db");
  const std::string old_bytes_ = "whatever stood there before";
  std::string content_;
};

TEST_F(BackupCrash, TheSourceFailsAtAnyRead) {
  int64_t injections = 0;
  int64_t told = 0;
  for (const bool persistent : {false, true}) {
    bool triggered = true;
    for (int64_t n = 0; triggered; ++n) {
      SCOPED_TRACE(absl::StrCat("backup: error ", persistent, " at call ", n));
      SimDisk disk(1, TheCoalition().to_project);
      Server server(disk);
      ASSERT_OK(server.Open());
      PutOld();
      disk.FailAt(n, {SimDisk::Fault::Kind::kError}, persistent);
      const absl::Status done = server.store().BackupTo(target_);
      triggered = disk.triggered();
      disk.Heal();
      if (triggered) ++injections;
      if (!done.ok()) ++told;
      ASSERT_TRUE(triggered || done.ok()) << done;
      Check(target_, done, old_bytes_, content_);
      if (!done.ok()) {
        ASSERT_OK(server.store().BackupTo(target_)) << "the disk being healed";
        Check(target_, absl::OkStatus(), old_bytes_, content_);
      }
      ASSERT_FALSE(HasFailure());
    }
  }
  std::cout << "backup: " << injections << " faults of the disk that is read, " << told
            << " answered with an error\n";
  EXPECT_GT(injections, 60);
  EXPECT_GT(told, 60);
}

TEST_F(BackupCrash, TheTargetFailsAtAnyWrite) {
  SimDisk disk(1, TheCoalition().to_project);
  Server server(disk);
  ASSERT_OK(server.Open());
  FailEveryWrite("backup", [&] { return server.store().BackupTo(target_); });
}

TEST_F(BackupCrash, ARestoreFailsAtAnyWrite) {
  FakeClock clock(Today());
  SeededRandom random(1);
  FailEveryWrite("restore",
                 [&] { return server::RestoreProgramme(backup_, target_, clock, random); });
}

// --- Every fault at every I/O of the disk that is written to -------------------------------------

// `least`: calls below which the operation cannot have done what it says.
void Expect(const Operation& operation, int64_t least, int64_t stride = 1) {
  const Injections figures = CrashEverywhere(operation, stride);
  EXPECT_GE(figures.calls, least);
  EXPECT_GE(figures.injections, 10 * least / stride);
  EXPECT_GT(figures.told, figures.injections / 2);
  EXPECT_GT(figures.left.front(), least / stride);
  EXPECT_GT(figures.left.back(), 0);
}

TEST(TargetCrash, BackUp) { Expect(BackUp(), 50); }
TEST(TargetCrash, BackUpOverAnOlderOne) { Expect(BackUpOverAnOlderOne(), 50); }
// Each call meets a third of the faults; below, where there is more to lose, all of them.
TEST(TargetCrash, RestoreWhereNothingIs) { Expect(RestoreWhereNothingIs(), 150, 3); }
TEST(TargetCrash, RestoreOverAnOlderFile) { Expect(RestoreOverAnOlderFile(), 150); }

}  // namespace
}  // namespace baraza::crash
