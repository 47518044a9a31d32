#include "tests/fuzz/mutate_message.h"

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "baraza/v1/operation.pb.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/model/record_types.h"

namespace baraza::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// What reaches a branch that random bytes hardly find.
const char* const kStrings[] = {
    "",
    "a",
    "2026-03-05",
    "2026-02-31",
    "2024-02-29",
    "0001-01-01",
    "9999-12-31",
    "en",
    "fr-CM",
    "KE",
    "Africa/Nairobi",
    "2026-Q3",
    "teams_too_few",
    "Réunion à Łódź",
    "\xF0\x9F\x98\x80\xE2\x80\x8F",
    "rep_00000000000000000000000001",
    "rep_00000000000000000000000002",
    "src_00000000000000000000000001",
    "tem_00000000000000000000000001",
    "tem_00000000000000000000000002",
    "per_00000000000000000000000001",
    "prg_00000000000000000000000001",
    "iss_00000000000000000000000001",
    "op_00000000000000000000000001",
    "op_7zzzzzzzzzzzzzzzzzzzzzzzzz",
};

constexpr uint64_t kNumbers[] = {0,
                                 1,
                                 2,
                                 3,
                                 7,
                                 12,
                                 99,
                                 1000,
                                 65535,
                                 1'000'000,
                                 1'000'001,
                                 uint64_t{1} << 31,
                                 (uint64_t{1} << 31) - 1,
                                 uint64_t{1} << 48,
                                 (uint64_t{1} << 48) + 1,
                                 uint64_t{1} << 63,
                                 std::numeric_limits<uint64_t>::max()};

constexpr double kDoubles[] = {0,
                               -0.0,
                               0.01,
                               -90,
                               90,
                               180,
                               180.5,
                               -180.1,
                               1e300,
                               0.005,
                               std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::quiet_NaN()};

template <typename T, size_t n>
const T& OneOf(Random& random, const T (&values)[n]) {
  return values[random.Uniform(n)];
}

class Mutator {
 public:
  Mutator(Random& random, ChangeBytes change_bytes)
      : random_(random), change_bytes_(change_bytes) {}

  void Change(Message& message) {
    if (const auto* wire = dynamic_cast<const v1::WireOperation*>(&message)) {
      v1::Header header;
      if (header.ParseFromString(wire->header())) record_type_ = header.record_type();
    } else if (const auto* record = dynamic_cast<const v1::FeedRecord*>(&message)) {
      record_type_ = record->type();
    }
    const Reflection& reflection = *message.GetReflection();
    std::vector<const FieldDescriptor*> set;
    reflection.ListFields(message, &set);
    // Mostly something that is there, so that depth is reached.
    if (!set.empty() && random_.Uniform(4) != 0) {
      const FieldDescriptor* field = set[random_.Uniform(set.size())];
      field->is_repeated() ? ChangeRepeated(message, field) : ChangeSingle(message, field);
      return;
    }
    const int count = message.GetDescriptor()->field_count();
    if (count == 0) return;
    const FieldDescriptor* field =
        message.GetDescriptor()->field(static_cast<int>(random_.Uniform(count)));
    field->is_repeated() ? Add(message, field) : SetValue(message, field);
  }

