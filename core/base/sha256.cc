#include "core/base/sha256.h"

#include <sodium.h>

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace baraza {
namespace {

crypto_hash_sha256_state* AsSodium(void* state) {
  return static_cast<crypto_hash_sha256_state*>(state);
}

// Never null, which an empty view's data may be and libsodium does not take.
const unsigned char* AsUnsigned(absl::string_view data) {
  if (data.empty()) data = "";
  return reinterpret_cast<const unsigned char*>(data.data());
}

}  // namespace

std::string Sha256Digest::ToHex() const { return absl::BytesToHexString(AsBytes()); }

absl::string_view Sha256Digest::AsBytes() const {
  return absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

absl::StatusOr<Sha256Digest> Sha256Digest::FromBytes(absl::string_view bytes) {
  if (bytes.size() != kSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("SHA-256 digest: expected 32 bytes, got ", bytes.size()));
  }
  Sha256Digest digest;
  std::copy(bytes.begin(), bytes.end(), digest.bytes.begin());
  return digest;
}

Sha256Digest Sha256(absl::string_view data) {
  Sha256Digest digest;
  crypto_hash_sha256(digest.bytes.data(), AsUnsigned(data), data.size());
  return digest;
}

Sha256Hasher::Sha256Hasher() {
  static_assert(sizeof(State) == sizeof(crypto_hash_sha256_state));
  static_assert(alignof(State) >= alignof(crypto_hash_sha256_state));
  crypto_hash_sha256_init(AsSodium(&state_));
}

Sha256Hasher& Sha256Hasher::Update(absl::string_view data) {
  crypto_hash_sha256_update(AsSodium(&state_), AsUnsigned(data), data.size());
  return *this;
}

Sha256Hasher& Sha256Hasher::UpdateFramed(absl::string_view data) {
  std::array<char, 8> length;
  const uint64_t size = data.size();
  for (int i = 0; i < 8; ++i) length[i] = static_cast<char>(size >> (56 - 8 * i));
  Update(absl::string_view(length.data(), length.size()));
  return Update(data);
}

Sha256Digest Sha256Hasher::Finish() {
  Sha256Digest digest;
  crypto_hash_sha256_final(AsSodium(&state_), digest.bytes.data());
  crypto_hash_sha256_init(AsSodium(&state_));
  return digest;
}

bool SecureEquals(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && sodium_memcmp(AsUnsigned(a), AsUnsigned(b), a.size()) == 0;
}

}  // namespace baraza
