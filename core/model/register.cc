#include "core/model/register.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_split.h"
#include "core/base/status.h"
#include "core/base/text.h"
#include "core/model/record_types.h"
#include "core/model/schema_rules.h"

namespace baraza {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

template <typename Table>
auto FindIn(const Table& table, absl::string_view id) -> const
    typename Table::mapped_type::element_type* {
  const auto found = table.find(std::string_view(id.data(), id.size()));
  return found == table.end() ? nullptr : found->second.get();
}

template <typename Table>
auto AllOf(const Table& table) {
  std::vector<const typename Table::mapped_type::element_type*> all;
  all.reserve(table.size());
  for (const auto& [id, record] : table) all.push_back(record.get());
  return all;
}

// Calls `visit(path, id)` for every id that the message refers to by.
template <typename Visit>
void VisitReferences(const Message& message, const MessageRules& rules, const std::string& path,
                     const Visit& visit) {
  for (const FieldRules& field : rules.fields) {
    if (!field.refers && field.message == nullptr) continue;
    const int size = field.Count(message);
    if (size == 0) continue;
    const std::string name = path.empty() ? field.field->name() : path + "." + field.field->name();
    for (int i = 0; i < size; ++i) {
      if (field.message != nullptr) {
        VisitReferences(field.MessageAt(message, i), *field.message, name, visit);
      } else if (field.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        std::string scratch;
        const std::string& id = field.StringAt(message, i, &scratch);
        if (!id.empty()) visit(name, id);
      }
    }
  }
}

}  // namespace

template <typename T>
void Register::Put(Table<T>& table, const v1::RecordState& state) {
  if (!state.created() || state.voided()) {
    table.erase(state.record_id());
    return;
  }
  auto record = std::make_shared<T>();
  if (!record->ParseFromString(state.record())) {
    table.erase(state.record_id());
    return;
  }
  table[state.record_id()] = std::move(record);
}

std::set<std::string> InitialsOf(absl::string_view folded) {
  constexpr size_t kSmallWord = 3;
  constexpr size_t kFewestLetters = 3;
  std::string all;
  std::string great;
  for (const absl::string_view word : absl::StrSplit(folded, ' ', absl::SkipEmpty())) {
    all += word[0];
    if (word.size() > kSmallWord) great += word[0];
  }
  std::set<std::string> initials;
  for (const std::string& some : {all, great}) {
    if (some.size() >= kFewestLetters && some.size() < NameSpellings::kShortest) {
      initials.insert(some);
    }
  }
  return initials;
}

bool IsAboutItsProgramme(const v1::RecordState& state) {
  return state.programme_id().empty() || state.programme_id() == state.record_id();
}

void Register::Apply(const v1::RecordState& state) {
  switch (state.type()) {
    case v1::RECORD_TYPE_PROGRAMME:
      if (!IsAboutItsProgramme(state)) return;
      return Put(programmes_, state);
    case v1::RECORD_TYPE_ORGANISATION:
      return Put(organisations_, state);
    case v1::RECORD_TYPE_TEAM: {
      if (const v1::Team* before = FindTeam(state.record_id())) IndexTeamNames(*before, false);
      Put(teams_, state);
      if (const v1::Team* after = FindTeam(state.record_id())) IndexTeamNames(*after, true);
      return;
    }
    case v1::RECORD_TYPE_PERSON:
      return Put(persons_, state);
    case v1::RECORD_TYPE_PROJECT:
      return Put(projects_, state);
    case v1::RECORD_TYPE_DONOR:
      return Put(donors_, state);
    case v1::RECORD_TYPE_ISSUE:
      return Put(issues_, state);
    case v1::RECORD_TYPE_SESSION_DEFINITION:
      return Put(definitions_, state);
    case v1::RECORD_TYPE_INDICATOR:
      return Put(indicators_, state);
    case v1::RECORD_TYPE_TARGET:
      return Put(targets_, state);
    default:
      return;
  }
}

