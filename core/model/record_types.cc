#include "core/model/record_types.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "baraza/v1/options.pb.h"
#include "core/base/ids.h"
#include "core/base/status.h"

namespace baraza {
namespace {

struct Entry {
  v1::RecordType type = v1::RECORD_TYPE_UNSPECIFIED;
  const google::protobuf::FieldDescriptor* member = nullptr;
  const google::protobuf::Message* prototype = nullptr;
  std::string id_prefix;
};

// Read once from the descriptor of v1::Record; constant afterwards.
struct Table {
  // Indexed by type; entries without a member are gaps.
  std::vector<Entry> by_type;
  std::vector<v1::RecordType> types;
  std::map<std::string, v1::RecordType, std::less<>> by_prefix;

  Table() {
    const google::protobuf::Descriptor* record = v1::Record::descriptor();
    for (int i = 0; i < record->field_count(); ++i) {
      const google::protobuf::FieldDescriptor* member = record->field(i);
      Entry entry;
      entry.type = static_cast<v1::RecordType>(member->number());
      entry.member = member;
      entry.prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(
          member->message_type());
      entry.id_prefix = member->message_type()->options().GetExtension(v1::id_prefix);
      if (by_type.size() <= static_cast<size_t>(entry.type)) by_type.resize(entry.type + 1);
      types.push_back(entry.type);
      by_prefix.emplace(entry.id_prefix, entry.type);
      by_type[entry.type] = std::move(entry);
    }
    std::sort(types.begin(), types.end());
  }
};

const Table& Types() {
  static const Table* const table = new Table();
  return *table;
}

const Entry* Find(v1::RecordType type) {
  const Table& table = Types();
  if (type <= 0 || static_cast<size_t>(type) >= table.by_type.size()) return nullptr;
  const Entry& entry = table.by_type[type];
  return entry.member == nullptr ? nullptr : &entry;
}

}  // namespace

absl::Span<const v1::RecordType> AllRecordTypes() { return Types().types; }

const google::protobuf::Descriptor* RecordDescriptor(v1::RecordType type) {
  const Entry* entry = Find(type);
  return entry == nullptr ? nullptr : entry->member->message_type();
}

v1::RecordType RecordTypeOf(const google::protobuf::Descriptor& descriptor) {
  for (const v1::RecordType type : AllRecordTypes()) {
    if (RecordDescriptor(type) == &descriptor) return type;
  }
  return v1::RECORD_TYPE_UNSPECIFIED;
}

absl::string_view RecordTypeName(v1::RecordType type) {
  const Entry* entry = Find(type);
  return entry == nullptr ? absl::string_view("record") : entry->member->message_type()->name();
}

absl::string_view IdPrefixOf(v1::RecordType type) {
  const Entry* entry = Find(type);
  return entry == nullptr ? absl::string_view() : entry->id_prefix;
}

absl::StatusOr<v1::RecordType> RecordTypeOfId(absl::string_view record_id) {
  BARAZA_ASSIGN_OR_RETURN(const absl::string_view prefix, IdPrefix(record_id));
  const auto& by_prefix = Types().by_prefix;
  const auto found = by_prefix.find(StdSv(prefix));
  if (found == by_prefix.end()) {
    return InvalidField("", "", "an id with the prefix of a record type", prefix);
  }
  return found->second;
}

std::unique_ptr<google::protobuf::Message> NewRecord(v1::RecordType type) {
  const Entry* entry = Find(type);
  if (entry == nullptr) return nullptr;
  return std::unique_ptr<google::protobuf::Message>(entry->prototype->New());
}

google::protobuf::Message* NewRecordOn(google::protobuf::Arena& arena, v1::RecordType type) {
  const Entry* entry = Find(type);
  return entry == nullptr ? nullptr : entry->prototype->New(&arena);
}

const google::protobuf::Message* Member(const v1::Record& record) {
  const Entry* entry = Find(static_cast<v1::RecordType>(record.record_case()));
  if (entry == nullptr) return nullptr;
  return &record.GetReflection()->GetMessage(record, entry->member);
}

void SetMember(v1::Record& record, std::unique_ptr<google::protobuf::Message> member) {
  const Entry& entry = *Find(RecordTypeOf(*member->GetDescriptor()));
  record.GetReflection()->SetAllocatedMessage(&record, member.release(), entry.member);
}

google::protobuf::Message* MutableMember(v1::Record& record, v1::RecordType type) {
  const Entry* entry = Find(type);
  if (entry == nullptr) return nullptr;
  return record.GetReflection()->MutableMessage(&record, entry->member);
}

}  // namespace baraza
