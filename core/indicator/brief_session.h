#ifndef BARAZA_CORE_INDICATOR_BRIEF_SESSION_H_
#define BARAZA_CORE_INDICATOR_BRIEF_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "baraza/v1/session.pb.h"

namespace baraza {

// A bound of a start date, days since 1970-01-01, that is not there.
inline constexpr int32_t kAlways = std::numeric_limits<int32_t>::min();
inline constexpr int32_t kNever = std::numeric_limits<int32_t>::max();

// A session with what every figure asks of it. A session is a hundred pieces all over the memory,
// and a figure over thousands of sessions spends its time on fetching them; what stands here takes
// a tenth of that. The session itself is looked at only for what few of them have: reasons,
// questions, and texts while more are taken.
//
// Made once for each state of a session; never changes.
struct BriefSession {
  // `of` is not null.
  explicit BriefSession(std::shared_ptr<const v1::Session> of);
  BriefSession(const BriefSession&) = delete;
  BriefSession& operator=(const BriefSession&) = delete;

  // Of one of its qualifications.
  struct Verdict {
    absl::string_view indicator_id;
    v1::Qualifies qualifies = v1::QUALIFIES_UNSPECIFIED;
    // The qualification has reasons or questions.
    bool is_explained = false;
  };
  // An empty one when the session was not judged for this indicator.
  const Verdict& VerdictFor(absl::string_view indicator_id) const;

  std::shared_ptr<const v1::Session> session;
  // Start bounds, inclusive; kAlways and kNever where there is none.
  int32_t first = kAlways;
  int32_t last = kNever;
  // Any of its reports is.
  bool has_endorsed = false;
  // Total and unit of the participants are known.
  bool has_participants = false;
  uint32_t participants = 0;
  uint32_t women = 0;
  uint32_t men = 0;
  // Bit n: the session has texts of kind n of the qualitative side (kTextKinds in qualitative.h).
  uint32_t text_kinds = 0;
  // Its id.
  absl::string_view id;
  // Ids of the registered teams that were present, sorted, one a line; and a hash of that.
  absl::string_view teams;
  size_t teams_hash = 0;
  // The serialized FigureSession, without reasons and questions.
  absl::string_view entry;
  // One for each of its qualifications, in their order.
  std::vector<Verdict> verdicts;

 private:
  // What the views above lie in: in one piece, so that one fetch brings the most of it.
  std::string bytes_;
};

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_BRIEF_SESSION_H_
