#include "sync_server/services/sync_service.h"

#include <utility>

#include "core/model/operation_batch.h"
#include "sync_server/limits.h"

namespace baraza::server {

grpc::ServerUnaryReactor* SyncServiceImpl::Sync(grpc::CallbackServerContext* rpc,
                                                const v1::SyncRequest* request,
                                                v1::SyncResponse* response) {
  return Serve<v1::SyncRequest, v1::SyncResponse>(
      context_, rpc, "baraza.v1.SyncService.Sync", request, response,
      [](const Call& call, const v1::SyncRequest& in, SyncHandler::Done done) {
        SyncHandler& handler = call.host->sync_handler();
        if (in.packed_operations().empty()) return handler.Handle(in, call.caller, std::move(done));
        v1::SyncRequest unpacked = in;
        const absl::Status status = UnpackOperations(kMaxMessageBytes, unpacked);
        if (!status.ok()) return done(status);
        handler.Handle(unpacked, call.caller, std::move(done));
      },
      &admission_);
}

}  // namespace baraza::server
