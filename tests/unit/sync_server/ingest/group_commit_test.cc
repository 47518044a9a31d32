#include "sync_server/ingest/group_commit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/retry_hint.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;
using testing::ProgrammeServer;

class GroupCommitTest : public ::testing::Test {
 protected:
  GroupCommit::Work PutMeta(std::string key) {
    return [key](StoreWriter& writer) { return writer.PutMeta(key, "1"); };
  }
  GroupCommit::Done Note(std::string name) {
    return [this, name](const absl::Status& status) {
      done_.push_back(absl::StrCat(name, " ", absl::StatusCodeToString(status.code())));
    };
  }
  std::optional<std::string> Meta(absl::string_view key) {
    return server_.store().GetMeta(key).value();
  }

  test::TempDir folder_;
  ProgrammeServer server_{folder_.File("programme.db")};
  std::vector<std::string> done_;
};

TEST_F(GroupCommitTest, NothingHappensBeforeFlush) {
  server_.commit().Submit(PutMeta("a"), Note("a"));
  EXPECT_THAT(done_, IsEmpty());
  EXPECT_EQ(Meta("a"), std::nullopt);
  EXPECT_EQ(server_.commit().Flush(), 1u);
  EXPECT_THAT(done_, ElementsAre("a OK"));
  EXPECT_THAT(Meta("a"), Optional(Eq("1")));
  EXPECT_EQ(server_.commit().Flush(), 0u);
}

TEST_F(GroupCommitTest, AFailingWorkIsUndoneAlone) {
  server_.commit().Submit(PutMeta("a"), Note("a"));
  server_.commit().Submit(
      [](StoreWriter& writer) -> absl::Status {
        EXPECT_TRUE(writer.PutMeta("b", "1").ok());
        EXPECT_TRUE(writer.PutFeed("p", "state:b", kNoDay, "x").ok());
        return absl::PermissionDeniedError("no");
      },
      Note("b"));
  server_.commit().Submit(
      [](StoreWriter& writer) -> absl::Status {
        // Sees what stands of the works before it.
        EXPECT_THAT(writer.GetMeta("a").value(), Optional(Eq("1")));
        EXPECT_EQ(writer.GetMeta("b").value(), std::nullopt);
        return writer.PutFeed("p", "state:c", kNoDay, "x");
      },
      Note("c"));
  EXPECT_EQ(server_.commit().Flush(), 3u);
  EXPECT_THAT(done_, ElementsAre("a OK", "b PERMISSION_DENIED", "c OK"));
  EXPECT_EQ(Meta("b"), std::nullopt);
  // The position that the undone work had taken is not lost.
  const FeedPage page =
      server_.store().ReadFeed({.audiences = {"p"}, .max_bytes = 1000, .max_rows = 10}).value();
  ASSERT_EQ(page.rows.size(), 1u);
  EXPECT_EQ(page.rows[0].object, "state:c");
  EXPECT_EQ(page.rows[0].position, 1);
}

TEST_F(GroupCommitTest, OneCommitTakesNoMoreThanItsLimits) {
  GroupCommit commit(server_.store(), {.max_works_per_commit = 2, .max_bytes_per_commit = 100});
  for (const char* name : {"a", "b", "c"}) commit.Submit(PutMeta(name), Note(name));
  EXPECT_EQ(commit.Flush(), 2u);
  EXPECT_THAT(done_, ElementsAre("a OK", "b OK"));
  commit.Submit(PutMeta("d"), Note("d"), 101);
  EXPECT_EQ(commit.Flush(), 1u);
  EXPECT_EQ(commit.Flush(), 1u);  // Larger than a commit, but alone in it.
  EXPECT_THAT(done_, ElementsAre("a OK", "b OK", "c OK", "d OK"));
}

TEST_F(GroupCommitTest, AFullQueueRefusesWithARetryHint) {
  GroupCommit commit(server_.store(), {.max_queued_works = 2, .max_queued_bytes = 1000});
  commit.Submit(PutMeta("a"), Note("a"));
  EXPECT_FALSE(commit.busy());
  absl::Status refused;
  commit.Submit(
      PutMeta("big"), [&refused](const absl::Status& status) { refused = status; }, 1001);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(RetryHint(refused), Optional(Eq(kOverloadRetryAfter)));
  commit.Submit(PutMeta("b"), Note("b"));
  EXPECT_TRUE(commit.busy());
  commit.Submit(PutMeta("c"), Note("c"));
  EXPECT_THAT(done_, ElementsAre("c RESOURCE_EXHAUSTED"));
  EXPECT_EQ(commit.Flush(), 2u);
  EXPECT_THAT(done_, ElementsAre("c RESOURCE_EXHAUSTED", "a OK", "b OK"));
  EXPECT_EQ(Meta("c"), std::nullopt);
  EXPECT_EQ(RetryHint(absl::InternalError("x")), std::nullopt);
}

TEST_F(GroupCommitTest, WorksThatNeverRanAreAnswered) {
  {
    GroupCommit commit(server_.store());
    commit.Submit(PutMeta("a"), Note("a"));
  }
  EXPECT_THAT(done_, ElementsAre("a CANCELLED"));
  EXPECT_EQ(Meta("a"), std::nullopt);
}

TEST_F(GroupCommitTest, ADoneMaySubmit) {
  server_.commit().Submit(PutMeta("a"), [this](const absl::Status&) {
    server_.commit().Submit(PutMeta("b"), Note("b"));
  });
  server_.Pump();
  EXPECT_THAT(done_, ElementsAre("b OK"));
}

TEST_F(GroupCommitTest, ObserversHearOfCommitsThatGrewTheLogAndThePumpIsWoken) {
  std::vector<int64_t> positions;
  server_.commit().AddObserver([&positions](int64_t position) { positions.push_back(position); });
  int woken = 0;
  server_.commit().SetWakeUp([&woken] { ++woken; });
  server_.commit().Submit(PutMeta("a"), Note("a"));
  server_.commit().Submit(PutMeta("b"), Note("b"));
  EXPECT_EQ(woken, 1);
  server_.Pump();
  EXPECT_THAT(positions, IsEmpty());

  testing::TestDevice device(1, testing::MemberOf(1, 1));
  device.Capture(testing::Report(1));
  device.Capture(testing::Report(2));
  server_.Push(device);
  EXPECT_THAT(positions, ElementsAre(2));
  EXPECT_EQ(woken, 2);
  server_.Push(device);  // A replay.
  EXPECT_THAT(positions, ElementsAre(2));
}

}  // namespace
}  // namespace baraza::server
