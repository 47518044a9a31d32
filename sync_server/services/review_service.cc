#include "sync_server/services/review_service.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "core/base/mutex.h"
#include "core/base/status.h"
#include "core/base/thread_annotations.h"
#include "core/model/merge.h"
#include "sync_server/auth/resource_names.h"
#include "sync_server/limits.h"
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

// Begins the position of an open question in the list of follow-ups; no record's id does.
constexpr absl::string_view kOpenQuestion = "?";

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

// What was done with the ruling, oldest first. By authorised people: what others sent is kept
// without effect.
absl::StatusOr<std::vector<v1::RulingEvent>> EventsOf(ProgrammeHost& host,
                                                      const std::string& ruling_id) {
  std::vector<Operation> operations;
  BARAZA_RETURN_IF_ERROR(host.store().Read([&](StoreReads& reads) -> absl::Status {
    BARAZA_ASSIGN_OR_RETURN(operations, reads.OperationsOf(ruling_id));
    return absl::OkStatus();
  }));
  std::vector<v1::RulingEvent> events;
  if (operations.empty()) return events;
  const v1::RecordState merged = MergeOperations(operations);
  std::set<std::string> without_effect;
  for (const v1::Finding& finding : merged.findings()) {
    if (finding.kind() == v1::Finding::KIND_NOT_AUTHORISED) without_effect.insert(finding.op_id());
  }
  std::sort(operations.begin(), operations.end(), [](const Operation& a, const Operation& b) {
    return std::make_pair(a.header.lamport(), a.id_hash) <
           std::make_pair(b.header.lamport(), b.id_hash);
  });
  for (const Operation& operation : operations) {
    const v1::Header& header = operation.header;
    if (without_effect.count(header.op_id()) > 0) continue;
    v1::RulingEvent event;
    event.set_author_id(header.author_id());
    event.set_device_time_ms(header.device_time_ms());
    const bool creates = header.op_id() == ruling_id;
    for (const PartDelta& part : operation.deltas) {
      v1::Ruling delta;
      if (!delta.ParseFromString(part.delta.record())) continue;
      if (creates) {
        event.set_kind(v1::RulingEvent::KIND_RULED);
        if (delta.has_reason()) *event.mutable_reason() = delta.reason();
      } else if (delta.has_void_mark()) {
        event.set_kind(delta.void_mark().voided() ? v1::RulingEvent::KIND_WITHDRAWN
                                                  : v1::RulingEvent::KIND_RESTORED);
        if (delta.void_mark().has_reason()) *event.mutable_reason() = delta.void_mark().reason();
      } else if (std::count(part.delta.cleared_fields().begin(), part.delta.cleared_fields().end(),
                            v1::Ruling::kVoidMarkFieldNumber) > 0) {
        event.set_kind(v1::RulingEvent::KIND_RESTORED);
      }
    }
    if (event.kind() != v1::RulingEvent::KIND_UNSPECIFIED) events.push_back(std::move(event));
  }
  if (events.size() > kMaxRulingEvents) {
    events.erase(events.begin(), events.end() - kMaxRulingEvents);
  }
  return events;
}

// Collects the outcomes of several writes and answers once all are there.
class SampleWrites {
 public:
  using Done = std::function<void(absl::StatusOr<v1::DrawReviewSampleResponse>)>;
  SampleWrites(int writes, uint32_t decisions, Done done) : left_(writes), done_(std::move(done)) {
    response_.set_decisions(static_cast<int32_t>(decisions));
    // In the order of the draw, whichever is written first.
    for (int i = 0; i < writes; ++i) response_.add_samples();
  }

  void Finish(int at, absl::StatusOr<v1::RecordView> view) {
    Done done;
    absl::StatusOr<v1::DrawReviewSampleResponse> answer;
    {
      MutexLock lock(mutex_);
      if (view.ok()) {
        *response_.mutable_samples(at) = *std::move(view);
      } else if (status_.ok()) {
        status_ = view.status();
      }
      if (--left_ > 0) return;
      done = std::move(done_);
      if (status_.ok()) {
        answer = std::move(response_);
      } else {
        answer = Annotate(status_, "not all of the sample could be recorded; draw again");
      }
    }
    done(std::move(answer));
  }

