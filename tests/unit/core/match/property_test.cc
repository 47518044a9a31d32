#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/random.h"
#include "core/match/blocking.h"
#include "core/match/explain.h"
#include "core/match/index.h"
#include "core/match/model.h"
#include "core/match/score.h"
#include "tests/unit/core/match/report_builder.h"

namespace baraza {
namespace {

// Everything an index answers, as text, so that two can be compared byte for byte.
std::string Answers(const MatchIndex& index) {
  std::string out;
  for (const Cluster& cluster : index.Clusters()) {
    absl::StrAppend(&out, cluster.session_id, ":");
    for (const std::string& id : cluster.report_ids) absl::StrAppend(&out, " ", id);
    for (const auto& pair : index.DoubtfulPairsOf(cluster.session_id)) {
      absl::StrAppend(&out, " ?", pair.left_report_id, "/", pair.right_report_id, "=", pair.score,
                      pair.together ? "+" : "-");
    }
    for (const auto& pair : index.ExplainCluster(cluster.session_id)) {
      out += pair.SerializeAsString();
    }
    out += "\n";
  }
  for (const auto& pair : index.ComparedPairs()) {
    absl::StrAppend(&out, pair.left_report_id, "/", pair.right_report_id, "=", pair.score, "\n");
  }
  for (const RulingContradiction& contradiction : index.ContradictingRulings()) {
    absl::StrAppend(&out, contradiction.ruling_id, " against ",
                    absl::StrJoin(contradiction.against, " "), "\n");
  }
  for (const MatchIndex::HeldBack& held : index.WhatWasHeldBack()) {
    absl::StrAppend(&out, "held ", static_cast<int>(held.reason));
    for (const std::string& id : held.report_ids) absl::StrAppend(&out, " ", id);
    for (const std::string& id : held.compared_with) absl::StrAppend(&out, " <", id);
    out += "\n";
  }
  absl::StrAppend(&out, index.stats().kept_pairs);
  return out;
}

// A small world in which nearly everything is near everything else.
class World {
 public:
  explicit World(uint64_t seed) : random_(seed), reg_(TestRegister()) {}

  uint64_t Pick(uint64_t bound) { return random_.Uniform(bound); }

  ReportFeatures Report(const std::string& id) {
    static const char* const kTitles[] = {"Coast forum on land rights",
                                          "Forum de la côte sur les droits fonciers",
                                          "Coast forum on land rights, session B",
                                          "Water exchange #2",
                                          "Youth and elections",
                                          "Monthly meeting",
                                          ""};
    static const char* const kPlaces[] = {"Mombasa", "Mombassa", "Kisumu", "Praha", "Prague", ""};
    static const char* const kTeams[] = {"tem_a", "tem_b", "tem_c", "tem_d", "Amis du Lac"};
    Rep rep(id);
    rep.Title(kTitles[Pick(7)]);
    rep.Place(kPlaces[Pick(6)]);
    const uint64_t kind = Pick(8);
    if (kind == 0) {
      rep.Dates("2026-03-01", "2026-03-31", v1::DATE_PRECISION_MONTH);
    } else if (kind > 1) {
      rep.Day(absl::StrCat("2026-03-0", 3 + Pick(4)));
    }
    const uint64_t teams = Pick(4);
    for (uint64_t i = 0; i < teams; ++i) rep.Teams({kTeams[Pick(5)]});
    if (Pick(2)) rep.Issue(Pick(2) ? "iss_land" : "iss_youth");
    if (Pick(3) == 0) rep.Total(static_cast<uint32_t>(30 + Pick(3)));
    const uint64_t author = Pick(3);
    rep.By(author == 0 ? "tem_a" : author == 1 ? "tem_b" : "tem_c", absl::StrCat("per_", author));
    if (Pick(4) == 0) rep.Cite("src_1", absl::StrCat("p. ", Pick(2)));
    if (Pick(6) == 0) rep.Hint(Id(Pick(kIds)), static_cast<v1::HintAnswer::Answer>(1 + Pick(3)));
    if (Pick(8) == 0) rep.PartOf(Id(Pick(kIds)));
    return rep.Features(reg_);
  }

