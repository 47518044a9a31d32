#include "core/match/index.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "core/base/status.h"
#include "core/match/blocking.h"
#include "core/match/clustering.h"
#include "core/match/explain.h"
#include "core/match/hash.h"
#include "core/match/model.h"
#include "core/match/packed_features.h"
#include "core/match/score.h"

namespace baraza {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
// Pairs of records across two sessions that are weighed one by one to tell whether they are in
// doubt; between larger ones just the kept pairs are, and the others weigh as never compared.
constexpr size_t kMostPairsAcross = 4096;
constexpr size_t kUnpackedRecords = 4096;
// How many reports that know no day better than itself such a report may hang together with.
constexpr size_t kLinksWithoutDay = 3;

template <typename List>
void Insert(List& sorted, uint32_t value) {
  sorted.insert(std::lower_bound(sorted.begin(), sorted.end(), value), value);
}

template <typename List>
void Erase(List& sorted, uint32_t value) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), value);
  if (at != sorted.end() && *at == value) sorted.erase(at);
}

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

MatchLimits MatchLimits::Of(const v1::MatchModel& model) {
  const uint32_t threshold = model.block_split_threshold();
  MatchLimits limits;
  // A place on a day says more than a team or a word does.
  limits.blocks.place_alone = threshold / 4;
  limits.blocks.day_alone = threshold / 2;
  limits.blocks.team_alone = std::max(threshold / 16, 1u);
  limits.blocks.document_alone = threshold;
  limits.blocks.crowded_day = 4 * threshold;
  limits.blocks.crowded_month = 64 * threshold;
  limits.blocks.crowded_ever = 16 * threshold;
  limits.blocks.crowded_no_day = 4 * threshold;
  return limits;
}

// How it works
//
//   reports --(identical records)--> groups --(shared blocks)--> kept pairs --(links)--> components
//
// A group is all reports with one fingerprint: they score alike against everything, so they are
// compared, stored and clustered as one node with a weight. A report that another report or a
// ruling names by its id is told from its likes by that, and is a group of its own; so is one whose
// likes would not hold together.
//
// A report that knows no day may resemble a whole series, and many such would chain a year's
// sessions to one component. It hangs on the one report with a day that it resembles most, and on a
// few others without; the rest of its pairs are weighed and may be questions, but link nothing.
//
// Of the pairs that share a block just those above -undecided are kept: all that make components
// or are questions. The others matter within a component (or across two sessions with a kept pair)
// only, and are weighed again there; their scores depend on the two records alone. Numbers of
// groups and reports are just names here: whatever reaches an answer is ordered by report ids.
class MatchIndex::Impl {
 public:
  Impl(v1::MatchModel model, const MatchLimits& limits)
      : model_(std::move(model)),
        limits_(limits),
        scorer_(Checked(model_)),
        // Were pairs that share no block more likely than doubtful ones, every pair would have to
        // be known.
        floor_(model_.never_compared_milli_nats() <= -model_.undecided_milli_nats()
                   ? -model_.undecided_milli_nats()
                   : INT32_MIN / 2),
        candidates_(limits.blocks),
        report_by_id_(0, IdHash{&reports_}, IdEqual{&reports_}) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const v1::MatchModel& model() const { return model_; }

  // ---- changes

  void Upsert(const ReportFeatures& features) {
    const auto found = report_by_id_.find(absl::string_view(features.report_id));
    if (found != report_by_id_.end()) {
      Report& report = reports_[*found];
      if (groups_[report.group].key.fingerprint == features.fingerprint) {
        // Just other words for the same, which name the same reports.
        report.packed = PackFeatures(features);
        SetDependencies(*found, features.register_keys);
        return;
      }
      RemoveReport(*found);
    }
    const uint32_t slot = NewReport();
    reports_[slot].packed = PackFeatures(features);
    report_by_id_.insert(slot);
    SetDependencies(slot, features.register_keys);
    JoinGroup(slot, features);
    for (const std::string& named : features.named_reports) {
      std::vector<uint32_t>& naming = naming_reports_[named];
      naming.push_back(slot);
      if (naming.size() == 1) Regroup(named);
    }
  }

  void Remove(absl::string_view report_id) {
    const auto found = report_by_id_.find(report_id);
    if (found != report_by_id_.end()) RemoveReport(*found);
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
    SettleBlocks();
    RecompareDirtyGroups();
    Relink();
    return ClusterRegion(TouchedRegion());
  }

  // ---- answers

  size_t report_count() const { return report_by_id_.size(); }
  bool Contains(absl::string_view report_id) const { return SlotOf(report_id) != kNone; }

  const Cluster* ClusterOf(absl::string_view report_id) const {
    const uint32_t slot = SlotOf(report_id);
    if (slot == kNone || reports_[slot].session == kNone) return nullptr;
    return &sessions_[reports_[slot].session].cluster;
  }

  std::vector<Cluster> Clusters() const {
    std::vector<Cluster> result;
    for (const Session& session : sessions_) {
      if (!session.cluster.report_ids.empty()) result.push_back(session.cluster);
    }
    std::sort(result.begin(), result.end(),
              [](const Cluster& a, const Cluster& b) { return a.session_id < b.session_id; });
    return result;
  }

  std::optional<ReportFeatures> FindFeatures(absl::string_view report_id) const {
    const uint32_t slot = SlotOf(report_id);
    if (slot == kNone) return std::nullopt;
    return UnpackFeatures(reports_[slot].packed);
  }

  std::vector<std::string> ReportsDependingOn(absl::Span<const std::string> keys) const {
    std::vector<std::string> ids;
    for (const std::string& key : keys) {
      const auto found = dependency_by_key_.find(key);
      if (found == dependency_by_key_.end()) continue;
      for (const uint32_t slot : dependents_[found->second]) ids.emplace_back(IdOf(slot));
    }
    SortUnique(ids);
    return ids;
  }

  std::vector<RulingContradiction> ContradictingRulings() const {
    return closure_.Contradictions();
  }

  std::vector<DoubtfulPair> DoubtfulPairsOf(absl::string_view session_id) const {
    const Session* session = FindSession(session_id);
    if (session == nullptr) return {};
    std::vector<DoubtfulPair> pairs = session->doubtful_joins;
    AddDoubtfulNeighbours(*session, pairs);
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
    return ExplainReports(left, right);
  }

