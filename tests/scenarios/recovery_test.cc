// Servers that were restored, phones that were copied, people who moved.

#include "tests/scenarios/scenario_test.h"

namespace baraza::testing {
namespace {

using RecoveryTest = ScenarioTest;

TEST_F(RecoveryTest, AServerRestoredFromAnOlderBackupIsSentWhatItLost) {
  World world(NewDirectory());
  Phone& phone = world.AddPhone("phone", "pwani");
  Captured(phone, CountingReport(world, "First forum", "2026-07-07", {"sahel"}));
  phone.Sync();
  const std::string backup = absl::StrCat(root(), "/backup.db");
  world.BackUp(backup);
  const std::string epoch = world.store().epoch();

  Captured(phone, CountingReport(world, "Second forum", "2026-08-04", {"andes"}));
  Captured(phone, CountingReport(world, "Third forum", "2026-09-08", {"delta"}));
  phone.Sync();
  const std::string before = world.StateWithoutPositions();
  EXPECT_EQ(world.Figure().value(), 3u);

  world.RestoreFrom(backup);
  EXPECT_NE(world.store().epoch(), epoch);
  EXPECT_EQ(world.Figure().value(), 1u);

  const v1::SyncSummary summary = phone.Sync();
  EXPECT_TRUE(summary.feed_was_reset());
  EXPECT_FALSE(summary.took_new_device_id());
  phone.Sync();
  EXPECT_EQ(world.Figure().value(), 3u);
  EXPECT_EQ(world.StateWithoutPositions(), before);
}

TEST_F(RecoveryTest, PendingWorkSurvivesARestoredServersReset) {
  World world(NewDirectory());
  Phone& phone = world.AddPhone("phone", "pwani");
  const std::string backup = absl::StrCat(root(), "/backup.db");
  world.BackUp(backup);
  const std::string acknowledged =
      Captured(phone, CountingReport(world, "Acknowledged", "2026-07-07", {"sahel"}));
  phone.Sync();
  const std::string pending =
      Captured(phone, CountingReport(world, "Pending", "2026-08-04", {"andes"}));
  world.RestoreFrom(backup);
  phone.Restart();
  phone.Sync();
  phone.Sync();
  for (const std::string& id : {acknowledged, pending}) {
    auto record = phone.client().Get(id);
    ASSERT_TRUE(record.ok()) << record.status();
    EXPECT_FALSE(record->pending());
    EXPECT_TRUE(world.projection().GetSession(id).ok());
  }
}

TEST_F(RecoveryTest, ACopiedDatabaseTakesANewDeviceIdAndLosesNothing) {
  World world(NewDirectory());
  Phone& original = world.AddPhone("original", "pwani");
  Captured(original, CountingReport(world, "Before the copy", "2026-07-07", {"sahel"}));
  original.Sync();
  Phone& copy = world.ClonePhone(original, "copy");
  EXPECT_EQ(copy.client().DeviceId(), original.client().DeviceId());

  const std::string by_original =
      Captured(original, CountingReport(world, "By the original", "2026-08-04", {"andes"}));
  const std::string by_copy =
      Captured(copy, CountingReport(world, "By the copy", "2026-09-08", {"delta"}));
  EXPECT_NE(by_original, by_copy);
  original.Sync();
  const v1::SyncSummary summary = copy.Sync();
  EXPECT_TRUE(summary.took_new_device_id());
  EXPECT_NE(copy.client().DeviceId(), original.client().DeviceId());
  original.Sync();
  copy.Sync();
  EXPECT_EQ(world.Figure().value(), 3u);
  for (Phone* phone : {&original, &copy}) {
    auto status = phone->client().Status();
    ASSERT_TRUE(status.ok());
    EXPECT_EQ(status->outbox(), 0u);
    EXPECT_EQ(status->quarantined(), 0u);
    for (const std::string& id : {by_original, by_copy}) {
      EXPECT_TRUE(phone->client().Get(id).ok());
    }
  }
}

TEST_F(RecoveryTest, APhoneRestoredFromItsOwnOldBackupNoticesAndGetsItsReportsBack) {
  World world(NewDirectory());
  Phone& phone = world.AddPhone("phone", "pwani");
  Phone& old = world.ClonePhone(phone, "old");
  const std::string id =
      Captured(phone, CountingReport(world, "After the backup", "2026-07-07", {"sahel"}));
  phone.Sync();
  phone.Close();

  const v1::SyncSummary summary = old.Sync();
  EXPECT_TRUE(summary.took_new_device_id());
  EXPECT_TRUE(old.client().Get(id).ok()) << "own-team operations come down with the feed";
  Captured(old, CountingReport(world, "Later", "2026-08-04", {"andes"}));
  old.Sync();
  EXPECT_EQ(world.Figure().value(), 2u);
  phone.Open();
}

TEST_F(RecoveryTest, AMovedPersonsPendingReportsStayWithTheTeamTheyWereWrittenIn) {
  World world(NewDirectory());
  Phone& phone = world.AddPhone("phone", "pwani");
  const std::string before =
      Captured(phone, CountingReport(world, "Written in the old team", "2026-07-07", {"sahel"}));
  phone.caller().grant.team_ids.insert(world.id("delta"));
  phone.caller().membership.set_team_id(world.id("delta"));
  phone.caller().membership.mutable_scope()->set_team_id(world.id("delta"));
  phone.Sync();
  const std::string after =
      Captured(phone, CountingReport(world, "Written in the new team", "2026-08-04", {"sahel"}));
  phone.Sync();

  auto first = world.store().GetRecordState(before);
  auto second = world.store().GetRecordState(after);
  ASSERT_TRUE(first.ok() && first->has_value());
  ASSERT_TRUE(second.ok() && second->has_value());
  EXPECT_EQ((*first)->team_id(), world.id("pwani"));
  EXPECT_EQ((*second)->team_id(), world.id("delta"));
  EXPECT_EQ(world.Figure().value(), 2u);
}

TEST_F(RecoveryTest, ASuspendedPhonePushesIntoTheQuarantineAndPullsNothing) {
  World world(NewDirectory());
  Phone& phone = world.AddPhone("phone", "pwani");
  const std::string id =
      Captured(phone, CountingReport(world, "Written while suspended", "2026-07-07", {"sahel"}));
  phone.caller().suspended = true;
  const auto summary = phone.client().Sync();
  EXPECT_EQ(summary.status().code(), absl::StatusCode::kPermissionDenied) << summary.status();
  world.Settle();
  EXPECT_EQ(world.Figure().value(), 0u);
  auto quarantine = world.store().ListQuarantine("", 0, 10);
  ASSERT_TRUE(quarantine.ok());
  EXPECT_EQ(quarantine->size(), 1u);
  auto kept = phone.client().Quarantine();
  ASSERT_TRUE(kept.ok());
  ASSERT_EQ(kept->size(), 1u);
  EXPECT_EQ((*kept)[0].record_id(), id);
  EXPECT_EQ((*kept)[0].reason(), v1::REJECTION_REASON_SUSPENDED);
  EXPECT_TRUE(phone.client().Get(id).ok()) << "it stays in effect on the phone";

  phone.caller().suspended = false;
  phone.Sync();
  EXPECT_EQ(world.Figure().value(), 1u) << "nothing was lost";
  EXPECT_TRUE(phone.client().Get(id).ok());
  kept = phone.client().Quarantine();
  ASSERT_TRUE(kept.ok());
  EXPECT_TRUE(kept->empty());
}

}  // namespace
}  // namespace baraza::testing
