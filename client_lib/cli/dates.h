#ifndef BARAZA_CLIENT_LIB_CLI_DATES_H_
#define BARAZA_CLIENT_LIB_CLI_DATES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/types.pb.h"

namespace baraza::client {

// Dates as a person types them. "2026-05-13" and "2026-06-29..2026-07-01" (first to last day) are
// known to the day; "2026-05", "2026-Q2" and "2026" are known to the month, quarter and year, as is
// "some day of 2026-06-24..2026-07-06" written with a question mark behind it; "unknown" is
// unknown. INVALID_ARGUMENT names these forms.
absl::StatusOr<v1::SessionDates> ParseSessionDates(absl::string_view text);

// "13 May" is for people: here it is the ISO form, shortest that says it all; "undated".
std::string FormatSessionDates(const v1::SessionDates& dates);

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLI_DATES_H_
