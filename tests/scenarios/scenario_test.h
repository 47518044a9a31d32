#ifndef BARAZA_TESTS_SCENARIOS_SCENARIO_TEST_H_
#define BARAZA_TESTS_SCENARIOS_SCENARIO_TEST_H_

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scenarios/world.h"

namespace baraza::testing {

// A scenario with a folder of its own for each world it makes.
class ScenarioTest : public ::testing::Test {
 protected:
  ScenarioTest() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    root_ =
        absl::StrCat(::testing::TempDir(), "/baraza_", info->test_suite_name(), "_", info->name());
    std::filesystem::remove_all(root_);
  }
  ~ScenarioTest() override { std::filesystem::remove_all(root_); }

  std::string NewDirectory() {
    const std::string directory = absl::StrCat(root_, "/", ++directories_);
    std::filesystem::create_directories(directory);
    return directory;
  }
  std::string root() const { return root_; }

 private:
  std::string root_;
  int directories_ = 0;
};

// Captures; fails the test unless it succeeds. The id of the record.
inline std::string Captured(Phone& phone, const v1::Record& record) {
  auto captured = phone.client().Capture(record);
  EXPECT_TRUE(captured.ok()) << captured.status();
  return captured.ok() ? captured->state().record_id() : std::string();
}

}  // namespace baraza::testing

#endif  // BARAZA_TESTS_SCENARIOS_SCENARIO_TEST_H_
