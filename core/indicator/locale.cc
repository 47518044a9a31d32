#include "core/indicator/locale.h"

#include "absl/strings/match.h"

namespace baraza {

Language LanguageOf(absl::string_view tag) {
  const absl::string_view first = tag.substr(0, tag.find_first_of("-_"));
  for (size_t i = 0; i < kLanguageCount; ++i) {
    if (absl::EqualsIgnoreCase(first, kLanguageCodes[i])) return static_cast<Language>(i);
  }
  return Language::kEnglish;
}

}  // namespace baraza
