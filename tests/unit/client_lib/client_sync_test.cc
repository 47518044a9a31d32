// The client against a server in memory, over a line with faults.

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "core/model/merge.h"
#include "core/model/operation.h"
#include "tests/unit/client_lib/testing/device.h"

namespace baraza::client {
namespace {

using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ClientSyncTest : public testing::Test {
 protected:
  ClientSyncTest() { phone_.Enrol(sample_); }

  v1::FeedPayload StateOf(v1::RecordType type, const std::string& id,
                          const google::protobuf::Message& record, uint64_t lamport) {
    v1::FeedPayload payload;
    v1::FeedRecord& state = *payload.mutable_record();
    state.set_record_id(id);
    state.set_type(type);
    state.set_team_id(sample_.other_team);
    state.set_record(record.SerializeAsString());
    state.add_heads(id);
    state.set_lamport(lamport);
    return payload;
  }

  void PublishTeam(const std::string& id, const std::string& title, uint64_t lamport = 5) {
    v1::Team team;
    team.set_id(id);
    team.set_title(title);
    server_.Publish("state:" + id, StateOf(v1::RECORD_TYPE_TEAM, id, team, lamport));
  }

  FakeServer server_;
  Sample sample_;
  Phone phone_{server_};
};

TEST_F(ClientSyncTest, PushesWhatWasCapturedOfflineAndAcknowledges) {
  phone_.transport.SetDown(true);
  for (int day = 1; day <= 5; ++day) phone_.Capture(Sample::Report("Forum", day));
  EXPECT_THAT(phone_.client->Sync(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(phone_.Status().outbox(), 5u);
  EXPECT_THAT(phone_.Status().last_error(), HasSubstr("no network"));
  EXPECT_THAT(phone_.waits, SizeIs(kDefaultSyncAttempts - 1));

  phone_.transport.SetDown(false);
  const v1::SyncSummary summary = phone_.Sync();
  EXPECT_EQ(summary.accepted(), 5u);
  EXPECT_EQ(summary.progress().round_trips(), 1u);
  EXPECT_EQ(server_.OperationCount(), 5u);
  const v1::ClientStatus status = phone_.Status();
  EXPECT_EQ(status.outbox(), 0u);
  EXPECT_EQ(status.last_error(), "");
  EXPECT_EQ(status.last_sync_ms(), 1'770'000'000'000);
  EXPECT_EQ(status.clock_skew_ms(), absl::ToUnixMillis(phone_.clock.Now()) - 1'770'000'000'000);
  EXPECT_FALSE(phone_.client->Get(phone_.Ids(v1::RECORD_TYPE_SESSION_REPORT)[0])->pending());
}

TEST_F(ClientSyncTest, StepByStepAnEventLoopSyncsWhileOthersCapture) {
  const std::string first = phone_.Capture(Sample::Report("First")).state().record_id();
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<SyncRun> run, phone_.client->StartSync({}));
  EXPECT_THAT(phone_.client->StartSync({}), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(phone_.client->Sync(), StatusIs(absl::StatusCode::kFailedPrecondition));

  // A broken line: the same operations again after a wait.
  ASSERT_TRUE(std::holds_alternative<SyncEngine::Send>(run->Next()));
  run->OnError(absl::UnavailableError("no network"));
  ASSERT_TRUE(std::holds_alternative<SyncEngine::Wait>(run->Next()));
  run->OnWaited();
  const SyncEngine::Instruction again = run->Next();
  const auto* send = std::get_if<SyncEngine::Send>(&again);
  ASSERT_NE(send, nullptr);
  EXPECT_EQ(send->request.operations_size(), 1);
  const std::string second = phone_.Capture(Sample::Report("Second")).state().record_id();
  ASSERT_OK_AND_ASSIGN(const v1::SyncResponse response, server_.Handle(send->request));
  run->OnResponse(response);
  for (SyncEngine::Instruction next = run->Next(); !std::holds_alternative<SyncEngine::Done>(next);
       next = run->Next()) {
    const auto* more = std::get_if<SyncEngine::Send>(&next);
    ASSERT_NE(more, nullptr);
    ASSERT_OK_AND_ASSIGN(const v1::SyncResponse answer, server_.Handle(more->request));
    run->OnResponse(answer);
  }
  EXPECT_TRUE(server_.Holds(first));
  EXPECT_TRUE(server_.Holds(second));
  EXPECT_EQ(run->summary().accepted(), 2u);
  EXPECT_EQ(phone_.Status().outbox(), 0u);

  // A run that is over makes room for the next; one that is dropped is cancelled.
  ASSERT_OK_AND_ASSIGN(run, phone_.client->StartSync({}));
  ASSERT_TRUE(std::holds_alternative<SyncEngine::Send>(run->Next()));
  run = nullptr;
  EXPECT_EQ(phone_.Status().phase(), v1::SYNC_PHASE_IDLE);
  EXPECT_OK(phone_.client->Sync());
}

TEST_F(ClientSyncTest, ALostResponseChangesNothing) {
  phone_.Capture(Sample::Report("Forum"));
  phone_.Capture(Sample::Report("Second"));
  server_.LoseNextResponses(2);
  const v1::SyncSummary summary = phone_.Sync();
  EXPECT_EQ(summary.accepted(), 2u);
  EXPECT_EQ(server_.OperationCount(), 2u);
  EXPECT_EQ(phone_.Status().outbox(), 0u);
}

TEST_F(ClientSyncTest, AKilledClientSendsAgainAfterALostResponse) {
  phone_.Capture(Sample::Report("Forum"));
  server_.LoseNextResponses(1);
  Client::SyncOptions once;
  once.max_attempts = 1;
  EXPECT_THAT(phone_.client->Sync(once), StatusIs(absl::StatusCode::kUnavailable));
  phone_.Open();
  EXPECT_EQ(phone_.Status().outbox(), 1u);
  EXPECT_EQ(phone_.Sync().accepted(), 1u);
  EXPECT_EQ(server_.OperationCount(), 1u);
}

TEST_F(ClientSyncTest, TwoPhonesOfATeamSeeEachOther) {
  Phone other(server_, 2);
  ASSERT_OK(other.client->Bind(sample_.Enrolment(sample_.bruno, "epoch-1"), "127.0.0.1:1", ""));
  const v1::ClientRecord report = phone_.Capture(Sample::Report("Forum"));
  phone_.Sync();
  other.Sync();
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord seen, other.client->Get(report.state().record_id()));
  EXPECT_EQ(seen.state().SerializeAsString(), report.state().SerializeAsString());
  EXPECT_FALSE(seen.pending());
  // Another collector's report is not Bruno's to change.
  v1::Record after = seen.record();
  after.mutable_session_report()->mutable_title()->set_text("Bruno's title");
  EXPECT_THAT(other.client->Edit(report.state().record_id(), after),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(other.Status().outbox(), 0u);
}

TEST_F(ClientSyncTest, ConcurrentEditsOfOnePersonsTwoDevicesConflictVisiblyAndResolve) {
  Phone tablet(server_, 3);
  tablet.Enrol(sample_);
  const std::string id = phone_.Capture(Sample::Report("Forum")).state().record_id();
  phone_.Sync();
  tablet.Sync();
  const auto retitle = [&](Phone& phone, const std::string& title) {
    v1::Record after = phone.client->Get(id)->record();
    after.mutable_session_report()->mutable_title()->set_text(title);
    ASSERT_OK(phone.client->Edit(id, after));
  };
  retitle(phone_, "From the phone");
  retitle(tablet, "From the tablet");
  phone_.Sync();
  tablet.Sync();
  phone_.Sync();
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord here, phone_.client->Get(id));
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord there, tablet.client->Get(id));
  EXPECT_EQ(here.state().SerializeAsString(), there.state().SerializeAsString());
  ASSERT_THAT(here.state().conflicts(), SizeIs(1));
  EXPECT_EQ(phone_.Status().conflicts(), 1u);

  const v1::Conflict& conflict = here.state().conflicts(0);
  ASSERT_OK(
      phone_.client->ResolveConflict(id, conflict.field_number(), "", conflict.losers(0).op_id()));
  phone_.Sync();
  tablet.Sync();
  EXPECT_THAT(tablet.client->Get(id)->state().conflicts(), IsEmpty());
  EXPECT_EQ(tablet.client->Get(id)->state().SerializeAsString(),
            phone_.client->Get(id)->state().SerializeAsString());
}

TEST_F(ClientSyncTest, ARejectedOperationIsShownAndBlocksNothing) {
  const std::string bad = phone_.Capture(Sample::Report("Bad")).state().record_id();
  const std::string good = phone_.Capture(Sample::Report("Good")).state().record_id();
  server_.SetJudge([&](const v1::Header& header) -> std::optional<v1::RejectionReason> {
    if (header.op_id() == bad) return v1::REJECTION_REASON_INVALID_VALUE;
    return std::nullopt;
  });
  const v1::SyncSummary summary = phone_.Sync();
  EXPECT_EQ(summary.accepted(), 1u);
  EXPECT_EQ(summary.rejected(), 1u);
  EXPECT_TRUE(server_.Holds(good));
  EXPECT_EQ(phone_.Status().quarantined(), 1u);
  EXPECT_EQ(phone_.Status().outbox(), 0u);
  ASSERT_OK_AND_ASSIGN(const auto entries, phone_.client->Quarantine());
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].op_id(), bad);
  EXPECT_EQ(entries[0].reason(), v1::REJECTION_REASON_INVALID_VALUE);
  EXPECT_EQ(entries[0].message(), "rejected by the test");
  EXPECT_NE(entries[0].operation().header(), "");

