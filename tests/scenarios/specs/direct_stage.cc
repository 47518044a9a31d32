#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/model/operation_batch.h"
#include "sync_server/store/programme_store.h"
#include "tests/scenarios/specs/stage.h"
#include "tests/simulation/choices.h"
#include "tests/simulation/disk/sim_disk.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/sim_server.h"

namespace baraza::specs {
namespace {

using sim::Foundation;
using sim::SimDisk;

// Operations on session reports in the log.
absl::StatusOr<int64_t> CountOperations(server::ProgrammeStore& store) {
  int64_t count = 0;
  int64_t after = 0;
  while (true) {
    BARAZA_ASSIGN_OR_RETURN(const std::vector<server::LogEntry> page, store.ReadLog(after, 1000));
    if (page.empty()) return count;
    for (const server::LogEntry& entry : page) {
      count += entry.record_type == v1::RECORD_TYPE_SESSION_REPORT ? 1 : 0;
    }
    after = page.back().position;
  }
}

class DirectStage final : public Stage {
 public:
  explicit DirectStage(const std::string& directory)
      : backup_(absl::StrCat(directory, "/backup.db")),
        choices_(1, nullptr),
        server_(scheduler_, choices_, {}),
        clock_(sim::StartOfRun()) {
    SimDisk::SeedSqlite(1);
    server_.disk().Restore(Foundation::Get().disk);
    server_.Start();
    server_.Settle();
  }

  std::string PhoneFile(const std::string&) override { return "device.db"; }
  std::string PhoneVfs(const std::string& phone) override { return Disk(phone).name(); }
  void CopyPhone(const std::string& from, const std::string& to) override {
    const SimDisk::Image image = Disk(from).Snapshot();
    Disk(to).Restore(image);
    Disk(to).Restart();
  }
  Clock& clock() override { return clock_; }
  Random& random() override { return choices_.Stream("phones"); }

  absl::StatusOr<std::unique_ptr<client::SyncTransport>> Dial(
      const client::Connection& connection) override {
    return std::make_unique<Line>(*this, connection.credential);
  }
  std::string address() override { return "127.0.0.1:1"; }

  absl::StatusOr<v1::EnrolResponse> Enrol(const std::string& team, int number,
                                          const std::string& device_id) override {
    // Person i is of team i modulo the number of teams.
    const size_t person = static_cast<size_t>(team[0] - 'A') +
                          Foundation::Get().team_ids.size() * static_cast<size_t>(number);
    return server_.Enrol(Foundation::Get().person_ids.at(person), device_id);
  }
  absl::Status SetCredential(const std::string& credential_id, v1::CredentialState state) override {
    return server_.SetCredential(credential_id, state);
  }
  std::vector<std::string> team_ids() override { return Foundation::Get().team_ids; }
  std::string issue_id() override { return Foundation::Get().issue_id; }

  absl::Status RestartServer() override {
    server_.disk().Kill();
    server_.LookAfter();
    while (!server_.up() && scheduler_.RunOne()) {
    }
    return server_.up() ? absl::OkStatus() : absl::InternalError("does not start");
  }
  absl::Status BackUp() override { return server_.BackUp(backup_); }
  absl::Status Restore() override { return server_.RestoreFrom(backup_); }

  absl::StatusOr<View> Look() override {
    if (!server_.Settle()) return absl::InternalError("the projection does not settle");
    View view;
    BARAZA_ASSIGN_OR_RETURN(view.operations, CountOperations(server_.store()));
    view.quarantine = static_cast<int64_t>(server_.Quarantined().size());
    view.figure = server_.Figure().value();
    return view;
  }
  absl::StatusOr<std::string> SessionOf(const std::string& report_id) override {
    BARAZA_ASSIGN_OR_RETURN(const v1::Session session, server_.projection().GetSession(report_id));
    return session.session_id();
  }

 private:
  // A request goes over in bytes, as over a network, and its answer is waited for.
  class Line final : public client::SyncTransport {
   public:
    Line(DirectStage& stage, std::string credential)
        : stage_(stage), credential_(std::move(credential)) {}
    absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request, absl::Duration) override {
      v1::SyncRequest packed = request;
      PackOperations(packed);
      absl::StatusOr<std::string> answer = absl::UnknownError("not answered");
      stage_.server_.OnRequest(
          packed.SerializeAsString(), credential_,
          [&answer](absl::StatusOr<std::string> said) { answer = std::move(said); });
      stage_.server_.Settle();
      if (!answer.ok()) return answer.status();
      v1::SyncResponse response;
      if (!response.ParseFromString(*answer)) return absl::InternalError("does not parse");
      return response;
    }
    void Cancel() override {}

   private:
    DirectStage& stage_;
    const std::string credential_;
  };

  SimDisk& Disk(const std::string& phone) {
    auto& disk = disks_[phone];
    if (disk == nullptr) disk = std::make_unique<SimDisk>(disks_.size());
    return *disk;
  }

  const std::string backup_;
  sim::Scheduler scheduler_;
  sim::Choices choices_;
  sim::SimServer server_;
  FakeClock clock_;
  std::map<std::string, std::unique_ptr<SimDisk>> disks_;
};

}  // namespace

std::unique_ptr<Stage> MakeDirectStage(const std::string& directory) {
  return std::make_unique<DirectStage>(directory);
}

}  // namespace baraza::specs
