#ifndef BARAZA_SYNC_SERVER_SERVICES_WORKER_POOL_H_
#define BARAZA_SYNC_SERVER_SERVICES_WORKER_POOL_H_

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "core/base/mutex.h"

namespace baraza::server {

// A few threads that run what they are given, first come first served. Safe from any thread.
class WorkerPool {
 public:
  explicit WorkerPool(int threads);
  // Runs everything that was given before, then ends the threads.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void Run(std::function<void()> task);

 private:
  void Loop();

  Mutex mutex_;
  CondVar changed_;
  std::deque<std::function<void()>> tasks_ BARAZA_GUARDED_BY(mutex_);
  bool stopping_ BARAZA_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_WORKER_POOL_H_
