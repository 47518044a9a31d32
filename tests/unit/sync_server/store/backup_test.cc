#include "sync_server/store/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "core/sqlite/database.h"
#include "sync_server/ingest/audience.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using ::testing::Key;
using testing::MemberOf;
using testing::ProgrammeServer;
using testing::Report;
using testing::TestDevice;

class BackupTest : public ::testing::Test {
 protected:
  test::TempDir folder_;
  ProgrammeServer server_{folder_.File("programme.db")};
  const std::string copy_ = folder_.File("backup.db");
  TestDevice phone_{1, MemberOf(1, 1)};
};

TEST_F(BackupTest, RestoringGivesANewEpochAndDevicesReSendWhatIsMissing) {
  phone_.Capture(Report(1));
  server_.Push(phone_);
  ASSERT_TRUE(server_
                  .Write([](StoreWriter& writer) {
                    v1::FeedPayload payload;
                    payload.mutable_question()->set_id("q");
                    return writer.PutFeed("p", "question:q", kNoDay, payload.SerializeAsString());
                  })
                  .ok());
  server_.Pull(phone_);
  const std::string epoch = server_.store().epoch();
  ASSERT_TRUE(server_.store().BackupTo(copy_).ok());

  phone_.Capture(Report(2));
  phone_.Capture(Report(3));
  EXPECT_EQ(server_.Push(phone_, 1).acknowledged_device_seq(), 3u);
  const auto set = server_.AcceptedSet();
  const auto states = server_.MergedStates();

  server_.Close();
  const std::string backup_bytes = test::ReadFile(copy_);
  ASSERT_TRUE(RestoreProgramme(copy_, server_.path(), server_.clock(), server_.random()).ok());
  EXPECT_EQ(test::ReadFile(copy_), backup_bytes);
  server_.Restart();
  EXPECT_NE(server_.store().epoch(), epoch);

  // The device asks with its old cursor: the feed starts anew, and less is acknowledged than the
  // device was told once.
  v1::SyncRequest request = phone_.Request(3);
  const v1::SyncResponse response = server_.Handle(request, phone_.owner()).value();
  EXPECT_TRUE(response.feed_reset());
  EXPECT_EQ(response.server_epoch(), server_.store().epoch());
  EXPECT_EQ(response.acknowledged_device_seq(), 1u);
  phone_.Learn(response);
  EXPECT_THAT(phone_.feed(), ::testing::ElementsAre(Key("question:q")));

  EXPECT_EQ(server_.Push(phone_, response.acknowledged_device_seq()).acknowledged_device_seq(), 3u);
  EXPECT_EQ(server_.AcceptedSet(), set);
  EXPECT_EQ(server_.MergedStates(), states);
}

TEST_F(BackupTest, ADamagedBackupLeavesTheFileAsItIs) {
  for (int i = 0; i < 200; ++i) phone_.Capture(Report(i));
  server_.Push(phone_);
  ASSERT_TRUE(server_.store().BackupTo(copy_).ok());
  server_.Close();
  const std::string before = test::ReadFile(server_.path());
  {
    std::fstream file(copy_, std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 2; page < 30; ++page) {
      file.seekp(page * 4096);
      file << std::string(512, '\x5a');
    }
  }
  const absl::Status status =
      RestoreProgramme(copy_, server_.path(), server_.clock(), server_.random());
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_EQ(test::ReadFile(server_.path()), before);
  server_.Restart();
  EXPECT_EQ(server_.store().LogPosition().value(), 200);
}

TEST_F(BackupTest, AFileThatIsNoProgrammeIsNotRestored) {
  {
    auto database = Database::Open(copy_).value();
    ASSERT_TRUE(database->Execute("CREATE TABLE t (x); PRAGMA application_id = 77;").ok());
  }
  server_.Close();
  EXPECT_EQ(RestoreProgramme(copy_, server_.path(), server_.clock(), server_.random()).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(
      RestoreProgramme(folder_.File("none.db"), server_.path(), server_.clock(), server_.random())
          .code(),
      absl::StatusCode::kNotFound);
  server_.Restart();
}

TEST_F(BackupTest, TheFileBeingServedIsNotReplaced) {
  phone_.Capture(Report(1));
  server_.Push(phone_);
  ASSERT_TRUE(server_.store().BackupTo(copy_).ok());
  EXPECT_EQ(RestoreProgramme(copy_, server_.path(), server_.clock(), server_.random()).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(server_.store().LogPosition().value(), 1);
}

}  // namespace
}  // namespace baraza::server
