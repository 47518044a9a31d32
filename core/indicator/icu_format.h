#ifndef BARAZA_CORE_INDICATOR_ICU_FORMAT_H_
#define BARAZA_CORE_INDICATOR_ICU_FORMAT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "core/indicator/locale.h"

namespace baraza {

// The few things that ICU does for people's texts, with UTF-8 at the border. Any thread.

// An argument of a message: a number (plural rules and digits apply) or text as it is.
struct MessageArgument {
  std::string key;
  std::string text;
  bool is_number = false;
  int64_t number = 0;
};
MessageArgument TextArgument(absl::string_view key, absl::string_view text);
MessageArgument NumberArgument(absl::string_view key, int64_t number);

// `pattern` in ICU MessageFormat syntax with named arguments, in the language's rules. Aborts on a
// pattern that does not parse: patterns are ours, and a test formats every one.
std::string FormatMessage(Language language, absl::string_view pattern,
                          const std::vector<MessageArgument>& arguments);

// The names of the arguments in a pattern, sorted.
std::vector<std::string> MessageArgumentNames(Language language, absl::string_view pattern);

// A day in the form of a skeleton ("yMMMMd") or, with `is_pattern`, of a literal pattern.
std::string FormatDay(Language language, absl::CivilDay day, absl::string_view format,
                      bool is_pattern = false);

// From `first` to `last`, inclusive, in the form of a skeleton: "July 1 – September 30, 2026".
std::string FormatDayInterval(Language language, absl::CivilDay first, absl::CivilDay last,
                              absl::string_view skeleton);

// The name of an ISO 3166-1 alpha-2 country; the code itself for one that ICU does not know.
std::string CountryName(Language language, absl::string_view code);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_ICU_FORMAT_H_
