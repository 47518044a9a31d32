#ifndef BARAZA_SYNC_SERVER_STORE_STORE_WRITER_H_
#define BARAZA_SYNC_SERVER_STORE_STORE_WRITER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/operation.pb.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/session.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/model/operation.h"
#include "core/sqlite/database.h"
#include "core/sqlite/transaction.h"
#include "sync_server/store/rows.h"
#include "sync_server/store/store_reads.h"

namespace baraza::server {

// One write transaction on a programme's file; reads through it see what it wrote. Rolled back
// unless Commit succeeds. Lives in one thread.
//
// The methods fail only with the disk or a broken file: whoever calls them has checked what he
// writes. RESOURCE_EXHAUSTED says that the disk is full; SQLite may then have given up the whole
// transaction.
class StoreWriter : public StoreReads {
 public:
  ~StoreWriter() override;
  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;

  // --- Ingest ---

  // The row of a device, made when there is none: the device is the person's from then on.
  absl::StatusOr<DeviceRow> EnsureDevice(absl::string_view device_id, absl::string_view person_id,
                                         absl::string_view credential_id,
                                         absl::string_view incarnation);

  // Writes back what changed in a device's row (its sequence numbers, state, credential).
  absl::Status PutDevice(const DeviceRow& device);

  struct Appended {
    int64_t position = 0;
    // The log had an operation of this id already, with this hash; nothing was appended.
    bool known = false;
    Sha256Digest hash;
  };
  // Appends an operation that was judged. A redaction erases what it names, in the log and in the
  // same transaction, also of operations that come only later; the REDACT operation itself stands
  // in the log, so that whatever was made from the record is made anew by whoever follows the log.
  absl::StatusOr<Appended> AppendOperation(const Operation& operation, const DeviceRow& device,
                                           int64_t received_ms);

  // Stores the result of an accepted operation.
  absl::Status PutAccepted(const DeviceRow& device, uint64_t device_seq, int64_t position);

  // Stores the result of a rejected operation and as much of its bytes as the device's share of
  // the quarantine holds. An earlier row of this number is replaced. `device` is updated.
  absl::Status PutRejected(DeviceRow& device, const QuarantineRow& row);

  // Takes an operation out of the quarantine again, if it is there. `device` is updated.
  absl::Status DropRejected(DeviceRow& device, uint64_t device_seq);

  absl::StatusOr<uint64_t> LamportMax() override;

  // --- Desk ---

  struct DeskRequest {
    std::string op_id;
    std::string record_id;
    int64_t position = 0;
    Sha256Digest fingerprint;
  };
  absl::StatusOr<std::optional<DeskRequest>> FindDeskRequest(absl::string_view person_id,
                                                             absl::string_view request_id);
  absl::Status PutDeskRequest(absl::string_view person_id, absl::string_view request_id,
                              const DeskRequest& request);

  // --- Projection ---

  absl::Status PutRecordState(const v1::RecordState& state);
  absl::Status PutSession(const v1::Session& session);
  absl::Status DeleteSession(absl::string_view session_id);

  // What an audience sees of an object. Moves it to a new position if payload or day changed, or
  // if it had been removed; else nothing happens. An object that several audiences of one viewer
  // hold must have the same payload in all. `day`: days since 1970-01-01, kNoDay: does not age.
  absl::Status PutFeed(absl::string_view audience, absl::string_view object, int32_t day,
                       absl::string_view payload);

  // Nothing happens if the audience does not hold it.
  absl::Status RemoveFeed(absl::string_view audience, absl::string_view object);

  // The position up to which the projection stands with the rows of this transaction.
  absl::Status SetWatermark(int64_t position);

  // Before a rebuild: empties records and sessions and sets the watermark to 0. The feed stays,
  // so that what comes out the same keeps its position; when the rebuild has reached the end of the
  // log, SweepFeed removes what it did not put again. PutMeta values stay.
  absl::Status ClearProjection();
  absl::Status SweepFeed();

  absl::Status PutMeta(absl::string_view key, absl::string_view value);
  absl::Status DeleteMeta(absl::string_view key);

  // --- Transaction (for GroupCommit) ---

  // Runs `work`; if it fails, what it wrote is undone and the transaction goes on, unless it was
  // given up, by SQLite or because undoing failed: see alive().
  absl::Status RunProtected(const std::function<absl::Status(StoreWriter&)>& work);

  // False: everything was rolled back (the disk is full, or the memory).
  bool alive() const;

  // Durable once OK. After an error the store commits a boot epoch before the next write. Call
  // once.
  absl::Status Commit();

  // The last log position, with this transaction's.
  int64_t log_position() const { return counters_.log_position; }

 private:
  friend class ProgrammeStore;

  // Kept beside the file during a transaction, restored when a work is undone.
  struct Counters {
    int64_t log_position = 0;
    uint64_t lamport_max = 0;
    int64_t feed_position = 0;
    int64_t feed_generation = 0;
    bool any_redactions = false;
    bool erased = false;  // Something was redacted: the write-ahead log must be emptied.
    // A commit failed: what stands in the file, and whether it is durable, is not known.
    bool doubtful = false;
  };

  StoreWriter(Database& database, Transaction transaction, Counters* committed,
              std::function<void()> release);

  static absl::StatusOr<Counters> LoadCounters(Database& database);

  // Notes what a REDACT operation names and erases it in the log.
  absl::Status NoteRedactions(const v1::Header& header);
  // Erases in `wire` what earlier REDACT operations named; whether anything was.
  absl::StatusOr<bool> ApplyRedactions(const v1::Header& header, v1::WireOperation& wire);
  absl::Status EraseInLog(absl::string_view op_id, absl::string_view record_id,
                          absl::Span<const v1::Privacy> classes);
  absl::Status MoveFeedRow(absl::string_view audience, absl::string_view object,
                           v1::FeedItem::Action action, const std::optional<int32_t>& day,
                           absl::string_view payload);

  Transaction transaction_;
  Counters* const committed_;
  Counters counters_;
  std::function<void()> release_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_STORE_STORE_WRITER_H_
