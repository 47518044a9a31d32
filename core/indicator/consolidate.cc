#include "core/indicator/consolidate.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/text.h"
#include "core/indicator/consolidate_dates.h"
#include "core/indicator/consolidate_teams.h"
#include "core/indicator/evidence.h"
#include "core/indicator/overrides.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace baraza {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;
using Report = v1::SessionReport;

const FieldDescriptor* Field(int number) { return Report::descriptor()->FindFieldByNumber(number); }

// Copies one singular field of the kinds that a report has.
void CopyField(const Report& from, const FieldDescriptor* field, Report& to) {
  const Reflection* reflection = from.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      reflection->MutableMessage(&to, field)->CopyFrom(reflection->GetMessage(from, field));
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      reflection->SetEnumValue(&to, field, reflection->GetEnumValue(from, field));
      break;
    default:
      reflection->SetString(&to, field, reflection->GetString(from, field));
      break;
  }
}

bool Has(const Report& report, const FieldDescriptor* field) {
  return report.GetReflection()->HasField(report, field);
}

// Fields of which one value holds; beside them stand dates, the YES/NO fields, held_status, teams
// and the lists, which have rules of their own.
constexpr std::array kChosenFields = {
    Report::kTitleFieldNumber,        Report::kIssueIdFieldNumber,
    Report::kVenueFieldNumber,        Report::kModalityFieldNumber,
    Report::kOrganiserFieldNumber,    Report::kPartOfFieldNumber,
    Report::kParticipantsFieldNumber, Report::kFollowUpAgreedFieldNumber,
    Report::kLanguageFieldNumber,     Report::kNarrativeFieldNumber};

constexpr std::array kTextLists = {Report::kTopicsFieldNumber,
                                   Report::kLearningOutcomesFieldNumber,
                                   Report::kBenefitsFieldNumber,
                                   Report::kTrainingNeedsFieldNumber,
                                   Report::kIndividualSuccessesFieldNumber,
                                   Report::kCollectiveSuccessesFieldNumber};

// How many of the message's fields are set, nested ones included.
int SetFields(const google::protobuf::Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return static_cast<int>(fields.size());
}

// A known count beats an estimate, and each margin tells more.
int ParticipantsPrecision(const v1::Participants& participants) {
  return 2 * SetFields(participants) + (participants.method() == v1::COUNT_METHOD_COUNTED ? 1 : 0);
}

bool TellsParticipants(const v1::Participants& p) {
  return p.has_total() || p.has_women() || p.has_men() || p.has_other_gender() || p.has_youth() ||
         p.has_adults() || p.has_older() || p.has_with_disability();
}

// Whether the field says something; "not recorded" does not.
bool Tells(const Report& report, int field_number) {
  switch (field_number) {
    case Report::kTitleFieldNumber:
      return !report.title().text().empty();
    case Report::kIssueIdFieldNumber:
      return !report.issue_id().empty();
    case Report::kVenueFieldNumber:
      return SetFields(report.venue()) > 0;
    case Report::kModalityFieldNumber:
      return report.modality() != v1::MODALITY_UNSPECIFIED &&
             report.modality() != v1::MODALITY_NOT_RECORDED;
    case Report::kOrganiserFieldNumber:
      return report.organiser().party_case() != v1::Party::PARTY_NOT_SET;
    case Report::kPartOfFieldNumber:
      return !report.part_of().report_id().empty() || !report.part_of().title().text().empty();
    case Report::kParticipantsFieldNumber:
      return TellsParticipants(report.participants());
    case Report::kFollowUpAgreedFieldNumber:
      return !report.follow_up_agreed().text().empty();
    case Report::kLanguageFieldNumber:
      return !report.language().empty();
    case Report::kNarrativeFieldNumber:
      return !report.narrative().text().empty();
    default:
      return false;
  }
}

int Precision(const Report& report, int field_number) {
  switch (field_number) {
    case Report::kVenueFieldNumber:
      return SetFields(report.venue());
    case Report::kPartOfFieldNumber:
      return report.part_of().report_id().empty() ? 0 : 1;
    case Report::kParticipantsFieldNumber:
      return ParticipantsPrecision(report.participants());
    default:
      return 0;
  }
}

