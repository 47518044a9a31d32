// kill -9 of real clients and real servers over loopback gRPC: whatever Capture acknowledged is on
// the server in the end, and every session is counted once.
//
// Where a process dies is chosen with kill_at.c; what it died of is then judged from evidence, not
// from the intention:
//   capture     the client died in a write or fsync of its database, and Capture had not answered
//   commit      the server died in a write or fsync of the programme's database, before the first
//   fsync since it was at
//               rest had returned: it was committing the batch of the one request in flight
//   response    an fsync had returned and the batch is in the log, yet the client did not get its
//   answer projection  the client has its answer, the batch is in the log, and the server died in a
//   write or fsync of the
//               programme's database with the projection's watermark behind the log
// Other kills (a client in the middle of sync, a server that idles, random moments) count towards
// the total alone.
//
// BARAZA_E2E_KILLS is how often each point must be hit at least (default 10).

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/coalition.h"
#include "tests/e2e/field_phone.h"
#include "tests/e2e/snapshot.h"
#include "tests/testing/temp_dir.h"

namespace baraza::e2e {
namespace {

using ::testing::IsSubsetOf;
using Answer = FieldPhone::Answer;

constexpr int kSessions = 120;
constexpr char kPeriod[] = "2026";
constexpr char kOwnOperations[] = "SELECT op_id FROM operations";
constexpr char kAnsweredOperations[] = "SELECT op_id FROM operations WHERE answered = 1";
constexpr char kPendingOperations[] = "SELECT op_id FROM operations WHERE answered = 0";
constexpr char kLogOperations[] = "SELECT op_id FROM log";
constexpr char kLogPosition[] = "SELECT ifnull(max(position), 0) FROM log";
constexpr char kWatermark[] = "SELECT value FROM meta WHERE key = 'store.watermark'";

int WantedHits() {
  const char* wanted = std::getenv("BARAZA_E2E_KILLS");
  return wanted == nullptr ? 10 : std::max(1, std::atoi(wanted));
}

bool DiedWriting(const BarazaKillControl& record) {
  return record.died_at == BARAZA_KILL_WRITE || record.died_at == BARAZA_KILL_SYNC;
}

// What to capture: account number `variant` of real session `session`.
struct Item {
  int session;
  int variant;
  std::string Key() const { return absl::StrCat(session, "/", variant); }
};

struct Phone {
  Phone(const std::string& name, const std::string& team_key, const std::string& directory)
      : team(team_key), device(name, directory), kill_switch(directory + "/" + name + ".kill") {}
  const std::string team;
  FieldPhone device;
  KillSwitch kill_switch;
  std::vector<Item> waiting;
};

class KillTest : public ::testing::Test {
 protected:
  KillTest()
      : server_switch_(directory_.File("server.kill")),
        coalition_(directory_.path()),
        random_(20261123) {}

  void SetUp() override {
    coalition_.SetUp({}, &server_switch_);
    if (HasFailure()) return;
    for (const auto& [name, team] :
         {std::pair<const char*, const char*>{"amina", "pwani"}, {"omar", "sahel"}}) {
      phones_.push_back(std::make_unique<Phone>(name, team, directory_.path()));
      Phone& phone = *phones_.back();
      phone.device.Start(&phone.kill_switch);
      if (HasFailure()) return;
      phone.device.Enrol(coalition_.desk().NewCode(coalition_.AddPerson(team)),
                         coalition_.server().address());
      if (HasFailure()) return;
      ASSERT_EQ(phone.device.Sync(coalition_.server().address()), Answer::kDone)
          << phone.device.error();
    }
  }

  ServerProcess& server() { return coalition_.server(); }

  // The truth: session n is reported by one phone, every third by both.
  Item Next(Phone& phone) {
    while (phone.waiting.empty()) {
      const int session = next_session_++ % kSessions;
      Phone& reporter = *phones_[static_cast<size_t>(session) % phones_.size()];
      reporter.waiting.push_back({session, 0});
      if (session % 3 == 0) {
        phones_[static_cast<size_t>(session + 1) % phones_.size()]->waiting.push_back({session, 1});
      }
    }
    const Item item = phone.waiting.front();
    phone.waiting.erase(phone.waiting.begin());
    return item;
  }

