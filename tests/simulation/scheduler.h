#ifndef BARAZA_TESTS_SIMULATION_SCHEDULER_H_
#define BARAZA_TESTS_SIMULATION_SCHEDULER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "absl/time/time.h"

namespace baraza::sim {

// Virtual time: nothing happens but what was scheduled, one after the other, by time and then by
// the order in which it was scheduled. Time since the start of the run.
class Scheduler {
 public:
  absl::Duration now() const { return now_; }

  void After(absl::Duration delay, std::function<void()> what) {
    At(now_ + delay, std::move(what));
  }
  // A time in the past counts as now.
  void At(absl::Duration when, std::function<void()> what) {
    events_.emplace(std::make_pair(when < now_ ? now_ : when, next_++), std::move(what));
  }

  // Runs the next event, if it is due by `until`.
  bool RunOne(absl::Duration until = absl::InfiniteDuration()) {
    if (events_.empty() || events_.begin()->first.first > until) return false;
    now_ = events_.begin()->first.first;
    const std::function<void()> what = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    ++executed_;
    what();
    return true;
  }

  uint64_t executed() const { return executed_; }
  bool idle() const { return events_.empty(); }

 private:
  absl::Duration now_;
  uint64_t next_ = 0;
  uint64_t executed_ = 0;
  std::map<std::pair<absl::Duration, uint64_t>, std::function<void()>> events_;
};

}  // namespace baraza::sim

#endif  // BARAZA_TESTS_SIMULATION_SCHEDULER_H_
