// What the client does without a network.

#include "client_lib/client.h"

#include <gtest/gtest.h>

#include <set>

#include "client_lib/store/schema.h"
#include "core/model/limits.h"
#include "core/model/operation.h"
#include "core/sqlite/database.h"
#include "tests/testing/fault_vfs.h"
#include "tests/unit/client_lib/testing/device.h"

namespace baraza::client {
namespace {

using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ClientTest : public testing::Test {
 protected:
  FakeServer server_;
  Sample sample_;
  Phone phone_{server_};

  void Enrol() { phone_.Enrol(sample_); }
};

TEST_F(ClientTest, MintsADeviceIdOnceAndKeepsIt) {
  const std::string id = phone_.client->DeviceId();
  EXPECT_THAT(id, testing::StartsWith("dev_"));
  phone_.Open();
  EXPECT_EQ(phone_.client->DeviceId(), id);
}

TEST_F(ClientTest, BeforeEnrolmentDraftsWorkAndCaptureSaysWhatToDo) {
  EXPECT_THAT(phone_.client->Capture(Sample::Report("Forum")),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("enrol first")));
  EXPECT_THAT(phone_.client->Sync(), StatusIs(absl::StatusCode::kFailedPrecondition));
  v1::Draft draft;
  *draft.mutable_record() = Sample::Report("Forum");
  EXPECT_OK(phone_.client->SaveDraft(draft));
  EXPECT_FALSE(phone_.Status().enrolled());
  EXPECT_EQ(phone_.client->GetConnection(), std::nullopt);
}

TEST_F(ClientTest, CapturesOfflineAndHasItAfterReopening) {
  Enrol();
  const v1::ClientRecord captured = phone_.Capture(Sample::Report("Coast forum"));
  EXPECT_TRUE(captured.pending());
  EXPECT_EQ(captured.record().session_report().review().stage(), v1::REPORT_STAGE_SUBMITTED);
  EXPECT_EQ(captured.record().session_report().team_id(), sample_.team);
  EXPECT_EQ(captured.record().session_report().id(), captured.state().record_id());
  EXPECT_THAT(captured.state().findings(), IsEmpty());

  phone_.Open();
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord read,
                       phone_.client->Get(captured.state().record_id()));
  EXPECT_EQ(read.SerializeAsString(), captured.SerializeAsString());
  EXPECT_EQ(phone_.Status().outbox(), 1u);
  EXPECT_EQ(phone_.Status().oldest_pending_ms(), absl::ToUnixMillis(phone_.clock.Now()));
}

TEST_F(ClientTest, SourceComesFirstAndReportsCiteIt) {
  Enrol();
  const v1::ClientRecord source = phone_.Capture(Sample::Interview("Mama Zuhura"));
  v1::Record record = Sample::Report("Coast forum");
  v1::Citation& citation = *record.mutable_session_report()->add_citations();
  citation.set_source_id(source.state().record_id());
  citation.set_locator("minute 12");
  record.mutable_session_report()->add_citations()->set_source_id(source.state().record_id());
  const v1::ClientRecord report = phone_.Capture(record);
  ASSERT_EQ(report.record().session_report().citations_size(), 2);
  const auto& citations = report.record().session_report().citations();
  EXPECT_NE(citations[0].element_id(), "");
  EXPECT_NE(citations[0].element_id(), citations[1].element_id());
}

