#include "core/model/record_registers.h"

#include "absl/strings/str_cat.h"
#include "core/model/wire_reader.h"

namespace baraza {
namespace {

// The id of a serialized element; the last one counts, as in any protobuf parser.
absl::string_view ElementIdOf(absl::string_view element, const MessageRules& rules) {
  absl::string_view id;
  if (rules.element_id == nullptr) return id;
  WireReader reader(element);
  WireField field;
  while (reader.Next(&field)) {
    if (field.number == static_cast<uint32_t>(rules.element_id->number())) id = field.payload;
  }
  return id;
}

}  // namespace

SliceResult SliceRegisters(absl::string_view record, const MessageRules* rules,
                           RegisterValues* values, std::string* bad_element) {
  SliceResult result = SliceResult::kOk;
  WireReader reader(record);
  WireField field;
  const FieldRules* known = nullptr;
  std::string* last_value = nullptr;
  uint32_t last_number = 0;
  while (reader.Next(&field)) {
    // The items of a repeated field stand side by side.
    if (last_value != nullptr && field.number == last_number) {
      last_value->append(field.whole.data(), field.whole.size());
      continue;
    }
    known = rules == nullptr ? nullptr : rules->Find(field.number);
    if (known == nullptr || known->merge != v1::MERGE_RULE_ELEMENTS || known->message == nullptr) {
      last_value = &(*values)[RegisterKey{field.number, {}}];
      last_value->append(field.whole.data(), field.whole.size());
      last_number = field.number;
      continue;
    }
    last_value = nullptr;
    const absl::string_view id = ElementIdOf(field.payload, *known->message);
    const bool added =
        !id.empty() &&
        values->try_emplace(RegisterKey{field.number, std::string(id)}, field.whole).second;
    if (!added) {
      result = SliceResult::kBadElement;
      if (bad_element != nullptr) *bad_element = known->field->name();
    }
  }
  return reader.ok() ? result : SliceResult::kMalformed;
}

// Without map fields, of which the schema has none, serialization is deterministic by itself.
std::string CanonicalBytes(const google::protobuf::Message& record) {
  return record.SerializePartialAsString();
}

std::string RegisterFieldName(uint32_t field_number, const MessageRules* rules) {
  const FieldRules* known = rules == nullptr ? nullptr : rules->Find(field_number);
  return known == nullptr ? absl::StrCat("#", field_number) : known->field->name();
}

}  // namespace baraza
