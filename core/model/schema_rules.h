#ifndef BARAZA_CORE_MODEL_SCHEMA_RULES_H_
#define BARAZA_CORE_MODEL_SCHEMA_RULES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "baraza/v1/options.pb.h"
#include "baraza/v1/record.pb.h"

// Internal to core/model: what the schema's options say about each field, read off the descriptors
// once. Everything that is driven by the schema asks here.

namespace baraza {

// The form that a string (or bytes) field must have when it is not empty.
enum class ValueForm {
  kAny,
  kDate,       // ISO 8601 calendar date that exists
  kLanguage,   // BCP 47 tag
  kCountry,    // ISO 3166-1 alpha-2
  kTimeZone,   // the form of an IANA name; which names exist depends on the machine
  kId,         // of the prefix in FieldRules::id_prefix, any if that is empty
  kCode,       // snake_case
  kSha256,     // 32 bytes
  kElementId,  // 1 to 8 characters
};

struct MessageRules;
struct ValueProblem;

// A rule between the fields of one message; see value_check.h.
using MessageCheck = std::optional<ValueProblem> (*)(const google::protobuf::Message&);

struct FieldRules {
  const google::protobuf::FieldDescriptor* field = nullptr;
  // Of the message that has the field. Kept, since asking a message for it takes a lock-like step.
  const google::protobuf::Reflection* reflection = nullptr;
  // Of `field`, which takes a lock-like step to answer.
  uint32_t number = 0;
  google::protobuf::FieldDescriptor::Type type = google::protobuf::FieldDescriptor::TYPE_BYTES;
  // On the wire, of one value.
  uint32_t wire_type = 0;
  // Whether zero or an empty string differs from nothing.
  bool has_presence = false;
  // The number among the message's oneofs; -1: in none.
  int oneof = -1;
  // UNSPECIFIED: that of the field which holds the message.
  v1::Privacy privacy = v1::PRIVACY_UNSPECIFIED;
  bool repeated = false;
  // Never UNSPECIFIED.
  v1::MergeRule merge = v1::MERGE_RULE_WHOLE;
  // Never UNSPECIFIED; meaningful on the fields of a record only.
  v1::Authority authority = v1::AUTHORITY_AUTHOR_TEAM;
  bool refers = false;
  std::string id_prefix;
  ValueForm form = ValueForm::kAny;
  size_t max_bytes = 0;
  // Range of a number; minimum > maximum: none.
  double minimum = 1;
  double maximum = 0;
  // Of a message field.
  const MessageRules* message = nullptr;

  // Values of the field in `owner`: 0 or 1 for a field that is not repeated.
  int Count(const google::protobuf::Message& owner) const {
    return repeated ? reflection->FieldSize(owner, field) : reflection->HasField(owner, field);
  }

  // Value number `index`, below Count, of a message field.
  const google::protobuf::Message& MessageAt(const google::protobuf::Message& owner,
                                             int index) const {
    return repeated ? reflection->GetRepeatedMessage(owner, field, index)
                    : reflection->GetMessage(owner, field);
  }

  // The same of a string or bytes field; `scratch` may come to hold it.
  const std::string& StringAt(const google::protobuf::Message& owner, int index,
                              std::string* scratch) const {
    return repeated ? reflection->GetRepeatedStringReference(owner, field, index, scratch)
                    : reflection->GetStringReference(owner, field, scratch);
  }
};

struct MessageRules {
  const google::protobuf::Descriptor* descriptor = nullptr;
  const google::protobuf::Reflection* reflection = nullptr;
  // UNSPECIFIED unless this is a record.
  v1::RecordType type = v1::RECORD_TYPE_UNSPECIFIED;
  v1::Authority record_authority = v1::AUTHORITY_AUTHOR_TEAM;
  // Ascending by number.
  std::vector<FieldRules> fields;
  // The field that makes the whole message stricter: `sensitivity`, of type Privacy; or nullptr.
  const google::protobuf::FieldDescriptor* sensitivity = nullptr;
  // The flag that raises an element to TEAM: `sensitive`; or nullptr.
  const google::protobuf::FieldDescriptor* sensitive = nullptr;
  const google::protobuf::FieldDescriptor* element_id = nullptr;
  // A record's, or nullptr.
  const google::protobuf::FieldDescriptor* void_mark = nullptr;
  const google::protobuf::FieldDescriptor* addressed_team_id = nullptr;
  // nullptr: no rules between its fields.
  MessageCheck check = nullptr;
  // Whether a field of this message is a record.
  bool holds_record = false;
  // Whether this message or one inside it may have a check.
  bool checked_within = true;
  // `fields` by number, with gaps.
  std::vector<const FieldRules*> by_number;

  // nullptr: no such field.
  const FieldRules* Find(uint32_t number) const {
    return number < by_number.size() ? by_number[number] : nullptr;
  }
};

// The rules of any generated message type; made on first use, constant and valid for ever. Any
// thread.
const MessageRules& RulesOf(const google::protobuf::Descriptor* descriptor);

// The rules of a record type without a lock; nullptr: unknown type.
const MessageRules* RulesOfType(v1::RecordType type);

// The class that the message itself asks for: its sensitivity, or TEAM for a sensitive element;
// UNSPECIFIED when it asks for none. A class that this schema does not know counts as TEAM.
v1::Privacy OwnSensitivity(const google::protobuf::Message& message, const MessageRules& rules);

// Every full field name for which schema_rules.cc has a constraint, for the test that holds them
// against the schema.
std::vector<std::string> ConstrainedFieldNames();

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_SCHEMA_RULES_H_
