// What operators and field teams do with the real programs besides the daily round: TLS, lost and
// wrong credentials, stopping under load, backups, and what the server refuses.

#include <signal.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/cli.h"
#include "tests/e2e/coalition.h"
#include "tests/e2e/field_phone.h"
#include "tests/e2e/snapshot.h"
#include "tests/testing/temp_dir.h"

namespace baraza::e2e {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSubsetOf;
using ::testing::Not;
using ::testing::StartsWith;
using Answer = FieldPhone::Answer;

// Exit codes of `baraza`, as its help lists them.
constexpr int kNotEnrolled = 4;
constexpr int kUnavailable = 5;

class LifecycleTest : public ::testing::Test {
 protected:
  LifecycleTest() : coalition_(directory_.path()) {}

  ServerProcess& server() { return coalition_.server(); }
  Desk& desk() { return coalition_.desk(); }

  CommandLine NewDevice(const std::string& name, const std::string& code) {
    CommandLine device(name, directory_.path());
    device.Enrol(code, server().address());
    device.Ok({"sync"});
    return device;
  }

  // Captures the report on `session` from a file; its id.
  std::string Capture(const CommandLine& device, int session) {
    const v1::Record report = ReportOn(coalition_, session, 0, "pwani");
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(report, &json).ok());
    const auto captured = device.Json<v1::ClientRecord>({"capture", "--file", WriteInput(json)});
    EXPECT_EQ(captured.size(), 1u);
    return captured.empty() ? "" : captured[0].state().record_id();
  }

  std::string WriteInput(const std::string& text) {
    const std::string path = directory_.File(absl::StrCat("input-", ++inputs_, ".json"));
    test::WriteFile(path, text);
    return path;
  }

  uint32_t Outbox(const CommandLine& device) {
    const auto status = device.Json<v1::ClientStatus>({"status"});
    return status.size() == 1 ? status[0].outbox() : ~0u;
  }

  bool OnServer(const std::string& report) {
    v1::GetSessionRequest request;
    request.set_name(desk().SessionName(report));
    // The projection follows; its distance is not what is tested.
    for (int tries = 0; tries < 200; ++tries) {
      const auto session =
          desk().Call<v1::SessionService>(&v1::SessionService::Stub::GetSession, request);
      if (session.ok()) return true;
      if (!absl::IsNotFound(session.status())) {
        ADD_FAILURE() << session.status();
        return false;
      }
      absl::SleepFor(absl::Milliseconds(50));
    }
    return false;
  }

  test::TempDir directory_;
  Coalition coalition_;
  int inputs_ = 0;
};

TEST_F(LifecycleTest, OverTlsWithACodeThatCarriesTheCertificate) {
  coalition_.SetUp({"127.0.0.1", "localhost"});
  ASSERT_FALSE(HasFailure());
  ASSERT_THAT(coalition_.ca(), HasSubstr("BEGIN CERTIFICATE"));
  const CommandLine device = NewDevice("amina", desk().NewCode(coalition_.AddPerson("pwani")));
  const std::string report = Capture(device, 1);
  device.Ok({"sync"});
  EXPECT_EQ(Outbox(device), 0u);
  EXPECT_TRUE(OnServer(report));

  // Plaintext is not answered, nor is one who trusts another authority.
  v1::GetMembershipRequest who;
  Desk plain(server().address(), "", "");
  EXPECT_FALSE(
      plain.Call<v1::EnrolmentService>(&v1::EnrolmentService::Stub::GetMembership, who).ok());
  test::TempDir other_directory;
  ServerProcess other(other_directory.path());
  other.Init({"127.0.0.1"});
  Desk astray(server().address(), ReadCode(other.administrator_code()).ca_certificate(), "");
  const auto refused =
      astray.Call<v1::EnrolmentService>(&v1::EnrolmentService::Stub::GetMembership, who);
  EXPECT_TRUE(absl::IsUnavailable(refused.status())) << refused.status();
  EXPECT_EQ(server().Stop().code, 0);
}

