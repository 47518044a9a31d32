#include "sync_server/services/sync_service.h"

namespace baraza::server {

grpc::ServerUnaryReactor* SyncServiceImpl::Sync(grpc::CallbackServerContext* rpc,
                                                const v1::SyncRequest* request,
                                                v1::SyncResponse* response) {
  return Serve<v1::SyncRequest, v1::SyncResponse>(
      context_, rpc, "baraza.v1.SyncService.Sync", request, response,
      [](const Call& call, const v1::SyncRequest& in, SyncHandler::Done done) {
        call.host->sync_handler().Handle(in, call.caller, std::move(done));
      });
}

}  // namespace baraza::server
