#ifndef BARAZA_CORE_INDICATOR_LOCALE_H_
#define BARAZA_CORE_INDICATOR_LOCALE_H_

#include <array>
#include <cstddef>

#include "absl/strings/string_view.h"

namespace baraza {

// The languages that the guidance is in, and that everything shown to people is in.
enum class Language { kEnglish, kFrench, kSpanish, kPortuguese, kCzech };

inline constexpr size_t kLanguageCount = 5;
inline constexpr std::array<absl::string_view, kLanguageCount> kLanguageCodes = {"en", "fr", "es",
                                                                                 "pt", "cs"};

// The language of a BCP 47 tag ("pt-MZ" -> Portuguese); English for one that is not ours.
Language LanguageOf(absl::string_view tag);

inline absl::string_view CodeOf(Language language) {
  return kLanguageCodes[static_cast<size_t>(language)];
}

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_LOCALE_H_
