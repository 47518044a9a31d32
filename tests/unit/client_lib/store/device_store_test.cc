#include "client_lib/store/device_store.h"

#include <gtest/gtest.h>

#include "client_lib/limits.h"
#include "client_lib/store/schema.h"
#include "core/model/merge.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/client_lib/testing/sample.h"

namespace baraza::client {
namespace {

using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DeviceStoreTest : public testing::Test {
 protected:
  DeviceStoreTest() {
    Open();
    EXPECT_OK(store_->Bind(sample_.Enrolment("epoch-1"), "127.0.0.1:1", "CA"));
  }

  void Open() {
    store_.reset();
    DeviceStore::Options options;
    options.path = dir_.File("device.db");
    absl::StatusOr<std::unique_ptr<DeviceStore>> opened =
        DeviceStore::Open(options, minter_, random_);
    ASSERT_OK(opened);
    store_ = *std::move(opened);
  }

  DeviceStore::NewOperation NewReport(const std::string& title) {
    OperationStamp stamp;
    stamp.record_id = stamp.op_id = sample_.Id("rep");
    stamp.record_type = v1::RECORD_TYPE_SESSION_REPORT;
    stamp.programme_id = sample_.programme;
    stamp.team_id = sample_.team;
    stamp.author_id = sample_.amina;
    stamp.author_role = v1::ROLE_COLLECTOR;
    stamp.lamport = store_->NextLamport();
    auto report = std::make_unique<v1::SessionReport>(Sample::Report(title).session_report());
    absl::StatusOr<Operation> operation = BuildOperation(stamp, nullptr, *report);
    EXPECT_OK(operation);
    DeviceStore::NewOperation added;
    added.operation = *std::move(operation);
    added.record = std::move(report);
    return added;
  }

  std::string Append(const std::string& title) {
    const absl::StatusOr<DeviceStore::Appended> appended = store_->Append(NewReport(title));
    EXPECT_OK(appended);
    return appended->state.record_id();
  }

  static v1::SyncResponse Accepted(const std::vector<uint64_t>& seqs, uint64_t acknowledged) {
    v1::SyncResponse response;
    response.set_server_epoch("epoch-1");
    for (const uint64_t seq : seqs) {
      v1::OperationResult& result = *response.add_results();
      result.set_device_seq(seq);
      result.set_outcome(v1::OPERATION_OUTCOME_ACCEPTED);
    }
    response.set_acknowledged_device_seq(acknowledged);
    return response;
  }

  std::vector<uint64_t> OutboxSeqs() {
    std::vector<uint64_t> seqs;
    const auto batch = store_->NextBatch(1 << 20, 1000);
    for (const v1::WireOperation& wire : batch->operations) seqs.push_back(wire.device_seq());
    return seqs;
  }

  test::TempDir dir_;
  Sample sample_;
  FakeClock clock_;
  SeededRandom random_{9};
  IdMinter minter_{clock_, random_};
  std::unique_ptr<DeviceStore> store_;
};

TEST_F(DeviceStoreTest, KeepsWhoItIsOverReopening) {
  const Identity before = store_->identity();
  EXPECT_THAT(before.incarnation, SizeIs(16));
  Open();
  EXPECT_EQ(store_->identity().device_id, before.device_id);
  EXPECT_EQ(store_->identity().incarnation, before.incarnation);
  EXPECT_TRUE(store_->identity().enrolled);
  EXPECT_EQ(store_->connection().ca_certificate, "CA");
  EXPECT_EQ(store_->connection().credential, "secret-of-" + sample_.amina);
}

TEST_F(DeviceStoreTest, NumbersOperationsWithoutGapsAndGoesOnAfterReopening) {
  Append("1");
  Append("2");
  const uint64_t lamport = store_->NextLamport();
  Open();
  EXPECT_EQ(store_->NextLamport(), lamport);
  Append("3");
  EXPECT_THAT(OutboxSeqs(), ElementsAre(1, 2, 3));
  EXPECT_EQ(store_->last_device_seq(), 3u);
}

TEST_F(DeviceStoreTest, ABatchHasAtLeastOneOperationAndStopsAtItsLimits) {
  for (int i = 0; i < 5; ++i) Append("report");
  ASSERT_OK_AND_ASSIGN(DeviceStore::Batch batch, store_->NextBatch(1, 100));
  EXPECT_THAT(batch.operations, SizeIs(1));
  EXPECT_TRUE(batch.more);
  ASSERT_OK_AND_ASSIGN(batch, store_->NextBatch(1 << 20, 3));
  EXPECT_THAT(batch.operations, SizeIs(3));
  EXPECT_TRUE(batch.more);
  ASSERT_OK_AND_ASSIGN(batch, store_->NextBatch(1 << 20, 5));
  EXPECT_THAT(batch.operations, SizeIs(5));
  EXPECT_FALSE(batch.more);
}

TEST_F(DeviceStoreTest, AnAcknowledgementBelowItsOwnForgetsAnswers) {
  for (int i = 0; i < 4; ++i) Append("report");
  ASSERT_OK_AND_ASSIGN(AppliedResults applied, store_->ApplyResults(Accepted({1, 2, 3, 4}, 4)));
  EXPECT_EQ(applied.accepted, 4u);
  EXPECT_THAT(OutboxSeqs(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(applied, store_->ApplyResults(Accepted({}, 2)));
  EXPECT_EQ(applied.lost_by_server, 2u);
  EXPECT_THAT(OutboxSeqs(), ElementsAre(3, 4));
  // The records are still as they were.
  EXPECT_EQ(store_->ListRecords(v1::RECORD_TYPE_SESSION_REPORT, "", 10, true, "")->size(), 4u);
}

// Whatever was answered in whatever order, passed over or forgotten again: what is to be sent is
// what has no answer.
TEST_F(DeviceStoreTest, TheOutboxIsWhatHasNoAnswer) {
  const auto unanswered = [&] {
    std::vector<uint64_t> seqs;
    store_.reset();
    const auto database = Database::Open(dir_.File("device.db"));
    EXPECT_OK(database);
    auto rows = (*database)->Prepare("SELECT device_seq FROM operations WHERE +answered = 0");
    EXPECT_OK(rows);
    while (true) {
      const absl::StatusOr<bool> row = rows->Step();
      EXPECT_OK(row);
      if (!row.ok() || !*row) return seqs;
      seqs.push_back(static_cast<uint64_t>(rows->Int64(0)));
    }
  };
  const auto unanswered_now = [&] {
    const std::vector<uint64_t> seqs = unanswered();
    Open();
    return seqs;
  };
  int with_gaps = 0;
  for (int round = 0; round < 40; ++round) {
    for (uint64_t more = random_.Uniform(4); more > 0; --more) Append("report");
    std::vector<uint64_t> answered;
    for (const uint64_t seq : OutboxSeqs()) {
      if (random_.Uniform(3) > 0) answered.push_back(seq);
    }
    const uint64_t last = store_->last_device_seq();
    const uint64_t acknowledged = random_.Uniform(8) == 0 ? random_.Uniform(last + 1) : last;
    EXPECT_OK(store_->ApplyResults(Accepted(answered, acknowledged)));
    const std::vector<uint64_t> expected = unanswered_now();
    EXPECT_EQ(OutboxSeqs(), expected);
    ASSERT_OK_AND_ASSIGN(const StoreCounts counts, store_->Counts());
    EXPECT_EQ(counts.outbox, expected.size());
    with_gaps += !expected.empty() && last - expected.front() + 1 > expected.size();
  }
  EXPECT_GT(with_gaps, 5);
}

TEST_F(DeviceStoreTest, IsForOneProgramAtATime) {
  Append("report");
  DeviceStore::Options options;
  options.path = dir_.File("device.db");
  EXPECT_THAT(DeviceStore::Open(options, minter_, random_),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("another program")));
  Append("goes on");
  Open();
  EXPECT_THAT(OutboxSeqs(), ElementsAre(1, 2));
}

TEST_F(DeviceStoreTest, AChangedEpochPutsEverythingElseInDoubt) {
  for (int i = 0; i < 4; ++i) Append("report");
  ASSERT_OK(store_->ApplyResults(Accepted({1, 2, 3}, 3)));
  v1::SyncResponse response = Accepted({4}, 4);
  response.set_server_epoch("epoch-2");
  ASSERT_OK_AND_ASSIGN(const AppliedResults applied, store_->ApplyResults(response));
  EXPECT_TRUE(applied.epoch_changed);
  EXPECT_THAT(OutboxSeqs(), ElementsAre(1, 2, 3));
  EXPECT_EQ(applied.lost_by_server, 3u);
  EXPECT_EQ(store_->identity().server_epoch, "epoch-2");
}

// Twice restored in a row: what goes again has gaps, and what is lost may lie in one of them.
TEST_F(DeviceStoreTest, AChangedEpochPutsInDoubtWhatLiesBetweenToo) {
  for (int i = 0; i < 3; ++i) Append("report");
  v1::SyncResponse response = Accepted({1, 2, 3}, 3);
  response.set_server_epoch("epoch-2");
  ASSERT_OK(store_->ApplyResults(response));
  EXPECT_THAT(OutboxSeqs(), IsEmpty());
  Append("report");
  response = Accepted({1, 4}, 4);
  response.set_server_epoch("epoch-3");
  ASSERT_OK(store_->ApplyResults(response));
  EXPECT_THAT(OutboxSeqs(), ElementsAre(2, 3));
}

// An answer that takes nothing does not tell what a restored server has; the next one has to.
TEST_F(DeviceStoreTest, ADirectiveDoesNotHideAChangedEpoch) {
  Append("report");
  ASSERT_OK(store_->ApplyResults(Accepted({1}, 1)));
  v1::SyncResponse response;
  response.set_server_epoch("epoch-2");
  response.set_directive(v1::DEVICE_DIRECTIVE_SUSPENDED);
  ASSERT_OK(store_->ApplyResults(response));
  Append("report");
  response = Accepted({2}, 2);
  response.set_server_epoch("epoch-2");
  ASSERT_OK_AND_ASSIGN(const AppliedResults applied, store_->ApplyResults(response));
  EXPECT_TRUE(applied.epoch_changed);
  EXPECT_THAT(OutboxSeqs(), ElementsAre(1));
}

// Rejected and dismissed, then sent again after a restore, to a server that has suspended the
// phone.
TEST_F(DeviceStoreTest, WhatWasDismissedAndThenHeldGoesAgainToo) {
  const std::string id = Append("report");
  v1::SyncResponse response = Accepted({1}, 1);
  response.mutable_results(0)->set_outcome(v1::OPERATION_OUTCOME_REJECTED);
  response.mutable_results(0)->set_reason(v1::REJECTION_REASON_NOT_AUTHORISED);
  ASSERT_OK(store_->ApplyResults(response));
  ASSERT_OK(store_->Dismiss(id));
  v1::SyncResponse restored;
  restored.set_server_epoch("epoch-2");
  ASSERT_OK(store_->ApplyResults(restored));
  EXPECT_THAT(OutboxSeqs(), ElementsAre(1));
  response.mutable_results(0)->set_reason(v1::REJECTION_REASON_SUSPENDED);
  response.set_directive(v1::DEVICE_DIRECTIVE_SUSPENDED);
  ASSERT_OK(store_->ApplyResults(response));
  EXPECT_THAT(OutboxSeqs(), IsEmpty());
  EXPECT_THAT(*store_->Quarantine(), SizeIs(1));
  ASSERT_OK(store_->ApplyResults(restored));
  EXPECT_THAT(OutboxSeqs(), ElementsAre(1));
}

// A server that answers one operation twice is counted once.
TEST_F(DeviceStoreTest, ASecondResultForTheSameOperationIsOfNoAccount) {
  Append("report");
  v1::SyncResponse response = Accepted({1, 1}, 1);
  response.set_server_epoch("epoch-2");
  ASSERT_OK_AND_ASSIGN(const AppliedResults applied, store_->ApplyResults(response));
  EXPECT_EQ(applied.accepted, 1u);
  EXPECT_EQ(applied.lost_by_server, 0u);
}

TEST_F(DeviceStoreTest, WhatWasHeldGoesAgainEvenBehindNewerOperations) {
  Append("held");
  Append("held");
  v1::SyncResponse response = Accepted({1, 2}, 0);
  response.set_directive(v1::DEVICE_DIRECTIVE_SUSPENDED);
  for (v1::OperationResult& result : *response.mutable_results()) {
    result.set_outcome(v1::OPERATION_OUTCOME_REJECTED);
    result.set_reason(v1::REJECTION_REASON_SUSPENDED);
  }
  ASSERT_OK(store_->ApplyResults(response));
  EXPECT_THAT(OutboxSeqs(), IsEmpty());
  Append("after the suspension was lifted");
  ASSERT_OK(store_->ApplyResults(Accepted({3}, 3)));
  EXPECT_THAT(OutboxSeqs(), ElementsAre(1, 2));
}

TEST_F(DeviceStoreTest, ANewDeviceIdSendsEverythingAgainUnderTheSameOpIds) {
  const std::string first = Append("1");
  const std::string second = Append("2");
  ASSERT_OK(store_->ApplyResults(Accepted({1}, 1)));
  const Identity before = store_->identity();
  ASSERT_OK(store_->TakeNewDeviceId());
  EXPECT_NE(store_->identity().device_id, before.device_id);
  EXPECT_NE(store_->identity().incarnation, before.incarnation);
  ASSERT_OK_AND_ASSIGN(const DeviceStore::Batch batch, store_->NextBatch(1 << 20, 10));
  ASSERT_THAT(batch.operations, SizeIs(2));
  EXPECT_EQ(batch.operations[0].device_seq(), 1u);
  EXPECT_EQ(ParseOperation(batch.operations[0])->header.op_id(), first);
  EXPECT_EQ(ParseOperation(batch.operations[1])->header.op_id(), second);
}

TEST_F(DeviceStoreTest, NumbersItNeverGaveMakeItACopy) {
  Append("1");
  ASSERT_OK_AND_ASSIGN(const AppliedResults applied, store_->ApplyResults(Accepted({1}, 2)));
  EXPECT_TRUE(applied.is_a_copy);
}

TEST_F(DeviceStoreTest, AFailingAppendChangesNothing) {
  DeviceStore::NewOperation added = NewReport("1");
  const std::string id = added.operation.header.record_id();
  DeviceStore::NewOperation again;
  again.operation = added.operation;
  added.draft_id = "dft_none";
  EXPECT_THAT(store_->Append(std::move(added)), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(store_->last_device_seq(), 0u);
  EXPECT_THAT(OutboxSeqs(), IsEmpty());
  EXPECT_THAT(store_->GetState(id), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_OK(store_->Append(std::move(again)));
  EXPECT_THAT(OutboxSeqs(), ElementsAre(1));
}

TEST_F(DeviceStoreTest, AFeedBatchAndItsCursorCommitTogether) {
  v1::SyncResponse response;
  v1::FeedPayload payload;
  payload.mutable_figure()->set_indicator_id("ind_1");
  for (const int64_t position : {1, 2}) {
    v1::FeedItem& item = *response.add_feed();
    item.set_position(position);
    item.set_action(v1::FeedItem::ACTION_UPSERT);
    item.set_object("figure:" + std::to_string(position));
    item.set_payload(payload.SerializeAsString());
  }
  response.mutable_next_cursor()->set_epoch("epoch-1");
  response.mutable_next_cursor()->set_position(2);
  // A page whose last position runs backwards is not applied at all.
  v1::SyncResponse backwards = response;
  backwards.mutable_feed(1)->set_position(0);
  EXPECT_THAT(store_->ApplyFeed(backwards), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(*store_->Figures(), IsEmpty());
  EXPECT_EQ(store_->cursor().position(), 0);
  ASSERT_OK(store_->ApplyFeed(response));
  Open();
  EXPECT_THAT(*store_->Figures(), SizeIs(2));
  EXPECT_EQ(store_->cursor().position(), 2);
}

TEST_F(DeviceStoreTest, ARecordThatDoesNotParseIsLeftOutAndItsNeighboursAreNot) {
  const std::string good = "tem_00000000000000000000000001";
  v1::Team team;
  team.set_title("Kilifi team");
  v1::FeedRecord fine;
  fine.set_record_id(good);
  fine.set_type(v1::RECORD_TYPE_TEAM);
  fine.set_record(team.SerializeAsString());
  v1::FeedRecord garbled = fine;
  garbled.set_record_id("tem_00000000000000000000000002");
  garbled.set_record("\x0a\xff");
  v1::FeedRecord of_another_type = fine;
  of_another_type.set_record_id("org_00000000000000000000000003");
  v1::SyncResponse response;
  for (const v1::FeedRecord& record : {garbled, fine, of_another_type}) {
    v1::FeedPayload payload;
    *payload.mutable_record() = record;
    v1::FeedItem& item = *response.add_feed();
    item.set_position(response.feed_size());
    item.set_action(v1::FeedItem::ACTION_UPSERT);
    item.set_object("record:" + record.record_id());
    item.set_payload(payload.SerializeAsString());
  }
  response.mutable_next_cursor()->set_epoch("epoch-1");
  response.mutable_next_cursor()->set_position(3);
  ASSERT_OK_AND_ASSIGN(const AppliedFeed applied, store_->ApplyFeed(response));
  EXPECT_EQ(applied.unreadable, 2u);
  EXPECT_THAT(store_->GetRecord(garbled.record_id()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_->GetRecord(of_another_type.record_id()),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK_AND_ASSIGN(const v1::ClientRecord got, store_->GetRecord(good));
  EXPECT_EQ(got.record().team().title(), "Kilifi team");
}

TEST_F(DeviceStoreTest, ANewerDatabaseIsRefusedUntouched) {
  store_.reset();
  {
    DatabaseOptions options;
    options.schema = DeviceSchema();
    options.schema->migrations.push_back("CREATE TABLE newer (a INTEGER) STRICT;");
    ASSERT_OK(Database::Open(dir_.File("device.db"), options));
  }
  const std::string before = test::ReadFile(dir_.File("device.db"));
  DeviceStore::Options options;
  options.path = dir_.File("device.db");
  EXPECT_THAT(DeviceStore::Open(options, minter_, random_),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(test::ReadFile(dir_.File("device.db")), before);
}

TEST_F(DeviceStoreTest, TheFirstVersionsRecordsAreTakenOverAndGoOn) {
  const DeviceStore::NewOperation added = NewReport("Forum");
  const Operation& operation = added.operation;
  const std::string id = operation.header.record_id();
  const v1::RecordState state = MergeOperations(absl::MakeConstSpan(&operation, 1));
  const Identity identity = store_->identity();
  store_.reset();
  const std::string path = dir_.File("first.db");
  {
    DatabaseOptions options;
    options.schema = DeviceSchema();
    options.schema->migrations.resize(1);
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Database> database, Database::Open(path, options));
    ASSERT_OK_AND_ASSIGN(Statement meta,
                         database->Prepare("INSERT INTO meta (key, value) VALUES (?1, ?2)"));
    meta.BindAll("device_id", Blob{identity.device_id});
    ASSERT_OK(meta.Run());
    ASSERT_OK_AND_ASSIGN(
        Statement own,
        database->Prepare("INSERT INTO operations (device_seq, op_id, record_id, lamport, "
                          "device_time_ms, header, parts) VALUES (1, ?1, ?1, 7, 0, ?2, ?3)"));
    v1::WireOperation parts;
    *parts.mutable_parts() = operation.wire.parts();
    own.BindAll(id, Blob{operation.wire.header()}, Blob{parts.SerializeAsString()});
    ASSERT_OK(own.Run());
    ASSERT_OK_AND_ASSIGN(
        Statement record,
        database->Prepare("INSERT INTO records (record_id, team_id, voided, attention, state) "
                          "VALUES (?1, ?2, 0, 2, ?3)"));
    record.BindAll(id, state.team_id(), Blob{state.SerializeAsString()});
    ASSERT_OK(record.Run());
  }
  DeviceStore::Options options;
  options.path = path;
  ASSERT_OK_AND_ASSIGN(store_, DeviceStore::Open(options, minter_, random_));
  EXPECT_EQ(store_->identity().device_id, identity.device_id);
  ASSERT_OK_AND_ASSIGN(const v1::RecordState taken_over, store_->GetState(id));
  EXPECT_EQ(taken_over.SerializeAsString(), state.SerializeAsString());
  ASSERT_OK_AND_ASSIGN(const StoreCounts counts, store_->Counts());
  EXPECT_EQ(counts.outbox, 1u);
  EXPECT_EQ(counts.conflicts, 1u);
  Append("A later one");
  EXPECT_THAT(OutboxSeqs(), ElementsAre(1, 2));
}

TEST_F(DeviceStoreTest, ARecordWithoutAStateOfItsOwnReadsAsItsCreation) {
  DeviceStore::NewOperation added = NewReport("Forum");
  const std::string id = added.operation.header.record_id();
  const std::string merged =
      MergeOperations(absl::MakeConstSpan(&added.operation, 1)).SerializeAsString();
  ASSERT_OK_AND_ASSIGN(const DeviceStore::Appended captured, store_->Append(std::move(added)));
  EXPECT_EQ(captured.state.SerializeAsString(), merged);
  EXPECT_EQ(captured.record->SerializeAsString(), captured.state.record());
  const auto read = [&] {
    std::vector<std::string> states;
    const auto found = store_->GetState(id);
    EXPECT_OK(found);
    if (found.ok()) states.push_back(found->SerializeAsString());
    const auto listed = store_->ListRecords(v1::RECORD_TYPE_SESSION_REPORT, "", 10, true, "");
    EXPECT_OK(listed);
    if (listed.ok()) {
      for (const v1::ClientRecord& record : *listed) {
        states.push_back(record.state().SerializeAsString());
      }
    }
    return states;
  };
  EXPECT_THAT(read(), ElementsAre(merged, merged));
  ASSERT_OK(store_->ApplyResults(Accepted({1}, 1)));
  EXPECT_THAT(read(), ElementsAre(merged, merged));
  Open();
  EXPECT_THAT(read(), ElementsAre(merged, merged));
}

// --- What changed

class ViewChangesTest : public DeviceStoreTest {
 protected:
  ViewChangesTest() { EXPECT_OK(store_->ApplyFeed(Page({}))); }

  static v1::FeedItem Digest(const std::string& object, const std::string& report_id) {
    v1::FeedPayload payload;
    payload.mutable_digest()->set_report_id(report_id);
    v1::FeedItem item;
    item.set_action(v1::FeedItem::ACTION_UPSERT);
    item.set_object(object);
    item.set_payload(payload.SerializeAsString());
    return item;
  }
  static v1::FeedItem Removal(const std::string& object) {
    v1::FeedItem item;
    item.set_action(v1::FeedItem::ACTION_REMOVE);
    item.set_object(object);
    return item;
  }
  // The next page of the feed.
  v1::SyncResponse Page(const std::vector<v1::FeedItem>& items) {
    v1::SyncResponse response;
    for (const v1::FeedItem& item : items) {
      v1::FeedItem& added = *response.add_feed();
      added = item;
      added.set_position(++position_);
    }
    response.mutable_next_cursor()->set_epoch("epoch-1");
    response.mutable_next_cursor()->set_position(position_);
    return response;
  }
  static ViewChange Record(const std::string& id) { return {ViewChange::Kind::kRecord, id}; }
  static ViewChange Object(const std::string& id) { return {ViewChange::Kind::kFeedObject, id}; }
  std::vector<ViewChange> Since(uint64_t version) {
    const std::optional<std::vector<ViewChange>> changes = store_->ChangesSince(version);
    EXPECT_TRUE(changes.has_value());
    return changes.value_or(std::vector<ViewChange>());
  }

  int64_t position_ = 0;
};

TEST_F(ViewChangesTest, NamesExactlyWhatChangedInItsOrder) {
  const uint64_t start = store_->reports_version();
  EXPECT_THAT(Since(start), IsEmpty());
  const std::string first = Append("1");
  const std::string second = Append("2");
  EXPECT_THAT(Since(start), ElementsAre(Record(first), Record(second)));
  const uint64_t captured = store_->reports_version();
  ASSERT_OK(store_->ApplyFeed(Page({Digest("digest:a", "rep_a"), Removal("digest:b")})));
  EXPECT_THAT(Since(captured), ElementsAre(Object("digest:a"), Object("digest:b")));
  EXPECT_THAT(Since(start),
              ElementsAre(Record(first), Record(second), Object("digest:a"), Object("digest:b")));
  // What the server takes changes nothing of the view, what it rejects does.
  const uint64_t pulled = store_->reports_version();
  v1::SyncResponse response = Accepted({1, 2}, 2);
  response.mutable_results(1)->set_outcome(v1::OPERATION_OUTCOME_REJECTED);
  response.mutable_results(1)->set_reason(v1::REJECTION_REASON_NOT_AUTHORISED);
  ASSERT_OK(store_->ApplyResults(response));
  EXPECT_THAT(Since(pulled), ElementsAre(Record(second)));
  // A version that was never given.
  EXPECT_EQ(store_->ChangesSince(store_->reports_version() + 1), std::nullopt);
}

TEST_F(ViewChangesTest, ARegisterRecordMovesTheOtherVersion) {
  OperationStamp stamp;
  stamp.record_id = stamp.op_id = sample_.Id("tem");
  stamp.record_type = v1::RECORD_TYPE_TEAM;
  stamp.programme_id = sample_.programme;
  stamp.author_id = sample_.amina;
  stamp.author_role = v1::ROLE_ADMINISTRATOR;
  stamp.lamport = store_->NextLamport();
  v1::Team team;
  team.set_title("Kisauni");
  DeviceStore::NewOperation added;
  ASSERT_OK_AND_ASSIGN(added.operation, BuildOperation(stamp, nullptr, team));
  const uint64_t reports = store_->reports_version();
  const uint64_t registers = store_->register_version();
  ASSERT_OK(store_->Append(std::move(added)));
  EXPECT_EQ(store_->reports_version(), reports);
  EXPECT_GT(store_->register_version(), registers);
}

TEST_F(ViewChangesTest, NamesABoundedNumberOfChanges) {
  const uint64_t start = store_->reports_version();
  std::vector<v1::FeedItem> items;
  for (size_t i = 0; i <= kMaxNotedChanges; ++i) items.push_back(Removal("digest:a"));
  ASSERT_OK(store_->ApplyFeed(Page(items)));
  EXPECT_EQ(store_->ChangesSince(start), std::nullopt);
  EXPECT_THAT(Since(start + 1), SizeIs(kMaxNotedChanges));
}

TEST_F(ViewChangesTest, TheEndOfAResetDeletesMoreThanCanBeNamed) {
  ASSERT_OK(store_->ApplyFeed(Page({Digest("digest:a", "rep_a")})));
  const uint64_t start = store_->reports_version();
  v1::SyncResponse page = Page({Digest("digest:b", "rep_b")});
  page.set_feed_reset(true);
  page.set_has_more(true);
  ASSERT_OK(store_->ApplyFeed(page));
  EXPECT_THAT(Since(start), ElementsAre(Object("digest:b")));
  ASSERT_OK(store_->ApplyFeed(Page({})));
  EXPECT_EQ(store_->ChangesSince(start), std::nullopt);
  EXPECT_THAT(*store_->FindDigest("digest:a"), testing::Eq(std::nullopt));
  EXPECT_THAT(Since(store_->reports_version()), IsEmpty());
}

TEST_F(ViewChangesTest, AFailedWriteOrANewIdentityForgetsWhatWasNoted) {
  uint64_t start = store_->reports_version();
  v1::SyncResponse page = Page({Digest("digest:a", "rep_a")});
  page.mutable_next_cursor()->set_position(0);
  EXPECT_THAT(store_->ApplyFeed(page), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(store_->ChangesSince(start), std::nullopt);
  EXPECT_GT(store_->reports_version(), start + 1);
  start = store_->reports_version();
  ASSERT_OK(store_->Bind(sample_.Enrolment(sample_.bruno, "epoch-1"), "127.0.0.1:1", "CA"));
  EXPECT_EQ(store_->ChangesSince(start), std::nullopt);
}

TEST_F(ViewChangesTest, FindsADigestByItsObject) {
  v1::FeedPayload figure;
  figure.mutable_figure()->set_indicator_id("ind_1");
  v1::FeedItem other = Digest("digest:b", "");
  other.set_payload(figure.SerializeAsString());
  ASSERT_OK(store_->ApplyFeed(Page({Digest("digest:a", "rep_a"), other})));
  ASSERT_OK_AND_ASSIGN(std::optional<v1::SessionDigest> digest, store_->FindDigest("digest:a"));
  ASSERT_TRUE(digest.has_value());
  EXPECT_EQ(digest->report_id(), "rep_a");
  ASSERT_OK_AND_ASSIGN(digest, store_->FindDigest("digest:b"));
  EXPECT_FALSE(digest.has_value());
  ASSERT_OK_AND_ASSIGN(digest, store_->FindDigest("digest:c"));
  EXPECT_FALSE(digest.has_value());
}

}  // namespace
}  // namespace baraza::client
