#include "tests/e2e/kill_rig.h"

#include "absl/strings/match.h"
#include "baraza/v1/sync_service.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baraza::e2e {
namespace {

using ::testing::IsSubsetOf;
using Answer = FieldPhone::Answer;

constexpr int kSessions = 120;
constexpr char kPeriod[] = "2026";
// The id of a creating operation is its record's, and nothing else is captured here.
constexpr char kOwnOperations[] = "SELECT op_id FROM operations";
constexpr char kAnsweredOperations[] = "SELECT op_id FROM operations WHERE answered = 1";
constexpr char kPendingOperations[] = "SELECT op_id FROM operations WHERE answered = 0";
constexpr char kLogPosition[] = "SELECT ifnull(max(position), 0) FROM log";
constexpr char kLogLength[] = "SELECT count(*) FROM log";

bool Failed() { return ::testing::Test::HasFailure(); }

std::string ReportsInLog() {
  return absl::StrCat("SELECT op_id FROM log WHERE record_type = ", v1::RECORD_TYPE_SESSION_REPORT);
}

std::set<std::string> Acknowledged(const KillRig::Phone& phone) {
  std::set<std::string> all;
  for (const auto& [key, ids] : phone.device.acknowledged()) all.insert(ids.begin(), ids.end());
  return all;
}

}  // namespace

KillRig::KillRig(uint64_t seed)
    : server_switch_(directory_.File("server.kill")),
      coalition_(directory_.path()),
      random_(seed) {}

void KillRig::SetUp() {
  coalition_.SetUp({}, &server_switch_);
  if (Failed()) return;
  const std::pair<const char*, const char*> people[] = {
      {"amina", "pwani"}, {"omar", "sahel"}, {"leila", "pwani"}, {"sara", "sahel"}};
  for (const auto& [name, team] : people) {
    phones_.push_back(std::make_unique<Phone>(name, team, directory_.path()));
    Phone& phone = *phones_.back();
    phone.device.Start(&phone.kill_switch);
    if (Failed()) return;
    phone.device.Enrol(coalition_.desk().NewCode(coalition_.AddPerson(team)), server().address());
    if (Failed()) return;
    ASSERT_EQ(phone.device.Sync(server().address()), Answer::kDone) << phone.device.error();
  }
}

KillRig::Item KillRig::Next(Phone& phone) {
  while (phone.waiting.empty()) {
    const int session = next_session_++ % kSessions;
    phones_[static_cast<size_t>(session % 2)]->waiting.push_back({session, 0});
    if (session % 3 == 0) {
      phones_[static_cast<size_t>((session + 1) % 2)]->waiting.push_back({session, 1});
    }
  }
  const Item item = phone.waiting.front();
  phone.waiting.erase(phone.waiting.begin());
  return item;
}

v1::Record KillRig::Report(const Phone& phone, const Item& item) {
  return ReportOn(coalition_, item.session, item.variant, phone.team);
}

void KillRig::Capture(Phone& phone, const Item& item) {
  ASSERT_EQ(phone.device.Capture(item.Key(), Report(phone, item)), Answer::kDone)
      << phone.device.error();
}

void KillRig::Restart(Phone& phone, const Item* under_way) {
  phone.kill_switch.Disarm();
  phone.device.Start(&phone.kill_switch);
  if (Failed()) return;
  EXPECT_THAT(Acknowledged(phone), IsSubsetOf(phone.device.List()));
  Snapshot device = Look(phone);
  EXPECT_EQ(device.Integrity(), "ok");
  const std::set<std::string> acknowledged = Acknowledged(phone);
  int unacknowledged = 0;
  for (const std::string& id : device.Strings(kOwnOperations)) {
    if (acknowledged.count(id) > 0 || truth_.count(id) > 0) continue;
    ASSERT_NE(under_way, nullptr) << id << " comes from nowhere";
    truth_[id] = {under_way->session, phone.team};
    ++unacknowledged;
  }
  EXPECT_LE(unacknowledged, 1);
}

std::set<int> KillRig::SessionsIn(const std::set<std::string>& log) const {
  std::set<int> sessions;
  for (const std::string& id : log) {
    const auto told = truth_.find(id);
    EXPECT_TRUE(told != truth_.end()) << id << " comes from nowhere";
    if (told != truth_.end()) sessions.insert(told->second.session);
  }
  return sessions;
}

void KillRig::StartServerAtRest() {
  if (server().Running()) return;
  for (const auto& phone : phones_) {
    for (const auto& [key, ids] : phone->device.acknowledged()) {
      for (const std::string& id : ids) truth_[id] = {std::stoi(key), phone->team};
    }
  }
  int64_t position = 0;
  std::set<int> sessions;
  {
    Snapshot files = LookAtServer();
    EXPECT_EQ(files.Integrity(), "ok");
    position = files.Int(kLogPosition);
    const std::set<std::string> log = files.Strings("SELECT op_id FROM log");
    EXPECT_EQ(files.Int(kLogLength), static_cast<int64_t>(log.size()));
    for (const auto& phone : phones_) {
      // What a phone was told is stored.
      Snapshot device = Look(*phone);
      EXPECT_EQ(device.Integrity(), "ok");
      EXPECT_THAT(device.Strings(kAnsweredOperations), IsSubsetOf(log));
    }
    sessions = SessionsIn(files.Strings(ReportsInLog()));
  }
  server_switch_.Disarm();
  ASSERT_TRUE(server().Start(&server_switch_));
  coalition_.Redial();
  const auto figure = coalition_.desk().Figure(coalition_.id("indicator"), kPeriod, position);
  ASSERT_TRUE(figure.ok()) << figure.status();
  EXPECT_EQ(figure->value(), sessions.size());
}

