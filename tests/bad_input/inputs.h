#ifndef BARAZA_TESTS_BAD_INPUT_INPUTS_H_
#define BARAZA_TESTS_BAD_INPUT_INPUTS_H_

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/escaping.h"

namespace baraza::bad_input {

// What one parser was given: how much it was, and that nothing came twice.
class Inputs {
 public:
  // What "enough" means for one parser.
  static constexpr size_t kEnough = 500;

  // Fails the test if the input was there before. False then.
  bool Add(const std::string& input) {
    const bool is_new = seen_.insert(input).second;
    EXPECT_TRUE(is_new) << "twice: " << absl::CHexEscape(input.substr(0, 200));
    return is_new;
  }

  // Fails the test unless there were enough. Their number goes into the test's report.
  void ExpectEnough() const {
    EXPECT_GE(seen_.size(), kEnough);
    ::testing::Test::RecordProperty("inputs", static_cast<int>(seen_.size()));
  }

 private:
  std::set<std::string> seen_;
};

}  // namespace baraza::bad_input

#endif  // BARAZA_TESTS_BAD_INPUT_INPUTS_H_
