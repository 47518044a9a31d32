#include "sync_server/store/store_writer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "sync_server/limits.h"
#include "sync_server/store/programme_schema.h"

namespace baraza::server {

StoreWriter::StoreWriter(Database& database, Transaction transaction, Counters* committed,
                         std::function<void()> release)
    : StoreReads(database),
      transaction_(std::move(transaction)),
      committed_(committed),
      counters_(*committed),
      release_(std::move(release)) {}

StoreWriter::~StoreWriter() {
  {
    // All of it goes before the next one may have the connection.
    Transaction ended = std::move(transaction_);
    ended.Rollback();
  }
  release_();
}

absl::StatusOr<StoreWriter::Counters> StoreWriter::LoadCounters(Database& database) {
  Counters counters;
  StoreReads reads(database);
  BARAZA_ASSIGN_OR_RETURN(counters.log_position, reads.LogPosition());
  BARAZA_ASSIGN_OR_RETURN(counters.lamport_max, reads.LamportMax());
  {
    // Rows of the feed only ever move up and are never deleted, so the greatest is the last given.
    BARAZA_ASSIGN_OR_RETURN(Statement last, database.Prepare("SELECT MAX(position) FROM feed"));
    BARAZA_RETURN_IF_ERROR(last.StepToOnlyRow());
    counters.feed_position = last.Int64(0);
  }
  {
    BARAZA_ASSIGN_OR_RETURN(Statement any, database.Prepare("SELECT 1 FROM redaction LIMIT 1"));
    BARAZA_ASSIGN_OR_RETURN(counters.any_redactions, any.Step());
  }
  BARAZA_ASSIGN_OR_RETURN(const std::optional<std::string> generation,
                          reads.GetMeta(kMetaFeedGeneration));
  counters.feed_generation = generation.has_value() ? std::stoll(*generation) : 0;
  return counters;
}

absl::StatusOr<DeviceRow> StoreWriter::EnsureDevice(absl::string_view device_id,
                                                    absl::string_view person_id,
                                                    absl::string_view credential_id,
                                                    absl::string_view incarnation) {
  BARAZA_ASSIGN_OR_RETURN(std::optional<DeviceRow> found, FindDevice(device_id));
  if (found.has_value()) return *std::move(found);
  BARAZA_ASSIGN_OR_RETURN(
      Statement insert,
      database().Prepare("INSERT INTO device (device_id, person_id, credential_id, incarnation)"
                         " VALUES (?1, ?2, ?3, ?4)"));
  insert.BindAll(device_id, person_id, credential_id, Blob{incarnation});
  BARAZA_RETURN_IF_ERROR(insert.Run());
  DeviceRow device;
  device.row = database().LastInsertRowId();
  device.device_id = std::string(device_id);
  device.person_id = std::string(person_id);
  device.credential_id = std::string(credential_id);
  device.incarnation = std::string(incarnation);
  return device;
}

absl::Status StoreWriter::PutDevice(const DeviceRow& device) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement update,
      database().Prepare("UPDATE device SET credential_id = ?2, acknowledged_seq = ?3,"
                         " stored_count = ?4, quarantine_bytes = ?5, quarantine_rows = ?6,"
                         " last_seen_ms = ?7, state = ?8 WHERE id = ?1"));
  update.BindAll(device.row, device.credential_id, device.acknowledged_seq, device.stored_count,
                 device.quarantine_bytes, device.quarantine_rows, device.last_seen_ms,
                 Blob{device.state.SerializeAsString()});
  return update.Run();
}

absl::StatusOr<StoreWriter::Appended> StoreWriter::AppendOperation(const Operation& operation,
                                                                   const DeviceRow& device,
                                                                   int64_t received_ms) {
  const v1::Header& header = operation.header;
  std::string bytes;
  bool erased_first = false;
  if (counters_.any_redactions) {
    v1::WireOperation wire = operation.wire;
    BARAZA_ASSIGN_OR_RETURN(erased_first, ApplyRedactions(header, wire));
    if (erased_first) wire.SerializeToString(&bytes);
  }
  if (!erased_first) operation.wire.SerializeToString(&bytes);

  BARAZA_ASSIGN_OR_RETURN(
      Statement insert,
      database().Prepare("INSERT INTO log (op_id, record_id, record_type, device, lamport,"
                         " received_ms, hash, wire) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
                         " ON CONFLICT (op_id) DO NOTHING"));
  insert.BindAll(header.op_id(), header.record_id(), static_cast<int>(header.record_type()),
                 device.row, header.lamport(), received_ms, Blob{operation.hash.AsBytes()},
                 Blob{bytes});
  BARAZA_RETURN_IF_ERROR(insert.Run());
  Appended appended;
  // Not RETURNING, which makes SQLite build a table for the one row.
  if (database().Changes() == 0) {
    BARAZA_ASSIGN_OR_RETURN(Statement find,
                            database().Prepare("SELECT position, hash FROM log WHERE op_id = ?1"));
    find.BindAll(header.op_id());
    BARAZA_RETURN_IF_ERROR(find.StepToOnlyRow());
    appended.known = true;
    appended.position = find.Int64(0);
    BARAZA_ASSIGN_OR_RETURN(appended.hash, Sha256Digest::FromBytes(find.BlobView(1)));
    return appended;
  }
  appended.position = database().LastInsertRowId();
  appended.hash = operation.hash;
  counters_.log_position = appended.position;
  counters_.lamport_max = std::max<uint64_t>(counters_.lamport_max, header.lamport());
  if (header.redactions_size() > 0) BARAZA_RETURN_IF_ERROR(NoteRedactions(header));
  return appended;
}

