#ifndef BARAZA_SYNC_SERVER_SERVICES_PROGRAMME_HOST_H_
#define BARAZA_SYNC_SERVER_SERVICES_PROGRAMME_HOST_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "core/base/random.h"
#include "core/model/register.h"
#include "sync_server/consolidation/projection.h"
#include "sync_server/ingest/caller.h"
#include "sync_server/ingest/desk.h"
#include "sync_server/ingest/group_commit.h"
#include "sync_server/ingest/sync_handler.h"
#include "sync_server/services/commit_pump.h"
#include "sync_server/services/event_log.h"
#include "sync_server/services/projection_pump.h"
#include "sync_server/services/worker_pool.h"
#include "sync_server/store/programme_store.h"
#include "sync_server/store/registry_store.h"

namespace baraza::server {

// One programme as it is served: its store, the thread that commits, the thread that consolidates,
// and what works on them. Calls must have ended before it goes.
class ProgrammeHost {
 public:
  struct Parts {
    RegistryStore& registry;
    Clock& clock;
    Random& random;
    WorkerPool& workers;
    EventLog& log;
  };
  // Opens the file, brings the registry's grants up to date and starts the threads. All parts must
  // outlive the host.
  static absl::StatusOr<std::unique_ptr<ProgrammeHost>> Open(const std::string& path,
                                                             const std::string& programme_id,
                                                             const Parts& parts);
  // Lets what is queued commit, then stops.
  ~ProgrammeHost();
  ProgrammeHost(const ProgrammeHost&) = delete;
  ProgrammeHost& operator=(const ProgrammeHost&) = delete;

  const std::string& programme_id() const { return store_->programme_id(); }
  ProgrammeStore& store() { return *store_; }
  SyncHandler& sync_handler() { return sync_handler_; }
  Desk& desk() { return desk_; }
  const Projection& projection() const { return projection_; }

  // See ProjectionPump::WaitFor.
  void WaitFor(int64_t position, absl::Duration patience, std::function<void(absl::Status)> done);

  // Answers UNAVAILABLE to whoever waits, now and from now on.
  void EndWaits() { projection_pump_->EndWaits(); }

  // Fills in what follows from the register: the caller's organisation and audiences.
  void Complete(Caller& caller) const;

 private:
  ProgrammeHost(std::unique_ptr<ProgrammeStore> store, const Parts& parts);
  absl::Status Start();
  void AfterStep(const absl::Status& status);

  const Parts parts_;
  const std::unique_ptr<ProgrammeStore> store_;
  GroupCommit commit_;
  Projection projection_;
  SyncHandler sync_handler_;
  Desk desk_;
  // Of the projection's thread: the register whose persons the registry was brought up to.
  std::shared_ptr<const Register> reconciled_;
  std::unique_ptr<CommitPump> commit_pump_;
  std::unique_ptr<ProjectionPump> projection_pump_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_PROGRAMME_HOST_H_
