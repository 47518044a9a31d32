#ifndef BARAZA_SYNC_SERVER_AUTH_ENROLMENT_H_
#define BARAZA_SYNC_SERVER_AUTH_ENROLMENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "sync_server/auth/rate_limit.h"
#include "sync_server/store/registry_store.h"

namespace baraza::server {

// Gives out single-use codes and turns them into credentials. Secrets exist in the answer only: the
// registry holds their SHA-256. Safe from any thread; everything given must outlive it, and
// `random` be cryptographic and thread-safe.
class Enrolment {
 public:
  Enrolment(RegistryStore& registry, Clock& clock, Random& random);
  Enrolment(const Enrolment&) = delete;
  Enrolment& operator=(const Enrolment&) = delete;

  struct CodeRequest {
    std::string programme_id;
    std::string person_id;
    // Who asks for it.
    std::string created_by;
    // Zero: kDefaultCodeLifetime.
    absl::Duration lifetime;
    // "host:port" that the device dials.
    std::string address;
    // PEM; empty: plaintext, loopback only.
    std::string ca_certificate;
  };
  // INVALID_ARGUMENT naming the field; NOT_FOUND: no such person; FAILED_PRECONDITION: the person
  // has left or has no role.
  absl::StatusOr<v1::CreateEnrolmentCodeResponse> CreateCode(const CodeRequest& request);

  struct Enrolled {
    // Bearer token, not stored anywhere.
    std::string token;
    CredentialEntry credential;
    PersonGrant person;
  };
  // `peer` is whom the limit on failures is held against. INVALID_ARGUMENT naming the field;
  // RESOURCE_EXHAUSTED: too many failures from there; else the errors of RegistryStore::Redeem.
  absl::StatusOr<Enrolled> Enrol(const v1::EnrolRequest& request, absl::string_view peer);

 private:
  RegistryStore& registry_;
  Clock& clock_;
  Random& random_;
  RateLimit failures_;
};

// OK if `address` is "host:port" with a port of 1 .. 65535 (an IPv6 host in brackets), else
// INVALID_ARGUMENT.
absl::Status ValidateAddress(absl::string_view address);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_AUTH_ENROLMENT_H_
