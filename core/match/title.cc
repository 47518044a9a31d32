#include "core/match/title.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"
#include "core/base/text.h"
#include "core/match/hash.h"
#include "core/match/lexicon.h"
#include "core/match/place.h"
#include "core/match/similarity.h"

namespace baraza {
namespace {

constexpr size_t kMaxTitleTokens = 64;

bool IsLetter(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c)) ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Every run of ASCII white space as one blank, none at the ends.
std::string OneBlank(absl::string_view text) {
  return absl::StrJoin(absl::StrSplit(text, absl::ByAnyChar(" \t\n\r\f\v"), absl::SkipEmpty()),
                       " ");
}

// An apostrophe (or the end of one in UTF-8), two digits, and no more.
bool IsShortYear(absl::string_view title, size_t at) {
  const bool apostrophe = title[at] == '\'' || (at >= 2 && title.substr(at - 2, 3) == "\u2019");
  const auto digit = [&](size_t i) { return i < title.size() && IsDigit(title[i]); };
  return apostrophe && digit(at + 1) && digit(at + 2) && !digit(at + 3);
}

// The character of "#233" or "#xe9"; empty: none.
std::string Character(absl::string_view number) {
  uint32_t code = 0;
  number.remove_prefix(1);
  const bool read = absl::StartsWithIgnoreCase(number, "x")
                        ? absl::SimpleHexAtoi(number.substr(1), &code)
                        : absl::SimpleAtoi(number, &code);
  constexpr uint32_t kMostInTwoBytes = 0x7ff;
  if (code == 0x2018 || code == 0x2019) return "'";
  if (!read || code < ' ' || code > kMostInTwoBytes) return "";
  if (code < 0x80) return std::string(1, static_cast<char>(code));
  return {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 0x3f))};
}

// Forms write signs out: "&#39;" is no number 39. Accents are folded away later, so a letter's name
// gives the letter, and any other sign is a blank.
std::string DecodeOnce(absl::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    constexpr size_t kLongestName = 8;
    const size_t end = text[i] == '&' ? text.substr(i, kLongestName + 2).find(';') : 0;
    if (end == absl::string_view::npos || end < 3) {
      result.push_back(text[i]);
      continue;
    }
    const absl::string_view name = text.substr(i + 1, end - 1);
    const bool named = name[0] == '#' || std::all_of(name.begin(), name.end(), absl::ascii_isalpha);
    if (!named) {
      result.push_back(text[i]);
      continue;
    }
    constexpr absl::string_view kAccents[] = {"grave", "acute", "circ", "uml",
                                              "tilde", "cedil", "ring", "caron"};
    const bool is_letter =
        std::find(std::begin(kAccents), std::end(kAccents), name.substr(1)) != std::end(kAccents);
    if (name[0] == '#') {
      const std::string character = Character(name);
      result.append(character.empty() ? " " : character);
    } else if (name == "amp") {
      result.push_back('&');
    } else {
      const bool is_apostrophe = name == "rsquo" || name == "apos";
      result.push_back(is_letter ? name[0] : is_apostrophe ? '\'' : ' ');
    }
    i += end;
  }
  return result;
}

// Some forms do it twice: "&amp;#39;".
std::string WithoutEntities(absl::string_view text) { return DecodeOnce(DecodeOnce(text)); }

bool IsYear(absl::string_view token) {
  return token.size() == 4 && std::all_of(token.begin(), token.end(), IsDigit) &&
         (token.substr(0, 2) == "19" || token.substr(0, 2) == "20");
}

bool IsAllCapitals(absl::string_view text) {
  return std::none_of(text.begin(), text.end(), absl::ascii_islower);
}

// Whether a word of a hashtag begins at `at`: "#LandRights2026", but not in "#COP28", "#EDUCAÇÃO".
bool BeginsWordOfHashtag(absl::string_view text, size_t at) {
  const auto is = [&](bool (*test)(unsigned char), size_t i) {
    return i < text.size() && test(static_cast<unsigned char>(text[i]));
  };
  if (is(absl::ascii_isupper, at)) {
    // Of a letter with an accent the next one tells whether it was small.
    return is(absl::ascii_islower, at - 1) ||
           (static_cast<unsigned char>(text[at - 1]) >= 0x80 && is(absl::ascii_islower, at + 1));
  }
  return IsDigit(text[at]) && IsLetter(text[at - 1]) && IsYear(text.substr(at, 4)) &&
         !is(absl::ascii_isalnum, at + 4);
}

