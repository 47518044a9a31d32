#include "client_lib/cli/dates.h"

#include "absl/strings/str_cat.h"
#include "core/base/civil_date.h"
#include "core/base/status.h"
#include "core/indicator/period.h"

namespace baraza::client {

absl::StatusOr<v1::SessionDates> ParseSessionDates(absl::string_view text) {
  v1::SessionDates dates;
  if (text == "unknown") {
    dates.set_precision(v1::DATE_PRECISION_UNKNOWN);
    return dates;
  }
  if (ParseCivilDay(text).ok()) {
    dates.set_earliest(std::string(text));
    dates.set_latest(std::string(text));
    dates.set_precision(v1::DATE_PRECISION_DAY);
    return dates;
  }
  const bool some_day = !text.empty() && text.back() == '?';
  if (some_day) text.remove_suffix(1);
  const absl::StatusOr<Period> period = ParsePeriod(text, 1);
  if (!period.ok()) {
    return absl::InvalidArgumentError(
        "expected a date of the calendar: 2026-05-13, first..last day as "
        "2026-06-29..2026-07-01, 2026-05, 2026-Q2, 2026, an uncertain day as "
        "\"2026-06-24..2026-07-06?\", or unknown");
  }
  dates.set_earliest(FormatCivilDay(period->start));
  dates.set_latest(FormatCivilDay(period->end - 1));
  switch (period->form) {
    case PeriodForm::kMonth:
      dates.set_precision(v1::DATE_PRECISION_MONTH);
      break;
    case PeriodForm::kQuarter:
      dates.set_precision(v1::DATE_PRECISION_QUARTER);
      break;
    case PeriodForm::kYear:
    case PeriodForm::kFiscalYear:
      dates.set_precision(v1::DATE_PRECISION_YEAR);
      break;
    case PeriodForm::kInterval:
      dates.set_precision(some_day ? v1::DATE_PRECISION_MONTH : v1::DATE_PRECISION_DAY);
      break;
  }
  return dates;
}

std::string FormatSessionDates(const v1::SessionDates& dates) {
  const std::string& first = dates.earliest();
  const std::string& last = dates.latest();
  switch (dates.precision()) {
    case v1::DATE_PRECISION_DAY:
      return last.empty() || last == first ? first : absl::StrCat(first, "..", last);
    case v1::DATE_PRECISION_MONTH:
    case v1::DATE_PRECISION_QUARTER:
    case v1::DATE_PRECISION_YEAR:
      if (first.size() == 10 && last.size() == 10 && first.substr(0, 7) == last.substr(0, 7) &&
          dates.precision() == v1::DATE_PRECISION_MONTH) {
        return first.substr(0, 7);
      }
      return absl::StrCat("some day of ", first, "..", last);
    default:
      if (first.empty() && last.empty()) return "undated";
      return absl::StrCat(first.empty() ? "?" : first, "..", last.empty() ? "?" : last);
  }
}

}  // namespace baraza::client
