#include "sync_server/auth/secret.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "sync_server/limits.h"

namespace baraza::server {
namespace {

constexpr absl::string_view kCodePrefix = "baraza1:";
// A CA certificate is about 1 KiB.
constexpr size_t kMaxCodeBytes = 32 << 10;

std::string Base64Url(absl::string_view bytes) {
  std::string text = absl::WebSafeBase64Escape(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

}  // namespace

std::string NewSecret(Random& random) {
  std::string secret(kSecretBytes, '\0');
  random.Fill(absl::MakeSpan(reinterpret_cast<uint8_t*>(secret.data()), secret.size()));
  return secret;
}

std::string TokenOf(absl::string_view secret) { return Base64Url(secret); }

std::optional<Sha256Digest> HashOfAuthorization(absl::string_view header) {
  constexpr absl::string_view kScheme = "bearer ";
  if (header.size() > kMaxBearerBytes || !absl::StartsWithIgnoreCase(header, kScheme)) {
    return std::nullopt;
  }
  const absl::string_view token = absl::StripAsciiWhitespace(header.substr(kScheme.size()));
  if (token.empty()) return std::nullopt;
  return Sha256(token);
}

std::string EncodeEnrolmentCode(const v1::EnrolmentCode& code) {
  return absl::StrCat(kCodePrefix, Base64Url(code.SerializeAsString()));
}

absl::StatusOr<v1::EnrolmentCode> DecodeEnrolmentCode(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  std::string bytes;
  v1::EnrolmentCode code;
  if (text.size() > kMaxCodeBytes || !absl::ConsumePrefix(&text, kCodePrefix) ||
      !absl::WebSafeBase64Unescape(text, &bytes) || !code.ParseFromString(bytes) ||
      code.secret().size() != kSecretBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("enrolment code: expected \"", kCodePrefix, "...\" as the server printed it"));
  }
  return code;
}

}  // namespace baraza::server
