#ifndef BARAZA_CLIENT_LIB_LIMITS_H_
#define BARAZA_CLIENT_LIB_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace baraza::client {

// Every limit of the device side, with its reason. Limits of records and operations are in
// core/model/limits.h.

// The first batch goes through on 2G (about 10 s at 16 kbit/s); each success doubles it, each
// timeout halves it, down to one operation.
inline constexpr size_t kFirstBatchBytes = 16 << 10;
// Past this a batch gains nothing on latency, and losing it costs much.
inline constexpr size_t kMaxBatchBytes = 512 << 10;
// One request's work for the server, however small the operations are.
inline constexpr size_t kMaxBatchOperations = 1000;

// What a response may carry: starts at what the first usable sync of a programme needs, moves as
// the batch does, within what SyncRequest.max_response_bytes allows.
inline constexpr uint32_t kFirstResponseBytes = 64 << 10;
inline constexpr uint32_t kMinResponseBytes = 4 << 10;
inline constexpr uint32_t kMaxResponseBytes = 1 << 20;

// Bounds a request that hangs; 512 KiB at 64 kbit/s takes 65 s.
inline constexpr absl::Duration kRequestDeadline = absl::Seconds(90);

// Full jitter: a wait is uniform between the first number and a bound that doubles from it up to
// the second, so that a coalition that comes online together does not knock together.
inline constexpr absl::Duration kMinBackoff = absl::Seconds(1);
inline constexpr absl::Duration kMaxBackoff = absl::Minutes(5);
// A server's retry_after is honoured up to this; a larger one is a mistake.
inline constexpr absl::Duration kMaxRetryAfter = absl::Hours(1);
// Nothing that the server says makes a device knock without a pause.
inline constexpr absl::Duration kLeastRetryAfter = absl::Milliseconds(500);

// A sync that somebody looks at does not sit out a longer wait; it ends and says so.
inline constexpr absl::Duration kMaxWaitInForeground = absl::Minutes(1);

// Consecutive failures after which one Sync gives up, unless its caller says otherwise.
inline constexpr int kDefaultSyncAttempts = 4;
// New device ids that one Sync takes before it concludes that the server is wrong.
inline constexpr int kMaxDeviceIdsPerSync = 2;
// Round trips in a row that answer OK and move nothing, or lose what was acknowledged.
inline constexpr int kMaxIdleRoundTrips = 3;

// A message from the server that is larger is refused by the transport: kMaxResponseBytes plus the
// results of a full batch, with room.
inline constexpr size_t kMaxMessageBytes = 4 << 20;

// A feed item's key is a prefix and two ids at most.
inline constexpr size_t kMaxFeedObjectBytes = 256;
// Twice an operation: the largest single object is a session with its members.
inline constexpr size_t kMaxFeedPayloadBytes = 1 << 20;

// Drafts are not bounded by the 64 KiB of an operation, since a person may still shorten them.
inline constexpr size_t kMaxDraftBytes = 1 << 20;
inline constexpr size_t kMaxDraftAppStateBytes = 4 << 10;
inline constexpr size_t kMaxDrafts = 10'000;
// The values that stay on the device, per record.
inline constexpr size_t kMaxLocalBytes = 64 << 10;

// More questions than a team can answer.
inline constexpr size_t kMaxFollowUps = 10'000;

inline constexpr uint32_t kDefaultPageSize = 100;
inline constexpr uint32_t kMaxPageSize = 1000;

// Changes of its view that the store can name one by one; a first sync is read as a whole anyway.
inline constexpr size_t kMaxNotedChanges = 4096;

// Enough to choose from on a phone's screen.
inline constexpr size_t kMaxDuplicateHints = 5;

// A certificate chain is some KiB; a credential 32 bytes in base64url.
inline constexpr size_t kMaxCaCertificateBytes = 64 << 10;
inline constexpr size_t kMaxCredentialBytes = 4 << 10;
inline constexpr size_t kMaxEnrolmentCodeBytes = 96 << 10;
inline constexpr size_t kMaxAddressBytes = 512;

// The command line. A file of records: 10,000 reports of 4 KiB.
inline constexpr size_t kMaxInputBytes = 64 << 20;
// An answer to the office: a figure of a year with its trace.
inline constexpr size_t kMaxAnswerBytes = 32 << 20;
// Progress is shown for what takes longer than a person likes to wonder.
inline constexpr absl::Duration kProgressAfter = absl::Seconds(1);

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_LIMITS_H_
