#include "client_lib/cli/json_input.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"
#include "core/base/text.h"
#include "core/model/json.h"
#include "core/model/record_types.h"
#include "google/protobuf/util/json_util.h"

namespace baraza::client {

namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

absl::StatusOr<Value> ParseOne(absl::string_view text) {
  if (!IsValidUtf8(text)) return absl::InvalidArgumentError("expected UTF-8");
  Value value;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(text.data(), text.size()), &value);
  if (!status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "expected JSON: ", absl::string_view(status.message().data(), status.message().size())));
  }
  return value;
}

// Where the JSON value at the start of `text` ends, by its brackets; the end of the line for one
// without.
size_t EndOfValue(absl::string_view text) {
  if (text[0] != '{' && text[0] != '[') return std::min(text.find('\n'), text.size());
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return text.size();
}

const Value* Find(const Value& value, const std::string& name) {
  if (!value.has_struct_value()) return nullptr;
  const auto& fields = value.struct_value().fields();
  const auto it = fields.find(name);
  return it == fields.end() ? nullptr : &it->second;
}

bool IsKey(absl::string_view text) {
  return text.size() > 1 && text[0] == '@' && std::all_of(text.begin() + 1, text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

std::string ToJson(const Value& value) {
  std::string json;
  // A Value that came from JSON can always be written as JSON.
  (void)google::protobuf::util::MessageToJsonString(value, &json);
  return json;
}

absl::Status AddEntry(const Value& value, std::string where, std::vector<RecordEntry>& entries) {
  if (const Value* sources = Find(value, "sources"); sources != nullptr) {
    if (!sources->has_list_value()) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": sources: expected a list"));
    }
    int source_number = 0;
    for (const Value& source : sources->list_value().values()) {
      const std::string source_where = absl::StrCat(where, ", source ", ++source_number);
      BARAZA_RETURN_IF_ERROR(AddEntry(source, source_where, entries));
      const Value* reports = Find(source, "reports");
      if (reports == nullptr) continue;
      if (!reports->has_list_value()) {
        return absl::InvalidArgumentError(absl::StrCat(source_where, ": reports: expected a list"));
      }
      int report_number = 0;
      for (const Value& report : reports->list_value().values()) {
        BARAZA_RETURN_IF_ERROR(
            AddEntry(report, absl::StrCat(source_where, ", report ", ++report_number), entries));
      }
    }
    return absl::OkStatus();
  }
  RecordEntry entry;
  entry.where = std::move(where);
  if (const Value* record = Find(value, "record"); record != nullptr) {
    if (const Value* key = Find(value, "key"); key != nullptr) {
      entry.key = key->string_value();
      if (!IsKey(entry.key)) {
        return absl::InvalidArgumentError(
            absl::StrCat(entry.where, ": key: expected \"@\" and letters a-z, digits or hyphens"));
      }
    }
    entry.record = *record;
  } else {
    entry.record = value;
  }
  entries.push_back(std::move(entry));
  return absl::OkStatus();
}

absl::StatusOr<v1::Record> RecordOfMember(v1::RecordType type, const Value& member) {
  auto message = RecordFromJson(type, ToJson(member));
  if (!message.ok()) return message.status();
  v1::Record record;
  MutableMember(record, type)->CopyFrom(**message);
  return record;
}

}  // namespace

absl::StatusOr<std::vector<Value>> ParseJsonValues(absl::string_view text) {
  std::vector<Value> values;
  // A byte order mark, as some editors leave it.
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  while (true) {
    while (!text.empty() && IsSpace(text[0])) text.remove_prefix(1);
    if (text.empty()) break;
    const size_t end = EndOfValue(text);
    auto value = ParseOne(text.substr(0, end));
    if (!value.ok()) {
      return Annotate(value.status(), absl::StrCat("entry ", values.size() + 1));
    }
    text.remove_prefix(end);
    if (value->has_list_value()) {
      for (Value& element : *value->mutable_list_value()->mutable_values()) {
        values.push_back(std::move(element));
      }
    } else {
      values.push_back(*std::move(value));
    }
  }
  if (values.empty()) return absl::InvalidArgumentError("expected JSON, got nothing");
  return values;
}

absl::StatusOr<std::vector<RecordEntry>> ParseRecordFile(absl::string_view text) {
  BARAZA_ASSIGN_OR_RETURN(const std::vector<Value> values, ParseJsonValues(text));
  std::vector<RecordEntry> entries;
  int number = 0;
  for (const Value& value : values) {
    BARAZA_RETURN_IF_ERROR(AddEntry(value, absl::StrCat("entry ", ++number), entries));
  }
  return entries;
}

absl::Status ResolveKeys(const KeyMap& keys, Value& value) {
  switch (value.kind_case()) {
    case Value::kStringValue: {
      if (!IsKey(value.string_value())) return absl::OkStatus();
      const auto it = keys.find(value.string_value());
      if (it == keys.end()) {
        return absl::InvalidArgumentError(
            absl::StrCat("the key ", value.string_value(),
                         " is not known here: a record comes after those it refers to"));
      }
      value.set_string_value(it->second);
      return absl::OkStatus();
    }
    case Value::kStructValue: {
      // By name: a map's own order would name another key each time.
      std::map<std::string, Value*> members;
      for (auto& [name, member] : *value.mutable_struct_value()->mutable_fields()) {
        members[name] = &member;
      }
      for (const auto& [name, member] : members) {
        BARAZA_RETURN_IF_ERROR(ResolveKeys(keys, *member));
      }
      return absl::OkStatus();
    }
    case Value::kListValue:
      for (Value& element : *value.mutable_list_value()->mutable_values()) {
        BARAZA_RETURN_IF_ERROR(ResolveKeys(keys, element));
      }
      return absl::OkStatus();
    default:
      return absl::OkStatus();
  }
}

