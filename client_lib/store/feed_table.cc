#include "client_lib/store/feed_table.h"

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace baraza::client {

absl::Status FeedTable::Upsert(absl::string_view object, v1::FeedPayload::PayloadCase kind,
                               absl::string_view record_id, int64_t generation,
                               const google::protobuf::MessageLite& payload) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement upsert,
      database_.Prepare("INSERT INTO feed (object, kind, record_id, generation, payload) "
                        "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (object) "
                        "DO UPDATE SET kind = ?2, record_id = ?3, generation = ?4, payload = ?5"));
  const std::string bytes = payload.SerializeAsString();
  return upsert.BindAll(object, static_cast<int64_t>(kind), record_id, generation, Blob{bytes})
      .Run();
}

absl::Status FeedTable::Delete(absl::string_view object, absl::btree_set<std::string>& records) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement remove,
      database_.Prepare("DELETE FROM feed WHERE object = ?1 RETURNING record_id"));
  remove.Bind(1, object);
  BARAZA_ASSIGN_OR_RETURN(const bool row, remove.Step());
  if (row && !remove.TextView(0).empty()) records.insert(remove.Text(0));
  return absl::OkStatus();
}

absl::Status FeedTable::DeleteBefore(int64_t generation, absl::btree_set<std::string>& records) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement remove,
      database_.Prepare("DELETE FROM feed WHERE generation < ?1 RETURNING record_id"));
  remove.Bind(1, generation);
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, remove.Step());
    if (!row) return absl::OkStatus();
    if (!remove.TextView(0).empty()) records.insert(remove.Text(0));
  }
}

absl::StatusOr<std::optional<v1::FeedRecord>> FeedTable::FindRecord(absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement find,
      database_.Prepare("SELECT payload FROM feed WHERE record_id = ?1 AND record_id != '' AND "
                        "kind = ?2 ORDER BY object LIMIT 1"));
  find.BindAll(record_id, static_cast<int64_t>(v1::FeedPayload::kRecord));
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return std::optional<v1::FeedRecord>();
  v1::FeedRecord record;
  if (!record.ParseFromString(find.BlobString(0))) {
    return absl::DataLossError(absl::StrCat(record_id, ": the stored state does not parse"));
  }
  return std::optional<v1::FeedRecord>(std::move(record));
}

absl::StatusOr<bool> FeedTable::Find(v1::FeedPayload::PayloadCase kind, absl::string_view object,
                                     google::protobuf::MessageLite& payload) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement find,
      database_.Prepare("SELECT payload FROM feed WHERE object = ?1 AND kind = ?2"));
  find.BindAll(object, static_cast<int64_t>(kind));
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return false;
  if (!payload.ParseFromString(find.BlobString(0))) {
    return absl::DataLossError(absl::StrCat(object, ": the stored object does not parse"));
  }
  return true;
}

absl::Status FeedTable::ForEach(
    v1::FeedPayload::PayloadCase kind,
    const std::function<bool(absl::string_view object, absl::string_view payload)>& visit) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement list,
      database_.Prepare("SELECT object, payload FROM feed WHERE kind = ?1 ORDER BY object"));
  list.Bind(1, static_cast<int64_t>(kind));
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, list.Step());
    if (!row || !visit(list.TextView(0), list.BlobView(1))) return absl::OkStatus();
  }
}

}  // namespace baraza::client
