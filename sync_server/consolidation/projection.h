#ifndef BARAZA_SYNC_SERVER_CONSOLIDATION_PROJECTION_H_
#define BARAZA_SYNC_SERVER_CONSOLIDATION_PROJECTION_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "baraza/v1/figure.pb.h"
#include "baraza/v1/match.pb.h"
#include "baraza/v1/review.pb.h"
#include "baraza/v1/review_service.pb.h"
#include "baraza/v1/session.pb.h"
#include "core/base/mutex.h"
#include "core/base/random.h"
#include "core/base/sha256.h"
#include "core/base/thread_annotations.h"
#include "core/indicator/period.h"
#include "core/indicator/qualify.h"
#include "core/model/register.h"
#include "sync_server/consolidation/consolidator.h"
#include "sync_server/consolidation/feed_builder.h"
#include "sync_server/consolidation/review_draw.h"
#include "sync_server/consolidation/review_queue.h"
#include "sync_server/consolidation/ruling_book.h"
#include "sync_server/consolidation/session_board.h"
#include "sync_server/ingest/group_commit.h"
#include "sync_server/store/programme_store.h"

namespace baraza::server {

// The operation log as sessions, figures and feed. Follows the log behind a watermark, in bounded
// chunks: merging, scoring and consolidating happen outside the write transaction, and readers see
// a chunk only after it is durable.
//
// Invariant: once the watermark has reached the log's end, records, sessions and feed contents (not
// feed positions) are a pure function of the *set* of operations; so an incremental run equals a
// rebuild, byte for byte. No clock and no threads: Step is pumped.
//
// Threads: Load, Step and Rebuild from one thread at a time; the readers from any.
class Projection {
 public:
  // Both must outlive the projection.
  Projection(ProgrammeStore& store, GroupCommit& commit);
  Projection(const Projection&) = delete;
  Projection& operator=(const Projection&) = delete;

  // Reads the stored records back into memory. Call once, before anything else but Rebuild, which
  // may come in its place. Answers true when the stored projection was made by other rules
  // (software, ICU or lexicon), or a rebuild did not come to its end, and Rebuild is due.
  absl::StatusOr<bool> Load();

  // Takes in one chunk of the log and submits it; `done` is called when it is durable, or has
  // failed, by whoever flushes the group commit: with true when there may be more to do. After an
  // error the same chunk is done again by the next Step. One step at a time.
  using Done = std::function<void(absl::StatusOr<bool>)>;
  void Step(Done done);

  // Starts over from the empty set: empties the stored projection; Steps then run through the whole
  // log. Rows of the feed that come out the same keep their position. Submits; see Step.
  void Rebuild(std::function<void(absl::Status)> done);

  // --- What was found; any thread ---

  // The log position up to which everything below has taken the log in.
  int64_t watermark() const;
  // The register as of the watermark.
  std::shared_ptr<const Register> register_snapshot() const;
  // The rulings as of the watermark.
  std::shared_ptr<const RulingBook> rulings_snapshot() const;
  // "model version/feature version": what sessions were found by.
  std::string model_version() const;

  // The session that holds the report. NOT_FOUND: no session does (unknown, voided, or held back by
  // a finding).
  absl::StatusOr<v1::Session> GetSession(absl::string_view report_id) const;
  // The same without a copy, and without its name; nullptr: no session holds it.
  std::shared_ptr<const BriefSession> FindSession(absl::string_view report_id) const;
  struct SessionQuery {
    // Empty: all.
    std::string period;
    std::string issue_id;
    std::string team_id;
    // Session id after which the page begins; empty: from the start.
    std::string after;
    size_t limit = 100;
  };
  // Ascending by session id. INVALID_ARGUMENT for a period that is none.
  absl::StatusOr<std::vector<v1::Session>> ListSessions(const SessionQuery& query) const;
  // Explanations are the matcher's, which is up to a chunk ahead of everything else here. Who may
  // see a report is judged by what is durable, so of one that readers do not know yet, or that has
  // become more sensitive than they know, nothing is explained until they do: NOT_FOUND, and of a
  // session its other pairs, or none.
  //
  // The session with its pairs explained.
  absl::StatusOr<v1::Session> ExplainSession(absl::string_view report_id) const;
  absl::StatusOr<v1::PairExplanation> ExplainPair(absl::string_view left_report_id,
                                                  absl::string_view right_report_id) const;

  // Fills `figure`, which comes empty, with the figure as of a day; see ComputeFigure. NOT_FOUND:
  // no such indicator; INVALID_ARGUMENT: no such period.
  absl::Status GetFigure(absl::string_view indicator_id, absl::string_view period,
                         absl::CivilDay as_of, v1::Figure& figure) const;

  // Draws decisions of the figure as of a day for review; see review_draw.h. Errors as GetFigure.
  absl::StatusOr<ReviewDraw> DrawReviewSample(absl::string_view indicator_id,
                                              absl::string_view period, absl::CivilDay as_of,
                                              uint32_t size, Random& random) const;

