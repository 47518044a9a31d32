#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/random.h"
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
  for (const std::string& id : index.SetAsideRulings()) absl::StrAppend(&out, id, "\n");
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

std::string Rebuilt(const v1::MatchModel& model,
                    const std::map<std::string, ReportFeatures>& present,
                    const std::map<std::string, MatchRuling>& rulings) {
  MatchIndex index(model);
  for (const auto& [id, features] : present) index.Upsert(features);
  std::vector<MatchRuling> all;
  for (const auto& [id, ruling] : rulings) all.push_back(ruling);
  index.SetRulings(std::move(all));
  index.Refresh();
  return Answers(index);
}

TEST(Property, IncrementalEqualsRebuiltWhateverTheOrderAndBatches) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    World world(seed);
    const v1::MatchModel model = seed % 2 ? EagerModel() : ShippedModel();
    MatchIndex index(model);
    std::map<std::string, ReportFeatures> present;
    std::map<std::string, MatchRuling> rulings;
    for (int step = 0; step < 120; ++step) {
      const uint64_t what = world.Pick(10);
      if (what < 6) {
        const std::string id = World::Id(world.Pick(World::kIds));
        // Often a copy of another report.
        ReportFeatures features = world.Report(id);
        if (world.Pick(3) == 0 && !present.empty()) {
          const auto& other = std::next(present.begin(), world.Pick(present.size()))->second;
          const std::string hash_of = features.report_id;
          const uint64_t report_hash = features.report_hash;
          features = other;
          features.report_id = hash_of;
          features.report_hash = report_hash;
        }
        index.Upsert(features);
        present[id] = features;
      } else if (what < 8) {
        const std::string id = World::Id(world.Pick(World::kIds));
        index.Remove(id);
        present.erase(id);
      } else {
        const std::string id = absl::StrCat("rul_", world.Pick(5));
        if (world.Pick(2) == 0) {
          rulings.erase(id);
        } else {
          rulings[id] = world.Ruling(id);
        }
        std::vector<MatchRuling> all;
        for (const auto& [ruling_id, ruling] : rulings) all.push_back(ruling);
        if (world.Pick(2)) std::reverse(all.begin(), all.end());
        index.SetRulings(std::move(all));
      }
      if (world.Pick(3) == 0) index.Refresh();
      if (step % 10 == 9) {
        index.Refresh();
        ASSERT_EQ(Answers(index), Rebuilt(model, present, rulings))
            << "seed " << seed << " step " << step;
      }
    }
  }
}

TEST(Property, ChangesAddUpToTheClusters) {
  World world(77);
  MatchIndex index(EagerModel());
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
  World world(5);
  MatchIndex index(EagerModel());
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
    ASSERT_EQ(Answers(index), before) << round;
  }
}

TEST(Property, NoRulingThatIsTakenIsEverViolated) {
  for (uint64_t seed = 100; seed < 130; ++seed) {
    World world(seed);
    MatchIndex index(ShippedModel());
    for (uint64_t i = 0; i < World::kIds; ++i) index.Upsert(world.Report(World::Id(i)));
    std::vector<MatchRuling> rulings;
    for (int i = 0; i < 12; ++i) rulings.push_back(world.Ruling(absl::StrCat("rul_", i)));
    index.SetRulings(rulings);
    index.Refresh();
    const std::vector<std::string> aside = index.SetAsideRulings();
    for (const MatchRuling& ruling : rulings) {
      if (std::binary_search(aside.begin(), aside.end(), ruling.ruling_id)) continue;
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

}  // namespace
}  // namespace baraza
