#ifndef BARAZA_CLIENT_LIB_STORE_RECORD_TABLE_H_
#define BARAZA_CLIENT_LIB_STORE_RECORD_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/record.pb.h"
#include "client_lib/store/operation_table.h"
#include "core/sqlite/database.h"

namespace baraza::client {

// Current records, a cache of what their operations (or the state that was sent) come to, and the
// values of class DEVICE, which are nowhere else. Lives in the database's thread; every write is
// within its caller's transaction.
//
// Invariant: a record whose state is not stored is the merge of its effective operations. So it is
// put again whenever these change.
class RecordTable {
 public:
  // `operations` of the same database must outlive it.
  RecordTable(Database& database, OperationTable& operations)
      : database_(database), operations_(operations) {}

  // Why a record wants a person's attention; bits.
  static constexpr int64_t kReturned = 1;
  static constexpr int64_t kConflict = 2;

  // kDerived: the record's one operation, its creation, says the same; the state is not stored.
  // kSubmitted: that, and its author is none who may return a report, so that it wants no
  // attention.
  enum class Storing { kState, kDerived, kSubmitted };
  absl::Status Put(const v1::RecordState& state, Storing storing);
  absl::Status Delete(absl::string_view record_id);
  absl::StatusOr<std::optional<v1::RecordState>> Find(absl::string_view record_id);

  // States of `type` (UNSPECIFIED: all) after `after_id`, by id, at most `limit`. DATA_LOSS, here
  // and above, if what is stored does not parse.
  absl::StatusOr<std::vector<v1::RecordState>> List(v1::RecordType type, absl::string_view after_id,
                                                    size_t limit, bool show_voided,
                                                    absl::string_view only_team_id);
  absl::Status ForEach(v1::RecordType type,
                       const std::function<void(const v1::RecordState&)>& visit);

  // Not voided records that have the attention bit.
  absl::StatusOr<uint32_t> CountAttention(int64_t bit);

  absl::Status PutLocal(absl::string_view record_id, const google::protobuf::Message& local);
  absl::Status DeleteLocal(absl::string_view record_id);
  // Empty: none.
  absl::StatusOr<std::string> FindLocal(absl::string_view record_id);

 private:
  absl::StatusOr<v1::RecordState> Read(const Statement& row);

  Database& database_;
  OperationTable& operations_;
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_STORE_RECORD_TABLE_H_
