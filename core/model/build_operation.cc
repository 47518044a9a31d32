#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/limits.h"
#include "core/model/operation.h"
#include "core/model/operation_header.h"
#include "core/model/record_registers.h"
#include "core/model/record_types.h"
#include "core/model/schema_rules.h"
#include "core/model/wire_reader.h"

namespace baraza {
namespace {

// Whether a serialized element carries the flag that makes it TEAM.
bool IsSensitiveElement(absl::string_view value, const FieldRules& rules) {
  if (rules.message == nullptr || rules.message->sensitive == nullptr) return false;
  WireReader outer(value);
  WireField element;
  bool sensitive = false;
  while (outer.Next(&element)) {
    WireReader inner(element.payload);
    WireField field;
    while (inner.Next(&field)) {
      if (field.number != static_cast<uint32_t>(rules.message->sensitive->number())) continue;
      sensitive = field.whole.back() != '\0';
    }
  }
  return sensitive;
}

// Collects what changes into one delta per class.
class DeltaBuilder {
 public:
  DeltaBuilder(const MessageRules& rules, v1::Privacy sensitivity)
      : rules_(rules), sensitivity_(sensitivity) {}

  // `before` and `after` are the register's values; empty: none. The keys come in their order.
  void Add(const RegisterKey& key, absl::string_view before, absl::string_view after) {
    const FieldRules* field = rules_.Find(key.field_number);
    v1::Delta& delta = deltas_[ClassOf(field, before, after)];
    if (!after.empty()) {
      delta.mutable_record()->append(after.data(), after.size());
    } else if (!key.element_id.empty()) {
      v1::RemovedElement* removed = delta.add_removed_elements();
      removed->set_field_number(key.field_number);
      removed->set_element_id(std::string(key.element_id));
    } else {
      delta.add_cleared_fields(key.field_number);
    }
  }

  // Ascending by class; leaves nothing.
  std::vector<PartDelta> Take() {
    std::vector<PartDelta> taken;
    taken.reserve(deltas_.size());
    for (auto& [privacy, delta] : deltas_) taken.push_back({privacy, std::move(delta)});
    return taken;
  }

 private:
  v1::Privacy ClassOf(const FieldRules* field, absl::string_view before,
                      absl::string_view after) const {
    // Nobody here knows who may see it.
    if (field == nullptr) return v1::PRIVACY_TEAM;
    v1::Privacy privacy = std::max({field->privacy, sensitivity_, v1::PRIVACY_PUBLIC});
    if (field->merge == v1::MERGE_RULE_ELEMENTS &&
        IsSensitiveElement(after.empty() ? before : after, *field)) {
      privacy = std::max(privacy, v1::PRIVACY_TEAM);
    }
    return privacy;
  }

  const MessageRules& rules_;
  const v1::Privacy sensitivity_;
  std::map<v1::Privacy, v1::Delta> deltas_;
};

// Clears what stays on the device inside records that the record holds (an override's values).
void StripDeviceFields(google::protobuf::Message& message, const MessageRules& rules) {
  const google::protobuf::Reflection* reflection = message.GetReflection();
  for (const FieldRules& field : rules.fields) {
    if (field.privacy == v1::PRIVACY_DEVICE) {
      reflection->ClearField(&message, field.field);
    } else if (field.message != nullptr && !field.field->is_repeated() &&
               reflection->HasField(message, field.field)) {
      StripDeviceFields(*reflection->MutableMessage(&message, field.field), *field.message);
    }
  }
}

// A record taken apart, with the bytes that the registers lie in. Stays where it is.
struct TakenApart {
  TakenApart() = default;
  TakenApart(const TakenApart&) = delete;
  TakenApart& operator=(const TakenApart&) = delete;

