#ifndef BARAZA_TESTS_DATA_GENERATOR_SESSIONS_H_
#define BARAZA_TESTS_DATA_GENERATOR_SESSIONS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/data/generator/noise.h"
#include "tests/data/generator/rng.h"
#include "tests/data/generator/world.h"

namespace baraza::testdata {

enum class Scenario {
  kPlain,       // one occasion, on its own
  kSeries,      // weekly, monthly, quarterly or yearly under one title, same place and teams
  kParallel,    // on one day in one town: of one event, or of several
  kRoadshow,    // one title, another town each time
  kConference,  // a whole of several days and its parts
  kDaysApart,   // the same teams in the same place a few days later, about something else
  kInterview,   // one interview tells of several
};
inline constexpr int kScenarioCount = 7;

// What really took place.
struct Session {
  std::string id;
  Scenario scenario = Scenario::kPlain;
  size_t place = 0;
  size_t house = 0;
  bool online = false;
  int first_day = 0;
  int last_day = 0;
  // Days to the nearest session of the same group that could be taken for it; 0: there is none.
  int spacing = 0;

  size_t theme = 0;
  size_t meeting = 0;
  size_t group = 0;  // with whom
  std::string_view brand;
  int title_pattern = 0;
  const Phrase* frequency = nullptr;
  int edition = 0;  // of a numbered series; 0: not numbered
  int letter = 0;   // of a parallel session; 0: none
  int part = 0;

  std::vector<size_t> teams;
  std::vector<std::string> unregistered_teams;
  size_t organiser = 0;
  size_t issue = 0;
  int participants = 0;
  int women = 0;  // among them
  int minutes = 0;
  int reports = 1;
  // SHA-256 of the minutes' file, and the reference that the minutes bear; empty: none were made.
  std::string minutes_file;
  std::string minutes_reference;
};

// Sessions that belong together, and so could be mixed up.
struct Group {
  std::vector<Session> sessions;
  // The first one is the whole, the others are its parts.
  bool conference = false;
  // All are told of in one interview.
  bool one_interview = false;
};

// Makes groups, one after another, until `sessions` are made, keeping to each scenario's share.
class SessionMaker {
 public:
  SessionMaker(const World& world, int64_t sessions, Rng& rng)
      : world_(world), wanted_(sessions), rng_(rng) {}

  bool Done() const { return made_ >= wanted_; }
  Group Next();

 private:
  Session Draw();
  Group Plain();
  Group Series();
  Group Parallel();
  Group Roadshow();
  Group Conference();
  Group DaysApart();
  Group Interview();

  void Finish(Group& group);
  int ClusterSize(int at_most);
  std::vector<size_t> SomeOf(const std::vector<size_t>& from, double share, size_t at_least);
  size_t AnotherTheme(size_t theme);
  Scenario Scarcest();

  const World& world_;
  const int64_t wanted_;
  Rng& rng_;
  int64_t made_ = 0;
  int64_t made_of_[kScenarioCount] = {};
};

}  // namespace baraza::testdata

#endif  // BARAZA_TESTS_DATA_GENERATOR_SESSIONS_H_
