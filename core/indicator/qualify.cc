#include "core/indicator/qualify.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/indicator/coded_text.h"
#include "core/indicator/evidence.h"

namespace baraza {
namespace {

// Reasons that say that too few were there (SaysTooFewTeams).
constexpr char kOneTeamOnly[] = "one_team_only";
constexpr char kOneOrganisationOnly[] = "one_organisation_only";
constexpr char kTeamsTooFew[] = "teams_too_few";
constexpr char kOrganisationsTooFew[] = "organisations_too_few";

const v1::ConsolidatedField* FieldOf(const v1::Session& session, absl::string_view name) {
  for (const v1::ConsolidatedField& field : session.fields()) {
    if (field.field() == name) return &field;
  }
  return nullptr;
}

// Gathers what each requirement finds.
class Assessment {
 public:
  Assessment(const v1::Session& session, const IndicatorContext& context, const Register& reg)
      : session_(session),
        values_(session.values()),
        indicator_(context.indicator),
        definition_(WithDefaults(context.definition)),
        reg_(reg) {}

  void Run() {
    Held();
    Occasion();
    Teams();
    YesNoMet(definition_.require_experiences_shared(), values_.experiences_shared(),
             "experiences_shared", "experiences_shared", "no_experiences_shared",
             "experiences_not_recorded", "experiences_contested");
    YesNoMet(definition_.require_learned_from_each_other(), values_.learned_from_each_other(),
             "learned_from_each_other", "learned_from_each_other", "no_learning",
             "learning_not_recorded", "learning_contested");
    Issue();
    Projects();
    Country();
    Modality();
    Duration();
    Participants();
    Sources();
    Facilitators();
  }

  void FillIn(v1::Qualification& qualification) {
    if (!failed_.empty()) {
      qualification.set_qualifies(v1::QUALIFIES_NO);
      for (v1::CodedText& reason : failed_) *qualification.add_reasons() = std::move(reason);
      return;
    }
    if (unknown_.empty()) {
      qualification.set_qualifies(v1::QUALIFIES_YES);
      return;
    }
    qualification.set_qualifies(v1::QUALIFIES_UNDETERMINED);
    for (v1::CodedText& reason : unknown_) *qualification.add_reasons() = std::move(reason);
    std::set<std::string> asked;
    for (v1::OpenQuestion& question : questions_) {
      if (asked.insert(question.id()).second) {
        *qualification.add_questions() = std::move(question);
      }
    }
  }

 private:
  void Fail(v1::CodedText reason) { failed_.push_back(std::move(reason)); }

  // Unknown, and the team can be asked.
  void Ask(v1::CodedText reason, v1::CodedText question, absl::string_view team_id) {
    unknown_.push_back(std::move(reason));
    questions_.push_back(MakeQuestion(session_, std::move(question), team_id));
  }

  // The team of the session's smallest report.
  absl::string_view FirstTeam() const {
    return session_.members_size() == 0 ? absl::string_view()
                                        : absl::string_view(session_.members(0).team_id());
  }

  // Contested values are the office's to rule on, so no team is asked.
  void AskFirst(v1::CodedText reason, v1::CodedText question) {
    Ask(std::move(reason), std::move(question), FirstTeam());
  }

  bool Contested(absl::string_view field) const {
    const v1::ConsolidatedField* found = FieldOf(session_, field);
    return found != nullptr && found->contested();
  }

  void Held() {
    if (!definition_.require_held()) return;
    switch (values_.held_status()) {
      case v1::HELD_STATUS_HELD:
        return;
      case v1::HELD_STATUS_PLANNED:
        return Fail(Coded("planned_not_held"));
      case v1::HELD_STATUS_CANCELLED:
        return Fail(Coded("cancelled"));
      default:
        if (Contested("held_status")) return Ask(Coded("held_contested"), Coded("held"), "");
        return AskFirst(Coded("held_not_recorded"), Coded("held"));
    }
  }

