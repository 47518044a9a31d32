// examples/haproxy.cfg, as it is shipped but for ports and paths, before a real server.

#include <unistd.h>

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/coalition.h"
#include "tests/e2e/field_phone.h"
#include "tests/network/fault_proxy.h"
#include "tests/testing/temp_dir.h"

namespace baraza::e2e {
namespace {

using ::testing::HasSubstr;
using Answer = FieldPhone::Answer;

constexpr char kHaproxy[] = "/usr/sbin/haproxy";

// A port that was free a moment ago.
std::string FreePort() {
  const test::FaultProxy probe("127.0.0.1:1");
  return probe.address().substr(probe.address().rfind(':') + 1);
}

TEST(Haproxy, TheShippedConfigurationCarriesDevices) {
  ASSERT_EQ(access(kHaproxy, X_OK), 0) << "haproxy is missing: scripts/setup --with-tests";
  const test::TempDir directory;
  ServerProcess server(directory.path());
  server.Init({"127.0.0.1"});
  ASSERT_FALSE(testing::Test::HasFailure());
  const std::string port = FreePort();
  const std::string address = absl::StrCat("127.0.0.1:", port);
  // Devices dial HAProxy, which speaks for the server.
  ASSERT_TRUE(server.Start(nullptr, {"--plaintext", "--public-address", address, "--tls-ca",
                                     server.data() + "/tls/ca.crt"}));
  const std::string pem = directory.File("baraza.pem");
  test::WriteFile(pem, test::ReadFile(server.data() + "/tls/server.crt") +
                           test::ReadFile(server.data() + "/tls/server.key"));
  const std::string config = directory.File("haproxy.cfg");
  test::WriteFile(config, absl::StrReplaceAll(test::ReadFile("examples/haproxy.cfg"),
                                              {{"bind :7443", "bind " + address},
                                               {"/etc/haproxy/baraza.pem", pem},
                                               {"127.0.0.1:7444", server.address()}}));
  const RunResult checked = e2e::Run({kHaproxy, "-c", "-f", config}, directory.path());
  ASSERT_EQ(checked.ending.code, 0) << checked.err << checked.out;
  Process::Options options;
  options.arguments = {kHaproxy, "-db", "-f", config};
  options.error_file = directory.File("haproxy.err");
  const std::unique_ptr<Process> haproxy = Process::Start(options);

  const std::string ca = test::ReadFile(server.data() + "/tls/ca.crt");
  Desk administrator(address, ca, "");
  absl::StatusOr<v1::EnrolResponse> enrolled = absl::UnavailableError("not tried");
  // Until it listens.
  for (int i = 0; i < 200 && absl::IsUnavailable(enrolled.status()); ++i) {
    enrolled = administrator.Enrol(server.administrator_code(), NewDeviceId());
    if (enrolled.ok()) break;
    absl::SleepFor(absl::Milliseconds(50));
    // A channel that was refused takes its time before it tries again.
    administrator.Dial(address, ca);
  }
  ASSERT_TRUE(enrolled.ok()) << enrolled.status() << test::ReadFile(options.error_file);

  v1::Record team;
  team.mutable_team()->set_title("Team of the coast");
  const std::string team_id = administrator.Create(team);
  v1::Record person;
  person.mutable_person()->set_display_name("Amina");
  person.mutable_person()->set_team_id(team_id);
  person.mutable_person()->set_role(v1::ROLE_COLLECTOR);
  person.mutable_person()->mutable_scope()->set_team_id(team_id);
  const std::string code = administrator.NewCode(administrator.Create(person));
  // What a device is told suffices.
  EXPECT_EQ(ReadCode(code).address(), address);
  EXPECT_EQ(ReadCode(code).ca_certificate(), ca);

  FieldPhone phone("amina", directory.path());
  phone.Start();
  phone.Enrol(code, address, ca);
  ASSERT_FALSE(testing::Test::HasFailure());
  v1::Record report;
  report.mutable_session_report()->mutable_title()->set_text("Forum");
  report.mutable_session_report()->mutable_title()->set_language("en");
  ASSERT_EQ(phone.Capture("1", report), Answer::kDone) << phone.error();
  EXPECT_EQ(phone.Sync(address), Answer::kDone) << phone.error();
  EXPECT_EQ(phone.Status().outbox(), 0u);
  EXPECT_EQ(phone.summary().accepted(), 1u);

  // Errors of the server come through as they are.
  Desk stranger(address, ca, "no such credential");
  v1::GetMembershipRequest request;
  EXPECT_EQ(stranger.Call<v1::EnrolmentService>(&v1::EnrolmentService::Stub::GetMembership, request)
                .status()
                .code(),
            absl::StatusCode::kUnauthenticated);

  haproxy->Kill();
  EXPECT_EQ(server.Stop().code, 0);
}

}  // namespace
}  // namespace baraza::e2e
