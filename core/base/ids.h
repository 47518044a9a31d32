#ifndef BARAZA_CORE_BASE_IDS_H_
#define BARAZA_CORE_BASE_IDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "core/base/random.h"

namespace baraza {

// Ids are TypeIDs (https://github.com/jetpack-io/typeid, spec 0.3.0): a prefix that names the type,
// "_", and a UUIDv7 (RFC 9562) as 26 characters of lower-case Crockford base32. They sort by the
// time of minting, which keeps B-trees dense; that time comes from the device's clock and means
// nothing else.
using Uuid = std::array<uint8_t, 16>;

inline constexpr size_t kMaxIdPrefixLength = 63;
inline constexpr size_t kIdSuffixLength = 26;
inline constexpr size_t kMaxIdLength = kMaxIdPrefixLength + 1 + kIdSuffixLength;
inline constexpr size_t kMaxElementIdLength = 8;

// The 26 characters that stand for `uuid`; the first is at most '7'.
std::string EncodeIdSuffix(const Uuid& uuid);

// The inverse. INVALID_ARGUMENT unless `suffix` is 26 characters of the alphabet and its value fits
// 128 bits.
absl::StatusOr<Uuid> DecodeIdSuffix(absl::string_view suffix);

// A new id. `prefix` is [a-z] with inner '_', at most 63 long (not checked: it is a constant of the
// caller). A clock before 1970 counts as 1970, one past the year 10889 (48 bits of milliseconds) as
// that limit. Two ids minted in the same millisecond are in no particular order; see IdMinter.
std::string MintId(absl::string_view prefix, Clock& clock, Random& random);

// Mints ids that strictly increase (apart from their prefix) for as long as the object lives, even
// within one millisecond or when the clock steps back: then the last id's random part is increased
// by a random step. Safe from any thread; `clock` and `random` must outlive it, and `random` is
// used under its lock.
class IdMinter {
 public:
  IdMinter(Clock& clock, Random& random) : clock_(clock), random_(random) {}
  IdMinter(const IdMinter&) = delete;
  IdMinter& operator=(const IdMinter&) = delete;

  std::string Mint(absl::string_view prefix);

 private:
  Clock& clock_;
  Random& random_;
  Mutex mutex_;
  uint64_t last_ms_ BARAZA_GUARDED_BY(mutex_) = 0;
  // The last id's 12 + 62 random bits; both zero before the first.
  uint64_t last_high_ BARAZA_GUARDED_BY(mutex_) = 0;
  uint64_t last_low_ BARAZA_GUARDED_BY(mutex_) = 0;
  bool minted_ BARAZA_GUARDED_BY(mutex_) = false;
};

// OK if `id` is exactly `prefix`, "_" and a well-formed suffix; else INVALID_ARGUMENT saying what
// was expected. The UUID's version is not looked at: an id from elsewhere may carry another.
absl::Status ValidateId(absl::string_view id, absl::string_view prefix);

// The prefix of a well-formed id (a view into `id`), else INVALID_ARGUMENT.
absl::StatusOr<absl::string_view> IdPrefix(absl::string_view id);

// An id for an element inside a record: 8 characters of Crockford base32, 40 random bits.
std::string MintElementId(Random& random);

// OK if `id` is 1 to 8 characters of [0-9A-Za-z_-], else INVALID_ARGUMENT.
absl::Status ValidateElementId(absl::string_view id);

}  // namespace baraza

#endif  // BARAZA_CORE_BASE_IDS_H_
