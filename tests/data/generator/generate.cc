#include "tests/data/generator/generate.h"

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tests/data/generator/reporter.h"
#include "tests/data/generator/rng.h"
#include "tests/data/generator/sessions.h"
#include "tests/data/generator/world.h"

namespace baraza::testdata {
namespace {

// Reports of one session do not come one after another: they are drawn from so many that wait.
constexpr size_t kWaiting = 2000;

std::string_view NameOf(Scenario scenario, bool several_languages) {
  switch (scenario) {
    case Scenario::kPlain:
      return several_languages ? "cross_language" : "plain";
    case Scenario::kSeries:
      return "series";
    case Scenario::kParallel:
      return "parallel";
    case Scenario::kRoadshow:
      return "roadshow";
    case Scenario::kConference:
      return "conference";
    case Scenario::kDaysApart:
      return "days_apart";
    case Scenario::kInterview:
      return "interview";
  }
  return "";
}

}  // namespace

int64_t Generate(const GenerateOptions& options, const GenerateOutput& output) {
  Rng rng(options.seed);
  const World world = MakeWorld(*options.vocabulary, options.sessions, rng);
  *output.register_ << RegisterLines(world);
  *output.truth << "report_id,session_id\n";
  *output.scenarios << "session_id,scenario\n";
  SessionMaker maker(world, options.sessions, rng);
  Reporter reporter(world, options.noise, rng);
  std::vector<std::pair<std::string, std::string>> waiting;  // report, line of the truth
  const auto release = [&] {
    const size_t at = rng.Below(waiting.size());
    *output.reports << waiting[at].first << "\n";
    *output.truth << waiting[at].second << "\n";
    std::swap(waiting[at], waiting.back());
    waiting.pop_back();
  };
  int64_t reports = 0;
  std::string sources;
  while (!maker.Done()) {
    const Group group = maker.Next();
    sources.clear();
    std::vector<WrittenReport> written = reporter.Write(group, sources);
    *output.register_ << sources;
    reports += static_cast<int64_t>(written.size());
    size_t at = 0;
    for (const Session& session : group.sessions) {
      bool several_languages = false;
      const Language first = written[at].language;
      for (; at < written.size() && written[at].session_id == session.id; ++at) {
        several_languages = several_languages || written[at].language != first;
      }
      *output.scenarios << session.id << "," << NameOf(session.scenario, several_languages) << "\n";
    }
    for (WrittenReport& report : written) {
      waiting.emplace_back(std::move(report.json), report.id + "," + report.session_id);
      if (waiting.size() > kWaiting) release();
    }
  }
  while (!waiting.empty()) release();
  return reports;
}

}  // namespace baraza::testdata
