#ifndef BARAZA_CORE_INDICATOR_PERIOD_H_
#define BARAZA_CORE_INDICATOR_PERIOD_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace baraza {

// How a period was written; people read it back in the same form.
enum class PeriodForm { kYear, kQuarter, kMonth, kFiscalYear, kInterval };

// A stretch of civil days, half-open: `start` is its first day, `end` the day after its last. Civil
// days have no time zone; a session lies in the period by its start date at the venue, unconverted.
struct Period {
  // The canonical text: "2026", "2026-Q3", "2026-07", "FY2026" or "2026-07-01..2026-09-30".
  std::string text;
  absl::CivilDay start;
  absl::CivilDay end;
  PeriodForm form = PeriodForm::kInterval;

  friend bool operator==(const Period& a, const Period& b) {
    return a.text == b.text && a.start == b.start && a.end == b.end && a.form == b.form;
  }
};

// The longest period that a figure can have.
inline constexpr int kMaxPeriodYears = 50;

// The period that `text` names. The five forms are those of Period::text; an interval names its
// first and its last day, both inclusive. FY2026 is the fiscal year that *ends* in 2026: with
// `fiscal_year_start_month` 7 it is 2025-07-01 .. 2026-06-30, with 1 the calendar year.
// INVALID_ARGUMENT, naming the expected forms, for anything else, for a month, quarter or day that
// does not exist, for an interval that ends before it starts or is longer than 50 years, and for a
// start month outside 1 .. 12 where it matters.
absl::StatusOr<Period> ParsePeriod(absl::string_view text, int fiscal_year_start_month);

// The period as people name it in `language` (BCP 47; en, fr, es, pt, cs, anything else reads as
// en), by ICU: "the third quarter of 2026", "le troisième trimestre 2026", "juillet 2026". May be
// called from any thread.
std::string FormatPeriodLocalized(const Period& period, absl::string_view language);

// The same in the grammatical form that the guidance's indicator sentence asks for ("během
// července 2026"). Used by IndicatorSentence.
std::string FormatPeriodInSentence(const Period& period, absl::string_view language);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_PERIOD_H_
