#include "core/match/index.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "core/base/status.h"
#include "core/match/blocking.h"
#include "core/match/clustering.h"
#include "core/match/explain.h"
#include "core/match/hash.h"
#include "core/match/model.h"
#include "core/match/score.h"

namespace baraza {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
// How many times a block may be split by a further finer key.
constexpr int kMaxSplits = 3;

// The finer keys by which a block was split on the way to a part of it. Each is used once: by the
// key that its members have in common a part would not get smaller.
struct Path {
  std::array<uint64_t, kMaxSplits> used{};
  int depth = 0;

  bool Used(uint64_t finer) const {
    return std::find(used.begin(), used.begin() + depth, finer) != used.begin() + depth;
  }
  Path With(uint64_t finer) const {
    Path path = *this;
    path.used[path.depth++] = finer;
    return path;
  }
};

// Calls `take` with each of `finer` that the path has not used; with 0 when none is left.
template <typename F>
void ForEachUnused(const std::vector<uint64_t>& finer, const Path& path, F&& take) {
  bool any = false;
  for (const uint64_t key : finer) {
    if (path.Used(key)) continue;
    any = true;
    take(key);
  }
  if (!any) take(0);
}

void Insert(std::vector<uint32_t>& sorted, uint32_t value) {
  sorted.insert(std::lower_bound(sorted.begin(), sorted.end(), value), value);
}

void Erase(std::vector<uint32_t>& sorted, uint32_t value) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), value);
  if (at != sorted.end() && *at == value) sorted.erase(at);
}

}  // namespace

// How it works
//
//   reports --(identical records)--> groups --(shared keys)--> edges --(positive)--> components
//
// A group is all reports with one fingerprint: they score alike against everything, so they are
// compared, stored and clustered as one node with a weight. A report that another report or a
// ruling names by its id is told from its likes by that, and is a group of its own. Numbers of
// groups and reports are just names here: whatever reaches an answer is ordered by report ids.
class MatchIndex::Impl {
 public:
  explicit Impl(v1::MatchModel model) : model_(std::move(model)), scorer_(Checked(model_)) {}

  const v1::MatchModel& model() const { return model_; }

  // ---- changes

  void Upsert(ReportFeatures features) {
    const auto found = report_by_id_.find(features.report_id);
    if (found != report_by_id_.end()) {
      Report& report = reports_[found->second];
      if (report.features.fingerprint == features.fingerprint &&
          report.features.named_reports == features.named_reports) {
        report.features = std::move(features);  // Just other words for the same.
        return;
      }
      RemoveReport(found->second);
    }
    const uint32_t slot = NewReport();
    Report& report = reports_[slot];
    report.features = std::move(features);
    report_by_id_.emplace(report.features.report_id, slot);
    JoinGroup(slot);
    for (const std::string& named : reports_[slot].features.named_reports) {
      if (++naming_reports_[named] == 1) Regroup(named);
    }
  }

  void Remove(absl::string_view report_id) {
    const auto found = report_by_id_.find(report_id);
    if (found != report_by_id_.end()) RemoveReport(found->second);
  }

  void SetRulings(std::vector<MatchRuling> rulings) {
    RulingClosure next(std::move(rulings));
    std::set<std::string> changed;
    NoteDifferences(closure_, next, changed);
    NoteDifferences(next, closure_, changed);
    std::set<std::string> affected;
    for (const std::string& id : changed) {
      for (const RulingClosure* closure : {&closure_, &next}) {
        const auto& tied = closure->TiedTo(id);
        affected.insert(tied.begin(), tied.end());
      }
    }
    // Leaving and joining a group looks at the rulings in force.
    std::set<std::string> regroup;
    for (const std::string& id : affected) {
      if (closure_.Names(id) != next.Names(id)) regroup.insert(id);
    }
    for (const std::string& id : regroup) LeaveById(id);
    closure_ = std::move(next);
    for (const std::string& id : regroup) JoinById(id);
    for (const std::string& id : affected) {
      const uint32_t slot = SlotOf(id);
      if (slot != kNone) Touch(reports_[slot].group);
    }
  }

  Change Refresh() {
    RecompareDirtyGroups();
    const std::vector<uint32_t> region = TouchedRegion();
    Change change = ClusterRegion(region);
    touched_groups_.clear();
    touched_components_.clear();
    stale_sessions_.clear();
    return change;
  }

  // ---- answers

  size_t report_count() const { return report_by_id_.size(); }

  const Cluster* ClusterOf(absl::string_view report_id) const {
    const uint32_t slot = SlotOf(report_id);
    return slot == kNone ? nullptr : SessionOf(reports_[slot]);
  }

  std::vector<Cluster> Clusters() const {
    std::vector<Cluster> result;
    result.reserve(sessions_.size());
    for (const auto& [id, session] : sessions_) result.push_back(session.cluster);
    return result;
  }

  const ReportFeatures* FindFeatures(absl::string_view report_id) const {
    const uint32_t slot = SlotOf(report_id);
    return slot == kNone ? nullptr : &reports_[slot].features;
  }