// The party with its team as registered now.
v1::Party Resolved(const v1::Party& party, const Register& reg, const NameResolver& names) {
  v1::Party resolved = party;
  if (party.party_case() == v1::Party::kTeamId) {
    resolved.set_team_id(reg.ResolveTeam(party.team_id()));
  } else if (party.party_case() == v1::Party::kUnregisteredName) {
    if (const std::string team = names.TeamOf(party.unregistered_name()); !team.empty()) {
      resolved.set_team_id(team);
    }
  }
  return resolved;
}

uint32_t RankOf(const MemberReport& member) {
  uint32_t rank = 0;
  for (const v1::Source& source : member.sources) {
    if (!source.void_mark().voided()) rank = std::max(rank, SourceRank(source.kind()));
  }
  return rank;
}

// What one informant says twice, or one document that two teams read, is one source.
std::string IndependenceKey(const v1::Source& source) {
  if (source.kind() == v1::SOURCE_KIND_DOCUMENT && !source.document_reference().empty()) {
    if (const std::string folded = FoldText(source.document_reference()); !folded.empty()) {
      return absl::StrCat("document ", folded);
    }
  }
  if (source.kind() == v1::SOURCE_KIND_KEY_INFORMANT_INTERVIEW &&
      !source.informant_reference().empty()) {
    return absl::StrCat("informant ", source.team_id(), " ", source.informant_reference());
  }
  return source.id();
}

// One session in the making.
class Consolidation {
 public:
  Consolidation(absl::Span<const MemberReport> members, const Register& reg,
                absl::Span<const SessionRuling> rulings, absl::Span<const FollowUpAnswer> answers);
  v1::Session Take();

 private:
  void AddMembers();
  void ChooseFields();
  void ChooseDates();
  void ChooseYesNo(int field_number, absl::string_view question);
  void ChooseHeldStatus();
  void UniteLists();
  void UniteTexts(int field_number);
  template <typename Element>
  void UniteElements(const google::protobuf::RepeatedPtrField<Element>& (Report::*elements)() const,
                     google::protobuf::RepeatedPtrField<Element>* into);
  void AddTeams();
  void ApplyOverrides();

  // Adds the candidates that reports give to a field. `tells` says whether a report does.
  template <typename Tells, typename Precision>
  Options FromReports(const FieldDescriptor* field, Tells tells, Precision precision) const;
  // Notes where a value came from, if that is not self-evident.
  v1::ConsolidatedField* Note(const FieldDescriptor* field, std::vector<std::string> witness_ids);
  static void AddAlternatives(const std::vector<Option>& ranked, size_t skip,
                              v1::ConsolidatedField* field);
  void Settle(const FieldDescriptor* field, const std::vector<Option>& ranked);

  bool OnlyReportSays(const std::vector<std::string>& witness_ids) const {
    return members_.size() == 1 && witness_ids.size() == 1 &&
           witness_ids.front() == members_.front()->report.id();
  }

  const Register& reg_;
  // Ascending by report id.
  std::vector<const MemberReport*> members_;
  std::vector<uint32_t> ranks_;
  std::vector<std::string> member_ids_;
  std::vector<StandingAnswer> answers_;
  std::optional<NameResolver> names_;
  std::vector<const SessionRuling*> overrides_;
  v1::Session session_;
  // By field number, so that the list comes out in one order.
  std::map<int, v1::ConsolidatedField> fields_;
};

Consolidation::Consolidation(absl::Span<const MemberReport> members, const Register& reg,
                             absl::Span<const SessionRuling> rulings,
                             absl::Span<const FollowUpAnswer> answers)
    : reg_(reg) {
  for (const MemberReport& member : members) members_.push_back(&member);
  std::sort(members_.begin(), members_.end(),
            [](const auto* a, const auto* b) { return a->report.id() < b->report.id(); });
  for (const MemberReport* member : members_) {
    ranks_.push_back(RankOf(*member));
    member_ids_.push_back(member->report.id());
  }
  answers_ = StandingAnswers(answers, member_ids_, reg);
  names_.emplace(reg, answers_);
  overrides_ = OverridesAscending(rulings, member_ids_);
}

v1::Session Consolidation::Take() {
  AddMembers();
  ChooseFields();
  ChooseDates();
  ChooseHeldStatus();
  ChooseYesNo(Report::kExperiencesSharedFieldNumber, "experiences_shared");
  ChooseYesNo(Report::kLearnedFromEachOtherFieldNumber, "learned_from_each_other");
  UniteLists();
  AddTeams();
  ApplyOverrides();
  for (auto& [number, field] : fields_) *session_.add_fields() = std::move(field);
  return std::move(session_);
}

