#ifndef BARAZA_CORE_BASE_RANDOM_H_
#define BARAZA_CORE_BASE_RANDOM_H_

#include <cstdint>

#include "absl/types/span.h"

namespace baraza {

// Random bytes, injected so that a run can be repeated from its seed.
class Random {
 public:
  virtual ~Random() = default;

  // Fills `out` with uniformly distributed bytes.
  virtual void Fill(absl::Span<uint8_t> out) = 0;

  // Uniform over all 64-bit values.
  uint64_t Next64();

  // Uniform over [0, bound), without modulo bias; 0 when `bound` is 0.
  uint64_t Uniform(uint64_t bound);
};

// The operating system's cryptographic generator (getentropy). Safe from any thread. Aborts if the
// system has no usable generator: nothing secret can be made without one.
class SystemRandom final : public Random {
 public:
  void Fill(absl::Span<uint8_t> out) override;
};

// Deterministic: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), little-endian, the same bytes on
// every platform. For tests and simulation, never for secrets. Not thread-safe.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  void Fill(absl::Span<uint8_t> out) override;

 private:
  uint64_t state_;
};

}  // namespace baraza

#endif  // BARAZA_CORE_BASE_RANDOM_H_
