#include "tests/bench/workload.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "core/base/civil_date.h"
#include "core/base/random.h"

namespace baraza::bench {
namespace {

constexpr int kDays = 5 * 365;

constexpr std::array kFirst = {"Kisa",  "Moro",  "Tamba", "Vukul", "Zingo", "Pelem",
                               "Garba", "Hondu", "Lubwe", "Nyaro", "Chesi", "Dakor",
                               "Bulam", "Erito", "Falka", "Iriba"};
constexpr std::array kSecond = {"uni",   "gwe",  "nto",   "lari", "mbeki", "pasha",
                                "zoro",  "fika", "dende", "hiru", "wanda", "tosho",
                                "kembe", "lolo", "sarra", "vumi"};
constexpr std::array kThemes = {
    "Boundary mapping",   "Water committee rules", "Grazing agreements",  "Women's land titles",
    "Seed saving",        "Mine licence hearings", "Forest user groups",  "Budget tracking",
    "School meals",       "Fishing rights",        "Flood early warning", "Radio campaigns",
    "Paralegal training", "Youth councils",        "Market fees",         "Dispute mediation"};
constexpr std::array kWords = {
    "elders",   "district", "office",   "petition", "showed",   "explained", "compared", "records",
    "meeting",  "village",  "women",    "herders",  "farmers",  "agreed",    "letter",   "hearing",
    "map",      "signed",   "learned",  "together", "later",    "council",   "refused",  "accepted",
    "boundary", "river",    "pump",     "season",   "families", "company",   "lawyer",   "evidence",
    "radio",    "young",    "asked",    "answered", "practice", "training",  "copied",   "method",
    "first",    "visited",  "returned", "promised", "followed", "counted",   "wrote",    "shared"};

v1::LocalText English(std::string text) {
  v1::LocalText value;
  value.set_text(std::move(text));
  value.set_language("en");
  return value;
}

template <size_t N>
const char* Pick(Random& random, const std::array<const char*, N>& from) {
  return from[random.Uniform(N)];
}

std::string Prose(Random& random, size_t bytes) {
  std::string text;
  while (text.size() < bytes) absl::StrAppend(&text, Pick(random, kWords), " ");
  text.back() = '.';
  return text;
}

}  // namespace

v1::SessionReport ReportNumber(int index, int total, const Places& places) {
  const int session = index / 2;
  const int variant = index % 2;
  // What both accounts agree on follows from the session, the rest from the report.
  SeededRandom fact(static_cast<uint64_t>(session) * 2 + 1'000'003);
  SeededRandom own(static_cast<uint64_t>(index) * 2 + 2'000'000'002);

  const std::string place =
      absl::StrCat(Pick(fact, kFirst), Pick(fact, kSecond), " ", Pick(fact, kFirst));
  const char* const theme = Pick(fact, kThemes);
  const int sessions = (total + 1) / 2;
  const absl::CivilDay day = absl::CivilDay(kFirstYear, 1, 1) +
                             static_cast<int64_t>(session) * kDays / (sessions > 0 ? sessions : 1);

  v1::SessionReport report;
  *report.mutable_title() = English(variant == 0 ? absl::StrCat(theme, " in ", place)
                                                 : absl::StrCat(place, ": ", theme, " exchange"));
  report.set_held_status(v1::HELD_STATUS_HELD);
  report.set_issue_id(places.issue_ids[fact.Uniform(places.issue_ids.size())]);
  const std::string date = FormatCivilDay(day);
  report.mutable_dates()->set_earliest(date);
  report.mutable_dates()->set_latest(date);
  report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
  report.mutable_dates()->set_time_zone("Africa/Nairobi");
  report.mutable_venue()->set_name(absl::StrCat(place, " hall"));
  report.mutable_venue()->set_locality(place);
  report.mutable_venue()->set_country("KE");
  report.set_modality(v1::MODALITY_IN_PERSON);
  const size_t first = fact.Uniform(places.team_ids.size());
  const size_t other =
      (first + 1 + fact.Uniform(places.team_ids.size() - 1)) % places.team_ids.size();
  int element = 0;
  for (const size_t team : {first, other}) {
    v1::ParticipatingTeam& participant = *report.add_participating_teams();
    participant.set_element_id(absl::StrCat("t", ++element));
    participant.set_team_id(places.team_ids[team]);
    participant.set_present(v1::YES_NO_YES);
  }
  report.set_reporting_team_present(v1::YES_NO_YES);
  report.mutable_participants()->set_total(20 + static_cast<uint32_t>(fact.Uniform(60)));
  report.mutable_participants()->set_method(v1::COUNT_METHOD_COUNTED);
  report.mutable_participants()->set_unit(v1::COUNT_UNIT_HEADS);
  report.set_experiences_shared(v1::YES_NO_YES);
  report.set_learned_from_each_other(v1::YES_NO_YES);
  *report.add_topics() = English(Prose(own, 40));
  *report.add_learning_outcomes() = English(Prose(own, 120));
  report.set_language("en");
  *report.mutable_narrative() = English(Prose(own, 280));
  return report;
}

v1::Record RecordNumber(int index, int total, const Places& places) {
  v1::Record record;
  *record.mutable_session_report() = ReportNumber(index, total, places);
  return record;
}

}  // namespace baraza::bench
