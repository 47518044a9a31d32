#include "core/model/record_state.h"

#include <string>

#include "core/model/record_registers.h"

namespace baraza {

void PutCreation(const v1::Header& creation, v1::RecordState* state) {
  state->set_created(true);
  state->set_team_id(creation.team_id());
  state->set_author_id(creation.author_id());
  state->set_created_device_time_ms(creation.device_time_ms());
  state->set_created_lamport(creation.lamport());
}

void PutRecord(google::protobuf::Message& record, const MessageRules& rules,
               v1::RecordState* state) {
  for (const FieldRules& field : rules.fields) {
    if (field.merge != v1::MERGE_RULE_DERIVED) continue;
    const std::string& name = field.field->name();
    const std::string& value = name == "id"        ? state->record_id()
                               : name == "team_id" ? state->team_id()
                                                   : state->author_id();
    rules.reflection->SetString(&record, field.field, value);
  }
  state->set_record(CanonicalBytes(record));
  if (rules.void_mark != nullptr && rules.reflection->HasField(record, rules.void_mark)) {
    const auto& mark =
        static_cast<const v1::VoidMark&>(rules.reflection->GetMessage(record, rules.void_mark));
    state->set_voided(mark.voided());
  }
}

}  // namespace baraza
