#ifndef BARAZA_SYNC_SERVER_SERVICES_COMMIT_PUMP_H_
#define BARAZA_SYNC_SERVER_SERVICES_COMMIT_PUMP_H_

#include <thread>

#include "core/base/mutex.h"
#include "sync_server/ingest/group_commit.h"

namespace baraza::server {

// The thread that flushes a group commit. While one commit runs, what comes in gathers for the
// next.
class CommitPump {
 public:
  // `commit` must outlive the pump; nothing may be submitted before.
  explicit CommitPump(GroupCommit& commit);
  // Flushes what is queued, then ends.
  ~CommitPump();
  CommitPump(const CommitPump&) = delete;
  CommitPump& operator=(const CommitPump&) = delete;

 private:
  void Loop();

  GroupCommit& commit_;
  Mutex mutex_;
  CondVar changed_;
  bool woken_ BARAZA_GUARDED_BY(mutex_) = false;
  bool stopping_ BARAZA_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_COMMIT_PUMP_H_
