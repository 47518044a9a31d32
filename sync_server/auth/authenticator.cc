#include "sync_server/auth/authenticator.h"

#include <optional>

#include "core/base/sha256.h"
#include "core/base/status.h"
#include "sync_server/auth/secret.h"
#include "sync_server/limits.h"

namespace baraza::server {

absl::StatusOr<Caller> Authenticator::Authenticate(absl::string_view authorization) {
  const absl::Status unknown =
      absl::UnauthenticatedError("this call needs a valid credential: enrol (again)");
  const std::optional<Sha256Digest> hash = HashOfAuthorization(authorization);
  if (!hash.has_value()) return unknown;
  absl::StatusOr<CredentialEntry> credential = registry_.FindCredential(*hash);
  if (!credential.ok()) {
    return credential.status().code() == absl::StatusCode::kNotFound ? unknown
                                                                     : credential.status();
  }
  if (credential->state != v1::CREDENTIAL_STATE_ACTIVE &&
      credential->state != v1::CREDENTIAL_STATE_SUSPENDED) {
    return unknown;
  }
  BARAZA_ASSIGN_OR_RETURN(PersonGrant person,
                          registry_.GetPerson(credential->programme_id, credential->person_id));
  Caller caller;
  caller.grant.programme_id = credential->programme_id;
  caller.grant.person_id = credential->person_id;
  caller.grant.team_ids = std::move(person.team_ids);
  caller.grant.roles = std::move(person.roles);
  caller.membership = std::move(person.membership);
  caller.suspended = !person.active || credential->state == v1::CREDENTIAL_STATE_SUSPENDED;
  caller.credential_id = credential->credential_id;
  Touch(*credential);
  return caller;
}

void Authenticator::Touch(const CredentialEntry& credential) {
  const absl::Duration now = clock_.Monotonic();
  {
    MutexLock lock(mutex_);
    const auto found = touched_.find(credential.credential_id);
    if (found != touched_.end() && now - found->second < kTouchPeriod) return;
    touched_[credential.credential_id] = now;
  }
  // Only for people to look at: a full disk must not turn callers away.
  registry_.TouchCredential(credential.credential_id, absl::ToUnixMillis(clock_.Now()))
      .IgnoreError();
}

}  // namespace baraza::server
