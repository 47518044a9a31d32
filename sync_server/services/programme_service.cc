#include "sync_server/services/programme_service.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "baraza/v1/options.pb.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/record_types.h"
#include "sync_server/auth/resource_names.h"
#include "sync_server/services/paging.h"
#include "sync_server/services/record_writes.h"
#include "sync_server/services/viewing.h"

namespace baraza::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What is written through this service. Accounts come from devices; rulings, follow-ups and
// publications have services with rules of their own.
bool IsRegisterType(v1::RecordType type) {
  switch (type) {
    case v1::RECORD_TYPE_PROGRAMME:
    case v1::RECORD_TYPE_ORGANISATION:
    case v1::RECORD_TYPE_TEAM:
    case v1::RECORD_TYPE_PERSON:
    case v1::RECORD_TYPE_DEVICE:
    case v1::RECORD_TYPE_PROJECT:
    case v1::RECORD_TYPE_DONOR:
    case v1::RECORD_TYPE_ISSUE:
    case v1::RECORD_TYPE_SESSION_DEFINITION:
    case v1::RECORD_TYPE_INDICATOR:
    case v1::RECORD_TYPE_TARGET:
    case v1::RECORD_TYPE_MODEL_ADOPTION:
      return true;
    default:
      return false;
  }
}

absl::Status CheckMayWrite(const Call& call, v1::RecordType type) {
  if (!IsRegisterType(type)) {
    return absl::InvalidArgumentError(
        absl::StrCat("record: expected a record of the register, a definition, an indicator or a "
                     "target, got a ",
                     RecordTypeName(type)));
  }
  const v1::Authority authority =
      RecordDescriptor(type)->options().GetExtension(v1::record_authority);
  if (authority == v1::AUTHORITY_ADMINISTRATOR &&
      call.caller.membership.role() != v1::ROLE_ADMINISTRATOR) {
    return absl::PermissionDeniedError(
        absl::StrCat("a ", RecordTypeName(type), " is written by administrators only"));
  }
  return absl::OkStatus();
}

void CopyField(const Message& from, const FieldDescriptor& field, Message& to) {
  const std::unique_ptr<Message> only(from.New());
  only->CopyFrom(from);
  std::vector<const FieldDescriptor*> fields;
  only->GetReflection()->ListFields(*only, &fields);
  for (const FieldDescriptor* other : fields) {
    if (other != &field) only->GetReflection()->ClearField(only.get(), other);
  }
  only->GetReflection()->MutableUnknownFields(only.get())->Clear();
  to.GetReflection()->ClearField(&to, &field);
  to.MergeFrom(*only);
}

