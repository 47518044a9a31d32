#ifndef BARAZA_CORE_BASE_MUTEX_H_
#define BARAZA_CORE_BASE_MUTEX_H_

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"
#include "core/base/thread_annotations.h"

namespace baraza {

// std::mutex with annotations. Not absl::Mutex, about which ThreadSanitizer reports falsely.
class BARAZA_CAPABILITY Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() BARAZA_ACQUIRE() { mutex_.lock(); }
  void Unlock() BARAZA_RELEASE() { mutex_.unlock(); }
  bool TryLock() BARAZA_TRY_ACQUIRE(true) { return mutex_.try_lock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds a mutex for a scope.
class BARAZA_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) BARAZA_ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() BARAZA_RELEASE() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// A condition variable over Mutex. Waits may wake spuriously: wait in a loop on the condition.
class CondVar {
 public:
  void Wait(Mutex& mutex) BARAZA_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    cv_.wait(lock);
    lock.release();
  }

  // False if `timeout` (real time, not the injected clock's) passed without a notification.
  bool WaitFor(Mutex& mutex, absl::Duration timeout) BARAZA_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    // Bounded, since the standard library adds the timeout to a 64-bit count of nanoseconds.
    const absl::Duration bounded = std::min(timeout, absl::Hours(24 * 365));
    const bool notified =
        cv_.wait_for(lock, absl::ToChronoNanoseconds(bounded)) == std::cv_status::no_timeout;
    lock.release();
    return notified;
  }

  void NotifyOne() { cv_.notify_one(); }
  void NotifyAll() { cv_.notify_all(); }

 private:
  std::condition_variable cv_;
};

}  // namespace baraza

#endif  // BARAZA_CORE_BASE_MUTEX_H_