  std::vector<std::string> SetAsideRulings() const { return closure_.set_aside(); }

  std::vector<DoubtfulPair> DoubtfulPairsOf(absl::string_view session_id) const {
    const auto found = sessions_.find(session_id);
    if (found == sessions_.end()) return {};
    std::vector<DoubtfulPair> pairs = found->second.doubtful_joins;
    AddDoubtfulNeighbours(found->second.cluster, pairs);
    std::sort(pairs.begin(), pairs.end(), [](const DoubtfulPair& a, const DoubtfulPair& b) {
      return std::tie(a.left_report_id, a.right_report_id) <
             std::tie(b.left_report_id, b.right_report_id);
    });
    return pairs;
  }

  absl::StatusOr<v1::PairExplanation> Explain(absl::string_view a, absl::string_view b) const {
    const uint32_t left = SlotOf(a);
    const uint32_t right = SlotOf(b);
    if (left == kNone || right == kNone) {
      return RecordError(absl::StatusCode::kNotFound, "", "report id", "a report that is matched",
                         left == kNone ? a : b);
    }
    if (left == right) return InvalidField("", "report ids", "two different reports", a);
    return ExplainReports(reports_[left], reports_[right]);
  }

  std::vector<v1::PairExplanation> ExplainCluster(absl::string_view session_id) const {
    const auto found = sessions_.find(session_id);
    if (found == sessions_.end()) return {};
    const std::vector<std::string>& ids = found->second.cluster.report_ids;
    std::vector<v1::PairExplanation> result;
    for (size_t i = 0; i < ids.size(); ++i) {
      for (size_t j = i + 1; j < ids.size(); ++j) {
        result.push_back(ExplainReports(reports_[SlotOf(ids[i])], reports_[SlotOf(ids[j])]));
      }
      if (ids.size() > kMaxExplainedReports) break;
    }
    return result;
  }

  std::vector<Hint> Candidates(const ReportFeatures& probe, size_t limit) const {
    std::set<uint32_t> groups;
    const auto take = [&](uint32_t group) { groups.insert(group); };
    for (const BlockKey& key : BlockKeys(probe)) VisitBlock(key.hash, key, probe, take);
    for (const std::string& named : probe.named_reports) {
      const uint32_t slot = SlotOf(named);
      if (slot != kNone) groups.insert(reports_[slot].group);
    }
    const BlockKey own = ReportKey(probe.report_id);
    VisitBlock(own.hash, own, probe, take);
    std::vector<Hint> hints;
    for (const uint32_t group : groups) {
      const int32_t score = scorer_.Score(probe, FeaturesOf(group));
      if (score <= -model_.undecided_milli_nats()) continue;
      const std::vector<std::string> ids = IdsOf(group);
      for (const std::string& id : ids) {
        if (id == probe.report_id) continue;
        hints.push_back({id, score});
        break;  // One of several identical ones is hint enough.
      }
    }
    std::sort(hints.begin(), hints.end(), [](const Hint& a, const Hint& b) {
      return a.score != b.score ? a.score > b.score : a.report_id < b.report_id;
    });
    if (hints.size() > limit) hints.resize(limit);
    return hints;
  }

  std::vector<ComparedPair> ComparedPairs() const {
    std::vector<ComparedPair> pairs;
    const auto add = [&](const std::string& a, const std::string& b, int32_t score) {
      const bool together = ClusterOf(a) == ClusterOf(b);
      pairs.push_back({std::min(a, b), std::max(a, b), score, together});
    };
    for (uint32_t g = 0; g < groups_.size(); ++g) {
      const Group& group = groups_[g];
      if (group.reports.empty()) continue;
      const std::vector<std::string> ids = IdsOf(g);
      for (size_t i = 1; i < ids.size(); ++i) add(ids[0], ids[i], group.self_score);
      for (const Edge& edge : group.edges) {
        if (edge.group <= g) continue;
        add(ids[0], IdsOf(edge.group)[0], edge.score);
      }
    }
    std::sort(pairs.begin(), pairs.end(), [](const ComparedPair& a, const ComparedPair& b) {
      return std::tie(a.left_report_id, a.right_report_id) <
             std::tie(b.left_report_id, b.right_report_id);
    });
    return pairs;
  }

  Stats stats() const {
    Stats stats = stats_;
    stats.candidate_pairs = edge_count_;
    return stats;
  }

 private:
  struct Report {
    ReportFeatures features;
    uint32_t group = kNone;
    std::string session_id;  // as of the last Refresh; "" before the first
  };

  struct Edge {
    uint32_t group = 0;
    int32_t score = 0;
  };

  struct GroupKey {
    std::array<uint64_t, 2> fingerprint{};
    // Hash of the report id when the report stands alone, else 0.
    uint64_t alone = 0;
    friend bool operator==(const GroupKey&, const GroupKey&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const GroupKey& key) {
      return H::combine(std::move(h), key.fingerprint, key.alone);
    }
  };

