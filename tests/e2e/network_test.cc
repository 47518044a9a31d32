// Real clients and a real server over a line that breaks in every way that lines do, and on
// machines with wrong clocks: whatever Capture acknowledged is on the server in the end,
// and every session is counted once.
//
// BARAZA_E2E_ROUNDS is how many rounds of faults the soak has (default 24); the server's memory
// after a quarter of them and at the end is printed.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/field_test.h"
#include "tests/network/fault_proxy.h"
#include "tests/testing/effort.h"

namespace baraza::e2e {
namespace {

using ::testing::HasSubstr;
using Answer = FieldPhone::Answer;
using test::FaultProxy;
using Fault = FaultProxy::Fault;

// Of a process, in KiB; 0: it is gone.
int64_t ResidentKib(pid_t pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  std::string word;
  while (status >> word) {
    int64_t kib = 0;
    if (word == "VmRSS:" && status >> kib) return kib;
  }
  return 0;
}

int64_t OpenFiles(pid_t pid) {
  std::error_code error;
  std::filesystem::directory_iterator files(absl::StrCat("/proc/", pid, "/fd"), error);
  return error ? 0 : std::distance(begin(files), end(files));
}

class NetworkTest : public FieldTest {
 protected:
  NetworkTest() : random_(20261129) {}

  void SetUp() override {
    FieldTest::SetUp();
    if (HasFailure()) return;
    proxy_ = std::make_unique<FaultProxy>(server().address());
  }

