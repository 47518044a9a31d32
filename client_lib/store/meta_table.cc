#include "client_lib/store/meta_table.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace baraza::client {

absl::StatusOr<std::string> MetaTable::Get(absl::string_view key) {
  BARAZA_ASSIGN_OR_RETURN(Statement find,
                          database_.Prepare("SELECT value FROM meta WHERE key = ?1"));
  find.Bind(1, key);
  BARAZA_ASSIGN_OR_RETURN(const bool found, find.Step());
  return found ? find.BlobString(0) : std::string();
}

absl::StatusOr<int64_t> MetaTable::GetInt(absl::string_view key) {
  BARAZA_ASSIGN_OR_RETURN(const std::string text, Get(key));
  if (text.empty()) return 0;
  int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) {
    return absl::DataLossError(absl::StrCat(database_.path(), ": ", key, " is no number"));
  }
  return value;
}

absl::Status MetaTable::GetMessage(absl::string_view key, google::protobuf::MessageLite& message) {
  BARAZA_ASSIGN_OR_RETURN(const std::string bytes, Get(key));
  if (!message.ParseFromString(bytes)) {
    return absl::DataLossError(absl::StrCat(database_.path(), ": ", key, " does not parse"));
  }
  return absl::OkStatus();
}

absl::Status MetaTable::Put(absl::string_view key, absl::string_view value) {
  BARAZA_ASSIGN_OR_RETURN(Statement put,
                          database_.Prepare("INSERT INTO meta (key, value) VALUES (?1, ?2) "
                                            "ON CONFLICT (key) DO UPDATE SET value = ?2"));
  return put.BindAll(key, Blob{value}).Run();
}

absl::Status MetaTable::PutInt(absl::string_view key, int64_t value) {
  return Put(key, absl::StrCat(value));
}

absl::Status MetaTable::PutMessage(absl::string_view key,
                                   const google::protobuf::MessageLite& message) {
  return Put(key, message.SerializeAsString());
}

}  // namespace baraza::client
