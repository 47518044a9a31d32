#ifndef BARAZA_CORE_MODEL_MERGE_H_
#define BARAZA_CORE_MODEL_MERGE_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "baraza/v1/record.pb.h"
#include "core/model/operation.h"
#include "core/model/record_types.h"

namespace baraza {

// The current record: a pure function of the *set* of its operations, the same bytes whatever their
// order, batches or repetitions. `operations` are of one record (at least one).
//
// Per register the greatest (lamport, SHA-256(op_id)) wins; a value that the winner's operation
// does not descend from is a conflict unless it was superseded or is equal. Authority is judged
// from the headers and the schema's options; what is without effect is a finding. Without its
// creating operation (or with one whose author may not create such a record) a state has created ==
// false and no values. Linear in operations times registers; keeps nothing between calls. Any
// thread.
v1::RecordState MergeOperations(absl::Span<const Operation> operations);

// MergeOperations of a creating operation alone, for who has the record at hand that BuildOperation
// made it from: a fraction of the work. ValidateRecord has passed `record`, which becomes the
// state's record. Any thread.
v1::RecordState StateOfCreation(const Operation& creation, google::protobuf::Message* record);

// The record message of a state, unknown fields included. FAILED_PRECONDITION for a type that this
// schema does not know, DATA_LOSS if the bytes do not parse.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> RecordOf(const v1::RecordState& state);

// The same as a T. INVALID_ARGUMENT when the state is of another type.
template <typename T>
absl::StatusOr<T> RecordAs(const v1::RecordState& state) {
  if (RecordTypeOf(*T::descriptor()) != state.type()) {
    return absl::InvalidArgumentError(state.record_id() + ": expected " + T::descriptor()->name() +
                                      ", got a record of another type");
  }
  T record;
  if (!record.ParseFromString(state.record())) {
    return absl::DataLossError(state.record_id() + ": the stored record does not parse");
  }
  return record;
}

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_MERGE_H_