void Register::IndexTeamNames(const v1::Team& team, bool add) {
  if (near_names_.use_count() > 1) near_names_ = std::make_shared<NearNames>(*near_names_);
  const auto index = [&](const std::string& name) {
    const std::string folded = FoldText(name);
    if (folded.empty()) return;
    if (add) {
      std::set<std::string>& bearers = team_names_[folded];
      if (bearers.empty()) {
        near_names_->by_spelling.Add(folded);
        near_names_->by_words.Add(folded);
      }
      bearers.insert(team.id());
      return;
    }
    const auto found = team_names_.find(folded);
    if (found == team_names_.end()) return;
    found->second.erase(team.id());
    if (!found->second.empty()) return;
    team_names_.erase(found);
    near_names_->by_spelling.Remove(folded);
    near_names_->by_words.Remove(folded);
  };
  index(team.title());
  for (const std::string& alias : team.aliases()) index(alias);
  for (const std::string& initials : InitialsOf(FoldText(team.title()))) {
    std::set<std::string>& bearers = team_initials_[initials];
    if (add) {
      bearers.insert(team.id());
    } else {
      bearers.erase(team.id());
    }
    if (bearers.empty()) team_initials_.erase(initials);
  }
}

bool Register::Contains(absl::string_view id) const {
  const auto type = RecordTypeOfId(id);
  bool is_register_type = false;
  return type.ok() && IsRegistered(*type, id, &is_register_type);
}

const v1::Programme* Register::FindProgramme() const {
  return programmes_.empty() ? nullptr : programmes_.begin()->second.get();
}
const v1::Organisation* Register::FindOrganisation(absl::string_view id) const {
  return FindIn(organisations_, id);
}
const v1::Team* Register::FindTeam(absl::string_view id) const { return FindIn(teams_, id); }
const v1::Person* Register::FindPerson(absl::string_view id) const { return FindIn(persons_, id); }
const v1::Project* Register::FindProject(absl::string_view id) const {
  return FindIn(projects_, id);
}
const v1::Donor* Register::FindDonor(absl::string_view id) const { return FindIn(donors_, id); }
const v1::Issue* Register::FindIssue(absl::string_view id) const { return FindIn(issues_, id); }
const v1::SessionDefinition* Register::FindDefinition(absl::string_view id) const {
  return FindIn(definitions_, id);
}
const v1::Indicator* Register::FindIndicator(absl::string_view id) const {
  return FindIn(indicators_, id);
}
const v1::Target* Register::FindTarget(absl::string_view id) const { return FindIn(targets_, id); }

std::vector<const v1::Organisation*> Register::Organisations() const {
  return AllOf(organisations_);
}
std::vector<const v1::Team*> Register::Teams() const { return AllOf(teams_); }
std::vector<const v1::Person*> Register::Persons() const { return AllOf(persons_); }
std::vector<const v1::Project*> Register::Projects() const { return AllOf(projects_); }
std::vector<const v1::Donor*> Register::Donors() const { return AllOf(donors_); }
std::vector<const v1::Issue*> Register::Issues() const { return AllOf(issues_); }
std::vector<const v1::SessionDefinition*> Register::Definitions() const {
  return AllOf(definitions_);
}
std::vector<const v1::Indicator*> Register::Indicators() const { return AllOf(indicators_); }
std::vector<const v1::Target*> Register::Targets() const { return AllOf(targets_); }

std::string Register::ResolveTeam(absl::string_view team_id, TeamsRead* read) const {
  const auto look_up = [&](absl::string_view id) {
    if (read != nullptr) read->emplace_back(id);
    return FindTeam(id);
  };
  std::set<absl::string_view> passed;
  const v1::Team* team = look_up(team_id);
  if (team == nullptr) return std::string(team_id);
  const v1::Team* const asked = team;
  while (!team->merged_into().empty()) {
    passed.insert(team->id());
    const v1::Team* next = look_up(team->merged_into());
    // The register may be incomplete: then the chain ends here for now.
    if (next == nullptr) return team->id();
    // A cycle reads as not merged.
    if (passed.count(next->id()) != 0) return asked->id();
    team = next;
  }
  return team->id();
}

std::string Register::OnlyTeamOf(const std::set<std::string>& team_ids, TeamsRead* read) const {
  std::string resolved;
  bool several = false;
  for (const std::string& team_id : team_ids) {
    const std::string team = ResolveTeam(team_id, read);
    several = several || (!resolved.empty() && team != resolved);
    resolved = team;
  }
  return several ? "" : resolved;
}

bool Register::IsTeamName(absl::string_view name) const {
  return team_names_.contains(FoldText(name));
}

std::string Register::TeamByName(absl::string_view name, TeamsRead* read) const {
  const auto found = team_names_.find(FoldText(name));
  return found == team_names_.end() ? "" : OnlyTeamOf(found->second, read);
}

