#include "core/match/clustering.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <queue>
#include <tuple>

namespace baraza {
namespace {

int64_t FloorDivide(int64_t num, int64_t den) { return num / den - (num % den < 0 ? 1 : 0); }

// What lies across two clusters.
struct Across {
  Link link;
  bool forbidden = false;

  void Add(const Across& other) {
    link.Add(other.link);
    forbidden = forbidden || other.forbidden;
  }
};

struct State {
  bool alive = true;
  int64_t reports = 0;
  uint32_t smallest = 0;
  uint64_t version = 0;
  std::vector<uint32_t> nodes;
  std::map<uint32_t, Across> links;  // to other states, by index
};

struct Entry {
  Fraction draw;
  uint32_t low = 0;  // smallest nodes of the two
  uint32_t high = 0;
  uint32_t left = 0;  // states
  uint32_t right = 0;
  uint64_t left_version = 0;
  uint64_t right_version = 0;
};

// True when `a` is to be merged after `b`.
struct After {
  bool operator()(const Entry& a, const Entry& b) const {
    const int order = CompareFractions(a.draw.num, a.draw.den, b.draw.num, b.draw.den);
    if (order != 0) return order < 0;
    return std::tie(a.low, a.high) > std::tie(b.low, b.high);
  }
};

class Agglomeration {
 public:
  Agglomeration(const ClusterProblem& problem, int32_t doubt_threshold)
      : problem_(problem), doubt_threshold_(doubt_threshold) {
    Contract();
    AddLinks();
  }

  Clustering Run() {
    for (uint32_t i = 0; i < states_.size(); ++i) {
      for (const auto& [other, link] : states_[i].links) {
        if (i < other) Push(i, other, link);
      }
    }
    while (!queue_.empty()) {
      const Entry entry = queue_.top();
      queue_.pop();
      const State& left = states_[entry.left];
      const State& right = states_[entry.right];
      if (!left.alive || !right.alive || left.version != entry.left_version ||
          right.version != entry.right_version) {
        continue;
      }
      if (CompareFractions(entry.draw.num, entry.draw.den, doubt_threshold_, 1) < 0) {
        NoteDoubt(left, right);
      }
      Merge(entry.left, entry.right);
    }
    return Result();
  }

 private:
  // One state per set of nodes tied by "same".
  void Contract() {
    const uint32_t count = static_cast<uint32_t>(problem_.weights.size());
    std::vector<uint32_t> root(count);
    std::iota(root.begin(), root.end(), 0);
    const auto find = [&](uint32_t node) {
      while (root[node] != node) node = root[node] = root[root[node]];
      return node;
    };
    for (const auto& [a, b] : problem_.same) {
      const uint32_t low = std::min(find(a), find(b));
      const uint32_t high = std::max(find(a), find(b));
      root[high] = low;
    }
    state_of_.resize(count);
    for (uint32_t node = 0; node < count; ++node) {
      const uint32_t top = find(node);
      if (top == node) {
        state_of_[node] = static_cast<uint32_t>(states_.size());
        states_.emplace_back();
        states_.back().smallest = node;
      } else {
        state_of_[node] = state_of_[top];
      }
      State& state = states_[state_of_[node]];
      state.reports += problem_.weights[node];
      state.nodes.push_back(node);
    }
  }

  void AddLinks() {
    neighbours_.resize(problem_.weights.size());
    for (const ClusterProblem::Edge& edge : problem_.edges) {
      neighbours_[edge.a].push_back({edge.b, edge.score});
      neighbours_[edge.b].push_back({edge.a, edge.score});
      const uint32_t left = state_of_[edge.a];
      const uint32_t right = state_of_[edge.b];
      if (left == right) continue;
      const int64_t pairs = problem_.weights[edge.a] * problem_.weights[edge.b];
      states_[left].links[right].link.Add(edge.score, pairs);
      states_[right].links[left].link.Add(edge.score, pairs);
    }
    for (const auto& [a, b] : problem_.different) {
      const uint32_t left = state_of_[a];
      const uint32_t right = state_of_[b];
      if (left == right) continue;
      states_[left].links[right].forbidden = true;
      states_[right].links[left].forbidden = true;
    }
  }

  void Push(uint32_t left, uint32_t right, const Across& across) {
    if (across.forbidden || across.link.pairs == 0) return;
    const State& a = states_[left];
    const State& b = states_[right];
    const bool lone = a.nodes.size() == 1 || b.nodes.size() == 1;
    Entry entry;
    entry.draw = Draw(across.link, a.reports * b.reports, problem_.never_compared, lone);
    if (entry.draw.num <= 0) return;
    entry.low = std::min(a.smallest, b.smallest);
    entry.high = std::max(a.smallest, b.smallest);
    entry.left = left;
    entry.right = right;
    entry.left_version = a.version;
    entry.right_version = b.version;
    queue_.push(entry);
  }

