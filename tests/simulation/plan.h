#ifndef BARAZA_TESTS_SIMULATION_PLAN_H_
#define BARAZA_TESTS_SIMULATION_PLAN_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baraza::sim {

// One thing that happens in a run, at a time, to a node ("server", "phone1", ...). What a verb
// means stands in simulation.cc; `arguments` are its numbers.
struct Step {
  int64_t at_ms = 0;
  std::string verb;
  std::string node;
  std::map<std::string, int64_t> arguments;

  int64_t Get(absl::string_view name, int64_t otherwise = 0) const;
};

// All that people do and all that goes wrong in a run, in the order of time. Steps can be taken out
// one by one: what is left still means the same, since no step refers to another by its place.
struct Plan {
  // Of every decision that is not a step: how long a message takes, what a power cut keeps.
  uint64_t seed = 0;
  int phones = 0;
  int64_t length_ms = 0;
  std::vector<Step> steps;

  // The plan of a seed. Which kinds of faults a run has at all is drawn first, so that some runs
  // have few and others have many.
  static Plan FromSeed(uint64_t seed);

  // A text file, one step a line: "TIME_MS VERB NODE NAME=NUMBER ...". Parse reads it back;
  // INVALID_ARGUMENT names the line.
  std::string ToText() const;
  static absl::StatusOr<Plan> Parse(absl::string_view text);
};

}  // namespace baraza::sim

#endif  // BARAZA_TESTS_SIMULATION_PLAN_H_
