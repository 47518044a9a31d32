#ifndef BARAZA_CORE_BASE_STATUS_H_
#define BARAZA_CORE_BASE_STATUS_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace baraza {

// Debian's Abseil has its own string_view, to which std::string_view does not convert by itself.
inline absl::string_view Sv(std::string_view view) {
  return absl::string_view(view.data(), view.size());
}
inline std::string_view StdSv(absl::string_view view) {
  return std::string_view(view.data(), view.size());
}

// The one form of a message about a record: "<record>: <field>: expected <expected>, got <got>".
// `record` is an id or a type's name, `field` a path such as "venue.country"; an empty part is left
// out. `got` is shortened to 80 bytes and must never hold report content or an identity: pass a
// length, a code or an id.
absl::Status RecordError(absl::StatusCode code, absl::string_view record, absl::string_view field,
                         absl::string_view expected, absl::string_view got);

// RecordError with INVALID_ARGUMENT.
absl::Status InvalidField(absl::string_view record, absl::string_view field,
                          absl::string_view expected, absl::string_view got);

// The same code and payloads with "<context>: " before the message. OK stays OK.
absl::Status Annotate(const absl::Status& status, absl::string_view context);

}  // namespace baraza

#define BARAZA_STATUS_CONCAT_INNER(a, b) a##b
#define BARAZA_STATUS_CONCAT(a, b) BARAZA_STATUS_CONCAT_INNER(a, b)

// Returns from the enclosing function if the absl::Status is not OK.
#define BARAZA_RETURN_IF_ERROR(expression)                                                    \
  do {                                                                                        \
    if (absl::Status baraza_status = (expression); !baraza_status.ok()) return baraza_status; \
  } while (false)

// BARAZA_ASSIGN_OR_RETURN(auto x, F()): assigns the value of a StatusOr, or returns its status.
// Wrap a left side that holds a comma in parentheses-free form (use an alias).
#define BARAZA_ASSIGN_OR_RETURN(lhs, expression) \
  BARAZA_ASSIGN_OR_RETURN_INNER(BARAZA_STATUS_CONCAT(baraza_status_or_, __LINE__), lhs, expression)
#define BARAZA_ASSIGN_OR_RETURN_INNER(result, lhs, expression) \
  auto result = (expression);                                  \
  if (!result.ok()) return std::move(result).status();         \
  lhs = *std::move(result)

#endif  // BARAZA_CORE_BASE_STATUS_H_
