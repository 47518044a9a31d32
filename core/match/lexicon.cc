#include "core/match/lexicon.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/base/sha256.h"
#include "core/match/hash.h"

namespace baraza {

extern const char kLexiconText[];
extern const char kPlacesText[];
extern const char kCitiesText[];
extern const char kThemesText[];

namespace {

uint64_t HashOfConcept(absl::string_view name) {
  return StableHash(absl::StrCat("concept ", name));
}

constexpr size_t kShortestBeginning = 3;

// Words with one beginning have one start; those with one start may begin differently.
size_t StartOf(absl::string_view word) {
  return (word[0] & 31u) << 10 | (word[1] & 31u) << 5 | (word[2] & 31u);
}

void InsertSorted(std::vector<uint64_t>& values, uint64_t value) {
  const auto at = std::lower_bound(values.begin(), values.end(), value);
  if (at == values.end() || *at != value) values.insert(at, value);
}

}  // namespace

void WordTable::Add(absl::string_view pattern, uint32_t value) {
  if (absl::ConsumeSuffix(&pattern, "*")) {
    // The text is part of the binary.
    if (pattern.size() < kShortestBeginning || absl::StrContains(pattern, "_")) std::abort();
    beginnings_.try_emplace(std::string(pattern), value);
    starts_.set(StartOf(pattern));
    longest_beginning_ = std::max(longest_beginning_, pattern.size());
    return;
  }
  const std::string phrase = absl::StrReplaceAll(pattern, {{"_", " "}});
  const size_t words = 1 + static_cast<size_t>(std::count(phrase.begin(), phrase.end(), ' '));
  if (words > 1) {
    size_t& longest = phrases_[phrase.substr(0, phrase.find(' '))];
    longest = std::max(longest, words);
  }
  exact_.try_emplace(phrase, value);
}

WordTable::Match WordTable::Find(absl::Span<const std::string> tokens, size_t at) const {
  if (const auto phrase = phrases_.find(tokens[at]); phrase != phrases_.end()) {
    for (size_t words = std::min(phrase->second, tokens.size() - at); words > 1; --words) {
      const auto found = exact_.find(absl::StrJoin(tokens.subspan(at, words), " "));
      if (found != exact_.end()) return {words, found->second};
    }
  }
  return Find(tokens[at]);
}

WordTable::Match WordTable::Find(absl::string_view word) const {
  if (const auto found = exact_.find(word); found != exact_.end()) return {1, found->second};
  if (word.size() < kShortestBeginning || !starts_[StartOf(word)]) return {};
  for (size_t length = std::min(word.size(), longest_beginning_); length >= kShortestBeginning;
       --length) {
    const auto found = beginnings_.find(word.substr(0, length));
    if (found != beginnings_.end()) return {1, found->second};
  }
  return {};
}

const Lexicon& Lexicon::Get() {
  static const Lexicon* const lexicon = new Lexicon();
  return *lexicon;
}

Lexicon::Lexicon() {
  Read(kLexiconText);
  Read(kPlacesText);
  Read(kCitiesText);
  Read(kThemesText);
  Sha256Hasher hasher;
  hasher.UpdateFramed(kLexiconText)
      .UpdateFramed(kPlacesText)
      .UpdateFramed(kCitiesText)
      .UpdateFramed(kThemesText);
  version_ = hasher.Finish().ToHex().substr(0, 8);
}

void Lexicon::Read(absl::string_view text) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<absl::string_view> sides = absl::StrSplit(line, absl::MaxSplits(':', 1));
    const std::vector<absl::string_view> head = absl::StrSplit(sides[0], ' ');
    // The text is part of the binary: an error in it is a programmer's.
    if (sides.size() != 2 || head.empty() || head.size() > 2) std::abort();
    const std::vector<absl::string_view> patterns =
        absl::StrSplit(sides[1], ' ', absl::SkipEmpty());
    if (patterns.empty()) std::abort();
    ReadEntry(head[0], head.size() == 2 ? head[1] : "", patterns);
  }
}

