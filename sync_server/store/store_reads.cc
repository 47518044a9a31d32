#include "sync_server/store/store_reads.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "sync_server/store/programme_schema.h"

namespace baraza::server {
namespace {

// What a feed row costs in a response beside its object and payload: tags, lengths, position.
constexpr size_t kFeedRowOverhead = 16;

constexpr char kLogColumns[] =
    "SELECT log.position, log.op_id, log.record_id, log.record_type, device.device_id,"
    " log.lamport, log.received_ms, log.hash, log.wire"
    " FROM log JOIN device ON device.id = log.device";

absl::Status Damaged(absl::string_view what, absl::string_view key) {
  return absl::DataLossError(
      absl::StrCat("programme store: ", what, " ", key, ": the stored bytes do not parse"));
}

absl::StatusOr<LogEntry> LogEntryOf(const Statement& row) {
  LogEntry entry;
  entry.position = row.Int64(0);
  entry.op_id = row.Text(1);
  entry.record_id = row.Text(2);
  entry.record_type = static_cast<v1::RecordType>(row.Int64(3));
  entry.device_id = row.Text(4);
  entry.lamport = static_cast<uint64_t>(row.Int64(5));
  entry.received_ms = row.Int64(6);
  BARAZA_ASSIGN_OR_RETURN(entry.hash, Sha256Digest::FromBytes(row.BlobView(7)));
  const absl::string_view wire = row.BlobView(8);
  if (!entry.wire.ParseFromArray(wire.data(), static_cast<int>(wire.size()))) {
    return Damaged("operation", entry.op_id);
  }
  return entry;
}

constexpr char kDeviceColumns[] =
    "SELECT id, device_id, person_id, credential_id, incarnation, acknowledged_seq, stored_count,"
    " quarantine_bytes, quarantine_rows, last_seen_ms, state FROM device";

absl::StatusOr<DeviceRow> DeviceRowOf(const Statement& row) {
  DeviceRow device;
  device.row = row.Int64(0);
  device.device_id = row.Text(1);
  device.person_id = row.Text(2);
  device.credential_id = row.Text(3);
  device.incarnation = row.BlobString(4);
  device.acknowledged_seq = static_cast<uint64_t>(row.Int64(5));
  device.stored_count = static_cast<uint64_t>(row.Int64(6));
  device.quarantine_bytes = row.Int64(7);
  device.quarantine_rows = row.Int64(8);
  device.last_seen_ms = row.Int64(9);
  const absl::string_view state = row.BlobView(10);
  if (!device.state.ParseFromArray(state.data(), static_cast<int>(state.size()))) {
    return Damaged("device", device.device_id);
  }
  return device;
}

absl::StatusOr<v1::RecordState> RecordStateOf(const Statement& row, int column) {
  v1::RecordState state;
  const absl::string_view bytes = row.BlobView(column);
  if (!state.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Damaged("record state", "");
  }
  return state;
}

absl::StatusOr<v1::Session> SessionOf(const Statement& row, int column) {
  v1::Session session;
  const absl::string_view bytes = row.BlobView(column);
  if (!session.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Damaged("session", "");
  }
  return session;
}

absl::StatusOr<QuarantineRow> QuarantineRowOf(const Statement& row) {
  QuarantineRow entry;
  entry.device_id = row.Text(0);
  entry.device_seq = static_cast<uint64_t>(row.Int64(1));
  BARAZA_ASSIGN_OR_RETURN(entry.hash, Sha256Digest::FromBytes(row.BlobView(2)));
  entry.op_id = row.Text(3);
  entry.reason = static_cast<v1::RejectionReason>(row.Int64(4));
  entry.field = row.Text(5);
  entry.message = row.Text(6);
  entry.received_ms = row.Int64(7);
  entry.size_bytes = static_cast<uint64_t>(row.Int64(8));
  entry.bytes = row.BlobString(9);
  return entry;
}

// One audience's rows after a position, one at a time.
struct FeedCursor {
  Statement statement;
  bool has_row = false;
  std::optional<std::pair<int32_t, std::string>> first_dated;  // Of the newest that are allowed.

