#ifndef BARAZA_CORE_BASE_TEXT_H_
#define BARAZA_CORE_BASE_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace baraza {

// Text as people typed it, brought to a form that can be compared. All functions may be called from
// any thread. Results depend on the ICU version, which therefore belongs to every feature version
// and figure.

// Whether `bytes` are well-formed UTF-8 (no overlong forms, no surrogates, nothing past U+10FFFF).
bool IsValidUtf8(absl::string_view bytes);

// NFKC case folding, then transliteration to lower-case ASCII as far as ICU knows how (Any-Latin;
// Latin-ASCII), then every run of characters that are neither letters, digits nor marks becomes one
// space; none at either end. "Réunion à Łódź" -> "reunion a lodz", "l'eau" -> "l eau". What has no
// transliteration stays as it is. Ill-formed UTF-8 counts as U+FFFD, which separates words.
std::string FoldText(absl::string_view utf8);

// The words of FoldText, in their order, repeated ones included.
std::vector<std::string> FoldedTokens(absl::string_view utf8);

// The version of the ICU library in use, such as "72.1".
std::string IcuVersion();

}  // namespace baraza

#endif  // BARAZA_CORE_BASE_TEXT_H_
