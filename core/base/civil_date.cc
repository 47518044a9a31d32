#include "core/base/civil_date.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/status.h"

namespace baraza {
namespace {

constexpr absl::CivilDay kEpoch(1970, 1, 1);

// The value of `count` digits at `at`, or -1.
int Digits(absl::string_view text, size_t at, size_t count) {
  int value = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

int32_t CivilDayToDays(absl::CivilDay day) { return static_cast<int32_t>(day - kEpoch); }

absl::CivilDay CivilDayFromDays(int32_t days) { return kEpoch + days; }

absl::StatusOr<absl::CivilDay> MakeCivilDay(int64_t year, int64_t month, int64_t day) {
  const bool in_range =
      year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
  if (in_range) {
    // CivilDay normalises 30 February to 2 March; a date that moved did not exist.
    const absl::CivilDay made(year, static_cast<int>(month), static_cast<int>(day));
    if (made.month() == month && made.day() == day) return made;
  }
  return InvalidField("", "date", "a date that exists, in the years 0001 to 9999",
                      absl::StrCat(year, "-", month, "-", day));
}

absl::StatusOr<absl::CivilDay> ParseCivilDay(absl::string_view iso) {
  if (iso.size() == 10 && iso[4] == '-' && iso[7] == '-') {
    const int year = Digits(iso, 0, 4);
    const int month = Digits(iso, 5, 2);
    const int day = Digits(iso, 8, 2);
    if (year >= 0 && month >= 0 && day >= 0) return MakeCivilDay(year, month, day);
  }
  return InvalidField("", "date", "the form yyyy-mm-dd", iso);
}

std::string FormatCivilDay(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

}  // namespace baraza
