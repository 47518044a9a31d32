#ifndef BARAZA_SYNC_SERVER_INGEST_AUDIENCE_H_
#define BARAZA_SYNC_SERVER_INGEST_AUDIENCE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/base/sha256.h"
#include "core/model/register.h"
#include "sync_server/ingest/caller.h"

namespace baraza::server {

// An audience is a set of people to whom the feed shows the same. A person belongs to several:
//
//   "p"          every member: the register, definitions, indicators and targets, figures
//                (PROGRAMME class and below)
//   "t:<team>"   the team's members: its operations, the sessions that hold its reports,
//                questions to it and follow-ups
//   "o"          the office (M&E officer, administrator, auditor) whose scope is the programme:
//                rulings, samples, published figures
//   "i:<issue>"  those who advocate for an issue: digests of sessions, for the duplicate hint
inline constexpr char kProgrammeAudience[] = "p";
inline constexpr char kOfficeAudience[] = "o";

// "t:<team_id>".
std::string TeamAudience(absl::string_view team_id);

// "i:<issue_id>".
std::string IssueAudience(absl::string_view issue_id);

// The team of a "t:" audience; empty for others.
absl::string_view TeamOfAudience(absl::string_view audience);

// Who hears what, sorted. A collector or team lead: "p", the own team, digests of the team's issues
// (of all issues when the register gives the team none). The office: "p", the own team if any, "o"
// when its scope is the programme, the teams of its scope otherwise (`scope_team_ids`), digests of
// all issues. Nobody without a role hears anything.
std::vector<std::string> AudiencesFor(const v1::Membership& membership,
                                      absl::Span<const std::string> team_issue_ids,
                                      absl::Span<const std::string> all_issue_ids,
                                      absl::Span<const std::string> scope_team_ids = {});

// Fills in what follows from the register: the caller's organisation and audiences.
void CompleteCaller(const Register& reg, Caller& caller);

// SHA-256 over the sorted audiences, the role and the team: when it changes, the feed starts anew.
Sha256Digest ScopeHash(absl::Span<const std::string> audiences, const v1::Membership& membership);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_INGEST_AUDIENCE_H_
