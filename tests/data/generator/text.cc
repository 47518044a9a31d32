#include "tests/data/generator/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <utility>
#include <vector>

namespace baraza::testdata {
namespace {

// Small letter, capital, plain letter.
struct Letter {
  std::string_view small, capital, plain;
};
constexpr Letter kLetters[] = {
    {"á", "Á", "a"}, {"à", "À", "a"}, {"â", "Â", "a"}, {"ã", "Ã", "a"}, {"ä", "Ä", "a"},
    {"é", "É", "e"}, {"è", "È", "e"}, {"ê", "Ê", "e"}, {"ë", "Ë", "e"}, {"ě", "Ě", "e"},
    {"í", "Í", "i"}, {"ì", "Ì", "i"}, {"î", "Î", "i"}, {"ï", "Ï", "i"}, {"ó", "Ó", "o"},
    {"ô", "Ô", "o"}, {"õ", "Õ", "o"}, {"ö", "Ö", "o"}, {"ú", "Ú", "u"}, {"ù", "Ù", "u"},
    {"û", "Û", "u"}, {"ü", "Ü", "u"}, {"ů", "Ů", "u"}, {"ç", "Ç", "c"}, {"č", "Č", "c"},
    {"ď", "Ď", "d"}, {"ñ", "Ñ", "n"}, {"ň", "Ň", "n"}, {"ř", "Ř", "r"}, {"š", "Š", "s"},
    {"ť", "Ť", "t"}, {"ý", "Ý", "y"}, {"ž", "Ž", "z"},
};

const Letter* LetterAt(std::string_view text, size_t at) {
  const std::string_view two = text.substr(at, 2);
  if (two.size() < 2 || static_cast<unsigned char>(two[0]) < 0xc3 ||
      static_cast<unsigned char>(two[0]) > 0xc5)
    return nullptr;
  for (const Letter& letter : kLetters) {
    if (two == letter.small || two == letter.capital) return &letter;
  }
  return nullptr;
}

bool IsPlainLetter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::string Capitalised(std::string_view text) {
  if (text.empty()) return "";
  if (const Letter* letter = LetterAt(text, 0); letter != nullptr) {
    return std::string(letter->capital) + std::string(text.substr(2));
  }
  std::string result(text);
  result[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(result[0])));
  return result;
}

std::string WithoutDiacritics(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const Letter* letter = LetterAt(text, i);
    if (letter == nullptr) {
      result += text[i];
      continue;
    }
    const bool capital = text.substr(i, 2) == letter->capital;
    result += capital ? static_cast<char>(std::toupper(letter->plain[0])) : letter->plain[0];
    ++i;
  }
  return result;
}

std::string UpperCased(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (const Letter* letter = LetterAt(text, i); letter != nullptr) {
      result += letter->capital;
      ++i;
    } else if (static_cast<unsigned char>(text[i]) < 0x80) {
      result += static_cast<char>(std::toupper(static_cast<unsigned char>(text[i])));
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string Replaced(std::string text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string WithTypo(std::string text, Rng& rng) {
  std::vector<size_t> places;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (IsPlainLetter(text[i - 1]) && IsPlainLetter(text[i]) && IsPlainLetter(text[i + 1]))
      places.push_back(i);
  }
  if (places.empty()) return text;
  const size_t at = rng.Pick(places);
  switch (rng.Below(4)) {
    case 0:
      std::swap(text[at], text[at + 1]);
      break;
    case 1:
      text.erase(at, 1);
      break;
    case 2:
      text.insert(at, 1, text[at]);
      break;
    default:
      text[at] = static_cast<char>('a' + rng.Below(26));
  }
  return text;
}

std::string WithTypos(const std::string& text, double per_word, Rng& rng) {
  std::string result;
  size_t at = 0;
  while (at <= text.size()) {
    const size_t end = std::min(text.find(' ', at), text.size());
    std::string word = text.substr(at, end - at);
    if (word.size() >= 4 && rng.Chance(per_word)) word = WithTypo(std::move(word), rng);
    if (at > 0) result += ' ';
    result += word;
    at = end + 1;
  }
  return result;
}

// After Hinnant's public description of the proleptic Gregorian calendar in integers.
Civil CivilOf(int days_since_1970) {
  const int z = days_since_1970 + 719468;
  const int era = (z >= 0 ? z : z - 146096) / 146097;
  const int doe = z - era * 146097;
  const int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int mp = (5 * doy + 2) / 153;
  const int month = mp < 10 ? mp + 3 : mp - 9;
  return {yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - (153 * mp + 2) / 5 + 1};
}

int DaysOf(int year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int era = (year >= 0 ? year : year - 399) / 400;
  const int yoe = year - era * 400;
  const int doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

std::string IsoDay(int days_since_1970) {
  const Civil civil = CivilOf(days_since_1970);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
  return text;
}

std::string Base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t value = 0;
    for (size_t k = 0; k < 3; ++k) {
      value = value << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (size_t k = 0; k < 4; ++k) {
      result += i + k > bytes.size() ? '=' : kDigits[value >> (18 - 6 * k) & 63];
    }
  }
  return result;
}

}  // namespace baraza::testdata
