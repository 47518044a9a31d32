#ifndef BARAZA_TESTS_TESTING_EFFORT_H_
#define BARAZA_TESTS_TESTING_EFFORT_H_

#include <algorithm>
#include <cstdlib>

#include "absl/strings/numbers.h"

namespace baraza::test {

// How much of something a test does: as much as scripts/test has time for, unless the environment
// variable says otherwise, as scripts/nightly does. At least `least`, >= 1.
inline int Effort(const char* variable, int usual, int least = 1) {
  const char* const wanted = std::getenv(variable);
  int effort = usual;
  if (wanted != nullptr && !absl::SimpleAtoi(wanted, &effort)) effort = usual;
  return std::max(least, effort);
}

// Of what is too much to try all of it (each call at which something may die, each order of steps)
// every so-manieth is tried.
inline int CrashStride(int usual) { return Effort("BARAZA_CRASH_STRIDE", usual); }

}  // namespace baraza::test

#endif  // BARAZA_TESTS_TESTING_EFFORT_H_
