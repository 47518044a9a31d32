#ifndef BARAZA_CORE_BASE_CLOCK_H_
#define BARAZA_CORE_BASE_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace baraza {

// The time as seen by the code, injected everywhere so that results do not depend on when something
// ran. Implementations may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  // The wall clock. On a phone it may be wrong by decades and may jump either way: it is data,
  // never an order.
  virtual absl::Time Now() = 0;

  // Time since an arbitrary fixed point; never decreases within a process. For intervals and
  // deadlines.
  virtual absl::Duration Monotonic() = 0;
};

// The machine's clocks. The only place of the project that reads them.
class SystemClock final : public Clock {
 public:
  absl::Time Now() override;
  absl::Duration Monotonic() override;
};

// A clock that moves only when told to, with nanosecond resolution. Safe to move and read from
// several threads.
class FakeClock final : public Clock {
 public:
  // The monotonic clock starts at zero.
  explicit FakeClock(
      absl::Time now = absl::FromUnixSeconds(1'767'225'600));  // 2026-01-01T00:00:00Z

  absl::Time Now() override;
  absl::Duration Monotonic() override;

  // Sets the wall clock, in either direction, and leaves the monotonic one alone.
  void SetNow(absl::Time now);

  // Moves both clocks; `by` must not be negative.
  void Advance(absl::Duration by);

 private:
  std::atomic<int64_t> now_nanos_;
  std::atomic<int64_t> monotonic_nanos_{0};
};

}  // namespace baraza

#endif  // BARAZA_CORE_BASE_CLOCK_H_