absl::Status StoreWriter::NoteRedactions(const v1::Header& header) {
  for (const v1::Redaction& redaction : header.redactions()) {
    std::vector<v1::Privacy> classes;
    std::string class_bytes;
    for (const int value : redaction.classes()) {
      classes.push_back(static_cast<v1::Privacy>(value));
      class_bytes.push_back(static_cast<char>(value));
    }
    BARAZA_ASSIGN_OR_RETURN(
        Statement insert,
        database().Prepare("INSERT INTO redaction (op_id, by_op_id, record_id, classes)"
                           " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (op_id, by_op_id)"
                           " DO UPDATE SET classes = redaction.classes || excluded.classes"));
    insert.BindAll(redaction.op_id(), header.op_id(), header.record_id(), Blob{class_bytes});
    BARAZA_RETURN_IF_ERROR(insert.Run());
    BARAZA_RETURN_IF_ERROR(EraseInLog(redaction.op_id(), header.record_id(), classes));
  }
  counters_.any_redactions = true;
  return absl::OkStatus();
}

absl::Status StoreWriter::EraseInLog(absl::string_view op_id, absl::string_view record_id,
                                     absl::Span<const v1::Privacy> classes) {
  BARAZA_ASSIGN_OR_RETURN(const std::optional<LogEntry> entry, FindOperation(op_id));
  if (!entry.has_value() || entry->record_id != record_id) return absl::OkStatus();
  v1::WireOperation wire = entry->wire;
  if (!EraseParts(wire, classes)) return absl::OkStatus();
  BARAZA_ASSIGN_OR_RETURN(Statement update,
                          database().Prepare("UPDATE log SET wire = ?2 WHERE position = ?1"));
  update.BindAll(entry->position, Blob{wire.SerializeAsString()});
  counters_.erased = true;
  return update.Run();
}

absl::StatusOr<bool> StoreWriter::ApplyRedactions(const v1::Header& header,
                                                  v1::WireOperation& wire) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement read,
      database().Prepare("SELECT classes FROM redaction WHERE op_id = ?1 AND record_id = ?2"));
  read.BindAll(header.op_id(), header.record_id());
  bool erased = false;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, read.Step());
    if (!row) return erased;
    std::vector<v1::Privacy> classes;
    for (const char value : read.BlobView(0)) classes.push_back(static_cast<v1::Privacy>(value));
    erased |= EraseParts(wire, classes);
  }
}

absl::Status StoreWriter::PutAccepted(const DeviceRow& device, uint64_t device_seq,
                                      int64_t position) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement insert,
      database().Prepare(
          "INSERT INTO accepted (device, device_seq, position) VALUES (?1, ?2, ?3)"));
  insert.BindAll(device.row, device_seq, position);
  return insert.Run();
}

absl::Status StoreWriter::PutRejected(DeviceRow& device, const QuarantineRow& row) {
  BARAZA_RETURN_IF_ERROR(DropRejected(device, row.device_seq));
  const int64_t room = kMaxQuarantineBytesPerDevice - device.quarantine_bytes;
  absl::string_view kept = absl::string_view(row.bytes).substr(0, kMaxQuarantineBytesPerOperation);
  if (static_cast<int64_t>(kept.size()) > room) kept = "";
  BARAZA_ASSIGN_OR_RETURN(
      Statement insert,
      database().Prepare("INSERT INTO quarantine (device, device_seq, hash, op_id, reason, field,"
                         " message, received_ms, size_bytes, bytes)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"));
  insert.BindAll(device.row, row.device_seq, Blob{row.hash.AsBytes()}, row.op_id,
                 static_cast<int>(row.reason), row.field, row.message, row.received_ms,
                 row.size_bytes, Blob{kept});
  BARAZA_RETURN_IF_ERROR(insert.Run());
  device.quarantine_bytes += static_cast<int64_t>(kept.size());
  ++device.quarantine_rows;
  return absl::OkStatus();
}

