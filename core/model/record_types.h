#ifndef BARAZA_CORE_MODEL_RECORD_TYPES_H_
#define BARAZA_CORE_MODEL_RECORD_TYPES_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/record.pb.h"

namespace baraza {

// The kinds of record, read off the members of v1::Record: a member's number is its RecordType. All
// functions may be called from any thread.

// Every known type, ascending.
absl::Span<const v1::RecordType> AllRecordTypes();

// The record message of a type; nullptr for a type that this schema does not know.
const google::protobuf::Descriptor* RecordDescriptor(v1::RecordType type);

// The type of a record message; UNSPECIFIED for any other message.
v1::RecordType RecordTypeOf(const google::protobuf::Descriptor& descriptor);

// The name by which messages to people call a type, such as "SessionReport"; "record" if unknown.
absl::string_view RecordTypeName(v1::RecordType type);

// The prefix of the type's ids, such as "rep"; empty for an unknown type.
absl::string_view IdPrefixOf(v1::RecordType type);

// The type that an id's prefix stands for. INVALID_ARGUMENT for an ill-formed id or a prefix of no
// known type.
absl::StatusOr<v1::RecordType> RecordTypeOfId(absl::string_view record_id);

// An empty record; nullptr for an unknown type.
std::unique_ptr<google::protobuf::Message> NewRecord(v1::RecordType type);
// The same on an arena, which is half the work for a record that is only looked at.
google::protobuf::Message* NewRecordOn(google::protobuf::Arena& arena, v1::RecordType type);

// The record that is set; nullptr if none is.
const google::protobuf::Message* Member(const v1::Record& record);

// Sets the record: `member` must be of a record type.
void SetMember(v1::Record& record, std::unique_ptr<google::protobuf::Message> member);

// The record of that type inside `record`, created (and any other dropped) if need be; nullptr for
// an unknown type.
google::protobuf::Message* MutableMember(v1::Record& record, v1::RecordType type);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_RECORD_TYPES_H_
