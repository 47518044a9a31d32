#ifndef BARAZA_SYNC_SERVER_SERVICES_ENROLMENT_SERVICE_H_
#define BARAZA_SYNC_SERVER_SERVICES_ENROLMENT_SERVICE_H_

#include "baraza/v1/enrolment_service.grpc.pb.h"
#include "sync_server/services/rpc.h"

namespace baraza::server {

// Codes, credentials and "who am I?" over the registry.
class EnrolmentServiceImpl final : public v1::EnrolmentService::CallbackService {
 public:
  explicit EnrolmentServiceImpl(ServiceContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* CreateEnrolmentCode(grpc::CallbackServerContext* rpc,
                                                const v1::CreateEnrolmentCodeRequest* request,
                                                v1::CreateEnrolmentCodeResponse* response) override;
  grpc::ServerUnaryReactor* Enrol(grpc::CallbackServerContext* rpc, const v1::EnrolRequest* request,
                                  v1::EnrolResponse* response) override;
  grpc::ServerUnaryReactor* SuspendCredential(grpc::CallbackServerContext* rpc,
                                              const v1::SuspendCredentialRequest* request,
                                              v1::Credential* response) override;
  grpc::ServerUnaryReactor* RevokeCredential(grpc::CallbackServerContext* rpc,
                                             const v1::RevokeCredentialRequest* request,
                                             v1::Credential* response) override;
  grpc::ServerUnaryReactor* ListCredentials(grpc::CallbackServerContext* rpc,
                                            const v1::ListCredentialsRequest* request,
                                            v1::ListCredentialsResponse* response) override;
  grpc::ServerUnaryReactor* GetMembership(grpc::CallbackServerContext* rpc,
                                          const v1::GetMembershipRequest* request,
                                          v1::Membership* response) override;

 private:
  absl::StatusOr<v1::Credential> SetState(const Call& call, const std::string& credential_id,
                                          v1::CredentialState state);

  ServiceContext& context_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_ENROLMENT_SERVICE_H_