  int64_t position() const { return statement.Int64(0); }
};

absl::StatusOr<uint64_t> MetaNumber(StoreReads& reads, absl::string_view key) {
  BARAZA_ASSIGN_OR_RETURN(const std::optional<std::string> text, reads.GetMeta(key));
  uint64_t value = 0;
  if (text.has_value() && !absl::SimpleAtoi(*text, &value)) return Damaged("meta", key);
  return value;
}

}  // namespace

absl::StatusOr<int64_t> StoreReads::LogPosition() {
  BARAZA_ASSIGN_OR_RETURN(Statement last, database_.Prepare("SELECT MAX(position) FROM log"));
  BARAZA_RETURN_IF_ERROR(last.StepToOnlyRow());
  return last.Int64(0);
}

absl::StatusOr<std::vector<LogEntry>> StoreReads::ReadLog(int64_t after, int limit) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement read, database_.Prepare(absl::StrCat(
                          kLogColumns, " WHERE log.position > ?1 ORDER BY log.position LIMIT ?2")));
  read.BindAll(after, limit);
  std::vector<LogEntry> entries;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, read.Step());
    if (!row) return entries;
    BARAZA_ASSIGN_OR_RETURN(LogEntry entry, LogEntryOf(read));
    entries.push_back(std::move(entry));
  }
}

absl::StatusOr<std::optional<LogEntry>> StoreReads::FindOperation(absl::string_view op_id) {
  BARAZA_ASSIGN_OR_RETURN(Statement find,
                          database_.Prepare(absl::StrCat(kLogColumns, " WHERE log.op_id = ?1")));
  find.BindAll(op_id);
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return std::nullopt;
  BARAZA_ASSIGN_OR_RETURN(LogEntry entry, LogEntryOf(find));
  return entry;
}

absl::StatusOr<std::vector<Operation>> StoreReads::OperationsOf(absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement read,
      database_.Prepare("SELECT wire FROM log WHERE record_id = ?1 ORDER BY position"));
  read.BindAll(record_id);
  std::vector<Operation> operations;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, read.Step());
    if (!row) return operations;
    v1::WireOperation wire;
    const absl::string_view bytes = read.BlobView(0);
    if (!wire.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return Damaged("operation of", record_id);
    }
    BARAZA_ASSIGN_OR_RETURN(Operation operation, ParseOperation(std::move(wire)));
    operations.push_back(std::move(operation));
  }
}

absl::Status StoreReads::OperationHashes(
    int64_t up_to, const std::function<absl::Status(absl::string_view, const Sha256Digest&)>& fn) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement read,
      database_.Prepare("SELECT op_id, hash FROM log WHERE position <= ?1 ORDER BY hash, op_id"));
  read.BindAll(up_to);
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, read.Step());
    if (!row) return absl::OkStatus();
    BARAZA_ASSIGN_OR_RETURN(const Sha256Digest hash, Sha256Digest::FromBytes(read.BlobView(1)));
    BARAZA_RETURN_IF_ERROR(fn(read.TextView(0), hash));
  }
}

absl::StatusOr<uint64_t> StoreReads::LamportMax() { return MetaNumber(*this, kMetaLamportMax); }

absl::StatusOr<int64_t> StoreReads::Watermark() {
  BARAZA_ASSIGN_OR_RETURN(const uint64_t position, MetaNumber(*this, kMetaWatermark));
  return static_cast<int64_t>(position);
}

absl::StatusOr<std::optional<v1::RecordState>> StoreReads::GetRecordState(
    absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(Statement find,
                          database_.Prepare("SELECT state FROM record_state WHERE record_id = ?1"));
  find.BindAll(record_id);
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return std::nullopt;
  BARAZA_ASSIGN_OR_RETURN(v1::RecordState state, RecordStateOf(find, 0));
  return state;
}

