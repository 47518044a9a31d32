#include "tests/simulation/disk/sim_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client_lib/store/device_store.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/sqlite/database.h"
#include "core/sqlite/transaction.h"
#include "sync_server/store/programme_store.h"
#include "tests/testing/status_matchers.h"

namespace baraza::sim {
namespace {

using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Fault = SimDisk::Fault;
using PowerLoss = SimDisk::PowerLoss;

constexpr PowerLoss kPowerLosses[] = {PowerLoss::kAllLost, PowerLoss::kAllKept, PowerLoss::kRandom,
                                      PowerLoss::kTorn};
constexpr Fault kKill{Fault::Kind::kKill};
constexpr Fault kError{Fault::Kind::kError};
constexpr Fault kFull{Fault::Kind::kFull};

// --- Files alone ---------------------------------------------------------------------------------

// A file opened through the VFS, as SQLite does it.
class RawFile {
 public:
  RawFile(const SimDisk& disk, const std::string& path, int flags = SQLITE_OPEN_MAIN_DB)
      : path_(path) {
    sqlite3_vfs* vfs = sqlite3_vfs_find(disk.name().c_str());
    memory_.resize(static_cast<size_t>(vfs->szOsFile) / sizeof(uint64_t) + 1);
    opened_ = vfs->xOpen(vfs, path_.c_str(), file(),
                         flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  }
  ~RawFile() {
    if (file()->pMethods != nullptr) methods().xClose(file());
  }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  int opened() const { return opened_; }
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }
  const sqlite3_io_methods& methods() { return *file()->pMethods; }

  int Write(int64_t at, const std::string& bytes) {
    return methods().xWrite(file(), bytes.data(), static_cast<int>(bytes.size()), at);
  }
  int Truncate(int64_t size) { return methods().xTruncate(file(), size); }
  int Sync() { return methods().xSync(file(), SQLITE_SYNC_NORMAL); }

 private:
  const std::string path_;
  std::vector<uint64_t> memory_;
  int opened_;
};

int Delete(const SimDisk& disk, const char* path, bool sync_folder) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(disk.name().c_str());
  return vfs->xDelete(vfs, path, sync_folder ? 1 : 0);
}

void Cut(SimDisk& disk, PowerLoss how, uint64_t seed = 1) {
  SeededRandom random(seed);
  disk.CutPower(random, how);
}

std::string Pattern(char c, size_t n) { return std::string(n, c); }

TEST(SimDiskFile, WhatWasNotSyncedIsLostOrKeptAsAsked) {
  for (const PowerLoss how : {PowerLoss::kAllLost, PowerLoss::kAllKept}) {
    SimDisk disk(1);
    {
      RawFile file(disk, "/f");
      ASSERT_EQ(file.Write(0, Pattern('a', 1500)), SQLITE_OK);
      ASSERT_EQ(file.Sync(), SQLITE_OK);
      ASSERT_EQ(file.Write(500, Pattern('b', 100)), SQLITE_OK);
      ASSERT_EQ(file.Write(1400, Pattern('c', 5000)), SQLITE_OK);
      Cut(disk, how);
    }
    std::string expected = Pattern('a', 1500);
    if (how == PowerLoss::kAllKept) {
      expected = Pattern('a', 500) + Pattern('b', 100) + Pattern('a', 800) + Pattern('c', 5000);
    }
    EXPECT_EQ(disk.Bytes("/f"), expected);
  }
}

TEST(SimDiskFile, ATruncationIsPendingUntilTheSync) {
  SimDisk disk(1);
  {
    RawFile file(disk, "/f");
    ASSERT_EQ(file.Write(0, Pattern('a', 5000)), SQLITE_OK);
    ASSERT_EQ(file.Sync(), SQLITE_OK);
    ASSERT_EQ(file.Truncate(700), SQLITE_OK);
    EXPECT_EQ(disk.Bytes("/f"), Pattern('a', 700));
    Cut(disk, PowerLoss::kAllLost);
  }
  EXPECT_EQ(disk.Bytes("/f"), Pattern('a', 5000));
  disk.Restart();
  {
    RawFile file(disk, "/f");
    ASSERT_EQ(file.Truncate(700), SQLITE_OK);
    ASSERT_EQ(file.Sync(), SQLITE_OK);
    Cut(disk, PowerLoss::kAllLost);
  }
  EXPECT_EQ(disk.Bytes("/f"), Pattern('a', 700));
}

// Each sector of a file that was cut off and written anew is one of: as before, new, or zeroes.
TEST(SimDiskFile, SectorsAreLostEachForItself) {
  std::map<std::string, int> seen;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SimDisk disk(seed);
    {
      RawFile file(disk, "/f");
      ASSERT_EQ(file.Write(0, Pattern('a', 3 * 512)), SQLITE_OK);
      ASSERT_EQ(file.Sync(), SQLITE_OK);
      ASSERT_EQ(file.Truncate(512), SQLITE_OK);
      ASSERT_EQ(file.Write(512, Pattern('b', 3 * 512)), SQLITE_OK);
      Cut(disk, PowerLoss::kRandom, seed);
    }
    const std::string_view bytes = disk.Bytes("/f");
    ASSERT_EQ(bytes.size() % 512, 0u);
    std::string shape;
    for (size_t at = 0; at < bytes.size(); at += 512) {
      const std::string_view sector = bytes.substr(at, 512);
      ASSERT_EQ(sector, Pattern(sector[0], 512));
      shape.push_back(sector[0] == '\0' ? '0' : sector[0]);
    }
    ++seen[shape];
  }
  for (const auto& [shape, count] : seen) {
    EXPECT_THAT(shape, ::testing::MatchesRegex("a[ab0]?[ab0]?[b0]?")) << count;
  }
  // Nothing, all, a size cut short, a hole, a truncation that was lost while the data was not.
  for (const char* shape : {"aaa", "abbb", "a", "a0bb", "ab0b", "aba"}) {
    EXPECT_GT(seen[shape], 0) << shape;
  }
}