void Consolidation::AddMembers() {
  session_.set_session_id(member_ids_.front());
  std::string programme = members_.front()->state.programme_id();
  if (programme.empty() && reg_.FindProgramme() != nullptr) programme = reg_.FindProgramme()->id();
  session_.set_name(absl::StrCat("programmes/", programme, "/sessions/", member_ids_.front()));

  bool endorsed = true;
  bool submitted = false;
  v1::Privacy sensitivity = v1::PRIVACY_UNSPECIFIED;
  std::set<std::string> independent;
  for (size_t i = 0; i < members_.size(); ++i) {
    const MemberReport& member = *members_[i];
    const Report& report = member.report;
    v1::SessionMember* out = session_.add_members();
    out->set_report_id(report.id());
    out->set_team_id(ReportingTeamOf(member, reg_));
    // Every report in the log was submitted at least.
    const v1::ReportStage stage = report.review().stage() == v1::REPORT_STAGE_UNSPECIFIED
                                      ? v1::REPORT_STAGE_SUBMITTED
                                      : report.review().stage();
    out->set_stage(stage);
    out->set_source_rank(ranks_[i]);
    std::set<std::string> source_ids;
    for (const v1::Citation& citation : report.citations()) {
      if (!citation.source_id().empty()) source_ids.insert(citation.source_id());
    }
    for (const std::string& id : source_ids) {
      out->add_source_ids(id);
      const auto source = std::find_if(member.sources.begin(), member.sources.end(),
                                       [&](const v1::Source& s) { return s.id() == id; });
      independent.insert(source == member.sources.end() ? id : IndependenceKey(*source));
    }
    if (source_ids.empty()) {
      const std::string& author =
          member.state.author_id().empty() ? report.author_id() : member.state.author_id();
      independent.insert(absl::StrCat("reporter ", out->team_id(), " ", author));
    }
    if (report.has_title()) *out->mutable_title() = report.title();
    if (report.has_dates()) *out->mutable_dates() = report.dates();
    endorsed = endorsed && stage == v1::REPORT_STAGE_ENDORSED;
    submitted = submitted || stage != v1::REPORT_STAGE_RETURNED;
    sensitivity = std::max(sensitivity, report.sensitivity());
  }
  session_.set_endorsed(endorsed);
  session_.set_submitted(submitted);
  session_.set_sensitivity(sensitivity);
  session_.set_independent_sources(static_cast<uint32_t>(independent.size()));
}

template <typename Tells, typename Precision>
Options Consolidation::FromReports(const FieldDescriptor* field, Tells tells,
                                   Precision precision) const {
  Options options;
  for (size_t i = 0; i < members_.size(); ++i) {
    const Report& report = members_[i]->report;
    if (!Has(report, field) || !tells(report)) continue;
    Report value;
    CopyField(report, field, value);
    options.Add({report.id(), ranks_[i]}, std::move(value), precision(report));
  }
  return options;
}

v1::ConsolidatedField* Consolidation::Note(const FieldDescriptor* field,
                                           std::vector<std::string> witness_ids) {
  std::sort(witness_ids.begin(), witness_ids.end());
  v1::ConsolidatedField& note = fields_[field->number()];
  note.set_field(field->name());
  note.mutable_report_ids()->Clear();
  note.mutable_report_ids()->Add(witness_ids.begin(), witness_ids.end());
  return &note;
}

void Consolidation::AddAlternatives(const std::vector<Option>& ranked, size_t skip,
                                    v1::ConsolidatedField* field) {
  for (size_t i = 0; i < ranked.size(); ++i) {
    if (i == skip) continue;
    v1::ConsolidatedField::Alternative* alternative = field->add_alternatives();
    *alternative->mutable_value() = ranked[i].value;
    alternative->mutable_report_ids()->Add(ranked[i].witness_ids.begin(),
                                           ranked[i].witness_ids.end());
  }
}

void Consolidation::Settle(const FieldDescriptor* field, const std::vector<Option>& ranked) {
  if (ranked.empty()) return;
  CopyField(ranked.front().value, field, *session_.mutable_values());
  if (ranked.size() == 1 && OnlyReportSays(ranked.front().witness_ids)) return;
  AddAlternatives(ranked, 0, Note(field, ranked.front().witness_ids));
}

