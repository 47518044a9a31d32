// Periods as people name them; the parsing is in period.cc.

#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/indicator/icu_format.h"
#include "core/indicator/locale.h"
#include "core/indicator/period.h"

namespace baraza {
namespace {

// One pattern per language; {q} is the quarter, {y} the year as text, {span} the months or days.
struct PeriodPatterns {
  absl::string_view year;
  // An ICU date pattern or skeleton for a month.
  absl::string_view month;
  bool month_is_pattern;
  absl::string_view quarter;
  absl::string_view fiscal_year;
  // An interval of whole months, and any other.
  absl::string_view months;
  absl::string_view days;
};

constexpr std::array<PeriodPatterns, kLanguageCount> kNames = {{
    {"{y}", "yMMMM", false, "the {q, spellout,%spellout-ordinal} quarter of {y}",
     "fiscal year {y} ({span})", "{span}", "{span}"},
    {"{y}", "yMMMM", false, "le {q, spellout,%spellout-ordinal-masculine} trimestre {y}",
     "l’exercice {y} ({span})", "{span}", "{span}"},
    {"{y}", "yMMMM", false,
     "el {q, spellout,%spellout-ordinal-masculine-adjective} trimestre de {y}",
     "el ejercicio fiscal {y} ({span})", "{span}", "{span}"},
    {"{y}", "yMMMM", false, "o {q, spellout,%spellout-ordinal-masculine} trimestre de {y}",
     "o ano fiscal de {y} ({span})", "{span}", "{span}"},
    {"{y}", "yMMMM", false, "{q}. čtvrtletí {y}", "fiskální rok {y} ({span})", "{span}", "{span}"},
}};

// After "facilitated in", "facilitées en", "facilitadas en", "facilitadas em" and "během". French
// and Portuguese would contract the preposition with an article ("au", "no"), which the guidance's
// wording does not allow for; months stand without one. Czech wants the genitive.
constexpr std::array<PeriodPatterns, kLanguageCount> kInSentence = {{
    {"{y}", "yMMMM", false, "the {q, spellout,%spellout-ordinal} quarter of {y}",
     "fiscal year {y} ({span})", "{span}", "the period {span}"},
    {"{y}", "yMMMM", false, "{span}", "{span} (exercice {y})", "{span}", "la période {span}"},
    {"{y}", "yMMMM", false,
     "el {q, spellout,%spellout-ordinal-masculine-adjective} trimestre de {y}",
     "el ejercicio fiscal {y} ({span})", "{span}", "el periodo {span}"},
    {"{y}", "yMMMM", false, "{span}", "{span} (ano fiscal de {y})", "{span}", "{span}"},
    {"roku {y}", "MMMM y", true, "{q}. čtvrtletí {y}", "fiskálního roku {y} ({span})",
     "období {span}", "období {span}"},
}};

std::string Format(const Period& period, Language language, const PeriodPatterns& patterns) {
  const absl::CivilDay last = period.end - 1;
  const bool whole_months = period.start.day() == 1 && period.end.day() == 1;
  const std::vector<MessageArgument> arguments = {
      // Of a fiscal year this is the year of its end, which is its name.
      TextArgument("y", absl::StrCat(last.year())),
      NumberArgument("q", (period.start.month() + 2) / 3),
      TextArgument("span", FormatDayInterval(language, period.start, last,
                                             whole_months ? "yMMMM" : "yMMMMd"))};
  switch (period.form) {
    case PeriodForm::kYear:
      return FormatMessage(language, patterns.year, arguments);
    case PeriodForm::kMonth:
      return FormatDay(language, period.start, patterns.month, patterns.month_is_pattern);
    case PeriodForm::kQuarter:
      return FormatMessage(language, patterns.quarter, arguments);
    case PeriodForm::kFiscalYear:
      return FormatMessage(language, patterns.fiscal_year, arguments);
    case PeriodForm::kInterval:
      return FormatMessage(language, whole_months ? patterns.months : patterns.days, arguments);
  }
  return period.text;
}

}  // namespace

std::string FormatPeriodLocalized(const Period& period, absl::string_view language) {
  const Language spoken = LanguageOf(language);
  return Format(period, spoken, kNames[static_cast<size_t>(spoken)]);
}

std::string FormatPeriodInSentence(const Period& period, absl::string_view language) {
  const Language spoken = LanguageOf(language);
  return Format(period, spoken, kInSentence[static_cast<size_t>(spoken)]);
}

}  // namespace baraza