  struct Group {
    GroupKey key;
    std::vector<uint32_t> reports;  // slots, sorted
    std::vector<Edge> edges;        // sorted by group
    int32_t self_score = 0;         // of two reports of the group
    bool coarse = false;
    // Whether its report was named by another when the group was made: decides its keys.
    bool named = false;
    bool dirty = false;
    bool touched = false;
    uint32_t component = kNone;
  };

  struct Block {
    std::vector<uint32_t> fine;    // groups, sorted
    std::vector<uint32_t> coarse;  // those with a coarse date
    bool split = false;
  };

  struct Session {
    Cluster cluster;
    std::vector<DoubtfulPair> doubtful_joins;
  };

  static const v1::MatchModel& Checked(const v1::MatchModel& model) {
    if (!ValidateModel(model).ok()) std::abort();
    return model;
  }

  // ---- reports and groups

  uint32_t SlotOf(absl::string_view report_id) const {
    const auto found = report_by_id_.find(report_id);
    return found == report_by_id_.end() ? kNone : found->second;
  }

  uint32_t NewReport() {
    if (free_reports_.empty()) {
      reports_.emplace_back();
      return static_cast<uint32_t>(reports_.size() - 1);
    }
    const uint32_t slot = free_reports_.back();
    free_reports_.pop_back();
    reports_[slot] = Report();
    return slot;
  }

  void RemoveReport(uint32_t slot) {
    if (!reports_[slot].session_id.empty()) stale_sessions_.insert(reports_[slot].session_id);
    LeaveGroup(slot);
    const std::vector<std::string> named = reports_[slot].features.named_reports;
    report_by_id_.erase(reports_[slot].features.report_id);
    reports_[slot] = Report();
    free_reports_.push_back(slot);
    for (const std::string& id : named) {
      const auto count = naming_reports_.find(id);
      if (--count->second == 0) {
        naming_reports_.erase(count);
        Regroup(id);
      }
    }
  }

  bool IsNamed(const std::string& report_id) const {
    return naming_reports_.find(report_id) != naming_reports_.end();
  }

  GroupKey KeyOf(const ReportFeatures& features) const {
    const bool alone = IsNamed(features.report_id) || closure_.Names(features.report_id);
    return {features.fingerprint, alone ? features.report_hash : 0};
  }

  // The report is named now, or no longer.
  void Regroup(const std::string& report_id) {
    const uint32_t slot = SlotOf(report_id);
    if (slot == kNone) return;
    LeaveGroup(slot);
    JoinGroup(slot);
  }
  void LeaveById(const std::string& report_id) {
    const uint32_t slot = SlotOf(report_id);
    if (slot != kNone) LeaveGroup(slot);
  }
  void JoinById(const std::string& report_id) {
    const uint32_t slot = SlotOf(report_id);
    if (slot != kNone) JoinGroup(slot);
  }

  void JoinGroup(uint32_t slot) {
    Report& report = reports_[slot];
    const GroupKey key = KeyOf(report.features);
    const auto [at, made] = group_by_key_.try_emplace(key, kNone);
    if (made) {
      at->second = NewGroup();
      Group& group = groups_[at->second];
      group.key = key;
      group.coarse = HasCoarseDate(report.features);
      group.named = IsNamed(report.features.report_id);
      group.reports = {slot};
      group.self_score = scorer_.Score(report.features, report.features);
      report.group = at->second;
      AddToBlocks(at->second, KeysOf(at->second));
      MarkDirty(at->second);
    } else {
      report.group = at->second;
      Insert(groups_[at->second].reports, slot);
    }
    Touch(report.group);
  }

  void LeaveGroup(uint32_t slot) {
    Report& report = reports_[slot];
    const uint32_t g = report.group;
    if (g == kNone) return;
    report.group = kNone;
    Group& group = groups_[g];
    if (!report.session_id.empty()) stale_sessions_.insert(report.session_id);
    if (group.component != kNone) touched_components_.insert(group.component);
    if (group.reports.size() > 1) {
      Erase(group.reports, slot);
      Touch(g);
      return;
    }
    for (const Edge& edge : group.edges) {
      EraseEdge(edge.group, g);
      --edge_count_;
    }
    RemoveFromBlocks(g, KeysOf(g), report.features);
    if (group.component != kNone) Erase(components_[group.component], g);
    group_by_key_.erase(group.key);
    if (group.dirty) dirty_groups_.erase(g);
    if (group.touched) touched_groups_.erase(g);
    group = Group();
    free_groups_.push_back(g);
  }

  uint32_t NewGroup() {
    if (free_groups_.empty()) {
      groups_.emplace_back();
      return static_cast<uint32_t>(groups_.size() - 1);
    }
    const uint32_t g = free_groups_.back();
    free_groups_.pop_back();
    return g;
  }

  const ReportFeatures& FeaturesOf(uint32_t g) const {
    return reports_[groups_[g].reports[0]].features;
  }

