// CSV, which is only ever written: what a spreadsheet reads back is what was put in, and no cell is
// a formula. Fields of the input are separated by 0x1f.

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "client_lib/cli/csv.h"
#include "tests/fuzz/target.h"

namespace baraza::fuzz {
namespace {

// A reader of RFC 4180, strict, of one row.
std::vector<std::string> ReadRow(absl::string_view row) {
  FUZZ_CHECK(row.size() >= 2 && row.substr(row.size() - 2) == "\r\n");
  row.remove_suffix(2);
  std::vector<std::string> fields(1);
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i] == ',') {
      fields.emplace_back();
      continue;
    }
    if (row[i] != '"') {
      FUZZ_CHECK(row[i] != '\r' && row[i] != '\n', "a line break outside quotes");
      fields.back().push_back(row[i]);
      continue;
    }
    FUZZ_CHECK(fields.back().empty(), "a quote inside a plain field");
    for (++i;; ++i) {
      FUZZ_CHECK(i < row.size(), "an open quote");
      if (row[i] != '"') {
        fields.back().push_back(row[i]);
      } else if (i + 1 < row.size() && row[i + 1] == '"') {
        fields.back().push_back(row[i++]);
      } else {
        break;
      }
    }
    FUZZ_CHECK(i + 1 == row.size() || row[i + 1] == ',', "text after a quote");
  }
  return fields;
}

void OneInput(absl::string_view bytes) {
  const std::vector<std::string> fields = absl::StrSplit(bytes, '\x1f');
  const std::vector<std::string> read = ReadRow(client::CsvRow(fields));
  FUZZ_CHECK(read.size() == fields.size());
  for (size_t i = 0; i < read.size(); ++i) {
    FUZZ_CHECK(read[i] == fields[i] || read[i] == "'" + fields[i]);
    double number;
    if (read[i].empty() || absl::SimpleAtod(read[i], &number)) continue;
    FUZZ_CHECK(std::string("=+-@\t\r\n").find(read[i][0]) == std::string::npos, "a formula");
  }
}

std::vector<std::string> Seeds() {
  return {
      "a\x1f"
      "b,c\x1f\"quoted\"\x1fline\r\nbreak",
      "=1+1\x1f+1\x1f-1\x1f-x\x1f@SUM(A1)\x1f\tx",
      "\xEF\xBC\x9D"
      "1\x1f'apostrophe\x1f;semicolon\x1f",
      "\x1f\x1f", "-1e5\x1f+inf\x1f-nan\x1f+0x1p3"};
}

const Registration registration({"csv", &OneInput, &Seeds});

}  // namespace
}  // namespace baraza::fuzz
