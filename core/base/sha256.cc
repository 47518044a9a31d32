#include "core/base/sha256.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace baraza {
namespace {

// Looking the algorithm up costs more than hashing a short message, so it is done once.
const EVP_MD* Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

// SHA-256 can fail for want of memory or of OpenSSL's own parts only; nothing can go on without it.
void CheckDone(int result) {
  if (result != 1) std::abort();
}

void Begin(EVP_MD_CTX* context) {
  if (context == nullptr) std::abort();
  CheckDone(EVP_DigestInit_ex2(context, Algorithm(), nullptr));
}

Sha256Digest End(EVP_MD_CTX* context) {
  Sha256Digest digest;
  CheckDone(EVP_DigestFinal_ex(context, digest.bytes.data(), nullptr));
  return digest;
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

void internal::FreeSha256Context::operator()(EVP_MD_CTX* context) const {
  EVP_MD_CTX_free(context);
}

Sha256Digest Sha256(absl::string_view data) {
  thread_local const internal::Sha256Context context(EVP_MD_CTX_new());
  Begin(context.get());
  CheckDone(EVP_DigestUpdate(context.get(), data.data(), data.size()));
  return End(context.get());
}

Sha256Hasher::Sha256Hasher() : context_(EVP_MD_CTX_new()) { Begin(context_.get()); }

Sha256Hasher& Sha256Hasher::Update(absl::string_view data) {
  CheckDone(EVP_DigestUpdate(context_.get(), data.data(), data.size()));
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
  const Sha256Digest digest = End(context_.get());
  Begin(context_.get());
  return digest;
}

bool SecureEquals(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace baraza
