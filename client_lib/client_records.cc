// Capture and change of records, drafts, quarantine.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client_lib/capture.h"
#include "client_lib/client_impl.h"
#include "core/base/status.h"
#include "core/model/limits.h"
#include "core/model/merge.h"
#include "core/model/record_types.h"
#include "core/model/validate.h"

namespace baraza::client {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

constexpr char kDraftPrefix[] = "dft";
constexpr char kOperationPrefix[] = "op";

absl::StatusOr<v1::RecordType> TypeOf(const v1::Record& record) {
  const Message* member = Member(record);
  if (member == nullptr) {
    return InvalidField("record", "", "one of the kinds of record", "none");
  }
  return RecordTypeOf(*member->GetDescriptor());
}

// What the client's person may write, as the server will see it.
AuthorGrant GrantOf(const v1::Membership& membership) {
  AuthorGrant grant;
  grant.programme_id = membership.programme_id();
  grant.person_id = membership.person_id();
  grant.team_ids.insert(membership.team_id());
  grant.roles.insert(membership.role());
  return grant;
}

absl::Status StatusOf(absl::string_view record_id, const Rejection& rejection) {
  const std::string message = absl::StrCat(record_id, ": ", rejection.message);
  if (rejection.reason == v1::REJECTION_REASON_NOT_AUTHORISED) {
    return absl::PermissionDeniedError(message);
  }
  return absl::InvalidArgumentError(message);
}

bool IsOfTheTeam(v1::Role role) { return role == v1::ROLE_COLLECTOR || role == v1::ROLE_TEAM_LEAD; }

// The author's device submits with every capture and every edit; the office's decisions are not
// the author's to make, whatever the app sent.
void SetReview(const v1::SessionReport* before, bool submit, v1::SessionReport& after) {
  if (before != nullptr && (!submit || before->review().stage() == v1::REPORT_STAGE_SUBMITTED)) {
    if (before->has_review()) {
      *after.mutable_review() = before->review();
    } else {
      after.clear_review();
    }
    return;
  }
  after.mutable_review()->Clear();
  after.mutable_review()->set_stage(v1::REPORT_STAGE_SUBMITTED);
}

// What stays on the device, as an app is shown it: nothing is no message.
void SetLocal(const Message& local, v1::ClientRecord& record) {
  record.clear_local();
  if (local.ByteSizeLong() == 0) return;
  MutableMember(*record.mutable_local(), RecordTypeOf(*local.GetDescriptor()))->CopyFrom(local);
}

// Why an operation would be without effect, if it would.
absl::Status CheckEffect(const v1::RecordState& merged, absl::string_view op_id) {
  for (const v1::Finding& finding : merged.findings()) {
    if (finding.op_id() != op_id) continue;
    if (finding.kind() == v1::Finding::KIND_NOT_AUTHORISED) {
      return RecordError(absl::StatusCode::kPermissionDenied, merged.record_id(), finding.field(),
                         "a change that this person may make", finding.detail());
    }
    if (finding.kind() == v1::Finding::KIND_IMMUTABLE_FIELD) {
      return RecordError(absl::StatusCode::kFailedPrecondition, merged.record_id(), finding.field(),
                         "the value it was created with", "another");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ClientRecord> Client::Impl::Apply(Change change) {
  const Identity& identity = store->identity();
  if (!identity.enrolled) {
    return absl::FailedPreconditionError(
        "this device is not enrolled; enrol first (drafts can be saved meanwhile)");
  }
  const v1::Membership& membership = identity.membership;
  Message& after = *change.after;
  const v1::RecordType type = RecordTypeOf(*after.GetDescriptor());
  const bool creates = change.before == nullptr;

  if (creates) {
    NumberElements(after);
  } else {
    MintMissingElementIds(after, random);
  }
  CoarsenCoordinates(after);
  std::unique_ptr<Message> before;
  if (!creates) {
    BARAZA_ASSIGN_OR_RETURN(before, RecordOf(*change.before));
    if (before->GetDescriptor() != after.GetDescriptor()) {
      return InvalidField(change.record_id, "", RecordTypeName(change.before->type()),
                          RecordTypeName(type));
    }
  }
  if (type == v1::RECORD_TYPE_SESSION_REPORT && change.review != ReviewRule::kAsGiven &&
      (creates || IsOfTheTeam(membership.role()))) {
    SetReview(static_cast<const v1::SessionReport*>(before.get()),
              change.review == ReviewRule::kSubmit, static_cast<v1::SessionReport&>(after));
  }
  // Values that stay on the device are held to the same limits.
  if (const absl::Status valid = ValidateRecord(after); !valid.ok()) {
    return creates ? valid : Annotate(valid, change.record_id);
  }

  std::unique_ptr<Message> local = TakeLocalValues(after);
  bool local_changes = local != nullptr;
  if (local_changes && !creates) {
    BARAZA_ASSIGN_OR_RETURN(std::unique_ptr<Message> laid, store->GetLocal(type, change.record_id));
    const std::string held = laid->SerializeAsString();
    LayLocalValues(*local, *laid);
    local_changes = held != laid->SerializeAsString();
    local = std::move(laid);
  }
  if (local_changes && local->ByteSizeLong() > kMaxLocalBytes)
    return TooLarge(change.record_id, *local);

  OperationStamp stamp;
  stamp.record_id = change.record_id;
  stamp.op_id = creates ? change.record_id : minter.Mint(kOperationPrefix);
  stamp.record_type = type;
  stamp.programme_id = membership.programme_id();
  stamp.team_id = membership.team_id();
  stamp.author_id = membership.person_id();
  stamp.author_role = membership.role();
  stamp.lamport = store->NextLamport();
  if (!creates) {
    stamp.parent_op_ids.assign(change.before->heads().begin(), change.before->heads().end());
  }
  stamp.device_time_ms = WallMs();
  absl::StatusOr<Operation> operation = BuildOperation(stamp, before.get(), after, change.restated);
  if (absl::IsResourceExhausted(operation.status())) return TooLarge(change.record_id, after);
  if (absl::IsFailedPrecondition(operation.status()) && local_changes) {
    // Only what stays on the device changes: there is nothing to tell the server.
    BARAZA_ASSIGN_OR_RETURN(v1::ClientRecord result, store->GetRecord(change.record_id));
    BARAZA_RETURN_IF_ERROR(store->PutLocal(change.record_id, *local));
    SetLocal(*local, result);
    return result;
  }
  BARAZA_RETURN_IF_ERROR(operation.status());

  // What the server would reject is refused here, where somebody can mend it.
  if (const std::optional<Rejection> rejection =
          JudgeBuiltOperation(*operation, GrantOf(membership))) {
    return StatusOf(change.record_id, *rejection);
  }
  DeviceStore::NewOperation added;
  added.operation = *std::move(operation);
  if (creates) {
    added.record = std::move(change.after);
  } else {
    BARAZA_ASSIGN_OR_RETURN(const v1::RecordState merged, store->Preview(added.operation));
    BARAZA_RETURN_IF_ERROR(CheckEffect(merged, stamp.op_id));
    // All reading is before the write: an error after it would deny what has been done.
    if (!local_changes) {
      BARAZA_ASSIGN_OR_RETURN(local, store->GetLocal(type, change.record_id));
    }
  }
  if (local_changes) added.local = local.get();
  added.draft_id = std::move(change.draft_id);
  added.replaces = std::move(change.replaces);

  BARAZA_ASSIGN_OR_RETURN(DeviceStore::Appended appended, store->Append(std::move(added)));
  v1::ClientRecord result;
  *result.mutable_state() = std::move(appended.state);
  if (!creates) {
    BARAZA_ASSIGN_OR_RETURN(appended.record, RecordOf(result.state()));
  }
  SetMember(*result.mutable_record(), std::move(appended.record));
  result.set_pending(true);
  if (local != nullptr) SetLocal(*local, result);
  return result;
}

absl::StatusOr<v1::ClientRecord> Client::Impl::Create(const v1::Record& record,
                                                      std::string draft_id,
                                                      std::vector<std::string> replaces) {
  BARAZA_ASSIGN_OR_RETURN(const v1::RecordType type, TypeOf(record));
  const Message& member = *Member(record);
  Change change;
  change.record_id = minter.Mint(IdPrefixOf(type));
  change.after.reset(member.New());
  change.after->CopyFrom(member);
  change.draft_id = std::move(draft_id);
  change.replaces = std::move(replaces);
  return Apply(std::move(change));
}

absl::StatusOr<v1::ClientRecord> Client::Impl::Modify(absl::string_view record_id,
                                                      const v1::Record& after,
                                                      const EditOptions& edit,
                                                      std::vector<std::string> replaces) {
  BARAZA_RETURN_IF_ERROR(TypeOf(after).status());
  v1::RecordState state;
  if (edit.base_heads.empty()) {
    BARAZA_ASSIGN_OR_RETURN(state, store->GetState(record_id));
  } else {
    BARAZA_ASSIGN_OR_RETURN(state, store->GetStateAt(record_id, edit.base_heads));
  }
  const Message& member = *Member(after);
  Change change;
  change.record_id = std::string(record_id);
  change.before = &state;
  change.after.reset(member.New());
  change.after->CopyFrom(member);
  change.replaces = std::move(replaces);
  return Apply(std::move(change));
}

// --- Drafts
// ----------------------------------------------------------------------------------------

absl::StatusOr<v1::Draft> Client::SaveDraft(v1::Draft draft) {
  BARAZA_RETURN_IF_ERROR(TypeOf(draft.record()).status());
  if (draft.draft_id().empty()) {
    draft.set_draft_id(impl_->minter.Mint(kDraftPrefix));
  } else {
    BARAZA_RETURN_IF_ERROR(Annotate(ValidateId(draft.draft_id(), kDraftPrefix), "draft: draft_id"));
  }
  draft.set_updated_ms(impl_->WallMs());
  if (draft.ByteSizeLong() > kMaxDraftBytes) {
    return InvalidField(draft.draft_id(), "", absl::StrCat("at most ", kMaxDraftBytes, " bytes"),
                        absl::StrCat(draft.ByteSizeLong()));
  }
  if (draft.app_state().size() > kMaxDraftAppStateBytes) {
    return InvalidField(draft.draft_id(), "app_state",
                        absl::StrCat("at most ", kMaxDraftAppStateBytes, " bytes"),
                        absl::StrCat(draft.app_state().size()));
  }
  // One that cannot be read again would hide all the others, too.
  BARAZA_RETURN_IF_ERROR(Annotate(ValidateText(draft), draft.draft_id()));
  {
    MutexLock lock(impl_->mutex);
    BARAZA_ASSIGN_OR_RETURN(const StoreCounts counts, impl_->store->Counts());
    if (counts.drafts >= kMaxDrafts) {
      return absl::FailedPreconditionError(absl::StrCat("drafts: expected at most ", kMaxDrafts,
                                                        ", got one more; capture or delete some"));
    }
    BARAZA_RETURN_IF_ERROR(impl_->store->PutDraft(draft));
  }
  impl_->Notify({});
  return draft;
}

absl::StatusOr<v1::Draft> Client::GetDraft(absl::string_view draft_id) {
  MutexLock lock(impl_->mutex);
  return impl_->store->GetDraft(draft_id);
}

absl::Status Client::DeleteDraft(absl::string_view draft_id) {
  {
    MutexLock lock(impl_->mutex);
    BARAZA_RETURN_IF_ERROR(impl_->store->DeleteDraft(draft_id));
  }
  impl_->Notify({});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Draft>> Client::ListDrafts() {
  MutexLock lock(impl_->mutex);
  return impl_->store->ListDrafts();
}

// --- Records
// ---------------------------------------------------------------------------------------

absl::StatusOr<v1::ClientRecord> Client::Capture(const v1::Record& record) {
  return impl_->Notified([&]() -> absl::StatusOr<v1::ClientRecord> {
    MutexLock lock(impl_->mutex);
    return impl_->Create(record, "", {});
  }());
}

absl::StatusOr<v1::ClientRecord> Client::CaptureDraft(absl::string_view draft_id) {
  return impl_->Notified([&]() -> absl::StatusOr<v1::ClientRecord> {
    MutexLock lock(impl_->mutex);
    BARAZA_ASSIGN_OR_RETURN(const v1::Draft draft, impl_->store->GetDraft(draft_id));
    absl::StatusOr<v1::ClientRecord> captured = impl_->Create(draft.record(), draft.draft_id(), {});
    if (!captured.ok()) return Annotate(captured.status(), draft.draft_id());
    return captured;
  }());
}

absl::StatusOr<v1::ClientRecord> Client::Edit(absl::string_view record_id, const v1::Record& after,
                                              const EditOptions& options) {
  return impl_->Notified([&]() -> absl::StatusOr<v1::ClientRecord> {
    MutexLock lock(impl_->mutex);
    return impl_->Modify(record_id, after, options, {});
  }());
}

namespace {

// Sets the record's void mark. Every record has one under the same name.
absl::Status SetVoidMark(absl::string_view record_id, bool voided, const v1::LocalText* reason,
                         Message& record) {
  const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName("void_mark");
  if (field == nullptr || field->message_type() != v1::VoidMark::descriptor()) {
    return InvalidField(record_id, "void_mark", "a record that can be voided", "another");
  }
  auto& mark = static_cast<v1::VoidMark&>(*record.GetReflection()->MutableMessage(&record, field));
  mark.Clear();
  mark.set_voided(voided);
  if (reason != nullptr) *mark.mutable_reason() = *reason;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ClientRecord> Client::Void(absl::string_view record_id,
                                              const v1::LocalText& reason) {
  return impl_->Notified([&]() -> absl::StatusOr<v1::ClientRecord> {
    MutexLock lock(impl_->mutex);
    BARAZA_ASSIGN_OR_RETURN(const v1::RecordState state, impl_->store->GetState(record_id));
    Impl::Change change;
    change.record_id = state.record_id();
    change.before = &state;
    BARAZA_ASSIGN_OR_RETURN(change.after, RecordOf(state));
    BARAZA_RETURN_IF_ERROR(SetVoidMark(record_id, true, &reason, *change.after));
    change.review = Impl::ReviewRule::kKeep;
    return impl_->Apply(std::move(change));
  }());
}

absl::StatusOr<v1::ClientRecord> Client::Unvoid(absl::string_view record_id) {
  return impl_->Notified([&]() -> absl::StatusOr<v1::ClientRecord> {
    MutexLock lock(impl_->mutex);
    BARAZA_ASSIGN_OR_RETURN(const v1::RecordState state, impl_->store->GetState(record_id));
    if (!state.voided()) {
      return RecordError(absl::StatusCode::kFailedPrecondition, record_id, "void_mark",
                         "a voided record", "one in use");
    }
    Impl::Change change;
    change.record_id = state.record_id();
    change.before = &state;
    BARAZA_ASSIGN_OR_RETURN(change.after, RecordOf(state));
    BARAZA_RETURN_IF_ERROR(SetVoidMark(record_id, false, nullptr, *change.after));
    change.review = Impl::ReviewRule::kKeep;
    return impl_->Apply(std::move(change));
  }());
}

namespace {

// Gives a field (or an element of it) of `record` the value that `value` holds of it, or none.
void SetRegister(const FieldDescriptor* field, absl::string_view element_id, const Message& value,
                 Message& record) {
  const google::protobuf::Reflection& reflection = *record.GetReflection();
  const std::unique_ptr<Message> incoming(value.New());
  incoming->CopyFrom(value);
  if (element_id.empty()) {
    reflection.ClearField(&record, field);
    reflection.SwapFields(&record, incoming.get(), {field});
    return;
  }
  const FieldDescriptor* id = field->message_type()->FindFieldByName("element_id");
  for (int i = reflection.FieldSize(record, field) - 1; i >= 0; --i) {
    const Message& element = reflection.GetRepeatedMessage(record, field, i);
    if (element.GetReflection()->GetString(element, id) != std::string(element_id)) continue;
    reflection.SwapElements(&record, field, i, reflection.FieldSize(record, field) - 1);
    reflection.RemoveLast(&record, field);
  }
  for (int i = 0; i < reflection.FieldSize(*incoming, field); ++i) {
    reflection.AddMessage(&record, field)
        ->CopyFrom(reflection.GetRepeatedMessage(*incoming, field, i));
  }
}

}  // namespace

absl::StatusOr<v1::ClientRecord> Client::ResolveConflict(absl::string_view record_id,
                                                         uint32_t field_number,
                                                         absl::string_view element_id,
                                                         absl::string_view op_id) {
  return impl_->Notified([&]() -> absl::StatusOr<v1::ClientRecord> {
    MutexLock lock(impl_->mutex);
    BARAZA_ASSIGN_OR_RETURN(const v1::RecordState state, impl_->store->GetState(record_id));
    const auto conflict = std::find_if(
        state.conflicts().begin(), state.conflicts().end(), [&](const v1::Conflict& candidate) {
          return candidate.field_number() == field_number &&
                 absl::string_view(candidate.element_id()) == element_id;
        });
    if (conflict == state.conflicts().end()) {
      return RecordError(absl::StatusCode::kNotFound, record_id, absl::StrCat(field_number),
                         "a field in conflict", "one without");
    }
    Impl::Change change;
    change.record_id = state.record_id();
    change.before = &state;
    BARAZA_ASSIGN_OR_RETURN(change.after, RecordOf(state));
    const FieldDescriptor* field =
        change.after->GetDescriptor()->FindFieldByNumber(static_cast<int>(field_number));
    if (field == nullptr) {
      return RecordError(absl::StatusCode::kFailedPrecondition, record_id,
                         absl::StrCat(field_number), "a field that this software knows",
                         "a newer one; update it");
    }
    const v1::FieldValue* chosen = nullptr;
    if (conflict->winner().op_id() == std::string(op_id)) chosen = &conflict->winner();
    for (const v1::FieldValue& loser : conflict->losers()) {
      if (loser.op_id() == std::string(op_id)) chosen = &loser;
    }
    if (chosen == nullptr) {
      return RecordError(absl::StatusCode::kNotFound, record_id, field->name(),
                         "an operation of this conflict", op_id);
    }
    const std::unique_ptr<Message> value(change.after->New());
    if (!value->ParseFromString(chosen->value())) {
      return absl::DataLossError(absl::StrCat(record_id, ": a value in conflict does not parse"));
    }
    SetRegister(field, element_id, *value, *change.after);
    // The standing value is said again, so that it descends from the others.
    change.restated.push_back({static_cast<int>(field_number), std::string(element_id)});
    change.review = Impl::ReviewRule::kAsGiven;
    return impl_->Apply(std::move(change));
  }());
}

absl::StatusOr<v1::ClientRecord> Client::Get(absl::string_view record_id) {
  MutexLock lock(impl_->mutex);
  return impl_->store->GetRecord(record_id);
}

absl::StatusOr<v1::ListResult> Client::List(const v1::ListRequest& request) {
  if (!request.page_token().empty() &&
      (!RecordTypeOfId(request.page_token()).ok() ||
       (request.type() != v1::RECORD_TYPE_UNSPECIFIED &&
        *RecordTypeOfId(request.page_token()) != request.type()))) {
    return InvalidField("ListRequest", "page_token", "one that List gave for this type",
                        absl::StrCat(request.page_token().size(), " bytes"));
  }
  if (request.type() != v1::RECORD_TYPE_UNSPECIFIED && IdPrefixOf(request.type()).empty()) {
    return InvalidField("ListRequest", "type", "a known record type",
                        absl::StrCat(static_cast<int>(request.type())));
  }
  const size_t page_size =
      request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMaxPageSize);
  MutexLock lock(impl_->mutex);
  const std::string team =
      request.own_team_only() ? impl_->store->identity().membership.team_id() : std::string();
  v1::ListResult result;
  if (request.own_team_only() && team.empty()) return result;
  BARAZA_ASSIGN_OR_RETURN(std::vector<v1::ClientRecord> records,
                          impl_->store->ListRecords(request.type(), request.page_token(),
                                                    page_size + 1, request.show_voided(), team));
  if (records.size() > page_size) {
    records.resize(page_size);
    result.set_next_page_token(records.back().state().record_id());
  }
  for (v1::ClientRecord& record : records) *result.add_records() = std::move(record);
  return result;
}

absl::StatusOr<v1::Session> Client::GetSession(absl::string_view report_id) {
  MutexLock lock(impl_->mutex);
  BARAZA_ASSIGN_OR_RETURN(std::optional<v1::Session> session, impl_->store->FindSession(report_id));
  if (!session.has_value()) {
    return RecordError(absl::StatusCode::kNotFound, report_id, "",
                       "a report whose session the server has sent", "none; sync first");
  }
  return *std::move(session);
}

absl::StatusOr<std::vector<v1::FeedFigure>> Client::Figures() {
  MutexLock lock(impl_->mutex);
  return impl_->store->Figures();
}

// --- Quarantine
// ------------------------------------------------------------------------------------

namespace {

// An entry that is this person's to decide on. A suspended device's operations are not: they go
// again by themselves when the office has lifted that.
absl::StatusOr<const v1::QuarantineEntry*> FindRejected(
    const std::vector<v1::QuarantineEntry>& entries, absl::string_view op_id) {
  for (const v1::QuarantineEntry& entry : entries) {
    if (absl::string_view(entry.op_id()) != op_id) continue;
    if (entry.reason() == v1::REJECTION_REASON_SUSPENDED) {
      return RecordError(absl::StatusCode::kFailedPrecondition, op_id, "",
                         "an operation that was rejected for good",
                         "one that is sent again when the office lifts the suspension");
    }
    return &entry;
  }
  return RecordError(absl::StatusCode::kNotFound, op_id, "", "an operation in quarantine", "none");
}

}  // namespace

absl::StatusOr<std::vector<v1::QuarantineEntry>> Client::Quarantine() {
  MutexLock lock(impl_->mutex);
  return impl_->store->Quarantine();
}

absl::Status Client::DismissQuarantined(absl::string_view op_id) {
  {
    MutexLock lock(impl_->mutex);
    BARAZA_ASSIGN_OR_RETURN(const std::vector<v1::QuarantineEntry> entries,
                            impl_->store->Quarantine());
    BARAZA_RETURN_IF_ERROR(FindRejected(entries, op_id).status());
    BARAZA_RETURN_IF_ERROR(impl_->store->Dismiss(op_id));
  }
  impl_->Notify({});
  return absl::OkStatus();
}

absl::StatusOr<v1::ClientRecord> Client::RecaptureQuarantined(
    absl::string_view op_id, const std::optional<v1::Record>& corrected) {
  return impl_->Notified([&]() -> absl::StatusOr<v1::ClientRecord> {
    MutexLock lock(impl_->mutex);
    BARAZA_ASSIGN_OR_RETURN(const std::vector<v1::QuarantineEntry> entries,
                            impl_->store->Quarantine());
    BARAZA_ASSIGN_OR_RETURN(const v1::QuarantineEntry* entry, FindRejected(entries, op_id));
    const std::string& record_id = entry->record_id();

    if (entry->op_id() != record_id) {
      v1::Record content;
      if (corrected.has_value()) {
        content = *corrected;
      } else {
        BARAZA_ASSIGN_OR_RETURN(const Operation operation, ParseOperation(entry->operation()));
        BARAZA_ASSIGN_OR_RETURN(const v1::RecordState merged, impl_->store->Preview(operation));
        if (!merged.created()) {
          return RecordError(absl::StatusCode::kFailedPrecondition, record_id, "",
                             "a record that the server has",
                             "one whose creation was rejected; capture that one again");
        }
        BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<Message> record, RecordOf(merged));
        MutableMember(content, merged.type())->CopyFrom(*record);
      }
      return impl_->Modify(record_id, content, EditOptions(), {entry->op_id()});
    }

    // The creation: all that was captured of the record goes into a new one.
    std::vector<std::string> replaces;
    for (const v1::QuarantineEntry& other : entries) {
      if (other.record_id() == record_id) replaces.push_back(other.op_id());
    }
    BARAZA_ASSIGN_OR_RETURN(const std::vector<v1::WireOperation> wires,
                            impl_->store->OwnOperationsOf(record_id));
    std::vector<Operation> operations;
    for (const v1::WireOperation& wire : wires) {
      BARAZA_ASSIGN_OR_RETURN(Operation operation, ParseOperation(wire));
      operations.push_back(std::move(operation));
    }
    const v1::RecordState merged = MergeOperations(operations);
    v1::Record content;
    if (corrected.has_value()) {
      content = *corrected;
    } else {
      BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<Message> record, RecordOf(merged));
      MutableMember(content, merged.type())->CopyFrom(*record);
    }
    BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<Message> local,
                            impl_->store->GetLocal(merged.type(), record_id));
    Message* member = MutableMember(content, merged.type());
    if (const std::unique_ptr<Message> given = TakeLocalValues(*member)) {
      LayLocalValues(*given, *local);
    }
    const bool had_local = local->ByteSizeLong() > 0;
    member->MergeFrom(*local);
    BARAZA_ASSIGN_OR_RETURN(v1::ClientRecord captured,
                            impl_->Create(content, "", std::move(replaces)));
    if (had_local) {
      local->Clear();
      BARAZA_RETURN_IF_ERROR(impl_->store->PutLocal(record_id, *local));
    }
    return captured;
  }());
}

}  // namespace baraza::client
