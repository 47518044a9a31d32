#include <algorithm>
#include <string>

#include "absl/strings/string_view.h"
#include "core/model/authority.h"
#include "core/model/merge.h"
#include "core/model/record_state.h"
#include "core/model/schema_rules.h"
#include "core/model/wire_reader.h"

namespace baraza {
namespace {

using google::protobuf::Message;

// Whether the merge would take every value of a known field: all are the author's to give.
bool TakesFullEffect(const Operation& creation, const MessageRules& rules, const Message& record) {
  const v1::Header& header = creation.header;
  const auto has_authority = [&header](v1::Authority authority) {
    return MayChange(authority, header, header, "");
  };
  if (!MayCreate(rules.record_authority, header)) return false;
  for (const PartDelta& part : creation.deltas) {
    WireReader reader(part.delta.record());
    WireField field;
    uint32_t last_number = 0;
    while (reader.Next(&field)) {
      if (field.number == last_number) continue;
      last_number = field.number;
      const FieldRules* known = rules.Find(field.number);
      if (known != nullptr && !has_authority(known->authority)) return false;
    }
  }
  if (rules.type != v1::RECORD_TYPE_SESSION_REPORT) return true;
  const auto& report = static_cast<const v1::SessionReport&>(record);
  return !report.has_review() ||
         MaySetStage(header.author_role(), report.review().stage(), /*creating=*/true);
}

// Whether the elements of every field stand in the order of their ids, as they do in a state.
bool HasElementsInOrder(const Message& record, const MessageRules& rules) {
  std::string scratch;
  std::string last_scratch;
  for (const FieldRules& field : rules.fields) {
    if (field.merge != v1::MERGE_RULE_ELEMENTS) continue;
    const int size = field.Count(record);
    const MessageRules& element = *field.message;
    for (int i = 1; i < size; ++i) {
      const std::string& last = element.reflection->GetStringReference(
          field.MessageAt(record, i - 1), element.element_id, &last_scratch);
      const std::string& id = element.reflection->GetStringReference(field.MessageAt(record, i),
                                                                     element.element_id, &scratch);
      if (id <= last) return false;
    }
  }
  return true;
}

// Whether the state's record is `record` but for fields of class DEVICE and derived ones.
bool IsTheStatesRecord(const Operation& creation, const MessageRules& rules,
                       const Message& record) {
  return !rules.holds_record && rules.reflection->GetUnknownFields(record).empty() &&
         HasElementsInOrder(record, rules) && TakesFullEffect(creation, rules, record);
}

}  // namespace

v1::RecordState StateOfCreation(const Operation& creation, Message* record) {
  const v1::Header& header = creation.header;
  const MessageRules& rules = *RulesOfType(header.record_type());
  if (!IsTheStatesRecord(creation, rules, *record)) {
    v1::RecordState merged = MergeOperations(absl::MakeConstSpan(&creation, 1));
    record->ParsePartialFromString(merged.record());
    return merged;
  }
  v1::RecordState state;
  state.set_record_id(header.record_id());
  state.set_type(header.record_type());
  state.set_programme_id(header.programme_id());
  state.add_heads(header.op_id());
  state.set_lamport(header.lamport());
  state.set_operation_count(1);
  PutCreation(header, &state);
  for (const FieldRules& field : rules.fields) {
    if (field.privacy == v1::PRIVACY_DEVICE) rules.reflection->ClearField(record, field.field);
  }
  PutRecord(*record, rules, &state);
  return state;
}

}  // namespace baraza
