#include "sync_server/services/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "core/base/ids.h"
#include "core/base/retry_hint.h"
#include "sync_server/auth/policy.h"
#include "sync_server/auth/secret.h"
#include "sync_server/limits.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/sync_server/services/server_fixture.h"

namespace baraza::server {
namespace {

using ::baraza::test::StatusIs;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestDevice;

using Enrolments = v1::EnrolmentService::Stub;
using Programmes = v1::ProgrammeService::Stub;
using Sessions = v1::SessionService::Stub;
using Reviews = v1::ReviewService::Stub;
using Indicators = v1::IndicatorService::Stub;
using Syncs = v1::SyncService::Stub;

v1::SessionReport HeldReport(const std::string& issue_id, const std::string& team_id,
                             const std::string& other_team_id) {
  v1::SessionReport report;
  report.mutable_review()->set_stage(v1::REPORT_STAGE_SUBMITTED);
  report.set_held_status(v1::HELD_STATUS_HELD);
  report.mutable_title()->set_text("Learning day on water points");
  report.mutable_title()->set_language("en");
  report.set_issue_id(issue_id);
  report.mutable_dates()->set_earliest("2026-08-04");
  report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
  report.mutable_venue()->set_locality("Kilifi");
  report.mutable_venue()->set_country("KE");
  report.set_experiences_shared(v1::YES_NO_YES);
  report.set_learned_from_each_other(v1::YES_NO_YES);
  report.set_reporting_team_present(v1::YES_NO_YES);
  for (const std::string& team : {team_id, other_team_id}) {
    v1::ParticipatingTeam& present = *report.add_participating_teams();
    present.set_element_id(absl::StrCat("t", report.participating_teams_size()));
    present.set_team_id(team);
    present.set_present(v1::YES_NO_YES);
  }
  return report;
}

TEST_F(ServerTest, EnrolSyncAndBeCounted) {
  MakeTwoTeams();
  const std::string indicator = CreateIndicator();
  Member collector = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  EXPECT_EQ(collector.membership.team_id(), team_);
  ASSERT_OK_AND_ASSIGN(const v1::Membership me,
                       collector.api(&Enrolments::GetMembership, v1::GetMembershipRequest()));
  EXPECT_EQ(me.SerializeAsString(), collector.membership.SerializeAsString());

  TestDevice device(1, collector.caller);
  const std::string report = device.Capture(HeldReport(issue_, team_, other_));
  ASSERT_OK_AND_ASSIGN(const v1::SyncResponse response,
                       collector.api(&Syncs::Sync, device.Request()));
  ASSERT_EQ(response.results_size(), 1);
  EXPECT_EQ(response.results(0).outcome(), v1::OPERATION_OUTCOME_ACCEPTED)
      << response.results(0).message();
  EXPECT_EQ(response.acknowledged_device_seq(), 1u);
  EXPECT_EQ(response.membership().person_id(), collector.person_id);

  Settle();
  v1::GetSessionRequest get;
  get.set_name(SessionName(report));
  ASSERT_OK_AND_ASSIGN(const v1::Session session, collector.api(&Sessions::GetSession, get));
  EXPECT_EQ(session.session_id(), report);
  v1::GetFigureRequest figure_request;
  figure_request.set_name(parent() + "/indicators/" + indicator + "/figures/2026-Q3");
  figure_request.set_as_of("2026-10-01");
  ASSERT_OK_AND_ASSIGN(const v1::Figure figure,
                       collector.api(&Indicators::GetFigure, figure_request));
  EXPECT_EQ(figure.value(), 1u);
  EXPECT_EQ(figure.name(), figure_request.name());
  v1::ListFiguresRequest list;
  list.set_parent(parent());
  list.set_period("2026-Q3");
  list.set_as_of("2026-10-01");
  ASSERT_OK_AND_ASSIGN(const auto figures, collector.api(&Indicators::ListFigures, list));
  ASSERT_EQ(figures.figures_size(), 1);
  EXPECT_EQ(figures.figures(0).value(), 1u);
  EXPECT_EQ(figures.figures(0).counted_size(), 0);
  v1::ListSessionsRequest sessions;
  sessions.set_parent(parent());
  sessions.set_period("2026-Q3");
  ASSERT_OK_AND_ASSIGN(const auto listed, collector.api(&Sessions::ListSessions, sessions));
  EXPECT_EQ(listed.sessions_size(), 1);
}

TEST_F(ServerTest, AnswersWhoTakesNothingCompressed) {
  Member administrator = MemberOfCode(made_.code);
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1 << GRPC_COMPRESS_NONE);
  ApiClient plain(grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                            grpc::InsecureChannelCredentials(), arguments),
                  administrator.api.token());
  EXPECT_OK(plain(&Enrolments::GetMembership, v1::GetMembershipRequest()));
}

TEST_F(ServerTest, MoreSyncsThanItTakesAreToldWhenToComeAgainAndTheOfficeIsServed) {
  server_.reset();
  options_.max_syncs_at_once = 1;
  StartServer();
  Member administrator = MemberOfCode(made_.code);
  const std::string team = CreateTeam(administrator, "Kilifi team");
  const std::string issue = CreateIssue(administrator, "Water");
  Member collector = NewMember(administrator, v1::ROLE_COLLECTOR, team, TeamScope(team));
  Settle();
  TestDevice device(1, collector.caller);
  TestDevice other_device(2, collector.caller);
  device.Capture(HeldReport(issue, team, team));
  other_device.Capture(HeldReport(issue, team, team));
  const v1::SyncRequest request = device.Request();
  const v1::SyncRequest other_request = other_device.Request();

  // Nothing is committed while another writes, so the first call stays under way.
  absl::StatusOr<std::unique_ptr<StoreWriter>> writer =
      server_->host(made_.programme_id)->store().BeginWrite();
  ASSERT_OK(writer);
  absl::StatusOr<v1::SyncResponse> first = absl::UnknownError("not answered");
  const auto until_it_is_in = [&](const v1::SyncRequest& wanted) {
    absl::StatusOr<v1::SyncResponse> answer = collector.api(&Syncs::Sync, wanted);
    for (int i = 0; i < 500 && absl::IsResourceExhausted(answer.status()); ++i) {
      absl::SleepFor(absl::Milliseconds(20));
      answer = collector.api(&Syncs::Sync, wanted);
    }
    return answer;
  };
  std::thread caller([&] { first = until_it_is_in(request); });
  const std::unique_ptr<Syncs> stub = v1::SyncService::NewStub(NewChannel());
  grpc::Status refused;
  std::string hint;
  // Whichever of the two came first waits; of the second, the next attempt is then refused.
  for (int i = 0; i < 100 && refused.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED; ++i) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + collector.api.token());
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(300));
    v1::SyncResponse response;
    refused = stub->Sync(&context, other_request, &response);
    const auto found = context.GetServerTrailingMetadata().find(kRetryHintMetadata);
    if (found != context.GetServerTrailingMetadata().end()) {
      hint = std::string(found->second.data(), found->second.size());
    }
  }
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("try again in"));
  int hint_ms = 0;
  EXPECT_TRUE(absl::SimpleAtoi(hint, &hint_ms)) << hint;
  EXPECT_GE(absl::Milliseconds(hint_ms), kMinTurn);
  EXPECT_OK(collector.api(&Enrolments::GetMembership, v1::GetMembershipRequest()));
  writer->reset();
  caller.join();
  EXPECT_OK(first);
  // Who is not known takes no place.
  ApiClient stranger(NewChannel(), "guess");
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(stranger(&Syncs::Sync, other_request),
                StatusIs(absl::StatusCode::kUnauthenticated));
  }
  EXPECT_OK(until_it_is_in(other_request));
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"overloaded\""));
  EXPECT_THAT(Log(), HasSubstr("\"refused\":"));
}

