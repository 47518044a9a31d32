#ifndef BARAZA_CORE_BASE_CIVIL_DATE_H_
#define BARAZA_CORE_BASE_CIVIL_DATE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace baraza {

// Civil dates are carried as days since 1970-01-01 in the proleptic Gregorian calendar, without a
// time zone.

// Years that a date may have, 0001 to 9999: what four digits can write.
inline constexpr int32_t kMinCivilDays = -719162;
inline constexpr int32_t kMaxCivilDays = 2932896;

// The number of days from 1970-01-01 to `day`, which must lie in the range above.
int32_t CivilDayToDays(absl::CivilDay day);

// The date `days` after 1970-01-01.
absl::CivilDay CivilDayFromDays(int32_t days);

// The date of an ISO 8601 calendar date, exactly "yyyy-mm-dd". INVALID_ARGUMENT for any other form
// and for a date that does not exist ("2026-02-30").
absl::StatusOr<absl::CivilDay> ParseCivilDay(absl::string_view iso);

// The date of a year, month and day; INVALID_ARGUMENT if there is none or the year is outside 1 to
// 9999.
absl::StatusOr<absl::CivilDay> MakeCivilDay(int64_t year, int64_t month, int64_t day);

// "yyyy-mm-dd".
std::string FormatCivilDay(absl::CivilDay day);

}  // namespace baraza

#endif  // BARAZA_CORE_BASE_CIVIL_DATE_H_
