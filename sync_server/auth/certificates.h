#ifndef BARAZA_SYNC_SERVER_AUTH_CERTIFICATES_H_
#define BARAZA_SYNC_SERVER_AUTH_CERTIFICATES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/base/random.h"

namespace baraza::server {

// The server's own certificate authority. Enrolment codes carry its certificate, so devices trust
// this one server and no public authority is involved.
//
// Certificates hold from 1970 on and have no well-defined end (RFC 5280, 4.1.2.5): phones whose
// clocks are off by decades must still reach their server, and what is trusted is pinned anyway. A
// stolen key is answered by a new authority and re-enrolment.

// PEM.
struct KeyPair {
  std::string certificate;
  std::string private_key;
};

// A self-signed authority (P-256) that may sign end entities only. INTERNAL if OpenSSL fails.
absl::StatusOr<KeyPair> MakeAuthority(absl::string_view common_name, Random& random);

// A server certificate (P-256) signed by `authority` for DNS names and IP addresses (at least one).
// INVALID_ARGUMENT for a name that is neither; INTERNAL if OpenSSL fails.
absl::StatusOr<KeyPair> MakeServerCertificate(const KeyPair& authority,
                                              absl::Span<const std::string> names, Random& random);

// OK if the chain holds at `now` for `name` as a TLS server, else FAILED_PRECONDITION with
// OpenSSL's reason.
absl::Status VerifyServerCertificate(absl::string_view authority_certificate,
                                     absl::string_view certificate, absl::string_view name,
                                     absl::Time now);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_AUTH_CERTIFICATES_H_
