#include "core/sqlite/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "core/sqlite/database.h"
#include "core/sqlite/transaction.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza {
namespace {

using ::baraza::test::ReadFile;
using ::baraza::test::StatusIs;
using ::baraza::test::TempDir;
using ::baraza::test::WriteFile;

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(db_, Database::Open(dir_.File("t.db")));
    ASSERT_OK(db_->Execute("CREATE TABLE t (x INTEGER, y BLOB)"));
    // Some thousand pages, so that a backup takes several steps.
    ASSERT_OK(db_->Execute(
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        " INSERT INTO t SELECT i, zeroblob(3000) FROM n"));
  }

  static int64_t Rows(const std::string& path) {
    DatabaseOptions options;
    options.mode = DatabaseOptions::Mode::kReadWrite;
    absl::StatusOr<std::unique_ptr<Database>> db = Database::Open(path, options);
    EXPECT_OK(db);
    if (!db.ok()) return -1;
    EXPECT_OK((*db)->CheckIntegrity());
    absl::StatusOr<Statement> count = (*db)->Prepare("SELECT count(*) FROM t");
    EXPECT_OK(count);
    EXPECT_OK(count->StepToOnlyRow());
    return count->Int64(0);
  }

  TempDir dir_;
  std::unique_ptr<Database> db_;
};

TEST_F(BackupTest, CopiesEverythingAndTellsHowFarItIs) {
  int64_t last = 0;
  int calls = 0;
  ASSERT_OK(Backup(*db_, dir_.File("b.db"), [&](int64_t done, int64_t total) {
    EXPECT_GE(done, last);
    EXPECT_LE(done, total);
    last = done;
    ++calls;
    return true;
  }));
  EXPECT_GT(calls, 2);
  EXPECT_EQ(Rows(dir_.File("b.db")), 2000);
  EXPECT_FALSE(std::filesystem::exists(dir_.File("b.db.partial")));
}

TEST_F(BackupTest, TheWriterMayWriteBetweenSteps) {
  int64_t written = 0;
  ASSERT_OK(Backup(*db_, dir_.File("b.db"), [&](int64_t, int64_t) {
    EXPECT_OK(db_->Execute("INSERT INTO t VALUES (0, zeroblob(10))"));
    ++written;
    return true;
  }));
  ASSERT_GT(written, 2);
  // The copy follows the writer up to its last step.
  EXPECT_EQ(Rows(dir_.File("b.db")), 2000 + written - 1);
}

TEST_F(BackupTest, AReadOnlySourceGivesOneMomentWhileAnotherWrites) {
  DatabaseOptions options;
  options.mode = DatabaseOptions::Mode::kReadOnly;
  ASSERT_OK_AND_ASSIGN(auto reader, Database::Open(db_->path(), options));
  ASSERT_OK(Backup(*reader, dir_.File("b.db"), [&](int64_t, int64_t) {
    EXPECT_OK(db_->Execute("INSERT INTO t VALUES (0, zeroblob(10))"));
    return true;
  }));
  EXPECT_EQ(Rows(dir_.File("b.db")), 2000);
  EXPECT_FALSE(reader->InTransaction());
}

TEST_F(BackupTest, ReplacesAnOlderBackupOrLeavesIt) {
  WriteFile(dir_.File("b.db"), "older");
  EXPECT_THAT(Backup(*db_, dir_.File("b.db"), [](int64_t, int64_t) { return false; }),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(ReadFile(dir_.File("b.db")), "older");
  EXPECT_FALSE(std::filesystem::exists(dir_.File("b.db.partial")));
  ASSERT_OK(Backup(*db_, dir_.File("b.db")));
  EXPECT_EQ(Rows(dir_.File("b.db")), 2000);
}

TEST_F(BackupTest, LeftOversOfAKilledBackupDoNotMatter) {
  WriteFile(dir_.File("b.db.partial"), std::string(10000, 'x'));
  ASSERT_OK(Backup(*db_, dir_.File("b.db")));
  EXPECT_EQ(Rows(dir_.File("b.db")), 2000);
}

TEST_F(BackupTest, RefusesAFileInUse) {
  EXPECT_THAT(Backup(*db_, db_->path()), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Rows(db_->path()), 2000);
}

TEST_F(BackupTest, RefusesInATransactionAndInAMissingFolder) {
  EXPECT_THAT(Backup(*db_, dir_.File("no/b.db")), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK_AND_ASSIGN(Transaction transaction, Transaction::Begin(*db_));
  EXPECT_THAT(Backup(*db_, dir_.File("b.db")), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace baraza