// Applies AIP-134: each masked field takes the value that `given` has, or goes when it has none.
absl::Status ApplyMask(const Message& given, const google::protobuf::FieldMask& mask,
                       Message& record) {
  std::vector<const FieldDescriptor*> fields;
  if (mask.paths().empty()) {
    given.GetReflection()->ListFields(given, &fields);
  }
  for (const std::string& path : mask.paths()) {
    const FieldDescriptor* field = given.GetDescriptor()->FindFieldByName(path);
    if (field == nullptr) {
      return InvalidField(
          "", "update_mask",
          absl::StrCat("names of top-level fields of ", given.GetDescriptor()->name()), path);
    }
    fields.push_back(field);
  }
  for (const FieldDescriptor* field : fields) {
    if (field->options().GetExtension(v1::merge) == v1::MERGE_RULE_DERIVED) {
      // Read, changed and sent back whole: the id in it is no change.
      if (mask.paths().empty()) continue;
      return InvalidField("", "update_mask", "fields that can be written", field->name());
    }
    CopyField(given, *field, record);
  }
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* ProgrammeServiceImpl::GetRecord(grpc::CallbackServerContext* rpc,
                                                          const v1::GetRecordRequest* request,
                                                          v1::RecordView* response) {
  return ServeNow<v1::GetRecordRequest, v1::RecordView>(
      context_, rpc, "baraza.v1.ProgrammeService.GetRecord", request, response,
      [](const Call& call, const v1::GetRecordRequest& in) -> absl::StatusOr<v1::RecordView> {
        BARAZA_ASSIGN_OR_RETURN(const v1::RecordState state,
                                CurrentStateOf(*call.host, in.name(), v1::RECORD_TYPE_UNSPECIFIED));
        std::optional<v1::RecordView> view =
            Viewing(call.caller, call.host->projection()).ViewOf(state);
        if (view.has_value()) return *std::move(view);
        // The same as for a record that is not there: a sensitive one is not even hinted at.
        return absl::NotFoundError(
            absl::StrCat("no record ", state.record_id(), " in this programme"));
      });
}

grpc::ServerUnaryReactor* ProgrammeServiceImpl::ListRecords(grpc::CallbackServerContext* rpc,
                                                            const v1::ListRecordsRequest* request,
                                                            v1::ListRecordsResponse* response) {
  return ServeNow<v1::ListRecordsRequest, v1::ListRecordsResponse>(
      context_, rpc, "baraza.v1.ProgrammeService.ListRecords", request, response,
      [](const Call& call,
         const v1::ListRecordsRequest& in) -> absl::StatusOr<v1::ListRecordsResponse> {
        BARAZA_RETURN_IF_ERROR(ParseProgrammeName(in.parent()).status());
        if (RecordDescriptor(in.type()) == nullptr) {
          return InvalidField("", "type", "a record type", absl::StrCat(in.type()));
        }
        BARAZA_ASSIGN_OR_RETURN(const int page_size, PageSize(in.page_size()));
        BARAZA_ASSIGN_OR_RETURN(const std::string after, PagePosition(in));
        PageRoom room(page_size);
        BARAZA_ASSIGN_OR_RETURN(RecordPage page,
                                ListRecordViews(call, in.type(), room, after, in.show_voided()));
        v1::ListRecordsResponse out;
        for (v1::RecordView& view : page.records) *out.add_records() = std::move(view);
        if (!page.next.empty()) out.set_next_page_token(PageToken(in, page.next));
        return out;
      });
}

grpc::ServerUnaryReactor* ProgrammeServiceImpl::CreateRecord(grpc::CallbackServerContext* rpc,
                                                             const v1::CreateRecordRequest* request,
                                                             v1::RecordView* response) {
  return Serve<v1::CreateRecordRequest, v1::RecordView>(
      context_, rpc, "baraza.v1.ProgrammeService.CreateRecord", request, response,
      [this](const Call& call, const v1::CreateRecordRequest& in, RecordDone done) {
        const Message* record = Member(in.record());
        if (record == nullptr) return done(InvalidField("", "record", "a record", "none"));
        const v1::RecordType type = RecordTypeOf(*record->GetDescriptor());
        if (const absl::Status may = CheckMayWrite(call, type); !may.ok()) return done(may);
        if (type == v1::RECORD_TYPE_PROGRAMME) {
          return done(absl::FailedPreconditionError(
              "a programme is made by the operator: baraza-server programme create"));
        }
        // The caller may have named it (an import that is to come out the same twice); an id minted
        // elsewhere is as good as ours.
        const FieldDescriptor* id_field = record->GetDescriptor()->FindFieldByName("id");
        const std::string id = record->GetReflection()->GetString(*record, id_field);
        if (!id.empty()) {
          if (const absl::Status valid = ValidateId(id, IdPrefixOf(type)); !valid.ok()) {
            return done(Annotate(valid, "record.id"));
          }
          if (in.request_id().empty() && CurrentState(*call.host, id).ok()) {
            return done(absl::AlreadyExistsError(absl::StrCat("there is a record ", id)));
          }
        }
        const std::unique_ptr<Message> fresh(record->New());
        fresh->CopyFrom(*record);
        fresh->GetReflection()->ClearField(fresh.get(), id_field);
        call.host->desk().Append(call.caller, type, id, nullptr, *fresh, in.request_id(),
                                 AnswerWithView(context_, call, std::move(done)));
      });
}

grpc::ServerUnaryReactor* ProgrammeServiceImpl::UpdateRecord(grpc::CallbackServerContext* rpc,
                                                             const v1::UpdateRecordRequest* request,
                                                             v1::RecordView* response) {
  return Serve<v1::UpdateRecordRequest, v1::RecordView>(
      context_, rpc, "baraza.v1.ProgrammeService.UpdateRecord", request, response,
      [this](const Call& call, const v1::UpdateRecordRequest& in, RecordDone done) {
        const absl::StatusOr<v1::RecordState> state =
            CurrentStateOf(*call.host, in.name(), v1::RECORD_TYPE_UNSPECIFIED);
        if (!state.ok()) return done(state.status());
        if (const absl::Status may = CheckMayWrite(call, state->type()); !may.ok()) {
          return done(may);
        }
        const Message* given = Member(in.record());
        if (given == nullptr || RecordTypeOf(*given->GetDescriptor()) != state->type()) {
          return done(InvalidField(state->record_id(), "record", RecordTypeName(state->type()),
                                   given == nullptr ? "none" : "another type"));
        }
        ChangeRecord(
            context_, call, *state,
            [&in, given](Message& record) { return ApplyMask(*given, in.update_mask(), record); },
            in.etag(), std::move(done));
      });
}

grpc::ServerUnaryReactor* ProgrammeServiceImpl::VoidRecord(grpc::CallbackServerContext* rpc,
                                                           const v1::VoidRecordRequest* request,
                                                           v1::RecordView* response) {
  return Serve<v1::VoidRecordRequest, v1::RecordView>(
      context_, rpc, "baraza.v1.ProgrammeService.VoidRecord", request, response,
      [this](const Call& call, const v1::VoidRecordRequest& in, RecordDone done) {
        const absl::StatusOr<v1::RecordState> state =
            CurrentStateOf(*call.host, in.name(), v1::RECORD_TYPE_UNSPECIFIED);
        if (!state.ok()) return done(state.status());
        if (const absl::Status may = CheckMayWrite(call, state->type()); !may.ok()) {
          return done(may);
        }
        if (state->record_id() == call.caller.grant.person_id && in.voided()) {
          return done(absl::FailedPreconditionError(
              "nobody can void themselves: another administrator has to"));
        }
        server::VoidRecord(context_, call, *state, in.voided(), in.reason(), std::move(done));
      });
}

grpc::ServerUnaryReactor* ProgrammeServiceImpl::RedactRecord(grpc::CallbackServerContext* rpc,
                                                             const v1::RedactRecordRequest* request,
                                                             v1::RecordView* response) {
  return Serve<v1::RedactRecordRequest, v1::RecordView>(
      context_, rpc, "baraza.v1.ProgrammeService.RedactRecord", request, response,
      [this](const Call& call, const v1::RedactRecordRequest& in, RecordDone done) {
        const absl::StatusOr<v1::RecordState> state =
            CurrentStateOf(*call.host, in.name(), v1::RECORD_TYPE_UNSPECIFIED);
        if (!state.ok()) return done(state.status());
        if (const absl::Status may = CheckInScope(call, *state); !may.ok()) return done(may);
        const std::vector<v1::Redaction> redactions(in.redactions().begin(), in.redactions().end());
        call.host->desk().Redact(call.caller, state->record_id(), redactions, "",
                                 AnswerWithView(context_, call, std::move(done)));
      });
}

grpc::ServerUnaryReactor* ProgrammeServiceImpl::ListQuarantine(
    grpc::CallbackServerContext* rpc, const v1::ListQuarantineRequest* request,
    v1::ListQuarantineResponse* response) {
  return ServeNow<v1::ListQuarantineRequest, v1::ListQuarantineResponse>(
      context_, rpc, "baraza.v1.ProgrammeService.ListQuarantine", request, response,
      [](const Call& call,
         const v1::ListQuarantineRequest& in) -> absl::StatusOr<v1::ListQuarantineResponse> {
        BARAZA_RETURN_IF_ERROR(ParseProgrammeName(in.parent()).status());
        BARAZA_ASSIGN_OR_RETURN(const int page_size, PageSize(in.page_size()));
        BARAZA_ASSIGN_OR_RETURN(const std::string after, PagePosition(in));
        // "<device> <seq>"
        const std::vector<std::string> parts = absl::StrSplit(after, ' ');
        uint64_t seq = 0;
        if (!after.empty() && (parts.size() != 2 || !absl::SimpleAtoi(parts[1], &seq))) {
          return absl::InvalidArgumentError("page_token: expected one of this server's");
        }
        BARAZA_ASSIGN_OR_RETURN(const std::vector<QuarantineRow> rows,
                                call.host->store().ListQuarantine(parts[0], seq, page_size + 1));
        v1::ListQuarantineResponse out;
        for (const QuarantineRow& row : rows) {
          if (out.operations_size() == page_size) {
            const v1::QuarantinedOperation& last = out.operations(page_size - 1);
            out.set_next_page_token(
                PageToken(in, absl::StrCat(last.device_id(), " ", last.device_seq())));
            break;
          }
          v1::QuarantinedOperation& operation = *out.add_operations();
          operation.set_device_id(row.device_id);
          operation.set_device_seq(row.device_seq);
          operation.set_reason(v1::RejectionReason_Name(row.reason));
          operation.set_message(row.message);
          operation.set_size_bytes(static_cast<uint32_t>(row.size_bytes));
          operation.set_received_ms(row.received_ms);
        }
        return out;
      });
}

}  // namespace baraza::server