void Consolidation::ChooseFields() {
  for (const int number : kChosenFields) {
    const FieldDescriptor* field = Field(number);
    Options options;
    for (size_t i = 0; i < members_.size(); ++i) {
      const Report& report = members_[i]->report;
      if (!Tells(report, number)) continue;
      Report value;
      if (number == Report::kOrganiserFieldNumber) {
        *value.mutable_organiser() = Resolved(report.organiser(), reg_, *names_);
      } else {
        CopyField(report, field, value);
      }
      options.Add({report.id(), ranks_[i]}, std::move(value), Precision(report, number));
    }
    for (const StandingAnswer& answer : answers_) {
      const v1::FollowUp::Answer& said = answer.follow_up->answer();
      Report value;
      if (answer.code == "issue" && number == Report::kIssueIdFieldNumber) {
        value.set_issue_id(said.record_id());
      } else if (answer.code == "participants" && number == Report::kParticipantsFieldNumber &&
                 said.has_number()) {
        value.mutable_participants()->set_total(said.number());
      } else if (answer.code == "country" && number == Report::kVenueFieldNumber) {
        value.mutable_venue()->set_country(said.text().text());
      } else if (answer.code == "part_of" && number == Report::kPartOfFieldNumber) {
        value.mutable_part_of()->set_report_id(said.record_id());
      }
      if (!Tells(value, number)) continue;
      const int precision = Precision(value, number);
      options.Add({answer.follow_up->id(), kDocumentRank}, std::move(value), precision);
    }
    std::vector<Option> ranked = options.Ranked();
    // A conference may be named by title where another account points at its report.
    if (number == Report::kPartOfFieldNumber) {
      std::stable_sort(ranked.begin(), ranked.end(),
                       [](const Option& a, const Option& b) { return a.precision > b.precision; });
    }
    Settle(field, ranked);
    // The country is asked for by itself: the best venue may lack it.
    if (number == Report::kVenueFieldNumber && !ranked.empty() &&
        session_.values().venue().country().empty()) {
      for (const Option& option : ranked) {
        const std::string& country = option.value.venue().country();
        if (country.empty()) continue;
        session_.mutable_values()->mutable_venue()->set_country(country);
        break;
      }
    }
  }
}

void Consolidation::ChooseDates() {
  const FieldDescriptor* field = Field(Report::kDatesFieldNumber);
  Options dates;
  Options durations;
  const auto add = [&](const Witness& witness, const v1::SessionDates& said) {
    if (TellsDate(said)) {
      Report value;
      *value.mutable_dates() = said;
      value.mutable_dates()->clear_duration_minutes();
      dates.Add(witness, std::move(value), DatePrecisionRank(said));
    }
    if (said.has_duration_minutes()) {
      Report value;
      value.mutable_dates()->set_duration_minutes(said.duration_minutes());
      durations.Add(witness, std::move(value), 0);
    }
  };
  for (size_t i = 0; i < members_.size(); ++i) {
    add({members_[i]->report.id(), ranks_[i]}, members_[i]->report.dates());
  }
  for (const StandingAnswer& answer : answers_) {
    const Witness witness{answer.follow_up->id(), kDocumentRank};
    const v1::FollowUp::Answer& said = answer.follow_up->answer();
    if (answer.code == "session_date" && said.has_dates()) add(witness, said.dates());
    if (answer.code == "duration" && said.has_number()) {
      v1::SessionDates duration;
      duration.set_duration_minutes(said.number());
      add(witness, duration);
    }
  }
  if (!dates.empty()) {
    const std::vector<Option> ranked = dates.Ranked();
    const ConsolidatedDates consolidated = ConsolidateDates(ranked);
    *session_.mutable_values()->mutable_dates() = consolidated.dates;
    if (consolidated.start.earliest.has_value()) {
      session_.set_start_earliest_day(*consolidated.start.earliest);
    }
    if (consolidated.start.latest.has_value()) {
      session_.set_start_latest_day(*consolidated.start.latest);
    }
    const Option& chosen = ranked[consolidated.chosen];
    if (ranked.size() > 1 || !OnlyReportSays(chosen.witness_ids)) {
      v1::ConsolidatedField* note = Note(field, chosen.witness_ids);
      note->set_contested(consolidated.contested);
      // Contested: none holds, so all are alternatives.
      AddAlternatives(ranked, consolidated.contested ? ranked.size() : consolidated.chosen, note);
    }
  }
  if (!durations.empty()) {
    session_.mutable_values()->mutable_dates()->set_duration_minutes(
        durations.Ranked().front().value.dates().duration_minutes());
  }
}

