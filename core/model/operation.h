#ifndef BARAZA_CORE_MODEL_OPERATION_H_
#define BARAZA_CORE_MODEL_OPERATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "baraza/v1/operation.pb.h"
#include "core/base/sha256.h"
#include "core/model/rejection.h"

namespace baraza {

// One part's change, parsed.
struct PartDelta {
  v1::Privacy privacy = v1::PRIVACY_UNSPECIFIED;
  v1::Delta delta;
};

// An operation in bytes and parsed. `deltas` has the parts that are not redacted, ascending by
// class.
struct Operation {
  v1::WireOperation wire;
  v1::Header header;
  std::vector<PartDelta> deltas;
  // SHA-256 of the op_id: settles equal lamports, since the id itself begins with the phone's
  // clock.
  Sha256Digest id_hash;
  // OperationHash(wire).
  Sha256Digest hash;
};

// SHA-256 over the header's SHA-256 and, in their order, the class and the delta's SHA-256 of every
// part. A redacted part gives the hash it kept, so redaction leaves this unchanged; device_seq is
// outside, so re-stamping does too.
Sha256Digest OperationHash(const v1::WireOperation& wire);

// Parses header and deltas (not the record inside a delta) and checks structure and size: parts
// ascending, one per class, PUBLIC to TEAM, each either a delta or a redacted hash.
// INVALID_ARGUMENT names what is wrong.
absl::StatusOr<Operation> ParseOperation(v1::WireOperation wire);

// ParseOperation that says why as a Rejection; nullopt: `parsed` is filled.
std::optional<Rejection> ParseOperationInto(v1::WireOperation wire, Operation* parsed);

// What the header of a new operation says. The creating operation has op_id == record_id and no
// parents.
struct OperationStamp {
  std::string op_id;
  std::string record_id;
  v1::RecordType record_type = v1::RECORD_TYPE_UNSPECIFIED;
  std::string programme_id;
  std::string team_id;
  std::string author_id;
  v1::Role author_role = v1::ROLE_UNSPECIFIED;
  uint64_t lamport = 0;
  // The record's heads, in any order. Of more than 64 the 64 greatest are taken: the operation then
  // descends from those only, and a later one takes in the rest.
  std::vector<std::string> parent_op_ids;
  int64_t device_time_ms = 0;
};

// A register that an operation sets although its value stays the same: how a person confirms the
// standing value of a conflict. For an ELEMENTS field element_id names the element (one that is
// gone is removed again).
struct RestatedField {
  int field_number = 0;
  std::string element_id;
};

// The operation that turns `before` (nullptr: the record does not exist) into `after`. Set means
// present, and what `before` has and `after` has not is cleared explicitly; fields that neither
// schema level knows are never cleared. Every changed field goes into the part of its class, the
// strictest of the field's, the record's sensitivity and (for means of verification) the element's;
// an unknown one into TEAM. DEVICE and derived fields stay out.
// FAILED_PRECONDITION: nothing changes. INVALID_ARGUMENT: `after` is not of the stamp's type, an
// element has no valid id of its own. RESOURCE_EXHAUSTED: more than kMaxOperationBytes. Does not
// validate the record: see validate.h. The result is what ParseOperation reads from its wire form,
// which has no device_seq yet.
absl::StatusOr<Operation> BuildOperation(const OperationStamp& stamp,
                                         const google::protobuf::Message* before,
                                         const google::protobuf::Message& after,
                                         absl::Span<const RestatedField> restated = {});

// An operation that erases the parts named (withdrawn consent). Office roles only.
// INVALID_ARGUMENT when nothing is named or a class is not PUBLIC to TEAM.
absl::StatusOr<Operation> BuildRedaction(const OperationStamp& stamp,
                                         absl::Span<const v1::Redaction> redactions);

// Erases the parts of `classes` in place: the bytes go, their SHA-256 stays, OperationHash is
// unchanged. Parts already erased stay as they are. Returns whether anything was erased.
bool EraseParts(v1::WireOperation& wire, absl::Span<const v1::Privacy> classes);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_OPERATION_H_
