#include "sync_server/services/event_log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "baraza/v1/types.pb.h"
#include "core/base/clock.h"
#include "google/protobuf/stubs/logging.h"

namespace baraza::server {
namespace {

// The log is JSON lines: a phone that sends text which is not UTF-8 adds no other ones.
TEST(EventLogTest, ProtobufWritesNothingOfItsOwn) {
  static FakeClock clock;
  static std::vector<std::string> lines;
  // Outlives the test, as gRPC goes on to use it.
  static EventLog log(clock, [](absl::string_view line) { lines.emplace_back(line); });
  v1::LocalText text;
  const std::string bytes = "\x0A\x01\xFF";

  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(text.ParseFromString(bytes));
  EXPECT_NE(::testing::internal::GetCapturedStderr(), "") << "else this test has no power";

  RedirectLibraryLogs(log);
  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(text.ParseFromString(bytes));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_TRUE(lines.empty());
  google::protobuf::SetLogHandler(nullptr);
}

}  // namespace
}  // namespace baraza::server
