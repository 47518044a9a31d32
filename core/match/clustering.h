#ifndef BARAZA_CORE_MATCH_CLUSTERING_H_
#define BARAZA_CORE_MATCH_CLUSTERING_H_

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace baraza {

// Compares num_a / den_a with num_b / den_b exactly (denominators > 0) without wider integers than
// 64 bits: -1, 0 or +1.
int CompareFractions(int64_t num_a, int64_t den_a, int64_t num_b, int64_t den_b);

// What the pairs of reports across two clusters weigh together.
struct Link {
  int64_t sum = 0;
  int64_t pairs = 0;
  int32_t highest = INT32_MIN;  // of the compared ones
  int32_t lowest = INT32_MAX;

  void Add(int32_t score, int64_t reports);
  void Add(const Link& other);
};

// A pair that weighs no more than that speaks for itself: two days, two towns.
inline constexpr int32_t kContradiction = -6000;
// Of what draws a single record to a cluster one part of so many is its strongest pair, the rest
// the mean: a report with little in it is silent toward most reports of its session, and the one
// that it has something in common with has to be heard. Chosen on generated reports of both
// vocabularies.
inline constexpr int64_t kLoneParts = 2;

// How strongly two clusters draw one another, as num / den: the mean weight of `all_pairs` (those
// not in `link` weigh `never_compared`), and with kLoneParts where one is a `lone` record and
// nothing contradicts.
struct Fraction {
  int64_t num = 0;
  int64_t den = 1;
};
Fraction Draw(const Link& link, int64_t all_pairs, int32_t never_compared, bool lone);

// One component to cluster. Nodes are numbered in the order of their smallest report ids, which
// settles ties.
struct ClusterProblem {
  // How many identical reports a node stands for, >= 1.
  std::vector<int64_t> weights;
  struct Edge {
    uint32_t a = 0;
    uint32_t b = 0;
    int32_t score = 0;
  };
  // Each compared pair of nodes once, a != b.
  std::vector<Edge> edges;
  // Pairs that are one cluster, and pairs that must not be; consistent with one another.
  std::vector<std::pair<uint32_t, uint32_t>> same;
  std::vector<std::pair<uint32_t, uint32_t>> different;
  // Score of every pair without an edge, <= 0.
  int32_t never_compared = 0;
};

// One merge of two clusters whose mean weight was below the doubt threshold.
struct DoubtfulMerge {
  // The compared pair across the two with the lowest score (then smallest nodes), a < b.
  uint32_t a = 0;
  uint32_t b = 0;
  int32_t score = 0;
  // Where the merged cluster ended: the smallest node of its cluster.
  uint32_t cluster = 0;
};

struct Clustering {
  // For each node the smallest node of its cluster.
  std::vector<uint32_t> cluster_of;
  // In the order in which they were made.
  std::vector<DoubtfulMerge> doubtful;
};

// Contracts "same"; then merges, again and again, the two clusters that Draw one another most, as
// long as that is positive and no "different" pair lies across; ties by the smaller, then the
// greater of the two clusters' smallest nodes. Fractions are exact. Two clusters with no compared
// pair across them never merge. A single node is a lone record. Deterministic; the order of edges
// and constraints does not matter.
Clustering ClusterByMeanLinkage(const ClusterProblem& problem, int32_t doubt_threshold);

// A coarser rule for a component that is too large to weigh every pair of: its cost grows with the
// number of edges, not with the square of the nodes. Contracts "same"; then takes the nodes, those
// with the most positive edges first (ties by number), and puts each into the cluster to which its
// strongest positive edge leads, if the mean of its scores against the first kAnchors nodes of that
// cluster is positive and no "different" pair lies across; else into the next one, else into a new
// one. Reads of `problem.edges` the positive ones only (others may be missing); `score` gives the
// score of any two nodes. Deterministic; the order of edges and constraints does not matter.
inline constexpr size_t kAnchors = 8;
Clustering ClusterByAnchors(const ClusterProblem& problem,
                            const std::function<int32_t(uint32_t, uint32_t)>& score);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_CLUSTERING_H_