absl::Status StoreWriter::DropRejected(DeviceRow& device, uint64_t device_seq) {
  if (device.quarantine_rows == 0) return absl::OkStatus();
  BARAZA_ASSIGN_OR_RETURN(
      Statement drop,
      database().Prepare("DELETE FROM quarantine WHERE device = ?1 AND device_seq = ?2"
                         " RETURNING length(bytes)"));
  drop.BindAll(device.row, device_seq);
  BARAZA_ASSIGN_OR_RETURN(const bool dropped, drop.Step());
  if (dropped) {
    device.quarantine_bytes -= drop.Int64(0);
    --device.quarantine_rows;
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> StoreWriter::LamportMax() { return counters_.lamport_max; }

absl::StatusOr<std::optional<StoreWriter::DeskRequest>> StoreWriter::FindDeskRequest(
    absl::string_view person_id, absl::string_view request_id) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement find,
      database().Prepare("SELECT op_id, record_id, position, fingerprint FROM desk_request"
                         " WHERE person_id = ?1 AND request_id = ?2"));
  find.BindAll(person_id, request_id);
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return std::nullopt;
  DeskRequest request;
  request.op_id = find.Text(0);
  request.record_id = find.Text(1);
  request.position = find.Int64(2);
  BARAZA_ASSIGN_OR_RETURN(request.fingerprint, Sha256Digest::FromBytes(find.BlobView(3)));
  return request;
}

absl::Status StoreWriter::PutDeskRequest(absl::string_view person_id, absl::string_view request_id,
                                         const DeskRequest& request) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement insert,
      database().Prepare("INSERT INTO desk_request (person_id, request_id, op_id, record_id,"
                         " position, fingerprint) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  insert.BindAll(person_id, request_id, request.op_id, request.record_id, request.position,
                 Blob{request.fingerprint.AsBytes()});
  return insert.Run();
}

absl::Status StoreWriter::PutRecordState(const v1::RecordState& state) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement put,
      database().Prepare("INSERT INTO record_state (record_id, type, state) VALUES (?1, ?2, ?3)"
                         " ON CONFLICT (record_id) DO UPDATE SET type = ?2, state = ?3"));
  put.BindAll(state.record_id(), static_cast<int>(state.type()), Blob{state.SerializeAsString()});
  return put.Run();
}

absl::Status StoreWriter::PutSession(const v1::Session& session) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement put, database().Prepare("INSERT INTO session (session_id, session) VALUES (?1, ?2)"
                                        " ON CONFLICT (session_id) DO UPDATE SET session = ?2"));
  put.BindAll(session.session_id(), Blob{session.SerializeAsString()});
  return put.Run();
}

absl::Status StoreWriter::DeleteSession(absl::string_view session_id) {
  BARAZA_ASSIGN_OR_RETURN(Statement drop,
                          database().Prepare("DELETE FROM session WHERE session_id = ?1"));
  drop.BindAll(session_id);
  return drop.Run();
}

absl::Status StoreWriter::PutFeed(absl::string_view audience, absl::string_view object, int32_t day,
                                  absl::string_view payload) {
  bool same = false;
  int64_t generation = 0;
  {
    BARAZA_ASSIGN_OR_RETURN(Statement find,
                            database().Prepare("SELECT action, day, payload, generation FROM feed"
                                               " WHERE audience = ?1 AND object = ?2"));
    find.BindAll(audience, object);
    BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
    if (row) {
      const int64_t stored_day = find.IsNull(1) ? kNoDay : find.Int64(1);
      same = find.Int64(0) == v1::FeedItem::ACTION_UPSERT && stored_day == day &&
             find.BlobView(2) == payload;
      generation = find.Int64(3);
    }
  }
  if (!same) {
    return MoveFeedRow(audience, object, v1::FeedItem::ACTION_UPSERT,
                       day == kNoDay ? std::nullopt : std::optional<int32_t>(day), payload);
  }
  if (generation == counters_.feed_generation) return absl::OkStatus();
  BARAZA_ASSIGN_OR_RETURN(
      Statement touch,
      database().Prepare("UPDATE feed SET generation = ?3 WHERE audience = ?1 AND object = ?2"));
  touch.BindAll(audience, object, counters_.feed_generation);
  return touch.Run();
}

absl::Status StoreWriter::RemoveFeed(absl::string_view audience, absl::string_view object) {
  {
    BARAZA_ASSIGN_OR_RETURN(
        Statement find, database().Prepare("SELECT 1 FROM feed WHERE audience = ?1 AND object = ?2"
                                           " AND action = ?3"));
    find.BindAll(audience, object, static_cast<int>(v1::FeedItem::ACTION_UPSERT));
    BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
    if (!row) return absl::OkStatus();
  }
  return MoveFeedRow(audience, object, v1::FeedItem::ACTION_REMOVE, std::nullopt, "");
}

