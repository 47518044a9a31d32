#ifndef BARAZA_TESTS_TESTING_GENERATED_PROGRAMME_H_
#define BARAZA_TESTS_TESTING_GENERATED_PROGRAMME_H_

#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "core/match/batch.h"
#include "core/match/model.h"
#include "core/model/json.h"
#include "core/model/record_types.h"
#include "core/model/register.h"
#include "tests/data/evaluate/score.h"
#include "tests/data/generator/generate.h"

namespace baraza {

// A generated programme, read in as the matcher takes it. What does not parse aborts: the generator
// is at fault.
struct GeneratedProgramme {
  std::vector<v1::SessionReport> reports;
  Register reg;
  std::map<std::string, v1::Source> sources;
  std::map<std::string, std::string> session_of;
  std::map<std::string, std::string> scenario_of;
};

inline GeneratedProgramme MakeProgramme(const testdata::GenerateOptions& options) {
  std::ostringstream reports, register_lines, truth, scenarios;
  testdata::Generate(options, {&reports, &register_lines, &truth, &scenarios});
  GeneratedProgramme made;
  const auto lines = [](const std::ostringstream& text) -> std::vector<std::string> {
    return absl::StrSplit(text.str(), '\n', absl::SkipEmpty());
  };
  for (const std::string& line : lines(register_lines)) {
    // {"id":"tem_...
    const auto type = RecordTypeOfId(line.substr(7, 30));
    if (!type.ok()) std::abort();
    const auto record = RecordFromJson(*type, line);
    if (!record.ok()) std::abort();
    const std::string id = line.substr(7, 30);
    if (*type == v1::RECORD_TYPE_SOURCE) {
      made.sources[id] = static_cast<const v1::Source&>(**record);
      continue;
    }
    v1::RecordState state;
    state.set_record_id(id);
    state.set_type(*type);
    state.set_created(true);
    state.set_record((*record)->SerializeAsString());
    made.reg.Apply(state);
  }
  for (const std::string& line : lines(reports)) {
    const auto record = RecordFromJson(v1::RECORD_TYPE_SESSION_REPORT, line);
    if (!record.ok()) std::abort();
    made.reports.push_back(static_cast<const v1::SessionReport&>(**record));
  }
  const auto table = [&lines](const std::ostringstream& text) {
    std::map<std::string, std::string> rows;
    for (const std::string& line : lines(text)) {
      const std::pair<std::string, std::string> row = absl::StrSplit(line, ',');
      rows.insert(row);
    }
    return rows;
  };
  made.session_of = table(truth);
  made.session_of.erase("report_id");
  made.scenario_of = table(scenarios);
  made.scenario_of.erase("session_id");
  return made;
}

// What the shipped model makes of it: report -> session.
inline std::map<std::string, std::string> Matched(const GeneratedProgramme& programme) {
  const auto clusters =
      MatchReports(programme.reports, programme.reg, programme.sources, ShippedModel());
  if (!clusters.ok()) std::abort();
  std::map<std::string, std::string> session_of;
  for (const Cluster& cluster : *clusters) {
    for (const std::string& report : cluster.report_ids) session_of[report] = cluster.session_id;
  }
  return session_of;
}

}  // namespace baraza

#endif  // BARAZA_TESTS_TESTING_GENERATED_PROGRAMME_H_
