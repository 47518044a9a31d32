#include "tests/unit/core/model/random_record.h"

#include "absl/strings/str_cat.h"
#include "core/model/schema_rules.h"
#include "tests/unit/core/model/operation_factory.h"

namespace baraza::testing {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A message may hold itself.
constexpr int kMaxDepth = 4;

std::string SomeString(Random& random, const FieldRules& rules) {
  const auto number = static_cast<uint32_t>(random.Uniform(3));
  switch (rules.form) {
    case ValueForm::kDate:
      return absl::StrCat("2026-03-0", 1 + number);
    case ValueForm::kLanguage:
      return "en";
    case ValueForm::kCountry:
      return "KE";
    case ValueForm::kTimeZone:
      return "Africa/Nairobi";
    case ValueForm::kId:
      return TestId(rules.id_prefix.empty() ? "rep" : rules.id_prefix, number);
    case ValueForm::kSha256:
      return std::string(32, static_cast<char>(number));
    case ValueForm::kCode:
    case ValueForm::kElementId:
    case ValueForm::kAny:
      break;
  }
  return std::string(1, static_cast<char>('a' + number));
}

double SomeNumber(Random& random, const FieldRules& rules) {
  if (rules.minimum > rules.maximum) return static_cast<double>(random.Uniform(3));
  return random.Uniform(2) == 0 ? rules.minimum : rules.maximum;
}

int SomeEnum(Random& random, const EnumDescriptor& type) {
  // Now and then one of a newer schema.
  if (random.Uniform(20) == 0) return 77;
  return type.value(static_cast<int>(random.Uniform(type.value_count())))->number();
}

void Fill(Random& random, Message& message, const MessageRules& rules, int depth);

// Sets the field, or appends to it.
void SetOne(Random& random, Message& message, const FieldRules& rules, int depth) {
  const google::protobuf::Reflection& reflection = *rules.reflection;
  const FieldDescriptor* field = rules.field;
  const auto set = [&](auto setter, auto adder, auto value) {
    if (rules.repeated) {
      (reflection.*adder)(&message, field, value);
    } else {
      (reflection.*setter)(&message, field, value);
    }
  };
  using R = google::protobuf::Reflection;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      set(&R::SetString, &R::AddString, SomeString(random, rules));
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (depth == kMaxDepth) break;
      Fill(random,
           rules.repeated ? *reflection.AddMessage(&message, field)
                          : *reflection.MutableMessage(&message, field),
           *rules.message, depth + 1);
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      set(&R::SetEnumValue, &R::AddEnumValue, SomeEnum(random, *field->enum_type()));
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      set(&R::SetBool, &R::AddBool, random.Uniform(2) == 0);
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      set(&R::SetDouble, &R::AddDouble, SomeNumber(random, rules));
      break;
    case FieldDescriptor::CPPTYPE_FLOAT:
      set(&R::SetFloat, &R::AddFloat, static_cast<float>(SomeNumber(random, rules)));
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      set(&R::SetInt32, &R::AddInt32, static_cast<int32_t>(SomeNumber(random, rules)));
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      set(&R::SetUInt32, &R::AddUInt32, static_cast<uint32_t>(SomeNumber(random, rules)));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      set(&R::SetInt64, &R::AddInt64, static_cast<int64_t>(SomeNumber(random, rules)));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      set(&R::SetUInt64, &R::AddUInt64, static_cast<uint64_t>(SomeNumber(random, rules)));
      break;
  }
}

void Fill(Random& random, Message& message, const MessageRules& rules, int depth) {
  for (const FieldRules& field : rules.fields) {
    if (random.Uniform(depth == 0 ? 2 : 3) != 0) continue;
    const uint64_t count = field.repeated ? 1 + random.Uniform(3) : 1;
    for (uint64_t i = 0; i < count; ++i) SetOne(random, message, field, depth);
  }
  if (random.Uniform(depth == 0 ? 4 : 40) != 0) return;
  for (uint64_t count = 1 + random.Uniform(3); count > 0; --count) {
    rules.reflection->MutableUnknownFields(&message)->AddVarint(
        static_cast<int>(501 + random.Uniform(400)), random.Uniform(3));
  }
}

// Gives each element of a field an id of its own, mostly ascending.
void NameElements(Random& random, Message& record, const MessageRules& rules) {
  for (const FieldRules& field : rules.fields) {
    if (field.merge != v1::MERGE_RULE_ELEMENTS) continue;
    const bool descending = random.Uniform(4) == 0;
    const int size = field.Count(record);
    for (int i = 0; i < size; ++i) {
      Message* element = rules.reflection->MutableRepeatedMessage(&record, field.field, i);
      field.message->reflection->SetString(
          element, field.message->element_id,
          std::string(1, static_cast<char>(descending ? 'z' - i : 'a' + i)));
    }
  }
}

}  // namespace

void FillRandomly(Random& random, Message& record) {
  const MessageRules& rules = RulesOf(record.GetDescriptor());
  Fill(random, record, rules, 0);
  NameElements(random, record, rules);
}

}  // namespace baraza::testing
