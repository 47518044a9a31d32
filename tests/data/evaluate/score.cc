#include "tests/data/evaluate/score.h"

#include <cmath>

namespace baraza::testdata {
namespace {

double Ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(whole);
}

// How many reports of one true session lie in one found cluster.
using Table = std::map<std::string, std::map<std::string, int64_t>>;

int64_t Pairs(int64_t count) { return count * (count - 1) / 2; }

std::string ScenarioOf(const std::map<std::string, std::string>& scenario_of,
                       const std::string& session) {
  const auto found = scenario_of.find(session);
  return found == scenario_of.end() ? "" : found->second;
}

}  // namespace

double Agreement::Precision() const { return Ratio(common_pairs, found_pairs); }
double Agreement::Recall() const { return Ratio(common_pairs, true_pairs); }
double Agreement::F1() const { return Ratio(2 * common_pairs, true_pairs + found_pairs); }
double Agreement::ExactShare() const { return Ratio(exact_sessions, true_sessions); }
double Agreement::CountError() const {
  return true_sessions == 0 ? 0.0
                            : static_cast<double>(found_sessions - true_sessions) /
                                  static_cast<double>(true_sessions);
}

Evaluation Evaluate(const std::map<std::string, std::string>& truth,
                    const std::map<std::string, std::string>& found,
                    const std::map<std::string, std::string>& scenario_of,
                    const std::set<PairOfSessions>& ambiguous) {
  Table of_session;  // session -> cluster -> reports
  Table of_cluster;  // cluster -> session -> reports
  for (const auto& [report, session] : truth) {
    const auto at = found.find(report);
    // A cluster's name never starts with '\n'.
    const std::string cluster = at == found.end() ? "\n" + report : at->second;
    ++of_session[session][cluster];
    ++of_cluster[cluster][session];
  }
  Evaluation result;
  std::map<std::string, double> found_share;
  for (const auto& [session, clusters] : of_session) {
    Agreement& own = result.of_scenario[ScenarioOf(scenario_of, session)];
    int64_t reports = 0;
    int64_t common = 0;
    for (const auto& [cluster, count] : clusters) {
      reports += count;
      common += Pairs(count);
    }
    const bool exact = clusters.size() == 1 && of_cluster[clusters.begin()->first].size() == 1;
    for (Agreement* agreement : {&result.all, &own}) {
      ++agreement->true_sessions;
      agreement->true_pairs += Pairs(reports);
      agreement->common_pairs += common;
      agreement->found_pairs += common;
      agreement->exact_sessions += exact ? 1 : 0;
    }
  }
  for (const auto& [cluster, sessions] : of_cluster) {
    ++result.all.found_sessions;
    int64_t reports = 0;
    for (const auto& [session, count] : sessions) reports += count;
    for (auto left = sessions.begin(); left != sessions.end(); ++left) {
      const std::string left_scenario = ScenarioOf(scenario_of, left->first);
      found_share[left_scenario] += Ratio(left->second, reports);
      for (auto right = std::next(left); right != sessions.end(); ++right) {
        if (ambiguous.count({left->first, right->first}) > 0 ||
            ambiguous.count({right->first, left->first}) > 0)
          continue;
        const int64_t wrong = left->second * right->second;
        result.all.found_pairs += wrong;
        result.of_scenario[left_scenario].found_pairs += wrong;
        const std::string right_scenario = ScenarioOf(scenario_of, right->first);
        if (right_scenario != left_scenario)
          result.of_scenario[right_scenario].found_pairs += wrong;
      }
    }
  }
  for (const auto& [scenario, share] : found_share) {
    result.of_scenario[scenario].found_sessions = std::llround(share);
  }
  return result;
}

}  // namespace baraza::testdata
