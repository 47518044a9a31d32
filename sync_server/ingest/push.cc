#include "sync_server/ingest/push.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/validate.h"
#include "sync_server/limits.h"

namespace baraza::server {
namespace {

v1::OperationResult ResultOf(uint64_t device_seq, absl::string_view op_id, bool replayed) {
  v1::OperationResult result;
  result.set_device_seq(device_seq);
  result.set_op_id(std::string(op_id));
  result.set_outcome(v1::OPERATION_OUTCOME_ACCEPTED);
  result.set_replayed(replayed);
  return result;
}

v1::OperationResult ResultOf(uint64_t device_seq, const Rejection& rejection, bool replayed) {
  v1::OperationResult result = ResultOf(device_seq, rejection.op_id, replayed);
  result.set_outcome(v1::OPERATION_OUTCOME_REJECTED);
  result.set_reason(rejection.reason);
  result.set_message(rejection.message);
  result.set_field(rejection.field);
  return result;
}

v1::OperationResult ResultOf(uint64_t device_seq, const StoredResult& stored) {
  if (stored.position.has_value()) return ResultOf(device_seq, stored.op_id, true);
  return ResultOf(device_seq,
                  Rejection{.reason = stored.reason,
                            .field = stored.field,
                            .message = stored.message,
                            .op_id = stored.op_id},
                  true);
}

// The beginning of what the device sent.
std::string KeptBytes(const v1::WireOperation& wire) {
  std::string bytes = wire.SerializeAsString();
  if (bytes.size() > kMaxQuarantineBytesPerOperation) {
    bytes.resize(kMaxQuarantineBytesPerOperation);
    bytes.shrink_to_fit();
  }
  return bytes;
}

// Stores a rejection, unless this device has filled its share: then a replay is judged anew, which
// gives the same result.
absl::Status Quarantine(StoreWriter& writer, const JudgedOperation& judged,
                        const Rejection& rejection, int64_t now_ms, DeviceRow& device) {
  if (device.quarantine_rows >= kMaxQuarantineRowsPerDevice) return absl::OkStatus();
  QuarantineRow row;
  row.device_id = device.device_id;
  row.device_seq = judged.device_seq;
  row.hash = judged.hash;
  row.op_id = rejection.op_id;
  row.reason = rejection.reason;
  row.field = rejection.field;
  row.message = rejection.message;
  row.received_ms = now_ms;
  row.size_bytes = judged.size_bytes;
  row.bytes = judged.rejection.has_value() ? judged.bytes : KeptBytes(judged.operation.wire);
  return writer.PutRejected(device, row);
}

// The stored results of the operations that have one. False: this is not the database that the
// results are for.
absl::StatusOr<bool> StoredResults(StoreWriter& writer, const DeviceRow& device, const Push& push,
                                   std::vector<std::optional<StoredResult>>& stored) {
  for (size_t i = 0; i < push.operations.size(); ++i) {
    const JudgedOperation& judged = push.operations[i];
    // Nothing is stored beyond what is acknowledged, but for what came under suspension.
    if (judged.device_seq > device.acknowledged_seq) break;
    BARAZA_ASSIGN_OR_RETURN(std::optional<StoredResult> result,
                            writer.FindResult(device, judged.device_seq));
    if (!result.has_value() || result->reason == v1::REJECTION_REASON_SUSPENDED) continue;
    if (result->hash != judged.hash) return false;
    stored[i] = std::move(result);
  }
  return true;
}

// One operation that has no stored result.
absl::StatusOr<v1::OperationResult> Apply(StoreWriter& writer, const JudgedOperation& judged,
                                          int64_t now_ms, DeviceRow& device) {
  if (judged.rejection.has_value()) {
    BARAZA_RETURN_IF_ERROR(Quarantine(writer, judged, *judged.rejection, now_ms, device));
    return ResultOf(judged.device_seq, *judged.rejection, false);
  }
  const std::string& op_id = judged.operation.header.op_id();
  BARAZA_ASSIGN_OR_RETURN(const StoreWriter::Appended appended,
                          writer.AppendOperation(judged.operation, device, now_ms));
  if (appended.known && appended.hash != judged.hash) {
    const Rejection reused{
        .reason = v1::REJECTION_REASON_ID_REUSED,
        .field = "header.op_id",
        .message = absl::StrCat("operation ", op_id,
                                ": expected an id of its own, got that of an earlier operation"),
        .op_id = op_id};
    BARAZA_RETURN_IF_ERROR(Quarantine(writer, judged, reused, now_ms, device));
    return ResultOf(judged.device_seq, reused, false);
  }
  // It may have come before, while the caller was suspended.
  BARAZA_RETURN_IF_ERROR(writer.DropRejected(device, judged.device_seq));
  BARAZA_RETURN_IF_ERROR(writer.PutAccepted(device, judged.device_seq, appended.position));
  return ResultOf(judged.device_seq, op_id, appended.known);
}

absl::StatusOr<v1::OperationResult> ApplySuspended(StoreWriter& writer,
                                                   const JudgedOperation& judged, int64_t now_ms,
                                                   DeviceRow& device) {
  Rejection suspended{.reason = v1::REJECTION_REASON_SUSPENDED,
                      .field = "",
                      .message = "the credential is suspended: kept aside until that is lifted",
                      .op_id = ""};
  suspended.op_id =
      judged.rejection.has_value() ? judged.rejection->op_id : judged.operation.header.op_id();
  BARAZA_RETURN_IF_ERROR(Quarantine(writer, judged, suspended, now_ms, device));
  return ResultOf(judged.device_seq, suspended, false);
}

}  // namespace

JudgedOperation Judge(const v1::WireOperation& wire, const Caller& caller) {
  JudgedOperation judged;
  judged.device_seq = wire.device_seq();
  judged.size_bytes = wire.ByteSizeLong();
  judged.rejection = JudgeOperation(wire, caller.grant, &judged.operation);
  if (!judged.rejection.has_value()) {
    judged.hash = judged.operation.hash;
    return judged;
  }
  // What could be read of the id goes back in a response, which one ill-formed string would break.
  if (!IdPrefix(judged.rejection->op_id).ok()) judged.rejection->op_id.clear();
  judged.operation = Operation();
  judged.hash = OperationHash(wire);
  judged.bytes = KeptBytes(wire);
  return judged;
}

absl::Status CheckDeviceOwner(const DeviceRow& device, const Caller& caller) {
  if (device.person_id == caller.grant.person_id) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat(device.device_id,
                   ": this device id belongs to another person. Sync with that person's credential,"
                   " or enrol a new database for the person who uses the device now"));
}

