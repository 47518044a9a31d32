#include "sync_server/consolidation/consolidator.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "core/match/model.h"
#include "core/model/record_types.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baraza::server {
namespace {

using ::testing::SizeIs;

// Ids that are always the same.
std::string Id(const std::string& prefix, uint64_t n) {
  Uuid uuid{};
  for (int i = 0; i < 8; ++i) uuid[15 - i] = static_cast<uint8_t>(n >> (8 * i));
  return absl::StrCat(prefix, "_", EncodeIdSuffix(uuid));
}

template <typename T>
v1::RecordState StateOf(const T& record, const std::string& id, const std::string& team,
                        uint64_t lamport) {
  T stored = record;
  stored.set_id(id);
  v1::RecordState state;
  state.set_record_id(id);
  state.set_type(RecordTypeOf(*T::descriptor()));
  state.set_team_id(team);
  state.set_record(stored.SerializeAsString());
  state.set_created(true);
  state.set_voided(stored.void_mark().voided());
  state.set_lamport(lamport);
  state.set_created_lamport(lamport);
  return state;
}

// A consolidator with the states it was given, as the store would keep them.
class Bench {
 public:
  Bench() : consolidator_(ShippedModel()) {}

  void Apply(const v1::RecordState& state) { consolidator_.Apply(state); }
  ConsolidationChange Settle() {
    auto change = consolidator_.Settle(
        [&](absl::string_view id) -> absl::StatusOr<std::optional<v1::RecordState>> {
          auto it = stored_.find(std::string(id));
          if (it == stored_.end()) return std::optional<v1::RecordState>();
          return it->second;
        });
    EXPECT_TRUE(change.ok()) << change.status();
    if (!change.ok()) return {};
    for (const v1::RecordState& state : change->records) stored_[state.record_id()] = state;
    return *std::move(change);
  }
  Consolidator& consolidator() { return consolidator_; }
  const v1::RecordState& stored(const std::string& id) const { return stored_.at(id); }

  // Everything that must be the same however it came about.
  std::string State() const {
    std::string state = absl::StrCat(Sessions(), Records());
    for (const auto& [id, record] : stored_) absl::StrAppend(&state, record.DebugString(), "\n");
    return state;
  }

  // What reports are compared by.
  std::string Records() const {
    std::string records;
    for (const auto& [id, session] : consolidator_.sessions()) {
      for (const v1::SessionMember& member : session->members()) {
        const auto features = consolidator_.index().FindFeatures(member.report_id());
        absl::StrAppend(&records, member.report_id(), " ",
                        absl::StrJoin(features->fingerprint, " "), " ", features->shown.teams, " ",
                        features->shown.organiser, " ", features->shown.reporter, "\n");
      }
    }
    return records;
  }

  // What rulings may move.
  std::string Sessions() const {
    std::string state;
    for (const auto& [id, session] : consolidator_.sessions()) {
      absl::StrAppend(&state, session->DebugString(), "\n");
      for (const auto& pair : consolidator_.index().DoubtfulPairsOf(id)) {
        absl::StrAppend(&state, pair.left_report_id, " ", pair.right_report_id, " ", pair.score,
                        "\n");
      }
    }
    for (const RulingContradiction& contradiction : consolidator_.contradictions()) {
      absl::StrAppend(&state, contradiction.ruling_id, " against ",
                      absl::StrJoin(contradiction.against, " "), "\n");
    }
    return state;
  }

 private:
  Consolidator consolidator_;
  std::map<std::string, v1::RecordState> stored_;
};

class ConsolidatorTest : public ::testing::Test {
 protected:
  static constexpr int kTeams = 4;

  std::vector<v1::RecordState> RegisterStates() {
    std::vector<v1::RecordState> states;
    v1::Issue issue;
    issue.mutable_title()->add_values()->set_text("land");
    states.push_back(StateOf(issue, Id("iss", 1), "", 1));
    for (uint64_t i = 1; i <= kTeams; ++i) {
      v1::Organisation organisation;
      organisation.set_title(absl::StrCat("Organisation ", i));
      states.push_back(StateOf(organisation, Id("org", i), "", 1));
      v1::Team team;
      team.set_title(absl::StrCat("Team number ", i));
      team.set_organisation_id(Id("org", i));
      states.push_back(StateOf(team, Id("tem", i), "", 1));
    }
    v1::Indicator indicator;
    indicator.add_issue_ids(Id("iss", 1));
    states.push_back(StateOf(indicator, Id("ind", 1), "", 1));
    return states;
  }

