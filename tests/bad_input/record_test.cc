// Records with one bad value, by each of the ways in: a record that an app captures, an operation
// that comes over the line, JSON that a person wrote.

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "baraza/v1/options.pb.h"
#include "core/model/json.h"
#include "core/model/record_types.h"
#include "core/model/validate.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/util/json_util.h"
#include "tests/bad_input/bad_records.h"
#include "tests/bad_input/inputs.h"
#include "tests/bad_input/operations.h"

namespace baraza::bad_input {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const absl::btree_set<v1::Role> kRoles = {v1::ROLE_ADMINISTRATOR, v1::ROLE_COLLECTOR};

// The creation of a record, its values in one part, whatever they are.
v1::WireOperation Creation(const Message& record, v1::Privacy privacy,
                           const v1::Delta& rest = v1::Delta()) {
  const v1::RecordType type = RecordTypeOf(*record.GetDescriptor());
  v1::Delta delta = rest;
  delta.set_record(record.SerializeAsString());
  return WireOf(HeaderOf(type, Id(IdPrefixOf(type), 2), v1::ROLE_ADMINISTRATOR), privacy, delta);
}

void ExpectRejection(const v1::WireOperation& wire, v1::RejectionReason reason,
                     const std::string& field, const std::string& expected,
                     const std::string& what) {
  ExpectRejected(wire, Grant(kRoles), reason, field, absl::StrCat(expected, ", got "), what);
}

// Protobuf says each ill-formed text on standard error, too.
const google::protobuf::LogSilencer silence;

std::string What(const BadRecord& bad) {
  return absl::StrCat(RecordTypeName(bad.type), ".", bad.path, ": ", bad.rule);
}

// Some fifty rules (see bad_records.cc), for each field that they apply to. The same inputs come as
// operations and as JSON below.
TEST(BadRecordTest, ARecordSaysFieldAndRule) {
  Inputs inputs;
  for (const BadRecord& bad : BadRecords()) {
    inputs.Add(absl::StrCat(RecordTypeName(bad.type), bad.record->SerializeAsString()));
    const absl::Status status = ValidateRecord(*bad.record);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << What(bad);
    EXPECT_TRUE(
        absl::StartsWith(status.message(), absl::StrCat(RecordTypeName(bad.type), ": ", bad.path,
                                                        ": expected ", bad.expected, ", got ")))
        << What(bad) << ": " << status;
  }
  inputs.ExpectEnough();
}

TEST(BadRecordTest, AnOperationIsRejectedForFieldAndRule) {
  Inputs inputs;
  for (const BadRecord& bad : BadRecords()) {
    const v1::WireOperation wire = Creation(*bad.record, v1::PRIVACY_TEAM);
    inputs.Add(wire.SerializeAsString());
    ExpectRejection(wire, bad.reason, bad.path, bad.expected, What(bad));
  }
  inputs.ExpectEnough();
}

// --- Fields of a record in the wrong place
// --------------------------------------------------------

// Sets a field to a value that is possible.
void SetSomething(Message& record, const FieldDescriptor* field) {
  const auto& reflection = *record.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field->is_repeated()) {
        Message* element = reflection.AddMessage(&record, field);
        const FieldDescriptor* id = element->GetDescriptor()->FindFieldByName("element_id");
        if (id != nullptr) element->GetReflection()->SetString(element, id, "a");
      } else {
        reflection.MutableMessage(&record, field);
      }
      return;
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string value = "en";
      const auto& options = field->options();
      if (options.HasExtension(v1::refers_to)) value = Id(options.GetExtension(v1::refers_to), 3);
      if (options.GetExtension(v1::merge) == v1::MERGE_RULE_DERIVED) {
        const std::string own = record.GetDescriptor()->options().GetExtension(v1::id_prefix);
        value = Id(field->name() == "id" ? own : field->name() == "team_id" ? "tem" : "per", 3);
      }
      if (field->name() == "date" || field->name() == "as_of") value = "2026-03-05";
      if (field->name() == "countries") value = "KE";
      if (field->name() == "operations_sha256") value = std::string(32, 'h');
      if (field->is_repeated()) {
        reflection.AddString(&record, field, value);
        // A sample is of a pair.
        if (field->full_name() == "baraza.v1.ReviewSample.report_ids") {
          reflection.AddString(&record, field, Id("rep", 4));
        }
      } else {
        reflection.SetString(&record, field, value);
      }
      return;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      if (field->is_repeated()) {
        reflection.AddEnumValue(&record, field, 1);
      } else {
        reflection.SetEnumValue(&record, field, 1);
      }
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.SetBool(&record, field, true);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.SetDouble(&record, field, 1);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.SetUInt32(&record, field, 1);
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.SetInt32(&record, field, 1);
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.SetUInt64(&record, field, 1);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.SetInt64(&record, field, 1);
    default:
      FAIL() << field->full_name();
  }
}