absl::Status StoreReads::ForEachRecordState(
    v1::RecordType type, const std::function<absl::Status(const v1::RecordState&)>& fn) {
  const bool all = type == v1::RECORD_TYPE_UNSPECIFIED;
  BARAZA_ASSIGN_OR_RETURN(
      Statement read,
      database_.Prepare(all ? "SELECT state FROM record_state ORDER BY record_id"
                            : "SELECT state FROM record_state WHERE type = ?1 ORDER BY record_id"));
  if (!all) read.BindAll(static_cast<int>(type));
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, read.Step());
    if (!row) return absl::OkStatus();
    BARAZA_ASSIGN_OR_RETURN(const v1::RecordState state, RecordStateOf(read, 0));
    BARAZA_RETURN_IF_ERROR(fn(state));
  }
}

absl::StatusOr<std::vector<v1::RecordState>> StoreReads::ListRecordStates(v1::RecordType type,
                                                                          absl::string_view after,
                                                                          int limit) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement read,
      database_.Prepare("SELECT state FROM record_state WHERE type = ?1 AND record_id > ?2"
                        " ORDER BY record_id LIMIT ?3"));
  read.BindAll(static_cast<int>(type), after, limit);
  std::vector<v1::RecordState> states;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, read.Step());
    if (!row) return states;
    BARAZA_ASSIGN_OR_RETURN(v1::RecordState state, RecordStateOf(read, 0));
    states.push_back(std::move(state));
  }
}

absl::StatusOr<std::optional<v1::Session>> StoreReads::GetSession(absl::string_view session_id) {
  BARAZA_ASSIGN_OR_RETURN(Statement find,
                          database_.Prepare("SELECT session FROM session WHERE session_id = ?1"));
  find.BindAll(session_id);
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return std::nullopt;
  BARAZA_ASSIGN_OR_RETURN(v1::Session session, SessionOf(find, 0));
  return session;
}

absl::Status StoreReads::ForEachSession(const std::function<absl::Status(const v1::Session&)>& fn) {
  BARAZA_ASSIGN_OR_RETURN(Statement read,
                          database_.Prepare("SELECT session FROM session ORDER BY session_id"));
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, read.Step());
    if (!row) return absl::OkStatus();
    BARAZA_ASSIGN_OR_RETURN(const v1::Session session, SessionOf(read, 0));
    BARAZA_RETURN_IF_ERROR(fn(session));
  }
}

absl::StatusOr<std::optional<std::string>> StoreReads::GetMeta(absl::string_view key) {
  BARAZA_ASSIGN_OR_RETURN(Statement find,
                          database_.Prepare("SELECT value FROM meta WHERE key = ?1"));
  find.BindAll(key);
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return std::nullopt;
  return find.BlobString(0);
}

absl::StatusOr<std::vector<std::string>> StoreReads::FeedObjects(absl::string_view audience,
                                                                 absl::string_view prefix) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement read,
      database_.Prepare("SELECT object FROM feed WHERE audience = ?1 AND object >= ?2"
                        " AND substr(object, 1, length(?2)) = ?2 AND action = ?3 ORDER BY object"));
  read.BindAll(audience, prefix, int64_t{v1::FeedItem::ACTION_UPSERT});
  std::vector<std::string> objects;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, read.Step());
    if (!row) return objects;
    objects.emplace_back(read.TextView(0));
  }
}

