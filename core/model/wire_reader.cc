#include "core/model/wire_reader.h"

#include "absl/strings/str_cat.h"
#include "core/base/text.h"

namespace baraza {
namespace {

using google::protobuf::FieldDescriptor;

constexpr int kMaxGroupDepth = 32;

}  // namespace

bool WireReader::ReadLongVarint(uint64_t* value) {
  *value = 0;
  for (size_t i = 0; i < rest_.size() && i < 10; ++i) {
    const uint8_t byte = static_cast<uint8_t>(rest_[i]);
    *value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) == 0) {
      rest_.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

bool WireReader::ReadOtherValue(uint32_t number, uint32_t wire_type, int depth, WireField* field) {
  uint64_t length = 0;
  switch (wire_type) {
    case kWireVarint:
      return ReadVarint(&field->value);
    case kWireFixed64:
      if (rest_.size() < 8) return false;
      field->value = 0;
      for (int i = 0; i < 8; ++i) {
        field->value |= static_cast<uint64_t>(static_cast<uint8_t>(rest_[i])) << (8 * i);
      }
      rest_.remove_prefix(8);
      return true;
    case kWireFixed32:
      if (rest_.size() < 4) return false;
      rest_.remove_prefix(4);
      return true;
    case kWireBytes:
      if (!ReadVarint(&length) || length > rest_.size()) return false;
      field->payload = rest_.substr(0, length);
      rest_.remove_prefix(length);
      return true;
    case kWireGroup:
      if (depth >= kMaxGroupDepth) return false;
      while (true) {
        uint64_t tag = 0;
        if (!ReadVarint(&tag) || tag > kMaxTag || tag >> 3 == 0) return false;
        if ((tag & 7) == kWireEndGroup) return tag >> 3 == number;
        WireField ignored;
        if (!ReadOtherValue(static_cast<uint32_t>(tag >> 3), tag & 7, depth + 1, &ignored))
          return false;
      }
    default:
      return false;
  }
}

std::string FindInvalidUtf8(absl::string_view bytes, const MessageRules& rules) {
  WireReader reader(bytes);
  WireField field;
  while (reader.Next(&field)) {
    if (field.wire_type != kWireBytes) continue;
    const FieldRules* known = rules.Find(field.number);
    if (known == nullptr) continue;
    if (known->field->type() == FieldDescriptor::TYPE_STRING && !IsValidUtf8(field.payload)) {
      return known->field->name();
    }
    if (known->message != nullptr) {
      const std::string inner = FindInvalidUtf8(field.payload, *known->message);
      if (!inner.empty()) return absl::StrCat(known->field->name(), ".", inner);
    }
  }
  return "";
}

}  // namespace baraza
