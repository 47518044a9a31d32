#ifndef BARAZA_CORE_MODEL_WIRE_READER_H_
#define BARAZA_CORE_MODEL_WIRE_READER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "core/model/schema_rules.h"

// Internal to core/model: protobuf's wire format one field at a time, without a schema. For what
// reflection cannot say: the bytes of a field, and where a string is not UTF-8.

namespace baraza {

// What a tag says of the value behind it.
inline constexpr uint32_t kWireVarint = 0;
inline constexpr uint32_t kWireFixed64 = 1;
inline constexpr uint32_t kWireBytes = 2;
inline constexpr uint32_t kWireGroup = 3;
inline constexpr uint32_t kWireEndGroup = 4;
inline constexpr uint32_t kWireFixed32 = 5;

struct WireField {
  uint32_t number = 0;
  // One of the constants above, but for kWireEndGroup.
  uint32_t wire_type = 0;
  // Tag and value.
  absl::string_view whole;
  // The value of a length-delimited field; empty for others.
  absl::string_view payload;
  // The value of a varint or the bits of a 64-bit field; of no meaning for others.
  uint64_t value = 0;
};

// Reads the fields of one message. The bytes must outlive the reader and the fields read.
class WireReader {
 public:
  explicit WireReader(absl::string_view bytes) : rest_(bytes) {}

  // False at the end and on malformed bytes; see ok().
  bool Next(WireField* field) {
    if (!ok_ || rest_.empty()) return false;
    const absl::string_view start = rest_;
    uint64_t tag = 0;
    field->payload = {};
    ok_ = ReadVarint(&tag) && tag <= kMaxTag && tag >> 3 != 0 && ReadValue(tag, field);
    if (!ok_) return false;
    field->number = static_cast<uint32_t>(tag >> 3);
    field->wire_type = tag & 7;
    field->whole = start.substr(0, start.size() - rest_.size());
    return true;
  }

  // Whether everything so far was well-formed.
  bool ok() const { return ok_; }

  // Bytes still to be read.
  size_t left() const { return rest_.size(); }

 private:
  static constexpr uint64_t kMaxTag = 0xffffffff;

  bool ReadVarint(uint64_t* value) {
    if (rest_.empty() || static_cast<uint8_t>(rest_[0]) >= 0x80) return ReadLongVarint(value);
    *value = static_cast<uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    return true;
  }

  bool ReadValue(uint64_t tag, WireField* field) {
    if ((tag & 7) != kWireBytes) {
      return ReadOtherValue(static_cast<uint32_t>(tag >> 3), tag & 7, 0, field);
    }
    uint64_t length = 0;
    if (!ReadVarint(&length) || length > rest_.size()) return false;
    field->payload = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
  }

  bool ReadLongVarint(uint64_t* value);
  // A value of any type; `depth` is that of the groups around it.
  bool ReadOtherValue(uint32_t number, uint32_t wire_type, int depth, WireField* field);

  absl::string_view rest_;
  bool ok_ = true;
};

// The path of the first string field that is not UTF-8, as in "dates.earliest"; empty: none is.
// Strings that the schema does not know are bytes.
std::string FindInvalidUtf8(absl::string_view bytes, const MessageRules& rules);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_WIRE_READER_H_
