#include "client_lib/sync/grpc/grpc_transport.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client_lib/sync/grpc/channel.h"
#include "core/base/retry_hint.h"
#include "core/base/status.h"
#include "core/model/operation_batch.h"

namespace baraza::client {
namespace {

// When to come again, if the server has said it.
absl::Status WithServersHint(absl::Status status, const grpc::ClientContext& context) {
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found = metadata.find(kRetryHintMetadata);
  uint32_t ms = 0;
  if (found == metadata.end() ||
      !absl::SimpleAtoi(absl::string_view(found->second.data(), found->second.size()), &ms)) {
    return status;
  }
  return WithRetryHint(std::move(status), absl::Milliseconds(ms));
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcTransport>> GrpcTransport::Create(const Connection& connection) {
  // gRPC aborts a call whose metadata is not printable ASCII.
  if (!std::all_of(connection.credential.begin(), connection.credential.end(),
                   [](char c) { return c > ' ' && c <= '~'; })) {
    return InvalidField("connection", "credential", "printable ASCII", "other bytes");
  }
  BARAZA_ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel,
                          OpenChannel(connection.address, connection.ca_certificate));
  return std::unique_ptr<GrpcTransport>(
      new GrpcTransport(std::move(channel), connection.credential));
}

GrpcTransport::GrpcTransport(std::shared_ptr<grpc::Channel> channel, std::string credential)
    : stub_(v1::SyncService::NewStub(channel)), credential_(std::move(credential)) {}

absl::StatusOr<v1::SyncResponse> GrpcTransport::Sync(const v1::SyncRequest& request,
                                                     absl::Duration deadline) {
  grpc::ClientContext context;
  PrepareCall(context, deadline, credential_);
  v1::SyncRequest packed = request;
  PackOperations(packed);
  // What is packed does not get smaller.
  context.set_compression_algorithm(GRPC_COMPRESS_NONE);
  {
    MutexLock lock(mutex_);
    calls_.insert(&context);
  }
  v1::SyncResponse response;
  const grpc::Status status = stub_->Sync(&context, packed, &response);
  {
    MutexLock lock(mutex_);
    calls_.erase(&context);
  }
  if (!status.ok()) return Annotate(WithServersHint(FromGrpc(status), context), "sync");
  return response;
}

void GrpcTransport::Cancel() {
  MutexLock lock(mutex_);
  for (grpc::ClientContext* call : calls_) call->TryCancel();
}

}  // namespace baraza::client
