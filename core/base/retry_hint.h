#ifndef BARAZA_CORE_BASE_RETRY_HINT_H_
#define BARAZA_CORE_BASE_RETRY_HINT_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace baraza {

// The name under which gRPC carries such a hint beside a status, in whole milliseconds, decimal:
// https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback
inline constexpr char kRetryHintMetadata[] = "grpc-retry-pushback-ms";

// How long whoever meets this error is asked to wait before trying again; whole milliseconds,
// rounded down. An OK status stays as it is.
absl::Status WithRetryHint(absl::Status status, absl::Duration after);

// What WithRetryHint put there; nullopt: nothing, or nothing that can be read.
std::optional<absl::Duration> RetryHint(const absl::Status& status);

}  // namespace baraza

#endif  // BARAZA_CORE_BASE_RETRY_HINT_H_
