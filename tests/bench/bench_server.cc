#include "tests/bench/bench_server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "baraza/v1/enrolment_service.grpc.pb.h"
#include "baraza/v1/programme_service.grpc.pb.h"
#include "client_lib/sync/grpc/enrolment_client.h"
#include "core/base/ids.h"
#include "sync_server/commands/setup.h"
#include "tests/bench/measure.h"

namespace baraza::bench {
namespace {

constexpr int kOrganisations = 4;
constexpr int kTeams = 16;
constexpr int kIssues = 4;
// The office reads figures with their trace.
constexpr size_t kMaxAnswerBytes = 64 << 20;

void SetTitle(v1::MultilingualText& title, std::string text) {
  v1::LocalText& value = *title.add_values();
  value.set_text(std::move(text));
  value.set_language("en");
}

}  // namespace

BenchServer::BenchServer(const std::string& directory) : log_(clock_, [](absl::string_view) {}) {
  Check(server::InitDataDir(directory), "init");
  server::ProgrammeRequest request;
  request.title = "A coalition";
  request.administrator = "An administrator";
  const server::ProgrammeMade made =
      Check(server::CreateProgramme(directory, request, clock_, random_), "create programme");
  server::ServerOptions options;
  options.data_dir = directory;
  options.listen = "127.0.0.1:0";
  server::RaiseOpenFileLimit();
  server_ = Check(server::Server::Start(options, clock_, random_, log_), "serve");
  address_ = absl::StrCat("127.0.0.1:", server_->port());
  channel_ = Check(client::OpenChannel(address_, "", kMaxAnswerBytes, client::Compression::kNone),
                   "channel");
  gzip_channel_ = Check(
      client::OpenChannel(address_, "", kMaxAnswerBytes, client::Compression::kGzip), "channel");
  administrator_ = Enrol(made.code, MintId("dev", clock_, random_));

  std::vector<std::string> organisations;
  for (int i = 0; i < kOrganisations; ++i) {
    v1::Record record;
    record.mutable_organisation()->set_title(absl::StrCat("Organisation ", i + 1));
    organisations.push_back(Create(record));
  }
  for (int i = 0; i < kIssues; ++i) {
    v1::Record record;
    SetTitle(*record.mutable_issue()->mutable_title(), absl::StrCat("Issue ", i + 1));
    places_.issue_ids.push_back(Create(record));
  }
  for (int i = 0; i < kTeams; ++i) {
    v1::Record record;
    v1::Team& team = *record.mutable_team();
    team.set_title(absl::StrCat("Team ", i + 1));
    team.set_organisation_id(organisations[static_cast<size_t>(i % kOrganisations)]);
    places_.team_ids.push_back(Create(record));
  }
  v1::Record record;
  v1::Indicator& indicator = *record.mutable_indicator();
  SetTitle(*indicator.mutable_title(), "Sharing and learning sessions");
  for (const std::string& issue : places_.issue_ids) indicator.add_issue_ids(issue);
  indicator.set_period_scheme(v1::PERIOD_SCHEME_QUARTER);
  indicator_id_ = Create(record);
}

v1::EnrolResponse BenchServer::EnrolCollector(int team, const std::string& device_id) {
  v1::Record record;
  v1::Person& person = *record.mutable_person();
  const std::string& team_id = places_.team_ids[static_cast<size_t>(team % kTeams)];
  person.set_display_name("A collector");
  person.set_role(v1::ROLE_COLLECTOR);
  person.set_team_id(team_id);
  person.mutable_scope()->set_team_id(team_id);
  v1::CreateEnrolmentCodeRequest request;
  request.set_parent(absl::StrCat("programmes/", programme_id()));
  request.set_person_id(Create(record));
  v1::EnrolmentService::Stub stub(channel_);
  const auto code =
      Check(Call(stub, &v1::EnrolmentService::Stub::CreateEnrolmentCode, request), "code");
  return Enrol(code.code(), device_id);
}

std::string BenchServer::Create(const v1::Record& record) {
  v1::CreateRecordRequest request;
  request.set_parent(absl::StrCat("programmes/", programme_id()));
  *request.mutable_record() = record;
  v1::ProgrammeService::Stub stub(channel_);
  return Check(Call(stub, &v1::ProgrammeService::Stub::CreateRecord, request), "create record")
      .record_id();
}

v1::EnrolResponse BenchServer::Enrol(const std::string& code, const std::string& device_id) {
  v1::EnrolRequest request;
  request.set_secret(Check(client::DecodeEnrolmentCode(code), "code").secret());
  request.set_device_id(device_id);
  request.set_label("bench");
  v1::EnrolmentService::Stub stub(channel_);
  grpc::ClientContext context;
  client::PrepareCall(context, absl::Seconds(60), "");
  v1::EnrolResponse response;
  Check(client::FromGrpc(stub.Enrol(&context, request, &response)), "enrol");
  return response;
}

}  // namespace baraza::bench
