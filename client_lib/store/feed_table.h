#ifndef BARAZA_CLIENT_LIB_STORE_FEED_TABLE_H_
#define BARAZA_CLIENT_LIB_STORE_FEED_TABLE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/sqlite/database.h"
#include "google/protobuf/message_lite.h"

namespace baraza::client {

// What the server sent besides operations: one row an object, the payload as its serialized member.
// Lives in the database's thread; every write is within its caller's transaction.
class FeedTable {
 public:
  explicit FeedTable(Database& database) : database_(database) {}

  // `record_id`: of the record whose view depends on this row; empty: none.
  absl::Status Upsert(absl::string_view object, v1::FeedPayload::PayloadCase kind,
                      absl::string_view record_id, int64_t generation,
                      const google::protobuf::MessageLite& payload);
  // These add the records of what they delete to `records`.
  absl::Status Delete(absl::string_view object, absl::btree_set<std::string>& records);
  absl::Status DeleteBefore(int64_t generation, absl::btree_set<std::string>& records);

  // The state of a record as it was sent; nullopt: none was.
  absl::StatusOr<std::optional<v1::FeedRecord>> FindRecord(absl::string_view record_id);

  // DATA_LOSS if the stored payload does not parse; false: no such object of that kind.
  absl::StatusOr<bool> Find(v1::FeedPayload::PayloadCase kind, absl::string_view object,
                            google::protobuf::MessageLite& payload);

  // The payloads of a kind in the order of their objects, until `visit` returns false.
  absl::Status ForEach(
      v1::FeedPayload::PayloadCase kind,
      const std::function<bool(absl::string_view object, absl::string_view payload)>& visit);

 private:
  Database& database_;
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_STORE_FEED_TABLE_H_
