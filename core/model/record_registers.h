#ifndef BARAZA_CORE_MODEL_RECORD_REGISTERS_H_
#define BARAZA_CORE_MODEL_RECORD_REGISTERS_H_

#include <compare>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "core/model/schema_rules.h"

// Internal to core/model: a record taken apart into the registers that operations set. The one
// place that knows what a register is; building and merging both stand on it.

namespace baraza {

// A top-level field, or one element of an ELEMENTS field.
struct RegisterKey {
  uint32_t field_number = 0;
  std::string element_id;

  friend auto operator<=>(const RegisterKey&, const RegisterKey&) = default;
};

// Each value is a serialized record message with just this field or element, canonical for the
// fields that the schema knows. Putting values together in order gives the record again.
using RegisterValues = std::map<RegisterKey, std::string>;

enum class SliceResult { kOk, kMalformed, kBadElement };

// Takes `record`, serialized canonically (see CanonicalBytes), apart. `rules` is nullptr for a
// record type that this schema does not know: then every field is one register. kBadElement: an
// element without an id or with that of another one, which `bad_element` (may be nullptr) then
// names by field; the first element of an id stays.
SliceResult SliceRegisters(absl::string_view record, const MessageRules* rules,
                           RegisterValues* values, std::string* bad_element = nullptr);

// Deterministic serialization: known fields ascending, unknown ones behind.
std::string CanonicalBytes(const google::protobuf::Message& record);

// "title", or "#99" for a field that the schema does not know.
std::string RegisterFieldName(uint32_t field_number, const MessageRules* rules);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_RECORD_REGISTERS_H_
