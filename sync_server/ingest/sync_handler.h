#ifndef BARAZA_SYNC_SERVER_INGEST_SYNC_HANDLER_H_
#define BARAZA_SYNC_SERVER_INGEST_SYNC_HANDLER_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/base/clock.h"
#include "sync_server/ingest/caller.h"
#include "sync_server/ingest/group_commit.h"
#include "sync_server/store/programme_store.h"

namespace baraza::server {

// Operations in, results and feed out: SyncService without the transport. It has no thread and no
// clock of its own; Handle may be called from any thread. Same store, request, caller and time:
// same response.
//
//   request -> limits, device, versions -> judge each operation -> one work of a group commit
//           -> (committed) -> feed by the caller's audiences -> response
//
// Invariants: what a response acknowledges is durable; the same request again has the effect and
// the results of one; one bad operation never fails its neighbours.
class SyncHandler {
 public:
  using Done = std::function<void(absl::StatusOr<v1::SyncResponse>)>;
  // Runs what follows the commit (reading the feed) somewhere; the default does so at once, in the
  // thread that flushes.
  using Executor = std::function<void(std::function<void()>)>;

  // All must outlive the handler, and the handler every request.
  SyncHandler(ProgrammeStore& store, GroupCommit& commit, Clock& clock, Executor executor = {});
  SyncHandler(const SyncHandler&) = delete;
  SyncHandler& operator=(const SyncHandler&) = delete;

  // Calls `done` exactly once, in this thread, the flushing one or the executor's. Errors:
  // INVALID_ARGUMENT: the request breaks the protocol (its message names the field);
  // PERMISSION_DENIED: the device is another person's; RESOURCE_EXHAUSTED: overloaded (with a
  // RetryHint) or the disk is full. Everything else is said in the response.
  void Handle(const v1::SyncRequest& request, const Caller& caller, Done done);

 private:
  struct Exchange;

  void Answer(const std::shared_ptr<Exchange>& exchange, const absl::Status& committed);

  ProgrammeStore& store_;
  GroupCommit& commit_;
  Clock& clock_;
  const Executor executor_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_INGEST_SYNC_HANDLER_H_
