#include "core/model/privacy.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/base/status.h"
#include "core/model/record_types.h"
#include "core/model/schema_rules.h"

namespace baraza {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool SeesTeam(const v1::Scope& scope, absl::string_view team_id,
              absl::string_view organisation_id) {
  switch (scope.scope_case()) {
    case v1::Scope::kProgramme:
      return scope.programme();
    case v1::Scope::kOrganisationId:
      return !organisation_id.empty() && scope.organisation_id() == organisation_id;
    case v1::Scope::kTeamId:
      return !team_id.empty() && scope.team_id() == team_id;
    case v1::Scope::SCOPE_NOT_SET:
      return false;
  }
  return false;
}

// Serialized records inside a message: reflection does not see into bytes, so these are named.
void FilterRecordField(v1::RecordType type, v1::Privacy greatest, std::string* bytes) {
  if (bytes->empty()) return;
  absl::StatusOr<std::string> filtered = FilterRecordBytes(type, *bytes, greatest);
  // What cannot be judged is not shown.
  *bytes = filtered.ok() ? *std::move(filtered) : std::string();
}

void FilterState(v1::RecordState& state, v1::Privacy greatest) {
  const std::unique_ptr<Message> record = NewRecord(state.type());
  const MessageRules* rules = RulesOfType(state.type());
  v1::Privacy sensitivity = v1::PRIVACY_UNSPECIFIED;
  if (record != nullptr && record->ParsePartialFromString(state.record())) {
    sensitivity = OwnSensitivity(*record, *rules);
  }
  // A value in a conflict does not carry the record's sensitivity with it.
  if (rules == nullptr || sensitivity > greatest) {
    state.clear_conflicts();
    state.clear_findings();
  }
  FilterRecordField(state.type(), greatest, state.mutable_record());
  google::protobuf::RepeatedPtrField<v1::Conflict> kept;
  for (v1::Conflict& conflict : *state.mutable_conflicts()) {
    const FieldRules* field = rules->Find(conflict.field_number());
    if (field == nullptr || field->privacy > greatest) continue;
    FilterRecordField(state.type(), greatest, conflict.mutable_winner()->mutable_value());
    for (v1::FieldValue& loser : *conflict.mutable_losers()) {
      FilterRecordField(state.type(), greatest, loser.mutable_value());
    }
    kept.Add()->Swap(&conflict);
  }
  state.mutable_conflicts()->Swap(&kept);
}

class Filter {
 public:
  explicit Filter(v1::Privacy greatest) : greatest_(greatest) {}

  // `inherited` is the class of the field that holds the message.
  void Run(Message& message, const MessageRules& rules, v1::Privacy inherited) const {
    const Reflection* reflection = rules.reflection;
    // To ask for them to be changed would make room for them in every message.
    if (!reflection->GetUnknownFields(message).empty()) {
      reflection->MutableUnknownFields(&message)->Clear();
    }
    FilterBytes(message, rules);
    const v1::Privacy least = OwnSensitivity(message, rules);
    for (const FieldRules& field : rules.fields) {
      if (field.Count(message) == 0) continue;
      const v1::Privacy own = field.privacy == v1::PRIVACY_UNSPECIFIED ? inherited : field.privacy;
      const v1::Privacy privacy = std::max(own, least);
      if (privacy > greatest_) {
        reflection->ClearField(&message, field.field);
      } else if (field.message != nullptr && field.repeated) {
        RunItems(message, field, privacy);
      } else if (field.message != nullptr) {
        Run(*reflection->MutableMessage(&message, field.field), *field.message, privacy);
      }
    }
  }

 private:
  // Takes sensitive elements out of a list whole: an empty one would still say that there is one.
  void RunItems(Message& message, const FieldRules& field, v1::Privacy privacy) const {
    const Reflection* reflection = field.reflection;
    int kept = 0;
    const int size = field.Count(message);
    for (int i = 0; i < size; ++i) {
      Message* item = reflection->MutableRepeatedMessage(&message, field.field, i);
      if (field.message->sensitive != nullptr &&
          OwnSensitivity(*item, *field.message) > greatest_) {
        continue;
      }
      Run(*item, *field.message, privacy);
      if (kept != i) reflection->SwapElements(&message, field.field, kept, i);
      ++kept;
    }
    for (int i = size; i > kept; --i) reflection->RemoveLast(&message, field.field);
  }