  MatchRuling Ruling(const std::string& id) {
    MatchRuling ruling;
    ruling.ruling_id = id;
    ruling.same = Pick(2) == 0;
    ruling.report_ids = {Id(Pick(kIds)), Id(Pick(kIds))};
    if (ruling.report_ids[0] == ruling.report_ids[1]) ruling.report_ids[1] = Id(kIds);
    ruling.lamport = Pick(4);
    ruling.id_hash = Sha256(id);
    return ruling;
  }

  static constexpr uint64_t kIds = 26;
  static std::string Id(uint64_t n) { return absl::StrCat("rep_", n < 10 ? "0" : "", n); }

 private:
  SeededRandom random_;
  Register reg_;
};

// A model whose blocks split early, so that splitting and joining happen in small worlds.
v1::MatchModel EagerModel() {
  v1::MatchModel model = ShippedModel();
  model.set_block_split_threshold(8);
  return model;
}

// Limits that a small world exceeds: common and crowded blocks, cohorts with leaders, components
// that are too large to weigh every pair of.
MatchLimits TinyLimits() {
  MatchLimits limits;
  limits.blocks.place_alone = 3;
  limits.blocks.day_alone = 2;
  limits.blocks.team_alone = 2;
  limits.blocks.document_alone = 4;
  limits.blocks.crowded_day = 6;
  limits.blocks.crowded_month = 9;
  limits.blocks.crowded_ever = 12;
  limits.blocks.crowded_no_day = 4;
  limits.blocks.leaders = 2;
  limits.largest_exact_component = 5;
  return limits;
}

// By turns: as shipped, with early splits, with tiny limits.
MatchIndex NewIndex(uint64_t seed) {
  if (seed % 3 == 0) return MatchIndex(ShippedModel(), TinyLimits());
  return MatchIndex(seed % 3 == 1 ? EagerModel() : ShippedModel());
}

std::string Rebuilt(uint64_t seed, const std::map<std::string, ReportFeatures>& present,
                    const std::map<std::string, MatchRuling>& rulings) {
  MatchIndex index = NewIndex(seed);
  for (const auto& [id, features] : present) index.Upsert(features);
  std::vector<MatchRuling> all;
  for (const auto& [id, ruling] : rulings) all.push_back(ruling);
  index.SetRulings(std::move(all));
  index.Refresh();
  return Answers(index);
}

// Reports, edits, withdrawals and rulings as they come in.
struct Event {
  enum { kReport, kRemove, kRuling, kWithdraw } kind = kReport;
  std::string id;
  ReportFeatures features;
  MatchRuling ruling;
};

Event NextEvent(World& world, const std::map<std::string, ReportFeatures>& present) {
  Event event;
  const uint64_t what = world.Pick(10);
  if (what < 6) {
    event.id = World::Id(world.Pick(World::kIds));
    event.features = world.Report(event.id);
    // Often a copy of another report.
    if (world.Pick(3) == 0 && !present.empty()) {
      const uint64_t report_hash = event.features.report_hash;
      event.features = std::next(present.begin(), world.Pick(present.size()))->second;
      event.features.report_id = event.id;
      event.features.report_hash = report_hash;
    }
  } else if (what < 8) {
    event.kind = Event::kRemove;
    event.id = World::Id(world.Pick(World::kIds));
  } else {
    event.kind = world.Pick(2) == 0 ? Event::kWithdraw : Event::kRuling;
    event.id = absl::StrCat("rul_", world.Pick(5));
    event.ruling = world.Ruling(event.id);
  }
  return event;
}

// What is there after some events, and the index that follows.
class Follower {
 public:
  explicit Follower(uint64_t seed) : index(NewIndex(seed)) {}

