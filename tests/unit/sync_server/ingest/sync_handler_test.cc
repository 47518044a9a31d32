#include "sync_server/ingest/sync_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/retry_hint.h"
#include "core/model/limits.h"
#include "core/model/operation.h"
#include "sync_server/limits.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MemberOf;
using testing::OfficeMember;
using testing::ProgrammeServer;
using testing::Report;
using testing::TestDevice;
using testing::TestId;

std::vector<std::string> Outcomes(const v1::SyncResponse& response) {
  std::vector<std::string> outcomes;
  for (const v1::OperationResult& result : response.results()) {
    std::string text = absl::StrCat(result.device_seq(), " ");
    if (result.outcome() == v1::OPERATION_OUTCOME_ACCEPTED) {
      absl::StrAppend(&text, "ACCEPTED");
    } else {
      absl::StrAppend(&text, v1::RejectionReason_Name(result.reason()).substr(17));
    }
    if (result.replayed()) absl::StrAppend(&text, " again");
    outcomes.push_back(text);
  }
  return outcomes;
}

class SyncHandlerTest : public ::testing::Test {
 protected:
  absl::Status ErrorOf(const v1::SyncRequest& request, const Caller& caller) {
    return server_.Handle(request, caller).status();
  }

  test::TempDir folder_;
  ProgrammeServer server_{folder_.File("programme.db")};
  Caller alice_ = MemberOf(1, 1);
  Caller bob_ = MemberOf(2, 2);
  TestDevice phone_{1, alice_};
};

TEST_F(SyncHandlerTest, TakesOperationsAndAcknowledgesThem) {
  phone_.Capture(Report(1));
  phone_.Capture(Report(2));
  const v1::SyncResponse response = server_.Push(phone_);
  EXPECT_THAT(Outcomes(response), ElementsAre("1 ACCEPTED", "2 ACCEPTED"));
  EXPECT_EQ(response.acknowledged_device_seq(), 2u);
  EXPECT_EQ(response.server_epoch(), server_.store().epoch());
  EXPECT_EQ(response.server_time_ms(), absl::ToUnixMillis(server_.clock().Now()));
  EXPECT_EQ(response.lamport_max(), 2u);
  EXPECT_EQ(response.limits().max_operation_bytes(), kMaxOperationBytes);
  EXPECT_EQ(response.membership().team_id(), TestId("tem", 1));
  EXPECT_EQ(response.directive(), v1::DEVICE_DIRECTIVE_UNSPECIFIED);
  EXPECT_EQ(server_.store().LogPosition().value(), 2);

  const std::vector<LogEntry> log = server_.store().ReadLog(0, 10).value();
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[0].position, 1);
  EXPECT_EQ(log[0].device_id, phone_.device_id());
  EXPECT_EQ(log[0].wire.SerializeAsString(), phone_.operations()[0].SerializeAsString());
  EXPECT_EQ(log[0].hash, OperationHash(phone_.operations()[0]));
  EXPECT_EQ(log[0].record_type, v1::RECORD_TYPE_SESSION_REPORT);
}

TEST_F(SyncHandlerTest, TheSameBatchTwiceHasTheEffectAndTheResultsOfOne) {
  phone_.Capture(Report(1));
  phone_.Capture(Report(2));
  phone_.operations()[1].set_header("not a header");
  phone_.Capture(Report(3));
  const v1::SyncResponse first = server_.Push(phone_);
  const auto set = server_.AcceptedSet();
  const auto states = server_.MergedStates();

  // The response was lost: the device knows nothing of it.
  v1::SyncResponse again = server_.Push(phone_);
  EXPECT_THAT(Outcomes(again),
              ElementsAre("1 ACCEPTED again", "2 MALFORMED again", "3 ACCEPTED again"));
  for (v1::OperationResult& result : *again.mutable_results()) result.clear_replayed();
  ASSERT_EQ(again.results_size(), first.results_size());
  for (int i = 0; i < first.results_size(); ++i) {
    EXPECT_EQ(again.results(i).SerializeAsString(), first.results(i).SerializeAsString());
  }
  EXPECT_EQ(again.acknowledged_device_seq(), 3u);
  EXPECT_EQ(server_.AcceptedSet(), set);
  EXPECT_EQ(server_.MergedStates(), states);
  EXPECT_EQ(server_.store().LogPosition().value(), 2);
  EXPECT_EQ(server_.store().ListQuarantine("", 0, 10).value().size(), 1u);

  server_.Restart();
  EXPECT_THAT(Outcomes(server_.Push(phone_)),
              ElementsAre("1 ACCEPTED again", "2 MALFORMED again", "3 ACCEPTED again"));
}

