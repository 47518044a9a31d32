#include "core/model/name_words.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/model/name_spellings.h"

namespace baraza {
namespace {

using Words = std::vector<absl::string_view>;

bool HasDigit(absl::string_view word) {
  return std::any_of(word.begin(), word.end(), absl::ascii_isdigit);
}

Words WordsOf(absl::string_view folded) {
  if (folded.size() > NameSpellings::kLongest) return {};
  return absl::StrSplit(folded, ' ', absl::SkipEmpty());
}

// Those that a name is filed and looked for by.
Words LongOf(const Words& words) {
  Words kept;
  for (const absl::string_view word : words) {
    if (word.size() >= NameWords::kShortestWord || HasDigit(word)) kept.push_back(word);
  }
  return kept;
}

std::string TwoWords(absl::string_view first, absl::string_view second) {
  return absl::StrCat(first, " ", second);
}

// Every two of the first long words, in their order.
std::vector<std::string> Pairs(absl::string_view folded) {
  Words words = LongOf(WordsOf(folded));
  if (words.size() > NameWords::kMostWords) words.resize(NameWords::kMostWords);
  std::vector<std::string> pairs;
  for (size_t i = 0; i < words.size(); ++i) {
    for (size_t j = i + 1; j < words.size(); ++j) pairs.push_back(TwoWords(words[i], words[j]));
  }
  return pairs;
}

// Every two long words that follow one another.
std::vector<std::string> Neighbours(absl::string_view folded) {
  const Words words = LongOf(WordsOf(folded));
  std::vector<std::string> pairs;
  for (size_t i = 0; i + 1 < words.size(); ++i) pairs.push_back(TwoWords(words[i], words[i + 1]));
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

// The same with nothing between. Names of two words stand in too many others.
bool StandTogetherIn(const Words& part, const Words& whole) {
  constexpr size_t kFewestWords = 3;
  return part.size() >= kFewestWords &&
         std::search(whole.begin(), whole.end(), part.begin(), part.end()) != whole.end();
}

}  // namespace

void NameWords::Add(absl::string_view folded) {
  for (std::string& pair : Pairs(folded)) filed_[std::move(pair)].insert(std::string(folded));
}

void NameWords::Remove(absl::string_view folded) {
  for (const std::string& pair : Pairs(folded)) {
    const auto found = filed_.find(pair);
    if (found == filed_.end()) continue;
    found->second.erase(std::string(folded));
    if (found->second.empty()) filed_.erase(found);
  }
}

std::vector<std::string> NameWords::Like(absl::string_view folded) const {
  const Words words = WordsOf(folded);
  std::vector<std::string> like;
  bool first = true;
  for (const std::string& pair : Neighbours(folded)) {
    const bool may_be_part = std::exchange(first, false);
    const auto found = filed_.find(pair);
    if (found == filed_.end() || found->second.size() > kMostNames) continue;
    for (const std::string& name : found->second) {
      if (name == folded) continue;
      const Words others = WordsOf(name);
      if ((may_be_part && StandIn(words, others)) || StandTogetherIn(others, words)) {
        like.push_back(name);
      }
    }
  }
  std::sort(like.begin(), like.end());
  like.erase(std::unique(like.begin(), like.end()), like.end());
  return like;
}

std::vector<std::string> NameWords::KeysOfLike(absl::string_view folded) {
  return Neighbours(folded);
}

std::vector<std::string> NameWords::KeysOf(absl::string_view folded) { return Pairs(folded); }

}  // namespace baraza
