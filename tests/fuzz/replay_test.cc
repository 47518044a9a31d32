// Every seed, every committed input and every input that ever broke a promise, in every build.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "tests/fuzz/target.h"
#include "tests/testing/temp_dir.h"

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
  input.target->one_input(input.file.empty() ? input.bytes : test::ReadFile(input.file.string()));
}

INSTANTIATE_TEST_SUITE_P(Known, Replay, ::testing::ValuesIn(AllInputs()),
                         [](const ::testing::TestParamInfo<Input>& info) {
                           return info.param.name;
                         });

// One to four bytes become others, or some are put in or taken out.
void ChangeAnyBytes(std::string& bytes) {
  static SeededRandom random(11);
  for (uint64_t changes = 1 + random.Uniform(4); changes > 0; --changes) {
    const size_t at = random.Uniform(bytes.size() + 1);
    switch (random.Uniform(3)) {
      case 0:
        bytes.insert(at, 1 + random.Uniform(4), static_cast<char>(random.Uniform(256)));
        break;
      case 1:
        bytes.erase(at, 1 + random.Uniform(4));
        break;
      default:
        if (at < bytes.size()) bytes[at] = static_cast<char>(random.Uniform(256));
    }
  }
}

// A fixed number of inputs made up from the known ones, the same in every run: without a fuzzer's
// sense for what is new, but in the build that is tested anyway.
class MadeUp : public ::testing::TestWithParam<Target> {};

TEST_P(MadeUp, KeepsItsPromises) {
  const Target& target = GetParam();
  std::vector<std::string> known;
  for (const Input& input : AllInputs()) {
    if (input.target->name != target.name) continue;
    known.push_back(input.file.empty() ? input.bytes : test::ReadFile(input.file.string()));
  }
  // Stays when the program is ended.
  const test::TempDir folder;
  SeededRandom random(7);
  for (int i = 0; i < target.inputs_in_tests; ++i) {
    std::string input = known[random.Uniform(known.size())];
    if (target.mutate != nullptr && random.Uniform(5) != 0) {
      target.mutate(input, random, &ChangeAnyBytes);
    } else {
      ChangeAnyBytes(input);
    }
    test::WriteFile(folder.File(target.name), input);
    if (i == 0) std::cout << "the input under test: " << folder.File(target.name) << std::endl;
    target.one_input(input);
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, MadeUp, ::testing::ValuesIn(Targets()),
                         [](const ::testing::TestParamInfo<Target>& info) {
                           return info.param.name;
                         });

// A promise that cannot be broken is none.
TEST(ReplayDeathTest, ABrokenPromiseEndsTheProgram) {
  EXPECT_DEATH(FUZZ_CHECK(1 + 1 == 3, "sums"), "broken promise: 1 \\+ 1 == 3\nsums");
}

}  // namespace
}  // namespace baraza::fuzz