TEST_F(SyncHandlerTest, FourDevicesInEveryOrderGiveTheSameSet) {
  // Two teams, two devices each; one edits what another of its person's devices captured.
  std::vector<TestDevice> devices;
  devices.emplace_back(1, MemberOf(1, 1));
  devices.emplace_back(2, MemberOf(2, 1));
  devices.emplace_back(3, MemberOf(3, 2));
  devices.emplace_back(4, MemberOf(1, 1));
  const std::string record = devices[0].Capture(Report(1));
  devices[0].Capture(Report(2));
  devices[1].Capture(Report(3));
  devices[2].Capture(Report(4));
  v1::SessionReport edited = Report(1);
  edited.mutable_title()->set_text("Another title");
  devices[3].Edit(record, Report(1), edited, {record});
  edited.mutable_title()->set_text("A third one");
  devices[0].Edit(record, Report(1), edited, {record});
  devices[1].operations()[0].mutable_parts(0)->set_delta("\xff\xff");
  devices[1].Capture(Report(5));

  std::vector<int> order = {0, 1, 2, 3};
  std::vector<std::string> set;
  std::map<std::string, std::string> states;
  int rounds = 0;
  do {
    test::TempDir folder;
    ProgrammeServer server(folder.File("programme.db"));
    std::vector<TestDevice> fresh = devices;
    for (const int i : order) server.Push(fresh[i]);
    if (rounds++ == 0) {
      set = server.AcceptedSet();
      states = server.MergedStates();
      ASSERT_EQ(set.size(), 6u);
    }
    EXPECT_EQ(server.AcceptedSet(), set);
    EXPECT_EQ(server.MergedStates(), states);
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(rounds, 24);
}

TEST_F(SyncHandlerTest, OneBadOperationDoesNotFailItsNeighbours) {
  const auto spoil = [this](auto change) {
    phone_.Capture(Report(phone_.operations().size()));
    change(phone_.operations().back());
  };
  // Replaces the delta's record in the part of a class.
  const auto with_record = [](v1::WireOperation& wire, const std::string& record) {
    v1::Delta delta;
    delta.set_record(record);
    wire.mutable_parts(0)->set_delta(delta.SerializeAsString());
  };
  phone_.Capture(Report(0));
  spoil([](v1::WireOperation& wire) { wire.mutable_header()->resize(10); });  // 2: cut off
  spoil([&](v1::WireOperation& wire) {                                        // 3
    v1::SessionReport report;
    report.set_language("\xc3\x28");
    with_record(wire, report.SerializePartialAsString());
  });
  spoil([](v1::WireOperation& wire) {  // 4: ten million bytes
    wire.mutable_parts(0)->set_delta(std::string(10'000'000, 'x'));
  });
  spoil([&](v1::WireOperation& wire) {  // 5
    v1::SessionReport report;
    report.mutable_dates()->set_earliest("2026-02-31");
    report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
    with_record(wire, report.SerializeAsString());
  });
  spoil([&](v1::WireOperation& wire) {  // 6: a TEAM value in a PROGRAMME part
    v1::SessionReport report;
    report.mutable_narrative()->set_text("for the team");
    with_record(wire, report.SerializeAsString());
    wire.mutable_parts()->DeleteSubrange(1, wire.parts_size() - 1);
  });
  spoil([](v1::WireOperation& wire) {  // 7: another team's
    v1::Header header;
    header.ParseFromString(wire.header());
    header.set_team_id(TestId("tem", 9));
    wire.set_header(header.SerializeAsString());
  });
  spoil([](v1::WireOperation& wire) {  // 8: a role never held
    v1::Header header;
    header.ParseFromString(wire.header());
    header.set_author_role(v1::ROLE_ME_OFFICER);
    wire.set_header(header.SerializeAsString());
  });
  spoil([](v1::WireOperation& wire) {
    wire.mutable_parts()->Clear();  // 9: nothing but a header
    wire.clear_header();
  });
  phone_.Capture(Report(10));

  const v1::SyncResponse response = server_.Push(phone_);
  EXPECT_THAT(Outcomes(response),
              ElementsAre("1 ACCEPTED", "2 MALFORMED", "3 INVALID_UTF8", "4 TOO_LARGE",
                          "5 INVALID_VALUE", "6 PRIVACY_CLASS", "7 NOT_AUTHORISED",
                          "8 NOT_AUTHORISED", "9 MALFORMED", "10 ACCEPTED"));
  EXPECT_EQ(response.acknowledged_device_seq(), 10u);
  EXPECT_EQ(server_.store().LogPosition().value(), 2);
  EXPECT_EQ(response.results(4).field(), "dates.earliest");
  EXPECT_THAT(response.results(4).message(), HasSubstr("2026-02-31"));
  // The response survives the wire: no ill-formed string in it.
  v1::SyncResponse parsed;
  EXPECT_TRUE(parsed.ParseFromString(response.SerializeAsString()));

  // The server keeps what it could not take, up to a limit, for the desk.
  const std::vector<QuarantineRow> quarantine = server_.store().ListQuarantine("", 0, 100).value();
  ASSERT_EQ(quarantine.size(), 8u);
  EXPECT_GT(quarantine[2].size_bytes, 10'000'000u);
  std::optional<QuarantineRow> kept;
  ASSERT_TRUE(server_.store()
                  .Read([&](StoreReads& reads) {
                    kept = reads.FindQuarantined(phone_.device_id(), 4).value();
                    return absl::OkStatus();
                  })
                  .ok());
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->bytes.size(), kMaxQuarantineBytesPerOperation);
  EXPECT_EQ(kept->hash, OperationHash(phone_.operations()[3]));
}

