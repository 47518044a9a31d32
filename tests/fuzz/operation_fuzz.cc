// Operations as they come over the line: decoding, judging, merging. The input is an
// OperationBatch.

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/base/ids.h"
#include "core/model/json.h"
#include "core/model/limits.h"
#include "core/model/merge.h"
#include "core/model/operation.h"
#include "core/model/operation_batch.h"
#include "core/model/record_types.h"
#include "core/model/validate.h"
#include "tests/fuzz/mutate_message.h"
#include "tests/fuzz/target.h"

namespace baraza::fuzz {
namespace {

// More of them make nothing new, just slow.
constexpr int kMostOperations = 24;

std::string Id(absl::string_view prefix, uint8_t number) {
  Uuid uuid{};
  uuid[15] = number;
  return absl::StrCat(prefix, "_", EncodeIdSuffix(uuid));
}

// One person with every role in two teams, so that what a role may do is reached.
const AuthorGrant& Grant() {
  static const auto* const grant =
      new AuthorGrant{.programme_id = Id("prg", 1),
                      .person_id = Id("per", 1),
                      .team_ids = {Id("tem", 1), Id("tem", 2)},
                      .roles = {v1::ROLE_COLLECTOR, v1::ROLE_TEAM_LEAD, v1::ROLE_ME_OFFICER}};
  return *grant;
}

std::string StateOf(const std::vector<Operation>& operations) {
  return MergeOperations(operations).SerializeAsString();
}

// The record is that of the set, whatever the order and however often it is told.
void CheckMerge(std::vector<Operation> operations) {
  const v1::RecordState state = MergeOperations(operations);
  const std::string bytes = state.SerializeAsString();
  std::reverse(operations.begin(), operations.end());
  FUZZ_CHECK(StateOf(operations) == bytes, "reversed");
  std::rotate(operations.begin(), operations.begin() + operations.size() / 2, operations.end());
  FUZZ_CHECK(StateOf(operations) == bytes, "rotated");
  std::vector<Operation> twice = operations;
  twice.insert(twice.end(), operations.begin(), operations.end());
  FUZZ_CHECK(StateOf(twice) == bytes, "twice");

  const auto record = RecordOf(state);
  if (!record.ok()) return;
  (void)RecordToJson(**record);
  if (state.created()) FUZZ_CHECK(!state.heads().empty());
}

// What is built from a valid record is taken, is read as it was built, and gives the record back.
void CheckBuild(const v1::RecordState& state) {
  auto record = RecordOf(state);
  if (!record.ok() || !ValidateRecord(**record).ok()) return;
  OperationStamp stamp;
  stamp.record_id = Id(IdPrefixOf(state.type()), 9);
  stamp.op_id = stamp.record_id;
  stamp.record_type = state.type();
  stamp.programme_id = Grant().programme_id;
  stamp.team_id = Id("tem", 1);
  stamp.author_id = Grant().person_id;
  stamp.author_role = v1::ROLE_COLLECTOR;
  stamp.lamport = 1;
  const absl::StatusOr<Operation> built = BuildOperation(stamp, nullptr, **record);
  if (!built.ok()) return;
  Operation parsed;
  const std::optional<Rejection> slow = JudgeOperation(built->wire, Grant(), &parsed);
  const std::optional<Rejection> quick = JudgeBuiltOperation(*built, Grant());
  FUZZ_CHECK(slow.has_value() == quick.has_value(), +(slow ? slow->message : quick->message));
  if (slow.has_value()) {
    FUZZ_CHECK(slow->reason == quick->reason && slow->message == quick->message);
    return;
  }
  FUZZ_CHECK(parsed.hash == built->hash);
  FUZZ_CHECK(StateOfCreation(*built, record->get()).SerializeAsString() == StateOf({parsed}));
}

void CheckOperation(const v1::WireOperation& wire, const absl::StatusOr<Operation>& parsed) {
  Operation judged;
  const std::optional<Rejection> rejection = JudgeOperation(wire, Grant(), &judged);
  if (rejection.has_value()) {
    FUZZ_CHECK(v1::RejectionReason_IsValid(rejection->reason));
    FUZZ_CHECK(rejection->reason != v1::REJECTION_REASON_UNSPECIFIED);
    FUZZ_CHECK(!rejection->message.empty() && rejection->message.size() < 1000,
               +rejection->message);
    Operation again;
    const std::optional<Rejection> second = JudgeOperation(wire, Grant(), &again);
    FUZZ_CHECK(second.has_value() && second->reason == rejection->reason &&
               second->field == rejection->field && second->message == rejection->message);
  } else {
    FUZZ_CHECK(parsed.ok());
    FUZZ_CHECK(judged.hash == parsed->hash);
  }
  if (!parsed.ok()) {
    FUZZ_CHECK(parsed.status().code() == absl::StatusCode::kInvalidArgument);
    return;
  }
  FUZZ_CHECK(wire.ByteSizeLong() <= 2 * kMaxOperationBytes);
  FUZZ_CHECK(parsed->hash == OperationHash(wire));
  // Neither erasing a part nor another place in the device's row changes what it is.
  v1::WireOperation erased = wire;
  erased.set_device_seq(wire.device_seq() + 1);
  EraseParts(erased, {v1::PRIVACY_PUBLIC, v1::PRIVACY_TEAM});
  FUZZ_CHECK(OperationHash(erased) == parsed->hash);
  FUZZ_CHECK(ParseOperation(erased).ok());
}

void OneInput(absl::string_view bytes) {
  v1::SyncRequest packed;
  packed.set_packed_operations(std::string(bytes));
  (void)UnpackOperations(1 << 20, packed);

  v1::OperationBatch batch;
  if (!batch.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  std::map<std::string, std::vector<Operation>> records;
  std::map<std::string, bool> known;
  for (int i = 0; i < std::min(batch.operations_size(), kMostOperations); ++i) {
    const v1::WireOperation& wire = batch.operations(i);
    absl::StatusOr<Operation> operation = ParseOperation(wire);
    CheckOperation(wire, operation);
    if (!operation.ok()) continue;
    // An id stands for one operation; the server sees to that.
    if (!known.emplace(operation->header.op_id(), true).second) continue;
    records[operation->header.record_id()].push_back(*std::move(operation));
  }
  for (auto& [id, operations] : records) {
    CheckMerge(operations);
    CheckBuild(MergeOperations(operations));
  }

  v1::SyncRequest request;
  *request.mutable_operations() = batch.operations();
  PackOperations(request);
  if (batch.operations_size() > 0) {
    FUZZ_CHECK(UnpackOperations(64 << 20, request).ok());
    v1::OperationBatch again;
    *again.mutable_operations() = request.operations();
    FUZZ_CHECK(again.operations_size() == batch.operations_size());
    for (int i = 0; i < again.operations_size(); ++i) {
      FUZZ_CHECK(again.operations(i).SerializeAsString() ==
                 batch.operations(i).SerializeAsString());
    }
  }
}

v1::SessionReport SampleReport() {
  v1::SessionReport report;
  report.mutable_review()->set_stage(v1::REPORT_STAGE_SUBMITTED);
  report.set_held_status(v1::HELD_STATUS_HELD);
  report.mutable_title()->set_text("Coast forum");
  report.mutable_title()->set_language("en");
  report.set_issue_id(Id("iss", 1));
  report.mutable_dates()->set_earliest("2026-03-05");
  report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
  report.mutable_venue()->set_country("KE");
  v1::ParticipatingTeam& team = *report.add_participating_teams();
  team.set_element_id("a");
  team.set_team_id(Id("tem", 2));
  v1::MeansOfVerification& photo = *report.add_means_of_verification();
  photo.set_element_id("pho");
  photo.set_kind(v1::MeansOfVerification::KIND_PHOTO);
  photo.set_sensitive(true);
  report.mutable_narrative()->set_text("We met in the hall.");
  return report;
}

OperationStamp Stamp(v1::RecordType type, const std::string& record_id, const std::string& op_id,
                     uint64_t lamport, std::vector<std::string> parents) {
  OperationStamp stamp;
  stamp.record_type = type;
  stamp.record_id = record_id;
  stamp.op_id = op_id;
  stamp.programme_id = Grant().programme_id;
  stamp.team_id = Id("tem", 1);
  stamp.author_id = Grant().person_id;
  stamp.author_role = v1::ROLE_COLLECTOR;
  stamp.lamport = lamport;
  stamp.parent_op_ids = std::move(parents);
  return stamp;
}

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  // A report with two edits that do not know of one another, one that settles it, and an erasure.
  const std::string id = Id("rep", 1);
  const auto type = v1::RECORD_TYPE_SESSION_REPORT;
  const v1::SessionReport made = SampleReport();
  v1::SessionReport retitled = made;
  retitled.mutable_title()->set_text("Coast forum, second day");
  retitled.clear_venue();
  v1::SessionReport renamed = made;
  renamed.mutable_title()->set_text("Forum");
  renamed.clear_participating_teams();
  v1::Redaction redaction;
  redaction.set_op_id(id);
  redaction.add_classes(v1::PRIVACY_TEAM);
  OperationStamp office = Stamp(type, id, Id("op", 4), 4, {Id("op", 3)});
  office.author_role = v1::ROLE_ME_OFFICER;
  v1::OperationBatch batch;
  for (const absl::StatusOr<Operation>& operation :
       {BuildOperation(Stamp(type, id, id, 1, {}), nullptr, made),
        BuildOperation(Stamp(type, id, Id("op", 1), 2, {id}), &made, retitled),
        BuildOperation(Stamp(type, id, Id("op", 2), 2, {id}), &made, renamed),
        BuildOperation(Stamp(type, id, Id("op", 3), 3, {Id("op", 1), Id("op", 2)}), &retitled,
                       renamed),
        BuildRedaction(office, {redaction})}) {
    FUZZ_CHECK(operation.ok(), +operation.status().ToString());
    *batch.add_operations() = operation->wire;
    batch.mutable_operations(batch.operations_size() - 1)
        ->set_device_seq(static_cast<uint64_t>(batch.operations_size()));
    seeds.push_back(batch.SerializeAsString());
  }
  // One creation of each type, with whatever a record of the type can be given without thought.
  for (const v1::RecordType record_type : AllRecordTypes()) {
    const std::string record_id = Id(IdPrefixOf(record_type), 3);
    v1::Header header;
    header.set_op_id(record_id);
    header.set_record_id(record_id);
    header.set_record_type(record_type);
    header.set_programme_id(Grant().programme_id);
    header.set_team_id(Id("tem", 1));
    header.set_author_id(Grant().person_id);
    header.set_author_role(v1::ROLE_ME_OFFICER);
    header.set_lamport(1);
    header.set_schema_level(kSchemaLevel);
    v1::OperationBatch one;
    v1::WireOperation& wire = *one.add_operations();
    wire.set_device_seq(1);
    wire.set_header(header.SerializeAsString());
    v1::Delta delta;
    delta.set_record(NewRecord(record_type)->SerializeAsString());
    delta.add_cleared_fields(2);
    v1::Part& part = *wire.add_parts();
    part.set_privacy(v1::PRIVACY_TEAM);
    part.set_delta(delta.SerializeAsString());
    seeds.push_back(one.SerializeAsString());
  }
  v1::SyncRequest request;
  *request.mutable_operations() = batch.operations();
  PackOperations(request);
  seeds.push_back(request.packed_operations());
  return seeds;
}

const Registration registration({"operation", &OneInput, &Seeds, &MutateAs<v1::OperationBatch>});

}  // namespace
}  // namespace baraza::fuzz