TEST_F(ClientTest, ImpossibleValuesAreRefusedWithRecordAndFieldAndTheDraftStays) {
  Enrol();
  v1::Draft draft;
  *draft.mutable_record() = Sample::Report("Forum");
  draft.mutable_record()->mutable_session_report()->mutable_dates()->set_earliest("2026-02-31");
  draft.set_app_state("page 3");
  ASSERT_OK_AND_ASSIGN(draft, phone_.client->SaveDraft(draft));
  EXPECT_THAT(phone_.client->CaptureDraft(draft.draft_id()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(draft.draft_id()), HasSubstr("dates.earliest"),
                             HasSubstr("SessionReport"))));
  ASSERT_OK_AND_ASSIGN(const v1::Draft kept, phone_.client->GetDraft(draft.draft_id()));
  EXPECT_EQ(kept.SerializeAsString(), draft.SerializeAsString());
  EXPECT_THAT(phone_.Ids(v1::RECORD_TYPE_SESSION_REPORT), IsEmpty());
  EXPECT_EQ(phone_.Status().outbox(), 0u);
  EXPECT_THAT(phone_.client->Capture(v1::Record()), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ClientTest, ADraftIsCapturedOnce) {
  Enrol();
  v1::Draft draft;
  *draft.mutable_record() = Sample::Report("Forum");
  ASSERT_OK_AND_ASSIGN(draft, phone_.client->SaveDraft(draft));
  phone_.Open();
  ASSERT_OK_AND_ASSIGN(const std::vector<v1::Draft> drafts, phone_.client->ListDrafts());
  ASSERT_THAT(drafts, SizeIs(1));
  EXPECT_OK(phone_.client->CaptureDraft(draft.draft_id()));
  EXPECT_THAT(phone_.client->CaptureDraft(draft.draft_id()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(phone_.Ids(v1::RECORD_TYPE_SESSION_REPORT), SizeIs(1));
  EXPECT_EQ(phone_.Status().drafts(), 0u);
  EXPECT_THAT(phone_.client->DeleteDraft(draft.draft_id()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ClientTest, DraftsHaveLimits) {
  v1::Draft draft;
  EXPECT_THAT(phone_.client->SaveDraft(draft), StatusIs(absl::StatusCode::kInvalidArgument));
  *draft.mutable_record() = Sample::Report("Forum");
  draft.set_draft_id("rep_1");
  EXPECT_THAT(phone_.client->SaveDraft(draft), StatusIs(absl::StatusCode::kInvalidArgument));
  draft.clear_draft_id();
  draft.set_app_state(std::string(kMaxDraftAppStateBytes + 1, 'a'));
  EXPECT_THAT(phone_.client->SaveDraft(draft),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("app_state")));
  draft.set_app_state("");
  draft.mutable_record()->mutable_session_report()->mutable_narrative()->set_text(
      std::string(kMaxDraftBytes, 'a'));
  EXPECT_THAT(phone_.client->SaveDraft(draft), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ClientTest, ADraftThatCouldNotBeReadAgainIsRefusedAndHidesNoOther) {
  v1::Draft good;
  *good.mutable_record() = Sample::Report("Forum");
  ASSERT_OK_AND_ASSIGN(good, phone_.client->SaveDraft(good));
  v1::Draft bad;
  *bad.mutable_record() = Sample::Report("For\xFFum");
  EXPECT_THAT(phone_.client->SaveDraft(bad),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("record.session_report.title.text: expected text in UTF-8")));
  ASSERT_OK_AND_ASSIGN(const std::vector<v1::Draft> drafts, phone_.client->ListDrafts());
  EXPECT_THAT(drafts, SizeIs(1));
}

TEST_F(ClientTest, ARecordOverTheLimitNamesItsLargestField) {
  Enrol();
  v1::Record record = Sample::Report("Forum");
  for (int i = 0; i < 10; ++i) {
    record.mutable_session_report()->add_topics()->set_text("short");
    record.mutable_session_report()->add_benefits()->set_text(std::string(4000, 'b'));
    record.mutable_session_report()->add_learning_outcomes()->set_text(std::string(3900, 'l'));
  }
  EXPECT_THAT(phone_.client->Capture(record),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("benefits"), HasSubstr("65536"))));
  EXPECT_EQ(phone_.Status().outbox(), 0u);
}

TEST_F(ClientTest, EditWritesOnlyWhatChangedAndKeepsTheRest) {
  Enrol();
  const v1::ClientRecord captured = phone_.Capture(Sample::Report("Forum"));
  v1::Record after = captured.record();
  after.mutable_session_report()->mutable_title()->set_text("Coast forum");
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord edited,
                       phone_.client->Edit(captured.state().record_id(), after));
  EXPECT_EQ(edited.record().session_report().title().text(), "Coast forum");
  EXPECT_EQ(edited.record().session_report().dates().earliest(), "2026-03-05");
  EXPECT_GT(edited.state().lamport(), captured.state().lamport());
  EXPECT_THAT(edited.state().heads(), SizeIs(1));
  EXPECT_THAT(phone_.client->Edit(captured.state().record_id(), edited.record()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("nothing changes")));
  EXPECT_THAT(phone_.client->Edit(sample_.Id("rep"), after), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(phone_.client->Edit(captured.state().record_id(), Sample::Interview("x")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ClientTest, EditOnAnOlderBaseIsAVisibleConflictThatCanBeResolved) {
  Enrol();
  const v1::ClientRecord captured = phone_.Capture(Sample::Report("Forum"));
  const std::string id = captured.state().record_id();
  v1::Record first = captured.record();
  first.mutable_session_report()->mutable_title()->set_text("First");
  first.mutable_session_report()->set_modality(v1::MODALITY_ONLINE);
  ASSERT_OK(phone_.client->Edit(id, first));

  v1::Record second = captured.record();
  second.mutable_session_report()->mutable_title()->set_text("Second");
  Client::EditOptions options;
  options.base_heads.assign(captured.state().heads().begin(), captured.state().heads().end());
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord merged, phone_.client->Edit(id, second, options));
  // What the other changed elsewhere stays.
  EXPECT_EQ(merged.record().session_report().modality(), v1::MODALITY_ONLINE);
  EXPECT_EQ(merged.record().session_report().title().text(), "Second");
  ASSERT_THAT(merged.state().conflicts(), SizeIs(1));
  EXPECT_EQ(phone_.Status().conflicts(), 1u);

  const v1::Conflict& conflict = merged.state().conflicts(0);
  for (const std::string& chosen : {conflict.losers(0).op_id(), conflict.winner().op_id()}) {
    ASSERT_OK_AND_ASSIGN(const v1::ClientRecord now, phone_.client->Get(id));
    if (now.state().conflicts().empty()) break;
    EXPECT_THAT(phone_.client->ResolveConflict(id, conflict.field_number(), "", sample_.Id("op")),
                StatusIs(absl::StatusCode::kNotFound));
    ASSERT_OK_AND_ASSIGN(const v1::ClientRecord resolved,
                         phone_.client->ResolveConflict(id, conflict.field_number(), "", chosen));
    EXPECT_THAT(resolved.state().conflicts(), IsEmpty());
    EXPECT_EQ(resolved.record().session_report().title().text(), "First");
  }
  EXPECT_EQ(phone_.Status().conflicts(), 0u);
}

TEST_F(ClientTest, TheStandingValueOfAConflictCanBeConfirmed) {
  Enrol();
  const v1::ClientRecord captured = phone_.Capture(Sample::Report("Forum"));
  const std::string id = captured.state().record_id();
  Client::EditOptions options;
  options.base_heads.assign(captured.state().heads().begin(), captured.state().heads().end());
  for (const char* title : {"One", "Two"}) {
    v1::Record after = captured.record();
    after.mutable_session_report()->mutable_title()->set_text(title);
    ASSERT_OK(phone_.client->Edit(id, after, options));
  }
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord torn, phone_.client->Get(id));
  ASSERT_THAT(torn.state().conflicts(), SizeIs(1));
  ASSERT_OK_AND_ASSIGN(
      const v1::ClientRecord resolved,
      phone_.client->ResolveConflict(id, torn.state().conflicts(0).field_number(), "",
                                     torn.state().conflicts(0).winner().op_id()));
  EXPECT_THAT(resolved.state().conflicts(), IsEmpty());
  EXPECT_EQ(resolved.record().session_report().title().text(),
            torn.record().session_report().title().text());
}

TEST_F(ClientTest, EditOnUnknownHeadsIsAborted) {
  Enrol();
  const v1::ClientRecord captured = phone_.Capture(Sample::Report("Forum"));
  Client::EditOptions options;
  options.base_heads = {sample_.Id("op")};
  v1::Record after = captured.record();
  after.mutable_session_report()->mutable_title()->set_text("New");
  EXPECT_THAT(phone_.client->Edit(captured.state().record_id(), after, options),
              StatusIs(absl::StatusCode::kAborted));
}

TEST_F(ClientTest, VoidStandsAgainstEditsUntilItIsTakenBack) {
  Enrol();
  const v1::ClientRecord captured = phone_.Capture(Sample::Report("Forum"));
  const std::string id = captured.state().record_id();
  EXPECT_THAT(phone_.client->Unvoid(id), StatusIs(absl::StatusCode::kFailedPrecondition));
  v1::LocalText reason;
  reason.set_text("entered twice");
  ASSERT_OK_AND_ASSIGN(v1::ClientRecord record, phone_.client->Void(id, reason));
  EXPECT_TRUE(record.state().voided());
  v1::Record after = record.record();
  after.mutable_session_report()->mutable_title()->set_text("New");
  ASSERT_OK_AND_ASSIGN(record, phone_.client->Edit(id, after));
  EXPECT_TRUE(record.state().voided());
  v1::ListRequest list;
  list.set_type(v1::RECORD_TYPE_SESSION_REPORT);
  ASSERT_OK_AND_ASSIGN(v1::ListResult shown, phone_.client->List(list));
  EXPECT_THAT(shown.records(), IsEmpty());
  list.set_show_voided(true);
  ASSERT_OK_AND_ASSIGN(shown, phone_.client->List(list));
  EXPECT_THAT(shown.records(), SizeIs(1));
  ASSERT_OK_AND_ASSIGN(record, phone_.client->Unvoid(id));
  EXPECT_FALSE(record.state().voided());
}

TEST_F(ClientTest, AnEditSubmitsAgainButAVoidDoesNot) {
  Enrol();
  v1::Record record = Sample::Report("Forum");
  // Endorsing is not the author's business, whatever the form says.
  record.mutable_session_report()->mutable_review()->set_stage(v1::REPORT_STAGE_ENDORSED);
  const v1::ClientRecord captured = phone_.Capture(record);
  EXPECT_EQ(captured.record().session_report().review().stage(), v1::REPORT_STAGE_SUBMITTED);
  v1::Record after = captured.record();
  after.mutable_session_report()->mutable_review()->set_stage(v1::REPORT_STAGE_ENDORSED);
  after.mutable_session_report()->mutable_title()->set_text("New");
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord edited,
                       phone_.client->Edit(captured.state().record_id(), after));
  EXPECT_EQ(edited.record().session_report().review().stage(), v1::REPORT_STAGE_SUBMITTED);
}