  void Occasion() {
    if (definition_.counted_unit() == v1::COUNTED_UNIT_SUB_SESSION) {
      if (session_.sub_session_ids_size() > 0) {
        Fail(Coded("has_sub_sessions", {{"count", absl::StrCat(session_.sub_session_ids_size())}}));
      }
      return;
    }
    const std::string& whole = session_.part_of_session_id();
    if (!whole.empty() && whole != session_.session_id()) {
      return Fail(Coded("part_of_other_session"));
    }
    if (!whole.empty() || !values_.has_part_of()) return;
    const v1::PartOf& part_of = values_.part_of();
    // It says that it is a part of what turned out to be the same occasion.
    for (const v1::SessionMember& member : session_.members()) {
      if (member.report_id() == part_of.report_id()) return;
    }
    if (part_of.report_id().empty() && part_of.title().text().empty()) return;
    const std::string name =
        part_of.title().text().empty() ? part_of.report_id() : part_of.title().text();
    AskFirst(Coded("whole_not_recorded", {{"title", name}}), Coded("part_of", {{"title", name}}));
  }

  void Teams();
  void YesNoMet(bool required, v1::YesNo value, absl::string_view field, absl::string_view question,
                absl::string_view no, absl::string_view not_recorded, absl::string_view contested) {
    if (!required || value == v1::YES_NO_YES) return;
    if (value == v1::YES_NO_NO) return Fail(Coded(no));
    if (Contested(field)) return Ask(Coded(contested), Coded(question), "");
    AskFirst(Coded(not_recorded), Coded(question));
  }

  void Issue() {
    if (indicator_.issue_ids_size() == 0 || definition_.issue_scope() == v1::ISSUE_SCOPE_ANY) {
      return;
    }
    const std::string& issue = values_.issue_id();
    for (const std::string& advocated : indicator_.issue_ids()) {
      if (!issue.empty() && reg_.IssueCovers(advocated, issue, definition_.issue_scope())) return;
    }
    // An issue that is not in the register (yet) may turn out to be related.
    if (issue.empty() || reg_.FindIssue(issue) == nullptr) {
      return AskFirst(Coded("issue_not_recorded"), Coded("issue"));
    }
    Fail(Coded("off_issue", {{"issue_id", issue}}));
  }

  void Projects() {
    if (indicator_.project_ids_size() == 0) return;
    for (const std::string& project : indicator_.project_ids()) {
      if (std::binary_search(session_.project_ids().begin(), session_.project_ids().end(),
                             project)) {
        return;
      }
    }
    if (session_.project_ids_size() == 0) {
      return AskFirst(Coded("project_not_recorded"), Coded("project"));
    }
    Fail(Coded("other_project"));
  }

  void Country() {
    if (indicator_.countries_size() == 0) return;
    const std::string& country = values_.venue().country();
    if (country.empty()) return AskFirst(Coded("country_not_recorded"), Coded("country"));
    for (const std::string& wanted : indicator_.countries()) {
      if (absl::AsciiStrToUpper(wanted) == absl::AsciiStrToUpper(country)) return;
    }
    Fail(Coded("other_country", {{"country", country}}));
  }

  void Modality() {
    if (definition_.modalities_size() == 0) return;
    const v1::Modality modality = values_.modality();
    if (modality == v1::MODALITY_UNSPECIFIED || modality == v1::MODALITY_NOT_RECORDED) {
      return AskFirst(Coded("modality_not_recorded"), Coded("modality"));
    }
    for (const int wanted : definition_.modalities()) {
      if (wanted == modality) return;
    }
    absl::string_view name = v1::Modality_Name(modality);
    name.remove_prefix(absl::string_view("MODALITY_").size());
    Fail(Coded("other_modality", {{"modality", absl::AsciiStrToLower(name)}}));
  }

  void Duration() {
    const uint32_t need = definition_.min_duration_minutes();
    if (need == 0) return;
    if (!values_.dates().has_duration_minutes()) {
      return AskFirst(Coded("duration_not_recorded"), Coded("duration"));
    }
    const uint32_t have = values_.dates().duration_minutes();
    if (have < need) {
      Fail(Coded("too_short", {{"have", absl::StrCat(have)}, {"need", absl::StrCat(need)}}));
    }
  }

  void Participants() {
    const uint32_t need = definition_.min_participants();
    if (need == 0) return;
    const v1::Participants& p = values_.participants();
    // Any margin says how many there were at least.
    const uint64_t at_least =
        std::max({uint64_t{p.total()}, uint64_t{p.women()} + p.men() + p.other_gender(),
                  uint64_t{p.youth()} + p.adults() + p.older(), uint64_t{p.with_disability()}});
    if (at_least >= need) return;
    if (!p.has_total()) {
      return AskFirst(Coded("participants_not_recorded"), Coded("participants"));
    }
    Fail(Coded("participants_too_few",
               {{"have", absl::StrCat(at_least)}, {"need", absl::StrCat(need)}}));
  }

