#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client_lib/sync/grpc/grpc_transport.h"
#include "core/base/status.h"
#include "tests/e2e/server_process.h"
#include "tests/network/fault_proxy.h"
#include "tests/scenarios/specs/remote_stage.h"

namespace baraza::specs {
namespace {

using Fault = test::FaultProxy::Fault;

// What a server says before its first answer on a connection is less, and with the answer it is
// more.
constexpr int64_t kBytesBeforeAnswer = 200;

// Dials anew for each exchange, so that a connection that was reset does not stand in the next
// one's way, and each begins to count its bytes at 0.
class FreshLine final : public client::SyncTransport {
 public:
  explicit FreshLine(client::Connection connection) : connection_(std::move(connection)) {}
  absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request,
                                        absl::Duration deadline) override {
    BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<client::SyncTransport> transport,
                            client::GrpcTransport::Create(connection_));
    return transport->Sync(request, deadline);
  }
  void Cancel() override {}

 private:
  const client::Connection connection_;
};

class ProcessStage final : public RemoteStage {
 public:
  explicit ProcessStage(const std::string& directory) : RemoteStage(directory), server_(directory) {
    server_.Init();
    if (!server_.Start()) return;
    proxy_ = std::make_unique<test::FaultProxy>(server_.address());
    OpenOffice(server_.administrator_code());
  }

  absl::StatusOr<std::unique_ptr<client::SyncTransport>> Dial(
      const client::Connection& connection) override {
    BARAZA_RETURN_IF_ERROR(Settle().status());
    client::Connection now = connection;
    now.address = address();
    return std::make_unique<FreshLine>(std::move(now));
  }
  std::string address() override { return proxy_->address(); }

  absl::Status Lose(Loss loss, client::SyncTransport& line, const v1::SyncRequest& request,
                    absl::Duration deadline) override {
    if (loss == Loss::kRequest) {
      proxy_->SetFault(Fault::kRefuse);
    } else {
      proxy_->SetFault(Fault::kResetDown, kBytesBeforeAnswer);
    }
    const absl::StatusOr<v1::SyncResponse> answer = line.Sync(request, deadline);
    proxy_->SetFault(Fault::kNone);
    return answer.ok() ? absl::InternalError("the line lost nothing") : answer.status();
  }

  absl::Status RestartServer() override {
    server_.Kill();
    return Start();
  }
  absl::Status BackUp() override {
    std::filesystem::remove_all(Backup());
    return Command({"backup", "--to", Backup()});
  }
  absl::Status Restore() override {
    server_.Kill();
    BARAZA_RETURN_IF_ERROR(Command({"restore", "--from", Backup(), "--replace"}));
    return Start();
  }

 private:
  std::string ServerAddress() override { return server_.address(); }
  std::string ProgrammeFile() override { return server_.ProgrammeFile(); }
  std::string Backup() const { return directory() + "/backup"; }

  absl::Status Start() {
    if (!server_.Start()) return absl::InternalError("the server does not start");
    proxy_->SetTarget(server_.address());
    Redial();
    return absl::OkStatus();
  }
  absl::Status Command(const std::vector<std::string>& arguments) {
    const e2e::RunResult run = server_.Command(arguments);
    return run.ending.code == 0 ? absl::OkStatus() : absl::InternalError(run.err);
  }

  e2e::ServerProcess server_;
  std::unique_ptr<test::FaultProxy> proxy_;
};

}  // namespace

std::unique_ptr<Stage> MakeProcessStage(const std::string& directory) {
  return std::make_unique<ProcessStage>(directory);
}

}  // namespace baraza::specs
