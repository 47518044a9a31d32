#include "tests/scenarios/specs/remote_stage.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "client_lib/sync/grpc/grpc_transport.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "gtest/gtest.h"
#include "tests/e2e/snapshot.h"
#include "tests/testing/english.h"

namespace baraza::specs {
namespace {

constexpr int kTeams = 2;

}  // namespace

std::string RemoteStage::PhoneFile(const std::string& phone) {
  return absl::StrCat(directory_, "/", phone, ".db");
}

void RemoteStage::CopyPhone(const std::string& from, const std::string& to) {
  for (const char* suffix : {"", "-wal"}) {
    const std::string source = absl::StrCat(PhoneFile(from), suffix);
    if (!std::filesystem::exists(source)) continue;
    std::filesystem::copy_file(source, absl::StrCat(PhoneFile(to), suffix));
  }
}

absl::StatusOr<std::unique_ptr<client::SyncTransport>> RemoteStage::Dial(
    const client::Connection& connection) {
  BARAZA_RETURN_IF_ERROR(Settle().status());
  client::Connection now = connection;
  now.address = address();
  BARAZA_ASSIGN_OR_RETURN(std::unique_ptr<client::SyncTransport> transport,
                          client::GrpcTransport::Create(now));
  return transport;
}

void RemoteStage::OpenOffice(const std::string& code) {
  Redial();
  const auto enrolled = desk_.Enrol(code, MintId("dev", clock_, random_));
  ASSERT_TRUE(enrolled.ok()) << enrolled.status();
  v1::Record record;
  *record.mutable_issue()->mutable_title() = test::InEnglish("land");
  issue_id_ = desk_.Create(record);
  for (int i = 0; i < kTeams; ++i) {
    record.Clear();
    record.mutable_organisation()->set_title(absl::StrCat("Organisation ", i));
    const std::string organisation = desk_.Create(record);
    record.Clear();
    record.mutable_team()->set_title(
        absl::StrCat("Team ", std::string(1, static_cast<char>('A' + i))));
    record.mutable_team()->set_organisation_id(organisation);
    team_ids_.push_back(desk_.Create(record));
  }
  record.Clear();
  *record.mutable_indicator()->mutable_title() = test::InEnglish("Sessions");
  record.mutable_indicator()->add_issue_ids(issue_id_);
  record.mutable_indicator()->set_period_scheme(v1::PERIOD_SCHEME_QUARTER);
  indicator_id_ = desk_.Create(record);
}

absl::StatusOr<v1::EnrolResponse> RemoteStage::Enrol(const std::string& team, int number,
                                                     const std::string& device_id) {
  std::string& person = persons_[absl::StrCat(team, number)];
  if (person.empty()) {
    v1::Record record;
    record.mutable_person()->set_display_name("Collector");
    const std::string& team_id = team_ids_.at(static_cast<size_t>(team[0] - 'A'));
    record.mutable_person()->set_team_id(team_id);
    record.mutable_person()->set_role(number == 0 ? v1::ROLE_COLLECTOR : v1::ROLE_TEAM_LEAD);
    record.mutable_person()->mutable_scope()->set_team_id(team_id);
    person = desk_.Create(record);
    BARAZA_RETURN_IF_ERROR(Settle().status());
  }
  return e2e::Desk(ServerAddress(), "", "").Enrol(desk_.NewCode(person), device_id);
}

absl::Status RemoteStage::SetCredential(const std::string& credential_id,
                                        v1::CredentialState state) {
  if (state == v1::CREDENTIAL_STATE_REVOKED) {
    v1::RevokeCredentialRequest request;
    request.set_credential_id(credential_id);
    return desk_.Call<v1::EnrolmentService>(&v1::EnrolmentService::Stub::RevokeCredential, request)
        .status();
  }
  v1::SuspendCredentialRequest request;
  request.set_credential_id(credential_id);
  request.set_suspended(state == v1::CREDENTIAL_STATE_SUSPENDED);
  return desk_.Call<v1::EnrolmentService>(&v1::EnrolmentService::Stub::SuspendCredential, request)
      .status();
}

absl::StatusOr<v1::Figure> RemoteStage::Settle() {
  return desk_.Figure(indicator_id_, "2026-Q3",
                      e2e::LiveInt(ProgrammeFile(), "SELECT ifnull(max(position), 0) FROM log"),
                      "2026-10-01");
}

absl::StatusOr<Stage::View> RemoteStage::Look() {
  BARAZA_ASSIGN_OR_RETURN(const v1::Figure figure, Settle());
  View view;
  view.figure = figure.value();
  view.operations =
      e2e::LiveInt(ProgrammeFile(), absl::StrCat("SELECT count(*) FROM log WHERE record_type = ",
                                                 static_cast<int>(v1::RECORD_TYPE_SESSION_REPORT)));
  view.quarantine = e2e::LiveInt(ProgrammeFile(), "SELECT count(*) FROM quarantine");
  return view;
}

absl::StatusOr<std::string> RemoteStage::SessionOf(const std::string& report_id) {
  BARAZA_RETURN_IF_ERROR(Settle().status());
  v1::GetSessionRequest request;
  request.set_name(desk_.SessionName(report_id));
  BARAZA_ASSIGN_OR_RETURN(
      const v1::Session session,
      desk_.Call<v1::SessionService>(&v1::SessionService::Stub::GetSession, request));
  return session.session_id();
}

}  // namespace baraza::specs
