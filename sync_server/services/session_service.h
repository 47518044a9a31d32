#ifndef BARAZA_SYNC_SERVER_SERVICES_SESSION_SERVICE_H_
#define BARAZA_SYNC_SERVER_SERVICES_SESSION_SERVICE_H_

#include "baraza/v1/session_service.grpc.pb.h"
#include "sync_server/services/rpc.h"

namespace baraza::server {

// The consolidated sessions, as the projection has them.
class SessionServiceImpl final : public v1::SessionService::CallbackService {
 public:
  explicit SessionServiceImpl(ServiceContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* GetSession(grpc::CallbackServerContext* rpc,
                                       const v1::GetSessionRequest* request,
                                       v1::Session* response) override;
  grpc::ServerUnaryReactor* ListSessions(grpc::CallbackServerContext* rpc,
                                         const v1::ListSessionsRequest* request,
                                         v1::ListSessionsResponse* response) override;
  grpc::ServerUnaryReactor* ExplainSession(grpc::CallbackServerContext* rpc,
                                           const v1::ExplainSessionRequest* request,
                                           v1::Session* response) override;
  grpc::ServerUnaryReactor* ExplainPair(grpc::CallbackServerContext* rpc,
                                        const v1::ExplainPairRequest* request,
                                        v1::PairExplanation* response) override;

 private:
  ServiceContext& context_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_SESSION_SERVICE_H_
