#include "client_lib/cli/csv.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace baraza::client {

namespace {

bool LooksLikeFormula(absl::string_view text) {
  // OWASP, "CSV Injection"; the full-width signs are formulas in East Asian locales.
  for (const absl::string_view start : {"=", "+", "-", "@", "\t", "\r", "\n", "\xEF\xBC\x9D",
                                        "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"}) {
    if (text.substr(0, start.size()) == start) {
      double number;
      return !absl::SimpleAtod(text, &number);
    }
  }
  return false;
}

}  // namespace

std::string CsvField(absl::string_view text) {
  std::string field = LooksLikeFormula(text) ? absl::StrCat("'", text) : std::string(text);
  if (field.find_first_of(",\";\r\n\t'") == std::string::npos) return field;
  return absl::StrCat("\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
}

std::string CsvRow(const std::vector<std::string>& fields) {
  std::string row;
  for (size_t i = 0; i < fields.size(); ++i) {
    absl::StrAppend(&row, i == 0 ? "" : ",", CsvField(fields[i]));
  }
  return absl::StrCat(row, "\r\n");
}

}  // namespace baraza::client