TEST_F(ServerTest, WhoIsNotKnownGetsNowhere) {
  ApiClient nobody(NewChannel());
  ApiClient guesser(NewChannel(), "guess");
  for (const auto* service : AllServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      if (method.full_name() == "baraza.v1.EnrolmentService.Enrol") continue;
      const std::unique_ptr<google::protobuf::Message> request(
          google::protobuf::MessageFactory::generated_factory()
              ->GetPrototype(method.input_type())
              ->New());
      EXPECT_THAT(nobody.Any(method, *request), StatusIs(absl::StatusCode::kUnauthenticated))
          << method.full_name();
      EXPECT_THAT(guesser.Any(method, *request), StatusIs(absl::StatusCode::kUnauthenticated))
          << method.full_name();
    }
  }
  v1::EnrolRequest request;
  request.set_secret(std::string(32, 'x'));
  request.set_device_id(MintId("dev", clock_, random_));
  EXPECT_THAT(nobody(&Enrolments::Enrol, request), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(ServerTest, EveryRpcOverTheWireForEveryRoleOnOwnAndForeignProgrammes) {
  Member administrator = MemberOfCode(made_.code);
  const std::string team = CreateTeam(administrator, "Kilifi team");
  for (const v1::Role role : {v1::ROLE_COLLECTOR, v1::ROLE_TEAM_LEAD, v1::ROLE_ME_OFFICER,
                              v1::ROLE_ADMINISTRATOR, v1::ROLE_AUDITOR}) {
    SCOPED_TRACE(v1::Role_Name(role));
    const bool office = role > v1::ROLE_TEAM_LEAD;
    Member member = NewMember(administrator, role, office ? "" : team,
                              office ? ProgrammeScope() : TeamScope(team));
    for (const auto* service : AllServices()) {
      for (int i = 0; i < service->method_count(); ++i) {
        const auto& method = *service->method(i);
        SCOPED_TRACE(method.full_name());
        const RpcPolicy& policy = *FindPolicy(method.full_name());
        if (policy.unauthenticated) continue;
        for (const std::string& programme :
             {made_.programme_id, other_made_.programme_id, MintId("prg", clock_, random_)}) {
          const std::unique_ptr<google::protobuf::Message> request(
              google::protobuf::MessageFactory::generated_factory()
                  ->GetPrototype(method.input_type())
                  ->New());
          const google::protobuf::FieldDescriptor* field =
              policy.programme_field.empty()
                  ? nullptr
                  : method.input_type()->FindFieldByName(std::string(policy.programme_field));
          if (field != nullptr) {
            request->GetReflection()->SetString(request.get(), field, "programmes/" + programme);
          }
          const absl::Status status = member.api.Any(method, *request).status();
          const bool own = programme == made_.programme_id || field == nullptr;
          if (own && (policy.roles & RoleBit(role)) != 0) {
            // It was let in; whether the empty request makes sense is another matter.
            EXPECT_THAT(status.code(),
                        Not(AnyOf(absl::StatusCode::kPermissionDenied,
                                  absl::StatusCode::kUnauthenticated, absl::StatusCode::kInternal,
                                  absl::StatusCode::kUnknown, absl::StatusCode::kUnimplemented)))
                << status;
          } else {
            EXPECT_THAT(status, StatusIs(absl::StatusCode::kPermissionDenied));
          }
        }
      }
    }
  }
}

TEST_F(ServerTest, AForeignCredentialAndAnUnknownOneAreTheSame) {
  Member administrator = MemberOfCode(made_.code);
  Member stranger = MemberOfCode(other_made_.code);
  v1::ListCredentialsRequest list;
  list.set_parent("programmes/" + other_made_.programme_id);
  ASSERT_OK_AND_ASSIGN(const auto theirs, stranger.api(&Enrolments::ListCredentials, list));
  ASSERT_EQ(theirs.credentials_size(), 1);
  v1::RevokeCredentialRequest revoke;
  revoke.set_credential_id(theirs.credentials(0).credential_id());
  const absl::Status foreign = administrator.api(&Enrolments::RevokeCredential, revoke).status();
  EXPECT_THAT(foreign, StatusIs(absl::StatusCode::kPermissionDenied));
  revoke.set_credential_id(MintId("crd", clock_, random_));
  EXPECT_EQ(administrator.api(&Enrolments::RevokeCredential, revoke).status(), foreign);
  EXPECT_OK(stranger.api(&Enrolments::GetMembership, v1::GetMembershipRequest()));
}

TEST_F(ServerTest, RevokedNothingSuspendedIntoTheQuarantine) {
  Member administrator = MemberOfCode(made_.code);
  const std::string team = CreateTeam(administrator, "Kilifi team");
  const std::string issue = CreateIssue(administrator, "Water");
  Member collector = NewMember(administrator, v1::ROLE_COLLECTOR, team, TeamScope(team));
  v1::ListCredentialsRequest list;
  list.set_parent(parent());
  ASSERT_OK_AND_ASSIGN(const auto credentials,
                       administrator.api(&Enrolments::ListCredentials, list));
  std::string credential;
  for (const v1::Credential& entry : credentials.credentials()) {
    if (entry.person_id() == collector.person_id) credential = entry.credential_id();
  }
  v1::SuspendCredentialRequest suspend;
  suspend.set_credential_id(credential);
  suspend.set_suspended(true);
  ASSERT_OK(administrator.api(&Enrolments::SuspendCredential, suspend));
  TestDevice device(2, collector.caller);
  device.Capture(HeldReport(issue, team, team));
  ASSERT_OK_AND_ASSIGN(const v1::SyncResponse response,
                       collector.api(&Syncs::Sync, device.Request()));
  EXPECT_EQ(response.directive(), v1::DEVICE_DIRECTIVE_SUSPENDED);
  EXPECT_EQ(response.feed_size(), 0);
  v1::ListSessionsRequest sessions;
  sessions.set_parent(parent());
  EXPECT_THAT(collector.api(&Sessions::ListSessions, sessions),
              StatusIs(absl::StatusCode::kPermissionDenied));
  v1::ListQuarantineRequest quarantine;
  quarantine.set_parent(parent());
  ASSERT_OK_AND_ASSIGN(const auto kept, administrator.api(&Programmes::ListQuarantine, quarantine));
  ASSERT_EQ(kept.operations_size(), 1);
  EXPECT_EQ(kept.operations(0).reason(), "REJECTION_REASON_SUSPENDED");

  v1::RevokeCredentialRequest revoke;
  revoke.set_credential_id(credential);
  ASSERT_OK(administrator.api(&Enrolments::RevokeCredential, revoke));
  EXPECT_THAT(collector.api(&Syncs::Sync, device.Request()),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(ServerTest, AMoveToAnotherTeamHoldsAtOnceAndForgetsNothing) {
  Member administrator = MemberOfCode(made_.code);
  const std::string team = CreateTeam(administrator, "Kilifi team");
  const std::string next = CreateTeam(administrator, "Kwale team");
  const std::string issue = CreateIssue(administrator, "Water");
  Member collector = NewMember(administrator, v1::ROLE_COLLECTOR, team, TeamScope(team));
  TestDevice device(3, collector.caller);
  device.Capture(HeldReport(issue, team, next));

  v1::UpdateRecordRequest update;
  update.set_name(RecordName(collector.person_id));
  update.mutable_record()->mutable_person()->set_team_id(next);
  *update.mutable_record()->mutable_person()->mutable_scope() = TeamScope(next);
  update.mutable_update_mask()->add_paths("team_id");
  update.mutable_update_mask()->add_paths("scope");
  ASSERT_OK(administrator.api(&Programmes::UpdateRecord, update));
  ASSERT_OK_AND_ASSIGN(const v1::Membership me,
                       collector.api(&Enrolments::GetMembership, v1::GetMembershipRequest()));
  EXPECT_EQ(me.team_id(), next);
  // What was written for the old team before is still taken, also after a restart.
  StartServer();
  ApiClient again(NewChannel(), collector.api.token());
  ASSERT_OK_AND_ASSIGN(const v1::SyncResponse response, again(&Syncs::Sync, device.Request()));
  ASSERT_EQ(response.results_size(), 1);
  EXPECT_EQ(response.results(0).outcome(), v1::OPERATION_OUTCOME_ACCEPTED)
      << response.results(0).message();

  v1::VoidRecordRequest leave;
  leave.set_name(RecordName(collector.person_id));
  leave.set_voided(true);
  ApiClient administrator_again(NewChannel(), administrator.api.token());
  ASSERT_OK(administrator_again(&Programmes::VoidRecord, leave));
  ASSERT_OK_AND_ASSIGN(const v1::SyncResponse left, again(&Syncs::Sync, device.Request()));
  EXPECT_EQ(left.directive(), v1::DEVICE_DIRECTIVE_SUSPENDED);
}

TEST_F(ServerTest, RecordsAreCreatedReadUpdatedAndPaged) {
  Member administrator = MemberOfCode(made_.code);
  v1::CreateRecordRequest create;
  create.set_parent(parent());
  create.mutable_record()->mutable_team()->set_title("Kilifi team");
  create.mutable_record()->mutable_team()->set_id(MintId("tem", clock_, random_));
  create.set_request_id("once");
  ASSERT_OK_AND_ASSIGN(const v1::RecordView created,
                       administrator.api(&Programmes::CreateRecord, create));
  EXPECT_EQ(created.record_id(), create.record().team().id());
  EXPECT_EQ(created.name(), RecordName(created.record_id()));
  ASSERT_OK_AND_ASSIGN(const v1::RecordView again,
                       administrator.api(&Programmes::CreateRecord, create));
  EXPECT_EQ(again.etag(), created.etag());
  create.clear_request_id();
  EXPECT_THAT(administrator.api(&Programmes::CreateRecord, create),
              StatusIs(absl::StatusCode::kAlreadyExists));

  v1::UpdateRecordRequest update;
  update.set_name(created.name());
  update.mutable_record()->mutable_team()->add_aliases("KLF");
  update.mutable_update_mask()->add_paths("aliases");
  update.mutable_update_mask()->add_paths("title");
  update.set_etag(created.etag());
  ASSERT_OK_AND_ASSIGN(const v1::RecordView updated,
                       administrator.api(&Programmes::UpdateRecord, update));
  EXPECT_THAT(updated.record().team().aliases(), ::testing::ElementsAre("KLF"));
  EXPECT_FALSE(updated.record().team().has_title()) << "masked and absent: cleared";
  EXPECT_NE(updated.etag(), created.etag());
  update.mutable_record()->mutable_team()->add_aliases("KLF 2");
  EXPECT_THAT(administrator.api(&Programmes::UpdateRecord, update),
              StatusIs(absl::StatusCode::kAborted));
  update.clear_etag();
  update.mutable_update_mask()->add_paths("title.text");
  EXPECT_THAT(administrator.api(&Programmes::UpdateRecord, update),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("update_mask")));
  update.mutable_update_mask()->set_paths(2, "id");
  EXPECT_THAT(administrator.api(&Programmes::UpdateRecord, update),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("update_mask")));

  for (int i = 0; i < 4; ++i) CreateTeam(administrator, absl::StrCat("Team ", i));
  v1::ListRecordsRequest list;
  list.set_parent(parent());
  list.set_type(v1::RECORD_TYPE_TEAM);
  list.set_page_size(2);
  std::set<std::string> seen;
  int pages = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, administrator.api(&Programmes::ListRecords, list));
    EXPECT_LE(page.records_size(), 2);
    for (const v1::RecordView& view : page.records()) seen.insert(view.record_id());
    list.set_page_token(page.next_page_token());
    ++pages;
  } while (!list.page_token().empty());
  EXPECT_EQ(seen.size(), 5u);
  EXPECT_EQ(pages, 3);
  list.set_page_token("bm9uc2Vuc2U");
  EXPECT_THAT(administrator.api(&Programmes::ListRecords, list),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("page_token")));
  list.clear_page_token();
  list.set_page_size(-1);
  EXPECT_THAT(administrator.api(&Programmes::ListRecords, list),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("page_size")));

  v1::GetRecordRequest get;
  get.set_name(RecordName(MintId("tem", clock_, random_)));
  EXPECT_THAT(administrator.api(&Programmes::GetRecord, get),
              StatusIs(absl::StatusCode::kNotFound));
  v1::CreateRecordRequest report;
  report.set_parent(parent());
  report.mutable_record()->mutable_session_report();
  EXPECT_THAT(administrator.api(&Programmes::CreateRecord, report),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("SessionReport")));
}