  std::vector<v1::PairExplanation> ExplainCluster(absl::string_view session_id) const {
    const Session* session = FindSession(session_id);
    if (session == nullptr || !AllHere(session->cluster)) return {};
    const std::vector<std::string>& ids = session->cluster.report_ids;
    std::vector<v1::PairExplanation> result;
    for (size_t i = 0; i < ids.size(); ++i) {
      for (size_t j = i + 1; j < ids.size() && result.size() < kMaxExplainedPairs; ++j) {
        result.push_back(ExplainReports(SlotOf(ids[i]), SlotOf(ids[j])));
      }
      if (ids.size() > kMaxExplainedReports) break;
    }
    return result;
  }

  std::vector<Hint> Candidates(const ReportFeatures& probe, size_t limit) const {
    CandidateIndex::SparseScratch scratch;
    std::vector<uint32_t> groups;
    ReportFeatures other;
    candidates_.Find(MakeBlockRecord(probe), CandidateIndex::kNoNumber, scratch, groups);
    AddNamed(probe.report_id, probe.named_reports, groups);
    SortUnique(groups);
    std::vector<Hint> hints;
    for (const uint32_t group : groups) {
      UnpackScored(PackedOf(group), other);
      const auto score = scorer_.ScoreAbove(-model_.undecided_milli_nats(), probe, other);
      if (!score) continue;
      // One of several identical ones is hint enough.
      const auto ids = IdsOf(group);
      const bool own = ids[0] == absl::string_view(probe.report_id);
      if (own && ids.size() == 1) continue;
      hints.push_back({std::string(ids[own ? 1 : 0]), *score});
    }
    std::sort(hints.begin(), hints.end(), [](const Hint& a, const Hint& b) {
      return a.score != b.score ? a.score > b.score : a.report_id < b.report_id;
    });
    if (hints.size() > limit) hints.resize(limit);
    return hints;
  }

  std::vector<ComparedPair> ComparedPairs() const {
    std::vector<ComparedPair> pairs;
    const auto add = [&](absl::string_view a, absl::string_view b, int32_t score) {
      const bool together = ClusterOf(a) == ClusterOf(b);
      pairs.push_back({std::string(std::min(a, b)), std::string(std::max(a, b)), score, together});
    };
    Searcher searcher(*this);
    ReportFeatures left;
    ReportFeatures right;
    for (uint32_t g = 0; g < groups_.size(); ++g) {
      if (groups_[g].reports.empty()) continue;
      const auto ids = IdsOf(g);
      UnpackScored(PackedOf(g), left);
      for (size_t i = 1; i < ids.size(); ++i) add(ids[0], ids[i], scorer_.Score(left, left));
      for (const uint32_t other : searcher.CandidatesOf(g)) {
        if (other <= g) continue;
        UnpackScored(PackedOf(other), right);
        add(ids[0], IdsOf(other)[0], scorer_.Score(left, right));
      }
    }
    std::sort(pairs.begin(), pairs.end(), [](const ComparedPair& a, const ComparedPair& b) {
      return std::tie(a.left_report_id, a.right_report_id) <
             std::tie(b.left_report_id, b.right_report_id);
    });
    return pairs;
  }

  std::vector<ReviewLink> ReviewLinks(absl::Span<const std::string> session_ids) const {
    std::vector<ReviewLink> links;
    Searcher searcher(*this);
    for (const std::string& session_id : session_ids) {
      const Session* session = FindSession(session_id);
      if (session == nullptr || !AllHere(session->cluster)) continue;
      AddLinksWithin(session->cluster, links);
      AddLinkToEarlier(*session, searcher, links);
    }
    return links;
  }

  std::vector<HeldBack> WhatWasHeldBack() const {
    std::vector<HeldBack> result;
    for (const CandidateIndex::HeldBackCohort& cohort : candidates_.HeldBack()) {
      HeldBack& held = result.emplace_back();
      held.reason = HeldBack::Reason::kCrowdedBlock;
      for (size_t i = 0; i < cohort.numbers.size(); ++i) {
        const auto ids = IdsOf(cohort.numbers[i]);
        for (const absl::string_view id : ids) held.report_ids.emplace_back(id);
        if (i < cohort.leaders) held.compared_with.emplace_back(ids[0]);
      }
    }
    for (const auto& [start, members] : large_components_) {
      HeldBack& held = result.emplace_back();
      held.reason = HeldBack::Reason::kLargeComponent;
      for (const uint32_t g : members) {
        const auto ids = IdsOf(g);
        for (const absl::string_view id : ids) held.report_ids.emplace_back(id);
      }
    }
    for (HeldBack& held : result) {
      std::sort(held.report_ids.begin(), held.report_ids.end());
      std::sort(held.compared_with.begin(), held.compared_with.end());
    }
    std::sort(result.begin(), result.end(), [](const HeldBack& a, const HeldBack& b) {
      return std::tie(a.reason, a.report_ids[0]) < std::tie(b.reason, b.report_ids[0]);
    });
    return result;
  }

  Stats stats() const {
    Stats stats = stats_;
    stats.kept_pairs = kept_pairs_;
    return stats;
  }

 private:
  struct Report {
    std::string packed;                // the record, see packed_features.h
    std::vector<uint32_t> depends_on;  // numbers of register keys
    uint32_t group = kNone;
    uint32_t session = kNone;  // as of the last Refresh
  };

