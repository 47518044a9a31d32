#ifndef BARAZA_CORE_MODEL_NAME_WORDS_H_
#define BARAZA_CORE_MODEL_NAME_WORDS_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace baraza {

// Finds folded names by a part of their words ("Haki Network" for "Haki Ardhi Network"), or by more
// than their words ("Red Rio Limpio (RRL)"), without looking at all of them: each name is filed
// under every two of its words. Depends on the set of names only.
class NameWords {
 public:
  // Words of fewer letters join others ("de", "wa"), and many names have them.
  static constexpr size_t kShortestWord = 3;
  // Of longer names the first so many words count: every two of them cost an entry.
  static constexpr size_t kMostWords = 8;

  void Add(absl::string_view folded);
  void Remove(absl::string_view folded);

  // Names other than itself that have all words of `folded`, at least two, in that order and maybe
  // others between them, and names that `folded` has all words of, at least two, one after the
  // other. Sorted. Empty for one that is longer than NameSpellings::kLongest.
  std::vector<std::string> Like(absl::string_view folded) const;

  // What of names that are filed may make a difference to Like(folded): for any name, one of
  // KeysOf(name) is among these if Like(folded) may hold it.
  static std::vector<std::string> KeysOfLike(absl::string_view folded);
  static std::vector<std::string> KeysOf(absl::string_view folded);

 private:
  std::set<std::pair<std::string, std::string>> filed_;  // two words, name
};

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_NAME_WORDS_H_
