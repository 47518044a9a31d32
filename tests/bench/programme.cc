#include "tests/bench/programme.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "core/base/civil_date.h"
#include "core/base/random.h"

namespace baraza::bench {
namespace {

constexpr int kDays = 6 * 365;
constexpr int kLanguages = 5;
constexpr const char* kLanguageTags[kLanguages] = {"en", "fr", "es", "pt", "cs"};

constexpr std::array kBegin = {"Ka",  "Mo", "Ta", "Vu",  "Zi",  "Pe", "Gar", "Hon", "Lub", "Nya",
                               "Che", "Da", "Bu", "Eri", "Fal", "Ib", "San", "Os",  "Ru",  "Wek"};
constexpr std::array kMiddle = {"ba", "ri", "me", "no",  "ku", "la", "te", "si", "do", "ngu",
                                "va", "pi", "ho", "che", "ra", "lo", "mu", "ti", "ze", "fa"};
constexpr std::array kEnd = {"ni",  "ro", "ga", "le", "ma", "nto", "ki", "so", "ya", "bu",
                             "ndi", "ra", "tu", "pe", "lu", "wa",  "mi", "do", "sa", "ne"};

// Subjects as the five languages have them; then words that no lexicon knows.
constexpr std::array<std::array<const char*, kLanguages>, 24> kSubjects = {{
    {"land rights", "droits fonciers", "derechos de tierra", "direitos a terra", "pozemková práva"},
    {"water", "eau", "agua", "água", "voda"},
    {"sanitation", "assainissement", "saneamiento", "saneamento", "sanitace"},
    {"health", "santé", "salud", "saúde", "zdraví"},
    {"schools", "écoles", "escuelas", "escolas", "školy"},
    {"girls", "filles", "niñas", "meninas", "dívky"},
    {"women", "femmes", "mujeres", "mulheres", "ženy"},
    {"youth", "jeunesse", "jóvenes", "juventude", "mládež"},
    {"climate", "climat", "clima", "clima", "klima"},
    {"forests", "forêts", "bosques", "florestas", "lesy"},
    {"seeds", "semences", "semillas", "sementes", "osiva"},
    {"food", "alimentation", "alimentación", "alimentação", "potraviny"},
    {"livestock", "bétail", "ganado", "gado", "dobytek"},
    {"fishing", "pêche", "pesca", "pesca", "rybolov"},
    {"energy", "énergie", "energía", "energia", "energie"},
    {"mining", "mines", "minería", "mineração", "těžba"},
    {"waste", "déchets", "residuos", "resíduos", "odpady"},
    {"housing", "logement", "vivienda", "moradia", "bydlení"},
    {"budgets", "budgets", "presupuestos", "orçamentos", "rozpočty"},
    {"corruption", "corruption", "corrupción", "corrupção", "korupce"},
    {"elections", "élections", "elecciones", "eleições", "volby"},
    {"media", "médias", "medios", "mídia", "média"},
    {"peace", "paix", "paz", "paz", "mír"},
    {"disability", "handicap", "discapacidad", "deficiência", "postižení"},
}};
constexpr std::array<const char*, kLanguages> kForms[] = {
    {"Workshop on ", "Atelier sur ", "Taller sobre ", "Oficina sobre ", "Dílna: "},
    {"Exchange meeting on ", "Rencontre d'échange sur ", "Encuentro sobre ", "Encontro sobre ",
     "Setkání: "},
    {"Forum: ", "Forum : ", "Foro: ", "Fórum: ", "Fórum: "}};
constexpr const char* kAnd[kLanguages] = {" and ", " et ", " y ", " e ", " a "};
constexpr const char* kIn[kLanguages] = {" in ", " à ", " en ", " em ", " v "};
constexpr std::array kVenues = {"hall", "school", "Hotel Palm", "parish house", "co-operative"};

template <typename List>
const auto& Pick(Random& random, const List& from) {
  return from[random.Uniform(std::size(from))];
}

std::string Name(uint64_t number) {
  std::string name =
      absl::StrCat(kBegin[number % 20], kMiddle[number / 20 % 20], kEnd[number / 400 % 20]);
  if (number >= 8000) absl::StrAppend(&name, kMiddle[number / 8000 % 20]);
  return name;
}

std::string Id(const char* prefix, uint64_t number) {
  // As long as ids are, in no order that sessions have.
  return absl::StrCat(prefix, "_01j", absl::Dec(number, absl::kZeroPad20), "xyz");
}

uint64_t Mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

// A few have most.
uint64_t Skewed(Random& random, uint64_t bound) {
  const double x = static_cast<double>(random.Uniform(1 << 20)) / (1 << 20);
  return static_cast<uint64_t>(static_cast<double>(bound) * x * x);
}

std::string Typo(Random& random, std::string name) {
  if (name.size() < 5) return name;
  const size_t at = 2 + random.Uniform(name.size() - 3);
  if (random.Uniform(2) == 0) {
    name.insert(at, 1, name[at]);
  } else {
    std::swap(name[at], name[at - 1]);
  }
  return name;
}

// What all accounts of a session agree on, if they know it.
struct Facts {
  absl::CivilDay day;
  int days = 1;
  uint64_t place = 0;
  uint64_t subject = 0;
  uint64_t second_subject = 0;
  uint64_t word = 0;
  uint64_t form = 0;
  uint64_t venue = 0;
  int total = 0;
  int number = 0;  // of a series that counts; 0: none
  std::vector<uint64_t> teams;
};

Facts FactsOf(uint64_t session, uint64_t sessions, uint64_t teams, uint64_t places) {
  // A third are in series of twelve monthly meetings.
  const bool series = session % 3 == 0;
  const uint64_t first = series ? session / 36 * 36 : session;
  const uint64_t turn = series ? session % 36 / 3 : 0;
  SeededRandom random(Mix(first + 17));
  Facts facts;
  int64_t day = static_cast<int64_t>(random.Uniform(kDays - (series ? 340 : 0)));
  if (series) day += static_cast<int64_t>(turn) * 28;
  facts.day = absl::CivilDay(2019, 1, 1) + day;
  facts.place = Skewed(random, places);
  facts.subject = random.Uniform(kSubjects.size());
  facts.second_subject = random.Uniform(kSubjects.size());
  facts.word = 100 + random.Uniform(2000);
  facts.form = random.Uniform(3);
  facts.venue = random.Uniform(kVenues.size());
  facts.number = series && random.Uniform(2) == 0 ? static_cast<int>(turn) + 1 : 0;
  if (!series && random.Uniform(12) == 0) facts.days = 2 + static_cast<int>(random.Uniform(2));
  // Teams of one region.
  const uint64_t region = facts.place * teams / std::max<uint64_t>(places, 1);
  const uint64_t count = 2 + random.Uniform(4);
  for (uint64_t i = 0; i < count; ++i) {
    facts.teams.push_back((region + random.Uniform(24)) % teams);
  }
  std::sort(facts.teams.begin(), facts.teams.end());
  facts.teams.erase(std::unique(facts.teams.begin(), facts.teams.end()), facts.teams.end());
  SeededRandom of_turn(Mix(session + 1'000'003));
  facts.total = 15 + static_cast<int>(of_turn.Uniform(60));
  (void)sessions;
  return facts;
}

int AccountsOf(uint64_t session) {
  constexpr std::array kCounts = {1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8};
  return kCounts[Mix(session + 99) % kCounts.size()];
}

void SetDates(Random& random, const Facts& facts, v1::SessionDates& dates) {
  absl::CivilDay first = facts.day;
  absl::CivilDay last = facts.day + facts.days - 1;
  dates.set_precision(v1::DATE_PRECISION_DAY);
  const uint64_t kind = random.Uniform(200);
  if (kind < 2) return;  // not known
  if (kind < 14) {
    const int shift = random.Uniform(2) == 0 ? 1 : -1;
    first += shift;
    last += shift;
  } else if (kind < 18 && first.day() <= 12) {
    last = first = absl::CivilDay(first.year(), first.day(), first.month());
  } else if (kind < 32) {
    first = absl::CivilDay(absl::CivilMonth(first));
    last = absl::CivilDay(absl::CivilMonth(first) + 1) - 1;
    dates.set_precision(v1::DATE_PRECISION_MONTH);
  } else if (kind < 35) {
    first = absl::CivilDay(first.year(), (first.month() - 1) / 3 * 3 + 1, 1);
    last = absl::CivilDay(absl::CivilMonth(first) + 3) - 1;
    dates.set_precision(v1::DATE_PRECISION_QUARTER);
  } else if (kind < 36) {
    first = absl::CivilDay(first.year(), 1, 1);
    last = absl::CivilDay(first.year(), 12, 31);
    dates.set_precision(v1::DATE_PRECISION_YEAR);
  }
  dates.set_earliest(FormatCivilDay(first));
  dates.set_latest(FormatCivilDay(last));
}

std::string Title(Random& random, const Facts& facts, int language, const std::string& place) {
  const bool short_form = random.Uniform(4) == 0;
  std::string title =
      absl::StrCat(kForms[facts.form][language], kSubjects[facts.subject][language]);
  if (!short_form) {
    absl::StrAppend(&title, kAnd[language], kSubjects[facts.second_subject][language]);
  }
  // A name or a foreign word that stays as it is in every language.
  if (random.Uniform(5) != 0) absl::StrAppend(&title, ", ", Name(facts.word * 7 + 3));
  if (random.Uniform(3) == 0) absl::StrAppend(&title, kIn[language], place);
  if (facts.number > 0) absl::StrAppend(&title, " #", facts.number);
  return title;
}

}  // namespace

Programme::Programme(size_t reports) {
  for (size_t session = 0; accounts_.size() < reports; ++session, ++sessions_) {
    for (int account = 0; account < AccountsOf(session) && accounts_.size() < reports; ++account) {
      accounts_.push_back({static_cast<uint32_t>(session), static_cast<uint32_t>(account)});
    }
  }
  SeededRandom random(4711);
  for (size_t i = accounts_.size(); i > 1; --i) {
    std::swap(accounts_[i - 1], accounts_[random.Uniform(i)]);
  }
  // A programme that files a million reports has more teams and reaches more places.
  const double scale = std::sqrt(static_cast<double>(reports) / 1e6);
  teams_ = 120 + static_cast<size_t>(480 * scale);
  places_ = 1500 + static_cast<size_t>(4500 * scale);
  for (uint64_t team = 0; team < teams_; ++team) {
    v1::Team made;
    made.set_id(Id("tem", team));
    made.set_title(absl::StrCat("Association ", Name(team * 13 + 5)));
    made.set_organisation_id(Id("org", team / 4));
    made.add_aliases(absl::StrCat("A", Name(team * 13 + 5)));
    v1::RecordState state;
    state.set_record_id(made.id());
    state.set_type(v1::RECORD_TYPE_TEAM);
    state.set_created(true);
    state.set_record(made.SerializeAsString());
    register_.Apply(state);
  }
}

v1::SessionReport Programme::Report(size_t index) const {
  const auto [session, account] = accounts_[index];
  const Facts facts = FactsOf(session, sessions_, teams_, places_);
  SeededRandom random(Mix(session * uint64_t{16} + account + 5));
  const int language = static_cast<int>(random.Uniform(kLanguages));
  std::string place = Name(facts.place);
  if (random.Uniform(12) == 0) place = Typo(random, std::move(place));

  v1::SessionReport report;
  report.set_id(Id("rep", Mix(index) % 10'000'000'000'000ULL * 4'000'000 + index));
  const uint64_t reporter = facts.teams[account % facts.teams.size()];
  report.set_team_id(Id("tem", reporter));
  report.set_author_id(Id("per", reporter * 8 + random.Uniform(8)));
  report.set_held_status(v1::HELD_STATUS_HELD);
  report.mutable_title()->set_text(Title(random, facts, language, place));
  report.mutable_title()->set_language(kLanguageTags[language]);
  report.set_issue_id(Id("iss", facts.subject % 12));
  SetDates(random, facts, *report.mutable_dates());
  if (random.Uniform(12) != 0) {
    report.mutable_venue()->set_locality(place);
    report.mutable_venue()->set_country("KE");
    if (random.Uniform(2) == 0) {
      report.mutable_venue()->set_name(absl::StrCat(Name(facts.place), " ", kVenues[facts.venue]));
    }
  }
  report.set_modality(v1::MODALITY_IN_PERSON);
  report.set_reporting_team_present(v1::YES_NO_YES);
  int element = 0;
  for (const uint64_t team : facts.teams) {
    if (random.Uniform(5) == 0) continue;
    v1::ParticipatingTeam& participant = *report.add_participating_teams();
    participant.set_element_id(absl::StrCat("t", ++element));
    if (random.Uniform(6) == 0) {
      participant.set_unregistered_name(absl::StrCat("A", Name(team * 13 + 5)));
    } else {
      participant.set_team_id(Id("tem", team));
    }
    participant.set_present(v1::YES_NO_YES);
  }
  if (random.Uniform(4) != 0) {
    report.mutable_participants()->set_total(
        static_cast<uint32_t>(facts.total + static_cast<int>(random.Uniform(4))));
    if (random.Uniform(2) == 0) {
      report.mutable_participants()->set_women(report.participants().total() / 2);
    }
  }
  for (uint64_t topic = 0; topic < 1 + random.Uniform(2); ++topic) {
    report.add_topics()->set_text(
        kSubjects[topic == 0 ? facts.subject : random.Uniform(kSubjects.size())][language]);
  }
  if (random.Uniform(4) == 0) report.mutable_dates()->set_duration_minutes(180);
  if (random.Uniform(4) == 0) {
    report.add_learning_outcomes()->set_text(Title(random, facts, language, place));
  }
  if (random.Uniform(4) == 0) {
    report.mutable_narrative()->set_text(absl::StrCat(Title(random, facts, language, place), "; ",
                                                      Title(random, facts, language, place), "; ",
                                                      Title(random, facts, language, place)));
  }
  report.set_language(kLanguageTags[language]);
  return report;
}

}  // namespace baraza::bench
