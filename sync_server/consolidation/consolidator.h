#ifndef BARAZA_SYNC_SERVER_CONSOLIDATION_CONSOLIDATOR_H_
#define BARAZA_SYNC_SERVER_CONSOLIDATION_CONSOLIDATOR_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/figure.pb.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/session.pb.h"
#include "core/indicator/consolidate.h"
#include "core/indicator/qualify.h"
#include "core/match/index.h"
#include "core/model/register.h"
#include "sync_server/consolidation/ruling_book.h"

namespace baraza::server {

// What one Settle() changed. Everything sorted.
struct ConsolidationChange {
  // Records whose findings on references changed, with the findings of now; their stored state is
  // to be rewritten. Includes every record applied since the last Settle().
  std::vector<v1::RecordState> records;
  // Sessions that are no more, as they were.
  std::vector<std::shared_ptr<const v1::Session>> removed;
  // Sessions that are new or differ, as they are.
  std::vector<std::shared_ptr<const v1::Session>> changed;
  // As `changed` were before, by session id; none for a new one.
  absl::btree_map<std::string, std::shared_ptr<const v1::Session>> before;
  // Doubtful pairs of the sessions in `pairs_of`; they replace all pairs that touch one of these or
  // of `removed`.
  std::vector<std::string> pairs_of;
  std::vector<v1::DoubtfulPair> pairs;
  // A record of the register, an indicator or a definition changed.
  bool register_changed = false;
};

// Current records -> sessions with their qualifications, in memory. A pure function of the set of
// record states applied last per record: whatever the order and the batches, Settle() leaves the
// sessions that a rebuild from scratch would make (a property test holds it to that). Reads records
// of which it keeps only what blocking and references need through a RecordReader.
//
// No SQL, no clock, no threads: lives in the projection's thread, or in a simulator's.
class Consolidator {
 public:
  // The state of one record as applied last; nullopt: there is none.
  using RecordReader =
      std::function<absl::StatusOr<std::optional<v1::RecordState>>(absl::string_view record_id)>;

  explicit Consolidator(v1::MatchModel model);
  Consolidator(const Consolidator&) = delete;
  Consolidator& operator=(const Consolidator&) = delete;

  // Takes in the merged state of one record. Its findings on references are made anew here; those
  // of the merge are kept. Cheap: everything that depends on it is only marked.
  void Apply(v1::RecordState state);

  // Brings sessions up to date with what was applied. `reader` must answer with the states applied
  // (those of this batch included). On an error nothing of the batch is lost: the marks stay, call
  // again.
  absl::StatusOr<ConsolidationChange> Settle(const RecordReader& reader);

  // The session as its reports that are not sensitive make it, without rulings and answers; null
  // when all are sensitive.
  absl::StatusOr<std::shared_ptr<const v1::Session>> WithoutSensitiveReports(
      const v1::Session& session, const RecordReader& reader) const;

  const Register& register_snapshot() const { return register_; }
  const MatchIndex& index() const { return index_; }
  const std::map<std::string, std::shared_ptr<const v1::Session>>& sessions() const {
    return sessions_;
  }
  // Rulings on pairs as of the last Settle() that were set aside for contradicting others, by id.
  const std::vector<RulingContradiction>& contradictions() const { return contradictions_; }
  // Every ruling. One that does not change any more: whoever has it may read it.
  std::shared_ptr<const RulingBook> RulingsSnapshot() const;
  // Indicators in force with their definitions, by id.
  std::map<std::string, IndicatorContext> Contexts() const;
  // Publications in force (not voided), by id.
  const std::map<std::string, v1::PublishedFigure>& published() const { return published_; }
  // Claimed counts of the sources in force, by source id.
  const std::map<std::string, std::vector<v1::Claim>>& claims() const { return claims_; }
  // Sampled review outcomes in force, by id.
  const std::map<std::string, v1::ReviewSample>& samples() const { return samples_; }
  // The model in force: the adopted prior applied.
  const v1::MatchModel& model() const { return model_; }

