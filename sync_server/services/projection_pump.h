#ifndef BARAZA_SYNC_SERVER_SERVICES_PROJECTION_PUMP_H_
#define BARAZA_SYNC_SERVER_SERVICES_PROJECTION_PUMP_H_

#include <cstdint>
#include <functional>
#include <list>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "sync_server/consolidation/projection.h"

namespace baraza::server {

// The thread that steps a projection after commits, and where reads wait for it.
class ProjectionPump {
 public:
  // Called in the pump's thread after each step that did something, or failed.
  using Observer = std::function<void(const absl::Status&)>;

  // Everything must outlive the pump, and the group commit be flushed by another thread.
  ProjectionPump(Projection& projection, Clock& clock, Observer observer);
  ~ProjectionPump();
  ProjectionPump(const ProjectionPump&) = delete;
  ProjectionPump& operator=(const ProjectionPump&) = delete;

  // Starts stepping; first from scratch when `rebuild`. Once.
  void Start(bool rebuild);
  // Lets the step that runs end; waiting reads are answered UNAVAILABLE. More than once does no
  // harm.
  void Stop();

  // Answers UNAVAILABLE to whoever waits, now and from now on; the server stops.
  void EndWaits();

  // There may be more in the log. Safe from any thread.
  void Wake();

  // Calls `done` once: OK as soon as the projection has come to `position`, at once if it has;
  // DEADLINE_EXCEEDED after `patience`; RESOURCE_EXHAUSTED when too many wait. In this thread or
  // the pump's. Safe from any thread.
  void WaitFor(int64_t position, absl::Duration patience, std::function<void(absl::Status)> done);

 private:
  struct Waiter {
    int64_t position = 0;
    absl::Duration until;
    std::function<void(absl::Status)> done;
  };

  void Loop(bool rebuild);
  absl::StatusOr<bool> StepAndWait();
  absl::Status RebuildAndWait();
  // Answers whoever need not wait any longer; with `all` everybody.
  void AnswerWaiters(bool all);

  Projection& projection_;
  Clock& clock_;
  const Observer observer_;
  Mutex mutex_;
  CondVar changed_;
  bool woken_ BARAZA_GUARDED_BY(mutex_) = true;
  bool stopping_ BARAZA_GUARDED_BY(mutex_) = false;
  bool waits_ended_ BARAZA_GUARDED_BY(mutex_) = false;
  std::list<Waiter> waiters_ BARAZA_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_PROJECTION_PUMP_H_