 private:
  Mutex mutex_;
  int left_ BARAZA_GUARDED_BY(mutex_);
  absl::Status status_ BARAZA_GUARDED_BY(mutex_);
  v1::DrawReviewSampleResponse response_ BARAZA_GUARDED_BY(mutex_);
  Done done_ BARAZA_GUARDED_BY(mutex_);
};

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
        const std::shared_ptr<const Projection::ReviewQueue> queue =
            call.host->projection().GetReviewQueue();
        const std::vector<v1::ReviewItem>& items = queue->items;
        const Viewing viewing(call.caller, call.host->projection());
        v1::ListReviewQueueResponse out;
        PageRoom room(page_size);
        for (size_t i = offset; i < items.size(); ++i) {
          if (!queue->IsFor(call.caller.grant.person_id, items[i])) continue;
          std::optional<v1::ReviewItem> view = viewing.ViewOf(items[i]);
          if (!view.has_value()) continue;
          if (!room.Take(*view)) {
            out.set_next_page_token(PageToken(in, absl::StrCat(i)));
            break;
          }
          *out.add_items() = *std::move(view);
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
        PageRoom room(page_size);
        BARAZA_ASSIGN_OR_RETURN(RecordPage page, ListRecordViews(call, v1::RECORD_TYPE_RULING, room,
                                                                 after, /*show_voided=*/true));
        v1::ListRulingsResponse out;
        for (v1::RecordView& view : page.records) *out.add_rulings() = std::move(view);
        if (!page.next.empty()) out.set_next_page_token(PageToken(in, page.next));
        return out;
      });
}

grpc::ServerUnaryReactor* ReviewServiceImpl::ListRulingHistories(
    grpc::CallbackServerContext* rpc, const v1::ListRulingHistoriesRequest* request,
    v1::ListRulingHistoriesResponse* response) {
  return ServeNow<v1::ListRulingHistoriesRequest, v1::ListRulingHistoriesResponse>(
      context_, rpc, "baraza.v1.ReviewService.ListRulingHistories", request, response,
      [](const Call& call, const v1::ListRulingHistoriesRequest& in)
          -> absl::StatusOr<v1::ListRulingHistoriesResponse> {
        BARAZA_RETURN_IF_ERROR(ParseProgrammeName(in.parent()).status());
        const std::vector<std::string> reports(in.report_ids().begin(), in.report_ids().end());
        if (reports.empty() || reports.size() > 2 ||
            (reports.size() == 2 && reports[0] == reports[1])) {
          return InvalidField("", "report_ids", "one report, or two different ones",
                              absl::StrCat(reports.size()));
        }
        BARAZA_ASSIGN_OR_RETURN(const int page_size, PageSize(in.page_size()));
        BARAZA_ASSIGN_OR_RETURN(const std::string position, PagePosition(in));
        BARAZA_ASSIGN_OR_RETURN(const int offset, Offset(position));
        std::vector<v1::StandingRuling> rulings = call.host->projection().RulingsOn(reports);
        const Viewing viewing(call.caller, call.host->projection());
        v1::ListRulingHistoriesResponse out;
        PageRoom room(page_size);
        for (size_t i = offset; i < rulings.size(); ++i) {
          if (room.full()) {
            out.set_next_page_token(PageToken(in, absl::StrCat(i)));
            break;
          }
          v1::RulingHistory history;
          BARAZA_ASSIGN_OR_RETURN(const std::vector<v1::RulingEvent> events,
                                  EventsOf(*call.host, rulings[i].ruling_id()));
          *history.mutable_ruling() = std::move(rulings[i]);
          for (const v1::RulingEvent& event : events) *history.add_events() = event;
          std::optional<v1::RulingHistory> view = viewing.ViewOf(std::move(history));
          if (!view.has_value()) continue;
          if (!room.Take(*view)) {
            out.set_next_page_token(PageToken(in, absl::StrCat(i)));
            break;
          }
          *out.add_histories() = *std::move(view);
        }
        return out;
      });
}

