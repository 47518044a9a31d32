#ifndef BARAZA_CORE_INDICATOR_TEXTS_H_
#define BARAZA_CORE_INDICATOR_TEXTS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/indicator/locale.h"

namespace baraza {

// The texts behind the codes, one file per language (texts_en.cc, ...). Patterns are ICU
// MessageFormat with the code's arguments by name; numbers are the arguments that IsNumberArgument
// names. Apostrophes are typographic, since ICU reads the typewriter's as a quote before a brace.
struct TextEntry {
  absl::string_view code;
  absl::string_view pattern;
};

// Sorted by code. Every language has every code, with the same arguments (tested).
absl::Span<const TextEntry> EnglishTexts();
absl::Span<const TextEntry> FrenchTexts();
absl::Span<const TextEntry> SpanishTexts();
absl::Span<const TextEntry> PortugueseTexts();
absl::Span<const TextEntry> CzechTexts();

absl::Span<const TextEntry> TextsOf(Language language);

// The pattern of a code; empty: unknown.
absl::string_view PatternOf(Language language, absl::string_view code);

// Whether an argument of this name is a count, which patterns may decline by.
bool IsNumberArgument(absl::string_view key);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_TEXTS_H_