TEST_F(LifecycleTest, NobodyGetsInWithoutACredential) {
  coalition_.SetUp();
  ASSERT_FALSE(HasFailure());
  v1::GetMembershipRequest who;
  for (const char* credential : {"", "wrong", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    Desk stranger(server().address(), "", credential);
    const auto refused =
        stranger.Call<v1::EnrolmentService>(&v1::EnrolmentService::Stub::GetMembership, who);
    EXPECT_TRUE(absl::IsUnauthenticated(refused.status())) << refused.status();
  }

  // A code works once, and says so afterwards.
  const std::string code = desk().NewCode(coalition_.AddPerson("pwani"));
  NewDevice("amina", code);
  const CommandLine second("omar", directory_.path());
  const RunResult again =
      second.Run({"enrol", "--code-file", "-", "--address", server().address()}, code);
  EXPECT_NE(again.ending.code, 0);
  EXPECT_EQ(again.ending.signal, 0);
  EXPECT_THAT(again.err, HasSubstr("code"));
  EXPECT_THAT(again.err, Not(HasSubstr(code)));
  const RunResult sync = second.Run({"sync"});
  EXPECT_EQ(sync.ending.code, kNotEnrolled) << sync.err;
  const RunResult nonsense = second.Run({"enrol", "--code-file", "-"}, "baraza1:AAAA");
  EXPECT_NE(nonsense.ending.code, 0);
  EXPECT_EQ(nonsense.ending.signal, 0);
}

TEST_F(LifecycleTest, ARevokedDeviceKeepsEverythingAndGoesOnAfterEnrollingAgain) {
  coalition_.SetUp();
  ASSERT_FALSE(HasFailure());
  const std::string person = coalition_.AddPerson("pwani");
  const CommandLine device = NewDevice("amina", desk().NewCode(person));
  std::set<std::string> reports = {Capture(device, 1)};
  device.Ok({"sync"});
  reports.insert(Capture(device, 2));

  v1::ListCredentialsRequest list;
  list.set_parent(desk().Programme());
  const auto credentials =
      desk().Call<v1::EnrolmentService>(&v1::EnrolmentService::Stub::ListCredentials, list);
  ASSERT_TRUE(credentials.ok()) << credentials.status();
  int revoked = 0;
  for (const v1::Credential& credential : credentials->credentials()) {
    if (credential.person_id() != person) continue;
    v1::RevokeCredentialRequest revoke;
    revoke.set_credential_id(credential.credential_id());
    const auto gone =
        desk().Call<v1::EnrolmentService>(&v1::EnrolmentService::Stub::RevokeCredential, revoke);
    ASSERT_TRUE(gone.ok()) << gone.status();
    ++revoked;
  }
  ASSERT_EQ(revoked, 1);

  const RunResult refused = device.Run({"sync"});
  EXPECT_EQ(refused.ending.code, kNotEnrolled) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("enrol"));
  EXPECT_EQ(Outbox(device), 1u);
  reports.insert(Capture(device, 3));
  EXPECT_EQ(Outbox(device), 2u);

  // The same database, the same person, a new code.
  const auto before = device.Json<v1::ClientStatus>({"status"});
  device.Enrol(desk().NewCode(person), server().address());
  device.Ok({"sync"});
  EXPECT_EQ(Outbox(device), 0u);
  const auto after = device.Json<v1::ClientStatus>({"status"});
  ASSERT_EQ(before.size(), 1u);
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(after[0].device_id(), before[0].device_id());
  for (const std::string& report : reports) EXPECT_TRUE(OnServer(report)) << report;
}

TEST_F(LifecycleTest, RefusesToServeOthersWithoutTls) {
  server().Init();
  ASSERT_FALSE(HasFailure());
  for (const char* listen : {"0.0.0.0:0", "[::]:0"}) {
    const RunResult refused = server().Command({"serve", "--listen", listen});
    EXPECT_GT(refused.ending.code, 0) << listen;
    EXPECT_THAT(refused.err, HasSubstr("TLS"));
  }
}

