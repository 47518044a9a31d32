#ifndef BARAZA_TESTS_CRASH_EVERY_IO_H_
#define BARAZA_TESTS_CRASH_EVERY_IO_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/crash/operation.h"

namespace baraza::crash {

// The states that an operation may leave.
class Outcomes {
 public:
  // Runs the operation without a fault; fails the test if that does not work, or does not work
  // twice in the same way.
  explicit Outcomes(const Operation& operation);

  // The number of a state: 0 before, last() after; -1: none that may be.
  int Find(const std::string& state) const;
  int last() const { return static_cast<int>(states_.size()) - 1; }

  // Opens a copy of the disk as after a kill, which recovers it, and compares; -1 and a test
  // failure if it is damaged or in no state that may be. `told` must be in it. Of an invisible
  // operation: always last().
  int Check(const Operation& operation, const sim::SimDisk& disk,
            const std::string& told = "") const;

  // I/O calls of the operation.
  int64_t calls() const { return calls_; }

 private:
  struct Seen {
    int found = -1;
    std::string state;
  };
  std::vector<std::string> states_;    // Normalised.
  std::vector<Normaliser> normalise_;  // One.
  // By the files' bytes, on which alone it depends what is found: most faults leave the same.
  mutable std::map<std::string, Seen> seen_;
  int64_t calls_ = 0;
};

struct Injections {
  int64_t calls = 0;       // I/O calls of the operation by itself.
  int64_t injections = 0;  // Faults that happened.
  int64_t told = 0;        // Of them: the operation answered an error or died.
  // How often the disk was left in the state: before, in between, after.
  std::vector<int64_t> left;
};

// Every fault at every I/O call of the operation: an error once and for good, a full disk once and
// for good, a kill, power cuts that leave nothing, all or some sectors of what was not synced, also
// torn ones. After each:
//  * the disk is in the state before or the state after, and after if the operation said OK;
//  * the process goes on where it can (errors), or a new one starts (deaths), and brings about the
//    state after; nothing is there twice;
//  * a second power cut while the first is recovered from changes nothing (for some).
// Tries every `stride`-th call, other ones with other faults. Prints a line of figures.
Injections CrashEverywhere(const Operation& operation, int64_t stride = 1);

}  // namespace baraza::crash

#endif  // BARAZA_TESTS_CRASH_EVERY_IO_H_
