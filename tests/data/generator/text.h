#ifndef BARAZA_TESTS_DATA_GENERATOR_TEXT_H_
#define BARAZA_TESTS_DATA_GENERATOR_TEXT_H_

#include <string>
#include <string_view>

#include "tests/data/generator/rng.h"

namespace baraza::testdata {

// Text in UTF-8 as the vocabulary has it: Latin letters of Latin-1 and Latin Extended-A. Other
// characters pass through.
std::string Capitalised(std::string_view text);
std::string WithoutDiacritics(std::string_view text);
std::string UpperCased(std::string_view text);
std::string Replaced(std::string text, std::string_view what, std::string_view with);
// One slip of the finger in a word of plain letters: two exchanged, one left out, doubled or wrong.
std::string WithTypo(std::string text, Rng& rng);
// Each word with that chance.
std::string WithTypos(const std::string& text, double per_word, Rng& rng);

// "2026-03-05"
std::string IsoDay(int days_since_1970);
struct Civil {
  int year, month, day;
};
Civil CivilOf(int days_since_1970);
int DaysOf(int year, int month, int day);

std::string Base64(std::string_view bytes);

}  // namespace baraza::testdata

#endif  // BARAZA_TESTS_DATA_GENERATOR_TEXT_H_
