#include "sync_server/ingest/group_commit.h"

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "core/base/retry_hint.h"

namespace baraza::server {

GroupCommit::GroupCommit(ProgrammeStore& store, Limits limits) : store_(store), limits_(limits) {}

GroupCommit::~GroupCommit() {
  std::deque<Item> left;
  {
    MutexLock lock(mutex_);
    left.swap(queue_);
  }
  for (Item& item : left) item.done(absl::CancelledError("the server is shutting down"));
}

void GroupCommit::Submit(Work work, Done done, size_t bytes) {
  bool was_empty = false;
  {
    MutexLock lock(mutex_);
    // One work always fits, however large.
    if (queue_.empty() || (queue_.size() < limits_.max_queued_works &&
                           queued_bytes_ + bytes <= limits_.max_queued_bytes)) {
      was_empty = queue_.empty();
      queue_.push_back(
          Item{std::move(work), std::move(done), bytes, absl::UnknownError("not run")});
      queued_bytes_ += bytes;
      done = nullptr;
    }
  }
  if (done != nullptr) {
    done(WithRetryHint(absl::ResourceExhaustedError("the server is overloaded; try again later"),
                       kOverloadRetryAfter));
    return;
  }
  if (was_empty && wake_up_) wake_up_();
}

std::vector<GroupCommit::Item> GroupCommit::Take() {
  std::vector<Item> items;
  size_t bytes = 0;
  MutexLock lock(mutex_);
  while (!queue_.empty() && items.size() < limits_.max_works_per_commit &&
         (items.empty() || bytes + queue_.front().bytes <= limits_.max_bytes_per_commit)) {
    bytes += queue_.front().bytes;
    items.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_bytes_ -= bytes;
  return items;
}

size_t GroupCommit::Flush() {
  MutexLock flush_lock(flush_mutex_);
  std::vector<Item> items = Take();
  if (items.empty()) return 0;
  const absl::Status committed = RunAll(items);
  for (Item& item : items) {
    if (item.status.ok()) item.status = committed;
  }
  for (Item& item : items) {
    item.work = nullptr;  // What it holds goes before the answer does.
    item.done(std::move(item.status));
  }
  return items.size();
}

absl::Status GroupCommit::RunAll(std::vector<Item>& items) {
  const auto fail_all = [&items](const absl::Status& status) {
    for (Item& item : items) item.status = status;
    return status;
  };
  absl::StatusOr<std::unique_ptr<StoreWriter>> writer = store_.BeginWrite();
  if (!writer.ok()) return fail_all(writer.status());
  const int64_t position_before = (*writer)->log_position();
  bool any = false;
  for (Item& item : items) {
    item.status = (*writer)->RunProtected(item.work);
    // The disk is full, and SQLite took back what the works before this one wrote as well.
    if (!(*writer)->alive()) {
      return fail_all(item.status.ok() ? absl::AbortedError("the transaction was given up")
                                       : item.status);
    }
    any |= item.status.ok();
  }
  if (!any) return absl::OkStatus();
  if (const absl::Status committed = (*writer)->Commit(); !committed.ok()) return committed;
  const int64_t position = (*writer)->log_position();
  writer->reset();
  if (position > position_before) {
    for (const auto& observer : observers_) observer(position);
  }
  return absl::OkStatus();
}

void GroupCommit::AddObserver(std::function<void(int64_t)> observer) {
  observers_.push_back(std::move(observer));
}

void GroupCommit::SetWakeUp(std::function<void()> wake_up) { wake_up_ = std::move(wake_up); }

size_t GroupCommit::queued() const {
  MutexLock lock(mutex_);
  return queue_.size();
}

bool GroupCommit::busy() const {
  MutexLock lock(mutex_);
  return queue_.size() > limits_.max_queued_works * 3 / 4 ||
         queued_bytes_ > limits_.max_queued_bytes * 3 / 4;
}

}  // namespace baraza::server
