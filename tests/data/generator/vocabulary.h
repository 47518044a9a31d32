#ifndef BARAZA_TESTS_DATA_GENERATOR_VOCABULARY_H_
#define BARAZA_TESTS_DATA_GENERATOR_VOCABULARY_H_

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace baraza::testdata {

enum Language { kEnglish, kFrench, kSpanish, kPortuguese, kCzech };
inline constexpr int kLanguageCount = 5;
inline constexpr std::array<std::string_view, kLanguageCount> kLanguageTags = {"en", "fr", "es",
                                                                               "pt", "cs"};

// One thing as it is said in each language; ways to say it are separated by '|'.
struct Phrase {
  std::array<std::string_view, kLanguageCount> text;
};

struct Town {
  // Names separated by '|', the local one first; other languages', older and misspelt ones follow.
  std::string_view names;
  double latitude;
  double longitude;
};

struct Country {
  std::string_view code;  // ISO 3166-1
  Language language;      // that most teams there write in
  std::string_view time_zone;
  std::array<std::string_view, kLanguageCount> names;
  std::vector<Town> towns;
  // Out of which names of further towns are made.
  std::vector<std::string_view> syllables;
};

// What titles, names and places are made of. The two sets share no theme, kind of occasion, name,
// town or pattern of a title: what a model is fitted on is not what it is judged by.
struct Vocabulary {
  std::vector<Phrase> themes;       // what it was about; with the article where one follows "sur"
  std::vector<Phrase> meetings;     // what kind of occasion it was
  std::vector<Phrase> groups;       // with whom
  std::vector<Phrase> venue_kinds;  // "{}" stands for the house's name
  std::vector<std::string_view> venue_names;
  std::vector<Phrase> team_names;  // "{e}" a proper name, "{f}" a focus
  std::vector<Phrase> team_focuses;
  std::vector<std::string_view> emblems;
  std::vector<std::string_view> brands;  // names of series, the same in every language
  // {M} occasion, {T} theme, {G} with whom, {P} town.
  std::array<std::vector<std::string_view>, kLanguageCount> titles;
  // What a report tells in its own words, and what the teams learned: {T} theme, {N} how many came.
  std::array<std::vector<std::string_view>, kLanguageCount> accounts;
  std::array<std::vector<std::string_view>, kLanguageCount> outcomes;
  std::vector<Country> countries;
};

const Vocabulary& VocabularyA();
const Vocabulary& VocabularyB();

// Words about dates, series and documents; general, so both sets have them.
extern const Phrase kMonths[12];
extern const Phrase kWeekly, kMonthly, kQuarterly, kYearly;
extern const Phrase kSessionLetter, kPartNumber, kEditionNumber, kDayNumber;  // "{}": the value
extern const Phrase kGenericTitle, kMinutes, kMinutesOf, kGenericDocument;

// The ways to say `phrase` in `language`.
std::vector<std::string_view> WaysToSay(const Phrase& phrase, Language language);
std::vector<std::string_view> Split(std::string_view text, char separator);

}  // namespace baraza::testdata

#endif  // BARAZA_TESTS_DATA_GENERATOR_VOCABULARY_H_
