#include "client_lib/sync/grpc/channel.h"

#include <gtest/gtest.h>

#include "tests/testing/status_matchers.h"

namespace baraza::client {
namespace {

TEST(ChannelTest, KnowsLoopbackAddresses) {
  for (const char* address :
       {"localhost:1", "LOCALHOST:443", "127.0.0.1:50051", "127.1.2.3:1", "[::1]:8080"}) {
    EXPECT_TRUE(IsLoopbackAddress(address)) << address;
  }
  for (const char* address :
       {"example.org:443", "127.0.0.1", "localhost", "127.0.0.1:0", "127.0.0.1:99999",
        "127.0.0.1.example.org:1", "127.example.org:1", "localhost.example.org:1", "10.0.0.1:1",
        "[::2]:1", "127.0.0.256:1", "127.0.0:1", "dns:///127.0.0.1:1", ""}) {
    EXPECT_FALSE(IsLoopbackAddress(address)) << address;
  }
}

TEST(ChannelTest, RefusesPlaintextToElsewhere) {
  EXPECT_THAT(
      OpenChannel("example.org:443", ""),
      test::StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("ca_certificate")));
  EXPECT_OK(OpenChannel("127.0.0.1:443", ""));
}

TEST(ChannelTest, KeepsCodesAndMessages) {
  EXPECT_OK(FromGrpc(grpc::Status::OK));
  EXPECT_THAT(FromGrpc(grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "who?")),
              test::StatusIs(absl::StatusCode::kUnauthenticated, "who?"));
}

}  // namespace
}  // namespace baraza::client