void Consolidation::ChooseYesNo(int field_number, absl::string_view question) {
  const FieldDescriptor* field = Field(field_number);
  const Reflection* reflection = session_.values().GetReflection();
  const auto tells = [&](const Report& report) {
    const int value = reflection->GetEnumValue(report, field);
    return value == v1::YES_NO_YES || value == v1::YES_NO_NO;
  };
  Options options = FromReports(field, tells, [](const Report&) { return 0; });
  bool not_recorded = false;
  for (const MemberReport* member : members_) {
    not_recorded = not_recorded || reflection->GetEnumValue(member->report, field) ==
                                       static_cast<int>(v1::YES_NO_NOT_RECORDED);
  }
  for (const StandingAnswer& answer : answers_) {
    if (answer.code != question) continue;
    Report value;
    reflection->SetEnumValue(&value, field, answer.follow_up->answer().yes_no());
    if (tells(value)) options.Add({answer.follow_up->id(), kDocumentRank}, std::move(value), 0);
  }
  const std::vector<Option> ranked = options.Ranked();
  if (ranked.size() > 1) {
    v1::ConsolidatedField* note = Note(field, {});
    note->set_contested(true);
    AddAlternatives(ranked, ranked.size(), note);
    return;
  }
  Settle(field, ranked);
  if (ranked.empty() && not_recorded) {
    reflection->SetEnumValue(session_.mutable_values(), field, v1::YES_NO_NOT_RECORDED);
  }
}

void Consolidation::ChooseHeldStatus() {
  const FieldDescriptor* field = Field(Report::kHeldStatusFieldNumber);
  const auto tells = [](const Report& report) {
    return report.held_status() != v1::HELD_STATUS_UNSPECIFIED &&
           report.held_status() != v1::HELD_STATUS_NOT_RECORDED;
  };
  Options options = FromReports(field, tells, [](const Report&) { return 0; });
  for (const StandingAnswer& answer : answers_) {
    if (answer.code != "held") continue;
    const v1::YesNo said = answer.follow_up->answer().yes_no();
    if (said != v1::YES_NO_YES && said != v1::YES_NO_NO) continue;
    Report value;
    value.set_held_status(said == v1::YES_NO_YES ? v1::HELD_STATUS_HELD
                                                 : v1::HELD_STATUS_CANCELLED);
    options.Add({answer.follow_up->id(), kDocumentRank}, std::move(value), 0);
  }
  std::vector<Option> ranked = options.Ranked();
  const auto status = [&](v1::HeldStatus wanted) {
    return std::find_if(ranked.begin(), ranked.end(),
                        [&](const Option& option) { return option.value.held_status() == wanted; });
  };
  const auto held = status(v1::HELD_STATUS_HELD);
  if (held != ranked.end() && status(v1::HELD_STATUS_CANCELLED) != ranked.end()) {
    v1::ConsolidatedField* note = Note(field, {});
    note->set_contested(true);
    AddAlternatives(ranked, ranked.size(), note);
    return;
  }
  // A plan is older than the account of what took place.
  if (held != ranked.end()) std::rotate(ranked.begin(), held, held + 1);
  Settle(field, ranked);
  if (ranked.empty()) {
    const bool looked = std::any_of(members_.begin(), members_.end(), [](const auto* member) {
      return member->report.held_status() == v1::HELD_STATUS_NOT_RECORDED;
    });
    if (looked) session_.mutable_values()->set_held_status(v1::HELD_STATUS_NOT_RECORDED);
  }
}

