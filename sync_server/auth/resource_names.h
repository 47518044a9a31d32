#ifndef BARAZA_SYNC_SERVER_AUTH_RESOURCE_NAMES_H_
#define BARAZA_SYNC_SERVER_AUTH_RESOURCE_NAMES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baraza::server {

// The resource names of the API (AIP-122), made and taken apart in this one place:
//   programmes/{programme}
//   programmes/{programme}/records/{record}
//   programmes/{programme}/sessions/{any report id of it}
//   programmes/{programme}/indicators/{indicator}
//   programmes/{programme}/indicators/{indicator}/figures/{period}
// Every parser gives INVALID_ARGUMENT that says what was expected; ids are held against their
// prefix.

std::string ProgrammeName(absl::string_view programme_id);
std::string RecordName(absl::string_view programme_id, absl::string_view record_id);
std::string SessionName(absl::string_view programme_id, absl::string_view report_id);
std::string FigureName(absl::string_view programme_id, absl::string_view indicator_id,
                       absl::string_view period);

// The programme id of any of these names, whatever follows it.
absl::StatusOr<std::string> ProgrammeOf(absl::string_view name);

// The programme id of "programmes/{programme}" exactly.
absl::StatusOr<std::string> ParseProgrammeName(absl::string_view name);

// The record id (well-formed, of any type).
absl::StatusOr<std::string> ParseRecordName(absl::string_view name);

// The report id.
absl::StatusOr<std::string> ParseSessionName(absl::string_view name);

struct FigureResource {
  std::string indicator_id;
  // As written; not checked.
  std::string period;
};
absl::StatusOr<FigureResource> ParseFigureName(absl::string_view name);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_AUTH_RESOURCE_NAMES_H_
