// kill -9 of real clients and real servers over loopback gRPC: whatever Capture acknowledged is on
// the server in the end, every session is counted once, and every phone shows what its team sent.
//
// Where a process dies is chosen with kill_at.c; what it died of is then judged from evidence, not
// from the intention:
//   capture     the client died in a write or fsync of its database, and Capture had not answered
//   commit      the server died in a write or fsync of the programme's database, before the first
//               fsync since it was at rest had returned: it was committing the batch of the one
//               request in flight
//   response    an fsync had returned and the batch is in the log, yet the client did not get its
//               answer
//   projection  the client has its answer, the batch is in the log, and the server died in a write
//               or fsync of the programme's database with the projection's watermark behind the log
//   feed        a phone with nothing to send asked for news, and there were some; then either the
//               server died at the sending of an answer that only they can make so long, or the
//               phone died in a write or fsync of its database, and had not stored them all or was
//               in the commit that did
// Other kills (a client that stores answers, a server that idles, random moments) count towards the
// total alone.
//
// BARAZA_E2E_CYCLES is how many kills there are (default 200). At least a tenth of them must have
// hit each point.

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/e2e/kill_rig.h"
#include "tests/testing/effort.h"

namespace baraza::e2e {
namespace {

using Answer = FieldPhone::Answer;
using Item = KillRig::Item;
using Phone = KillRig::Phone;

constexpr const char* kPoints[] = {"capture", "commit", "response", "projection", "feed"};
// More reports than this many kills bring make everything slower and nothing more likely to break.
constexpr int kCyclesOfARig = 250;
constexpr char kWatermark[] = "SELECT value FROM meta WHERE key = 'store.watermark'";
constexpr char kLastSync[] =
    "SELECT ifnull((SELECT value FROM meta WHERE key = 'last_sync_ms'), '')";
// An answer without news is far shorter, compressed or not, and one with the news of four reports
// longer.
constexpr uint32_t kLeastFeedBytes = 1000;
constexpr int kReportsForNews = 4;

bool DiedWriting(const BarazaKillControl& record) {
  return record.died_at == BARAZA_KILL_WRITE || record.died_at == BARAZA_KILL_SYNC;
}

BarazaKillStep Write(uint32_t count, bool after = false) {
  return {BARAZA_KILL_WRITE, count, after ? 1u : 0u, 0, 0};
}
BarazaKillStep Fsync(uint32_t count, bool after = false) {
  return {BARAZA_KILL_SYNC, count, after ? 1u : 0u, 0, 0};
}
BarazaKillStep Send(uint32_t count, bool after = false, uint32_t least_bytes = 0) {
  return {BARAZA_KILL_SEND, count, after ? 1u : 0u, least_bytes, 0};
}
BarazaKillStep Never() { return Fsync(1u << 30); }

class KillTest : public ::testing::Test {
 protected:
  // Kills `cycles` times in a coalition of its own, each point in `share` of them at least.
  void RunRig(uint64_t seed, int cycles);

  // Each kills at most once; nobody does when what it waits for does not happen.
  void KillInCapture();
  void KillServerInSync(const std::vector<BarazaKillStep>& steps);
  void KillInCommit();
  void KillAtResponse();
  void KillInProjection();
  void KillInFeed();
  void KillServerInFeed(Phone& reader);
  void KillPhoneInFeed(Phone& reader, const KillRig::Due& due);
  void KillClientInSync();
  void KillAtAnyMoment();

  std::string Classify(const Phone& phone, const std::set<std::string>& batch,
                       const BarazaKillControl& record);
  // The server has died of a step, or does not come to it: then it dies at rest. Its record.
  BarazaKillControl AwaitServerDeath();
  void Count(const std::string& point) {
    ++kills_;
    ++hits_[point];
    ++hits_of_rig_[point];
  }

  SeededRandom& random() { return rig_->random(); }
  uint32_t Roll(uint32_t greatest) { return 1 + static_cast<uint32_t>(random().Uniform(greatest)); }
  bool Toss() { return random().Uniform(2) == 0; }