TEST(SimDiskFile, ATornSectorIsHalfOldHalfNew) {
  int torn = 0;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk disk(seed);
    RawFile file(disk, "/f");
    ASSERT_EQ(file.Write(0, Pattern('a', 512)), SQLITE_OK);
    ASSERT_EQ(file.Sync(), SQLITE_OK);
    ASSERT_EQ(file.Write(0, Pattern('b', 512)), SQLITE_OK);
    Cut(disk, PowerLoss::kTorn, seed);
    const std::string_view bytes = disk.Bytes("/f");
    if (bytes[0] != bytes[511]) ++torn;
  }
  EXPECT_GT(torn, 5);
}

TEST(SimDiskFile, NamesAreDurableOnceSynced) {
  SimDisk disk(1);
  {
    RawFile unsynced(disk, "/d/new");
    RawFile synced(disk, "/d/old");
    RawFile elsewhere(disk, "/e/new");
    ASSERT_EQ(unsynced.Write(0, "x"), SQLITE_OK);
    ASSERT_EQ(synced.Write(0, "x"), SQLITE_OK);
    ASSERT_EQ(synced.Sync(), SQLITE_OK);
    const SimDisk::Image before = disk.Snapshot();
    SimDisk fork(1, before);
    Cut(fork, PowerLoss::kAllLost);
    EXPECT_THAT(fork.FilePaths(), ElementsAre("/d/old"));

    // The first sync of a new log is one of its folder.
    RawFile log(disk, "/d/old-wal");
    ASSERT_EQ(log.Sync(), SQLITE_OK);
    Cut(disk, PowerLoss::kAllLost);
  }
  EXPECT_THAT(disk.FilePaths(), ElementsAre("/d/new", "/d/old", "/d/old-wal"));
  EXPECT_EQ(disk.Bytes("/d/new"), "");
}

TEST(SimDiskFile, ADeletionComesBackUnlessTheFolderWasSynced) {
  for (const bool sync_folder : {false, true}) {
    SimDisk disk(1);
    {
      RawFile file(disk, "/f");
      ASSERT_EQ(file.Write(0, "old"), SQLITE_OK);
      ASSERT_EQ(file.Sync(), SQLITE_OK);
    }
    ASSERT_EQ(Delete(disk, "/f", sync_folder), SQLITE_OK);
    EXPECT_FALSE(disk.Exists("/f"));
    EXPECT_EQ(Delete(disk, "/f", false), SQLITE_IOERR_DELETE_NOENT);
    {
      SimDisk kept(1, disk.Snapshot());
      Cut(kept, PowerLoss::kAllKept);
      EXPECT_FALSE(kept.Exists("/f"));
    }
    {
      // A new file of that name, not synced, is lost as well.
      RawFile file(disk, "/f");
      ASSERT_EQ(file.Write(0, "new"), SQLITE_OK);
      Cut(disk, PowerLoss::kAllLost);
    }
    EXPECT_EQ(disk.Bytes("/f"), sync_folder ? "" : "old");
    EXPECT_EQ(disk.Exists("/f"), !sync_folder);
  }
}

