#include "sync_server/services/indicator_service.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "core/base/civil_date.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/indicator/figure.h"
#include "core/model/merge.h"
#include "sync_server/auth/resource_names.h"
#include "sync_server/services/paging.h"
#include "sync_server/services/record_writes.h"
#include "sync_server/services/viewing.h"

namespace baraza::server {
namespace {

using FigureDone = std::function<void(const absl::Status&)>;
using PublishedDone = std::function<void(absl::StatusOr<v1::PublishedFigure>)>;

// "As of" the server's day when nothing else is asked for. The server's day is UTC's: programmes
// span time zones, and a day's difference at a border is what `as_of` is for.
absl::StatusOr<absl::CivilDay> AsOf(const std::string& text, Clock& clock) {
  if (text.empty()) return absl::ToCivilDay(clock.Now(), absl::UTCTimeZone());
  const absl::StatusOr<absl::CivilDay> day = ParseCivilDay(text);
  if (!day.ok()) return Annotate(day.status(), "as_of");
  return *day;
}

// A figure with its trace is some hundred thousand small objects: on an arena they cost half.
class FigureHolder : public grpc::MessageHolder<v1::GetFigureRequest, v1::Figure> {
 public:
  FigureHolder() {
    set_request(google::protobuf::Arena::CreateMessage<v1::GetFigureRequest>(&arena_));
    set_response(google::protobuf::Arena::CreateMessage<v1::Figure>(&arena_));
  }
  void Release() override { delete this; }

