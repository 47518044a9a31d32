#include "tests/evaluation/labelled_programme.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "baraza/v1/record.pb.h"
#include "core/match/batch.h"
#include "core/match/model.h"
#include "core/model/json.h"
#include "core/model/record_types.h"
#include "tests/data/csv.h"

namespace baraza {
namespace {

[[noreturn]] void GiveUp(const std::string& what) {
  std::fprintf(stderr, "labelled programme: %s\n", what.c_str());
  std::abort();
}

// {"team": {"id": ...}}, or the bare record, whose id comes first.
std::unique_ptr<google::protobuf::Message> ReadEntry(const std::string& line) {
  constexpr size_t kIdLength = 30;
  v1::Record record;
  if (RecordFromJson(line, &record).ok() && Member(record) != nullptr) {
    std::unique_ptr<google::protobuf::Message> member(Member(record)->New());
    member->CopyFrom(*Member(record));
    return member;
  }
  const size_t id = line.find('"', line.find(':')) + 1;
  const auto type = RecordTypeOfId(line.substr(id, kIdLength));
  if (!type.ok()) GiveUp(line);
  auto read = RecordFromJson(*type, line);
  if (!read.ok()) GiveUp(read.status().ToString());
  return *std::move(read);
}

// Two columns under a heading.
std::map<std::string, std::string> ReadTable(std::istream& in) {
  std::map<std::string, std::string> table;
  std::vector<std::string> row;
  testdata::ReadCsvRow(in, row);
  while (testdata::ReadCsvRow(in, row)) {
    if (row.size() == 2) table[row[0]] = row[1];
  }
  return table;
}

}  // namespace

LabelledProgramme ReadProgramme(std::istream& reports, std::istream& register_lines,
                                std::istream& truth, std::istream& scenarios) {
  LabelledProgramme programme;
  std::string line;
  while (std::getline(register_lines, line)) {
    const std::unique_ptr<google::protobuf::Message> entry = ReadEntry(line);
    const std::string id =
        entry->GetReflection()->GetString(*entry, entry->GetDescriptor()->FindFieldByName("id"));
    const v1::RecordType type = RecordTypeOf(*entry->GetDescriptor());
    if (type == v1::RECORD_TYPE_SOURCE) {
      programme.sources[id] = static_cast<const v1::Source&>(*entry);
      continue;
    }
    v1::RecordState state;
    state.set_record_id(id);
    state.set_type(type);
    state.set_created(true);
    state.set_record(entry->SerializeAsString());
    programme.reg.Apply(state);
  }
  while (std::getline(reports, line)) {
    const auto record = RecordFromJson(v1::RECORD_TYPE_SESSION_REPORT, line);
    if (!record.ok()) GiveUp(record.status().ToString());
    programme.reports.push_back(static_cast<const v1::SessionReport&>(**record));
  }
  programme.session_of = ReadTable(truth);
  programme.scenario_of = ReadTable(scenarios);
  return programme;
}

LabelledProgramme ReadProgramme(const std::string& folder) {
  std::ifstream reports(folder + "/reports.jsonl"), register_lines(folder + "/register.jsonl"),
      truth(folder + "/truth.csv"), scenarios(folder + "/scenario.csv");
  if (!reports || !register_lines || !truth || !scenarios) GiveUp("cannot read " + folder);
  return ReadProgramme(reports, register_lines, truth, scenarios);
}

LabelledProgramme GenerateProgramme(const testdata::GenerateOptions& options) {
  std::stringstream reports, register_lines, truth, scenarios;
  testdata::Generate(options, {&reports, &register_lines, &truth, &scenarios});
  return ReadProgramme(reports, register_lines, truth, scenarios);
}

std::map<std::string, std::string> Matched(const LabelledProgramme& programme) {
  const auto clusters =
      MatchReports(programme.reports, programme.reg, programme.sources, ShippedModel());
  if (!clusters.ok()) GiveUp(clusters.status().ToString());
  std::map<std::string, std::string> session_of;
  for (const Cluster& cluster : *clusters) {
    for (const std::string& report : cluster.report_ids) session_of[report] = cluster.session_id;
  }
  return session_of;
}

}  // namespace baraza