  std::vector<std::string> IdsOf(uint32_t g) const {
    std::vector<std::string> ids;
    for (const uint32_t slot : groups_[g].reports) ids.push_back(reports_[slot].features.report_id);
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  void MarkDirty(uint32_t g) {
    if (groups_[g].dirty) return;
    groups_[g].dirty = true;
    dirty_groups_.insert(g);
  }

  void Touch(uint32_t g) {
    if (g == kNone || groups_[g].touched) return;
    groups_[g].touched = true;
    touched_groups_.insert(g);
  }

  // ---- blocks

  std::vector<BlockKey> KeysOf(uint32_t g) const {
    const ReportFeatures& features = FeaturesOf(g);
    std::vector<BlockKey> keys = BlockKeys(features);
    // A named report and those that name it meet under its id.
    if (groups_[g].named) keys.push_back(ReportKey(features.report_id));
    for (const std::string& named : features.named_reports) keys.push_back(ReportKey(named));
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
  }

  static uint64_t TableKey(uint64_t hash, const BlockKey& key) {
    return key.needs_coarse ? MixBits(hash + 1) : hash;
  }
  static uint64_t FinerTableKey(uint64_t table_key, uint64_t finer) {
    return CombineHash(table_key, finer);
  }

  bool ShouldSplit(const Block& block, const BlockKey& key, const Path& path) const {
    if (path.depth >= kMaxSplits) return false;
    if (key.needs_coarse && block.coarse.empty()) return false;
    return block.fine.size() + block.coarse.size() > model_.block_split_threshold();
  }

  void AddToBlocks(uint32_t g, const std::vector<BlockKey>& keys) {
    const std::vector<uint64_t> finer = FinerKeys(FeaturesOf(g));
    for (const BlockKey& key : keys) AddToBlock(g, TableKey(key.hash, key), key, finer, Path());
  }

  void AddToBlock(uint32_t g, uint64_t table_key, const BlockKey& key,
                  const std::vector<uint64_t>& finer, const Path& path) {
    bool split_now = false;
    std::vector<uint32_t> members;
    bool was_split = false;
    {
      Block& block = blocks_[table_key];
      Insert(groups_[g].coarse ? block.coarse : block.fine, g);
      was_split = block.split;
      if (!was_split && ShouldSplit(block, key, path)) {
        block.split = split_now = true;
        members = block.fine;
        members.insert(members.end(), block.coarse.begin(), block.coarse.end());
      }
    }
    if (was_split) {
      ForEachUnused(finer, path, [&](uint64_t f) {
        AddToBlock(g, FinerTableKey(table_key, f), key, finer, path.With(f));
      });
    } else if (split_now) {
      for (const uint32_t member : members) {
        const std::vector<uint64_t> keys = member == g ? finer : FinerKeys(FeaturesOf(member));
        ForEachUnused(keys, path, [&](uint64_t f) {
          AddToBlock(member, FinerTableKey(table_key, f), key, keys, path.With(f));
        });
        MarkDirty(member);
      }
    }
  }

  void RemoveFromBlocks(uint32_t g, const std::vector<BlockKey>& keys,
                        const ReportFeatures& features) {
    const std::vector<uint64_t> finer = FinerKeys(features);
    for (const BlockKey& key : keys)
      RemoveFromBlock(g, TableKey(key.hash, key), key, finer, Path());
  }

  void RemoveFromBlock(uint32_t g, uint64_t table_key, const BlockKey& key,
                       const std::vector<uint64_t>& finer, const Path& path) {
    const auto found = blocks_.find(table_key);
    if (found == blocks_.end()) return;
    Block& block = found->second;
    Erase(groups_[g].coarse ? block.coarse : block.fine, g);
    const bool was_split = block.split;
    const bool join = was_split && !ShouldSplit(block, key, path);
    if (join) block.split = false;
    std::vector<uint32_t> members;
    if (join) {
      members = block.fine;
      members.insert(members.end(), block.coarse.begin(), block.coarse.end());
    }
    if (block.fine.empty() && block.coarse.empty()) blocks_.erase(found);
    if (was_split) {
      ForEachUnused(finer, path, [&](uint64_t f) {
        RemoveFromBlock(g, FinerTableKey(table_key, f), key, finer, path.With(f));
      });
    }
    for (const uint32_t member : members) {
      const std::vector<uint64_t> keys = FinerKeys(FeaturesOf(member));
      ForEachUnused(keys, path, [&](uint64_t f) {
        RemoveFromBlock(member, FinerTableKey(table_key, f), key, keys, path.With(f));
      });
      MarkDirty(member);
    }
  }

  // Calls `take` with every group that `features` is to be compared with because of this block.
  template <typename F>
  void VisitBlock(uint64_t hash, const BlockKey& key, const ReportFeatures& features,
                  F&& take) const {
    std::vector<uint64_t> finer;
    VisitTable(TableKey(hash, key), key, HasCoarseDate(features), features, finer, Path(), take);
  }

  template <typename F>
  void VisitTable(uint64_t table_key, const BlockKey& key, bool coarse,
                  const ReportFeatures& features, std::vector<uint64_t>& finer, const Path& path,
                  F&& take) const {
    const auto found = blocks_.find(table_key);
    if (found == blocks_.end()) return;
    const Block& block = found->second;
    if (block.split) {
      if (finer.empty()) finer = FinerKeys(features);
      ForEachUnused(finer, path, [&](uint64_t f) {
        VisitTable(FinerTableKey(table_key, f), key, coarse, features, finer, path.With(f), take);
      });
      return;
    }
    for (const uint32_t g : block.coarse) take(g);
    if (key.needs_coarse && !coarse) return;
    for (const uint32_t g : block.fine) take(g);
  }

  // ---- edges

  static std::vector<Edge>::iterator FindEdge(std::vector<Edge>& edges, uint32_t g) {
    return std::lower_bound(edges.begin(), edges.end(), g,
                            [](const Edge& edge, uint32_t value) { return edge.group < value; });
  }

  void EraseEdge(uint32_t from, uint32_t to) {
    std::vector<Edge>& edges = groups_[from].edges;
    const auto at = FindEdge(edges, to);
    if (at != edges.end() && at->group == to) edges.erase(at);
  }

  void RecompareDirtyGroups() {
    for (const uint32_t g : dirty_groups_) {
      Recompare(g);
      groups_[g].dirty = false;
    }
    dirty_groups_.clear();
  }

  // Brings the edges of one group up to date on both sides. Scores of edges that stay stand: a
  // group's record never changes.
  void Recompare(uint32_t g) {
    const ReportFeatures& features = FeaturesOf(g);
    std::vector<uint32_t> candidates;
    for (const BlockKey& key : KeysOf(g)) {
      VisitBlock(key.hash, key, features, [&](uint32_t other) { candidates.push_back(other); });
    }
    std::sort(candidates.begin(), candidates.end());
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());

    std::vector<Edge> before = std::move(groups_[g].edges);
    std::vector<Edge> after;
    after.reserve(candidates.size());
    auto old = before.begin();
    bool scored = false;
    const auto drop = [&](const Edge& edge) {
      EraseEdge(edge.group, g);
      --edge_count_;
      Touch(g);
      if (edge.score > 0) Touch(edge.group);
    };
    for (const uint32_t other : candidates) {
      if (other == g) continue;
      while (old != before.end() && old->group < other) drop(*old++);
      if (old != before.end() && old->group == other) {
        after.push_back(*old++);
        continue;
      }
      const int32_t score = scorer_.Score(features, FeaturesOf(other));
      ++stats_.scored_pairs;
      scored = true;
      after.push_back({other, score});
      std::vector<Edge>& back = groups_[other].edges;
      back.insert(FindEdge(back, g), Edge{g, score});
      ++edge_count_;
      Touch(g);
      if (score > 0) Touch(other);
    }
    while (old != before.end()) drop(*old++);
    groups_[g].edges = std::move(after);
    if (scored) stats_.rescored_reports += groups_[g].reports.size();
  }

