#include "client_lib/sync/backoff.h"

#include <algorithm>
#include <cstdint>

#include "client_lib/limits.h"

namespace baraza::client {

absl::Duration Backoff::Next(absl::Duration retry_after) {
  ++failures_;
  absl::Duration bound = kMinBackoff;
  for (int i = 0; i < failures_ && bound < kMaxBackoff; ++i) bound *= 2;
  bound = std::min(bound, kMaxBackoff);
  const uint64_t spread_ms = static_cast<uint64_t>(absl::ToInt64Milliseconds(bound - kMinBackoff));
  const absl::Duration drawn =
      kMinBackoff + absl::Milliseconds(static_cast<int64_t>(random_.Uniform(spread_ms + 1)));
  return std::max(drawn, std::min(retry_after, kMaxRetryAfter));
}

}  // namespace baraza::client
