#ifndef BARAZA_TESTS_UNIT_CLIENT_LIB_TESTING_TRANSPORT_CONTRACT_H_
#define BARAZA_TESTS_UNIT_CLIENT_LIB_TESTING_TRANSPORT_CONTRACT_H_

// What every SyncTransport keeps, as one suite: instantiate it with a factory of lines to a
// FakeServer.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "client_lib/sync/transport.h"
#include "core/base/retry_hint.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/client_lib/testing/fake_server.h"

namespace baraza::client {

// A transport and the other end of its line.
class TransportLine {
 public:
  virtual ~TransportLine() = default;
  virtual SyncTransport& transport() = 0;
  // Nobody answers any more.
  virtual void TakeDown() = 0;
  // Calls get no answer until their deadline or Cancel.
  virtual void Hang() = 0;
  // Blocks until a call hangs.
  virtual void AwaitHanging() = 0;
};

struct TransportKind {
  std::string name;
  std::function<std::unique_ptr<TransportLine>(FakeServer&)> open;
};

class TransportContract : public testing::TestWithParam<TransportKind> {
 protected:
  FakeServer server_;
  std::unique_ptr<TransportLine> line_ = GetParam().open(server_);

  static v1::SyncRequest Request() {
    v1::SyncRequest request;
    request.set_device_id("dev_0");
    request.set_schema_level(1);
    request.set_max_response_bytes(64 << 10);
    return request;
  }
  static v1::SyncRequest RequestOf(size_t bytes) {
    v1::SyncRequest request = Request();
    v1::Header header;
    header.set_op_id("op_1");
    v1::WireOperation& wire = *request.add_operations();
    wire.set_device_seq(1);
    wire.set_header(header.SerializeAsString());
    wire.add_parts()->set_delta(std::string(bytes, '\xff'));
    return request;
  }
};

TEST_P(TransportContract, CarriesRequestAndAnswerUnchanged) {
  const v1::SyncRequest request = RequestOf(100);
  const absl::StatusOr<v1::SyncResponse> response =
      line_->transport().Sync(request, absl::Seconds(60));
  ASSERT_OK(response);
  ASSERT_EQ(response->results_size(), 1);
  EXPECT_EQ(response->results(0).op_id(), "op_1");
  ASSERT_EQ(server_.Requests().size(), 1u);
  EXPECT_EQ(server_.Requests()[0].SerializeAsString(), request.SerializeAsString());
}

TEST_P(TransportContract, CarriesAFullBatch) {
  ASSERT_OK(line_->transport().Sync(RequestOf(512 << 10), absl::Seconds(60)));
  EXPECT_EQ(server_.OperationCount(), 1u);
}

TEST_P(TransportContract, PassesTheServersErrorOnAndDoesNotRetry) {
  server_.FailNext(1, absl::UnauthenticatedError("who is this?"));
  EXPECT_THAT(line_->transport().Sync(Request(), absl::Seconds(60)),
              test::StatusIs(absl::StatusCode::kUnauthenticated, testing::HasSubstr("who is")));
  server_.FailNext(1, absl::UnavailableError("not now"));
  EXPECT_THAT(line_->transport().Sync(Request(), absl::Seconds(60)),
              test::StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(server_.Requests().size(), 2u);
  EXPECT_OK(line_->transport().Sync(Request(), absl::Seconds(60)));
}

TEST_P(TransportContract, PassesOnWhenTheServerAsksToComeAgain) {
  server_.FailNext(1, WithRetryHint(absl::ResourceExhaustedError("full"), absl::Seconds(7)));
  EXPECT_EQ(RetryHint(line_->transport().Sync(Request(), absl::Seconds(60)).status()),
            absl::Seconds(7));
  server_.FailNext(1, absl::ResourceExhaustedError("full"));
  EXPECT_EQ(RetryHint(line_->transport().Sync(Request(), absl::Seconds(60)).status()),
            std::nullopt);
}

TEST_P(TransportContract, IsUnavailableWithoutAServer) {
  line_->TakeDown();
  EXPECT_THAT(line_->transport().Sync(Request(), absl::Seconds(60)),
              test::StatusIs(absl::StatusCode::kUnavailable));
}

TEST_P(TransportContract, KeepsTheDeadline) {
  line_->Hang();
  EXPECT_THAT(line_->transport().Sync(Request(), absl::Milliseconds(50)),
              test::StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_P(TransportContract, CancelEndsTheCallUnderWayAndNoLaterOne) {
  line_->transport().Cancel();
  EXPECT_OK(line_->transport().Sync(Request(), absl::Seconds(60)));
  line_->Hang();
  std::thread canceller([&] {
    line_->AwaitHanging();
    line_->transport().Cancel();
  });
  EXPECT_THAT(line_->transport().Sync(Request(), absl::Seconds(60)),
              test::StatusIs(absl::StatusCode::kCancelled));
  canceller.join();
}

}  // namespace baraza::client

#endif  // BARAZA_TESTS_UNIT_CLIENT_LIB_TESTING_TRANSPORT_CONTRACT_H_
