#include "client_lib/cli/names.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/model/record_types.h"

namespace baraza::client {

namespace {

struct Candidate {
  std::string id;
  std::vector<std::string> names;
};

std::vector<std::string> Values(const v1::MultilingualText& text) {
  std::vector<std::string> values;
  for (const v1::LocalText& value : text.values()) values.push_back(value.text());
  return values;
}

absl::StatusOr<std::string> Choose(absl::string_view kind, v1::RecordType type,
                                   const std::vector<Candidate>& candidates,
                                   absl::string_view name) {
  if (ValidateId(name, IdPrefixOf(type)).ok()) return std::string(name);
  const std::string folded = FoldText(name);
  std::set<std::string> whole;
  std::set<std::string> part;
  std::vector<std::string> shown;
  for (const Candidate& candidate : candidates) {
    if (!candidate.names.empty()) shown.push_back(candidate.names.front());
    for (const std::string& other : candidate.names) {
      const std::string folded_other = FoldText(other);
      if (folded_other == folded) whole.insert(candidate.id);
      if (!folded.empty() && absl::StrContains(folded_other, folded)) part.insert(candidate.id);
    }
  }
  const std::set<std::string>& found = whole.empty() ? part : whole;
  if (found.size() == 1) return *found.begin();
  if (found.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat("\"", name, "\" may be more than one ", kind,
                                                   "; give more of the name, or one of the ids ",
                                                   absl::StrJoin(found, ", ")));
  }
  if (shown.empty()) {
    return absl::NotFoundError(
        absl::StrCat("there is no ", kind, " in the register of this device (baraza sync)"));
  }
  return absl::NotFoundError(absl::StrCat("no ", kind, " is called \"", name,
                                          "\"; there is: ", absl::StrJoin(shown, "; ")));
}

}  // namespace

absl::StatusOr<std::string> IssueByName(const Register& reg, absl::string_view name) {
  std::vector<Candidate> candidates;
  for (const v1::Issue* issue : reg.Issues()) {
    candidates.push_back({issue->id(), Values(issue->title())});
  }
  return Choose("issue", v1::RECORD_TYPE_ISSUE, candidates, name);
}

absl::StatusOr<std::string> ProjectByName(const Register& reg, absl::string_view name) {
  std::vector<Candidate> candidates;
  for (const v1::Project* project : reg.Projects()) {
    candidates.push_back({project->id(), {project->title()}});
  }
  return Choose("project", v1::RECORD_TYPE_PROJECT, candidates, name);
}

absl::StatusOr<std::string> IndicatorByName(const Register& reg, absl::string_view name,
                                            absl::string_view language) {
  if (name.empty() && reg.Indicators().size() == 1) return reg.Indicators().front()->id();
  if (name.empty()) {
    std::string names;
    for (const v1::Indicator* indicator : reg.Indicators()) {
      absl::StrAppend(&names, "\n  ", InLanguage(indicator->title(), language));
    }
    return absl::InvalidArgumentError(absl::StrCat("which one? --indicator of:", names));
  }
  std::vector<Candidate> candidates;
  for (const v1::Indicator* indicator : reg.Indicators()) {
    Candidate candidate = {indicator->id(), Values(indicator->title())};
    // People say "the Nordlys figure" as long as the donor asks for one alone.
    if (const v1::Donor* donor = reg.FindDonor(indicator->donor_id()); donor != nullptr) {
      candidate.names.push_back(donor->title());
    }
    candidates.push_back(std::move(candidate));
  }
  return Choose("indicator", v1::RECORD_TYPE_INDICATOR, candidates, name);
}

absl::StatusOr<std::string> TeamByTypedName(const Register& reg, absl::string_view name) {
  const std::string exact = reg.TeamByName(name);
  if (!exact.empty()) return exact;
  std::vector<Candidate> candidates;
  for (const v1::Team* team : reg.Teams()) {
    Candidate candidate = {reg.ResolveTeam(team->id()), {team->title()}};
    candidate.names.insert(candidate.names.end(), team->aliases().begin(), team->aliases().end());
    candidates.push_back(std::move(candidate));
  }
  return Choose("team", v1::RECORD_TYPE_TEAM, candidates, name);
}

absl::StatusOr<std::string> OrganisationByName(const Register& reg, absl::string_view name) {
  std::vector<Candidate> candidates;
  for (const v1::Organisation* organisation : reg.Organisations()) {
    Candidate candidate = {organisation->id(), {organisation->title()}};
    candidate.names.insert(candidate.names.end(), organisation->aliases().begin(),
                           organisation->aliases().end());
    candidates.push_back(std::move(candidate));
  }
  return Choose("organisation", v1::RECORD_TYPE_ORGANISATION, candidates, name);
}

absl::StatusOr<std::string> PersonByName(const Register& reg, absl::string_view name) {
  std::vector<Candidate> candidates;
  for (const v1::Person* person : reg.Persons()) {
    candidates.push_back({person->id(), {person->display_name()}});
  }
  return Choose("person", v1::RECORD_TYPE_PERSON, candidates, name);
}

std::string InLanguage(const v1::MultilingualText& text, absl::string_view language) {
  const absl::string_view base = language.substr(0, language.find('-'));
  std::string english;
  for (const v1::LocalText& value : text.values()) {
    if (value.language() == base) return value.text();
    if (value.language() == "en") english = value.text();
  }
  if (!english.empty()) return english;
  return text.values().empty() ? "" : text.values(0).text();
}

std::string NameOf(const Register& reg, absl::string_view id, absl::string_view language) {
  std::string name;
  if (const v1::Team* team = reg.FindTeam(id); team != nullptr) name = team->title();
  if (const v1::Organisation* o = reg.FindOrganisation(id); o != nullptr) name = o->title();
  if (const v1::Issue* issue = reg.FindIssue(id); issue != nullptr) {
    name = InLanguage(issue->title(), language);
  }
  if (const v1::Project* project = reg.FindProject(id); project != nullptr) name = project->title();
  if (const v1::Donor* donor = reg.FindDonor(id); donor != nullptr) name = donor->title();
  if (const v1::Person* person = reg.FindPerson(id); person != nullptr) {
    name = person->display_name();
  }
  if (const v1::Indicator* indicator = reg.FindIndicator(id); indicator != nullptr) {
    name = InLanguage(indicator->title(), language);
  }
  return name.empty() ? std::string(id) : name;
}

}  // namespace baraza::client
