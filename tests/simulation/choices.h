#ifndef BARAZA_TESTS_SIMULATION_CHOICES_H_
#define BARAZA_TESTS_SIMULATION_CHOICES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "core/base/random.h"

namespace baraza::sim {

// Every random decision of a run. Each kind of decision of each node has a stream of its own
// ("net/phone2/up"), so that one more or less in one of them leaves all others as they were; which
// is what makes shrinking work. Decisions are numbered, and written to a trace when there is one.
class Choices {
 public:
  // `trace` may be null, else outlives it.
  Choices(uint64_t seed, std::ostream* trace) : seed_(seed), trace_(trace) {}

  // Uniform over [0, bound); 0 when `bound` is 0.
  uint64_t Below(absl::string_view stream, uint64_t bound);
  // True with a probability of `permille` / 1000.
  bool Chance(absl::string_view stream, uint64_t permille);
  // The stream itself, for what draws many: ids, disks. Its bytes are not in the trace.
  Random& Stream(absl::string_view stream);

  uint64_t decisions() const { return decisions_; }

 private:
  const uint64_t seed_;
  std::ostream* const trace_;
  std::map<std::string, std::unique_ptr<SeededRandom>, std::less<>> streams_;
  uint64_t decisions_ = 0;
};

}  // namespace baraza::sim

#endif  // BARAZA_TESTS_SIMULATION_CHOICES_H_
