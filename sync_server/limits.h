#ifndef BARAZA_SYNC_SERVER_LIMITS_H_
#define BARAZA_SYNC_SERVER_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

// Every limit of the server's side with its reason. What both sides share (the size of an
// operation, the number of parents) stands in core/model/limits.h.
namespace baraza::server {

// --- One sync request ---

// What SyncLimits tells devices: a batch takes seconds, not minutes, on a weak link.
inline constexpr uint32_t kMaxBatchBytes = 512 << 10;

// How much of one request is taken before the server stops and answers for what it took. Larger
// than a batch, so that one oversized operation does not keep its neighbours from being judged.
inline constexpr size_t kMaxRequestOperationBytes = 4 << 20;
inline constexpr int kMaxRequestOperations = 5'000;

// The largest message that the transport lets in and out.
inline constexpr int kMaxMessageBytes = 16 << 20;

// The feed in one response. A device may ask for less; below the minimum a single large item
// would never fit beside anything, so less is read as the minimum, and 0 as the default.
inline constexpr uint32_t kMinResponseBytes = 4 << 10;
inline constexpr uint32_t kDefaultResponseBytes = 256 << 10;
inline constexpr uint32_t kMaxResponseBytes = 4 << 20;
inline constexpr int kMaxResponseItems = 20'000;

// The length of a database's incarnation.
inline constexpr size_t kIncarnationBytes = 16;

// Of DeviceState.software_version and other short texts that a device sends about itself.
inline constexpr size_t kMaxDeviceStateBytes = 512;

// --- Digests for the duplicate hint ---

// A report older than this is seldom a duplicate of what is captured today.
inline constexpr int kDigestMonths = 13;
// Per issue; about 2 MiB on a phone.
inline constexpr int kMaxDigestsPerIssue = 10'000;

// --- Quarantine of what devices sent and the server could not take ---

// Bytes kept per device; past it the result and the size of an operation are kept without its
// bytes. One misbehaving device cannot fill the disk.
inline constexpr int64_t kMaxQuarantineBytesPerDevice = 4 << 20;
// Bytes kept of one operation: one that is too large is kept up to here.
inline constexpr size_t kMaxQuarantineBytesPerOperation = 64 << 10;
// What a suspended device may leave in the quarantine: rows, then the rest is refused unstored.
inline constexpr int64_t kMaxQuarantineRowsPerDevice = 10'000;

// --- Group commit ---

// Works waiting for a commit. Beyond it the answer is RESOURCE_EXHAUSTED with a retry hint: with
// thousands of devices an unbounded queue only turns overload into timeouts.
inline constexpr size_t kMaxQueuedWorks = 4'096;
inline constexpr size_t kMaxQueuedBytes = 64 << 20;
// Of one transaction: keeps the wait of the first work in it, and the log file, short.
inline constexpr size_t kMaxWorksPerCommit = 256;
inline constexpr size_t kMaxBytesPerCommit = 8 << 20;
// What an overloaded server asks for.
inline constexpr absl::Duration kOverloadRetryAfter = absl::Seconds(5);

// --- Reading ---

// Connections that read at the same time; each may hold its page cache.
inline constexpr int kMaxReadConnections = 8;
inline constexpr int kReadCacheKib = 4 * 1024;
inline constexpr int kWriterCacheKib = 32 * 1024;

// How often a device that only pulls has its time and state noted: not at every pull, since
// that would make each one a commit.
inline constexpr absl::Duration kDeviceSeenInterval = absl::Minutes(1);

// --- Desk ---

inline constexpr size_t kMaxRequestIdBytes = 64;

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_LIMITS_H_