std::string WithSplitHashtags(absl::string_view text) {
  std::string result;
  result.reserve(text.size() + 8);
  bool in_hashtag = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_hashtag && text[i - 1] != '#' && BeginsWordOfHashtag(text, i)) result.push_back(' ');
    result.push_back(c);
    in_hashtag = in_hashtag ? IsLetter(c) || IsDigit(c)
                            : c == '#' && i + 1 < text.size() && IsLetter(text[i + 1]);
  }
  return result;
}

// How long the run of numbers is that begins here, joined by signs without a blank ("14/05",
// "2024-05-14", "1.2", "10:30"); 0: it is one number alone.
size_t JoinedNumbers(absl::string_view title, size_t at) {
  const auto digits = [&](size_t i) {
    while (i < title.size() && IsDigit(title[i])) ++i;
    return i;
  };
  size_t end = digits(at);
  bool joined = false;
  while (end + 1 < title.size()) {
    const absl::string_view rest = title.substr(end);
    constexpr absl::string_view kSigns[] = {"/", "-", ".", ":", "\u2013"};
    const auto sign = std::find_if(std::begin(kSigns), std::end(kSigns), [&](absl::string_view s) {
      return absl::StartsWith(rest, s) && rest.size() > s.size() && IsDigit(rest[s.size()]);
    });
    if (sign == std::end(kSigns)) break;
    joined = true;
    end = digits(end + sign->size());
  }
  return joined ? end - at : 0;
}

// Words that say that a number follows. "c" is Czech for it, folded.
bool IsNumberSign(absl::string_view token) {
  constexpr absl::string_view kSigns[] = {"no", "nr",  "num",   "numero", "n",
                                          "c",  "cis", "cislo", "nro"};
  return std::find(std::begin(kSigns), std::end(kSigns), token) != std::end(kSigns);
}

// What the numbers of such a run count behind `word`; empty: a date, a time, a chapter. "Part 2/5"
// and "no. 2/2026" are the second, "module 1.2" is another than "module 1.3".
std::string CountedOf(absl::string_view run, absl::string_view word) {
  const auto unit = Lexicon::Get().units().Find(word);
  if (unit.words == 0) return "";
  const bool is_part = unit.value != Lexicon::kSessionUnit;
  const std::vector<absl::string_view> of = absl::StrSplit(run, '/');
  const std::vector<absl::string_view> within = absl::StrSplit(run, '.');
  const auto value = [](absl::string_view digits) {
    uint32_t number = 0;
    return digits.size() <= 4 && absl::SimpleAtoi(digits, &number) ? number : 0;
  };
  if (of.size() == 2 && value(of[0]) > 0) {
    // "Meeting 3/5" is a date.
    constexpr absl::string_view kSessions[] = {"session", "sesion", "sessao", "seance", "sezeni"};
    const bool counts =
        is_part || IsNumberSign(word) ||
        std::find(std::begin(kSessions), std::end(kSessions), word) != std::end(kSessions);
    const bool of_all = value(of[0]) <= value(of[1]) && value(of[1]) <= 12;
    if (counts && (of_all || (IsNumberSign(word) && IsYear(of[1])))) return std::string(of[0]);
  }
  if (is_part && within.size() == 2 && value(within[0]) < 10 && value(within[1]) < 100) {
    return absl::StrCat(100 * value(within[0]) + value(within[1]));
  }
  return "";
}

// "A.V." is a word of two letters, not a letter and a Roman five.
size_t DottedInitials(absl::string_view title, size_t at) {
  size_t end = at;
  while (end + 1 < title.size() && absl::ascii_isupper(title[end]) && title[end + 1] == '.') {
    end += 2;
  }
  return end - at >= 4 ? end - at : 0;
}

// The last word of what is written so far, folded enough to look it up.
std::string LastWord(absl::string_view text) {
  constexpr size_t kLongest = 64;
  if (text.size() > kLongest) text.remove_prefix(text.size() - kLongest);
  while (!text.empty() && !IsLetter(text.back()) && !IsDigit(text.back())) text.remove_suffix(1);
  size_t begin = text.size();
  while (begin > 0 && (IsLetter(text[begin - 1]) || IsDigit(text[begin - 1]))) --begin;
  return FoldText(text.substr(begin));
}

