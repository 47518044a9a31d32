#ifndef BARAZA_SYNC_SERVER_SERVICES_REVIEW_SERVICE_H_
#define BARAZA_SYNC_SERVER_SERVICES_REVIEW_SERVICE_H_

#include "baraza/v1/review_service.grpc.pb.h"
#include "core/base/random.h"
#include "sync_server/services/rpc.h"

namespace baraza::server {

// The desk's decisions, each an operation by the caller's authority.
class ReviewServiceImpl final : public v1::ReviewService::CallbackService {
 public:
  // `random` must outlive it.
  ReviewServiceImpl(ServiceContext& context, Random& random) : context_(context), random_(random) {}

  grpc::ServerUnaryReactor* ListReviewQueue(grpc::CallbackServerContext* rpc,
                                            const v1::ListReviewQueueRequest* request,
                                            v1::ListReviewQueueResponse* response) override;
  grpc::ServerUnaryReactor* CreateRuling(grpc::CallbackServerContext* rpc,
                                         const v1::CreateRulingRequest* request,
                                         v1::RecordView* response) override;
  grpc::ServerUnaryReactor* WithdrawRuling(grpc::CallbackServerContext* rpc,
                                           const v1::WithdrawRulingRequest* request,
                                           v1::RecordView* response) override;
  grpc::ServerUnaryReactor* ListRulings(grpc::CallbackServerContext* rpc,
                                        const v1::ListRulingsRequest* request,
                                        v1::ListRulingsResponse* response) override;
  grpc::ServerUnaryReactor* ListRulingHistories(grpc::CallbackServerContext* rpc,
                                                const v1::ListRulingHistoriesRequest* request,
                                                v1::ListRulingHistoriesResponse* response) override;
  grpc::ServerUnaryReactor* DrawReviewSample(grpc::CallbackServerContext* rpc,
                                             const v1::DrawReviewSampleRequest* request,
                                             v1::DrawReviewSampleResponse* response) override;
  grpc::ServerUnaryReactor* AnswerReviewSample(grpc::CallbackServerContext* rpc,
                                               const v1::AnswerReviewSampleRequest* request,
                                               v1::RecordView* response) override;
  grpc::ServerUnaryReactor* EndorseReport(grpc::CallbackServerContext* rpc,
                                          const v1::EndorseReportRequest* request,
                                          v1::RecordView* response) override;
  grpc::ServerUnaryReactor* ReturnReport(grpc::CallbackServerContext* rpc,
                                         const v1::ReturnReportRequest* request,
                                         v1::RecordView* response) override;
  grpc::ServerUnaryReactor* CreateFollowUp(grpc::CallbackServerContext* rpc,
                                           const v1::CreateFollowUpRequest* request,
                                           v1::RecordView* response) override;
  grpc::ServerUnaryReactor* ListFollowUps(grpc::CallbackServerContext* rpc,
                                          const v1::ListFollowUpsRequest* request,
                                          v1::ListFollowUpsResponse* response) override;

 private:
  ServiceContext& context_;
  Random& random_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_REVIEW_SERVICE_H_
