#ifndef BARAZA_CLIENT_LIB_SYNC_GRPC_GRPC_TRANSPORT_H_
#define BARAZA_CLIENT_LIB_SYNC_GRPC_GRPC_TRANSPORT_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "baraza/v1/sync_service.grpc.pb.h"
#include "client_lib/store/device_store.h"
#include "client_lib/sync/transport.h"
#include "core/base/mutex.h"

namespace baraza::client {

// SyncTransport over gRPC. One channel, kept for its life; safe from any thread.
class GrpcTransport final : public SyncTransport {
 public:
  // Makes the channel (see OpenChannel); nothing is sent yet. INVALID_ARGUMENT: plaintext to an
  // address that is not loopback, or a credential that cannot travel in a header.
  static absl::StatusOr<std::unique_ptr<GrpcTransport>> Create(const Connection& connection);

  // No call may be under way.
  ~GrpcTransport() override = default;

  absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request,
                                        absl::Duration deadline) override;
  void Cancel() override;

 private:
  GrpcTransport(std::shared_ptr<grpc::Channel> channel, std::string credential);

  const std::unique_ptr<v1::SyncService::Stub> stub_;
  const std::string credential_;
  Mutex mutex_;
  absl::btree_set<grpc::ClientContext*> calls_ BARAZA_GUARDED_BY(mutex_);
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_SYNC_GRPC_GRPC_TRANSPORT_H_
