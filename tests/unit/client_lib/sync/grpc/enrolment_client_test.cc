#include "client_lib/sync/grpc/enrolment_client.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "baraza/v1/enrolment_service.grpc.pb.h"
#include "tests/testing/status_matchers.h"

namespace baraza::client {
namespace {

using test::StatusIs;

std::string Encode(const v1::EnrolmentCode& code) {
  return absl::StrCat("baraza1:", absl::WebSafeBase64Escape(code.SerializeAsString()));
}

TEST(EnrolmentCodeTest, ReadsWhatWasWritten) {
  v1::EnrolmentCode code;
  code.set_address("127.0.0.1:50051");
  code.set_secret(std::string("\x00\xff\xfe", 3));
  code.set_ca_certificate("-----BEGIN CERTIFICATE-----");
  code.set_programme_id("prg_1");
  ASSERT_OK_AND_ASSIGN(const v1::EnrolmentCode read,
                       DecodeEnrolmentCode(absl::StrCat("  ", Encode(code), "\n")));
  EXPECT_EQ(read.SerializeAsString(), code.SerializeAsString());
}

TEST(EnrolmentCodeTest, RefusesEverythingElseWithoutQuotingIt) {
  v1::EnrolmentCode empty;
  const std::string whole = [] {
    v1::EnrolmentCode code;
    code.set_address("127.0.0.1:50051");
    code.set_secret("SECRETSECRETSECRET");
    return Encode(code);
  }();
  for (const std::string& text :
       {std::string(), std::string("baraza1:"), std::string("baraza2:AAAA"),
        std::string("baraza1:***"), Encode(empty), whole.substr(0, whole.size() - 5),
        std::string(200'000, 'a')}) {
    const auto read = DecodeEnrolmentCode(text);
    EXPECT_THAT(read, StatusIs(absl::StatusCode::kInvalidArgument)) << text.substr(0, 40);
    EXPECT_THAT(std::string(read.status().message()), testing::Not(testing::HasSubstr("SECRET")));
  }
}

class Desk final : public v1::EnrolmentService::Service {
 public:
  grpc::Status Enrol(grpc::ServerContext*, const v1::EnrolRequest* request,
                     v1::EnrolResponse* response) override {
    if (request->secret() != "right") return {grpc::StatusCode::NOT_FOUND, "no such code"};
    response->set_credential("credential for " + request->device_id());
    return grpc::Status::OK;
  }
};

TEST(EnrolTest, TradesTheCodeForACredential) {
  Desk desk;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&desk);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  v1::EnrolmentCode code;
  code.set_address(absl::StrCat("127.0.0.1:", port));
  code.set_secret("right");
  ASSERT_OK_AND_ASSIGN(const Enrolment enrolment,
                       Enrol(Encode(code), "dev_1", "phone", absl::Seconds(60)));
  EXPECT_EQ(enrolment.response.credential(), "credential for dev_1");
  EXPECT_EQ(enrolment.address, code.address());
  code.set_secret("wrong");
  EXPECT_THAT(Enrol(Encode(code), "dev_1", "phone", absl::Seconds(60)),
              StatusIs(absl::StatusCode::kNotFound, testing::HasSubstr("no such code")));
  server->Shutdown();
}

}  // namespace
}  // namespace baraza::client
