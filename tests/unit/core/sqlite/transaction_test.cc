#include "core/sqlite/transaction.h"

#include <gtest/gtest.h>

#include <memory>

#include "core/sqlite/database.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza {
namespace {

using ::baraza::test::StatusIs;
using ::baraza::test::TempDir;

class TransactionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(db_, Database::Open(dir_.File("t.db")));
    ASSERT_OK(db_->Execute("CREATE TABLE t (x INTEGER) STRICT"));
  }

  static int64_t Count(Database& db) {
    absl::StatusOr<Statement> count = db.Prepare("SELECT count(*) FROM t");
    EXPECT_OK(count);
    EXPECT_OK(count->StepToOnlyRow());
    return count->Int64(0);
  }

  static absl::StatusOr<std::unique_ptr<Database>> OpenImpatient(const std::string& path) {
    DatabaseOptions options;
    options.busy_timeout = absl::ZeroDuration();
    return Database::Open(path, options);
  }

  TempDir dir_;
  std::unique_ptr<Database> db_;
};

TEST_F(TransactionTest, CommittedRowsAreSeenByOthers) {
  ASSERT_OK_AND_ASSIGN(Transaction transaction, Transaction::Begin(*db_));
  ASSERT_OK(db_->Execute("INSERT INTO t VALUES (1)"));
  ASSERT_OK_AND_ASSIGN(auto other, OpenImpatient(db_->path()));
  EXPECT_EQ(Count(*other), 0);
  ASSERT_OK(transaction.Commit());
  EXPECT_EQ(Count(*other), 1);
  EXPECT_THAT(transaction.Commit(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(TransactionTest, WithoutCommitNothingStays) {
  {
    ASSERT_OK_AND_ASSIGN(Transaction transaction, Transaction::Begin(*db_));
    ASSERT_OK(db_->Execute("INSERT INTO t VALUES (1)"));
    EXPECT_TRUE(db_->InTransaction());
  }
  EXPECT_FALSE(db_->InTransaction());
  EXPECT_EQ(Count(*db_), 0);
}

TEST_F(TransactionTest, RollbackIsFinal) {
  ASSERT_OK_AND_ASSIGN(Transaction transaction, Transaction::Begin(*db_));
  ASSERT_OK(db_->Execute("INSERT INTO t VALUES (1)"));
  transaction.Rollback();
  transaction.Rollback();
  EXPECT_THAT(transaction.Commit(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Count(*db_), 0);
}

TEST_F(TransactionTest, TheyDoNotNest) {
  ASSERT_OK_AND_ASSIGN(Transaction transaction, Transaction::Begin(*db_));
  EXPECT_THAT(Transaction::Begin(*db_).status(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Transaction::BeginRead(*db_).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(db_->Execute("INSERT INTO t VALUES (1)"));
  ASSERT_OK(transaction.Commit());
  EXPECT_EQ(Count(*db_), 1);
}

TEST_F(TransactionTest, MovingHandsOverTheDuty) {
  {
    ASSERT_OK_AND_ASSIGN(Transaction first, Transaction::Begin(*db_));
    ASSERT_OK(db_->Execute("INSERT INTO t VALUES (1)"));
    Transaction second(std::move(first));
    ASSERT_OK(second.Commit());
  }
  EXPECT_EQ(Count(*db_), 1);
}

TEST_F(TransactionTest, TheWriteLockIsTakenAtOnce) {
  ASSERT_OK_AND_ASSIGN(auto other, OpenImpatient(db_->path()));
  ASSERT_OK_AND_ASSIGN(Transaction transaction, Transaction::Begin(*db_));
  EXPECT_THAT(Transaction::Begin(*other).status(), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_OK(transaction.Commit());
  EXPECT_OK(Transaction::Begin(*other).status());
}

TEST_F(TransactionTest, AReadTransactionSeesOneMoment) {
  ASSERT_OK_AND_ASSIGN(auto reader, OpenImpatient(db_->path()));
  ASSERT_OK_AND_ASSIGN(Transaction snapshot, Transaction::BeginRead(*reader));
  EXPECT_EQ(Count(*reader), 0);
  ASSERT_OK(db_->Execute("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(Count(*reader), 0);
  ASSERT_OK(snapshot.Commit());
  EXPECT_EQ(Count(*reader), 1);
}

}  // namespace
}  // namespace baraza
