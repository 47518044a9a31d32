#ifndef BARAZA_TESTS_DATA_GENERATOR_RNG_H_
#define BARAZA_TESTS_DATA_GENERATOR_RNG_H_

#include <cstddef>
#include <cstdint>
#include <utility>

namespace baraza::testdata {

// SplitMix64: the same numbers on every machine, which <random>'s distributions do not promise. Two
// draws in one expression may come in either order: one statement, one draw.
class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // 0 .. below - 1; `below` > 0.
  uint64_t Below(uint64_t below) { return Next() % below; }
  // low .. high, inclusive.
  int Between(int low, int high) {
    return low + static_cast<int>(Below(static_cast<uint64_t>(high - low) + 1));
  }
  // 0 .. 1
  double Unit() { return static_cast<double>(Next() >> 11) / 9007199254740992.0; }
  bool Chance(double probability) { return Unit() < probability; }
  template <typename Container>
  const auto& Pick(const Container& from) {
    return from[Below(from.size())];
  }
  template <typename Container>
  void Shuffle(Container& values) {
    for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[Below(i)]);
  }

 private:
  uint64_t state_;
};

}  // namespace baraza::testdata

#endif  // BARAZA_TESTS_DATA_GENERATOR_RNG_H_
