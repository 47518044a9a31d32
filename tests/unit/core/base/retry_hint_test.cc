#include "core/base/retry_hint.h"

#include <gtest/gtest.h>

#include "core/base/status.h"

namespace baraza {
namespace {

TEST(RetryHintTest, TravelsWithAnErrorAndThroughAnnotate) {
  const absl::Status status =
      WithRetryHint(absl::ResourceExhaustedError("full"), absl::Milliseconds(1500));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "full");
  EXPECT_EQ(RetryHint(status), absl::Milliseconds(1500));
  EXPECT_EQ(RetryHint(Annotate(status, "sync")), absl::Milliseconds(1500));
  EXPECT_EQ(RetryHint(WithRetryHint(status, absl::ZeroDuration())), absl::ZeroDuration());
}

TEST(RetryHintTest, IsAbsentUnlessThere) {
  EXPECT_EQ(RetryHint(absl::UnavailableError("down")), std::nullopt);
  EXPECT_EQ(RetryHint(absl::OkStatus()), std::nullopt);
  EXPECT_TRUE(WithRetryHint(absl::OkStatus(), absl::Seconds(1)).ok());
  // Of a clock that ran backwards.
  EXPECT_EQ(RetryHint(WithRetryHint(absl::UnavailableError("down"), absl::Seconds(-1))),
            std::nullopt);
}

}  // namespace
}  // namespace baraza
