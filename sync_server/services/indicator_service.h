#ifndef BARAZA_SYNC_SERVER_SERVICES_INDICATOR_SERVICE_H_
#define BARAZA_SYNC_SERVER_SERVICES_INDICATOR_SERVICE_H_

#include <functional>
#include <memory>

#include "baraza/v1/indicator_service.grpc.pb.h"
#include "sync_server/services/figure_ledger.h"
#include "sync_server/services/rpc.h"

namespace baraza::server {

// Figures and their publication.
class IndicatorServiceImpl final : public v1::IndicatorService::CallbackService {
 public:
  explicit IndicatorServiceImpl(ServiceContext& context);

  grpc::ServerUnaryReactor* GetFigure(grpc::CallbackServerContext* rpc,
                                      const v1::GetFigureRequest* request,
                                      v1::Figure* response) override;
  grpc::ServerUnaryReactor* ListFigures(grpc::CallbackServerContext* rpc,
                                        const v1::ListFiguresRequest* request,
                                        v1::ListFiguresResponse* response) override;
  grpc::ServerUnaryReactor* PublishFigure(grpc::CallbackServerContext* rpc,
                                          const v1::PublishFigureRequest* request,
                                          v1::PublishedFigure* response) override;
  grpc::ServerUnaryReactor* RestateFigure(grpc::CallbackServerContext* rpc,
                                          const v1::RestateFigureRequest* request,
                                          v1::PublishedFigure* response) override;
  grpc::ServerUnaryReactor* ListPublishedFigures(
      grpc::CallbackServerContext* rpc, const v1::ListPublishedFiguresRequest* request,
      v1::ListPublishedFiguresResponse* response) override;

 private:
  // Publishing and restating differ in whether there must be a publication before.
  struct Publication;
  void Publish(const Call& call, const Publication& publication,
               std::function<void(absl::StatusOr<v1::PublishedFigure>)> done);

  ServiceContext& context_;
  FigureLedger ledger_;
  const std::unique_ptr<grpc::MessageAllocator<v1::GetFigureRequest, v1::Figure>> figure_allocator_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_INDICATOR_SERVICE_H_
