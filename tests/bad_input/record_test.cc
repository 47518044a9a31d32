// Records with one bad value, by each of the ways in: a record that an app captures, an operation
// that comes over the line, JSON that a person wrote.

#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "baraza/v1/options.pb.h"
#include "core/base/ids.h"
#include "core/model/json.h"
#include "core/model/limits.h"
#include "core/model/record_types.h"
#include "core/model/validate.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/util/json_util.h"
#include "tests/bad_input/bad_records.h"

namespace baraza::bad_input {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What "at least" means for one parser.
constexpr size_t kLeastInputs = 500;

std::string Id(absl::string_view prefix, uint8_t number) {
  Uuid uuid{};
  uuid[15] = number;
  return absl::StrCat(prefix, "_", EncodeIdSuffix(uuid));
}

AuthorGrant Grant() {
  return {.programme_id = Id("prg", 1),
          .person_id = Id("per", 1),
          .team_ids = {Id("tem", 1)},
          .roles = {v1::ROLE_ADMINISTRATOR, v1::ROLE_COLLECTOR}};
}

// The creation of a record, its values in one part, whatever they are.
v1::WireOperation Creation(const Message& record, v1::Privacy privacy,
                           const v1::Delta& rest = v1::Delta()) {
  v1::Header header;
  header.set_record_type(RecordTypeOf(*record.GetDescriptor()));
  header.set_record_id(Id(IdPrefixOf(header.record_type()), 2));
  header.set_op_id(header.record_id());
  header.set_programme_id(Id("prg", 1));
  header.set_team_id(Id("tem", 1));
  header.set_author_id(Id("per", 1));
  header.set_author_role(v1::ROLE_ADMINISTRATOR);
  header.set_lamport(1);
  header.set_schema_level(kSchemaLevel);
  v1::Delta delta = rest;
  delta.set_record(record.SerializeAsString());
  v1::WireOperation wire;
  wire.set_device_seq(1);
  wire.set_header(header.SerializeAsString());
  v1::Part& part = *wire.add_parts();
  part.set_privacy(privacy);
  part.set_delta(delta.SerializeAsString());
  return wire;
}

void ExpectRejection(const v1::WireOperation& wire, v1::RejectionReason reason,
                     const std::string& field, const std::string& expected,
                     const std::string& what) {
  Operation parsed;
  const std::optional<Rejection> rejection = JudgeOperation(wire, Grant(), &parsed);
  ASSERT_TRUE(rejection.has_value()) << what;
  EXPECT_EQ(v1::RejectionReason_Name(rejection->reason), v1::RejectionReason_Name(reason)) << what;
  EXPECT_EQ(rejection->field, field) << what;
  EXPECT_TRUE(
      absl::StrContains(rejection->message, absl::StrCat(field, ": expected ", expected, ", got ")))
      << what << ": " << rejection->message;
}

// Protobuf says each ill-formed text on standard error, too.
const google::protobuf::LogSilencer silence;

std::string What(const BadRecord& bad) {
  return absl::StrCat(RecordTypeName(bad.type), ".", bad.path, ": ", bad.rule);
}

TEST(BadRecordTest, ARecordSaysFieldAndRule) {
  std::set<std::string> seen;
  for (const BadRecord& bad : BadRecords()) {
    const absl::Status status = ValidateRecord(*bad.record);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << What(bad);
    EXPECT_TRUE(
        absl::StartsWith(status.message(), absl::StrCat(RecordTypeName(bad.type), ": ", bad.path,
                                                        ": expected ", bad.expected, ", got ")))
        << What(bad) << ": " << status;
    EXPECT_TRUE(seen.insert(What(bad)).second) << What(bad) << " twice";
  }
  EXPECT_GE(seen.size(), kLeastInputs);
  RecordProperty("inputs", static_cast<int>(seen.size()));
}

TEST(BadRecordTest, AnOperationIsRejectedForFieldAndRule) {
  size_t inputs = 0;
  for (const BadRecord& bad : BadRecords()) {
    ExpectRejection(Creation(*bad.record, v1::PRIVACY_TEAM), bad.reason, bad.path, bad.expected,
                    What(bad));
    ++inputs;
  }
  EXPECT_GE(inputs, kLeastInputs);
  RecordProperty("inputs", static_cast<int>(inputs));
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
// the header; cleared or removed from where that cannot be.
TEST(BadRecordTest, AFieldInTheWrongPartOrOfTheWrongKindIsRejected) {
  size_t inputs = 0;
  for (const v1::RecordType type : AllRecordTypes()) {
    const google::protobuf::Descriptor& descriptor = *RecordDescriptor(type);
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const FieldDescriptor* field = descriptor.field(i);
      const std::string what = field->full_name();
      const v1::MergeRule merge = field->options().GetExtension(v1::merge);
      const v1::Privacy privacy = field->options().GetExtension(v1::privacy);
      const std::unique_ptr<Message> record = NewRecord(type);
      SetSomething(*record, field);
      if (merge == v1::MERGE_RULE_DERIVED) {
        ExpectRejection(Creation(*record, v1::PRIVACY_TEAM), v1::REJECTION_REASON_INVALID_VALUE,
                        field->name(), "nothing, since it follows from the header", what);
        ++inputs;
      } else if (privacy == v1::PRIVACY_DEVICE) {
        for (const v1::Privacy part :
             {v1::PRIVACY_PUBLIC, v1::PRIVACY_PROGRAMME, v1::PRIVACY_TEAM}) {
          ExpectRejection(Creation(*record, part), v1::REJECTION_REASON_PRIVACY_CLASS,
                          field->name(), "a field that stays on the device", what);
          ++inputs;
        }
      } else {
        for (int part = v1::PRIVACY_PUBLIC; part < privacy; ++part) {
          ExpectRejection(
              Creation(*record, static_cast<v1::Privacy>(part)), v1::REJECTION_REASON_PRIVACY_CLASS,
              field->name(),
              absl::StrCat("the part ", v1::Privacy_Name(privacy), " or a stricter one"), what);
          ++inputs;
        }
      }
      const uint32_t number = static_cast<uint32_t>(field->number());
      if (merge == v1::MERGE_RULE_DERIVED || merge == v1::MERGE_RULE_ELEMENTS) {
        v1::Delta clearing;
        clearing.add_cleared_fields(number);
        ExpectRejection(Creation(*NewRecord(type), v1::PRIVACY_TEAM, clearing),
                        v1::REJECTION_REASON_INVALID_VALUE, field->name(),
                        "no clearing of the whole field", what);
        ++inputs;
      } else {
        // Set and cleared by one operation.
        v1::Delta clearing;
        clearing.add_cleared_fields(number);
        clearing.add_cleared_fields(number);
        if (privacy != v1::PRIVACY_DEVICE) {
          Operation parsed;
          const auto twice = JudgeOperation(Creation(*NewRecord(type), v1::PRIVACY_TEAM, clearing),
                                            Grant(), &parsed);
          ASSERT_TRUE(twice.has_value()) << what;
          EXPECT_EQ(twice->reason, v1::REJECTION_REASON_INVALID_VALUE) << what;
          EXPECT_EQ(twice->field, field->name()) << what;
          ++inputs;
        }
      }
      if (merge != v1::MERGE_RULE_ELEMENTS) {
        v1::Delta removing;
        v1::RemovedElement& removed = *removing.add_removed_elements();
        removed.set_field_number(number);
        removed.set_element_id("a");
        ExpectRejection(Creation(*NewRecord(type), v1::PRIVACY_TEAM, removing),
                        v1::REJECTION_REASON_INVALID_VALUE, field->name(),
                        "no removal from a field without elements", what);
        ++inputs;
      }
    }
  }
  EXPECT_GE(inputs, kLeastInputs);
  RecordProperty("inputs", static_cast<int>(inputs));
}

// --- JSON
// -----------------------------------------------------------------------------------------

TEST(BadJsonTest, AValueIsRefusedForFieldAndRule) {
  size_t inputs = 0;
  for (const BadRecord& bad : BadRecords()) {
    // JSON is UTF-8 as a whole: see below.
    if (bad.reason == v1::REJECTION_REASON_INVALID_UTF8) continue;
    std::string json;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(*bad.record, &json).ok()) << What(bad);
    const absl::Status status = RecordFromJson(bad.type, json).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << What(bad);
    EXPECT_TRUE(
        absl::StartsWith(status.message(), absl::StrCat(RecordTypeName(bad.type), ": ", bad.path,
                                                        ": expected ", bad.expected, ", got ")))
        << What(bad) << ": " << status;
    ++inputs;
  }
  EXPECT_GE(inputs, kLeastInputs);
  RecordProperty("inputs", static_cast<int>(inputs));
}

