#ifndef BARAZA_CLIENT_LIB_STORE_DEVICE_STORE_H_
#define BARAZA_CLIENT_LIB_STORE_DEVICE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/client.pb.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "baraza/v1/operation.pb.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/session.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "core/model/operation.h"
#include "core/sqlite/database.h"

namespace baraza::client {

// Where the server is and how to prove who asks. Never logged.
struct Connection {
  // "host:port".
  std::string address;
  // PEM; empty: plaintext, loopback addresses only.
  std::string ca_certificate;
  // Bearer token.
  std::string credential;
};

// Who this database is.
struct Identity {
  std::string device_id;
  // 16 bytes.
  std::string incarnation;
  bool enrolled = false;
  v1::Membership membership;
  // Of the server at the last contact; empty: none yet.
  std::string server_epoch;
};

// What the last sync told.
struct SyncMarks {
  int64_t last_sync_ms = 0;
  int64_t clock_skew_ms = 0;
};

struct StoreCounts {
  uint32_t drafts = 0;
  uint32_t outbox = 0;
  uint32_t quarantined = 0;
  uint32_t returned_reports = 0;
  uint32_t conflicts = 0;
  // Device wall time of the oldest operation not acknowledged; 0: none.
  int64_t oldest_pending_ms = 0;
};

// What one response changed.
struct AppliedResults {
  uint32_t accepted = 0;
  uint32_t rejected = 0;
  // Operations that had no result before.
  uint32_t answered = 0;
  // Operations that will be sent again: the server may have lost them, or held them while the
  // device was suspended.
  uint32_t lost_by_server = 0;
  bool epoch_changed = false;
  // The server knows sequence numbers that this database never gave: it is a restored or cloned
  // copy and has to take a new device id.
  bool is_a_copy = false;
  absl::btree_set<std::string> changed_records;
};

struct AppliedFeed {
  uint32_t items = 0;
  // Items that this software cannot read; the rest went through.
  uint32_t unreadable = 0;
  bool reset_finished = false;
  absl::btree_set<std::string> changed_records;
};

// What one step of DeviceStore::reports_version() was about.
struct ViewChange {
  enum class Kind { kRecord, kFeedObject };
  Kind kind = Kind::kRecord;
  // Of the record, or the object of the feed's item. It may be gone by now.
  std::string id;
  friend bool operator==(const ViewChange&, const ViewChange&) = default;
};

// The device's database: the only place of the device side with SQL. One file, one connection.
//
// Invariants: an operation is durable when the call that wrote it returns OK (WAL, FULL); own
// operations are never deleted as long as the device is the same person's, and device_seq runs 1,
// 2, 3 ... without gaps; a record's row is the
// merge of its operations as of the same commit; a feed batch and its cursor commit together;
// values of class DEVICE are in the local and the draft tables only.
//
// Not thread-safe: its owner holds a lock. Any method may return RESOURCE_EXHAUSTED when the disk
// is full; then nothing of the call was written.
class DeviceStore {
 public:
  struct Options {
    std::string path;
    // Name of a registered SQLite VFS; empty: the default one.
    std::string vfs;
  };

  // Opens or makes the database, mints the device id on the first opening and commits the boot
  // epoch. With a full disk it opens read-only (see read_only()). FAILED_PRECONDITION if the file
  // is another application's or a newer version's, UNAVAILABLE (after 5 s) if another program has
  // it open: nobody else may, as long as this is there. `minter` and `random` must outlive it.
  static absl::StatusOr<std::unique_ptr<DeviceStore>> Open(const Options& options, IdMinter& minter,
                                                           Random& random);
  DeviceStore(const DeviceStore&) = delete;
  DeviceStore& operator=(const DeviceStore&) = delete;
  ~DeviceStore();

  // True after the disk was full; each write tries again.
  bool read_only() const;

  // --- Who this is -------------------------------------------------------------------------------

  const Identity& identity() const;
  const Connection& connection() const;

  // Binds the database to a person. The same person as before (or the first one) keeps the device
  // id and all that is pending. Another person: FAILED_PRECONDITION while operations, quarantined
  // operations or drafts of the former one are there, else a new device id.
  absl::Status Bind(const v1::EnrolResponse& enrolment, absl::string_view address,
                    absl::string_view ca_certificate);

  // A new device id and incarnation; everything that this database holds is sent again under them.
  // Op ids stay, so the server takes each operation once.
  absl::Status TakeNewDeviceId();

  // The server says who the device is now, e.g. after a move to another team. Operations that were
  // captured before keep their team.
  absl::Status SetMembership(const v1::Membership& membership);

  // --- Capture -----------------------------------------------------------------------------------

  // The lamport for the next operation: greater than that of everything seen.
  uint64_t NextLamport() const;

  struct NewOperation {
    // Its device_seq is set by the store.
    Operation operation;
    // Of a creation: the record that the operation was built from (see StateOfCreation). Null: the
    // state is merged from the operation.
    std::unique_ptr<google::protobuf::Message> record;
    // Values of class DEVICE as a record message of the type. Null: leave those that are there.
    const google::protobuf::Message* local = nullptr;
    // Deleted in the same transaction; empty: none.
    std::string draft_id;
    // Quarantined operations that this one replaces; they count as dismissed.
    std::vector<std::string> replaces;
  };

