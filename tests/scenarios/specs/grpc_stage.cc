#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "baraza/v1/enrolment_service.grpc.pb.h"
#include "baraza/v1/programme_service.grpc.pb.h"
#include "client_lib/sync/grpc/channel.h"
#include "client_lib/sync/grpc/enrolment_client.h"
#include "client_lib/sync/grpc/grpc_transport.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "sync_server/commands/maintain.h"
#include "sync_server/commands/setup.h"
#include "sync_server/services/event_log.h"
#include "sync_server/services/programme_host.h"
#include "sync_server/services/server.h"
#include "tests/scenarios/specs/stage.h"

namespace baraza::specs {
namespace {

constexpr int kTeams = 2;

// A stage that cannot be set up has no use.
template <typename T>
T Must(absl::StatusOr<T> value, const char* what) {
  if (!value.ok()) {
    std::fprintf(stderr, "stage: %s: %s\n", what, value.status().ToString().c_str());
    std::abort();
  }
  return *std::move(value);
}

v1::MultilingualText English(const std::string& text) {
  v1::MultilingualText multilingual;
  v1::LocalText& value = *multilingual.add_values();
  value.set_text(text);
  value.set_language("en");
  return multilingual;
}

class GrpcStage final : public Stage {
 public:
  explicit GrpcStage(const std::string& directory)
      : directory_(directory), log_(clock_, [](absl::string_view) {}) {
    server::ProgrammeRequest request;
    request.title = "Rights on the coast";
    request.administrator = "Administrator";
    request.address = "127.0.0.1:1";
    const absl::Status initialised = server::InitDataDir(data());
    if (!initialised.ok()) Must<int>(initialised, "init");
    const server::ProgrammeMade made =
        Must(server::CreateProgramme(data(), request, clock_, random_), "programme");
    programme_id_ = made.programme_id;
    Open();
    administrator_ = Must(Redeem(made.code, MintId("dev", clock_, random_)), "administrator");
    v1::Record record;
    *record.mutable_issue()->mutable_title() = English("land");
    issue_id_ = Create(record);
    for (int i = 0; i < kTeams; ++i) {
      record.Clear();
      record.mutable_organisation()->set_title(absl::StrCat("Organisation ", i));
      const std::string organisation = Create(record);
      record.Clear();
      record.mutable_team()->set_title(
          absl::StrCat("Team ", std::string(1, static_cast<char>('A' + i))));
      record.mutable_team()->set_organisation_id(organisation);
      team_ids_.push_back(Create(record));
    }
    record.Clear();
    *record.mutable_indicator()->mutable_title() = English("Sessions");
    record.mutable_indicator()->add_issue_ids(issue_id_);
    record.mutable_indicator()->set_period_scheme(v1::PERIOD_SCHEME_QUARTER);
    indicator_id_ = Create(record);
    Settle().IgnoreError();
  }

  std::string PhoneFile(const std::string& phone) override {
    return absl::StrCat(directory_, "/", phone, ".db");
  }
  std::string PhoneVfs(const std::string&) override { return ""; }
  void CopyPhone(const std::string& from, const std::string& to) override {
    for (const char* suffix : {"", "-wal"}) {
      const std::string source = absl::StrCat(PhoneFile(from), suffix);
      if (!std::filesystem::exists(source)) continue;
      std::filesystem::copy_file(source, absl::StrCat(PhoneFile(to), suffix));
    }
  }
  Clock& clock() override { return clock_; }
  Random& random() override { return random_; }

  absl::StatusOr<std::unique_ptr<client::SyncTransport>> Dial(
      const client::Connection& connection) override {
    // What others did is in the feed, as it is after a while.
    BARAZA_RETURN_IF_ERROR(Settle());
    client::Connection now = connection;
    now.address = address();
    BARAZA_ASSIGN_OR_RETURN(std::unique_ptr<client::SyncTransport> transport,
                            client::GrpcTransport::Create(now));
    return transport;
  }
  std::string address() override { return absl::StrCat("127.0.0.1:", server_->port()); }

  absl::StatusOr<v1::EnrolResponse> Enrol(const std::string& team, int number,
                                          const std::string& device_id) override {
    std::string& person = persons_[absl::StrCat(team, number)];
    if (person.empty()) {
      v1::Record record;
      record.mutable_person()->set_display_name("Collector");
      const std::string& team_id = team_ids_.at(static_cast<size_t>(team[0] - 'A'));
      record.mutable_person()->set_team_id(team_id);
      record.mutable_person()->set_role(number == 0 ? v1::ROLE_COLLECTOR : v1::ROLE_TEAM_LEAD);
      record.mutable_person()->mutable_scope()->set_team_id(team_id);
      person = Create(record);
      BARAZA_RETURN_IF_ERROR(Settle());
    }
    v1::CreateEnrolmentCodeRequest request;
    request.set_parent("programmes/" + programme_id_);
    request.set_person_id(person);
    BARAZA_ASSIGN_OR_RETURN(
        const v1::CreateEnrolmentCodeResponse code,
        (Call<v1::EnrolmentService, v1::CreateEnrolmentCodeRequest,
              v1::CreateEnrolmentCodeResponse>(&v1::EnrolmentService::Stub::CreateEnrolmentCode,
                                               request, administrator_.credential())));
    return Redeem(code.code(), device_id);
  }
  absl::Status SetCredential(const std::string& credential_id, v1::CredentialState state) override {
    if (state == v1::CREDENTIAL_STATE_REVOKED) {
      v1::RevokeCredentialRequest request;
      request.set_credential_id(credential_id);
      return Call<v1::EnrolmentService, v1::RevokeCredentialRequest, v1::Credential>(
                 &v1::EnrolmentService::Stub::RevokeCredential, request,
                 administrator_.credential())
          .status();
    }
    v1::SuspendCredentialRequest request;
    request.set_credential_id(credential_id);
    request.set_suspended(state == v1::CREDENTIAL_STATE_SUSPENDED);
    return Call<v1::EnrolmentService, v1::SuspendCredentialRequest, v1::Credential>(
               &v1::EnrolmentService::Stub::SuspendCredential, request, administrator_.credential())
        .status();
  }
  std::vector<std::string> team_ids() override { return team_ids_; }
  std::string issue_id() override { return issue_id_; }

