#ifndef BARAZA_TESTS_DATA_CSV_H_
#define BARAZA_TESTS_DATA_CSV_H_

#include <istream>
#include <string>
#include <vector>

namespace baraza::testdata {

// Reads one row of RFC 4180 CSV: quoted fields may hold commas, quotes and line ends. False at the
// end of the file.
inline bool ReadCsvRow(std::istream& in, std::vector<std::string>& row) {
  row.assign(1, "");
  bool any = false;
  bool quoted = false;
  for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.get()) {
    any = true;
    if (quoted) {
      if (c != '"') {
        row.back() += static_cast<char>(c);
      } else if (in.peek() == '"') {
        row.back() += static_cast<char>(in.get());
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      row.emplace_back();
    } else if (c == '\n') {
      return true;
    } else if (c != '\r') {
      row.back() += static_cast<char>(c);
    }
  }
  return any;
}

}  // namespace baraza::testdata

#endif  // BARAZA_TESTS_DATA_CSV_H_
