#ifndef BARAZA_CORE_BASE_SPELLING_H_
#define BARAZA_CORE_BASE_SPELLING_H_

#include "absl/strings/string_view.h"

namespace baraza {

// Whether one slip of the finger makes `b` of `a`, or nothing does: a byte left out, added or
// another, or two neighbours exchanged. For folded text. Symmetric; allocates nothing.
bool WithinOneSlip(absl::string_view a, absl::string_view b);

}  // namespace baraza

#endif  // BARAZA_CORE_BASE_SPELLING_H_