// Every field of every record, in each part that is less private than it, or where it follows from
// the header; cleared or removed from where that cannot be. Six rules.
TEST(BadRecordTest, AFieldInTheWrongPartOrOfTheWrongKindIsRejected) {
  Inputs inputs;
  const auto expect = [&inputs](const v1::WireOperation& wire, v1::RejectionReason reason,
                                const FieldDescriptor& field, const std::string& expected) {
    inputs.Add(wire.SerializeAsString());
    ExpectRejection(wire, reason, field.name(), expected, field.full_name());
  };
  for (const v1::RecordType type : AllRecordTypes()) {
    const google::protobuf::Descriptor& descriptor = *RecordDescriptor(type);
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const FieldDescriptor* field = descriptor.field(i);
      const v1::MergeRule merge = field->options().GetExtension(v1::merge);
      const v1::Privacy privacy = field->options().GetExtension(v1::privacy);
      const std::unique_ptr<Message> record = NewRecord(type);
      SetSomething(*record, field);
      if (merge == v1::MERGE_RULE_DERIVED) {
        expect(Creation(*record, v1::PRIVACY_TEAM), v1::REJECTION_REASON_INVALID_VALUE, *field,
               "nothing, since it follows from the header");
      } else if (privacy == v1::PRIVACY_DEVICE) {
        for (const v1::Privacy part :
             {v1::PRIVACY_PUBLIC, v1::PRIVACY_PROGRAMME, v1::PRIVACY_TEAM}) {
          expect(Creation(*record, part), v1::REJECTION_REASON_PRIVACY_CLASS, *field,
                 "a field that stays on the device");
        }
      } else {
        for (int part = v1::PRIVACY_PUBLIC; part < privacy; ++part) {
          expect(Creation(*record, static_cast<v1::Privacy>(part)),
                 v1::REJECTION_REASON_PRIVACY_CLASS, *field,
                 absl::StrCat("the part ", v1::Privacy_Name(privacy), " or a stricter one"));
        }
      }
      const uint32_t number = static_cast<uint32_t>(field->number());
      if (merge == v1::MERGE_RULE_DERIVED || merge == v1::MERGE_RULE_ELEMENTS) {
        v1::Delta clearing;
        clearing.add_cleared_fields(number);
        expect(Creation(*NewRecord(type), v1::PRIVACY_TEAM, clearing),
               v1::REJECTION_REASON_INVALID_VALUE, *field, "no clearing of the whole field");
      } else {
        // Set and cleared by one operation.
        v1::Delta clearing;
        clearing.add_cleared_fields(number);
        clearing.add_cleared_fields(number);
        if (privacy != v1::PRIVACY_DEVICE) {
          expect(Creation(*NewRecord(type), v1::PRIVACY_TEAM, clearing),
                 v1::REJECTION_REASON_INVALID_VALUE, *field,
                 "each field or element once in an operation");
        }
      }
      if (merge != v1::MERGE_RULE_ELEMENTS) {
        v1::Delta removing;
        v1::RemovedElement& removed = *removing.add_removed_elements();
        removed.set_field_number(number);
        removed.set_element_id("a");
        expect(Creation(*NewRecord(type), v1::PRIVACY_TEAM, removing),
               v1::REJECTION_REASON_INVALID_VALUE, *field,
               "no removal from a field without elements");
      }
    }
  }
  inputs.ExpectEnough();
}

