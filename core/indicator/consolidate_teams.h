#ifndef BARAZA_CORE_INDICATOR_CONSOLIDATE_TEAMS_H_
#define BARAZA_CORE_INDICATOR_CONSOLIDATE_TEAMS_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "baraza/v1/session.pb.h"
#include "core/indicator/consolidate.h"
#include "core/indicator/evidence.h"
#include "core/model/register.h"

namespace baraza {

// Who took part, by what all witnesses say. Internal to core/indicator.
struct ConsolidatedTeams {
  // Registered teams ascending by id, then names outside the register in folded order.
  std::vector<v1::TeamPresence> teams;
  // Who told which teams took part (by a list, or by answering that no other team did); empty:
  // nobody.
  std::vector<std::string> told_by;
  // The ruling that settled it, if one did.
  std::string ruling_id;
};

// Witnesses: each report's list of participating teams and its own team's presence, and answers to
// "team_took_part" {team_id} and "which_teams". Being its organiser or facilitator
// is no presence. `overrides` are weakest first: participating_teams replaces all of it,
// reporting_team_present settles the team of the ruling's first report.
ConsolidatedTeams ConsolidateTeams(absl::Span<const MemberReport* const> members,
                                   const Register& reg, const NameResolver& names,
                                   absl::Span<const StandingAnswer> answers,
                                   absl::Span<const SessionRuling* const> overrides);

// The team that reported it, as registered now.
std::string ReportingTeamOf(const MemberReport& member, const Register& reg);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_CONSOLIDATE_TEAMS_H_