  static v1::SessionReport Report(const std::string& title, const std::string& date,
                                  uint64_t other) {
    v1::SessionReport report;
    report.mutable_title()->set_text(title);
    report.set_issue_id(Id("iss", 1));
    report.set_held_status(v1::HELD_STATUS_HELD);
    report.mutable_dates()->set_earliest(date);
    report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
    report.mutable_venue()->set_locality("Mombasa");
    report.mutable_venue()->set_country("KE");
    v1::ParticipatingTeam& team = *report.add_participating_teams();
    team.set_element_id("t1");
    team.set_team_id(Id("tem", other));
    team.set_present(v1::YES_NO_YES);
    report.set_reporting_team_present(v1::YES_NO_YES);
    report.set_experiences_shared(v1::YES_NO_YES);
    report.set_learned_from_each_other(v1::YES_NO_YES);
    return report;
  }

  v1::RecordState ReportState(uint64_t n, const v1::SessionReport& report, uint64_t team,
                              uint64_t lamport = 5) {
    v1::SessionReport stored = report;
    stored.set_team_id(Id("tem", team));
    return StateOf(stored, Id("rep", n), Id("tem", team), lamport);
  }

  static v1::RecordState RulingState(uint64_t n, v1::RulingKind kind,
                                     const std::vector<std::string>& reports, uint64_t lamport,
                                     const std::string& author = "", bool withdrawn = false) {
    v1::Ruling ruling;
    ruling.set_kind(kind);
    for (const std::string& report : reports) ruling.add_report_ids(report);
    if (withdrawn) ruling.mutable_void_mark()->set_voided(true);
    v1::RecordState state = StateOf(ruling, Id("rul", n), "", lamport);
    state.set_author_id(author);
    return state;
  }

  // Takes the states in, in several orders and batches, and expects the same each time.
  static void ExpectStateOfRebuild(const std::vector<v1::RecordState>& history, Random& random,
                                   const std::string& what) {
    std::map<std::string, v1::RecordState> last;
    std::map<std::string, std::vector<v1::RecordState>> of_record;
    for (const auto& state : history) {
      last[state.record_id()] = state;
      of_record[state.record_id()].push_back(state);
    }
    Bench rebuilt;
    for (const auto& [id, state] : last) rebuilt.Apply(state);
    rebuilt.Settle();
    const std::string expected = rebuilt.State();
    for (int order = 0; order < 3; ++order) {
      // Any order in which each record's own states keep theirs.
      std::vector<v1::RecordState> shuffled = history;
      for (size_t i = shuffled.size(); i > 1; --i) {
        std::swap(shuffled[i - 1], shuffled[random.Uniform(i)]);
      }
      std::map<std::string, size_t> next;
      Bench bench;
      for (const auto& state : shuffled) {
        bench.Apply(of_record[state.record_id()][next[state.record_id()]++]);
        if (random.Uniform(3) == 0) bench.Settle();
      }
      bench.Settle();
      ASSERT_EQ(bench.State(), expected) << what << ", order " << order;
    }
  }

