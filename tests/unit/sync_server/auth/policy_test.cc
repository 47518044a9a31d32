#include "sync_server/auth/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "baraza/v1/enrolment_service.pb.h"
#include "baraza/v1/session_service.pb.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using ::baraza::test::StatusIs;
using ::testing::HasSubstr;

// Who may call what, written down a second time and by hand: C collector, L team lead, M M&E
// officer, A administrator, U auditor; * needs no credential.
const std::map<std::string, std::string>& Expected() {
  static const auto& expected = *new std::map<std::string, std::string>{
      {"baraza.v1.EnrolmentService.CreateEnrolmentCode", "A"},
      {"baraza.v1.EnrolmentService.Enrol", "*"},
      {"baraza.v1.EnrolmentService.SuspendCredential", "A"},
      {"baraza.v1.EnrolmentService.RevokeCredential", "A"},
      {"baraza.v1.EnrolmentService.ListCredentials", "A"},
      {"baraza.v1.EnrolmentService.GetMembership", "CLMAU"},
      {"baraza.v1.IndicatorService.GetFigure", "CLMAU"},
      {"baraza.v1.IndicatorService.ListFigures", "CLMAU"},
      {"baraza.v1.IndicatorService.PublishFigure", "MA"},
      {"baraza.v1.IndicatorService.RestateFigure", "MA"},
      {"baraza.v1.IndicatorService.ListPublishedFigures", "CLMAU"},
      {"baraza.v1.ProgrammeService.GetRecord", "CLMAU"},
      {"baraza.v1.ProgrammeService.ListRecords", "CLMAU"},
      {"baraza.v1.ProgrammeService.CreateRecord", "MA"},
      {"baraza.v1.ProgrammeService.UpdateRecord", "MA"},
      {"baraza.v1.ProgrammeService.VoidRecord", "MA"},
      {"baraza.v1.ProgrammeService.RedactRecord", "MA"},
      {"baraza.v1.ProgrammeService.ListQuarantine", "MAU"},
      {"baraza.v1.ReviewService.ListReviewQueue", "MAU"},
      {"baraza.v1.ReviewService.CreateRuling", "MA"},
      {"baraza.v1.ReviewService.WithdrawRuling", "MA"},
      {"baraza.v1.ReviewService.ListRulings", "MAU"},
      {"baraza.v1.ReviewService.ListRulingHistories", "MAU"},
      {"baraza.v1.ReviewService.DrawReviewSample", "MA"},
      {"baraza.v1.ReviewService.AnswerReviewSample", "MA"},
      {"baraza.v1.ReviewService.EndorseReport", "MA"},
      {"baraza.v1.ReviewService.ReturnReport", "MA"},
      {"baraza.v1.ReviewService.CreateFollowUp", "MA"},
      {"baraza.v1.ReviewService.ListFollowUps", "CLMAU"},
      {"baraza.v1.SessionService.GetSession", "CLMAU"},
      {"baraza.v1.SessionService.ListSessions", "CLMAU"},
      {"baraza.v1.SessionService.ExplainSession", "CLMAU"},
      {"baraza.v1.SessionService.ExplainPair", "CLMAU"},
      {"baraza.v1.SyncService.Sync", "CLMA"},
  };
  return expected;
}

const std::map<char, v1::Role>& Roles() {
  static const auto& roles = *new std::map<char, v1::Role>{{'C', v1::ROLE_COLLECTOR},
                                                           {'L', v1::ROLE_TEAM_LEAD},
                                                           {'M', v1::ROLE_ME_OFFICER},
                                                           {'A', v1::ROLE_ADMINISTRATOR},
                                                           {'U', v1::ROLE_AUDITOR}};
  return roles;
}

// A request that names a programme where its method's has a field for it.
std::unique_ptr<google::protobuf::Message> RequestFor(
    const google::protobuf::MethodDescriptor& method, const std::string& programme_id) {
  const google::protobuf::Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.input_type());
  std::unique_ptr<google::protobuf::Message> request(prototype->New());
  for (const char* name : {"name", "parent"}) {
    const auto* field = method.input_type()->FindFieldByName(name);
    if (field != nullptr) {
      request->GetReflection()->SetString(request.get(), field, "programmes/" + programme_id);
    }
  }
  return request;
}

TEST(PolicyTest, EveryRpcHasExactlyOnePolicy) {
  EXPECT_OK(CheckPolicies(AllServices(), Policies()));
  std::set<std::string> services;
  for (const auto* service : AllServices()) services.insert(service->name());
  EXPECT_THAT(services,
              ::testing::ElementsAre("EnrolmentService", "IndicatorService", "ProgrammeService",
                                     "ReviewService", "SessionService", "SyncService"));
}

