#ifndef BARAZA_CORE_MODEL_OPERATION_HEADER_H_
#define BARAZA_CORE_MODEL_OPERATION_HEADER_H_

#include "absl/status/statusor.h"
#include "core/model/operation.h"

namespace baraza {

// Internal to core/model: the header that a stamp asks for, with parents sorted and bounded.
// INVALID_ARGUMENT when ids, lamport or parents do not fit together.
absl::StatusOr<v1::Header> HeaderOf(const OperationStamp& stamp);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_OPERATION_HEADER_H_
