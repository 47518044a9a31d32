#ifndef BARAZA_CORE_INDICATOR_EVIDENCE_H_
#define BARAZA_CORE_INDICATOR_EVIDENCE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/session_report.pb.h"
#include "core/indicator/consolidate.h"
#include "core/model/register.h"

namespace baraza {

// How the consolidation weighs what reports and answers say. Internal to core/indicator.

// Ranks of sources; an answer to a follow-up weighs like a document.
inline constexpr uint32_t kObservationRank = 3;
inline constexpr uint32_t kDocumentRank = 2;
inline constexpr uint32_t kInterviewRank = 1;

// Who says it: a report or an answered follow-up.
struct Witness {
  std::string id;
  uint32_t rank = 0;
};

// One value that witnesses gave to a field, as a SessionReport with just that field.
struct Option {
  v1::SessionReport value;
  // How much the value tells, within one field.
  int precision = 0;
  // Of its best witness.
  uint32_t rank = 0;
  // Sorted, no duplicates.
  std::vector<std::string> witness_ids;
};

// Collects what is said on one field; equal values (byte for byte) become one option.
class Options {
 public:
  void Add(const Witness& witness, v1::SessionReport value, int precision);

  // Best first: best source, most witnesses, most precise, smallest witness id.
  std::vector<Option> Ranked() const;
  bool empty() const { return options_.empty(); }

 private:
  std::vector<std::pair<std::string, Option>> options_;
};

// Whether `a` ranks before `b`.
bool RanksBefore(const Option& a, const Option& b);

// An answer that still holds.
struct StandingAnswer {
  const v1::FollowUp* follow_up;
  absl::string_view code;
  // The value of the question's first argument, or "".
  absl::string_view argument;
};

// The answers that count: about a member, not voided, and of one team's answers to one question the
// latest, unless that one says that the team cannot tell. Sorted by follow-up id. They point into
// `answers`.
std::vector<StandingAnswer> StandingAnswers(absl::Span<const FollowUpAnswer> answers,
                                            const std::vector<std::string>& sorted_member_ids,
                                            const Register& reg);

// Whom names stand for in one session: the register's titles and aliases, and what teams answered
// to "who_is" {name}; answers that disagree settle nothing.
class NameResolver {
 public:
  NameResolver(const Register& reg, absl::Span<const StandingAnswer> answers);

  // The team as registered now; "" when nobody knows.
  std::string TeamOf(absl::string_view name) const;
  // Somebody answered that it is no advocacy team's name.
  bool IsNoTeam(absl::string_view name) const;

 private:
  const Register& reg_;
  // Folded name -> team id, "" for no team's.
  std::map<std::string, std::string> identities_;
};

// Whether `a` holds before `b`: greatest (lamport, hash), then id, first.
bool HoldsBefore(const SessionRuling& a, const SessionRuling& b);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_EVIDENCE_H_
