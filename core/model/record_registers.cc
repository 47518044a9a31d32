#include "core/model/record_registers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/model/wire_reader.h"

namespace baraza {

// The last one counts, as in any protobuf parser.
absl::string_view ElementIdOf(absl::string_view element, const MessageRules& rules) {
  absl::string_view id;
  if (rules.element_id == nullptr) return id;
  const auto number = static_cast<uint32_t>(rules.element_id->number());
  WireReader reader(element);
  WireField field;
  while (reader.Next(&field)) {
    if (field.number == number) id = field.payload;
  }
  return id;
}

SliceResult SliceRegisters(absl::string_view record, const MessageRules* rules,
                           Registers* registers, std::string* bad_element) {
  std::vector<RegisterValue>& values = registers->values;
  values.reserve(kUsualRegisters);
  // The last field that has a bad element.
  const FieldRules* bad = nullptr;
  const auto is_elements = [rules](uint32_t number) -> const FieldRules* {
    const FieldRules* known = rules == nullptr ? nullptr : rules->Find(number);
    return known != nullptr && known->merge == v1::MERGE_RULE_ELEMENTS && known->message != nullptr
               ? known
               : nullptr;
  };
  WireReader reader(record);
  WireField field;
  bool ascending = true;
  // That of the field before, unless that was an element.
  uint32_t last_number = 0;
  while (reader.Next(&field)) {
    // The items of a repeated field stand side by side.
    if (field.number == last_number) {
      absl::string_view& value = values.back().value;
      value = absl::string_view(value.data(), value.size() + field.whole.size());
      continue;
    }
    RegisterKey key{field.number, {}};
    if (const FieldRules* elements = is_elements(field.number)) {
      last_number = 0;
      key.element_id = ElementIdOf(field.payload, *elements->message);
      if (key.element_id.empty()) {
        bad = elements;
        continue;
      }
    } else {
      last_number = field.number;
    }
    ascending = ascending && (values.empty() || values.back().key < key);
    values.push_back({key, field.whole});
  }
  if (!ascending) {
    std::stable_sort(values.begin(), values.end(),
                     [](const RegisterValue& a, const RegisterValue& b) { return a.key < b.key; });
    size_t kept = 0;
    for (size_t i = 1; i < values.size(); ++i) {
      if (!(values[i].key == values[kept].key)) {
        values[++kept] = values[i];
      } else if (const FieldRules* elements = is_elements(values[i].key.field_number)) {
        if (bad == nullptr || bad < elements) bad = elements;
      } else {
        values[kept].value =
            registers->spliced.emplace_front(absl::StrCat(values[kept].value, values[i].value));
      }
    }
    values.resize(kept + 1);
  }
  if (bad != nullptr && bad_element != nullptr) *bad_element = bad->field->name();
  if (!reader.ok()) return SliceResult::kMalformed;
  return bad == nullptr ? SliceResult::kOk : SliceResult::kBadElement;
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
