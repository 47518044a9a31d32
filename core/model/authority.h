#ifndef BARAZA_CORE_MODEL_AUTHORITY_H_
#define BARAZA_CORE_MODEL_AUTHORITY_H_

#include "absl/strings/string_view.h"
#include "baraza/v1/operation.pb.h"
#include "baraza/v1/session_report.pb.h"

// Internal to core/model: who may do what, judged from headers.

namespace baraza {

// An M&E officer or administrator.
bool IsOffice(v1::Role role);

// A role that may write at all. Auditors read only; a role that this schema does not know has no
// authority here.
bool MayWrite(v1::Role role);

// Whether an operation takes effect on a field with `authority` of the record that `creation`
// created and that asks `addressed_team_id` (empty: nobody).
bool MayChange(v1::Authority authority, const v1::Header& header, const v1::Header& creation,
               absl::string_view addressed_team_id);

// Whether `creation` creates a record of a type with `authority`. Anybody may ask somebody.
bool MayCreate(v1::Authority authority, const v1::Header& creation);

// Whether `role` may write a review of that stage. The author's side submits; the office returns
// and endorses, and submits only what it creates itself. A stage that this schema does not know is
// carried.
bool MaySetStage(v1::Role role, v1::ReportStage stage, bool creating);

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_AUTHORITY_H_