TEST(SimDiskFile, ARenameIsPendingUntilTheFolderIsSynced) {
  SimDisk disk(1);
  disk.Put("/d/old", "old");
  disk.Put("/d/new", "new");
  EXPECT_EQ(disk.Rename("/d/none", "/d/old"), ENOENT);
  ASSERT_EQ(disk.Rename("/d/new", "/d/old"), 0);
  EXPECT_THAT(disk.FilePaths(), ElementsAre("/d/old"));
  EXPECT_EQ(disk.Bytes("/d/old"), "new");
  {
    SimDisk lost(1, disk.Snapshot());
    Cut(lost, PowerLoss::kAllLost);
    EXPECT_EQ(lost.Bytes("/d/old"), "old");
    EXPECT_EQ(lost.Bytes("/d/new"), "new");
  }
  {
    SimDisk kept(1, disk.Snapshot());
    Cut(kept, PowerLoss::kAllKept);
    EXPECT_THAT(kept.FilePaths(), ElementsAre("/d/old"));
  }
  ASSERT_EQ(disk.SyncFolder("/d"), 0);
  Cut(disk, PowerLoss::kAllLost);
  disk.Restart();
  EXPECT_THAT(disk.FilePaths(), ElementsAre("/d/old"));
  EXPECT_EQ(disk.Bytes("/d/old"), "new");
}

TEST(SimDiskFile, CallsBesideSqliteMeetFaults) {
  SimDisk disk(1);
  disk.Put("/d/a", "a");
  const std::function<int()> calls[] = {
      [&] { return disk.Rename("/d/a", "/d/b"); }, [&] { return disk.Unlink("/d/a"); },
      [&] { return disk.SyncFile("/d/a"); }, [&] { return disk.SyncFolder("/d"); }};
  for (const auto& call : calls) {
    disk.FailAt(0, kError);
    EXPECT_EQ(call(), EIO);
    EXPECT_TRUE(disk.triggered());
    EXPECT_EQ(disk.Bytes("/d/a"), "a");
  }
  disk.FailAt(0, kKill);
  EXPECT_EQ(disk.SyncFile("/d/a"), EIO);
  EXPECT_TRUE(disk.dead());
  for (const auto& call : calls) EXPECT_EQ(call(), EIO);
  disk.Restart();
  EXPECT_EQ(disk.Unlink("/d/a"), 0);
  EXPECT_FALSE(disk.Exists("/d/a"));
  EXPECT_EQ(disk.Unlink("/d/a"), ENOENT);
  EXPECT_EQ(disk.SyncFile("/d/a"), ENOENT);
}

TEST(SimDiskFile, ADeadHandleChangesNothing) {
  SimDisk disk(1);
  RawFile file(disk, "/f");
  ASSERT_EQ(file.Write(0, "alive"), SQLITE_OK);
  disk.Kill();
  EXPECT_TRUE(disk.dead());
  EXPECT_EQ(file.Write(0, "dead!"), SQLITE_IOERR_WRITE);
  EXPECT_EQ(file.Truncate(0), SQLITE_IOERR_TRUNCATE);
  EXPECT_EQ(file.Sync(), SQLITE_IOERR_FSYNC);
  EXPECT_EQ(file.methods().xLock(file.file(), SQLITE_LOCK_SHARED), SQLITE_IOERR_LOCK);
  EXPECT_EQ(Delete(disk, "/f", true), SQLITE_IOERR_DELETE);
  EXPECT_NE(RawFile(disk, "/g").opened(), SQLITE_OK);
  EXPECT_THAT(disk.FilePaths(), ElementsAre("/f"));
  EXPECT_EQ(disk.Bytes("/f"), "alive");
}

TEST(SimDiskDeathTest, TheNextProcessDoesNotMeetTheLastOne) {
  SimDisk disk(1);
  RawFile file(disk, "/f");
  disk.Kill();
  EXPECT_DEATH(disk.Restart(), "still open");
}