TEST_F(ServerTest, AnOfficerDoesNotMakeAdministrators) {
  Member administrator = MemberOfCode(made_.code);
  Member officer = NewMember(administrator, v1::ROLE_ME_OFFICER, "", ProgrammeScope());
  v1::CreateRecordRequest create;
  create.set_parent(parent());
  create.mutable_record()->mutable_person()->set_role(v1::ROLE_ADMINISTRATOR);
  EXPECT_THAT(officer.api(&Programmes::CreateRecord, create),
              StatusIs(absl::StatusCode::kPermissionDenied));
  v1::UpdateRecordRequest update;
  update.set_name(RecordName(officer.person_id));
  update.mutable_record()->mutable_person()->set_role(v1::ROLE_ADMINISTRATOR);
  EXPECT_THAT(officer.api(&Programmes::UpdateRecord, update),
              StatusIs(absl::StatusCode::kPermissionDenied));
  // Nor by an operation of a device of his: it is taken, and without effect.
  TestDevice device(4, officer.caller);
  v1::Person before, after;
  after.set_role(v1::ROLE_ADMINISTRATOR);
  device.Edit(officer.person_id, before, after, {officer.person_id});
  ASSERT_OK(officer.api(&Syncs::Sync, device.Request()));
  Settle();
  StartServer();
  ApiClient again(NewChannel(), officer.api.token());
  ASSERT_OK_AND_ASSIGN(const v1::Membership me,
                       again(&Enrolments::GetMembership, v1::GetMembershipRequest()));
  EXPECT_EQ(me.role(), v1::ROLE_ME_OFFICER);
  EXPECT_THAT(again(&Programmes::CreateRecord, create),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(ServerTest, RulingsEndorsementReturnAndPublication) {
  MakeTwoTeams();
  const std::string indicator = CreateIndicator();
  Member collector = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  Member officer = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", ProgrammeScope());
  Member theirs = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", TeamScope(other_));
  TestDevice device(5, collector.caller);
  const std::string report = device.Capture(HeldReport(issue_, team_, other_));
  ASSERT_OK(collector.api(&Syncs::Sync, device.Request()));

  v1::EndorseReportRequest endorse;
  endorse.set_name(RecordName(report));
  EXPECT_THAT(theirs.api(&Reviews::EndorseReport, endorse),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("scope")));
  ASSERT_OK_AND_ASSIGN(const v1::RecordView endorsed,
                       officer.api(&Reviews::EndorseReport, endorse));
  EXPECT_EQ(endorsed.record().session_report().review().stage(), v1::REPORT_STAGE_ENDORSED);
  v1::ReturnReportRequest give_back;
  give_back.set_name(RecordName(report));
  EXPECT_THAT(officer.api(&Reviews::ReturnReport, give_back),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("message")));
  endorse.set_name(RecordName(team_));
  EXPECT_THAT(officer.api(&Reviews::EndorseReport, endorse), StatusIs(absl::StatusCode::kNotFound));

  const std::string figure_name = parent() + "/indicators/" + indicator + "/figures/2026-Q3";
  v1::GetFigureRequest get;
  get.set_name(figure_name);
  ASSERT_OK_AND_ASSIGN(const v1::Figure figure, officer.api(&Indicators::GetFigure, get));
  EXPECT_EQ(figure.value(), 1u);

  v1::CreateRulingRequest rule;
  rule.set_parent(parent());
  rule.mutable_ruling()->set_kind(v1::RULING_KIND_DIFFERENT);
  rule.mutable_ruling()->add_report_ids(report);
  EXPECT_THAT(officer.api(&Reviews::CreateRuling, rule),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("report_ids")));
  rule.mutable_ruling()->set_kind(v1::RULING_KIND_DOES_NOT_COUNT);
  rule.mutable_ruling()->mutable_reason()->set_text("a rehearsal");
  EXPECT_THAT(theirs.api(&Reviews::CreateRuling, rule),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK_AND_ASSIGN(const v1::RecordView ruling, officer.api(&Reviews::CreateRuling, rule));
  // The figure that was looked at is not the figure any more.
  v1::PublishFigureRequest publish;
  publish.set_name(figure_name);
  publish.set_expected_log_position(figure.log_position());
  EXPECT_THAT(officer.api(&Indicators::PublishFigure, publish),
              StatusIs(absl::StatusCode::kAborted));
  ASSERT_OK_AND_ASSIGN(const v1::Figure ruled, officer.api(&Indicators::GetFigure, get));
  EXPECT_EQ(ruled.value(), 0u);
  v1::WithdrawRulingRequest withdraw;
  withdraw.set_name(ruling.name());
  ASSERT_OK(officer.api(&Reviews::WithdrawRuling, withdraw));
  ASSERT_OK_AND_ASSIGN(const v1::Figure restored, officer.api(&Indicators::GetFigure, get));
  EXPECT_EQ(restored.value(), 1u);

  v1::RestateFigureRequest restate;
  restate.set_name(figure_name);
  restate.mutable_reason()->set_text("a late report");
  EXPECT_THAT(officer.api(&Indicators::RestateFigure, restate),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // Something else has come in since; the figure is still the one that was looked at.
  CreateTeam(*administrator_, "A new team");
  publish.set_expected_log_position(restored.log_position());
  ASSERT_OK_AND_ASSIGN(const v1::PublishedFigure published,
                       officer.api(&Indicators::PublishFigure, publish));
  EXPECT_EQ(published.value(), 1u);
  EXPECT_THAT(officer.api(&Indicators::PublishFigure, publish),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(published.id())));
  EXPECT_THAT(theirs.api(&Indicators::RestateFigure, restate),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK_AND_ASSIGN(const v1::PublishedFigure restated,
                       officer.api(&Indicators::RestateFigure, restate));
  EXPECT_EQ(restated.restates(), published.id());
  v1::ListPublishedFiguresRequest list;
  list.set_parent(parent());
  ASSERT_OK_AND_ASSIGN(const auto all, collector.api(&Indicators::ListPublishedFigures, list));
  EXPECT_EQ(all.figures_size(), 2);
}

TEST_F(ServerTest, ContradictingRulingsAreListedWithBothAuthorsAndSettled) {
  MakeTwoTeams();
  CreateIndicator();
  Member collector = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  Member ada = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", ProgrammeScope());
  Member ben = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", ProgrammeScope());
  Member theirs = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", TeamScope(other_));
  TestDevice device(5, collector.caller);
  const std::string left = device.Capture(HeldReport(issue_, team_, other_));
  const std::string right = device.Capture(HeldReport(issue_, team_, other_));
  ASSERT_OK(collector.api(&Syncs::Sync, device.Request()));
  Settle();

  const auto rule = [&](Member& member, v1::RulingKind kind, const std::string& reason) {
    v1::CreateRulingRequest request;
    request.set_parent(parent());
    request.mutable_ruling()->set_kind(kind);
    request.mutable_ruling()->add_report_ids(left);
    request.mutable_ruling()->add_report_ids(right);
    request.mutable_ruling()->mutable_reason()->set_text(reason);
    const auto view = member.api(&Reviews::CreateRuling, request);
    EXPECT_OK(view);
    return view.ok() ? view->record_id() : "";
  };
  const auto contradictions = [&](Member& member) {
    std::vector<v1::ReviewItem> items;
    for (const v1::ReviewItem& item : ReviewQueueOf(member)) {
      if (!item.set_aside_ruling_id().empty()) items.push_back(item);
    }
    return items;
  };
  const std::string same = rule(ada, v1::RULING_KIND_SAME, "one room, one day");
  EXPECT_EQ(contradictions(ada).size(), 0u);
  const std::string different = rule(ben, v1::RULING_KIND_DIFFERENT, "two rooms");
  const std::vector<v1::ReviewItem> listed = contradictions(ada);
  ASSERT_EQ(listed.size(), 1u);
  ASSERT_EQ(listed[0].contradiction_size(), 2);
  EXPECT_EQ(listed[0].contradiction(0).name(), RecordName(same));
  EXPECT_EQ(listed[0].contradiction(0).author_id(), ada.person_id);
  EXPECT_GT(listed[0].contradiction(0).device_time_ms(), 0);
  EXPECT_EQ(listed[0].contradiction(1).name(), RecordName(different));
  EXPECT_EQ(listed[0].contradiction(1).author_id(), ben.person_id);
  EXPECT_GT(listed[0].contradiction(1).device_time_ms(), 0);
  EXPECT_EQ(listed[0].movement().down(), 1u);
  // Whose scope is another team's reads that there is one, and not who and why.
  const std::vector<v1::ReviewItem> seen_by_others = contradictions(theirs);
  ASSERT_EQ(seen_by_others.size(), 1u);
  for (const v1::StandingRuling& ruling : seen_by_others[0].contradiction()) {
    EXPECT_EQ(ruling.author_id(), "");
    EXPECT_FALSE(ruling.has_reason());
  }

  v1::WithdrawRulingRequest withdraw;
  withdraw.set_name(RecordName(different));
  withdraw.mutable_reason()->set_text("it was the same room");
  EXPECT_THAT(theirs.api(&Reviews::WithdrawRuling, withdraw),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK(ada.api(&Reviews::WithdrawRuling, withdraw));
  EXPECT_EQ(contradictions(ben).size(), 0u);

  v1::ListRulingHistoriesRequest histories;
  histories.set_parent(parent());
  EXPECT_THAT(ada.api(&Reviews::ListRulingHistories, histories),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("report_ids")));
  histories.add_report_ids(left);
  histories.add_report_ids(right);
  histories.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const auto first, ada.api(&Reviews::ListRulingHistories, histories));
  ASSERT_EQ(first.histories_size(), 1);
  EXPECT_EQ(first.histories(0).ruling().standing(), v1::RULING_STANDING_IN_EFFECT);
  ASSERT_EQ(first.histories(0).events_size(), 1);
  EXPECT_EQ(first.histories(0).events(0).kind(), v1::RulingEvent::KIND_RULED);
  EXPECT_EQ(first.histories(0).events(0).author_id(), ada.person_id);
  EXPECT_EQ(first.histories(0).events(0).reason().text(), "one room, one day");
  histories.set_page_token(first.next_page_token());
  ASSERT_OK_AND_ASSIGN(const auto second, ada.api(&Reviews::ListRulingHistories, histories));
  EXPECT_EQ(second.next_page_token(), "");
  ASSERT_EQ(second.histories_size(), 1);
  EXPECT_EQ(second.histories(0).ruling().standing(), v1::RULING_STANDING_WITHDRAWN);
  ASSERT_EQ(second.histories(0).events_size(), 2);
  EXPECT_EQ(second.histories(0).events(0).author_id(), ben.person_id);
  const v1::RulingEvent& withdrawn = second.histories(0).events(1);
  EXPECT_EQ(withdrawn.kind(), v1::RulingEvent::KIND_WITHDRAWN);
  EXPECT_EQ(withdrawn.author_id(), ada.person_id);
  EXPECT_GT(withdrawn.device_time_ms(), 0);
  EXPECT_EQ(withdrawn.reason().text(), "it was the same room");
  ASSERT_OK_AND_ASSIGN(const auto hidden, theirs.api(&Reviews::ListRulingHistories, histories));
  ASSERT_EQ(hidden.histories_size(), 1);
  EXPECT_EQ(hidden.histories(0).events(1).author_id(), "");
  EXPECT_FALSE(hidden.histories(0).events(1).has_reason());
  EXPECT_THAT(collector.api(&Reviews::ListRulingHistories, histories),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(ServerTest, ContradictingOverridesAreListedWithWhatTheySet) {
  MakeTwoTeams();
  Member collector = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  Member ada = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", ProgrammeScope());
  Member ben = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", ProgrammeScope());
  Member theirs = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", TeamScope(other_));
  TestDevice device(5, collector.caller);
  const std::string report = device.Capture(HeldReport(issue_, team_, other_));
  ASSERT_OK(collector.api(&Syncs::Sync, device.Request()));
  Settle();
  const auto rule = [&](Member& member, v1::Modality modality) {
    v1::CreateRulingRequest request;
    request.set_parent(parent());
    request.mutable_ruling()->set_kind(v1::RULING_KIND_OVERRIDE);
    request.mutable_ruling()->add_report_ids(report);
    request.mutable_ruling()->mutable_override_values()->set_modality(modality);
    request.mutable_ruling()->mutable_reason()->set_text("was there");
    EXPECT_OK(member.api(&Reviews::CreateRuling, request));
  };
  rule(ada, v1::MODALITY_ONLINE);
  rule(ben, v1::MODALITY_HYBRID);
  const auto set_by = [&](Member& member) {
    std::vector<std::string> lines;
    for (const v1::ReviewItem& item : ReviewQueueOf(member)) {
      for (const v1::StandingRuling& ruling : item.contradiction()) {
        lines.push_back(absl::StrCat(ruling.author_id(), " ",
                                     v1::Modality_Name(ruling.override_values().modality())));
      }
    }
    return lines;
  };
  EXPECT_THAT(set_by(ada), ::testing::ElementsAre(ada.person_id + " MODALITY_ONLINE",
                                                  ben.person_id + " MODALITY_HYBRID"));
  // That there is one, not what.
  EXPECT_THAT(set_by(theirs),
              ::testing::ElementsAre(" MODALITY_UNSPECIFIED", " MODALITY_UNSPECIFIED"));
}

TEST_F(ServerTest, APageEndsBeforeItIsMoreThanAClientTakes) {
  MakeTwoTeams();
  Member collector = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  TestDevice device(5, collector.caller);
  constexpr int kReports = 60;
  std::set<std::string> captured;
  for (int i = 0; i < kReports; ++i) {
    v1::SessionReport report = HeldReport(issue_, team_, other_);
    // Each on a day of its own, so that none is another's account.
    report.mutable_dates()->set_earliest(absl::StrCat(2000 + i % 20, "-0", 1 + i / 20, "-15"));
    for (int j = 0; j < 12; ++j) {
      v1::ParticipatingTeam& named = *report.add_participating_teams();
      named.set_element_id(absl::StrCat("n", j));
      named.set_unregistered_name(absl::StrCat(i, " ", j, std::string(4000, 'n')));
    }
    captured.insert(device.Capture(report));
  }
  ASSERT_OK(collector.api(&Syncs::Sync, device.Request()));
  Settle();
  v1::ListRecordsRequest list;
  list.set_parent(parent());
  list.set_type(v1::RECORD_TYPE_SESSION_REPORT);
  list.set_page_size(1000);
  std::set<std::string> seen;
  int pages = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, collector.api(&Programmes::ListRecords, list));
    EXPECT_LE(page.ByteSizeLong(), kMaxPageBytes + 1000);
    EXPECT_GT(page.records_size(), 1);
    for (const v1::RecordView& view : page.records()) {
      EXPECT_TRUE(seen.insert(view.record_id()).second);
    }
    list.set_page_token(page.next_page_token());
    ASSERT_LT(++pages, kReports);
  } while (!list.page_token().empty());
  EXPECT_EQ(seen, captured);
  EXPECT_GT(pages, 1);
  v1::ListSessionsRequest sessions;
  sessions.set_parent(parent());
  sessions.set_page_size(1000);
  std::set<std::string> reports;
  pages = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, collector.api(&Sessions::ListSessions, sessions));
    EXPECT_LE(page.ByteSizeLong(), kMaxPageBytes + 1000);
    for (const v1::Session& session : page.sessions()) {
      for (const v1::SessionMember& member : session.members()) {
        EXPECT_TRUE(reports.insert(member.report_id()).second);
      }
    }
    sessions.set_page_token(page.next_page_token());
    ASSERT_LT(++pages, kReports);
  } while (!sessions.page_token().empty());
  EXPECT_EQ(reports, captured);
  EXPECT_GT(pages, 1);
}

