#include "client_lib/cli/exit_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace baraza::client {
namespace {

TEST(ExitCode, EachKindOfErrorHasItsOwn) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), ExitCode::kOk);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), ExitCode::kInvalidInput);
  EXPECT_EQ(ExitCodeOf(NotEnrolledError()), ExitCode::kNotEnrolled);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), ExitCode::kUnavailable);
  EXPECT_EQ(ExitCodeOf(absl::DeadlineExceededError("")), ExitCode::kUnavailable);
  EXPECT_EQ(ExitCodeOf(absl::PermissionDeniedError("")), ExitCode::kPermissionDenied);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("")), ExitCode::kNotFound);
  EXPECT_EQ(ExitCodeOf(absl::AbortedError("")), ExitCode::kConflict);
  EXPECT_EQ(ExitCodeOf(absl::FailedPreconditionError("")), ExitCode::kConflict);
  EXPECT_EQ(ExitCodeOf(absl::ResourceExhaustedError("")), ExitCode::kStorage);
  EXPECT_EQ(ExitCodeOf(absl::CancelledError("")), ExitCode::kCancelled);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("")), ExitCode::kInternal);
  EXPECT_EQ(ExitCodeOf(absl::UnimplementedError("")), ExitCode::kInternal);
}

TEST(ExitCode, TheHelpListsThemAll) {
  const std::string help = ExitCodeHelp();
  for (const ExitCode code :
       {ExitCode::kOk, ExitCode::kInternal, ExitCode::kUsage, ExitCode::kInvalidInput,
        ExitCode::kNotEnrolled, ExitCode::kUnavailable, ExitCode::kPermissionDenied,
        ExitCode::kNotFound, ExitCode::kConflict, ExitCode::kStorage, ExitCode::kRejected,
        ExitCode::kCancelled}) {
    EXPECT_THAT(help, ::testing::HasSubstr(" " + std::to_string(static_cast<int>(code)) + "  "));
  }
}

TEST(ExitCode, SaysWhatToDoNext) {
  EXPECT_THAT(NextStep(NotEnrolledError()), ::testing::HasSubstr("baraza enrol"));
  EXPECT_THAT(NextStep(absl::UnavailableError("")), ::testing::HasSubstr("kept"));
}

}  // namespace
}  // namespace baraza::client
