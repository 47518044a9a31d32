#ifndef BARAZA_CORE_INDICATOR_CONSOLIDATE_DATES_H_
#define BARAZA_CORE_INDICATOR_CONSOLIDATE_DATES_H_

#include <vector>

#include "baraza/v1/session.pb.h"
#include "core/indicator/consolidate.h"
#include "core/indicator/evidence.h"

namespace baraza {

// When a session took place, by what its witnesses say. Internal to core/indicator.
struct ConsolidatedDates {
  // The date that holds, without a duration; with `contested` the bounds of all.
  v1::SessionDates dates;
  StartBounds start;
  bool contested = false;
  // Index of the option that holds; meaningless when there is none.
  size_t chosen = 0;
};

// Whether the dates tell anything about when.
bool TellsDate(const v1::SessionDates& dates);

// DAY 4, MONTH 3, QUARTER 2, YEAR 1, bounds 0.
int DatePrecisionRank(const v1::SessionDates& dates);

// `ranked` holds options whose value has `dates`, best first; it must not be empty.
ConsolidatedDates ConsolidateDates(const std::vector<Option>& ranked);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_CONSOLIDATE_DATES_H_
