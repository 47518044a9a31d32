#include "tests/unit/client_lib/testing/fake_server.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace baraza::client {

absl::StatusOr<v1::SyncResponse> FakeServer::Handle(const v1::SyncRequest& request) {
  MutexLock lock(mutex_);
  requests_.push_back(request);
  received_ += request.SerializeAsString();
  if (!failures_.empty()) {
    absl::Status status = failures_.front();
    failures_.pop_front();
    return status;
  }
  size_t bytes = 0;
  for (const v1::WireOperation& wire : request.operations()) bytes += wire.ByteSizeLong();
  if (timeout_above_ > 0 && bytes > timeout_above_ && request.operations_size() > 1) {
    return absl::DeadlineExceededError("too slow a line");
  }
  v1::SyncResponse response = Answer(request);
  if (mangle_) mangle_(response);
  if (lose_ > 0) {
    --lose_;
    return absl::UnavailableError("the line broke");
  }
  return response;
}

v1::SyncResponse FakeServer::Answer(const v1::SyncRequest& request) {
  v1::SyncResponse response;
  response.set_server_epoch(epoch_);
  response.set_server_time_ms(1'770'000'000'000);
  if (membership_.has_value()) *response.mutable_membership() = *membership_;
  if (directive_ == v1::DEVICE_DIRECTIVE_UPDATE_SOFTWARE) {
    response.set_directive(directive_);
    return response;
  }
  auto& sequence = data_.sequences[request.device_id()];
  for (const v1::WireOperation& wire : request.operations()) {
    v1::Header header;
    header.ParseFromString(wire.header());
    const auto known = sequence.find(wire.device_seq());
    if (known != sequence.end() && known->second != header.op_id()) {
      response.set_directive(v1::DEVICE_DIRECTIVE_TAKE_NEW_DEVICE_ID);
      return response;
    }
  }
  for (const v1::WireOperation& wire : request.operations()) {
    Take(wire, request.device_id(), response);
  }
  if (!sequence.empty()) response.set_acknowledged_device_seq(sequence.rbegin()->first);
  response.set_lamport_max(data_.lamport);
  response.set_retry_after_ms(retry_after_ms_);
  response.set_directive(directive_);
  if (directive_ == v1::DEVICE_DIRECTIVE_UNSPECIFIED) AddFeed(request, response);
  return response;
}

void FakeServer::Take(const v1::WireOperation& wire, const std::string& device_id,
                      v1::SyncResponse& response) {
  v1::Header header;
  header.ParseFromString(wire.header());
  const std::string& op_id = header.op_id();
  v1::OperationResult& answer = *response.add_results();
  if (directive_ == v1::DEVICE_DIRECTIVE_SUSPENDED) {
    // Kept aside; nothing is acknowledged.
    answer.set_device_seq(wire.device_seq());
    answer.set_op_id(op_id);
    answer.set_outcome(v1::OPERATION_OUTCOME_REJECTED);
    answer.set_reason(v1::REJECTION_REASON_SUSPENDED);
    return;
  }
  data_.sequences[device_id][wire.device_seq()] = op_id;
  if (const auto known = data_.results.find(op_id); known != data_.results.end()) {
    answer = known->second;
    answer.set_device_seq(wire.device_seq());
    answer.set_replayed(true);
    return;
  }
  answer.set_device_seq(wire.device_seq());
  answer.set_op_id(op_id);
  std::optional<v1::RejectionReason> reason;
  if (judge_) reason = judge_(header);
  if (reason.has_value()) {
    answer.set_outcome(v1::OPERATION_OUTCOME_REJECTED);
    answer.set_reason(*reason);
    answer.set_message("rejected by the test");
    data_.results[op_id] = answer;
    return;
  }
  answer.set_outcome(v1::OPERATION_OUTCOME_ACCEPTED);
  data_.results[op_id] = answer;
  data_.operations[op_id] = wire;
  data_.lamport = std::max(data_.lamport, header.lamport());
  v1::FeedPayload payload;
  *payload.mutable_operation() = wire;
  v1::FeedItem& item = data_.feed["op:" + op_id];
  item.set_position(++data_.position);
  item.set_action(v1::FeedItem::ACTION_UPSERT);
  item.set_object("op:" + op_id);
  item.set_payload(payload.SerializeAsString());
}

void FakeServer::AddFeed(const v1::SyncRequest& request, v1::SyncResponse& response) {
  const v1::Cursor& cursor = request.cursor();
  const bool reset = cursor.epoch() != epoch_ || cursor.scope_hash() != scope_ ||
                     cursor.schema_level() != request.schema_level();
  response.set_feed_reset(reset);
  int64_t position = reset ? 0 : cursor.position();
  std::map<int64_t, const v1::FeedItem*> items;
  for (const auto& [object, item] : data_.feed) {
    if (item.position() > position) items[item.position()] = &item;
  }
  size_t bytes = 0;
  for (const auto& [item_position, item] : items) {
    if (bytes > 0 && (bytes + item->ByteSizeLong() > request.max_response_bytes() ||
                      static_cast<size_t>(response.feed_size()) >= feed_page_)) {
      response.set_has_more(true);
      break;
    }
    bytes += item->ByteSizeLong();
    *response.add_feed() = *item;
    position = item_position;
  }
  v1::Cursor& next = *response.mutable_next_cursor();
  next.set_epoch(epoch_);
  next.set_scope_hash(scope_);
  next.set_schema_level(request.schema_level());
  next.set_position(position);
}

