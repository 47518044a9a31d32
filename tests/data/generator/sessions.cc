#include "tests/data/generator/sessions.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace baraza::testdata {
namespace {

constexpr std::array<double, kScenarioCount> kShares = {0.40, 0.20, 0.10, 0.08, 0.10, 0.07, 0.05};

}  // namespace

Scenario SessionMaker::Scarcest() {
  int scarcest = 0;
  for (int i = 1; i < kScenarioCount; ++i) {
    if (static_cast<double>(made_of_[i]) / kShares[i] <
        static_cast<double>(made_of_[scarcest]) / kShares[scarcest]) {
      scarcest = i;
    }
  }
  return static_cast<Scenario>(scarcest);
}

int SessionMaker::ClusterSize(int at_most) {
  constexpr double kSizes[] = {0.38, 0.28, 0.16, 0.08, 0.045, 0.025, 0.02, 0.01};
  double left = rng_.Unit();
  int size = 1;
  for (const double share : kSizes) {
    if (left < share) break;
    left -= share;
    ++size;
  }
  return std::min({size, 8, at_most});
}

std::vector<size_t> SessionMaker::SomeOf(const std::vector<size_t>& from, double share,
                                         size_t at_least) {
  std::vector<size_t> some;
  for (const size_t value : from) {
    if (rng_.Chance(share)) some.push_back(value);
  }
  while (some.size() < std::min(at_least, from.size())) {
    const size_t value = rng_.Pick(from);
    if (std::find(some.begin(), some.end(), value) == some.end()) some.push_back(value);
  }
  return some;
}

size_t SessionMaker::AnotherTheme(size_t theme) {
  const size_t themes = world_.vocabulary->themes.size();
  return (theme + 1 + rng_.Below(themes - 1)) % themes;
}

// One occasion as it comes; the scenarios bend it.
Session SessionMaker::Draw() {
  const Vocabulary& vocabulary = *world_.vocabulary;
  Session session;
  session.place = rng_.Below(world_.places.size());
  session.house = rng_.Below(world_.places[session.place].houses.size());
  session.online = rng_.Chance(0.06);
  session.first_day =
      world_.first_day + static_cast<int>(rng_.Below(static_cast<uint64_t>(world_.days)));
  const double length = rng_.Unit();
  session.last_day = session.first_day + (length < 0.78   ? 0
                                          : length < 0.92 ? 1
                                          : length < 0.98 ? 2
                                                          : 4);
  session.theme = rng_.Below(vocabulary.themes.size());
  session.meeting = rng_.Below(vocabulary.meetings.size());
  session.group = rng_.Below(vocabulary.groups.size());
  if (rng_.Chance(0.12)) session.brand = rng_.Pick(vocabulary.brands);
  session.title_pattern = static_cast<int>(rng_.Below(1 << 20));
  // Mostly teams from around, some from elsewhere.
  const std::vector<size_t>& near = world_.teams_of_country[world_.places[session.place].country];
  const size_t count = rng_.Chance(0.1) ? 1 : static_cast<size_t>(rng_.Between(2, 7));
  for (int tries = 0; session.teams.size() < count && tries < 40; ++tries) {
    const size_t team =
        rng_.Chance(0.85) ? rng_.Pick(near) : static_cast<size_t>(rng_.Below(world_.teams.size()));
    if (std::find(session.teams.begin(), session.teams.end(), team) == session.teams.end())
      session.teams.push_back(team);
  }
  session.organiser = session.teams[0];
  const int strangers = rng_.Chance(0.25) ? rng_.Between(1, 2) : 0;
  for (int i = 0; i < strangers; ++i) {
    session.unregistered_teams.push_back(std::string(rng_.Pick(vocabulary.emblems)) + " " +
                                         world_.places[session.place].names[0]);
  }
  session.issue = world_.issue_of_theme[session.theme];
  session.participants = rng_.Between(8, 60);
  if (rng_.Chance(0.15)) session.participants += rng_.Between(40, 200);
  session.reports = ClusterSize(8);
  return session;
}

Group SessionMaker::Plain() {
  Group group;
  group.sessions.push_back(Draw());
  return group;
}