  // ---- components

  // Groups whose clusters may change: whole components, old and new, of what was touched. Sorted.
  std::vector<uint32_t> TouchedRegion() {
    std::vector<uint32_t> queue(touched_groups_.begin(), touched_groups_.end());
    for (const uint32_t g : touched_groups_) {
      if (groups_[g].component != kNone) touched_components_.insert(groups_[g].component);
    }
    for (const uint32_t component : touched_components_) {
      queue.insert(queue.end(), components_[component].begin(), components_[component].end());
    }
    absl::flat_hash_set<uint32_t> seen(queue.begin(), queue.end());
    queue.assign(seen.begin(), seen.end());
    const auto reach = [&](uint32_t g) {
      if (seen.insert(g).second) queue.push_back(g);
    };
    for (size_t i = 0; i < queue.size(); ++i) {
      const uint32_t g = queue[i];
      for (const Edge& edge : groups_[g].edges) {
        if (edge.score > 0) reach(edge.group);
      }
      ForEachTied(g, reach);
    }
    std::sort(queue.begin(), queue.end());
    return queue;
  }

  template <typename F>
  void ForEachTied(uint32_t g, F&& take) const {
    // Just a report that stands alone may be named by a ruling.
    for (const std::string& id : closure_.TiedTo(FeaturesOf(g).report_id)) {
      const uint32_t slot = SlotOf(id);
      if (slot != kNone) take(reports_[slot].group);
    }
  }

  Change ClusterRegion(const std::vector<uint32_t>& region) {
    for (const uint32_t g : region) {
      for (const uint32_t slot : groups_[g].reports) {
        if (!reports_[slot].session_id.empty()) stale_sessions_.insert(reports_[slot].session_id);
      }
      const uint32_t component = groups_[g].component;
      if (component != kNone && !components_[component].empty()) {
        for (const uint32_t member : components_[component]) groups_[member].component = kNone;
        components_[component].clear();
        free_components_.push_back(component);
      }
      groups_[g].component = kNone;
      groups_[g].touched = false;
    }
    for (const uint32_t component : touched_components_) {
      // Emptied by removals.
      if (components_[component].empty() &&
          std::find(free_components_.begin(), free_components_.end(), component) ==
              free_components_.end()) {
        free_components_.push_back(component);
      }
    }

    std::map<std::string, Session> fresh;
    for (const uint32_t g : region) {
      if (groups_[g].component != kNone) continue;
      ClusterComponent(CollectComponent(g), fresh);
    }
    return Install(std::move(fresh));
  }