absl::StatusOr<v1::Record> RecordOfValue(const Value& value) {
  const google::protobuf::Descriptor& descriptor = *v1::Record::descriptor();
  if (!value.has_struct_value() || value.struct_value().fields_size() != 1) {
    return absl::InvalidArgumentError(
        "expected one record, such as {\"sessionReport\": {...}} or {\"source\": {...}}");
  }
  const auto& [name, member] = *value.struct_value().fields().begin();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *descriptor.field(i);
    if (name == field.json_name() || name == field.name()) {
      return RecordOfMember(static_cast<v1::RecordType>(field.number()), member);
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("expected the name of a kind of record, got \"", name.substr(0, 40), "\""));
}

absl::StatusOr<v1::Record> RecordOfEntry(const RecordEntry& entry, const KeyMap& keys) {
  const std::string where =
      entry.key.empty() ? entry.where : absl::StrCat(entry.where, " (", entry.key, ")");
  Value value = entry.record;
  if (absl::Status status = ResolveKeys(keys, value); !status.ok()) return Annotate(status, where);
  auto record = RecordOfValue(value);
  if (!record.ok()) return Annotate(record.status(), where);
  return record;
}

void MergePatch(const Value& patch, Value& target) {
  if (!patch.has_struct_value()) {
    target = patch;
    return;
  }
  if (!target.has_struct_value()) target.mutable_struct_value();
  auto& fields = *target.mutable_struct_value()->mutable_fields();
  for (const auto& [name, value] : patch.struct_value().fields()) {
    if (value.kind_case() == Value::kNullValue) {
      fields.erase(name);
    } else {
      MergePatch(value, fields[name]);
    }
  }
}

absl::StatusOr<v1::Record> PatchRecord(const v1::Record& record, const Value& patch) {
  const google::protobuf::Message* member = Member(record);
  if (member == nullptr) return absl::InvalidArgumentError("there is no record to change");
  if (!patch.has_struct_value()) {
    return absl::InvalidArgumentError("expected the changes as one JSON object");
  }
  BARAZA_ASSIGN_OR_RETURN(Value target, ParseOne(RecordToJson(*member)));
  // Both spellings of a field's name are legal in a patch; the record is written in one of them.
  Value renamed;
  const google::protobuf::Descriptor& descriptor = *member->GetDescriptor();
  for (const auto& [name, value] : patch.struct_value().fields()) {
    const google::protobuf::FieldDescriptor* field = descriptor.FindFieldByName(name);
    (*renamed.mutable_struct_value()
          ->mutable_fields())[field != nullptr ? field->json_name() : name] = value;
  }
  MergePatch(renamed, target);
  return RecordOfMember(RecordTypeOf(descriptor), target);
}

absl::StatusOr<Value> PatchOfAssignment(absl::string_view assignment) {
  const size_t equals = assignment.find('=');
  if (equals == absl::string_view::npos || equals == 0) {
    return absl::InvalidArgumentError(
        "expected FIELD=VALUE, such as venue.country=KE or heldStatus=HELD_STATUS_HELD");
  }
  const absl::string_view text = assignment.substr(equals + 1);
  Value value;
  if (text.empty()) {
    value.set_null_value(google::protobuf::NULL_VALUE);
  } else if (auto parsed = ParseOne(text); parsed.ok()) {
    value = *std::move(parsed);
  } else {
    value.set_string_value(std::string(text));
  }
  const std::vector<std::string> path = absl::StrSplit(assignment.substr(0, equals), '.');
  for (auto it = path.rbegin(); it != path.rend(); ++it) {
    if (it->empty()) return absl::InvalidArgumentError("expected a field's name before each dot");
    Value outer;
    (*outer.mutable_struct_value()->mutable_fields())[*it] = std::move(value);
    value = std::move(outer);
  }
  return value;
}

absl::StatusOr<KeyMap> ParseKeys(absl::string_view json) {
  BARAZA_ASSIGN_OR_RETURN(const Value value, ParseOne(json));
  if (!value.has_struct_value()) {
    return absl::InvalidArgumentError("expected {\"@key\": \"id\", ...}");
  }
  KeyMap keys;
  for (const auto& [key, id] : value.struct_value().fields()) {
    if (!id.has_string_value()) {
      return absl::InvalidArgumentError("expected {\"@key\": \"id\", ...}");
    }
    keys[key] = id.string_value();
  }
  return keys;
}

std::string KeysToJson(const KeyMap& keys) {
  std::string json = "{";
  for (const auto& [key, id] : keys) {
    Value one;
    one.set_string_value(key);
    Value other;
    other.set_string_value(id);
    absl::StrAppend(&json, json.size() > 1 ? "," : "", "\n  ", ToJson(one), ": ", ToJson(other));
  }
  absl::StrAppend(&json, "\n}\n");
  return json;
}

}  // namespace baraza::client