Group SessionMaker::Series() {
  struct Rhythm {
    int days;
    const Phrase* word;
    int least, most;
  };
  static const std::array<Rhythm, 5> kRhythms = {{{7, &kWeekly, 4, 10},
                                                  {30, &kMonthly, 4, 12},
                                                  {30, &kMonthly, 4, 12},
                                                  {91, &kQuarterly, 3, 6},
                                                  {365, &kYearly, 2, 3}}};
  const Rhythm& rhythm = rng_.Pick(kRhythms);
  Session model = Draw();
  model.last_day = model.first_day + (rng_.Chance(0.9) ? 0 : 1);
  model.brand = rng_.Chance(0.35) ? rng_.Pick(world_.vocabulary->brands) : std::string_view();
  const bool names_rhythm = rng_.Chance(0.6);
  const bool numbered = rng_.Chance(0.4);
  const int count = rng_.Between(rhythm.least, rhythm.most);
  const int from = rng_.Between(1, 20);
  const int length = model.last_day - model.first_day;
  Group group;
  for (int i = 0; i < count; ++i) {
    Session session = model;
    int day = model.first_day + i * rhythm.days;
    if (rhythm.days == 30) {
      // The same weekday of each month: 28 or 35 days apart.
      day = model.first_day + (i * 30 + 3) / 7 * 7;
    }
    session.first_day = day;
    session.last_day = day + length;
    session.spacing = rhythm.days;
    session.frequency = names_rhythm ? rhythm.word : nullptr;
    session.edition = numbered ? from + i : 0;
    session.teams = SomeOf(model.teams, 0.8, 2);
    if (rng_.Chance(0.1))
      session.teams.push_back(
          rng_.Pick(world_.teams_of_country[world_.places[model.place].country]));
    if (std::find(session.teams.begin(), session.teams.end(), model.organiser) ==
        session.teams.end())
      session.teams.push_back(model.organiser);
    session.participants = std::max(5, model.participants + rng_.Between(-8, 8));
    session.reports = ClusterSize(5);
    if (rng_.Chance(0.1)) session.house = rng_.Below(world_.places[model.place].houses.size());
    group.sessions.push_back(std::move(session));
  }
  return group;
}

Group SessionMaker::Parallel() {
  Session model = Draw();
  model.last_day = model.first_day;
  model.online = false;
  const bool one_event = rng_.Chance(0.55);
  const int count = rng_.Between(2, 4);
  // Who is in one session is mostly not in the other.
  std::vector<size_t> around = world_.teams_of_country[world_.places[model.place].country];
  rng_.Shuffle(around);
  Group group;
  for (int i = 0; i < count; ++i) {
    Session session = model;
    session.spacing = 1;
    session.teams.clear();
    const size_t teams = static_cast<size_t>(rng_.Between(2, 4));
    for (size_t k = 0; k < teams; ++k)
      session.teams.push_back(around[(static_cast<size_t>(i) * 4 + k) % around.size()]);
    if (one_event) {
      session.letter = i + 1;
      if (rng_.Chance(0.5) && session.teams[0] != model.organiser)
        session.teams.push_back(model.organiser);
    } else {
      session.theme = i == 0 ? model.theme : AnotherTheme(model.theme);
      session.meeting = rng_.Below(world_.vocabulary->meetings.size());
      session.house = rng_.Below(world_.places[model.place].houses.size());
      session.organiser = session.teams[0];
      session.brand = {};
      session.title_pattern = static_cast<int>(rng_.Below(1 << 20));
      session.issue = world_.issue_of_theme[session.theme];
      session.unregistered_teams.clear();
    }
    std::sort(session.teams.begin(), session.teams.end());
    session.teams.erase(std::unique(session.teams.begin(), session.teams.end()),
                        session.teams.end());
    session.participants = rng_.Between(6, 45);
    session.reports = ClusterSize(5);
    group.sessions.push_back(std::move(session));
  }
  return group;
}

Group SessionMaker::Roadshow() {
  Session model = Draw();
  model.last_day = model.first_day;
  model.online = false;
  std::vector<size_t> towns = world_.places_of_country[world_.places[model.place].country];
  rng_.Shuffle(towns);
  const size_t count = std::min<size_t>(towns.size(), static_cast<size_t>(rng_.Between(3, 6)));
  const int step = rng_.Between(0, 3);
  Group group;
  for (size_t i = 0; i < count; ++i) {
    Session session = model;
    session.place = towns[i];
    session.house = rng_.Below(world_.places[session.place].houses.size());
    session.first_day = session.last_day = model.first_day + static_cast<int>(i) * step;
    session.spacing = std::max(1, step);
    session.teams = {model.organiser};
    const int locals = rng_.Between(1, 3);
    for (int k = 0; k < locals; ++k) {
      const size_t team = rng_.Pick(world_.teams_of_country[world_.places[model.place].country]);
      if (std::find(session.teams.begin(), session.teams.end(), team) == session.teams.end())
        session.teams.push_back(team);
    }
    session.unregistered_teams.clear();
    session.participants = rng_.Between(10, 80);
    session.reports = ClusterSize(5);
    group.sessions.push_back(std::move(session));
  }
  return group;
}

