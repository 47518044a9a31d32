#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/model/operation.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using ::testing::HasSubstr;
using testing::MemberOf;
using ::testing::Not;
using testing::OfficeMember;
using testing::ProgrammeServer;
using testing::Report;
using testing::TestDevice;
using testing::TestId;

constexpr char kSecret[] = "CANARY-what-the-informant-took-back";

class RedactionTest : public ::testing::Test {
 protected:
  v1::SessionReport Secret() {
    v1::SessionReport report = Report(1);
    report.mutable_narrative()->set_text(kSecret);
    return report;
  }
  std::vector<v1::Redaction> TeamPartOf(const std::string& op_id) {
    v1::Redaction redaction;
    redaction.set_op_id(op_id);
    redaction.add_classes(v1::PRIVACY_TEAM);
    return {redaction};
  }
  std::string OnDisk() {
    std::string bytes;
    for (const char* suffix : {"", "-wal", "-shm"})
      bytes += test::ReadFile(server_.path() + suffix);
    return bytes;
  }

  test::TempDir folder_;
  ProgrammeServer server_{folder_.File("programme.db")};
  TestDevice phone_{1, MemberOf(1, 1)};
  Caller office_ = OfficeMember(9);
};

TEST_F(RedactionTest, ErasesTheBytesFromLogAndFileAndKeepsTheHash) {
  const std::string record = phone_.Capture(Secret());
  phone_.Capture(Report(2));
  server_.Push(phone_);
  ASSERT_THAT(OnDisk(), HasSubstr(kSecret));
  const auto set = server_.AcceptedSet();

  const auto outcome = server_.Redact(office_, record, TeamPartOf(record));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_THAT(outcome->state.SerializeAsString(), Not(HasSubstr(kSecret)));
  EXPECT_THAT(OnDisk(), Not(HasSubstr(kSecret)));

  const LogEntry entry = server_.store().FindOperation(record).value().value();
  EXPECT_EQ(entry.hash, OperationHash(phone_.operations()[0]));
  EXPECT_EQ(OperationHash(entry.wire), entry.hash);
  ASSERT_EQ(entry.wire.parts_size(), 2);
  EXPECT_EQ(entry.wire.parts(0).delta(), phone_.operations()[0].parts(0).delta());
  EXPECT_EQ(entry.wire.parts(1).delta(), "");
  EXPECT_EQ(entry.wire.parts(1).redacted_sha256(),
            Sha256(phone_.operations()[0].parts(1).delta()).AsBytes());
  // Every hash that was there is there still, and the REDACT operation beside them.
  const auto after = server_.AcceptedSet();
  EXPECT_EQ(after.size(), set.size() + 1);
  for (const std::string& line : set) EXPECT_THAT(after, ::testing::Contains(line));

  // The device sends it again, as it has it: known, and not brought back.
  EXPECT_TRUE(server_.Push(phone_).results(0).replayed());
  TestDevice copy = phone_;
  copy.TakeNewDeviceId(2);
  server_.Push(copy);
  EXPECT_THAT(OnDisk(), Not(HasSubstr(kSecret)));
}

TEST_F(RedactionTest, ErasesAlsoWhatComesOnlyAfterwards) {
  const std::string record = phone_.Capture(Report(1));
  v1::SessionReport after = Report(1);
  after.mutable_narrative()->set_text(kSecret);
  phone_.Edit(record, Report(1), after, {record});
  const std::string edit = TestId("op", 1'000'002);

  // The office knows of the edit from before the server was restored.
  TestDevice office_phone(5, office_);
  OperationStamp stamp;
  stamp.op_id = office_phone.NextOpId("op");
  stamp.record_id = record;
  stamp.record_type = v1::RECORD_TYPE_SESSION_REPORT;
  stamp.programme_id = testing::ProgrammeId();
  stamp.author_id = office_.grant.person_id;
  stamp.author_role = v1::ROLE_ME_OFFICER;
  stamp.lamport = 10;
  stamp.parent_op_ids = {edit};
  office_phone.AppendWire(BuildRedaction(stamp, TeamPartOf(edit)).value().wire);
  ASSERT_EQ(server_.Push(office_phone).results(0).outcome(), v1::OPERATION_OUTCOME_ACCEPTED);

  server_.Restart();
  server_.Push(phone_);
  EXPECT_THAT(OnDisk(), Not(HasSubstr(kSecret)));
  const LogEntry entry = server_.store().FindOperation(edit).value().value();
  EXPECT_EQ(entry.hash, OperationHash(phone_.operations()[1]));
  EXPECT_EQ(server_.Push(phone_).results(1).outcome(), v1::OPERATION_OUTCOME_ACCEPTED);
}

TEST_F(RedactionTest, OnlyTheOfficeMayAndOnlyOfTheRecordNamed) {
  const std::string record = phone_.Capture(Secret());
  const std::string other = phone_.Capture(Report(2));
  server_.Push(phone_);
  EXPECT_EQ(server_.Redact(MemberOf(1, 1), record, TeamPartOf(record)).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(server_.Redact(office_, other, TeamPartOf(record)).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(server_.Redact(office_, TestId("rep", 404), TeamPartOf(record)).status().code(),
            absl::StatusCode::kNotFound);

  // A device that names another record's operation in a redaction erases nothing.
  TestDevice office_phone(5, office_);
  OperationStamp stamp;
  stamp.op_id = office_phone.NextOpId("op");
  stamp.record_id = other;
  stamp.record_type = v1::RECORD_TYPE_SESSION_REPORT;
  stamp.programme_id = testing::ProgrammeId();
  stamp.author_id = office_.grant.person_id;
  stamp.author_role = v1::ROLE_ME_OFFICER;
  stamp.lamport = 10;
  stamp.parent_op_ids = {other};
  office_phone.AppendWire(BuildRedaction(stamp, TeamPartOf(record)).value().wire);
  server_.Push(office_phone);
  EXPECT_EQ(server_.store().FindOperation(record).value()->wire.SerializeAsString(),
            phone_.operations()[0].SerializeAsString());
}

}  // namespace
}  // namespace baraza::server