// A unit, or a kind of occasion: there may be several.
bool MayBeCounted(absl::string_view word) {
  const Lexicon& lexicon = Lexicon::Get();
  if (word.empty()) return false;
  if (lexicon.units().Find(word).words > 0) return true;
  const auto found = lexicon.words().Find(word);
  return found.words > 0 && lexicon.ConceptOf(found.value).form;
}

// Folding loses what tells a marker from a word: '#', the dot of "4. setkani" and the capital of
// "Session A". They are written out as words first.
std::string WriteOutMarkers(absl::string_view title) {
  const bool has_lower = !IsAllCapitals(title);
  std::string result;
  result.reserve(title.size() + 8);
  // What stands beside a sign tells: there is one blank at most.
  const std::string one_blank = OneBlank(title);
  title = one_blank;
  for (size_t i = 0; i < title.size(); ++i) {
    const char c = title[i];
    const char before = i > 0 ? title[i - 1] : ' ';
    const char after = i + 1 < title.size() ? title[i + 1] : ' ';
    if (const size_t joined = IsDigit(c) && !IsDigit(before) ? JoinedNumbers(title, i) : 0;
        joined > 0) {
      absl::StrAppend(&result, " ", CountedOf(title.substr(i, joined), LastWord(result)), " ");
      i += joined - 1;
    } else if (IsDigit(c) && IsDigit(after) && before == '-' && i >= 2 && IsLetter(title[i - 2]) &&
               !MayBeCounted(LastWord(result))) {
      // "COVID-19" is one word; "session-3" is two.
      while (i + 1 < title.size() && IsDigit(title[i + 1])) ++i;
    } else if (const size_t dotted = IsLetter(before) ? 0 : DottedInitials(title, i); dotted > 0) {
      for (size_t k = 0; k < dotted; k += 2) result.push_back(title[i + k]);
      i += dotted - 1;
    } else if (IsShortYear(title, i)) {
      i += 2;  // "'26"
    } else if (c == '#' && IsDigit(after)) {
      result += " no ";
    } else if (c == '.' && IsDigit(before) && after == ' ' && i + 2 < title.size() &&
               IsLetter(title[i + 2])) {
      result += "e ";
    } else if (after == ':' && !IsLetter(before) && (c == 'I' || c == 'V' || c == 'X')) {
      // "Session V: ..."; without the colon a single letter is a word ("v" is Czech for "in").
      result += c == 'I' ? " 1 " : c == 'V' ? " 5 " : " 10 ";
    } else if (has_lower && c >= 'A' && c <= 'H' && !IsLetter(before) && !IsLetter(after) &&
               !IsDigit(after) && before != '\'' && after != '\'' && after != '.') {
      absl::StrAppend(&result, " letter", std::string(1, absl::ascii_tolower(c)), " ");
    } else {
      result.push_back(c);
    }
  }
  return result;
}

std::optional<uint32_t> Number(absl::string_view token) {
  if (token.empty() || token.size() > 3 || !std::all_of(token.begin(), token.end(), IsDigit)) {
    return std::nullopt;
  }
  uint32_t value = 0;
  for (const char c : token) value = value * 10 + (c - '0');
  return value;
}

std::optional<uint32_t> Roman(absl::string_view token) {
  constexpr std::array<absl::string_view, 12> kRoman = {"i",   "ii",   "iii", "iv", "v",  "vi",
                                                        "vii", "viii", "ix",  "x",  "xi", "xii"};
  const auto found = std::find(kRoman.begin(), kRoman.end(), token);
  if (found == kRoman.end()) return std::nullopt;
  return static_cast<uint32_t>(found - kRoman.begin()) + 1;
}

// "4th", "2e", "1er", "3eme", "4o", "2a".
std::optional<uint32_t> OrdinalNumber(absl::string_view token) {
  size_t digits = 0;
  while (digits < token.size() && IsDigit(token[digits])) ++digits;
  if (digits == 0 || digits > 3) return std::nullopt;
  constexpr absl::string_view kEndings[] = {"st", "nd", "rd", "th",  "e",    "er", "ere",
                                            "re", "o",  "a",  "eme", "ieme", "do", "da",
                                            "ro", "ra", "to", "ta",  "mo",   "ma"};
  const absl::string_view ending = token.substr(digits);
  if (std::find(std::begin(kEndings), std::end(kEndings), ending) == std::end(kEndings)) {
    return std::nullopt;
  }
  return Number(token.substr(0, digits));
}