  v1::Record Report(const Phone& phone, const Item& item) {
    return ReportOn(coalition_, item.session, item.variant, phone.team);
  }

  void Capture(Phone& phone, const Item& item) {
    ASSERT_EQ(phone.device.Capture(item.Key(), Report(phone, item)), Answer::kDone)
        << phone.device.error();
  }

  void Restart(Phone& phone) {
    phone.kill_switch.Disarm();
    phone.device.Start(&phone.kill_switch);
    if (HasFailure()) return;
    // Acknowledged means there, at once.
    EXPECT_THAT(Acknowledged(phone), IsSubsetOf(phone.device.List()));
  }

  static std::set<std::string> Acknowledged(const Phone& phone) {
    std::set<std::string> all;
    for (const auto& [key, ids] : phone.device.acknowledged()) all.insert(ids.begin(), ids.end());
    return all;
  }

  // Starts the server and waits until its projection has caught up with what a restart found.
  void StartServerAtRest() {
    if (server().Running()) return;
    int64_t position = 0;
    {
      Snapshot files(server().ProgrammeFile(), directory_.path());
      EXPECT_EQ(files.Integrity(), "ok");
      position = files.Int(kLogPosition);
      const std::set<std::string> log = files.Strings(kLogOperations);
      for (const auto& phone : phones_) {
        // What a phone was told is stored.
        Snapshot device(phone->device.database(), directory_.path());
        EXPECT_EQ(device.Integrity(), "ok");
        EXPECT_THAT(device.Strings(kAnsweredOperations), IsSubsetOf(log));
      }
    }
    server_switch_.Disarm();
    ASSERT_TRUE(server().Start(&server_switch_));
    coalition_.Redial();
    const auto figure = coalition_.desk().Figure(coalition_.id("indicator"), kPeriod, position);
    ASSERT_TRUE(figure.ok()) << figure.status();
  }

  // --- The four points
  // -----------------------------------------------------------------------------

  // One kill of a client inside Capture, if `step` falls into it.
  void KillInCapture(Phone& phone, const BarazaKillStep& step) {
    const Item item = Next(phone);
    phone.kill_switch.Arm(phone.device.WalEnd(), {step});
    const Answer answer = phone.device.Capture(item.Key(), Report(phone, item));
    const BarazaKillControl record = phone.kill_switch.Read();
    phone.kill_switch.Disarm();
    ASSERT_NE(answer, Answer::kError) << phone.device.error();
    if (answer == Answer::kDone) return;
    ++kills_;
    if (DiedWriting(record)) ++hits_["capture"];
    Restart(phone);
    if (HasFatalFailure()) return;
    // Nobody knows whether it was kept. A person would capture it again; then there may be two
    // accounts of the session from one phone, which are still one session.
    Capture(phone, item);
  }

  // One kill of the server while `phone` syncs something new, at the last of `steps`.
  void KillServerInSync(Phone& phone, const std::vector<BarazaKillStep>& steps) {
    StartServerAtRest();
    if (HasFatalFailure()) return;
    const int reports = 1 + static_cast<int>(random_.Uniform(3));
    for (int i = 0; i < reports; ++i) Capture(phone, Next(phone));
    if (HasFatalFailure()) return;
    std::set<std::string> batch;
    {
      Snapshot device(phone.device.database(), directory_.path());
      batch = device.Strings(kPendingOperations);
    }
    ASSERT_FALSE(batch.empty());
    server_switch_.Arm("/" + server().programme_id() + ".db-wal", steps);
    const Answer answer = phone.device.Sync(server().address());
    ASSERT_NE(answer, Answer::kDied);
    const bool died = server().AwaitEnd(absl::Seconds(5));
    const BarazaKillControl record = server_switch_.Read();
    server_switch_.Disarm();
    // A step that was not reached: a kill at rest then.
    if (!died) server().Kill();
    ++kills_;
    ++hits_[died ? Classify(phone, batch, record) : "at rest"];
  }