void Consolidation::UniteTexts(int field_number) {
  const FieldDescriptor* field = Field(field_number);
  const Reflection* reflection = session_.values().GetReflection();
  std::map<std::pair<std::string, std::string>, const v1::LocalText*> texts;
  std::vector<std::string> witnesses;
  for (const MemberReport* member : members_) {
    const int size = reflection->FieldSize(member->report, field);
    if (size == 0) continue;
    witnesses.push_back(member->report.id());
    for (int i = 0; i < size; ++i) {
      const auto& text = static_cast<const v1::LocalText&>(
          reflection->GetRepeatedMessage(member->report, field, i));
      if (!text.text().empty()) texts.emplace(std::pair(text.text(), text.language()), &text);
    }
  }
  for (const auto& [key, text] : texts) {
    reflection->AddMessage(session_.mutable_values(), field)->CopyFrom(*text);
  }
  if (!texts.empty() && !OnlyReportSays(witnesses)) Note(field, witnesses);
}

template <typename Element>
void Consolidation::UniteElements(
    const google::protobuf::RepeatedPtrField<Element>& (Report::*elements)() const,
    google::protobuf::RepeatedPtrField<Element>* into) {
  // Element ids are unique within one report only: equal content is one element, numbered anew.
  std::map<std::string, Element> united;
  for (const MemberReport* member : members_) {
    for (const Element& element : (member->report.*elements)()) {
      Element copy = element;
      copy.clear_element_id();
      std::string key = copy.SerializeAsString();
      united.emplace(std::move(key), std::move(copy));
    }
  }
  int number = 0;
  for (auto& [key, element] : united) {
    element.set_element_id(absl::StrCat(++number));
    *into->Add() = std::move(element);
  }
}

void Consolidation::UniteLists() {
  for (const int number : kTextLists) UniteTexts(number);
  Report* values = session_.mutable_values();
  UniteElements(&Report::citations, values->mutable_citations());
  UniteElements(&Report::means_of_verification, values->mutable_means_of_verification());

  std::set<std::string> projects;
  std::vector<std::string> project_witnesses;
  std::map<std::string, v1::Party> facilitators;
  std::vector<std::string> facilitator_witnesses;
  for (const MemberReport* member : members_) {
    const Report& report = member->report;
    if (report.project_ids_size() > 0) project_witnesses.push_back(report.id());
    projects.insert(report.project_ids().begin(), report.project_ids().end());
    if (report.facilitated_by_size() > 0) facilitator_witnesses.push_back(report.id());
    for (const v1::Party& party : report.facilitated_by()) {
      v1::Party resolved = Resolved(party, reg_, *names_);
      facilitators.emplace(resolved.SerializeAsString(), resolved);
    }
  }
  for (const StandingAnswer& answer : answers_) {
    const v1::FollowUp::Answer& said = answer.follow_up->answer();
    if (answer.code == "project" && !said.record_id().empty()) {
      projects.insert(said.record_id());
      project_witnesses.push_back(answer.follow_up->id());
    } else if (answer.code == "facilitated_by" && !said.record_id().empty()) {
      v1::Party party;
      if (reg_.FindOrganisation(said.record_id()) != nullptr) {
        party.set_organisation_id(said.record_id());
      } else {
        party.set_team_id(reg_.ResolveTeam(said.record_id()));
      }
      facilitators.emplace(party.SerializeAsString(), party);
      facilitator_witnesses.push_back(answer.follow_up->id());
    }
  }
  for (const std::string& id : projects) {
    values->add_project_ids(id);
    session_.add_project_ids(id);
  }
  for (auto& [key, party] : facilitators) *values->add_facilitated_by() = std::move(party);
  if (!projects.empty() && !OnlyReportSays(project_witnesses)) {
    Note(Field(Report::kProjectIdsFieldNumber), project_witnesses);
  }
  if (!facilitators.empty() && !OnlyReportSays(facilitator_witnesses)) {
    Note(Field(Report::kFacilitatedByFieldNumber), facilitator_witnesses);
  }
}

void Consolidation::AddTeams() {
  ConsolidatedTeams consolidated = ConsolidateTeams(members_, reg_, *names_, answers_, overrides_);
  int number = 0;
  for (v1::TeamPresence& presence : consolidated.teams) {
    if (presence.present() == v1::YES_NO_YES || presence.present() == v1::YES_NO_NO) {
      v1::ParticipatingTeam* team = session_.mutable_values()->add_participating_teams();
      team->set_element_id(absl::StrCat(++number));
      if (presence.team_id().empty()) {
        team->set_unregistered_name(presence.unregistered_name());
      } else {
        team->set_team_id(presence.team_id());
      }
      team->set_present(presence.present());
    }
    *session_.add_teams() = std::move(presence);
  }
  if (!consolidated.told_by.empty()) {
    Note(Field(Report::kParticipatingTeamsFieldNumber), consolidated.told_by)
        ->set_ruling_id(consolidated.ruling_id);
  }
}

