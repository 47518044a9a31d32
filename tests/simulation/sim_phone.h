#ifndef BARAZA_TESTS_SIMULATION_SIM_PHONE_H_
#define BARAZA_TESTS_SIMULATION_SIM_PHONE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "client_lib/client.h"
#include "core/base/clock.h"
#include "tests/simulation/choices.h"
#include "tests/simulation/disk/sim_disk.h"
#include "tests/simulation/scheduler.h"

namespace baraza::sim {

// A phone: the real client with its store and sync engine, on a simulated disk, with a clock of its
// own. Its program dies with its disk and comes up again by itself some time later.
class SimPhone {
 public:
  // Carries a request to the server and brings the answer back, if at all. `answered` may be called
  // more than once: the line may double what it carries.
  using Answered = std::function<void(const absl::StatusOr<std::string>&)>;
  using Send = std::function<void(SimPhone&, std::string request, Answered answered)>;
  // What the rest of the simulation is told; the checks hang here.
  struct Observer {
    // The program is up again.
    std::function<void(SimPhone&)> booted;
    // A sync says that everything is sent and read.
    std::function<void(SimPhone&)> synced;
  };

  // All must outlive the phone. `person` is an index into Foundation::person_ids.
  SimPhone(Scheduler& scheduler, Choices& choices, std::string name, int person, Send send,
           Observer observer);
  ~SimPhone();

  const std::string& name() const { return name_; }
  int person() const { return person_; }
  const std::string& team_id() const;
  const std::string& person_id() const;
  bool is_lead() const;
  SimDisk& disk() { return disk_; }
  FakeClock& clock() { return clock_; }
  void Tick();

  bool up() const { return client_ != nullptr; }
  client::Client& client() { return *client_; }

  // --- Life and death ---
  void Boot();
  void Kill();
  void CutPower(SimDisk::PowerLoss how);
  // Everything on it is another disk's from now on; it boots at once.
  void Become(const SimDisk::Image& image);
  // To be called after anything that may have met a fault: buries a program whose disk has died.
  void LookAfter();

  // --- What its person does ---
  absl::Status Bind(const v1::EnrolResponse& enrolment);
  const std::string& credential_id() const { return credential_id_; }
  // That of the credential in its file, when that is another one than it was bound to.
  void set_credential_id(std::string id) { credential_id_ = std::move(id); }
  // Begins to sync, unless it does already.
  void Sync();
  bool syncing() const { return run_ != nullptr; }
  // Of the last run that ended; OK: everything sent and read.
  const absl::Status& last_sync() const { return last_sync_; }
  const v1::SyncSummary& last_summary() const { return last_summary_; }

  // An older program that this server does not understand any more.
  void set_outdated(bool outdated) { outdated_ = outdated; }
  // A line that carries small answers only: the feed comes in many pages.
  void set_narrow() { narrow_ = true; }

  static constexpr char kFile[] = "device.db";

 private:
  void Go();
  void EndRun(const absl::Status& status);
  void Bury();
  std::string Stream(const char* of) const;

  Scheduler& scheduler_;
  Choices& choices_;
  const std::string name_;
  const int person_;
  const Send send_;
  const Observer observer_;
  SimDisk disk_;
  FakeClock clock_;
  absl::Duration ticked_;
  std::string credential_id_;
  bool outdated_ = false;
  bool narrow_ = false;

  std::unique_ptr<client::Client> client_;
  std::unique_ptr<client::SyncRun> run_;
  // Of runs' instructions and of programs: an answer to an earlier one is of no account.
  uint64_t awaited_ = 0;
  bool boot_due_ = false;
  absl::Status last_sync_;
  v1::SyncSummary last_summary_;
};

}  // namespace baraza::sim

#endif  // BARAZA_TESTS_SIMULATION_SIM_PHONE_H_
