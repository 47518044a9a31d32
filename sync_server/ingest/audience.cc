#include "sync_server/ingest/audience.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace baraza::server {
namespace {

constexpr char kTeamPrefix[] = "t:";
constexpr char kIssuePrefix[] = "i:";

}  // namespace

std::string TeamAudience(absl::string_view team_id) { return absl::StrCat(kTeamPrefix, team_id); }

std::string IssueAudience(absl::string_view issue_id) {
  return absl::StrCat(kIssuePrefix, issue_id);
}

absl::string_view TeamOfAudience(absl::string_view audience) {
  return absl::ConsumePrefix(&audience, kTeamPrefix) ? audience : absl::string_view();
}

std::vector<std::string> AudiencesFor(const v1::Membership& membership,
                                      absl::Span<const std::string> team_issue_ids,
                                      absl::Span<const std::string> all_issue_ids,
                                      absl::Span<const std::string> scope_team_ids) {
  std::vector<std::string> audiences;
  bool all_issues = false;
  switch (membership.role()) {
    case v1::ROLE_COLLECTOR:
    case v1::ROLE_TEAM_LEAD:
      all_issues = team_issue_ids.empty();
      break;
    case v1::ROLE_ME_OFFICER:
    case v1::ROLE_ADMINISTRATOR:
    case v1::ROLE_AUDITOR:
      all_issues = true;
      if (membership.scope().programme()) {
        audiences.push_back(kOfficeAudience);
      } else {
        for (const std::string& team : scope_team_ids) audiences.push_back(TeamAudience(team));
      }
      break;
    default:
      return audiences;
  }
  audiences.push_back(kProgrammeAudience);
  if (!membership.team_id().empty()) audiences.push_back(TeamAudience(membership.team_id()));
  for (const std::string& issue : all_issues ? all_issue_ids : team_issue_ids) {
    audiences.push_back(IssueAudience(issue));
  }
  std::sort(audiences.begin(), audiences.end());
  audiences.erase(std::unique(audiences.begin(), audiences.end()), audiences.end());
  return audiences;
}

Sha256Digest ScopeHash(absl::Span<const std::string> audiences, const v1::Membership& membership) {
  std::vector<std::string> sorted(audiences.begin(), audiences.end());
  std::sort(sorted.begin(), sorted.end());
  Sha256Hasher hasher;
  hasher.UpdateFramed(absl::StrCat(static_cast<int>(membership.role())));
  hasher.UpdateFramed(membership.team_id());
  for (const std::string& audience : sorted) hasher.UpdateFramed(audience);
  return hasher.Finish();
}

void CompleteCaller(const Register& reg, Caller& caller) {
  if (caller.membership.organisation_id().empty() && !caller.membership.team_id().empty()) {
    caller.membership.set_organisation_id(reg.OrganisationOf(caller.membership.team_id()));
  }
  std::vector<std::string> team_issues;
  if (const v1::Team* team = reg.FindTeam(caller.membership.team_id()); team != nullptr) {
    team_issues.assign(team->issue_ids().begin(), team->issue_ids().end());
  }
  std::vector<std::string> all_issues;
  for (const v1::Issue* issue : reg.Issues()) all_issues.push_back(issue->id());
  std::vector<std::string> scope_teams;
  const v1::Scope& scope = caller.membership.scope();
  if (scope.has_team_id()) {
    scope_teams.push_back(scope.team_id());
  } else if (scope.has_organisation_id()) {
    for (const v1::Team* team : reg.Teams()) {
      if (team->organisation_id() == scope.organisation_id()) scope_teams.push_back(team->id());
    }
  }
  caller.audiences = AudiencesFor(caller.membership, team_issues, all_issues, scope_teams);
}

}  // namespace baraza::server
