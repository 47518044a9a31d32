#ifndef BARAZA_SYNC_SERVER_STORE_ROWS_H_
#define BARAZA_SYNC_SERVER_STORE_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "baraza/v1/operation.pb.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/base/sha256.h"

namespace baraza::server {

// An accepted operation. Positions ascend in the order of commits and are never reused.
struct LogEntry {
  int64_t position = 0;
  std::string op_id;
  std::string record_id;
  v1::RecordType record_type = v1::RECORD_TYPE_UNSPECIFIED;
  std::string device_id;  // The first that brought it.
  uint64_t lamport = 0;
  int64_t received_ms = 0;  // By the server's clock; data only.
  Sha256Digest hash;        // OperationHash; a redaction leaves it as it is.
  v1::WireOperation wire;   // As received, less what was redacted.
};

// What is known of a device.
struct DeviceRow {
  int64_t row = 0;  // Its key in this file.
  std::string device_id;
  std::string person_id;  // One person's for ever.
  std::string credential_id;
  std::string incarnation;
  uint64_t acknowledged_seq = 0;  // Greatest device_seq with a stored result.
  uint64_t stored_count = 0;      // Results stored; less than acknowledged_seq: gaps.
  int64_t quarantine_bytes = 0;
  int64_t quarantine_rows = 0;
  int64_t last_seen_ms = 0;
  v1::DeviceState state;
};

// Sequence numbers first .. last of a device never came.
struct SequenceGap {
  uint64_t first = 0;
  uint64_t last = 0;
};

// The stored result of one operation of a device.
struct StoredResult {
  // Where the log holds it; nullopt: rejected.
  std::optional<int64_t> position;
  Sha256Digest hash;
  std::string op_id;
  v1::RejectionReason reason = v1::REJECTION_REASON_UNSPECIFIED;
  std::string field;
  std::string message;
};

// A rejected operation.
struct QuarantineRow {
  std::string device_id;
  uint64_t device_seq = 0;
  Sha256Digest hash;
  std::string op_id;  // As far as it could be read.
  v1::RejectionReason reason = v1::REJECTION_REASON_UNSPECIFIED;
  std::string field;
  std::string message;
  int64_t received_ms = 0;
  uint64_t size_bytes = 0;
  // The serialized WireOperation, or its beginning, or nothing when the device's share of the
  // quarantine was full.
  std::string bytes;
};

// `day` of what does not age.
inline constexpr int32_t kNoDay = std::numeric_limits<int32_t>::max();

struct FeedRow {
  int64_t position = 0;
  std::string audience;
  std::string object;
  int32_t day = kNoDay;
  v1::FeedItem::Action action = v1::FeedItem::ACTION_UNSPECIFIED;
  std::string payload;
};

struct FeedQuery {
  std::vector<std::string> audiences;
  int64_t after = 0;
  // Rows with a day before this one are left out (days since 1970-01-01).
  int32_t first_day = std::numeric_limits<int32_t>::min();
  // Of the rows with a day, at most this many per audience: those with the greatest day, then
  // object.
  int max_dated_per_audience = 0;
  size_t max_bytes = 0;  // Of objects and payloads; one row always fits.
  int max_rows = 0;
};

struct FeedPage {
  std::vector<FeedRow> rows;  // Ascending position.
  int64_t next_position = 0;  // Where the next page begins.
  bool has_more = false;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_STORE_ROWS_H_
