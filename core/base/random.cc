#include "core/base/random.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>

namespace baraza {

uint64_t Random::Next64() {
  std::array<uint8_t, 8> bytes;
  Fill(absl::MakeSpan(bytes));
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) value |= uint64_t{bytes[i]} << (8 * i);
  return value;
}

uint64_t Random::Uniform(uint64_t bound) {
  if (bound == 0) return 0;
  // Values below 2^64 mod bound would make small results more likely; draw again.
  const uint64_t reject_below = (0 - bound) % bound;
  uint64_t value;
  do {
    value = Next64();
  } while (value < reject_below);
  return value % bound;
}

void SystemRandom::Fill(absl::Span<uint8_t> out) {
  // What one call gives at most.
  constexpr size_t kMaxRequest = 256;
  for (size_t filled = 0; filled < out.size(); filled += kMaxRequest) {
    const size_t count = std::min(kMaxRequest, out.size() - filled);
    if (getentropy(out.data() + filled, count) != 0) std::abort();
  }
}

void SeededRandom::Fill(absl::Span<uint8_t> out) {
  size_t filled = 0;
  while (filled < out.size()) {
    state_ += 0x9e3779b97f4a7c15ULL;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    const size_t count = std::min<size_t>(8, out.size() - filled);
    for (size_t i = 0; i < count; ++i) out[filled + i] = static_cast<uint8_t>(z >> (8 * i));
    filled += count;
  }
}

}  // namespace baraza
