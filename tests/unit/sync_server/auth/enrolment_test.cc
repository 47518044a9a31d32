#include "sync_server/auth/enrolment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "sync_server/auth/authenticator.h"
#include "sync_server/auth/grants.h"
#include "sync_server/auth/secret.h"
#include "sync_server/limits.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza::server {
namespace {

using ::baraza::test::StatusIs;
using ::testing::HasSubstr;

constexpr char kPeer[] = "ipv4:10.0.0.7:41000";

class EnrolmentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    RegistryStore::Options options;
    options.create = true;
    ASSERT_OK_AND_ASSIGN(registry_, RegistryStore::Open(dir_.File("registry.db"), options));
    enrolment_ = std::make_unique<Enrolment>(*registry_, clock_, random_);
    authenticator_ = std::make_unique<Authenticator>(*registry_, clock_);
    programme_ = MintId("prg", clock_, random_);
    person_ = MintId("per", clock_, random_);
    ASSERT_OK(registry_->AddProgramme({programme_, MintId("per", clock_, random_), 0}));
    PutPerson(true, v1::ROLE_COLLECTOR);
  }
  void PutPerson(bool active, v1::Role role) {
    PersonGrant grant;
    grant.membership.set_programme_id(programme_);
    grant.membership.set_person_id(person_);
    grant.membership.set_team_id("tem_x");
    grant.membership.set_role(role);
    grant.active = active;
    grant.team_ids = {"tem_x"};
    if (role != v1::ROLE_UNSPECIFIED) grant.roles = {role};
    ASSERT_OK(registry_->PutPerson(grant));
  }
  Enrolment::CodeRequest CodeRequest() {
    Enrolment::CodeRequest request;
    request.programme_id = programme_;
    request.person_id = person_;
    request.created_by = person_;
    request.address = "127.0.0.1:7443";
    request.ca_certificate = "pem";
    return request;
  }
  v1::EnrolmentCode NewCode() {
    const auto response = enrolment_->CreateCode(CodeRequest());
    EXPECT_OK(response);
    const auto code = DecodeEnrolmentCode(response->code());
    EXPECT_OK(code);
    return *code;
  }
  v1::EnrolRequest Request(const v1::EnrolmentCode& code) {
    v1::EnrolRequest request;
    request.set_secret(code.secret());
    request.set_device_id(MintId("dev", clock_, random_));
    request.set_label("Samsung A05");
    return request;
  }

  test::TempDir dir_;
  FakeClock clock_;
  SeededRandom random_{11};
  std::unique_ptr<RegistryStore> registry_;
  std::unique_ptr<Enrolment> enrolment_;
  std::unique_ptr<Authenticator> authenticator_;
  std::string programme_, person_;
};

