#include "core/indicator/texts.h"

#include <algorithm>

namespace baraza {

absl::Span<const TextEntry> TextsOf(Language language) {
  switch (language) {
    case Language::kEnglish:
      return EnglishTexts();
    case Language::kFrench:
      return FrenchTexts();
    case Language::kSpanish:
      return SpanishTexts();
    case Language::kPortuguese:
      return PortugueseTexts();
    case Language::kCzech:
      return CzechTexts();
  }
  return EnglishTexts();
}

absl::string_view PatternOf(Language language, absl::string_view code) {
  const absl::Span<const TextEntry> texts = TextsOf(language);
  const auto found =
      std::lower_bound(texts.begin(), texts.end(), code,
                       [](const TextEntry& entry, absl::string_view c) { return entry.code < c; });
  if (found == texts.end() || found->code != code) return {};
  return found->pattern;
}

bool IsNumberArgument(absl::string_view key) {
  return key == "have" || key == "need" || key == "count" || key == "days" || key == "common" ||
         key == "total";
}

}  // namespace baraza
