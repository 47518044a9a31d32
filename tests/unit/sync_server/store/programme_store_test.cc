#include "sync_server/store/programme_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MemberOf;
using testing::ProgrammeServer;
using testing::Report;
using testing::TestDevice;
using testing::TestId;

v1::RecordState State(absl::string_view id, v1::RecordType type, uint64_t lamport = 1) {
  v1::RecordState state;
  state.set_record_id(std::string(id));
  state.set_type(type);
  state.set_lamport(lamport);
  return state;
}

class ProgrammeStoreTest : public ::testing::Test {
 protected:
  std::vector<std::string> StateIds(v1::RecordType type) {
    std::vector<std::string> ids;
    EXPECT_TRUE(server_.store()
                    .ForEachRecordState(type,
                                        [&ids](const v1::RecordState& state) {
                                          ids.push_back(state.record_id());
                                          return absl::OkStatus();
                                        })
                    .ok());
    return ids;
  }
  std::vector<std::string> Feed(int64_t after = 0) {
    std::vector<std::string> rows;
    const FeedPage page =
        server_.store()
            .ReadFeed(
                {.audiences = {"p"}, .after = after, .max_bytes = 1'000'000, .max_rows = 1'000})
            .value();
    for (const FeedRow& row : page.rows) {
      rows.push_back(absl::StrCat(
          row.position, row.action == v1::FeedItem::ACTION_REMOVE ? "-" : "+", row.object));
    }
    return rows;
  }

  test::TempDir folder_;
  ProgrammeServer server_{folder_.File("programme.db")};
};

TEST_F(ProgrammeStoreTest, KeepsEpochAndProgrammeAcrossRestarts) {
  const std::string epoch = server_.store().epoch();
  EXPECT_THAT(epoch, ::testing::StartsWith("epo_"));
  server_.Restart();
  EXPECT_EQ(server_.store().epoch(), epoch);
  EXPECT_EQ(server_.store().programme_id(), testing::ProgrammeId());
}

TEST_F(ProgrammeStoreTest, RefusesAnotherProgrammesFileAndAMissingOne) {
  server_.Close();
  ProgrammeStoreOptions options;
  options.programme_id = TestId("prg", 2);
  const auto other =
      ProgrammeStore::Open(server_.path(), options, server_.clock(), server_.random());
  EXPECT_EQ(other.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(other.status().message()), HasSubstr(testing::ProgrammeId()));
  EXPECT_EQ(
      ProgrammeStore::Open(folder_.File("none.db"), options, server_.clock(), server_.random())
          .status()
          .code(),
      absl::StatusCode::kNotFound);
  options = {};
  options.create = true;
  EXPECT_EQ(ProgrammeStore::Open(folder_.File("new.db"), options, server_.clock(), server_.random())
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
  server_.Restart();
}

TEST_F(ProgrammeStoreTest, AWriteThatIsNotCommittedLeavesNothing) {
  {
    auto writer = server_.store().BeginWrite().value();
    ASSERT_TRUE(writer->PutMeta("projection.x", "1").ok());
    ASSERT_TRUE(writer->PutFeed("p", "state:1", kNoDay, "x").ok());
    EXPECT_EQ(writer->GetMeta("projection.x").value(), "1");
    EXPECT_EQ(server_.store().GetMeta("projection.x").value(), std::nullopt);
  }
  EXPECT_EQ(server_.store().GetMeta("projection.x").value(), std::nullopt);
  EXPECT_THAT(Feed(), IsEmpty());
  auto writer = server_.store().BeginWrite().value();
  ASSERT_TRUE(writer->PutFeed("p", "state:1", kNoDay, "x").ok());
  ASSERT_TRUE(writer->Commit().ok());
  writer.reset();
  EXPECT_THAT(Feed(), ElementsAre("1+state:1"));
}

TEST_F(ProgrammeStoreTest, RecordStatesAndSessionsComeInOrder) {
  ASSERT_TRUE(server_
                  .Write([](StoreWriter& writer) -> absl::Status {
                    for (const char* id : {"tem_c", "tem_a", "tem_b"}) {
                      const auto status = writer.PutRecordState(State(id, v1::RECORD_TYPE_TEAM));
                      if (!status.ok()) return status;
                    }
                    (void)writer.PutRecordState(State("iss_a", v1::RECORD_TYPE_ISSUE));
                    (void)writer.PutRecordState(State("tem_b", v1::RECORD_TYPE_TEAM, 7));
                    v1::Session session;
                    session.set_session_id("rep_b");
                    (void)writer.PutSession(session);
                    session.set_session_id("rep_a");
                    (void)writer.PutSession(session);
                    return writer.DeleteSession("rep_b");
                  })
                  .ok());
  EXPECT_THAT(StateIds(v1::RECORD_TYPE_TEAM), ElementsAre("tem_a", "tem_b", "tem_c"));
  EXPECT_THAT(StateIds(v1::RECORD_TYPE_UNSPECIFIED),
              ElementsAre("iss_a", "tem_a", "tem_b", "tem_c"));
  EXPECT_EQ(server_.store().GetRecordState("tem_b").value()->lamport(), 7u);
  EXPECT_EQ(server_.store().GetRecordState("tem_x").value(), std::nullopt);
  const auto page = server_.store().ListRecordStates(v1::RECORD_TYPE_TEAM, "tem_a", 1).value();
  ASSERT_EQ(page.size(), 1u);
  EXPECT_EQ(page[0].record_id(), "tem_b");
  EXPECT_TRUE(server_.store().GetSession("rep_a").value().has_value());
  EXPECT_FALSE(server_.store().GetSession("rep_b").value().has_value());
}

TEST_F(ProgrammeStoreTest, ARebuildMovesOnlyWhatComesOutDifferent) {
  ASSERT_TRUE(server_
                  .Write([](StoreWriter& writer) -> absl::Status {
                    (void)writer.PutRecordState(State("tem_a", v1::RECORD_TYPE_TEAM));
                    (void)writer.PutFeed("p", "same", kNoDay, "1");
                    (void)writer.PutFeed("p", "changed", 5, "1");
                    (void)writer.PutFeed("p", "gone", kNoDay, "1");
                    return writer.SetWatermark(12);
                  })
                  .ok());
  EXPECT_EQ(server_.store().Watermark().value(), 12);
  ASSERT_TRUE(server_.Write([](StoreWriter& writer) { return writer.ClearProjection(); }).ok());
  EXPECT_EQ(server_.store().Watermark().value(), 0);
  EXPECT_THAT(StateIds(v1::RECORD_TYPE_UNSPECIFIED), IsEmpty());
  // The process may go down in between.
  server_.Restart();
  ASSERT_TRUE(server_
                  .Write([](StoreWriter& writer) -> absl::Status {
                    (void)writer.PutFeed("p", "same", kNoDay, "1");
                    (void)writer.PutFeed("p", "changed", 6, "1");
                    return writer.SweepFeed();
                  })
                  .ok());
  EXPECT_THAT(Feed(1), ElementsAre("4+changed", "5-gone"));
  EXPECT_THAT(Feed(), ElementsAre("1+same", "4+changed"));
  ASSERT_TRUE(server_.Write([](StoreWriter& writer) { return writer.SweepFeed(); }).ok());
  EXPECT_THAT(Feed(5), IsEmpty());
}

TEST_F(ProgrammeStoreTest, OperationHashesAreSortedAndBounded) {
  TestDevice device(1, MemberOf(1, 1));
  for (int i = 0; i < 20; ++i) device.Capture(Report(i));
  server_.Push(device);
  std::vector<Sha256Digest> hashes;
  ASSERT_TRUE(server_.store()
                  .OperationHashes(15,
                                   [&hashes](absl::string_view, const Sha256Digest& hash) {
                                     hashes.push_back(hash);
                                     return absl::OkStatus();
                                   })
                  .ok());
  EXPECT_EQ(hashes.size(), 15u);
  EXPECT_TRUE(std::is_sorted(hashes.begin(), hashes.end()));
  EXPECT_EQ(
      server_.store()
          .OperationHashes(15, [](absl::string_view,
                                  const Sha256Digest&) { return absl::CancelledError("enough"); })
          .code(),
      absl::StatusCode::kCancelled);
}

TEST_F(ProgrammeStoreTest, ReadsTheLogInPages) {
  TestDevice device(1, MemberOf(1, 1));
  for (int i = 0; i < 5; ++i) device.Capture(Report(i));
  server_.Push(device);
  const auto page = server_.store().ReadLog(2, 2).value();
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].position, 3);
  EXPECT_EQ(page[1].position, 4);
  EXPECT_THAT(server_.store().ReadLog(5, 2).value(), IsEmpty());
}

TEST_F(ProgrammeStoreTest, ADiskThatIsFullRefusesWritesAllTheWayAndStillReads) {
  TestDevice device(1, MemberOf(1, 1));
  device.Capture(Report(0));
  server_.Push(device);
  server_.Close();

  ProgrammeStoreOptions options;
  options.max_pages = 60;
  auto store =
      ProgrammeStore::Open(server_.path(), options, server_.clock(), server_.random()).value();
  GroupCommit commit(*store);
  SyncHandler handler(*store, commit, server_.clock());
  v1::SessionReport large = Report(1);
  large.mutable_narrative()->set_text(std::string(20'000, 'x'));
  for (int i = 0; i < 30; ++i) device.Capture(large);
  const auto push = [&](const v1::SyncRequest& request) {
    absl::StatusOr<v1::SyncResponse> answer = absl::InternalError("no answer");
    handler.Handle(request, device.owner(), [&answer](absl::StatusOr<v1::SyncResponse> response) {
      answer = std::move(response);
    });
    while (commit.Flush() > 0) {
    }
    return answer;
  };
  EXPECT_EQ(push(device.Request(1)).status().code(), absl::StatusCode::kResourceExhausted);
  // Nothing of it was taken, and what was there can be read.
  EXPECT_EQ(store->LogPosition().value(), 1);
  EXPECT_EQ(store->FindDevice(device.device_id()).value()->acknowledged_seq, 1u);
  const auto pulled = push(device.Request(31));
  ASSERT_TRUE(pulled.ok()) << pulled.status();
  EXPECT_EQ(pulled->acknowledged_device_seq(), 1u);
  // Works that share the transaction with one that fills the disk are refused alike.
  std::vector<absl::StatusCode> codes;
  const auto note = [&codes](const absl::Status& status) { codes.push_back(status.code()); };
  commit.Submit([](StoreWriter& writer) { return writer.PutMeta("projection.a", "1"); }, note);
  commit.Submit(
      [](StoreWriter& writer) {
        return writer.PutMeta("projection.b", std::string(1'000'000, 'x'));
      },
      note);
  commit.Submit([](StoreWriter& writer) { return writer.PutMeta("projection.c", "1"); }, note);
  commit.Flush();
  EXPECT_THAT(
      codes, ElementsAre(absl::StatusCode::kResourceExhausted, absl::StatusCode::kResourceExhausted,
                         absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(store->GetMeta("projection.a").value(), std::nullopt);
  // What is small enough still goes in.
  commit.Submit([](StoreWriter& writer) { return writer.PutMeta("projection.a", "1"); }, note);
  commit.Flush();
  EXPECT_EQ(codes.back(), absl::StatusCode::kOk);
  store.reset();

  server_.Restart();
  EXPECT_EQ(server_.Push(device, 1).acknowledged_device_seq(), 31u);
  EXPECT_EQ(server_.store().LogPosition().value(), 31);
}

}  // namespace
}  // namespace baraza::server