TEST_F(EnrolmentTest, ACodeCarriesWhatADeviceNeeds) {
  const v1::EnrolmentCode code = NewCode();
  EXPECT_EQ(code.address(), "127.0.0.1:7443");
  EXPECT_EQ(code.ca_certificate(), "pem");
  EXPECT_EQ(code.programme_id(), programme_);
  EXPECT_EQ(code.secret().size(), kSecretBytes);
  EXPECT_NE(NewCode().secret(), code.secret());
  EXPECT_THAT(DecodeEnrolmentCode(" \n" + EncodeEnrolmentCode(code) + "\n"), test::IsOk());
  for (const std::string& text :
       {std::string(), std::string("baraza1:"), std::string("baraza1:!!"),
        EncodeEnrolmentCode(code).substr(8), EncodeEnrolmentCode(v1::EnrolmentCode())}) {
    EXPECT_THAT(DecodeEnrolmentCode(text), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_F(EnrolmentTest, EnrolOnceThenCallWithTheToken) {
  const v1::EnrolmentCode code = NewCode();
  ASSERT_OK_AND_ASSIGN(const Enrolment::Enrolled enrolled, enrolment_->Enrol(Request(code), kPeer));
  EXPECT_EQ(enrolled.person.membership.person_id(), person_);
  ASSERT_OK_AND_ASSIGN(const Caller caller,
                       authenticator_->Authenticate("Bearer " + enrolled.token));
  EXPECT_EQ(caller.grant.person_id, person_);
  EXPECT_EQ(caller.grant.programme_id, programme_);
  EXPECT_TRUE(caller.grant.team_ids.contains("tem_x"));
  EXPECT_FALSE(caller.suspended);
  EXPECT_EQ(caller.credential_id, enrolled.credential.credential_id);
  EXPECT_OK(authenticator_->Authenticate("bearer " + enrolled.token));

  EXPECT_THAT(enrolment_->Enrol(Request(code), kPeer),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(EnrolmentTest, WrongCredentialsAreAllTheSame) {
  ASSERT_OK_AND_ASSIGN(const Enrolment::Enrolled enrolled,
                       enrolment_->Enrol(Request(NewCode()), kPeer));
  ASSERT_OK(registry_->SetCredentialState(enrolled.credential.credential_id,
                                          v1::CREDENTIAL_STATE_REVOKED));
  std::string message;
  for (const std::string& header :
       {"Bearer " + enrolled.token, std::string("Bearer guess"), std::string(),
        std::string("Bearer "), "Basic " + enrolled.token, enrolled.token,
        "Bearer " + std::string(1'000'000, 'a'), std::string("Bearer \0x", 9)}) {
    const absl::Status status = authenticator_->Authenticate(header).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnauthenticated));
    if (message.empty()) message = std::string(status.message());
    EXPECT_EQ(status.message(), message);
  }
}

TEST_F(EnrolmentTest, SuspendedAndLeftCallersSayHello) {
  ASSERT_OK_AND_ASSIGN(const Enrolment::Enrolled enrolled,
                       enrolment_->Enrol(Request(NewCode()), kPeer));
  const std::string header = "Bearer " + enrolled.token;
  PutPerson(/*active=*/false, v1::ROLE_COLLECTOR);
  ASSERT_OK_AND_ASSIGN(const Caller left, authenticator_->Authenticate(header));
  EXPECT_TRUE(left.suspended);
  PutPerson(/*active=*/true, v1::ROLE_COLLECTOR);
  ASSERT_OK(registry_->SetCredentialState(enrolled.credential.credential_id,
                                          v1::CREDENTIAL_STATE_SUSPENDED));
  ASSERT_OK_AND_ASSIGN(const Caller suspended, authenticator_->Authenticate(header));
  EXPECT_TRUE(suspended.suspended);
}

TEST_F(EnrolmentTest, CodesExpire) {
  Enrolment::CodeRequest request = CodeRequest();
  request.lifetime = absl::Minutes(1);
  ASSERT_OK_AND_ASSIGN(const auto response, enrolment_->CreateCode(request));
  EXPECT_EQ(response.expires_ms(), absl::ToUnixMillis(clock_.Now() + absl::Minutes(1)));
  ASSERT_OK_AND_ASSIGN(const v1::EnrolmentCode code, DecodeEnrolmentCode(response.code()));
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(enrolment_->Enrol(Request(code), kPeer),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("expired")));
}

TEST_F(EnrolmentTest, RequestsAreHeldAgainstTheirLimits) {
  Enrolment::CodeRequest request = CodeRequest();
  request.lifetime = absl::Seconds(59);
  EXPECT_THAT(enrolment_->CreateCode(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("lifetime_seconds")));
  request = CodeRequest();
  request.address = "no port";
  EXPECT_THAT(enrolment_->CreateCode(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("address")));
  request = CodeRequest();
  request.person_id = MintId("per", clock_, random_);
  EXPECT_THAT(enrolment_->CreateCode(request), StatusIs(absl::StatusCode::kNotFound));
  PutPerson(true, v1::ROLE_UNSPECIFIED);
  EXPECT_THAT(enrolment_->CreateCode(CodeRequest()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  PutPerson(true, v1::ROLE_COLLECTOR);

  v1::EnrolRequest enrol = Request(NewCode());
  enrol.set_device_id("dev_short");
  EXPECT_THAT(enrolment_->Enrol(enrol, kPeer),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("device_id")));
  enrol = Request(NewCode());
  enrol.set_label(std::string(kMaxDeviceLabelBytes + 1, 'x'));
  EXPECT_THAT(enrolment_->Enrol(enrol, kPeer),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("label")));
  for (const char* address : {"[::1]:7443", "baraza.example.org:1", "10.0.0.1:65535"}) {
    EXPECT_OK(ValidateAddress(address)) << address;
  }
  for (const char* address : {":1", "a:0", "a:65536", "a:", "a b:1", "a/b:1", "::1:1"}) {
    EXPECT_THAT(ValidateAddress(address), StatusIs(absl::StatusCode::kInvalidArgument)) << address;
  }
}

TEST_F(EnrolmentTest, FailuresOfOnePeerRunOutAndComeBack) {
  v1::EnrolmentCode wrong;
  wrong.set_secret(std::string(kSecretBytes, 'w'));
  for (int i = 0; i < kFailedEnrolmentBurst; ++i) {
    // Another port is the same peer.
    EXPECT_THAT(enrolment_->Enrol(Request(wrong), absl::StrCat("ipv4:10.0.0.7:", 40'000 + i)),
                StatusIs(absl::StatusCode::kUnauthenticated));
  }
  const v1::EnrolRequest good = Request(NewCode());
  EXPECT_THAT(enrolment_->Enrol(good, kPeer), StatusIs(absl::StatusCode::kResourceExhausted));
  // Not used up by that, nor anybody else's business.
  EXPECT_THAT(enrolment_->Enrol(Request(wrong), "ipv4:10.0.0.8:1"),
              StatusIs(absl::StatusCode::kUnauthenticated));
  clock_.Advance(kFailedEnrolmentPeriod);
  EXPECT_OK(enrolment_->Enrol(good, kPeer));
}

TEST(RateLimitTest, RemembersABoundedNumberOfPeers) {
  FakeClock clock;
  RateLimit limit(1, absl::Seconds(10), 2, clock);
  limit.Spend("a");
  clock.Advance(absl::Seconds(1));
  limit.Spend("b");
  EXPECT_GT(limit.WaitOf("a"), absl::ZeroDuration());
  clock.Advance(absl::Seconds(1));
  limit.Spend("c");  // Forgets one of the two.
  const int waiting = (limit.WaitOf("a") > absl::ZeroDuration()) +
                      (limit.WaitOf("b") > absl::ZeroDuration()) +
                      (limit.WaitOf("c") > absl::ZeroDuration());
  EXPECT_EQ(waiting, 2);
  clock.Advance(absl::Seconds(10));
  EXPECT_EQ(limit.WaitOf("c"), absl::ZeroDuration());
}

TEST(RateLimitTest, APeerIsItsAddress) {
  EXPECT_EQ(PeerAddress("ipv4:10.0.0.1:4711"), "ipv4:10.0.0.1");
  EXPECT_EQ(PeerAddress("ipv6:%5B::1%5D:4711"), "ipv6:%5B::1%5D");
  EXPECT_EQ(PeerAddress("unix:/run/x"), "unix:/run/x");
}

}  // namespace
}  // namespace baraza::server
