#ifndef BARAZA_TESTS_EVALUATION_LABELLED_PROGRAMME_H_
#define BARAZA_TESTS_EVALUATION_LABELLED_PROGRAMME_H_

#include <istream>
#include <map>
#include <string>
#include <vector>

#include "baraza/v1/session_report.pb.h"
#include "baraza/v1/source.pb.h"
#include "core/model/register.h"
#include "tests/data/generator/generate.h"

namespace baraza {

// Reports of which it is known which session each is on, read in as the matcher takes them. What
// does not parse aborts: whoever made the data is at fault.
struct LabelledProgramme {
  std::vector<v1::SessionReport> reports;
  Register reg;
  std::map<std::string, v1::Source> sources;
  std::map<std::string, std::string> session_of;   // by report
  std::map<std::string, std::string> scenario_of;  // by session
};

// The four files of a set, as tests/data/other_hands/README.md describes them.
LabelledProgramme ReadProgramme(std::istream& reports, std::istream& register_lines,
                                std::istream& truth, std::istream& scenarios);
// Those in a folder.
LabelledProgramme ReadProgramme(const std::string& folder);
LabelledProgramme GenerateProgramme(const testdata::GenerateOptions& options);

// What the shipped model makes of it: report -> session.
std::map<std::string, std::string> Matched(const LabelledProgramme& programme);

}  // namespace baraza

#endif  // BARAZA_TESTS_EVALUATION_LABELLED_PROGRAMME_H_
