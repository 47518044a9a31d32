// The same operations, however they arrive, are the same state.

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/civil_date.h"
#include "core/base/ids.h"
#include "core/base/sha256.h"
#include "core/indicator/figure.h"
#include "sync_server/limits.h"
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

// What is left after the server has made everything anew from the log.
std::string RebuiltState(World& world) {
  absl::Status rebuilt = absl::UnknownError("not answered");
  world.projection().Rebuild([&](absl::Status status) { rebuilt = std::move(status); });
  world.Settle();
  EXPECT_OK(rebuilt);
  return world.StateWithoutPositions();
}

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

  EXPECT_EQ(RebuiltState(world), incremental) << "after a rebuild";
}

// No session changes when a question about one is answered as the matcher had it, but the range of
// the figure that every phone has does.
TEST_F(ConvergenceTest, AnAnsweredQuestionIsAnsweredInTheFeed) {
  for (const v1::RulingKind kind : {v1::RULING_KIND_SAME, v1::RULING_KIND_DIFFERENT}) {
    World world(NewDirectory());
    Phone& pwani = world.AddPhone("a", "pwani");
    Phone& andes = world.AddPhone("b", "andes");
    v1::Ruling ruling;
    ruling.set_kind(kind);
    ruling.add_report_ids(Captured(
        pwani, CountingReport(world, "Coast forum on land rights", "2026-07-07", {"sahel"})));
    // A day later the two are more likely two sessions.
    ruling.add_report_ids(Captured(
        andes,
        CountingReport(world, "Savings circles meet",
                       kind == v1::RULING_KIND_SAME ? "2026-07-07" : "2026-07-08", {"sahel"})));
    pwani.Sync();
    andes.Sync();
    world.Settle();
    const v1::Figure before = world.Figure();
    ASSERT_EQ(before.value(), kind == v1::RULING_KIND_SAME ? 1u : 2u);
    ASSERT_EQ(before.doubtful_pairs_size(), 1);
    world.Append(v1::RECORD_TYPE_RULING, ruling);
    world.Settle();
    const v1::Figure after = world.Figure();
    EXPECT_EQ(after.value(), before.value());
    EXPECT_EQ(after.low(), after.high());
    const std::string incremental = world.StateWithoutPositions();
    EXPECT_EQ(RebuiltState(world), incremental) << v1::RulingKind_Name(kind);
  }
}

// The range holds what comes of either answer, also where each report names its own team only.
TEST_F(ConvergenceTest, TheRangeHoldsWhateverIsAnswered) {
  struct Case {
    int participants;
    v1::RulingKind answer;
    uint32_t before, after;
  };
  // Taken for one session of two teams, and for two of one team each.
  for (const Case& c :
       {Case{0, v1::RULING_KIND_DIFFERENT, 1, 0}, Case{52, v1::RULING_KIND_SAME, 0, 1}}) {
    World world(NewDirectory());
    Phone& pwani = world.AddPhone("a", "pwani");
    Phone& andes = world.AddPhone("b", "andes");
    v1::Record left =
        CountingReport(world, c.participants == 0 ? "Coast forum on land rights" : "Sharing day",
                       "2026-07-07", {"pwani"});
    v1::Record right = CountingReport(
        world, c.participants == 0 ? "Forum about land and seeds and water" : "Monthly meeting",
        "2026-07-08", {"andes"});
    if (c.participants != 0) {
      left.mutable_session_report()->mutable_participants()->set_total(30);
      right.mutable_session_report()->mutable_participants()->set_total(c.participants);
    }
    v1::Ruling ruling;
    ruling.set_kind(c.answer);
    ruling.add_report_ids(Captured(pwani, left));
    ruling.add_report_ids(Captured(andes, right));
    pwani.Sync();
    andes.Sync();
    world.Settle();
    const v1::Figure before = world.Figure();
    ASSERT_EQ(before.value(), c.before);
    EXPECT_EQ(before.low(), 0u);
    EXPECT_EQ(before.high(), 1u);
    EXPECT_EQ(OpenQuestionCount(before), 1u);
    world.Append(v1::RECORD_TYPE_RULING, ruling);
    world.Settle();
    const v1::Figure after = world.Figure();
    EXPECT_EQ(after.value(), c.after);
    EXPECT_EQ(after.low(), after.high());
  }
}

// An indicator on the issue "land"; its id.
std::string AddIndicator(World& world, v1::LateDataRule rule = v1::LATE_DATA_RULE_UNSPECIFIED) {
  v1::Indicator indicator;
  indicator.add_issue_ids(world.id("land"));
  indicator.set_period_scheme(v1::PERIOD_SCHEME_QUARTER);
  indicator.set_late_data_rule(rule);
  return world.Append(v1::RECORD_TYPE_INDICATOR, indicator).state.record_id();
}

