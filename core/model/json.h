#ifndef BARAZA_CORE_MODEL_JSON_H_
#define BARAZA_CORE_MODEL_JSON_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/record.pb.h"

namespace baraza {

// Records as proto3 JSON: lowerCamelCase on output, that or the schema's own names on input. An
// unknown field, or an enum value unknown by name, is an error (unlike in binary, where they are
// carried). Any thread.

// Reads one record and validates it. INVALID_ARGUMENT names the field, what was expected and what
// came; RESOURCE_EXHAUSTED: more than kMaxJsonBytes or nested deeper than kMaxJsonDepth. On an
// error `record` is left cleared.
absl::Status RecordFromJson(absl::string_view json, google::protobuf::Message* record);
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> RecordFromJson(v1::RecordType type,
                                                                          absl::string_view json);

// `pretty` puts every field on a line of its own. Fields that are not set are left out.
std::string RecordToJson(const google::protobuf::Message& record, bool pretty = false);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_JSON_H_
