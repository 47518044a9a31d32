#include "core/match/clustering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/base/random.h"

namespace baraza {
namespace {

using ::testing::ElementsAre;

ClusterProblem Problem(size_t nodes, std::vector<ClusterProblem::Edge> edges) {
  ClusterProblem problem;
  problem.weights.assign(nodes, 1);
  problem.edges = std::move(edges);
  problem.never_compared = -3000;
  return problem;
}

TEST(CompareFractions, IsExactWhereProductsOverflow) {
  EXPECT_EQ(CompareFractions(1, 2, 1, 2), 0);
  EXPECT_EQ(CompareFractions(2, 4, 1, 2), 0);
  EXPECT_LT(CompareFractions(1, 3, 1, 2), 0);
  EXPECT_GT(CompareFractions(-1, 3, -1, 2), 0);
  EXPECT_LT(CompareFractions(-7, 2, -3, 1), 0);
  EXPECT_GT(CompareFractions(0, 5, -1, 1'000'000'000'000), 0);
  const int64_t big = 4'000'000'000'000'000'000;
  EXPECT_LT(CompareFractions(big - 1, big, big, big + 1), 0);
  EXPECT_GT(CompareFractions(big, big + 1, big - 1, big), 0);
  EXPECT_EQ(CompareFractions(big, big, 1, 1), 0);
}

TEST(CompareFractions, AgreesWithProductsOnSmallNumbers) {
  for (int a = -6; a <= 6; ++a) {
    for (int b = 1; b <= 6; ++b) {
      for (int c = -6; c <= 6; ++c) {
        for (int d = 1; d <= 6; ++d) {
          const int expected = a * d < c * b ? -1 : a * d > c * b ? 1 : 0;
          ASSERT_EQ(CompareFractions(a, b, c, d), expected)
              << a << "/" << b << " " << c << "/" << d;
        }
      }
    }
  }
}

TEST(MeanLinkage, AChainDoesNotMergeThroughAWeakMiddle) {
  // 0-1 strong, 1-2 weak, 0-2 strongly against: single linkage would make one cluster.
  const auto result =
      ClusterByMeanLinkage(Problem(3, {{0, 1, 5000}, {1, 2, 1000}, {0, 2, -6000}}), 1500);
  EXPECT_THAT(result.cluster_of, ElementsAre(0, 0, 2));
}

TEST(MeanLinkage, NeverComparedPairsWeighIn) {
  // 0-1 and 2-3 are pairs; of the four across one was compared: (8000 - 3 * 3000) / 4 < 0.
  EXPECT_THAT(
      ClusterByMeanLinkage(Problem(4, {{0, 1, 9000}, {2, 3, 9000}, {1, 2, 8000}}), 0).cluster_of,
      ElementsAre(0, 0, 2, 2));
  // (9500 - 3 * 3000) / 4 > 0.
  EXPECT_THAT(
      ClusterByMeanLinkage(Problem(4, {{0, 1, 9900}, {2, 3, 9900}, {1, 2, 9500}}), 0).cluster_of,
      ElementsAre(0, 0, 0, 0));
}

TEST(MeanLinkage, AMeanOfZeroDoesNotMerge) {
  EXPECT_THAT(
      ClusterByMeanLinkage(Problem(4, {{0, 1, 9900}, {2, 3, 9900}, {1, 2, 9000}}), 0).cluster_of,
      ElementsAre(0, 0, 2, 2));
}

TEST(MeanLinkage, ALoneNodeIsDrawnByItsStrongestPairToo) {
  // 0-2 never compared: half of 2000 and half of (2000 - 3000) / 2.
  EXPECT_THAT(ClusterByMeanLinkage(Problem(3, {{0, 1, 4000}, {1, 2, 2000}}), 0).cluster_of,
              ElementsAre(0, 0, 0));
  // Half of 1000 and half of (1000 - 3000) / 2 are zero.
  EXPECT_THAT(ClusterByMeanLinkage(Problem(3, {{0, 1, 4000}, {1, 2, 1000}}), 0).cluster_of,
              ElementsAre(0, 0, 2));
}

TEST(MeanLinkage, AContradictionLeavesALoneNodeToTheMean) {
  EXPECT_THAT(
      ClusterByMeanLinkage(Problem(3, {{0, 1, 9000}, {1, 2, 5000}, {0, 2, kContradiction}}), 0)
          .cluster_of,
      ElementsAre(0, 0, 2));
  EXPECT_THAT(
      ClusterByMeanLinkage(Problem(3, {{0, 1, 9000}, {1, 2, 5000}, {0, 2, kContradiction + 1}}), 0)
          .cluster_of,
      ElementsAre(0, 0, 0));
}

TEST(MeanLinkage, TwoNodesTiedAreNotLone) {
  ClusterProblem problem = Problem(4, {{0, 1, 9000}, {1, 2, 6000}, {2, 3, -9000}});
  problem.same = {{2, 3}};
  // Alone, 2 would go to 0 and 1: 6000 / 2 + (6000 - 3000) / 4. With 3: (6000 - 9000) / 4.
  EXPECT_THAT(ClusterByMeanLinkage(problem, 0).cluster_of, ElementsAre(0, 0, 2, 2));
}

TEST(MeanLinkage, TiesGoToTheSmallestNodes) {
  // 1 could go to 0 or to 2 with equal right, not to both.
  EXPECT_THAT(
      ClusterByMeanLinkage(Problem(3, {{1, 2, 1000}, {0, 1, 1000}, {0, 2, -9000}}), 0).cluster_of,
      ElementsAre(0, 0, 2));
}

TEST(MeanLinkage, RulingsWin) {
  ClusterProblem problem = Problem(4, {{0, 1, 9000}, {1, 2, -9000}});
  problem.different = {{1, 0}};
  problem.same = {{2, 1}, {3, 2}};
  EXPECT_THAT(ClusterByMeanLinkage(problem, 0).cluster_of, ElementsAre(0, 1, 1, 1));
}

TEST(MeanLinkage, DifferentIsCarriedThroughMerges) {
  // 0 | 2 are parted. 1 joins 0 first; then 2 must not join 1.
  ClusterProblem problem = Problem(3, {{0, 1, 9000}, {1, 2, 8000}, {0, 2, 100}});
  problem.different = {{0, 2}};
  EXPECT_THAT(ClusterByMeanLinkage(problem, 0).cluster_of, ElementsAre(0, 0, 2));
}

TEST(MeanLinkage, AWeightedNodeCountsAsManyReports) {
  // One node of three reports against node 2: half of (3 * -5500 + 3000) / 4 and half of 3000 are
  // below 0, though unweighted, with (-5500 + 3000) / 2, they are above.
  ClusterProblem problem = Problem(3, {{0, 1, 5000}, {0, 2, -5500}, {1, 2, 3000}});
  EXPECT_THAT(ClusterByMeanLinkage(problem, 0).cluster_of, ElementsAre(0, 0, 0));
  problem.weights = {3, 1, 1};
  EXPECT_THAT(ClusterByMeanLinkage(problem, 0).cluster_of, ElementsAre(0, 0, 2));
}

TEST(MeanLinkage, NotesDoubtfulMergesWithTheirWeakestPair) {
  const auto result =
      ClusterByMeanLinkage(Problem(3, {{0, 1, 9000}, {0, 2, 1800}, {1, 2, 200}}), 1500);
  EXPECT_THAT(result.cluster_of, ElementsAre(0, 0, 0));
  ASSERT_EQ(result.doubtful.size(), 1u);
  EXPECT_EQ(result.doubtful[0].a, 1u);
  EXPECT_EQ(result.doubtful[0].b, 2u);
  EXPECT_EQ(result.doubtful[0].score, 200);
  EXPECT_EQ(result.doubtful[0].cluster, 0u);
}

// The definition, word for word and without any cleverness.
std::vector<uint32_t> Naive(const ClusterProblem& problem) {
  const size_t n = problem.weights.size();
  std::vector<std::set<uint32_t>> clusters;
  for (uint32_t i = 0; i < n; ++i) clusters.push_back({i});
  const auto merge = [&](size_t i, size_t j) {
    clusters[i].insert(clusters[j].begin(), clusters[j].end());
    clusters.erase(clusters.begin() + static_cast<long>(j));
  };
  for (const auto& [a, b] : problem.same) {
    size_t i = 0, j = 0;
    for (size_t k = 0; k < clusters.size(); ++k) {
      if (clusters[k].count(a)) i = k;
      if (clusters[k].count(b)) j = k;
    }
    if (i != j) merge(std::min(i, j), std::max(i, j));
  }
  while (true) {
    bool found = false;
    double best = 0;
    size_t best_i = 0, best_j = 0;
    for (size_t i = 0; i < clusters.size(); ++i) {
      for (size_t j = i + 1; j < clusters.size(); ++j) {
        double sum = 0, pairs = 0, highest = -1e9, lowest = 1e9;
        bool forbidden = false, compared = false;
        for (const uint32_t a : clusters[i]) {
          for (const uint32_t b : clusters[j]) {
            const double weight = double(problem.weights[a]) * double(problem.weights[b]);
            double score = problem.never_compared;
            for (const auto& e : problem.edges) {
              if ((e.a == a && e.b == b) || (e.a == b && e.b == a)) {
                score = e.score;
                compared = true;
                highest = std::max(highest, score);
                lowest = std::min(lowest, score);
              }
            }
            for (const auto& [x, y] : problem.different) {
              forbidden = forbidden || (x == a && y == b) || (x == b && y == a);
            }
            sum += weight * score;
            pairs += weight;
          }
        }
        if (clusters[i].size() == 1 || clusters[j].size() == 1) {
          if (lowest > -6000) {
            sum += pairs * highest;
            pairs *= 2;
          }
        }
        if (forbidden || !compared || sum <= 0) continue;
        // Clusters stay ordered by their smallest node, so the first of equals is the smallest.
        if (!found || sum / pairs > best) {
          found = true;
          best = sum / pairs;
          best_i = i;
          best_j = j;
        }
      }
    }
    if (!found) break;
    merge(best_i, best_j);
  }
  std::vector<uint32_t> cluster_of(n);
  for (const auto& cluster : clusters) {
    for (const uint32_t node : cluster) cluster_of[node] = *cluster.begin();
  }
  return cluster_of;
}

TEST(MeanLinkage, EqualsTheDefinitionOnRandomProblems) {
  SeededRandom random(20260);
  for (int round = 0; round < 300; ++round) {
    const uint32_t n = 2 + static_cast<uint32_t>(random.Next64() % 9);
    ClusterProblem problem = Problem(n, {});
    for (uint32_t i = 0; i < n; ++i) {
      problem.weights[i] = 1 + static_cast<int64_t>(random.Next64() % 3);
      for (uint32_t j = i + 1; j < n; ++j) {
        if (random.Next64() % 3 == 0) continue;
        // Coarse steps, so that ties happen.
        problem.edges.push_back({i, j, static_cast<int32_t>(random.Next64() % 14) * 1000 - 6000});
      }
    }
    if (n > 3) {
      problem.same.push_back({0, 1 + static_cast<uint32_t>(random.Next64() % (n - 2))});
      if (random.Next64() % 2) problem.different.push_back({n - 1, 0});
    }
    const std::vector<uint32_t> expected = Naive(problem);
    EXPECT_EQ(ClusterByMeanLinkage(problem, 0).cluster_of, expected) << "round " << round;
    std::reverse(problem.edges.begin(), problem.edges.end());
    for (auto& edge : problem.edges) std::swap(edge.a, edge.b);
    EXPECT_EQ(ClusterByMeanLinkage(problem, 0).cluster_of, expected) << "reversed " << round;
  }
}

}  // namespace
}  // namespace baraza