  std::string Classify(const Phone& phone, const std::set<std::string>& batch,
                       const BarazaKillControl& record) {
    Snapshot device(phone.device.database(), directory_.path());
    const std::set<std::string> pending = device.Strings(kPendingOperations);
    const bool answered = std::none_of(
        batch.begin(), batch.end(), [&](const std::string& op) { return pending.count(op) > 0; });
    Snapshot files(server().ProgrammeFile(), directory_.path());
    const std::set<std::string> log = files.Strings(kLogOperations);
    const bool stored = std::includes(log.begin(), log.end(), batch.begin(), batch.end());
    const bool behind = files.Int(kWatermark) < files.Int(kLogPosition);
    // An answer without the operations behind it would be the very thing that must not happen.
    EXPECT_TRUE(stored || !answered);
    if (!answered && record.syncs == 0 && DiedWriting(record)) return "commit";
    if (!answered && stored && record.syncs > 0) return "response";
    if (answered && behind && DiedWriting(record)) return "projection";
    return "elsewhere";
  }

  uint32_t Roll(uint32_t greatest) { return 1 + static_cast<uint32_t>(random_.Uniform(greatest)); }

  // --- The end
  // -------------------------------------------------------------------------------------

  void SyncToTheEnd(Phone& phone) {
    for (int tries = 0; tries < 20; ++tries) {
      const Answer answer = phone.device.Sync(server().address());
      ASSERT_NE(answer, Answer::kDied);
      if (answer == Answer::kDone && phone.device.Status().outbox() == 0) return;
    }
    FAIL() << phone.device.name()
           << " does not get rid of its operations: " << phone.device.error();
  }

  void CheckNothingLostNothingTwice();