  // A further sync sends nothing; the entry stays over reopening.
  const size_t requests = server_.Requests().size();
  phone_.Open();
  phone_.Sync();
  EXPECT_EQ(server_.Requests().size(), requests + 1);
  EXPECT_EQ(server_.Requests().back().operations_size(), 0);
  EXPECT_EQ(server_.Requests().back().state().quarantine_depth(), 1u);

  // Its content goes into a new record.
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord again, phone_.client->RecaptureQuarantined(bad));
  EXPECT_NE(again.state().record_id(), bad);
  EXPECT_EQ(again.record().session_report().title().text(), "Bad");
  EXPECT_THAT(*phone_.client->Quarantine(), IsEmpty());
  EXPECT_EQ(phone_.Sync().accepted(), 1u);
  EXPECT_THAT(phone_.client->RecaptureQuarantined(bad), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ClientSyncTest, ARejectedCreationIsRecapturedWithItsEditsAndLocalValues) {
  const v1::ClientRecord source = phone_.Capture(Sample::Interview("Mama Zuhura"));
  const std::string id = source.state().record_id();
  v1::Record after = source.record();
  after.mutable_source()->set_language("sw");
  ASSERT_OK(phone_.client->Edit(id, after));
  server_.SetJudge([&](const v1::Header& header) -> std::optional<v1::RejectionReason> {
    if (header.record_id() == id) return v1::REJECTION_REASON_NOT_AUTHORISED;
    return std::nullopt;
  });
  EXPECT_EQ(phone_.Sync().rejected(), 2u);
  ASSERT_OK_AND_ASSIGN(const auto entries, phone_.client->Quarantine());
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_THAT(phone_.client->RecaptureQuarantined(entries[1].op_id()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord again, phone_.client->RecaptureQuarantined(id));
  EXPECT_EQ(again.record().source().language(), "sw");
  EXPECT_EQ(again.local().source().informant_name(), "Mama Zuhura");
  EXPECT_THAT(*phone_.client->Quarantine(), IsEmpty());
  EXPECT_EQ(phone_.Sync().accepted(), 1u);
  EXPECT_THAT(server_.Received(), Not(HasSubstr("Zuhura")));
}

TEST_F(ClientSyncTest, ARejectedEditIsRecapturedCorrected) {
  const v1::ClientRecord report = phone_.Capture(Sample::Report("Forum"));
  const std::string id = report.state().record_id();
  phone_.Sync();
  v1::Record after = report.record();
  after.mutable_session_report()->mutable_title()->set_text("Refused");
  ASSERT_OK(phone_.client->Edit(id, after));
  server_.SetJudge([&](const v1::Header&) { return v1::REJECTION_REASON_INVALID_VALUE; });
  phone_.Sync();
  // The record is as the server has it.
  EXPECT_EQ(phone_.client->Get(id)->record().session_report().title().text(), "Forum");
  server_.SetJudge(nullptr);
  ASSERT_OK_AND_ASSIGN(const auto entries, phone_.client->Quarantine());
  ASSERT_THAT(entries, SizeIs(1));
  after.mutable_session_report()->mutable_title()->set_text("Corrected");
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord corrected,
                       phone_.client->RecaptureQuarantined(entries[0].op_id(), after));
  EXPECT_EQ(corrected.record().session_report().title().text(), "Corrected");
  EXPECT_EQ(phone_.Sync().accepted(), 1u);
  EXPECT_THAT(*phone_.client->Quarantine(), IsEmpty());
}