TEST_F(ServerTest, OpenQuestionsComeInPagesBehindTheFollowUps) {
  MakeTwoTeams();
  CreateIndicator();
  Member collector = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  Member officer = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", ProgrammeScope());
  TestDevice device(5, collector.caller);
  v1::SessionReport report = HeldReport(issue_, team_, other_);
  report.clear_experiences_shared();
  report.clear_learned_from_each_other();
  const std::string id = device.Capture(report);
  ASSERT_OK(collector.api(&Syncs::Sync, device.Request()));
  Settle();
  for (int i = 0; i < 3; ++i) {
    v1::CreateFollowUpRequest ask;
    ask.set_parent(parent());
    ask.mutable_follow_up()->set_report_id(id);
    ask.mutable_follow_up()->set_addressed_team_id(team_);
    ask.mutable_follow_up()->mutable_question()->set_code("free");
    ask.mutable_follow_up()->mutable_text()->set_text(absl::StrCat("Who took the minutes? ", i));
    ASSERT_OK(officer.api(&Reviews::CreateFollowUp, ask));
  }
  const auto pages_of = [&](int size) {
    std::vector<std::string> pages;
    v1::ListFollowUpsRequest list;
    list.set_parent(parent());
    list.set_page_size(size);
    std::set<std::string> seen;
    do {
      const auto page = officer.api(&Reviews::ListFollowUps, list);
      EXPECT_OK(page);
      if (!page.ok()) break;
      std::string kinds;
      for (const v1::RecordView& view : page->follow_ups()) {
        EXPECT_TRUE(seen.insert(view.record_id()).second);
        kinds += "f";
      }
      for (const v1::OpenQuestion& question : page->open_questions()) {
        EXPECT_TRUE(seen.insert(question.id()).second);
        kinds += "q";
      }
      pages.push_back(kinds);
      list.set_page_token(page->next_page_token());
    } while (!list.page_token().empty() && pages.size() < 9);
    return pages;
  };
  EXPECT_THAT(pages_of(0), ::testing::ElementsAre("fffqq"));
  EXPECT_THAT(pages_of(1), ::testing::ElementsAre("f", "f", "f", "q", "q"));
  EXPECT_THAT(pages_of(3), ::testing::ElementsAre("fff", "qq"));
  EXPECT_THAT(pages_of(4), ::testing::ElementsAre("fffq", "q"));
}