// The path with `value` at its end: {"title":{"text":VALUE}}.
std::string JsonAt(const Path& path, const std::string& value) {
  std::string head, tail;
  for (const FieldDescriptor* field : path) {
    absl::StrAppend(&head, "{\"", field->json_name(), "\":", field->is_repeated() ? "[" : "");
    tail.insert(0, field->is_repeated() ? "]}" : "}");
  }
  return head + value + tail;
}

void ExpectRefused(v1::RecordType type, const std::string& json, const std::string& field,
                   const std::string& expected) {
  const absl::Status status = RecordFromJson(type, json).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << json;
  EXPECT_TRUE(absl::StartsWith(
      status.message(),
      absl::StrCat(RecordTypeName(type), ": ", field.empty() ? "" : absl::StrCat(field, ": "),
                   "expected ", expected, ", got ")))
      << json << ": " << status;
}

TEST(BadJsonTest, AValueOfAnotherKindIsRefused) {
  size_t inputs = 0;
  for (const v1::RecordType type : AllRecordTypes()) {
    for (const Path& path : PathsOf(type)) {
      const FieldDescriptor& field = *path.back();
      switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE: {
          const std::string json = JsonAt(path, "{\"noSuchField\":1}");
          ExpectRefused(type, json, absl::StrCat(PathName(path, true), ".noSuchField"),
                        "a field of the schema");
          ++inputs;
          break;
        }
        case FieldDescriptor::CPPTYPE_ENUM:
          ExpectRefused(type, JsonAt(path, "\"NO_SUCH_NAME\""), PathName(path, true),
                        "a name that the schema has");
          ++inputs;
          break;
        case FieldDescriptor::CPPTYPE_STRING:
          break;
        case FieldDescriptor::CPPTYPE_BOOL:
          ExpectRefused(type, JsonAt(path, "\"maybe\""), PathName(path, true),
                        "a value of the field's type");
          ++inputs;
          break;
        default:
          ExpectRefused(type, JsonAt(path, "\"twelve\""), PathName(path, true),
                        "a value of the field's type");
          ++inputs;
          if (field.cpp_type() != FieldDescriptor::CPPTYPE_DOUBLE) {
            ExpectRefused(type, JsonAt(path, "1.5"), PathName(path, true),
                          "a value of the field's type");
            ++inputs;
          }
      }
    }
    ExpectRefused(type, "{\"noSuchField\":1}", "noSuchField", "a field of the schema");
    ++inputs;
  }
  RecordProperty("inputs", static_cast<int>(inputs));
}

}  // namespace
}  // namespace baraza::bad_input