  std::vector<uint32_t> CollectComponent(uint32_t start) {
    uint32_t component = kNone;
    if (free_components_.empty()) {
      component = static_cast<uint32_t>(components_.size());
      components_.emplace_back();
    } else {
      component = free_components_.back();
      free_components_.pop_back();
    }
    std::vector<uint32_t> members = {start};
    groups_[start].component = component;
    const auto reach = [&](uint32_t g) {
      if (groups_[g].component == component) return;
      groups_[g].component = component;
      members.push_back(g);
    };
    for (size_t i = 0; i < members.size(); ++i) {
      const uint32_t g = members[i];
      for (const Edge& edge : groups_[g].edges) {
        if (edge.score > 0) reach(edge.group);
      }
      ForEachTied(g, reach);
    }
    std::sort(members.begin(), members.end());
    components_[component] = members;
    return members;
  }

  // A node of the clustering: all reports of a group, or one of a group whose own reports do not
  // hold together.
  struct Node {
    std::vector<std::string> ids;  // sorted
    uint32_t group = kNone;
  };

  void ClusterComponent(const std::vector<uint32_t>& members,
                        std::map<std::string, Session>& fresh) {
    std::vector<Node> nodes;
    for (const uint32_t g : members) {
      std::vector<std::string> ids = IdsOf(g);
      stats_.reclustered_reports += ids.size();
      if (groups_[g].self_score > 0 || ids.size() == 1) {
        nodes.push_back({std::move(ids), g});
        continue;
      }
      for (std::string& id : ids) nodes.push_back({{std::move(id)}, g});
    }
    // Nothing to weigh: every node is a session.
    if (members.size() == 1) {
      for (Node& node : nodes) AddSession({&node}, fresh);
      for (const Node& node : nodes) AddSelfDoubt(node, fresh);
      return;
    }
    std::sort(nodes.begin(), nodes.end(),
              [](const Node& a, const Node& b) { return a.ids[0] < b.ids[0]; });
    const ClusterProblem problem = MakeProblem(nodes);
    const Clustering clustering = ClusterByMeanLinkage(problem, model_.undecided_milli_nats());
    std::map<uint32_t, std::vector<const Node*>> clusters;
    for (uint32_t node = 0; node < nodes.size(); ++node) {
      clusters[clustering.cluster_of[node]].push_back(&nodes[node]);
    }
    for (const auto& [smallest, parts] : clusters) AddSession(parts, fresh);
    for (const Node& node : nodes) AddSelfDoubt(node, fresh, nodes, clustering);
    for (const DoubtfulMerge& doubt : clustering.doubtful) {
      Session& session = fresh.find(nodes[doubt.cluster].ids[0])->second;
      session.doubtful_joins.push_back(
          {nodes[doubt.a].ids[0], nodes[doubt.b].ids[0], doubt.score, true});
    }
  }

  ClusterProblem MakeProblem(const std::vector<Node>& nodes) const {
    ClusterProblem problem;
    problem.never_compared = model_.never_compared_milli_nats();
    std::map<uint32_t, std::vector<uint32_t>> nodes_of;
    std::map<std::string, std::vector<uint32_t>> classes;
    for (uint32_t i = 0; i < nodes.size(); ++i) {
      problem.weights.push_back(static_cast<int64_t>(nodes[i].ids.size()));
      nodes_of[nodes[i].group].push_back(i);
      if (closure_.Names(nodes[i].ids[0])) classes[closure_.ClassOf(nodes[i].ids[0])].push_back(i);
    }
    for (const auto& [g, own] : nodes_of) {
      for (size_t i = 0; i < own.size(); ++i) {
        for (size_t j = i + 1; j < own.size(); ++j) {
          problem.edges.push_back({own[i], own[j], groups_[g].self_score});
        }
      }
      for (const Edge& edge : groups_[g].edges) {
        if (edge.group <= g) continue;
        const auto others = nodes_of.find(edge.group);
        if (others == nodes_of.end()) continue;
        for (const uint32_t a : own) {
          for (const uint32_t b : others->second) problem.edges.push_back({a, b, edge.score});
        }
      }
    }
    for (const auto& [name, tied] : classes) {
      for (size_t i = 1; i < tied.size(); ++i) problem.same.push_back({tied[0], tied[i]});
      for (const std::string& other : closure_.PartedFrom(name)) {
        const auto parted = classes.find(other);
        if (parted != classes.end()) problem.different.push_back({tied[0], parted->second[0]});
      }
    }
    return problem;
  }

