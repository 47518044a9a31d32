#ifndef BARAZA_SYNC_SERVER_CONSOLIDATION_SESSION_BOARD_H_
#define BARAZA_SYNC_SERVER_CONSOLIDATION_SESSION_BOARD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "baraza/v1/figure.pb.h"
#include "baraza/v1/session.pb.h"
#include "sync_server/consolidation/consolidator.h"

namespace baraza::server {

// The sessions as readers see them: by report, by start date, with the pairs in doubt. Changed as a
// whole by Apply() after the change is durable. Not thread-safe: the projection guards it.
class SessionBoard {
 public:
  void Apply(const ConsolidationChange& change);

  // The session that holds the report; nullptr: none does.
  std::shared_ptr<const v1::Session> FindByReport(absl::string_view report_id) const;

  // Sessions whose start may lie in [start, end), those without bounds included; by session id.
  std::vector<std::shared_ptr<const v1::Session>> MeetingPeriod(absl::CivilDay start,
                                                                absl::CivilDay end) const;

  // All of them, by session id.
  const std::map<std::string, std::shared_ptr<const v1::Session>>& sessions() const {
    return sessions_;
  }

  // Every pair in doubt, by (left, right) session id.
  std::vector<v1::DoubtfulPair> DoubtfulPairs() const;
  // Those that touch one of the sessions, which are sorted by id.
  std::vector<v1::DoubtfulPair> DoubtfulPairsOf(
      const std::vector<std::shared_ptr<const v1::Session>>& sessions) const;

 private:
  using PairKey = std::pair<std::string, std::string>;

  void Remove(const v1::Session& session);
  void Add(const std::shared_ptr<const v1::Session>& session);
  void DropPairsOf(const std::string& session_id);

  std::map<std::string, std::shared_ptr<const v1::Session>> sessions_;
  absl::flat_hash_map<std::string, std::string> session_of_;
  // (earliest day, id) of sessions whose start is known to within kNarrowDays.
  absl::btree_set<std::pair<int32_t, std::string>> by_start_;
  // The others.
  absl::btree_set<std::string> wide_;
  absl::btree_map<PairKey, v1::DoubtfulPair> pairs_;
  absl::btree_map<std::string, absl::btree_set<PairKey>> pairs_of_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_CONSOLIDATION_SESSION_BOARD_H_
