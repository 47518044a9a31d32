#ifndef BARAZA_TESTS_FUZZ_CHOICES_H_
#define BARAZA_TESTS_FUZZ_CHOICES_H_

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace baraza::fuzz {

// Reads an input as a row of choices. When it is used up, every choice is the first one.
class Choices {
 public:
  explicit Choices(absl::string_view bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }

  uint8_t Byte() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(bytes_[0]);
    bytes_.remove_prefix(1);
    return byte;
  }

  // 0 .. count - 1.
  uint32_t Below(uint32_t count) {
    uint32_t value = Byte();
    if (count > 256) value = value << 8 | Byte();
    if (count > 65536) value = value << 8 | Byte();
    return value % count;
  }

  // A choice that is rarely made.
  bool OneIn(uint32_t count) { return Below(count) == count - 1; }

  uint64_t Number() {
    uint64_t value = 0;
    for (uint32_t bytes = Below(9); bytes > 0; --bytes) value = value << 8 | Byte();
    return value;
  }

  std::string Bytes(uint32_t at_most) {
    const absl::string_view taken = bytes_.substr(0, Below(at_most + 1));
    bytes_.remove_prefix(taken.size());
    return std::string(taken);
  }

  absl::string_view Rest() const { return bytes_; }

 private:
  absl::string_view bytes_;
};

}  // namespace baraza::fuzz

#endif  // BARAZA_TESTS_FUZZ_CHOICES_H_
