#include "tests/e2e/coalition.h"

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "core/base/civil_date.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "gtest/gtest.h"
#include "tests/testing/english.h"

namespace baraza::e2e {
namespace {

// 12 and 10, that is 120 places, no two alike.
constexpr const char* kFirst[] = {"Kisa",  "Moro",  "Tamba", "Vukul", "Zingo", "Pelem",
                                  "Garba", "Hondu", "Lubwe", "Nyaro", "Chesi", "Dakor"};
constexpr const char* kSecond[] = {"uni",   "gwe",  "nto",  "lari",  "mbeki",
                                   "pasha", "zoro", "fika", "dende", "hiru"};
// Sessions of one year on every third day: some lie on one another's dates with day and month
// exchanged, and tell themselves apart by what they were about, in words that the matcher knows.
constexpr const char* kThemes[] = {"grazing agreements", "water committees", "seed saving",
                                   "budget tracking",    "fishing grounds",  "school meals",
                                   "paralegal training", "mining royalties", "forest users",
                                   "youth councils",     "market fees"};

v1::LocalText English(const std::string& text) {
  v1::LocalText value;
  value.set_text(text);
  value.set_language("en");
  return value;
}

}  // namespace

std::string NewDeviceId() {
  SystemClock clock;
  SystemRandom random;
  return MintId("dev", clock, random);
}

void Coalition::SetUp(const std::vector<std::string>& tls_hosts, const KillSwitch* kill_switch) {
  server_.Init(tls_hosts);
  if (::testing::Test::HasFailure()) return;
  if (!server_.Start(kill_switch)) return;
  ca_ = ReadCode(server_.administrator_code()).ca_certificate();
  Redial();
  const auto enrolled = desk_.Enrol(server_.administrator_code(), NewDeviceId());
  ASSERT_TRUE(enrolled.ok()) << enrolled.status();

  v1::Record record;
  for (const char* key : {"coast", "desert"}) {
    record.mutable_organisation()->set_title(absl::StrCat("Organisation of the ", key));
    ids_[key] = desk_.Create(record);
  }
  *record.mutable_issue()->mutable_title() = test::InEnglish("Land rights");
  ids_["land"] = desk_.Create(record);
  const std::pair<const char*, const char*> teams[] = {
      {"pwani", "coast"}, {"delta", "coast"}, {"sahel", "desert"}, {"oasis", "desert"}};
  for (const auto& [key, organisation] : teams) {
    v1::Team& team = *record.mutable_team();
    team.Clear();
    team.set_title(absl::StrCat("Team ", key));
    team.set_organisation_id(ids_.at(organisation));
    ids_[key] = desk_.Create(record);
  }
  v1::Indicator& indicator = *record.mutable_indicator();
  *indicator.mutable_title() = test::InEnglish("Sessions");
  indicator.add_issue_ids(ids_.at("land"));
  indicator.set_period_scheme(v1::PERIOD_SCHEME_YEAR);
  ids_["indicator"] = desk_.Create(record);
}

std::string Coalition::AddPerson(const std::string& team_key, v1::Role role) {
  v1::Record record;
  v1::Person& person = *record.mutable_person();
  person.set_display_name("A person");
  person.set_role(role);
  if (team_key.empty()) {
    person.mutable_scope()->set_programme(true);
  } else {
    person.set_team_id(ids_.at(team_key));
    person.mutable_scope()->set_team_id(ids_.at(team_key));
  }
  return desk_.Create(record);
}

v1::Record ReportOn(const Coalition& coalition, int session, int variant, const std::string& team) {
  v1::Record record;
  v1::SessionReport& report = *record.mutable_session_report();
  const std::string place = absl::StrCat(kFirst[session % 12], kSecond[session / 12]);
  const char* const theme = kThemes[session % 11];
  *report.mutable_title() =
      English(variant == 0 ? absl::StrCat("Exchange on ", theme, " in ", place)
                           : absl::StrCat(place, ": exchange about ", theme));
  report.set_held_status(v1::HELD_STATUS_HELD);
  report.set_issue_id(coalition.id("land"));
  const std::string day = FormatCivilDay(absl::CivilDay(2026, 1, 2) + 3 * session);
  report.mutable_dates()->set_earliest(day);
  report.mutable_dates()->set_latest(day);
  report.mutable_dates()->set_precision(v1::DATE_PRECISION_DAY);
  report.mutable_venue()->set_name(absl::StrCat(place, " hall"));
  report.mutable_venue()->set_locality(place);
  report.mutable_venue()->set_country("KE");
  report.set_modality(v1::MODALITY_IN_PERSON);
  int element = 0;
  for (const char* present : {"pwani", "sahel"}) {
    v1::ParticipatingTeam& participant = *report.add_participating_teams();
    participant.set_element_id(absl::StrCat("t", ++element));
    participant.set_team_id(coalition.id(present));
    participant.set_present(v1::YES_NO_YES);
  }
  report.set_reporting_team_present(team == "pwani" || team == "sahel" ? v1::YES_NO_YES
                                                                       : v1::YES_NO_NO);
  report.mutable_participants()->set_total(20 + session);
  report.mutable_participants()->set_method(v1::COUNT_METHOD_COUNTED);
  report.mutable_participants()->set_unit(v1::COUNT_UNIT_HEADS);
  report.set_experiences_shared(v1::YES_NO_YES);
  report.set_learned_from_each_other(v1::YES_NO_YES);
  *report.add_topics() = English(theme);
  report.set_language("en");
  *report.mutable_narrative() = English(variant == 0 ? "Each team told how it registers land."
                                                     : "We heard how others do it.");
  return record;
}

}  // namespace baraza::e2e
