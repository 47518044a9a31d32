// Every seed, every committed input and every input that ever broke a promise, in every build.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/fuzz/target.h"

namespace baraza::fuzz {
namespace {

struct Input {
  std::string name;
  const Target* target = nullptr;
  // Empty: `bytes` has it.
  std::filesystem::path file;
  std::string bytes;
};

void AddFiles(const Target& target, const std::string& kind, std::vector<Input>& inputs) {
  const std::filesystem::path folder = std::filesystem::path("tests/fuzz") / kind / target.name;
  if (!std::filesystem::exists(folder)) return;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    inputs.push_back(
        {absl::StrCat(target.name, "_", kind, "_", file.filename().string()), &target, file, ""});
  }
}

std::vector<Input> AllInputs() {
  std::vector<Input> inputs;
  for (const Target& target : Targets()) {
    AddFiles(target, "regressions", inputs);
    AddFiles(target, "corpus", inputs);
    const std::vector<std::string> seeds = target.seeds();
    for (size_t i = 0; i < seeds.size(); ++i) {
      inputs.push_back({absl::StrCat(target.name, "_seed_", i), &target, "", seeds[i]});
    }
    inputs.push_back({absl::StrCat(target.name, "_nothing"), &target, "", ""});
  }
  for (Input& input : inputs) {
    for (char& c : input.name) {
      if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) c = '_';
    }
  }
  return inputs;
}

class Replay : public ::testing::TestWithParam<Input> {};

TEST_P(Replay, KeepsItsPromises) {
  const Input& input = GetParam();
  std::string bytes = input.bytes;
  if (!input.file.empty()) {
    std::ifstream file(input.file, std::ios::binary);
    ASSERT_TRUE(file) << input.file;
    bytes.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  input.target->one_input(bytes);
}

INSTANTIATE_TEST_SUITE_P(Known, Replay, ::testing::ValuesIn(AllInputs()),
                         [](const ::testing::TestParamInfo<Input>& info) {
                           return info.param.name;
                         });

// A promise that cannot be broken is none.
TEST(ReplayDeathTest, ABrokenPromiseEndsTheProgram) {
  EXPECT_DEATH(FUZZ_CHECK(1 + 1 == 3, "sums"), "broken promise: 1 \\+ 1 == 3\nsums");
}

}  // namespace
}  // namespace baraza::fuzz
