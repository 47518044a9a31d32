#include "sync_server/consolidation/scheme_period.h"

#include "absl/strings/str_cat.h"
#include "core/indicator/figure.h"

namespace baraza::server {

absl::StatusOr<Period> SchemePeriodOf(const v1::Indicator& indicator, const Register& reg,
                                      absl::CivilDay day) {
  const int start_month = FiscalYearStartMonth(indicator, &reg);
  switch (indicator.period_scheme()) {
    case v1::PERIOD_SCHEME_MONTH:
      return ParsePeriod(absl::StrCat(absl::Dec(day.year(), absl::kZeroPad4), "-",
                                      absl::Dec(day.month(), absl::kZeroPad2)),
                         start_month);
    case v1::PERIOD_SCHEME_YEAR:
      return ParsePeriod(absl::StrCat(absl::Dec(day.year(), absl::kZeroPad4)), start_month);
    case v1::PERIOD_SCHEME_FISCAL_YEAR: {
      const bool next = start_month > 1 && day.month() >= start_month;
      return ParsePeriod(
          absl::StrCat("FY", absl::Dec(day.year() + (next ? 1 : 0), absl::kZeroPad4)), start_month);
    }
    default:
      return ParsePeriod(
          absl::StrCat(absl::Dec(day.year(), absl::kZeroPad4), "-Q", (day.month() - 1) / 3 + 1),
          start_month);
  }
}

}  // namespace baraza::server