TEST_F(ServerTest, APairIsAskedUntilItIsSettledAndNotOfWhoIsUnsure) {
  MakeTwoTeams();
  const std::string indicator = CreateIndicator();
  Member collector = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  Member ada = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", ProgrammeScope());
  Member ben = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", ProgrammeScope());
  TestDevice device(5, collector.caller);
  // Two accounts a week, from alike to unlike: some pair among them is in doubt by any model.
  for (int unlike = 0; unlike < 32; ++unlike) {
    v1::SessionReport report = HeldReport(issue_, team_, other_);
    const absl::CivilDay day = absl::CivilDay(2026, 1, 5) + 7 * unlike;
    report.mutable_dates()->set_earliest(absl::FormatCivilTime(day));
    device.Capture(report);
    if (unlike & 1) report.mutable_venue()->set_locality("Malindi");
    if (unlike & 2) report.mutable_title()->set_text("Exchange with forest guards");
    if (unlike & 4) report.mutable_dates()->set_earliest(absl::FormatCivilTime(day + 1));
    if (unlike & 8) report.mutable_participating_teams()->RemoveLast();
    if (unlike & 16) report.clear_title();
    device.Capture(report);
  }
  ASSERT_OK(collector.api(&Syncs::Sync, device.Request()));
  Settle();
  // A score is made of what belongs to the teams too: who stands in doubt may be known to all, how
  // far may not.
  Member foreign = NewMember(*administrator_, v1::ROLE_COLLECTOR, other_, TeamScope(other_));
  v1::GetFigureRequest get;
  get.set_name(parent() + "/indicators/" + indicator + "/figures/2026");
  ASSERT_OK_AND_ASSIGN(const v1::Figure whole, ada.api(&Indicators::GetFigure, get));
  ASSERT_OK_AND_ASSIGN(const v1::Figure shown, foreign.api(&Indicators::GetFigure, get));
  const auto scored = [](const v1::Figure& figure) {
    return std::count_if(figure.doubtful_pairs().begin(), figure.doubtful_pairs().end(),
                         [](const auto& pair) { return pair.score_milli_nats() != 0; });
  };
  EXPECT_GT(scored(whole), 0);
  EXPECT_EQ(shown.doubtful_pairs_size(), whole.doubtful_pairs_size());
  EXPECT_EQ(scored(shown), 0);
  using Pair = std::pair<std::string, std::string>;
  const auto pairs = [&](Member& member) {
    std::set<Pair> asked;
    for (const v1::ReviewItem& item : ReviewQueueOf(member)) {
      if (item.has_pair())
        asked.emplace(item.pair().left_report_id(), item.pair().right_report_id());
    }
    return asked;
  };
  const std::set<Pair> all = pairs(ada);
  ASSERT_GT(all.size(), 0u);
  const Pair pair = *all.begin();
  v1::CreateRulingRequest rule;
  rule.set_parent(parent());
  rule.mutable_ruling()->set_kind(v1::RULING_KIND_UNSURE);
  rule.mutable_ruling()->add_report_ids(pair.second);
  rule.mutable_ruling()->add_report_ids(pair.first);
  ASSERT_OK(ada.api(&Reviews::CreateRuling, rule));
  Settle();
  std::set<Pair> others = all;
  others.erase(pair);
  EXPECT_EQ(pairs(ada), others);
  EXPECT_EQ(pairs(ben), all);
  rule.mutable_ruling()->set_kind(v1::RULING_KIND_DIFFERENT);
  ASSERT_OK(ben.api(&Reviews::CreateRuling, rule));
  Settle();
  EXPECT_EQ(pairs(ben).count(pair), 0u);
}

