#ifndef BARAZA_TESTS_SIMULATION_SIM_SERVER_H_
#define BARAZA_TESTS_SIMULATION_SIM_SERVER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "baraza/v1/figure.pb.h"
#include "baraza/v1/record.pb.h"
#include "core/base/clock.h"
#include "sync_server/auth/authenticator.h"
#include "sync_server/auth/enrolment.h"
#include "sync_server/consolidation/projection.h"
#include "sync_server/ingest/desk.h"
#include "sync_server/ingest/group_commit.h"
#include "sync_server/ingest/sync_handler.h"
#include "sync_server/store/programme_store.h"
#include "sync_server/store/registry_store.h"
#include "tests/simulation/choices.h"
#include "tests/simulation/disk/sim_disk.h"
#include "tests/simulation/scheduler.h"

namespace baraza::sim {

// The programme that every run starts from: two teams with a collector and a lead each, one issue,
// one indicator by quarters. Made once by the real desk on a simulated disk, and then copied.
struct Foundation {
  static const Foundation& Get();

  SimDisk::Image disk;
  std::string programme_id;
  std::string administrator_id;
  std::string issue_id;
  std::string indicator_id;
  std::vector<std::string> team_ids;
  // persons[i] is of team i % team_ids.size().
  std::vector<std::string> person_ids;
  // The first person of each team is its collector.
  static bool IsLead(int person);
};

// The title of a team that the office may register later (SimServer::AddTeam), and that reports may
// name before, or without, that.
std::string LaterTeam(int number);

// When every run begins, on every clock that is right.
absl::Time StartOfRun();

// The server's machine: the real registry, store, handler, desk and projection on a simulated disk,
// pumped by the scheduler instead of threads.
class SimServer {
 public:
  // What the rest of the simulation is told; the checks hang here. All may be empty.
  struct Observer {
    // After a commit that appended to the log.
    std::function<void(int64_t log_position)> committed;
    // The process is gone; it comes back by itself.
    std::function<void()> died;
    // The process is up again.
    std::function<void()> started;
  };

  // Both must outlive the server.
  SimServer(Scheduler& scheduler, Choices& choices, Observer observer);
  ~SimServer();

  bool up() const { return core_ != nullptr; }
  SimDisk& disk() { return disk_; }
  FakeClock& clock() { return clock_; }
  // Moves the clock by virtual time.
  void Tick();

  // --- Life and death ---
  void Start();
  // The process dies, the machine stays up.
  void Kill();
  void CutPower(SimDisk::PowerLoss how);
  // To be called after anything that may have met a fault: buries a process whose disk has died.
  void LookAfter();

  // --- What a network brings ---
  using Reply = std::function<void(absl::StatusOr<std::string>)>;
  // A serialized SyncRequest with the credential of its header. `reply` is called at most once: not
  // at all when the process dies before.
  void OnRequest(const std::string& request, const std::string& credential, Reply reply);

  // --- What the office does; UNAVAILABLE while down ---
  absl::StatusOr<v1::EnrolResponse> Enrol(const std::string& person_id,
                                          const std::string& device_id);
  absl::Status SetCredential(const std::string& credential_id, v1::CredentialState state);
  // Changes of the register, which every device hears of. Entries go by their numbers: "Later
  // organisation 1", "Later team 1", which belongs to that organisation where there is one. What
  // is not there is not changed. Asked for twice, an entry is made once.
  void AddOrganisation(int number);
  void AddTeam(int number);
  void VoidOrganisation(int number);
  void VoidTeam(int number);
  // The one team is the other from now on; -1: the first team of the foundation.
  void MergeTeam(int number, int into);
  // A collector asks for an organisation of this title, which he may not. `done` hears what came
  // of it, unless the process dies before.
  void AskInVain(const std::string& title, std::function<void(const absl::Status&)> done);

  // --- Backups, by the real programs' functions ---
  // To files outside the simulated disk, `path` and one beside it. UNAVAILABLE while down.
  absl::Status BackUp(const std::string& path);
  // Stops the process, puts the backup in place and starts it again, with a new epoch: programme
  // and registry, which keeps what was forbidden since, as `baraza-server restore --replace` does.
  absl::Status RestoreFrom(const std::string& path);

  // --- For checks; only while up ---
  server::ProgrammeStore& store() { return *core_->store; }
  server::Projection& projection() { return *core_->projection; }
  server::RegistryStore& registry() { return *core_->registry; }
  // Pumps commits and projection until nothing is left to do. False if it failed or died.
  bool Settle();
  // Id and bytes of every operation in the log.
  absl::StatusOr<std::map<std::string, v1::WireOperation>> Log();
  std::set<std::string> Quarantined();
  v1::Figure Figure();
  server::Caller CallerOf(const std::string& person_id);

  static constexpr char kProgrammeFile[] = "programme.db";
  static constexpr char kRegistryFile[] = "registry.db";

 private:
  friend struct Foundation;
  // A running process.
  struct Core {
    std::unique_ptr<server::RegistryStore> registry;
    std::unique_ptr<server::Authenticator> authenticator;
    std::unique_ptr<server::Enrolment> enrolment;
    std::unique_ptr<server::ProgrammeStore> store;
    std::unique_ptr<server::GroupCommit> commit;
    std::unique_ptr<server::SyncHandler> handler;
    std::unique_ptr<server::Desk> desk;
    std::unique_ptr<server::Projection> projection;
    std::shared_ptr<const Register> reconciled;
    bool rebuild = false;
    bool flush_due = false;
    bool step_due = false;
    bool stepping = false;
    ~Core();
  };

  absl::StatusOr<std::unique_ptr<Core>> Open();
  void Bury();
  // The office makes a record (no id, `before` null) or changes one.
  void Write(v1::RecordType type, const std::string& id, const google::protobuf::Message* before,
             const google::protobuf::Message& after, const std::string& request_id = "");
  // Changes the entry of that title, if there is one, as far as `change` answers true.
  template <typename T, typename F>
  void Change(v1::RecordType type, const std::string& title, F&& change);
  // The entry of that title that is not voided. False: there is none.
  template <typename T>
  bool FindEntry(v1::RecordType type, const std::string& title, T& entry);
  // The bytes of the registry in the backup at `path`, with what the one on the disk forbids.
  absl::StatusOr<std::string> RestoredRegistry(const std::string& path);
  void ScheduleFlush();
  void ScheduleStep();
  void Flush();
  void Step();
  void AfterStep(const absl::Status& status, bool more);

  Scheduler& scheduler_;
  Choices& choices_;
  const Observer observer_;
  SimDisk disk_;
  FakeClock clock_;
  absl::Duration ticked_;
  std::unique_ptr<Core> core_;
  // Of processes; what an earlier one scheduled is of no account.
  uint64_t generation_ = 0;
  bool start_due_ = false;
};

}  // namespace baraza::sim

#endif  // BARAZA_TESTS_SIMULATION_SIM_SERVER_H_
