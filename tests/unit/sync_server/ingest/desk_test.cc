#include "sync_server/ingest/desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/model/merge.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::MemberOf;
using testing::OfficeMember;
using testing::ProgrammeServer;
using testing::Report;
using testing::TestDevice;
using testing::TestId;

v1::Team Team(absl::string_view title) {
  v1::Team team;
  team.set_title(std::string(title));
  return team;
}

class DeskTest : public ::testing::Test {
 protected:
  test::TempDir folder_;
  ProgrammeServer server_{folder_.File("programme.db")};
  Caller office_ = OfficeMember(9);
};

TEST_F(DeskTest, CreatesAndChangesThroughTheLog) {
  const auto created = server_.Append(office_, v1::RECORD_TYPE_TEAM, "", nullptr, Team("Coast"));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->position, 1);
  EXPECT_EQ(created->state.record_id(), created->op_id);
  EXPECT_THAT(created->state.record_id(), ::testing::StartsWith("tem_"));
  EXPECT_EQ(RecordAs<v1::Team>(created->state)->title(), "Coast");

  const v1::Team before = RecordAs<v1::Team>(created->state).value();
  v1::Team after = before;
  after.add_aliases("Pwani");
  const auto changed = server_.Append(office_, v1::RECORD_TYPE_TEAM, created->state.record_id(),
                                      &before, after, "", EtagOf(created->state));
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->position, 2);
  EXPECT_THAT(RecordAs<v1::Team>(changed->state)->aliases(), ElementsAre("Pwani"));
  EXPECT_THAT(changed->state.heads(), ElementsAre(changed->op_id));
  EXPECT_EQ(changed->state.lamport(), 2u);
  EXPECT_EQ(server_.store().LamportMax().value(), 2u);

  const LogEntry entry = server_.store().FindOperation(changed->op_id).value().value();
  EXPECT_EQ(entry.device_id, "desk");
  EXPECT_EQ(entry.wire.device_seq(), 2u);

  EXPECT_EQ(server_
                .Append(office_, v1::RECORD_TYPE_TEAM, created->state.record_id(), &before, after,
                        "", EtagOf(created->state))
                .status()
                .code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(server_.Append(office_, v1::RECORD_TYPE_TEAM, created->state.record_id(), &after, after)
                .status()
                .code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(server_.store().LogPosition().value(), 2);
}

TEST_F(DeskTest, LamportTimeFollowsTheLog) {
  TestDevice phone(1, MemberOf(1, 1));
  for (int i = 0; i < 5; ++i) phone.Capture(Report(i));
  server_.Push(phone);
  server_.Restart();
  EXPECT_EQ(server_.Append(office_, v1::RECORD_TYPE_TEAM, "", nullptr, Team("A"))->state.lamport(),
            6u);
}

TEST_F(DeskTest, TheSameRequestAgainGivesTheFirstResult) {
  const auto first =
      server_.Append(office_, v1::RECORD_TYPE_TEAM, "", nullptr, Team("Coast"), "key-1");
  ASSERT_TRUE(first.ok());
  server_.Restart();
  const auto again =
      server_.Append(office_, v1::RECORD_TYPE_TEAM, "", nullptr, Team("Coast"), "key-1");
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->op_id, first->op_id);
  EXPECT_EQ(again->position, first->position);
  EXPECT_EQ(again->state.SerializeAsString(), first->state.SerializeAsString());
  EXPECT_EQ(server_.store().LogPosition().value(), 1);
  EXPECT_EQ(server_.Append(office_, v1::RECORD_TYPE_TEAM, "", nullptr, Team("Hills"), "key-1")
                .status()
                .code(),
            absl::StatusCode::kAlreadyExists);
  // Another person's key is another key.
  EXPECT_TRUE(
      server_.Append(OfficeMember(8), v1::RECORD_TYPE_TEAM, "", nullptr, Team("Hills"), "key-1")
          .ok());
}

TEST_F(DeskTest, ARecordMayBeCreatedUnderAGivenIdOnce) {
  v1::Programme programme;
  programme.set_fiscal_year_start_month(7);
  const Caller administrator = OfficeMember(7, v1::ROLE_ADMINISTRATOR);
  const auto created = server_.Append(administrator, v1::RECORD_TYPE_PROGRAMME,
                                      testing::ProgrammeId(), nullptr, programme);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->state.record_id(), testing::ProgrammeId());
  EXPECT_EQ(server_
                .Append(administrator, v1::RECORD_TYPE_PROGRAMME, testing::ProgrammeId(), nullptr,
                        programme)
                .status()
                .code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_F(DeskTest, IsJudgedAsDevicesAre) {
  const auto code = [this](const Caller& caller, v1::RecordType type, absl::string_view record_id,
                           const google::protobuf::Message* before,
                           const google::protobuf::Message& after) {
    return server_.Append(caller, type, record_id, before, after).status().code();
  };
  const Caller collector = MemberOf(1, 1);
  EXPECT_EQ(code(collector, v1::RECORD_TYPE_TEAM, "", nullptr, Team("Mine")),
            absl::StatusCode::kPermissionDenied);
  Caller suspended = office_;
  suspended.suspended = true;
  EXPECT_EQ(code(suspended, v1::RECORD_TYPE_TEAM, "", nullptr, Team("A")),
            absl::StatusCode::kPermissionDenied);
  Caller foreign = office_;
  foreign.grant.programme_id = TestId("prg", 2);
  EXPECT_EQ(code(foreign, v1::RECORD_TYPE_TEAM, "", nullptr, Team("A")),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code(office_, v1::RECORD_TYPE_ISSUE, "", nullptr, Team("A")),
            absl::StatusCode::kInvalidArgument);
  const v1::Team team = Team("A");
  EXPECT_EQ(code(office_, v1::RECORD_TYPE_TEAM, TestId("tem", 404), &team, Team("B")),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(code(office_, v1::RECORD_TYPE_TEAM, "", nullptr, Team(std::string(10'000, 'x'))),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(server_.store().LogPosition().value(), 0);
  EXPECT_EQ(server_.store().ListDevices().value().size(), 0u);

  // A report's facts are its author's; the office is told instead of being ignored in silence.
  TestDevice phone(1, collector);
  const std::string record = phone.Capture(Report(1));
  server_.Push(phone);
  const v1::RecordState state = MergeOperations(server_.store().OperationsOf(record).value());
  const v1::SessionReport before = RecordAs<v1::SessionReport>(state).value();
  v1::SessionReport after = before;
  after.mutable_title()->set_text("The office's title");
  EXPECT_EQ(code(office_, v1::RECORD_TYPE_SESSION_REPORT, record, &before, after),
            absl::StatusCode::kPermissionDenied);
  after = before;
  after.mutable_review()->set_stage(v1::REPORT_STAGE_ENDORSED);
  EXPECT_EQ(code(office_, v1::RECORD_TYPE_SESSION_REPORT, record, &before, after),
            absl::StatusCode::kOk);
}

TEST_F(DeskTest, MessagesNameRecordAndField) {
  v1::Indicator indicator;
  indicator.set_donor_id("somebody");
  const auto outcome = server_.Append(office_, v1::RECORD_TYPE_INDICATOR, "", nullptr, indicator);
  EXPECT_EQ(outcome.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(outcome.status().message()), HasSubstr("donor_id"));
  EXPECT_EQ(
      server_.Append(office_, v1::RECORD_TYPE_TEAM, "", nullptr, Team("A"), std::string(65, 'k'))
          .status()
          .code(),
      absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace baraza::server
