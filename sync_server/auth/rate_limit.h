#ifndef BARAZA_SYNC_SERVER_AUTH_RATE_LIMIT_H_
#define BARAZA_SYNC_SERVER_AUTH_RATE_LIMIT_H_

#include <cstddef>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/mutex.h"

namespace baraza::server {

// Token buckets by key (a peer's address), in memory: each holds `burst` tokens and gains one a
// `period`. Remembers at most `max_keys` keys; when that is full, one that has long been quiet
// goes. Safe from any thread. `clock` must outlive it; its monotonic time counts.
class RateLimit {
 public:
  RateLimit(double burst, absl::Duration period, size_t max_keys, Clock& clock)
      : burst_(burst), period_(period), max_keys_(max_keys), clock_(clock) {}
  RateLimit(const RateLimit&) = delete;
  RateLimit& operator=(const RateLimit&) = delete;

  // How long `key` has to wait until it has a token; zero: it has one.
  absl::Duration WaitOf(absl::string_view key);

  // Takes a token, or what is left of one.
  void Spend(absl::string_view key);

 private:
  struct Bucket {
    double tokens = 0;
    absl::Duration at;
  };
  Bucket& Refill(absl::string_view key) BARAZA_REQUIRES(mutex_);

  const double burst_;
  const absl::Duration period_;
  const size_t max_keys_;
  Clock& clock_;
  Mutex mutex_;
  std::map<std::string, Bucket> buckets_ BARAZA_GUARDED_BY(mutex_);
};

// The address of a gRPC peer without its port: "ipv4:10.0.0.1:4711" -> "ipv4:10.0.0.1".
absl::string_view PeerAddress(absl::string_view peer);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_AUTH_RATE_LIMIT_H_