  test::TempDir directory_;
  KillSwitch server_switch_;
  Coalition coalition_;
  SeededRandom random_;
  std::vector<std::unique_ptr<Phone>> phones_;
  int next_session_ = 0;
  int kills_ = 0;
  std::map<std::string, int> hits_;
};

void KillTest::CheckNothingLostNothingTwice() {
  for (const auto& phone : phones_) {
    if (!phone->device.Running()) Restart(*phone);
    if (HasFatalFailure()) return;
  }
  StartServerAtRest();
  if (HasFatalFailure()) return;
  for (const auto& phone : phones_) SyncToTheEnd(*phone);
  if (HasFatalFailure()) return;

  // A second sync has nothing to do.
  for (const auto& phone : phones_) SyncToTheEnd(*phone);
  for (const auto& phone : phones_) {
    ASSERT_EQ(phone->device.Sync(server().address()), Answer::kDone) << phone->device.error();
    EXPECT_EQ(phone->device.summary().progress().operations_sent(), 0u);
    EXPECT_EQ(phone->device.summary().progress().items_received(), 0u);
    EXPECT_EQ(phone->device.Status().quarantined(), 0u);
  }

  // Orderly ends, so that the files can be read whole.
  std::set<std::string> operations;
  std::map<std::string, std::set<int>> sessions_of_report;
  std::set<int> sessions;
  for (const auto& phone : phones_) {
    for (const auto& [key, ids] : phone->device.acknowledged()) {
      const int session = std::stoi(key);
      sessions.insert(session);
      for (const std::string& id : ids) sessions_of_report[id].insert(session);
    }
    EXPECT_EQ(phone->device.Quit(), 0);
    Snapshot device(phone->device.database(), directory_.path());
    EXPECT_EQ(device.Integrity(), "ok");
    const std::set<std::string> own = device.Strings(kOwnOperations);
    operations.insert(own.begin(), own.end());
  }
  ASSERT_TRUE(server().Running());
  const Ending ending = server().Stop();
  EXPECT_EQ(ending.code, 0);
  int64_t position = 0;
  {
    Snapshot files(server().ProgrammeFile(), directory_.path());
    EXPECT_EQ(files.Integrity(), "ok");
    const std::set<std::string> log = files.Strings(kLogOperations);
    EXPECT_THAT(operations, IsSubsetOf(log));
    // Each operation once, and none that nobody wrote: the rest is the office's.
    EXPECT_EQ(files.Int("SELECT count(*) FROM log"), static_cast<int64_t>(log.size()));
    EXPECT_EQ(files.Int(absl::StrCat("SELECT count(*) FROM log WHERE record_type = ",
                                     v1::RECORD_TYPE_SESSION_REPORT)),
              static_cast<int64_t>(operations.size()));
    EXPECT_EQ(files.Int("SELECT count(*) FROM quarantine"), 0);
    position = files.Int(kLogPosition);
    Snapshot registry(server().RegistryFile(), directory_.path());
    EXPECT_EQ(registry.Integrity(), "ok");
  }

  // Files, hashes, and what grew through all the deaths against the same made anew from the log.
  const RunResult verified = server().Command({"verify"});
  EXPECT_EQ(verified.ending.code, 0) << verified.err;

  ASSERT_TRUE(server().Start());
  coalition_.Redial();
  Desk& desk = coalition_.desk();
  const auto figure = desk.Figure(coalition_.id("indicator"), kPeriod, position);
  ASSERT_TRUE(figure.ok()) << figure.status();
  EXPECT_EQ(figure->value(), sessions.size());
  EXPECT_EQ(figure->low(), sessions.size());
  EXPECT_EQ(figure->high(), sessions.size());

  // Every acknowledged report resolves to a session, and each session holds the reports on one real
  // session only.
  std::map<int, std::set<std::string>> found;
  for (const auto& [report, truth] : sessions_of_report) {
    ASSERT_EQ(truth.size(), 1u);
    v1::GetSessionRequest request;
    request.set_name(desk.SessionName(report));
    const auto session =
        desk.Call<v1::SessionService>(&v1::SessionService::Stub::GetSession, request);
    ASSERT_TRUE(session.ok()) << report << ": " << session.status();
    found[*truth.begin()].insert(session->session_id());
    for (const v1::SessionMember& member : session->members()) {
      const auto known = sessions_of_report.find(member.report_id());
      // One that was written and never acknowledged may be there as well.
      if (known == sessions_of_report.end()) continue;
      EXPECT_EQ(known->second, truth) << report;
    }
  }
  for (const auto& [session, ids] : found) EXPECT_EQ(ids.size(), 1u) << "session " << session;
  EXPECT_EQ(server().Stop().code, 0);
}

TEST_F(KillTest, WhateverDiesNothingIsLostAndNothingCountsTwice) {
  ASSERT_FALSE(HasFailure());
  const int wanted = WantedHits();
  const int most_tries = 4 * wanted + 8;

  // A capture that nobody disturbs tells how many calls there are to die in.
  Phone& first = *phones_[0];
  first.kill_switch.Arm(first.device.WalEnd(), {{BARAZA_KILL_SYNC, 1u << 30, 0, 0}});
  Capture(first, Next(first));
  const BarazaKillControl calm = first.kill_switch.Read();
  ASSERT_GT(calm.writes, 0u);
  ASSERT_GT(calm.syncs, 0u) << "Capture answered without an fsync";
  for (int i = 0; hits_["capture"] < wanted + 2 && i < most_tries; ++i) {
    const auto at = static_cast<uint32_t>(i);
    const BarazaKillStep steps[] = {
        {BARAZA_KILL_WRITE, 1 + at / 2 % calm.writes, at % 4 < 2, 0},
        {BARAZA_KILL_SYNC, calm.syncs, at % 4 < 2, 0},
    };
    KillInCapture(*phones_[at / 3 % phones_.size()], steps[at % 3 == 2]);
    ASSERT_FALSE(HasFailure());
  }

  struct Point {
    const char* name;
    std::vector<std::vector<BarazaKillStep>> ways;
  };
  for (int i = 0; i < most_tries * 3; ++i) {
    const std::vector<Point> points = {
        {"commit",
         {{{BARAZA_KILL_WRITE, 1, 0, 0}},
          {{BARAZA_KILL_WRITE, Roll(8), 0, 0}},
          {{BARAZA_KILL_WRITE, Roll(8), 1, 0}},
          {{BARAZA_KILL_SYNC, 1, 0, 0}}}},
        {"response",
         {{{BARAZA_KILL_SYNC, 1, 1, 0}},
          {{BARAZA_KILL_SYNC, 1, 1, 0}, {BARAZA_KILL_SEND, 1, 0, 0}}}},
        {"projection",
         {{{BARAZA_KILL_SYNC, 1, 1, 0},
           {BARAZA_KILL_SEND, 1, 1, 0},
           {BARAZA_KILL_WRITE, Roll(20), 0, 0}},
          {{BARAZA_KILL_SYNC, 1, 1, 0},
           {BARAZA_KILL_SEND, 1, 1, 0},
           {BARAZA_KILL_WRITE, Roll(4), 0, 0}},
          {{BARAZA_KILL_SYNC, 1, 1, 0}, {BARAZA_KILL_SEND, 1, 1, 0}, {BARAZA_KILL_SYNC, 1, 0, 0}}}},
    };
    // The point that was hit least.
    const Point& point = *std::min_element(
        points.begin(), points.end(),
        [&](const Point& a, const Point& b) { return hits_[a.name] < hits_[b.name]; });
    if (hits_[point.name] >= wanted) break;
    KillServerInSync(*phones_[random_.Uniform(phones_.size())],
                     point.ways[random_.Uniform(point.ways.size())]);
    ASSERT_FALSE(HasFailure());
  }

  // Clients that die while they store what the server answered.
  for (int i = 0; i < wanted; ++i) {
    StartServerAtRest();
    ASSERT_FALSE(HasFailure());
    Phone& phone = *phones_[static_cast<size_t>(i) % phones_.size()];
    Capture(phone, Next(phone));
    ASSERT_FALSE(HasFailure());
    phone.kill_switch.Arm(phone.device.WalEnd(), {{BARAZA_KILL_WRITE, Roll(6), 0, 0}});
    const Answer answer = phone.device.Sync(server().address());
    ASSERT_NE(answer, Answer::kError) << phone.device.error();
    phone.kill_switch.Disarm();
    if (answer != Answer::kDied) continue;
    ++kills_;
    ++hits_["client in sync"];
    Restart(phone);
    ASSERT_FALSE(HasFailure());
  }

  // Everybody busy, and death at no chosen moment.
  for (int i = 0; i < wanted; ++i) {
    StartServerAtRest();
    ASSERT_FALSE(HasFailure());
    std::vector<Item> items;
    for (const auto& phone : phones_) {
      items.push_back(Next(*phone));
      phone->device.SendCapture(items.back().Key(), Report(*phone, items.back()));
      phone->device.SendSync(server().address());
    }
    absl::SleepFor(absl::Milliseconds(random_.Uniform(60)));
    const size_t victim = random_.Uniform(phones_.size() + 1);
    if (victim == phones_.size()) {
      server().Kill();
    } else {
      phones_[victim]->device.Kill();
    }
    ++kills_;
    ++hits_["any moment"];
    for (size_t p = 0; p < phones_.size(); ++p) {
      Phone& phone = *phones_[p];
      const Answer captured = phone.device.AwaitCapture(items[p].Key());
      ASSERT_NE(captured, Answer::kError) << phone.device.error();
      if (captured == Answer::kDone) phone.device.AwaitSync();
      if (p == victim) Restart(phone);
      ASSERT_FALSE(HasFailure());
      if (captured != Answer::kDone) Capture(phone, items[p]);
      ASSERT_FALSE(HasFailure());
    }
  }

  CheckNothingLostNothingTwice();

  for (const auto& [point, hits] : hits_) {
    std::cout << "kills: " << point << " " << hits << "\n";
    RecordProperty("kills " + point, hits);
  }
  std::cout << "kills: all " << kills_ << "\n";
  for (const char* point : {"capture", "commit", "response", "projection"}) {
    EXPECT_GE(hits_[point], wanted) << point;
  }
  EXPECT_GE(kills_, 5 * wanted);
}

}  // namespace
}  // namespace baraza::e2e
