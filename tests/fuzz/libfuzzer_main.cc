// Makes a libFuzzer program of the one target that is linked beside it. With --write-seeds=DIR as
// its first argument it writes the target's seeds there and ends.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "tests/fuzz/target.h"

// Of libFuzzer.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace baraza::fuzz {
namespace {

// What a change of a part may add to it.
constexpr size_t kMostGrowth = 64;

void ChangeByLibFuzzer(std::string& bytes) {
  const size_t size = bytes.size();
  bytes.resize(size + kMostGrowth);
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(bytes.data()), size, bytes.size()));
}

void WriteSeeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const std::vector<std::string> seeds = Targets().front().seeds();
  for (size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream(folder / absl::StrFormat("seed-%03d", i), std::ios::binary) << seeds[i];
  }
}

}  // namespace
}  // namespace baraza::fuzz

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  absl::string_view first = *argc > 1 ? (*argv)[1] : "";
  if (absl::ConsumePrefix(&first, "--write-seeds=")) {
    baraza::fuzz::WriteSeeds(std::string(first));
    exit(0);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  baraza::fuzz::Targets().front().one_input({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  const auto mutate = baraza::fuzz::Targets().front().mutate;
  baraza::SeededRandom random(seed);
  // Bytes that are no message at all must be tried, too.
  if (mutate == nullptr || random.Uniform(5) == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::string input(reinterpret_cast<const char*>(data), size);
  mutate(input, random, &baraza::fuzz::ChangeByLibFuzzer);
  if (input.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  memcpy(data, input.data(), input.size());
  return input.size();
}