TEST_F(ClientTest, LocalValuesStayInTheirTable) {
  Enrol();
  const std::string canary = "CANARY-Zuhura-Mwinyi";
  v1::Record record = Sample::Interview(canary);
  record.mutable_source()->set_informant_contact(canary + "-contact");
  record.mutable_source()->mutable_private_notes()->set_text(canary + "-notes");
  const v1::ClientRecord source = phone_.Capture(record);
  EXPECT_FALSE(source.record().source().has_informant_name());
  EXPECT_EQ(source.local().source().informant_name(), canary);
  const std::string id = source.state().record_id();

  // An edit of shared fields leaves them; one of their own makes no operation.
  v1::Record after = source.record();
  after.mutable_source()->set_language("sw");
  ASSERT_OK(phone_.client->Edit(id, after));
  after.mutable_source()->set_informant_name(canary + "-2");
  after.mutable_source()->mutable_private_notes();
  ASSERT_OK_AND_ASSIGN(v1::ClientRecord edited, phone_.client->Edit(id, after));
  EXPECT_EQ(edited.local().source().informant_name(), canary + "-2");
  EXPECT_EQ(edited.local().source().informant_contact(), canary + "-contact");
  EXPECT_FALSE(edited.local().source().has_private_notes());
  EXPECT_EQ(phone_.Status().outbox(), 2u);

  v1::Record report = Sample::Report("Forum");
  report.mutable_session_report()->mutable_private_notes()->set_text(canary + "-report");
  phone_.Capture(report);
  phone_.Open();
  ASSERT_OK_AND_ASSIGN(edited, phone_.client->Get(id));
  EXPECT_EQ(edited.local().source().informant_name(), canary + "-2");

  // No byte of them in any table but their own.
  phone_.client.reset();
  DatabaseOptions options;
  options.schema = DeviceSchema();
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Database> database,
                       Database::Open(phone_.path(), options));
  for (const char* sql :
       {"SELECT header || parts FROM operations", "SELECT state FROM records",
        "SELECT payload FROM feed", "SELECT header || parts FROM feed_operations"}) {
    ASSERT_OK_AND_ASSIGN(Statement rows, database->Prepare(sql));
    while (true) {
      ASSERT_OK_AND_ASSIGN(const bool row, rows.Step());
      if (!row) break;
      EXPECT_THAT(rows.BlobString(0), Not(HasSubstr("CANARY"))) << sql;
    }
  }
  ASSERT_OK_AND_ASSIGN(Statement held, database->Prepare("SELECT COUNT(*) FROM local_values"));
  ASSERT_OK(held.StepToOnlyRow());
  EXPECT_EQ(held.Int64(0), 2);
}

