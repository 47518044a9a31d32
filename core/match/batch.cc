#include "core/match/batch.h"

#include <utility>

#include "absl/status/status.h"
#include "core/base/status.h"
#include "core/match/features.h"
#include "core/match/model.h"

namespace baraza {

absl::StatusOr<MatchIndex> IndexReports(absl::Span<const v1::SessionReport> reports,
                                        const Register& reg,
                                        const std::map<std::string, v1::Source>& sources,
                                        const v1::MatchModel& model) {
  BARAZA_RETURN_IF_ERROR(ValidateModel(model));
  MatchIndex index(model);
  for (const v1::SessionReport& report : reports) {
    if (report.id().empty()) return InvalidField("SessionReport", "id", "an id", "none");
    if (report.void_mark().voided()) continue;
    if (index.Contains(report.id())) {
      return InvalidField("SessionReport", "id", "each id once", report.id());
    }
    index.Upsert(MakeFeatures(report, reg, sources));
  }
  index.Refresh();
  return index;
}

absl::StatusOr<std::vector<Cluster>> MatchReports(absl::Span<const v1::SessionReport> reports,
                                                  const Register& reg,
                                                  const std::map<std::string, v1::Source>& sources,
                                                  const v1::MatchModel& model) {
  BARAZA_ASSIGN_OR_RETURN(const MatchIndex index, IndexReports(reports, reg, sources, model));
  return index.Clusters();
}

}  // namespace baraza
