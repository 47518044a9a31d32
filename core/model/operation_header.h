#ifndef BARAZA_CORE_MODEL_OPERATION_HEADER_H_
#define BARAZA_CORE_MODEL_OPERATION_HEADER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "core/model/operation.h"

namespace baraza {

// Internal to core/model: the header that a stamp asks for, with parents sorted and bounded.
// INVALID_ARGUMENT when ids, lamport or parents do not fit together.
absl::StatusOr<v1::Header> HeaderOf(const OperationStamp& stamp);

// Internal to core/model: the operation of that header and those changes, ascending by class.
// RESOURCE_EXHAUSTED: more than kMaxOperationBytes.
absl::StatusOr<Operation> OperationOf(v1::Header header, std::vector<PartDelta> deltas);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_OPERATION_HEADER_H_