  void Take(const Event& event, bool backwards = false) {
    switch (event.kind) {
      case Event::kReport:
        index.Upsert(event.features);
        present[event.id] = event.features;
        return;
      case Event::kRemove:
        index.Remove(event.id);
        present.erase(event.id);
        return;
      case Event::kRuling:
        rulings[event.id] = event.ruling;
        break;
      case Event::kWithdraw:
        rulings.erase(event.id);
        break;
    }
    std::vector<MatchRuling> all;
    for (const auto& [id, ruling] : rulings) all.push_back(ruling);
    if (backwards) std::reverse(all.begin(), all.end());
    index.SetRulings(std::move(all));
  }

  MatchIndex index;
  std::map<std::string, ReportFeatures> present;
  std::map<std::string, MatchRuling> rulings;
};

TEST(Property, IncrementalEqualsRebuiltWhateverTheOrderAndBatches) {
  for (uint64_t seed = 1; seed <= 18; ++seed) {
    World world(seed);
    Follower follower(seed);
    for (int step = 0; step < 120; ++step) {
      follower.Take(NextEvent(world, follower.present), world.Pick(2) == 0);
      if (world.Pick(3) == 0) follower.index.Refresh();
      if (step % 10 == 9) {
        follower.index.Refresh();
        ASSERT_EQ(Answers(follower.index), Rebuilt(seed, follower.present, follower.rulings))
            << "seed " << seed << " step " << step;
      }
    }
  }
}

TEST(Property, AnyPermutationAndBatchSplitOfTheSameEventsGivesTheSame) {
  for (uint64_t seed = 200; seed < 212; ++seed) {
    World world(seed);
    // One event for each report and ruling: then their order may be any.
    std::map<std::string, Event> by_id;
    std::map<std::string, ReportFeatures> none;
    for (int i = 0; i < 60; ++i) {
      Event event = NextEvent(world, none);
      const std::string id = event.id;
      by_id[id] = std::move(event);
    }
    std::vector<Event> events;
    for (const auto& [id, event] : by_id) events.push_back(event);
    std::string expected;
    for (int permutation = 0; permutation < 6; ++permutation) {
      Follower follower(seed);
      for (const Event& event : events) {
        // Some are there in another form first, or come and go.
        if (event.kind == Event::kReport && world.Pick(4) == 0) {
          follower.index.Upsert(world.Report(event.id));
          if (world.Pick(2) == 0) follower.index.Refresh();
          if (world.Pick(2) == 0) follower.index.Remove(event.id);
        }
        follower.Take(event);
        if (world.Pick(4) == 0) follower.index.Refresh();
      }
      follower.index.Refresh();
      if (permutation == 0) expected = Answers(follower.index);
      ASSERT_EQ(Answers(follower.index), expected) << "seed " << seed << ", " << permutation;
      for (size_t i = events.size(); i > 1; --i) std::swap(events[i - 1], events[world.Pick(i)]);
    }
  }
}

// What a reader keeps who asks about doubt only for the sessions that a change names.
TEST(Property, ChangesNameEverySessionWhoseDoubtsDiffer) {
  for (uint64_t seed = 300; seed < 309; ++seed) {
    World world(seed);
    Follower follower(seed);
    using Key = std::pair<std::string, std::string>;
    std::map<Key, std::pair<MatchIndex::DoubtfulPair, std::array<std::string, 2>>> kept;
    for (int step = 0; step < 120; ++step) {
      follower.Take(NextEvent(world, follower.present));
      if (world.Pick(3) != 0) continue;
      const MatchIndex& index = follower.index;
      const MatchIndex::Change change = follower.index.Refresh();
      std::set<std::string> named(change.dissolved_session_ids.begin(),
                                  change.dissolved_session_ids.end());
      for (const Cluster& cluster : change.clusters) named.insert(cluster.session_id);
      named.insert(change.reweighed_session_ids.begin(), change.reweighed_session_ids.end());
      for (auto it = kept.begin(); it != kept.end();) {
        const auto& sessions = it->second.second;
        it = named.count(sessions[0]) + named.count(sessions[1]) > 0 ? kept.erase(it) : ++it;
      }
      const auto keep = [&](const MatchIndex::DoubtfulPair& pair, auto& into) {
        into[{pair.left_report_id, pair.right_report_id}] = {
            pair,
            {index.ClusterOf(pair.left_report_id)->session_id,
             index.ClusterOf(pair.right_report_id)->session_id}};
      };
      for (const std::string& session : named) {
        for (const auto& pair : index.DoubtfulPairsOf(session)) keep(pair, kept);
      }
      decltype(kept) expected;
      for (const Cluster& cluster : index.Clusters()) {
        for (const auto& pair : index.DoubtfulPairsOf(cluster.session_id)) keep(pair, expected);
      }
      ASSERT_EQ(kept, expected) << "seed " << seed << " step " << step;
    }
  }
}

TEST(Property, ChangesAddUpToTheClusters) {
  World world(77);
  MatchIndex index(ShippedModel(), TinyLimits());
  std::map<std::string, Cluster> followed;
  for (int step = 0; step < 150; ++step) {
    const std::string id = World::Id(world.Pick(World::kIds));
    if (world.Pick(3) == 0) {
      index.Remove(id);
    } else {
      index.Upsert(world.Report(id));
    }
    const MatchIndex::Change change = index.Refresh();
    for (const std::string& gone : change.dissolved_session_ids) {
      ASSERT_EQ(followed.erase(gone), 1u) << "step " << step;
    }
    for (const Cluster& cluster : change.clusters) {
      ASSERT_FALSE(followed.count(cluster.session_id) > 0 &&
                   followed[cluster.session_id] == cluster)
          << "no change, step " << step;
      followed[cluster.session_id] = cluster;
    }
    std::vector<Cluster> expected;
    for (const auto& [session_id, cluster] : followed) expected.push_back(cluster);
    ASSERT_EQ(index.Clusters(), expected) << "step " << step;
  }
}

TEST(Property, InsertThenRemoveIsTheIdentity) {
  for (uint64_t seed = 5; seed < 8; ++seed) {
    World world(seed);
    MatchIndex index = NewIndex(seed);
    for (uint64_t i = 0; i < 20; ++i) index.Upsert(world.Report(World::Id(i)));
    index.SetRulings({world.Ruling("rul_1"), world.Ruling("rul_2")});
    index.Refresh();
    const std::string before = Answers(index);
    for (int round = 0; round < 30; ++round) {
      const std::string id = World::Id(20 + world.Pick(6));
      index.Upsert(world.Report(id));
      if (world.Pick(2)) index.Refresh();
      index.Remove(id);
      index.Refresh();
      ASSERT_EQ(Answers(index), before) << "seed " << seed << ", " << round;
    }
  }
}

TEST(Property, NoRulingThatIsTakenIsEverViolated) {
  for (uint64_t seed = 100; seed < 130; ++seed) {
    World world(seed);
    MatchIndex index = NewIndex(seed);
    for (uint64_t i = 0; i < World::kIds; ++i) index.Upsert(world.Report(World::Id(i)));
    std::vector<MatchRuling> rulings;
    for (int i = 0; i < 12; ++i) rulings.push_back(world.Ruling(absl::StrCat("rul_", i)));
    index.SetRulings(rulings);
    index.Refresh();
    std::set<std::string> aside;
    for (const RulingContradiction& contradiction : index.ContradictingRulings()) {
      aside.insert(contradiction.ruling_id);
    }
    for (const MatchRuling& ruling : rulings) {
      if (aside.count(ruling.ruling_id) > 0) continue;
      const Cluster* a = index.ClusterOf(ruling.report_ids[0]);
      const Cluster* b = index.ClusterOf(ruling.report_ids[1]);
      if (a == nullptr || b == nullptr) continue;
      EXPECT_EQ(a == b, ruling.same) << "seed " << seed << " " << ruling.ruling_id;
    }
  }
}

TEST(Property, WeightsSumToTheScoreAndBothSidesAgree) {
  World world(9);
  std::vector<ReportFeatures> reports;
  for (uint64_t i = 0; i < World::kIds; ++i) reports.push_back(world.Report(World::Id(i)));
  for (const ReportFeatures& a : reports) {
    for (const ReportFeatures& b : reports) {
      if (a.report_id == b.report_id) continue;
      const v1::PairExplanation explanation = ExplainPair(a, b, ShippedModel());
      int32_t sum = explanation.prior_milli_nats();
      for (const auto& field : explanation.fields()) sum += field.milli_nats();
      EXPECT_EQ(sum, explanation.score_milli_nats());
      EXPECT_EQ(sum, ScorePair(a, b, ShippedModel()));
      EXPECT_EQ(explanation.SerializeAsString(),
                ExplainPair(b, a, ShippedModel()).SerializeAsString());
    }
  }
}

TEST(Property, EqualFingerprintsScoreAlikeAgainstEverything) {
  World world(10);
  for (int round = 0; round < 200; ++round) {
    const ReportFeatures a = world.Report("rep_00");
    const ReportFeatures b = world.Report("rep_01");
    ReportFeatures twin = a;
    twin.report_id = "rep_zz";
    twin.report_hash = 1;
    // A report that names neither scores both alike.
    if (!b.named_reports.empty()) continue;
    EXPECT_EQ(ScorePair(a, b, ShippedModel()), ScorePair(twin, b, ShippedModel()));
  }
}

TEST(Property, ABoundNeverDismissesAPairThatScoresHigher) {
  World world(11);
  const Scorer scorer(ShippedModel());
  for (int round = 0; round < 3000; ++round) {
    const ReportFeatures a = world.Report("rep_00");
    const ReportFeatures b = world.Report("rep_01");
    const int32_t score = scorer.Score(a, b);
    for (const int32_t floor : {-1500, 0, score - 1, score}) {
      const auto above = scorer.ScoreAbove(floor, a, b);
      ASSERT_EQ(above.has_value(), score > floor);
      if (above) {
        ASSERT_EQ(*above, score);
      }
    }
  }
}

// Re-scored are the reports of what was touched: the arriving one, and those of blocks that it made
// large or crowded; never more than what it was compared with and their components.
TEST(Property, AnArrivalRescoresNoMoreThanItsComponentAndCandidates) {
  for (uint64_t seed = 400; seed < 409; ++seed) {
    World world(seed);
    MatchIndex index = NewIndex(seed);
    for (uint64_t i = 0; i < World::kIds; ++i) index.Upsert(world.Report(World::Id(i)));
    index.Refresh();
    for (int round = 0; round < 20; ++round) {
      const std::string id = absl::StrCat("rep_new_", round);
      const ReportFeatures features = world.Report(id);
      // Whoever shares anything near in time with it could be looked at again.
      std::set<std::string> near = {id};
      const BlockRecord record = MakeBlockRecord(features);
      for (const Cluster& cluster : index.Clusters()) {
        for (const std::string& other : cluster.report_ids) {
          const ReportFeatures found = *index.FindFeatures(other);
          const BlockRecord theirs = MakeBlockRecord(found);
          bool shared =
              features.named_reports.end() !=
                  std::find(features.named_reports.begin(), features.named_reports.end(), other) ||
              std::find(found.named_reports.begin(), found.named_reports.end(), id) !=
                  found.named_reports.end();
          for (const BlockPart& part : record.parts) {
            shared = shared || std::binary_search(theirs.parts.begin(), theirs.parts.end(), part);
          }
          for (int family = 0; family < kKeyFamilyCount && !shared; ++family) {
            shared = ShareKey(record, theirs, static_cast<KeyFamily>(family));
          }
          if (shared) near.insert(cluster.report_ids.begin(), cluster.report_ids.end());
        }
      }
      const uint64_t before = index.stats().rescored_reports;
      index.Upsert(features);
      index.Refresh();
      EXPECT_LE(index.stats().rescored_reports - before, near.size()) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace baraza
