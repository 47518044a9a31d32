#include "client_lib/sync/sync_engine.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/retry_hint.h"
#include "core/base/status.h"
#include "core/model/limits.h"
#include "google/protobuf/util/message_differencer.h"

namespace baraza::client {
namespace {

absl::Status ServerMakesNoProgress(absl::string_view what) {
  return absl::InternalError(
      absl::StrCat("the server answers but ", what, "; everything is kept, tell the office"));
}

}  // namespace

SyncEngine::SyncEngine(DeviceStore& store, Random& random, Options options)
    : store_(store), options_(std::move(options)), backoff_(random) {
  SetPhase(v1::SYNC_PHASE_CONNECTING);
}

SyncEngine::Instruction SyncEngine::Next(int64_t wall_time_ms) {
  switch (state_) {
    case State::kReady:
    case State::kInFlight: {
      absl::StatusOr<v1::SyncRequest> request = MakeRequest(wall_time_ms);
      if (!request.ok()) {
        Fail(request.status());
        return Failed{status_};
      }
      state_ = State::kInFlight;
      return Send{*std::move(request), kRequestDeadline};
    }
    case State::kWaiting:
      return Wait{wait_};
    case State::kDone:
      return Done{};
    case State::kPaused:
      return Paused{paused_phase_, status_};
    case State::kFailed:
      break;
  }
  return Failed{status_};
}

absl::StatusOr<v1::SyncRequest> SyncEngine::MakeRequest(int64_t wall_time_ms) {
  BARAZA_ASSIGN_OR_RETURN(DeviceStore::Batch batch,
                          store_.NextBatch(batch_bytes_, kMaxBatchOperations));
  BARAZA_ASSIGN_OR_RETURN(const StoreCounts counts, store_.Counts());
  const Identity& identity = store_.identity();

  v1::SyncRequest request;
  request.set_device_id(identity.device_id);
  request.set_database_incarnation(identity.incarnation);
  request.set_protocol_version(kProtocolVersion);
  request.set_schema_level(kSchemaLevel);
  request.set_min_schema_level(kMinSchemaLevel);
  request.set_max_schema_level(kSchemaLevel);
  *request.mutable_cursor() = store_.cursor();
  // Own operations first: as long as more wait, the way back carries little.
  request.set_max_response_bytes(batch.more ? kMinResponseBytes : response_bytes_);
  v1::DeviceState& state = *request.mutable_state();
  state.set_wall_time_ms(wall_time_ms);
  state.set_outbox_depth(counts.outbox);
  state.set_oldest_pending_ms(counts.oldest_pending_ms);
  state.set_quarantine_depth(counts.quarantined);
  state.set_software_version(options_.software_version);

  sent_operations_ = batch.operations.size();
  sent_bytes_ = batch.bytes;
  for (v1::WireOperation& operation : batch.operations) {
    *request.add_operations() = std::move(operation);
  }

  v1::SyncProgress& progress = *summary_.mutable_progress();
  progress.set_operations_total(progress.operations_sent() + counts.outbox);
  progress.set_bytes_sent(progress.bytes_sent() + request.ByteSizeLong());
  if (progress.round_trips() > 0) {
    SetPhase(sent_operations_ > 0 ? v1::SYNC_PHASE_PUSHING : v1::SYNC_PHASE_PULLING);
  }
  return request;
}

absl::Status SyncEngine::OnResponse(const v1::SyncResponse& response, int64_t wall_time_ms) {
  if (state_ != State::kInFlight) {
    return absl::FailedPreconditionError("sync: a response without a request");
  }
  backoff_.Reset();
  v1::SyncProgress& progress = *summary_.mutable_progress();
  progress.set_round_trips(progress.round_trips() + 1);
  progress.set_bytes_received(progress.bytes_received() + response.ByteSizeLong());

  absl::Status status = Apply(response, wall_time_ms);
  if (!status.ok()) Fail(status);
  return status;
}

absl::Status SyncEngine::Apply(const v1::SyncResponse& response, int64_t wall_time_ms) {
  // Of these two the server took nothing; its other fields say nothing either.
  if (response.directive() == v1::DEVICE_DIRECTIVE_UPDATE_SOFTWARE) {
    Pause(v1::SYNC_PHASE_PAUSED_UPDATE,
          absl::FailedPreconditionError(
              "this software is too old or too new for the server; everything is kept, update it"));
    return absl::OkStatus();
  }
  if (response.directive() == v1::DEVICE_DIRECTIVE_TAKE_NEW_DEVICE_ID) return TakeNewDeviceId();

  BARAZA_ASSIGN_OR_RETURN(AppliedResults results, store_.ApplyResults(response));
  summary_.set_accepted(summary_.accepted() + results.accepted);
  summary_.set_rejected(summary_.rejected() + results.rejected);
  summary_.set_sent_again(summary_.sent_again() + results.lost_by_server);
  v1::SyncProgress& progress = *summary_.mutable_progress();
  progress.set_operations_sent(progress.operations_sent() + results.answered);
  changed_records_.merge(results.changed_records);
  moved_ = results.answered > 0;
  if (results.is_a_copy) return TakeNewDeviceId();
  if (results.lost_by_server > 0 && ++losing_round_trips_ > kMaxIdleRoundTrips) {
    return ServerMakesNoProgress("loses what it has acknowledged");
  }

  if (response.has_membership() && !response.membership().person_id().empty() &&
      !google::protobuf::util::MessageDifferencer::Equals(response.membership(),
                                                          store_.identity().membership)) {
    BARAZA_RETURN_IF_ERROR(store_.SetMembership(response.membership()));
  }

  if (response.has_next_cursor() && response.directive() == v1::DEVICE_DIRECTIVE_UNSPECIFIED) {
    const v1::Cursor before = store_.cursor();
    BARAZA_ASSIGN_OR_RETURN(AppliedFeed feed, store_.ApplyFeed(response));
    progress.set_items_received(progress.items_received() + feed.items);
    summary_.set_unreadable_items(summary_.unreadable_items() + feed.unreadable);
    if (feed.reset_finished) summary_.set_feed_was_reset(true);
    changed_records_.merge(feed.changed_records);
    moved_ = moved_ || feed.items > 0 || before.position() != store_.cursor().position();
  }
  Grow(response.limits());
  return Decide(response, wall_time_ms);
}

absl::Status SyncEngine::Decide(const v1::SyncResponse& response, int64_t wall_time_ms) {
  BARAZA_ASSIGN_OR_RETURN(const DeviceStore::Batch outbox, store_.NextBatch(1, 1));
  const bool suspended = response.directive() == v1::DEVICE_DIRECTIVE_SUSPENDED;
  const bool more = !outbox.operations.empty() || (response.has_more() && !suspended);
  const absl::Duration retry_after =
      std::min(absl::Milliseconds(response.retry_after_ms()), kMaxRetryAfter);
  summary_.set_retry_after_ms(static_cast<uint32_t>(absl::ToInt64Milliseconds(retry_after)));

  if (more) {
    idle_round_trips_ = moved_ ? 0 : idle_round_trips_ + 1;
    if (idle_round_trips_ > kMaxIdleRoundTrips) {
      return ServerMakesNoProgress("takes nothing and sends nothing");
    }
    state_ = State::kReady;
    if (retry_after == absl::ZeroDuration()) return absl::OkStatus();
    if (retry_after > kMaxWaitInForeground && options_.max_attempts > 0) {
      return absl::UnavailableError(absl::StrCat("the server is busy and asks to come back in ",
                                                 absl::FormatDuration(retry_after)));
    }
    wait_ = retry_after;
    state_ = State::kWaiting;
    SetPhase(v1::SYNC_PHASE_BACKING_OFF);
    return absl::OkStatus();
  }

  SyncMarks marks;
  marks.last_sync_ms = response.server_time_ms();
  marks.clock_skew_ms = wall_time_ms - response.server_time_ms();
  BARAZA_RETURN_IF_ERROR(store_.SetSyncMarks(marks));
  if (suspended) {
    Pause(v1::SYNC_PHASE_PAUSED_SUSPENDED,
          absl::PermissionDeniedError(
              "the office has suspended this device; what it sent waits there for a decision"));
    return absl::OkStatus();
  }
  state_ = State::kDone;
  SetPhase(v1::SYNC_PHASE_IDLE);
  return absl::OkStatus();
}

absl::Status SyncEngine::TakeNewDeviceId() {
  if (++device_ids_taken_ > kMaxDeviceIdsPerSync) {
    return ServerMakesNoProgress("takes this database for a copy again and again");
  }
  BARAZA_RETURN_IF_ERROR(store_.TakeNewDeviceId());
  summary_.set_took_new_device_id(true);
  state_ = State::kReady;
  return absl::OkStatus();
}

void SyncEngine::OnError(const absl::Status& status) {
  if (state_ != State::kInFlight) return;
  switch (status.code()) {
    case absl::StatusCode::kUnauthenticated:
      Pause(v1::SYNC_PHASE_PAUSED_AUTHENTICATION,
            Annotate(status,
                     "the server does not know this device (any more); everything is kept, "
                     "enrol again"));
      return;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      // Who is told when to come again was not refused for the size of what he brought.
      if (!RetryHint(status).has_value()) Shrink();
      Retry(status);
      return;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      Retry(status);
      return;
    default:
      Fail(status);
      return;
  }
}

void SyncEngine::OnWaited() {
  if (state_ == State::kWaiting) state_ = State::kReady;
}

std::vector<std::string> SyncEngine::TakeChangedRecords() {
  std::vector<std::string> records(changed_records_.begin(), changed_records_.end());
  changed_records_.clear();
  return records;
}

void SyncEngine::Grow(const v1::SyncLimits& limits) {
  size_t batch_limit = kMaxBatchBytes;
  if (limits.max_batch_bytes() > 0) {
    batch_limit = std::min<size_t>(batch_limit, limits.max_batch_bytes());
  }
  uint32_t response_limit = kMaxResponseBytes;
  if (limits.max_response_bytes() > 0) {
    response_limit =
        std::max(std::min(response_limit, limits.max_response_bytes()), kMinResponseBytes);
  }
  batch_bytes_ = std::min(batch_bytes_ * 2, batch_limit);
  response_bytes_ = std::min(response_bytes_ * 2, response_limit);
}

void SyncEngine::Shrink() {
  // From what was really sent: halving a limit that a small batch is far below changes nothing. A
  // batch holds one operation however low the limit is.
  if (sent_bytes_ > 0) {
    batch_bytes_ = std::max<size_t>(std::min(batch_bytes_, sent_bytes_) / 2, 1);
  }
  response_bytes_ = std::max(response_bytes_ / 2, kMinResponseBytes);
}

void SyncEngine::Retry(const absl::Status& status) {
  const absl::Duration asked =
      std::min(RetryHint(status).value_or(absl::ZeroDuration()), kMaxRetryAfter);
  summary_.set_retry_after_ms(static_cast<uint32_t>(absl::ToInt64Milliseconds(asked)));
  const bool last = backoff_.failures() + 1 >= options_.max_attempts;
  if (options_.max_attempts > 0 && (last || asked > kMaxWaitInForeground)) {
    Fail(status);
    return;
  }
  wait_ = backoff_.Next(asked);
  state_ = State::kWaiting;
  SetPhase(v1::SYNC_PHASE_BACKING_OFF);
}

void SyncEngine::Fail(absl::Status status) {
  state_ = State::kFailed;
  status_ = std::move(status);
  SetPhase(v1::SYNC_PHASE_IDLE);
}

void SyncEngine::Pause(v1::SyncPhase phase, absl::Status status) {
  state_ = State::kPaused;
  paused_phase_ = phase;
  status_ = std::move(status);
  SetPhase(phase);
}

}  // namespace baraza::client