absl::Status StoreWriter::MoveFeedRow(absl::string_view audience, absl::string_view object,
                                      v1::FeedItem::Action action,
                                      const std::optional<int32_t>& day,
                                      absl::string_view payload) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement put,
      database().Prepare("INSERT INTO feed (position, audience, object, day, action, generation,"
                         " payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                         " ON CONFLICT (audience, object) DO UPDATE SET position = ?1, day = ?4,"
                         " action = ?5, generation = ?6, payload = ?7"));
  put.BindAll(counters_.feed_position + 1, audience, object, day, static_cast<int>(action),
              counters_.feed_generation, Blob{payload});
  BARAZA_RETURN_IF_ERROR(put.Run());
  ++counters_.feed_position;
  return absl::OkStatus();
}

absl::Status StoreWriter::SetWatermark(int64_t position) {
  return PutMeta(kMetaWatermark, absl::StrCat(position));
}

absl::Status StoreWriter::ClearProjection() {
  for (const char* sql : {"DELETE FROM record_state", "DELETE FROM session"}) {
    BARAZA_ASSIGN_OR_RETURN(Statement clear, database().Prepare(sql));
    BARAZA_RETURN_IF_ERROR(clear.Run());
  }
  ++counters_.feed_generation;
  BARAZA_RETURN_IF_ERROR(PutMeta(kMetaFeedGeneration, absl::StrCat(counters_.feed_generation)));
  return SetWatermark(0);
}

absl::Status StoreWriter::SweepFeed() {
  std::vector<std::pair<std::string, std::string>> left;
  {
    BARAZA_ASSIGN_OR_RETURN(
        Statement read, database().Prepare("SELECT audience, object FROM feed WHERE generation < ?1"
                                           " AND action = ?2 ORDER BY audience, object"));
    read.BindAll(counters_.feed_generation, static_cast<int>(v1::FeedItem::ACTION_UPSERT));
    while (true) {
      BARAZA_ASSIGN_OR_RETURN(const bool row, read.Step());
      if (!row) break;
      left.emplace_back(read.Text(0), read.Text(1));
    }
  }
  for (const auto& [audience, object] : left) {
    BARAZA_RETURN_IF_ERROR(RemoveFeed(audience, object));
  }
  return absl::OkStatus();
}

absl::Status StoreWriter::PutMeta(absl::string_view key, absl::string_view value) {
  BARAZA_ASSIGN_OR_RETURN(Statement put,
                          database().Prepare("INSERT INTO meta (key, value) VALUES (?1, ?2)"
                                             " ON CONFLICT (key) DO UPDATE SET value = ?2"));
  put.BindAll(key, Blob{value});
  return put.Run();
}

absl::Status StoreWriter::DeleteMeta(absl::string_view key) {
  BARAZA_ASSIGN_OR_RETURN(Statement drop, database().Prepare("DELETE FROM meta WHERE key = ?1"));
  drop.BindAll(key);
  return drop.Run();
}

absl::Status StoreWriter::RunProtected(const std::function<absl::Status(StoreWriter&)>& work) {
  // All three are prepared first: when the memory has run out there is none to prepare them with.
  BARAZA_ASSIGN_OR_RETURN(Statement begin, database().Prepare("SAVEPOINT work"));
  BARAZA_ASSIGN_OR_RETURN(Statement undo, database().Prepare("ROLLBACK TO work"));
  BARAZA_ASSIGN_OR_RETURN(Statement end, database().Prepare("RELEASE work"));
  const Counters before = counters_;
  BARAZA_RETURN_IF_ERROR(begin.Run());
  const absl::Status status = work(*this);
  if (!status.ok()) counters_ = before;
  if (!alive()) return status;
  absl::Status ended = status.ok() ? absl::OkStatus() : undo.Run();
  if (ended.ok()) ended = end.Run();
  if (ended.ok()) return status;
  // What the work wrote may stand there still, whole or in part: nothing of it must be committed.
  transaction_.Rollback();
  return ended;
}

bool StoreWriter::alive() const { return in_transaction(); }

absl::Status StoreWriter::Commit() {
  if (counters_.lamport_max != committed_->lamport_max) {
    BARAZA_RETURN_IF_ERROR(PutMeta(kMetaLamportMax, absl::StrCat(counters_.lamport_max)));
  }
  if (const absl::Status status = transaction_.Commit(); !status.ok()) {
    committed_->doubtful = true;
    return status;
  }
  *committed_ = counters_;
  return absl::OkStatus();
}

}  // namespace baraza::server