TEST_F(SyncHandlerTest, QuarantineOfOneDeviceIsBounded) {
  const std::string junk(60'000, 'x');
  for (int i = 0; i < 100; ++i) {
    phone_.Capture(Report(i));
    phone_.operations().back().set_header(junk);
  }
  for (uint64_t after = 0; after < 100; after += 20) {
    v1::SyncRequest request = phone_.Request(after);
    request.mutable_operations()->DeleteSubrange(20, request.operations_size() - 20);
    ASSERT_TRUE(server_.Handle(request, alice_).ok());
  }
  const DeviceRow device = server_.store().FindDevice(phone_.device_id()).value().value();
  EXPECT_EQ(device.acknowledged_seq, 100u);
  EXPECT_EQ(device.quarantine_rows, 100);
  EXPECT_LE(device.quarantine_bytes, kMaxQuarantineBytesPerDevice);
  EXPECT_GT(device.quarantine_bytes, kMaxQuarantineBytesPerDevice - 70'000);
  EXPECT_THAT(Outcomes(server_.Handle(phone_.Request(99), alice_).value()),
              ElementsAre("100 INVALID_VALUE again"));
}

TEST_F(SyncHandlerTest, AClonedDatabaseIsToldToTakeANewId) {
  phone_.Capture(Report(1));
  server_.Push(phone_);
  TestDevice copy = phone_;  // The database on a second phone.
  phone_.Capture(Report(2));
  copy.Capture(Report(3));
  // Both minted from the same state; a real device's ids are random.
  copy.operations().pop_back();
  TestDevice other(77, alice_);
  other.Capture(Report(3));
  copy.AppendWire(other.operations()[0]);

  server_.Push(phone_);
  const auto set = server_.AcceptedSet();
  copy.Capture(Report(4));
  v1::SyncResponse response = server_.Push(copy);
  EXPECT_EQ(response.directive(), v1::DEVICE_DIRECTIVE_TAKE_NEW_DEVICE_ID);
  EXPECT_THAT(response.results(), IsEmpty());
  EXPECT_THAT(response.feed(), IsEmpty());
  EXPECT_FALSE(response.has_next_cursor());
  EXPECT_EQ(response.acknowledged_device_seq(), 2u);
  EXPECT_GE(response.lamport_max(), 2u);
  EXPECT_EQ(server_.AcceptedSet(), set);

  // Numbered anew under another id, what both had is known and the rest is taken.
  copy.TakeNewDeviceId(2);
  copy.operations().pop_back();  // Its id is one that the other phone has used in this test.
  response = server_.Push(copy);
  EXPECT_THAT(Outcomes(response), ElementsAre("1 ACCEPTED again", "2 ACCEPTED"));
  EXPECT_EQ(server_.AcceptedSet().size(), 3u);
}

TEST_F(SyncHandlerTest, AnotherIncarnationOfADeviceIsAnotherDatabase) {
  phone_.Capture(Report(1));
  server_.Push(phone_);
  v1::SyncRequest request = phone_.Request(1);
  request.set_database_incarnation("another database");
  EXPECT_EQ(server_.Handle(request, alice_).value().directive(),
            v1::DEVICE_DIRECTIVE_TAKE_NEW_DEVICE_ID);
}

TEST_F(SyncHandlerTest, TheSameIdWithOtherBytesIsRejected) {
  phone_.Capture(Report(1));
  server_.Push(phone_);
  phone_.Capture(Report(2));
  v1::Header header;
  header.ParseFromString(phone_.operations()[0].header());
  header.set_lamport(header.lamport() + 1);
  v1::WireOperation twisted = phone_.operations()[0];
  twisted.set_header(header.SerializeAsString());
  phone_.AppendWire(twisted);
  phone_.Capture(Report(3));
  EXPECT_THAT(Outcomes(server_.Push(phone_, 1)),
              ElementsAre("2 ACCEPTED", "3 ID_REUSED", "4 ACCEPTED"));
  EXPECT_EQ(server_.store().LogPosition().value(), 3);
  EXPECT_THAT(Outcomes(server_.Push(phone_, 2)),
              ElementsAre("3 ID_REUSED again", "4 ACCEPTED again"));
}

TEST_F(SyncHandlerTest, GapsAreAppliedReportedAndMayBeFilled) {
  for (int i = 0; i < 6; ++i) phone_.Capture(Report(i));
  v1::SyncRequest request = phone_.Request();
  request.mutable_operations()->DeleteSubrange(1, 2);  // 2 and 3
  request.mutable_operations()->DeleteSubrange(2, 1);  // 5
  v1::SyncResponse response = server_.Handle(request, alice_).value();
  EXPECT_THAT(Outcomes(response), ElementsAre("1 ACCEPTED", "4 ACCEPTED", "6 ACCEPTED"));
  EXPECT_EQ(response.acknowledged_device_seq(), 6u);
  const auto gaps = [this] {
    std::vector<std::string> ranges;
    const DeviceRow device = server_.store().FindDevice(phone_.device_id()).value().value();
    EXPECT_TRUE(server_.store()
                    .Read([&](StoreReads& reads) {
                      const auto found = reads.SequenceGaps(device, 10).value();
                      for (const SequenceGap& gap : found) {
                        ranges.push_back(absl::StrCat(gap.first, "-", gap.last));
                      }
                      return absl::OkStatus();
                    })
                    .ok());
    return ranges;
  };
  EXPECT_THAT(gaps(), ElementsAre("2-3", "5-5"));
  response = server_.Push(phone_);
  EXPECT_THAT(Outcomes(response),
              ElementsAre("1 ACCEPTED again", "2 ACCEPTED", "3 ACCEPTED", "4 ACCEPTED again",
                          "5 ACCEPTED", "6 ACCEPTED again"));
  EXPECT_THAT(gaps(), IsEmpty());
}

TEST_F(SyncHandlerTest, ADeviceBelongsToOnePerson) {
  phone_.Capture(Report(1));
  server_.Push(phone_);
  const absl::Status status = ErrorOf(phone_.Request(1), bob_);
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()), HasSubstr(phone_.device_id()));
  EXPECT_THAT(std::string(status.message()), HasSubstr("enrol"));
}

