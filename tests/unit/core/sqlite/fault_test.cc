// A disk that fills up, or fails, at every I/O in turn: the code says so, and what was acknowledged
// is still there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/base/status.h"
#include "core/sqlite/database.h"
#include "core/sqlite/transaction.h"
#include "tests/testing/fault_vfs.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza {
namespace {

using ::baraza::test::FaultVfs;
using ::baraza::test::TempDir;

DatabaseOptions Options(const FaultVfs& vfs) {
  DatabaseOptions options;
  options.vfs = vfs.name();
  options.schema = Schema{1, {"CREATE TABLE t (x INTEGER PRIMARY KEY, y TEXT) STRICT"}};
  return options;
}

absl::Status Insert(Database& db, int64_t x) {
  BARAZA_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(db));
  {
    BARAZA_ASSIGN_OR_RETURN(Statement insert, db.Prepare("INSERT INTO t VALUES (?1, ?2)"));
    BARAZA_RETURN_IF_ERROR(insert.BindAll(x, std::string(3000, 'y')).Run());
  }
  return transaction.Commit();
}

class FaultTest : public ::testing::TestWithParam<FaultVfs::Fault> {};

TEST_P(FaultTest, AcknowledgedRowsSurviveAFaultAtEveryOperation) {
  const absl::StatusCode expected = GetParam() == FaultVfs::Fault::kDiskFull
                                        ? absl::StatusCode::kResourceExhausted
                                        : absl::StatusCode::kInternal;
  bool triggered = true;
  int faults = 0;
  for (int64_t n = 0; triggered; ++n) {
    SCOPED_TRACE(n);
    ASSERT_LT(n, 1000);
    TempDir dir;
    FaultVfs vfs;
    int64_t acknowledged = 0;
    {
      vfs.FailAfter(n, GetParam());
      absl::StatusOr<std::unique_ptr<Database>> db = Database::Open(dir.File("t.db"), Options(vfs));
      absl::Status status = db.status();
      if (db.ok()) {
        for (int64_t x = 1; x <= 5; ++x) {
          if (x == 3) status = (*db)->Checkpoint(Database::CheckpointMode::kPassive);
          if (status.ok()) status = Insert(**db, x);
          if (!status.ok()) break;
          acknowledged = x;
        }
      }
      triggered = vfs.triggered();
      if (triggered) {
        ++faults;
        // A fault while closing or after the last row concerns nobody.
        if (!status.ok()) {
          EXPECT_EQ(status.code(), expected) << status;
        }
      } else {
        EXPECT_OK(status);
      }
      // The disk is mended: the same connection goes on, without a restart.
      vfs.Heal();
      if (db.ok() && GetParam() == FaultVfs::Fault::kDiskFull) {
        EXPECT_OK(Insert(**db, 100));
      }
    }
    ASSERT_OK_AND_ASSIGN(auto db, Database::Open(dir.File("t.db"), Options(vfs)));
    EXPECT_OK(db->CheckIntegrity());
    ASSERT_OK_AND_ASSIGN(Statement count, db->Prepare("SELECT count(*) FROM t WHERE x <= ?1"));
    ASSERT_OK(count.BindAll(acknowledged).StepToOnlyRow());
    EXPECT_EQ(count.Int64(0), acknowledged);
  }
  EXPECT_GT(faults, 5);
}

INSTANTIATE_TEST_SUITE_P(Faults, FaultTest,
                         ::testing::Values(FaultVfs::Fault::kDiskFull, FaultVfs::Fault::kWriteError,
                                           FaultVfs::Fault::kSyncError));

TEST(DiskFull, ReadingGoesOn) {
  TempDir dir;
  FaultVfs vfs;
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(dir.File("t.db"), Options(vfs)));
  ASSERT_OK(Insert(*db, 1));
  vfs.FailAfter(0, FaultVfs::Fault::kDiskFull);
  EXPECT_THAT(Insert(*db, 2), test::StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_FALSE(db->InTransaction());
  ASSERT_OK_AND_ASSIGN(Statement count, db->Prepare("SELECT count(*) FROM t"));
  ASSERT_OK(count.StepToOnlyRow());
  EXPECT_EQ(count.Int64(0), 1);
  DatabaseOptions read_only = Options(vfs);
  read_only.mode = DatabaseOptions::Mode::kReadOnly;
  EXPECT_OK(Database::Open(dir.File("t.db"), read_only));
}

}  // namespace
}  // namespace baraza