// 1 .. 8 for "a" .. "h".
std::optional<uint32_t> LetterOf(absl::string_view token) {
  if (token.size() != 1 || token[0] < 'a' || token[0] > 'h') return std::nullopt;
  return token[0] - 'a' + 1;
}

// 1 .. 8 for a letter that WriteOutMarkers marked, or a small one that is no word of any language.
std::optional<uint32_t> Letter(absl::string_view token) {
  if (token.size() == 7 && token.substr(0, 6) == "letter") return token[6] - 'a' + 1;
  return Lexicon::Get().IsStopWord(token) ? std::nullopt : LetterOf(token);
}

Marker::Kind KindOf(uint32_t unit) {
  switch (unit) {
    case Lexicon::kLetterUnit:
      return Marker::Kind::kLetter;
    case Lexicon::kPartUnit:
      return Marker::Kind::kPart;
    case Lexicon::kDayUnit:
      return Marker::Kind::kDay;
    default:
      return Marker::Kind::kNumber;
  }
}

// Words that are not in the lexicon are compared by how they begin, so that a plural, another
// ending, a doubled letter or another vowel does not make another word; nor does the language in
// words that many languages share ("albinism", "albinismo", "albinismus").
uint64_t SpellingHash(absl::string_view token) {
  constexpr size_t kLetters = 5;
  if (token.size() > 4 && token.back() == 's') token.remove_suffix(1);
  if (token.size() < 7) return StableHash(token);
  return CombineHash(static_cast<unsigned char>(token[0]),
                     StableHash(SkeletonOf(token).substr(0, kLetters)));
}

void AddWord(std::vector<WeightedToken>& words, WeightedToken word) {
  const auto same = std::find_if(words.begin(), words.end(), [&](const WeightedToken& other) {
    return other.hash == word.hash;
  });
  if (same == words.end()) words.push_back(word);
}

// Whether the word is one of the place, or a spelling of one.
bool RepeatsPlace(absl::string_view token, absl::Span<const std::string> place_tokens) {
  return std::any_of(place_tokens.begin(), place_tokens.end(), [&](const std::string& part) {
    return part == token || (part[0] == token[0] && SpelledAlike(part, token));
  });
}

// What may still come behind the place that ends a title: "Report, Mombasa, Kenya, 5 March 2026".
bool IsNothingElse(absl::Span<const std::string> tokens) {
  const Lexicon& lexicon = Lexicon::Get();
  return std::all_of(tokens.begin(), tokens.end(), [&](const std::string& token) {
    return std::all_of(token.begin(), token.end(), IsDigit) || lexicon.IsStopWord(token) ||
           lexicon.months().Find(token).words > 0 || lexicon.countries().Find(token).words > 0;
  });
}

// Reads tokens[at] as a word, or a phrase of several; returns how many tokens that took.
size_t ReadWord(absl::Span<const std::string> tokens, size_t at,
                absl::Span<const std::string> place_tokens, std::vector<WeightedToken>& words) {
  const Lexicon& lexicon = Lexicon::Get();
  const std::string& token = tokens[at];
  const bool repeats_place = RepeatsPlace(token, place_tokens);
  const WordTable::Match match = lexicon.words().Find(tokens, at);
  if (match.words > 1) {
    const Lexicon::Concept& meaning = lexicon.ConceptOf(match.value);
    AddWord(words, {meaning.hash, static_cast<uint8_t>(meaning.form ? 1 : 3), true});
    return match.words;
  }
  if (lexicon.IsStopWord(token) || token.size() < 2) return 1;
  if (const auto exonym = lexicon.exonyms().Find(tokens, at); exonym.words > 0) {
    const absl::string_view name = lexicon.PlaceName(exonym.value);
    const bool says_where =
        RepeatsPlace(name, place_tokens) || IsNothingElse(tokens.subspan(at + exonym.words));
    AddWord(words, {StableHash(name), static_cast<uint8_t>(says_where ? 1 : 3), true});
    return exonym.words;
  }
  if (const auto country = lexicon.countries().Find(tokens, at); country.words > 0) {
    const bool says_where = IsNothingElse(tokens.subspan(at + country.words));
    AddWord(words, {StableHash(absl::StrCat("country ", lexicon.CountryCode(country.value))),
                    static_cast<uint8_t>(says_where ? 1 : 3), true});
    return country.words;
  }
  if (match.words == 1) {
    const Lexicon::Concept& meaning = lexicon.ConceptOf(match.value);
    AddWord(words,
            {meaning.hash, static_cast<uint8_t>(meaning.form || repeats_place ? 1 : 3), true});
    return 1;
  }
  AddWord(words, {SpellingHash(token), static_cast<uint8_t>(repeats_place ? 1 : 3), false});
  return 1;
}

