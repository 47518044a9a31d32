#ifndef BARAZA_CORE_MODEL_VALUE_CHECK_H_
#define BARAZA_CORE_MODEL_VALUE_CHECK_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/model/schema_rules.h"

// Internal to core/model: the rules for values, shared by records and operations.

namespace baraza {

// What is impossible about a value. `field` is a path from the message that was checked.
struct ValueProblem {
  v1::RejectionReason reason = v1::REJECTION_REASON_INVALID_VALUE;
  std::string field;
  std::string expected;
  // Without report content: a length, a number, a date, a code.
  std::string got;
};

struct ValueCheckOptions {
  // Off for messages that came out of a parser, which has looked already.
  bool check_utf8 = true;
  // A limit that the field which holds the message sets for strings inside it; 0: none.
  size_t max_bytes = 0;
};

// The first problem in `message`, by field number; nullopt: none.
std::optional<ValueProblem> FindValueProblem(const google::protobuf::Message& message,
                                             const MessageRules& rules,
                                             const ValueCheckOptions& options);

// The same for a caller that has the bytes: those that `message` was parsed from or serialized to.
std::optional<ValueProblem> FindValueProblem(const google::protobuf::Message& message,
                                             const MessageRules& rules, absl::string_view bytes,
                                             const ValueCheckOptions& options);

// The rule between the fields of one type of message (earliest <= latest, ...), in
// message_check.cc; nullptr: none.
MessageCheck MessageCheckOf(const google::protobuf::Descriptor* descriptor);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_VALUE_CHECK_H_