  absl::Status RestartServer() override {
    server_ = nullptr;
    Open();
    return absl::OkStatus();
  }
  absl::Status BackUp() override {
    std::filesystem::remove_all(Backup());
    return server::BackupDataDir(data(), Backup(), {});
  }
  absl::Status Restore() override {
    server_ = nullptr;
    const absl::Status restored =
        server::RestoreDataDir(Backup(), data(), /*replace=*/true, clock_, random_).status();
    Open();
    return restored;
  }

  absl::StatusOr<View> Look() override {
    BARAZA_RETURN_IF_ERROR(Settle());
    View view;
    server::ProgrammeHost& host = *server_->host(programme_id_);
    BARAZA_ASSIGN_OR_RETURN(view.operations, CountOperations(host.store()));
    BARAZA_ASSIGN_OR_RETURN(const std::vector<server::QuarantineRow> rows,
                            host.store().ListQuarantine("", 0, 1000));
    view.quarantine = static_cast<int64_t>(rows.size());
    v1::Figure figure;
    BARAZA_RETURN_IF_ERROR(
        host.projection().GetFigure(indicator_id_, "2026-Q3", absl::CivilDay(2026, 10, 1), figure));
    view.figure = figure.value();
    return view;
  }
  absl::StatusOr<std::string> SessionOf(const std::string& report_id) override {
    BARAZA_RETURN_IF_ERROR(Settle());
    BARAZA_ASSIGN_OR_RETURN(const v1::Session session,
                            server_->host(programme_id_)->projection().GetSession(report_id));
    return session.session_id();
  }

 private:
  std::string data() const { return directory_ + "/data"; }
  std::string Backup() const { return directory_ + "/backup"; }

  void Open() {
    server::ServerOptions options;
    options.data_dir = data();
    options.listen = "127.0.0.1:0";
    server_ = Must(server::Server::Start(options, clock_, random_, log_), "server");
  }

  template <typename Service, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                                const Request& request, const std::string& credential) {
    const auto stub =
        Service::NewStub(grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    client::PrepareCall(context, absl::Seconds(60), credential);
    Response response;
    const grpc::Status status = ((*stub).*method)(&context, request, &response);
    if (!status.ok()) return client::FromGrpc(status);
    return response;
  }

  absl::StatusOr<v1::EnrolResponse> Redeem(const std::string& code, const std::string& device_id) {
    std::string bytes;
    v1::EnrolmentCode content;
    if (!absl::WebSafeBase64Unescape(code.substr(code.find(':') + 1), &bytes) ||
        !content.ParseFromString(bytes)) {
      return absl::InternalError("the code does not parse");
    }
    v1::EnrolRequest request;
    request.set_secret(content.secret());
    request.set_device_id(device_id);
    return Call<v1::EnrolmentService, v1::EnrolRequest, v1::EnrolResponse>(
        &v1::EnrolmentService::Stub::Enrol, request, "");
  }

  std::string Create(const v1::Record& record) {
    v1::CreateRecordRequest request;
    request.set_parent("programmes/" + programme_id_);
    *request.mutable_record() = record;
    return Must(
               Call<v1::ProgrammeService, v1::CreateRecordRequest, v1::RecordView>(
                   &v1::ProgrammeService::Stub::CreateRecord, request, administrator_.credential()),
               "record")
        .record_id();
  }

  // Waits until the projection has taken in the log.
  absl::Status Settle() {
    server::ProgrammeHost& host = *server_->host(programme_id_);
    for (int i = 0; i < 30'000; ++i) {
      BARAZA_ASSIGN_OR_RETURN(const int64_t position, host.store().LogPosition());
      if (host.projection().watermark() >= position) return absl::OkStatus();
      absl::SleepFor(absl::Milliseconds(2));
    }
    return absl::DeadlineExceededError("the projection does not settle");
  }

  const std::string directory_;
  SystemClock clock_;
  SystemRandom random_;
  server::EventLog log_;
  std::string programme_id_;
  std::unique_ptr<server::Server> server_;
  v1::EnrolResponse administrator_;
  std::string issue_id_;
  std::string indicator_id_;
  std::vector<std::string> team_ids_;
  std::map<std::string, std::string> persons_;
};

}  // namespace

std::unique_ptr<Stage> MakeGrpcStage(const std::string& directory) {
  return std::make_unique<GrpcStage>(directory);
}

}  // namespace baraza::specs
