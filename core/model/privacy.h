#ifndef BARAZA_CORE_MODEL_PRIVACY_H_
#define BARAZA_CORE_MODEL_PRIVACY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baraza/v1/operation.pb.h"
#include "baraza/v1/record.pb.h"

namespace baraza {

// The one filter that guards answers, exports and logs. All functions may be called from any
// thread.

// Who is looking. An empty viewer is the public.
struct Viewer {
  v1::Role role = v1::ROLE_UNSPECIFIED;
  v1::Scope scope;
  std::string team_id;
  std::string organisation_id;
};

// The strictest class that `viewer` may see of what a team owns. Collectors and team leads: TEAM
// for their own team's, PROGRAMME for the rest. Officers, administrators and auditors: TEAM within
// their scope (an empty scope holds nothing), else PROGRAMME. Anybody else: PUBLIC. Never DEVICE.
v1::Privacy GreatestClassFor(const Viewer& viewer, absl::string_view owner_team_id,
                             absl::string_view owner_organisation_id);

// Clears every field whose class is stricter than `greatest_class`, at every depth, and all unknown
// fields. A field without a class takes that of the field that holds its message, PROGRAMME at the
// root. Inside a message that has a `sensitivity` no field is less private than that; a sensitive
// means of verification is TEAM. Operations, record states and feed records inside the message are
// filtered too, their serialized records included.
void FilterMessage(google::protobuf::Message& message, v1::Privacy greatest_class);

// The serialized record with FilterMessage applied. INVALID_ARGUMENT for an unknown type (nothing
// is known about the classes of its fields) or bytes that do not parse.
absl::StatusOr<std::string> FilterRecordBytes(v1::RecordType type, absl::string_view record,
                                              v1::Privacy greatest_class);

// Leaves out whole parts, known fields or not: what remains is byte for byte as the author wrote
// it.
v1::WireOperation FilterParts(v1::WireOperation wire, v1::Privacy greatest_class);

// Whether the record's sensitivity is stricter than PROGRAMME.
bool IsSensitive(const google::protobuf::Message& record);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_PRIVACY_H_
