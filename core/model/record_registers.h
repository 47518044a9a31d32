#ifndef BARAZA_CORE_MODEL_RECORD_REGISTERS_H_
#define BARAZA_CORE_MODEL_RECORD_REGISTERS_H_

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/model/schema_rules.h"

// Internal to core/model: a record taken apart into the registers that operations set. The one
// place that knows what a register is; building and merging both stand on it.

namespace baraza {

// A top-level field, or one element of an ELEMENTS field.
struct RegisterKey {
  uint32_t field_number = 0;
  absl::string_view element_id;

  friend bool operator==(const RegisterKey& a, const RegisterKey& b) {
    return a.field_number == b.field_number && a.element_id == b.element_id;
  }
  friend bool operator<(const RegisterKey& a, const RegisterKey& b) {
    return a.field_number != b.field_number ? a.field_number < b.field_number
                                            : a.element_id < b.element_id;
  }
};

// As many as a full report has: what room is made for at once.
inline constexpr size_t kUsualRegisters = 32;

// The value is a serialized record message with just this field or element, canonical for the
// fields that the schema knows.
struct RegisterValue {
  RegisterKey key;
  absl::string_view value;
};

// A record taken apart. Views, into the record's bytes and into `spliced`.
struct Registers {
  // Ascending by key, each once. Putting the values together in order gives the record again.
  std::vector<RegisterValue> values;
  // Values that did not stand in one piece.
  std::forward_list<std::string> spliced;
};

enum class SliceResult { kOk, kMalformed, kBadElement };

// Takes `record`, serialized canonically (see CanonicalBytes), apart. It must outlive `registers`,
// which comes empty. `rules` is nullptr for a record type that this schema does not know: then
// every field is one register. kBadElement: an element without an id or with that of another one,
// which `bad_element` (may be nullptr) then names by field; the first element of an id stays.
SliceResult SliceRegisters(absl::string_view record, const MessageRules* rules,
                           Registers* registers, std::string* bad_element = nullptr);

// The id of a serialized element of a type with these rules; empty: none.
absl::string_view ElementIdOf(absl::string_view element, const MessageRules& rules);

// Deterministic serialization: known fields ascending, unknown ones behind.
std::string CanonicalBytes(const google::protobuf::Message& record);

// "title", or "#99" for a field that the schema does not know.
std::string RegisterFieldName(uint32_t field_number, const MessageRules* rules);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_RECORD_REGISTERS_H_