  static void AddSession(const std::vector<const Node*>& parts,
                         std::map<std::string, Session>& fresh) {
    Session session;
    for (const Node* part : parts) {
      session.cluster.report_ids.insert(session.cluster.report_ids.end(), part->ids.begin(),
                                        part->ids.end());
    }
    std::sort(session.cluster.report_ids.begin(), session.cluster.report_ids.end());
    session.cluster.session_id = session.cluster.report_ids[0];
    std::string id = session.cluster.session_id;
    fresh.emplace(std::move(id), std::move(session));
  }

  // Identical records that barely hold together are one question.
  void AddSelfDoubt(const Node& node, Session& session) const {
    const int32_t score = groups_[node.group].self_score;
    if (node.ids.size() < 2 || score >= model_.undecided_milli_nats()) return;
    session.doubtful_joins.push_back({node.ids[0], node.ids[1], score, true});
  }
  void AddSelfDoubt(const Node& node, std::map<std::string, Session>& fresh) const {
    AddSelfDoubt(node, fresh.find(node.ids[0])->second);
  }
  void AddSelfDoubt(const Node& node, std::map<std::string, Session>& fresh,
                    const std::vector<Node>& nodes, const Clustering& clustering) const {
    const uint32_t at = static_cast<uint32_t>(&node - nodes.data());
    AddSelfDoubt(node, fresh.find(nodes[clustering.cluster_of[at]].ids[0])->second);
  }

  // Puts the fresh sessions in place of the stale ones and says what differs.
  Change Install(std::map<std::string, Session> fresh) {
    Change change;
    std::map<std::string, Cluster> old;
    for (const std::string& id : stale_sessions_) {
      const auto found = sessions_.find(id);
      if (found == sessions_.end()) continue;
      old.emplace(id, std::move(found->second.cluster));
      sessions_.erase(found);
    }
    for (auto& [id, session] : fresh) {
      const auto before = old.find(id);
      if (before == old.end() || !(before->second == session.cluster)) {
        change.clusters.push_back(session.cluster);
      }
      for (const std::string& report_id : session.cluster.report_ids) {
        reports_[SlotOf(report_id)].session_id = id;
      }
    }
    for (const auto& [id, cluster] : old) {
      if (fresh.find(id) == fresh.end()) change.dissolved_session_ids.push_back(id);
    }
    sessions_.merge(fresh);
    return change;
  }

  const Cluster* SessionOf(const Report& report) const {
    const auto found = sessions_.find(report.session_id);
    return found == sessions_.end() ? nullptr : &found->second.cluster;
  }

  // ---- rulings, doubt, explanations

  // Ids in rulings of `a` that are not, or not in the same way, in `b`.
  static void NoteDifferences(const RulingClosure& a, const RulingClosure& b,
                              std::set<std::string>& changed) {
    for (size_t i = 0; i < a.rulings().size(); ++i) {
      const MatchRuling& ruling = a.rulings()[i];
      bool same = false;
      for (size_t j = 0; j < b.rulings().size() && !same; ++j) {
        same = b.rulings()[j] == ruling && a.IsTaken(i) == b.IsTaken(j);
      }
      if (!same) changed.insert(ruling.report_ids.begin(), ruling.report_ids.end());
    }
  }

  void AddDoubtfulNeighbours(const Cluster& session, std::vector<DoubtfulPair>& pairs) const {
    struct Across {
      int64_t sum = 0;
      int64_t compared = 0;
      DoubtfulPair best;
      bool any = false;
    };
    std::map<std::string, Across> others;
    // Reports of this session by group: they have the same edges.
    std::map<uint32_t, std::vector<const std::string*>> own;
    for (const std::string& id : session.report_ids) own[reports_[SlotOf(id)].group].push_back(&id);
    const auto weigh = [&](const std::vector<const std::string*>& mine, uint32_t g, int32_t score) {
      for (const uint32_t slot : groups_[g].reports) {
        const Report& other = reports_[slot];
        if (other.session_id == session.session_id) continue;
        Across& across = others[other.session_id];
        across.sum += static_cast<int64_t>(mine.size()) * score;
        across.compared += static_cast<int64_t>(mine.size());
        DoubtfulPair pair;
        pair.left_report_id = std::min(*mine[0], other.features.report_id);
        pair.right_report_id = std::max(*mine[0], other.features.report_id);
        pair.score = score;
        if (!across.any || score > across.best.score ||
            (score == across.best.score &&
             std::tie(pair.left_report_id, pair.right_report_id) <
                 std::tie(across.best.left_report_id, across.best.right_report_id))) {
          across.best = std::move(pair);
          across.any = true;
        }
      }
    };
    for (const auto& [g, mine] : own) {
      weigh(mine, g, groups_[g].self_score);
      for (const Edge& edge : groups_[g].edges) weigh(mine, edge.group, edge.score);
    }
    for (auto& [id, across] : others) {
      const Cluster& other = sessions_.find(id)->second.cluster;
      const int64_t all = static_cast<int64_t>(session.report_ids.size()) *
                          static_cast<int64_t>(other.report_ids.size());
      const int64_t sum = across.sum + model_.never_compared_milli_nats() * (all - across.compared);
      if (CompareFractions(sum, all, -int64_t{model_.undecided_milli_nats()}, 1) <= 0) continue;
      if (Parted(session, other)) continue;
      pairs.push_back(std::move(across.best));
    }
  }

