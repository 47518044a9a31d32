// The same operations, however they arrive, are the same state.

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "core/base/civil_date.h"
#include "core/base/ids.h"
#include "core/base/sha256.h"
#include "tests/scenarios/scenario_test.h"
#include "tests/testing/status_matchers.h"

namespace baraza::testing {
namespace {

using ConvergenceTest = ScenarioTest;

// Four phones of four teams capture offline, two of them the same session.
struct FourPhones {
  explicit FourPhones(World& world) : world(world) {
    for (const char* team : {"pwani", "delta", "sahel", "andes"}) {
      phones.push_back(&world.AddPhone(team, team));
    }
    reports.push_back(
        Captured(*phones[0], CountingReport(world, "Land forum", "2026-07-07", {"sahel"})));
    reports.push_back(
        Captured(*phones[2], CountingReport(world, "Land forum", "2026-07-07", {"pwani"})));
    reports.push_back(Captured(
        *phones[1], CountingReport(world, "Exchange visit to the delta", "2026-08-11", {"andes"})));
    reports.push_back(Captured(*phones[3], CountingReport(world, "Review of the andes programme",
                                                          "2026-09-02", {"andes"})));
  }
  World& world;
  std::vector<Phone*> phones;
  std::vector<std::string> reports;
};

TEST_F(ConvergenceTest, FourDevicesInEveryOrderGiveOneState) {
  std::vector<int> order(4);
  std::iota(order.begin(), order.end(), 0);
  std::string first_state;
  do {
    World world(NewDirectory());
    FourPhones four(world);
    for (const int i : order) four.phones[i]->Sync();
    const std::string state = world.StateWithoutPositions();
    if (first_state.empty()) {
      first_state = state;
      EXPECT_EQ(world.Figure().value(), 2u);
    }
    ASSERT_EQ(state, first_state) << ::testing::PrintToString(order);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(ConvergenceTest, TheSameBatchTwiceIsOnce) {
  World once(NewDirectory());
  FourPhones a(once);
  for (Phone* phone : a.phones) phone->Sync();

  World twice(NewDirectory());
  FourPhones b(twice);
  for (Phone* phone : b.phones) {
    phone->DeliverTwice(true);
    const v1::SyncSummary summary = phone->Sync();
    EXPECT_EQ(summary.accepted(), 1u);
    EXPECT_EQ(summary.rejected(), 0u);
  }
  EXPECT_EQ(twice.StateWithoutPositions(), once.StateWithoutPositions());
}

TEST_F(ConvergenceTest, LostAnswersCostARetryAndNothingElse) {
  World clean(NewDirectory());
  FourPhones a(clean);
  for (Phone* phone : a.phones) phone->Sync();

  World lossy(NewDirectory());
  FourPhones b(lossy);
  for (Phone* phone : b.phones) {
    phone->LoseResponses(3);
    phone->Sync();
    auto status = phone->client().Status();
    ASSERT_TRUE(status.ok());
    EXPECT_EQ(status->outbox(), 0u);
    EXPECT_EQ(status->quarantined(), 0u);
  }
  EXPECT_EQ(lossy.StateWithoutPositions(), clean.StateWithoutPositions());
}

TEST_F(ConvergenceTest, IncrementalEqualsRebuilt) {
  World world(NewDirectory());
  FourPhones four(world);
  for (Phone* phone : four.phones) {
    phone->Sync();
    phone->Sync();
  }
  const std::string incremental = world.StateWithoutPositions();
  world.RestartServer();
  EXPECT_EQ(world.StateWithoutPositions(), incremental) << "after a restart";

  absl::Status rebuilt = absl::UnknownError("not answered");
  world.projection().Rebuild([&](absl::Status status) { rebuilt = std::move(status); });
  world.Settle();
  ASSERT_TRUE(rebuilt.ok()) << rebuilt;
  EXPECT_EQ(world.StateWithoutPositions(), incremental) << "after a rebuild";
}

TEST_F(ConvergenceTest, AFigureNamesTheOperationsThatItComesFrom) {
  World world(NewDirectory());
  FourPhones four(world);
  // SHA-256 over the sorted hashes of all operations, as anybody can make it from the log.
  const auto expected = [&world](int64_t position) {
    Sha256Hasher hasher;
    EXPECT_OK(world.store().Read([&](server::StoreReads& reads) -> absl::Status {
      return reads.OperationHashes(
          position, [&](absl::string_view, const Sha256Digest& hash) -> absl::Status {
            hasher.Update(hash.AsBytes());
            return absl::OkStatus();
          });
    }));
    return std::string(hasher.Finish().AsBytes());
  };
  std::set<std::string> seen;
  for (Phone* phone : four.phones) {
    phone->Sync();
    world.Settle();
    const v1::Figure figure = world.Figure();
    EXPECT_EQ(figure.operations_sha256(), expected(figure.log_position()));
    EXPECT_EQ(world.Figure().SerializeAsString(), figure.SerializeAsString());
    seen.insert(figure.operations_sha256());
  }
  EXPECT_EQ(seen.size(), 4u) << "each brought something";
  world.RestartServer();
  const v1::Figure figure = world.Figure();
  EXPECT_EQ(figure.operations_sha256(), expected(figure.log_position()));
}

TEST_F(ConvergenceTest, ClocksOf1970And2099ChangeNoOrder) {
  World world(NewDirectory());
  Phone& past = world.AddPhone("past", "pwani");
  Phone& future = world.AddPhone("future", "sahel");
  past.clock().SetNow(absl::FromUnixSeconds(0));
  future.clock().SetNow(absl::FromCivil(absl::CivilSecond(2099, 1, 1), absl::UTCTimeZone()));
  const std::string old_report =
      Captured(past, CountingReport(world, "Forum on land", "2026-07-07", {"sahel"}));
  Captured(future, CountingReport(world, "Forum on land", "2026-07-07", {"pwani"}));
  world.SyncAll();
  EXPECT_EQ(world.Figure().value(), 1u);

  // The phone in 1970 edits after it has seen everything: its word is the last.
  auto report = past.client().Get(old_report);
  ASSERT_TRUE(report.ok()) << report.status();
  v1::Record edited = report->record();
  edited.mutable_session_report()->mutable_dates()->set_earliest("2026-07-14");
  ASSERT_TRUE(past.client().Edit(old_report, edited).ok());
  world.SyncAll();
  EXPECT_EQ(world.Figure().value(), 2u);
}

TEST_F(ConvergenceTest, ConcurrentEditsShowAConflictUntilSomebodySettlesIt) {
  World world(NewDirectory());
  Phone& author = world.AddPhone("author", "pwani");
  Phone& lead = world.AddPhone("lead", "pwani", v1::ROLE_TEAM_LEAD);
  const std::string id = Captured(author, CountingReport(world, "Forum", "2026-07-07", {"sahel"}));
  world.SyncAll();

  const auto retitle = [&](Phone& phone, const std::string& title) {
    auto report = phone.client().Get(id);
    ASSERT_TRUE(report.ok()) << report.status();
    v1::Record edited = report->record();
    edited.mutable_session_report()->mutable_title()->set_text(title);
    auto done = phone.client().Edit(id, edited);
    ASSERT_TRUE(done.ok()) << done.status();
  };
  retitle(author, "Forum of the coast");
  retitle(lead, "Forum of the shore");
  world.SyncAll();

  auto on_author = author.client().Get(id);
  auto on_lead = lead.client().Get(id);
  ASSERT_TRUE(on_author.ok() && on_lead.ok());
  EXPECT_EQ(on_author->state().SerializeAsString(), on_lead->state().SerializeAsString());
  const v1::Conflict* conflict = nullptr;
  for (const v1::Conflict& each : on_author->state().conflicts()) {
    if (each.field() == "title") conflict = &each;
  }
  ASSERT_NE(conflict, nullptr);
  ASSERT_EQ(conflict->losers_size(), 1);
  const std::string loser = conflict->losers(0).op_id();
  const std::string winning_title = on_author->record().session_report().title().text();

  auto resolved = lead.client().ResolveConflict(id, conflict->field_number(), "", loser);
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  world.SyncAll();
  on_author = author.client().Get(id);
  ASSERT_TRUE(on_author.ok());
  EXPECT_NE(on_author->record().session_report().title().text(), winning_title);
  for (const v1::Conflict& each : on_author->state().conflicts()) {
    EXPECT_NE(each.field(), "title");
  }
}

TEST_F(ConvergenceTest, AVoidHoldsAgainstALaterEdit) {
  World world(NewDirectory());
  Phone& author = world.AddPhone("author", "pwani");
  Phone& lead = world.AddPhone("lead", "pwani", v1::ROLE_TEAM_LEAD);
  const std::string id = Captured(author, CountingReport(world, "Forum", "2026-07-07", {"sahel"}));
  world.SyncAll();
  EXPECT_EQ(world.Figure().value(), 1u);

  v1::LocalText reason;
  reason.set_text("entered twice");
  ASSERT_TRUE(lead.client().Void(id, reason).ok());
  auto report = author.client().Get(id);
  ASSERT_TRUE(report.ok());
  v1::Record edited = report->record();
  edited.mutable_session_report()->mutable_title()->set_text("Forum, corrected");
  ASSERT_TRUE(author.client().Edit(id, edited).ok());
  world.SyncAll();
  EXPECT_EQ(world.Figure().value(), 0u);
  auto on_author = author.client().Get(id);
  ASSERT_TRUE(on_author.ok());
  EXPECT_TRUE(on_author->state().voided());

  ASSERT_TRUE(lead.client().Unvoid(id).ok());
  world.SyncAll();
  EXPECT_EQ(world.Figure().value(), 1u);
}

TEST_F(ConvergenceTest, ATeamRegisteredAfterItsReportsCounts) {
  World world(NewDirectory());
  Phone& phone = world.AddPhone("phone", "pwani");
  v1::Record record = CountingReport(world, "Visit of the Lagoon Watch", "2026-07-07", {});
  v1::ParticipatingTeam& stranger = *record.mutable_session_report()->add_participating_teams();
  stranger.set_element_id("x");
  stranger.set_unregistered_name("Lagoon Watch");
  stranger.set_present(v1::YES_NO_YES);
  Captured(phone, record);
  phone.Sync();
  v1::Figure figure = world.Figure();
  EXPECT_EQ(figure.value(), 0u);
  EXPECT_EQ(figure.high(), 1u);
  ASSERT_EQ(figure.undetermined_size(), 1);

  v1::Team team;
  team.set_title("Lagoon Watch");
  team.set_organisation_id(world.id("desert"));
  world.Append(v1::RECORD_TYPE_TEAM, team);
  world.Settle();
  figure = world.Figure();
  EXPECT_EQ(figure.value(), 1u);
  EXPECT_EQ(figure.high(), 1u);
}

TEST_F(ConvergenceTest, RulingsJoinPartAndAreWithdrawnWithoutATrace) {
  World world(NewDirectory());
  Phone& pwani = world.AddPhone("a", "pwani");
  Phone& sahel = world.AddPhone("b", "sahel");
  const std::string first =
      Captured(pwani, CountingReport(world, "Land forum", "2026-07-07", {"sahel"}));
  const std::string second =
      Captured(sahel, CountingReport(world, "Seeds for the dry season", "2026-07-21", {"pwani"}));
  pwani.Sync();
  sahel.Sync();
  const std::string before = world.StateWithoutPositions();
  EXPECT_EQ(world.Figure().value(), 2u);

  v1::Ruling same;
  same.set_kind(v1::RULING_KIND_SAME);
  same.add_report_ids(first);
  same.add_report_ids(second);
  const auto ruled = world.Append(v1::RECORD_TYPE_RULING, same);
  world.Settle();
  EXPECT_EQ(world.Figure().value(), 1u);

  v1::Ruling withdrawn;
  ASSERT_TRUE(withdrawn.ParseFromString(ruled.state.record()));
  v1::Ruling voided = withdrawn;
  voided.mutable_void_mark()->set_voided(true);
  world.Append(v1::RECORD_TYPE_RULING, voided, ruled.state.record_id(), &withdrawn);
  world.Settle();
  EXPECT_EQ(world.Figure().value(), 2u);
  auto session = world.projection().GetSession(second);
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->session_id(), second);
  EXPECT_NE(before.find(session->values().title().text()), std::string::npos);
}

TEST_F(ConvergenceTest, ANewerClientsFieldTravelsThroughAnOlderServerAndBack) {
  World world(NewDirectory());
  Phone& newer = world.AddPhone("newer", "pwani");
  Phone& older = world.AddPhone("older", "pwani", v1::ROLE_TEAM_LEAD);
  v1::Record record = CountingReport(world, "Forum", "2026-07-07", {"sahel"});
  constexpr int kFieldOfTheFuture = 900;
  auto* unknown = record.mutable_session_report()->GetReflection()->MutableUnknownFields(
      record.mutable_session_report());
  unknown->AddLengthDelimited(kFieldOfTheFuture, "what only the newer client knows");
  const std::string id = Captured(newer, record);
  world.SyncAll();

  auto seen = older.client().Get(id);
  ASSERT_TRUE(seen.ok()) << seen.status();
  v1::Record edited = seen->record();
  edited.mutable_session_report()->mutable_title()->set_text("Forum, as the older client has it");
  ASSERT_TRUE(older.client().Edit(id, edited).ok());
  world.SyncAll();

  auto back = newer.client().Get(id);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->record().session_report().title().text(), "Forum, as the older client has it");
  EXPECT_NE(back->state().record().find("what only the newer client knows"), std::string::npos);
}

}  // namespace
}  // namespace baraza::testing
