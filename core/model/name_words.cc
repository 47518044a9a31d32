#include "core/model/name_words.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/model/name_spellings.h"

namespace baraza {
namespace {

using Words = std::vector<absl::string_view>;

Words WordsOf(absl::string_view folded) {
  Words words;
  if (folded.size() > NameSpellings::kLongest) return words;
  for (const absl::string_view word : absl::StrSplit(folded, ' ', absl::SkipEmpty())) {
    if (word.size() < NameWords::kShortestWord) continue;
    if (words.size() == NameWords::kMostWords) break;
    words.push_back(word);
  }
  return words;
}

std::string TwoWords(absl::string_view first, absl::string_view second) {
  return absl::StrCat(first, " ", second);
}

// Every two words, in their order.
std::vector<std::string> Pairs(const Words& words) {
  std::vector<std::string> pairs;
  for (size_t i = 0; i < words.size(); ++i) {
    for (size_t j = i + 1; j < words.size(); ++j) pairs.push_back(TwoWords(words[i], words[j]));
  }
  return pairs;
}

// Whether `part` stands in `whole`, in that order, maybe with others between.
bool StandIn(const Words& part, const Words& whole) {
  auto at = part.begin();
  for (const absl::string_view word : whole) {
    if (at != part.end() && *at == word) ++at;
  }
  return at == part.end();
}

}  // namespace

void NameWords::Add(absl::string_view folded) {
  for (std::string& pair : Pairs(WordsOf(folded))) {
    filed_.emplace(std::move(pair), std::string(folded));
  }
}

void NameWords::Remove(absl::string_view folded) {
  for (const std::string& pair : Pairs(WordsOf(folded))) {
    filed_.erase({pair, std::string(folded)});
  }
}

std::vector<std::string> NameWords::Like(absl::string_view folded) const {
  const Words words = WordsOf(folded);
  std::vector<std::string> like;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string pair = TwoWords(words[i], words[i + 1]);
    for (auto at = filed_.lower_bound({pair, ""}); at != filed_.end() && at->first == pair; ++at) {
      const std::string& name = at->second;
      if (name == folded) continue;
      const Words others = WordsOf(name);
      const bool is_part = i == 0 && StandIn(words, others);
      const bool is_whole = others.size() <= words.size() - i &&
                            std::equal(others.begin(), others.end(), words.begin() + i);
      if (is_part || is_whole) like.push_back(name);
    }
  }
  std::sort(like.begin(), like.end());
  like.erase(std::unique(like.begin(), like.end()), like.end());
  return like;
}

std::vector<std::string> NameWords::KeysOfLike(absl::string_view folded) {
  const Words words = WordsOf(folded);
  std::vector<std::string> keys;
  for (size_t i = 0; i + 1 < words.size(); ++i) keys.push_back(TwoWords(words[i], words[i + 1]));
  return keys;
}

std::vector<std::string> NameWords::KeysOf(absl::string_view folded) {
  return Pairs(WordsOf(folded));
}

}  // namespace baraza
