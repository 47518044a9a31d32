#include "sync_server/auth/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/random.h"
#include "tests/testing/status_matchers.h"

namespace baraza::server {
namespace {

using ::baraza::test::StatusIs;
using ::testing::HasSubstr;

class CertificatesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(authority_, MakeAuthority("Test authority", random_));
    ASSERT_OK_AND_ASSIGN(
        server_, MakeServerCertificate(authority_, {"baraza.example.org", "10.1.2.3"}, random_));
  }
  SeededRandom random_{3};
  KeyPair authority_, server_;
  const absl::Time now_ = absl::FromUnixSeconds(1'790'000'000);
};

TEST_F(CertificatesTest, TheChainHoldsForItsNamesAtAnyTime) {
  for (const char* name : {"baraza.example.org", "10.1.2.3"}) {
    // Phones whose clocks are off by decades, either way, must reach their server.
    for (const int64_t seconds : {int64_t{1}, int64_t{1'790'000'000}, int64_t{4'100'000'000}}) {
      EXPECT_OK(VerifyServerCertificate(authority_.certificate, server_.certificate, name,
                                        absl::FromUnixSeconds(seconds)))
          << name << " " << seconds;
    }
  }
}

TEST_F(CertificatesTest, NotForOtherNames) {
  for (const char* name : {"example.org", "evil.example.org", "10.1.2.4", "localhost"}) {
    EXPECT_THAT(VerifyServerCertificate(authority_.certificate, server_.certificate, name, now_),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("mismatch")))
        << name;
  }
}

TEST_F(CertificatesTest, NotUnderAnotherAuthorityOfTheSameName) {
  ASSERT_OK_AND_ASSIGN(const KeyPair other, MakeAuthority("Test authority", random_));
  EXPECT_THAT(
      VerifyServerCertificate(other.certificate, server_.certificate, "baraza.example.org", now_),
      StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(CertificatesTest, AServerCannotSign) {
  ASSERT_OK_AND_ASSIGN(const KeyPair forged,
                       MakeServerCertificate(server_, {"other.example.org"}, random_));
  EXPECT_THAT(
      VerifyServerCertificate(server_.certificate, forged.certificate, "other.example.org", now_),
      StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(CertificatesTest, NamesAreNotSyntax) {
  for (const char* name : {"a,IP:1.2.3.4", "", "a b", "DNS:x", "../x"}) {
    EXPECT_THAT(MakeServerCertificate(authority_, {name}, random_),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
  }
  EXPECT_THAT(MakeServerCertificate(authority_, {}, random_),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(CertificatesTest, KeysAreWholeAndApart) {
  EXPECT_NE(authority_.private_key, server_.private_key);
  EXPECT_THAT(server_.private_key, HasSubstr("PRIVATE KEY"));
  EXPECT_EQ(server_.certificate.find("PRIVATE"), std::string::npos);
  EXPECT_THAT(VerifyServerCertificate("no pem", server_.certificate, "x", now_),
              StatusIs(absl::StatusCode::kInternal));
}

}  // namespace
}  // namespace baraza::server
