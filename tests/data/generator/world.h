#ifndef BARAZA_TESTS_DATA_GENERATOR_WORLD_H_
#define BARAZA_TESTS_DATA_GENERATOR_WORLD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/data/generator/rng.h"
#include "tests/data/generator/vocabulary.h"

namespace baraza::testdata {

// "rep_" and the like, and 26 characters of base32 that hold `day` (since 1970) and chance.
std::string MakeId(std::string_view prefix, int day, Rng& rng);

struct Place {
  size_t country = 0;  // index into the vocabulary's
  std::vector<std::string> names;
  double latitude = 0;
  double longitude = 0;
  std::string p_code;
  struct House {
    size_t kind = 0;  // index into venue_kinds
    std::string name;
  };
  std::vector<House> houses;
};

struct RegisteredTeam {
  std::string id;
  std::string organisation_id;
  std::string title;
  std::vector<std::string> aliases;  // the abbreviation first
  size_t country = 0;
  Language language = kEnglish;
  std::vector<std::string> authors;
};

// Where the sessions of one programme take place, and between whom.
struct World {
  const Vocabulary* vocabulary = nullptr;
  std::vector<Place> places;
  std::vector<std::vector<size_t>> places_of_country;
  std::vector<RegisteredTeam> teams;
  std::vector<std::vector<size_t>> teams_of_country;
  std::vector<std::string> organisations;
  std::vector<std::string> issues;
  // Issue of each theme.
  std::vector<size_t> issue_of_theme;
  int first_day = 0;
  int days = 365;
};

// A world that fits so many sessions. `issue` titles are themes of the vocabulary.
World MakeWorld(const Vocabulary& vocabulary, int64_t sessions, Rng& rng);

// The register as JSON lines: organisations, teams and issues.
std::string RegisterLines(const World& world);

}  // namespace baraza::testdata

#endif  // BARAZA_TESTS_DATA_GENERATOR_WORLD_H_