TEST_F(SyncHandlerTest, AnotherProgrammesCredentialIsRefused) {
  Caller foreign = alice_;
  foreign.grant.programme_id = TestId("prg", 2);
  EXPECT_EQ(ErrorOf(phone_.Request(), foreign).code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(SyncHandlerTest, WhatWasWrittenInTheOldTeamIsTakenAfterAMove) {
  phone_.Capture(Report(1));
  Caller moved = MemberOf(1, 2);
  moved.grant.team_ids.insert(TestId("tem", 1));
  phone_.set_owner(moved);
  phone_.Capture(Report(2));
  const v1::SyncResponse response = server_.Push(phone_);
  EXPECT_THAT(Outcomes(response), ElementsAre("1 ACCEPTED", "2 ACCEPTED"));
  EXPECT_EQ(response.membership().team_id(), TestId("tem", 2));
  EXPECT_EQ(server_.store().ReadLog(0, 1).value()[0].wire.header(),
            phone_.operations()[0].header());
}

TEST_F(SyncHandlerTest, ASuspendedDeviceFillsTheQuarantineAndHearsNothing) {
  phone_.Capture(Report(1));
  server_.Push(phone_);
  ASSERT_TRUE(
      server_.Write([](StoreWriter& writer) { return writer.PutFeed("p", "state:x", kNoDay, ""); })
          .ok());
  phone_.Capture(Report(2));
  Caller suspended = alice_;
  suspended.suspended = true;
  v1::SyncResponse response = server_.Handle(phone_.Request(), suspended).value();
  EXPECT_EQ(response.directive(), v1::DEVICE_DIRECTIVE_SUSPENDED);
  EXPECT_THAT(Outcomes(response), ElementsAre("1 ACCEPTED again", "2 SUSPENDED"));
  EXPECT_EQ(response.acknowledged_device_seq(), 1u);
  EXPECT_THAT(response.feed(), IsEmpty());
  EXPECT_FALSE(response.has_next_cursor());
  EXPECT_EQ(server_.store().LogPosition().value(), 1);
  EXPECT_EQ(server_.store().ListQuarantine("", 0, 10).value().size(), 1u);
  // Pulling alone gives nothing either, whether it is noted or not.
  for (int i = 0; i < 2; ++i) {
    response = server_.Handle(phone_.Request(2), suspended).value();
    EXPECT_EQ(response.directive(), v1::DEVICE_DIRECTIVE_SUSPENDED);
    EXPECT_THAT(response.feed(), IsEmpty());
    server_.clock().Advance(absl::Hours(1));
  }

  // Lifted: the device re-sends what was not acknowledged.
  response = server_.Push(phone_, 1);
  EXPECT_THAT(Outcomes(response), ElementsAre("2 ACCEPTED"));
  EXPECT_EQ(response.acknowledged_device_seq(), 2u);
  EXPECT_THAT(server_.store().ListQuarantine("", 0, 10).value(), IsEmpty());
}

TEST_F(SyncHandlerTest, SoftwareThatIsTooOldOrTooNewIsToldAndNothingIsTaken) {
  phone_.Capture(Report(1));
  const auto directive = [this](auto change) {
    v1::SyncRequest request = phone_.Request();
    change(request);
    const v1::SyncResponse response = server_.Handle(request, alice_).value();
    EXPECT_THAT(response.results(), IsEmpty());
    return response.directive();
  };
  EXPECT_EQ(directive([](auto& r) { r.set_protocol_version(kProtocolVersion + 1); }),
            v1::DEVICE_DIRECTIVE_UPDATE_SOFTWARE);
  EXPECT_EQ(directive([](auto& r) { r.set_min_schema_level(kSchemaLevel + 1); }),
            v1::DEVICE_DIRECTIVE_UPDATE_SOFTWARE);
  EXPECT_EQ(directive([](auto& r) { r.set_max_schema_level(kSchemaLevel - 1); }),
            v1::DEVICE_DIRECTIVE_UPDATE_SOFTWARE);
  EXPECT_EQ(directive([](auto& r) { r.set_schema_level(0); }),
            v1::DEVICE_DIRECTIVE_UPDATE_SOFTWARE);
  EXPECT_EQ(server_.store().LogPosition().value(), 0);
  // A newer client that still reads our level may write newer operations.
  v1::SyncRequest request = phone_.Request();
  request.set_schema_level(kSchemaLevel + 1);
  request.set_max_schema_level(kSchemaLevel + 1);
  EXPECT_THAT(Outcomes(server_.Handle(request, alice_).value()), ElementsAre("1 ACCEPTED"));
}

TEST_F(SyncHandlerTest, RequestsThatBreakTheProtocolNameTheField) {
  phone_.Capture(Report(1));
  phone_.Capture(Report(2));
  const auto error = [this](auto change) {
    v1::SyncRequest request = phone_.Request();
    change(request);
    const absl::Status status = ErrorOf(request, alice_);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(error([](auto& r) { r.set_device_id("phone"); }), HasSubstr("device_id"));
  EXPECT_THAT(error([](auto& r) { r.set_device_id(TestId("rep", 1)); }), HasSubstr("device_id"));
  EXPECT_THAT(error([](auto& r) { r.set_database_incarnation("short"); }),
              HasSubstr("database_incarnation"));
  EXPECT_THAT(
      error([](auto& r) { r.mutable_state()->set_software_version(std::string(1000, 'x')); }),
      HasSubstr("state"));
  EXPECT_THAT(error([](auto& r) { r.mutable_operations(1)->set_device_seq(1); }),
              HasSubstr("device_seq"));
  EXPECT_THAT(error([](auto& r) { r.mutable_operations(0)->set_device_seq(0); }),
              HasSubstr("device_seq"));
  EXPECT_THAT(error([](auto& r) { r.mutable_operations(1)->set_device_seq(~uint64_t{0}); }),
              HasSubstr("device_seq"));
  EXPECT_EQ(server_.store().LogPosition().value(), 0);
}

TEST_F(SyncHandlerTest, AnEnormousRequestIsTakenInPart) {
  const std::string junk(60'000, 'x');
  for (int i = 0; i < 80; ++i) {
    phone_.Capture(Report(i));
    phone_.operations().back().set_header(junk);
  }
  const v1::SyncResponse response = server_.Handle(phone_.Request(), alice_).value();
  EXPECT_LT(response.results_size(), 80);
  EXPECT_GT(response.results_size(), 60);
  EXPECT_EQ(response.acknowledged_device_seq(), static_cast<uint64_t>(response.results_size()));
}

TEST_F(SyncHandlerTest, PullingAloneIsNotACommitEveryTime) {
  server_.Push(phone_);
  const auto last_seen = [this] {
    return server_.store().FindDevice(phone_.device_id()).value()->last_seen_ms;
  };
  const int64_t first = last_seen();
  server_.clock().Advance(absl::Seconds(30));
  bool answered = false;
  server_.handler().Handle(
      phone_.Request(), alice_,
      [&answered](const absl::StatusOr<v1::SyncResponse>& response) { answered = response.ok(); });
  EXPECT_TRUE(answered);  // Without a flush.
  EXPECT_EQ(last_seen(), first);
  server_.clock().Advance(absl::Minutes(2));
  v1::SyncRequest request = phone_.Request();
  request.mutable_state()->set_outbox_depth(7);
  ASSERT_TRUE(server_.Handle(request, alice_).ok());
  EXPECT_GT(last_seen(), first);
  EXPECT_EQ(server_.store().FindDevice(phone_.device_id()).value()->state.outbox_depth(), 7u);
}

TEST_F(SyncHandlerTest, AnUnknownFieldOfANewerClientIsKept) {
  v1::SessionReport report = Report(1);
  report.GetReflection()->MutableUnknownFields(&report)->AddLengthDelimited(900, "from the future");
  const std::string record = phone_.Capture(report);
  EXPECT_THAT(Outcomes(server_.Push(phone_)), ElementsAre("1 ACCEPTED"));
  EXPECT_THAT(server_.MergedStates()[record], HasSubstr("from the future"));
}

TEST_F(SyncHandlerTest, AnOverloadedServerRefusesWithAHint) {
  GroupCommit commit(server_.store(), {.max_queued_works = 1});
  SyncHandler handler(server_.store(), commit, server_.clock());
  phone_.Capture(Report(1));
  std::vector<absl::Status> answers;
  const auto note = [&answers](const absl::StatusOr<v1::SyncResponse>& response) {
    answers.push_back(response.status());
  };
  handler.Handle(phone_.Request(), alice_, note);
  TestDevice second(2, bob_);
  second.Capture(Report(2));
  handler.Handle(second.Request(), bob_, note);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(RetryHint(answers[0]).has_value());
  commit.Flush();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[1].ok());
}

TEST_F(SyncHandlerTest, TheExecutorRunsWhatFollowsTheCommit) {
  std::vector<std::function<void()>> later;
  SyncHandler handler(server_.store(), server_.commit(), server_.clock(),
                      [&later](std::function<void()> rest) { later.push_back(std::move(rest)); });
  phone_.Capture(Report(1));
  bool answered = false;
  handler.Handle(
      phone_.Request(), alice_,
      [&answered](const absl::StatusOr<v1::SyncResponse>& response) { answered = response.ok(); });
  server_.Pump();
  EXPECT_FALSE(answered);
  ASSERT_EQ(later.size(), 1u);
  later[0]();
  EXPECT_TRUE(answered);
}

}  // namespace
}  // namespace baraza::server
