// The protocol's small cases, each a file, on every stage; and every order of three devices' steps.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/scenarios/specs/play.h"
#include "tests/scenarios/specs/stage.h"
#include "tests/testing/effort.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza::specs {
namespace {

using ::baraza::test::StatusIs;
using ::testing::HasSubstr;

std::vector<std::string> Specs() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator("tests/scenarios/specs")) {
    if (entry.path().extension() == ".spec") files.push_back(entry.path().stem().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

using Make = std::unique_ptr<Stage> (*)(const std::string& directory);

class SpecTest : public ::testing::TestWithParam<std::tuple<std::string, Make>> {};

TEST_P(SpecTest, Holds) {
  const test::TempDir directory;
  const auto& [name, make] = GetParam();
  const std::unique_ptr<Stage> stage = make(directory.path());
  const std::string spec = test::ReadFile(absl::StrCat("tests/scenarios/specs/", name, ".spec"));
  EXPECT_TRUE(absl::StrContains(spec, "\nexpect ")) << "a spec that expects nothing";
  EXPECT_OK(Player(*stage).Play(spec));
}

std::string Name(const std::string& spec, const char* stage) {
  std::string name = absl::StrCat(spec, "_", stage);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Direct, SpecTest,
                         ::testing::Combine(::testing::ValuesIn(Specs()),
                                            ::testing::Values(&MakeDirectStage)),
                         [](const auto& param) {
                           return Name(std::get<0>(param.param), "direct");
                         });
INSTANTIATE_TEST_SUITE_P(Grpc, SpecTest,
                         ::testing::Combine(::testing::ValuesIn(Specs()),
                                            ::testing::Values(&MakeGrpcStage)),
                         [](const auto& param) { return Name(std::get<0>(param.param), "grpc"); });
INSTANTIATE_TEST_SUITE_P(Process, SpecTest,
                         ::testing::Combine(::testing::ValuesIn(Specs()),
                                            ::testing::Values(&MakeProcessStage)),
                         [](const auto& param) {
                           return Name(std::get<0>(param.param), "process");
                         });

TEST(Player, SaysWhatWasExpected) {
  const test::TempDir directory;
  const std::unique_ptr<Stage> stage = MakeDirectStage(directory.path());
  Player player(*stage);
  ASSERT_OK(player.Play("phone amina A\ncapture amina first 1\n"));
  EXPECT_THAT(
      player.Play("\nexpect amina outbox=0"),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("line 2: expect amina outbox=0: amina outbox: expected 0, got 1")));
  EXPECT_THAT(player.Play("expect server figure=1"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("expected 1, got 0")));
  EXPECT_THAT(player.Play("sync amina fails=UNAVAILABLE"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("got OK")));
  EXPECT_THAT(player.Play("juggle amina"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(player.Play("sync nobody"), StatusIs(absl::StatusCode::kNotFound));
}

// Three devices, two of them of one team, three steps each; two of them tell of one session. The
// 1,680 orders in which these nine steps can happen end the same: every kStride-th, in the nightly
// runs all.
TEST(Interleavings, OfThreeDevicesAllComeToTheSame) {
  const std::array<std::array<const char*, 3>, 3> steps = {{
      {"capture a a1 1", "sync a", "edit a a1"},
      {"capture b b1 1", "lose_response b", "sync b"},
      {"capture c c1 2", "sync c", "void c c1"},
  }};
  const test::TempDir directory;
  std::vector<int> order = {0, 0, 0, 1, 1, 1, 2, 2, 2};
  constexpr int kStride = 7;
  const int stride = test::CrashStride(kStride);
  int orders = 0;
  do {
    if (orders++ % stride != 0) continue;
    const std::unique_ptr<Stage> stage = MakeDirectStage(directory.path());
    Player player(*stage);
    ASSERT_OK(player.Play("phone a A\nphone b B\nphone c A"));
    std::array<size_t, 3> next = {};
    std::string told;
    for (const int device : order) {
      const char* const step =
          steps[static_cast<size_t>(device)][next[static_cast<size_t>(device)]++];
      absl::StrAppend(&told, step, "; ");
      ASSERT_OK(player.Do(step)) << told;
    }
    ASSERT_OK(
        player.Play("sync a\nsync b\nsync c\nsync a\nsync b\nsync c\n"
                    "expect server operations=5 quarantine=0 figure=1\n"
                    "expect same a1 b1\n"
                    "expect a outbox=0 reports=2 conflicts=0\n"
                    "expect b outbox=0 reports=1\n"
                    "expect c outbox=0 reports=2"))
        << told;
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(orders, 1680);
}

}  // namespace
}  // namespace baraza::specs