TEST_F(ClientTest, LocalValuesAreHeldToTheLimitsToo) {
  Enrol();
  v1::Record record = Sample::Interview("\xff\xfe");
  EXPECT_THAT(phone_.client->Capture(record),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("informant_name")));
}

TEST_F(ClientTest, CoordinatesAreCoarse) {
  Enrol();
  v1::Record record = Sample::Report("Forum");
  v1::Coordinates& at = *record.mutable_session_report()->mutable_venue()->mutable_coordinates();
  at.set_latitude(-4.043477);
  at.set_longitude(39.668206);
  const v1::ClientRecord captured = phone_.Capture(record);
  EXPECT_DOUBLE_EQ(captured.record().session_report().venue().coordinates().latitude(), -4.04);
  EXPECT_DOUBLE_EQ(captured.record().session_report().venue().coordinates().longitude(), 39.67);
}

TEST_F(ClientTest, ListPagesThroughEverythingOnce) {
  Enrol();
  std::vector<std::string> ids;
  for (int i = 0; i < 25; ++i) {
    ids.push_back(phone_.Capture(Sample::Report("Forum")).state().record_id());
    phone_.Capture(Sample::Interview("A"));
  }
  std::sort(ids.begin(), ids.end());
  v1::ListRequest request;
  request.set_type(v1::RECORD_TYPE_SESSION_REPORT);
  request.set_page_size(10);
  std::vector<std::string> listed;
  std::vector<int> sizes;
  do {
    ASSERT_OK_AND_ASSIGN(const v1::ListResult page, phone_.client->List(request));
    sizes.push_back(page.records_size());
    for (const auto& record : page.records()) listed.push_back(record.state().record_id());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, ids);
  EXPECT_THAT(sizes, ElementsAre(10, 10, 5));
  // Exactly full pages end without an empty one.
  request.set_page_size(25);
  ASSERT_OK_AND_ASSIGN(const v1::ListResult all, phone_.client->List(request));
  EXPECT_EQ(all.next_page_token(), "");
  request.set_page_token("nonsense");
  EXPECT_THAT(phone_.client->List(request), StatusIs(absl::StatusCode::kInvalidArgument));
  request.set_page_token(sample_.Id("src"));
  EXPECT_THAT(phone_.client->List(request), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ClientTest, DeviceClocksOf1970And2099AreDataOnly) {
  Enrol();
  phone_.clock.SetNow(absl::FromUnixSeconds(4'070'908'800));  // 2099
  const v1::ClientRecord late = phone_.Capture(Sample::Report("Forum"));
  phone_.clock.SetNow(absl::FromUnixSeconds(0));
  v1::Record after = late.record();
  after.mutable_session_report()->mutable_title()->set_text("Said in 1970");
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord edited,
                       phone_.client->Edit(late.state().record_id(), after));
  EXPECT_EQ(edited.record().session_report().title().text(), "Said in 1970");
  EXPECT_THAT(edited.state().conflicts(), IsEmpty());
  phone_.clock.SetNow(absl::FromUnixSeconds(-1'000'000));
  phone_.Capture(Sample::Report("Before 1970"));
  EXPECT_EQ(phone_.Sync().accepted(), 3u);
}

TEST_F(ClientTest, ReEnrolmentOfTheSamePersonKeepsEverything) {
  Enrol();
  const std::string device = phone_.client->DeviceId();
  phone_.Capture(Sample::Report("Forum"));
  v1::EnrolResponse again = sample_.Enrolment("epoch-1");
  again.set_credential("another");
  ASSERT_OK(phone_.client->Bind(again, "127.0.0.1:2", ""));
  EXPECT_EQ(phone_.client->DeviceId(), device);
  EXPECT_EQ(phone_.Status().outbox(), 1u);
  EXPECT_EQ(phone_.client->GetConnection()->credential, "another");
  EXPECT_EQ(phone_.client->GetConnection()->address, "127.0.0.1:2");
}

TEST_F(ClientTest, AnotherPersonCannotTakeOverWhatIsNotSent) {
  Enrol();
  const std::string device = phone_.client->DeviceId();
  v1::Draft draft;
  *draft.mutable_record() = Sample::Report("Draft");
  ASSERT_OK_AND_ASSIGN(draft, phone_.client->SaveDraft(draft));
  const v1::ClientRecord report = phone_.Capture(Sample::Report("Forum"));
  const v1::EnrolResponse other = sample_.Enrolment(sample_.bruno, "epoch-1");
  EXPECT_THAT(phone_.client->Bind(other, "127.0.0.1:1", ""),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("sync first")));
  phone_.Sync();
  EXPECT_THAT(phone_.client->Bind(other, "127.0.0.1:1", ""),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("drafts")));
  ASSERT_OK(phone_.client->DeleteDraft(draft.draft_id()));
  ASSERT_OK(phone_.client->Bind(other, "127.0.0.1:1", ""));
  EXPECT_NE(phone_.client->DeviceId(), device);
  EXPECT_EQ(phone_.Status().outbox(), 0u);
  // The team's report is still there, now as one that came with the feed, and survives the pull.
  phone_.Sync();
  EXPECT_OK(phone_.client->Get(report.state().record_id()));
  phone_.Capture(Sample::Report("Bruno's"));
  EXPECT_EQ(phone_.Sync().accepted(), 1u);
  EXPECT_EQ(server_.OperationCount(), 2u);
}