void Consolidation::ApplyOverrides() {
  Report* values = session_.mutable_values();
  const Reflection* reflection = values->GetReflection();
  for (const SessionRuling* ruling : overrides_) {
    Report ruled = ruling->ruling.override_values();
    if (ruled.has_organiser())
      *ruled.mutable_organiser() = Resolved(ruled.organiser(), reg_, *names_);
    for (v1::Party& party : *ruled.mutable_facilitated_by()) party = Resolved(party, reg_, *names_);
    if (ruled.has_dates() && !ruled.dates().has_duration_minutes() &&
        values->dates().has_duration_minutes()) {
      ruled.mutable_dates()->set_duration_minutes(values->dates().duration_minutes());
    }
    std::vector<const FieldDescriptor*> set_fields;
    reflection->ListFields(ruled, &set_fields);
    for (const FieldDescriptor* field : set_fields) {
      // The teams have taken theirs in.
      if (!IsOverridable(*field) || field->number() == Report::kParticipatingTeamsFieldNumber ||
          field->number() == Report::kReportingTeamPresentFieldNumber) {
        continue;
      }
      v1::ConsolidatedField& note = fields_[field->number()];
      // What the reports say stays visible, best first, behind the ruling.
      if (note.ruling_id().empty() && !field->is_repeated() && !note.contested() &&
          Has(*values, field)) {
        v1::ConsolidatedField::Alternative superseded;
        CopyField(*values, field, *superseded.mutable_value());
        if (note.report_ids_size() > 0) {
          *superseded.mutable_report_ids() = note.report_ids();
        } else {
          for (const std::string& id : member_ids_) superseded.add_report_ids(id);
        }
        v1::ConsolidatedField with_superseded;
        *with_superseded.add_alternatives() = std::move(superseded);
        with_superseded.mutable_alternatives()->MergeFrom(note.alternatives());
        note.mutable_alternatives()->Swap(with_superseded.mutable_alternatives());
      }
      note.set_field(field->name());
      note.clear_report_ids();
      note.set_contested(false);
      note.set_ruling_id(ruling->ruling.id());
      reflection->SwapFields(values, &ruled, {field});
    }
    if (ruling->ruling.override_values().has_dates()) {
      const StartBounds bounds = StartBoundsOf(values->dates());
      session_.clear_start_earliest_day();
      session_.clear_start_latest_day();
      if (bounds.earliest.has_value()) session_.set_start_earliest_day(*bounds.earliest);
      if (bounds.latest.has_value()) session_.set_start_latest_day(*bounds.latest);
    }
    if (ruling->ruling.override_values().project_ids_size() > 0) {
      std::set<std::string> sorted(values->project_ids().begin(), values->project_ids().end());
      session_.clear_project_ids();
      for (const std::string& id : sorted) session_.add_project_ids(id);
    }
  }
}

}  // namespace

uint32_t SourceRank(v1::SourceKind kind) {
  switch (kind) {
    case v1::SOURCE_KIND_DIRECT_OBSERVATION:
      return kObservationRank;
    case v1::SOURCE_KIND_DOCUMENT:
      return kDocumentRank;
    case v1::SOURCE_KIND_KEY_INFORMANT_INTERVIEW:
      return kInterviewRank;
    default:
      return 0;
  }
}

v1::Session ConsolidateSession(absl::Span<const MemberReport> members, const Register& reg,
                               absl::Span<const SessionRuling> rulings,
                               absl::Span<const FollowUpAnswer> answers) {
  if (members.empty()) return {};
  return Consolidation(members, reg, rulings, answers).Take();
}

v1::Session SessionOfOne(const v1::SessionReport& report, absl::Span<const v1::Source> sources,
                         const Register& reg) {
  MemberReport member;
  member.report = report;
  member.sources.assign(sources.begin(), sources.end());
  v1::Session session = ConsolidateSession({&member, 1}, reg, {}, {});
  session.set_part_of_session_id(session.values().part_of().report_id());
  return session;
}

}  // namespace baraza
