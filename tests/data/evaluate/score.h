#ifndef BARAZA_TESTS_DATA_EVALUATE_SCORE_H_
#define BARAZA_TESTS_DATA_EVALUATE_SCORE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baraza::testdata {

// How well found clusters agree with the truth.
struct Agreement {
  int64_t true_pairs = 0;   // pairs of reports on one session
  int64_t found_pairs = 0;  // pairs of reports found to be on one
  int64_t common_pairs = 0;
  int64_t true_sessions = 0;
  int64_t found_sessions = 0;
  // Sessions whose reports are one found cluster, no more and no fewer.
  int64_t exact_sessions = 0;

  double Precision() const;  // 1 when nothing was found
  double Recall() const;     // 1 when there was nothing to find
  double F1() const;
  double ExactShare() const;
  // (found - true) / true; negative: undercounted.
  double CountError() const;
};

struct Evaluation {
  Agreement all;
  // By scenario: the pairs of which at least one report is on a session of the scenario, and its
  // sessions. `found_sessions`: of each found cluster that holds such a report, the share of its
  // reports that are, rounded over all.
  std::map<std::string, Agreement> of_scenario;
};

using PairOfSessions = std::pair<std::string, std::string>;

// `truth` and `found`: report -> session, cluster. A report that was not found anywhere is a
// cluster of its own; one that the truth does not know is left out. `scenario_of`: session ->
// scenario, may be empty. `ambiguous`: pairs of true sessions that nobody could tell apart, in any
// order; pairs of reports across them count neither way.
Evaluation Evaluate(const std::map<std::string, std::string>& truth,
                    const std::map<std::string, std::string>& found,
                    const std::map<std::string, std::string>& scenario_of,
                    const std::set<PairOfSessions>& ambiguous);

}  // namespace baraza::testdata

#endif  // BARAZA_TESTS_DATA_EVALUATE_SCORE_H_
