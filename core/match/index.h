#ifndef BARAZA_CORE_MATCH_INDEX_H_
#define BARAZA_CORE_MATCH_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/match.pb.h"
#include "core/match/candidates.h"
#include "core/match/features.h"
#include "core/match/rulings.h"

namespace baraza {

// A session as found: the reports that describe it.
struct Cluster {
  std::string session_id;               // the smallest report id
  std::vector<std::string> report_ids;  // sorted
  friend bool operator==(const Cluster&, const Cluster&) = default;
};

// From where on an index does coarser work, so that no set of reports, however made, costs time or
// memory out of proportion. Part of what an answer depends on, as the model is.
struct MatchLimits {
  BlockLimits blocks;
  // A component of more records is clustered by ClusterByAnchors instead of ClusterByMeanLinkage.
  size_t largest_exact_component = 128;

  // Those that go with a model: its block_split_threshold sets the scale.
  static MatchLimits Of(const v1::MatchModel& model);
};

// The sessions of a set of reports under a model and rulings, kept up to date.
//
// Invariant: after Refresh() every answer is a pure function of the model, the set of reports
// upserted and not removed, and the set of rulings, whatever the order and batches they came in;
// it equals the answer of a new index given the same. No threads, no clock, no I/O; not
// thread-safe: const methods may run together, none beside a non-const one.
class MatchIndex {
 public:
  // `model` must be valid (ValidateModel); an invalid one aborts.
  explicit MatchIndex(v1::MatchModel model);
  MatchIndex(v1::MatchModel model, const MatchLimits& limits);
  ~MatchIndex();
  MatchIndex(MatchIndex&&) noexcept;
  MatchIndex& operator=(MatchIndex&&) noexcept;

  const v1::MatchModel& model() const;

  // Adds a report or replaces the one with its id. Takes effect with the next Refresh().
  void Upsert(const ReportFeatures& features);
  // Takes a report away (voided, returned ...). Unknown: nothing happens.
  void Remove(absl::string_view report_id);
  // Replaces all rulings by those now in force. A ruling may name reports that are not here: it
  // still ties or parts the others it names.
  void SetRulings(std::vector<MatchRuling> rulings);

  struct Change {
    // Sessions that are no more; sorted.
    std::vector<std::string> dissolved_session_ids;
    // Sessions that are new or whose set of reports changed; sorted by session id. A report whose
    // words changed while it stayed in its session is not a change.
    std::vector<Cluster> clusters;
    // Other sessions of whose reports pairs were weighed anew: what is in doubt about them
    // (DoubtfulPairsOf) may differ now. Sorted.
    std::vector<std::string> reweighed_session_ids;
  };
  // Brings the clusters up to date: rescores changed reports against their candidates and clusters
  // the touched components anew. Costs in proportion to these, whatever else is in the index.
  Change Refresh();

  // As of the last Refresh().
  size_t report_count() const;
  // nullptr: no such report. The pointer lives until the next Refresh().
  const Cluster* ClusterOf(absl::string_view report_id) const;
  // All of them, sorted by session id.
  std::vector<Cluster> Clusters() const;
  // Its record, without `register_keys` and `source_ids`; nullopt: no such report.
  std::optional<ReportFeatures> FindFeatures(absl::string_view report_id) const;
  bool Contains(absl::string_view report_id) const;
  // Reports whose `register_keys` share one with `keys` (RegisterKeysOf): their records are to be
  // made again. Sorted.
  std::vector<std::string> ReportsDependingOn(absl::Span<const std::string> keys) const;
  // Rulings that contradict the closure of higher ones, and were set aside; by id.
  std::vector<RulingContradiction> ContradictingRulings() const;

  struct DoubtfulPair {
    std::string left_report_id;  // the smaller id
    std::string right_report_id;
    int32_t score = 0;  // of this pair, milli-nats
    bool together = false;
    friend bool operator==(const DoubtfulPair&, const DoubtfulPair&) = default;
  };
  // Where a person should look: sessions that were kept apart although the mean weight between them
  // is above -undecided (one pair for each such other session: the one with the highest score), and
  // joins inside this session whose mean weight is below undecided (for each the compared pair with
  // the lowest score). Rulings settle: a pair of sessions parted by one, and reports tied by one,
  // are not in doubt. Sorted by ids. Empty for an unknown session.
  std::vector<DoubtfulPair> DoubtfulPairsOf(absl::string_view session_id) const;

