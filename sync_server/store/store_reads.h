#ifndef BARAZA_SYNC_SERVER_STORE_STORE_READS_H_
#define BARAZA_SYNC_SERVER_STORE_STORE_READS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/session.pb.h"
#include "core/base/sha256.h"
#include "core/model/operation.h"
#include "core/sqlite/database.h"
#include "sync_server/store/rows.h"

namespace baraza::server {

// What can be read of a programme's file, over one connection: a reader's snapshot, or the writer,
// which sees its own uncommitted rows. Lives in its connection's thread. Orders are fixed, so equal
// contents give equal answers.
class StoreReads {
 public:
  explicit StoreReads(Database& database) : database_(database) {}
  virtual ~StoreReads() = default;

  // --- Log ---

  // The last position; 0: empty.
  absl::StatusOr<int64_t> LogPosition();

  // Up to `limit` entries after position `after`, ascending.
  absl::StatusOr<std::vector<LogEntry>> ReadLog(int64_t after, int limit);

  // The entry of an operation, if it is there.
  absl::StatusOr<std::optional<LogEntry>> FindOperation(absl::string_view op_id);

  // The operations of one record, parsed, by position; none: empty.
  absl::StatusOr<std::vector<Operation>> OperationsOf(absl::string_view record_id);

  // Calls `fn` with each operation's id and hash up to position `up_to`, ascending by (hash, id).
  // Stops at the first error, which it returns.
  absl::Status OperationHashes(
      int64_t up_to, const std::function<absl::Status(absl::string_view, const Sha256Digest&)>& fn);

  // Greatest lamport time of the log; 0: empty.
  virtual absl::StatusOr<uint64_t> LamportMax();

  // --- Projection ---

  // The position up to which the projection has taken the log in.
  absl::StatusOr<int64_t> Watermark();

  absl::StatusOr<std::optional<v1::RecordState>> GetRecordState(absl::string_view record_id);

  // Every record of a type, or of all with UNSPECIFIED, ascending by record id.
  absl::Status ForEachRecordState(v1::RecordType type,
                                  const std::function<absl::Status(const v1::RecordState&)>& fn);

  // Up to `limit` records of a type after `after` (a record id; empty: from the start), ascending.
  absl::StatusOr<std::vector<v1::RecordState>> ListRecordStates(v1::RecordType type,
                                                                absl::string_view after, int limit);

  // A session by its own id (the projection resolves other report ids).
  absl::StatusOr<std::optional<v1::Session>> GetSession(absl::string_view session_id);

  // Every session, ascending by id.
  absl::Status ForEachSession(const std::function<absl::Status(const v1::Session&)>& fn);

  // A value that the projection or the server keeps; nullopt: none.
  absl::StatusOr<std::optional<std::string>> GetMeta(absl::string_view key);

  // --- Feed ---

  // The rows for a set of audiences after a position. A REMOVE is left out where the object still
  // stands for another of the audiences, and from position 0 on, where nothing is known yet.
  absl::StatusOr<FeedPage> ReadFeed(const FeedQuery& query);
  // The objects of an audience's rows that begin with `prefix` and were not taken back, sorted.
  absl::StatusOr<std::vector<std::string>> FeedObjects(absl::string_view audience,
                                                       absl::string_view prefix);

  // --- Devices, results, quarantine ---

  absl::StatusOr<std::optional<DeviceRow>> FindDevice(absl::string_view device_id);

  // Every device, ascending by id.
  absl::StatusOr<std::vector<DeviceRow>> ListDevices();

  // Which sequence numbers of a device never came, ascending, at most `limit` ranges.
  absl::StatusOr<std::vector<SequenceGap>> SequenceGaps(const DeviceRow& device, int limit);

  absl::StatusOr<std::optional<StoredResult>> FindResult(const DeviceRow& device,
                                                         uint64_t device_seq);

  // Up to `limit` rejected operations after (device id, seq), ascending; without their bytes.
  absl::StatusOr<std::vector<QuarantineRow>> ListQuarantine(absl::string_view after_device_id,
                                                            uint64_t after_device_seq, int limit);

  // One of them, with its bytes.
  absl::StatusOr<std::optional<QuarantineRow>> FindQuarantined(absl::string_view device_id,
                                                               uint64_t device_seq);

 protected:
  Database& database() { return database_; }
  bool in_transaction() const { return database_.InTransaction(); }

 private:
  Database& database_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_STORE_STORE_READS_H_
