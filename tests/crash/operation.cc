#include "tests/crash/operation.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/sqlite/database.h"

namespace baraza::crash {
namespace {

bool IsSuffixCharacter(char c) { return absl::ascii_isdigit(c) || absl::ascii_islower(c); }

// Calls `fn(begin, end)` for what follows the prefix in each id of the text.
template <typename Fn>
void ForEachId(absl::string_view text, const Fn& fn) {
  for (size_t at = text.find('_'); at != absl::string_view::npos; at = text.find('_', at + 1)) {
    size_t end = at + 1;
    // Whatever follows: a tag of the wire format may be a letter, too.
    while (end < text.size() && end - at <= kIdSuffixLength && IsSuffixCharacter(text[end])) ++end;
    if (end - at == kIdSuffixLength + 1) fn(at + 1, end);
  }
}

}  // namespace

absl::StatusOr<std::string> Dump(const std::string& vfs, const std::string& path,
                                 const DumpOptions& dumped) {
  DatabaseOptions options;
  options.mode = DatabaseOptions::Mode::kReadWrite;
  options.vfs = vfs;
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<Database> database, Database::Open(path, options));
  {
    BARAZA_ASSIGN_OR_RETURN(Statement check, database->Prepare("PRAGMA integrity_check"));
    BARAZA_RETURN_IF_ERROR(check.StepToOnlyRow());
    if (check.TextView(0) != "ok") return absl::DataLossError(check.TextView(0));
  }
  {
    BARAZA_ASSIGN_OR_RETURN(Statement check, database->Prepare("PRAGMA foreign_key_check"));
    BARAZA_ASSIGN_OR_RETURN(const bool dangling, check.Step());
    if (dangling) return absl::DataLossError("a dangling reference");
  }
  // With its columns.
  std::vector<std::pair<std::string, std::string>> tables;
  {
    BARAZA_ASSIGN_OR_RETURN(
        Statement names,
        database->Prepare("SELECT t.name, group_concat(c.name, ', ')"
                          " FROM sqlite_schema AS t, pragma_table_info(t.name) AS c"
                          " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
                          " AND c.name != ?1 GROUP BY t.name ORDER BY t.name"));
    names.BindAll(dumped.without_column);
    while (true) {
      BARAZA_ASSIGN_OR_RETURN(const bool row, names.Step());
      if (!row) break;
      if (names.TextView(0) == "boot_epoch" && !dumped.with_openings) continue;
      tables.emplace_back(names.Text(0), names.Text(1));
    }
  }
  BARAZA_ASSIGN_OR_RETURN(const int64_t version, database->UserVersion());
  std::string dump = absl::StrCat("version ", version, "\n");
  for (const auto& [table, columns] : tables) {
    BARAZA_ASSIGN_OR_RETURN(Statement rows,
                            database->Prepare(absl::StrCat("SELECT ", columns, " FROM ", table)));
    while (true) {
      BARAZA_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (!row) break;
      absl::StrAppend(&dump, table);
      for (int column = 0; column < rows.ColumnCount(); ++column) {
        absl::StrAppend(&dump, "|", rows.IsNull(column) ? "NULL" : "",
                        absl::CHexEscape(rows.BlobView(column)));
      }
      absl::StrAppend(&dump, "\n");
    }
  }
  return dump;
}

Normaliser::Normaliser(const std::string& before) {
  ForEachId(before,
            [&](size_t begin, size_t end) { known_.push_back(before.substr(begin, end - begin)); });
  std::sort(known_.begin(), known_.end());
}

std::string Normaliser::operator()(const std::string& state) const {
  std::string result;
  std::map<std::string, size_t> fresh;
  size_t copied = 0;
  ForEachId(state, [&](size_t begin, size_t end) {
    if (begin < copied) return;
    const std::string id = state.substr(begin, end - begin);
    if (std::binary_search(known_.begin(), known_.end(), id)) return;
    const size_t number = fresh.emplace(id, fresh.size() + 1).first->second;
    absl::StrAppend(&result, state.substr(copied, begin - copied), "#", number);
    copied = end;
  });
  absl::StrAppend(&result, state.substr(copied));
  return result;
}

}  // namespace baraza::crash
