#include "core/model/json.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/base/text.h"
#include "core/model/limits.h"
#include "core/model/record_types.h"
#include "core/model/validate.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace baraza {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Value;

// Greatest nesting of objects and arrays. Brackets inside strings do not count; whether the text is
// JSON at all is the parser's to say.
int JsonDepth(absl::string_view json) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

// The quoted name at the end of `text`, if it could be one: a code that the schema does not know is
// worth showing, prose in its place is not.
std::string ShownName(absl::string_view text) {
  const size_t open = text.find('"');
  const bool quoted = open != absl::string_view::npos && absl::EndsWith(text, "\"");
  const absl::string_view name = quoted ? text.substr(open) : absl::string_view();
  const bool code = name.size() > 2 && name.size() <= 66 &&
                    std::all_of(name.begin() + 1, name.end() - 1, [](char c) {
                      return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
                    });
  return code ? std::string(name) : "another";
}

constexpr char kOfItsType[] = "a value of the field's type";

absl::Status CheckShape(const Value& value, const Descriptor& type, absl::string_view record,
                        const std::string& path);

// That `value`, one of the field's, is an object where the field is a message, and else is none.
absl::Status CheckShapeOfOne(const Value& value, const FieldDescriptor& field,
                             absl::string_view record, const std::string& path) {
  const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  if (value.has_list_value() || value.kind_case() == Value::kNullValue ||
      value.has_struct_value() != is_message) {
    return InvalidField(record, path, kOfItsType, "another");
  }
  return is_message ? CheckShape(value, *field.message_type(), record, path) : absl::OkStatus();
}

// Objects, lists and single values where the schema has them. The parser of protobuf does not say
// in which field they are wrong, and passes over some of it: null in a list, a list in a list.
absl::Status CheckShape(const Value& value, const Descriptor& type, absl::string_view record,
                        const std::string& path) {
  const auto& members = value.struct_value().fields();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    for (const std::string* name : {&field.json_name(), &field.name()}) {
      const auto member = members.find(*name);
      const bool seen = name != &field.json_name() && *name == field.json_name();
      if (seen || member == members.end() || member->second.kind_case() == Value::kNullValue)
        continue;
      const std::string inner = absl::StrCat(path, path.empty() ? "" : ".", field.name());
      // A single value stands for a list of one.
      if (!field.is_repeated() || !member->second.has_list_value()) {
        BARAZA_RETURN_IF_ERROR(CheckShapeOfOne(member->second, field, record, inner));
        continue;
      }
      int index = 0;
      for (const Value& element : member->second.list_value().values()) {
        BARAZA_RETURN_IF_ERROR(
            CheckShapeOfOne(element, field, record, absl::StrCat(inner, "[", index++, "]")));
      }
    }
  }
  return absl::OkStatus();
}

// The parser's message in our form, without what it quotes of the text. It comes as
// "(venue.coordinates): invalid value ..." or "(venue) contry: Cannot find field." or, for text
// that is not JSON, as a sentence with an excerpt on the lines below.
absl::Status ExplainError(absl::string_view record, absl::string_view message) {
  message = message.substr(0, message.find('\n'));
  std::string field;
  absl::string_view rest = message;
  const size_t end = message.find("): ");
  if (absl::StartsWith(message, "(") && end != absl::string_view::npos) {
    field = std::string(message.substr(1, end - 1));
    rest = message.substr(end + 3);
  }
  const size_t colon = rest.find(": Cannot find field");
  if (colon != absl::string_view::npos) {
    absl::string_view name = rest.substr(0, colon);
    const size_t path_end = name.find(") ");
    if (absl::StartsWith(name, "(") && path_end != absl::string_view::npos) {
      field = std::string(name.substr(1, path_end - 1));
      name.remove_prefix(path_end + 2);
    }
    if (!field.empty()) absl::StrAppend(&field, ".");
    // A name that long is none of ours.
    absl::StrAppend(&field, name.substr(0, 64));
    return InvalidField(record, field, "a field of the schema", "an unknown name");
  }
  const size_t type = rest.rfind(" for type type.googleapis.com/");
  if (type != absl::string_view::npos) {
    return InvalidField(record, field, "a name that the schema has",
                        ShownName(rest.substr(0, type)));
  }
  if (!field.empty()) return InvalidField(record, field, kOfItsType, "another");
  return InvalidField(record, "", "JSON", "text that is not well-formed or has another shape");
}

}  // namespace

absl::Status RecordFromJson(absl::string_view json, Message* record) {
  record->Clear();
  const std::string& name = record->GetDescriptor()->name();
  if (json.size() > kMaxJsonBytes) {
    return RecordError(absl::StatusCode::kResourceExhausted, name, "",
                       absl::StrCat("at most ", kMaxJsonBytes, " bytes of JSON"),
                       absl::StrCat(json.size()));
  }
  if (JsonDepth(json) > kMaxJsonDepth) {
    return RecordError(absl::StatusCode::kResourceExhausted, name, "",
                       absl::StrCat("JSON nested at most ", kMaxJsonDepth, " deep"),
                       absl::StrCat(JsonDepth(json)));
  }
  if (!IsValidUtf8(json)) return InvalidField(name, "", "JSON in UTF-8", "other bytes");
  Value shape;
  if (google::protobuf::util::JsonStringToMessage(std::string(json), &shape).ok()) {
    BARAZA_RETURN_IF_ERROR(CheckShape(shape, *record->GetDescriptor(), name, ""));
  }
  google::protobuf::util::JsonParseOptions options;
  const auto parsed = google::protobuf::util::JsonStringToMessage(
      std::string(json.data(), json.size()), record, options);
  absl::Status status;
  if (!parsed.ok()) {
    status =
        ExplainError(name, absl::string_view(parsed.message().data(), parsed.message().size()));
  } else {
    status = ValidateRecord(*record);
  }
  if (!status.ok()) record->Clear();
  return status;
}

absl::StatusOr<std::unique_ptr<Message>> RecordFromJson(v1::RecordType type,
                                                        absl::string_view json) {
  std::unique_ptr<Message> record = NewRecord(type);
  if (record == nullptr) {
    return InvalidField("record", "type", "a record type of this schema",
                        absl::StrCat(static_cast<int>(type)));
  }
  BARAZA_RETURN_IF_ERROR(RecordFromJson(json, record.get()));
  return record;
}

std::string RecordToJson(const Message& record, bool pretty) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = pretty;
  std::string json;
  // Fails on ill-formed UTF-8 at most, which no validated record has.
  if (!google::protobuf::util::MessageToJsonString(record, &json, options).ok()) return "{}";
  return json;
}

}  // namespace baraza
