#ifndef BARAZA_SYNC_SERVER_CONSOLIDATION_SCHEME_PERIOD_H_
#define BARAZA_SYNC_SERVER_CONSOLIDATION_SCHEME_PERIOD_H_

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "baraza/v1/indicator.pb.h"
#include "core/indicator/period.h"
#include "core/model/register.h"

namespace baraza::server {

// The period of the indicator's scheme (quarters, if it names none) in which a day lies.
// INVALID_ARGUMENT: a day in no year that a period can name.
absl::StatusOr<Period> SchemePeriodOf(const v1::Indicator& indicator, const Register& reg,
                                      absl::CivilDay day);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_CONSOLIDATION_SCHEME_PERIOD_H_
