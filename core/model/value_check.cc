#include "core/model/value_check.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/civil_date.h"
#include "core/base/ids.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/model/limits.h"

namespace baraza {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMaxLanguageBytes = 35;
constexpr size_t kMaxTimeZoneBytes = 64;
constexpr size_t kMaxCodeBytes = 64;

ValueProblem Invalid(absl::string_view expected, absl::string_view got) {
  return {v1::REJECTION_REASON_INVALID_VALUE, "", std::string(expected), std::string(got)};
}

ValueProblem TooLarge(absl::string_view expected, absl::string_view got) {
  return {v1::REJECTION_REASON_TOO_LARGE, "", std::string(expected), std::string(got)};
}

// A value that is short and of a form that cannot be prose may be shown; anything else is a length.
std::string ShownCode(absl::string_view value) {
  const bool code = value.size() <= 40 && std::all_of(value.begin(), value.end(), [](char c) {
                      return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '/' ||
                             c == '.' || c == '+' || c == ':';
                    });
  if (code) return absl::StrCat("\"", value, "\"");
  return absl::StrCat(value.size(), " bytes");
}

std::string ShownNumber(double value) {
  if (value == std::floor(value) && std::fabs(value) < 1e15) {
    return absl::StrCat(static_cast<int64_t>(value));
  }
  return absl::StrCat(value);
}

// RFC 5646 as far as its shape goes: a language of 2 to 8 letters, subtags of 1 to 8.
bool IsLanguageTag(absl::string_view tag) {
  if (tag.size() > kMaxLanguageBytes) return false;
  bool first = true;
  for (const absl::string_view part : absl::StrSplit(tag, '-')) {
    if (part.empty() || part.size() > 8 || (first && part.size() < 2)) return false;
    for (const char c : part) {
      if (first ? !absl::ascii_isalpha(c) : !absl::ascii_isalnum(c)) return false;
    }
    first = false;
  }
  return true;
}

bool IsTimeZoneName(absl::string_view name) {
  return name.size() <= kMaxTimeZoneBytes && absl::ascii_isalpha(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
         });
}

bool IsCode(absl::string_view code) {
  return code.size() <= kMaxCodeBytes && absl::ascii_islower(code[0]) &&
         std::all_of(code.begin(), code.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
         });
}

std::optional<ValueProblem> CheckForm(absl::string_view value, const FieldRules& rules) {
  switch (rules.form) {
    case ValueForm::kAny:
      return std::nullopt;
    case ValueForm::kDate:
      if (ParseCivilDay(value).ok()) return std::nullopt;
      return Invalid("a date of the calendar as yyyy-mm-dd", ShownCode(value));
    case ValueForm::kLanguage:
      if (IsLanguageTag(value)) return std::nullopt;
      return Invalid("a BCP 47 language tag", ShownCode(value));
    case ValueForm::kCountry:
      if (value.size() == 2 && absl::ascii_isupper(value[0]) && absl::ascii_isupper(value[1])) {
        return std::nullopt;
      }
      return Invalid("an ISO 3166-1 code of two upper-case letters", ShownCode(value));
    case ValueForm::kTimeZone:
      if (IsTimeZoneName(value)) return std::nullopt;
      return Invalid("the IANA name of a time zone", ShownCode(value));
    case ValueForm::kId:
      if (rules.id_prefix.empty() ? IdPrefix(value).ok()
                                  : ValidateId(value, rules.id_prefix).ok()) {
        return std::nullopt;
      }
      return Invalid(rules.id_prefix.empty() ? std::string("an id")
                                             : absl::StrCat("an id of the form ", rules.id_prefix,
                                                            "_ and 26 characters"),
                     ShownCode(value));
    case ValueForm::kCode:
      if (IsCode(value)) return std::nullopt;
      return Invalid("a code of at most 64 of [a-z0-9_]", ShownCode(value));
    case ValueForm::kSha256:
      if (value.size() == Sha256Digest::kSize) return std::nullopt;
      return Invalid("32 bytes", absl::StrCat(value.size()));
    case ValueForm::kElementId:
      if (ValidateElementId(value).ok()) return std::nullopt;
      return Invalid("1 to 8 characters of [0-9A-Za-z_-]", ShownCode(value));
  }
  return std::nullopt;
}

std::optional<ValueProblem> CheckString(const std::string& value, const FieldRules& rules,
                                        const ValueCheckOptions& options) {
  const size_t max_bytes = std::max(rules.max_bytes, options.max_bytes);
  if (value.size() > max_bytes) {
    return TooLarge(absl::StrCat("at most ", max_bytes, " bytes"), absl::StrCat(value.size()));
  }
  if (options.check_utf8 && rules.field->type() == FieldDescriptor::TYPE_STRING &&
      !IsValidUtf8(value)) {
    ValueProblem problem = Invalid("UTF-8", "other bytes");
    problem.reason = v1::REJECTION_REASON_INVALID_UTF8;
    return problem;
  }
  // Empty is missing, which is legal; as an item of a list it is nothing that could be meant.
  if (value.empty()) {
    if (rules.field->is_repeated() && rules.form != ValueForm::kAny) {
      return Invalid("no empty item", "one");
    }
    return std::nullopt;
  }
  return CheckForm(value, rules);
}