absl::Status ApplyPush(StoreWriter& writer, const Caller& caller, const Push& push,
                       PushOutcome* outcome) {
  *outcome = PushOutcome();
  BARAZA_ASSIGN_OR_RETURN(DeviceRow device,
                          writer.EnsureDevice(push.device_id, caller.grant.person_id,
                                              caller.credential_id, push.incarnation));
  BARAZA_RETURN_IF_ERROR(CheckDeviceOwner(device, caller));
  outcome->acknowledged_seq = device.acknowledged_seq;

  std::vector<std::optional<StoredResult>> stored(push.operations.size());
  bool same_database = device.incarnation == push.incarnation;
  if (same_database) {
    BARAZA_ASSIGN_OR_RETURN(same_database, StoredResults(writer, device, push, stored));
  }
  if (!same_database) {
    outcome->directive = v1::DEVICE_DIRECTIVE_TAKE_NEW_DEVICE_ID;
    return absl::OkStatus();
  }

  if (caller.suspended) outcome->directive = v1::DEVICE_DIRECTIVE_SUSPENDED;
  for (size_t i = 0; i < push.operations.size(); ++i) {
    const JudgedOperation& judged = push.operations[i];
    if (stored[i].has_value()) {
      outcome->results.push_back(ResultOf(judged.device_seq, *stored[i]));
      continue;
    }
    if (caller.suspended) {
      BARAZA_ASSIGN_OR_RETURN(v1::OperationResult result,
                              ApplySuspended(writer, judged, push.now_ms, device));
      outcome->results.push_back(std::move(result));
      continue;
    }
    BARAZA_ASSIGN_OR_RETURN(v1::OperationResult result, Apply(writer, judged, push.now_ms, device));
    outcome->results.push_back(std::move(result));
    device.acknowledged_seq = std::max(device.acknowledged_seq, judged.device_seq);
    device.stored_count = std::min(device.stored_count + 1, device.acknowledged_seq);
  }
  device.credential_id = caller.credential_id;
  device.last_seen_ms = push.now_ms;
  device.state = push.state;
  outcome->acknowledged_seq = device.acknowledged_seq;
  return writer.PutDevice(device);
}

}  // namespace baraza::server
