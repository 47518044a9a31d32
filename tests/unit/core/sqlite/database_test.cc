#include "core/sqlite/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "core/sqlite/transaction.h"
#include "tests/testing/fault_vfs.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza {
namespace {

using ::baraza::test::FaultVfs;
using ::baraza::test::ReadFile;
using ::baraza::test::StatusIs;
using ::baraza::test::TempDir;
using ::testing::HasSubstr;

std::string Pragma(Database& db, const std::string& name) {
  absl::StatusOr<Statement> statement = db.Prepare("PRAGMA " + name);
  EXPECT_OK(statement);
  EXPECT_OK(statement->StepToOnlyRow());
  return statement->Text(0);
}

TEST(Database, OpensHardened) {
  TempDir dir;
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(dir.File("t.db")));
  EXPECT_EQ(Pragma(*db, "journal_mode"), "wal");
  EXPECT_EQ(Pragma(*db, "synchronous"), "2");
  EXPECT_EQ(Pragma(*db, "foreign_keys"), "1");
  EXPECT_EQ(Pragma(*db, "trusted_schema"), "0");
  EXPECT_EQ(Pragma(*db, "cell_size_check"), "1");
  EXPECT_EQ(Pragma(*db, "mmap_size"), "0");
  EXPECT_EQ(Pragma(*db, "busy_timeout"), "5000");
  // Defensive: the schema cannot be written behind SQLite's back.
  ASSERT_OK(db->Execute("PRAGMA writable_schema = ON"));
  EXPECT_THAT(db->Execute("UPDATE sqlite_schema SET sql = ''"),
              StatusIs(absl::StatusCode::kInternal));
  // A misspelt column in double quotes is an error, not a string.
  EXPECT_THAT(db->Prepare("SELECT \"no such column\""), StatusIs(absl::StatusCode::kInternal));
}

TEST(Database, CommitsAreSynced) {
  TempDir dir;
  FaultVfs vfs;
  DatabaseOptions options;
  options.vfs = vfs.name();
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(dir.File("t.db"), options));
  ASSERT_OK(db->Execute("CREATE TABLE t (x)"));
  for (int i = 0; i < 5; ++i) {
    const int64_t before = vfs.syncs();
    ASSERT_OK(db->Execute("INSERT INTO t VALUES (1)"));
    EXPECT_GT(vfs.syncs(), before);
  }
}

