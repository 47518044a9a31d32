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

// Contracts "same"; then merges, again and again, the two clusters with the highest mean weight
// over all pairs of reports across them, as long as that mean is positive and no "different" pair
// lies across; ties by the smaller, then the greater of the two clusters' smallest nodes. Means are
// exact fractions. Two clusters with no compared pair across them never merge. Deterministic; the
// order of edges and constraints does not matter.
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
