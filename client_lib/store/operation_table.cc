#include "client_lib/store/operation_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace baraza::client {
namespace {

std::string PartsOf(const v1::WireOperation& wire) {
  v1::WireOperation parts;
  *parts.mutable_parts() = wire.parts();
  return parts.SerializeAsString();
}

absl::StatusOr<v1::WireOperation> WireOf(uint64_t device_seq, absl::string_view header,
                                         absl::string_view parts) {
  v1::WireOperation wire;
  if (!wire.ParseFromArray(parts.data(), static_cast<int>(parts.size()))) {
    return absl::DataLossError("the parts of a stored operation do not parse");
  }
  wire.set_device_seq(device_seq);
  wire.set_header(header.data(), header.size());
  return wire;
}

absl::StatusOr<Operation> ParseStored(v1::WireOperation wire) {
  absl::StatusOr<Operation> operation = ParseOperation(std::move(wire));
  if (!operation.ok()) {
    return absl::DataLossError(
        absl::StrCat("a stored operation does not parse: ", operation.status().message()));
  }
  return operation;
}

// The own operations of record ?1: its creation is found by its id, the others by the index that
// leaves creations out.
constexpr char kOfRecord[] =
    "device_seq IN (SELECT device_seq FROM operations WHERE op_id = ?1 UNION ALL "
    "SELECT device_seq FROM operations WHERE record_id = ?1 AND record_id != op_id)";

constexpr char kOwnColumns[] =
    "device_seq, op_id, record_id, answered, fate, dismissed, result, header, parts";

absl::StatusOr<OperationTable::OwnRow> ReadOwn(const Statement& row) {
  OperationTable::OwnRow own;
  own.op_id = row.Text(1);
  own.record_id = row.Text(2);
  own.answered = row.Int64(3) != 0;
  own.fate = static_cast<OperationTable::Fate>(row.Int64(4));
  own.dismissed = row.Int64(5) != 0;
  if (!own.result.ParseFromString(row.BlobString(6))) {
    return absl::DataLossError(absl::StrCat(own.op_id, ": the stored result does not parse"));
  }
  BARAZA_ASSIGN_OR_RETURN(
      own.wire, WireOf(static_cast<uint64_t>(row.Int64(0)), row.BlobView(7), row.BlobView(8)));
  return own;
}

absl::StatusOr<std::vector<OperationTable::OwnRow>> ReadAllOwn(Statement& rows) {
  std::vector<OperationTable::OwnRow> all;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return all;
    BARAZA_ASSIGN_OR_RETURN(OperationTable::OwnRow own, ReadOwn(rows));
    all.push_back(std::move(own));
  }
}

absl::StatusOr<std::optional<OperationTable::OwnRow>> ReadAtMostOne(Statement& rows) {
  BARAZA_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return std::optional<OperationTable::OwnRow>();
  BARAZA_ASSIGN_OR_RETURN(OperationTable::OwnRow own, ReadOwn(rows));
  return std::optional<OperationTable::OwnRow>(std::move(own));
}

absl::StatusOr<int64_t> SingleInt(Database& database, absl::string_view sql) {
  BARAZA_ASSIGN_OR_RETURN(Statement query, database.Prepare(sql));
  BARAZA_ASSIGN_OR_RETURN(const bool row, query.Step());
  return row ? query.Int64(0) : 0;
}

}  // namespace

OperationTable::Fate OperationTable::FateOf(const v1::OperationResult& result) {
  switch (result.outcome()) {
    case v1::OPERATION_OUTCOME_ACCEPTED:
      return Fate::kAccepted;
    case v1::OPERATION_OUTCOME_REJECTED:
      return result.reason() == v1::REJECTION_REASON_SUSPENDED ? Fate::kHeld : Fate::kRejected;
    default:
      return Fate::kNone;
  }
}

absl::Status OperationTable::InsertOwn(const Operation& operation) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement insert,
      database_.Prepare("INSERT INTO operations (device_seq, op_id, record_id, lamport, "
                        "device_time_ms, header, parts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  const std::string parts = PartsOf(operation.wire);
  return insert
      .BindAll(operation.wire.device_seq(), operation.header.op_id(), operation.header.record_id(),
               operation.header.lamport(), operation.header.device_time_ms(),
               Blob{operation.wire.header()}, Blob{parts})
      .Run();
}

absl::StatusOr<std::optional<OperationTable::OwnRow>> OperationTable::FindOwn(
    absl::string_view op_id) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement find,
      database_.Prepare(absl::StrCat("SELECT ", kOwnColumns, " FROM operations WHERE op_id = ?1")));
  find.Bind(1, op_id);
  return ReadAtMostOne(find);
}