Group SessionMaker::Conference() {
  Session whole = Draw();
  whole.online = false;
  whole.last_day = whole.first_day + rng_.Between(1, 3);
  while (whole.teams.size() < 5) {
    const size_t team = rng_.Below(world_.teams.size());
    if (std::find(whole.teams.begin(), whole.teams.end(), team) == whole.teams.end())
      whole.teams.push_back(team);
  }
  whole.participants = rng_.Between(80, 300);
  whole.spacing = 1;
  whole.brand = rng_.Chance(0.5) ? rng_.Pick(world_.vocabulary->brands) : std::string_view();
  Group group;
  group.conference = true;
  const bool themed = rng_.Chance(0.7);
  const int parts = rng_.Between(2, 5);
  group.sessions.push_back(whole);
  std::vector<size_t> themes = {whole.theme};
  for (int i = 0; i < parts; ++i) {
    Session part = whole;
    part.first_day = part.last_day = rng_.Between(whole.first_day, whole.last_day);
    part.brand = {};
    if (themed) {
      while (std::find(themes.begin(), themes.end(), part.theme) != themes.end())
        part.theme = AnotherTheme(whole.theme);
      themes.push_back(part.theme);
      part.meeting = rng_.Below(world_.vocabulary->meetings.size());
      part.title_pattern = static_cast<int>(rng_.Below(1 << 20));
      part.issue = rng_.Chance(0.6) ? whole.issue : world_.issue_of_theme[part.theme];
    } else {
      part.part = i + 1;
    }
    part.teams = SomeOf(whole.teams, 0.5, 2);
    part.organiser = rng_.Chance(0.5) ? whole.organiser : part.teams[0];
    part.participants = rng_.Between(10, 60);
    part.reports = ClusterSize(4);
    group.sessions.push_back(std::move(part));
  }
  return group;
}

Group SessionMaker::DaysApart() {
  Session first = Draw();
  Group group;
  const int count = rng_.Between(2, 3);
  int day = first.first_day;
  for (int i = 0; i < count; ++i) {
    Session session = first;
    if (i > 0) {
      session.theme = AnotherTheme(first.theme);
      session.meeting = rng_.Below(world_.vocabulary->meetings.size());
      session.title_pattern = static_cast<int>(rng_.Below(1 << 20));
      session.brand = {};
      session.issue = rng_.Chance(0.5) ? first.issue : world_.issue_of_theme[session.theme];
      session.teams = SomeOf(first.teams, 0.8, 2);
    }
    session.first_day = day;
    session.last_day = day + (first.last_day - first.first_day > 1 ? 1 : 0);
    session.spacing = 2;
    session.participants = std::max(5, first.participants + rng_.Between(-10, 10));
    session.reports = ClusterSize(5);
    day = session.last_day + rng_.Between(2, 5);
    group.sessions.push_back(std::move(session));
  }
  return group;
}

Group SessionMaker::Interview() {
  Group group = rng_.Chance(0.5) ? Series() : DaysApart();
  if (group.sessions.size() > 5) group.sessions.resize(5);
  group.one_interview = true;
  return group;
}

void SessionMaker::Finish(Group& group) {
  // Who comes, and how long it takes, is much the same within a group.
  const double share_of_women = 0.1 + 0.8 * rng_.Unit();
  const int usual_minutes = 30 * rng_.Between(3, 12);
  for (Session& session : group.sessions) {
    const double share = share_of_women + 0.2 * (rng_.Unit() - 0.5);
    session.women =
        std::clamp(static_cast<int>(session.participants * share), 0, session.participants);
    const int days = session.last_day - session.first_day + 1;
    session.minutes = days * (rng_.Chance(0.6) ? usual_minutes : 30 * rng_.Between(3, 12));
    std::string number = std::to_string(++made_);
    number.insert(0, 8 - std::min<size_t>(8, number.size()), '0');
    session.id = "S" + number;
    ++made_of_[static_cast<int>(session.scenario)];
    if (rng_.Chance(0.25)) {
      for (int i = 0; i < 4; ++i) {
        uint64_t word = rng_.Next();
        for (int k = 0; k < 8; ++k, word >>= 8)
          session.minutes_file += static_cast<char>(word & 0xff);
      }
    }
    if (rng_.Chance(0.3)) {
      session.minutes_reference = "MIN/" + std::to_string(2024 + rng_.Below(3)) + "/" +
                                  std::to_string(rng_.Between(100, 99999));
    }
  }
}

Group SessionMaker::Next() {
  const Scenario scenario = Scarcest();
  Group group;
  switch (scenario) {
    case Scenario::kPlain:
      group = Plain();
      break;
    case Scenario::kSeries:
      group = Series();
      break;
    case Scenario::kParallel:
      group = Parallel();
      break;
    case Scenario::kRoadshow:
      group = Roadshow();
      break;
    case Scenario::kConference:
      group = Conference();
      break;
    case Scenario::kDaysApart:
      group = DaysApart();
      break;
    case Scenario::kInterview:
      group = Interview();
      break;
  }
  if (static_cast<int64_t>(group.sessions.size()) > wanted_ - made_)
    group.sessions.resize(static_cast<size_t>(wanted_ - made_));
  for (Session& session : group.sessions) session.scenario = scenario;
  Finish(group);
  return group;
}

}  // namespace baraza::testdata
