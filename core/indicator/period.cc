#include "core/indicator/period.h"

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "core/base/civil_date.h"
#include "core/base/status.h"

namespace baraza {
namespace {

constexpr absl::string_view kForms =
    "2026, 2026-Q3, 2026-07, FY2026 or 2026-07-01..2026-09-30 (years 0001 to 9998)";

absl::Status WrongForm(absl::string_view got) { return InvalidField("", "period", kForms, got); }

// The number that exactly `count` digits write.
std::optional<int> Number(absl::string_view digits, size_t count) {
  if (digits.size() != count) return std::nullopt;
  int value = 0;
  for (const char c : digits) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// The last year is left out so that the day after every period still has four digits.
std::optional<int> Year(absl::string_view digits) {
  const std::optional<int> year = Number(digits, 4);
  if (!year.has_value() || *year < 1 || *year > 9998) return std::nullopt;
  return year;
}

Period Months(absl::string_view text, PeriodForm form, int year, int month, int count) {
  const absl::CivilMonth first(year, month);
  return {std::string(text), absl::CivilDay(first), absl::CivilDay(first + count), form};
}

absl::StatusOr<Period> ParseInterval(absl::string_view text, size_t dots) {
  const absl::StatusOr<absl::CivilDay> first = ParseCivilDay(text.substr(0, dots));
  const absl::StatusOr<absl::CivilDay> last = ParseCivilDay(text.substr(dots + 2));
  if (!first.ok() || !last.ok() || last->year() > 9998) return WrongForm(text);
  if (*last < *first) {
    return InvalidField("", "period", "a first day that is not after the last day", text);
  }
  const absl::CivilDay end = *last + 1;
  // A start on 29 February counts its years from 1 March where there is none.
  if (end > absl::CivilDay(first->year() + kMaxPeriodYears, first->month(), first->day())) {
    return InvalidField("", "period", absl::StrCat("at most ", kMaxPeriodYears, " years"), text);
  }
  return Period{std::string(text), *first, end, PeriodForm::kInterval};
}

}  // namespace

absl::StatusOr<Period> ParsePeriod(absl::string_view text, int fiscal_year_start_month) {
  if (const size_t dots = text.find(".."); dots != absl::string_view::npos) {
    return ParseInterval(text, dots);
  }
  if (absl::StartsWith(text, "FY")) {
    const std::optional<int> year = Year(text.substr(2));
    if (!year.has_value()) return WrongForm(text);
    if (fiscal_year_start_month < 1 || fiscal_year_start_month > 12) {
      return InvalidField("", "fiscal_year_start_month", "1 .. 12",
                          absl::StrCat(fiscal_year_start_month));
    }
    // Named after the year in which it ends; one that starts in January ends in the same.
    const int start_year = fiscal_year_start_month == 1 ? *year : *year - 1;
    if (start_year < 1) return WrongForm(text);
    return Months(text, PeriodForm::kFiscalYear, start_year, fiscal_year_start_month, 12);
  }
  const std::optional<int> year = Year(text.substr(0, 4));
  if (!year.has_value()) return WrongForm(text);
  const absl::string_view rest = text.substr(4);
  if (rest.empty()) return Months(text, PeriodForm::kYear, *year, 1, 12);
  if (rest.size() != 3 || rest[0] != '-') return WrongForm(text);
  if (rest[1] == 'Q') {
    const int quarter = rest[2] - '0';
    if (quarter < 1 || quarter > 4) return WrongForm(text);
    return Months(text, PeriodForm::kQuarter, *year, 3 * quarter - 2, 3);
  }
  const std::optional<int> month = Number(rest.substr(1), 2);
  if (!month.has_value() || *month < 1 || *month > 12) return WrongForm(text);
  return Months(text, PeriodForm::kMonth, *year, *month, 1);
}

}  // namespace baraza
