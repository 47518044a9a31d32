#ifndef BARAZA_CORE_MODEL_OPERATION_BATCH_H_
#define BARAZA_CORE_MODEL_OPERATION_BATCH_H_

#include <cstddef>

#include "absl/status/status.h"
#include "baraza/v1/sync_service.pb.h"

namespace baraza {

// The form of a request's operations on the wire. What a transport sends is packed; SyncEngine and
// SyncHandler see operations only.

// Moves the operations of `request` into its packed_operations. A request without any stays as it
// is. Any thread.
void PackOperations(v1::SyncRequest& request);

// The reverse. INVALID_ARGUMENT: no packed batch, or operations beside it. RESOURCE_EXHAUSTED: more
// than `max_bytes` of them. `request` is then as it was.
absl::Status UnpackOperations(size_t max_bytes, v1::SyncRequest& request);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_OPERATION_BATCH_H_
