#ifndef BARAZA_SYNC_SERVER_INGEST_GROUP_COMMIT_H_
#define BARAZA_SYNC_SERVER_INGEST_GROUP_COMMIT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/base/thread_annotations.h"
#include "sync_server/limits.h"
#include "sync_server/store/programme_store.h"
#include "sync_server/store/store_writer.h"

namespace baraza::server {

struct GroupCommitLimits {
  size_t max_queued_works = kMaxQueuedWorks;
  size_t max_queued_bytes = kMaxQueuedBytes;
  size_t max_works_per_commit = kMaxWorksPerCommit;
  size_t max_bytes_per_commit = kMaxBytesPerCommit;
};

// Gathers works from many threads into few transactions, since what a commit costs is its sync.
// Passive: nothing happens until somebody (a pump thread, a simulator, a test) calls Flush.
//
// Invariants: `done` is called exactly once for each work, with OK only after the commit that made
// it durable; works are run in the order of their submission, and so are their `done`s.
class GroupCommit {
 public:
  using Work = std::function<absl::Status(StoreWriter&)>;
  using Done = std::function<void(absl::Status)>;
  using Limits = GroupCommitLimits;

  explicit GroupCommit(ProgrammeStore& store, Limits limits = {});
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;
  // Works that were never flushed are answered CANCELLED.
  ~GroupCommit();

  // Queues a work. Safe from any thread, also from within a work or a `done`. `bytes` is about what
  // the work holds in memory. When the queue is full, `done` is called at once with
  // RESOURCE_EXHAUSTED and a RetryHint. A work may run only once; if it fails, just what it wrote
  // is undone.
  void Submit(Work work, Done done, size_t bytes = 0);

  // Runs queued works in one transaction, up to the limits of one commit, and returns how many;
  // 0: nothing was queued. One thread at a time.
  size_t Flush();

  // Called by Flush after a commit that appended to the log, with its last position, before the
  // `done`s. To be set before the first Flush; several may be.
  void AddObserver(std::function<void(int64_t)> observer);

  // Called by Submit, outside its lock, when the queue was empty: wakes the pump. Set before the
  // first Submit.
  void SetWakeUp(std::function<void()> wake_up);

  // Works waiting now.
  size_t queued() const;

  // More than three quarters full: devices are asked to come back later.
  bool busy() const;

 private:
  struct Item {
    Work work;
    Done done;
    size_t bytes = 0;
    absl::Status status;
  };

  std::vector<Item> Take();
  absl::Status RunAll(std::vector<Item>& items);

  ProgrammeStore& store_;
  const Limits limits_;
  std::vector<std::function<void(int64_t)>> observers_;
  std::function<void()> wake_up_;
  mutable Mutex mutex_;
  std::deque<Item> queue_ BARAZA_GUARDED_BY(mutex_);
  size_t queued_bytes_ BARAZA_GUARDED_BY(mutex_) = 0;
  // Held for the whole of Flush.
  Mutex flush_mutex_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_INGEST_GROUP_COMMIT_H_
