#ifndef BARAZA_CORE_MATCH_HASH_H_
#define BARAZA_CORE_MATCH_HASH_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace baraza {

// Hashes that are the same on every machine and in every version: they order feature records and
// name blocks, so absl::Hash (salted per process) will not do. Not for secrets or identity.

// Spreads the bits of `value` (the finaliser of MurmurHash3).
constexpr uint64_t MixBits(uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53ULL;
  value ^= value >> 33;
  return value;
}

// One hash of two, in their order.
constexpr uint64_t CombineHash(uint64_t seed, uint64_t value) {
  return MixBits(seed * 0x9e3779b97f4a7c15ULL + value + 0x632be59bd9b4e019ULL);
}

// FNV-1a with its bits spread. Never 0, which stands for "not given".
constexpr uint64_t StableHash(absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  hash = MixBits(hash);
  return hash == 0 ? 1 : hash;
}

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_HASH_H_