TEST_F(ClientSyncTest, DismissedEntriesGoAndTheirOperationsStay) {
  phone_.Capture(Sample::Report("Bad"));
  server_.SetJudge([](const v1::Header&) { return v1::REJECTION_REASON_INVALID_VALUE; });
  phone_.Sync();
  const std::string op_id = (*phone_.client->Quarantine())[0].op_id();
  ASSERT_OK(phone_.client->DismissQuarantined(op_id));
  EXPECT_THAT(*phone_.client->Quarantine(), IsEmpty());
  EXPECT_THAT(phone_.client->DismissQuarantined(op_id), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(phone_.Bytes(), HasSubstr(op_id));
}

TEST_F(ClientSyncTest, ARestoredServerGetsBackWhatItLost) {
  for (int day = 1; day <= 3; ++day) phone_.Capture(Sample::Report("Before", day));
  phone_.Sync();
  const FakeServer::Data backup = server_.Backup();
  for (int day = 4; day <= 6; ++day) phone_.Capture(Sample::Report("After", day));
  phone_.Sync();
  EXPECT_EQ(server_.OperationCount(), 6u);
  server_.Restore(backup, "epoch-2");
  const v1::SyncSummary summary = phone_.Sync();
  // All of them: an answer that got lost since may have brought the server's greatest number back.
  EXPECT_EQ(summary.sent_again(), 6u);
  EXPECT_EQ(server_.OperationCount(), 6u);
  EXPECT_EQ(phone_.Status().outbox(), 0u);
  EXPECT_TRUE(summary.feed_was_reset());
  EXPECT_THAT(phone_.Ids(v1::RECORD_TYPE_SESSION_REPORT), SizeIs(6));
}

// The first request after the restore carries new operations, so that the server's greatest number
// hides that earlier ones are gone.
TEST_F(ClientSyncTest, ARestoredServerGetsBackWhatItLostEvenBehindNewOperations) {
  phone_.Capture(Sample::Report("Before", 1));
  phone_.Sync();
  const FakeServer::Data backup = server_.Backup();
  for (int day = 4; day <= 6; ++day) phone_.Capture(Sample::Report("After", day));
  phone_.Sync();
  server_.Restore(backup, "epoch-2");
  phone_.Capture(Sample::Report("New", 9));
  phone_.Sync();
  EXPECT_EQ(server_.OperationCount(), 5u);
  EXPECT_EQ(phone_.Status().outbox(), 0u);
}

TEST_F(ClientSyncTest, ADatabaseCopiedToASecondPhoneTakesANewDeviceId) {
  phone_.Capture(Sample::Report("Both have this", 1));
  phone_.Sync();
  phone_.Capture(Sample::Report("Both have this too", 2));
  phone_.client.reset();
  Phone copy(server_, 77);
  copy.client.reset();
  std::filesystem::copy_file(phone_.path(), copy.path(),
                             std::filesystem::copy_options::overwrite_existing);
  phone_.Open();
  copy.Open();
  const std::string device = phone_.client->DeviceId();
  ASSERT_EQ(copy.client->DeviceId(), device);

  phone_.Capture(Sample::Report("Only here", 3));
  copy.Capture(Sample::Report("Only there", 4));
  EXPECT_EQ(phone_.Sync().took_new_device_id(), false);
  const v1::SyncSummary summary = copy.Sync();
  EXPECT_TRUE(summary.took_new_device_id());
  EXPECT_NE(copy.client->DeviceId(), device);
  phone_.Sync();
  EXPECT_EQ(server_.OperationCount(), 4u);
  EXPECT_EQ(phone_.Ids(v1::RECORD_TYPE_SESSION_REPORT), copy.Ids(v1::RECORD_TYPE_SESSION_REPORT));
  EXPECT_EQ(phone_.Status().outbox() + copy.Status().outbox(), 0u);
  EXPECT_NE(server_.Requests().front().database_incarnation(), copy.client->DeviceId());
  // It stays a device of its own.
  copy.Capture(Sample::Report("Later", 5));
  EXPECT_FALSE(copy.Sync().took_new_device_id());
  EXPECT_EQ(server_.OperationCount(), 5u);
}

TEST_F(ClientSyncTest, ADatabaseRestoredFromAnOlderCopyTakesANewDeviceId) {
  phone_.Capture(Sample::Report("First", 1));
  phone_.Sync();
  phone_.client.reset();
  const std::string backup = phone_.dir.File("backup.db");
  std::filesystem::copy_file(phone_.path(), backup);
  phone_.Open();
  phone_.Capture(Sample::Report("Second", 2));
  phone_.Sync();
  const std::string device = phone_.client->DeviceId();
  phone_.client.reset();
  std::filesystem::copy_file(backup, phone_.path(),
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove(phone_.path() + "-wal");
  phone_.Open();
  EXPECT_TRUE(phone_.Sync().took_new_device_id());
  EXPECT_NE(phone_.client->DeviceId(), device);
  // What the copy did not have came back with the feed.
  EXPECT_THAT(phone_.Ids(v1::RECORD_TYPE_SESSION_REPORT), SizeIs(2));
  phone_.Capture(Sample::Report("Third", 3));
  EXPECT_EQ(phone_.Sync().accepted(), 1u);
  EXPECT_EQ(server_.OperationCount(), 3u);
}

TEST_F(ClientSyncTest, RegisterDataArrivesChangesAndGoes) {
  const std::string team = sample_.Id("tem");
  PublishTeam(team, "Kisauni");
  phone_.Sync();
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord seen, phone_.client->Get(team));
  EXPECT_EQ(seen.record().team().title(), "Kisauni");
  EXPECT_FALSE(seen.pending());
  PublishTeam(team, "Kisauni North", 6);
  phone_.Sync();
  EXPECT_EQ(phone_.client->Get(team)->record().team().title(), "Kisauni North");
  server_.Remove("state:" + team);
  phone_.Sync();
  EXPECT_THAT(phone_.client->Get(team), StatusIs(absl::StatusCode::kNotFound));
  // A collector does not write the register.
  PublishTeam(team, "Kisauni", 7);
  phone_.Sync();
  v1::Record after = phone_.client->Get(team)->record();
  after.mutable_team()->set_title("Mine");
  EXPECT_THAT(phone_.client->Edit(team, after), StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(ClientSyncTest, AResetFeedDeletesWhatIsNotReSentButNeverOwnOperations) {
  const std::string kept = sample_.Id("tem");
  const std::string gone = sample_.Id("tem");
  PublishTeam(kept, "Kept");
  PublishTeam(gone, "Gone");
  Phone other(server_, 2);
  ASSERT_OK(other.client->Bind(sample_.Enrolment(sample_.bruno, "epoch-1"), "127.0.0.1:1", ""));
  const std::string theirs = other.Capture(Sample::Report("Theirs")).state().record_id();
  other.Sync();
  const std::string acknowledged = phone_.Capture(Sample::Report("Mine")).state().record_id();
  const v1::ClientRecord source = phone_.Capture(Sample::Interview("Zuhura"));
  const std::string rejected = phone_.Capture(Sample::Report("Rejected")).state().record_id();
  server_.SetJudge([&](const v1::Header& header) -> std::optional<v1::RejectionReason> {
    if (header.op_id() == rejected) return v1::REJECTION_REASON_INVALID_VALUE;
    return std::nullopt;
  });
  phone_.Sync();
  EXPECT_OK(phone_.client->Get(theirs));
  EXPECT_OK(phone_.client->Get(gone));

  // Another scope, in which little is left; sent in several pages with a break between.
  server_.Remove("state:" + gone);
  server_.Remove("op:" + theirs);
  server_.Remove("op:" + acknowledged);
  FakeServer::Data data = server_.Backup();
  for (auto it = data.feed.begin(); it != data.feed.end();) {
    it = it->second.action() == v1::FeedItem::ACTION_REMOVE ? data.feed.erase(it) : std::next(it);
  }
  server_.Restore(data, "epoch-1");
  server_.SetScope("scope-2");
  server_.SetFeedPage(1);
  const std::string pending = phone_.Capture(Sample::Report("Pending")).state().record_id();
  server_.FailNext(1, absl::UnavailableError("down"));
  const v1::SyncSummary summary = phone_.Sync();
  EXPECT_TRUE(summary.feed_was_reset());
  EXPECT_GT(summary.progress().round_trips(), 1u);

  EXPECT_OK(phone_.client->Get(kept));
  EXPECT_THAT(phone_.client->Get(gone), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(phone_.client->Get(theirs), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_OK(phone_.client->Get(acknowledged));
  EXPECT_OK(phone_.client->Get(pending));
  EXPECT_EQ(phone_.client->Get(source.state().record_id())->local().source().informant_name(),
            "Zuhura");
  EXPECT_THAT(*phone_.client->Quarantine(), SizeIs(1));
}

TEST_F(ClientSyncTest, AnInterruptedResetDeletesNothingYet) {
  std::vector<std::string> teams;
  for (int i = 0; i < 6; ++i) {
    teams.push_back(sample_.Id("tem"));
    PublishTeam(teams.back(), "Team");
  }
  phone_.Sync();
  server_.SetScope("scope-2");
  server_.SetFeedPage(2);
  server_.Remove("state:" + teams[5]);
  Client::SyncOptions options;
  options.max_attempts = 1;
  int calls = 0;
  options.progress = [&](const v1::SyncProgress&) {
    if (++calls == 2) server_.FailNext(1, absl::UnavailableError("down"));
  };
  EXPECT_THAT(phone_.client->Sync(options), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(phone_.Ids(v1::RECORD_TYPE_TEAM), SizeIs(6));
  phone_.Open();
  phone_.Sync();
  EXPECT_THAT(phone_.Ids(v1::RECORD_TYPE_TEAM), SizeIs(5));
}

TEST_F(ClientSyncTest, AMoveToAnotherTeamKeepsWhatWasCapturedBefore) {
  const v1::ClientRecord before = phone_.Capture(Sample::Report("Before the move"));
  v1::Membership moved = sample_.Enrolment("epoch-1").membership();
  moved.set_team_id(sample_.other_team);
  server_.SetMembership(moved);
  phone_.Sync();
  EXPECT_EQ(phone_.Status().membership().team_id(), sample_.other_team);
  const v1::ClientRecord after = phone_.Capture(Sample::Report("After the move"));
  EXPECT_EQ(after.record().session_report().team_id(), sample_.other_team);
  EXPECT_EQ(phone_.client->Get(before.state().record_id())->record().session_report().team_id(),
            sample_.team);
  phone_.Open();
  EXPECT_EQ(phone_.Status().membership().team_id(), sample_.other_team);
}

TEST_F(ClientSyncTest, LamportsGoBeyondWhatTheServerKnows) {
  server_.SetMangle([](v1::SyncResponse& response) { response.set_lamport_max(1000); });
  phone_.Sync();
  EXPECT_GT(phone_.Capture(Sample::Report("Forum")).state().lamport(), 1000u);
  // An absurd one must not end capture for ever.
  server_.SetMangle([](v1::SyncResponse& response) { response.set_lamport_max(~uint64_t{0}); });
  phone_.Sync();
  EXPECT_LT(phone_.Capture(Sample::Report("Forum")).state().lamport(), 2000u);
}

TEST_F(ClientSyncTest, AnUnknownCredentialPausesAndKeepsEverything) {
  phone_.Capture(Sample::Report("Forum"));
  server_.FailNext(1, absl::UnauthenticatedError("unknown credential"));
  EXPECT_THAT(phone_.client->Sync(),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("enrol again")));
  EXPECT_EQ(phone_.Status().phase(), v1::SYNC_PHASE_PAUSED_AUTHENTICATION);
  EXPECT_EQ(phone_.Status().outbox(), 1u);
  EXPECT_THAT(phone_.waits, IsEmpty());
  ASSERT_OK(phone_.client->Bind(sample_.Enrolment("epoch-1"), "127.0.0.1:1", ""));
  EXPECT_EQ(phone_.Status().phase(), v1::SYNC_PHASE_IDLE);
  EXPECT_EQ(phone_.Sync().accepted(), 1u);
}

TEST_F(ClientSyncTest, ASuspendedDevicePushesIntoQuarantineAndGoesOnWhenThatIsLifted) {
  phone_.Capture(Sample::Report("Before"));
  phone_.Sync();
  const std::string id = phone_.Capture(Sample::Report("Forum")).state().record_id();
  server_.SetDirective(v1::DEVICE_DIRECTIVE_SUSPENDED);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(phone_.client->Sync(),
                StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("suspended")));
    EXPECT_EQ(phone_.Status().phase(), v1::SYNC_PHASE_PAUSED_SUSPENDED);
    ASSERT_OK_AND_ASSIGN(const auto entries, phone_.client->Quarantine());
    ASSERT_THAT(entries, SizeIs(1));
    EXPECT_EQ(entries[0].reason(), v1::REJECTION_REASON_SUSPENDED);
  }
  // It is the office's decision, not a report to be captured twice.
  EXPECT_OK(phone_.client->Get(id));
  EXPECT_THAT(phone_.client->RecaptureQuarantined(id),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(phone_.client->DismissQuarantined(id),
              StatusIs(absl::StatusCode::kFailedPrecondition));

  server_.SetDirective(v1::DEVICE_DIRECTIVE_UNSPECIFIED);
  EXPECT_EQ(phone_.Sync().accepted(), 1u);
  EXPECT_TRUE(server_.Holds(id));
  EXPECT_THAT(*phone_.client->Quarantine(), IsEmpty());
}

TEST_F(ClientSyncTest, SoftwareThatIsTooOldKeepsEverything) {
  phone_.Capture(Sample::Report("Forum"));
  server_.SetDirective(v1::DEVICE_DIRECTIVE_UPDATE_SOFTWARE);
  EXPECT_THAT(phone_.client->Sync(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("update")));
  EXPECT_EQ(phone_.Status().phase(), v1::SYNC_PHASE_PAUSED_UPDATE);
  EXPECT_EQ(phone_.Status().outbox(), 1u);
}

TEST_F(ClientSyncTest, UnknownNewerFieldsSurviveAnEdit) {
  const std::string id = phone_.Capture(Sample::Report("Forum")).state().record_id();
  phone_.Sync();
  // The office's newer software added a field that this one does not know.
  OperationStamp stamp;
  stamp.op_id = sample_.Id("op");
  stamp.record_id = id;
  stamp.record_type = v1::RECORD_TYPE_SESSION_REPORT;
  stamp.programme_id = sample_.programme;
  stamp.team_id = sample_.team;
  stamp.author_id = sample_.amina;
  stamp.author_role = v1::ROLE_COLLECTOR;
  stamp.lamport = 10;
  stamp.parent_op_ids = {id};
  v1::SessionReport before = phone_.client->Get(id)->record().session_report();
  v1::SessionReport newer = before;
  newer.GetReflection()->MutableUnknownFields(&newer)->AddLengthDelimited(900, "from the future");
  ASSERT_OK_AND_ASSIGN(const Operation newest, BuildOperation(stamp, &before, newer));
  v1::FeedPayload payload;
  *payload.mutable_operation() = newest.wire;
  server_.Publish("op:" + stamp.op_id, payload);
  phone_.Sync();

  v1::Record after = phone_.client->Get(id)->record();
  EXPECT_THAT(after.SerializeAsString(), HasSubstr("from the future"));
  after.mutable_session_report()->mutable_title()->set_text("Edited");
  // As an app that goes through a form would do it.
  after.mutable_session_report()
      ->GetReflection()
      ->MutableUnknownFields(after.mutable_session_report())
      ->Clear();
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord edited, phone_.client->Edit(id, after));
  EXPECT_THAT(edited.record().SerializeAsString(), HasSubstr("from the future"));
  EXPECT_EQ(edited.record().session_report().title().text(), "Edited");
}

TEST_F(ClientSyncTest, UnreadableFeedItemsCostThemselvesOnly) {
  const std::string team = sample_.Id("tem");
  v1::FeedPayload nothing;
  server_.Publish("newer:thing", nothing);
  v1::FeedPayload broken;
  broken.mutable_operation()->set_header("\xff\xff");
  server_.Publish("op:broken", broken);
  PublishTeam(team, "Kisauni");
  const v1::SyncSummary summary = phone_.Sync();
  EXPECT_EQ(summary.unreadable_items(), 2u);
  EXPECT_OK(phone_.client->Get(team));
}

TEST_F(ClientSyncTest, AReturnedReportIsCountedAndSubmittedAgainByAnEdit) {
  const std::string id = phone_.Capture(Sample::Report("Forum")).state().record_id();
  phone_.Sync();
  OperationStamp stamp;
  stamp.op_id = sample_.Id("op");
  stamp.record_id = id;
  stamp.record_type = v1::RECORD_TYPE_SESSION_REPORT;
  stamp.programme_id = sample_.programme;
  stamp.author_id = sample_.bruno;
  stamp.author_role = v1::ROLE_ME_OFFICER;
  stamp.lamport = 10;
  stamp.parent_op_ids = {id};
  v1::SessionReport before = phone_.client->Get(id)->record().session_report();
  v1::SessionReport returned = before;
  returned.mutable_review()->set_stage(v1::REPORT_STAGE_RETURNED);
  returned.mutable_review()->mutable_message()->set_text("which town?");
  v1::FeedPayload payload;
  ASSERT_OK_AND_ASSIGN(const Operation returning, BuildOperation(stamp, &before, returned));
  *payload.mutable_operation() = returning.wire;
  server_.Publish("op:" + stamp.op_id, payload);
  phone_.Sync();
  EXPECT_EQ(phone_.Status().returned_reports(), 1u);
  v1::Record after = phone_.client->Get(id)->record();
  EXPECT_EQ(after.session_report().review().message().text(), "which town?");
  after.mutable_session_report()->mutable_venue()->set_locality("Mombasa");
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord edited, phone_.client->Edit(id, after));
  EXPECT_EQ(edited.record().session_report().review().stage(), v1::REPORT_STAGE_SUBMITTED);
  EXPECT_EQ(phone_.Status().returned_reports(), 0u);
}

TEST_F(ClientSyncTest, ARedactionErasesTheBytesHereToo) {
  v1::Record record = Sample::Report("Forum");
  record.mutable_session_report()->mutable_narrative()->set_text("CANARY told me");
  const std::string id = phone_.Capture(record).state().record_id();
  phone_.Sync();
  OperationStamp stamp;
  stamp.op_id = sample_.Id("op");
  stamp.record_id = id;
  stamp.record_type = v1::RECORD_TYPE_SESSION_REPORT;
  stamp.programme_id = sample_.programme;
  stamp.author_id = sample_.bruno;
  stamp.author_role = v1::ROLE_ME_OFFICER;
  stamp.lamport = 10;
  stamp.parent_op_ids = {id};
  v1::Redaction redaction;
  redaction.set_op_id(id);
  redaction.add_classes(v1::PRIVACY_TEAM);
  v1::FeedPayload payload;
  ASSERT_OK_AND_ASSIGN(const Operation redacting, BuildRedaction(stamp, {redaction}));
  *payload.mutable_operation() = redacting.wire;
  server_.Publish("op:" + stamp.op_id, payload);
  phone_.Sync();
  EXPECT_THAT(phone_.client->Get(id)->SerializeAsString(), Not(HasSubstr("CANARY")));
  EXPECT_EQ(phone_.client->Get(id)->record().session_report().title().text(), "Forum");
  phone_.client.reset();  // The log goes into the file.
  EXPECT_THAT(phone_.Bytes(), Not(HasSubstr("CANARY")));
}

TEST_F(ClientSyncTest, QuestionsAreAnsweredOffline) {
  const std::string report = phone_.Capture(Sample::Report("Forum")).state().record_id();
  v1::FeedPayload payload;
  v1::OpenQuestion& question = *payload.mutable_question();
  question.set_id("q1");
  question.set_report_id(report);
  question.mutable_question()->set_code("experiences_shared");
  question.set_addressed_team_id(sample_.team);
  server_.Publish("question:q1", payload);

  const std::string asked = sample_.Id("fup");
  v1::FollowUp follow_up;
  follow_up.set_id(asked);
  follow_up.set_report_id(report);
  follow_up.mutable_question()->set_code("free");
  follow_up.mutable_text()->set_text("who paid the hall?");
  follow_up.set_addressed_team_id(sample_.team);
  server_.Publish("state:" + asked, StateOf(v1::RECORD_TYPE_FOLLOW_UP, asked, follow_up, 3));
  phone_.Sync();
  ASSERT_OK_AND_ASSIGN(auto entries, phone_.client->FollowUps());
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(phone_.Status().open_questions(), 2u);

  phone_.transport.SetDown(true);
  v1::FollowUp::Answer yes;
  yes.set_yes_no(v1::YES_NO_YES);
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord derived, phone_.client->AnswerFollowUp("q1", yes));
  EXPECT_EQ(derived.record().follow_up().report_id(), report);
  v1::FollowUp::Answer text;
  text.mutable_text()->set_text("the county");
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord direct, phone_.client->AnswerFollowUp(asked, text));
  EXPECT_EQ(direct.record().follow_up().answer().text().text(), "the county");
  EXPECT_EQ(direct.record().follow_up().text().text(), "who paid the hall?");
  EXPECT_TRUE(direct.pending());
  EXPECT_EQ(phone_.Status().open_questions(), 0u);
  // An answer can be changed, through either name.
  yes.set_yes_no(v1::YES_NO_NO);
  ASSERT_OK(phone_.client->AnswerFollowUp("q1", yes));
  EXPECT_THAT(phone_.client->AnswerFollowUp("q9", yes), StatusIs(absl::StatusCode::kNotFound));

  phone_.transport.SetDown(false);
  EXPECT_EQ(phone_.Sync().accepted(), 3u);
  EXPECT_EQ(phone_.client->Get(asked)->record().follow_up().answer().text().text(), "the county");
  // The server's state, with the answer, takes the place of what was laid over it.
  follow_up.mutable_answer()->mutable_text()->set_text("the county, says the office");
  server_.Publish("state:" + asked, StateOf(v1::RECORD_TYPE_FOLLOW_UP, asked, follow_up, 50));
  phone_.Sync();
  EXPECT_EQ(phone_.client->Get(asked)->record().follow_up().answer().text().text(),
            "the county, says the office");
}

