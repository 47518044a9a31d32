#ifndef BARAZA_SYNC_SERVER_COMMANDS_MATCH_INPUTS_H_
#define BARAZA_SYNC_SERVER_COMMANDS_MATCH_INPUTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/session_report.pb.h"
#include "baraza/v1/source.pb.h"
#include "core/model/register.h"

namespace baraza::server {

// Is told of each line that cannot be taken ("FILE:LINE: record: field: expected ..., got ...").
using Complain = std::function<void(absl::string_view)>;

// What the matcher reads from files.
struct MatchInputs {
  std::vector<v1::SessionReport> reports;
  Register reg;
  std::map<std::string, v1::Source> sources;
  // Lines that could not be taken.
  int64_t bad_lines = 0;
};

// Reads records of the register and sources, one a line, into `inputs`: {"team": {...}}, or the
// bare record, told by the prefix of its id. Errors are those of the file.
absl::Status ReadRegister(const std::string& path, const Complain& complain, MatchInputs& inputs);

// The same for session reports.
absl::Status ReadReports(const std::string& path, const Complain& complain, MatchInputs& inputs);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_MATCH_INPUTS_H_
