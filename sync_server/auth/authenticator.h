#ifndef BARAZA_SYNC_SERVER_AUTH_AUTHENTICATOR_H_
#define BARAZA_SYNC_SERVER_AUTH_AUTHENTICATOR_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "sync_server/ingest/caller.h"
#include "sync_server/store/registry_store.h"

namespace baraza::server {

// Finds out who calls. Every call asks the registry, so that a revocation holds from the next call
// on. Safe from any thread; registry and clock must outlive it.
class Authenticator {
 public:
  Authenticator(RegistryStore& registry, Clock& clock) : registry_(registry), clock_(clock) {}
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;

  // The caller behind an "authorization" header, without audiences. UNAUTHENTICATED: no, unknown or
  // revoked credential (one answer for all of them). A person who has left comes as suspended: what
  // the device still holds may go to the quarantine.
  absl::StatusOr<Caller> Authenticate(absl::string_view authorization);

 private:
  void Touch(const CredentialEntry& credential);

  RegistryStore& registry_;
  Clock& clock_;
  Mutex mutex_;
  // Credential -> when its use was last written down.
  std::map<std::string, absl::Duration> touched_ BARAZA_GUARDED_BY(mutex_);
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_AUTH_AUTHENTICATOR_H_