absl::StatusOr<FeedPage> StoreReads::ReadFeed(const FeedQuery& query) {
  std::vector<std::string> audiences = query.audiences;
  std::sort(audiences.begin(), audiences.end());
  audiences.erase(std::unique(audiences.begin(), audiences.end()), audiences.end());

  std::vector<FeedCursor> cursors;
  for (const std::string& audience : audiences) {
    BARAZA_ASSIGN_OR_RETURN(
        Statement read,
        database_.Prepare("SELECT position, audience, object, day, action, payload FROM feed"
                          " WHERE audience = ?1 AND position > ?2 ORDER BY position"));
    read.BindAll(audience, query.after);
    BARAZA_ASSIGN_OR_RETURN(const bool row, read.Step());
    if (!row) continue;
    FeedCursor cursor{std::move(read), true, std::nullopt};
    if (query.max_dated_per_audience > 0) {
      BARAZA_ASSIGN_OR_RETURN(
          Statement newest,
          database_.Prepare("SELECT day, object FROM feed WHERE audience = ?1 AND day IS NOT NULL"
                            " ORDER BY day DESC, object DESC LIMIT 1 OFFSET ?2"));
      newest.BindAll(audience, query.max_dated_per_audience - 1);
      BARAZA_ASSIGN_OR_RETURN(const bool found, newest.Step());
      if (found) {
        cursor.first_dated.emplace(static_cast<int32_t>(newest.Int64(0)), newest.Text(1));
      }
    }
    cursors.push_back(std::move(cursor));
  }

  const auto stands_elsewhere = [&](absl::string_view audience,
                                    absl::string_view object) -> absl::StatusOr<bool> {
    for (const std::string& other : audiences) {
      if (other == audience) continue;
      BARAZA_ASSIGN_OR_RETURN(
          Statement find, database_.Prepare("SELECT 1 FROM feed WHERE audience = ?1 AND object = ?2"
                                            " AND action = ?3"));
      find.BindAll(other, object, static_cast<int>(v1::FeedItem::ACTION_UPSERT));
      BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
      if (row) return true;
    }
    return false;
  };

  FeedPage page;
  page.next_position = query.after;
  size_t bytes = 0;
  while (true) {
    FeedCursor* next = nullptr;
    for (FeedCursor& cursor : cursors) {
      if (cursor.has_row && (next == nullptr || cursor.position() < next->position())) {
        next = &cursor;
      }
    }
    if (next == nullptr) return page;
    const Statement& row = next->statement;
    const bool dated = !row.IsNull(3);
    const int32_t day = dated ? static_cast<int32_t>(row.Int64(3)) : kNoDay;
    const auto action = static_cast<v1::FeedItem::Action>(row.Int64(4));
    bool wanted = true;
    if (action == v1::FeedItem::ACTION_REMOVE && query.after == 0) {
      wanted = false;  // Who starts anew has nothing to remove.
    } else if (action == v1::FeedItem::ACTION_REMOVE) {
      BARAZA_ASSIGN_OR_RETURN(const bool elsewhere,
                              stands_elsewhere(row.TextView(1), row.TextView(2)));
      wanted = !elsewhere;
    } else if (dated) {
      wanted = day >= query.first_day && (!next->first_dated.has_value() ||
                                          std::make_pair(day, row.Text(2)) >= *next->first_dated);
    }
    if (wanted) {
      const size_t size = row.TextView(2).size() + row.BlobView(5).size() + kFeedRowOverhead;
      if (!page.rows.empty() && (bytes + size > query.max_bytes ||
                                 page.rows.size() >= static_cast<size_t>(query.max_rows))) {
        page.has_more = true;
        return page;
      }
      bytes += size;
      page.rows.push_back(FeedRow{.position = row.Int64(0),
                                  .audience = row.Text(1),
                                  .object = row.Text(2),
                                  .day = day,
                                  .action = action,
                                  .payload = row.BlobString(5)});
    }
    page.next_position = row.Int64(0);
    BARAZA_ASSIGN_OR_RETURN(next->has_row, next->statement.Step());
  }
}

absl::StatusOr<std::optional<DeviceRow>> StoreReads::FindDevice(absl::string_view device_id) {
  BARAZA_ASSIGN_OR_RETURN(Statement find,
                          database_.Prepare(absl::StrCat(kDeviceColumns, " WHERE device_id = ?1")));
  find.BindAll(device_id);
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return std::nullopt;
  BARAZA_ASSIGN_OR_RETURN(DeviceRow device, DeviceRowOf(find));
  return device;
}

absl::StatusOr<std::vector<DeviceRow>> StoreReads::ListDevices() {
  BARAZA_ASSIGN_OR_RETURN(Statement read,
                          database_.Prepare(absl::StrCat(kDeviceColumns, " ORDER BY device_id")));
  std::vector<DeviceRow> devices;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, read.Step());
    if (!row) return devices;
    BARAZA_ASSIGN_OR_RETURN(DeviceRow device, DeviceRowOf(read));
    devices.push_back(std::move(device));
  }
}

