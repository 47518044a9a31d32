#ifndef BARAZA_TESTS_TESTING_STATUS_MATCHERS_H_
#define BARAZA_TESTS_TESTING_STATUS_MATCHERS_H_

// Matchers for absl::Status and absl::StatusOr, which Debian's Abseil does not have.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace baraza::test {

inline absl::Status StatusOf(const absl::Status& status) { return status; }
template <typename T>
absl::Status StatusOf(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  const absl::Status status = StatusOf(arg);
  if (!status.ok()) *result_listener << status.ToString();
  return status.ok();
}

MATCHER_P(StatusIs, code, "has the status " + absl::StatusCodeToString(code)) {
  const absl::Status status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code;
}

// StatusIs(code, HasSubstr("expected")).
MATCHER_P2(StatusIs, code, message_matcher,
           "has the status " + absl::StatusCodeToString(code) + " and a message that " +
               ::testing::DescribeMatcher<std::string>(message_matcher)) {
  const absl::Status status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code &&
         ::testing::ExplainMatchResult(message_matcher, std::string(status.message()),
                                       result_listener);
}

// IsOkAndHolds(5), IsOkAndHolds(ElementsAre(1, 2)).
MATCHER_P(IsOkAndHolds, value_matcher, "is OK and holds the value") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(value_matcher, *arg, result_listener);
}

}  // namespace baraza::test

#define BARAZA_TESTING_CONCAT_INNER(a, b) a##b
#define BARAZA_TESTING_CONCAT(a, b) BARAZA_TESTING_CONCAT_INNER(a, b)

#define ASSERT_OK(expression) ASSERT_THAT((expression), ::baraza::test::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT((expression), ::baraza::test::IsOk())

// ASSERT_OK_AND_ASSIGN(auto x, F()): for functions that return void, such as a TEST.
#define ASSERT_OK_AND_ASSIGN(lhs, expression) \
  ASSERT_OK_AND_ASSIGN_INNER(BARAZA_TESTING_CONCAT(testing_status_or_, __LINE__), lhs, expression)
#define ASSERT_OK_AND_ASSIGN_INNER(result, lhs, expression) \
  auto result = (expression);                               \
  ASSERT_TRUE(result.ok()) << result.status();              \
  lhs = *std::move(result)

#endif  // BARAZA_TESTS_TESTING_STATUS_MATCHERS_H_