TEST(PolicyTest, TheCheckFindsWhatIsMissingOrTooMuch) {
  std::vector<RpcPolicy> policies(Policies().begin(), Policies().end());
  const RpcPolicy last = policies.back();
  policies.pop_back();
  EXPECT_THAT(CheckPolicies(AllServices(), policies),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("has no policy")));
  policies.push_back(last);
  policies.push_back(last);
  EXPECT_THAT(CheckPolicies(AllServices(), policies),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("two policies")));
  policies.back().method = "baraza.v1.SyncService.Steal";
  EXPECT_THAT(CheckPolicies(AllServices(), policies),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("no such RPC")));
  policies.pop_back();
  for (RpcPolicy& policy : policies) {
    if (policy.method == "baraza.v1.SessionService.GetSession") policy.programme_field = "";
  }
  EXPECT_THAT(CheckPolicies(AllServices(), policies),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("overlooks")));
  for (RpcPolicy& policy : policies) {
    if (policy.method == "baraza.v1.SessionService.GetSession") policy.programme_field = "title";
  }
  EXPECT_THAT(CheckPolicies(AllServices(), policies),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("no string field")));
}

TEST(PolicyTest, NothingIsAllowedThatIsNotInTheTable) {
  EXPECT_EQ(FindPolicy("baraza.v1.SyncService.Steal"), nullptr);
  EXPECT_EQ(FindPolicy(""), nullptr);
  EXPECT_EQ(FindPolicy("zzz"), nullptr);
}

TEST(PolicyTest, EveryRpcForEveryRoleOnOwnAndForeignProgrammes) {
  const std::string own = testing::TestId("prg", 1);
  const std::string foreign = testing::TestId("prg", 2);
  size_t seen = 0;
  for (const auto* service : AllServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const google::protobuf::MethodDescriptor& method = *service->method(i);
      SCOPED_TRACE(method.full_name());
      ASSERT_EQ(Expected().count(method.full_name()), 1u) << "say who may call it";
      ++seen;
      const std::string& allowed = Expected().at(method.full_name());
      const RpcPolicy* policy = FindPolicy(method.full_name());
      ASSERT_NE(policy, nullptr);
      const auto request = RequestFor(method, own);
      const bool names_programme = method.input_type()->FindFieldByName("name") != nullptr ||
                                   method.input_type()->FindFieldByName("parent") != nullptr;
      if (allowed == "*") {
        EXPECT_OK(Authorize(*policy, nullptr, false, *request));
        continue;
      }
      EXPECT_THAT(Authorize(*policy, nullptr, false, *request),
                  StatusIs(absl::StatusCode::kUnauthenticated));
      for (const auto& [letter, role] : Roles()) {
        SCOPED_TRACE(v1::Role_Name(role));
        v1::Membership member;
        member.set_programme_id(own);
        member.set_role(role);
        const absl::Status on_own = Authorize(*policy, &member, false, *request);
        if (allowed.find(letter) != std::string::npos) {
          EXPECT_OK(on_own);
        } else {
          EXPECT_THAT(on_own, StatusIs(absl::StatusCode::kPermissionDenied));
        }
        if (names_programme) {
          EXPECT_THAT(Authorize(*policy, &member, false, *RequestFor(method, foreign)),
                      StatusIs(absl::StatusCode::kPermissionDenied));
        }
        const bool while_suspended =
            method.full_name() == "baraza.v1.SyncService.Sync" || method.name() == "GetMembership";
        if (!while_suspended) {
          EXPECT_THAT(Authorize(*policy, &member, true, *request),
                      StatusIs(absl::StatusCode::kPermissionDenied));
        }
      }
      for (const auto role :
           {v1::ROLE_UNSPECIFIED, static_cast<v1::Role>(17), static_cast<v1::Role>(-1)}) {
        v1::Membership nobody;
        nobody.set_programme_id(own);
        nobody.set_role(role);
        EXPECT_THAT(Authorize(*policy, &nobody, false, *request),
                    StatusIs(absl::StatusCode::kPermissionDenied));
      }
    }
  }
  EXPECT_EQ(seen, Expected().size());
}

TEST(PolicyTest, AProgrammeThatIsNoneIsSaidSoWithoutEchoingIt) {
  v1::Membership member;
  member.set_programme_id(testing::TestId("prg", 1));
  member.set_role(v1::ROLE_COLLECTOR);
  v1::GetSessionRequest request;
  for (const char* name : {"", "programmes/", "programmes/secret", "sessions/x", "/"}) {
    request.set_name(name);
    const absl::Status status =
        Authorize(*FindPolicy("baraza.v1.SessionService.GetSession"), &member, false, request);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("name")));
    EXPECT_EQ(std::string(status.message()).find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace baraza::server
