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
#include "core/sqlite/database.h"

namespace baraza::client {

// Current records, a cache of what their operations (or the state that was sent) come to, and the
// values of class DEVICE, which are nowhere else. Lives in the database's thread; every write is
// within its caller's transaction.
class RecordTable {
 public:
  explicit RecordTable(Database& database) : database_(database) {}

  // Why a record wants a person's attention; bits.
  static constexpr int64_t kReturned = 1;
  static constexpr int64_t kConflict = 2;

  absl::Status Put(const v1::RecordState& state);
  absl::Status Delete(absl::string_view record_id);
  absl::StatusOr<std::optional<v1::RecordState>> Find(absl::string_view record_id);

  // States of `type` (UNSPECIFIED: all) after `after_id`, by id, at most `limit`.
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
  Database& database_;
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_STORE_RECORD_TABLE_H_
