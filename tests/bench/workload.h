#ifndef BARAZA_TESTS_BENCH_WORKLOAD_H_
#define BARAZA_TESTS_BENCH_WORKLOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "baraza/v1/record.pb.h"
#include "baraza/v1/session_report.pb.h"

namespace baraza::bench {

// Ids that reports speak of.
struct Places {
  std::vector<std::string> team_ids;
  std::vector<std::string> issue_ids;
};

// The first day of the five years that the workload spreads over, and a quarter in their middle.
inline constexpr int kFirstYear = 2022;
inline constexpr char kQuarter[] = "2024-Q3";

// Report number `index` of `total`: an operation of about 1 KB. Two neighbours (2k and 2k + 1) tell
// of one session, in other words; sessions differ in place, day and teams. The same numbers give
// the same report.
v1::SessionReport ReportNumber(int index, int total, const Places& places);

// ReportNumber as what Client::Capture takes.
v1::Record RecordNumber(int index, int total, const Places& places);

}  // namespace baraza::bench

#endif  // BARAZA_TESTS_BENCH_WORKLOAD_H_