TEST_F(LifecycleTest, ASecondServerOnTheSameDataRefuses) {
  server().Init();
  ASSERT_FALSE(HasFailure());
  ASSERT_TRUE(server().Start());
  const RunResult second = server().Command({"serve", "--listen", "127.0.0.1:0"});
  EXPECT_GT(second.ending.code, 0);
  EXPECT_THAT(second.err, HasSubstr("in use"));
  EXPECT_EQ(server().Stop().code, 0);
}

TEST_F(LifecycleTest, StopsInOrderUnderLoad) {
  coalition_.SetUp();
  ASSERT_FALSE(HasFailure());
  std::vector<std::unique_ptr<FieldPhone>> phones;
  for (const char* name : {"amina", "omar", "rosa"}) {
    phones.push_back(std::make_unique<FieldPhone>(name, directory_.path()));
    phones.back()->Start();
    phones.back()->Enrol(desk().NewCode(coalition_.AddPerson("pwani")), server().address());
    for (int session = 0; session < 40; ++session) {
      ASSERT_EQ(
          phones.back()->Capture(absl::StrCat(session), ReportOn(coalition_, session, 0, "pwani")),
          Answer::kDone);
    }
    ASSERT_FALSE(HasFailure());
  }
  for (const auto& phone : phones) phone->SendSync(server().address());
  // Once something has arrived, the rest is under way.
  const absl::Time deadline = absl::Now() + kRunTime;
  while (LiveInt(server().ProgrammeFile(),
                 absl::StrCat("SELECT count(*) FROM log WHERE record_type = ",
                              v1::RECORD_TYPE_SESSION_REPORT)) == 0 &&
         absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  const Ending ending = server().Stop();
  EXPECT_EQ(ending.code, 0);
  EXPECT_EQ(ending.signal, 0);
  for (const auto& phone : phones) EXPECT_NE(phone->AwaitSync(), Answer::kDied);
  {
    Snapshot files(server().ProgrammeFile(), directory_.path());
    EXPECT_EQ(files.Integrity(), "ok");
    for (const auto& phone : phones) {
      Snapshot device(phone->database(), directory_.path());
      EXPECT_THAT(device.Strings("SELECT op_id FROM operations WHERE answered = 1"),
                  IsSubsetOf(files.Strings("SELECT op_id FROM log")));
    }
  }
  ASSERT_TRUE(server().Start());
  coalition_.Redial();
  for (const auto& phone : phones) {
    ASSERT_EQ(phone->Sync(server().address()), Answer::kDone) << phone->error();
    EXPECT_EQ(phone->Status().outbox(), 0u);
  }
  EXPECT_EQ(server().Stop().code, 0);
}

TEST_F(LifecycleTest, ABackupIsTakenWhileServingAndWhatCameLaterIsSentAgain) {
  coalition_.SetUp();
  ASSERT_FALSE(HasFailure());
  FieldPhone phone("amina", directory_.path());
  phone.Start();
  phone.Enrol(desk().NewCode(coalition_.AddPerson("pwani")), server().address());
  const auto capture = [&](int session) {
    ASSERT_EQ(phone.Capture(absl::StrCat(session), ReportOn(coalition_, session, 0, "pwani")),
              Answer::kDone);
  };
  for (int session = 0; session < 5; ++session) capture(session);
  ASSERT_EQ(phone.Sync(server().address()), Answer::kDone) << phone.error();

  const std::string backup = directory_.File("backup");
  const RunResult taken = server().Command({"backup", "--to", backup});
  ASSERT_EQ(taken.ending.code, 0) << taken.err;

  for (int session = 5; session < 9; ++session) capture(session);
  ASSERT_EQ(phone.Sync(server().address()), Answer::kDone) << phone.error();
  EXPECT_EQ(phone.Status().outbox(), 0u);

  // The machine is lost.
  server().Kill();
  const RunResult restored = server().Command({"restore", "--from", backup, "--replace"});
  ASSERT_EQ(restored.ending.code, 0) << restored.err;
  ASSERT_TRUE(server().Start());
  coalition_.Redial();
  ASSERT_EQ(phone.Sync(server().address()), Answer::kDone) << phone.error();
  // All of them: what the server has of them it recognises.
  EXPECT_EQ(phone.summary().sent_again(), 9u);
  EXPECT_EQ(phone.Status().outbox(), 0u);
  for (const auto& [key, ids] : phone.acknowledged()) {
    for (const std::string& id : ids) EXPECT_TRUE(OnServer(id)) << key;
  }
  const int64_t position = LiveInt(server().ProgrammeFile(), "SELECT max(position) FROM log");
  const auto figure = desk().Figure(coalition_.id("indicator"), "2026", position);
  ASSERT_TRUE(figure.ok()) << figure.status();
  EXPECT_EQ(figure->value(), 9u);
  EXPECT_EQ(server().Stop().code, 0);
}

TEST_F(LifecycleTest, WithoutAServerNothingIsLost) {
  coalition_.SetUp();
  ASSERT_FALSE(HasFailure());
  const CommandLine device = NewDevice("amina", desk().NewCode(coalition_.AddPerson("pwani")));
  server().Kill();
  const std::string report = Capture(device, 7);
  const RunResult refused = device.Run({"sync", "--attempts", "1"});
  EXPECT_EQ(refused.ending.code, kUnavailable) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("kept"));
  EXPECT_EQ(Outbox(device), 1u);
  server().ListenOnTheSamePort();
  ASSERT_TRUE(server().Start());
  coalition_.Redial();
  device.Ok({"sync"});
  EXPECT_EQ(Outbox(device), 0u);
  EXPECT_TRUE(OnServer(report));
}

