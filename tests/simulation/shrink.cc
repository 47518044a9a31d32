#include "tests/simulation/shrink.h"

#include <algorithm>
#include <utility>

namespace baraza::sim {

Plan Shrink(Plan plan, const std::function<bool(const Plan&)>& fails, int most_tries) {
  int tries = 0;
  const auto better = [&](Plan smaller) {
    if (++tries > most_tries || !fails(smaller)) return false;
    plan = std::move(smaller);
    return true;
  };
  for (bool shrunk = true; shrunk && tries < most_tries;) {
    shrunk = false;
    for (size_t group = std::max<size_t>(plan.steps.size() / 2, 1); group > 0; group /= 2) {
      for (size_t at = 0; at < plan.steps.size() && tries < most_tries;) {
        Plan smaller = plan;
        const auto from = smaller.steps.begin() + static_cast<std::ptrdiff_t>(at);
        const size_t length = std::min(group, smaller.steps.size() - at);
        smaller.steps.erase(from, from + static_cast<std::ptrdiff_t>(length));
        if (better(std::move(smaller))) {
          shrunk = true;
        } else {
          at += group;
        }
      }
    }
    while (plan.phones > 1) {
      Plan smaller = plan;
      --smaller.phones;
      if (!better(std::move(smaller))) break;
      shrunk = true;
    }
    int64_t last = 0;
    for (const Step& step : plan.steps) last = std::max(last, step.at_ms);
    if (Plan smaller = plan; last + 1 < plan.length_ms) {
      smaller.length_ms = last + 1;
      shrunk = better(std::move(smaller)) || shrunk;
    }
  }
  return plan;
}

}  // namespace baraza::sim
