#ifndef BARAZA_CORE_MODEL_NAME_WORDS_H_
#define BARAZA_CORE_MODEL_NAME_WORDS_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace baraza {

// Finds folded names by a part of their words ("Haki Network" for "Haki Ardhi Network"), or by more
// than their words ("Red Rio Limpio (RRL)"), without looking at all of them: each name is filed
// under every two of its long words. Depends on the set of names only.
class NameWords {
 public:
  // Shorter words without a digit join others ("de", "wa"): a name is not looked for by them.
  static constexpr size_t kShortestWord = 3;
  // A name is filed under the first so many: every two of them cost an entry.
  static constexpr size_t kMostWords = 8;
  // Two words that more names have say too little to look for one by.
  static constexpr size_t kMostNames = 64;

  void Add(absl::string_view folded);
  void Remove(absl::string_view folded);

  // Names other than itself that have all words of `folded`, in that order and maybe with others
  // between, and names of three words and more that stand in `folded` as they are. Two long words
  // have to be the same. Sorted. Empty for one that is longer than NameSpellings::kLongest.
  std::vector<std::string> Like(absl::string_view folded) const;

  // What of names that are filed may make a difference to Like(folded): for any name, one of
  // KeysOf(name) is among these if Like(folded) may hold it.
  static std::vector<std::string> KeysOfLike(absl::string_view folded);
  static std::vector<std::string> KeysOf(absl::string_view folded);

 private:
  std::map<std::string, std::set<std::string>, std::less<>> filed_;  // two words -> names
};

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_NAME_WORDS_H_