grpc::ServerUnaryReactor* ReviewServiceImpl::DrawReviewSample(
    grpc::CallbackServerContext* rpc, const v1::DrawReviewSampleRequest* request,
    v1::DrawReviewSampleResponse* response) {
  return Serve<v1::DrawReviewSampleRequest, v1::DrawReviewSampleResponse>(
      context_, rpc, "baraza.v1.ReviewService.DrawReviewSample", request, response,
      [this](const Call& call, const v1::DrawReviewSampleRequest& in, SampleWrites::Done done) {
        const absl::StatusOr<FigureResource> figure = ParseFigureName(in.name());
        if (!figure.ok()) return done(figure.status());
        if (in.size() < kMinReviewDraw || in.size() > kMaxReviewDraw) {
          return done(InvalidField("", "size", absl::StrCat(kMinReviewDraw, " to ", kMaxReviewDraw),
                                   absl::StrCat(in.size())));
        }
        if (!Viewing(call.caller, call.host->projection()).InScope("")) {
          return done(absl::PermissionDeniedError(
              "a figure is the whole programme's: a sample of it asks for the programme as scope"));
        }
        const absl::CivilDay today = absl::ToCivilDay(context_.clock.Now(), absl::UTCTimeZone());
        const absl::StatusOr<ReviewDraw> draw = call.host->projection().DrawReviewSample(
            figure->indicator_id, figure->period, today, static_cast<uint32_t>(in.size()), random_);
        if (!draw.ok()) return done(draw.status());
        if (draw->samples.empty()) {
          return done(absl::FailedPreconditionError(absl::StrCat(
              "nothing to draw: all ", draw->decisions, " decisions of this figure were drawn")));
        }
        const int size = static_cast<int>(draw->samples.size());
        const auto writes = std::make_shared<SampleWrites>(size, draw->decisions, std::move(done));
        for (int i = 0; i < size; ++i) {
          call.host->desk().Append(
              call.caller, v1::RECORD_TYPE_REVIEW_SAMPLE, "", nullptr, draw->samples[i], "",
              AnswerWithView(context_, call, [writes, i](absl::StatusOr<v1::RecordView> view) {
                writes->Finish(i, std::move(view));
              }));
        }
      });
}

grpc::ServerUnaryReactor* ReviewServiceImpl::AnswerReviewSample(
    grpc::CallbackServerContext* rpc, const v1::AnswerReviewSampleRequest* request,
    v1::RecordView* response) {
  return Serve<v1::AnswerReviewSampleRequest, v1::RecordView>(
      context_, rpc, "baraza.v1.ReviewService.AnswerReviewSample", request, response,
      [this](const Call& call, const v1::AnswerReviewSampleRequest& in, RecordDone done) {
        if (in.outcome() != v1::RULING_KIND_SAME && in.outcome() != v1::RULING_KIND_DIFFERENT &&
            in.outcome() != v1::RULING_KIND_UNSURE) {
          return done(InvalidField("", "outcome", "SAME, DIFFERENT or UNSURE",
                                   v1::RulingKind_Name(in.outcome())));
        }
        const absl::StatusOr<v1::RecordState> state =
            CurrentStateOf(*call.host, in.name(), v1::RECORD_TYPE_REVIEW_SAMPLE);
        if (!state.ok()) return done(state.status());
        if (const absl::Status may = CheckInScope(call, *state); !may.ok()) return done(may);
        ChangeRecord(
            context_, call, *state,
            [&in](google::protobuf::Message& record) -> absl::Status {
              static_cast<v1::ReviewSample&>(record).set_outcome(in.outcome());
              return absl::OkStatus();
            },
            "", std::move(done));
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
        PageRoom room(page_size);
        v1::ListFollowUpsResponse out;
        const bool asked_by_somebody = !absl::StartsWith(after, kOpenQuestion);
        if (asked_by_somebody) {
          BARAZA_ASSIGN_OR_RETURN(RecordPage page,
                                  ListRecordViews(call, v1::RECORD_TYPE_FOLLOW_UP, room, after,
                                                  /*show_voided=*/false));
          for (v1::RecordView& view : page.records) *out.add_follow_ups() = std::move(view);
          if (!page.next.empty()) {
            out.set_next_page_token(PageToken(in, page.next));
            return out;
          }
        }
        // The office sees all that is open, a team what it is asked; without a team, nothing.
        const std::string& team = call.caller.membership.team_id();
        if (!IsOffice(call) && team.empty()) return out;
        const Viewing viewing(call.caller, call.host->projection());
        std::string last = asked_by_somebody ? "" : after.substr(kOpenQuestion.size());
        for (v1::OpenQuestion& question :
             call.host->projection().OpenQuestions(IsOffice(call) ? "" : team)) {
          if (question.id() <= last || !viewing.MaySee(question)) continue;
          if (!room.Take(question)) {
            out.set_next_page_token(PageToken(in, absl::StrCat(kOpenQuestion, last)));
            break;
          }
          last = question.id();
          *out.add_open_questions() = std::move(question);
        }
        return out;
      });
}

}  // namespace baraza::server