TEST(Database, AMissingFileIsNotFoundUnlessItMayBeMade) {
  TempDir dir;
  DatabaseOptions options;
  for (const auto mode : {DatabaseOptions::Mode::kReadOnly, DatabaseOptions::Mode::kReadWrite}) {
    options.mode = mode;
    EXPECT_THAT(Database::Open(dir.File("none.db"), options),
                StatusIs(absl::StatusCode::kNotFound, HasSubstr("none.db")));
  }
  EXPECT_THAT(Database::Open(dir.File("no/folder.db")), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(Database, NamesMayHoldAnyCharacter) {
  TempDir dir;
  DatabaseOptions options;
  options.schema = Schema{1, {"CREATE TABLE t (x)"}};
  const std::string path = dir.File("a?b#c%41 \xc3\xa9.db");
  { ASSERT_OK(Database::Open(path, options).status()); }
  EXPECT_TRUE(std::filesystem::exists(path));
  options.schema->migrations.clear();
  const std::string before = ReadFile(path);
  EXPECT_THAT(Database::Open(path, options), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReadFile(path), before);
}

TEST(Database, ReadOnlyRefusesToWrite) {
  TempDir dir;
  ASSERT_OK_AND_ASSIGN(auto writer, Database::Open(dir.File("t.db")));
  ASSERT_OK(writer->Execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)"));
  DatabaseOptions options;
  options.mode = DatabaseOptions::Mode::kReadOnly;
  ASSERT_OK_AND_ASSIGN(auto reader, Database::Open(dir.File("t.db"), options));
  EXPECT_TRUE(reader->read_only());
  EXPECT_THAT(reader->Execute("INSERT INTO t VALUES (2)"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK_AND_ASSIGN(Statement count, reader->Prepare("SELECT count(*) FROM t"));
  ASSERT_OK(count.StepToOnlyRow());
  EXPECT_EQ(count.Int64(0), 1);
}

TEST(Database, DamageIsDataLoss) {
  TempDir dir;
  const std::string path = dir.File("t.db");
  {
    ASSERT_OK_AND_ASSIGN(auto db, Database::Open(path));
    ASSERT_OK(db->Execute("CREATE TABLE t (x); INSERT INTO t VALUES (hex(zeroblob(3000)))"));
    EXPECT_OK(db->CheckIntegrity());
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(4096, '\xee');
  }
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(path));
  EXPECT_THAT(db->CheckIntegrity(), StatusIs(absl::StatusCode::kDataLoss));
  ASSERT_OK_AND_ASSIGN(Statement select, db->Prepare("SELECT x FROM t"));
  EXPECT_THAT(select.Step(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(Database, CheckpointMovesTheLogIntoTheFile) {
  TempDir dir;
  const std::string path = dir.File("t.db");
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(path));
  ASSERT_OK(db->Execute("CREATE TABLE t (x); INSERT INTO t VALUES ('needle')"));
  EXPECT_EQ(ReadFile(path).find("needle"), std::string::npos);
  ASSERT_OK(db->Checkpoint(Database::CheckpointMode::kPassive));
  EXPECT_NE(ReadFile(path).find("needle"), std::string::npos);
  EXPECT_FALSE(ReadFile(path + "-wal").empty());
  ASSERT_OK(db->Checkpoint(Database::CheckpointMode::kTruncate));
  EXPECT_TRUE(ReadFile(path + "-wal").empty());
}

TEST(Database, CheckpointSaysWhenAReaderIsInTheWay) {
  TempDir dir;
  DatabaseOptions impatient;
  impatient.busy_timeout = absl::ZeroDuration();
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(dir.File("t.db"), impatient));
  ASSERT_OK(db->Execute("CREATE TABLE t (x)"));
  ASSERT_OK_AND_ASSIGN(auto reader, Database::Open(dir.File("t.db"), impatient));
  ASSERT_OK_AND_ASSIGN(Transaction snapshot, Transaction::BeginRead(*reader));
  ASSERT_OK(reader->UserVersion().status());
  ASSERT_OK(db->Execute("INSERT INTO t VALUES (1)"));
  EXPECT_OK(db->Checkpoint(Database::CheckpointMode::kPassive));
  EXPECT_THAT(db->Checkpoint(Database::CheckpointMode::kTruncate),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST(Database, DeletedContentIsOverwritten) {
  TempDir dir;
  const std::string path = dir.File("t.db");
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(path));
  ASSERT_OK(db->Execute("CREATE TABLE t (x); INSERT INTO t VALUES ('withdrawn consent')"));
  ASSERT_OK(db->Checkpoint(Database::CheckpointMode::kTruncate));
  EXPECT_NE(ReadFile(path).find("withdrawn consent"), std::string::npos);
  ASSERT_OK(db->Execute("DELETE FROM t"));
  ASSERT_OK(db->Checkpoint(Database::CheckpointMode::kTruncate));
  EXPECT_EQ(ReadFile(path).find("withdrawn consent"), std::string::npos);
  EXPECT_EQ(ReadFile(path + "-wal").find("withdrawn consent"), std::string::npos);
}

TEST(Database, LimitsHold) {
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(":memory:"));
  std::string deep = "SELECT 1";
  for (int i = 0; i < 200; ++i) deep += "+(1";
  deep += std::string(200, ')');
  EXPECT_FALSE(db->Prepare(deep).ok());
  EXPECT_FALSE(db->Prepare("SELECT '" + std::string(300 << 10, 'x') + "'").ok());
  ASSERT_OK_AND_ASSIGN(Statement large, db->Prepare("SELECT zeroblob(40000000)"));
  EXPECT_THAT(large.Step(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Database, VacuumStillWorks) {
  TempDir dir;
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(dir.File("t.db")));
  ASSERT_OK(db->Execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)"));
  EXPECT_OK(db->Execute("VACUUM"));
}

}  // namespace
}  // namespace baraza