absl::StatusOr<std::optional<OperationTable::OwnRow>> OperationTable::FindOwnBySeq(
    uint64_t device_seq) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement find, database_.Prepare(absl::StrCat("SELECT ", kOwnColumns,
                                                     " FROM operations WHERE device_seq = ?1")));
  find.Bind(1, device_seq);
  return ReadAtMostOne(find);
}

absl::StatusOr<std::vector<OperationTable::OwnRow>> OperationTable::OwnOfRecord(
    absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(Statement find, database_.Prepare(absl::StrCat(
                                              "SELECT ", kOwnColumns, " FROM operations WHERE ",
                                              kOfRecord, " ORDER BY device_seq")));
  find.Bind(1, record_id);
  return ReadAllOwn(find);
}

absl::Status OperationTable::SetResult(const v1::OperationResult& result) {
  BARAZA_ASSIGN_OR_RETURN(Statement update,
                          database_.Prepare("UPDATE operations SET answered = 1, fate = ?2, "
                                            "result = ?3, dismissed = dismissed AND ?2 != 3 "
                                            "WHERE device_seq = ?1"));
  const std::string bytes = result.SerializeAsString();
  return update.BindAll(result.device_seq(), static_cast<int64_t>(FateOf(result)), Blob{bytes})
      .Run();
}

absl::Status OperationTable::SetFate(absl::string_view op_id, Fate fate) {
  BARAZA_ASSIGN_OR_RETURN(Statement update,
                          database_.Prepare("UPDATE operations SET fate = ?2 WHERE op_id = ?1"));
  return update.BindAll(op_id, static_cast<int64_t>(fate)).Run();
}

absl::Status OperationTable::SetDismissed(absl::string_view op_id) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement update,
      database_.Prepare("UPDATE operations SET dismissed = 1 WHERE op_id = ?1 AND fate = 2 AND "
                        "dismissed = 0"));
  update.Bind(1, op_id);
  BARAZA_RETURN_IF_ERROR(update.Run());
  if (database_.Changes() == 0) {
    return RecordError(absl::StatusCode::kNotFound, op_id, "", "an operation in quarantine",
                       "none");
  }
  return absl::OkStatus();
}

absl::Status OperationTable::ReplaceOwnParts(absl::string_view op_id,
                                             const v1::WireOperation& wire) {
  BARAZA_ASSIGN_OR_RETURN(Statement update,
                          database_.Prepare("UPDATE operations SET parts = ?2 WHERE op_id = ?1"));
  const std::string parts = PartsOf(wire);
  return update.BindAll(op_id, Blob{parts}).Run();
}

absl::StatusOr<uint32_t> OperationTable::ForgetAnswers(uint64_t from, uint64_t to) {
  if (from > to) return 0u;
  BARAZA_ASSIGN_OR_RETURN(
      Statement update,
      database_.Prepare("UPDATE operations SET answered = 0 WHERE device_seq >= ?1 AND "
                        "device_seq <= ?2 AND answered = 1"));
  update.BindAll(from, to);
  BARAZA_RETURN_IF_ERROR(update.Run());
  return static_cast<uint32_t>(database_.Changes());
}

absl::StatusOr<uint32_t> OperationTable::ForgetHeld() {
  BARAZA_ASSIGN_OR_RETURN(
      Statement update,
      database_.Prepare(
          "UPDATE operations SET answered = 0 WHERE fate >= 2 AND dismissed = 0 AND fate = 3 AND "
          "answered = 1"));
  BARAZA_RETURN_IF_ERROR(update.Run());
  return static_cast<uint32_t>(database_.Changes());
}

absl::Status OperationTable::GiveUpOwn(int64_t generation) {
  {
    BARAZA_ASSIGN_OR_RETURN(
        Statement move,
        database_.Prepare("INSERT INTO feed_operations (op_id, record_id, generation, lamport, "
                          "header, parts) SELECT op_id, record_id, ?1, lamport, header, parts "
                          "FROM operations WHERE fate = 1 ON CONFLICT (op_id) DO NOTHING"));
    move.Bind(1, generation);
    BARAZA_RETURN_IF_ERROR(move.Run());
  }
  BARAZA_ASSIGN_OR_RETURN(Statement clear, database_.Prepare("DELETE FROM operations"));
  return clear.Run();
}

