#include "client_lib/store/record_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "baraza/v1/session_report.pb.h"
#include "core/base/status.h"
#include "core/model/merge.h"
#include "core/model/record_types.h"

namespace baraza::client {
namespace {

int64_t AttentionOf(const v1::RecordState& state) {
  if (state.voided()) return 0;
  int64_t attention = state.conflicts().empty() ? 0 : RecordTable::kConflict;
  if (state.type() == v1::RECORD_TYPE_SESSION_REPORT) {
    const absl::StatusOr<v1::SessionReport> report = RecordAs<v1::SessionReport>(state);
    if (report.ok() && report->review().stage() == v1::REPORT_STAGE_RETURNED) {
      attention |= RecordTable::kReturned;
    }
  }
  return attention;
}

absl::StatusOr<v1::RecordState> Parse(absl::string_view bytes) {
  v1::RecordState state;
  if (!state.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("a stored record state does not parse");
  }
  return state;
}

// Ids of a type lie from "rep_" to before "rep`", which follows '_'.
struct IdRange {
  std::string first;
  std::string end;
};

IdRange RangeOf(v1::RecordType type) {
  const absl::string_view prefix = IdPrefixOf(type);
  if (prefix.empty()) return {"", "{"};
  return {absl::StrCat(prefix, "_"), absl::StrCat(prefix, "`")};
}

}  // namespace

// Of a row of record_id, state.
absl::StatusOr<v1::RecordState> RecordTable::Read(const Statement& row) {
  if (!row.IsNull(1)) return Parse(row.BlobView(1));
  BARAZA_ASSIGN_OR_RETURN(const OperationTable::Effective effective,
                          operations_.EffectiveOfRecord(row.TextView(0)));
  if (effective.operations.empty()) {
    return RecordError(absl::StatusCode::kDataLoss, row.Text(0), "", "its operation", "none");
  }
  return MergeOperations(effective.operations);
}

absl::Status RecordTable::Put(const v1::RecordState& state, Storing storing) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement put,
      database_.Prepare(
          "INSERT INTO records (record_id, team_id, voided, attention, state) "
          "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (record_id) DO UPDATE SET team_id = ?2, "
          "voided = ?3, attention = ?4, state = ?5"));
  const int64_t attention = storing == Storing::kSubmitted ? 0 : AttentionOf(state);
  put.BindAll(state.record_id(), state.team_id(), int64_t{state.voided()}, attention);
  std::string bytes;
  if (storing == Storing::kState) {
    bytes = state.SerializeAsString();
    put.Bind(5, Blob{bytes});
  } else {
    put.Bind(5, nullptr);
  }
  return put.Run();
}

absl::Status RecordTable::Delete(absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(Statement remove,
                          database_.Prepare("DELETE FROM records WHERE record_id = ?1"));
  remove.Bind(1, record_id);
  return remove.Run();
}

absl::StatusOr<std::optional<v1::RecordState>> RecordTable::Find(absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(Statement find, database_.Prepare("SELECT record_id, state FROM records "
                                                            "WHERE record_id = ?1"));
  find.Bind(1, record_id);
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return std::optional<v1::RecordState>();
  BARAZA_ASSIGN_OR_RETURN(v1::RecordState state, Read(find));
  return std::optional<v1::RecordState>(std::move(state));
}

absl::StatusOr<std::vector<v1::RecordState>> RecordTable::List(v1::RecordType type,
                                                               absl::string_view after_id,
                                                               size_t limit, bool show_voided,
                                                               absl::string_view only_team_id) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement list,
      database_.Prepare("SELECT record_id, state FROM records "
                        "WHERE record_id >= ?1 AND record_id < ?2 AND "
                        "record_id > ?3 AND (voided = 0 OR ?4) AND (?5 = '' OR team_id = ?5) "
                        "ORDER BY record_id LIMIT ?6"));
  const IdRange range = RangeOf(type);
  list.BindAll(range.first, range.end, after_id, int64_t{show_voided}, only_team_id, limit);
  std::vector<v1::RecordState> states;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, list.Step());
    if (!row) return states;
    BARAZA_ASSIGN_OR_RETURN(v1::RecordState state, Read(list));
    states.push_back(std::move(state));
  }
}

absl::Status RecordTable::ForEach(v1::RecordType type,
                                  const std::function<void(const v1::RecordState&)>& visit) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement list,
      database_.Prepare("SELECT record_id, state FROM records "
                        "WHERE record_id >= ?1 AND record_id < ?2 ORDER BY record_id"));
  const IdRange range = RangeOf(type);
  list.BindAll(range.first, range.end);
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const bool row, list.Step());
    if (!row) return absl::OkStatus();
    BARAZA_ASSIGN_OR_RETURN(const v1::RecordState state, Read(list));
    visit(state);
  }
}

absl::StatusOr<uint32_t> RecordTable::CountAttention(int64_t bit) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement count,
      database_.Prepare(
          "SELECT COUNT(*) FROM records WHERE attention != 0 AND (attention & ?1) != 0"));
  count.Bind(1, bit);
  BARAZA_RETURN_IF_ERROR(count.StepToOnlyRow());
  return static_cast<uint32_t>(count.Int64(0));
}

absl::Status RecordTable::PutLocal(absl::string_view record_id,
                                   const google::protobuf::Message& local) {
  const std::string bytes = local.SerializeAsString();
  if (bytes.empty()) return DeleteLocal(record_id);
  BARAZA_ASSIGN_OR_RETURN(
      Statement put,
      database_.Prepare("INSERT INTO local_values (record_id, record) VALUES (?1, ?2) "
                        "ON CONFLICT (record_id) DO UPDATE SET record = ?2"));
  return put.BindAll(record_id, Blob{bytes}).Run();
}

absl::Status RecordTable::DeleteLocal(absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(Statement remove,
                          database_.Prepare("DELETE FROM local_values WHERE record_id = ?1"));
  remove.Bind(1, record_id);
  return remove.Run();
}

absl::StatusOr<std::string> RecordTable::FindLocal(absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(
      Statement find, database_.Prepare("SELECT record FROM local_values WHERE record_id = ?1"));
  find.Bind(1, record_id);
  BARAZA_ASSIGN_OR_RETURN(const bool row, find.Step());
  return row ? find.BlobString(0) : std::string();
}

}  // namespace baraza::client
