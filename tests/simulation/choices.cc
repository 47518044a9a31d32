#include "tests/simulation/choices.h"

namespace baraza::sim {
namespace {

// FNV-1a: the same on every platform, and good enough to tell streams apart.
uint64_t NameHash(absl::string_view name) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

}  // namespace

Random& Choices::Stream(absl::string_view stream) {
  auto found = streams_.find(stream);
  if (found == streams_.end()) {
    found =
        streams_
            .emplace(std::string(stream),
                     std::make_unique<SeededRandom>(seed_ * 0x9e3779b97f4a7c15 ^ NameHash(stream)))
            .first;
  }
  return *found->second;
}

uint64_t Choices::Below(absl::string_view stream, uint64_t bound) {
  const uint64_t chosen = Stream(stream).Uniform(bound);
  ++decisions_;
  if (trace_ != nullptr) {
    *trace_ << "  #" << decisions_ << " " << stream << " " << chosen << "/" << bound << "\n";
  }
  return chosen;
}

bool Choices::Chance(absl::string_view stream, uint64_t permille) {
  return Below(stream, 1000) < permille;
}

}  // namespace baraza::sim
