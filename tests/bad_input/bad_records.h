#ifndef BARAZA_TESTS_BAD_INPUT_BAD_RECORDS_H_
#define BARAZA_TESTS_BAD_INPUT_BAD_RECORDS_H_

#include <memory>
#include <string>
#include <vector>

#include "baraza/v1/record.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "google/protobuf/message.h"

namespace baraza::bad_input {

// A record in which one value of one field breaks one rule, and what is to be said of it.
struct BadRecord {
  v1::RecordType type = v1::RECORD_TYPE_UNSPECIFIED;
  // "dates.earliest"
  std::string path;
  // Which rule, for a failure: "no such day".
  std::string rule;
  std::shared_ptr<google::protobuf::Message> record;
  v1::RejectionReason reason = v1::REJECTION_REASON_UNSPECIFIED;
  // What the message says was expected.
  std::string expected;
};

// Every field of every record type, also inside other messages, with every rule that its kind has.
// Derived from the schema (its options, and its comments as bad_records.cc writes them down once
// more), never from the code that checks them.
const std::vector<BadRecord>& BadRecords();

// A place in a record: the fields that lead to it.
using Path = std::vector<const google::protobuf::FieldDescriptor*>;

// Every field of a record type, also inside other messages; a message is not entered within itself.
std::vector<Path> PathsOf(v1::RecordType type);

// "participating_teams.team_id"; with `indexed`, as the JSON parser says it:
// "participating_teams[0].team_id".
std::string PathName(const Path& path, bool indexed = false);

}  // namespace baraza::bad_input

#endif  // BARAZA_TESTS_BAD_INPUT_BAD_RECORDS_H_