 private:
  // What is remembered of a report between batches.
  struct ReportInfo {
    std::string team_id;
    std::string import_key;
    std::string part_of_report_id;
    std::vector<std::string> cited_sources;
    bool indexed = false;
  };

  void ApplyReport(const v1::RecordState& state);
  void ApplySource(const v1::RecordState& state);
  void ApplyRuling(const v1::RecordState& state);
  void ApplyFollowUp(const v1::RecordState& state);
  void ApplyRegister(const v1::RecordState& state);
  void Reconsider(absl::string_view record_id);
  // Rebuilds the index when the adopted model is another than the one in force.
  void AdoptModel();

  // Makes the findings of `state` on other records anew, and the marks for when what is missing
  // arrives.
  void CheckReferences(v1::RecordState& state);
  absl::Status SettleReport(const std::string& report_id, const v1::RecordState& state,
                            const RecordReader& reader);
  absl::StatusOr<v1::RecordState> ReadState(absl::string_view record_id,
                                            const RecordReader& reader) const;
  absl::StatusOr<MemberReport> ReadMember(const std::string& report_id,
                                          const RecordReader& reader) const;
  // The sessions that now hold these reports.
  absl::btree_set<std::string> SessionsOf(const absl::btree_set<std::string>& report_ids) const;
  absl::StatusOr<std::shared_ptr<const v1::Session>> MakeSession(
      const Cluster& cluster, const std::map<std::string, IndicatorContext>& contexts,
      const RecordReader& reader) const;
  v1::DoubtfulPair ToDoubtfulPair(const MatchIndex::DoubtfulPair& pair) const;

  v1::MatchModel model_;
  Register register_;
  MatchIndex index_;

  // Ids of created records; never in an order that a result depends on.
  absl::flat_hash_set<std::string> known_;
  // Records that refer to something that the register lacks.
  absl::btree_set<std::string> waiting_for_register_;
  // Missing record of another kind -> records that refer to it, and the other way round.
  absl::btree_map<std::string, absl::btree_set<std::string>> waiting_for_;
  absl::btree_map<std::string, absl::btree_set<std::string>> missing_of_;
  std::map<std::string, ReportInfo> reports_;
  absl::btree_map<std::string, absl::btree_set<std::string>> citing_;
  absl::btree_map<std::string, absl::btree_set<std::string>> parts_of_;
  // (team, import key) -> reports that carry it; all but the smallest stay out of the count.
  absl::btree_map<std::pair<std::string, std::string>, absl::btree_set<std::string>> import_keys_;
  RulingBook rulings_;
  // A copy of `rulings_` as they are; null: they have changed since.
  mutable std::shared_ptr<const RulingBook> rulings_snapshot_;
  std::vector<RulingContradiction> contradictions_;
  std::map<std::string, FollowUpAnswer> follow_ups_;
  absl::btree_map<std::string, absl::btree_set<std::string>> follow_ups_of_report_;
  std::map<std::string, v1::PublishedFigure> published_;
  std::map<std::string, std::vector<v1::Claim>> claims_;
  std::map<std::string, v1::ReviewSample> samples_;
  std::map<std::string, v1::RecordState> adoptions_;
  std::map<std::string, std::shared_ptr<const v1::Session>> sessions_;
  // Report -> key of sessions_ that holds it.
  absl::btree_map<std::string, std::string> session_of_;

  // Marks of what Settle() has to look at.
  absl::btree_map<std::string, v1::RecordState> applied_;
  absl::btree_set<std::string> dirty_reports_;
  absl::btree_set<std::string> dirty_reports_of_sessions_;
  absl::btree_set<std::string> reconsidered_;
  absl::btree_set<std::string> touched_reports_;
  // Sessions that stay as they are but for what is in doubt about them.
  absl::btree_set<std::string> reweighed_;
  bool every_session_dirty_ = false;
  bool rulings_dirty_ = false;
  bool model_dirty_ = false;
  bool register_dirty_ = false;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_CONSOLIDATION_CONSOLIDATOR_H_
