#ifndef BARAZA_CORE_MATCH_SIMILARITY_H_
#define BARAZA_CORE_MATCH_SIMILARITY_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace baraza {

// Similarity of two folded strings in thousandths, 0 .. 1000, after Jaro (1989) and Winkler (1990;
// common beginnings of up to four letters count more). Integer arithmetic, so that it is the same
// on every machine; of longer strings just the first 64 bytes are looked at. Symmetric; allocates
// nothing.
int32_t JaroWinkler(absl::string_view a, absl::string_view b);

// Whether two folded names are spellings of one: alike by JaroWinkler, with the same numbers, and
// neither so short that one letter makes another name.
bool SpelledAlike(absl::string_view a, absl::string_view b);

// Whether `brief`, two to five letters, may be what people call the place of that folded name for
// short: the letters of its words' beginnings ("pp" for "phnom penh"), its first word ("dar" for
// "dar es salaam"), how one of its words begins ("guate" for "ciudad de guatemala"), or three and
// more of its letters in their order, the first among them and hardly a vowel ("ktm" for
// "kathmandu"). A town of its own may look so as well.
bool IsShortFor(absl::string_view brief, absl::string_view name);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_SIMILARITY_H_
