#ifndef BARAZA_SYNC_SERVER_CONSOLIDATION_FEED_BUILDER_H_
#define BARAZA_SYNC_SERVER_CONSOLIDATION_FEED_BUILDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "baraza/v1/figure.pb.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/session.pb.h"
#include "core/indicator/consolidate.h"
#include "core/model/operation.h"
#include "core/model/register.h"
#include "sync_server/consolidation/consolidator.h"
#include "sync_server/store/rows.h"

namespace baraza::server {

// One row of the feed as it is to be; without a payload it is to go.
struct FeedUpdate {
  std::optional<std::string> payload;
  int32_t day = kNoDay;
};

// (audience, object) -> update, sorted.
using FeedUpdates = absl::btree_map<std::pair<std::string, std::string>, FeedUpdate>;

// What devices are sent, and who is sent it: the border at which the projection's knowledge leaves
// for phones. Pure functions; each adds to `updates`. Every payload has been through
// core/model/privacy for its audience, and a sensitive report's words reach nobody but its own team
// and the office.

// A record that travels as state: the register, definitions, indicators, targets and publications
// to everybody; follow-ups to the teams concerned. Persons, sources, reports and rulings do not.
void AddRecordUpdates(const v1::RecordState& state, FeedUpdates& updates);

// Operations of a source, report or follow-up, for the team that owns the record.
void AddOperationUpdates(const v1::RecordState& state, absl::Span<const Operation> operations,
                         FeedUpdates& updates);

// What a settled change did to sessions, their questions and their digests. `public_session`
// answers with the session as made of its reports that are not sensitive, nullptr when all are; it
// is asked for sessions with a sensitive report only.
using PublicSession = std::function<std::shared_ptr<const v1::Session>(const v1::Session&)>;
void AddSessionUpdates(const ConsolidationChange& change, const PublicSession& public_session,
                       FeedUpdates& updates);

// What all objects of figures begin with.
inline constexpr absl::string_view kFigureObjects = "figure:";
// That of the figure of an indicator for a period.
std::string FigureObject(absl::string_view indicator_id, absl::string_view period);
// The number of an indicator for a period, for everybody in the programme.
void AddFigureUpdate(const v1::Figure& figure, FeedUpdates& updates);
// Of that object; nothing is left to say of the period.
void RemoveFigureUpdate(const std::string& object, FeedUpdates& updates);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_CONSOLIDATION_FEED_BUILDER_H_
