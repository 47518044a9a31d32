#include "core/sqlite/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/sqlite/database.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza {
namespace {

using ::baraza::test::IsOkAndHolds;
using ::baraza::test::ReadFile;
using ::baraza::test::StatusIs;
using ::baraza::test::TempDir;
using ::baraza::test::WriteFile;
using ::testing::HasSubstr;

constexpr int32_t kOurId = 0x42525a41;

DatabaseOptions WithSchema(int versions,
                           DatabaseOptions::Mode mode = DatabaseOptions::Mode::kCreate) {
  const std::vector<std::string> all = {
      "CREATE TABLE a (x INTEGER PRIMARY KEY) STRICT; INSERT INTO a VALUES (1)",
      "CREATE TABLE b (x INTEGER NOT NULL REFERENCES a (x)) STRICT; INSERT INTO b VALUES (1)",
      "UPDATE a SET x = 2; UPDATE b SET x = 2",
  };
  DatabaseOptions options;
  options.mode = mode;
  options.schema = Schema{kOurId, {all.begin(), all.begin() + versions}};
  return options;
}

class SchemaTest : public ::testing::Test {
 protected:
  SchemaTest() : path_(dir_.File("t.db")) {}

  // What lies in the folder, file by file.
  std::map<std::string, std::string> Contents() {
    std::map<std::string, std::string> contents;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
      contents[entry.path().filename().string()] = ReadFile(entry.path().string());
    }
    return contents;
  }

  TempDir dir_;
  const std::string path_;
};

TEST_F(SchemaTest, AFreshDatabaseGetsAllMigrations) {
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(path_, WithSchema(3)));
  EXPECT_THAT(db->UserVersion(), IsOkAndHolds(3));
  ASSERT_OK_AND_ASSIGN(Statement select, db->Prepare("SELECT x FROM b"));
  ASSERT_OK(select.StepToOnlyRow());
  EXPECT_EQ(select.Int64(0), 2);
}

TEST_F(SchemaTest, AnOlderOneGetsTheMissingOnesOnce) {
  { ASSERT_OK(Database::Open(path_, WithSchema(1)).status()); }
  { ASSERT_OK(Database::Open(path_, WithSchema(3)).status()); }
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(path_, WithSchema(3)));
  ASSERT_OK_AND_ASSIGN(Statement select, db->Prepare("SELECT count(*) FROM b"));
  ASSERT_OK(select.StepToOnlyRow());
  EXPECT_EQ(select.Int64(0), 1);
}

TEST_F(SchemaTest, ForeignKeysHoldAfterMigrations) {
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(path_, WithSchema(3)));
  EXPECT_THAT(db->Execute("INSERT INTO b VALUES (99)"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(SchemaTest, ANewerDatabaseIsRefusedAndLeftUntouched) {
  { ASSERT_OK(Database::Open(path_, WithSchema(3)).status()); }
  const auto before = Contents();
  ASSERT_EQ(before.size(), 1u);
  for (const auto mode : {DatabaseOptions::Mode::kCreate, DatabaseOptions::Mode::kReadWrite,
                          DatabaseOptions::Mode::kReadOnly}) {
    EXPECT_THAT(Database::Open(path_, WithSchema(2, mode)),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("at most 2, got 3")));
    EXPECT_EQ(Contents(), before);
  }
  EXPECT_OK(Database::Open(path_, WithSchema(3)));
}

// A newer program was killed: its version stands in the log only, and must neither be overlooked
// nor moved into the file.
TEST_F(SchemaTest, ANewerVersionInTheLogIsSeenAndLeftThere) {
  { ASSERT_OK(Database::Open(path_, WithSchema(2)).status()); }
  std::string file, log;
  {
    ASSERT_OK_AND_ASSIGN(auto newer, Database::Open(path_, WithSchema(3)));
    file = ReadFile(path_);
    log = ReadFile(path_ + "-wal");
  }
  ASSERT_FALSE(log.empty());
  WriteFile(path_, file);
  WriteFile(path_ + "-wal", log);
  EXPECT_THAT(Database::Open(path_, WithSchema(2)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("at most 2, got 3")));
  EXPECT_EQ(ReadFile(path_), file);
  EXPECT_EQ(ReadFile(path_ + "-wal"), log);
  // The newer program finds all it had.
  ASSERT_OK_AND_ASSIGN(auto newer, Database::Open(path_, WithSchema(3)));
  EXPECT_THAT(newer->UserVersion(), IsOkAndHolds(3));
}

TEST_F(SchemaTest, AForeignDatabaseIsRefusedAndLeftUntouched) {
  {
    ASSERT_OK_AND_ASSIGN(auto foreign, Database::Open(path_));
    ASSERT_OK(foreign->Execute("PRAGMA application_id = 77; CREATE TABLE precious (x)"));
  }
  const auto before = Contents();
  EXPECT_THAT(Database::Open(path_, WithSchema(2)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("application_id")));
  EXPECT_EQ(Contents(), before);
}

TEST_F(SchemaTest, AnUnmarkedDatabaseWithTablesIsForeignToo) {
  {
    ASSERT_OK_AND_ASSIGN(auto foreign, Database::Open(path_));
    ASSERT_OK(foreign->Execute("CREATE TABLE precious (x)"));
  }
  const auto before = Contents();
  EXPECT_THAT(Database::Open(path_, WithSchema(2)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Contents(), before);
}

TEST_F(SchemaTest, WhatIsNoDatabaseIsRefusedAndLeftUntouched) {
  WriteFile(path_, std::string(8192, 'x'));
  EXPECT_THAT(Database::Open(path_, WithSchema(2)), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(ReadFile(path_), std::string(8192, 'x'));
}

TEST_F(SchemaTest, AFailingMigrationLeavesTheOnesBeforeIt) {
  DatabaseOptions options = WithSchema(1);
  options.schema->migrations.push_back("CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)");
  EXPECT_THAT(Database::Open(path_, options),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("migration 2")));
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(path_, WithSchema(1)));
  EXPECT_THAT(db->UserVersion(), IsOkAndHolds(1));
  EXPECT_THAT(db->Prepare("SELECT x FROM half"), StatusIs(absl::StatusCode::kInternal));
}

TEST_F(SchemaTest, AMigrationMayNotLeaveDanglingReferences) {
  DatabaseOptions options = WithSchema(2);
  options.schema->migrations.push_back("DELETE FROM a");
  EXPECT_THAT(Database::Open(path_, options),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("dangling")));
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(path_, WithSchema(2)));
  ASSERT_OK_AND_ASSIGN(Statement select, db->Prepare("SELECT count(*) FROM a"));
  ASSERT_OK(select.StepToOnlyRow());
  EXPECT_EQ(select.Int64(0), 1);
}

TEST_F(SchemaTest, ReadOnlyDoesNotMigrate) {
  { ASSERT_OK(Database::Open(path_, WithSchema(1)).status()); }
  const auto before = ReadFile(path_);
  EXPECT_THAT(Database::Open(path_, WithSchema(2, DatabaseOptions::Mode::kReadOnly)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReadFile(path_), before);
  EXPECT_OK(Database::Open(path_, WithSchema(1, DatabaseOptions::Mode::kReadOnly)));
}

TEST_F(SchemaTest, WorksInMemory) {
  ASSERT_OK_AND_ASSIGN(auto db, Database::Open(":memory:", WithSchema(3)));
  EXPECT_THAT(db->UserVersion(), IsOkAndHolds(3));
}

}  // namespace
}  // namespace baraza
