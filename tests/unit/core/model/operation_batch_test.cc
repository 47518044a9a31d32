#include "core/model/operation_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/brotli.h"
#include "tests/testing/status_matchers.h"

namespace baraza {
namespace {

using test::StatusIs;
using testing::HasSubstr;

v1::SyncRequest RequestOf(int operations, size_t bytes_each) {
  v1::SyncRequest request;
  request.set_device_id("dev_1");
  for (int i = 0; i < operations; ++i) {
    v1::WireOperation& wire = *request.add_operations();
    wire.set_device_seq(static_cast<uint64_t>(i) + 1);
    wire.set_header(absl::StrCat("header ", i));
    v1::Part& part = *wire.add_parts();
    part.set_privacy(v1::PRIVACY_TEAM);
    part.set_delta(std::string(bytes_each, static_cast<char>(i)));
  }
  return request;
}

TEST(OperationBatchTest, UnpackingGivesBackWhatWasPacked) {
  for (const int operations : {1, 50, 1'000}) {
    const v1::SyncRequest request = RequestOf(operations, 500);
    v1::SyncRequest travelled = request;
    PackOperations(travelled);
    EXPECT_TRUE(travelled.operations().empty());
    EXPECT_LT(travelled.ByteSizeLong(), request.ByteSizeLong());
    ASSERT_OK(UnpackOperations(16 << 20, travelled));
    EXPECT_EQ(travelled.SerializeAsString(), request.SerializeAsString());
  }
}

TEST(OperationBatchTest, WithoutOperationsNothingIsPacked) {
  const v1::SyncRequest request = RequestOf(0, 0);
  v1::SyncRequest travelled = request;
  PackOperations(travelled);
  EXPECT_EQ(travelled.SerializeAsString(), request.SerializeAsString());
  ASSERT_OK(UnpackOperations(1, travelled));
  EXPECT_EQ(travelled.SerializeAsString(), request.SerializeAsString());
}

TEST(OperationBatchTest, OperationsMayTravelUnpacked) {
  const v1::SyncRequest request = RequestOf(3, 10);
  v1::SyncRequest travelled = request;
  ASSERT_OK(UnpackOperations(1, travelled));
  EXPECT_EQ(travelled.SerializeAsString(), request.SerializeAsString());
}

TEST(OperationBatchTest, NamesWhatIsWrongAndLeavesTheRequest) {
  v1::SyncRequest both = RequestOf(2, 10);
  both.set_packed_operations("x");
  v1::SyncRequest no_stream;
  no_stream.set_packed_operations("this is no stream");
  v1::SyncRequest no_batch;
  no_batch.set_packed_operations(BrotliCompress("\xff\xff\xff", BrotliEffort::kQuick));
  for (v1::SyncRequest* request : {&both, &no_stream, &no_batch}) {
    const std::string before = request->SerializeAsString();
    EXPECT_THAT(UnpackOperations(16 << 20, *request),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("packed_operations")));
    EXPECT_EQ(request->SerializeAsString(), before);
  }
  v1::SyncRequest large = RequestOf(10, 1'000);
  PackOperations(large);
  EXPECT_THAT(UnpackOperations(9'000, large),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("packed_operations")));
}

}  // namespace
}  // namespace baraza