  // What people could settle, that which could move the counts most first; see MakeReviewQueue.
  // Made when it is asked for, and kept until something changes: unless something does, the pages
  // of a list are cut from one queue.
  struct ReviewQueue {
    std::vector<v1::ReviewItem> items;
    std::shared_ptr<const RulingBook> rulings;

    // Not for who has ruled the pair UNSURE.
    bool IsFor(absl::string_view person_id, const v1::ReviewItem& item) const;
  };
  std::shared_ptr<const ReviewQueue> GetReviewQueue() const;
  // The rulings on one report's session, or on several reports together; see RulingsOn.
  std::vector<v1::StandingRuling> RulingsOn(absl::Span<const std::string> report_ids) const;
  // Questions that are open, to one team or (empty) to all; by id.
  std::vector<v1::OpenQuestion> OpenQuestions(absl::string_view team_id) const;

 private:
  // What one Step worked out and has to be written.
  struct Chunk;

  // What readers see, and what the stepping thread sees one chunk ahead of them.
  struct View {
    SessionBoard board;
    std::shared_ptr<const Register> reg = std::make_shared<Register>();
    std::map<std::string, IndicatorContext> contexts;
    std::map<std::string, v1::PublishedFigure> published;
    std::map<std::string, v1::ReviewSample> samples;
    std::vector<v1::Claim> claims;
    std::shared_ptr<const RulingBook> rulings = std::make_shared<RulingBook>();
    std::vector<RulingContradiction> contradictions;
    std::vector<MatchIndex::HeldBack> held_back;
    std::string model_version;
    int64_t watermark = 0;
    // Of every operation up to the watermark; sorted.
    std::vector<Sha256Digest> operation_hashes;
  };

  static ReviewQueueInput QueueInput(const View& view);
  // A copy with its name; NOT_FOUND for nullptr.
  absl::StatusOr<v1::Session> NamedSession(const BriefSession* found,
                                           absl::string_view report_id) const;
  // Whether the session in which readers find the report (nullptr: none) says how sensitive it is
  // to the matcher. Under `match_mutex_`.
  bool MayExplain(absl::string_view report_id, const BriefSession* seen) const;
  absl::StatusOr<std::shared_ptr<Chunk>> Prepare();
  absl::StatusOr<std::shared_ptr<Chunk>> PrepareFrom(StoreReads& reads);
  // Its first half: takes the next operations of the log into the consolidator. nullptr: there are
  // none.
  absl::StatusOr<std::shared_ptr<Chunk>> SettleFrom(StoreReads& reads);
  absl::Status Write(const Chunk& chunk, StoreWriter& writer) const;
  void ApplyTo(View& view, const Chunk& chunk) const;
  void Publish(const Chunk& chunk);
  // Fills in what `chunk` carries of the consolidator as it stands.
  void Snapshot(Chunk& chunk) const;
  // Notes which figures of the feed a change may move; before it is applied to `ahead_`.
  void MarkFigures(const ConsolidationChange& change);
  // `figure_days_`, and where something in a published period changed the first day of the next
  // one, which carries what comes late.
  absl::btree_set<int32_t> FigureDaysOf(const IndicatorContext& context) const;
  void AddFigures(FeedUpdates& updates);
  static void AddHeldBack(const View& view, const SessionBoard::Briefs& sessions,
                          v1::Figure& figure);
  static void FillFigure(const View& view, const IndicatorContext& context, const Period& period,
                         absl::CivilDay as_of, absl::string_view operations_hash,
                         v1::Figure& figure);

  ProgrammeStore& store_;
  GroupCommit& commit_;

  // Of the stepping thread, which also changes it under `match_mutex_`, so that explanations can be
  // read meanwhile.
  mutable Mutex match_mutex_;
  std::unique_ptr<Consolidator> consolidator_;
  View ahead_;
  // A chunk that the consolidator has taken in, and of which the rest is to be worked out.
  std::shared_ptr<Chunk> settled_;
  // A chunk that was worked out (consolidator and `ahead_` have moved on) and is not durable yet.
  std::shared_ptr<Chunk> pending_;
  // Start days whose figures in the feed are to be made anew, and whether all are.
  absl::btree_set<int32_t> figure_days_;
  bool every_figure_ = false;
  // Objects of the figures that the feed has once what was prepared is durable.
  absl::btree_set<std::string> figure_objects_;
  bool rebuilding_ = false;
  // The next chunk is the first after a rebuild began: readers start over with it.
  bool restart_ = false;

  mutable Mutex mutex_;
  View seen_ BARAZA_GUARDED_BY(mutex_);
  // SHA-256 over seen_.operation_hashes; where a chunk brought none, made when first asked for.
  mutable std::optional<Sha256Digest> operations_hash_ BARAZA_GUARDED_BY(mutex_);
  // Of seen_; nullptr: not made yet.
  mutable std::shared_ptr<const ReviewQueue> review_queue_ BARAZA_GUARDED_BY(mutex_);
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_CONSOLIDATION_PROJECTION_H_