  void NoteDoubt(const State& left, const State& right) {
    const State& few = left.nodes.size() <= right.nodes.size() ? left : right;
    const State& many = &few == &left ? right : left;
    bool found = false;
    DoubtfulMerge doubt;
    for (const uint32_t node : few.nodes) {
      for (const auto& [other, score] : neighbours_[node]) {
        if (&states_[state_of_[other]] != &many) continue;
        const DoubtfulMerge candidate{std::min(node, other), std::max(node, other), score, 0};
        if (!found || std::tie(candidate.score, candidate.a, candidate.b) <
                          std::tie(doubt.score, doubt.a, doubt.b)) {
          doubt = candidate;
          found = true;
        }
      }
    }
    if (found) doubtful_.push_back(doubt);
  }

  // The state with fewer links goes into the other.
  void Merge(uint32_t left, uint32_t right) {
    uint32_t into = left;
    uint32_t from = right;
    if (states_[into].links.size() < states_[from].links.size()) std::swap(into, from);
    State& target = states_[into];
    State& source = states_[from];
    target.links.erase(from);
    source.links.erase(into);
    for (const auto& [other, link] : source.links) {
      State& neighbour = states_[other];
      neighbour.links.erase(from);
      target.links[other].Add(link);
      neighbour.links[into].Add(link);
    }
    for (const uint32_t node : source.nodes) state_of_[node] = into;
    target.nodes.insert(target.nodes.end(), source.nodes.begin(), source.nodes.end());
    target.reports += source.reports;
    target.smallest = std::min(target.smallest, source.smallest);
    ++target.version;
    source = State();
    source.alive = false;
    for (const auto& [other, link] : target.links) Push(into, other, link);
  }

  Clustering Result() {
    Clustering result;
    result.cluster_of.resize(state_of_.size());
    for (size_t node = 0; node < state_of_.size(); ++node) {
      result.cluster_of[node] = states_[state_of_[node]].smallest;
    }
    for (DoubtfulMerge& doubt : doubtful_) doubt.cluster = result.cluster_of[doubt.a];
    result.doubtful = std::move(doubtful_);
    return result;
  }

  const ClusterProblem& problem_;
  const int32_t doubt_threshold_;
  std::vector<State> states_;
  std::vector<uint32_t> state_of_;
  std::vector<std::vector<std::pair<uint32_t, int32_t>>> neighbours_;
  std::priority_queue<Entry, std::vector<Entry>, After> queue_;
  std::vector<DoubtfulMerge> doubtful_;
};

// See ClusterByAnchors.
class AnchorClustering {
 public:
  AnchorClustering(const ClusterProblem& problem,
                   const std::function<int32_t(uint32_t, uint32_t)>& score)
      : problem_(problem), score_(score), unit_of_(problem.weights.size()) {
    std::iota(unit_of_.begin(), unit_of_.end(), 0);
    for (const auto& [a, b] : problem.same) {
      const uint32_t low = std::min(UnitOf(a), UnitOf(b));
      unit_of_[std::max(UnitOf(a), UnitOf(b))] = low;
    }
  }

