#include "sync_server/ingest/sync_handler.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/limits.h"
#include "sync_server/ingest/feed_reader.h"
#include "sync_server/ingest/push.h"
#include "sync_server/limits.h"

namespace baraza::server {
namespace {

constexpr char kDevicePrefix[] = "dev";

absl::Status CheckRequest(const v1::SyncRequest& request) {
  if (const absl::Status status = ValidateId(request.device_id(), kDevicePrefix); !status.ok()) {
    return Annotate(status, "SyncRequest: device_id");
  }
  if (request.database_incarnation().size() != kIncarnationBytes) {
    return InvalidField("SyncRequest", "database_incarnation",
                        absl::StrCat(kIncarnationBytes, " bytes"),
                        absl::StrCat(request.database_incarnation().size()));
  }
  if (request.state().ByteSizeLong() > kMaxDeviceStateBytes) {
    return InvalidField("SyncRequest", "state", absl::StrCat("<= ", kMaxDeviceStateBytes, " bytes"),
                        absl::StrCat(request.state().ByteSizeLong()));
  }
  uint64_t previous = 0;
  for (const v1::WireOperation& wire : request.operations()) {
    if (wire.device_seq() <= previous ||
        wire.device_seq() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return InvalidField("SyncRequest", "operations.device_seq",
                          absl::StrCat("ascending, more than ", previous),
                          absl::StrCat(wire.device_seq()));
    }
    previous = wire.device_seq();
  }
  return absl::OkStatus();
}

// Whether this server and that device understand one another.
bool Compatible(const v1::SyncRequest& request) {
  return request.protocol_version() == kProtocolVersion &&
         request.schema_level() >= kMinSchemaLevel && request.min_schema_level() <= kSchemaLevel &&
         request.max_schema_level() >= kSchemaLevel;
}

size_t ResponseBytes(const v1::SyncRequest& request) {
  if (request.max_response_bytes() == 0) return kDefaultResponseBytes;
  return std::clamp(request.max_response_bytes(), kMinResponseBytes, kMaxResponseBytes);
}

}  // namespace

// One request on its way.
struct SyncHandler::Exchange {
  Caller caller;
  v1::Cursor cursor;
  size_t max_response_bytes = 0;
  absl::Time now;
  Push push;
  PushOutcome outcome;
  Done done;
};

SyncHandler::SyncHandler(ProgrammeStore& store, GroupCommit& commit, Clock& clock,
                         Executor executor)
    : store_(store), commit_(commit), clock_(clock), executor_(std::move(executor)) {}

void SyncHandler::Handle(const v1::SyncRequest& request, const Caller& caller, Done done) {
  if (const absl::Status status = CheckRequest(request); !status.ok()) {
    done(status);
    return;
  }
  if (caller.grant.programme_id != store_.programme_id()) {
    done(absl::PermissionDeniedError("the credential is another programme's"));
    return;
  }
  auto exchange = std::make_shared<Exchange>();
  exchange->caller = caller;
  exchange->cursor = request.cursor();
  exchange->max_response_bytes = ResponseBytes(request);
  exchange->now = clock_.Now();
  exchange->done = std::move(done);
  exchange->push.device_id = request.device_id();
  exchange->push.incarnation = request.database_incarnation();
  exchange->push.state = request.state();
  exchange->push.now_ms = absl::ToUnixMillis(exchange->now);

  // What is known of the device, as of now. A write checks again.
  absl::StatusOr<std::optional<DeviceRow>> device = store_.FindDevice(request.device_id());
  absl::Status readable = device.status();
  if (device.ok() && device->has_value()) readable = CheckDeviceOwner(**device, caller);
  if (!readable.ok()) {
    exchange->done(readable);
    return;
  }
  if (device->has_value()) exchange->outcome.acknowledged_seq = (*device)->acknowledged_seq;

  if (!Compatible(request)) {
    exchange->outcome.directive = v1::DEVICE_DIRECTIVE_UPDATE_SOFTWARE;
    Answer(exchange, absl::OkStatus());
    return;
  }

  // A device that merely asks for news costs no commit, unless it was not seen for a while. With
  // the disk full there is no answer at all, since nothing could be acknowledged.
  const bool seen_lately =
      device->has_value() && (*device)->incarnation == request.database_incarnation() &&
      (*device)->credential_id == caller.credential_id &&
      exchange->now - absl::FromUnixMillis((*device)->last_seen_ms) < kDeviceSeenInterval &&
      exchange->push.now_ms >= (*device)->last_seen_ms;
  if (request.operations().empty() && seen_lately && !store_.read_only()) {
    if (caller.suspended) exchange->outcome.directive = v1::DEVICE_DIRECTIVE_SUSPENDED;
    Answer(exchange, absl::OkStatus());
    return;
  }

  size_t bytes = 0;
  exchange->push.operations.reserve(std::min(request.operations_size(), kMaxRequestOperations));
  for (const v1::WireOperation& wire : request.operations()) {
    // Stops here; the device sends the rest again. Of one that is too large little is kept, so it
    // does not keep those after it from being taken.
    const size_t held = std::min(wire.ByteSizeLong(), kMaxOperationBytes);
    if (exchange->push.operations.size() >= static_cast<size_t>(kMaxRequestOperations) ||
        (bytes > 0 && bytes + held > kMaxRequestOperationBytes)) {
      break;
    }
    bytes += held;
    exchange->push.operations.push_back(Judge(wire, caller));
  }
  commit_.Submit(
      [exchange](StoreWriter& writer) {
        return ApplyPush(writer, exchange->caller, exchange->push, &exchange->outcome);
      },
      [this, exchange](const absl::Status& committed) {
        exchange->push.operations = {};
        if (executor_) {
          executor_([this, exchange, committed] { Answer(exchange, committed); });
        } else {
          Answer(exchange, committed);
        }
      },
      // Parsed and in bytes.
      2 * bytes + sizeof(Exchange));
}

void SyncHandler::Answer(const std::shared_ptr<Exchange>& exchange, const absl::Status& committed) {
  if (!committed.ok()) {
    exchange->done(committed);
    return;
  }
  v1::SyncResponse response;
  for (v1::OperationResult& result : exchange->outcome.results) {
    *response.add_results() = std::move(result);
  }
  response.set_acknowledged_device_seq(exchange->outcome.acknowledged_seq);
  response.set_server_epoch(store_.epoch());
  response.set_server_time_ms(exchange->push.now_ms);
  response.mutable_limits()->set_max_operation_bytes(kMaxOperationBytes);
  response.mutable_limits()->set_max_batch_bytes(kMaxBatchBytes);
  response.mutable_limits()->set_max_response_bytes(kMaxResponseBytes);
  response.set_directive(exchange->outcome.directive);
  *response.mutable_membership() = exchange->caller.membership;
  if (commit_.busy()) {
    response.set_retry_after_ms(static_cast<uint32_t>(absl::ToInt64Milliseconds(kBusyRetryAfter)));
  }

  absl::Status status;
  if (exchange->outcome.directive == v1::DEVICE_DIRECTIVE_UNSPECIFIED) {
    const size_t used = response.ByteSizeLong();
    const size_t left =
        exchange->max_response_bytes > used ? exchange->max_response_bytes - used : 0;
    status =
        ReadFeedInto(store_, exchange->caller, exchange->cursor, exchange->now, left, &response);
  } else if (exchange->outcome.directive != v1::DEVICE_DIRECTIVE_SUSPENDED) {
    // The device needs it to mint what comes after its re-stamping; a suspended one hears nothing.
    absl::StatusOr<uint64_t> lamport_max = store_.LamportMax();
    status = lamport_max.status();
    if (status.ok()) response.set_lamport_max(*lamport_max);
  }
  if (!status.ok()) {
    exchange->done(status);
    return;
  }
  exchange->done(std::move(response));
}

}  // namespace baraza::server
