#include "sync_server/services/record_writes.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/model/merge.h"
#include "core/model/record_types.h"
#include "sync_server/auth/grants.h"
#include "sync_server/auth/resource_names.h"
#include "sync_server/limits.h"
#include "sync_server/services/viewing.h"

namespace baraza::server {
namespace {

v1::RecordView ShowWritten(const Call& call, const v1::RecordState& state) {
  std::optional<v1::RecordView> view = Viewing(call.caller, call.host->projection()).ViewOf(state);
  if (view.has_value()) return *std::move(view);
  // Written, but marked as more than the writer may read.
  v1::RecordView bare;
  bare.set_name(RecordName(state.programme_id(), state.record_id()));
  bare.set_record_id(state.record_id());
  bare.set_type(state.type());
  return bare;
}

}  // namespace

absl::StatusOr<v1::RecordState> CurrentState(ProgrammeHost& host, absl::string_view record_id) {
  std::vector<Operation> operations;
  std::optional<v1::RecordState> projected;
  BARAZA_RETURN_IF_ERROR(host.store().Read([&](StoreReads& reads) -> absl::Status {
    BARAZA_ASSIGN_OR_RETURN(operations, reads.OperationsOf(record_id));
    BARAZA_ASSIGN_OR_RETURN(projected, reads.GetRecordState(record_id));
    return absl::OkStatus();
  }));
  if (operations.empty()) {
    return absl::NotFoundError(absl::StrCat("no record ", record_id, " in this programme"));
  }
  v1::RecordState state = MergeOperations(operations);
  if (projected.has_value() && projected->operation_count() == state.operation_count() &&
      std::equal(projected->heads().begin(), projected->heads().end(), state.heads().begin(),
                 state.heads().end())) {
    return *std::move(projected);
  }
  return state;
}

absl::StatusOr<v1::RecordState> CurrentStateOf(ProgrammeHost& host, absl::string_view name,
                                               v1::RecordType type) {
  BARAZA_ASSIGN_OR_RETURN(const std::string record_id, ParseRecordName(name));
  BARAZA_ASSIGN_OR_RETURN(v1::RecordState state, CurrentState(host, record_id));
  if (type != v1::RECORD_TYPE_UNSPECIFIED && state.type() != type) {
    return absl::NotFoundError(absl::StrCat(record_id, ": expected a ", RecordTypeName(type),
                                            ", got a ", RecordTypeName(state.type())));
  }
  return state;
}

Desk::Done AnswerWithView(ServiceContext& context, const Call& call, RecordDone done) {
  return [&context, call, done = std::move(done)](absl::StatusOr<Desk::Outcome> outcome) {
    if (!outcome.ok()) {
      done(outcome.status());
      return;
    }
    if (outcome->state.type() == v1::RECORD_TYPE_PERSON) {
      const absl::Status applied =
          ApplyPerson(outcome->state, call.host->store(), context.registry).status();
      if (!applied.ok()) {
        done(Annotate(applied, "the record is written, its grants are not yet"));
        return;
      }
    }
    const int64_t position = outcome->position;
    // Whether the projection came in time or not: the operation is durable.
    call.host->WaitFor(position, std::min(call.patience / 2, kReadYourWritesWait),
                       [call, done, state = std::move(outcome->state)](const absl::Status&) {
                         done(ShowWritten(call, state));
                       });
  };
}

absl::Status CheckInScope(const Call& call, const v1::RecordState& state) {
  const Viewing viewing(call.caller, call.host->projection());
  if (viewing.InScope(viewing.OwnerOf(state))) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat(state.record_id(), ": lies outside the scope of this credential"));
}

void ChangeRecord(ServiceContext& context, const Call& call, const v1::RecordState& state,
                  const std::function<absl::Status(google::protobuf::Message&)>& change,
                  absl::string_view etag, RecordDone done) {
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> before = RecordOf(state);
  if (!before.ok()) {
    done(before.status());
    return;
  }
  const std::unique_ptr<google::protobuf::Message> after((*before)->New());
  after->CopyFrom(**before);
  if (const absl::Status changed = change(*after); !changed.ok()) {
    done(changed);
    return;
  }
  if (after->SerializeAsString() == (*before)->SerializeAsString() &&
      (etag.empty() || etag == EtagOf(state))) {
    done(ShowWritten(call, state));
    return;
  }
  call.host->desk().Append(call.caller, state.type(), state.record_id(), before->get(), *after, "",
                           AnswerWithView(context, call, std::move(done)), etag);
}

void VoidRecord(ServiceContext& context, const Call& call, const v1::RecordState& state,
                bool voided, const v1::LocalText& reason, RecordDone done) {
  ChangeRecord(
      context, call, state,
      [voided, &reason](google::protobuf::Message& record) -> absl::Status {
        const google::protobuf::FieldDescriptor* field =
            record.GetDescriptor()->FindFieldByName("void_mark");
        v1::VoidMark mark;
        mark.set_voided(voided);
        if (!reason.text().empty()) *mark.mutable_reason() = reason;
        record.GetReflection()->MutableMessage(&record, field)->CopyFrom(mark);
        return absl::OkStatus();
      },
      "", std::move(done));
}

absl::StatusOr<RecordPage> ListRecordViews(const Call& call, v1::RecordType type, PageRoom& room,
                                           const std::string& after, bool show_voided) {
  const Viewing viewing(call.caller, call.host->projection());
  RecordPage page;
  std::string position = after;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const std::vector<v1::RecordState> states,
                            call.host->store().ListRecordStates(type, position, kRecordsAtOnce));
    for (const v1::RecordState& state : states) {
      std::optional<v1::RecordView> view;
      if (state.created() && (!state.voided() || show_voided)) view = viewing.ViewOf(state);
      if (view.has_value()) {
        if (!room.Take(*view)) {
          page.next = position;
          return page;
        }
        page.records.push_back(*std::move(view));
      }
      position = state.record_id();
    }
    if (static_cast<int>(states.size()) < kRecordsAtOnce) return page;
  }
}

}  // namespace baraza::server