TEST_F(LifecycleTest, TwoPeopleOfTheOfficeRuleApproveAndWithdraw) {
  coalition_.SetUp();
  ASSERT_FALSE(HasFailure());
  const CommandLine device = NewDevice("amina", desk().NewCode(coalition_.AddPerson("pwani")));
  const std::string report = Capture(device, 1);
  device.Ok({"sync"});
  ASSERT_TRUE(OnServer(report));
  const auto office = [&](const std::string& name, v1::Role role) {
    return NewDevice(name, desk().NewCode(coalition_.AddPerson("", role)));
  };
  const CommandLine administrator = office("administrator", v1::ROLE_ADMINISTRATOR);
  const CommandLine ada = office("ada", v1::ROLE_ME_OFFICER);
  const CommandLine ben = office("ben", v1::ROLE_ME_OFFICER);
  administrator.Ok({"programme", "update", desk().membership().programme_id(), "--set",
                    "rulingsNeedApproval=true"});

  const std::string ruled = ada.Ok({"review", "does-not-count", report, "--reason", "a rehearsal"});
  EXPECT_THAT(ruled, HasSubstr("waits until somebody else"));
  const std::string ruling = ruled.substr(0, ruled.find(' '));
  const std::string queue = ben.Ok({"review"});
  EXPECT_THAT(queue, HasSubstr("waits until somebody else approves  [count -1]"));
  EXPECT_THAT(queue, HasSubstr(ruling));
  EXPECT_THAT(queue, HasSubstr("A person, 2"));
  const RunResult own = ada.Run({"review", "approve", ruling});
  EXPECT_NE(own.ending.code, 0);
  EXPECT_THAT(own.err, HasSubstr("your own"));
  EXPECT_THAT(ben.Ok({"review", "approve", ruling, "--reason", "I was there"}),
              HasSubstr("ruled; take it back"));
  EXPECT_THAT(ada.Ok({"review", "history", report}),
              HasSubstr(ruling + "  does-not-count " + report + ": in effect"));
  ada.Ok({"review", "withdraw", ruling, "--reason", "mistaken"});
  const std::string history = ben.Ok({"review", "history", report});
  EXPECT_THAT(history, HasSubstr(ruling + "  does-not-count " + report + ": withdrawn"));
  EXPECT_THAT(history, HasSubstr("withdrawn by A person, 2"));
  EXPECT_THAT(history, HasSubstr(": mistaken"));
  EXPECT_THAT(history, HasSubstr(": waits for a second person"));
  EXPECT_NE(ben.Run({"review", "approve", ruling}).ending.code, 0) << "it is withdrawn";

  // Two who contradict one another, once one is enough.
  administrator.Ok(
      {"programme", "update", desk().membership().programme_id(), "--set", "rulingsNeedApproval="});
  ada.Ok({"review", "counts", report, "--reason", "it was the real one"});
  const std::string contradiction = ben.Ok({"review"});
  EXPECT_THAT(contradiction, HasSubstr("contradict one another"));
  EXPECT_THAT(contradiction, HasSubstr(": it was the real one"));
  EXPECT_THAT(contradiction, HasSubstr(": I was there"));
}

