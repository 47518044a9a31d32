#ifndef BARAZA_CLIENT_LIB_CLI_JSON_INPUT_H_
#define BARAZA_CLIENT_LIB_CLI_JSON_INPUT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/record.pb.h"
#include "google/protobuf/struct.pb.h"

namespace baraza::client {

// Files of records as people write them.

// One record of a file, still with its symbolic keys.
struct RecordEntry {
  // "@coast-forum-en"; empty: the record has none.
  std::string key;
  // {"sessionReport": {...}}
  google::protobuf::Value record;
  // Where it stands in the file, for messages: "entry 3".
  std::string where;
};

// Key -> record id.
using KeyMap = std::map<std::string, std::string>;

// One JSON value, an array of them, or values one after the other (JSON lines), as a flat list.
// INVALID_ARGUMENT naming the entry.
absl::StatusOr<std::vector<google::protobuf::Value>> ParseJsonValues(absl::string_view text);

// The records of a file: each value is a Record, {"key", "record"}, or a device's file
// {"sources": [{"key", "record", "reports": [{"key", "record"}]}]}, in which each source comes
// before its reports. What is wrong with one entry is reported by RecordOfEntry, not here.
absl::StatusOr<std::vector<RecordEntry>> ParseRecordFile(absl::string_view text);

// Puts the ids of `keys` in place of every string of the form "@[a-z0-9-]+" in `value`.
// INVALID_ARGUMENT for a key that is not among them: a record comes after those it refers to.
absl::Status ResolveKeys(const KeyMap& keys, google::protobuf::Value& value);

// The record, with keys resolved and values validated. Messages name entry and field.
absl::StatusOr<v1::Record> RecordOfEntry(const RecordEntry& entry, const KeyMap& keys);

// The Record that {"sessionReport": {...}} says, validated.
absl::StatusOr<v1::Record> RecordOfValue(const google::protobuf::Value& value);

// RFC 7396: members of `patch` replace those of the record, null clears, lists are replaced whole.
// The patch is that of the record's own message ({"title": {...}}).
absl::StatusOr<v1::Record> PatchRecord(const v1::Record& record,
                                       const google::protobuf::Value& patch);

// {"venue": {"country": "KE"}} of "venue.country=KE". The value is read as JSON when it is JSON,
// else as a string; an empty one is null.
absl::StatusOr<google::protobuf::Value> PatchOfAssignment(absl::string_view assignment);

// Merges `patch` into `target` by RFC 7396.
void MergePatch(const google::protobuf::Value& patch, google::protobuf::Value& target);

// {"@key": "id", ...}
absl::StatusOr<KeyMap> ParseKeys(absl::string_view json);
std::string KeysToJson(const KeyMap& keys);

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLI_JSON_INPUT_H_