  bool Parted(const Cluster& a, const Cluster& b) const {
    for (const std::string& left : a.report_ids) {
      const std::set<std::string>& parted = closure_.PartedFrom(left);
      if (parted.empty()) continue;
      for (const std::string& right : b.report_ids) {
        if (closure_.Names(right) && parted.count(closure_.ClassOf(right)) > 0) return true;
      }
    }
    return false;
  }

  bool Compared(const Report& a, const Report& b) const {
    if (a.group == b.group) return true;
    const std::vector<Edge>& edges = groups_[a.group].edges;
    return std::any_of(edges.begin(), edges.end(),
                       [&](const Edge& edge) { return edge.group == b.group; });
  }

  v1::PairExplanation ExplainReports(const Report& a, const Report& b) const {
    v1::PairExplanation explanation = ExplainPair(a.features, b.features, model_);
    const RulingClosure::Verdict verdict = closure_.Of(a.features.report_id, b.features.report_id);
    explanation.set_ruling_id(verdict.ruling_id);
    explanation.set_ruling_effect(verdict.effect);
    explanation.set_never_compared(!Compared(a, b));
    return explanation;
  }

  v1::MatchModel model_;
  Scorer scorer_;

  std::vector<Report> reports_;
  std::vector<uint32_t> free_reports_;
  absl::flat_hash_map<std::string, uint32_t> report_by_id_;
  // How many reports here name that id.
  absl::flat_hash_map<std::string, uint32_t> naming_reports_;

  std::vector<Group> groups_;
  std::vector<uint32_t> free_groups_;
  absl::flat_hash_map<GroupKey, uint32_t> group_by_key_;
  absl::flat_hash_map<uint64_t, Block> blocks_;
  uint64_t edge_count_ = 0;

  std::vector<std::vector<uint32_t>> components_;
  std::vector<uint32_t> free_components_;

  // What Refresh has to look at.
  std::set<uint32_t> dirty_groups_;
  std::set<uint32_t> touched_groups_;
  std::set<uint32_t> touched_components_;
  std::set<std::string> stale_sessions_;

  RulingClosure closure_;
  std::map<std::string, Session, std::less<>> sessions_;
  Stats stats_;
};

MatchIndex::MatchIndex(v1::MatchModel model) : impl_(std::make_unique<Impl>(std::move(model))) {}
MatchIndex::~MatchIndex() = default;
MatchIndex::MatchIndex(MatchIndex&&) noexcept = default;
MatchIndex& MatchIndex::operator=(MatchIndex&&) noexcept = default;

const v1::MatchModel& MatchIndex::model() const { return impl_->model(); }
void MatchIndex::Upsert(ReportFeatures features) { impl_->Upsert(std::move(features)); }
void MatchIndex::Remove(absl::string_view report_id) { impl_->Remove(report_id); }
void MatchIndex::SetRulings(std::vector<MatchRuling> rulings) {
  impl_->SetRulings(std::move(rulings));
}
MatchIndex::Change MatchIndex::Refresh() { return impl_->Refresh(); }
size_t MatchIndex::report_count() const { return impl_->report_count(); }
const Cluster* MatchIndex::ClusterOf(absl::string_view report_id) const {
  return impl_->ClusterOf(report_id);
}
std::vector<Cluster> MatchIndex::Clusters() const { return impl_->Clusters(); }
const ReportFeatures* MatchIndex::FindFeatures(absl::string_view report_id) const {
  return impl_->FindFeatures(report_id);
}
std::vector<std::string> MatchIndex::SetAsideRulings() const { return impl_->SetAsideRulings(); }
std::vector<MatchIndex::DoubtfulPair> MatchIndex::DoubtfulPairsOf(
    absl::string_view session_id) const {
  return impl_->DoubtfulPairsOf(session_id);
}
absl::StatusOr<v1::PairExplanation> MatchIndex::Explain(absl::string_view a,
                                                        absl::string_view b) const {
  return impl_->Explain(a, b);
}
std::vector<v1::PairExplanation> MatchIndex::ExplainCluster(absl::string_view session_id) const {
  return impl_->ExplainCluster(session_id);
}
std::vector<MatchIndex::Hint> MatchIndex::Candidates(const ReportFeatures& probe,
                                                     size_t limit) const {
  return impl_->Candidates(probe, limit);
}
std::vector<MatchIndex::ComparedPair> MatchIndex::ComparedPairs() const {
  return impl_->ComparedPairs();
}
MatchIndex::Stats MatchIndex::stats() const { return impl_->stats(); }

}  // namespace baraza