absl::StatusOr<int64_t> OperationTable::AnsweredThrough() {
  BARAZA_ASSIGN_OR_RETURN(const int64_t first,
                          SingleInt(database_, "SELECT MIN(device_seq) FROM operations"));
  BARAZA_ASSIGN_OR_RETURN(
      const int64_t answered,
      SingleInt(database_, "SELECT COUNT(*) FROM operations WHERE answered = 1"));
  if (answered == 0) return first - 1;
  BARAZA_ASSIGN_OR_RETURN(const uint64_t last, LastAnsweredSeq());
  if (first + answered - 1 == static_cast<int64_t>(last)) return static_cast<int64_t>(last);
  // One of them was passed over, or is to be sent again.
  BARAZA_ASSIGN_OR_RETURN(
      const int64_t missing,
      SingleInt(
          database_,
          "SELECT device_seq FROM operations WHERE answered = 0 ORDER BY device_seq LIMIT 1"));
  return missing - 1;
}

absl::StatusOr<OperationTable::Batch> OperationTable::NextBatch(size_t max_bytes,
                                                                size_t max_operations) {
  BARAZA_ASSIGN_OR_RETURN(const int64_t through, AnsweredThrough());
  BARAZA_ASSIGN_OR_RETURN(
      Statement list,
      database_.Prepare("SELECT device_seq, header, parts FROM operations "
                        "WHERE device_seq > ?1 AND answered = 0 ORDER BY device_seq"));
  list.Bind(1, through);
  Batch batch;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, list.Step());
    if (!row) return batch;
    const size_t bytes = list.BlobView(1).size() + list.BlobView(2).size();
    if (!batch.operations.empty() &&
        (batch.bytes + bytes > max_bytes || batch.operations.size() >= max_operations)) {
      batch.more = true;
      return batch;
    }
    BARAZA_ASSIGN_OR_RETURN(v1::WireOperation wire, WireOf(static_cast<uint64_t>(list.Int64(0)),
                                                           list.BlobView(1), list.BlobView(2)));
    batch.operations.push_back(std::move(wire));
    batch.bytes += bytes;
  }
}

absl::StatusOr<std::vector<OperationTable::OwnRow>> OperationTable::ListQuarantined() {
  BARAZA_ASSIGN_OR_RETURN(Statement list, database_.Prepare(absl::StrCat(
                                              "SELECT ", kOwnColumns,
                                              " FROM operations WHERE fate >= 2 AND dismissed = 0 "
                                              "ORDER BY device_seq")));
  return ReadAllOwn(list);
}

absl::StatusOr<uint64_t> OperationTable::LastSeq() {
  BARAZA_ASSIGN_OR_RETURN(const int64_t seq,
                          SingleInt(database_, "SELECT MAX(device_seq) FROM operations"));
  return static_cast<uint64_t>(seq);
}

absl::StatusOr<uint64_t> OperationTable::LastAnsweredSeq() {
  BARAZA_ASSIGN_OR_RETURN(const int64_t seq,
                          SingleInt(database_,
                                    "SELECT device_seq FROM operations WHERE answered = 1 "
                                    "ORDER BY device_seq DESC LIMIT 1"));
  return static_cast<uint64_t>(seq);
}

absl::StatusOr<uint64_t> OperationTable::MaxLamport() {
  BARAZA_ASSIGN_OR_RETURN(const int64_t own,
                          SingleInt(database_, "SELECT MAX(lamport) FROM operations"));
  BARAZA_ASSIGN_OR_RETURN(const int64_t feed,
                          SingleInt(database_, "SELECT MAX(lamport) FROM feed_operations"));
  return static_cast<uint64_t>(std::max(own, feed));
}

absl::StatusOr<uint32_t> OperationTable::CountUnanswered() {
  // There are no gaps in their numbers, so the answered ones are all that has to be counted.
  BARAZA_ASSIGN_OR_RETURN(const int64_t first,
                          SingleInt(database_, "SELECT MIN(device_seq) FROM operations"));
  BARAZA_ASSIGN_OR_RETURN(const uint64_t last, LastSeq());
  BARAZA_ASSIGN_OR_RETURN(
      const int64_t answered,
      SingleInt(database_, "SELECT COUNT(*) FROM operations WHERE answered = 1"));
  return last == 0 ? 0 : static_cast<uint32_t>(static_cast<int64_t>(last) - first + 1 - answered);
}

absl::StatusOr<uint32_t> OperationTable::CountQuarantined() {
  BARAZA_ASSIGN_OR_RETURN(
      const int64_t count,
      SingleInt(database_, "SELECT COUNT(*) FROM operations WHERE fate >= 2 AND dismissed = 0"));
  return static_cast<uint32_t>(count);
}

