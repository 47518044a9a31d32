#ifndef BARAZA_CORE_INDICATOR_OVERRIDES_H_
#define BARAZA_CORE_INDICATOR_OVERRIDES_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "core/indicator/consolidate.h"
#include "core/model/register.h"
#include "google/protobuf/descriptor.h"

namespace baraza {

// Whether an OVERRIDE may set this field of a session report: consolidated values only.
bool IsOverridable(const google::protobuf::FieldDescriptor& field);

// The OVERRIDE rulings about a member that are not voided, weakest first, so that the strongest is
// applied last.
std::vector<const SessionRuling*> OverridesAscending(
    absl::Span<const SessionRuling> rulings, const std::vector<std::string>& sorted_member_ids);

// An OVERRIDE that sets a field otherwise than a stronger one, which holds there.
struct OverrideContradiction {
  const SessionRuling* weaker = nullptr;
  // Those that hold in the fields concerned, strongest first.
  std::vector<const SessionRuling*> stronger;
};

// Of OVERRIDE rulings on one session, in any order; strongest first. Lists are compared as sets,
// and parties as those they are in the register now: a team by its id and by its name is one team.
// What was answered to "who is" in a session is not considered.
std::vector<OverrideContradiction> ContradictingOverrides(
    std::vector<const SessionRuling*> overrides, const Register& reg);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_OVERRIDES_H_
