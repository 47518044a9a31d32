#ifndef BARAZA_CORE_MATCH_LEXICON_H_
#define BARAZA_CORE_MATCH_LEXICON_H_

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace baraza {

// A table from folded words and phrases to values: exact words, phrases of several words, and
// beginnings of words ("semin*"). Built once, then read from any thread.
class WordTable {
 public:
  // `pattern`: a folded word, words joined by '_', or a beginning that ends in '*'. The first entry
  // of a pattern stays.
  void Add(absl::string_view pattern, uint32_t value);

  struct Match {
    size_t words = 0;  // how many tokens it covers; 0: none
    uint32_t value = 0;
  };
  // The longest phrase, else word, else beginning that stands at `tokens[at]`.
  Match Find(absl::Span<const std::string> tokens, size_t at) const;
  // Same for one word.
  Match Find(absl::string_view word) const;

 private:
  absl::flat_hash_map<std::string, uint32_t> exact_;
  absl::flat_hash_map<std::string, uint32_t> beginnings_;
  // By their first word: how many words the longest has.
  absl::flat_hash_map<std::string, size_t> phrases_;
  size_t longest_beginning_ = 0;
  // How beginnings begin, three letters of five bits each: most words need no look further.
  std::bitset<1 << 15> starts_;
};

// The words of data/lexicon.txt, data/places.txt, data/cities.txt and data/themes.txt.
class Lexicon {
 public:
  // Built at first use.
  static const Lexicon& Get();

  // "en", "fr" ... of the stop words that `tokens` hold and of how the others end, when one
  // language has most; else "". Told from folded words, so that lost diacritics lose nothing.
  absl::string_view LanguageOf(absl::Span<const std::string> tokens) const;
  bool IsStopWord(absl::string_view token) const;

  // What a word of a title means, whatever its language.
  struct Concept {
    uint64_t hash = 0;
    bool form = false;
  };
  const Concept& ConceptOf(uint32_t value) const { return concepts_[value]; }
  // Hashes of the subjects that people may name for the same session instead of this one, sorted;
  // without itself. Symmetric, not transitive.
  absl::Span<const uint64_t> RelatedTo(uint64_t subject) const;

  // What a person is shown for a subject or theme: "land rights"; "" for another hash.
  absl::string_view SubjectName(uint64_t hash) const;

  enum Unit : uint32_t { kSessionUnit, kLetterUnit, kPartUnit, kDayUnit };

  const WordTable& words() const { return words_; }  // -> ConceptOf
  // -> ConceptOf; what a text may be about besides words(), but no title or topic is compared by.
  const WordTable& themes() const { return themes_; }
  const WordTable& months() const { return months_; }      // -> 1..12
  const WordTable& ordinals() const { return ordinals_; }  // -> 1..12
  const WordTable& units() const { return units_; }        // -> Unit
  const WordTable& generic_documents() const { return generic_documents_; }
  const WordTable& venue_kinds() const { return venue_kinds_; }
  const WordTable& no_places() const { return no_places_; }
  const WordTable& locators() const { return locators_; }
  // Words whose number names something else than one of a series: "SDG 5".
  const WordTable& references() const { return references_; }
  const WordTable& countries() const { return countries_; }  // -> CountryCode
  const WordTable& exonyms() const { return exonyms_; }      // -> PlaceName

  absl::string_view CountryCode(uint32_t value) const { return country_codes_[value]; }
  absl::string_view PlaceName(uint32_t value) const { return place_names_[value]; }

  // Eight hexadecimal digits that name the texts of the files.
  const std::string& version() const { return version_; }

 private:
  Lexicon();
  void Read(absl::string_view text);
  void ReadEntry(absl::string_view kind, absl::string_view name,
                 const std::vector<absl::string_view>& patterns);
  void ReadRelated(absl::string_view name, const std::vector<absl::string_view>& others);

  std::vector<std::string> languages_;
  std::vector<std::pair<std::string, uint32_t>> endings_;  // -> bits of languages_
  absl::flat_hash_map<std::string, uint32_t> stop_words_;  // -> bits of languages_
  std::vector<Concept> concepts_;
  absl::flat_hash_map<uint64_t, std::vector<uint64_t>> related_;  // sorted
  absl::flat_hash_map<uint64_t, std::string> subject_names_;
  std::vector<std::string> country_codes_;
  std::vector<std::string> place_names_;
  WordTable words_, themes_, months_, ordinals_, units_, generic_documents_, venue_kinds_,
      no_places_, locators_, references_, countries_, exonyms_;
  std::string version_;
};

}  // namespace baraza

#endif  // BARAZA_CORE_MATCH_LEXICON_H_
