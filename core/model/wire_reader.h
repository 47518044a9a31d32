#ifndef BARAZA_CORE_MODEL_WIRE_READER_H_
#define BARAZA_CORE_MODEL_WIRE_READER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "core/model/schema_rules.h"

// Internal to core/model: protobuf's wire format one field at a time, without a schema. For what
// reflection cannot say: the bytes of a field, and where a string is not UTF-8.

namespace baraza {

struct WireField {
  uint32_t number = 0;
  // 0 varint, 1 64-bit, 2 length-delimited, 3 group, 5 32-bit.
  uint32_t wire_type = 0;
  // Tag and value.
  absl::string_view whole;
  // The value of a length-delimited field; empty for others.
  absl::string_view payload;
};

// Reads the fields of one message. The bytes must outlive the reader and the fields read.
class WireReader {
 public:
  explicit WireReader(absl::string_view bytes) : rest_(bytes) {}

  // False at the end and on malformed bytes; see ok().
  bool Next(WireField* field);

  // Whether everything so far was well-formed.
  bool ok() const { return ok_; }

 private:
  bool ReadVarint(uint64_t* value);
  bool SkipValue(uint32_t number, uint32_t wire_type, int depth, absl::string_view* payload);

  absl::string_view rest_;
  bool ok_ = true;
};

// The path of the first string field that is not UTF-8, as in "dates.earliest"; empty: none is.
// Strings that the schema does not know are bytes.
std::string FindInvalidUtf8(absl::string_view bytes, const MessageRules& rules);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_WIRE_READER_H_