  SeededRandom random_;
  std::unique_ptr<FaultProxy> proxy_;
};

TEST_F(NetworkTest, AnyFaultOfTheLineLosesAndDoublesNothing) {
  FieldPhone& amina = AddPhone("amina", "pwani");
  FieldPhone& omar = AddPhone("omar", "sahel");
  ASSERT_FALSE(HasFailure());
  constexpr Fault kFaults[] = {Fault::kRefuse,    Fault::kResetUp,       Fault::kResetDown,
                               Fault::kBlackHole, Fault::kDropResponses, Fault::kHalfClose};
  const int rounds = test::Effort("BARAZA_E2E_ROUNDS", 24, 4);
  std::map<Fault, int> failed_syncs;
  int64_t early_kib = 0;
  for (int round = 0; round < rounds; ++round) {
    // After the last session number the first ones are told again, by the other person.
    const int session = round % 120;
    Capture(amina, "pwani", session, 0);
    if (round % 3 == 0) Capture(omar, "sahel", session, 1);
    const Fault fault = kFaults[round % std::size(kFaults)];
    for (FieldPhone* const phone : {&amina, &omar}) {
      proxy_->SetFault(fault, static_cast<int64_t>(random_.Uniform(3000)));
      phone->SendSync(proxy_->address());
      if (fault == Fault::kBlackHole || fault == Fault::kDropResponses ||
          fault == Fault::kHalfClose) {
        // Long enough for the request to be there, then the line breaks for good.
        const FaultProxy::Counters before = proxy_->counters();
        for (int i = 0; i < 200 && proxy_->counters().bytes_up < before.bytes_up + 200; ++i) {
          absl::SleepFor(absl::Milliseconds(10));
        }
        absl::SleepFor(absl::Milliseconds(random_.Uniform(150)));
        proxy_->SetFault(Fault::kRefuse);
      }
      const Answer answer = phone->AwaitSync();
      ASSERT_NE(answer, Answer::kDied);
      failed_syncs[fault] += answer == Answer::kError ? 1 : 0;
      proxy_->SetFault(Fault::kNone);
      SyncUntilDone(*phone, proxy_->address());
    }
    if (HasFailure()) return;
    if (round == rounds / 4) early_kib = ResidentKib(server().process().pid());
  }
  for (const Fault fault : kFaults) {
    EXPECT_GT(failed_syncs[fault], 0) << "fault " << static_cast<int>(fault) << " never bit";
  }
  const int64_t late_kib = ResidentKib(server().process().pid());
  // Per round far less than the session that it adds; more is a leak.
  if (rounds >= 200) {
    EXPECT_LT(late_kib, early_kib + 64 * rounds) << "KiB";
  }
  std::printf("server memory: %lld KiB after %d rounds, %lld KiB after %d\n",
              static_cast<long long>(early_kib), rounds / 4 + 1, static_cast<long long>(late_kib),
              rounds);
  CheckTheEnd();
}

TEST_F(NetworkTest, ASlowLineThatLosesSegmentsIsEnough) {
  FieldPhone& amina = AddPhone("amina", "pwani");
  ASSERT_FALSE(HasFailure());
  for (int session = 0; session < 20; ++session) Capture(amina, "pwani", session, 0);
  // 2G: 50 kbit/s, 600 ms there and back.
  proxy_->SetLine({50'000 / 8, absl::Milliseconds(300), 20});
  EXPECT_EQ(amina.Sync(proxy_->address()), Answer::kDone) << amina.error();
  EXPECT_EQ(amina.Status().outbox(), 0u);
  CheckTheEnd();
}

TEST_F(NetworkTest, ThousandsOfConnectionsThatSayNothingDoNoHarm) {
  FieldPhone& amina = AddPhone("amina", "pwani");
  ASSERT_FALSE(HasFailure());
  const pid_t pid = server().process().pid();
  const int64_t files = OpenFiles(pid);
  int port = 0;
  ASSERT_TRUE(
      absl::SimpleAtoi(server().address().substr(server().address().rfind(':') + 1), &port));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  constexpr int kConnections = 3000;
  int connected = 0;
  std::vector<int> open;
  for (int i = 0; i < kConnections; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_GE(fd, 0);
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) ++connected;
    // Some say the beginning of what HTTP/2 begins with, some nonsense, most nothing.
    if (i % 3 == 0) (void)!send(fd, "PRI * HTTP/2.0", 14, MSG_NOSIGNAL);
    if (i % 7 == 0) (void)!send(fd, "\x16\x03\x01\xff\xff", 5, MSG_NOSIGNAL);
    open.push_back(fd);
    if (open.size() == 200) {
      for (const int old : open) close(old);
      open.clear();
    }
  }
  for (const int old : open) close(old);
  EXPECT_EQ(connected, kConnections);
  Capture(amina, "pwani", 1, 0);
  SyncUntilDone(amina, server().address());
  for (int i = 0; i < 200 && OpenFiles(pid) > files + 20; ++i) {
    absl::SleepFor(absl::Milliseconds(50));
  }
  EXPECT_LE(OpenFiles(pid), files + 20);
  CheckTheEnd();
}

TEST_F(NetworkTest, ClocksThatAreDecadesOffChangeNothing) {
  FieldPhone& amina = AddPhone("amina", "pwani");
  FieldPhone& omar = AddPhone("omar", "sahel");
  ASSERT_FALSE(HasFailure());
  const absl::Duration year = absl::Hours(24 * 365);
  amina.SetClock(-56 * year);
  omar.SetClock(73 * year);
  for (int session = 0; session < 6; ++session) {
    Capture(amina, "pwani", session, 0);
    Capture(omar, "sahel", session, 1);
    if (session == 3) {
      amina.SetClock(73 * year);
      omar.SetClock(-56 * year);
    }
    SyncUntilDone(session % 2 == 0 ? amina : omar, server().address());
  }
  SyncUntilDone(amina, server().address());
  SyncUntilDone(omar, server().address());
  CheckTheEnd();
}

// gRPC 1.51 never accepts again once it had no descriptor for a connection. The server finds out by
// dialling itself, and ends, so that whoever supervises it starts it again.
TEST_F(NetworkTest, AServerThatHearsNobodyEnds) {
  server().ListenOnTheSamePort();
  EXPECT_EQ(server().Stop().code, 0);
  ASSERT_TRUE(server().Start(nullptr, {"--watch-seconds", "1"}));
  coalition_.Redial();
  FieldPhone& amina = AddPhone("amina", "pwani");
  ASSERT_FALSE(HasFailure());
  const pid_t pid = server().process().pid();
  // No descriptor more, since the low numbers are taken, while somebody calls; afterwards there are
  // enough again.
  rlimit before{};
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, nullptr, &before), 0);
  const rlimit none = {16, before.rlim_max};
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, &none, nullptr), 0);
  Capture(amina, "pwani", 1, 0);
  EXPECT_EQ(amina.Sync(server().address()), Answer::kError);
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, &before, nullptr), 0);
  EXPECT_TRUE(server().AwaitEnd(absl::Seconds(120)));
  EXPECT_NE(server().process().Wait().code, 0);
  EXPECT_THAT(server().Log(), HasSubstr("unanswered"));
  ASSERT_TRUE(server().Start());
  coalition_.Redial();
  SyncUntilDone(amina, server().address());
  CheckTheEnd();
}

}  // namespace
}  // namespace baraza::e2e
