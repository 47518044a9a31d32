#include "core/base/clock.h"

#include <chrono>

#include "absl/time/clock.h"

namespace baraza {

absl::Time SystemClock::Now() { return absl::Now(); }

absl::Duration SystemClock::Monotonic() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

FakeClock::FakeClock(absl::Time now) : now_nanos_(absl::ToUnixNanos(now)) {}

absl::Time FakeClock::Now() { return absl::FromUnixNanos(now_nanos_.load()); }

absl::Duration FakeClock::Monotonic() { return absl::Nanoseconds(monotonic_nanos_.load()); }

void FakeClock::SetNow(absl::Time now) { now_nanos_.store(absl::ToUnixNanos(now)); }

void FakeClock::Advance(absl::Duration by) {
  const int64_t nanos = absl::ToInt64Nanoseconds(by);
  now_nanos_.fetch_add(nanos);
  monotonic_nanos_.fetch_add(nanos);
}

}  // namespace baraza