TEST_F(ServerTest, WhereTheProgrammeAsksForTwoARulingWaitsForTheSecond) {
  MakeTwoTeams();
  const std::string indicator = CreateIndicator();
  Member collector = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  Member ada = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", ProgrammeScope());
  Member ben = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", ProgrammeScope());
  TestDevice device(5, collector.caller);
  const std::string report = device.Capture(HeldReport(issue_, team_, other_));
  ASSERT_OK(collector.api(&Syncs::Sync, device.Request()));
  v1::UpdateRecordRequest setting;
  setting.set_name(RecordName(made_.programme_id));
  setting.mutable_record()->mutable_programme()->set_rulings_need_approval(true);
  EXPECT_THAT(ada.api(&Programmes::UpdateRecord, setting),
              StatusIs(absl::StatusCode::kPermissionDenied));
  v1::GetRecordRequest read;
  read.set_name(setting.name());
  ASSERT_OK_AND_ASSIGN(const v1::RecordView programme,
                       administrator_->api(&Programmes::GetRecord, read));
  *setting.mutable_record() = programme.record();
  setting.mutable_record()->mutable_programme()->set_rulings_need_approval(true);
  ASSERT_OK(administrator_->api(&Programmes::UpdateRecord, setting));

  v1::GetFigureRequest get;
  get.set_name(parent() + "/indicators/" + indicator + "/figures/2026-Q3");
  const auto value = [&]() -> uint32_t {
    Settle();
    const auto figure = ada.api(&Indicators::GetFigure, get);
    EXPECT_OK(figure);
    return figure.ok() ? figure->value() : 99;
  };
  const auto waiting = [&] {
    std::vector<std::string> authors;
    for (const v1::ReviewItem& item : ReviewQueueOf(ben)) {
      for (const v1::StandingRuling& ruling : item.waiting()) authors.push_back(ruling.author_id());
    }
    return authors;
  };
  v1::CreateRulingRequest rule;
  rule.set_parent(parent());
  rule.mutable_ruling()->set_kind(v1::RULING_KIND_DOES_NOT_COUNT);
  rule.mutable_ruling()->add_report_ids(report);
  ASSERT_OK_AND_ASSIGN(const v1::RecordView first, ada.api(&Reviews::CreateRuling, rule));
  ASSERT_OK(ada.api(&Reviews::CreateRuling, rule));
  EXPECT_EQ(value(), 1u);
  EXPECT_EQ(waiting(), std::vector<std::string>{ada.person_id});
  ASSERT_OK_AND_ASSIGN(const v1::RecordView second, ben.api(&Reviews::CreateRuling, rule));
  EXPECT_EQ(value(), 0u);
  EXPECT_EQ(waiting().size(), 0u);
  v1::WithdrawRulingRequest withdraw;
  withdraw.set_name(second.name());
  ASSERT_OK(ben.api(&Reviews::WithdrawRuling, withdraw));
  EXPECT_EQ(value(), 1u);
  EXPECT_EQ(waiting(), std::vector<std::string>{ada.person_id});
}

