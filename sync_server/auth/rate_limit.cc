#include "sync_server/auth/rate_limit.h"

#include <algorithm>

namespace baraza::server {

absl::Duration RateLimit::WaitOf(absl::string_view key) {
  MutexLock lock(mutex_);
  const auto found = buckets_.find(std::string(key));
  if (found == buckets_.end()) return absl::ZeroDuration();
  const double tokens = Refill(key).tokens;
  return tokens >= 1 ? absl::ZeroDuration() : period_ * (1 - tokens);
}

void RateLimit::Spend(absl::string_view key) {
  MutexLock lock(mutex_);
  Bucket& bucket = Refill(key);
  bucket.tokens = std::max(0.0, bucket.tokens - 1);
}

RateLimit::Bucket& RateLimit::Refill(absl::string_view key) {
  const absl::Duration now = clock_.Monotonic();
  const auto found = buckets_.find(std::string(key));
  if (found != buckets_.end()) {
    Bucket& bucket = found->second;
    bucket.tokens = std::min(burst_, bucket.tokens + absl::FDivDuration(now - bucket.at, period_));
    bucket.at = now;
    return bucket;
  }
  if (buckets_.size() >= max_keys_) {
    buckets_.erase(
        std::min_element(buckets_.begin(), buckets_.end(),
                         [](const auto& a, const auto& b) { return a.second.at < b.second.at; }));
  }
  return buckets_[std::string(key)] = Bucket{burst_, now};
}

absl::string_view PeerAddress(absl::string_view peer) {
  const size_t colon = peer.rfind(':');
  // "unix:/path" and the like have no port.
  if (colon == absl::string_view::npos || peer.find(':') == colon) return peer;
  return peer.substr(0, colon);
}

}  // namespace baraza::server
