#ifndef BARAZA_CORE_MODEL_VALIDATE_H_
#define BARAZA_CORE_MODEL_VALIDATE_H_

#include <optional>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "baraza/v1/operation.pb.h"
#include "core/model/operation.h"
#include "core/model/rejection.h"

namespace baraza {

// OK if every value that is there is possible: limits, UTF-8, dates of the calendar, ranges, forms
// of ids and codes. What is missing is legal (it becomes a question), unknown enum values and
// fields are carried. INVALID_ARGUMENT names record, field, what was expected and what came.
// `record` may be any message of the schema. Any thread.
absl::Status ValidateRecord(const google::protobuf::Message& record);

// OK if `message`, any of the schema, is read again as it is written: INVALID_ARGUMENT names the
// first text that is not UTF-8, the one thing that a message can hold and not give back. Any
// thread.
absl::Status ValidateText(const google::protobuf::Message& message);

// What was ever granted to a person. An operation may be years old when it comes: its header is
// held against all of it, not against today's place only.
struct AuthorGrant {
  std::string programme_id;
  std::string person_id;
  absl::btree_set<std::string> team_ids;
  absl::btree_set<v1::Role> roles;
};

// Whether the server takes an operation: nullopt when it does, with `parsed` (not null) filled.
// Depends on the arguments only. Checked in the order of v1::RejectionReason: size, structure,
// UTF-8, values, privacy class, authority of the credential, schema level. Whether the author may
// change this very record depends on other operations and is the merge's to find.
//
// A record type that this schema does not know is taken when header.schema_level is newer than ours
// (its values are carried unread), else rejected with SCHEMA_LEVEL: no such type exists at that
// level. An M&E officer or administrator may write review stage SUBMITTED in the operation that
// creates a report of their own, and nowhere else.
std::optional<Rejection> JudgeOperation(const v1::WireOperation& wire, const AuthorGrant& grant,
                                        Operation* parsed);

// The same verdict on an operation as BuildOperation gave it, built from a record that
// ValidateRecord passed, for a fraction of the work: what holds by construction is not looked at
// again. Never for what came in.
std::optional<Rejection> JudgeBuiltOperation(const Operation& operation, const AuthorGrant& grant);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_VALIDATE_H_
