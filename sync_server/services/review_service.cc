#include "sync_server/services/review_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/model/merge.h"
#include "sync_server/auth/resource_names.h"
#include "sync_server/services/paging.h"
#include "sync_server/services/record_writes.h"
#include "sync_server/services/viewing.h"

namespace baraza::server {
namespace {

absl::Status CheckRuling(const v1::Ruling& ruling) {
  const int reports = ruling.report_ids_size();
  switch (ruling.kind()) {
    case v1::RULING_KIND_SAME:
    case v1::RULING_KIND_UNSURE:
      if (reports < 2) {
        return InvalidField("", "ruling.report_ids", "at least two", absl::StrCat(reports));
      }
      return absl::OkStatus();
    case v1::RULING_KIND_DIFFERENT:
      if (reports != 2) {
        return InvalidField("", "ruling.report_ids", "exactly two", absl::StrCat(reports));
      }
      return absl::OkStatus();
    case v1::RULING_KIND_OVERRIDE:
      if (!ruling.has_override_values()) {
        return InvalidField("", "ruling.override_values", "the values to take", "none");
      }
      [[fallthrough]];
    case v1::RULING_KIND_COUNTS:
    case v1::RULING_KIND_DOES_NOT_COUNT:
      if (reports != 1) {
        return InvalidField("", "ruling.report_ids", "exactly one", absl::StrCat(reports));
      }
      return absl::OkStatus();
    default:
      return InvalidField("", "ruling.kind", "a kind of ruling", absl::StrCat(ruling.kind()));
  }
}

// Whether the caller's scope holds the reports that it wants to decide on. One that is not here yet
// is no obstacle: rulings, like all operations, may come before what they speak of.
absl::Status CheckReportsInScope(const Call& call, const v1::Ruling& ruling) {
  for (const std::string& report_id : ruling.report_ids()) {
    const absl::StatusOr<v1::RecordState> state = CurrentState(*call.host, report_id);
    if (state.ok()) {
      BARAZA_RETURN_IF_ERROR(CheckInScope(call, *state));
    } else if (!absl::IsNotFound(state.status())) {
      return state.status();
    }
  }
  return absl::OkStatus();
}

// Sets the review register of a report.
void SetReview(ServiceContext& context, const Call& call, const std::string& name,
               const v1::Review& review, RecordDone done) {
  const absl::StatusOr<v1::RecordState> state =
      CurrentStateOf(*call.host, name, v1::RECORD_TYPE_SESSION_REPORT);
  if (!state.ok()) return done(state.status());
  if (const absl::Status may = CheckInScope(call, *state); !may.ok()) return done(may);
  if (state->voided()) {
    return done(absl::FailedPreconditionError(
        absl::StrCat(state->record_id(), ": is voided, there is nothing to review")));
  }
  ChangeRecord(
      context, call, *state,
      [&review](google::protobuf::Message& record) -> absl::Status {
        *static_cast<v1::SessionReport&>(record).mutable_review() = review;
        return absl::OkStatus();
      },
      "", std::move(done));
}

// Lists that change between pages are paged by number: a page may then repeat or miss what moved,
// never fail.
absl::StatusOr<int> Offset(const std::string& position) {
  int offset = 0;
  if (!position.empty() && (!absl::SimpleAtoi(position, &offset) || offset < 0)) {
    return absl::InvalidArgumentError("page_token: expected one of this server's");
  }
  return offset;
}

bool IsOffice(const Call& call) {
  switch (call.caller.membership.role()) {
    case v1::ROLE_ME_OFFICER:
    case v1::ROLE_ADMINISTRATOR:
    case v1::ROLE_AUDITOR:
      return true;
    default:
      return false;
  }
}

}  // namespace

grpc::ServerUnaryReactor* ReviewServiceImpl::ListReviewQueue(
    grpc::CallbackServerContext* rpc, const v1::ListReviewQueueRequest* request,
    v1::ListReviewQueueResponse* response) {
  return ServeNow<v1::ListReviewQueueRequest, v1::ListReviewQueueResponse>(
      context_, rpc, "baraza.v1.ReviewService.ListReviewQueue", request, response,
      [](const Call& call,
         const v1::ListReviewQueueRequest& in) -> absl::StatusOr<v1::ListReviewQueueResponse> {
        BARAZA_RETURN_IF_ERROR(ParseProgrammeName(in.parent()).status());
        BARAZA_ASSIGN_OR_RETURN(const int page_size, PageSize(in.page_size()));
        BARAZA_ASSIGN_OR_RETURN(const std::string position, PagePosition(in));
        BARAZA_ASSIGN_OR_RETURN(const int offset, Offset(position));
        std::vector<v1::ReviewItem> items = call.host->projection().ReviewQueue();
        const Viewing viewing(call.caller, call.host->projection());
        v1::ListReviewQueueResponse out;
        for (size_t i = offset; i < items.size(); ++i) {
          if (out.items_size() == page_size) {
            out.set_next_page_token(PageToken(in, absl::StrCat(i)));
            break;
          }
          if (!viewing.MaySee(items[i].question())) continue;
          *out.add_items() = std::move(items[i]);
        }
        return out;
      });
}

grpc::ServerUnaryReactor* ReviewServiceImpl::CreateRuling(grpc::CallbackServerContext* rpc,
                                                          const v1::CreateRulingRequest* request,
                                                          v1::RecordView* response) {
  return Serve<v1::CreateRulingRequest, v1::RecordView>(
      context_, rpc, "baraza.v1.ReviewService.CreateRuling", request, response,
      [this](const Call& call, const v1::CreateRulingRequest& in, RecordDone done) {
        absl::Status status = ParseProgrammeName(in.parent()).status();
        if (status.ok()) status = CheckRuling(in.ruling());
        if (status.ok()) status = CheckReportsInScope(call, in.ruling());
        if (!status.ok()) return done(status);
        v1::Ruling ruling = in.ruling();
        ruling.clear_id();
        ruling.clear_author_id();
        call.host->desk().Append(call.caller, v1::RECORD_TYPE_RULING, "", nullptr, ruling,
                                 in.request_id(), AnswerWithView(context_, call, std::move(done)));
      });
}

grpc::ServerUnaryReactor* ReviewServiceImpl::WithdrawRuling(
    grpc::CallbackServerContext* rpc, const v1::WithdrawRulingRequest* request,
    v1::RecordView* response) {
  return Serve<v1::WithdrawRulingRequest, v1::RecordView>(
      context_, rpc, "baraza.v1.ReviewService.WithdrawRuling", request, response,
      [this](const Call& call, const v1::WithdrawRulingRequest& in, RecordDone done) {
        const absl::StatusOr<v1::RecordState> state =
            CurrentStateOf(*call.host, in.name(), v1::RECORD_TYPE_RULING);
        if (!state.ok()) return done(state.status());
        const absl::StatusOr<v1::Ruling> ruling = RecordAs<v1::Ruling>(*state);
        if (!ruling.ok()) return done(ruling.status());
        if (const absl::Status may = CheckReportsInScope(call, *ruling); !may.ok()) {
          return done(may);
        }
        server::VoidRecord(context_, call, *state, true, in.reason(), std::move(done));
      });
}

grpc::ServerUnaryReactor* ReviewServiceImpl::ListRulings(grpc::CallbackServerContext* rpc,
                                                         const v1::ListRulingsRequest* request,
                                                         v1::ListRulingsResponse* response) {
  return ServeNow<v1::ListRulingsRequest, v1::ListRulingsResponse>(
      context_, rpc, "baraza.v1.ReviewService.ListRulings", request, response,
      [](const Call& call,
         const v1::ListRulingsRequest& in) -> absl::StatusOr<v1::ListRulingsResponse> {
        BARAZA_RETURN_IF_ERROR(ParseProgrammeName(in.parent()).status());
        BARAZA_ASSIGN_OR_RETURN(const int page_size, PageSize(in.page_size()));
        BARAZA_ASSIGN_OR_RETURN(const std::string after, PagePosition(in));
        BARAZA_ASSIGN_OR_RETURN(
            RecordPage page,
            ListRecordViews(call, v1::RECORD_TYPE_RULING, page_size, after, /*show_voided=*/true));
        v1::ListRulingsResponse out;
        for (v1::RecordView& view : page.records) *out.add_rulings() = std::move(view);
        if (!page.next.empty()) out.set_next_page_token(PageToken(in, page.next));
        return out;
      });
}

grpc::ServerUnaryReactor* ReviewServiceImpl::EndorseReport(grpc::CallbackServerContext* rpc,
                                                           const v1::EndorseReportRequest* request,
                                                           v1::RecordView* response) {
  return Serve<v1::EndorseReportRequest, v1::RecordView>(
      context_, rpc, "baraza.v1.ReviewService.EndorseReport", request, response,
      [this](const Call& call, const v1::EndorseReportRequest& in, RecordDone done) {
        v1::Review review;
        review.set_stage(v1::REPORT_STAGE_ENDORSED);
        SetReview(context_, call, in.name(), review, std::move(done));
      });
}

grpc::ServerUnaryReactor* ReviewServiceImpl::ReturnReport(grpc::CallbackServerContext* rpc,
                                                          const v1::ReturnReportRequest* request,
                                                          v1::RecordView* response) {
  return Serve<v1::ReturnReportRequest, v1::RecordView>(
      context_, rpc, "baraza.v1.ReviewService.ReturnReport", request, response,
      [this](const Call& call, const v1::ReturnReportRequest& in, RecordDone done) {
        if (in.message().text().empty()) {
          return done(InvalidField("", "message", "what the team should look at", "nothing"));
        }
        v1::Review review;
        review.set_stage(v1::REPORT_STAGE_RETURNED);
        *review.mutable_message() = in.message();
        SetReview(context_, call, in.name(), review, std::move(done));
      });
}

grpc::ServerUnaryReactor* ReviewServiceImpl::CreateFollowUp(
    grpc::CallbackServerContext* rpc, const v1::CreateFollowUpRequest* request,
    v1::RecordView* response) {
  return Serve<v1::CreateFollowUpRequest, v1::RecordView>(
      context_, rpc, "baraza.v1.ReviewService.CreateFollowUp", request, response,
      [this](const Call& call, const v1::CreateFollowUpRequest& in, RecordDone done) {
        absl::Status status = ParseProgrammeName(in.parent()).status();
        if (status.ok() && in.follow_up().question().code().empty()) {
          status = InvalidField("", "follow_up.question.code", "a question code", "none");
        }
        if (status.ok() && in.follow_up().addressed_team_id().empty()) {
          status = InvalidField("", "follow_up.addressed_team_id", "a team", "none");
        }
        if (!status.ok()) return done(status);
        v1::FollowUp follow_up = in.follow_up();
        follow_up.clear_id();
        follow_up.clear_team_id();
        follow_up.clear_author_id();
        call.host->desk().Append(call.caller, v1::RECORD_TYPE_FOLLOW_UP, "", nullptr, follow_up,
                                 in.request_id(), AnswerWithView(context_, call, std::move(done)));
      });
}

grpc::ServerUnaryReactor* ReviewServiceImpl::ListFollowUps(grpc::CallbackServerContext* rpc,
                                                           const v1::ListFollowUpsRequest* request,
                                                           v1::ListFollowUpsResponse* response) {
  return ServeNow<v1::ListFollowUpsRequest, v1::ListFollowUpsResponse>(
      context_, rpc, "baraza.v1.ReviewService.ListFollowUps", request, response,
      [](const Call& call,
         const v1::ListFollowUpsRequest& in) -> absl::StatusOr<v1::ListFollowUpsResponse> {
        BARAZA_RETURN_IF_ERROR(ParseProgrammeName(in.parent()).status());
        BARAZA_ASSIGN_OR_RETURN(const int page_size, PageSize(in.page_size()));
        BARAZA_ASSIGN_OR_RETURN(const std::string after, PagePosition(in));
        BARAZA_ASSIGN_OR_RETURN(RecordPage page,
                                ListRecordViews(call, v1::RECORD_TYPE_FOLLOW_UP, page_size, after,
                                                /*show_voided=*/false));
        v1::ListFollowUpsResponse out;
        for (v1::RecordView& view : page.records) *out.add_follow_ups() = std::move(view);
        if (!page.next.empty()) out.set_next_page_token(PageToken(in, page.next));
        if (after.empty()) {
          // The office sees all that is open, a team what it is asked; without a team, nothing.
          const Viewing viewing(call.caller, call.host->projection());
          const std::string& team = call.caller.membership.team_id();
          if (IsOffice(call) || !team.empty()) {
            for (v1::OpenQuestion& question :
                 call.host->projection().OpenQuestions(IsOffice(call) ? "" : team)) {
              if (viewing.MaySee(question)) *out.add_open_questions() = std::move(question);
            }
          }
        }
        return out;
      });
}

}  // namespace baraza::server
