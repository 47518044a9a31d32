#include "tests/data/generator/world.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <set>
#include <unordered_set>
#include <utility>

#include "tests/data/generator/text.h"
#include "tests/data/json.h"

namespace baraza::testdata {
namespace {

constexpr int kFirstDay = 19723;  // 2024-01-01

// A name for a town out of two to four of the country's syllables.
std::string MakeTownName(const Country& country, Rng& rng) {
  std::string name;
  constexpr std::string_view kStarts[] = {"b", "d", "f", "g", "k", "l", "m",  "n",  "p",  "r",
                                          "s", "t", "v", "z", "",  "j", "st", "tr", "kl", "gr"};
  constexpr std::string_view kVowels[] = {"a", "e", "i", "o", "u", "a", "o"};
  name += kStarts[rng.Below(std::size(kStarts))];
  name += kVowels[rng.Below(std::size(kVowels))];
  const int syllables = rng.Between(2, 3);
  for (int i = 0; i < syllables; ++i) name += rng.Pick(country.syllables);
  return Capitalised(name);
}

void MakePlaces(World& world, int64_t sessions, Rng& rng) {
  const Vocabulary& vocabulary = *world.vocabulary;
  const size_t per_country =
      std::max<int64_t>(6, sessions / 60 / static_cast<int64_t>(vocabulary.countries.size()));
  std::unordered_set<std::string> taken;
  world.places_of_country.resize(vocabulary.countries.size());
  for (size_t c = 0; c < vocabulary.countries.size(); ++c) {
    const Country& country = vocabulary.countries[c];
    for (size_t i = 0; i < std::max(per_country, country.towns.size()); ++i) {
      Place place;
      place.country = c;
      if (i < country.towns.size()) {
        for (const std::string_view name : Split(country.towns[i].names, '|'))
          place.names.emplace_back(name);
        place.latitude = country.towns[i].latitude;
        place.longitude = country.towns[i].longitude;
      } else {
        std::string name = MakeTownName(country, rng);
        while (!taken.insert(name).second) name = MakeTownName(country, rng);
        place.names.push_back(name);
        place.latitude = country.towns[0].latitude + (rng.Unit() - 0.5) * 6;
        place.longitude = country.towns[0].longitude + (rng.Unit() - 0.5) * 6;
      }
      std::string number = std::to_string(i + 1);
      number.insert(0, 5 - std::min<size_t>(5, number.size()), '0');
      place.p_code = std::string(country.code) + number;
      const int houses = rng.Between(2, 5);
      for (int h = 0; h < houses; ++h) {
        place.houses.push_back({static_cast<size_t>(rng.Below(vocabulary.venue_kinds.size())),
                                std::string(rng.Pick(vocabulary.venue_names))});
      }
      world.places_of_country[c].push_back(world.places.size());
      world.places.push_back(std::move(place));
    }
  }
}

// First letters of the words that are not small ones: "RJDP".
std::string Abbreviation(std::string_view title) {
  std::string result;
  for (const std::string_view word : Split(title, ' ')) {
    if (word.empty() || word == "–") continue;
    const std::string plain = WithoutDiacritics(word);
    const bool small = word == "of" || word == "for" || word == "and" || word == "des" ||
                       word == "de" || word == "la" || word == "les" || word == "pour" ||
                       word == "por" || word == "para" || word == "pro" || word == "da" ||
                       word == "do" || word == "a" || word == "e" || word == "y" || word == "et" ||
                       word == "pelos";
    if (!small && !plain.empty())
      result += static_cast<char>(std::toupper(static_cast<unsigned char>(plain[0])));
  }
  return result;
}

void MakeTeams(World& world, int64_t sessions, Rng& rng) {
  const Vocabulary& vocabulary = *world.vocabulary;
  const size_t count = std::min<int64_t>(6000, std::max<int64_t>(30, sessions / 25));
  const size_t organisations = std::max<size_t>(6, count / 4);
  for (size_t i = 0; i < organisations; ++i)
    world.organisations.push_back(MakeId("org", kFirstDay - 300, rng));
  std::set<std::string> taken;
  world.teams_of_country.resize(vocabulary.countries.size());
  for (size_t i = 0; i < count; ++i) {
    RegisteredTeam team;
    team.country = i % vocabulary.countries.size();
    const Language home = vocabulary.countries[team.country].language;
    team.language = rng.Chance(0.65) ? home : static_cast<Language>(rng.Below(kLanguageCount));
    const std::string_view focus = rng.Pick(vocabulary.team_focuses).text[team.language];
    const auto patterns = WaysToSay(rng.Pick(vocabulary.team_names), team.language);
    const std::string emblem(rng.Pick(vocabulary.emblems));
    team.title = Replaced(Replaced(std::string(rng.Pick(patterns)), "{e}", emblem), "{f}", focus);
    if (!taken.insert(team.title).second) {
      const auto& homes = world.places_of_country[team.country];
      team.title += " " + world.places[rng.Pick(homes)].names[0];
      if (!taken.insert(team.title).second) {
        team.title += " " + std::to_string(i);
        taken.insert(team.title);
      }
    }
    team.aliases.push_back(Abbreviation(team.title));
    if (rng.Chance(0.6)) team.aliases.push_back(emblem + " " + std::string(focus));
    team.id = MakeId("tem", kFirstDay - 200, rng);
    team.organisation_id = rng.Pick(world.organisations);
    const int authors = rng.Between(2, 4);
    for (int a = 0; a < authors; ++a) team.authors.push_back(MakeId("per", kFirstDay - 150, rng));
    world.teams_of_country[team.country].push_back(world.teams.size());
    world.teams.push_back(std::move(team));
  }
}

}  // namespace

std::string MakeId(std::string_view prefix, int day, Rng& rng) {
  constexpr char kAlphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
  // 48 bits of milliseconds, version 7, variant 10: the layout of a UUIDv7.
  const uint64_t ms = static_cast<uint64_t>(day) * 86400000 + rng.Below(86400000);
  uint64_t high = ms << 16 | 0x7000 | (rng.Next() >> 52);
  uint64_t low = (rng.Next() >> 2) | uint64_t{1} << 63;
  std::string id(prefix);
  id += '_';
  char digits[26];
  for (int i = 25; i >= 0; --i) {
    digits[i] = kAlphabet[low & 31];
    low = low >> 5 | high << 59;
    high >>= 5;
  }
  return id.append(digits, 26);
}

World MakeWorld(const Vocabulary& vocabulary, int64_t sessions, Rng& rng) {
  World world;
  world.vocabulary = &vocabulary;
  world.first_day = kFirstDay;
  world.days = static_cast<int>(std::clamp<int64_t>(sessions / 10, 365, 1460));
  MakePlaces(world, sessions, rng);
  MakeTeams(world, sessions, rng);
  const size_t issues = 8;
  for (size_t i = 0; i < issues; ++i) world.issues.push_back(MakeId("iss", kFirstDay - 250, rng));
  for (size_t i = 0; i < vocabulary.themes.size(); ++i) {
    world.issue_of_theme.push_back(i < issues ? i : rng.Below(issues));
  }
  return world;
}

std::string RegisterLines(const World& world) {
  std::string lines;
  for (size_t i = 0; i < world.organisations.size(); ++i) {
    lines += JsonObject()
                 .String("id", world.organisations[i])
                 .String("title", "Organisation " + std::to_string(i + 1))
                 .Done() +
             "\n";
  }
  for (const RegisteredTeam& team : world.teams) {
    JsonList aliases;
    for (const std::string& alias : team.aliases) aliases.Add(JsonString(alias));
    lines += JsonObject()
                 .String("id", team.id)
                 .String("title", team.title)
                 .Raw("aliases", aliases.Done())
                 .String("organisationId", team.organisation_id)
                 .Done() +
             "\n";
  }
  for (size_t i = 0; i < world.issues.size(); ++i) {
    JsonObject title;
    title.String("text", Capitalised(WaysToSay(world.vocabulary->themes[i], kEnglish)[0]))
        .String("language", "en");
    JsonList values;
    values.Add(title.Done());
    JsonObject issue;
    issue.String("id", world.issues[i])
        .Raw("title", JsonObject().Raw("values", values.Done()).Done());
    if (i + 1 < world.issues.size() && i % 3 == 0) {
      JsonList related;
      related.Add(JsonString(world.issues[i + 1]));
      issue.Raw("relatedIssueIds", related.Done());
    }
    lines += issue.Done() + "\n";
  }
  return lines;
}

}  // namespace baraza::testdata
