#include "sync_server/services/programme_host.h"

#include <utility>
#include <vector>

#include "core/base/status.h"
#include "sync_server/auth/grants.h"
#include "sync_server/ingest/audience.h"

namespace baraza::server {

absl::StatusOr<std::unique_ptr<ProgrammeHost>> ProgrammeHost::Open(const std::string& path,
                                                                   const std::string& programme_id,
                                                                   const Parts& parts) {
  ProgrammeStore::Options options;
  options.programme_id = programme_id;
  BARAZA_ASSIGN_OR_RETURN(std::unique_ptr<ProgrammeStore> store,
                          ProgrammeStore::Open(path, options, parts.clock, parts.random));
  std::unique_ptr<ProgrammeHost> host(new ProgrammeHost(std::move(store), parts));
  BARAZA_RETURN_IF_ERROR(Annotate(host->Start(), programme_id));
  return host;
}

ProgrammeHost::ProgrammeHost(std::unique_ptr<ProgrammeStore> store, const Parts& parts)
    : parts_(parts),
      store_(std::move(store)),
      commit_(*store_),
      projection_(*store_, commit_),
      // The feed is read by workers: the thread that commits has the next commit to do.
      sync_handler_(*store_, commit_, parts_.clock,
                    [this](std::function<void()> task) { parts_.workers.Run(std::move(task)); }),
      desk_(*store_, commit_, parts_.clock, parts_.random) {}

absl::Status ProgrammeHost::Start() {
  BARAZA_ASSIGN_OR_RETURN(const bool rebuild, projection_.Load());
  // On a full disk the grants stay as they are until AfterStep has room for them.
  const absl::Status reconciled = ReconcileGrants(*store_, parts_.registry).status();
  if (!absl::IsResourceExhausted(reconciled)) BARAZA_RETURN_IF_ERROR(reconciled);
  if (rebuild) {
    parts_.log.Write(LogLevel::kInfo, "rebuild", {{"programme", programme_id()}});
  }
  if (reconciled.ok()) reconciled_ = projection_.register_snapshot();
  projection_pump_ = std::make_unique<ProjectionPump>(
      projection_, parts_.clock, [this](const absl::Status& status) { AfterStep(status); });
  commit_.AddObserver([this](int64_t) { projection_pump_->Wake(); });
  commit_pump_ = std::make_unique<CommitPump>(commit_);
  projection_pump_->Start(rebuild);
  return absl::OkStatus();
}

ProgrammeHost::~ProgrammeHost() {
  // In this order: the projection's last step needs the commit pump, and the last commits still
  // wake the (stopped) projection pump.
  if (projection_pump_ != nullptr) projection_pump_->Stop();
  commit_pump_.reset();
}

void ProgrammeHost::AfterStep(const absl::Status& status) {
  if (!status.ok()) {
    parts_.log.Write(
        LogLevel::kError, "projection",
        {{"programme", programme_id()}, {"code", absl::StatusCodeToString(status.code())}});
    return;
  }
  // Persons also change by the devices of administrators, not at the desk only.
  const std::shared_ptr<const Register> now = projection_.register_snapshot();
  if (now == reconciled_) return;
  const absl::StatusOr<int> changed = ReconcileGrants(*store_, parts_.registry);
  if (!changed.ok()) {
    parts_.log.Write(LogLevel::kError, "grants",
                     {{"programme", programme_id()},
                      {"code", absl::StatusCodeToString(changed.status().code())}});
    return;
  }
  reconciled_ = now;
}

void ProgrammeHost::WaitFor(int64_t position, absl::Duration patience,
                            std::function<void(absl::Status)> done) {
  projection_pump_->WaitFor(position, patience, std::move(done));
}

void ProgrammeHost::Complete(Caller& caller) const {
  CompleteCaller(*projection_.register_snapshot(), caller);
}

}  // namespace baraza::server
