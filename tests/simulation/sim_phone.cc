#include "tests/simulation/sim_phone.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "client_lib/limits.h"
#include "core/model/operation_batch.h"
#include "tests/simulation/sim_server.h"

namespace baraza::sim {

SimPhone::SimPhone(Scheduler& scheduler, Choices& choices, std::string name, int person, Send send,
                   Observer observer)
    : scheduler_(scheduler),
      choices_(choices),
      name_(std::move(name)),
      person_(person),
      send_(std::move(send)),
      observer_(std::move(observer)),
      disk_(choices.Stream(Stream("disk")).Next64()),
      clock_(StartOfRun()) {
  clock_.Advance(scheduler_.now());
  ticked_ = scheduler_.now();
}

SimPhone::~SimPhone() { Bury(); }

std::string SimPhone::Stream(const char* of) const { return absl::StrCat(name_, "/", of); }

const std::string& SimPhone::team_id() const {
  const Foundation& foundation = Foundation::Get();
  return foundation.team_ids[static_cast<size_t>(person_) % foundation.team_ids.size()];
}

const std::string& SimPhone::person_id() const {
  return Foundation::Get().person_ids[static_cast<size_t>(person_)];
}

bool SimPhone::is_lead() const { return Foundation::IsLead(person_); }

void SimPhone::Tick() {
  clock_.Advance(scheduler_.now() - ticked_);
  ticked_ = scheduler_.now();
}

void SimPhone::Boot() {
  boot_due_ = false;
  if (up()) return;
  Tick();
  if (disk_.dead()) disk_.Restart();
  client::Client::Options options;
  options.path = kFile;
  options.vfs = disk_.name();
  options.clock = &clock_;
  options.random = &choices_.Stream(Stream("random"));
  options.software_version = "simulated";
  absl::StatusOr<std::unique_ptr<client::Client>> client = client::Client::Open(options);
  if (client.ok() && !disk_.dead()) {
    client_ = *std::move(client);
    observer_.booted(*this);
    return;
  }
  client = absl::UnavailableError("did not open");
  // Its person tries again.
  boot_due_ = true;
  scheduler_.After(absl::Seconds(10 + choices_.Below(Stream("boot"), 600)), [this] { Boot(); });
}

void SimPhone::Bury() {
  ++awaited_;
  run_ = nullptr;
  client_ = nullptr;
}

void SimPhone::LookAfter() {
  if (!disk_.dead()) return;
  if (run_ != nullptr) last_sync_ = absl::AbortedError("the program died");
  Bury();
  if (boot_due_) return;
  boot_due_ = true;
  scheduler_.After(absl::Seconds(1 + choices_.Below(Stream("boot"), 3600)), [this] { Boot(); });
}

void SimPhone::Kill() {
  disk_.Kill();
  LookAfter();
}

void SimPhone::CutPower(SimDisk::PowerLoss how) {
  disk_.CutPower(choices_.Stream(Stream("power")), how);
  LookAfter();
}

void SimPhone::Become(const SimDisk::Image& image) {
  if (run_ != nullptr) last_sync_ = absl::AbortedError("the program died");
  Bury();
  disk_.Restore(image);
  Boot();
}

absl::Status SimPhone::Bind(const v1::EnrolResponse& enrolment) {
  if (!up()) return absl::UnavailableError("the phone is off");
  Tick();
  if (run_ != nullptr) EndRun(absl::CancelledError("enrols again"));
  const absl::Status bound = client_->Bind(enrolment, "127.0.0.1:1", "");
  if (bound.ok()) credential_id_ = enrolment.credential_id();
  LookAfter();
  return bound;
}

void SimPhone::Sync() {
  if (!up() || run_ != nullptr) return;
  Tick();
  absl::StatusOr<std::unique_ptr<client::SyncRun>> run = client_->StartSync({});
  if (!run.ok()) {
    last_sync_ = run.status();
    return;
  }
  run_ = *std::move(run);
  Go();
}

void SimPhone::EndRun(const absl::Status& status) {
  last_sync_ = status;
  last_summary_ = run_->summary();
  ++awaited_;
  run_ = nullptr;
}

void SimPhone::Go() {
  Tick();
  const client::SyncEngine::Instruction next = run_->Next();
  if (disk_.dead()) {
    LookAfter();
    return;
  }
  const uint64_t awaited = ++awaited_;
  if (const auto* send = std::get_if<client::SyncEngine::Send>(&next)) {
    v1::SyncRequest request = send->request;
    if (outdated_) {
      request.set_max_schema_level(0);
      request.set_min_schema_level(0);
    }
    if (narrow_) request.set_max_response_bytes(client::kMinResponseBytes);
    PackOperations(request);
    scheduler_.After(send->deadline, [this, awaited] {
      if (awaited != awaited_ || run_ == nullptr) return;
      run_->OnError(absl::DeadlineExceededError("no answer"));
      Go();
    });
    send_(*this, request.SerializeAsString(),
          [this, awaited](const absl::StatusOr<std::string>& answer) {
            if (awaited != awaited_ || run_ == nullptr) return;
            Tick();
            v1::SyncResponse response;
            if (!answer.ok()) {
              run_->OnError(answer.status());
            } else if (!response.ParseFromString(*answer)) {
              run_->OnError(absl::InternalError("the answer does not parse"));
            } else {
              run_->OnResponse(response);
            }
            Go();
          });
  } else if (const auto* wait = std::get_if<client::SyncEngine::Wait>(&next)) {
    scheduler_.After(wait->duration, [this, awaited] {
      if (awaited != awaited_ || run_ == nullptr) return;
      run_->OnWaited();
      Go();
    });
  } else if (const auto* paused = std::get_if<client::SyncEngine::Paused>(&next)) {
    EndRun(paused->status);
  } else if (const auto* failed = std::get_if<client::SyncEngine::Failed>(&next)) {
    EndRun(failed->status);
  } else {
    EndRun(absl::OkStatus());
    observer_.synced(*this);
  }
  LookAfter();
}

}  // namespace baraza::sim
