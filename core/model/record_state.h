#ifndef BARAZA_CORE_MODEL_RECORD_STATE_H_
#define BARAZA_CORE_MODEL_RECORD_STATE_H_

#include "baraza/v1/operation.pb.h"
#include "baraza/v1/record.pb.h"
#include "core/model/schema_rules.h"

// Internal to core/model: what a record's state takes from its creation and from its values,
// however they were found.

namespace baraza {

// What the state says of a creating operation that took effect.
void PutCreation(const v1::Header& creation, v1::RecordState* state);

// Gives `record`, of the type with `rules`, the derived fields that follow from `state`, and
// `state` what it says of the record: its bytes and whether it is voided.
void PutRecord(google::protobuf::Message& record, const MessageRules& rules,
               v1::RecordState* state);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_RECORD_STATE_H_
