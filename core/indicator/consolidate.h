#ifndef BARAZA_CORE_INDICATOR_CONSOLIDATE_H_
#define BARAZA_CORE_INDICATOR_CONSOLIDATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/review.pb.h"
#include "baraza/v1/session.pb.h"
#include "baraza/v1/session_report.pb.h"
#include "baraza/v1/source.pb.h"
#include "core/base/sha256.h"
#include "core/model/register.h"

namespace baraza {

// One report of the session. Never a voided one, nor one with a finding that blocks the count.
struct MemberReport {
  // Only programme_id, team_id and author_id are read; empty ones are taken from the report.
  v1::RecordState state;
  v1::SessionReport report;
  // The cited sources that have arrived and are not voided.
  std::vector<v1::Source> sources;
};

// A follow-up about a member that has an answer.
struct FollowUpAnswer {
  v1::FollowUp follow_up;
  // Of the operation that gave the answer.
  uint64_t lamport = 0;
};

// A COUNTS, DOES_NOT_COUNT or OVERRIDE ruling whose report_ids[0] is a member.
struct SessionRuling {
  v1::Ruling ruling;
  // Of the creating operation; the greatest (lamport, id_hash) wins.
  uint64_t lamport = 0;
  // SHA-256 of the creating operation's id.
  Sha256Digest id_hash;
};

// How much a source's word weighs: observation 3, document 2, interview 1, none 0.
uint32_t SourceRank(v1::SourceKind kind);

// The bounds of the civil start date, days since 1970-01-01, inclusive; absent: unbounded. An
// impossible date (the record did not pass validation) reads as unbounded.
struct StartBounds {
  std::optional<int32_t> earliest;
  std::optional<int32_t> latest;
};
StartBounds StartBoundsOf(const v1::SessionDates& dates);

// The session that these reports make, as CONTRACTS section 6 has it. A pure function of the *sets*
// of its arguments: their order changes nothing. `members` must not be empty.
//
// * Best source wins, then most reports, most precise, smallest report id; the others are kept as
//   alternatives. A date or a duration that lies inside the winner's bounds refines it.
// * Lists unite: exact duplicates once, sorted. Participants are one report's, as a whole.
// * YES beside NO (experiences_shared, learned_from_each_other, a team's presence), HELD beside
//   CANCELLED, and dates that cannot be one session's are *contested*: the value is unset and the
//   start bounds span all of them until an OVERRIDE rules. HELD beside PLANNED is HELD: a plan is
//   not a denial.
// * A field's evidence (`report_ids`) holds report ids and the ids of answered follow-ups, which
//   weigh like a document; of one team's answers to one question the latest holds.
// * `fields` lists what is not self-evident: all fields when there are two members or more, else
//   those that an answer or a ruling touched or that are contested.
// * A "participating_teams" entry in `fields`, or a non-empty list in `values`, says that somebody
//   told who took part; without either nobody did, and the teams are unknown rather than none.
//
// Left to the caller, who knows the other sessions: part_of_session_id (resolve
// values.part_of.report_id; leave empty when it resolves to this very session), sub_session_ids,
// qualifications and pairs.
v1::Session ConsolidateSession(absl::Span<const MemberReport> members, const Register& reg,
                               absl::Span<const SessionRuling> rulings,
                               absl::Span<const FollowUpAnswer> answers);

// What a device can say about one report alone: the session it would be if nobody else reported it.
// part_of_session_id is the report it is part of.
v1::Session SessionOfOne(const v1::SessionReport& report, absl::Span<const v1::Source> sources,
                         const Register& reg);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_CONSOLIDATE_H_
