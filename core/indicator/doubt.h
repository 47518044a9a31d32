#ifndef BARAZA_CORE_INDICATOR_DOUBT_H_
#define BARAZA_CORE_INDICATOR_DOUBT_H_

#include "absl/strings/string_view.h"
#include "baraza/v1/indicator.pb.h"
#include "baraza/v1/session.pb.h"

namespace baraza {

// What becomes of a count when a question about two reports is answered otherwise than the matcher
// has it. A session counts for the teams that its accounts name together: what is parted may have
// too few of them on either side, and what is joined may have enough at last. Any thread.

// By how much the count may fall and rise when a session that counts turns out to be two.
struct SplitEffect {
  bool may_fall = false;
  bool may_rise = false;
};
// `left_report_id` and `right_report_id`: members of the session that would be parted. With which
// of them the others go is not known, so of more than two reports the answer errs to the wide side.
SplitEffect EffectOfSplit(const v1::Session& session, absl::string_view left_report_id,
                          absl::string_view right_report_id,
                          const v1::SessionDefinition& definition);

// Whether two sessions that do not count, each of them for nothing but too few teams (or
// organisations), would have enough if they were one.
bool WouldCountTogether(const v1::Session& left, const v1::Session& right,
                        absl::string_view indicator_id, const v1::SessionDefinition& definition);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_DOUBT_H_
