#ifndef BARAZA_TESTS_DATA_GENERATOR_REPORTER_H_
#define BARAZA_TESTS_DATA_GENERATOR_REPORTER_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/data/generator/noise.h"
#include "tests/data/generator/rng.h"
#include "tests/data/generator/sessions.h"
#include "tests/data/generator/world.h"

namespace baraza::testdata {

struct WrittenReport {
  std::string id;
  std::string session_id;
  std::string json;  // a SessionReport in proto3 JSON, one line
  Language language = kEnglish;
};

// Writes the reports of sessions as teams would: each in its language, each with its own gaps and
// slips. Sources that reports cite come out as register lines.
class Reporter {
 public:
  Reporter(const World& world, const Noise& noise, Rng& rng)
      : world_(world), noise_(noise), rng_(rng) {}

  // All reports of the group, and the sources they cite (JSON lines, appended).
  std::vector<WrittenReport> Write(const Group& group, std::string& sources);

 private:
  struct Told {
    std::string report_id;
    size_t team;
    std::string author;
  };

  // `told`: by session of the group, the reports on it so far; the new one is appended.
  WrittenReport WriteOne(const Group& group, size_t index, std::vector<std::vector<Told>>& told,
                         const std::string& interview, std::string& sources);
  std::string Title(const Session& session, Language language);
  std::string TownName(const Place& place);
  std::string Dates(const Session& session);
  std::string Venue(const Session& session, Language language);
  std::string Teams(const Session& session, size_t reporting);
  std::string TeamByName(const RegisteredTeam& team);
  std::string Participants(const Session& session);
  int Minutes(const Session& session);
  // A text of that pattern, about the session's theme or what struck one of them besides.
  std::string OwnWords(const Session& session, std::string_view pattern, Language language);
  std::string Citation(const Group& group, size_t index, const std::string& interview, size_t team,
                       Language language, std::string& sources);
  std::string Text(std::string text);  // with the report's habits
  std::string LocalText(const std::string& text, Language language);

  const World& world_;
  const Noise& noise_;
  Rng& rng_;
  // Habits of whoever writes the report at hand.
  bool no_diacritics_ = false;
  bool upper_case_ = false;
  bool untagged_ = false;
};

}  // namespace baraza::testdata

#endif  // BARAZA_TESTS_DATA_GENERATOR_REPORTER_H_