TEST_F(ServerTest, ASampleIsDrawnAnsweredAndStandsInTheInterval) {
  MakeTwoTeams();
  const std::string indicator = CreateIndicator();
  Member collector = NewMember(*administrator_, v1::ROLE_COLLECTOR, team_, TeamScope(team_));
  Member officer = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", ProgrammeScope());
  Member theirs = NewMember(*administrator_, v1::ROLE_ME_OFFICER, "", TeamScope(other_));
  // Two accounts of one session: one decision.
  TestDevice device(5, collector.caller);
  device.Capture(HeldReport(issue_, team_, other_));
  device.Capture(HeldReport(issue_, team_, other_));
  ASSERT_OK(collector.api(&Syncs::Sync, device.Request()));
  Settle();
  const std::string figure_name = parent() + "/indicators/" + indicator + "/figures/2026-Q3";
  v1::GetFigureRequest get;
  get.set_name(figure_name);
  ASSERT_OK_AND_ASSIGN(const v1::Figure before, officer.api(&Indicators::GetFigure, get));
  EXPECT_EQ(before.value(), 1u);
  EXPECT_EQ(before.interval().sampled_pairs(), 0u);

  v1::DrawReviewSampleRequest draw;
  draw.set_name(figure_name);
  for (const int size : {0, 19, 201}) {
    draw.set_size(size);
    EXPECT_THAT(officer.api(&Reviews::DrawReviewSample, draw),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("size")));
  }
  draw.set_size(50);
  EXPECT_THAT(theirs.api(&Reviews::DrawReviewSample, draw),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("scope")));
  draw.set_name(parent() + "/indicators/" + indicator + "/figures/never");
  EXPECT_THAT(officer.api(&Reviews::DrawReviewSample, draw),
              StatusIs(absl::StatusCode::kInvalidArgument));
  draw.set_name(figure_name);
  ASSERT_OK_AND_ASSIGN(const auto drawn, officer.api(&Reviews::DrawReviewSample, draw));
  EXPECT_EQ(drawn.decisions(), 1);
  ASSERT_EQ(drawn.samples_size(), 1);
  const v1::ReviewSample& sample = drawn.samples(0).record().review_sample();
  EXPECT_EQ(sample.inclusion_probability(), 1);
  EXPECT_EQ(sample.period(), "2026-Q3");
  EXPECT_EQ(sample.model_version(), before.model_version());
  EXPECT_FALSE(sample.has_outcome());
  EXPECT_THAT(officer.api(&Reviews::DrawReviewSample, draw),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("nothing to draw")));

  // The stratum says about how the two score.
  v1::GetRecordRequest read;
  read.set_name(drawn.samples(0).name());
  ASSERT_OK_AND_ASSIGN(const v1::RecordView stands, officer.api(&Programmes::GetRecord, read));
  EXPECT_NE(stands.record().review_sample().stratum(), "");
  ASSERT_OK_AND_ASSIGN(const v1::RecordView told, theirs.api(&Programmes::GetRecord, read));
  EXPECT_EQ(told.record().review_sample().report_ids_size(), 2);
  EXPECT_EQ(told.record().review_sample().stratum(), "");
  EXPECT_FALSE(told.record().review_sample().has_stratum_size());
  EXPECT_FALSE(told.record().review_sample().has_inclusion_probability());

  const auto answer = [&](Member& member, v1::RulingKind outcome) {
    v1::AnswerReviewSampleRequest request;
    request.set_name(drawn.samples(0).name());
    request.set_outcome(outcome);
    return member.api(&Reviews::AnswerReviewSample, request).status();
  };
  EXPECT_THAT(answer(theirs, v1::RULING_KIND_SAME), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(answer(officer, v1::RULING_KIND_COUNTS),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("outcome")));
  // Nothing but the interval hangs on an answer, and it can be corrected.
  const auto figure_after = [&](v1::RulingKind outcome) -> v1::Figure {
    EXPECT_OK(answer(officer, outcome));
    const absl::StatusOr<v1::Figure> figure = officer.api(&Indicators::GetFigure, get);
    EXPECT_OK(figure);
    EXPECT_EQ(figure->value(), 1u);
    return *figure;
  };
  const v1::Figure different = figure_after(v1::RULING_KIND_DIFFERENT);
  EXPECT_EQ(different.interval().sampled_pairs(), 1u);
  EXPECT_EQ(different.interval().note().code(), "sampled_review");
  EXPECT_EQ(different.interval().high(), 2);
  const v1::Figure same = figure_after(v1::RULING_KIND_SAME);
  EXPECT_EQ(same.interval().high(), 1);
  EXPECT_EQ(figure_after(v1::RULING_KIND_UNSURE).interval().note().code(), "no_sampled_review");
}

