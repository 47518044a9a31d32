// One run of sync, step by step or as a whole.

#include <utility>
#include <variant>

#include "client_lib/client_impl.h"
#include "core/base/status.h"

namespace baraza::client {

SyncRun::SyncRun(Client& client, SyncEngine::Options options) : client_(client) {
  Client::Impl& impl = *client_.impl_;
  MutexLock lock(impl.mutex);
  engine_ = std::make_unique<SyncEngine>(*impl.store, impl.random, std::move(options));
}

SyncRun::~SyncRun() {
  if (!over_) End(absl::CancelledError("sync: cancelled; everything is kept"));
}

SyncEngine::Instruction SyncRun::Next() {
  Client::Impl& impl = *client_.impl_;
  SyncEngine::Instruction instruction;
  {
    MutexLock lock(impl.mutex);
    instruction = engine_->Next(impl.WallMs());
    impl.phase = engine_->summary().progress().phase();
  }
  if (over_) return instruction;
  if (const auto* paused = std::get_if<SyncEngine::Paused>(&instruction)) {
    End(paused->status);
  } else if (const auto* failed = std::get_if<SyncEngine::Failed>(&instruction)) {
    End(failed->status);
  } else if (std::holds_alternative<SyncEngine::Done>(instruction)) {
    End(absl::OkStatus());
  }
  return instruction;
}

void SyncRun::OnResponse(const v1::SyncResponse& response) {
  Client::Impl& impl = *client_.impl_;
  std::vector<std::string> changed;
  {
    MutexLock lock(impl.mutex);
    // An error of the store ends the run; Next tells.
    engine_->OnResponse(response, impl.WallMs()).IgnoreError();
    changed = engine_->TakeChangedRecords();
  }
  impl.Notify(changed);
}

void SyncRun::OnError(const absl::Status& status) {
  Client::Impl& impl = *client_.impl_;
  {
    MutexLock lock(impl.mutex);
    engine_->OnError(status);
    impl.last_error = std::string(status.message());
  }
  impl.Notify({});
}

void SyncRun::OnWaited() {
  MutexLock lock(client_.impl_->mutex);
  engine_->OnWaited();
}

v1::SyncSummary SyncRun::summary() const {
  MutexLock lock(client_.impl_->mutex);
  return engine_->summary();
}

void SyncRun::End(const absl::Status& status) {
  over_ = true;
  Client::Impl& impl = *client_.impl_;
  {
    MutexLock lock(impl.mutex);
    impl.syncing = false;
    impl.phase =
        absl::IsCancelled(status) ? v1::SYNC_PHASE_IDLE : engine_->summary().progress().phase();
    impl.last_error = std::string(status.message());
  }
  impl.Notify({});
}

absl::StatusOr<std::unique_ptr<SyncRun>> Client::StartSync(const SyncOptions& options) {
  SyncEngine::Options engine_options;
  engine_options.max_attempts = options.max_attempts;
  {
    MutexLock lock(impl_->mutex);
    if (impl_->syncing) return absl::FailedPreconditionError("sync: another one is under way");
    if (!impl_->store->identity().enrolled) {
      return absl::FailedPreconditionError("sync: this device is not enrolled; enrol first");
    }
    impl_->syncing = true;
    impl_->cancel = false;
    engine_options.software_version = impl_->options.software_version;
  }
  return std::unique_ptr<SyncRun>(new SyncRun(*this, std::move(engine_options)));
}

bool Client::Impl::WaitUnlessCancelled(absl::Duration duration) {
  if (options.wait) {
    {
      MutexLock lock(mutex);
      if (cancel) return false;
    }
    return options.wait(duration);
  }
  const absl::Duration end = clock.Monotonic() + duration;
  MutexLock lock(mutex);
  while (!cancel) {
    const absl::Duration left = end - clock.Monotonic();
    if (left <= absl::ZeroDuration()) return true;
    cancelled_or_done.WaitFor(mutex, left);
  }
  return false;
}

absl::StatusOr<v1::SyncSummary> Client::Sync(const SyncOptions& options) {
  SyncTransport* transport = nullptr;
  {
    MutexLock lock(impl_->mutex);
    transport = impl_->transport;
    if (transport == nullptr && impl_->store->identity().enrolled) {
      return absl::FailedPreconditionError("sync: no transport was given to the client");
    }
  }
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<SyncRun> run, StartSync(options));
  const auto cancelled = [this] {
    MutexLock lock(impl_->mutex);
    return impl_->cancel;
  };
  const absl::Status stopped = absl::CancelledError("sync: cancelled; everything is kept");
  while (true) {
    const SyncEngine::Instruction instruction = run->Next();
    if (options.progress) options.progress(run->summary().progress());
    if (const auto* send = std::get_if<SyncEngine::Send>(&instruction)) {
      if (cancelled()) return stopped;
      const absl::StatusOr<v1::SyncResponse> response =
          transport->Sync(send->request, send->deadline);
      if (response.ok()) {
        run->OnResponse(*response);
      } else {
        run->OnError(response.status());
      }
    } else if (const auto* wait = std::get_if<SyncEngine::Wait>(&instruction)) {
      if (!impl_->WaitUnlessCancelled(wait->duration)) return stopped;
      run->OnWaited();
    } else if (const auto* paused = std::get_if<SyncEngine::Paused>(&instruction)) {
      return paused->status;
    } else if (const auto* failed = std::get_if<SyncEngine::Failed>(&instruction)) {
      return failed->status;
    } else {
      return run->summary();
    }
  }
}

void Client::CancelSync() {
  SyncTransport* transport = nullptr;
  {
    MutexLock lock(impl_->mutex);
    if (!impl_->syncing) return;
    impl_->cancel = true;
    transport = impl_->transport;
    impl_->cancelled_or_done.NotifyAll();
  }
  if (transport != nullptr) transport->Cancel();
}

}  // namespace baraza::client