 private:
  google::protobuf::Arena arena_;
};

class FigureAllocator : public grpc::MessageAllocator<v1::GetFigureRequest, v1::Figure> {
 public:
  grpc::MessageHolder<v1::GetFigureRequest, v1::Figure>* AllocateMessages() override {
    return new FigureHolder();
  }
};

absl::Status FillFigure(const Call& call, const std::string& name, absl::CivilDay as_of,
                        v1::Figure& figure) {
  BARAZA_ASSIGN_OR_RETURN(const FigureResource resource, ParseFigureName(name));
  BARAZA_RETURN_IF_ERROR(
      call.host->projection().GetFigure(resource.indicator_id, resource.period, as_of, figure));
  // One name for one figure, however the period was written.
  figure.set_name(FigureName(call.host->programme_id(), resource.indicator_id, figure.period()));
  return absl::OkStatus();
}

// The number, without what it rests on.
void DropTrace(v1::Figure& figure) {
  figure.clear_counted();
  figure.clear_excluded();
  figure.clear_undetermined();
  figure.clear_doubtful_pairs();
  figure.clear_waiting_for_stage();
  figure.clear_reconciliation();
  figure.clear_qualitative();
  figure.clear_claims();
  figure.clear_overlaps();
  figure.clear_interval();
  figure.clear_held_back();
  figure.mutable_published()->clear_sessions();
  if (figure.published().id().empty()) figure.clear_published();
}

}  // namespace

IndicatorServiceImpl::IndicatorServiceImpl(ServiceContext& context)
    : context_(context), figure_allocator_(std::make_unique<FigureAllocator>()) {
  SetMessageAllocatorFor_GetFigure(figure_allocator_.get());
}

struct IndicatorServiceImpl::Publication {
  std::string name;
  int64_t expected_log_position = 0;
  std::string request_id;
  // Set: a restatement.
  std::optional<v1::LocalText> reason;
};

grpc::ServerUnaryReactor* IndicatorServiceImpl::GetFigure(grpc::CallbackServerContext* rpc,
                                                          const v1::GetFigureRequest* request,
                                                          v1::Figure* response) {
  return ServeFilling<v1::GetFigureRequest, v1::Figure>(
      context_, rpc, "baraza.v1.IndicatorService.GetFigure", request, response,
      [this](const Call& call, const v1::GetFigureRequest& in, v1::Figure& out, FigureDone done) {
        const absl::StatusOr<absl::CivilDay> as_of = AsOf(in.as_of(), context_.clock);
        if (!as_of.ok()) return done(as_of.status());
        call.host->WaitFor(in.min_log_position(), call.patience,
                           [this, call, &out, name = in.name(), as_of = *as_of,
                            done = std::move(done)](absl::Status status) {
                             if (status.ok()) status = FillFigure(call, name, as_of, out);
                             if (status.ok()) {
                               ledger_.Note(out);
                               Viewing(call.caller, call.host->projection()).Filter(out);
                             }
                             done(status);
                           });
      });
}

grpc::ServerUnaryReactor* IndicatorServiceImpl::ListFigures(grpc::CallbackServerContext* rpc,
                                                            const v1::ListFiguresRequest* request,
                                                            v1::ListFiguresResponse* response) {
  return ServeNow<v1::ListFiguresRequest, v1::ListFiguresResponse>(
      context_, rpc, "baraza.v1.IndicatorService.ListFigures", request, response,
      [this](const Call& call,
             const v1::ListFiguresRequest& in) -> absl::StatusOr<v1::ListFiguresResponse> {
        BARAZA_RETURN_IF_ERROR(ParseProgrammeName(in.parent()).status());
        BARAZA_ASSIGN_OR_RETURN(const absl::CivilDay as_of, AsOf(in.as_of(), context_.clock));
        BARAZA_ASSIGN_OR_RETURN(const int page_size, PageSize(in.page_size()));
        BARAZA_ASSIGN_OR_RETURN(const std::string after, PagePosition(in));
        const Viewing viewing(call.caller, call.host->projection());
        v1::ListFiguresResponse out;
        PageRoom room(page_size);
        std::string last = after;
        for (const v1::Indicator* indicator : viewing.reg().Indicators()) {
          if (indicator->id() <= after) continue;
          if (room.full()) {
            out.set_next_page_token(PageToken(in, last));
            break;
          }
          google::protobuf::Arena arena;
          auto& figure = *google::protobuf::Arena::CreateMessage<v1::Figure>(&arena);
          const absl::Status filled =
              call.host->projection().GetFigure(indicator->id(), in.period(), as_of, figure);
          // An indicator withdrawn between the two looks is no error of the caller's.
          if (absl::IsNotFound(filled)) continue;
          BARAZA_RETURN_IF_ERROR(filled);
          figure.set_name(FigureName(call.host->programme_id(), indicator->id(), figure.period()));
          ledger_.Note(figure);
          DropTrace(figure);
          viewing.Filter(figure);
          if (!room.Take(figure)) {
            out.set_next_page_token(PageToken(in, last));
            break;
          }
          last = indicator->id();
          *out.add_figures() = figure;
        }
        return out;
      });
}

void IndicatorServiceImpl::Publish(const Call& call, const Publication& publication,
                                   PublishedDone done) {
  const absl::CivilDay today = absl::ToCivilDay(context_.clock.Now(), absl::UTCTimeZone());
  google::protobuf::Arena arena;
  auto& figure = *google::protobuf::Arena::CreateMessage<v1::Figure>(&arena);
  if (absl::Status filled = FillFigure(call, publication.name, today, figure); !filled.ok()) {
    return done(filled);
  }
  const std::string name = figure.name();
  if (!Viewing(call.caller, call.host->projection()).InScope("")) {
    return done(absl::PermissionDeniedError(
        "a figure is the whole programme's: publishing it asks for the programme as scope"));
  }
  const bool published = figure.has_published() && !figure.published().id().empty();
  if (published && !publication.reason.has_value()) {
    return done(absl::FailedPreconditionError(absl::StrCat(
        "published already as ", figure.published().id(), "; restate it with a reason")));
  }
  if (!published && publication.reason.has_value()) {
    return done(absl::FailedPreconditionError(
        "nothing is published for this indicator and period yet; publish it"));
  }
  if (publication.expected_log_position != 0 &&
      !ledger_.IsAsShown(figure, publication.expected_log_position)) {
    return done(absl::AbortedError(absl::StrCat(
        "the figure has changed since log position ", publication.expected_log_position,
        "; look at it as of log position ", figure.log_position(), " and sign that")));
  }
  if (!ledger_.Claim(name)) {
    return done(absl::AbortedError("somebody else is publishing this figure at this moment"));
  }
  v1::PublishedFigure frozen = FreezeFigure(figure);
  frozen.clear_id();
  frozen.clear_author_id();
  if (publication.reason.has_value()) {
    *frozen.mutable_reason() = *publication.reason;
    frozen.set_restates(figure.published().id());
  } else {
    frozen.clear_restates();
  }
  call.host->desk().Append(
      call.caller, v1::RECORD_TYPE_PUBLISHED_FIGURE, "", nullptr, frozen, publication.request_id,
      AnswerWithView(context_, call,
                     [this, name, done = std::move(done)](absl::StatusOr<v1::RecordView> view) {
                       ledger_.Release(name);
                       if (!view.ok()) return done(view.status());
                       done(std::move(*view->mutable_record()->mutable_published_figure()));
                     }));
}

grpc::ServerUnaryReactor* IndicatorServiceImpl::PublishFigure(
    grpc::CallbackServerContext* rpc, const v1::PublishFigureRequest* request,
    v1::PublishedFigure* response) {
  return Serve<v1::PublishFigureRequest, v1::PublishedFigure>(
      context_, rpc, "baraza.v1.IndicatorService.PublishFigure", request, response,
      [this](const Call& call, const v1::PublishFigureRequest& in, PublishedDone done) {
        Publish(call, {in.name(), in.expected_log_position(), in.request_id(), std::nullopt},
                std::move(done));
      });
}

grpc::ServerUnaryReactor* IndicatorServiceImpl::RestateFigure(
    grpc::CallbackServerContext* rpc, const v1::RestateFigureRequest* request,
    v1::PublishedFigure* response) {
  return Serve<v1::RestateFigureRequest, v1::PublishedFigure>(
      context_, rpc, "baraza.v1.IndicatorService.RestateFigure", request, response,
      [this](const Call& call, const v1::RestateFigureRequest& in, PublishedDone done) {
        if (in.reason().text().empty()) {
          return done(InvalidField("", "reason", "why the figure is restated", "nothing"));
        }
        Publish(call, {in.name(), in.expected_log_position(), in.request_id(), in.reason()},
                std::move(done));
      });
}

grpc::ServerUnaryReactor* IndicatorServiceImpl::ListPublishedFigures(
    grpc::CallbackServerContext* rpc, const v1::ListPublishedFiguresRequest* request,
    v1::ListPublishedFiguresResponse* response) {
  return ServeNow<v1::ListPublishedFiguresRequest, v1::ListPublishedFiguresResponse>(
      context_, rpc, "baraza.v1.IndicatorService.ListPublishedFigures", request, response,
      [](const Call& call, const v1::ListPublishedFiguresRequest& in)
          -> absl::StatusOr<v1::ListPublishedFiguresResponse> {
        BARAZA_RETURN_IF_ERROR(ParseProgrammeName(in.parent()).status());
        BARAZA_ASSIGN_OR_RETURN(const int page_size, PageSize(in.page_size()));
        BARAZA_ASSIGN_OR_RETURN(const std::string after, PagePosition(in));
        PageRoom room(page_size);
        BARAZA_ASSIGN_OR_RETURN(RecordPage page,
                                ListRecordViews(call, v1::RECORD_TYPE_PUBLISHED_FIGURE, room, after,
                                                /*show_voided=*/false));
        v1::ListPublishedFiguresResponse out;
        for (v1::RecordView& view : page.records) {
          *out.add_figures() = std::move(*view.mutable_record()->mutable_published_figure());
        }
        if (!page.next.empty()) out.set_next_page_token(PageToken(in, page.next));
        return out;
      });
}

}  // namespace baraza::server
