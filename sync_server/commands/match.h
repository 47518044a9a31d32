#ifndef BARAZA_SYNC_SERVER_COMMANDS_MATCH_H_
#define BARAZA_SYNC_SERVER_COMMANDS_MATCH_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baraza::server {

struct MatchOptions {
  // JSON lines, each a SessionReport in proto3 JSON, or {"sessionReport": {...}}.
  std::string reports;
  // JSON lines with records of the register and sources: the Record form {"team": {...}}, or the
  // bare record, told by the prefix of its id. Empty: none.
  std::string register_file;
  // CSV: report_id,session_id, by report id.
  std::string clusters;
  // CSV: left_report_id,right_report_id,score_milli_nats,together. Empty: not written.
  std::string pairs;
  // A match model in protobuf text form. Empty: the shipped one.
  std::string model;
};

struct MatchSummary {
  int64_t reports = 0;
  int64_t sessions = 0;
  int64_t compared_pairs = 0;
  // Lines that could not be taken.
  int64_t bad_lines = 0;
};

// Runs the matcher over files, without a server. A line that cannot be taken is told to `complain`
// ("FILE:LINE: record: field: expected ..., got ...") and left out; the others go through. Errors
// are those of files and of the model.
absl::StatusOr<MatchSummary> MatchFiles(const MatchOptions& options,
                                        const std::function<void(absl::string_view)>& complain);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_MATCH_H_