  static v1::RecordState ProgrammeState(bool approval, uint64_t lamport) {
    v1::Programme programme;
    if (approval) programme.set_rulings_need_approval(true);
    return StateOf(programme, Id("prg", 1), "", lamport);
  }
};

TEST_F(ConsolidatorTest, TwoAccountsOfOneSessionAreOne) {
  Bench bench;
  for (const auto& state : RegisterStates()) bench.Apply(state);
  bench.Apply(ReportState(1, Report("Forum on land", "2026-07-07", 2), 1));
  bench.Apply(ReportState(2, Report("Forum on land", "2026-07-07", 1), 2));
  const ConsolidationChange change = bench.Settle();
  ASSERT_THAT(change.changed, SizeIs(1));
  EXPECT_EQ(change.changed[0]->session_id(), Id("rep", 1));
  EXPECT_EQ(change.changed[0]->members_size(), 2);
  ASSERT_EQ(change.changed[0]->qualifications_size(), 1);
  EXPECT_EQ(change.changed[0]->qualifications(0).qualifies(), v1::QUALIFIES_YES);
  EXPECT_EQ(change.changed[0]->qualifications(0).indicator_id(), Id("ind", 1));
}

TEST_F(ConsolidatorTest, WhatDidNotChangeIsNotReported) {
  Bench bench;
  for (const auto& state : RegisterStates()) bench.Apply(state);
  const auto report = ReportState(1, Report("Forum on land", "2026-07-07", 2), 1);
  bench.Apply(report);
  bench.Settle();
  bench.Apply(report);
  const ConsolidationChange change = bench.Settle();
  EXPECT_THAT(change.changed, SizeIs(0));
  EXPECT_THAT(change.removed, SizeIs(0));
}

TEST_F(ConsolidatorTest, AVoidedReportLeavesItsSession) {
  Bench bench;
  for (const auto& state : RegisterStates()) bench.Apply(state);
  bench.Apply(ReportState(1, Report("Forum on land", "2026-07-07", 2), 1));
  bench.Apply(ReportState(2, Report("Forum on land", "2026-07-07", 1), 2));
  bench.Settle();
  v1::SessionReport voided = Report("Forum on land", "2026-07-07", 2);
  voided.mutable_void_mark()->set_voided(true);
  bench.Apply(ReportState(1, voided, 1, 9));
  const ConsolidationChange change = bench.Settle();
  ASSERT_THAT(change.removed, SizeIs(1));
  EXPECT_EQ(change.removed[0]->session_id(), Id("rep", 1));
  ASSERT_THAT(change.changed, SizeIs(1));
  EXPECT_EQ(change.changed[0]->session_id(), Id("rep", 2));
}

TEST_F(ConsolidatorTest, AReportOnAnUnknownIssueWaitsForIt) {
  Bench bench;
  for (const auto& state : RegisterStates()) bench.Apply(state);
  v1::SessionReport report = Report("Forum", "2026-07-07", 2);
  report.set_issue_id(Id("iss", 7));
  bench.Apply(ReportState(1, report, 1));
  bench.Settle();
  EXPECT_THAT(bench.consolidator().sessions(), SizeIs(0));
  ASSERT_GE(bench.stored(Id("rep", 1)).findings_size(), 1);

  v1::Issue issue;
  issue.mutable_title()->add_values()->set_text("soil");
  bench.Apply(StateOf(issue, Id("iss", 7), "", 1));
  bench.Settle();
  EXPECT_THAT(bench.consolidator().sessions(), SizeIs(1));
  EXPECT_EQ(bench.stored(Id("rep", 1)).findings_size(), 0);
}

TEST_F(ConsolidatorTest, TheSameImportRowTwiceCountsOnce) {
  Bench bench;
  for (const auto& state : RegisterStates()) bench.Apply(state);
  v1::SessionReport first = Report("Forum", "2026-07-07", 2);
  first.set_import_key("row 4");
  v1::SessionReport second = Report("Something quite different", "2026-09-21", 3);
  second.set_import_key("row 4");
  bench.Apply(ReportState(2, second, 1));
  bench.Settle();
  EXPECT_THAT(bench.consolidator().sessions(), SizeIs(1));
  bench.Apply(ReportState(1, first, 1));
  bench.Settle();
  ASSERT_THAT(bench.consolidator().sessions(), SizeIs(1));
  EXPECT_EQ(bench.consolidator().sessions().begin()->first, Id("rep", 1));
  ASSERT_EQ(bench.stored(Id("rep", 2)).findings_size(), 1);
  EXPECT_EQ(bench.stored(Id("rep", 2)).findings(0).kind(), v1::Finding::KIND_DUPLICATE_IMPORT_KEY);
}

TEST_F(ConsolidatorTest, ASubSessionKnowsItsConferenceAndTheOtherWayRound) {
  Bench bench;
  for (const auto& state : RegisterStates()) bench.Apply(state);
  v1::SessionReport part = Report("Workshop on seeds", "2026-07-08", 2);
  part.mutable_part_of()->set_report_id(Id("rep", 2));
  bench.Apply(ReportState(1, part, 1));
  bench.Settle();
  bench.Apply(ReportState(2, Report("Conference of the coast", "2026-07-07", 3), 1));
  bench.Settle();
  const auto& sessions = bench.consolidator().sessions();
  ASSERT_THAT(sessions, SizeIs(2));
  EXPECT_EQ(sessions.at(Id("rep", 1))->part_of_session_id(), Id("rep", 2));
  ASSERT_EQ(sessions.at(Id("rep", 2))->sub_session_ids_size(), 1);
  EXPECT_EQ(sessions.at(Id("rep", 2))->sub_session_ids(0), Id("rep", 1));
}

TEST_F(ConsolidatorTest, AFailedReadLosesNothing) {
  Consolidator consolidator(ShippedModel());
  std::map<std::string, v1::RecordState> stored;
  bool broken = false;
  const Consolidator::RecordReader reader =
      [&](absl::string_view id) -> absl::StatusOr<std::optional<v1::RecordState>> {
    if (broken) return absl::UnavailableError("disk");
    return stored.at(std::string(id));
  };
  for (const auto& state : RegisterStates()) consolidator.Apply(state);
  consolidator.Apply(ReportState(1, Report("Forum", "2026-07-07", 2), 1));
  auto first = consolidator.Settle(reader);
  ASSERT_TRUE(first.ok());
  for (const auto& state : first->records) stored[state.record_id()] = state;
  broken = true;
  v1::Team renamed;
  renamed.set_title("Another name");
  renamed.set_organisation_id(Id("org", 2));
  consolidator.Apply(StateOf(renamed, Id("tem", 1), "", 9));
  EXPECT_FALSE(consolidator.Settle(reader).ok());
  broken = false;
  auto second = consolidator.Settle(reader);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_THAT(second->changed, SizeIs(1));
  EXPECT_EQ(second->changed[0]->teams(0).organisation_id(), Id("org", 2));
}

TEST_F(ConsolidatorTest, AnAdoptedPriorIsARebuildAndGoesAwayWithItsRecord) {
  Bench bench;
  for (const auto& state : RegisterStates()) bench.Apply(state);
  bench.Apply(ReportState(1, Report("Forum on land", "2026-07-07", 2), 1));
  bench.Apply(ReportState(2, Report("Forum on land", "2026-07-07", 1), 2));
  bench.Settle();
  v1::ModelAdoption adoption;
  adoption.set_model_version(ShippedModel().version());
  adoption.set_prior_milli_nats(-100'000);
  bench.Apply(StateOf(adoption, Id("mdl", 1), "", 9));
  bench.Settle();
  EXPECT_THAT(bench.consolidator().sessions(), SizeIs(2));
  adoption.mutable_void_mark()->set_voided(true);
  bench.Apply(StateOf(adoption, Id("mdl", 1), "", 10));
  bench.Settle();
  EXPECT_THAT(bench.consolidator().sessions(), SizeIs(1));
}

TEST_F(ConsolidatorTest, AnAdoptedModelThatIsNotShippedSaysSo) {
  Bench bench;
  for (const auto& state : RegisterStates()) bench.Apply(state);
  v1::ModelAdoption adoption;
  adoption.set_model_version("fitted-of-another-day");
  adoption.set_prior_milli_nats(-100'000);
  bench.Apply(StateOf(adoption, Id("mdl", 1), "", 9));
  adoption.set_model_version(ShippedModel().version());
  adoption.set_prior_milli_nats(-1000);
  bench.Apply(StateOf(adoption, Id("mdl", 2), "", 8));
  bench.Settle();
  ASSERT_EQ(bench.stored(Id("mdl", 1)).findings_size(), 1);
  const v1::Finding& finding = bench.stored(Id("mdl", 1)).findings(0);
  EXPECT_EQ(finding.kind(), v1::Finding::KIND_MODEL_NOT_SHIPPED);
  EXPECT_THAT(finding.detail(), testing::HasSubstr(ShippedModel().version()));
  EXPECT_EQ(bench.stored(Id("mdl", 2)).findings_size(), 0);
  EXPECT_EQ(bench.consolidator().model().prior_milli_nats(), -1000);
}

TEST_F(ConsolidatorTest, ARulingWaitsForASecondPersonWhereTheProgrammeAsksForOne) {
  Bench bench;
  for (const auto& state : RegisterStates()) bench.Apply(state);
  bench.Apply(ProgrammeState(/*approval=*/true, 2));
  bench.Apply(ReportState(1, Report("Forum on land", "2026-07-07", 2), 1));
  bench.Apply(ReportState(2, Report("Forum on land", "2026-07-07", 1), 2));
  const std::vector<std::string> pair = {Id("rep", 1), Id("rep", 2)};
  bench.Apply(RulingState(1, v1::RULING_KIND_DIFFERENT, pair, 10, "ada"));
  bench.Settle();
  const std::string without = bench.Sessions();
  EXPECT_THAT(bench.consolidator().sessions(), SizeIs(1)) << "one person moves nothing";
  bench.Apply(RulingState(2, v1::RULING_KIND_DIFFERENT, pair, 11, "ben"));
  bench.Settle();
  EXPECT_THAT(bench.consolidator().sessions(), SizeIs(2));
  bench.Apply(RulingState(1, v1::RULING_KIND_DIFFERENT, pair, 10, "ada", /*withdrawn=*/true));
  bench.Settle();
  EXPECT_EQ(bench.Sessions(), without);
  // Where nobody asks for a second person, the one who is left decides; and it can be turned back.
  bench.Apply(ProgrammeState(false, 20));
  bench.Settle();
  EXPECT_THAT(bench.consolidator().sessions(), SizeIs(2));
  bench.Apply(ProgrammeState(true, 21));
  bench.Settle();
  EXPECT_EQ(bench.Sessions(), without);
}

TEST_F(ConsolidatorTest, ARulingThatASessionCountsWaitsToo) {
  Bench bench;
  for (const auto& state : RegisterStates()) bench.Apply(state);
  bench.Apply(ProgrammeState(/*approval=*/true, 2));
  bench.Apply(ReportState(1, Report("Forum on land", "2026-07-07", 2), 1));
  const auto qualifies = [&] {
    bench.Settle();
    return bench.consolidator().sessions().begin()->second->qualifications(0).qualifies();
  };
  bench.Apply(RulingState(1, v1::RULING_KIND_DOES_NOT_COUNT, {Id("rep", 1)}, 10, "ada"));
  EXPECT_EQ(qualifies(), v1::QUALIFIES_YES);
  bench.Apply(RulingState(2, v1::RULING_KIND_DOES_NOT_COUNT, {Id("rep", 1)}, 11, "ben"));
  EXPECT_EQ(qualifies(), v1::QUALIFIES_NO);
  bench.Apply(RulingState(2, v1::RULING_KIND_DOES_NOT_COUNT, {Id("rep", 1)}, 11, "ben", true));
  EXPECT_EQ(qualifies(), v1::QUALIFIES_YES);
}

TEST_F(ConsolidatorTest, AProgrammeRecordOfAnotherProgrammeIsOfNoAccount) {
  v1::Programme programme;
  programme.set_rulings_need_approval(true);
  v1::RecordState stray = StateOf(programme, Id("prg", 1), "", 3);
  stray.set_programme_id(Id("prg", 2));
  v1::RecordState own = StateOf(v1::Programme(), Id("prg", 2), "", 2);
  own.set_programme_id(Id("prg", 2));
  for (const bool stray_first : {false, true}) {
    Bench bench;
    for (const auto& state : RegisterStates()) bench.Apply(state);
    bench.Apply(stray_first ? stray : own);
    bench.Apply(stray_first ? own : stray);
    bench.Apply(ReportState(1, Report("Forum on land", "2026-07-07", 2), 1));
    bench.Apply(RulingState(1, v1::RULING_KIND_DOES_NOT_COUNT, {Id("rep", 1)}, 10, "ada"));
    bench.Settle();
    EXPECT_EQ(bench.consolidator().sessions().begin()->second->qualifications(0).qualifies(),
              v1::QUALIFIES_NO);
    EXPECT_EQ(bench.consolidator().register_snapshot().FindProgramme()->id(), Id("prg", 2));
  }
}

TEST_F(ConsolidatorTest, AVoidedEntryRewritesWhatReferredToIt) {
  Bench bench;
  for (const auto& state : RegisterStates()) bench.Apply(state);
  bench.Apply(ReportState(1, Report("Forum on land", "2026-07-07", 2), 1));
  bench.Apply(ReportState(2, Report("Forum on seeds", "2026-08-07", 3), 1));
  bench.Settle();
  v1::Team voided;
  voided.mutable_void_mark()->set_voided(true);
  bench.Apply(StateOf(voided, Id("tem", 2), "", 9));
  std::set<std::string> rewritten;
  for (const v1::RecordState& state : bench.Settle().records) rewritten.insert(state.record_id());
  EXPECT_EQ(rewritten, (std::set<std::string>{Id("rep", 1), Id("tem", 2)}));
}

// With and without approval: whatever was ruled besides, to withdraw a ruling leaves what would be
// there if nobody had made it.
TEST_F(ConsolidatorTest, AWithdrawnRulingLeavesWhatWouldBeThereWithoutIt) {
  static const char* const kTitles[] = {"Forum on land", "Monthly circle", "Workshop on seeds"};
  static const char* const kAuthors[] = {"ada", "ben", "cleo"};
  static const v1::RulingKind kKinds[] = {v1::RULING_KIND_SAME, v1::RULING_KIND_DIFFERENT,
                                          v1::RULING_KIND_COUNTS, v1::RULING_KIND_DOES_NOT_COUNT,
                                          v1::RULING_KIND_UNSURE};
  int moved[2] = {0, 0};
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const bool approval = seed % 2 == 0;
    SeededRandom random(seed);
    std::vector<v1::RecordState> base = RegisterStates();
    base.push_back(ProgrammeState(approval, 2));
    constexpr uint64_t kReports = 6;
    for (uint64_t n = 1; n <= kReports; ++n) {
      base.push_back(ReportState(
          n,
          Report(kTitles[random.Uniform(3)], absl::StrCat("2026-07-", 10 + random.Uniform(3)), 2),
          1 + n % kTeams));
    }
    struct Ruled {
      v1::RulingKind kind;
      std::vector<std::string> reports;
      uint64_t lamport;
      std::string author;
    };
    // Few reports and authors, so that people contradict and approve one another.
    std::vector<Ruled> ruled;
    for (int n = 0; n < 12; ++n) {
      Ruled one{kKinds[random.Uniform(5)],
                {Id("rep", 1 + random.Uniform(kReports))},
                30 + random.Uniform(6),
                kAuthors[random.Uniform(3)]};
      if (one.kind != v1::RULING_KIND_COUNTS && one.kind != v1::RULING_KIND_DOES_NOT_COUNT) {
        one.reports.push_back(Id("rep", 1 + random.Uniform(kReports)));
        if (one.reports[0] == one.reports[1]) continue;
      }
      if (!ruled.empty() && random.Uniform(2) == 0) {
        // Somebody rules what was ruled before.
        one.kind = ruled.back().kind;
        one.reports = ruled.back().reports;
      }
      ruled.push_back(std::move(one));
    }
    const auto state = [&](size_t i, bool withdrawn) {
      return RulingState(i + 1, ruled[i].kind, ruled[i].reports, ruled[i].lamport, ruled[i].author,
                         withdrawn);
    };
    Bench all;
    for (const auto& record : base) all.Apply(record);
    for (size_t i = 0; i < ruled.size(); ++i) all.Apply(state(i, false));
    all.Settle();
    const std::string with = all.Sessions();
    for (size_t out = 0; out < ruled.size(); ++out) {
      Bench without;
      for (const auto& record : base) without.Apply(record);
      for (size_t i = 0; i < ruled.size(); ++i) {
        if (i != out) without.Apply(state(i, false));
      }
      without.Settle();
      moved[approval] += without.Sessions() != with;
      all.Apply(state(out, true));
      all.Settle();
      ASSERT_EQ(all.Sessions(), without.Sessions()) << "seed " << seed << ", ruling " << out;
      all.Apply(state(out, false));
      all.Settle();
      ASSERT_EQ(all.Sessions(), with) << "seed " << seed << ", ruling " << out;
    }
  }
  // The search has power.
  EXPECT_GT(moved[0], 20);
  EXPECT_GT(moved[1], 10);
}

// The claim of the whole room: whatever the order and the batches, the state is that of a rebuild.
TEST_F(ConsolidatorTest, AnyOrderAndAnyBatchesGiveTheStateOfARebuild) {
  static const char* const kTitles[] = {"Forum on land", "Forum sur la terre", "Monthly circle",
                                        "Workshop on seeds"};
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SeededRandom random(seed);
    std::vector<v1::RecordState> history = RegisterStates();
    constexpr uint64_t kReports = 14;
    const auto random_report = [&](uint64_t n, uint64_t lamport) {
      v1::SessionReport report =
          Report(kTitles[random.Uniform(4)], absl::StrCat("2026-07-", 10 + random.Uniform(4)),
                 1 + random.Uniform(kTeams));
      if (random.Uniform(6) == 0) report.mutable_void_mark()->set_voided(true);
      if (random.Uniform(6) == 0) report.set_sensitivity(v1::PRIVACY_TEAM);
      if (random.Uniform(5) == 0) report.set_issue_id(Id("iss", 2));
      if (random.Uniform(4) == 0) {
        report.mutable_part_of()->set_report_id(Id("rep", 1 + random.Uniform(kReports)));
      }
      if (random.Uniform(5) == 0) report.set_import_key(absl::StrCat(random.Uniform(3)));
      if (random.Uniform(4) == 0) {
        v1::Citation& citation = *report.add_citations();
        citation.set_element_id("c");
        citation.set_source_id(Id("src", 1 + random.Uniform(3)));
        citation.set_locator(absl::StrCat(random.Uniform(2)));
      }
      return ReportState(n, report, 1 + n % kTeams, lamport);
    };
    for (uint64_t n = 1; n <= kReports; ++n) history.push_back(random_report(n, 5));
    for (uint64_t n = 1; n <= 6; ++n) {
      history.push_back(random_report(1 + random.Uniform(kReports), 20 + n));
    }
    for (uint64_t n = 1; n <= 5; ++n) {
      const std::vector<std::string> pair = {Id("rep", 1 + random.Uniform(kReports)),
                                             Id("rep", 1 + random.Uniform(kReports))};
      if (pair[0] == pair[1]) continue;
      const v1::RulingKind kinds[] = {v1::RULING_KIND_SAME, v1::RULING_KIND_DIFFERENT,
                                      v1::RULING_KIND_COUNTS};
      const v1::RulingKind kind = kinds[random.Uniform(3)];
      history.push_back(RulingState(n, kind, pair, 30 + n, "ada"));
      // Somebody else agrees, and may think better of it.
      if (random.Uniform(2) == 0) {
        history.push_back(RulingState(100 + n, kind, pair, 30 + random.Uniform(9), "ben"));
        if (random.Uniform(3) == 0) {
          history.push_back(RulingState(100 + n, kind, pair, 39, "ben", /*withdrawn=*/true));
        }
      }
    }
    history.push_back(ProgrammeState(random.Uniform(2) == 0, 42));
    history.push_back(ProgrammeState(seed % 2 == 0, 43));
    for (uint64_t n = 1; n <= 2; ++n) {
      v1::Source source;
      source.set_kind(v1::SOURCE_KIND_DOCUMENT);
      source.set_document_reference(absl::StrCat("Minutes ", n));
      history.push_back(StateOf(source, Id("src", n), Id("tem", 1), 2));
    }
    v1::Issue issue;
    issue.mutable_title()->add_values()->set_text("soil");
    issue.add_related_issue_ids(Id("iss", 1));
    history.push_back(StateOf(issue, Id("iss", 2), "", 3));
    v1::Team merged;
    merged.set_title("Team number 4");
    merged.set_organisation_id(Id("org", 4));
    merged.set_merged_into(Id("tem", 1));
    history.push_back(StateOf(merged, Id("tem", 4), "", 40));
    v1::FollowUp follow_up;
    follow_up.set_report_id(Id("rep", 3));
    follow_up.mutable_question()->set_code("learned_from_each_other");
    follow_up.mutable_answer()->set_yes_no(v1::YES_NO_NO);
    follow_up.set_addressed_team_id(Id("tem", 2));
    history.push_back(StateOf(follow_up, Id("fup", 1), Id("tem", 2), 41));
    ExpectStateOfRebuild(history, random, absl::StrCat("seed ", seed));
  }
}

// Teams that are renamed, merged, parted again and voided, and reports that tell them by their
// names, by a slip of them, by a part of them, by more than them and by their initials.
TEST_F(ConsolidatorTest, WhateverHappensToTheRegisterTheStateIsThatOfARebuild) {
  static const char* const kNames[] = {"Haki Ardhi Network",
                                       "Haki Ardhi Netwrok",
                                       "Haki Network",
                                       "Haki Ardhi Network (HAN) Kilifi",
                                       "HAN",
                                       "Umoja wa Pwani",
                                       "Umooja wa Pwani",
                                       "Red Tierra y Derechos",
                                       "red tierra derechos",
                                       "RTYD",
                                       "Coast Land Alliance",
                                       "Coast Alliance"};
  constexpr uint64_t kNamesCount = std::size(kNames);
  constexpr uint64_t kChangedTeams = 7;
  constexpr uint64_t kReports = 8;
  int moved = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom random(seed);
    const auto name = [&] { return kNames[random.Uniform(kNamesCount)]; };
    const auto changed_team = [&](uint64_t n, uint64_t lamport) {
      v1::Team team;
      team.set_title(name());
      if (random.Uniform(3) == 0) team.add_aliases(name());
      team.set_organisation_id(Id("org", 1 + random.Uniform(kTeams)));
      // Also into itself, in a circle, and into one that is not there.
      if (random.Uniform(2) == 0) team.set_merged_into(Id("tem", 11 + random.Uniform(8)));
      if (random.Uniform(8) == 0) team.mutable_void_mark()->set_voided(true);
      return StateOf(team, Id("tem", n), "", lamport);
    };
    std::vector<v1::RecordState> history = RegisterStates();
    for (uint64_t n = 11; n < 11 + kChangedTeams; ++n) history.push_back(changed_team(n, 2));
    for (uint64_t n = 1; n <= kReports; ++n) {
      v1::SessionReport report = Report("Forum on land", "2026-07-10", 1 + random.Uniform(kTeams));
      v1::ParticipatingTeam& by_name = *report.add_participating_teams();
      by_name.set_element_id("t2");
      by_name.set_unregistered_name(name());
      v1::ParticipatingTeam& by_id = *report.add_participating_teams();
      by_id.set_element_id("t3");
      by_id.set_team_id(Id("tem", 11 + random.Uniform(kChangedTeams)));
      if (random.Uniform(2) == 0) report.mutable_organiser()->set_unregistered_name(name());
      if (random.Uniform(4) == 0) report.mutable_title()->set_text(name());
      history.push_back(ReportState(n, report, 1 + n % kTeams));
    }
    Bench before;
    for (const auto& state : history) before.Apply(state);
    before.Settle();
    for (uint64_t n = 0; n < 6; ++n) {
      history.push_back(changed_team(11 + random.Uniform(kChangedTeams), 20 + n));
    }
    ExpectStateOfRebuild(history, random, absl::StrCat("seed ", seed));
    Bench after;
    for (const auto& state : history) after.Apply(state);
    after.Settle();
    moved += before.Records() != after.Records();
  }
  // The search has power.
  EXPECT_GT(moved, 50);
}

}  // namespace
}  // namespace baraza::server
