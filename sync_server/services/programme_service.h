#ifndef BARAZA_SYNC_SERVER_SERVICES_PROGRAMME_SERVICE_H_
#define BARAZA_SYNC_SERVER_SERVICES_PROGRAMME_SERVICE_H_

#include "baraza/v1/programme_service.grpc.pb.h"
#include "sync_server/services/rpc.h"

namespace baraza::server {

// The register over the desk: every write is an operation by the caller's authority.
class ProgrammeServiceImpl final : public v1::ProgrammeService::CallbackService {
 public:
  explicit ProgrammeServiceImpl(ServiceContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* GetRecord(grpc::CallbackServerContext* rpc,
                                      const v1::GetRecordRequest* request,
                                      v1::RecordView* response) override;
  grpc::ServerUnaryReactor* ListRecords(grpc::CallbackServerContext* rpc,
                                        const v1::ListRecordsRequest* request,
                                        v1::ListRecordsResponse* response) override;
  grpc::ServerUnaryReactor* CreateRecord(grpc::CallbackServerContext* rpc,
                                         const v1::CreateRecordRequest* request,
                                         v1::RecordView* response) override;
  grpc::ServerUnaryReactor* UpdateRecord(grpc::CallbackServerContext* rpc,
                                         const v1::UpdateRecordRequest* request,
                                         v1::RecordView* response) override;
  grpc::ServerUnaryReactor* VoidRecord(grpc::CallbackServerContext* rpc,
                                       const v1::VoidRecordRequest* request,
                                       v1::RecordView* response) override;
  grpc::ServerUnaryReactor* RedactRecord(grpc::CallbackServerContext* rpc,
                                         const v1::RedactRecordRequest* request,
                                         v1::RecordView* response) override;
  grpc::ServerUnaryReactor* ListQuarantine(grpc::CallbackServerContext* rpc,
                                           const v1::ListQuarantineRequest* request,
                                           v1::ListQuarantineResponse* response) override;

 private:
  ServiceContext& context_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_PROGRAMME_SERVICE_H_