  // Stores the operation and the record's new state in one transaction. Durable once OK. NOT_FOUND:
  // no such draft; nothing was written then.
  struct Appended {
    v1::RecordState state;
    // Of a creation whose record was given: the state's record.
    std::unique_ptr<google::protobuf::Message> record;
  };
  absl::StatusOr<Appended> Append(NewOperation added);

  // What Append would make of the record, without writing.
  absl::StatusOr<v1::RecordState> Preview(const Operation& operation);

  // The values of class DEVICE of a record, as a record message; an empty one if there are none.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> GetLocal(v1::RecordType type,
                                                                      absl::string_view record_id);

  // Writes the values of class DEVICE alone.
  absl::Status PutLocal(absl::string_view record_id, const google::protobuf::Message& local);

  // --- Records -----------------------------------------------------------------------------------

  // NOT_FOUND if the device has no such record.
  absl::StatusOr<v1::RecordState> GetState(absl::string_view record_id);

  // The record as it was at `heads`, i.e. merged from these operations and all that they descend
  // from. ABORTED if the device does not have them.
  absl::StatusOr<v1::RecordState> GetStateAt(absl::string_view record_id,
                                             absl::Span<const std::string> heads);

  // The record with its local values and whether some of it is pending.
  absl::StatusOr<v1::ClientRecord> GetRecord(absl::string_view record_id);

  // Records of `type` (UNSPECIFIED: of all) in the order of their ids, those after `after_id`.
  absl::StatusOr<std::vector<v1::ClientRecord>> ListRecords(v1::RecordType type,
                                                            absl::string_view after_id,
                                                            size_t limit, bool show_voided,
                                                            absl::string_view only_team_id);

  // Each state of `type`, voided ones included, in the order of their ids.
  absl::Status ForEachState(v1::RecordType type,
                            const std::function<void(const v1::RecordState&)>& visit);

  // --- Drafts ------------------------------------------------------------------------------------

  absl::Status PutDraft(const v1::Draft& draft);
  absl::StatusOr<v1::Draft> GetDraft(absl::string_view draft_id);
  // NOT_FOUND if there is none.
  absl::Status DeleteDraft(absl::string_view draft_id);
  // Oldest first.
  absl::StatusOr<std::vector<v1::Draft>> ListDrafts();

  // --- Outbox and quarantine ---------------------------------------------------------------------

  // Operations without a result, ascending, at least one if there is any, then up to `max_bytes`.
  struct Batch {
    std::vector<v1::WireOperation> operations;
    size_t bytes = 0;
    // More without a result follow.
    bool more = false;
  };
  absl::StatusOr<Batch> NextBatch(size_t max_bytes, size_t max_operations);

  // Stores results, what the server says of its sequence numbers and epoch, and its lamport, in one
  // transaction.
  absl::StatusOr<AppliedResults> ApplyResults(const v1::SyncResponse& response);

  // The greatest device_seq in use; 0: none.
  uint64_t last_device_seq() const;

  // Operations that the server rejected and nobody dismissed, oldest first.
  absl::StatusOr<std::vector<v1::QuarantineEntry>> Quarantine();

  // Takes an entry out of the list; the operation stays. NOT_FOUND if it is not in quarantine.
  absl::Status Dismiss(absl::string_view op_id);

  // Own operations of a record, whatever became of them, oldest first.
  absl::StatusOr<std::vector<v1::WireOperation>> OwnOperationsOf(absl::string_view record_id);

  // --- Feed --------------------------------------------------------------------------------------

  const v1::Cursor& cursor() const;

  // Applies the feed of a response and moves the cursor, in one transaction. A reset marks what is
  // re-sent; at the end of the feed what was not is deleted, never own operations. DATA_LOSS if
  // positions run backwards; nothing was written then.
  absl::StatusOr<AppliedFeed> ApplyFeed(const v1::SyncResponse& response);

  // The consolidated session that holds the report, if the device was sent it.
  absl::StatusOr<std::optional<v1::Session>> FindSession(absl::string_view report_id);
  absl::StatusOr<std::vector<v1::OpenQuestion>> Questions();
  // Each digest with the object that it came as, in the order of the objects.
  absl::Status ForEachDigest(
      const std::function<void(absl::string_view object, const v1::SessionDigest&)>& visit);
  // The digest that came as `object`; nullopt: there is no such object, or it is something else.
  absl::StatusOr<std::optional<v1::SessionDigest>> FindDigest(absl::string_view object);
  absl::StatusOr<std::vector<v1::FeedFigure>> Figures();

  // --- Status ------------------------------------------------------------------------------------

  absl::StatusOr<StoreCounts> Counts();
  SyncMarks sync_marks() const;
  absl::Status SetSyncMarks(const SyncMarks& marks);

  // Increases with each change of a register record (teams, issues, ...), so that what is derived
  // from them can be kept until then.
  uint64_t register_version() const;
  // The same for all other records and for what the feed brings besides operations.
  uint64_t reports_version() const;
  // What changed since reports_version() was `version`, in order; a thing that changed twice is
  // there twice. nullopt: that cannot be told, because it is more than kMaxNotedChanges ago or
  // because much was deleted or read anew at once (end of a reset, a failed write); then everything
  // may have changed.
  std::optional<std::vector<ViewChange>> ChangesSince(uint64_t version) const;

 private:
  class Impl;
  explicit DeviceStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_STORE_DEVICE_STORE_H_
