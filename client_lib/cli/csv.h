#ifndef BARAZA_CLIENT_LIB_CLI_CSV_H_
#define BARAZA_CLIENT_LIB_CLI_CSV_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace baraza::client {

// One field of RFC 4180. A text that a spreadsheet would take for a formula (it starts with = + -
// @, a tab or a carriage return, also in their full-width forms) gets an apostrophe in front; a
// plain number keeps its sign.
std::string CsvField(absl::string_view text);

// A row with its CRLF.
std::string CsvRow(const std::vector<std::string>& fields);

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLI_CSV_H_
