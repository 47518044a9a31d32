#include "sync_server/auth/resource_names.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/ids.h"
#include "core/base/status.h"

namespace baraza::server {
namespace {

// A client's string is echoed by its length only: it may hold anything.
absl::Status Expected(absl::string_view pattern, absl::string_view name) {
  return absl::InvalidArgumentError(
      absl::StrCat("resource name: expected \"", pattern, "\", got ", name.size(), " other bytes"));
}

// The segments of `name` when it has the pattern's number of them and its fixed ones.
absl::StatusOr<std::vector<absl::string_view>> Match(absl::string_view pattern,
                                                     absl::string_view name) {
  const std::vector<absl::string_view> wanted = absl::StrSplit(pattern, '/');
  std::vector<absl::string_view> got = absl::StrSplit(name, '/');
  if (got.size() != wanted.size()) return Expected(pattern, name);
  std::vector<absl::string_view> values;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].front() != '{') {
      if (got[i] != wanted[i]) return Expected(pattern, name);
    } else if (got[i].empty()) {
      return Expected(pattern, name);
    } else {
      values.push_back(got[i]);
    }
  }
  if (!ValidateId(values.front(), "prg").ok()) return Expected(pattern, name);
  return values;
}

}  // namespace

std::string ProgrammeName(absl::string_view programme_id) {
  return absl::StrCat("programmes/", programme_id);
}

std::string RecordName(absl::string_view programme_id, absl::string_view record_id) {
  return absl::StrCat("programmes/", programme_id, "/records/", record_id);
}

std::string SessionName(absl::string_view programme_id, absl::string_view report_id) {
  return absl::StrCat("programmes/", programme_id, "/sessions/", report_id);
}

std::string FigureName(absl::string_view programme_id, absl::string_view indicator_id,
                       absl::string_view period) {
  return absl::StrCat("programmes/", programme_id, "/indicators/", indicator_id, "/figures/",
                      period);
}

absl::StatusOr<std::string> ProgrammeOf(absl::string_view name) {
  constexpr absl::string_view kCollection = "programmes/";
  constexpr absl::string_view kPattern = "programmes/{programme}";
  if (name.substr(0, kCollection.size()) != kCollection) return Expected(kPattern, name);
  absl::string_view id = name.substr(kCollection.size());
  id = id.substr(0, id.find('/'));
  if (!ValidateId(id, "prg").ok()) return Expected(kPattern, name);
  return std::string(id);
}

absl::StatusOr<std::string> ParseProgrammeName(absl::string_view name) {
  BARAZA_ASSIGN_OR_RETURN(const auto values, Match("programmes/{programme}", name));
  return std::string(values[0]);
}

absl::StatusOr<std::string> ParseRecordName(absl::string_view name) {
  constexpr absl::string_view kPattern = "programmes/{programme}/records/{record}";
  BARAZA_ASSIGN_OR_RETURN(const auto values, Match(kPattern, name));
  if (!IdPrefix(values[1]).ok()) return Expected(kPattern, name);
  return std::string(values[1]);
}

absl::StatusOr<std::string> ParseSessionName(absl::string_view name) {
  constexpr absl::string_view kPattern = "programmes/{programme}/sessions/{report}";
  BARAZA_ASSIGN_OR_RETURN(const auto values, Match(kPattern, name));
  if (!ValidateId(values[1], "rep").ok()) return Expected(kPattern, name);
  return std::string(values[1]);
}

absl::StatusOr<FigureResource> ParseFigureName(absl::string_view name) {
  constexpr absl::string_view kPattern =
      "programmes/{programme}/indicators/{indicator}/figures/{period}";
  BARAZA_ASSIGN_OR_RETURN(const auto values, Match(kPattern, name));
  if (!ValidateId(values[1], "ind").ok()) return Expected(kPattern, name);
  return FigureResource{std::string(values[1]), std::string(values[2])};
}

}  // namespace baraza::server
