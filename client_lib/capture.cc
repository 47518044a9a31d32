#include "client_lib/capture.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "baraza/v1/options.pb.h"
#include "baraza/v1/session_report.pb.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/limits.h"
#include "core/model/record_types.h"

namespace baraza::client {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

bool IsLocal(const FieldDescriptor& field) {
  return field.options().GetExtension(v1::privacy) == v1::PRIVACY_DEVICE;
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
  std::unique_ptr<Message> local(record.New());
  for (const FieldDescriptor* field : SetFields(record)) {
    if (IsLocal(*field)) MoveField(record, field, *local);
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

// The field that keys the elements of `field`; null: it has no elements of that kind.
const FieldDescriptor* ElementIdOf(const FieldDescriptor& field) {
  if (!field.is_repeated() || field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
      field.options().GetExtension(v1::merge) != v1::MERGE_RULE_ELEMENTS) {
    return nullptr;
  }
  return field.message_type()->FindFieldByName("element_id");
}

// Gives each element without an id one from `mint`, which is asked again while the id is taken.
void GiveElementIds(Message& record, const std::function<std::string()>& mint) {
  const Reflection& reflection = *record.GetReflection();
  for (const FieldDescriptor* field : SetFields(record)) {
    const FieldDescriptor* id = ElementIdOf(*field);
    if (id == nullptr) continue;
    absl::btree_set<std::string> used;
    const int size = reflection.FieldSize(record, field);
    for (int i = 0; i < size; ++i) {
      const Message& element = reflection.GetRepeatedMessage(record, field, i);
      used.insert(element.GetReflection()->GetString(element, id));
    }
    for (int i = 0; i < size; ++i) {
      Message* element = reflection.MutableRepeatedMessage(&record, field, i);
      if (!element->GetReflection()->GetString(*element, id).empty()) continue;
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
  for (const FieldDescriptor* field : SetFields(record)) {
    if (ElementIdOf(*field) == nullptr) continue;
    elements += record.GetReflection()->FieldSize(record, field);
  }
  // Of equal width, so that the ids sort as the numbers do. An id that the app gave one itself is
  // skipped.
  const int width = static_cast<int>(absl::StrCat(elements).size());
  int last = 0;
  GiveElementIds(record, [&last, width] { return absl::StrFormat("%0*d", width, ++last); });
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