  std::string bytes;
  Registers registers;
};

absl::Status TakeApart(const std::string& record_id, const google::protobuf::Message& record,
                       const MessageRules& rules, TakenApart* taken) {
  std::string bad_element;
  if (rules.holds_record) {
    const std::unique_ptr<google::protobuf::Message> copy(record.New());
    copy->CopyFrom(record);
    StripDeviceFields(*copy, rules);
    taken->bytes = CanonicalBytes(*copy);
  } else {
    taken->bytes = CanonicalBytes(record);
  }
  switch (SliceRegisters(taken->bytes, &rules, &taken->registers, &bad_element)) {
    case SliceResult::kOk:
      break;
    case SliceResult::kBadElement:
      return InvalidField(record_id, absl::StrCat(bad_element, ".element_id"),
                          "an id of its own for each element", "none or one twice");
    case SliceResult::kMalformed:
      return InvalidField(record_id, "", "a record that serializes", "other bytes");
  }
  for (const auto& [key, value] : taken->registers.values) {
    if (!key.element_id.empty() && !ValidateElementId(key.element_id).ok()) {
      return InvalidField(
          record_id, absl::StrCat(RegisterFieldName(key.field_number, &rules), ".element_id"),
          "1 to 8 characters of [0-9A-Za-z_-]", absl::StrCat(key.element_id.size(), " bytes"));
    }
  }
  return absl::OkStatus();
}

// A register that may change, its values (empty: none), and whether it is to be set even if they
// are equal.
struct Touched {
  RegisterKey key;
  absl::string_view before;
  absl::string_view after;
  bool restate = false;
};

// Every register of either record and what is restated, ascending, each once.
std::vector<Touched> TouchedRegisters(const Registers& before, const Registers& after,
                                      absl::Span<const RestatedField> restated) {
  std::vector<Touched> touched;
  touched.reserve(before.values.size() + after.values.size() + restated.size());
  for (const RestatedField& field : restated) {
    const RegisterKey key{static_cast<uint32_t>(field.field_number), field.element_id};
    touched.push_back({key, {}, {}, /*restate=*/true});
  }
  for (const auto& [key, value] : before.values) touched.push_back({key, value, {}});
  for (const auto& [key, value] : after.values) touched.push_back({key, {}, value});
  const auto less = [](const Touched& a, const Touched& b) { return a.key < b.key; };
  if (!std::is_sorted(touched.begin(), touched.end(), less)) {
    std::sort(touched.begin(), touched.end(), less);
  }
  size_t kept = 0;
  for (const Touched& each : touched) {
    if (kept == 0 || !(touched[kept - 1].key == each.key)) {
      touched[kept++] = each;
      continue;
    }
    Touched& same = touched[kept - 1];
    if (!each.before.empty()) same.before = each.before;
    if (!each.after.empty()) same.after = each.after;
    same.restate = same.restate || each.restate;
  }
  touched.resize(kept);
  return touched;
}

// What never enters an operation.
bool StaysOut(const FieldRules* field) {
  return field != nullptr &&
         (field->merge == v1::MERGE_RULE_DERIVED || field->privacy == v1::PRIVACY_DEVICE);
}

}  // namespace

absl::StatusOr<Operation> BuildOperation(const OperationStamp& stamp,
                                         const google::protobuf::Message* before,
                                         const google::protobuf::Message& after,
                                         absl::Span<const RestatedField> restated) {
  const MessageRules* rules = RulesOfType(stamp.record_type);
  if (rules == nullptr || after.GetDescriptor() != rules->descriptor ||
      (before != nullptr && before->GetDescriptor() != rules->descriptor)) {
    return InvalidField(stamp.record_id, "record_type", "the type of the record",
                        v1::RecordType_Name(stamp.record_type));
  }
  if ((before == nullptr) != (stamp.op_id == stamp.record_id)) {
    return InvalidField(stamp.record_id, "header.op_id",
                        "the record's id for its creation and another for an edit", stamp.op_id);
  }
  const v1::Privacy sensitivity = OwnSensitivity(after, *rules);
  if (sensitivity >= v1::PRIVACY_DEVICE) {
    return InvalidField(stamp.record_id, "sensitivity", "PUBLIC, PROGRAMME or TEAM",
                        v1::Privacy_Name(sensitivity));
  }
  BARAZA_ASSIGN_OR_RETURN(v1::Header header, HeaderOf(stamp));

  TakenApart old_record;
  if (before != nullptr) {
    BARAZA_RETURN_IF_ERROR(TakeApart(stamp.record_id, *before, *rules, &old_record));
  }
  TakenApart new_record;
  BARAZA_RETURN_IF_ERROR(TakeApart(stamp.record_id, after, *rules, &new_record));

  DeltaBuilder builder(*rules, sensitivity);
  for (const auto& [key, old_value, new_value, restate] :
       TouchedRegisters(old_record.registers, new_record.registers, restated)) {
    const FieldRules* field = rules->Find(key.field_number);
    if (StaysOut(field)) continue;
    if (field != nullptr && (field->merge == v1::MERGE_RULE_ELEMENTS) == key.element_id.empty()) {
      return InvalidField(stamp.record_id, field->field->name(),
                          "an element id for a field of elements, and none for another",
                          key.element_id);
    }
    if (!restate && old_value == new_value) continue;
    // Whoever does not know a field cannot mean to empty it.
    if (field == nullptr && new_value.empty()) continue;
    if (before != nullptr && field != nullptr && field->merge == v1::MERGE_RULE_IMMUTABLE) {
      return InvalidField(stamp.record_id, field->field->name(), "the value it was created with",
                          "another");
    }
    builder.Add(key, old_value, new_value);
  }
  std::vector<PartDelta> deltas = builder.Take();
  if (before != nullptr && deltas.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(stamp.record_id, ": nothing changes"));
  }

  return OperationOf(std::move(header), std::move(deltas));
}

}  // namespace baraza
