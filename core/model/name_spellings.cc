#include "core/model/name_spellings.h"

#include <algorithm>

#include "core/base/spelling.h"

namespace baraza {
namespace {

// FNV-1a. What is found by it is compared again, so equal hashes of unlike names do no harm.
uint64_t Hash(absl::string_view head, absl::string_view tail) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const absl::string_view part : {head, tail}) {
    for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  return hash;
}

std::vector<uint64_t> KeysOf(absl::string_view folded) {
  std::vector<uint64_t> keys = {Hash(folded, "")};
  for (size_t i = 0; i < folded.size(); ++i) {
    keys.push_back(Hash(folded.substr(0, i), folded.substr(i + 1)));
  }
  return keys;
}

bool HasSpellings(absl::string_view folded) {
  return folded.size() >= NameSpellings::kShortest && folded.size() <= NameSpellings::kLongest;
}

}  // namespace

void NameSpellings::Add(absl::string_view folded) {
  if (!HasSpellings(folded)) return;
  for (const uint64_t key : KeysOf(folded)) filed_.emplace(key, std::string(folded));
}

void NameSpellings::Remove(absl::string_view folded) {
  if (!HasSpellings(folded)) return;
  for (const uint64_t key : KeysOf(folded)) filed_.erase({key, std::string(folded)});
}

std::vector<std::string> NameSpellings::Like(absl::string_view folded) const {
  std::vector<std::string> like;
  if (!HasSpellings(folded)) return like;
  for (const uint64_t key : KeysOf(folded)) {
    for (auto at = filed_.lower_bound({key, ""}); at != filed_.end() && at->first == key; ++at) {
      if (at->second != folded && WithinOneSlip(folded, at->second)) like.push_back(at->second);
    }
  }
  std::sort(like.begin(), like.end());
  like.erase(std::unique(like.begin(), like.end()), like.end());
  return like;
}

}  // namespace baraza
