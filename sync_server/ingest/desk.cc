#include "sync_server/ingest/desk.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "core/base/status.h"
#include "core/model/limits.h"
#include "core/model/merge.h"
#include "core/model/operation.h"
#include "core/model/record_types.h"
#include "core/model/validate.h"
#include "sync_server/limits.h"

namespace baraza::server {
namespace {

// Not a device's id: those have 26 characters after "dev_".
constexpr char kDeskDevice[] = "desk";
constexpr char kOperationPrefix[] = "op";

absl::Status StatusOf(const Rejection& rejection) {
  const std::string message =
      rejection.message.empty() ? absl::StrCat("field ", rejection.field) : rejection.message;
  return rejection.reason == v1::REJECTION_REASON_NOT_AUTHORISED
             ? absl::PermissionDeniedError(message)
             : absl::InvalidArgumentError(message);
}

// An operation of a device may come to nothing and is kept as a finding; a person at the desk is
// told.
absl::Status CheckTookEffect(const v1::RecordState& state, const std::string& op_id) {
  for (const v1::Finding& finding : state.findings()) {
    if (finding.op_id() != op_id) continue;
    if (finding.kind() == v1::Finding::KIND_NOT_AUTHORISED) {
      return absl::PermissionDeniedError(
          absl::StrCat(state.record_id(), ": ", finding.field(), ": this role may not change it"));
    }
    if (finding.kind() == v1::Finding::KIND_IMMUTABLE_FIELD) {
      return absl::FailedPreconditionError(absl::StrCat(state.record_id(), ": ", finding.field(),
                                                        ": is set at creation and stays as it is"));
    }
  }
  return absl::OkStatus();
}

std::unique_ptr<google::protobuf::Message> Copy(const google::protobuf::Message& message) {
  std::unique_ptr<google::protobuf::Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

}  // namespace

struct Desk::Request {
  Caller caller;
  v1::RecordType type = v1::RECORD_TYPE_UNSPECIFIED;
  std::string record_id;
  std::unique_ptr<google::protobuf::Message> before;
  std::unique_ptr<google::protobuf::Message> after;  // Null: a redaction.
  std::vector<v1::Redaction> redactions;
  std::string request_id;
  std::string etag;
  Sha256Digest fingerprint;
  Outcome outcome;
};

std::string EtagOf(const v1::RecordState& state) {
  Sha256Hasher hasher;
  for (const std::string& head : state.heads()) hasher.UpdateFramed(head);
  return hasher.Finish().ToHex().substr(0, 32);
}

Desk::Desk(ProgrammeStore& store, GroupCommit& commit, Clock& clock, Random& random)
    : store_(store), commit_(commit), clock_(clock), ids_(clock, random) {}

void Desk::Append(const Caller& caller, v1::RecordType type, absl::string_view record_id,
                  const google::protobuf::Message* before, const google::protobuf::Message& after,
                  absl::string_view request_id, Done done, absl::string_view etag) {
  for (const google::protobuf::Message* message : {before, &after}) {
    if (message != nullptr && RecordTypeOf(*message->GetDescriptor()) != type) {
      done(InvalidField(record_id, "", RecordTypeName(type), Sv(message->GetTypeName())));
      return;
    }
  }
  if (const absl::Status valid = ValidateRecord(after); !valid.ok()) {
    done(valid);
    return;
  }
  auto request = std::make_shared<Request>();
  request->caller = caller;
  request->type = type;
  request->record_id = std::string(record_id);
  if (before != nullptr) request->before = Copy(*before);
  request->after = Copy(after);
  request->request_id = std::string(request_id);
  request->etag = std::string(etag);
  request->fingerprint = Sha256Hasher()
                             .UpdateFramed("append")
                             .UpdateFramed(absl::StrCat(static_cast<int>(type)))
                             .UpdateFramed(record_id)
                             .UpdateFramed(after.SerializeAsString())
                             .Finish();
  Submit(std::move(request), std::move(done));
}

void Desk::Redact(const Caller& caller, absl::string_view record_id,
                  absl::Span<const v1::Redaction> redactions, absl::string_view request_id,
                  Done done) {
  const absl::StatusOr<v1::RecordType> type = RecordTypeOfId(record_id);
  if (!type.ok()) {
    done(type.status());
    return;
  }
  auto request = std::make_shared<Request>();
  request->caller = caller;
  request->type = *type;
  request->record_id = std::string(record_id);
  request->redactions.assign(redactions.begin(), redactions.end());
  request->request_id = std::string(request_id);
  Sha256Hasher hasher;
  hasher.UpdateFramed("redact").UpdateFramed(record_id);
  for (const v1::Redaction& redaction : redactions) {
    hasher.UpdateFramed(redaction.SerializeAsString());
  }
  request->fingerprint = hasher.Finish();
  Submit(std::move(request), std::move(done));
}

void Desk::Submit(std::shared_ptr<Request> request, Done done) {
  if (request->request_id.size() > kMaxRequestIdBytes) {
    done(InvalidField("", "request_id", absl::StrCat("<= ", kMaxRequestIdBytes, " bytes"),
                      absl::StrCat(request->request_id.size())));
    return;
  }
  if (request->caller.suspended) {
    done(absl::PermissionDeniedError("the credential is suspended"));
    return;
  }
  if (request->caller.grant.programme_id != store_.programme_id()) {
    done(absl::PermissionDeniedError("the credential is another programme's"));
    return;
  }
  const size_t bytes =
      sizeof(Request) + (request->after == nullptr ? 0 : 2 * request->after->ByteSizeLong());
  commit_.Submit([this, request](StoreWriter& writer) { return Write(*request, writer); },
                 [request, done = std::move(done)](const absl::Status& committed) {
                   if (committed.ok()) {
                     done(std::move(request->outcome));
                   } else {
                     done(committed);
                   }
                 },
                 bytes);
}

absl::Status Desk::Write(Request& request, StoreWriter& writer) {
  const Caller& caller = request.caller;
  const std::string& person = caller.grant.person_id;
  if (!request.request_id.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const std::optional<StoreWriter::DeskRequest> earlier,
                            writer.FindDeskRequest(person, request.request_id));
    if (earlier.has_value()) {
      if (earlier->fingerprint != request.fingerprint) {
        return absl::AlreadyExistsError(
            "request_id: expected one of its own, got that of another request");
      }
      BARAZA_ASSIGN_OR_RETURN(const std::vector<Operation> operations,
                              writer.OperationsOf(earlier->record_id));
      request.outcome = Outcome{.state = MergeOperations(operations),
                                .position = earlier->position,
                                .op_id = earlier->op_id,
                                .replayed = true};
      return absl::OkStatus();
    }
  }

