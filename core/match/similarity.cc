#include "core/match/similarity.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "core/base/spelling.h"

namespace baraza {
namespace {

constexpr size_t kLongest = 64;

// Jaro's measure is not symmetric when the shorter string comes second and characters repeat; the
// order of the two is therefore fixed.
bool Before(absl::string_view a, absl::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

bool SameDigits(absl::string_view a, absl::string_view b) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  auto i = a.begin();
  auto j = b.begin();
  while (true) {
    i = std::find_if(i, a.end(), is_digit);
    j = std::find_if(j, b.end(), is_digit);
    if (i == a.end() || j == b.end()) return i == a.end() && j == b.end();
    if (*i++ != *j++) return false;
  }
}

}  // namespace

int32_t JaroWinkler(absl::string_view a, absl::string_view b) {
  a = a.substr(0, kLongest);
  b = b.substr(0, kLongest);
  if (a == b) return a.empty() ? 0 : 1000;
  if (a.empty() || b.empty()) return 0;
  if (Before(b, a)) std::swap(a, b);

  const int size_a = static_cast<int>(a.size());
  const int size_b = static_cast<int>(b.size());
  const int reach = std::max(0, size_b / 2 - 1);
  uint64_t matched_a = 0;
  uint64_t matched_b = 0;
  int64_t matches = 0;
  for (int i = 0; i < size_a; ++i) {
    const int from = std::max(0, i - reach);
    const int to = std::min(size_b - 1, i + reach);
    for (int j = from; j <= to; ++j) {
      if (a[i] == b[j] && !(matched_b >> j & 1)) {
        matched_a |= uint64_t{1} << i;
        matched_b |= uint64_t{1} << j;
        ++matches;
        break;
      }
    }
  }
  if (matches == 0) return 0;
  int64_t out_of_order = 0;
  for (int i = 0, j = 0; i < size_a; ++i) {
    if (!(matched_a >> i & 1)) continue;
    while (!(matched_b >> j & 1)) ++j;
    if (a[i] != b[j]) ++out_of_order;
    ++j;
  }
  const int64_t jaro = (matches * 1000 / size_a + matches * 1000 / size_b +
                        (2 * matches - out_of_order) * 1000 / (2 * matches)) /
                       3;
  int64_t common = 0;
  while (common < 4 && common < size_a && a[common] == b[common]) ++common;
  return static_cast<int32_t>(jaro + common * (1000 - jaro) / 10);
}

bool SpelledAlike(absl::string_view a, absl::string_view b) {
  if (a == b) return !a.empty();
  if (std::min(a.size(), b.size()) < 4 || !SameDigits(a, b)) return false;
  if (std::min(a.size(), b.size()) >= 5 && WithinOneSlip(a, b)) return true;
  if (JaroWinkler(a, b) < (std::min(a.size(), b.size()) < 6 ? 920 : 900)) return false;
  // "kisumu east" and "kisumu west" are alike as a whole; their words are not.
  if (std::count(a.begin(), a.end(), ' ') != std::count(b.begin(), b.end(), ' ')) return true;
  while (!a.empty() && !b.empty()) {
    const absl::string_view word_a = a.substr(0, a.find(' '));
    const absl::string_view word_b = b.substr(0, b.find(' '));
    if (JaroWinkler(word_a, word_b) < 880) return false;
    a.remove_prefix(std::min(a.size(), word_a.size() + 1));
    b.remove_prefix(std::min(b.size(), word_b.size() + 1));
  }
  return true;
}

bool IsShortFor(absl::string_view brief, absl::string_view name) {
  constexpr size_t kLongest = 5;
  // How many letters more the whole name has.
  constexpr size_t kLeftOut = 2;
  constexpr size_t kBeginning = 4;
  if (brief.size() < 2 || brief.size() > kLongest || name.size() < brief.size() + kLeftOut ||
      brief.find(' ') != absl::string_view::npos) {
    return false;
  }
  if (absl::StartsWith(name, brief) && name[brief.size()] == ' ') return true;
  size_t words = 0;
  bool initials = true;
  for (const absl::string_view word : absl::StrSplit(name, ' ', absl::SkipEmpty())) {
    if (brief.size() >= kBeginning && absl::StartsWith(word, brief)) return true;
    initials = initials && words < brief.size() && brief[words] == word[0];
    ++words;
  }
  if (initials && words == brief.size()) return true;
  constexpr size_t kFewestLetters = 3;
  if (brief.size() < kFewestLetters) return false;
  // "Lima" is a name of its own.
  size_t vowels = 0;
  size_t at = 0;
  for (const char letter : brief.substr(1)) {
    vowels += absl::string_view("aeiouy").find(letter) != absl::string_view::npos ? 1 : 0;
    at = name.find(letter, at + 1);
    if (at == absl::string_view::npos) return false;
  }
  return brief[0] == name[0] && vowels <= 1;
}

}  // namespace baraza