class TitleReader {
 public:
  TitleReader(std::vector<std::string> tokens, absl::Span<const std::string> place_tokens,
              bool all_capitals)
      : tokens_(std::move(tokens)), place_tokens_(place_tokens), all_capitals_(all_capitals) {}

  void Read(TitleFeatures& title) {
    while (at_ < tokens_.size()) {
      if (ReadDate(title) || ReadUnit(title) || ReadOrdinal(title) || ReadNumber(title)) continue;
      at_ += ReadWord(tokens_, at_, place_tokens_, title.words);
    }
  }

 private:
  const std::string* Token(size_t at) const { return at < tokens_.size() ? &tokens_[at] : nullptr; }

  void AddMarker(TitleFeatures& title, Marker::Kind kind, uint32_t value) {
    title.markers.push_back({kind, value});
  }

  // "5 March", "March", "5 de marzo", "Q3". The day itself is the date field's business.
  bool ReadDate(TitleFeatures& title) {
    const Lexicon& lexicon = Lexicon::Get();
    const std::string& token = tokens_[at_];
    if (token.size() == 2 && (token[0] == 'q' || token[0] == 't') && token[1] >= '1' &&
        token[1] <= '4') {
      AddMarker(title, Marker::Kind::kMonth, 100 + (token[1] - '0'));
      ++at_;
      return true;
    }
    if (IsYear(token)) {
      ++at_;
      return true;
    }
    size_t month_at = at_;
    if (Number(token) || OrdinalNumber(token)) {
      ++month_at;
      if (Token(month_at) != nullptr && (*Token(month_at) == "de" || *Token(month_at) == "of")) {
        ++month_at;
      }
      if (Token(month_at) == nullptr) return false;
    }
    const auto month = lexicon.months().Find(*Token(month_at));
    if (month.words == 0) return false;
    AddMarker(title, Marker::Kind::kMonth, month.value);
    const bool day_before = month_at > at_;
    at_ = month_at + 1;
    if (!day_before && Token(at_) != nullptr &&
        (Number(*Token(at_)) || OrdinalNumber(*Token(at_)))) {
      ++at_;
    }
    return true;
  }

  // Whether what stands before says that the number names something else: "SDG 5", "Act no. 27".
  bool IsReference(size_t at) const {
    return at > 0 && Lexicon::Get().references().Find(tokens_[at - 1]).words > 0;
  }

  // "session 4", "group B", "part II".
  bool ReadUnit(TitleFeatures& title) {
    const auto unit = Lexicon::Get().units().Find(tokens_[at_]);
    if (unit.words == 0 || Token(at_ + 1) == nullptr) return false;
    if (IsNumberSign(tokens_[at_]) && IsReference(at_)) {
      at_ += Number(*Token(at_ + 1)) ? 2 : 1;
      return true;
    }
    size_t value_at = at_ + 1;
    // "session no 4"
    const auto next_unit = Lexicon::Get().units().Find(*Token(value_at));
    if (next_unit.words > 0 && next_unit.value == Lexicon::kSessionUnit &&
        Token(value_at + 1) != nullptr && Number(*Token(value_at + 1))) {
      ++value_at;
    }
    const std::string& value = *Token(value_at);
    std::optional<uint32_t> number = Number(value);
    if (!number && (value.size() > 1 || value_at + 1 == tokens_.size())) number = Roman(value);
    Marker::Kind kind = KindOf(unit.value);
    if (!number) {
      number = Letter(value);
      // Behind "GROUPE" a letter that ends the title is none of the words of one letter.
      if (!number && all_capitals_ && value_at + 1 == tokens_.size()) number = LetterOf(value);
      if (number && kind == Marker::Kind::kNumber) kind = Marker::Kind::kLetter;
    }
    if (!number) return false;
    // "meeting 5 March" is a date; "no. 14 (July)" is none.
    const bool says_number = value_at > at_ + 1 || IsNumberSign(tokens_[at_]);
    if (!says_number && Token(value_at + 1) != nullptr && Number(value) &&
        Lexicon::Get().months().Find(*Token(value_at + 1)).words > 0) {
      return false;
    }
    AddMarker(title, kind, *number);
    AddUnitWord(title, at_);
    at_ = value_at + 1;
    return true;
  }