// --- JSON
// -----------------------------------------------------------------------------------------

TEST(BadJsonTest, AValueIsRefusedForFieldAndRule) {
  Inputs inputs;
  for (const BadRecord& bad : BadRecords()) {
    // JSON is UTF-8 as a whole: see below.
    if (bad.reason == v1::REJECTION_REASON_INVALID_UTF8) continue;
    std::string json;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(*bad.record, &json).ok()) << What(bad);
    inputs.Add(absl::StrCat(RecordTypeName(bad.type), json));
    const absl::Status status = RecordFromJson(bad.type, json).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << What(bad);
    EXPECT_TRUE(
        absl::StartsWith(status.message(), absl::StrCat(RecordTypeName(bad.type), ": ", bad.path,
                                                        ": expected ", bad.expected, ", got ")))
        << What(bad) << ": " << status;
  }
  inputs.ExpectEnough();
}

// The path with `value` at its end: {"title":{"text":VALUE}}; of a list its only element.
std::string JsonAt(const Path& path, const std::string& value) {
  std::string head, tail;
  for (const FieldDescriptor* field : path) {
    absl::StrAppend(&head, "{\"", field->json_name(), "\":", field->is_repeated() ? "[" : "");
    tail.insert(0, field->is_repeated() ? "]}" : "}");
  }
  return head + value + tail;
}

// Values that are none of the field's kind.
std::vector<std::string> OtherKinds(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return {"\"text\"", "\"\"", "7", "true", "[]", "[{}]"};
    case FieldDescriptor::CPPTYPE_ENUM:
      return {"{}", "[]", "[1]"};
    case FieldDescriptor::CPPTYPE_STRING:
      return {"7", "1.5", "true", "{}", "{\"text\":\"x\"}", "[]", "[\"x\"]"};
    case FieldDescriptor::CPPTYPE_BOOL:
      return {"\"maybe\"", "\"\"", "7", "1.5", "{}", "[]", "[true]"};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {"\"twelve\"", "\"\"", "true", "{}", "[]", "[1]"};
    default:
      return {"\"twelve\"",           "\"\"", "1.5", "\"1.5\"", "true",
              "18446744073709551616", "{}",   "[]",  "[1]"};
  }
}

// Seven rules: a value of another kind, by the six kinds of fields, and a name that is none.
TEST(BadJsonTest, AValueOfAnotherKindIsRefused) {
  Inputs inputs;
  const auto expect = [&inputs](v1::RecordType type, const std::string& json,
                                const std::string& field, const std::string& expected) {
    inputs.Add(absl::StrCat(RecordTypeName(type), json));
    const absl::Status status = RecordFromJson(type, json).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << json;
    EXPECT_TRUE(absl::StartsWith(status.message(), absl::StrCat(RecordTypeName(type), ": ", field,
                                                                ": expected ", expected, ", got ")))
        << json << ": " << status;
  };
  for (const v1::RecordType type : AllRecordTypes()) {
    for (const Path& path : PathsOf(type)) {
      const std::string name = PathName(path, true);
      for (const std::string& value : OtherKinds(*path.back())) {
        expect(type, JsonAt(path, value), name, "a value of the field's type");
      }
      // One element that is none, after one that could be.
      if (path.back()->is_repeated()) {
        const bool message = path.back()->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
        const std::string other = absl::StrCat(name.substr(0, name.size() - 3), "[1]");
        expect(type, JsonAt(path, message ? "{},null" : "\"x\",null"), other,
               "a value of the field's type");
      }
      if (path.back()->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        expect(type, JsonAt(path, "{\"noSuchField\":1}"), absl::StrCat(name, ".noSuchField"),
               "a field of the schema");
      }
      if (path.back()->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
        for (const char* value :
             {"\"NO_SUCH_NAME\"", "\"\"", "\"no such name\"", "1.5", "true", "99999999999"}) {
          expect(type, JsonAt(path, value), name, "a name that the schema has");
        }
      }
    }
    expect(type, "{\"noSuchField\":1}", "noSuchField", "a field of the schema");
  }
  inputs.ExpectEnough();
}

}  // namespace
}  // namespace baraza::bad_input