  std::vector<Operation> operations;
  if (!request.record_id.empty()) {
    BARAZA_ASSIGN_OR_RETURN(operations, writer.OperationsOf(request.record_id));
  }
  const bool creating = operations.empty();
  const bool redacting = request.after == nullptr;
  if (creating && (redacting || request.before != nullptr || !request.etag.empty())) {
    return absl::NotFoundError(absl::StrCat(request.record_id, ": no such record"));
  }
  if (!creating && !redacting && request.before == nullptr) {
    return absl::AlreadyExistsError(absl::StrCat(request.record_id, ": exists already"));
  }

  OperationStamp stamp;
  if (creating) {
    stamp.record_id =
        request.record_id.empty() ? ids_.Mint(IdPrefixOf(request.type)) : request.record_id;
    stamp.op_id = stamp.record_id;
  } else {
    const v1::RecordState state = MergeOperations(operations);
    if (!request.etag.empty() && request.etag != EtagOf(state)) {
      return absl::AbortedError(absl::StrCat(
          request.record_id, ": etag: it was changed meanwhile; read it again and retry"));
    }
    if (state.type() != request.type) {
      return InvalidField(request.record_id, "record_type", RecordTypeName(state.type()),
                          RecordTypeName(request.type));
    }
    stamp.record_id = request.record_id;
    stamp.op_id = ids_.Mint(kOperationPrefix);
    stamp.parent_op_ids.assign(state.heads().begin(), state.heads().end());
  }
  stamp.record_type = request.type;
  stamp.programme_id = store_.programme_id();
  stamp.team_id = caller.membership.team_id();
  stamp.author_id = person;
  stamp.author_role = caller.membership.role();
  BARAZA_ASSIGN_OR_RETURN(const uint64_t lamport_max, writer.LamportMax());
  stamp.lamport = lamport_max + 1;
  const int64_t now_ms = absl::ToUnixMillis(clock_.Now());
  stamp.device_time_ms = now_ms;

  Operation built;
  if (redacting) {
    for (const v1::Redaction& redaction : request.redactions) {
      bool known = false;
      for (const Operation& operation : operations) {
        known |= operation.header.op_id() == redaction.op_id();
      }
      if (!known) {
        return absl::NotFoundError(absl::StrCat(
            request.record_id, ": redactions.op_id: expected one of its operations, got ",
            redaction.op_id().substr(0, 80)));
      }
    }
    BARAZA_ASSIGN_OR_RETURN(built, BuildRedaction(stamp, request.redactions));
  } else {
    BARAZA_ASSIGN_OR_RETURN(built, BuildOperation(stamp, request.before.get(), *request.after));
  }

  BARAZA_ASSIGN_OR_RETURN(DeviceRow desk, writer.EnsureDevice(kDeskDevice, "", "", ""));
  const uint64_t device_seq = desk.acknowledged_seq + 1;
  built.wire.set_device_seq(device_seq);
  Operation operation;
  if (const std::optional<Rejection> rejection =
          JudgeOperation(built.wire, caller.grant, &operation)) {
    return StatusOf(*rejection);
  }
  BARAZA_ASSIGN_OR_RETURN(const StoreWriter::Appended appended,
                          writer.AppendOperation(operation, desk, now_ms));
  if (appended.known) {
    return absl::AlreadyExistsError(absl::StrCat(stamp.op_id, ": the log has this id already"));
  }
  BARAZA_RETURN_IF_ERROR(writer.PutAccepted(desk, device_seq, appended.position));
  desk.acknowledged_seq = device_seq;
  desk.stored_count = device_seq;
  desk.last_seen_ms = now_ms;
  BARAZA_RETURN_IF_ERROR(writer.PutDevice(desk));

  // Read again rather than added to, since a redaction has changed the others.
  BARAZA_ASSIGN_OR_RETURN(operations, writer.OperationsOf(stamp.record_id));
  request.outcome = Outcome{.state = MergeOperations(operations),
                            .position = appended.position,
                            .op_id = stamp.op_id,
                            .replayed = false};
  BARAZA_RETURN_IF_ERROR(CheckTookEffect(request.outcome.state, stamp.op_id));
  if (request.request_id.empty()) return absl::OkStatus();
  return writer.PutDeskRequest(person, request.request_id,
                               StoreWriter::DeskRequest{.op_id = stamp.op_id,
                                                        .record_id = stamp.record_id,
                                                        .position = appended.position,
                                                        .fingerprint = request.fingerprint});
}

}  // namespace baraza::server