  void Sources() {
    const uint32_t need = definition_.min_independent_sources();
    if (session_.independent_sources() >= need) return;
    // How many there are is known; nobody can be asked to remember one more.
    Fail(Coded("sources_too_few", {{"have", absl::StrCat(session_.independent_sources())},
                                   {"need", absl::StrCat(need)}}));
  }

  bool IsWanted(const v1::Party& party) const;
  void Facilitators();

  const v1::Session& session_;
  const v1::SessionReport& values_;
  const v1::Indicator& indicator_;
  const v1::SessionDefinition definition_;
  const Register& reg_;
  std::vector<v1::CodedText> failed_;
  std::vector<v1::CodedText> unknown_;
  std::vector<v1::OpenQuestion> questions_;
};

void Assessment::Teams() {
  const size_t need = definition_.min_distinct();
  const bool by_organisation = definition_.distinct_unit() == v1::DISTINCT_UNIT_ORGANISATION;
  // Units (teams or organisations) that were there for certain.
  std::set<std::string> certain;
  for (const v1::TeamPresence& team : session_.teams()) {
    if (reg_.FindTeam(team.team_id()) == nullptr) continue;
    const absl::string_view unit = UnitThere(team, definition_);
    if (!unit.empty()) certain.emplace(unit);
  }
  if (certain.size() >= need) return;

  // What could still add to them.
  struct Open {
    v1::CodedText reason;
    v1::CodedText question;
    std::string ask_team;
  };
  std::vector<Open> open;
  std::set<std::string> possible;
  size_t nameless = 0;
  for (const v1::TeamPresence& team : session_.teams()) {
    const bool said_no = team.present() == v1::YES_NO_NO && !team.contested();
    if (said_no) continue;
    const bool registered = !team.team_id().empty() && reg_.FindTeam(team.team_id()) != nullptr;
    if (!registered) {
      const std::string& name = team.team_id().empty() ? team.unregistered_name() : team.team_id();
      ++nameless;
      // Whoever told the name is asked who that is.
      std::string teller;
      for (const v1::SessionMember& member : session_.members()) {
        if (std::find(team.report_ids().begin(), team.report_ids().end(), member.report_id()) !=
            team.report_ids().end()) {
          teller = member.team_id();
          break;
        }
      }
      open.push_back({Coded("team_not_registered", {{"name", name}}),
                      Coded("who_is", {{"name", name}}),
                      teller.empty() ? std::string(FirstTeam()) : teller});
      continue;
    }
    const std::string& unit = by_organisation ? team.organisation_id() : team.team_id();
    if (!unit.empty() && certain.count(unit) > 0) continue;  // It would add nothing.
    if (unit.empty()) {
      ++nameless;
    } else {
      possible.insert(unit);
    }
    if (team.contested()) {
      open.push_back({Coded("presence_contested", {{"team_id", team.team_id()}}),
                      Coded("team_took_part", {{"team_id", team.team_id()}}), ""});
    } else if (team.present() != v1::YES_NO_YES) {
      open.push_back({Coded("presence_not_recorded", {{"team_id", team.team_id()}}),
                      Coded("team_took_part", {{"team_id", team.team_id()}}), team.team_id()});
    } else {
      open.push_back({Coded("organisation_not_recorded", {{"team_id", team.team_id()}}),
                      Coded("organisation_of", {{"team_id", team.team_id()}}), ""});
    }
  }
  const bool told = FieldOf(session_, "participating_teams") != nullptr;
  if (!told) {
    AskFirst(Coded("teams_not_recorded"), Coded("which_teams"));
  } else if (certain.size() + possible.size() + nameless < need) {
    const std::string have = absl::StrCat(certain.size());
    if (certain.size() == 1 && need == 2) {
      return Fail(Coded(by_organisation ? kOneOrganisationOnly : kOneTeamOnly));
    }
    return Fail(Coded(by_organisation ? kOrganisationsTooFew : kTeamsTooFew,
                      {{"have", have}, {"need", absl::StrCat(need)}}));
  }
  for (Open& entry : open) {
    Ask(std::move(entry.reason), std::move(entry.question), entry.ask_team);
  }
}

bool Assessment::IsWanted(const v1::Party& party) const {
  for (const v1::Party& wanted : definition_.facilitated_by()) {
    switch (wanted.party_case()) {
      case v1::Party::kTeamId:
        if (party.party_case() == v1::Party::kTeamId &&
            reg_.ResolveTeam(party.team_id()) == reg_.ResolveTeam(wanted.team_id())) {
          return true;
        }
        break;
      case v1::Party::kOrganisationId:
        if (party.party_case() == v1::Party::kOrganisationId &&
            party.organisation_id() == wanted.organisation_id()) {
          return true;
        }
        if (party.party_case() == v1::Party::kTeamId &&
            reg_.OrganisationOf(party.team_id()) == wanted.organisation_id()) {
          return true;
        }
        break;
      case v1::Party::kUnregisteredName:
        if (party.party_case() == v1::Party::kUnregisteredName &&
            FoldText(party.unregistered_name()) == FoldText(wanted.unregistered_name())) {
          return true;
        }
        break;
      default:
        break;
    }
  }
  return false;
}

void Assessment::Facilitators() {
  if (definition_.facilitated_by_size() == 0) return;
  if (values_.facilitated_by_size() == 0) {
    return AskFirst(Coded("facilitator_not_recorded"), Coded("facilitated_by"));
  }
  std::vector<std::string> names;
  for (const v1::Party& party : values_.facilitated_by()) {
    if (IsWanted(party)) return;
    if (party.party_case() == v1::Party::kUnregisteredName) {
      names.push_back(party.unregistered_name());
    }
  }
  if (names.empty()) return Fail(Coded("facilitated_by_others"));
  for (const std::string& name : names) {
    AskFirst(Coded("facilitator_not_registered", {{"name", name}}),
             Coded("who_is", {{"name", name}}));
  }
}

// The COUNTS or DOES_NOT_COUNT ruling that holds, or nullptr.
const SessionRuling* HoldingRuling(const v1::Session& session, absl::string_view definition_id,
                                   absl::Span<const SessionRuling> rulings) {
  const SessionRuling* holding = nullptr;
  for (const SessionRuling& ruling : rulings) {
    const v1::Ruling& record = ruling.ruling;
    if (record.kind() != v1::RULING_KIND_COUNTS &&
        record.kind() != v1::RULING_KIND_DOES_NOT_COUNT) {
      continue;
    }
    if (record.void_mark().voided() || record.report_ids_size() == 0) continue;
    if (!record.definition_id().empty() && record.definition_id() != definition_id) continue;
    const bool is_member = std::any_of(session.members().begin(), session.members().end(),
                                       [&](const v1::SessionMember& member) {
                                         return member.report_id() == record.report_ids(0);
                                       });
    if (is_member && (holding == nullptr || HoldsBefore(ruling, *holding))) holding = &ruling;
  }
  return holding;
}

}  // namespace

absl::string_view UnitThere(const v1::TeamPresence& team, const v1::SessionDefinition& definition) {
  if (team.present() != v1::YES_NO_YES || team.contested() || team.team_id().empty()) return "";
  return definition.distinct_unit() == v1::DISTINCT_UNIT_ORGANISATION ? team.organisation_id()
                                                                      : team.team_id();
}

bool SaysTooFewTeams(const v1::CodedText& reason) {
  const std::string& code = reason.code();
  return code == kOneTeamOnly || code == kOneOrganisationOnly || code == kTeamsTooFew ||
         code == kOrganisationsTooFew;
}

v1::SessionDefinition DefaultDefinition() {
  v1::SessionDefinition definition;
  definition.set_require_held(true);
  definition.set_min_distinct(2);
  definition.set_distinct_unit(v1::DISTINCT_UNIT_TEAM);
  definition.set_require_experiences_shared(true);
  definition.set_require_learned_from_each_other(true);
  definition.set_issue_scope(v1::ISSUE_SCOPE_WITH_RELATED);
  definition.set_counted_unit(v1::COUNTED_UNIT_OCCASION);
  return definition;
}

v1::SessionDefinition WithDefaults(const v1::SessionDefinition& definition) {
  v1::SessionDefinition full = DefaultDefinition();
  full.MergeFrom(definition);
  // An enum that is set to UNSPECIFIED says nothing.
  if (full.distinct_unit() == v1::DISTINCT_UNIT_UNSPECIFIED) {
    full.set_distinct_unit(v1::DISTINCT_UNIT_TEAM);
  }
  if (full.issue_scope() == v1::ISSUE_SCOPE_UNSPECIFIED) {
    full.set_issue_scope(v1::ISSUE_SCOPE_WITH_RELATED);
  }
  if (full.counted_unit() == v1::COUNTED_UNIT_UNSPECIFIED) {
    full.set_counted_unit(v1::COUNTED_UNIT_OCCASION);
  }
  return full;
}

IndicatorContext ContextOf(const v1::Indicator& indicator, const Register& reg) {
  const v1::SessionDefinition* definition = reg.FindDefinition(indicator.definition_id());
  return {indicator, definition == nullptr ? DefaultDefinition() : *definition};
}

std::string QuestionId(absl::string_view report_id, const v1::CodedText& question) {
  Sha256Hasher hasher;
  hasher.UpdateFramed(report_id).UpdateFramed(question.code());
  for (const v1::CodedText::Argument& argument : question.arguments()) {
    hasher.UpdateFramed(argument.key()).UpdateFramed(argument.value());
  }
  // 64 bits: a programme has thousands of questions, not billions.
  return absl::StrCat("q_", hasher.Finish().ToHex().substr(0, 16));
}

v1::OpenQuestion MakeQuestion(const v1::Session& session, v1::CodedText question,
                              absl::string_view team_id) {
  v1::OpenQuestion open;
  open.set_report_id(session.session_id());
  for (const v1::SessionMember& member : session.members()) {
    if (!team_id.empty() && member.team_id() == team_id) {
      open.set_report_id(member.report_id());
      break;
    }
  }
  open.set_addressed_team_id(std::string(team_id));
  open.set_id(QuestionId(open.report_id(), question));
  *open.mutable_question() = std::move(question);
  return open;
}

v1::Qualification Qualify(const v1::Session& session, const IndicatorContext& context,
                          const Register& reg, absl::Span<const SessionRuling> rulings) {
  v1::Qualification qualification;
  qualification.set_definition_id(context.definition.id());
  qualification.set_indicator_id(context.indicator.id());
  if (!session.submitted()) {
    qualification.set_qualifies(v1::QUALIFIES_NO);
    *qualification.add_reasons() = Coded("all_reports_returned");
    return qualification;
  }
  const SessionRuling* ruling = HoldingRuling(session, context.definition.id(), rulings);
  if (ruling != nullptr) {
    const bool counts = ruling->ruling.kind() == v1::RULING_KIND_COUNTS;
    qualification.set_qualifies(counts ? v1::QUALIFIES_YES : v1::QUALIFIES_NO);
    qualification.set_ruling_id(ruling->ruling.id());
    *qualification.add_reasons() = Coded(counts ? "ruled_counts" : "ruled_does_not_count");
    return qualification;
  }
  Assessment assessment(session, context, reg);
  assessment.Run();
  assessment.FillIn(qualification);
  return qualification;
}

std::vector<v1::CodedText> MissingFields(const v1::Qualification& qualification) {
  std::vector<v1::CodedText> missing;
  for (const v1::OpenQuestion& question : qualification.questions()) {
    // The register is the office's.
    if (question.question().code() != "organisation_of") missing.push_back(question.question());
  }
  return missing;
}

void LinkFollowUps(const v1::Session& session, absl::Span<const v1::FollowUp> follow_ups,
                   v1::Qualification& qualification) {
  for (v1::OpenQuestion& open : *qualification.mutable_questions()) {
    const std::string wanted = open.question().SerializeAsString();
    for (const v1::FollowUp& follow_up : follow_ups) {
      if (follow_up.void_mark().voided() || follow_up.question().SerializeAsString() != wanted) {
        continue;
      }
      const bool is_member = std::any_of(session.members().begin(), session.members().end(),
                                         [&](const v1::SessionMember& member) {
                                           return member.report_id() == follow_up.report_id();
                                         });
      // Of several the smallest id, whatever order they come in.
      if (is_member && (open.follow_up_id().empty() || follow_up.id() < open.follow_up_id())) {
        open.set_follow_up_id(follow_up.id());
      }
    }
  }
}

}  // namespace baraza
