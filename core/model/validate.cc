#include "core/model/validate.h"

#include "core/base/status.h"
#include "core/model/record_types.h"
#include "core/model/schema_rules.h"
#include "core/model/value_check.h"
#include "core/model/wire_reader.h"

namespace baraza {
namespace {

// The record's id if it has a usable one, else its type's name: an id from outside is not shown.
std::string NameOf(const google::protobuf::Message& record, const MessageRules& rules) {
  const FieldRules* id = rules.Find(1);
  if (rules.type != v1::RECORD_TYPE_UNSPECIFIED && id != nullptr && id->field->name() == "id") {
    std::string value = record.GetReflection()->GetString(record, id->field);
    const auto type = RecordTypeOfId(value);
    if (type.ok() && *type == rules.type) return value;
  }
  return rules.descriptor->name();
}

}  // namespace

absl::Status ValidateRecord(const google::protobuf::Message& record) {
  const MessageRules& rules = RulesOf(record.GetDescriptor());
  const auto problem = FindValueProblem(record, rules, {});
  if (!problem.has_value()) return absl::OkStatus();
  return InvalidField(NameOf(record, rules), problem->field, problem->expected, problem->got);
}

absl::Status ValidateText(const google::protobuf::Message& message) {
  const MessageRules& rules = RulesOf(message.GetDescriptor());
  const std::string field = FindInvalidUtf8(message.SerializeAsString(), rules);
  if (field.empty()) return absl::OkStatus();
  return InvalidField(rules.descriptor->name(), field, "text in UTF-8", "other bytes");
}

}  // namespace baraza
