#ifndef BARAZA_SYNC_SERVER_INGEST_PUSH_H_
#define BARAZA_SYNC_SERVER_INGEST_PUSH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/base/sha256.h"
#include "core/model/operation.h"
#include "core/model/rejection.h"
#include "sync_server/ingest/caller.h"
#include "sync_server/store/store_writer.h"

namespace baraza::server {

// One operation of a request as it was judged: by its bytes, fixed limits and the caller's grant.
struct JudgedOperation {
  uint64_t device_seq = 0;
  Sha256Digest hash;
  uint64_t size_bytes = 0;
  std::optional<Rejection> rejection;
  Operation operation;  // Unless rejected.
  std::string bytes;    // If rejected: as much as a quarantine would keep.
};

// Parses and judges, once; needs no store, so it runs outside the transaction.
JudgedOperation Judge(const v1::WireOperation& wire, const Caller& caller);

// What a device brings.
struct Push {
  std::string device_id;
  std::string incarnation;
  v1::DeviceState state;
  std::vector<JudgedOperation> operations;  // Ascending device_seq.
  int64_t now_ms = 0;
};

// What it is answered.
struct PushOutcome {
  std::vector<v1::OperationResult> results;
  uint64_t acknowledged_seq = 0;
  v1::DeviceDirective directive = v1::DEVICE_DIRECTIVE_UNSPECIFIED;
};

// PERMISSION_DENIED, saying what to do, unless the device is the caller's.
absl::Status CheckDeviceOwner(const DeviceRow& device, const Caller& caller);

// Applies a push within a write transaction: results are stored with what they tell of. Errors are
// the store's, or CheckDeviceOwner's.
//
//   sequence number known, same hash      the stored result
//   sequence number known, other hash     nothing is taken: TAKE_NEW_DEVICE_ID
//   other incarnation of the device       likewise
//   judged as rejected                    quarantine
//   operation id in the log, same hash    accepted, as a replay
//   operation id in the log, other hash   quarantine: ID_REUSED
//   else                                  log
//
// Of a suspended caller everything not answered before goes to the quarantine, and its numbers are
// not acknowledged: once the suspension is lifted the device sends it again and it is judged.
absl::Status ApplyPush(StoreWriter& writer, const Caller& caller, const Push& push,
                       PushOutcome* outcome);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_INGEST_PUSH_H_