TEST(SimDiskFile, LocksOfTheDatabaseFile) {
  SimDisk disk(1);
  RawFile a(disk, "/f");
  RawFile b(disk, "/f");
  const auto lock = [](RawFile& file, int level) {
    return file.methods().xLock(file.file(), level);
  };
  const auto unlock = [](RawFile& file, int level) {
    return file.methods().xUnlock(file.file(), level);
  };
  const auto reserved = [](RawFile& file) {
    int out = -1;
    EXPECT_EQ(file.methods().xCheckReservedLock(file.file(), &out), SQLITE_OK);
    return out;
  };
  EXPECT_EQ(lock(a, SQLITE_LOCK_SHARED), SQLITE_OK);
  EXPECT_EQ(lock(b, SQLITE_LOCK_SHARED), SQLITE_OK);
  EXPECT_EQ(reserved(b), 0);
  EXPECT_EQ(lock(a, SQLITE_LOCK_RESERVED), SQLITE_OK);
  EXPECT_EQ(reserved(b), 1);
  EXPECT_EQ(lock(b, SQLITE_LOCK_RESERVED), SQLITE_BUSY);
  EXPECT_EQ(lock(b, SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
  EXPECT_EQ(lock(a, SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
  // Pending now: b may go on but not come back.
  EXPECT_EQ(unlock(b, SQLITE_LOCK_NONE), SQLITE_OK);
  EXPECT_EQ(lock(b, SQLITE_LOCK_SHARED), SQLITE_BUSY);
  EXPECT_EQ(lock(a, SQLITE_LOCK_EXCLUSIVE), SQLITE_OK);
  EXPECT_EQ(unlock(a, SQLITE_LOCK_SHARED), SQLITE_OK);
  EXPECT_EQ(lock(b, SQLITE_LOCK_SHARED), SQLITE_OK);
  EXPECT_EQ(reserved(b), 0);
}

TEST(SimDiskFile, LocksOfTheSharedMemory) {
  SimDisk disk(1);
  RawFile a(disk, "/f");
  RawFile b(disk, "/f");
  void volatile* of_a = nullptr;
  void volatile* of_b = nullptr;
  ASSERT_EQ(b.methods().xShmMap(b.file(), 0, 32768, 0, &of_b), SQLITE_OK);
  EXPECT_EQ(of_b, nullptr);
  ASSERT_EQ(a.methods().xShmMap(a.file(), 0, 32768, 1, &of_a), SQLITE_OK);
  ASSERT_EQ(b.methods().xShmMap(b.file(), 0, 32768, 0, &of_b), SQLITE_OK);
  EXPECT_EQ(of_a, of_b);
  const auto call = [](RawFile& file, int offset, int n, int flags) {
    return file.methods().xShmLock(file.file(), offset, n, flags);
  };
  constexpr int kLockShared = SQLITE_SHM_LOCK | SQLITE_SHM_SHARED;
  constexpr int kLockExclusive = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
  EXPECT_EQ(call(a, 3, 1, kLockShared), SQLITE_OK);
  EXPECT_EQ(call(b, 3, 1, kLockShared), SQLITE_OK);
  EXPECT_EQ(call(b, 1, 7, kLockExclusive), SQLITE_BUSY);
  EXPECT_EQ(call(b, 4, 4, kLockExclusive), SQLITE_OK);
  EXPECT_EQ(call(a, 5, 1, kLockShared), SQLITE_BUSY);
  EXPECT_EQ(call(b, 4, 4, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE), SQLITE_OK);
  EXPECT_EQ(call(a, 5, 1, kLockShared), SQLITE_OK);
  EXPECT_EQ(a.methods().xShmUnmap(a.file(), 0), SQLITE_OK);
  EXPECT_EQ(call(b, 5, 1, kLockExclusive), SQLITE_OK);
}

// --- Databases -----------------------------------------------------------------------------------

constexpr char kPath[] = "/machine/t.db";
constexpr int64_t kTransactions = 9;

DatabaseOptions Options(const SimDisk& disk) {
  DatabaseOptions options;
  options.vfs = disk.name();
  options.schema = Schema{1,
                          {"CREATE TABLE t (x INTEGER PRIMARY KEY, y TEXT) STRICT;"
                           "CREATE TABLE u (x INTEGER PRIMARY KEY) STRICT;"}};
  return options;
}

// One transaction over two tables and several pages.
absl::Status Insert(Database& db, int64_t x) {
  BARAZA_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(db));
  {
    BARAZA_ASSIGN_OR_RETURN(Statement insert, db.Prepare("INSERT INTO t VALUES (?1, ?2)"));
    BARAZA_RETURN_IF_ERROR(insert.BindAll(x, Pattern('y', 3000)).Run());
  }
  {
    BARAZA_ASSIGN_OR_RETURN(Statement insert, db.Prepare("INSERT INTO u VALUES (?1)"));
    BARAZA_RETURN_IF_ERROR(insert.BindAll(x).Run());
  }
  return transaction.Commit();
}

struct Done {
  absl::Status status;
  int64_t begun = 0;
  int64_t acknowledged = 0;
};

// Inserts 1, 2, ... until one fails, with checkpoints of both kinds between.
Done Work(const SimDisk& disk, const std::string& synchronous = "FULL", bool exclusive = false) {
  Done done;
  DatabaseOptions options = Options(disk);
  options.exclusive = exclusive;
  absl::StatusOr<std::unique_ptr<Database>> db = Database::Open(kPath, options);
  done.status = db.status();
  if (db.ok()) done.status = (*db)->Execute("PRAGMA synchronous = " + synchronous);
  for (int64_t x = 1; x <= kTransactions && done.status.ok(); ++x) {
    if (x == 4) done.status = (*db)->Checkpoint(Database::CheckpointMode::kPassive);
    if (x == 7) done.status = (*db)->Checkpoint(Database::CheckpointMode::kTruncate);
    if (!done.status.ok()) break;
    done.begun = x;
    done.status = Insert(**db, x);
    if (done.status.ok()) done.acknowledged = x;
  }
  return done;
}

// How many transactions are there; an error if it is no prefix of them, or damage.
absl::StatusOr<int64_t> Prefix(const SimDisk& disk) {
  BARAZA_ASSIGN_OR_RETURN(std::unique_ptr<Database> db, Database::Open(kPath, Options(disk)));
  {
    BARAZA_ASSIGN_OR_RETURN(Statement check, db->Prepare("PRAGMA integrity_check"));
    BARAZA_RETURN_IF_ERROR(check.StepToOnlyRow());
    if (check.TextView(0) != "ok") return absl::DataLossError(check.TextView(0));
  }
  BARAZA_ASSIGN_OR_RETURN(
      Statement counts,
      db->Prepare("SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM u),"
                  " (SELECT coalesce(max(x), 0) FROM t), (SELECT coalesce(max(x), 0) FROM u)"));
  BARAZA_RETURN_IF_ERROR(counts.StepToOnlyRow());
  for (int column = 1; column < 4; ++column) {
    if (counts.Int64(column) != counts.Int64(0)) return absl::DataLossError("no prefix");
  }
  return counts.Int64(0);
}

TEST(SimDisk, AWriterAndAReader) {
  SimDisk disk(1);
  ASSERT_OK_AND_ASSIGN(auto writer, Database::Open(kPath, Options(disk)));
  DatabaseOptions read_only = Options(disk);
  read_only.mode = DatabaseOptions::Mode::kReadOnly;
  ASSERT_OK_AND_ASSIGN(auto reader, Database::Open(kPath, read_only));
  const auto count = [&reader]() -> int64_t {
    absl::StatusOr<Statement> select = reader->Prepare("SELECT count(*) FROM t");
    if (!select.ok() || !select->StepToOnlyRow().ok()) return -1;
    return select->Int64(0);
  };
  ASSERT_OK(Insert(*writer, 1));
  EXPECT_EQ(count(), 1);
  {
    ASSERT_OK_AND_ASSIGN(const Transaction snapshot, Transaction::BeginRead(*reader));
    EXPECT_EQ(count(), 1);
    ASSERT_OK(Insert(*writer, 2));
    EXPECT_EQ(count(), 1);
    // The reader is in the way, and waiting for it takes no time.
    EXPECT_THAT(writer->Checkpoint(Database::CheckpointMode::kTruncate),
                StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_GT(disk.counters().sleeps, 0);
  }
  EXPECT_EQ(count(), 2);
  EXPECT_OK(writer->Checkpoint(Database::CheckpointMode::kTruncate));
  EXPECT_EQ(disk.Bytes(absl::StrCat(kPath, "-wal")), "");
  EXPECT_EQ(count(), 2);
  // Two writers: the second waits in vain.
  ASSERT_OK_AND_ASSIGN(auto second, Database::Open(kPath, Options(disk)));
  ASSERT_OK_AND_ASSIGN(const Transaction transaction, Transaction::Begin(*writer));
  EXPECT_THAT(Insert(*second, 3), StatusIs(absl::StatusCode::kUnavailable));
}

TEST(SimDisk, AnExclusiveConnectionKeepsOthersOut) {
  SimDisk disk(1);
  DatabaseOptions exclusive = Options(disk);
  exclusive.exclusive = true;
  ASSERT_OK_AND_ASSIGN(auto writer, Database::Open(kPath, exclusive));
  ASSERT_OK(Insert(*writer, 1));
  EXPECT_THAT(Database::Open(kPath, Options(disk)), StatusIs(absl::StatusCode::kUnavailable));
  disk.Kill();
  writer.reset();
  disk.Restart();
  EXPECT_THAT(Prefix(disk), test::IsOkAndHolds(1));
}

TEST(SimDisk, AMissingFileIsNotFound) {
  SimDisk disk(1);
  DatabaseOptions options = Options(disk);
  options.mode = DatabaseOptions::Mode::kReadWrite;
  EXPECT_THAT(Database::Open(kPath, options), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(disk.FilePaths(), IsEmpty());
}

TEST(SimDisk, AKillLosesNothing) {
  for (const char* synchronous : {"OFF", "NORMAL", "FULL"}) {
    for (const bool exclusive : {false, true}) {
      SimDisk disk(1);
      bool triggered = true;
      for (int64_t n = 0; triggered; ++n) {
        SCOPED_TRACE(absl::StrCat(synchronous, " ", exclusive, " ", n));
        for (const std::string& path : disk.FilePaths()) disk.Remove(path);
        disk.FailAt(n, kKill);
        const Done done = Work(disk, synchronous, exclusive);
        triggered = disk.triggered();
        ASSERT_EQ(triggered, disk.dead());
        disk.Heal();
        disk.Restart();
        const absl::StatusOr<int64_t> prefix = Prefix(disk);
        ASSERT_OK(prefix);
        ASSERT_GE(*prefix, done.acknowledged);
        ASSERT_LE(*prefix, done.begun);
      }
    }
  }
}

class EveryCutTest : public ::testing::TestWithParam<std::tuple<PowerLoss, bool>> {};

TEST_P(EveryCutTest, WhatWasAcknowledgedSurvives) {
  const auto [how, exclusive] = GetParam();
  const bool draws = how == PowerLoss::kRandom || how == PowerLoss::kTorn;
  int64_t cuts = 0;
  int64_t more_than_acknowledged = 0;
  for (uint64_t seed = 0; seed < (draws ? 12 : 2); ++seed) {
    bool triggered = true;
    for (int64_t n = 0; triggered; ++n) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", call ", n));
      ASSERT_LT(n, 2000);
      SimDisk disk(seed * 10'000 + static_cast<uint64_t>(n));
      disk.FailAt(n, {Fault::Kind::kPowerLoss, how});
      const Done done = Work(disk, "FULL", exclusive);
      triggered = disk.triggered();
      ASSERT_EQ(triggered, disk.dead());
      // The power fails a second time, while the first cut is being recovered from.
      if (!triggered) {
        disk.Heal();
        Cut(disk, how, seed);
      }
      disk.Restart();
      disk.FailAt(static_cast<int64_t>(seed * 3 + 2), {Fault::Kind::kPowerLoss, how});
      Prefix(disk).IgnoreError();
      disk.Heal();
      disk.Restart();
      const absl::StatusOr<int64_t> prefix = Prefix(disk);
      ASSERT_OK(prefix);
      ASSERT_GE(*prefix, done.acknowledged);
      ASSERT_LE(*prefix, done.begun);
      if (*prefix > done.acknowledged) ++more_than_acknowledged;
      ++cuts;
    }
  }
  EXPECT_GT(cuts, 100);
  EXPECT_GT(more_than_acknowledged, 0);
}

std::string CutName(const ::testing::TestParamInfo<EveryCutTest::ParamType>& info) {
  static constexpr const char* kNames[] = {"AllLost", "AllKept", "Random", "Torn"};
  return absl::StrCat(kNames[static_cast<size_t>(std::get<0>(info.param))],
                      std::get<1>(info.param) ? "Exclusive" : "");
}

INSTANTIATE_TEST_SUITE_P(Cuts, EveryCutTest,
                         ::testing::Combine(::testing::ValuesIn(kPowerLosses), ::testing::Bool()),
                         CutName);

// The disk has power: who does not sync loses.
TEST(SimDisk, UnsyncedCommitsAreLostInSomeCut) {
  for (const char* synchronous : {"OFF", "NORMAL"}) {
    for (const PowerLoss how : {PowerLoss::kAllLost, PowerLoss::kRandom, PowerLoss::kTorn}) {
      int lost = 0;
      int damaged = 0;
      for (uint64_t seed = 0; seed < 60; ++seed) {
        SimDisk disk(seed);
        ASSERT_OK_AND_ASSIGN(auto db, Database::Open(kPath, Options(disk)));
        ASSERT_OK(db->Execute(absl::StrCat("PRAGMA synchronous = ", synchronous)));
        for (int64_t x = 1; x <= kTransactions; ++x) {
          if (x == 5) {
            ASSERT_OK(db->Checkpoint(Database::CheckpointMode::kPassive));
          }
          ASSERT_OK(Insert(*db, x));
        }
        Cut(disk, how, seed);
        db.reset();
        disk.Restart();
        const absl::StatusOr<int64_t> prefix = Prefix(disk);
        if (!prefix.ok()) ++damaged;
        if (prefix.ok() && *prefix < kTransactions) ++lost;
      }
      SCOPED_TRACE(absl::StrCat(synchronous, " ", static_cast<int>(how)));
      EXPECT_GT(lost, 0);
      if (absl::string_view(synchronous) == "NORMAL") {
        EXPECT_EQ(damaged, 0);
      } else if (how != PowerLoss::kAllLost) {
        EXPECT_GT(damaged, 0);
      }
    }
  }
}

TEST(SimDisk, ADeadDatabaseChangesNothing) {
  SimDisk disk(1);
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(kPath, Options(disk)));
  ASSERT_OK(Insert(*db, 1));
  disk.Kill();
  const std::string file(disk.Bytes(kPath));
  const std::string log(disk.Bytes(absl::StrCat(kPath, "-wal")));
  EXPECT_THAT(Insert(*db, 2), StatusIs(absl::StatusCode::kInternal));
  EXPECT_FALSE(db->Checkpoint(Database::CheckpointMode::kTruncate).ok());
  db.reset();
  EXPECT_EQ(disk.Bytes(kPath), file);
  EXPECT_EQ(disk.Bytes(absl::StrCat(kPath, "-wal")), log);
  disk.Restart();
  EXPECT_THAT(Prefix(disk), test::IsOkAndHolds(1));
}

TEST(SimDisk, AFaultAtEveryCallIsToldAndTheDatabaseGoesOn) {
  for (const Fault& fault : {kError, kFull}) {
    const absl::StatusCode expected = fault.kind == Fault::Kind::kFull
                                          ? absl::StatusCode::kResourceExhausted
                                          : absl::StatusCode::kInternal;
    for (const bool persistent : {false, true}) {
      bool triggered = true;
      int told = 0;
      for (int64_t n = 0; triggered; ++n) {
        SCOPED_TRACE(absl::StrCat(static_cast<int>(fault.kind), " ", persistent, " ", n));
        ASSERT_LT(n, 2000);
        SimDisk disk(static_cast<uint64_t>(n));
        int64_t acknowledged = 0;
        {
          disk.FailAt(n, fault, persistent);
          absl::StatusOr<std::unique_ptr<Database>> db = Database::Open(kPath, Options(disk));
          absl::Status status = db.status();
          for (int64_t x = 1; x <= 5 && status.ok(); ++x) {
            if (x == 3) status = (*db)->Checkpoint(Database::CheckpointMode::kPassive);
            if (status.ok()) status = Insert(**db, x);
            if (status.ok()) acknowledged = x;
          }
          triggered = disk.triggered();
          ASSERT_TRUE(triggered || status.ok()) << status;
          if (!status.ok()) {
            ASSERT_EQ(status.code(), expected) << status;
            ++told;
          }
          disk.Heal();
          if (db.ok()) {
            ASSERT_OK(Insert(**db, 100));
            ASSERT_OK((*db)->CheckIntegrity());
          }
        }
        ASSERT_OK_AND_ASSIGN(auto db, Database::Open(kPath, Options(disk)));
        ASSERT_OK(db->CheckIntegrity());
        ASSERT_OK_AND_ASSIGN(Statement count, db->Prepare("SELECT count(*) FROM t WHERE x <= ?1"));
        ASSERT_OK(count.BindAll(acknowledged).StepToOnlyRow());
        ASSERT_EQ(count.Int64(0), acknowledged);
      }
      EXPECT_GT(told, 5);
    }
  }
}

TEST(SimDisk, AHookIsAskedBeforeEveryCall) {
  SimDisk disk(1);
  std::vector<std::string> logs;
  int64_t asked = 0;
  disk.SetFaultHook([&](const SimDisk::Call& call) -> Fault {
    EXPECT_EQ(call.number, asked++);
    if (call.operation == SimDisk::Operation::kWrite && call.file == SimDisk::FileKind::kWal) {
      EXPECT_TRUE(call.needs_room);
      logs.emplace_back(call.path);
      if (logs.size() > 12) return kFull;
    }
    return {};
  });
  const Done done = Work(disk);
  EXPECT_THAT(done.status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(logs.front(), absl::StrCat(kPath, "-wal"));
  EXPECT_EQ(disk.counters().calls, asked);
  EXPECT_GE(disk.counters().faults, 1);
  EXPECT_GT(disk.counters().reads, 0);
  EXPECT_GT(disk.counters().writes, 12);
  EXPECT_GT(disk.counters().syncs, 0);
  disk.SetFaultHook(nullptr);
  EXPECT_THAT(Prefix(disk), test::IsOkAndHolds(done.acknowledged));
}

TEST(SimDisk, CapacityIsABound) {
  SimDisk disk(1);
  disk.SetCapacity(100'000);
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(kPath, Options(disk)));
  int64_t rows = 0;
  absl::Status status;
  while (status.ok()) {
    ASSERT_LT(rows, 100);
    status = Insert(*db, ++rows);
  }
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_GT(rows, 3);
  size_t used = 0;
  for (const std::string& path : disk.FilePaths()) used += disk.Bytes(path).size();
  EXPECT_LE(used, 100'000u);
  disk.SetCapacity(0);
  EXPECT_OK(Insert(*db, rows));
}

TEST(SimDisk, ImagesKeepWhatIsDurable) {
  SimDisk disk(1);
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(kPath, Options(disk)));
  ASSERT_OK(Insert(*db, 1));
  const SimDisk::Image early = disk.Snapshot();
  ASSERT_OK(db->Execute("PRAGMA synchronous = OFF"));
  ASSERT_OK(Insert(*db, 2));
  const SimDisk::Image late = disk.Snapshot();
  ASSERT_OK(Insert(*db, 3));
  {
    // A look at what a power cut would do, and what the disk goes on with is not touched.
    SimDisk fork(2, late);
    EXPECT_THAT(Prefix(fork), test::IsOkAndHolds(2));
  }
  {
    SimDisk fork(2, late);
    Cut(fork, PowerLoss::kAllLost);
    fork.Restart();
    EXPECT_THAT(Prefix(fork), test::IsOkAndHolds(1));
  }
  ASSERT_OK(Insert(*db, 4));
  disk.Restore(early);
  EXPECT_TRUE(disk.dead());
  EXPECT_THAT(Insert(*db, 5), StatusIs(absl::StatusCode::kInternal));
  db.reset();
  disk.Restart();
  EXPECT_THAT(Prefix(disk), test::IsOkAndHolds(1));
  disk.Restore(late);
  disk.Restart();
  EXPECT_THAT(Prefix(disk), test::IsOkAndHolds(2));
}

TEST(SimDisk, TheSameSeedMakesTheSameBytes) {
  const auto run = [](uint64_t seed) {
    SimDisk::SeedSqlite(seed);
    SimDisk disk(seed);
    SeededRandom random(seed);
    disk.SetFaultHook([&random](const SimDisk::Call&) -> Fault {
      if (random.Uniform(150) > 0) return {};
      return {Fault::Kind::kPowerLoss, PowerLoss::kTorn};
    });
    for (int i = 0; i < 5; ++i) {
      Work(disk);
      disk.Restart();
    }
    std::string all = absl::StrCat(disk.counters().calls, "|");
    for (const std::string& path : disk.FilePaths()) {
      absl::StrAppend(&all, path, "=", std::string(disk.Bytes(path)), ";");
    }
    return all;
  };
  for (uint64_t seed = 1; seed < 10; ++seed) EXPECT_TRUE(run(seed) == run(seed)) << seed;
  EXPECT_FALSE(run(1) == run(2));
}

// --- The stores ----------------------------------------------------------------------------------

TEST(SimDisk, HoldsADevicesStore) {
  SimDisk disk(1);
  FakeClock clock;
  SeededRandom random(1);
  IdMinter minter(clock, random);
  const client::DeviceStore::Options options{.path = "/phone/device.db", .vfs = disk.name()};
  ASSERT_OK_AND_ASSIGN(auto store, client::DeviceStore::Open(options, minter, random));
  const std::string device_id = store->identity().device_id;
  ASSERT_OK(store->SetSyncMarks({.last_sync_ms = 77}));
  Cut(disk, PowerLoss::kAllLost);
  EXPECT_FALSE(store->SetSyncMarks({.last_sync_ms = 78}).ok());
  store.reset();
  disk.Restart();
  ASSERT_OK_AND_ASSIGN(store, client::DeviceStore::Open(options, minter, random));
  EXPECT_EQ(store->identity().device_id, device_id);
  EXPECT_EQ(store->sync_marks().last_sync_ms, 77);
}

TEST(SimDisk, HoldsAProgrammesStore) {
  SimDisk disk(1);
  FakeClock clock;
  SeededRandom random(1);
  const server::ProgrammeStoreOptions options{
      .vfs = disk.name(), .create = true, .programme_id = MintId("prg", clock, random)};
  const auto open = [&] {
    return server::ProgrammeStore::Open("/server/programme.db", options, clock, random);
  };
  ASSERT_OK_AND_ASSIGN(auto store, open());
  const std::string epoch = store->epoch();
  {
    ASSERT_OK_AND_ASSIGN(auto writer, store->BeginWrite());
    ASSERT_OK(writer->PutMeta("colour", "green"));
    ASSERT_OK(writer->Commit());
  }
  EXPECT_THAT(store->GetMeta("colour"), test::IsOkAndHolds(std::optional<std::string>("green")));
  Cut(disk, PowerLoss::kAllLost);
  EXPECT_FALSE(store->GetMeta("colour").ok());
  store.reset();
  disk.Restart();
  ASSERT_OK_AND_ASSIGN(store, open());
  EXPECT_EQ(store->epoch(), epoch);
  EXPECT_THAT(store->GetMeta("colour"), test::IsOkAndHolds(std::optional<std::string>("green")));
}

TEST(SimDiskFiles, WhatIsPutIsDurableAndReplaces) {
  SimDisk disk(1);
  disk.Put("a.db", std::string(5000, 'x'));
  disk.Put("a.db", "short");
  SeededRandom random(1);
  disk.CutPower(random, SimDisk::PowerLoss::kAllLost);
  EXPECT_EQ(disk.Bytes("a.db"), "short");
  EXPECT_THAT(disk.FilePaths(), testing::ElementsAre("a.db"));
}

}  // namespace
}  // namespace baraza::sim
