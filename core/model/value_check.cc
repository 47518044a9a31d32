#include "core/model/value_check.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/base/casts.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/civil_date.h"
#include "core/base/ids.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/model/limits.h"
#include "core/model/record_registers.h"
#include "core/model/wire_reader.h"

namespace baraza {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

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

std::optional<ValueProblem> CheckString(absl::string_view value, const FieldRules& rules,
                                        const ValueCheckOptions& options) {
  const size_t max_bytes = std::max(rules.max_bytes, options.max_bytes);
  if (value.size() > max_bytes) {
    return TooLarge(absl::StrCat("at most ", max_bytes, " bytes"), absl::StrCat(value.size()));
  }
  if (options.check_utf8 && rules.type == FieldDescriptor::TYPE_STRING && !IsValidUtf8(value)) {
    ValueProblem problem = Invalid("UTF-8", "other bytes");
    problem.reason = v1::REJECTION_REASON_INVALID_UTF8;
    return problem;
  }
  // Empty is missing, which is legal; as an item of a list it is nothing that could be meant.
  if (value.empty()) {
    if (rules.repeated && rules.form != ValueForm::kAny) {
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

std::optional<ValueProblem> CheckElementIds(std::vector<absl::string_view> ids) {
  if (std::any_of(ids.begin(), ids.end(), [](absl::string_view id) { return id.empty(); })) {
    return Invalid("an element id", "none");
  }
  if (!std::is_sorted(ids.begin(), ids.end())) std::sort(ids.begin(), ids.end());
  const auto twice = std::adjacent_find(ids.begin(), ids.end());
  if (twice == ids.end()) return std::nullopt;
  return Invalid("an element id once", absl::StrCat("\"", *twice, "\" twice"));
}

// The values that a packed field holds, of which there may be several in one piece.
int CountPacked(const WireField& field, const FieldRules& rules) {
  if (rules.wire_type == kWireFixed64) return static_cast<int>(field.payload.size() / 8);
  if (rules.wire_type == kWireFixed32) return static_cast<int>(field.payload.size() / 4);
  // The last byte of a varint is below 128.
  return static_cast<int>(std::count_if(field.payload.begin(), field.payload.end(),
                                        [](char c) { return static_cast<uint8_t>(c) < 0x80; }));
}

// Checks a serialized message field by field, beside the message that it stands for: asking
// reflection for every field costs ten times as much. What the parser would read in another way
// than the walk does is not canonical: a field out of order or twice, or one that is written though
// it is nothing. Such bytes are walked again as the message serializes.
class Walk {
 public:
  // `serialized`: the bytes are known to be canonical. What is odd about them nevertheless is among
  // the fields that the parser carried as unknown, behind all others.
  Walk(bool check_utf8, bool serialized) : check_utf8_(check_utf8), serialized_(serialized) {}

  // Whether all that was met is as a serializer writes it. Otherwise the walk broke off.
  bool canonical() const { return canonical_; }

  // `message` may be nullptr if nothing within has a check of its own. `max_bytes` is what the
  // fields around set for strings inside them.
  std::optional<ValueProblem> CheckMessage(const Message* message, const MessageRules& rules,
                                           absl::string_view bytes, size_t max_bytes) {
    WireReader reader(bytes);
    WireField field;
    const FieldRules* last = nullptr;
    uint64_t oneofs = 0;
    bool device = false;
    bool more = reader.Next(&field);
    while (more) {
      const FieldRules* known = rules.Find(field.number);
      if (known == nullptr || !Holds(field, *known)) {
        more = reader.Next(&field);
        continue;
      }
      if (last != nullptr && known <= last && !serialized_) return NotCanonical();
      last = known;
      std::optional<ValueProblem> problem;
      if (known->repeated) {
        problem = CheckRun(message, *known, reader, field, more, max_bytes);
      } else {
        if (!known->has_presence && IsNothing(field) && !serialized_) return NotCanonical();
        if (known->oneof >= 0 && !serialized_) {
          const uint64_t bit = uint64_t{1} << known->oneof;
          if ((oneofs & bit) != 0) return NotCanonical();
          oneofs |= bit;
        }
        device = device || (known->field == rules.sensitivity &&
                            static_cast<int>(field.value) == v1::PRIVACY_DEVICE);
        problem = CheckValue(message, *known, 0, field, max_bytes);
        more = reader.Next(&field);
      }
      if (!canonical_) return std::nullopt;
      if (problem.has_value()) {
        const std::string& name = known->field->name();
        problem->field = problem->field.empty() ? name : absl::StrCat(name, ".", problem->field);
        return problem;
      }
    }
    if (!reader.ok() && !serialized_) return NotCanonical();
    if (device) {
      ValueProblem problem = Invalid("PUBLIC, PROGRAMME or TEAM", "PRIVACY_DEVICE");
      problem.field = rules.sensitivity->name();
      return problem;
    }
    return rules.check == nullptr ? std::nullopt : rules.check(*message);
  }

 private:
  std::optional<ValueProblem> NotCanonical() {
    canonical_ = false;
    return std::nullopt;
  }

  // Whether the parser takes it for a value of the field; anything else is carried as unknown.
  static bool Holds(const WireField& field, const FieldRules& rules) {
    return field.wire_type == rules.wire_type || IsPacked(field, rules);
  }

  static bool IsPacked(const WireField& field, const FieldRules& rules) {
    return rules.repeated && field.wire_type == kWireBytes && rules.wire_type != kWireBytes;
  }

  static bool IsNothing(const WireField& field) {
    return field.wire_type == kWireBytes ? field.payload.empty() : field.value == 0;
  }

  // The values of a repeated field, which stand side by side; `field` is the first. Moves `field`
  // and `more` on to what follows them.
  std::optional<ValueProblem> CheckRun(const Message* message, const FieldRules& rules,
                                       WireReader& reader, WireField& field, bool& more,
                                       size_t max_bytes) {
    // A value is a byte at least.
    if (reader.left() + field.whole.size() > static_cast<size_t>(kMaxRepeated)) {
      const int size = CountRun(rules, reader, field);
      if (size > kMaxRepeated) {
        return TooLarge(absl::StrCat("at most ", kMaxRepeated, " items"), absl::StrCat(size));
      }
    }
    const bool elements = rules.merge == v1::MERGE_RULE_ELEMENTS && rules.message != nullptr &&
                          rules.message->element_id != nullptr;
    std::vector<absl::string_view> ids;
    int index = 0;
    do {
      if (auto problem = CheckValue(message, rules, index, field, max_bytes)) return problem;
      if (!canonical_) return std::nullopt;
      if (elements) ids.push_back(ElementIdOf(field.payload, *rules.message));
      ++index;
      more = reader.Next(&field);
    } while (more && field.number == rules.number && Holds(field, rules));
    if (!elements) return std::nullopt;
    auto problem = CheckElementIds(std::move(ids));
    if (problem.has_value()) problem->field = "element_id";
    return problem;
  }

  static int CountRun(const FieldRules& rules, WireReader reader, WireField field) {
    int size = 0;
    do {
      size += IsPacked(field, rules) ? CountPacked(field, rules) : 1;
    } while (reader.Next(&field) && field.number == rules.number && Holds(field, rules));
    return size;
  }

  // Value number `index` of a field.
  std::optional<ValueProblem> CheckValue(const Message* message, const FieldRules& rules, int index,
                                         const WireField& field, size_t max_bytes) {
    switch (rules.type) {
      case FieldDescriptor::TYPE_STRING:
      case FieldDescriptor::TYPE_BYTES:
        return CheckString(field.payload, rules, {check_utf8_, max_bytes});
      case FieldDescriptor::TYPE_MESSAGE:
        // max_bytes on a message is for the text inside it.
        return CheckMessage(
            rules.message->checked_within ? &rules.MessageAt(*message, index) : nullptr,
            *rules.message, field.payload, std::max(max_bytes, rules.max_bytes));
      default:
        return rules.repeated ? std::nullopt : CheckScalar(rules, field.value);
    }
  }

  // No number of the schema that has a range is repeated.
  static std::optional<ValueProblem> CheckScalar(const FieldRules& rules, uint64_t value) {
    switch (rules.type) {
      case FieldDescriptor::TYPE_DOUBLE:
        return CheckNumber(absl::bit_cast<double>(value), rules);
      case FieldDescriptor::TYPE_UINT32:
        return CheckNumber(static_cast<uint32_t>(value), rules);
      case FieldDescriptor::TYPE_INT32:
        return CheckNumber(static_cast<int32_t>(value), rules);
      case FieldDescriptor::TYPE_SINT32: {
        const auto zigzag = static_cast<uint32_t>(value);
        return CheckNumber(static_cast<int32_t>((zigzag >> 1) ^ (~(zigzag & 1) + 1)), rules);
      }
      case FieldDescriptor::TYPE_INT64:
        return CheckNumber(static_cast<double>(static_cast<int64_t>(value)), rules);
      default:
        // Enum values that this schema does not know are carried; booleans and 64-bit sizes have no
        // limits.
        return std::nullopt;
    }
  }

  const bool check_utf8_;
  const bool serialized_;
  bool canonical_ = true;
};

}  // namespace

std::optional<ValueProblem> FindValueProblem(const Message& message, const MessageRules& rules,
                                             const ValueCheckOptions& options) {
  return Walk(options.check_utf8, /*serialized=*/true)
      .CheckMessage(&message, rules, CanonicalBytes(message), options.max_bytes);
}

std::optional<ValueProblem> FindValueProblem(const Message& message, const MessageRules& rules,
                                             absl::string_view bytes,
                                             const ValueCheckOptions& options) {
  Walk walk(options.check_utf8, /*serialized=*/false);
  const auto problem = walk.CheckMessage(&message, rules, bytes, options.max_bytes);
  if (walk.canonical() && !problem.has_value()) return std::nullopt;
  // Bytes in another order may have another problem first.
  return FindValueProblem(message, rules, options);
}

}  // namespace baraza
