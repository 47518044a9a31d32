#ifndef BARAZA_CLIENT_LIB_STORE_OPERATION_TABLE_H_
#define BARAZA_CLIENT_LIB_STORE_OPERATION_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/client.pb.h"
#include "baraza/v1/operation.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/model/operation.h"
#include "core/sqlite/database.h"

namespace baraza::client {

// The operations: own ones (captured on this device, never deleted) and those of the own team that
// came with the feed. Lives in the database's thread; every write is within its caller's
// transaction.
class OperationTable {
 public:
  explicit OperationTable(Database& database) : database_(database) {}

  // What became of an own operation. kHeld: rejected only because the device is suspended; it stays
  // in effect here and goes again once that is lifted.
  enum class Fate : int64_t { kNone = 0, kAccepted = 1, kRejected = 2, kHeld = 3 };
  static Fate FateOf(const v1::OperationResult& result);

  struct OwnRow {
    v1::WireOperation wire;
    std::string op_id;
    std::string record_id;
    bool answered = false;
    Fate fate = Fate::kNone;
    bool dismissed = false;
    v1::OperationResult result;
  };

  // --- Own ---------------------------------------------------------------------------------------

  absl::Status InsertOwn(const Operation& operation);
  absl::StatusOr<std::optional<OwnRow>> FindOwn(absl::string_view op_id);
  absl::StatusOr<std::optional<OwnRow>> FindOwnBySeq(uint64_t device_seq);
  // Ascending device_seq, whatever became of them.
  absl::StatusOr<std::vector<OwnRow>> OwnOfRecord(absl::string_view record_id);
  // One that is held is dismissed no more: it goes again by itself.
  absl::Status SetResult(const v1::OperationResult& result);
  absl::Status SetFate(absl::string_view op_id, Fate fate);
  absl::Status SetDismissed(absl::string_view op_id);
  absl::Status ReplaceOwnParts(absl::string_view op_id, const v1::WireOperation& wire);

  // Forgets the answers for `from` .. `to`; returns how many there were.
  absl::StatusOr<uint32_t> ForgetAnswers(uint64_t from, uint64_t to);
  // Forgets the answers that the device is suspended; returns how many there were.
  absl::StatusOr<uint32_t> ForgetHeld();
  // Moves every own operation to those that came with the feed, for a device that changes hands.
  absl::Status GiveUpOwn(int64_t generation);

  // Those without an answer, ascending, at least one if there is any, then up to `max_bytes`.
  struct Batch {
    std::vector<v1::WireOperation> operations;
    size_t bytes = 0;
    bool more = false;
  };
  absl::StatusOr<Batch> NextBatch(size_t max_bytes, size_t max_operations);

  // Rejected ones that nobody dismissed, and held ones.
  absl::StatusOr<std::vector<OwnRow>> ListQuarantined();

  absl::StatusOr<uint64_t> LastSeq();
  // 0: none.
  absl::StatusOr<uint64_t> LastAnsweredSeq();
  absl::StatusOr<uint64_t> MaxLamport();
  absl::StatusOr<uint32_t> CountUnanswered();
  absl::StatusOr<uint32_t> CountQuarantined();
  // 0: none.
  absl::StatusOr<int64_t> OldestUnansweredMs();
  absl::StatusOr<bool> IsPending(absl::string_view record_id);

  // --- From the feed -----------------------------------------------------------------------------

  absl::Status UpsertFeed(const Operation& operation, int64_t generation);
  absl::StatusOr<std::optional<v1::WireOperation>> FindFeed(absl::string_view op_id);
  absl::Status ReplaceFeedParts(absl::string_view op_id, const v1::WireOperation& wire);
  // Adds the record of what it deletes to `records`.
  absl::Status DeleteFeed(absl::string_view op_id, absl::btree_set<std::string>& records);
  absl::Status DeleteFeedBefore(int64_t generation, absl::btree_set<std::string>& records);

  // --- Both --------------------------------------------------------------------------------------

  // What a record is merged from: all its operations but the rejected ones; `pending` has the ids
  // of those without an answer.
  struct Effective {
    std::vector<Operation> operations;
    absl::btree_set<std::string> pending;
  };
  // DATA_LOSS if a stored one does not parse.
  absl::StatusOr<Effective> EffectiveOfRecord(absl::string_view record_id);

 private:
  // The last of the unbroken run of answered ones from the first on; one below the first: it has no
  // answer.
  absl::StatusOr<int64_t> AnsweredThrough();

  Database& database_;
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_STORE_OPERATION_TABLE_H_