absl::StatusOr<std::vector<SequenceGap>> StoreReads::SequenceGaps(const DeviceRow& device,
                                                                  int limit) {
  std::vector<SequenceGap> gaps;
  if (device.stored_count >= device.acknowledged_seq) return gaps;
  BARAZA_ASSIGN_OR_RETURN(
      Statement read,
      database_.Prepare("SELECT previous + 1, device_seq - 1 FROM ("
                        "  SELECT device_seq, LAG(device_seq, 1, 0) OVER (ORDER BY device_seq)"
                        "    AS previous FROM ("
                        "      SELECT device_seq FROM accepted WHERE device = ?1"
                        "      UNION ALL"
                        "      SELECT device_seq FROM quarantine WHERE device = ?1 AND reason != ?3"
                        "  )"
                        ") WHERE device_seq > previous + 1 ORDER BY device_seq LIMIT ?2"));
  read.BindAll(device.row, limit, static_cast<int>(v1::REJECTION_REASON_SUSPENDED));
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, read.Step());
    if (!row) return gaps;
    gaps.push_back({static_cast<uint64_t>(read.Int64(0)), static_cast<uint64_t>(read.Int64(1))});
  }
}

absl::StatusOr<std::optional<StoredResult>> StoreReads::FindResult(const DeviceRow& device,
                                                                   uint64_t device_seq) {
  StoredResult result;
  {
    BARAZA_ASSIGN_OR_RETURN(
        Statement find,
        database_.Prepare("SELECT log.position, log.op_id, log.hash FROM accepted"
                          " JOIN log ON log.position = accepted.position"
                          " WHERE accepted.device = ?1 AND accepted.device_seq = ?2"));
    find.BindAll(device.row, device_seq);
    BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
    if (row) {
      result.position = find.Int64(0);
      result.op_id = find.Text(1);
      BARAZA_ASSIGN_OR_RETURN(result.hash, Sha256Digest::FromBytes(find.BlobView(2)));
      return result;
    }
  }
  BARAZA_ASSIGN_OR_RETURN(
      Statement find, database_.Prepare("SELECT op_id, hash, reason, field, message FROM quarantine"
                                        " WHERE device = ?1 AND device_seq = ?2"));
  find.BindAll(device.row, device_seq);
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return std::nullopt;
  result.op_id = find.Text(0);
  BARAZA_ASSIGN_OR_RETURN(result.hash, Sha256Digest::FromBytes(find.BlobView(1)));
  result.reason = static_cast<v1::RejectionReason>(find.Int64(2));
  result.field = find.Text(3);
  result.message = find.Text(4);
  return result;
}

absl::StatusOr<std::vector<QuarantineRow>> StoreReads::ListQuarantine(
    absl::string_view after_device_id, uint64_t after_device_seq, int limit) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement read,
      database_.Prepare("SELECT device.device_id, q.device_seq, q.hash, q.op_id, q.reason, q.field,"
                        " q.message, q.received_ms, q.size_bytes, x''"
                        " FROM device JOIN quarantine AS q ON q.device = device.id"
                        " WHERE (device.device_id, q.device_seq) > (?1, ?2)"
                        " ORDER BY device.device_id, q.device_seq LIMIT ?3"));
  read.BindAll(after_device_id, after_device_seq, limit);
  std::vector<QuarantineRow> rows;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, read.Step());
    if (!row) return rows;
    BARAZA_ASSIGN_OR_RETURN(QuarantineRow entry, QuarantineRowOf(read));
    rows.push_back(std::move(entry));
  }
}

absl::StatusOr<std::optional<QuarantineRow>> StoreReads::FindQuarantined(
    absl::string_view device_id, uint64_t device_seq) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement find,
      database_.Prepare("SELECT device.device_id, q.device_seq, q.hash, q.op_id, q.reason, q.field,"
                        " q.message, q.received_ms, q.size_bytes, q.bytes"
                        " FROM device JOIN quarantine AS q ON q.device = device.id"
                        " WHERE device.device_id = ?1 AND q.device_seq = ?2"));
  find.BindAll(device_id, device_seq);
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return std::nullopt;
  BARAZA_ASSIGN_OR_RETURN(QuarantineRow entry, QuarantineRowOf(find));
  return entry;
}

}  // namespace baraza::server
