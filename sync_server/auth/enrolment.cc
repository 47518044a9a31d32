#include "sync_server/auth/enrolment.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/base/text.h"
#include "sync_server/auth/secret.h"
#include "sync_server/limits.h"

namespace baraza::server {

absl::Status ValidateAddress(absl::string_view address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  if (address.size() > kMaxAddressBytes || colon == absl::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 1 || port > 65535) {
    return InvalidField("", "address", "\"host:port\"", absl::StrCat(address.size(), " bytes"));
  }
  const absl::string_view host = address.substr(0, colon);
  const bool bracketed = host.front() == '[' && host.back() == ']';
  for (const char c : bracketed ? host.substr(1, host.size() - 2) : host) {
    const bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '-' || (bracketed && (c == ':' || c == '%'));
    if (!ok) {
      return InvalidField("", "address", "a host name or address and a port",
                          absl::StrCat(address.size(), " bytes"));
    }
  }
  return absl::OkStatus();
}

Enrolment::Enrolment(RegistryStore& registry, Clock& clock, Random& random)
    : registry_(registry),
      clock_(clock),
      random_(random),
      failures_(kFailedEnrolmentBurst, kFailedEnrolmentPeriod, kMaxRememberedPeers, clock) {}

absl::StatusOr<v1::CreateEnrolmentCodeResponse> Enrolment::CreateCode(const CodeRequest& request) {
  BARAZA_RETURN_IF_ERROR(ValidateId(request.person_id, "per"));
  BARAZA_RETURN_IF_ERROR(ValidateAddress(request.address));
  const absl::Duration lifetime =
      request.lifetime == absl::ZeroDuration() ? kDefaultCodeLifetime : request.lifetime;
  if (lifetime < kMinCodeLifetime || lifetime > kMaxCodeLifetime) {
    return InvalidField("", "lifetime_seconds",
                        absl::StrCat(absl::ToInt64Seconds(kMinCodeLifetime), " .. ",
                                     absl::ToInt64Seconds(kMaxCodeLifetime)),
                        absl::StrCat(absl::ToInt64Seconds(lifetime)));
  }
  BARAZA_ASSIGN_OR_RETURN(const PersonGrant person,
                          registry_.GetPerson(request.programme_id, request.person_id));
  if (!person.active || person.membership.role() == v1::ROLE_UNSPECIFIED) {
    return absl::FailedPreconditionError(
        absl::StrCat(request.person_id, ": expected a person of the programme with a role, got ",
                     person.active ? "one without a role" : "one who has left"));
  }
  const std::string secret = NewSecret(random_);
  EnrolmentCodeEntry entry;
  entry.programme_id = request.programme_id;
  entry.person_id = request.person_id;
  entry.created_by = request.created_by;
  const absl::Time now = clock_.Now();
  entry.created_ms = absl::ToUnixMillis(now);
  entry.expires_ms = absl::ToUnixMillis(now + lifetime);
  BARAZA_RETURN_IF_ERROR(registry_.AddEnrolmentCode(Sha256(secret), entry));
  v1::EnrolmentCode code;
  code.set_address(request.address);
  code.set_secret(secret);
  code.set_ca_certificate(request.ca_certificate);
  code.set_programme_id(request.programme_id);
  v1::CreateEnrolmentCodeResponse response;
  response.set_code(EncodeEnrolmentCode(code));
  response.set_expires_ms(entry.expires_ms);
  return response;
}

absl::StatusOr<Enrolment::Enrolled> Enrolment::Enrol(const v1::EnrolRequest& request,
                                                     absl::string_view peer) {
  const absl::string_view address = PeerAddress(peer);
  const absl::Duration wait = failures_.WaitOf(address);
  if (wait > absl::ZeroDuration()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("too many failed enrolments from this address; try again in ",
                     absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1))), " s"));
  }
  if (request.secret().size() != kSecretBytes) {
    failures_.Spend(address);
    return InvalidField("", "secret", absl::StrCat(kSecretBytes, " bytes"),
                        absl::StrCat(request.secret().size(), " bytes"));
  }
  BARAZA_RETURN_IF_ERROR(Annotate(ValidateId(request.device_id(), "dev"), "device_id"));
  if (request.label().size() > kMaxDeviceLabelBytes || !IsValidUtf8(request.label())) {
    return InvalidField("", "label", absl::StrCat("at most ", kMaxDeviceLabelBytes, " bytes"),
                        absl::StrCat(request.label().size(), " bytes"));
  }
  Enrolled enrolled;
  enrolled.token = TokenOf(NewSecret(random_));
  RegistryStore::Redemption redemption;
  redemption.secret_hash = Sha256(request.secret());
  redemption.device_id = request.device_id();
  redemption.label = request.label();
  redemption.credential_id = MintId("crd", clock_, random_);
  redemption.token_hash = Sha256(enrolled.token);
  redemption.now_ms = absl::ToUnixMillis(clock_.Now());
  absl::StatusOr<CredentialEntry> credential = registry_.Redeem(redemption);
  if (!credential.ok()) {
    // A device that takes its time over a full disk is not an attacker.
    if (credential.status().code() == absl::StatusCode::kUnauthenticated ||
        credential.status().code() == absl::StatusCode::kFailedPrecondition) {
      failures_.Spend(address);
    }
    return credential.status();
  }
  enrolled.credential = *std::move(credential);
  BARAZA_ASSIGN_OR_RETURN(enrolled.person, registry_.GetPerson(enrolled.credential.programme_id,
                                                               enrolled.credential.person_id));
  return enrolled;
}

}  // namespace baraza::server
