#ifndef BARAZA_CORE_BASE_SHA256_H_
#define BARAZA_CORE_BASE_SHA256_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// OpenSSL's EVP_MD_CTX, whose header stays out of this one.
struct evp_md_ctx_st;

namespace baraza {

namespace internal {
struct FreeSha256Context {
  void operator()(evp_md_ctx_st* context) const;
};
using Sha256Context = std::unique_ptr<evp_md_ctx_st, FreeSha256Context>;
}  // namespace internal

// A SHA-256 value (FIPS 180-4), ordered as its bytes are.
struct Sha256Digest {
  static constexpr size_t kSize = 32;
  std::array<uint8_t, kSize> bytes{};

  friend auto operator<=>(const Sha256Digest&, const Sha256Digest&) = default;

  // 64 lower-case hexadecimal digits.
  std::string ToHex() const;

  // The 32 bytes; the view lives as long as the digest.
  absl::string_view AsBytes() const;

  // INVALID_ARGUMENT unless `bytes` is 32 bytes long.
  static absl::StatusOr<Sha256Digest> FromBytes(absl::string_view bytes);
};

// The digest of `data`. Any thread.
Sha256Digest Sha256(absl::string_view data);

// Hashes a stream piece by piece. Not thread-safe; not usable once it was moved from.
class Sha256Hasher {
 public:
  Sha256Hasher();

  // Appends `data`; returns *this for chaining.
  Sha256Hasher& Update(absl::string_view data);

  // Appends the length of `data` as 8 bytes, big-endian, and then `data`, so that no two sequences
  // of fields hash alike.
  Sha256Hasher& UpdateFramed(absl::string_view data);

  // The digest of everything so far; the hasher then starts afresh.
  Sha256Digest Finish();

 private:
  internal::Sha256Context context_;
};

// Whether two strings are equal, in time that depends on their lengths only. For secrets and their
// hashes.
bool SecureEquals(absl::string_view a, absl::string_view b);

}  // namespace baraza

#endif  // BARAZA_CORE_BASE_SHA256_H_