TEST_F(ClientTest, EnrolmentIsChecked) {
  v1::EnrolResponse bad = sample_.Enrolment("epoch-1");
  bad.mutable_membership()->set_person_id("nobody");
  EXPECT_THAT(phone_.client->Bind(bad, "127.0.0.1:1", ""),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("person_id")));
  EXPECT_THAT(phone_.client->Bind(sample_.Enrolment("epoch-1"), "", ""),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("address")));
  bad = sample_.Enrolment("epoch-1");
  bad.clear_credential();
  EXPECT_THAT(phone_.client->Bind(bad, "127.0.0.1:1", ""),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("credential")));
  EXPECT_FALSE(phone_.Status().enrolled());
}

TEST_F(ClientTest, AnAuditorOnlyReads) {
  ASSERT_OK(phone_.client->Bind(sample_.Enrolment(sample_.amina, "epoch-1", v1::ROLE_AUDITOR),
                                "127.0.0.1:1", ""));
  EXPECT_THAT(phone_.client->Capture(Sample::Report("Forum")),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(ClientTest, AnotherApplicationsFileIsLeftAsItIs) {
  const std::string path = phone_.dir.File("other.db");
  DatabaseOptions other;
  other.schema = Schema{0x1234567, {"CREATE TABLE t (a INTEGER) STRICT;"}};
  ASSERT_OK(Database::Open(path, other));
  const std::string before = test::ReadFile(path);
  Client::Options options;
  options.path = path;
  EXPECT_THAT(Client::Open(options), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(test::ReadFile(path), before);
}

class Watcher final : public ClientObserver {
 public:
  void OnStatusChanged(const v1::ClientStatus& status) override { outbox = status.outbox(); }
  void OnRecordsChanged(absl::Span<const std::string> ids) override {
    records.insert(ids.begin(), ids.end());
  }
  uint32_t outbox = 0;
  std::set<std::string> records;
};

TEST_F(ClientTest, ObserversAreToldUntilRemoved) {
  Enrol();
  const auto watcher = std::make_shared<Watcher>();
  phone_.client->AddObserver(watcher);
  const v1::ClientRecord first = phone_.Capture(Sample::Report("Forum"));
  EXPECT_EQ(watcher->outbox, 1u);
  EXPECT_THAT(watcher->records, ElementsAre(first.state().record_id()));
  watcher->records.clear();
  phone_.Sync();
  EXPECT_EQ(watcher->outbox, 0u);
  EXPECT_THAT(watcher->records, ElementsAre(first.state().record_id()));
  phone_.client->RemoveObserver(watcher);
  phone_.Capture(Sample::Report("Forum"));
  EXPECT_EQ(watcher->outbox, 0u);
}

TEST(ClientDiskTest, AFullDiskRefusesCaptureAndLosesNothing) {
  test::FaultVfs vfs;
  FakeServer server;
  Sample sample;
  Phone phone(server);
  phone.Open(vfs.name());
  phone.Enrol(sample);
  const v1::ClientRecord first = phone.Capture(Sample::Report("Forum"));
  vfs.FailAfter(0, test::FaultVfs::Fault::kDiskFull);
  EXPECT_THAT(phone.client->Capture(Sample::Report("Second")),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(phone.Status().read_only());
  EXPECT_OK(phone.client->Get(first.state().record_id()));
  EXPECT_THAT(phone.client->Sync(), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(phone.Ids(v1::RECORD_TYPE_SESSION_REPORT), SizeIs(1));

  vfs.Heal();
  EXPECT_OK(phone.client->Capture(Sample::Report("Second")));
  EXPECT_FALSE(phone.Status().read_only());
  phone.Sync();
  EXPECT_EQ(server.OperationCount(), 2u);
  phone.client.reset();
}

TEST(ClientDiskTest, OpensForReadingOnAFullDiskAndGoesOnWhenThereIsRoom) {
  test::FaultVfs vfs;
  FakeServer server;
  Sample sample;
  Phone phone(server);
  phone.Open(vfs.name());
  phone.Enrol(sample);
  const v1::ClientRecord first = phone.Capture(Sample::Report("Forum"));
  phone.client.reset();
  vfs.FailAfter(0, test::FaultVfs::Fault::kDiskFull);
  phone.Open(vfs.name());
  ASSERT_NE(phone.client, nullptr);
  EXPECT_TRUE(phone.Status().read_only());
  EXPECT_OK(phone.client->Get(first.state().record_id()));
  EXPECT_THAT(phone.client->Capture(Sample::Report("Second")),
              StatusIs(absl::StatusCode::kResourceExhausted));
  vfs.Heal();
  EXPECT_OK(phone.client->Capture(Sample::Report("Second")));
  EXPECT_FALSE(phone.Status().read_only());
  phone.client.reset();
}

TEST(ClientDiskTest, AFaultAtEveryWriteOfACaptureLeavesAllOrNothing) {
  test::FaultVfs vfs;
  FakeServer server;
  Sample sample;
  Phone phone(server);
  phone.Open(vfs.name());
  phone.Enrol(sample);
  size_t known = 0;
  for (int64_t n = 0;; ++n) {
    vfs.FailAfter(n, test::FaultVfs::Fault::kDiskFull);
    const absl::StatusOr<v1::ClientRecord> captured =
        phone.client->Capture(Sample::Report("Forum"));
    const bool triggered = vfs.triggered();
    vfs.Heal();
    if (captured.ok()) ++known;
    EXPECT_THAT(phone.Ids(v1::RECORD_TYPE_SESSION_REPORT), SizeIs(known)) << n;
    EXPECT_EQ(phone.Status().outbox(), known) << n;
    if (!triggered) break;
    ASSERT_LT(n, 1000);
  }
  EXPECT_GE(known, 1u);
  phone.Open(vfs.name());
  EXPECT_THAT(phone.Ids(v1::RECORD_TYPE_SESSION_REPORT), SizeIs(known));
  phone.client.reset();
}

TEST(ClientDiskTest, AFaultAtEverySyncOfACaptureLeavesAllOrNothing) {
  test::FaultVfs vfs;
  FakeServer server;
  Sample sample;
  Phone phone(server);
  phone.Open(vfs.name());
  phone.Enrol(sample);
  size_t known = 0;
  for (int64_t n = 0;; ++n) {
    vfs.FailAfter(n, test::FaultVfs::Fault::kSyncError);
    const absl::StatusOr<v1::ClientRecord> captured =
        phone.client->Capture(Sample::Report("Forum"));
    const bool triggered = vfs.triggered();
    vfs.Heal();
    // What was not synced was not answered OK.
    EXPECT_EQ(captured.ok(), !triggered) << captured.status();
    if (captured.ok()) ++known;
    EXPECT_THAT(phone.Ids(v1::RECORD_TYPE_SESSION_REPORT), SizeIs(known)) << n;
    if (!triggered) break;
    ASSERT_LT(n, 100);
  }
  phone.Open(vfs.name());
  EXPECT_THAT(phone.Ids(v1::RECORD_TYPE_SESSION_REPORT), SizeIs(known));
  EXPECT_EQ(phone.Sync().accepted(), known);
  phone.client.reset();
}

}  // namespace
}  // namespace baraza::client
