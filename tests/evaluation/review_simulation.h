#ifndef BARAZA_TESTS_EVALUATION_REVIEW_SIMULATION_H_
#define BARAZA_TESTS_EVALUATION_REVIEW_SIMULATION_H_

#include <cstdint>
#include <vector>

#include "core/match/index.h"
#include "tests/evaluation/labelled_programme.h"

namespace baraza {

// How a figure's interval does where the true count is known: every session counts, and whoever
// reviews a sampled pair answers by the truth. The matcher, the draw and the figure are the real
// ones.

struct ReviewedProgramme {
  uint32_t value = 0;  // sessions found
  uint32_t truth = 0;  // sessions there are
  // Pairs in doubt that would change the count.
  uint32_t doubtful = 0;
  struct Bounds {
    double low = 0;
    double high = 0;
    uint32_t sampled_pairs = 0;
  };
  Bounds before;  // any review
  Bounds after;   // a sample of it

  // What the measured rates of core/indicator/interval.cc come from: every decision of the figure,
  // and whether it is wrong.
  struct Decision {
    size_t stratum = 0;
    bool wrong = false;
  };
  std::vector<Decision> decisions;
};

// `reviewed` decisions are drawn with a generator seeded by `seed`.
ReviewedProgramme Review(const LabelledProgramme& programme, uint32_t reviewed, uint64_t seed);

}  // namespace baraza

#endif  // BARAZA_TESTS_EVALUATION_REVIEW_SIMULATION_H_