  // Reports by id, without another copy of the ids.
  struct IdHash {
    using is_transparent = void;
    const std::vector<Report>* reports;
    size_t operator()(absl::string_view id) const { return absl::Hash<absl::string_view>()(id); }
    size_t operator()(uint32_t slot) const {
      return (*this)(PackedReportId((*reports)[slot].packed));
    }
  };
  struct IdEqual {
    using is_transparent = void;
    const std::vector<Report>* reports;
    absl::string_view Id(absl::string_view id) const { return id; }
    absl::string_view Id(uint32_t slot) const { return PackedReportId((*reports)[slot].packed); }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return Id(a) == Id(b);
    }
  };

  // A kept pair.
  struct Edge {
    uint32_t group = 0;
    int32_t score = 0;
  };

  struct GroupKey {
    std::array<uint64_t, 2> fingerprint{};
    // Hash of the report's id when it stands alone, else 0.
    uint64_t alone = 0;
    friend bool operator==(const GroupKey&, const GroupKey&) = default;
    template <typename H>
    friend H AbslHashValue(H state, const GroupKey& key) {
      return H::combine(std::move(state), key.fingerprint[0], key.fingerprint[1], key.alone);
    }
  };

  struct Group {
    GroupKey key;
    absl::InlinedVector<uint32_t, 4> reports;  // slots, sorted; empty: not in use
    std::vector<Edge> edges;                   // sorted by group
    int32_t self_score = 0;                    // of two reports of the group
    bool dirty = false;                        // to be compared with its candidates
    bool touched = false;                      // to be clustered anew
    bool no_day = false;                       // its date is known less exactly than to the day
    // While dirty groups are compared: this one has been.
    bool compared = false;
    // Number of a search through components.
    uint32_t seen = 0;

    void Free() {
      reports.clear();
      edges = {};
      dirty = touched = compared = no_day = false;
    }
  };

  struct Session {
    Cluster cluster;  // without reports: not in use
    std::vector<DoubtfulPair> doubtful_joins;
  };

  static const v1::MatchModel& Checked(const v1::MatchModel& model) {
    if (!ValidateModel(model).ok()) std::abort();
    return model;
  }

  // Candidates of groups, for one caller.
  class Searcher {
   public:
    explicit Searcher(const Impl& impl) : impl_(impl) {}
    const std::vector<uint32_t>& CandidatesOf(uint32_t g) {
      UnpackScored(impl_.PackedOf(g), features_);
      impl_.FindCandidates(g, features_, scratch_, found_);
      return found_;
    }

   private:
    const Impl& impl_;
    ReportFeatures features_;
    CandidateIndex::SparseScratch scratch_;
    std::vector<uint32_t> found_;
  };

  // ---- reports and groups

  uint32_t SlotOf(absl::string_view report_id) const {
    const auto found = report_by_id_.find(report_id);
    return found == report_by_id_.end() ? kNone : *found;
  }
  absl::string_view IdOf(uint32_t slot) const { return PackedReportId(reports_[slot].packed); }

  uint32_t NewReport() {
    if (free_reports_.empty()) {
      reports_.emplace_back();
      return static_cast<uint32_t>(reports_.size() - 1);
    }
    const uint32_t slot = free_reports_.back();
    free_reports_.pop_back();
    return slot;
  }

  void RemoveReport(uint32_t slot) {
    ReportFeatures features;
    UnpackScored(reports_[slot].packed, features);
    LeaveGroup(slot, features);
    SetDependencies(slot, {});
    report_by_id_.erase(report_by_id_.find(slot));
    reports_[slot] = Report();
    free_reports_.push_back(slot);
    for (const std::string& id : features.named_reports) {
      const auto naming = naming_reports_.find(id);
      std::vector<uint32_t>& slots = naming->second;
      slots.erase(std::find(slots.begin(), slots.end(), slot));
      if (!slots.empty()) continue;
      naming_reports_.erase(naming);
      Regroup(id);
    }
  }

  void SetDependencies(uint32_t slot, const std::vector<std::string>& keys) {
    std::vector<uint32_t> wanted;
    wanted.reserve(keys.size());
    for (const std::string& key : keys) {
      const auto [at, fresh] =
          dependency_by_key_.try_emplace(key, static_cast<uint32_t>(dependents_.size()));
      if (fresh) dependents_.emplace_back();
      wanted.push_back(at->second);
    }
    std::vector<uint32_t>& depends_on = reports_[slot].depends_on;
    // When an entry that all reports name changes, all of them come here, mostly with what they
    // had.
    if (wanted == depends_on) return;
    for (const uint32_t key : depends_on) {
      std::vector<uint32_t>& slots = dependents_[key];
      *std::find(slots.begin(), slots.end(), slot) = slots.back();
      slots.pop_back();
    }
    for (const uint32_t key : wanted) dependents_[key].push_back(slot);
    depends_on = std::move(wanted);
  }

  // The report is named now, or no longer.
  void Regroup(const std::string& report_id) {
    LeaveById(report_id);
    JoinById(report_id);
  }
  void LeaveById(absl::string_view report_id) {
    const uint32_t slot = SlotOf(report_id);
    if (slot == kNone) return;
    ReportFeatures features;
    UnpackScored(reports_[slot].packed, features);
    LeaveGroup(slot, features);
  }
  void JoinById(absl::string_view report_id) {
    const uint32_t slot = SlotOf(report_id);
    if (slot == kNone) return;
    ReportFeatures features;
    UnpackScored(reports_[slot].packed, features);
    JoinGroup(slot, features);
  }

  void JoinGroup(uint32_t slot, const ReportFeatures& features) {
    const int32_t self_score = scorer_.Score(features, features);
    const bool alone = self_score <= 0 || closure_.Names(features.report_id) ||
                       naming_reports_.contains(features.report_id);
    const GroupKey key = {features.fingerprint, alone ? features.report_hash : 0};
    const auto [at, made] = group_by_key_.try_emplace(key, kNone);
    if (made) {
      const uint32_t g = at->second = NewGroup();
      Group& group = groups_[g];
      group.key = key;
      group.reports = {slot};
      group.self_score = self_score;
      const BlockRecord record = MakeBlockRecord(features);
      group.no_day = record.time != BlockTime::kFine;
      candidates_.Add(g, record,
                      CombineHash(CombineHash(key.fingerprint[0], key.fingerprint[1]), key.alone));
      MarkDirty(g);
    } else {
      Insert(groups_[at->second].reports, slot);
    }
    reports_[slot].group = at->second;
    Touch(at->second);
  }

  void LeaveGroup(uint32_t slot, const ReportFeatures& features) {
    Report& report = reports_[slot];
    const uint32_t g = report.group;
    if (g == kNone) return;
    report.group = kNone;
    if (report.session != kNone) stale_sessions_.push_back(report.session);
    report.session = kNone;
    Group& group = groups_[g];
    // The id of its first report may be another from here on.
    unpacked_.Forget(g);
    if (group.reports.size() > 1) {
      Erase(group.reports, slot);
      Touch(g);
      return;
    }
    for (const Edge& edge : group.edges) {
      EraseEdge(edge.group, g);
      --kept_pairs_;
      // What held together through this one, or was in doubt because of it.
      Touch(edge.group);
      PairsChanged(edge.group);
    }
    links_.erase(g);
    ForEachTied(g, [&](uint32_t other) {
      if (other != kNone) Touch(other);
    });
    candidates_.Remove(g, MakeBlockRecord(features));
    group_by_key_.erase(group.key);
    large_components_.erase(g);
    group.Free();
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

  // Of any of its reports: they differ in their ids only.
  const std::string& PackedOf(uint32_t g) const { return reports_[groups_[g].reports[0]].packed; }

  // Sorted.
  std::vector<absl::string_view> IdsOf(uint32_t g) const {
    std::vector<absl::string_view> ids;
    ids.reserve(groups_[g].reports.size());
    for (const uint32_t slot : groups_[g].reports) ids.push_back(IdOf(slot));
    if (ids.size() > 1) std::sort(ids.begin(), ids.end());
    return ids;
  }

  // Both may come to hold groups that are gone, or one twice: the flags decide.
  void MarkDirty(uint32_t g) {
    if (groups_[g].dirty) return;
    groups_[g].dirty = true;
    dirty_groups_.push_back(g);
  }
  void Touch(uint32_t g) {
    if (g == kNone || groups_[g].touched) return;
    groups_[g].touched = true;
    touched_groups_.push_back(g);
  }

  // Unpacked records of groups that are compared again and again.
  class UnpackedRecords {
   public:
    // Until the next call.
    const ReportFeatures& Get(const Impl& impl, uint32_t g) {
      if (entries_.size() < kUnpackedRecords && entries_.size() < impl.groups_.size()) {
        entries_.assign(std::clamp<size_t>(2 * impl.groups_.size(), 16, kUnpackedRecords), Entry());
      }
      Entry& entry = entries_[g % entries_.size()];
      if (entry.group != g) {
        UnpackScored(impl.PackedOf(g), entry.features);
        entry.group = g;
      }
      return entry.features;
    }
    void Forget(uint32_t g) {
      if (entries_.empty()) return;
      Entry& entry = entries_[g % entries_.size()];
      if (entry.group == g) entry.group = kNone;
    }

   private:
    struct Entry {
      uint32_t group = kNone;
      ReportFeatures features;
    };
    std::vector<Entry> entries_;
  };

  // ---- candidates and kept pairs

  template <typename Scratch>
  void FindCandidates(uint32_t g, const ReportFeatures& features, Scratch& scratch,
                      std::vector<uint32_t>& found) const {
    candidates_.Find(MakeBlockRecord(features), g, scratch, found);
    const size_t before = found.size();
    AddNamed(features.report_id, features.named_reports, found);
    if (found.size() == before) return;
    SortUnique(found);
    Erase(found, g);
  }

  // What FindCandidates says, for one pair.
  bool AreCandidates(uint32_t a, const ReportFeatures& features_a, const BlockRecord& record_a,
                     uint32_t b, const ReportFeatures& features_b,
                     const BlockRecord& record_b) const {
    const auto names = [](const ReportFeatures& from, const ReportFeatures& to) {
      return std::binary_search(from.named_reports.begin(), from.named_reports.end(), to.report_id);
    };
    return names(features_a, features_b) || names(features_b, features_a) ||
           candidates_.AreCandidates(record_a, a, record_b, b);
  }

  // A report and those that name it (part of, hint answers) are always compared.
  void AddNamed(const std::string& report_id, const std::vector<std::string>& named,
                std::vector<uint32_t>& found) const {
    for (const std::string& id : named) {
      const uint32_t slot = SlotOf(id);
      if (slot != kNone) found.push_back(reports_[slot].group);
    }
    const auto naming = naming_reports_.find(report_id);
    if (naming == naming_reports_.end()) return;
    for (const uint32_t slot : naming->second) found.push_back(reports_[slot].group);
  }

  // Blocks that grew common or crowded, or no longer are: their records are looked at again.
  void SettleBlocks() {
    size_t settled = 0;
    while (true) {
      for (const uint32_t g : candidates_.TakeAffected()) {
        if (groups_[g].reports.empty()) continue;
        MarkDirty(g);
        Touch(g);
        // Perhaps seen before, as another than it is now.
        unsettled_.push_back(g);
      }
      for (; settled < dirty_groups_.size(); ++settled) {
        unsettled_.push_back(dirty_groups_[settled]);
      }
      if (unsettled_.empty()) return;
      for (const uint32_t g : std::exchange(unsettled_, {})) {
        if (groups_[g].reports.empty()) continue;
        if (!candidates_.MayBeHeldBack(g)) continue;
        candidates_.UpdateHeldBack(g, MakeBlockRecord(unpacked_.Get(*this, g)));
      }
    }
  }

  static std::vector<Edge>::iterator FindEdge(std::vector<Edge>& edges, uint32_t g) {
    return std::lower_bound(edges.begin(), edges.end(), g,
                            [](const Edge& edge, uint32_t value) { return edge.group < value; });
  }
  // nullptr: none.
  static const Edge* FindEdge(const Group& group, uint32_t g) {
    const auto at = FindEdge(const_cast<std::vector<Edge>&>(group.edges), g);
    return at != group.edges.end() && at->group == g ? &*at : nullptr;
  }

  void EraseEdge(uint32_t from, uint32_t to) {
    std::vector<Edge>& edges = groups_[from].edges;
    const auto at = FindEdge(edges, to);
    if (at != edges.end() && at->group == to) edges.erase(at);
  }

  void RecompareDirtyGroups() {
    std::vector<std::pair<int32_t, uint32_t>> order;
    order.reserve(dirty_groups_.size());
    for (const uint32_t g : dirty_groups_) {
      if (groups_[g].dirty) order.push_back({candidates_.SortDay(g), g});
    }
    dirty_groups_.clear();
    SortUnique(order);
    for (const auto& [day, g] : order) Recompare(g);
    for (const auto& [day, g] : order) groups_[g].dirty = groups_[g].compared = false;
  }

  // Brings the kept pairs of one group up to date on both sides. Scores of pairs that stay stand: a
  // group's record never changes. A pair of two dirty groups is weighed with the first of them.
  void Recompare(uint32_t g) {
    UnpackScored(PackedOf(g), probe_);
    FindCandidates(g, probe_, scratch_, found_);
    std::vector<Edge>& edges = groups_[g].edges;
    std::vector<Edge> before = std::exchange(edges, {});
    auto old = before.begin();
    bool weighed = false;
    const auto drop = [&](const Edge& edge) {
      EraseEdge(edge.group, g);
      --kept_pairs_;
      Touch(g);
      Touch(edge.group);
      PairsChanged(g);
      PairsChanged(edge.group);
    };
    for (const uint32_t other : found_) {
      while (old != before.end() && old->group < other) drop(*old++);
      if (old != before.end() && old->group == other) {
        edges.push_back(*old++);
        continue;
      }
      if (groups_[other].compared) continue;
      ++stats_.candidate_pairs;
      weighed = true;
      const auto score = scorer_.ScoreAbove(floor_, probe_, unpacked_.Get(*this, other));
      if (!score) continue;
      ++stats_.scored_pairs;
      edges.push_back({other, *score});
      std::vector<Edge>& back = groups_[other].edges;
      back.insert(FindEdge(back, g), Edge{g, *score});
      ++kept_pairs_;
      Touch(g);
      Touch(other);
      PairsChanged(g);
      PairsChanged(other);
    }
    while (old != before.end()) drop(*old++);
    edges.shrink_to_fit();
    groups_[g].compared = true;
    if (weighed) stats_.rescored_reports += groups_[g].reports.size();
  }

  // ---- links

  void PairsChanged(uint32_t g) {
    if (groups_[g].no_day) unlinked_.push_back(g);
  }

  // Chooses anew what groups without a day hang on whose pairs changed.
  void Relink() {
    SortUnique(unlinked_);
    for (const uint32_t g : std::exchange(unlinked_, {})) {
      if (groups_[g].reports.empty() || !groups_[g].no_day) continue;
      Links& links = links_[g];
      Links before = std::exchange(links, LikeliestPartners(g));
      if (before == links) continue;
      Touch(g);
      for (const uint32_t partner : before) {
        if (!groups_[partner].reports.empty()) Touch(partner);
      }
      for (const uint32_t partner : links) Touch(partner);
    }
  }

  using Links = std::vector<uint32_t>;
  Links LikeliestPartners(uint32_t g) const {
    std::vector<std::tuple<int32_t, uint64_t, uint32_t>> with_day;
    std::vector<std::tuple<int32_t, uint64_t, uint32_t>> without_day;
    for (const Edge& edge : groups_[g].edges) {
      if (edge.score <= 0) continue;
      auto& partners = groups_[edge.group].no_day ? without_day : with_day;
      partners.push_back({-edge.score, candidates_.Order(edge.group), edge.group});
    }
    Links links;
    const auto take = [&](auto& partners, size_t most) {
      most = std::min(most, partners.size());
      std::partial_sort(partners.begin(), partners.begin() + most, partners.end());
      for (size_t i = 0; i < most; ++i) links.push_back(std::get<2>(partners[i]));
    };
    take(with_day, 1);
    take(without_day, kLinksWithoutDay);
    return links;
  }

  bool HangsOn(uint32_t g, uint32_t partner) const {
    const auto links = links_.find(g);
    return links != links_.end() &&
           std::find(links->second.begin(), links->second.end(), partner) != links->second.end();
  }

  template <typename F>
  void ForEachLink(uint32_t g, F&& take) const {
    for (const Edge& edge : groups_[g].edges) {
      if (edge.score <= 0) continue;
      const bool day = !groups_[g].no_day;
      const bool other_day = !groups_[edge.group].no_day;
      if ((day && other_day) || (!day && HangsOn(g, edge.group)) ||
          (!other_day && HangsOn(edge.group, g))) {
        take(edge.group);
      }
    }
  }

  // ---- components

  // Groups whose clusters may change: whole components of what was touched. Of a component that
  // fell apart every part was touched. In the order in which they were reached.
  std::vector<std::vector<uint32_t>> TouchedRegion() {
    std::vector<std::vector<uint32_t>> region;
    ++search_;
    for (const uint32_t start : touched_groups_) {
      if (groups_[start].reports.empty() || groups_[start].seen == search_) continue;
      std::vector<uint32_t>& members = region.emplace_back();
      const auto reach = [&](uint32_t g) {
        if (groups_[g].seen == search_) return;
        groups_[g].seen = search_;
        members.push_back(g);
      };
      reach(start);
      for (size_t i = 0; i < members.size(); ++i) {
        const uint32_t g = members[i];
        ForEachLink(g, reach);
        ForEachTied(g, reach);
      }
    }
    return region;
  }

  template <typename F>
  void ForEachTied(uint32_t g, F&& take) const {
    if (closure_.rulings().empty()) return;
    // Just a report that stands alone may be named by a ruling.
    for (const std::string& id : closure_.TiedTo(IdOf(groups_[g].reports[0]))) {
      const uint32_t slot = SlotOf(id);
      if (slot != kNone) take(reports_[slot].group);
    }
  }

  Change ClusterRegion(const std::vector<std::vector<uint32_t>>& region) {
    for (const auto& members : region) {
      for (const uint32_t g : members) {
        large_components_.erase(g);
        for (const uint32_t slot : groups_[g].reports) {
          if (reports_[slot].session != kNone) stale_sessions_.push_back(reports_[slot].session);
        }
      }
    }
    std::vector<Session> fresh;
    for (const auto& members : region) ClusterComponent(members, fresh);
    return Install(std::move(fresh));
  }

  // A node of the clustering: all reports of a group.
  struct Node {
    std::vector<absl::string_view> ids;  // sorted
    uint32_t group = kNone;
  };

  void ClusterComponent(const std::vector<uint32_t>& members, std::vector<Session>& fresh) {
    std::vector<Node> nodes;
    nodes.reserve(members.size());
    for (const uint32_t g : members) {
      nodes.push_back({IdsOf(g), g});
      stats_.reclustered_reports += nodes.back().ids.size();
    }
    if (nodes.size() == 1) {
      AddSession({&nodes[0]}, fresh);
      AddSelfDoubt(nodes[0], fresh.back());
      return;
    }
    std::sort(nodes.begin(), nodes.end(),
              [](const Node& a, const Node& b) { return a.ids[0] < b.ids[0]; });
    const Clustering clustering = ClusterNodes(nodes);
    std::vector<std::vector<const Node*>> clusters(nodes.size());
    for (uint32_t node = 0; node < nodes.size(); ++node) {
      clusters[clustering.cluster_of[node]].push_back(&nodes[node]);
    }
    std::vector<size_t> session_of(nodes.size());
    for (uint32_t node = 0; node < nodes.size(); ++node) {
      if (clusters[node].empty()) continue;
      session_of[node] = fresh.size();
      AddSession(clusters[node], fresh);
      for (const Node* part : clusters[node]) AddSelfDoubt(*part, fresh.back());
    }
    for (const DoubtfulMerge& doubt : clustering.doubtful) {
      fresh[session_of[doubt.cluster]].doubtful_joins.push_back({std::string(nodes[doubt.a].ids[0]),
                                                                 std::string(nodes[doubt.b].ids[0]),
                                                                 doubt.score, true});
    }
  }

  Clustering ClusterNodes(const std::vector<Node>& nodes) {
    ClusterProblem problem;
    problem.never_compared = model_.never_compared_milli_nats();
    absl::flat_hash_map<uint32_t, uint32_t> node_of;
    std::map<std::string, std::vector<uint32_t>> classes;
    for (uint32_t i = 0; i < nodes.size(); ++i) {
      problem.weights.push_back(static_cast<int64_t>(nodes[i].ids.size()));
      node_of[nodes[i].group] = i;
      if (closure_.Names(nodes[i].ids[0])) classes[closure_.ClassOf(nodes[i].ids[0])].push_back(i);
    }
    for (const auto& [name, tied] : classes) {
      for (size_t i = 1; i < tied.size(); ++i) problem.same.push_back({tied[0], tied[i]});
      for (const std::string& other : closure_.PartedFrom(name)) {
        const auto parted = classes.find(other);
        if (parted != classes.end()) problem.different.push_back({tied[0], parted->second[0]});
      }
    }
    const bool exact = nodes.size() <= limits_.largest_exact_component;
    for (uint32_t i = 0; i < nodes.size(); ++i) {
      for (const Edge& edge : groups_[nodes[i].group].edges) {
        const auto other = node_of.find(edge.group);
        if (other != node_of.end() && other->second > i) {
          problem.edges.push_back({i, other->second, edge.score});
        }
      }
    }
    if (exact) AddPairsNotKept(nodes, problem);
    if (exact) return ClusterByMeanLinkage(problem, model_.undecided_milli_nats());
    std::vector<uint32_t>& large = large_components_[nodes[0].group];
    for (const Node& node : nodes) large.push_back(node.group);
    return ClusterByAnchors(problem, [&](uint32_t a, uint32_t b) {
      UnpackScored(PackedOf(nodes[a].group), probe_);
      return scorer_.Score(probe_, unpacked_.Get(*this, nodes[b].group));
    });
  }

  // The pairs of nodes that share a block and weigh too little to be kept.
  void AddPairsNotKept(const std::vector<Node>& nodes, ClusterProblem& problem) {
    // Nearly always every pair is kept.
    const size_t pairs = nodes.size() * (nodes.size() - 1) / 2;
    if (problem.edges.size() == pairs) return;
    std::vector<ReportFeatures> features(nodes.size());
    for (size_t i = 0; i < nodes.size(); ++i) UnpackScored(PackedOf(nodes[i].group), features[i]);
    std::vector<BlockRecord> records;
    records.reserve(nodes.size());
    for (const ReportFeatures& each : features) records.push_back(MakeBlockRecord(each));
    for (uint32_t i = 0; i < nodes.size(); ++i) {
      for (uint32_t j = i + 1; j < nodes.size(); ++j) {
        const uint32_t a = nodes[i].group;
        const uint32_t b = nodes[j].group;
        if (FindEdge(groups_[a], b) != nullptr) continue;
        if (!AreCandidates(a, features[i], records[i], b, features[j], records[j])) continue;
        problem.edges.push_back({i, j, scorer_.Score(features[i], features[j])});
      }
    }
  }

  static void AddSession(const std::vector<const Node*>& parts, std::vector<Session>& fresh) {
    Cluster& cluster = fresh.emplace_back().cluster;
    for (const Node* part : parts) {
      for (const absl::string_view id : part->ids) cluster.report_ids.emplace_back(id);
    }
    if (parts.size() > 1) std::sort(cluster.report_ids.begin(), cluster.report_ids.end());
    cluster.session_id = cluster.report_ids[0];
  }

  // Identical records that barely hold together are one question.
  void AddSelfDoubt(const Node& node, Session& session) const {
    const int32_t score = groups_[node.group].self_score;
    if (node.ids.size() < 2 || score >= model_.undecided_milli_nats()) return;
    session.doubtful_joins.push_back(
        {std::string(node.ids[0]), std::string(node.ids[1]), score, true});
  }

  // Puts the fresh sessions in place of the stale ones and says what differs.
  Change Install(std::vector<Session> fresh) {
    Change change;
    absl::flat_hash_map<std::string, Session> old;
    SortUnique(stale_sessions_);
    for (const uint32_t at : stale_sessions_) {
      std::string id = sessions_[at].cluster.session_id;
      old.emplace(std::move(id), std::move(sessions_[at]));
      sessions_[at] = Session();
      free_sessions_.push_back(at);
    }
    stale_sessions_.clear();
    for (Session& session : fresh) {
      const std::string& id = session.cluster.session_id;
      const auto before = old.find(id);
      if (before == old.end() || !(before->second.cluster == session.cluster)) {
        change.clusters.push_back(session.cluster);
        // A join within may be in doubt, or no more, by what happened elsewhere in the component.
      } else if (before->second.doubtful_joins != session.doubtful_joins ||
                 std::any_of(session.cluster.report_ids.begin(), session.cluster.report_ids.end(),
                             [&](const std::string& report_id) {
                               return groups_[reports_[SlotOf(report_id)].group].touched;
                             })) {
        change.reweighed_session_ids.push_back(id);
      }
      if (before != old.end()) before->second.cluster.session_id.clear();  // It lives on.
      uint32_t at = static_cast<uint32_t>(sessions_.size());
      if (free_sessions_.empty()) {
        sessions_.emplace_back();
      } else {
        at = free_sessions_.back();
        free_sessions_.pop_back();
      }
      for (const std::string& report_id : session.cluster.report_ids) {
        reports_[SlotOf(report_id)].session = at;
      }
      session.doubtful_joins.shrink_to_fit();
      sessions_[at] = std::move(session);
    }
    for (const auto& [id, session] : old) {
      if (!session.cluster.session_id.empty()) change.dissolved_session_ids.push_back(id);
    }
    for (const uint32_t g : touched_groups_) groups_[g].touched = false;
    touched_groups_.clear();
    std::sort(change.dissolved_session_ids.begin(), change.dissolved_session_ids.end());
    std::sort(change.reweighed_session_ids.begin(), change.reweighed_session_ids.end());
    std::sort(change.clusters.begin(), change.clusters.end(),
              [](const Cluster& a, const Cluster& b) { return a.session_id < b.session_id; });
    return change;
  }

  const Session* FindSession(absl::string_view session_id) const {
    const uint32_t slot = SlotOf(session_id);
    if (slot == kNone || reports_[slot].session == kNone) return nullptr;
    const Session& session = sessions_[reports_[slot].session];
    return session.cluster.session_id == session_id ? &session : nullptr;
  }

  // ---- rulings, doubt, explanations

  // Ids in rulings of `a` that are not, or not in the same way, in `b`.
  static void NoteDifferences(const RulingClosure& a, const RulingClosure& b,
                              std::set<std::string>& changed) {
    absl::flat_hash_map<absl::string_view, size_t> in_b;
    for (size_t j = 0; j < b.rulings().size(); ++j) in_b[b.rulings()[j].ruling_id] = j;
    for (size_t i = 0; i < a.rulings().size(); ++i) {
      const MatchRuling& ruling = a.rulings()[i];
      const auto found = in_b.find(ruling.ruling_id);
      const bool same = found != in_b.end() && b.rulings()[found->second] == ruling &&
                        a.IsTaken(i) == b.IsTaken(found->second);
      if (!same) changed.insert(ruling.report_ids.begin(), ruling.report_ids.end());
    }
  }

  // Of a session, or of another that it may be one with: how many of its reports each group has.
  struct Portion {
    uint32_t group = kNone;
    int64_t reports = 0;
  };
  std::vector<Portion> PortionsOf(const Cluster& cluster) const {
    std::vector<uint32_t> groups;
    groups.reserve(cluster.report_ids.size());
    for (const std::string& id : cluster.report_ids) groups.push_back(reports_[SlotOf(id)].group);
    std::sort(groups.begin(), groups.end());
    std::vector<Portion> portions;
    for (const uint32_t g : groups) {
      if (portions.empty() || portions.back().group != g) portions.push_back({g, 0});
      ++portions.back().reports;
    }
    return portions;
  }

  void AddDoubtfulNeighbours(const Session& session, std::vector<DoubtfulPair>& pairs) const {
    const std::vector<Portion> own = PortionsOf(session.cluster);
    // The likeliest pair with each other session that a kept pair leads to.
    std::map<uint32_t, DoubtfulPair> others;
    for (const Portion& portion : own) {
      const absl::string_view mine = IdsOf(portion.group)[0];
      for (const Edge& edge : groups_[portion.group].edges) {
        const uint32_t at = reports_[groups_[edge.group].reports[0]].session;
        if (at == kNone || &sessions_[at] == &session) continue;
        const absl::string_view theirs = IdsOf(edge.group)[0];
        DoubtfulPair pair{std::string(std::min(mine, theirs)), std::string(std::max(mine, theirs)),
                          edge.score, false};
        const auto [best, fresh] = others.try_emplace(at, pair);
        if (fresh) continue;
        const auto rank = [](const DoubtfulPair& p) {
          return std::make_tuple(-p.score, absl::string_view(p.left_report_id),
                                 absl::string_view(p.right_report_id));
        };
        if (rank(pair) < rank(best->second)) best->second = std::move(pair);
      }
    }
    for (auto& [at, best] : others) {
      const Cluster& other = sessions_[at].cluster;
      if (!InDoubt(own, PortionsOf(other)) || Parted(session.cluster, other)) continue;
      pairs.push_back(std::move(best));
    }
  }

  // Whether two sessions draw one another by more than -undecided.
  bool InDoubt(const std::vector<Portion>& own, const std::vector<Portion>& other) const {
    if (own.size() * other.size() > kMostPairsAcross) return InDoubtByKeptPairs(own, other);
    ReportFeatures left;
    ReportFeatures right;
    Link link;
    int64_t all = 0;
    for (const Portion& mine : own) {
      for (const Portion& theirs : other) {
        const int64_t reports = mine.reports * theirs.reports;
        all += reports;
        if (const Edge* edge = FindEdge(groups_[mine.group], theirs.group); edge != nullptr) {
          link.Add(edge->score, reports);
        } else {
          UnpackScored(PackedOf(mine.group), left);
          UnpackScored(PackedOf(theirs.group), right);
          if (AreCandidates(mine.group, left, MakeBlockRecord(left), theirs.group, right,
                            MakeBlockRecord(right))) {
            link.Add(scorer_.Score(left, right), reports);
          }
        }
      }
    }
    return InDoubt(link, all, own.size() == 1 || other.size() == 1);
  }

  // The same of so many pairs that only the kept ones are looked at. Those that contradict are not
  // known then, so nothing is a lone report.
  bool InDoubtByKeptPairs(const std::vector<Portion>& own,
                          const std::vector<Portion>& other) const {
    const auto total = [](const std::vector<Portion>& portions) {
      int64_t reports = 0;
      for (const Portion& portion : portions) reports += portion.reports;
      return reports;
    };
    const bool own_is_smaller = own.size() <= other.size();
    const std::vector<Portion>& few = own_is_smaller ? own : other;
    const std::vector<Portion>& many = own_is_smaller ? other : own;
    Link link;
    for (const Portion& portion : few) {
      for (const Edge& edge : groups_[portion.group].edges) {
        const auto at = std::lower_bound(
            many.begin(), many.end(), edge.group,
            [](const Portion& candidate, uint32_t group) { return candidate.group < group; });
        if (at == many.end() || at->group != edge.group) continue;
        link.Add(edge.score, portion.reports * at->reports);
      }
    }
    return InDoubt(link, total(own) * total(other), /*lone=*/false);
  }

  bool InDoubt(const Link& link, int64_t all_pairs, bool lone) const {
    const Fraction draw = Draw(link, all_pairs, model_.never_compared_milli_nats(), lone);
    return CompareFractions(draw.num, draw.den, -int64_t{model_.undecided_milli_nats()}, 1) > 0;
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

  // Not so between a change and the Refresh() that takes it in.
  bool AllHere(const Cluster& cluster) const {
    return std::all_of(cluster.report_ids.begin(), cluster.report_ids.end(),
                       [this](const std::string& id) { return SlotOf(id) != kNone; });
  }

  // A ruling that was set aside settles nothing.
  bool IsRuled(absl::string_view a, absl::string_view b) const {
    const v1::RulingEffect effect = closure_.Of(a, b).effect;
    return effect == v1::RULING_EFFECT_SAME || effect == v1::RULING_EFFECT_DIFFERENT;
  }

  // Prim's algorithm from the smallest id; of equal scores the smaller ids.
  void AddLinksWithin(const Cluster& cluster, std::vector<ReviewLink>& links) const {
    const std::vector<std::string>& ids = cluster.report_ids;
    if (ids.size() < 2) return;
    std::vector<ReportFeatures> features(ids.size());
    for (size_t i = 0; i < ids.size(); ++i) {
      UnpackScored(reports_[SlotOf(ids[i])].packed, features[i]);
    }
    struct Nearest {
      int32_t score = 0;
      size_t to = 0;
      bool in_tree = false;
    };
    std::vector<Nearest> nearest(ids.size());
    for (size_t i = 1; i < ids.size(); ++i)
      nearest[i].score = scorer_.Score(features[0], features[i]);
    nearest[0].in_tree = true;
    const bool is_star = ids.size() > kMaxExplainedReports;
    for (size_t added = 1; added < ids.size(); ++added) {
      size_t next = 0;
      for (size_t i = 1; i < ids.size(); ++i) {
        if (nearest[i].in_tree) continue;
        if (next == 0 || (!is_star && nearest[i].score > nearest[next].score)) next = i;
      }
      nearest[next].in_tree = true;
      const auto [left, right] = std::minmax(next, nearest[next].to);
      if (!IsRuled(ids[left], ids[right])) {
        links.push_back({ids[left], ids[right], nearest[next].score, true});
      }
      for (size_t i = 1; i < ids.size() && !is_star; ++i) {
        if (nearest[i].in_tree) continue;
        const int32_t score = scorer_.Score(features[next], features[i]);
        if (score > nearest[i].score) {
          nearest[i].score = score;
          nearest[i].to = next;
        }
      }
    }
  }

  void AddLinkToEarlier(const Session& session, Searcher& searcher,
                        std::vector<ReviewLink>& links) const {
    std::optional<ReviewLink> best;
    ReportFeatures mine;
    ReportFeatures theirs;
    for (const Portion& portion : PortionsOf(session.cluster)) {
      const absl::string_view own = IdsOf(portion.group)[0];
      UnpackScored(PackedOf(portion.group), mine);
      for (const uint32_t other : searcher.CandidatesOf(portion.group)) {
        if (groups_[other].reports.empty()) continue;
        const absl::string_view id = IdsOf(other)[0];
        const uint32_t at = reports_[groups_[other].reports[0]].session;
        if (at == kNone || &sessions_[at] == &session) continue;
        const Cluster& earlier = sessions_[at].cluster;
        if (earlier.session_id >= session.cluster.session_id) continue;
        UnpackScored(PackedOf(other), theirs);
        const int32_t score = scorer_.Score(mine, theirs);
        if (best.has_value() && score < best->score) continue;
        ReviewLink link{std::string(std::min(own, id)), std::string(std::max(own, id)), score,
                        false};
        const auto ids = [](const ReviewLink& l) {
          return std::tie(l.left_report_id, l.right_report_id);
        };
        if (best.has_value() && score == best->score && ids(*best) < ids(link)) continue;
        if (Parted(session.cluster, earlier)) continue;
        best = std::move(link);
      }
    }
    if (best.has_value()) links.push_back(*std::move(best));
  }

  bool Compared(uint32_t a, uint32_t b) const {
    if (a == b || FindEdge(groups_[a], b) != nullptr) return true;
    ReportFeatures left;
    ReportFeatures right;
    UnpackScored(PackedOf(a), left);
    UnpackScored(PackedOf(b), right);
    return AreCandidates(a, left, MakeBlockRecord(left), b, right, MakeBlockRecord(right));
  }

  v1::PairExplanation ExplainReports(uint32_t a, uint32_t b) const {
    v1::PairExplanation explanation =
        ExplainPair(UnpackFeatures(reports_[a].packed), UnpackFeatures(reports_[b].packed), model_);
    const RulingClosure::Verdict verdict = closure_.Of(IdOf(a), IdOf(b));
    explanation.set_ruling_id(verdict.ruling_id);
    explanation.set_ruling_effect(verdict.effect);
    explanation.set_never_compared(!Compared(reports_[a].group, reports_[b].group));
    return explanation;
  }

  v1::MatchModel model_;
  MatchLimits limits_;
  Scorer scorer_;
  // Pairs are kept when they score above it.
  int32_t floor_;
  CandidateIndex candidates_;

  std::vector<Report> reports_;
  std::vector<uint32_t> free_reports_;
  absl::flat_hash_set<uint32_t, IdHash, IdEqual> report_by_id_;
  // Reports here that name that id.
  absl::flat_hash_map<std::string, std::vector<uint32_t>> naming_reports_;
  // Register keys, numbered, and the reports that depend on each.
  absl::flat_hash_map<std::string, uint32_t> dependency_by_key_;
  std::vector<std::vector<uint32_t>> dependents_;

  std::vector<Group> groups_;
  std::vector<uint32_t> free_groups_;
  absl::flat_hash_map<GroupKey, uint32_t> group_by_key_;
  uint64_t kept_pairs_ = 0;
  // What groups without a day hang on.
  absl::flat_hash_map<uint32_t, Links> links_;
  // Components that were clustered by the coarser rule, by one of their groups.
  std::map<uint32_t, std::vector<uint32_t>> large_components_;

  std::vector<Session> sessions_;
  std::vector<uint32_t> free_sessions_;

  // What Refresh has to look at.
  std::vector<uint32_t> dirty_groups_;
  std::vector<uint32_t> unsettled_;
  std::vector<uint32_t> unlinked_;
  std::vector<uint32_t> touched_groups_;
  std::vector<uint32_t> stale_sessions_;
  uint32_t search_ = 0;

  // Room that is used again, of non-const methods.
  ReportFeatures probe_;
  CandidateIndex::DenseScratch scratch_;
  std::vector<uint32_t> found_;
  UnpackedRecords unpacked_;

  RulingClosure closure_;
  Stats stats_;
};

MatchIndex::MatchIndex(v1::MatchModel model)
    : impl_(std::make_unique<Impl>(std::move(model), MatchLimits::Of(model))) {}
MatchIndex::MatchIndex(v1::MatchModel model, const MatchLimits& limits)
    : impl_(std::make_unique<Impl>(std::move(model), limits)) {}
MatchIndex::~MatchIndex() = default;
MatchIndex::MatchIndex(MatchIndex&&) noexcept = default;
MatchIndex& MatchIndex::operator=(MatchIndex&&) noexcept = default;

const v1::MatchModel& MatchIndex::model() const { return impl_->model(); }
void MatchIndex::Upsert(const ReportFeatures& features) { impl_->Upsert(features); }
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
std::optional<ReportFeatures> MatchIndex::FindFeatures(absl::string_view report_id) const {
  return impl_->FindFeatures(report_id);
}
bool MatchIndex::Contains(absl::string_view report_id) const { return impl_->Contains(report_id); }
std::vector<std::string> MatchIndex::ReportsDependingOn(absl::Span<const std::string> keys) const {
  return impl_->ReportsDependingOn(keys);
}
std::vector<RulingContradiction> MatchIndex::ContradictingRulings() const {
  return impl_->ContradictingRulings();
}
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
std::vector<MatchIndex::ReviewLink> MatchIndex::ReviewLinks(
    absl::Span<const std::string> session_ids) const {
  return impl_->ReviewLinks(session_ids);
}
std::vector<MatchIndex::HeldBack> MatchIndex::WhatWasHeldBack() const {
  return impl_->WhatWasHeldBack();
}
MatchIndex::Stats MatchIndex::stats() const { return impl_->stats(); }

}  // namespace baraza
