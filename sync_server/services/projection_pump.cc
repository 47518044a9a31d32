#include "sync_server/services/projection_pump.h"

#include <sys/resource.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sync_server/limits.h"

namespace baraza::server {
namespace {

// After an error (a full disk) the same chunk is tried again.
constexpr absl::Duration kRetryPeriod = absl::Seconds(1);

// A device waits for its acknowledgement on a line that may break at any moment, a count can be
// some seconds late: while devices push, the projection gets a tenth of a core that both want.
constexpr int kNiceness = 10;

// Of the calling thread alone, which is how Linux reads it. Without the right to it nothing
// changes.
void StandBack() { setpriority(PRIO_PROCESS, 0, kNiceness); }

// Waits for one answer from another thread.
template <typename T>
class Answer {
 public:
  void Set(T value) {
    // Notifies under the lock: once Get has returned, this object is gone.
    MutexLock lock(mutex_);
    value_.emplace(std::move(value));
    changed_.NotifyOne();
  }
  T Get() {
    MutexLock lock(mutex_);
    while (!value_.has_value()) changed_.Wait(mutex_);
    return *std::move(value_);
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::optional<T> value_;
};

}  // namespace

ProjectionPump::ProjectionPump(Projection& projection, Clock& clock, Observer observer)
    : projection_(projection), clock_(clock), observer_(std::move(observer)) {}

ProjectionPump::~ProjectionPump() { Stop(); }

void ProjectionPump::Start(bool rebuild) {
  thread_ = std::thread([this, rebuild] {
    StandBack();
    Loop(rebuild);
  });
}

void ProjectionPump::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyOne();
  if (thread_.joinable()) thread_.join();
  EndWaits();
}

void ProjectionPump::EndWaits() {
  {
    MutexLock lock(mutex_);
    waits_ended_ = true;
  }
  AnswerWaiters(/*all=*/true);
}

void ProjectionPump::Wake() {
  {
    MutexLock lock(mutex_);
    woken_ = true;
  }
  changed_.NotifyOne();
}

void ProjectionPump::WaitFor(int64_t position, absl::Duration patience,
                             std::function<void(absl::Status)> done) {
  if (position <= projection_.watermark()) {
    done(absl::OkStatus());
    return;
  }
  {
    MutexLock lock(mutex_);
    if (!waits_ended_ && waiters_.size() < kMaxPositionWaiters) {
      waiters_.push_back({position, clock_.Monotonic() + patience, std::move(done)});
      // The loop looks at the watermark again: it may have moved since the look above.
      changed_.NotifyOne();
      return;
    }
  }
  done(absl::ResourceExhaustedError("too many calls wait for the projection; try again later"));
}

void ProjectionPump::Loop(bool rebuild) {
  bool failed = false;
  while (true) {
    {
      MutexLock lock(mutex_);
      if (stopping_) return;
      if (!woken_ && !failed) {
        absl::Duration until = absl::InfiniteDuration();
        for (const Waiter& waiter : waiters_) until = std::min(until, waiter.until);
        if (waiters_.empty()) {
          changed_.Wait(mutex_);
        } else if (const absl::Duration left = until - clock_.Monotonic();
                   left > absl::ZeroDuration()) {
          changed_.WaitFor(mutex_, left);
        }
      } else if (failed) {
        changed_.WaitFor(mutex_, kRetryPeriod);
        woken_ = true;
      }
      if (stopping_) return;
    }
    AnswerWaiters(/*all=*/false);
    {
      MutexLock lock(mutex_);
      if (!woken_) continue;
      woken_ = false;
    }
    if (rebuild) {
      const absl::Status rebuilt = RebuildAndWait();
      failed = !rebuilt.ok();
      if (failed) {
        observer_(rebuilt);
        continue;
      }
      rebuild = false;
    }
    while (true) {
      const absl::StatusOr<bool> more = StepAndWait();
      failed = !more.ok();
      observer_(more.status());
      AnswerWaiters(/*all=*/false);
      MutexLock lock(mutex_);
      if (failed || !*more || stopping_) break;
    }
  }
}

absl::StatusOr<bool> ProjectionPump::StepAndWait() {
  Answer<absl::StatusOr<bool>> answer;
  projection_.Step([&answer](absl::StatusOr<bool> more) { answer.Set(std::move(more)); });
  return answer.Get();
}

absl::Status ProjectionPump::RebuildAndWait() {
  Answer<absl::Status> answer;
  projection_.Rebuild([&answer](absl::Status status) { answer.Set(std::move(status)); });
  return answer.Get();
}

void ProjectionPump::AnswerWaiters(bool all) {
  const int64_t watermark = projection_.watermark();
  const absl::Duration now = clock_.Monotonic();
  std::list<Waiter> ready;
  {
    MutexLock lock(mutex_);
    for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
      const auto next = std::next(waiter);
      if (all || waiter->position <= watermark || waiter->until <= now) {
        ready.splice(ready.end(), waiters_, waiter);
      }
      waiter = next;
    }
  }
  for (Waiter& waiter : ready) {
    if (waiter.position <= watermark) {
      waiter.done(absl::OkStatus());
    } else if (all) {
      waiter.done(absl::UnavailableError("the server is shutting down"));
    } else {
      waiter.done(
          absl::DeadlineExceededError(absl::StrCat("min_log_position: waited for ", waiter.position,
                                                   ", the projection has come to ", watermark)));
    }
  }
}

}  // namespace baraza::server
