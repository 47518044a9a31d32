#ifndef BARAZA_TESTS_UNIT_SYNC_SERVER_SERVICES_SERVER_FIXTURE_H_
#define BARAZA_TESTS_UNIT_SYNC_SERVER_SERVICES_SERVER_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baraza/v1/enrolment_service.grpc.pb.h"
#include "baraza/v1/indicator_service.grpc.pb.h"
#include "baraza/v1/programme_service.grpc.pb.h"
#include "baraza/v1/review_service.grpc.pb.h"
#include "baraza/v1/session_service.grpc.pb.h"
#include "baraza/v1/sync_service.grpc.pb.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "sync_server/commands/setup.h"
#include "sync_server/services/server.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {

absl::Status FromGrpc(const grpc::Status& status);

// One caller's stubs. Without a token: nobody.
class ApiClient {
 public:
  explicit ApiClient(std::shared_ptr<grpc::Channel> channel, std::string token = "");

  // Api(&Stub::Method, request)
  template <typename Service, typename Request, typename Response>
  absl::StatusOr<Response> operator()(grpc::Status (Service::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                                      const Request& request) {
    grpc::ClientContext context;
    Prepare(context);
    Response response;
    const grpc::Status status = (static_cast<Service&>(StubOf(static_cast<Service*>(nullptr))).*
                                 method)(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }

  // Any method by its descriptor; the serialized answer.
  absl::StatusOr<std::string> Any(const google::protobuf::MethodDescriptor& method,
                                  const google::protobuf::Message& request);

  // The same for a path such as "/grpc.health.v1.Health/Check".
  absl::StatusOr<std::string> AnyPath(const std::string& path, const std::string& request);

  const std::string& token() const { return token_; }

 private:
  void Prepare(grpc::ClientContext& context) const;
  v1::SyncService::Stub& StubOf(v1::SyncService::Stub*) { return *sync_; }
  v1::EnrolmentService::Stub& StubOf(v1::EnrolmentService::Stub*) { return *enrolment_; }
  v1::ProgrammeService::Stub& StubOf(v1::ProgrammeService::Stub*) { return *programme_; }
  v1::SessionService::Stub& StubOf(v1::SessionService::Stub*) { return *session_; }
  v1::ReviewService::Stub& StubOf(v1::ReviewService::Stub*) { return *review_; }
  v1::IndicatorService::Stub& StubOf(v1::IndicatorService::Stub*) { return *indicator_; }

  std::shared_ptr<grpc::Channel> channel_;
  std::string token_;
  std::unique_ptr<v1::SyncService::Stub> sync_;
  std::unique_ptr<v1::EnrolmentService::Stub> enrolment_;
  std::unique_ptr<v1::ProgrammeService::Stub> programme_;
  std::unique_ptr<v1::SessionService::Stub> session_;
  std::unique_ptr<v1::ReviewService::Stub> review_;
  std::unique_ptr<v1::IndicatorService::Stub> indicator_;
};

// A member of a programme with an enrolled device.
struct Member {
  std::string person_id;
  v1::Membership membership;
  ApiClient api;
  // As the server will see it: what test devices stamp operations with.
  Caller caller;
};

// A server over a data directory of its own, with two programmes and their administrators.
class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void StartServer();
  std::shared_ptr<grpc::Channel> NewChannel();

  // Enrols a new device with a code.
  absl::StatusOr<v1::EnrolResponse> Enrol(const std::string& code);
  Member MemberOfCode(const std::string& code);
  // The administrator makes a person, gives it a code and the person enrols.
  Member NewMember(Member& administrator, v1::Role role, const std::string& team_id,
                   const v1::Scope& scope);
  // Creates a record as the administrator; its id.
  std::string Create(Member& administrator, const v1::Record& record);
  std::string CreateTeam(Member& administrator, const std::string& title);
  std::string CreateIssue(Member& administrator, const std::string& title);

  // The administrator of the first programme makes two teams and an issue, in the members below.
  void MakeTwoTeams();
  // Makes an indicator on `issue_`; its id.
  std::string CreateIndicator();

  // Waits until the projection has taken in the log.
  void Settle();

  // The first page of what the member is asked; empty, and a failure, when there is none to be had.
  std::vector<v1::ReviewItem> ReviewQueueOf(Member& member);

  std::string parent() const { return "programmes/" + made_.programme_id; }
  std::string RecordName(const std::string& id) const { return parent() + "/records/" + id; }
  std::string SessionName(const std::string& id) const { return parent() + "/sessions/" + id; }
  // What the server wrote to its log so far.
  std::string Log();

  static v1::Scope ProgrammeScope();
  static v1::Scope TeamScope(const std::string& team_id);

  test::TempDir dir_;
  SystemClock clock_;
  SystemRandom random_;
  Mutex log_mutex_;
  std::string log_text_;
  std::unique_ptr<EventLog> log_;
  ServerOptions options_;
  ProgrammeMade made_, other_made_;
  std::unique_ptr<Server> server_;
  // By MakeTwoTeams.
  std::optional<Member> administrator_;
  std::string team_, other_, issue_;
};

}  // namespace baraza::server

#endif  // BARAZA_TESTS_UNIT_SYNC_SERVER_SERVICES_SERVER_FIXTURE_H_