FakeServer::Data FakeServer::Backup() {
  MutexLock lock(mutex_);
  return data_;
}

void FakeServer::Restore(Data data, const std::string& epoch) {
  MutexLock lock(mutex_);
  data_ = std::move(data);
  epoch_ = epoch;
}

size_t FakeServer::OperationCount() {
  MutexLock lock(mutex_);
  return data_.operations.size();
}

bool FakeServer::Holds(const std::string& op_id) {
  MutexLock lock(mutex_);
  return data_.operations.count(op_id) > 0;
}

std::string FakeServer::Received() {
  MutexLock lock(mutex_);
  return received_;
}

std::vector<v1::SyncRequest> FakeServer::Requests() {
  MutexLock lock(mutex_);
  return requests_;
}

void FakeServer::Publish(const std::string& object, const v1::FeedPayload& payload) {
  MutexLock lock(mutex_);
  v1::FeedItem& item = data_.feed[object];
  item.set_position(++data_.position);
  item.set_action(v1::FeedItem::ACTION_UPSERT);
  item.set_object(object);
  item.set_payload(payload.SerializeAsString());
}

void FakeServer::Remove(const std::string& object) {
  MutexLock lock(mutex_);
  v1::FeedItem& item = data_.feed[object];
  item.Clear();
  item.set_position(++data_.position);
  item.set_action(v1::FeedItem::ACTION_REMOVE);
  item.set_object(object);
}

void FakeServer::SetEpoch(const std::string& epoch) {
  MutexLock lock(mutex_);
  epoch_ = epoch;
}

void FakeServer::SetScope(const std::string& scope) {
  MutexLock lock(mutex_);
  scope_ = scope;
}

void FakeServer::SetMembership(const v1::Membership& membership) {
  MutexLock lock(mutex_);
  membership_ = membership;
}

void FakeServer::SetDirective(v1::DeviceDirective directive) {
  MutexLock lock(mutex_);
  directive_ = directive;
}

void FakeServer::SetRetryAfterMs(uint32_t retry_after_ms) {
  MutexLock lock(mutex_);
  retry_after_ms_ = retry_after_ms;
}

void FakeServer::SetFeedPage(size_t items) {
  MutexLock lock(mutex_);
  feed_page_ = items;
}

void FakeServer::SetJudge(
    std::function<std::optional<v1::RejectionReason>(const v1::Header&)> judge) {
  MutexLock lock(mutex_);
  judge_ = std::move(judge);
}

void FakeServer::FailNext(int calls, absl::Status status) {
  MutexLock lock(mutex_);
  for (int i = 0; i < calls; ++i) failures_.push_back(status);
}

void FakeServer::LoseNextResponses(int responses) {
  MutexLock lock(mutex_);
  lose_ = responses;
}

void FakeServer::SetTimeoutAbove(size_t bytes) {
  MutexLock lock(mutex_);
  timeout_above_ = bytes;
}

void FakeServer::SetMangle(std::function<void(v1::SyncResponse&)> mangle) {
  MutexLock lock(mutex_);
  mangle_ = std::move(mangle);
}

absl::StatusOr<v1::SyncResponse> FakeTransport::Sync(const v1::SyncRequest& request,
                                                     absl::Duration deadline) {
  {
    MutexLock lock(mutex_);
    if (down_) return absl::UnavailableError("no network");
    if (hang_) {
      const uint64_t cancels = cancels_;
      ++hanging_;
      changed_.NotifyAll();
      bool in_time = true;
      while (in_time && cancels == cancels_) in_time = changed_.WaitFor(mutex_, deadline);
      --hanging_;
      if (cancels != cancels_) return absl::CancelledError("cancelled");
      return absl::DeadlineExceededError("no answer");
    }
  }
  return server_.Handle(request);
}

void FakeTransport::Cancel() {
  MutexLock lock(mutex_);
  ++cancels_;
  changed_.NotifyAll();
}

void FakeTransport::SetDown(bool down) {
  MutexLock lock(mutex_);
  down_ = down;
}

void FakeTransport::SetHang(bool hang) {
  MutexLock lock(mutex_);
  hang_ = hang;
}

void FakeTransport::AwaitHanging() {
  MutexLock lock(mutex_);
  while (hanging_ == 0) changed_.Wait(mutex_);
}

}  // namespace baraza::client
