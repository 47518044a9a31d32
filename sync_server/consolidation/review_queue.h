#ifndef BARAZA_SYNC_SERVER_CONSOLIDATION_REVIEW_QUEUE_H_
#define BARAZA_SYNC_SERVER_CONSOLIDATION_REVIEW_QUEUE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/review_service.pb.h"
#include "core/indicator/qualify.h"
#include "core/match/rulings.h"
#include "core/model/register.h"
#include "sync_server/consolidation/ruling_book.h"
#include "sync_server/consolidation/session_board.h"

namespace baraza::server {

// What the queue is made from. Nothing owned, all must outlive the call.
struct ReviewQueueInput {
  const SessionBoard& board;
  // Indicators in force, by id.
  const std::map<std::string, IndicatorContext>& contexts;
  const Register& reg;
  const RulingBook& rulings;
  // Of the rulings on pairs.
  absl::Span<const RulingContradiction> contradictions;
};

// What people could settle: questions of sessions that no one can judge yet or that lie in no one
// period of an indicator's scheme, pairs in doubt, rulings that contradict one another, and rulings
// that wait for a second person. The same for everybody; a pair that somebody has ruled UNSURE is
// not asked of that person again (RulingBook::IsUnsure).
//
// Rulings contradict one another on a pair (by transitivity, too), as COUNTS and DOES_NOT_COUNT on
// one session by one definition, or as OVERRIDEs that set one field of a session otherwise; the one
// of highest rank holds. Of those who say the same the one by which all of them stand is listed.
// Contradictions come first. Then what could move the counts most: by the larger of `down` and
// `up`, by `range`, by figures_affected; then rulings that wait, then pairs nearest to even, then
// ids. A movement is reckoned by the sessions as they are, in the figures of the indicators'
// schemes: a session counts in one of them or in none. What is published already is not looked at.
//
// Pure. Takes time with every session.
std::vector<v1::ReviewItem> MakeReviewQueue(const ReviewQueueInput& input);

// The rulings that name each of `report_ids`; of one report alone, those that name any report of
// its session. By rank, the first one first; withdrawn ones included. Without their names.
std::vector<v1::StandingRuling> RulingsOn(const ReviewQueueInput& input,
                                          absl::Span<const std::string> report_ids);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_CONSOLIDATION_REVIEW_QUEUE_H_
