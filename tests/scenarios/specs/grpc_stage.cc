#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sync_server/commands/backup.h"
#include "sync_server/commands/setup.h"
#include "sync_server/services/event_log.h"
#include "sync_server/services/server.h"
#include "tests/scenarios/specs/remote_stage.h"

namespace baraza::specs {
namespace {

// A stage that cannot be set up has no use.
template <typename T>
T Must(absl::StatusOr<T> value, const char* what) {
  if (!value.ok()) {
    std::fprintf(stderr, "stage: %s: %s\n", what, value.status().ToString().c_str());
    std::abort();
  }
  return *std::move(value);
}

class GrpcStage final : public RemoteStage {
 public:
  explicit GrpcStage(const std::string& directory)
      : RemoteStage(directory), log_(clock(), [](absl::string_view) {}) {
    server::ProgrammeRequest request;
    request.title = "Rights on the coast";
    request.administrator = "Administrator";
    request.address = "127.0.0.1:1";
    const absl::Status initialised = server::InitDataDir(data());
    if (!initialised.ok()) Must<int>(initialised, "init");
    const server::ProgrammeMade made =
        Must(server::CreateProgramme(data(), request, clock(), random()), "programme");
    programme_id_ = made.programme_id;
    Open();
    OpenOffice(made.code);
  }
  ~GrpcStage() override { Close(); }

  absl::Status RestartServer() override {
    Close();
    Open();
    return absl::OkStatus();
  }
  absl::Status BackUp() override {
    std::filesystem::remove_all(Backup());
    return server::BackupDataDir(data(), Backup(), {});
  }
  absl::Status Restore() override {
    Close();
    const absl::Status restored =
        server::RestoreDataDir(Backup(), data(), /*replace=*/true, clock(), random()).status();
    Open();
    return restored;
  }

 private:
  std::string ServerAddress() override { return absl::StrCat("127.0.0.1:", server_->port()); }
  std::string ProgrammeFile() override {
    return absl::StrCat(data(), "/programmes/", programme_id_, ".db");
  }
  std::string data() const { return directory() + "/data"; }
  std::string Backup() const { return directory() + "/backup"; }

  void Open() {
    server::ServerOptions options;
    options.data_dir = data();
    options.listen = "127.0.0.1:0";
    server_ = Must(server::Server::Start(options, clock(), random(), log_), "server");
    Redial();
  }
  void Close() {
    HangUp();
    server_ = nullptr;
  }

  server::EventLog log_;
  std::string programme_id_;
  std::unique_ptr<server::Server> server_;
};

}  // namespace

std::unique_ptr<Stage> MakeGrpcStage(const std::string& directory) {
  return std::make_unique<GrpcStage>(directory);
}

}  // namespace baraza::specs