  void FilterBytes(Message& message, const MessageRules& rules) const {
    if (rules.descriptor == v1::RecordState::descriptor()) {
      FilterState(static_cast<v1::RecordState&>(message), greatest_);
    } else if (rules.descriptor == v1::FeedRecord::descriptor()) {
      auto& record = static_cast<v1::FeedRecord&>(message);
      FilterRecordField(record.type(), greatest_, record.mutable_record());
    } else if (rules.descriptor == v1::WireOperation::descriptor()) {
      auto& wire = static_cast<v1::WireOperation&>(message);
      wire = FilterParts(std::move(wire), greatest_);
    } else if (rules.descriptor == v1::FeedItem::descriptor()) {
      auto& item = static_cast<v1::FeedItem&>(message);
      v1::FeedPayload payload;
      if (item.payload().empty()) return;
      if (payload.ParseFromString(item.payload())) {
        FilterMessage(payload, greatest_);
        item.set_payload(payload.SerializeAsString());
      } else {
        item.clear_payload();
      }
    }
  }

  const v1::Privacy greatest_;
};

}  // namespace

v1::Privacy GreatestClassFor(const Viewer& viewer, absl::string_view owner_team_id,
                             absl::string_view owner_organisation_id) {
  switch (viewer.role) {
    case v1::ROLE_COLLECTOR:
    case v1::ROLE_TEAM_LEAD:
      return !viewer.team_id.empty() && viewer.team_id == owner_team_id ? v1::PRIVACY_TEAM
                                                                        : v1::PRIVACY_PROGRAMME;
    case v1::ROLE_ME_OFFICER:
    case v1::ROLE_ADMINISTRATOR:
    case v1::ROLE_AUDITOR:
      return SeesTeam(viewer.scope, owner_team_id, owner_organisation_id) ? v1::PRIVACY_TEAM
                                                                          : v1::PRIVACY_PROGRAMME;
    default:
      return v1::PRIVACY_PUBLIC;
  }
}

void FilterMessage(Message& message, v1::Privacy greatest_class) {
  const MessageRules& rules = RulesOf(message.GetDescriptor());
  // A sensitive message that stands alone has no list to be taken out of.
  Filter(greatest_class).Run(message, rules, v1::PRIVACY_PROGRAMME);
}

absl::StatusOr<std::string> FilterRecordBytes(v1::RecordType type, absl::string_view record,
                                              v1::Privacy greatest_class) {
  const std::unique_ptr<Message> parsed = NewRecord(type);
  if (parsed == nullptr) {
    return InvalidField("record", "type", "a record type of this schema",
                        absl::StrCat(static_cast<int>(type)));
  }
  if (!parsed->ParseFromArray(record.data(), static_cast<int>(record.size()))) {
    return InvalidField(RecordTypeName(type), "", "a serialized record", "bytes that do not parse");
  }
  FilterMessage(*parsed, greatest_class);
  return parsed->SerializeAsString();
}

v1::WireOperation FilterParts(v1::WireOperation wire, v1::Privacy greatest_class) {
  auto* parts = wire.mutable_parts();
  const auto first_hidden = std::stable_partition(
      parts->pointer_begin(), parts->pointer_end(), [greatest_class](const v1::Part* part) {
        return part->privacy() >= v1::PRIVACY_PUBLIC && part->privacy() <= greatest_class;
      });
  parts->DeleteSubrange(static_cast<int>(first_hidden - parts->pointer_begin()),
                        static_cast<int>(parts->pointer_end() - first_hidden));
  return wire;
}

bool IsSensitive(const Message& record) {
  return OwnSensitivity(record, RulesOf(record.GetDescriptor())) > v1::PRIVACY_PROGRAMME;
}

}  // namespace baraza
