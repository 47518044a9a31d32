#ifndef BARAZA_CLIENT_LIB_STORE_DRAFT_TABLE_H_
#define BARAZA_CLIENT_LIB_STORE_DRAFT_TABLE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/client.pb.h"
#include "core/sqlite/database.h"

namespace baraza::client {

// Reports that are not captured yet. They stay on the device. Lives in the database's thread.
class DraftTable {
 public:
  explicit DraftTable(Database& database) : database_(database) {}

  absl::Status Put(const v1::Draft& draft);
  // NOT_FOUND if there is none; so Delete.
  absl::StatusOr<v1::Draft> Get(absl::string_view draft_id);
  absl::Status Delete(absl::string_view draft_id);
  // In the order of their ids, i.e. of their making.
  absl::StatusOr<std::vector<v1::Draft>> List();
  absl::StatusOr<uint32_t> Count();

 private:
  Database& database_;
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_STORE_DRAFT_TABLE_H_
