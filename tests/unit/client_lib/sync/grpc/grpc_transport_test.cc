#include "client_lib/sync/grpc/grpc_transport.h"

#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "client_lib/limits.h"
#include "core/base/retry_hint.h"
#include "core/model/operation_batch.h"
#include "tests/unit/client_lib/testing/transport_contract.h"

namespace baraza::client {
namespace {

// A FakeServer behind a real socket.
class FakeService final : public v1::SyncService::Service {
 public:
  explicit FakeService(FakeServer& server) : server_(server) {}

  grpc::Status Sync(grpc::ServerContext* context, const v1::SyncRequest* request,
                    v1::SyncResponse* response) override {
    {
      MutexLock lock(mutex_);
      const auto found = context->client_metadata().find("authorization");
      authorization_ = found == context->client_metadata().end()
                           ? ""
                           : std::string(found->second.data(), found->second.size());
      if (hang_) {
        ++hanging_;
        changed_.NotifyAll();
        while (!context->IsCancelled()) changed_.WaitFor(mutex_, absl::Milliseconds(5));
        return {grpc::StatusCode::CANCELLED, "nobody waits any more"};
      }
    }
    v1::SyncRequest unpacked = *request;
    const absl::Status unpacking = UnpackOperations(kMaxMessageBytes, unpacked);
    if (!unpacking.ok()) {
      return {grpc::StatusCode::INVALID_ARGUMENT, std::string(unpacking.message())};
    }
    {
      MutexLock lock(mutex_);
      received_bytes_ = request->ByteSizeLong();
    }
    const absl::StatusOr<v1::SyncResponse> answer = server_.Handle(unpacked);
    if (!answer.ok()) {
      if (const auto hint = RetryHint(answer.status()); hint.has_value()) {
        context->AddTrailingMetadata(kRetryHintMetadata,
                                     absl::StrCat(absl::ToInt64Milliseconds(*hint)));
      }
      return {static_cast<grpc::StatusCode>(answer.status().code()),
              std::string(answer.status().message())};
    }
    *response = *answer;
    return grpc::Status::OK;
  }

  void Hang() {
    MutexLock lock(mutex_);
    hang_ = true;
  }
  void AwaitHanging() {
    MutexLock lock(mutex_);
    while (hanging_ == 0) changed_.Wait(mutex_);
  }
  size_t received_bytes() {
    MutexLock lock(mutex_);
    return received_bytes_;
  }
  std::string authorization() {
    MutexLock lock(mutex_);
    return authorization_;
  }

 private:
  FakeServer& server_;
  Mutex mutex_;
  CondVar changed_;
  bool hang_ BARAZA_GUARDED_BY(mutex_) = false;
  int hanging_ BARAZA_GUARDED_BY(mutex_) = 0;
  size_t received_bytes_ BARAZA_GUARDED_BY(mutex_) = 0;
  std::string authorization_ BARAZA_GUARDED_BY(mutex_);
};

class GrpcLine final : public TransportLine {
 public:
  explicit GrpcLine(FakeServer& server) : service_(server) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    Connection connection;
    connection.address = absl::StrCat("127.0.0.1:", port);
    connection.credential = "token";
    auto transport = GrpcTransport::Create(connection);
    EXPECT_OK(transport);
    transport_ = *std::move(transport);
  }
  ~GrpcLine() override { TakeDown(); }

  SyncTransport& transport() override { return *transport_; }
  void TakeDown() override {
    if (server_ != nullptr) server_->Shutdown();
    server_.reset();
  }
  void Hang() override { service_.Hang(); }
  void AwaitHanging() override { service_.AwaitHanging(); }
  FakeService& service() { return service_; }

 private:
  FakeService service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<GrpcTransport> transport_;
};

INSTANTIATE_TEST_SUITE_P(Grpc, TransportContract,
                         testing::Values(TransportKind{"Grpc",
                                                       [](FakeServer& server) {
                                                         return std::make_unique<GrpcLine>(server);
                                                       }}),
                         [](const auto& info) { return info.param.name; });

TEST(GrpcTransportTest, SendsTheCredentialWithEachCall) {
  FakeServer server;
  GrpcLine line(server);
  ASSERT_OK(line.transport().Sync(v1::SyncRequest(), absl::Seconds(60)));
  EXPECT_EQ(line.service().authorization(), "Bearer token");
}

TEST(GrpcTransportTest, SendsOperationsPacked) {
  FakeServer server;
  GrpcLine line(server);
  v1::SyncRequest request;
  v1::Header header;
  header.set_op_id("op_1");
  v1::WireOperation& wire = *request.add_operations();
  wire.set_device_seq(1);
  wire.set_header(header.SerializeAsString());
  wire.add_parts()->set_delta(std::string(10'000, 'x'));
  ASSERT_OK(line.transport().Sync(request, absl::Seconds(60)));
  EXPECT_EQ(server.OperationCount(), 1u);
  EXPECT_LT(line.service().received_bytes(), 200u);
}

TEST(GrpcTransportTest, RefusesWhatCannotTravel) {
  Connection connection;
  connection.address = "127.0.0.1:1";
  connection.credential = "two\nlines";
  const auto made = GrpcTransport::Create(connection);
  EXPECT_THAT(made, test::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(made.status().message()), testing::Not(testing::HasSubstr("lines")));
  connection.credential = "token";
  connection.address = "example.org:443";
  EXPECT_THAT(GrpcTransport::Create(connection),
              test::StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(GrpcTransportTest, RefusesAnAnswerOverTheLimit) {
  FakeServer server;
  server.SetMangle([](v1::SyncResponse& response) {
    response.set_server_epoch(std::string(kMaxMessageBytes + 1, 'e'));
  });
  GrpcLine line(server);
  EXPECT_THAT(line.transport().Sync(v1::SyncRequest(), absl::Seconds(60)),
              test::StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace baraza::client