std::optional<ValueProblem> CheckNumber(double value, const FieldRules& rules) {
  if (!std::isfinite(value)) return Invalid("a finite number", "another");
  if (rules.minimum > rules.maximum) return std::nullopt;
  if (value < rules.minimum || value > rules.maximum) {
    return Invalid(absl::StrCat(ShownNumber(rules.minimum), " to ", ShownNumber(rules.maximum)),
                   ShownNumber(value));
  }
  return std::nullopt;
}

// Value number `index` of a field.
std::optional<ValueProblem> CheckValue(const Message& message, const FieldRules& rules, int index,
                                       const ValueCheckOptions& options) {
  const FieldDescriptor* field = rules.field;
  const Reflection* reflection = rules.reflection;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      return CheckString(rules.StringAt(message, index, &scratch), rules, options);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      // max_bytes on a message is for the text inside it.
      ValueCheckOptions inner_options = options;
      inner_options.max_bytes = std::max(options.max_bytes, rules.max_bytes);
      return FindValueProblem(rules.MessageAt(message, index), *rules.message, inner_options);
    }
    // No number of the schema that has a range is repeated.
    case FieldDescriptor::CPPTYPE_DOUBLE:
      if (rules.repeated) return std::nullopt;
      return CheckNumber(reflection->GetDouble(message, field), rules);
    case FieldDescriptor::CPPTYPE_UINT32:
      if (rules.repeated) return std::nullopt;
      return CheckNumber(reflection->GetUInt32(message, field), rules);
    case FieldDescriptor::CPPTYPE_INT32:
      if (rules.repeated) return std::nullopt;
      return CheckNumber(reflection->GetInt32(message, field), rules);
    case FieldDescriptor::CPPTYPE_INT64:
      if (rules.repeated) return std::nullopt;
      return CheckNumber(static_cast<double>(reflection->GetInt64(message, field)), rules);
    default:
      // Enum values that this schema does not know are carried; booleans and 64-bit sizes have no
      // limits.
      return std::nullopt;
  }
}

std::optional<ValueProblem> CheckElementIds(const Message& message, const FieldRules& rules,
                                            int size) {
  std::vector<std::string> ids;
  ids.reserve(size);
  for (int i = 0; i < size; ++i) {
    ids.push_back(rules.message->reflection->GetString(rules.MessageAt(message, i),
                                                       rules.message->element_id));
    if (ids.back().empty()) return Invalid("an element id", "none");
  }
  std::sort(ids.begin(), ids.end());
  const auto twice = std::adjacent_find(ids.begin(), ids.end());
  if (twice == ids.end()) return std::nullopt;
  return Invalid("an element id once", absl::StrCat("\"", *twice, "\" twice"));
}

std::optional<ValueProblem> CheckField(const Message& message, const FieldRules& rules,
                                       const ValueCheckOptions& options) {
  const int size = rules.Count(message);
  if (size == 0) return std::nullopt;
  if (size > kMaxRepeated) {
    return TooLarge(absl::StrCat("at most ", kMaxRepeated, " items"), absl::StrCat(size));
  }
  for (int i = 0; i < size; ++i) {
    if (auto problem = CheckValue(message, rules, i, options)) return problem;
  }
  if (rules.merge == v1::MERGE_RULE_ELEMENTS && rules.message != nullptr &&
      rules.message->element_id != nullptr) {
    if (auto problem = CheckElementIds(message, rules, size)) {
      problem->field = "element_id";
      return problem;
    }
  }
  return std::nullopt;
}

std::optional<ValueProblem> CheckNamedField(const Message& message, const FieldRules& rules,
                                            const ValueCheckOptions& options) {
  auto problem = CheckField(message, rules, options);
  if (problem.has_value()) {
    const std::string& name = rules.field->name();
    problem->field = problem->field.empty() ? name : absl::StrCat(name, ".", problem->field);
  }
  return problem;
}

// What is wrong with the message as a whole.
std::optional<ValueProblem> CheckWhole(const Message& message, const MessageRules& rules) {
  if (rules.sensitivity != nullptr && OwnSensitivity(message, rules) == v1::PRIVACY_DEVICE) {
    ValueProblem problem = Invalid("PUBLIC, PROGRAMME or TEAM", "PRIVACY_DEVICE");
    problem.field = rules.sensitivity->name();
    return problem;
  }
  return rules.check == nullptr ? std::nullopt : rules.check(message);
}

}  // namespace

std::optional<ValueProblem> FindValueProblem(const Message& message, const MessageRules& rules,
                                             const ValueCheckOptions& options) {
  for (const FieldRules& field : rules.fields) {
    if (auto problem = CheckNamedField(message, field, options)) return problem;
  }
  return CheckWhole(message, rules);
}

std::optional<ValueProblem> FindValueProblem(const Message& message, const MessageRules& rules,
                                             absl::Span<const FieldRules* const> present,
                                             const ValueCheckOptions& options) {
  for (const FieldRules* field : present) {
    if (auto problem = CheckNamedField(message, *field, options)) return problem;
  }
  return CheckWhole(message, rules);
}

}  // namespace baraza