void KillRig::AwaitProjection() {
  const auto figure = coalition_.desk().Figure(coalition_.id("indicator"), kPeriod,
                                               LiveInt(server().ProgrammeFile(), kLogPosition));
  ASSERT_TRUE(figure.ok()) << figure.status();
}

std::set<std::string> KillRig::Pending(const Phone& phone) {
  return Look(phone).Strings(kPendingOperations);
}

int64_t KillRig::FeedPosition(const Phone& phone) {
  v1::Cursor cursor;
  EXPECT_TRUE(cursor.ParseFromString(
      Look(phone).Text("SELECT ifnull((SELECT value FROM meta WHERE key = 'cursor'), x'')")));
  return cursor.position();
}

KillRig::Due KillRig::DueFeed(const Phone& phone) {
  const std::string due = absl::StrCat(
      " FROM feed WHERE length(payload) > 0 AND audience IN ('p', 't:", coalition_.id(phone.team),
      "') AND position > ", FeedPosition(phone));
  Snapshot files = LookAtServer();
  return {files.Int("SELECT count(*)" + due), files.Int("SELECT ifnull(max(position), 0)" + due)};
}

void KillRig::SyncToTheEnd(Phone& phone) {
  for (int tries = 0; tries < 20; ++tries) {
    const Answer answer = phone.device.Sync(server().address());
    ASSERT_NE(answer, Answer::kDied);
    if (answer == Answer::kDone && phone.device.Status().outbox() == 0) return;
  }
  FAIL() << phone.device.name() << " does not get rid of its operations: " << phone.device.error();
}

void KillRig::CheckTheEnd() {
  for (const auto& phone : phones_) {
    phone->kill_switch.Disarm();
    if (!phone->device.Running()) Restart(*phone);
    if (Failed()) return;
  }
  StartServerAtRest();
  if (Failed()) return;
  for (const auto& phone : phones_) SyncToTheEnd(*phone);
  if (Failed()) return;
  AwaitProjection();
  if (Failed()) return;

  // What the others sent last comes now; a further sync has nothing to do.
  for (const auto& phone : phones_) SyncToTheEnd(*phone);
  for (const auto& phone : phones_) {
    ASSERT_EQ(phone->device.Sync(server().address()), Answer::kDone) << phone->device.error();
    EXPECT_EQ(phone->device.summary().progress().operations_sent(), 0u);
    EXPECT_EQ(phone->device.summary().progress().items_received(), 0u);
    EXPECT_EQ(phone->device.Status().quarantined(), 0u);
  }

  // Orderly ends, so that the files can be read whole.
  std::set<std::string> operations;
  std::map<std::string, std::set<std::string>> of_team;
  for (const auto& phone : phones_) {
    for (const auto& [key, ids] : phone->device.acknowledged()) {
      for (const std::string& id : ids) truth_[id] = {std::stoi(key), phone->team};
    }
    const std::set<std::string> own = Look(*phone).Strings(kOwnOperations);
    operations.insert(own.begin(), own.end());
    of_team[phone->team].insert(own.begin(), own.end());
  }
  for (const auto& phone : phones_) {
    EXPECT_EQ(phone->device.List(), of_team[phone->team]) << phone->device.name();
    EXPECT_EQ(phone->device.Quit(), 0);
    EXPECT_EQ(Look(*phone).Integrity(), "ok");
  }
  ASSERT_TRUE(server().Running());
  EXPECT_EQ(server().Stop().code, 0);
  int64_t position = 0;
  {
    Snapshot files = LookAtServer();
    EXPECT_EQ(files.Integrity(), "ok");
    const std::set<std::string> log = files.Strings("SELECT op_id FROM log");
    // Each operation once, and none that nobody wrote: the rest is the office's.
    EXPECT_EQ(files.Int(kLogLength), static_cast<int64_t>(log.size()));
    EXPECT_EQ(files.Strings(ReportsInLog()), operations);
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
  CheckSessions(position);
  server().Kill();
}

// Every report resolves to a session, and each session holds the reports on one real session only.
void KillRig::CheckSessions(int64_t position) {
  Desk& desk = coalition_.desk();
  std::map<int, std::set<std::string>> found;
  for (const auto& [report, told] : truth_) {
    v1::GetSessionRequest request;
    request.set_name(desk.SessionName(report));
    const auto session =
        desk.Call<v1::SessionService>(&v1::SessionService::Stub::GetSession, request);
    ASSERT_TRUE(session.ok()) << report << ": " << session.status();
    found[told.session].insert(session->session_id());
    for (const v1::SessionMember& member : session->members()) {
      const auto known = truth_.find(member.report_id());
      ASSERT_TRUE(known != truth_.end()) << member.report_id() << " comes from nowhere";
      EXPECT_EQ(known->second.session, told.session) << report;
    }
  }
  for (const auto& [session, ids] : found) EXPECT_EQ(ids.size(), 1u) << "session " << session;
  const auto figure = desk.Figure(coalition_.id("indicator"), kPeriod, position);
  ASSERT_TRUE(figure.ok()) << figure.status();
  EXPECT_EQ(figure->value(), found.size());
  EXPECT_EQ(figure->low(), found.size());
  EXPECT_EQ(figure->high(), found.size());
}

}  // namespace baraza::e2e