absl::StatusOr<int64_t> OperationTable::OldestUnansweredMs() {
  BARAZA_ASSIGN_OR_RETURN(const int64_t through, AnsweredThrough());
  BARAZA_ASSIGN_OR_RETURN(
      Statement oldest,
      database_.Prepare("SELECT device_time_ms FROM operations WHERE device_seq > ?1 AND "
                        "answered = 0 ORDER BY device_seq LIMIT 1"));
  oldest.Bind(1, through);
  BARAZA_ASSIGN_OR_RETURN(const bool row, oldest.Step());
  return row ? oldest.Int64(0) : 0;
}

absl::StatusOr<bool> OperationTable::IsPending(absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement find, database_.Prepare(absl::StrCat("SELECT 1 FROM operations WHERE ", kOfRecord,
                                                     " AND answered = 0 LIMIT 1")));
  find.Bind(1, record_id);
  return find.Step();
}

absl::Status OperationTable::UpsertFeed(const Operation& operation, int64_t generation) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement upsert,
      database_.Prepare("INSERT INTO feed_operations (op_id, record_id, generation, lamport, "
                        "header, parts) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (op_id) "
                        "DO UPDATE SET generation = ?3, header = ?5, parts = ?6"));
  const std::string parts = PartsOf(operation.wire);
  return upsert
      .BindAll(operation.header.op_id(), operation.header.record_id(), generation,
               operation.header.lamport(), Blob{operation.wire.header()}, Blob{parts})
      .Run();
}

absl::StatusOr<std::optional<v1::WireOperation>> OperationTable::FindFeed(absl::string_view op_id) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement find,
      database_.Prepare("SELECT header, parts FROM feed_operations WHERE op_id = ?1"));
  find.Bind(1, op_id);
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return std::optional<v1::WireOperation>();
  BARAZA_ASSIGN_OR_RETURN(v1::WireOperation wire, WireOf(0, find.BlobView(0), find.BlobView(1)));
  return std::optional<v1::WireOperation>(std::move(wire));
}

absl::Status OperationTable::ReplaceFeedParts(absl::string_view op_id,
                                              const v1::WireOperation& wire) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement update,
      database_.Prepare("UPDATE feed_operations SET parts = ?2 WHERE op_id = ?1"));
  const std::string parts = PartsOf(wire);
  return update.BindAll(op_id, Blob{parts}).Run();
}

absl::Status OperationTable::DeleteFeed(absl::string_view op_id,
                                        absl::btree_set<std::string>& records) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement remove,
      database_.Prepare("DELETE FROM feed_operations WHERE op_id = ?1 RETURNING record_id"));
  remove.Bind(1, op_id);
  BARAZA_ASSIGN_OR_RETURN(const bool row, remove.Step());
  if (row) records.insert(remove.Text(0));
  return absl::OkStatus();
}

absl::Status OperationTable::DeleteFeedBefore(int64_t generation,
                                              absl::btree_set<std::string>& records) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement remove,
      database_.Prepare("DELETE FROM feed_operations WHERE generation < ?1 RETURNING record_id"));
  remove.Bind(1, generation);
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, remove.Step());
    if (!row) return absl::OkStatus();
    records.insert(remove.Text(0));
  }
}

absl::StatusOr<OperationTable::Effective> OperationTable::EffectiveOfRecord(
    absl::string_view record_id) {
  Effective effective;
  {
    BARAZA_ASSIGN_OR_RETURN(
        Statement own,
        database_.Prepare(absl::StrCat("SELECT device_seq, header, parts, answered FROM operations "
                                       "WHERE ",
                                       kOfRecord, " AND fate != 2 ORDER BY device_seq")));
    own.Bind(1, record_id);
    while (true) {
      BARAZA_ASSIGN_OR_RETURN(const bool row, own.Step());
      if (!row) break;
      BARAZA_ASSIGN_OR_RETURN(v1::WireOperation wire, WireOf(static_cast<uint64_t>(own.Int64(0)),
                                                             own.BlobView(1), own.BlobView(2)));
      BARAZA_ASSIGN_OR_RETURN(Operation operation, ParseStored(std::move(wire)));
      if (own.Int64(3) == 0) effective.pending.insert(operation.header.op_id());
      effective.operations.push_back(std::move(operation));
    }
  }
  BARAZA_ASSIGN_OR_RETURN(Statement feed,
                          database_.Prepare("SELECT header, parts FROM feed_operations "
                                            "WHERE record_id = ?1 ORDER BY op_id"));
  feed.Bind(1, record_id);
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, feed.Step());
    if (!row) return effective;
    BARAZA_ASSIGN_OR_RETURN(v1::WireOperation wire, WireOf(0, feed.BlobView(0), feed.BlobView(1)));
    BARAZA_ASSIGN_OR_RETURN(Operation operation, ParseStored(std::move(wire)));
    effective.operations.push_back(std::move(operation));
  }
}

}  // namespace baraza::client
