#include "tests/unit/sync_server/testing/programme_fixture.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/model/limits.h"
#include "core/model/merge.h"
#include "core/model/operation.h"
#include "core/model/record_types.h"
#include "sync_server/ingest/audience.h"

namespace baraza::server::testing {
namespace {

// A fixture that does not come up is no test result.
void Require(const absl::Status& status, absl::string_view what) {
  if (status.ok()) return;
  fprintf(stderr, "%s: %s\n", std::string(what).c_str(), status.ToString().c_str());
  abort();
}

}  // namespace

std::string TestId(absl::string_view prefix, uint64_t n) {
  Uuid uuid{};
  for (int i = 0; i < 8; ++i) uuid[15 - i] = static_cast<uint8_t>(n >> (8 * i));
  return absl::StrCat(prefix, "_", EncodeIdSuffix(uuid));
}

std::string ProgrammeId() { return TestId("prg", 1); }

Caller MemberOf(uint64_t person, uint64_t team, v1::Role role) {
  Caller caller;
  caller.grant.programme_id = ProgrammeId();
  caller.grant.person_id = TestId("per", person);
  caller.grant.team_ids = {TestId("tem", team)};
  caller.grant.roles = {role};
  caller.membership.set_programme_id(ProgrammeId());
  caller.membership.set_person_id(caller.grant.person_id);
  caller.membership.set_team_id(TestId("tem", team));
  caller.membership.set_organisation_id(TestId("org", team));
  caller.membership.set_role(role);
  caller.membership.mutable_scope()->set_team_id(TestId("tem", team));
  caller.credential_id = TestId("crd", person);
  caller.audiences = AudiencesFor(caller.membership, {TestId("iss", 1)}, {TestId("iss", 1)});
  return caller;
}

Caller OfficeMember(uint64_t person, v1::Role role) {
  Caller caller;
  caller.grant.programme_id = ProgrammeId();
  caller.grant.person_id = TestId("per", person);
  caller.grant.roles = {role};
  caller.membership.set_programme_id(ProgrammeId());
  caller.membership.set_person_id(caller.grant.person_id);
  caller.membership.set_role(role);
  caller.membership.mutable_scope()->set_programme(true);
  caller.credential_id = TestId("crd", person);
  caller.audiences = AudiencesFor(caller.membership, {}, {TestId("iss", 1)});
  return caller;
}

v1::SessionReport Report(uint64_t n) {
  v1::SessionReport report;
  report.mutable_review()->set_stage(v1::REPORT_STAGE_SUBMITTED);
  report.set_held_status(v1::HELD_STATUS_HELD);
  report.mutable_title()->set_text(absl::StrCat("Sharing day number ", n));
  report.mutable_title()->set_language("en");
  report.mutable_dates()->set_earliest("2026-02-03");
  report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
  report.mutable_narrative()->set_text(absl::StrCat("What was told of number ", n));
  return report;
}

TestDevice::TestDevice(uint64_t number, Caller owner)
    : number_(number),
      device_id_(TestId("dev", number)),
      incarnation_(std::string(15, 'i') + static_cast<char>('a' + number % 26)),
      owner_(std::move(owner)) {}

std::string TestDevice::NextOpId(absl::string_view prefix) {
  return TestId(prefix, number_ * 1'000'000 + ++minted_);
}

std::string TestDevice::Capture(const google::protobuf::Message& record) {
  OperationStamp stamp;
  stamp.record_type = RecordTypeOf(*record.GetDescriptor());
  stamp.record_id = NextOpId(IdPrefixOf(stamp.record_type));
  stamp.op_id = stamp.record_id;
  stamp.programme_id = owner_.grant.programme_id;
  stamp.team_id = owner_.membership.team_id();
  stamp.author_id = owner_.grant.person_id;
  stamp.author_role = owner_.membership.role();
  stamp.lamport = ++lamport_;
  absl::StatusOr<Operation> operation = BuildOperation(stamp, nullptr, record);
  Require(operation.status(), "capture");
  AppendWire(std::move(operation->wire));
  return stamp.record_id;
}

void TestDevice::Edit(const std::string& record_id, const google::protobuf::Message& before,
                      const google::protobuf::Message& after, std::vector<std::string> parents) {
  OperationStamp stamp;
  stamp.record_type = RecordTypeOf(*after.GetDescriptor());
  stamp.record_id = record_id;
  stamp.op_id = NextOpId("op");
  stamp.programme_id = owner_.grant.programme_id;
  stamp.team_id = owner_.membership.team_id();
  stamp.author_id = owner_.grant.person_id;
  stamp.author_role = owner_.membership.role();
  stamp.lamport = ++lamport_;
  stamp.parent_op_ids = std::move(parents);
  absl::StatusOr<Operation> operation = BuildOperation(stamp, &before, after);
  Require(operation.status(), "edit");
  AppendWire(std::move(operation->wire));
}

void TestDevice::AppendWire(v1::WireOperation wire) {
  wire.set_device_seq(operations_.size() + 1);
  operations_.push_back(std::move(wire));
}

v1::SyncRequest TestDevice::Request(uint64_t after) const {
  v1::SyncRequest request;
  request.set_device_id(device_id_);
  request.set_database_incarnation(incarnation_);
  request.set_protocol_version(kProtocolVersion);
  request.set_schema_level(kSchemaLevel);
  request.set_min_schema_level(kMinSchemaLevel);
  request.set_max_schema_level(kSchemaLevel);
  for (const v1::WireOperation& wire : operations_) {
    if (wire.device_seq() > after) *request.add_operations() = wire;
  }
  *request.mutable_cursor() = cursor_;
  return request;
}

void TestDevice::Learn(const v1::SyncResponse& response) {
  if (response.feed_reset()) feed_.clear();
  for (const v1::FeedItem& item : response.feed()) {
    if (item.action() == v1::FeedItem::ACTION_REMOVE) {
      feed_.erase(item.object());
    } else {
      feed_[item.object()] = item.payload();
    }
  }
  if (response.has_next_cursor()) cursor_ = response.next_cursor();
  lamport_ = std::max(lamport_, response.lamport_max());
}

void TestDevice::TakeNewDeviceId(uint64_t number) {
  number_ = number;
  device_id_ = TestId("dev", number);
  incarnation_.back() = static_cast<char>('a' + number % 26);
  for (size_t i = 0; i < operations_.size(); ++i) operations_[i].set_device_seq(i + 1);
}

ProgrammeServer::ProgrammeServer(std::string path, uint64_t seed)
    : path_(std::move(path)), random_(seed) {
  OpenStore();
}

void ProgrammeServer::OpenStore() {
  ProgrammeStoreOptions options;
  options.create = true;
  options.programme_id = ProgrammeId();
  absl::StatusOr<std::unique_ptr<ProgrammeStore>> store =
      ProgrammeStore::Open(path_, options, clock_, random_);
  Require(store.status(), "open");
  store_ = *std::move(store);
  commit_ = std::make_unique<GroupCommit>(*store_);
  handler_ = std::make_unique<SyncHandler>(*store_, *commit_, clock_);
  desk_ = std::make_unique<Desk>(*store_, *commit_, clock_, random_);
}

void ProgrammeServer::Close() {
  commit_.reset();
  handler_.reset();
  desk_.reset();
  store_.reset();
}

void ProgrammeServer::Restart() {
  Close();
  OpenStore();
}

void ProgrammeServer::Pump() {
  while (commit_->Flush() > 0) {
  }
}

absl::StatusOr<v1::SyncResponse> ProgrammeServer::Handle(const v1::SyncRequest& request,
                                                         const Caller& caller) {
  std::optional<absl::StatusOr<v1::SyncResponse>> answer;
  handler_->Handle(request, caller, [&answer](absl::StatusOr<v1::SyncResponse> response) {
    if (answer.has_value()) abort();  // Answered twice.
    answer = std::move(response);
  });
  Pump();
  if (!answer.has_value()) return absl::InternalError("no answer");
  return *std::move(answer);
}

v1::SyncResponse ProgrammeServer::Push(TestDevice& device, uint64_t after) {
  absl::StatusOr<v1::SyncResponse> response = Handle(device.Request(after), device.owner());
  Require(response.status(), "push");
  device.Learn(*response);
  return *std::move(response);
}

void ProgrammeServer::Pull(TestDevice& device) {
  while (true) {
    absl::StatusOr<v1::SyncResponse> response =
        Handle(device.Request(device.operations().size()), device.owner());
    Require(response.status(), "pull");
    device.Learn(*response);
    if (!response->has_more()) return;
  }
}

absl::StatusOr<Desk::Outcome> ProgrammeServer::Append(const Caller& caller, v1::RecordType type,
                                                      absl::string_view record_id,
                                                      const google::protobuf::Message* before,
                                                      const google::protobuf::Message& after,
                                                      absl::string_view request_id,
                                                      absl::string_view etag) {
  absl::StatusOr<Desk::Outcome> outcome = absl::InternalError("no answer");
  desk_->Append(
      caller, type, record_id, before, after, request_id,
      [&outcome](absl::StatusOr<Desk::Outcome> result) { outcome = std::move(result); }, etag);
  Pump();
  return outcome;
}

absl::StatusOr<Desk::Outcome> ProgrammeServer::Redact(
    const Caller& caller, absl::string_view record_id,
    const std::vector<v1::Redaction>& redactions) {
  absl::StatusOr<Desk::Outcome> outcome = absl::InternalError("no answer");
  desk_->Redact(caller, record_id, redactions, "",
                [&outcome](absl::StatusOr<Desk::Outcome> result) { outcome = std::move(result); });
  Pump();
  return outcome;
}

absl::Status ProgrammeServer::Write(const std::function<absl::Status(StoreWriter&)>& work) {
  absl::Status status = absl::InternalError("no answer");
  commit_->Submit(work, [&status](const absl::Status& done) { status = done; });
  Pump();
  return status;
}

std::vector<std::string> ProgrammeServer::AcceptedSet() {
  std::vector<std::string> set;
  Require(store_->OperationHashes(store_->LogPosition().value(),
                                  [&set](absl::string_view op_id, const Sha256Digest& hash) {
                                    set.push_back(absl::StrCat(op_id, " ", hash.ToHex()));
                                    return absl::OkStatus();
                                  }),
          "hashes");
  return set;
}

std::map<std::string, std::string> ProgrammeServer::MergedStates() {
  std::map<std::string, std::string> states;
  absl::StatusOr<std::vector<LogEntry>> log = store_->ReadLog(0, 1'000'000);
  Require(log.status(), "log");
  for (const LogEntry& entry : *log) {
    absl::StatusOr<std::vector<Operation>> operations = store_->OperationsOf(entry.record_id);
    Require(operations.status(), "operations");
    states[entry.record_id] = MergeOperations(*operations).SerializeAsString();
  }
  return states;
}

}  // namespace baraza::server::testing