// What comes late for a published period moves the figure of the next one that is not published.
TEST_F(ConvergenceTest, ALateReportMovesTheFigureThatCarriesIt) {
  World world(NewDirectory());
  Phone& phone = world.AddPhone("a", "pwani");
  const std::string indicator = AddIndicator(world, v1::LATE_DATA_RULE_CARRY_FORWARD);
  Captured(phone, CountingReport(world, "Land forum", "2026-01-13", {"sahel"}));
  Captured(phone, CountingReport(world, "Seeds for the dry season", "2026-04-21", {"sahel"}));
  phone.Sync();
  world.Settle();
  const auto figure_of = [&](const char* period, absl::CivilDay as_of) {
    v1::Figure figure;
    EXPECT_OK(world.projection().GetFigure(indicator, period, as_of, figure));
    return figure;
  };
  for (const char* period : {"2026-Q1", "2026-Q2"}) {
    const v1::Figure figure = figure_of(period, absl::CivilDay(2026, 7, 1));
    ASSERT_EQ(figure.value(), 1u);
    world.Append(v1::RECORD_TYPE_PUBLISHED_FIGURE, FreezeFigure(figure));
    world.Settle();
  }
  // The third quarter has no session of its own.
  Captured(phone, CountingReport(world, "Boats and nets", "2026-02-17", {"sahel"}));
  phone.Sync();
  world.Settle();
  EXPECT_EQ(figure_of("2026-Q3", absl::CivilDay(2026, 10, 1)).value(), 1u);
  const std::string incremental = world.StateWithoutPositions();
  EXPECT_EQ(RebuiltState(world), incremental);
}

// Phones are not left with the figures of an indicator that is no more, or of its periods of
// before.
TEST_F(ConvergenceTest, FiguresThatAreNotMadeAnyMoreLeaveTheFeed) {
  World world(NewDirectory());
  Phone& phone = world.AddPhone("a", "pwani");
  const std::string id = AddIndicator(world);
  Captured(phone, CountingReport(world, "Land forum", "2026-01-13", {"sahel"}));
  phone.Sync();
  v1::Indicator before = *world.projection().register_snapshot()->FindIndicator(id);
  v1::Indicator after = before;
  after.set_period_scheme(v1::PERIOD_SCHEME_MONTH);
  world.Append(v1::RECORD_TYPE_INDICATOR, after, id, &before);
  std::string incremental = world.StateWithoutPositions();
  EXPECT_EQ(RebuiltState(world), incremental) << "other periods";

  // What the feed holds is known after a restart, too.
  world.RestartServer();
  before = after;
  after.mutable_void_mark()->set_voided(true);
  world.Append(v1::RECORD_TYPE_INDICATOR, after, id, &before);
  incremental = world.StateWithoutPositions();
  EXPECT_EQ(RebuiltState(world), incremental) << "no indicator";
}

// A log that is taken in by several chunks moves the figures with the last one.
TEST_F(ConvergenceTest, ARestartBetweenTwoChunksLosesNoFigure) {
  World world(NewDirectory());
  Phone& phone = world.AddPhone("a", "pwani");
  v1::Record report = CountingReport(world, "Land forum", "2026-01-13", {"sahel"});
  const std::string id = Captured(phone, report);
  for (int64_t i = 1; i < server::kProjectionChunk; ++i) {
    report.mutable_session_report()->mutable_title()->set_text(absl::StrCat("Land forum ", i));
    ASSERT_OK(phone.client().Edit(id, report).status());
  }
  Captured(phone, CountingReport(world, "Seeds for the dry season", "2026-07-21", {"sahel"}));
  ASSERT_OK(phone.client().Sync().status());
  ASSERT_TRUE(world.Step()) << "there is more in the log than one chunk takes";
  world.RestartServer();
  const std::string incremental = world.StateWithoutPositions();
  EXPECT_EQ(RebuiltState(world), incremental);
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
  // All is as it was but the ruling itself, and the hash over all operations.
  const auto without_rulings = [](const std::string& state) {
    std::vector<std::string> kept;
    for (const absl::string_view part : absl::StrSplit(state, "record\n")) {
      if (absl::StrContains(part, "RECORD_TYPE_RULING")) continue;
      for (const absl::string_view line : absl::StrSplit(part, '\n')) {
        if (!absl::StartsWith(line, "operations_sha256")) kept.emplace_back(line);
      }
    }
    return kept;
  };
  const std::string after = world.StateWithoutPositions();
  EXPECT_EQ(without_rulings(after), without_rulings(before));
  EXPECT_EQ(RebuiltState(world), after);
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
