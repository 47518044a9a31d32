#ifndef BARAZA_SYNC_SERVER_CONSOLIDATION_SESSION_BOARD_H_
#define BARAZA_SYNC_SERVER_CONSOLIDATION_SESSION_BOARD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "baraza/v1/figure.pb.h"
#include "baraza/v1/session.pb.h"
#include "core/indicator/brief_session.h"
#include "sync_server/consolidation/consolidator.h"

namespace baraza::server {

// The sessions as readers see them: by report, by start date, with the pairs in doubt. Changed as a
// whole by Apply() after the change is durable. Not thread-safe: the projection guards it.
class SessionBoard {
 public:
  using Briefs = std::vector<std::shared_ptr<const BriefSession>>;
  // What Apply needs of the changed sessions. Boards that are given the same share it.
  static Briefs BriefsOf(const ConsolidationChange& change);

  // `changed` is BriefsOf(change).
  void Apply(const ConsolidationChange& change, const Briefs& changed);

  // The ids of sessions that share a pair in doubt with that one.
  std::vector<std::string> InDoubtWith(const std::string& session_id) const;

  // The session that holds the report; nullptr: none does.
  std::shared_ptr<const BriefSession> FindByReport(absl::string_view report_id) const;

  // Sessions whose start may lie in [start, end), those without bounds included. By (earliest day,
  // session id), and after them by session id those whose start is not known to the month.
  Briefs MeetingPeriod(absl::CivilDay start, absl::CivilDay end) const;

  // All of them, by session id.
  const std::map<std::string, std::shared_ptr<const v1::Session>>& sessions() const {
    return sessions_;
  }

  // Every pair in doubt, by the ids of its sessions and reports, the smaller one of both first.
  std::vector<v1::DoubtfulPair> DoubtfulPairs() const;
  // Those that touch one of the sessions, likewise.
  std::vector<std::shared_ptr<const v1::DoubtfulPair>> DoubtfulPairsOf(
      const Briefs& sessions) const;

 private:
  // Of a session, or of two, there may be several pairs in doubt.
  struct PairKey {
    std::string left_session, right_session;  // left <= right
    std::string left_report, right_report;    // likewise

    friend bool operator<(const PairKey& a, const PairKey& b) {
      return std::tie(a.left_session, a.right_session, a.left_report, a.right_report) <
             std::tie(b.left_session, b.right_session, b.left_report, b.right_report);
    }
  };

  void Remove(const v1::Session& session);
  void Add(const std::shared_ptr<const BriefSession>& brief);
  void DropPairsOf(const std::string& session_id);

  std::map<std::string, std::shared_ptr<const v1::Session>> sessions_;
  // By report id.
  absl::flat_hash_map<std::string, std::shared_ptr<const BriefSession>> session_of_;
  // By (earliest day, id) those whose start is known to within kNarrowDays. They stand here
  // themselves: to look thousands of ids up would cost more than the figure does.
  absl::btree_map<std::pair<int32_t, std::string>, std::shared_ptr<const BriefSession>> by_start_;
  // The others, by id.
  absl::btree_map<std::string, std::shared_ptr<const BriefSession>> wide_;
  absl::btree_map<PairKey, std::shared_ptr<const v1::DoubtfulPair>> pairs_;
  // The same, by the id of either session.
  absl::flat_hash_map<std::string,
                      absl::btree_map<PairKey, std::shared_ptr<const v1::DoubtfulPair>>>
      pairs_of_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_CONSOLIDATION_SESSION_BOARD_H_
