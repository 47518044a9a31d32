#include "core/indicator/doubt.h"

#include <algorithm>
#include <set>

#include "core/indicator/qualify.h"

namespace baraza {
namespace {

using Units = std::set<absl::string_view>;

// Adds the teams, or organisations, that were there for certain; of one report those that it names.
void AddUnits(const v1::Session& session, const v1::SessionDefinition& definition,
              const absl::string_view* report_id, Units& units) {
  for (const v1::TeamPresence& team : session.teams()) {
    if (report_id != nullptr && std::find(team.report_ids().begin(), team.report_ids().end(),
                                          *report_id) == team.report_ids().end()) {
      continue;
    }
    const absl::string_view unit = UnitThere(team, definition);
    if (!unit.empty()) units.insert(unit);
  }
}

bool HasEnoughAlone(const v1::Session& session, absl::string_view report_id,
                    const v1::SessionDefinition& definition) {
  Units units;
  AddUnits(session, definition, &report_id, units);
  return units.size() >= definition.min_distinct();
}

bool LacksNothingButTeams(const v1::Session& session, absl::string_view indicator_id) {
  for (const v1::Qualification& qualification : session.qualifications()) {
    if (qualification.indicator_id() != indicator_id) continue;
    if (qualification.qualifies() != v1::QUALIFIES_NO || qualification.reasons_size() != 1) {
      return false;
    }
    return SaysTooFewTeams(qualification.reasons(0));
  }
  return false;
}

}  // namespace

SplitEffect EffectOfSplit(const v1::Session& session, absl::string_view left_report_id,
                          absl::string_view right_report_id,
                          const v1::SessionDefinition& definition) {
  const bool left = HasEnoughAlone(session, left_report_id, definition);
  const bool right = HasEnoughAlone(session, right_report_id, definition);
  return {.may_fall = !left && !right, .may_rise = (left && right) || session.members_size() > 2};
}

bool WouldCountTogether(const v1::Session& left, const v1::Session& right,
                        absl::string_view indicator_id, const v1::SessionDefinition& definition) {
  if (!LacksNothingButTeams(left, indicator_id) || !LacksNothingButTeams(right, indicator_id)) {
    return false;
  }
  Units units;
  AddUnits(left, definition, nullptr, units);
  AddUnits(right, definition, nullptr, units);
  return units.size() >= definition.min_distinct();
}

}  // namespace baraza
