#include "client_lib/sync/backoff.h"

#include <algorithm>
#include <cstdint>

#include "client_lib/limits.h"

namespace baraza::client {

absl::Duration Backoff::Next(absl::Duration retry_after) {
  ++failures_;
  if (retry_after > absl::ZeroDuration()) {
    // The server gives out turns; who waited for one of his own choice would come after his.
    const absl::Duration asked = std::clamp(retry_after, kLeastRetryAfter, kMaxRetryAfter);
    const auto eighth_ms = static_cast<uint64_t>(absl::ToInt64Milliseconds(asked / 8));
    return asked + absl::Milliseconds(static_cast<int64_t>(random_.Uniform(eighth_ms + 1)));
  }
  absl::Duration bound = kMinBackoff;
  for (int i = 0; i < failures_ && bound < kMaxBackoff; ++i) bound *= 2;
  bound = std::min(bound, kMaxBackoff);
  const uint64_t spread_ms = static_cast<uint64_t>(absl::ToInt64Milliseconds(bound - kMinBackoff));
  return kMinBackoff + absl::Milliseconds(static_cast<int64_t>(random_.Uniform(spread_ms + 1)));
}

}  // namespace baraza::client
