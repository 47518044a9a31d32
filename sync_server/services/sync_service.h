#ifndef BARAZA_SYNC_SERVER_SERVICES_SYNC_SERVICE_H_
#define BARAZA_SYNC_SERVER_SERVICES_SYNC_SERVICE_H_

#include "baraza/v1/sync_service.grpc.pb.h"
#include "sync_server/limits.h"
#include "sync_server/services/rpc.h"

namespace baraza::server {

// Hands requests to the programme's SyncHandler.
class SyncServiceImpl final : public v1::SyncService::CallbackService {
 public:
  // Serves at most `max_at_once` calls at a time; see Admission.
  SyncServiceImpl(ServiceContext& context, int max_at_once)
      : context_(context), admission_(max_at_once, kMaxSyncsOfCredential, context.clock) {}

  grpc::ServerUnaryReactor* Sync(grpc::CallbackServerContext* rpc, const v1::SyncRequest* request,
                                 v1::SyncResponse* response) override;

 private:
  ServiceContext& context_;
  Admission admission_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_SYNC_SERVICE_H_
