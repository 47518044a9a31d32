#ifndef BARAZA_CLIENT_LIB_SYNC_TRANSPORT_H_
#define BARAZA_CLIENT_LIB_SYNC_TRANSPORT_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "baraza/v1/sync_service.pb.h"

namespace baraza::client {

// Carries one sync request to the server and its answer back. Implementations hold the address and
// the credential; they keep no other state and never retry, since backing off is the engine's job.
// Safe from any thread.
class SyncTransport {
 public:
  virtual ~SyncTransport() = default;

  // Blocks until the answer is here, at most `deadline`. Errors: UNAVAILABLE (no server),
  // DEADLINE_EXCEEDED, CANCELLED (by Cancel), UNAUTHENTICATED (unknown credential), or what the
  // server said. After an error the server may or may not have applied the request.
  virtual absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request,
                                                absl::Duration deadline) = 0;

  // Makes the calls that are under way return CANCELLED soon. Later calls are not affected. From
  // any thread; does not block.
  virtual void Cancel() = 0;
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_SYNC_TRANSPORT_H_
