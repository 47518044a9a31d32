#include "core/indicator/consolidate_dates.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "core/base/civil_date.h"

namespace baraza {
namespace {

std::optional<int32_t> Days(const std::string& iso) {
  if (iso.empty()) return std::nullopt;
  const absl::StatusOr<absl::CivilDay> day = ParseCivilDay(iso);
  if (!day.ok()) return std::nullopt;
  return CivilDayToDays(*day);
}

// A closed range of days, with infinity for an open side.
struct Range {
  int64_t first = std::numeric_limits<int32_t>::min();
  int64_t last = std::numeric_limits<int32_t>::max();
};

Range RangeOf(const StartBounds& bounds) {
  Range range;
  if (bounds.earliest.has_value()) range.first = *bounds.earliest;
  if (bounds.latest.has_value()) range.last = *bounds.latest;
  return range;
}

// All days on which the session may have been under way.
Range SpanOf(const v1::SessionDates& dates) {
  Range span = RangeOf(StartBoundsOf(dates));
  if (dates.precision() == v1::DATE_PRECISION_DAY) {
    if (const std::optional<int32_t> latest = Days(dates.latest()); latest.has_value()) {
      span.last = std::max<int64_t>(span.last, *latest);
    }
  }
  return span;
}

// Two accounts of one session may be a day apart when both name a day.
bool Compatible(const v1::SessionDates& a, const v1::SessionDates& b) {
  const Range left = SpanOf(a);
  const Range right = SpanOf(b);
  const bool both_days =
      a.precision() == v1::DATE_PRECISION_DAY && b.precision() == v1::DATE_PRECISION_DAY;
  const int64_t slack = both_days ? 1 : 0;
  return left.first <= right.last + slack && right.first <= left.last + slack;
}

bool Refines(const v1::SessionDates& fine, const v1::SessionDates& coarse) {
  const Range inner = RangeOf(StartBoundsOf(fine));
  const Range outer = RangeOf(StartBoundsOf(coarse));
  return inner.first >= outer.first && inner.last <= outer.last &&
         (inner.first > outer.first || inner.last < outer.last);
}

std::string Iso(const std::optional<int32_t>& days) {
  return days.has_value() ? FormatCivilDay(CivilDayFromDays(*days)) : std::string();
}

}  // namespace

StartBounds StartBoundsOf(const v1::SessionDates& dates) {
  StartBounds bounds{Days(dates.earliest()), Days(dates.latest())};
  switch (dates.precision()) {
    case v1::DATE_PRECISION_DAY:
      if (bounds.earliest.has_value()) bounds.latest = bounds.earliest;
      break;
    case v1::DATE_PRECISION_MONTH:
    case v1::DATE_PRECISION_QUARTER:
    case v1::DATE_PRECISION_YEAR:
      if (bounds.earliest.has_value() && !bounds.latest.has_value()) {
        const absl::CivilMonth month(CivilDayFromDays(*bounds.earliest));
        absl::CivilMonth end = month + 1;
        if (dates.precision() == v1::DATE_PRECISION_QUARTER) end = month + 3;
        if (dates.precision() == v1::DATE_PRECISION_YEAR) end = month + 12;
        bounds.latest = CivilDayToDays(absl::CivilDay(end)) - 1;
      }
      break;
    default:
      break;
  }
  if (bounds.earliest.has_value() && bounds.latest.has_value() &&
      *bounds.latest < *bounds.earliest) {
    return {};
  }
  return bounds;
}

bool TellsDate(const v1::SessionDates& dates) {
  const StartBounds bounds = StartBoundsOf(dates);
  return bounds.earliest.has_value() || bounds.latest.has_value();
}

int DatePrecisionRank(const v1::SessionDates& dates) {
  switch (dates.precision()) {
    case v1::DATE_PRECISION_DAY:
      return 4;
    case v1::DATE_PRECISION_MONTH:
      return 3;
    case v1::DATE_PRECISION_QUARTER:
      return 2;
    case v1::DATE_PRECISION_YEAR:
      return 1;
    default:
      return 0;
  }
}

ConsolidatedDates ConsolidateDates(const std::vector<Option>& ranked) {
  ConsolidatedDates result;
  const auto dates_of = [&](size_t i) -> const v1::SessionDates& {
    return ranked[i].value.dates();
  };
  // A coarse date of the best source is told more closely by the best of those that lie inside it.
  for (bool refined = true; refined;) {
    refined = false;
    for (size_t i = 0; i < ranked.size(); ++i) {
      if (Refines(dates_of(i), dates_of(result.chosen))) {
        result.chosen = i;
        refined = true;
        break;
      }
    }
  }
  const v1::SessionDates& chosen = dates_of(result.chosen);
  result.dates = chosen;
  result.start = StartBoundsOf(chosen);
  for (size_t i = 0; i < ranked.size(); ++i) {
    result.contested = result.contested || !Compatible(chosen, dates_of(i));
    if (result.dates.time_zone().empty()) result.dates.set_time_zone(dates_of(i).time_zone());
  }
  if (result.contested) {
    for (size_t i = 0; i < ranked.size(); ++i) {
      const StartBounds other = StartBoundsOf(dates_of(i));
      if (!other.earliest.has_value() || !result.start.earliest.has_value()) {
        result.start.earliest.reset();
      } else {
        result.start.earliest = std::min(*result.start.earliest, *other.earliest);
      }
      if (!other.latest.has_value() || !result.start.latest.has_value()) {
        result.start.latest.reset();
      } else {
        result.start.latest = std::max(*result.start.latest, *other.latest);
      }
    }
    result.dates.set_earliest(Iso(result.start.earliest));
    result.dates.set_latest(Iso(result.start.latest));
    result.dates.set_precision(v1::DATE_PRECISION_UNKNOWN);
  }
  result.dates.clear_duration_minutes();
  return result;
}

}  // namespace baraza
