#ifndef BARAZA_CLIENT_LIB_STORE_META_TABLE_H_
#define BARAZA_CLIENT_LIB_STORE_META_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/sqlite/database.h"
#include "google/protobuf/message_lite.h"

namespace baraza::client {

// Single values by name. A missing one reads as empty or 0. Lives in the database's thread.
class MetaTable {
 public:
  explicit MetaTable(Database& database) : database_(database) {}

  absl::StatusOr<std::string> Get(absl::string_view key);
  absl::StatusOr<int64_t> GetInt(absl::string_view key);
  // DATA_LOSS if the value does not parse.
  absl::Status GetMessage(absl::string_view key, google::protobuf::MessageLite& message);

  absl::Status Put(absl::string_view key, absl::string_view value);
  absl::Status PutInt(absl::string_view key, int64_t value);
  absl::Status PutMessage(absl::string_view key, const google::protobuf::MessageLite& message);

 private:
  Database& database_;
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_STORE_META_TABLE_H_
