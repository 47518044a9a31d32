#ifndef BARAZA_SYNC_SERVER_SERVICES_SYNC_SERVICE_H_
#define BARAZA_SYNC_SERVER_SERVICES_SYNC_SERVICE_H_

#include "baraza/v1/sync_service.grpc.pb.h"
#include "sync_server/services/rpc.h"

namespace baraza::server {

// Hands requests to the programme's SyncHandler.
class SyncServiceImpl final : public v1::SyncService::CallbackService {
 public:
  explicit SyncServiceImpl(ServiceContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* Sync(grpc::CallbackServerContext* rpc, const v1::SyncRequest* request,
                                 v1::SyncResponse* response) override;

 private:
  ServiceContext& context_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_SYNC_SERVICE_H_
