#ifndef BARAZA_SYNC_SERVER_COMMANDS_PRIOR_H_
#define BARAZA_SYNC_SERVER_COMMANDS_PRIOR_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/match/prior.h"
#include "sync_server/commands/maintain.h"

namespace baraza::server {

// The prior that fits a programme's reports under this software's model, whatever prior it has
// adopted; see core/match/prior.h. `programme_id` may be empty when there is one programme only.
// Brings the projection up to date first. While no server runs. NOT_FOUND: no such programme.
absl::StatusOr<PriorEstimate> EstimateProgrammePrior(const std::string& data_dir,
                                                     const std::string& programme_id, Clock& clock,
                                                     Random& random,
                                                     const MaintenanceProgress& progress);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_PRIOR_H_