 private:
  void ChangeSingle(Message& message, const FieldDescriptor* field) {
    const Reflection& reflection = *message.GetReflection();
    if (random_.Uniform(12) == 0) {
      reflection.ClearField(&message, field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Change(*reflection.MutableMessage(&message, field));
    } else {
      SetValue(message, field);
    }
  }

  void ChangeRepeated(Message& message, const FieldDescriptor* field) {
    const Reflection& reflection = *message.GetReflection();
    const int size = reflection.FieldSize(message, field);
    const int at = static_cast<int>(random_.Uniform(size));
    switch (random_.Uniform(8)) {
      case 0:
        reflection.SwapElements(&message, field, at, size - 1);
        reflection.RemoveLast(&message, field);
        return;
      case 1:
        reflection.SwapElements(&message, field, at, static_cast<int>(random_.Uniform(size)));
        return;
      case 2:
        if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
          const std::unique_ptr<Message> copy(
              reflection.GetRepeatedMessage(message, field, at).New());
          copy->CopyFrom(reflection.GetRepeatedMessage(message, field, at));
          reflection.AddMessage(&message, field)->CopyFrom(*copy);
          return;
        }
        Add(message, field);
        return;
      default:
        break;
    }
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Change(*reflection.MutableRepeatedMessage(&message, field, at));
        return;
      case FieldDescriptor::CPPTYPE_STRING:
        reflection.SetRepeatedString(
            &message, field, at,
            NewString(field, reflection.GetRepeatedString(message, field, at)));
        return;
      default:
        Add(message, field);
    }
  }

  void Add(Message& message, const FieldDescriptor* field) {
    const Reflection& reflection = *message.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Change(*reflection.AddMessage(&message, field));
        return;
      case FieldDescriptor::CPPTYPE_STRING:
        reflection.AddString(&message, field, NewString(field, ""));
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection.AddEnumValue(&message, field, NewEnum());
        return;
      case FieldDescriptor::CPPTYPE_UINT32:
        reflection.AddUInt32(&message, field, static_cast<uint32_t>(OneOf(random_, kNumbers)));
        return;
      default:
        return;
    }
  }

  void SetValue(Message& message, const FieldDescriptor* field) {
    const Reflection& reflection = *message.GetReflection();
    const uint64_t number = random_.Uniform(3) == 0 ? random_.Next64() : OneOf(random_, kNumbers);
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Change(*reflection.MutableMessage(&message, field));
        return;
      case FieldDescriptor::CPPTYPE_STRING:
        reflection.SetString(&message, field,
                             NewString(field, reflection.GetString(message, field)));
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection.SetEnumValue(&message, field, NewEnum());
        return;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection.SetBool(&message, field, random_.Uniform(2) == 0);
        return;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.SetInt32(&message, field, static_cast<int32_t>(number));
        return;
      case FieldDescriptor::CPPTYPE_UINT32:
        reflection.SetUInt32(&message, field, static_cast<uint32_t>(number));
        return;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection.SetInt64(&message, field, static_cast<int64_t>(number));
        return;
      case FieldDescriptor::CPPTYPE_UINT64:
        reflection.SetUInt64(&message, field, number);
        return;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        reflection.SetDouble(&message, field, OneOf(random_, kDoubles));
        return;
      case FieldDescriptor::CPPTYPE_FLOAT:
        reflection.SetFloat(&message, field, static_cast<float>(OneOf(random_, kDoubles)));
        return;
    }
  }

  int NewEnum() { return random_.Uniform(20) == 0 ? 77 : static_cast<int>(random_.Uniform(8)); }

  std::string NewString(const FieldDescriptor* field, std::string value) {
    if (std::unique_ptr<Message> inner = Inside(field)) {
      if (random_.Uniform(10) != 0) {
        if (!inner->ParsePartialFromString(value)) inner->Clear();
        Change(*inner);
        return inner->SerializePartialAsString();
      }
    } else if (random_.Uniform(2) == 0) {
      return OneOf(random_, kStrings);
    } else if (random_.Uniform(10) == 0) {
      return std::string(random_.Uniform(3) == 0 ? 5000 : 32, 'x');
    }
    change_bytes_(value);
    return value;
  }

  // The message that a field of type bytes holds; nullptr: none.
  std::unique_ptr<Message> Inside(const FieldDescriptor* field) const {
    if (field->type() != FieldDescriptor::TYPE_BYTES) return nullptr;
    const std::string& name = field->full_name();
    if (name == "baraza.v1.WireOperation.header") return std::make_unique<v1::Header>();
    if (name == "baraza.v1.Part.delta") return std::make_unique<v1::Delta>();
    if (name == "baraza.v1.FeedItem.payload") return std::make_unique<v1::FeedPayload>();
    if (name == "baraza.v1.Delta.record" || name == "baraza.v1.FeedRecord.record") {
      return NewRecord(record_type_);
    }
    return nullptr;
  }

  Random& random_;
  const ChangeBytes change_bytes_;
  // Of the operation that is being changed.
  v1::RecordType record_type_ = v1::RECORD_TYPE_SESSION_REPORT;
};

}  // namespace

void MutateMessage(Message& message, Random& random, ChangeBytes change_bytes) {
  Mutator(random, change_bytes).Change(message);
}

}  // namespace baraza::fuzz