TEST_F(ServerTest, AReadWaitsForItsPositionUntilItsDeadline) {
  Member administrator = MemberOfCode(made_.code);
  v1::ListSessionsRequest list;
  list.set_parent(parent());
  list.set_min_log_position(1);
  EXPECT_OK(administrator.api(&Sessions::ListSessions, list));
  list.set_min_log_position(1'000'000);
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + administrator.api.token());
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  v1::ListSessionsResponse response;
  const grpc::Status status =
      v1::SessionService::NewStub(NewChannel())->ListSessions(&context, list, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  // A server that stops does not wait for what never comes.
  server_->Stop(absl::Milliseconds(100));
}

TEST_F(ServerTest, SaysThatItIsWellAndKnowsNoOtherService) {
  ApiClient nobody(NewChannel());
  // HealthCheckResponse { status: SERVING }
  EXPECT_THAT(nobody.AnyPath("/grpc.health.v1.Health/Check", ""),
              test::IsOkAndHolds(std::string("\x08\x01")));
  EXPECT_THAT(nobody.AnyPath("/baraza.v1.SyncService/Steal", ""),
              StatusIs(absl::StatusCode::kUnimplemented));
}

TEST_F(ServerTest, ASecondServerOnTheDirectoryIsRefused) {
  EXPECT_THAT(Server::Start(options_, clock_, random_, *log_).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("in use")));
  ProgrammeRequest request;
  request.title = "x";
  request.administrator = "y";
  EXPECT_THAT(CreateProgramme(options_.data_dir, request, clock_, random_),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ServerTest, WithoutTlsItListensOnLoopbackOnly) {
  server_.reset();
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.168.1.4:0", "127.0.0.1.evil.org:0",
                              "localhost.evil.org:0", "[::ffff:10.0.0.1]:0", ":0", ""}) {
    EXPECT_FALSE(IsLoopback(address)) << address;
    ServerOptions options = options_;
    options.listen = address;
    EXPECT_THAT(Server::Start(options, clock_, random_, *log_).status(),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("without TLS")))
        << address;
  }
  for (const char* address : {"127.0.0.1:0", "127.8.8.8:1", "localhost:0", "[::1]:0"}) {
    EXPECT_TRUE(IsLoopback(address)) << address;
  }
}

TEST_F(ServerTest, WithTlsDevicesTrustTheCodesAuthorityOnly) {
  server_.reset();
  ASSERT_OK(MakeCertificates(options_.data_dir, {"baraza.example.org"}, random_));
  CodeOptions code_options;
  code_options.programme_id = made_.programme_id;
  code_options.person_id = made_.person_id;
  ASSERT_OK_AND_ASSIGN(const ProgrammeMade made,
                       CreateCode(options_.data_dir, code_options, clock_, random_));
  ASSERT_OK_AND_ASSIGN(const v1::EnrolmentCode code, DecodeEnrolmentCode(made.code));
  ASSERT_THAT(code.ca_certificate(), HasSubstr("BEGIN CERTIFICATE"));
  StartServer();
  v1::EnrolRequest request;
  request.set_secret(code.secret());
  request.set_device_id(MintId("dev", clock_, random_));
  const auto enrol = [&](std::shared_ptr<grpc::ChannelCredentials> credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    ApiClient client(grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                               credentials, arguments));
    return client(&Enrolments::Enrol, request);
  };
  EXPECT_THAT(enrol(grpc::InsecureChannelCredentials()), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(enrol(grpc::SslCredentials({})), StatusIs(absl::StatusCode::kUnavailable));
  grpc::SslCredentialsOptions pinned;
  pinned.pem_root_certs = code.ca_certificate();
  EXPECT_OK(enrol(grpc::SslCredentials(pinned)));
}

// Behind a proxy on this machine everybody comes from loopback: one who guesses must not shut out
// the others.
TEST_F(ServerTest, FailedEnrolmentsAreHeldAgainstWhomAProxySpeaksFor) {
  const auto stub = v1::EnrolmentService::NewStub(NewChannel());
  ASSERT_OK_AND_ASSIGN(const v1::EnrolmentCode code, DecodeEnrolmentCode(made_.code));
  const auto enrol = [&](const std::string& secret, const std::string& forwarded) {
    grpc::ClientContext context;
    context.AddMetadata("x-forwarded-for", forwarded);
    v1::EnrolRequest request;
    request.set_secret(secret);
    request.set_device_id(MintId("dev", clock_, random_));
    v1::EnrolResponse response;
    return FromGrpc(stub->Enrol(&context, request, &response));
  };
  absl::Status guessed;
  for (int i = 0; i < 15; ++i) {
    // What a caller claims of itself stands before what the proxy adds.
    guessed = enrol(std::string(kSecretBytes, 'x'), absl::StrCat("192.0.2.", i, ", 198.51.100.1"));
  }
  EXPECT_THAT(guessed, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(enrol(code.secret(), "198.51.100.1"), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_OK(enrol(code.secret(), "198.51.100.2"));
}

TEST_F(ServerTest, TheLogSaysWhatWasCalledAndNothingElse) {
  Member administrator = MemberOfCode(made_.code);
  const std::string team = CreateTeam(administrator, "Secret team title");
  server_->Stop(absl::Seconds(1));
  const std::string log = Log();
  EXPECT_THAT(log, HasSubstr("\"event\":\"rpc\",\"method\":"
                             "\"baraza.v1.ProgrammeService.CreateRecord\",\"code\":\"OK\""));
  EXPECT_THAT(log, HasSubstr(made_.programme_id));
  for (const std::string& secret :
       {administrator.api.token(), administrator.person_id, team, std::string("Secret team"),
        std::string("127.0.0.1"), std::string("baraza1:")}) {
    EXPECT_THAT(log, Not(HasSubstr(secret)));
  }
  for (const absl::string_view line : absl::StrSplit(log, '\n', absl::SkipEmpty())) {
    EXPECT_EQ(line.front(), '{');
    EXPECT_EQ(line.back(), '}');
  }
}

}  // namespace
}  // namespace baraza::server
