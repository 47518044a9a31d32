#ifndef BARAZA_TESTS_SIMULATION_SHRINK_H_
#define BARAZA_TESTS_SIMULATION_SHRINK_H_

#include <functional>

#include "tests/simulation/plan.h"

namespace baraza::sim {

// The smallest plan found that still fails: steps are taken out in ever smaller groups (delta
// debugging: Zeller and Hildebrandt, IEEE TSE 28(2), 2002), then phones and days. `fails` must be
// true for `plan`; it is asked at most `most_tries` times.
Plan Shrink(Plan plan, const std::function<bool(const Plan&)>& fails, int most_tries = 2000);

}  // namespace baraza::sim

#endif  // BARAZA_TESTS_SIMULATION_SHRINK_H_