  // "2e partie", "4th coast forum", "second regional exchange".
  bool ReadOrdinal(TitleFeatures& title) {
    const Lexicon& lexicon = Lexicon::Get();
    std::optional<uint32_t> number = OrdinalNumber(tokens_[at_]);
    const bool spelled_out = !number;
    if (spelled_out) {
      const auto ordinal = lexicon.ordinals().Find(tokens_[at_]);
      if (ordinal.words > 0) number = ordinal.value;
    }
    if (!number) return false;
    for (size_t ahead = 1; ahead <= 3 && Token(at_ + ahead) != nullptr; ++ahead) {
      const auto unit = lexicon.units().Find(*Token(at_ + ahead));
      if (unit.words > 0) {
        AddMarker(title, KindOf(unit.value), *number);
        ++at_;
        return true;
      }
      const auto word = lexicon.words().Find(*Token(at_ + ahead));
      if (word.words > 0 && lexicon.ConceptOf(word.value).form) {
        AddMarker(title, Marker::Kind::kNumber, *number);
        ++at_;
        return true;
      }
    }
    if (spelled_out) return false;
    AddMarker(title, Marker::Kind::kNumber, *number);
    ++at_;
    return true;
  }

  // A number or Roman numeral that ends the title; others ("12 teams") say nothing.
  bool ReadNumber(TitleFeatures& title) {
    const std::string& token = tokens_[at_];
    const bool last = at_ + 1 == tokens_.size() && at_ > 0 && !IsReference(at_) &&
                      !Lexicon::Get().IsStopWord(tokens_[at_ - 1]);
    std::optional<uint32_t> number = Number(token);
    if (!number && last) number = Roman(token);
    if (!number) {
      if (!token.empty() && IsDigit(token[0]) && std::all_of(token.begin(), token.end(), IsDigit)) {
        ++at_;
        return true;
      }
      // A letter standing alone after a word that counts nothing.
      if (token.size() == 7 && token.substr(0, 6) == "letter" && Letter(token)) {
        if (last && MayBeCounted(tokens_[at_ - 1])) {
          AddMarker(title, Marker::Kind::kLetter, *Letter(token));
        }
        ++at_;
        return true;
      }
      return false;
    }
    if (last) AddMarker(title, Marker::Kind::kNumber, *number);
    ++at_;
    return true;
  }

  void AddUnitWord(TitleFeatures& title, size_t at) {
    const auto word = Lexicon::Get().words().Find(tokens_[at]);
    if (word.words == 0) return;
    AddWord(title.words, {Lexicon::Get().ConceptOf(word.value).hash, 1, true});
  }

  std::vector<std::string> tokens_;
  absl::Span<const std::string> place_tokens_;
  bool all_capitals_;
  size_t at_ = 0;
};

std::vector<std::string> FirstTokens(absl::string_view text, size_t most) {
  std::vector<std::string> tokens = FoldedTokens(WithSplitHashtags(WithoutEntities(text)));
  if (tokens.size() > most) tokens.resize(most);
  return tokens;
}

}  // namespace

