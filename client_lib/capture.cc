#include "client_lib/capture.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "baraza/v1/options.pb.h"
#include "baraza/v1/session_report.pb.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/limits.h"
#include "core/model/record_types.h"

namespace baraza::client {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

// A field of elements and what keys them.
struct ElementField {
  const FieldDescriptor* field = nullptr;
  const FieldDescriptor* id = nullptr;
};

// What the schema's options say about a type's fields, which takes long to ask.
struct Fields {
  // Of class DEVICE.
  std::vector<const FieldDescriptor*> local;
  std::vector<ElementField> elements;
};

Fields ReadFields(const Descriptor& descriptor) {
  Fields fields;
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor* field = descriptor.field(i);
    if (field->options().GetExtension(v1::privacy) == v1::PRIVACY_DEVICE) {
      fields.local.push_back(field);
    }
    if (!field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
        field->options().GetExtension(v1::merge) != v1::MERGE_RULE_ELEMENTS) {
      continue;
    }
    const FieldDescriptor* id = field->message_type()->FindFieldByName("element_id");
    if (id != nullptr) fields.elements.push_back({field, id});
  }
  return fields;
}

// Of a record's type.
const Fields& FieldsOf(const Message& record) {
  static const auto* const by_type = [] {
    auto* made = new absl::flat_hash_map<const Descriptor*, Fields>();
    for (const v1::RecordType type : AllRecordTypes()) {
      const Descriptor* descriptor = RecordDescriptor(type);
      made->emplace(descriptor, ReadFields(*descriptor));
    }
    return made;
  }();
  return by_type->at(record.GetDescriptor());
}

std::vector<const FieldDescriptor*> SetFields(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

// Whether a field that is set holds nothing.
bool IsEmptyValue(const Message& message, const FieldDescriptor& field) {
  if (field.is_repeated()) return false;
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(message, &field).empty();
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return reflection.GetMessage(message, &field).ByteSizeLong() == 0;
    default:
      return false;
  }
}

// Moves one field of `from` to the empty message `to` of the same type.
void MoveField(Message& from, const FieldDescriptor* field, Message& to) {
  from.GetReflection()->SwapFields(&from, &to, {field});
}

size_t FieldBytes(const Message& record, const FieldDescriptor* field) {
  const std::unique_ptr<Message> copy(record.New());
  copy->CopyFrom(record);
  const std::unique_ptr<Message> alone(record.New());
  MoveField(*copy, field, *alone);
  return alone->ByteSizeLong();
}

}  // namespace

std::unique_ptr<Message> TakeLocalValues(Message& record) {
  std::unique_ptr<Message> local;
  const Reflection& reflection = *record.GetReflection();
  for (const FieldDescriptor* field : FieldsOf(record).local) {
    const bool set = field->is_repeated() ? reflection.FieldSize(record, field) > 0
                                          : reflection.HasField(record, field);
    if (!set) continue;
    if (local == nullptr) local.reset(record.New());
    MoveField(record, field, *local);
  }
  return local;
}

void LayLocalValues(const Message& changed, Message& local) {
  for (const FieldDescriptor* field : SetFields(changed)) {
    local.GetReflection()->ClearField(&local, field);
  }
  const std::unique_ptr<Message> kept(changed.New());
  kept->CopyFrom(changed);
  for (const FieldDescriptor* field : SetFields(changed)) {
    if (IsEmptyValue(changed, *field)) kept->GetReflection()->ClearField(kept.get(), field);
  }
  local.MergeFrom(*kept);
}

namespace {

// Gives each element without an id one from `mint`, which is asked again while the id is taken.
template <typename Mint>
void GiveElementIds(Message& record, const Mint& mint) {
  const Reflection& reflection = *record.GetReflection();
  for (const auto& [field, id] : FieldsOf(record).elements) {
    absl::btree_set<std::string> used;
    std::vector<Message*> unnamed;
    const int size = reflection.FieldSize(record, field);
    for (int i = 0; i < size; ++i) {
      Message* element = reflection.MutableRepeatedMessage(&record, field, i);
      std::string given = element->GetReflection()->GetString(*element, id);
      if (given.empty()) {
        unnamed.push_back(element);
      } else {
        used.insert(std::move(given));
      }
    }
    for (Message* element : unnamed) {
      std::string minted;
      do {
        minted = mint();
      } while (!used.insert(minted).second);
      element->GetReflection()->SetString(element, id, minted);
    }
  }
}

}  // namespace

void NumberElements(Message& record) {
  int elements = 0;
  for (const auto& [field, id] : FieldsOf(record).elements) {
    elements += record.GetReflection()->FieldSize(record, field);
  }
  // Of equal width, so that the ids sort as the numbers do. An id that the app gave one itself is
  // skipped.
  const size_t width = absl::StrCat(elements).size();
  int last = 0;
  GiveElementIds(record, [&last, width] {
    const std::string digits = absl::StrCat(++last);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
  });
}

void MintMissingElementIds(Message& record, Random& random) {
  GiveElementIds(record, [&random] { return MintElementId(random); });
}

void CoarsenCoordinates(Message& record) {
  if (record.GetDescriptor() != v1::SessionReport::descriptor()) return;
  auto& report = static_cast<v1::SessionReport&>(record);
  if (!report.venue().has_coordinates()) return;
  v1::Coordinates& coordinates = *report.mutable_venue()->mutable_coordinates();
  coordinates.set_latitude(std::round(coordinates.latitude() * 100) / 100);
  coordinates.set_longitude(std::round(coordinates.longitude() * 100) / 100);
}

absl::Status TooLarge(absl::string_view record_id, const Message& record) {
  std::string largest;
  size_t largest_bytes = 0;
  for (const FieldDescriptor* field : SetFields(record)) {
    const size_t field_bytes = FieldBytes(record, field);
    if (field_bytes > largest_bytes) {
      largest = field->name();
      largest_bytes = field_bytes;
    }
  }
  return InvalidField(record_id, largest,
                      absl::StrCat("a record of at most ", kMaxOperationBytes, " bytes"),
                      absl::StrCat(largest_bytes, " bytes in its largest field"));
}

}  // namespace baraza::client
