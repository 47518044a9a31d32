#ifndef BARAZA_CORE_MODEL_LIMITS_H_
#define BARAZA_CORE_MODEL_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace baraza {

// What records and operations may hold. A device enforces these at capture and the server on what
// comes in, so a limit can be raised in a later version but never lowered: it would reject what a
// phone in the field has already taken.

// Header and parts of an operation together, in bytes: what fits through a 2G link in one try.
inline constexpr size_t kMaxOperationBytes = 64 * 1024;
// Parents of an operation. More heads than this means somebody floods the record.
inline constexpr int kMaxParents = 64;
// Bytes of a string that has no (max_bytes) option: about two pages of prose.
inline constexpr size_t kDefaultMaxStringBytes = 4096;
// Bytes of a field of type `bytes` that has no rule of its own.
inline constexpr size_t kMaxBytesField = 4096;
// Items of a repeated field, cleared fields, removed elements, redactions, unknown fields.
inline constexpr int kMaxRepeated = 1000;
// Lamport clocks are 1 .. 2^48. At one operation a microsecond that lasts for nine years.
inline constexpr uint64_t kMaxLamport = uint64_t{1} << 48;
// The schema that this code writes.
inline constexpr uint32_t kSchemaLevel = 1;
// The oldest schema that this code reads.
inline constexpr uint32_t kMinSchemaLevel = 1;
// The sync protocol that this code speaks.
inline constexpr uint32_t kProtocolVersion = 1;
// Values that a conflict lists beside the winner: what one operation can have as parents.
inline constexpr int kMaxConflictLosers = kMaxParents;
// A record as JSON text, before it is parsed.
inline constexpr size_t kMaxJsonBytes = 1024 * 1024;
// Nesting of objects and arrays in JSON. The deepest record needs nine.
inline constexpr int kMaxJsonDepth = 32;

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_LIMITS_H_