std::set<std::string> Register::BearersOf(const std::vector<std::string>& folded_names) const {
  std::set<std::string> teams;
  for (const std::string& folded : folded_names) {
    const auto found = team_names_.find(folded);
    if (found != team_names_.end()) teams.insert(found->second.begin(), found->second.end());
  }
  return teams;
}

std::string Register::LikelyTeamOf(absl::string_view name, TeamsRead* read) const {
  const std::string folded = FoldText(name);
  if (team_names_.count(folded) != 0) return "";
  std::set<std::string> teams = BearersOf(near_names_->by_spelling.Like(folded));
  if (const auto found = team_initials_.find(folded); found != team_initials_.end()) {
    teams.insert(found->second.begin(), found->second.end());
  }
  if (teams.empty()) teams = BearersOf(near_names_->by_words.Like(folded));
  return OnlyTeamOf(teams, read);
}

std::string Register::OrganisationOf(absl::string_view team_id) const {
  const v1::Team* team = FindTeam(ResolveTeam(team_id));
  return team == nullptr ? "" : team->organisation_id();
}

bool Register::IssueCovers(absl::string_view advocated, absl::string_view session_issue,
                           v1::IssueScope scope) const {
  if (scope == v1::ISSUE_SCOPE_ANY) return true;
  if (advocated.empty() || session_issue.empty()) return false;
  if (advocated == session_issue) return true;
  if (scope == v1::ISSUE_SCOPE_EXACT) return false;
  const v1::Issue* issue = FindIssue(advocated);
  if (issue == nullptr) return false;
  const auto& related = issue->related_issue_ids();
  return std::any_of(related.begin(), related.end(),
                     [session_issue](const std::string& id) { return session_issue == id; });
}

// Whether `id` is in the table of `type`; `*is_register_type` says whether there is one.
bool Register::IsRegistered(v1::RecordType type, absl::string_view id,
                            bool* is_register_type) const {
  *is_register_type = true;
  switch (type) {
    case v1::RECORD_TYPE_PROGRAMME:
      return FindIn(programmes_, id) != nullptr;
    case v1::RECORD_TYPE_ORGANISATION:
      return FindOrganisation(id) != nullptr;
    case v1::RECORD_TYPE_TEAM:
      return FindTeam(id) != nullptr;
    case v1::RECORD_TYPE_PERSON:
      return FindPerson(id) != nullptr;
    case v1::RECORD_TYPE_PROJECT:
      return FindProject(id) != nullptr;
    case v1::RECORD_TYPE_DONOR:
      return FindDonor(id) != nullptr;
    case v1::RECORD_TYPE_ISSUE:
      return FindIssue(id) != nullptr;
    case v1::RECORD_TYPE_SESSION_DEFINITION:
      return FindDefinition(id) != nullptr;
    case v1::RECORD_TYPE_INDICATOR:
      return FindIndicator(id) != nullptr;
    case v1::RECORD_TYPE_TARGET:
      return FindTarget(id) != nullptr;
    default:
      *is_register_type = false;
      return false;
  }
}

std::vector<v1::Finding> Register::CheckReferences(
    const v1::RecordState& state,
    const std::function<bool(absl::string_view)>& known_record) const {
  std::vector<v1::Finding> findings;
  const MessageRules* rules = RulesOfType(state.type());
  const std::unique_ptr<Message> record = NewRecord(state.type());
  if (record == nullptr || !record->ParsePartialFromString(state.record())) return findings;
  const bool report = state.type() == v1::RECORD_TYPE_SESSION_REPORT;

  // Sorted, each once.
  std::set<std::pair<std::string, std::string>> unknown;
  const auto check = [&](const std::string& field, const std::string& id) {
    bool is_register_type = false;
    const auto type = RecordTypeOfId(id);
    const bool known = type.ok() && IsRegistered(*type, id, &is_register_type);
    if (known || (!is_register_type && known_record(id))) return;
    unknown.emplace(field, id);
  };
  VisitReferences(*record, *rules, "", check);
  // Derived, so not a reference by the schema's options.
  if (!state.team_id().empty()) check("team_id", state.team_id());

  for (const auto& [field, id] : unknown) {
    v1::Finding& finding = findings.emplace_back();
    finding.set_kind(v1::Finding::KIND_UNKNOWN_REFERENCE);
    finding.set_op_id(state.record_id());
    finding.set_field(field);
    finding.set_detail("expected a record that is known, got " + id);
    finding.set_blocks_count(report && (field == "issue_id" || field == "team_id"));
  }
  return findings;
}

}  // namespace baraza
