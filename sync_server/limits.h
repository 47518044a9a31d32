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

// Works waiting for a commit. Beyond it the answer is RESOURCE_EXHAUSTED with a retry hint: an
// unbounded queue only turns overload into timeouts. Syncs are kept below by their own limit
// (kMaxSyncsAtOnce), so by number this bounds what the office and the projection bring.
inline constexpr size_t kMaxQueuedWorks = 4'096;
inline constexpr size_t kMaxQueuedBytes = 64 << 20;
// Of one transaction: keeps the wait of the first work in it, and the log file, short.
inline constexpr size_t kMaxWorksPerCommit = 256;
inline constexpr size_t kMaxBytesPerCommit = 8 << 20;
// What an overloaded server asks for, of whom it had to refuse.
inline constexpr absl::Duration kOverloadRetryAfter = absl::Seconds(5);
// What a server whose queue fills up asks for, of whom it has served: about what it takes to work
// the queue off. More would leave it idle while devices wait.
inline constexpr absl::Duration kBusyRetryAfter = absl::Seconds(1);

// --- Admission of syncs ---

// Syncs under way at a time: the server answers no more of them in a second for having more at
// hand, only each of them later, and every one holds its request. The office's calls come on top.
inline constexpr int kMaxSyncsAtOnce = 1'024;
// Of one credential: a device has one under way, and copies of it have the same credential.
inline constexpr int kMaxSyncsOfCredential = 8;
// When those who are sent away are told to come again: not at once, for they would only be sent
// away again, and not so late that a person gives up.
inline constexpr absl::Duration kMinTurn = absl::Milliseconds(500);
inline constexpr absl::Duration kMaxTurn = absl::Seconds(60);
// Syncs that end in a second are counted over this. Before anything was counted, and for turns,
// rather too many than too few: some are then sent away twice, and otherwise the server would idle.
inline constexpr absl::Duration kPaceWindow = absl::Milliseconds(500);
inline constexpr double kFirstPace = 1'000;
inline constexpr double kLeastPace = 10;
inline constexpr double kTurnsPerEnd = 1.25;
// Refusals are logged as a number, at most so often.
inline constexpr absl::Duration kRefusalReportPeriod = absl::Seconds(10);

// --- Projection ---

// Operations that one step takes in: what it works out stays in memory, and its writes hold the one
// writer for tens of milliseconds at most.
inline constexpr int kProjectionChunk = 500;

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

// --- Enrolment and authentication ---

// Codes and tokens: nobody guesses 256 bits, so one hash without salt suffices.
inline constexpr size_t kSecretBytes = 32;
inline constexpr absl::Duration kDefaultCodeLifetime = absl::Hours(24 * 7);
inline constexpr absl::Duration kMinCodeLifetime = absl::Minutes(1);
inline constexpr absl::Duration kMaxCodeLifetime = absl::Hours(24 * 30);
// What a person calls a device.
inline constexpr size_t kMaxDeviceLabelBytes = 120;
// "host:port": a DNS name has at most 253 bytes.
inline constexpr size_t kMaxAddressBytes = 262;
// Longer than any token of ours; a header beyond it is not even hashed.
inline constexpr size_t kMaxBearerBytes = 128;
// Failed enrolments of one peer: this many at once, then one a period. Codes need no guard against
// guessing; this keeps a broken or hostile client from filling log and disk queue.
inline constexpr double kFailedEnrolmentBurst = 10;
inline constexpr absl::Duration kFailedEnrolmentPeriod = absl::Seconds(30);
// Peers remembered at a time.
inline constexpr size_t kMaxRememberedPeers = 4'096;
// A credential's "last seen" is written at most this often: it costs a durable commit.
inline constexpr absl::Duration kTouchPeriod = absl::Minutes(5);

// --- Services ---

// Reports named in a figure for not having been looked at to the full, of each kind.
inline constexpr uint32_t kMaxHeldBackIds = 100;
// Decisions drawn at once for review: fewer than the least tell nothing, more than the most is more
// than people review before the next draw.
inline constexpr int kMinReviewDraw = 20;
inline constexpr int kMaxReviewDraw = 200;

// Rulings shown in one item of the review queue, and events in the history of one ruling: what is
// beyond is still in the history, or in the log.
inline constexpr int kMaxRulingsOfItem = 20;
inline constexpr size_t kMaxRulingEvents = 100;

inline constexpr int kDefaultPageSize = 100;
inline constexpr int kMaxPageSize = 1'000;
// Of a page with more than one item: half of what a gRPC client takes that has set nothing.
inline constexpr size_t kMaxPageBytes = 2 << 20;
// Records read from the store at once for a page.
inline constexpr int kRecordsAtOnce = 100;
inline constexpr size_t kMaxPageTokenBytes = 256;
// How long the answer to a write waits for the projection, so that who then reads sees it.
inline constexpr absl::Duration kReadYourWritesWait = absl::Seconds(2);
// How long a read waits for min_log_position when its caller set no deadline.
inline constexpr absl::Duration kMaxPositionWait = absl::Minutes(1);
// Reads that wait at the same time; more are refused rather than held in memory.
inline constexpr size_t kMaxPositionWaiters = 1'024;
// Figures remembered as shown, for expected_log_position; each costs some 150 bytes.
inline constexpr size_t kMaxShownFigures = 4'096;
// gRPC 1.51 answers floods of streams with memory: bound both.
inline constexpr int kMaxConcurrentStreams = 256;
inline constexpr size_t kTransportMemoryBytes = 256 << 20;
inline constexpr int kMaxTransportThreads = 64;
// Phones vanish without a word; a connection that does not answer a ping goes.
inline constexpr absl::Duration kKeepalivePeriod = absl::Seconds(60);
inline constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(20);
inline constexpr absl::Duration kMaxConnectionIdle = absl::Minutes(15);
// How long calls may go on after the order to stop.
inline constexpr absl::Duration kDrainTime = absl::Seconds(10);
// When descriptors run out, gRPC 1.51's listener never accepts again: raise the limit to this.
inline constexpr uint64_t kWantedOpenFiles = 65'536;

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_LIMITS_H_
