#ifndef BARAZA_CORE_MATCH_TITLE_H_
#define BARAZA_CORE_MATCH_TITLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/match/features.h"

namespace baraza {

// A title taken apart.
struct TitleFeatures {
  std::vector<WeightedToken> words;  // sorted by hash, each once
  std::vector<Marker> markers;       // sorted, each once
  uint64_t whole = 0;                // of the folded title without spaces; 0: empty
  std::string language;              // told by its stop words; "": cannot tell
};

// Stop words, years and dates are left out; numbers, letters and ordinals that tell one of several
// sessions become markers; words are mapped through the lexicon. The name of a place at the end
// weighs little, and so do `place_tokens` (sorted, folded), which repeat the venue.
TitleFeatures ReadTitle(absl::string_view title, absl::Span<const std::string> place_tokens);

// The words of a topic, mapped in the same way; no markers.
std::vector<WeightedToken> ReadWords(absl::string_view text);

// Appends the subjects that a text names, as hashes of concepts, whatever its language: subjects
// and themes of the lexicon. Words that it does not know, places and what says how people met are
// left out. Looks at the first 200 words.
void AppendSubjects(absl::string_view text, std::vector<uint64_t>& subjects);

// Sum of the weights that both sorted lists hold, and of each.
struct WordOverlap {
  int32_t common = 0;
  int32_t left = 0;
  int32_t right = 0;
  // Of weight 3 (subjects and names) only.
  int32_t common_subjects = 0;
  int32_t left_subjects = 0;
  int32_t right_subjects = 0;
  // A word of weight 3 that the lexicon does not know: it may mean the same as one in the other
  // language.
  bool unmapped_left = false;
  bool unmapped_right = false;
};
WordOverlap Overlap(absl::Span<const WeightedToken> left, absl::Span<const WeightedToken> right);

// Whether a subject of the one and a subject of the other are related (Lexicon::RelatedTo).
bool NameRelatedSubjects(absl::Span<const WeightedToken> left,
                         absl::Span<const WeightedToken> right);

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_TITLE_H_
