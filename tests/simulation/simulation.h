#ifndef BARAZA_TESTS_SIMULATION_SIMULATION_H_
#define BARAZA_TESTS_SIMULATION_SIMULATION_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "tests/simulation/plan.h"

namespace baraza::sim {

// What was done to the system in one run, or in many.
struct Tally {
  int64_t runs = 0;
  int64_t device_ms = 0;  // Virtual time, once for each phone.
  int64_t captured = 0;   // Deeds that a phone said OK to.
  int64_t acknowledged = 0;
  int64_t refused = 0;  // Operations that the server took into quarantine for good.
  int64_t round_trips = 0;
  int64_t messages_lost = 0;
  int64_t messages_doubled = 0;
  int64_t kills = 0;
  int64_t power_cuts = 0;
  int64_t io_faults = 0;
  int64_t restores = 0;
  int64_t copies = 0;
  int64_t forks = 0;  // Disks that were copied, cut off and looked at.
  int64_t events = 0;
  int64_t decisions = 0;

  void Add(const Tally& other);
};

struct Outcome {
  Tally tally;
  // What promise was broken first; empty: none.
  std::string violation;
};

// Runs a plan in virtual time, with the real client, server and stores, and checks after each step
// and at the end what docs/testing.md promises. The same plan gives the same outcome. `trace` (may
// be null) is told every step and decision. For one thread.
Outcome Simulate(const Plan& plan, std::ostream* trace = nullptr);

}  // namespace baraza::sim

#endif  // BARAZA_TESTS_SIMULATION_SIMULATION_H_