TitleFeatures ReadTitle(absl::string_view text, absl::Span<const std::string> place_tokens) {
  TitleFeatures title;
  const std::string readable = WithSplitHashtags(WithoutEntities(text));
  text = readable;
  std::vector<std::string> plain = FoldedTokens(text);
  if (plain.empty()) return title;
  title.whole = StableHash(absl::StrJoin(plain, ""));
  title.language = std::string(Lexicon::Get().LanguageOf(plain));
  const std::string written_out = WriteOutMarkers(text);
  std::vector<std::string> tokens = Sv(written_out) == text ? plain : FoldedTokens(written_out);
  if (tokens.size() > kMaxTitleTokens) tokens.resize(kMaxTitleTokens);
  TitleReader(std::move(tokens), place_tokens, IsAllCapitals(text)).Read(title);
  std::sort(title.words.begin(), title.words.end());
  std::sort(title.markers.begin(), title.markers.end());
  title.markers.erase(std::unique(title.markers.begin(), title.markers.end()), title.markers.end());
  return title;
}

std::vector<WeightedToken> ReadWords(absl::string_view text) {
  const std::vector<std::string> tokens = FirstTokens(text, kMaxTitleTokens);
  std::vector<WeightedToken> words;
  for (size_t at = 0; at < tokens.size();) at += ReadWord(tokens, at, {}, words);
  std::sort(words.begin(), words.end());
  return words;
}

void AppendSubjects(absl::string_view text, std::vector<uint64_t>& subjects) {
  if (text.empty()) return;
  constexpr size_t kMaxWords = 200;
  const Lexicon& lexicon = Lexicon::Get();
  const std::vector<std::string> tokens = FirstTokens(text, kMaxWords);
  for (size_t at = 0; at < tokens.size();) {
    WordTable::Match found = lexicon.words().Find(tokens, at);
    // "Cotonou" begins as cotton does.
    if (const size_t place = std::max(lexicon.exonyms().Find(tokens, at).words,
                                      lexicon.countries().Find(tokens, at).words);
        place > 0 && place >= found.words) {
      at += place;
      continue;
    }
    if (const WordTable::Match theme = lexicon.themes().Find(tokens, at);
        theme.words > found.words ||
        (theme.words == found.words && theme.words > 0 && lexicon.ConceptOf(found.value).form)) {
      found = theme;
    }
    // "Les équipes": no Czech forest.
    if (found.words == 1 && lexicon.IsStopWord(tokens[at])) found = {};
    at += std::max<size_t>(found.words, 1);
    if (found.words == 0 || lexicon.ConceptOf(found.value).form) continue;
    subjects.push_back(lexicon.ConceptOf(found.value).hash);
  }
}

WordOverlap Overlap(absl::Span<const WeightedToken> left, absl::Span<const WeightedToken> right) {
  WordOverlap overlap;
  const auto count = [](const WeightedToken& word, int32_t& all, int32_t& subjects,
                        bool& unmapped) {
    all += word.weight;
    if (word.weight > 1) subjects += word.weight;
    if (word.weight > 1 && !word.concept_word) unmapped = true;
  };
  for (const WeightedToken& word : left) {
    count(word, overlap.left, overlap.left_subjects, overlap.unmapped_left);
  }
  for (const WeightedToken& word : right) {
    count(word, overlap.right, overlap.right_subjects, overlap.unmapped_right);
  }
  for (size_t i = 0, j = 0; i < left.size() && j < right.size();) {
    if (left[i].hash < right[j].hash) {
      ++i;
    } else if (right[j].hash < left[i].hash) {
      ++j;
    } else {
      // A word that repeats the place in one title only weighs little in both.
      const int32_t weight = std::min(left[i].weight, right[j].weight);
      overlap.common += weight;
      if (weight > 1) overlap.common_subjects += weight;
      ++i;
      ++j;
    }
  }
  return overlap;
}

bool NameRelatedSubjects(absl::Span<const WeightedToken> left,
                         absl::Span<const WeightedToken> right) {
  const Lexicon& lexicon = Lexicon::Get();
  const auto is_subject = [](const WeightedToken& word) {
    return word.weight > 1 && word.concept_word;
  };
  for (const WeightedToken& word : left) {
    if (!is_subject(word)) continue;
    const absl::Span<const uint64_t> related = lexicon.RelatedTo(word.hash);
    if (related.empty()) continue;
    const bool named = std::any_of(right.begin(), right.end(), [&](const WeightedToken& other) {
      return is_subject(other) && std::binary_search(related.begin(), related.end(), other.hash);
    });
    if (named) return true;
  }
  return false;
}

}  // namespace baraza
