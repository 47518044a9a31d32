#ifndef BARAZA_CLIENT_LIB_SYNC_BACKOFF_H_
#define BARAZA_CLIENT_LIB_SYNC_BACKOFF_H_

#include "absl/time/time.h"
#include "core/base/random.h"

namespace baraza::client {

// How long to wait after the n-th failure in a row: as long as the server asks and up to an eighth
// more, or, if it asks for nothing, full jitter: uniform from kMinBackoff to kMinBackoff * 2^n, at
// most kMaxBackoff. Not thread-safe.
class Backoff {
 public:
  explicit Backoff(Random& random) : random_(random) {}

  // Counts one more failure. `retry_after`, if the server asks for it, is bounded by
  // kMaxRetryAfter.
  absl::Duration Next(absl::Duration retry_after = absl::ZeroDuration());

  // After a success.
  void Reset() { failures_ = 0; }

  int failures() const { return failures_; }

 private:
  Random& random_;
  int failures_ = 0;
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_SYNC_BACKOFF_H_
