#include "core/indicator/overrides.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "core/base/text.h"
#include "core/indicator/evidence.h"
#include "google/protobuf/message.h"

namespace baraza {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using Report = v1::SessionReport;

std::vector<const FieldDescriptor*> SetFields(const Report& values) {
  std::vector<const FieldDescriptor*> fields;
  values.GetReflection()->ListFields(values, &fields);
  fields.erase(std::remove_if(fields.begin(), fields.end(),
                              [](const FieldDescriptor* field) { return !IsOverridable(*field); }),
               fields.end());
  return fields;
}

// The field as bytes, the elements of a list sorted and without what tells one from another, which
// is minted anew by whoever writes the list.
std::vector<std::string> ValueOf(const Report& values, const FieldDescriptor* field) {
  const google::protobuf::Reflection* reflection = values.GetReflection();
  std::vector<std::string> value;
  if (field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    for (int i = 0; i < reflection->FieldSize(values, field); ++i) {
      const Message& element = reflection->GetRepeatedMessage(values, field, i);
      const std::unique_ptr<Message> copy(element.New());
      copy->CopyFrom(element);
      const FieldDescriptor* id = copy->GetDescriptor()->FindFieldByName("element_id");
      if (id != nullptr) copy->GetReflection()->ClearField(copy.get(), id);
      value.push_back(copy->SerializeAsString());
    }
  } else if (field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    for (int i = 0; i < reflection->FieldSize(values, field); ++i) {
      value.push_back(reflection->GetRepeatedString(values, field, i));
    }
  } else {
    Report copy = values;
    Report only;
    reflection->SwapFields(&copy, &only, {field});
    value.push_back(only.SerializeAsString());
  }
  std::sort(value.begin(), value.end());
  value.erase(std::unique(value.begin(), value.end()), value.end());
  return value;
}

// A team or a name, in a Party or a ParticipatingTeam: the team as registered now, or else the name
// as it is compared.
template <typename T>
void Resolve(const Register& reg, T& party) {
  if (!party.team_id().empty()) {
    party.set_team_id(reg.ResolveTeam(party.team_id()));
  } else if (!party.unregistered_name().empty()) {
    const std::string& name = party.unregistered_name();
    if (std::string team = reg.TeamByName(name); !team.empty()) {
      party.set_team_id(std::move(team));
    } else if (std::string folded = FoldText(name); !folded.empty()) {
      party.set_unregistered_name(std::move(folded));
    }
  }
}

Report WithResolvedParties(const Register& reg, const Report& values) {
  Report resolved = values;
  if (resolved.has_organiser()) Resolve(reg, *resolved.mutable_organiser());
  for (v1::Party& party : *resolved.mutable_facilitated_by()) Resolve(reg, party);
  for (v1::ParticipatingTeam& team : *resolved.mutable_participating_teams()) {
    Resolve(reg, team);
    // To be listed is to have been there.
    if (team.present() == v1::YES_NO_UNSPECIFIED) team.set_present(v1::YES_NO_YES);
  }
  return resolved;
}

bool SetTheSame(Report a, Report b, const FieldDescriptor* field) {
  // Dates without a duration leave the one that another ruling set.
  if (!a.dates().has_duration_minutes() && b.has_dates())
    b.mutable_dates()->clear_duration_minutes();
  if (!b.dates().has_duration_minutes() && a.has_dates())
    a.mutable_dates()->clear_duration_minutes();
  return ValueOf(a, field) == ValueOf(b, field);
}

bool IsSet(const Report& values, const FieldDescriptor* field) {
  return field->number() != Report::kReportingTeamPresentFieldNumber ||
         values.reporting_team_present() == v1::YES_NO_YES ||
         values.reporting_team_present() == v1::YES_NO_NO;
}

}  // namespace

bool IsOverridable(const FieldDescriptor& field) {
  static const auto* const kNot =
      new std::set<int>{Report::kIdFieldNumber,          Report::kVoidMarkFieldNumber,
                        Report::kSensitivityFieldNumber, Report::kTeamIdFieldNumber,
                        Report::kAuthorIdFieldNumber,    Report::kReviewFieldNumber,
                        Report::kImportKeyFieldNumber,   Report::kHintAnswersFieldNumber,
                        Report::kPrivateNotesFieldNumber};
  return !field.is_extension() && kNot->count(field.number()) == 0;
}

std::vector<const SessionRuling*> OverridesAscending(
    absl::Span<const SessionRuling> rulings, const std::vector<std::string>& sorted_member_ids) {
  std::vector<const SessionRuling*> overrides;
  for (const SessionRuling& ruling : rulings) {
    const v1::Ruling& record = ruling.ruling;
    if (record.kind() != v1::RULING_KIND_OVERRIDE || record.void_mark().voided()) continue;
    if (record.report_ids_size() == 0) continue;
    if (std::binary_search(sorted_member_ids.begin(), sorted_member_ids.end(),
                           record.report_ids(0))) {
      overrides.push_back(&ruling);
    }
  }
  std::sort(overrides.begin(), overrides.end(),
            [](const SessionRuling* a, const SessionRuling* b) { return HoldsBefore(*b, *a); });
  return overrides;
}

std::vector<OverrideContradiction> ContradictingOverrides(
    std::vector<const SessionRuling*> overrides, const Register& reg) {
  std::sort(overrides.begin(), overrides.end(),
            [](const SessionRuling* a, const SessionRuling* b) { return HoldsBefore(*a, *b); });
  std::vector<OverrideContradiction> contradictions;
  // What holds in each field; whether its own team was there each report says for itself.
  std::map<std::pair<int, std::string>, const SessionRuling*> holding;
  std::map<const SessionRuling*, Report> resolved;
  for (const SessionRuling* ruling : overrides) {
    const Report& values =
        resolved.emplace(ruling, WithResolvedParties(reg, ruling->ruling.override_values()))
            .first->second;
    OverrideContradiction found;
    found.weaker = ruling;
    for (const FieldDescriptor* field : SetFields(values)) {
      if (!IsSet(values, field)) continue;
      const bool of_one_report = field->number() == Report::kReportingTeamPresentFieldNumber;
      const SessionRuling* holds =
          holding
              .try_emplace({field->number(), of_one_report ? ruling->ruling.report_ids(0) : ""},
                           ruling)
              .first->second;
      if (holds != ruling && !SetTheSame(values, resolved.at(holds), field)) {
        found.stronger.push_back(holds);
      }
      // A stronger list of teams says of all teams whether they were there.
      const auto teams = holding.find({Report::kParticipatingTeamsFieldNumber, ""});
      if (of_one_report && teams != holding.end() && teams->second != ruling) {
        found.stronger.push_back(teams->second);
      }
    }
    if (found.stronger.empty()) continue;
    std::sort(found.stronger.begin(), found.stronger.end(),
              [](const SessionRuling* a, const SessionRuling* b) { return HoldsBefore(*a, *b); });
    found.stronger.erase(std::unique(found.stronger.begin(), found.stronger.end()),
                         found.stronger.end());
    contradictions.push_back(std::move(found));
  }
  return contradictions;
}

}  // namespace baraza