  // Why these two are, or are not, one session, with the ruling that decides if any. NOT_FOUND for
  // an unknown report, INVALID_ARGUMENT for a report and itself.
  absl::StatusOr<v1::PairExplanation> Explain(absl::string_view a, absl::string_view b) const;
  // Every pair of the session, sorted by ids; in a session of more than kMaxExplainedReports
  // reports just those pairs that hold the smallest id, of which the first kMaxExplainedPairs.
  static constexpr size_t kMaxExplainedReports = 40;
  static constexpr size_t kMaxExplainedPairs =
      kMaxExplainedReports * (kMaxExplainedReports - 1) / 2;
  std::vector<v1::PairExplanation> ExplainCluster(absl::string_view session_id) const;

  struct Hint {
    std::string report_id;
    int32_t score = 0;
  };
  // Reports that may describe the session of `probe` (a draft; it need not have an id), best score
  // first, then smallest id; those below -undecided are left out.
  std::vector<Hint> Candidates(const ReportFeatures& probe, size_t limit) const;

  struct ComparedPair {
    std::string left_report_id;
    std::string right_report_id;
    int32_t score = 0;
    bool together = false;
  };
  // Every compared pair, sorted by ids: all that share a block, most of which weigh far below
  // nothing and are not kept. For offline output: the work of a rebuild.
  std::vector<ComparedPair> ComparedPairs() const;

  // One decision that the sessions rest on: that two reports are one session, or are not.
  struct ReviewLink {
    std::string left_report_id;  // the smaller id
    std::string right_report_id;
    int32_t score = 0;  // of this pair, milli-nats
    bool together = false;
    friend bool operator==(const ReviewLink&, const ReviewLink&) = default;
  };
  // A forest of such decisions over these sessions and the reports in them, so that
  //
  //   sessions there really are = sessions found + links together that are wrong - links apart that
  //                               are wrong
  //
  // as far as the reports of one real session hang together in it: within a session the tree of
  // its likeliest pairs (in one of more than kMaxExplainedReports reports the star around the
  // smallest id), and from each session the likeliest pair to a session with a smaller id, whether
  // kept or not, if it shares a block with any. What rulings settle is left out. In the order of
  // `session_ids`; unknown ones have none. Costs a search for each report: for drawing a sample,
  // not for every figure.
  std::vector<ReviewLink> ReviewLinks(absl::Span<const std::string> session_ids) const;

  // What was not compared or clustered to the full, and why. What is left out is left out for all
  // alike; nothing here depends on the order of arrival.
  struct HeldBack {
    enum class Reason {
      // So many reports of one date, place and teams that the words of their titles tell nothing
      // apart: each was compared with `compared_with` only, and with those that have something
      // rarer
      // in common.
      kCrowdedBlock,
      // A chain of likenesses through more reports than are weighed pair by pair: clustered by the
      // coarser rule (ClusterByAnchors).
      kLargeComponent,
    };
    Reason reason = Reason::kCrowdedBlock;
    std::vector<std::string> report_ids;     // sorted
    std::vector<std::string> compared_with;  // sorted; empty for a large component
  };
  // As of the last Refresh(); by reason, then by smallest id.
  std::vector<HeldBack> WhatWasHeldBack() const;

  struct Stats {
    uint64_t candidate_pairs = 0;      // since construction: pairs that shared a block, once each
    uint64_t scored_pairs = 0;         // those of them that were not dismissed by a bound
    uint64_t rescored_reports = 0;     // since construction: reports compared with their candidates
    uint64_t kept_pairs = 0;           // now: above -undecided; identical records count as one
    uint64_t reclustered_reports = 0;  // since construction
  };
  Stats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_INDEX_H_