TEST_F(LifecycleTest, ADrawnPairIsReadWithoutWhatTheMatcherMakesOfIt) {
  coalition_.SetUp();
  ASSERT_FALSE(HasFailure());
  const CommandLine amina = NewDevice("amina", desk().NewCode(coalition_.AddPerson("pwani")));
  const std::string first = Capture(amina, 1);
  const std::string second = Capture(amina, 1);
  amina.Ok({"sync"});
  ASSERT_TRUE(OnServer(first));
  ASSERT_TRUE(OnServer(second));
  const CommandLine ada =
      NewDevice("ada", desk().NewCode(coalition_.AddPerson("", v1::ROLE_ME_OFFICER)));
  const RunResult drawn = ada.Run({"review", "draw", "--period", "2026", "--size", "20"});
  ASSERT_EQ(drawn.ending.code, 0) << drawn.err;
  ASSERT_THAT(drawn.out, HasSubstr("rvs_"));
  EXPECT_THAT(drawn.err, HasSubstr("baraza review drawn rvs_..."));
  EXPECT_THAT(drawn.err, Not(HasSubstr("explain")));
  const std::string sample = drawn.out.substr(0, drawn.out.find(' '));

  const std::string read = ada.Ok({"review", "drawn", sample});
  const auto views = ada.Json<v1::RecordView>({"review", "drawn", sample});
  ASSERT_EQ(views.size(), 2u);
  for (const v1::RecordView& view : views) {
    EXPECT_THAT((std::vector<std::string>{first, second}), Contains(view.record_id()));
    const v1::SessionReport& report = view.record().session_report();
    EXPECT_THAT(read, HasSubstr(view.record_id()));
    EXPECT_THAT(read, HasSubstr(report.title().text()));
    EXPECT_THAT(read, HasSubstr(report.dates().earliest()));
    EXPECT_THAT(read, HasSubstr(report.venue().locality()));
    EXPECT_EQ(report.hint_answers_size(), 0);
  }
  const std::string explained = ada.Ok({"explain", first, second});
  const std::string score = explained.substr(0, explained.find(' '));
  EXPECT_THAT(score, StartsWith("+"));
  EXPECT_THAT(read, Not(HasSubstr(score)));
  const v1::PairExplanation pair = ada.Json<v1::PairExplanation>({"explain", first, second})[0];
  for (const v1::FieldComparison& field : pair.fields()) {
    EXPECT_THAT(read, Not(HasSubstr(absl::StrFormat("%+.1f", field.milli_nats() / 1000.0))));
  }
  EXPECT_NE(ada.Run({"review", "drawn", first}).ending.code, 0) << "a report is no drawn pair";
}

}  // namespace
}  // namespace baraza::e2e
