#include "sync_server/services/session_service.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "sync_server/auth/resource_names.h"
#include "sync_server/limits.h"
#include "sync_server/services/paging.h"
#include "sync_server/services/viewing.h"

namespace baraza::server {
namespace {

using SessionDone = std::function<void(absl::StatusOr<v1::Session>)>;

// Answers with one session once the projection has come far enough.
void AnswerSession(const Call& call, const std::string& name, int64_t min_log_position,
                   absl::StatusOr<v1::Session> (Projection::*find)(absl::string_view) const,
                   SessionDone done) {
  absl::StatusOr<std::string> report_id = ParseSessionName(name);
  if (!report_id.ok()) return done(report_id.status());
  call.host->WaitFor(
      min_log_position, call.patience,
      [call, find, id = *std::move(report_id), done = std::move(done)](const absl::Status& waited) {
        if (!waited.ok()) return done(waited);
        absl::StatusOr<v1::Session> session = (call.host->projection().*find)(id);
        if (!session.ok()) return done(session.status());
        std::optional<v1::Session> view =
            Viewing(call.caller, call.host->projection()).ViewOf(*std::move(session));
        if (!view.has_value()) {
          return done(absl::NotFoundError("no session holds this report"));
        }
        done(*std::move(view));
      });
}

absl::StatusOr<v1::ListSessionsResponse> ListPage(const Call& call,
                                                  const v1::ListSessionsRequest& request,
                                                  int page_size, const std::string& after) {
  const Viewing viewing(call.caller, call.host->projection());
  v1::ListSessionsResponse out;
  Projection::SessionQuery query;
  query.period = request.period();
  query.issue_id = request.issue_id();
  query.team_id = request.team_id();
  query.after = after;
  query.limit = static_cast<size_t>(std::min(page_size + 1, kRecordsAtOnce));
  PageRoom room(page_size);
  out.set_log_position(call.host->projection().watermark());
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(std::vector<v1::Session> sessions,
                            call.host->projection().ListSessions(query));
    const bool last = sessions.size() < query.limit;
    for (v1::Session& session : sessions) {
      const std::string session_id = session.session_id();
      std::optional<v1::Session> view = viewing.ViewOf(std::move(session));
      if (view.has_value()) {
        if (!room.Take(*view)) {
          out.set_next_page_token(PageToken(request, query.after));
          return out;
        }
        *out.add_sessions() = *std::move(view);
      }
      query.after = session_id;
    }
    if (last) return out;
  }
}

}  // namespace

grpc::ServerUnaryReactor* SessionServiceImpl::GetSession(grpc::CallbackServerContext* rpc,
                                                         const v1::GetSessionRequest* request,
                                                         v1::Session* response) {
  return Serve<v1::GetSessionRequest, v1::Session>(
      context_, rpc, "baraza.v1.SessionService.GetSession", request, response,
      [](const Call& call, const v1::GetSessionRequest& in, SessionDone done) {
        AnswerSession(call, in.name(), in.min_log_position(), &Projection::GetSession,
                      std::move(done));
      });
}

grpc::ServerUnaryReactor* SessionServiceImpl::ListSessions(grpc::CallbackServerContext* rpc,
                                                           const v1::ListSessionsRequest* request,
                                                           v1::ListSessionsResponse* response) {
  using Done = std::function<void(absl::StatusOr<v1::ListSessionsResponse>)>;
  return Serve<v1::ListSessionsRequest, v1::ListSessionsResponse>(
      context_, rpc, "baraza.v1.SessionService.ListSessions", request, response,
      [](const Call& call, const v1::ListSessionsRequest& in, Done done) {
        if (const absl::Status parent = ParseProgrammeName(in.parent()).status(); !parent.ok()) {
          return done(parent);
        }
        const absl::StatusOr<int> page_size = PageSize(in.page_size());
        if (!page_size.ok()) return done(page_size.status());
        const absl::StatusOr<std::string> after = PagePosition(in);
        if (!after.ok()) return done(after.status());
        call.host->WaitFor(in.min_log_position(), call.patience,
                           [call, in, page_size = *page_size, after = *after,
                            done = std::move(done)](const absl::Status& waited) {
                             if (!waited.ok()) return done(waited);
                             done(ListPage(call, in, page_size, after));
                           });
      });
}

grpc::ServerUnaryReactor* SessionServiceImpl::ExplainSession(
    grpc::CallbackServerContext* rpc, const v1::ExplainSessionRequest* request,
    v1::Session* response) {
  return Serve<v1::ExplainSessionRequest, v1::Session>(
      context_, rpc, "baraza.v1.SessionService.ExplainSession", request, response,
      [](const Call& call, const v1::ExplainSessionRequest& in, SessionDone done) {
        AnswerSession(call, in.name(), in.min_log_position(), &Projection::ExplainSession,
                      std::move(done));
      });
}

grpc::ServerUnaryReactor* SessionServiceImpl::ExplainPair(grpc::CallbackServerContext* rpc,
                                                          const v1::ExplainPairRequest* request,
                                                          v1::PairExplanation* response) {
  return ServeNow<v1::ExplainPairRequest, v1::PairExplanation>(
      context_, rpc, "baraza.v1.SessionService.ExplainPair", request, response,
      [](const Call& call,
         const v1::ExplainPairRequest& in) -> absl::StatusOr<v1::PairExplanation> {
        BARAZA_RETURN_IF_ERROR(ParseProgrammeName(in.parent()).status());
        BARAZA_RETURN_IF_ERROR(Annotate(ValidateId(in.left_report_id(), "rep"), "left_report_id"));
        BARAZA_RETURN_IF_ERROR(
            Annotate(ValidateId(in.right_report_id(), "rep"), "right_report_id"));
        BARAZA_ASSIGN_OR_RETURN(
            v1::PairExplanation explanation,
            call.host->projection().ExplainPair(in.left_report_id(), in.right_report_id()));
        std::optional<v1::PairExplanation> view =
            Viewing(call.caller, call.host->projection()).ViewOf(std::move(explanation));
        if (!view.has_value()) return absl::NotFoundError("no session holds one of these reports");
        return *std::move(view);
      });
}

}  // namespace baraza::server