TEST_F(ClientSyncTest, SessionsAndFiguresOfTheFeedAreThere) {
  const std::string report = phone_.Capture(Sample::Report("Forum")).state().record_id();
  v1::FeedPayload session;
  session.mutable_session()->set_session_id(sample_.Id("rep"));
  session.mutable_session()->add_members()->set_report_id(report);
  server_.Publish("session:" + session.session().session_id(), session);
  v1::FeedPayload figure;
  figure.mutable_figure()->set_indicator_id("ind_1");
  figure.mutable_figure()->set_value(14);
  server_.Publish("figure:ind_1/2026-Q1", figure);
  phone_.Sync();
  ASSERT_OK_AND_ASSIGN(const v1::Session found, phone_.client->GetSession(report));
  EXPECT_EQ(found.session_id(), session.session().session_id());
  EXPECT_THAT(phone_.client->GetSession("rep_0"), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK_AND_ASSIGN(const auto figures, phone_.client->Figures());
  ASSERT_THAT(figures, SizeIs(1));
  EXPECT_EQ(figures[0].value(), 14u);
}

TEST_F(ClientSyncTest, NothingOfClassDeviceIsEverSent) {
  v1::Record source = Sample::Interview("CANARY-name");
  source.mutable_source()->set_informant_contact("CANARY-contact");
  source.mutable_source()->mutable_private_notes()->set_text("CANARY-notes");
  phone_.Capture(source);
  v1::Record report = Sample::Report("Forum");
  report.mutable_session_report()->mutable_private_notes()->set_text("CANARY-report");
  phone_.Capture(report);
  v1::Draft draft;
  *draft.mutable_record() = Sample::Report("CANARY-draft");
  ASSERT_OK(phone_.client->SaveDraft(draft));
  phone_.Sync();
  EXPECT_EQ(server_.OperationCount(), 2u);
  EXPECT_THAT(server_.Received(), Not(HasSubstr("CANARY")));
}

TEST_F(ClientSyncTest, CancelSyncEndsACallThatHangs) {
  phone_.Capture(Sample::Report("Forum"));
  phone_.transport.SetHang(true);
  std::thread canceller([&] {
    phone_.transport.AwaitHanging();
    EXPECT_THAT(phone_.client->Sync(), StatusIs(absl::StatusCode::kFailedPrecondition));
    phone_.client->CancelSync();
  });
  EXPECT_THAT(phone_.client->Sync(), StatusIs(absl::StatusCode::kCancelled));
  canceller.join();
  phone_.transport.SetHang(false);
  EXPECT_EQ(phone_.Sync().accepted(), 1u);
}

TEST_F(ClientSyncTest, CancelSyncEndsAWait) {
  phone_.transport.SetDown(true);
  Client::SyncOptions options;
  options.max_attempts = 0;
  options.progress = [&](const v1::SyncProgress& progress) {
    if (progress.phase() == v1::SYNC_PHASE_BACKING_OFF) phone_.client->CancelSync();
  };
  EXPECT_THAT(phone_.client->Sync(options), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace baraza::client