  std::unique_ptr<KillRig> rig_;
  // Of a capture that nobody disturbs.
  BarazaKillControl calm_{};
  int kills_ = 0;
  std::map<std::string, int> hits_;
  std::map<std::string, int> hits_of_rig_;
};

void KillTest::KillInCapture() {
  Phone& phone = rig_->AnyAuthor();
  const Item item = rig_->Next(phone);
  phone.kill_switch.Arm(phone.device.WalEnd(),
                        {random().Uniform(3) == 0 ? Fsync(Roll(calm_.syncs), Toss())
                                                  : Write(Roll(calm_.writes), Toss())});
  const Answer answer = phone.device.Capture(item.Key(), rig_->Report(phone, item));
  const BarazaKillControl record = phone.kill_switch.Read();
  phone.kill_switch.Disarm();
  ASSERT_NE(answer, Answer::kError) << phone.device.error();
  if (answer == Answer::kDone) return;
  Count(DiedWriting(record) ? "capture" : "elsewhere");
  rig_->Restart(phone, &item);
  if (HasFailure()) return;
  // Nobody knows whether it was kept. A person would capture it again; then there may be two
  // accounts of the session from one phone, which are still one session.
  rig_->Capture(phone, item);
}

BarazaKillControl KillTest::AwaitServerDeath() {
  if (!rig_->server().AwaitEnd(absl::Seconds(1))) rig_->server().Kill();
  const BarazaKillControl record = rig_->server_switch().Read();
  rig_->server_switch().Disarm();
  return record;
}

// One kill of the server while a phone syncs something new, at the last of `steps`.
void KillTest::KillServerInSync(const std::vector<BarazaKillStep>& steps) {
  Phone& phone = rig_->AnyAuthor();
  for (uint32_t reports = Roll(3); reports > 0; --reports) {
    rig_->Capture(phone, rig_->Next(phone));
    if (HasFailure()) return;
  }
  const std::set<std::string> batch = rig_->Pending(phone);
  ASSERT_FALSE(batch.empty());
  rig_->server_switch().Arm("/" + rig_->server().programme_id() + ".db-wal", steps);
  ASSERT_NE(phone.device.Sync(rig_->server().address()), Answer::kDied);
  const BarazaKillControl record = AwaitServerDeath();
  Count(record.died_at == 0 ? "at rest" : Classify(phone, batch, record));
}

std::string KillTest::Classify(const Phone& phone, const std::set<std::string>& batch,
                               const BarazaKillControl& record) {
  const std::set<std::string> pending = rig_->Pending(phone);
  const bool answered = std::none_of(batch.begin(), batch.end(),
                                     [&](const std::string& op) { return pending.count(op) > 0; });
  Snapshot files = rig_->LookAtServer();
  const std::set<std::string> log = files.Strings("SELECT op_id FROM log");
  const bool stored = std::includes(log.begin(), log.end(), batch.begin(), batch.end());
  const bool behind = files.Int(kWatermark) < files.Int("SELECT ifnull(max(position), 0) FROM log");
  // An answer without the operations behind it would be the very thing that must not happen.
  EXPECT_TRUE(stored || !answered);
  if (!answered && record.syncs == 0 && DiedWriting(record)) return "commit";
  if (!answered && stored && record.syncs > 0) return "response";
  if (answered && behind && DiedWriting(record)) return "projection";
  return "elsewhere";
}

void KillTest::KillInCommit() {
  KillServerInSync({random().Uniform(4) == 0 ? Fsync(1) : Write(Roll(8), Toss())});
}

void KillTest::KillAtResponse() {
  if (Toss()) {
    KillServerInSync({Fsync(1, true)});
  } else {
    KillServerInSync({Fsync(1, true), Send(1)});
  }
}

void KillTest::KillInProjection() {
  KillServerInSync(
      {Fsync(1, true), Send(1, true), random().Uniform(3) == 0 ? Fsync(1) : Write(Roll(12))});
}

void KillTest::KillInFeed() {
  Phone& reader = rig_->AnyReader();
  KillRig::Due due = rig_->DueFeed(reader);
  if (due.items < kReportsForNews) {
    for (const auto& phone : rig_->phones()) {
      if (phone->team != reader.team || phone.get() == &reader) continue;
      for (int i = 0; i < kReportsForNews; ++i) rig_->Capture(*phone, rig_->Next(*phone));
      ASSERT_EQ(phone->device.Sync(rig_->server().address()), Answer::kDone)
          << phone->device.error();
    }
    rig_->AwaitProjection();
    if (HasFailure()) return;
    due = rig_->DueFeed(reader);
    ASSERT_GE(due.items, kReportsForNews);
  }
  ASSERT_TRUE(rig_->Pending(reader).empty());
  if (Toss()) {
    KillServerInFeed(reader);
  } else {
    KillPhoneInFeed(reader, due);
  }
}

void KillTest::KillServerInFeed(Phone& reader) {
  rig_->server_switch().Arm("/" + rig_->server().programme_id() + ".db-wal",
                            {Send(1, Toss(), kLeastFeedBytes)});
  ASSERT_NE(reader.device.Sync(rig_->server().address()), Answer::kDied);
  const BarazaKillControl record = AwaitServerDeath();
  const bool sending = record.died_at == BARAZA_KILL_SEND && record.died_bytes >= kLeastFeedBytes;
  if (record.died_at == 0) return Count("at rest");
  if (!sending) return Count("elsewhere");
  Count("feed");
  ++hits_["feed, of which the server"];
}

void KillTest::KillPhoneInFeed(Phone& reader, const KillRig::Due& due) {
  const std::string last_sync = rig_->Look(reader).Text(kLastSync);
  reader.kill_switch.Arm(
      reader.device.WalEnd(),
      {random().Uniform(4) == 0 ? Fsync(Roll(2), Toss()) : Write(Roll(24), Toss())});
  const Answer answer = reader.device.Sync(rig_->server().address());
  const BarazaKillControl record = reader.kill_switch.Read();
  reader.kill_switch.Disarm();
  ASSERT_NE(answer, Answer::kError) << reader.device.error();
  if (answer == Answer::kDone) return;
  // When the sync was, comes in a commit of its own after that of the last item.
  const bool lacks_some = rig_->FeedPosition(reader) < due.end;
  const bool in_last_commit =
      record.died_at == BARAZA_KILL_SYNC && rig_->Look(reader).Text(kLastSync) == last_sync;
  if (DiedWriting(record) && (lacks_some || in_last_commit)) {
    Count("feed");
    ++hits_["feed, of which the phone"];
  } else {
    Count("elsewhere");
  }
  rig_->Restart(reader);
}

void KillTest::KillClientInSync() {
  Phone& phone = rig_->AnyAuthor();
  rig_->Capture(phone, rig_->Next(phone));
  if (HasFailure()) return;
  phone.kill_switch.Arm(phone.device.WalEnd(), {Write(Roll(6))});
  const Answer answer = phone.device.Sync(rig_->server().address());
  ASSERT_NE(answer, Answer::kError) << phone.device.error();
  phone.kill_switch.Disarm();
  if (answer != Answer::kDied) return;
  Count("client in sync");
  rig_->Restart(phone);
}

// Everybody busy, and death at no chosen moment.
void KillTest::KillAtAnyMoment() {
  const auto& phones = rig_->phones();
  std::map<size_t, Item> items;
  for (size_t p = 0; p < phones.size(); ++p) {
    if (p < 2) {
      items[p] = rig_->Next(*phones[p]);
      phones[p]->device.SendCapture(items[p].Key(), rig_->Report(*phones[p], items[p]));
    }
    phones[p]->device.SendSync(rig_->server().address());
  }
  absl::SleepFor(absl::Milliseconds(random().Uniform(60)));
  const size_t victim = random().Uniform(phones.size() + 1);
  if (victim == phones.size()) {
    rig_->server().Kill();
  } else {
    phones[victim]->device.Kill();
  }
  Count("any moment");
  for (size_t p = 0; p < phones.size(); ++p) {
    Phone& phone = *phones[p];
    const bool captures = items.count(p) > 0;
    const Answer captured = captures ? phone.device.AwaitCapture(items[p].Key()) : Answer::kDone;
    ASSERT_NE(captured, Answer::kError) << phone.device.error();
    if (captured == Answer::kDone) phone.device.AwaitSync();
    if (p == victim) rig_->Restart(phone, captures ? &items[p] : nullptr);
    if (HasFailure()) return;
    if (captured != Answer::kDone) rig_->Capture(phone, items[p]);
    if (HasFailure()) return;
  }
}

void KillTest::RunRig(uint64_t seed, int cycles) {
  rig_ = std::make_unique<KillRig>(seed);
  rig_->SetUp();
  if (HasFailure()) return;
  hits_of_rig_.clear();

  // A capture that nobody disturbs tells how many calls there are to die in.
  Phone& phone = rig_->AnyAuthor();
  phone.kill_switch.Arm(phone.device.WalEnd(), {Never()});
  rig_->Capture(phone, rig_->Next(phone));
  calm_ = phone.kill_switch.Read();
  phone.kill_switch.Disarm();
  ASSERT_GT(calm_.writes, 0u);
  ASSERT_GT(calm_.syncs, 0u) << "Capture answered without an fsync";

  struct Way {
    const char* point;
    int wanted;
    void (KillTest::*kill)();
  };
  // More than must be, so that a kill that hits another point than meant does no harm.
  const int often = (cycles * 15 + 99) / 100;
  const std::vector<Way> ways = {
      {"capture", often, &KillTest::KillInCapture},
      {"commit", often, &KillTest::KillInCommit},
      {"response", often, &KillTest::KillAtResponse},
      {"projection", often, &KillTest::KillInProjection},
      {"feed", often, &KillTest::KillInFeed},
      {"client in sync", cycles / 10, &KillTest::KillClientInSync},
      {"any moment", cycles / 10, &KillTest::KillAtAnyMoment},
  };
  const int before = kills_;
  for (int tries = 0; tries < 5 * cycles; ++tries) {
    std::vector<const Way*> open;
    for (const Way& way : ways) {
      if (hits_of_rig_[way.point] < way.wanted) open.push_back(&way);
    }
    if (open.empty() && kills_ - before >= cycles) break;
    const Way& way = open.empty() ? ways.back() : *open[random().Uniform(open.size())];
    rig_->StartServerAtRest();
    if (HasFailure()) return;
    (this->*way.kill)();
    if (HasFailure()) return;
  }
  rig_->CheckTheEnd();
}

TEST_F(KillTest, WhateverDiesNothingIsLostAndNothingCountsTwice) {
  const int cycles = test::Effort("BARAZA_E2E_CYCLES", 100, 10);
  // Bounded, whatever a rig comes to: a twentieth of what it is asked for is too little.
  for (int rig = 0; kills_ < cycles && rig < 20 * (1 + cycles / kCyclesOfARig); ++rig) {
    RunRig(20261123 + static_cast<uint64_t>(rig), std::min(kCyclesOfARig, cycles - kills_));
    if (HasFailure()) break;
    std::cout << "kills: " << kills_ << " of " << cycles << std::endl;
  }
  for (const auto& [point, hits] : hits_) {
    std::cout << "kills: " << point << " " << hits << "\n";
    RecordProperty("kills " + point, hits);
  }
  std::cout << "kills: all " << kills_ << std::endl;
  for (const char* point : kPoints) EXPECT_GE(hits_[point], cycles / 10) << point;
  EXPECT_GE(kills_, cycles);
}

}  // namespace
}  // namespace baraza::e2e