  Clustering Run() {
    const size_t count = problem_.weights.size();
    positive_.resize(count);
    parted_.resize(count);
    for (const ClusterProblem::Edge& edge : problem_.edges) {
      const uint32_t a = UnitOf(edge.a);
      const uint32_t b = UnitOf(edge.b);
      if (edge.score <= 0 || a == b) continue;
      positive_[a].push_back({b, edge.score});
      positive_[b].push_back({a, edge.score});
    }
    for (const auto& [a, b] : problem_.different) {
      parted_[UnitOf(a)].push_back(UnitOf(b));
      parted_[UnitOf(b)].push_back(UnitOf(a));
    }
    std::vector<uint32_t> units;
    for (uint32_t node = 0; node < count; ++node) {
      if (UnitOf(node) == node) units.push_back(node);
    }
    std::sort(units.begin(), units.end(), [&](uint32_t a, uint32_t b) {
      const size_t edges_a = positive_[a].size();
      const size_t edges_b = positive_[b].size();
      return edges_a != edges_b ? edges_a > edges_b : a < b;
    });
    cluster_of_.assign(count, kNone);
    for (const uint32_t unit : units) Place(unit);
    return Result();
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Cluster {
    std::vector<uint32_t> anchors;  // its first units
    uint32_t smallest = 0;
  };

  uint32_t UnitOf(uint32_t node) {
    while (unit_of_[node] != node) node = unit_of_[node] = unit_of_[unit_of_[node]];
    return node;
  }

  void Place(uint32_t unit) {
    // The strongest edge into each cluster, by cluster.
    std::map<uint32_t, int32_t> strongest;
    for (const auto& [other, score] : positive_[unit]) {
      const uint32_t cluster = cluster_of_[other];
      if (cluster == kNone) continue;
      const auto [at, fresh] = strongest.try_emplace(cluster, score);
      if (!fresh) at->second = std::max(at->second, score);
    }
    std::vector<std::pair<int32_t, uint32_t>> ranked;
    for (const auto& [cluster, score] : strongest) ranked.push_back({-score, cluster});
    std::sort(ranked.begin(), ranked.end());
    for (const auto& [score, cluster] : ranked) {
      if (!MayJoin(unit, cluster)) continue;
      Join(unit, cluster);
      return;
    }
    clusters_.emplace_back();
    clusters_.back().smallest = unit;
    Join(unit, static_cast<uint32_t>(clusters_.size() - 1));
  }

  bool MayJoin(uint32_t unit, uint32_t cluster) const {
    for (const uint32_t other : parted_[unit]) {
      if (cluster_of_[other] == cluster) return false;
    }
    int64_t sum = 0;
    for (const uint32_t anchor : clusters_[cluster].anchors) sum += score_(unit, anchor);
    return sum > 0;
  }

  void Join(uint32_t unit, uint32_t cluster) {
    Cluster& joined = clusters_[cluster];
    cluster_of_[unit] = cluster;
    joined.smallest = std::min(joined.smallest, unit);
    if (joined.anchors.size() < kAnchors) joined.anchors.push_back(unit);
  }

  Clustering Result() {
    Clustering result;
    for (uint32_t node = 0; node < unit_of_.size(); ++node) {
      result.cluster_of.push_back(clusters_[cluster_of_[UnitOf(node)]].smallest);
    }
    return result;
  }

  const ClusterProblem& problem_;
  const std::function<int32_t(uint32_t, uint32_t)>& score_;
  std::vector<uint32_t> unit_of_;
  std::vector<std::vector<std::pair<uint32_t, int32_t>>> positive_;
  std::vector<std::vector<uint32_t>> parted_;
  std::vector<uint32_t> cluster_of_;
  std::vector<Cluster> clusters_;
};

}  // namespace

int CompareFractions(int64_t num_a, int64_t den_a, int64_t num_b, int64_t den_b) {
  // Whole parts first; then the rests, upside down, as in Euclid's algorithm.
  int sign = 1;
  while (true) {
    const int64_t whole_a = FloorDivide(num_a, den_a);
    const int64_t whole_b = FloorDivide(num_b, den_b);
    if (whole_a != whole_b) return whole_a < whole_b ? -sign : sign;
    const int64_t rest_a = num_a - whole_a * den_a;
    const int64_t rest_b = num_b - whole_b * den_b;
    if (rest_a == 0 || rest_b == 0) {
      if (rest_a == rest_b) return 0;
      return rest_a == 0 ? -sign : sign;
    }
    num_a = std::exchange(den_a, rest_a);
    num_b = std::exchange(den_b, rest_b);
    sign = -sign;
  }
}

void Link::Add(int32_t score, int64_t reports) {
  Add(Link{reports * score, reports, score, score});
}

void Link::Add(const Link& other) {
  sum += other.sum;
  pairs += other.pairs;
  highest = std::max(highest, other.highest);
  lowest = std::min(lowest, other.lowest);
}

Fraction Draw(const Link& link, int64_t all_pairs, int32_t never_compared, bool lone) {
  Fraction draw{link.sum + never_compared * (all_pairs - link.pairs), all_pairs};
  if (lone && link.pairs > 0 && link.lowest > kContradiction) {
    draw.num = (kLoneParts - 1) * draw.num + draw.den * link.highest;
    draw.den *= kLoneParts;
  }
  return draw;
}

Clustering ClusterByMeanLinkage(const ClusterProblem& problem, int32_t doubt_threshold) {
  return Agglomeration(problem, doubt_threshold).Run();
}

Clustering ClusterByAnchors(const ClusterProblem& problem,
                            const std::function<int32_t(uint32_t, uint32_t)>& score) {
  return AnchorClustering(problem, score).Run();
}

}  // namespace baraza
