#ifndef BARAZA_SYNC_SERVER_AUTH_SECRET_H_
#define BARAZA_SYNC_SERVER_AUTH_SECRET_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "core/base/random.h"
#include "core/base/sha256.h"

namespace baraza::server {

// kSecretBytes random bytes. `random` must be cryptographic outside tests.
std::string NewSecret(Random& random);

// The bearer token that stands for a secret: base64url without padding.
std::string TokenOf(absl::string_view secret);

// SHA-256 of the token in an "authorization" header, "Bearer <token>" with any case of the scheme;
// nullopt: it is nothing of the kind.
std::optional<Sha256Digest> HashOfAuthorization(absl::string_view header);

// "baraza1:" and the serialized code in base64url without padding: what a person types or scans.
std::string EncodeEnrolmentCode(const v1::EnrolmentCode& code);

// The inverse; surrounding white space is ignored. INVALID_ARGUMENT for anything else.
absl::StatusOr<v1::EnrolmentCode> DecodeEnrolmentCode(absl::string_view text);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_AUTH_SECRET_H_