void Lexicon::ReadEntry(absl::string_view kind, absl::string_view name,
                        const std::vector<absl::string_view>& patterns) {
  if (kind == "stop" || kind == "endings") {
    auto language = std::find(languages_.begin(), languages_.end(), name);
    if (language == languages_.end()) {
      language = languages_.insert(language, std::string(name));
    }
    const uint32_t bit = 1u << (language - languages_.begin());
    for (const absl::string_view sign : patterns) {
      if (kind == "stop") {
        stop_words_[std::string(sign)] |= bit;
      } else {
        endings_.emplace_back(std::string(sign), bit);
      }
    }
    return;
  }
  if (kind == "noise") {
    for (const absl::string_view word : patterns) stop_words_.try_emplace(std::string(word), 0);
    return;
  }
  if (kind == "related") return ReadRelated(name, patterns);
  WordTable* table = nullptr;
  uint32_t value = 0;
  if (kind == "form" || kind == "subject" || kind == "theme") {
    table = kind == "theme" ? &themes_ : &words_;
    value = static_cast<uint32_t>(concepts_.size());
    const bool form = kind == "form";
    concepts_.push_back({HashOfConcept(name), form});
    if (!form) {
      subject_names_.try_emplace(concepts_.back().hash, absl::StrReplaceAll(name, {{"_", " "}}));
    }
  } else if (kind == "month" || kind == "ordinal") {
    table = kind == "month" ? &months_ : &ordinals_;
    if (!absl::SimpleAtoi(name, &value)) std::abort();
  } else if (kind == "unit") {
    table = &units_;
    constexpr std::array<absl::string_view, 4> kUnits = {"session", "letter", "part", "day"};
    value = static_cast<uint32_t>(std::find(kUnits.begin(), kUnits.end(), name) - kUnits.begin());
    if (value == kUnits.size()) std::abort();
  } else if (kind == "generic_document") {
    table = &generic_documents_;
  } else if (kind == "venue_kind") {
    table = &venue_kinds_;
  } else if (kind == "no_place") {
    table = &no_places_;
  } else if (kind == "locator") {
    table = &locators_;
  } else if (kind == "reference") {
    table = &references_;
  } else if (kind == "country") {
    table = &countries_;
    value = static_cast<uint32_t>(country_codes_.size());
    country_codes_.emplace_back(name);
  } else if (kind == "place") {
    table = &exonyms_;
    value = static_cast<uint32_t>(place_names_.size());
    place_names_.push_back(absl::StrReplaceAll(patterns[0], {{"_", " "}}));
    // A city of which some names are known already is that one.
    for (const absl::string_view pattern : patterns) {
      const std::vector<std::string> words = absl::StrSplit(pattern, '_');
      const WordTable::Match known = exonyms_.Find(words, 0);
      if (known.words == words.size()) value = std::min(value, known.value);
    }
  } else {
    std::abort();
  }
  for (const absl::string_view pattern : patterns) table->Add(pattern, value);
}

void Lexicon::ReadRelated(absl::string_view name, const std::vector<absl::string_view>& others) {
  const auto subject_of = [&](absl::string_view concept_name) {
    const uint64_t hash = HashOfConcept(concept_name);
    if (!subject_names_.contains(hash)) std::abort();
    return hash;
  };
  const uint64_t subject = subject_of(name);
  for (const absl::string_view other : others) {
    const uint64_t hash = subject_of(other);
    InsertSorted(related_[subject], hash);
    InsertSorted(related_[hash], subject);
  }
}

absl::string_view Lexicon::LanguageOf(absl::Span<const std::string> tokens) const {
  std::array<int, 32> votes{};
  const auto vote = [&](uint32_t languages) {
    for (size_t i = 0; i < languages_.size(); ++i) {
      if (languages & (1u << i)) ++votes[i];
    }
  };
  for (const std::string& token : tokens) {
    // "Women's", "s'engager": what an apostrophe has cut off is no Czech word.
    if (token == "s") continue;
    if (const auto found = stop_words_.find(token); found != stop_words_.end()) {
      vote(found->second);
      continue;
    }
    for (const auto& [ending, languages] : endings_) {
      if (token.size() >= ending.size() + 2 && absl::EndsWith(token, ending)) vote(languages);
    }
  }
  const auto best = std::max_element(votes.begin(), votes.end());
  if (*best == 0 || std::count(votes.begin(), votes.end(), *best) > 1) return "";
  return languages_[best - votes.begin()];
}

absl::Span<const uint64_t> Lexicon::RelatedTo(uint64_t subject) const {
  const auto found = related_.find(subject);
  if (found == related_.end()) return {};
  return found->second;
}

absl::string_view Lexicon::SubjectName(uint64_t hash) const {
  const auto found = subject_names_.find(hash);
  return found == subject_names_.end() ? absl::string_view() : found->second;
}

bool Lexicon::IsStopWord(absl::string_view token) const {
  return stop_words_.find(token) != stop_words_.end();
}

}  // namespace baraza
