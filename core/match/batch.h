#ifndef BARAZA_CORE_MATCH_BATCH_H_
#define BARAZA_CORE_MATCH_BATCH_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "baraza/v1/match.pb.h"
#include "baraza/v1/session_report.pb.h"
#include "baraza/v1/source.pb.h"
#include "core/match/index.h"
#include "core/model/register.h"

namespace baraza {

// Matching without a store: an index over all of `reports`, refreshed. Voided reports are left out.
// `sources` maps source ids to sources. INVALID_ARGUMENT for a report without an id, for an id that
// comes twice, and for an invalid model.
absl::StatusOr<MatchIndex> IndexReports(absl::Span<const v1::SessionReport> reports,
                                        const Register& reg,
                                        const std::map<std::string, v1::Source>& sources,
                                        const v1::MatchModel& model);

// The sessions of `reports`, sorted by session id. Errors as above.
absl::StatusOr<std::vector<Cluster>> MatchReports(absl::Span<const v1::SessionReport> reports,
                                                  const Register& reg,
                                                  const std::map<std::string, v1::Source>& sources,
                                                  const v1::MatchModel& model);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_BATCH_H_
