#ifndef BARAZA_CORE_INDICATOR_QUALIFY_H_
#define BARAZA_CORE_INDICATOR_QUALIFY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/indicator.pb.h"
#include "baraza/v1/session.pb.h"
#include "core/indicator/consolidate.h"
#include "core/model/register.h"

namespace baraza {

struct IndicatorContext {
  v1::Indicator indicator;
  // The definition that indicator.definition_id names; DefaultDefinition() when it names none.
  v1::SessionDefinition definition;
};

// Every requirement spelled out as CONTRACTS section 7 has it: held, at least two different
// registered teams present, experiences shared, learned from each other, on the issue or a related
// one, counted by occasion. Its id is "".
v1::SessionDefinition DefaultDefinition();

// `definition` with each absent requirement taken from the default.
v1::SessionDefinition WithDefaults(const v1::SessionDefinition& definition);

// The context of a registered indicator: its definition from the register, else the default.
IndicatorContext ContextOf(const v1::Indicator& indicator, const Register& reg);

// Whether the session meets the definition within the indicator's scope (issues, projects,
// countries), in three values. A requirement that is definitely not met makes it NO, and every such
// one gives its reason; else anything unknown makes it UNDETERMINED, with a question for each thing
// that could settle it; else YES. Names outside the register never prove that teams differ. A
// COUNTS or DOES_NOT_COUNT ruling on this definition or on all decides, whatever was found; the
// greatest (lamport, hash) holds. A session all of whose reports were returned does not count,
// ruling or not.
//
// Dates and the stage of reports are the figure's business, not looked at here. The codes are those
// of core/indicator/phrasing. Pure; order of rulings is irrelevant.
v1::Qualification Qualify(const v1::Session& session, const IndicatorContext& context,
                          const Register& reg, absl::Span<const SessionRuling> rulings);

// What the form of a device should still ask for so that its one report would count, in the order
// of a form: the questions of `qualification` that a report can answer.
std::vector<v1::CodedText> MissingFields(const v1::Qualification& qualification);

// The team, or the organisation where the definition asks for different ones of these, that was
// there for certain; empty: it was not, or which it is is not known. Whether the team is registered
// is not looked at.
absl::string_view UnitThere(const v1::TeamPresence& team, const v1::SessionDefinition& definition);

// Whether a reason of NO says that too few teams, or organisations, were there.
bool SaysTooFewTeams(const v1::CodedText& reason);

// Names a question stably: a short hash over the report, the code and the arguments.
std::string QuestionId(absl::string_view report_id, const v1::CodedText& question);

// A question about `session` to the team that can answer it (the smallest report of that team in
// the session), or to the office when `team_id` is empty or has no report there.
v1::OpenQuestion MakeQuestion(const v1::Session& session, v1::CodedText question,
                              absl::string_view team_id);

// Fills in follow_up_id where a follow-up record about one of the session's reports asks the same.
void LinkFollowUps(const v1::Session& session, absl::Span<const v1::FollowUp> follow_ups,
                   v1::Qualification& qualification);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_QUALIFY_H_
