// The command line as a person or a script meets it, with the test for a shell: no process, no
// network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client_lib/cli/cli.h"
#include "client_lib/cli/json_input.h"
#include "client_lib/client.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "google/protobuf/util/json_util.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kSecret[] = "CANARY-credential";

class RunTest : public ::testing::Test {
 protected:
  struct Result {
    int code;
    std::string out;
    std::string err;
  };

  Result Run(std::vector<std::string> arguments, const std::string& input = "",
             bool terminal = false) {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    const CliEnvironment environment{in,
                                     out,
                                     err,
                                     terminal,
                                     terminal,
                                     terminal,
                                     [this](const std::string& name) -> std::optional<std::string> {
                                       const auto it = variables_.find(name);
                                       if (it == variables_.end()) return std::nullopt;
                                       return it->second;
                                     },
                                     clock_,
                                     random_};
    const int code = RunCli(arguments, environment);
    EXPECT_THAT(out.str(), Not(HasSubstr(kSecret)));
    EXPECT_THAT(err.str(), Not(HasSubstr(kSecret)));
    return {code, out.str(), err.str()};
  }

  // As the server would have bound it; the address refuses.
  void Enrol() {
    Client::Options options;
    options.path = database_;
    options.clock = &clock_;
    options.random = &random_;
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Client> client, Client::Open(options));
    v1::EnrolResponse response;
    response.set_credential(kSecret);
    response.set_credential_id("crd_1");
    response.set_server_epoch("epoch");
    v1::Membership& member = *response.mutable_membership();
    member.set_programme_id(MintId("prg", clock_, random_));
    member.set_person_id(MintId("per", clock_, random_));
    member.set_team_id(MintId("tem", clock_, random_));
    member.set_organisation_id(MintId("org", clock_, random_));
    member.set_role(v1::ROLE_COLLECTOR);
    member.mutable_scope()->set_team_id(member.team_id());
    ASSERT_OK(client->Bind(response, "127.0.0.1:1", ""));
  }

  template <typename Message>
  Message Parse(const std::string& json) {
    Message message;
    const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
    EXPECT_TRUE(status.ok()) << status.ToString() << ": " << json;
    return message;
  }

  static std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

  // The id that a capture printed.
  std::string Capture(std::vector<std::string> arguments) {
    const Result result = Run(std::move(arguments));
    EXPECT_EQ(result.code, 0) << result.err;
    return FirstLine(result.out);
  }

  test::TempDir directory_;
  const std::string database_ = directory_.File("device.db");
  std::map<std::string, std::string> variables_ = {{"BARAZA_DB", database_}};
  FakeClock clock_;
  SeededRandom random_{42};
};

TEST_F(RunTest, HelpTeachesWithExamplesAndNamesExitCodes) {
  const Result help = Run({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, AllOf(HasSubstr("A first day:"), HasSubstr("Exit codes:"),
                              HasSubstr("On a device"), HasSubstr("For the office")));
  for (const char* command :
       {"enrol",  "source",  "capture",    "draft",  "edit",      "void",       "follow-ups",
        "hints",  "sync",    "quarantine", "count",  "explain",   "review",     "endorse",
        "return", "publish", "restate",    "export", "programme", "enrol-code", "credentials"}) {
    const Result one = Run({command, "--help"});
    EXPECT_EQ(one.code, 0) << command;
    EXPECT_THAT(one.out, HasSubstr("Example")) << command;
  }
}

TEST_F(RunTest, WhoeverAnswersASampleIsShownTheReportsAndNotTheScore) {
  EXPECT_THAT(Run({"review", "--help"}).out, HasSubstr("baraza review drawn rvs_..."));
  const Result help = Run({"review", "drawn", "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, AllOf(HasSubstr("baraza review drawn rvs_..."),
                              HasSubstr("Answer before you look at baraza explain")));
}

TEST_F(RunTest, AWrongCommandLineIsUsage) {
  EXPECT_EQ(Run({}).code, 2);
  EXPECT_EQ(Run({"frobnicate"}).code, 2);
  EXPECT_EQ(Run({"capture", "--no-such-option"}).code, 2);
  EXPECT_EQ(Run({"count"}).code, 2);
  EXPECT_EQ(Run({"--timeout", "0", "status"}).code, 2);
  EXPECT_EQ(Run({"follow-ups", "answer", "q", "--yes", "--no"}).code, 2);
}

TEST_F(RunTest, BeforeEnrolmentEveryCommandSaysHowToEnrol) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"capture", "--title", "x"},
                                             {"source", "--kind", "document"},
                                             {"sync"},
                                             {"edit", "rep_1", "--title", "x"},
                                             {"count", "--period", "2026"},
                                             {"sessions"},
                                             {"endorse", "rep_1"},
                                             {"follow-ups"}}) {
    const Result result = Run(arguments);
    EXPECT_EQ(result.code, 4) << arguments[0];
    EXPECT_THAT(result.err, HasSubstr("baraza enrol")) << arguments[0];
    EXPECT_THAT(result.out, IsEmpty()) << arguments[0];
  }
  const Result status = Run({"status"});
  EXPECT_EQ(status.code, 0);
  EXPECT_THAT(status.err, HasSubstr("baraza enrol"));
}

TEST_F(RunTest, AWrongCodeIsRefusedWithoutRepeatingIt) {
  for (const char* code : {"baraza1:SECRETSECRET!", "SECRETSECRET", "baraza1:", ""}) {
    const Result result = Run({"enrol", "--code-file", "-"}, code);
    EXPECT_EQ(result.code, 3) << code;
    EXPECT_THAT(result.err, Not(HasSubstr("SECRETSECRET")));
  }
  EXPECT_EQ(Run({"enrol"}).code, 3);
}

TEST_F(RunTest, TheDatabaseIsItsOwnersAlone) {
  variables_ = {{"XDG_DATA_HOME", directory_.File("data")}};
  EXPECT_EQ(Run({"status"}).code, 0);
  struct stat info;
  ASSERT_EQ(stat(directory_.File("data/baraza/baraza.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(stat(directory_.File("data/baraza").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  variables_.clear();
  EXPECT_EQ(Run({"status"}).code, 3);
  EXPECT_EQ(Run({"--db", directory_.File("other.db"), "status"}).code, 0);
}

TEST_F(RunTest, CapturesWithoutANetworkAndSyncSaysThatItIsKept) {
  Enrol();
  const std::string source =
      Capture({"source", "--kind", "interview", "--date", "2026-07-15", "--informant", "KII-07",
               "--informant-name", "Zainabu", "--claims", "about 7", "--claims-period", "2026-Q2"});
  EXPECT_THAT(source, StartsWith("src_"));
  const std::string report = Capture({"capture",
                                      "--source",
                                      source,
                                      "--title",
                                      "Learning Circle",
                                      "--date",
                                      "2026-05-07",
                                      "--held",
                                      "held",
                                      "--team",
                                      "Ocean Friends",
                                      "--present",
                                      "yes",
                                      "--participants",
                                      "24",
                                      "--country",
                                      "ke",
                                      "--learned",
                                      "yes",
                                      "--topic",
                                      "boundaries"});
  EXPECT_THAT(report, StartsWith("rep_"));

  const Result status = Run({"status", "--json"});
  EXPECT_EQ(Parse<v1::ClientStatus>(status.out).outbox(), 2u);
  const Result shown = Run({"show", report, "--json"});
  const auto record = Parse<v1::ClientRecord>(shown.out);
  const v1::SessionReport& captured = record.record().session_report();
  EXPECT_EQ(captured.title().text(), "Learning Circle");
  EXPECT_EQ(captured.venue().country(), "KE");
  EXPECT_EQ(captured.participants().total(), 24u);
  EXPECT_EQ(captured.participating_teams(0).unregistered_name(), "Ocean Friends");
  EXPECT_EQ(captured.citations(0).source_id(), source);
  EXPECT_EQ(captured.experiences_shared(), v1::YES_NO_UNSPECIFIED);
  EXPECT_TRUE(record.pending());

  const auto kept = Parse<v1::ClientRecord>(Run({"show", source, "--json"}).out);
  EXPECT_EQ(kept.local().source().informant_name(), "Zainabu");
  EXPECT_EQ(kept.record().source().claimed_counts(0).at_most(), 7u);
  EXPECT_TRUE(kept.record().source().claimed_counts(0).approximate());
  EXPECT_EQ(kept.record().source().claimed_counts(0).period_end(), "2026-06-30");

  const Result sync = Run({"sync", "--attempts", "1"});
  EXPECT_EQ(sync.code, 5) << sync.err;
  EXPECT_THAT(sync.err, HasSubstr("kept"));
  EXPECT_EQ(Parse<v1::ClientStatus>(Run({"status", "--json"}).out).outbox(), 2u);
}

TEST_F(RunTest, WrongValuesNameTheOption) {
  Enrol();
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"capture", "--date", "2026-02-30"}, "--date"},
      {{"capture", "--held", "perhaps"}, "--held"},
      {{"capture", "--participants", "many"}, "--participants"},
      {{"capture", "--learned", "some"}, "--learned"},
      {{"capture", "--mode", "pigeon"}, "--mode"},
      {{"capture", "--participants", "10", "--women", "11"}, "women"},
      {{"source", "--kind", "rumour"}, "--kind"},
      {{"source", "--kind", "document", "--date", "2026-02-30"}, "date"},
      {{"capture"}, "nobody to ask"},
  };
  for (const auto& [arguments, expected] : cases) {
    const Result result = Run(arguments);
    EXPECT_EQ(result.code, 3) << result.err;
    EXPECT_THAT(result.err, HasSubstr(expected));
  }
  EXPECT_EQ(Parse<v1::ClientStatus>(Run({"status", "--json"}).out).outbox(), 0u);
}

TEST_F(RunTest, OfAFileTheGoodRecordsGoThrough) {
  Enrol();
  const std::string keys = directory_.File("keys.json");
  test::WriteFile(keys, "{}");
  const std::string file = directory_.File("device.json");
  test::WriteFile(file, R"({"sources": [
    {"key": "@s", "record": {"source": {"kind": "SOURCE_KIND_DOCUMENT", "date": "2026-05-01"}},
     "reports": [
      {"key": "@good", "record": {"sessionReport": {"citations": [{"elementId": "c1", "sourceId": "@s"}]}}},
      {"key": "@bad", "record": {"sessionReport": {"dates": {"earliest": "2026-02-30"}}}},
      {"key": "@lost", "record": {"sessionReport": {"issueId": "@nowhere"}}},
      {"key": "@last", "record": {"sessionReport": {"partOf": {"reportId": "@good"}}}}]}]})");
  const Result result = Run({"capture", "--file", file, "--keys", keys});
  EXPECT_EQ(result.code, 3);
  EXPECT_THAT(result.err, AllOf(HasSubstr("@bad"), HasSubstr("earliest"), HasSubstr("@nowhere"),
                                HasSubstr("Captured 3 records; 2 are wrong")));
  ASSERT_OK_AND_ASSIGN(const KeyMap ids, ParseKeys(test::ReadFile(keys)));
  EXPECT_EQ(ids.size(), 3u);
  const auto good = Parse<v1::ClientRecord>(Run({"show", ids.at("@good"), "--json"}).out);
  EXPECT_EQ(good.record().session_report().citations(0).source_id(), ids.at("@s"));
  const auto last = Parse<v1::ClientRecord>(Run({"show", ids.at("@last"), "--json"}).out);
  EXPECT_EQ(last.record().session_report().part_of().report_id(), ids.at("@good"));
  // A second run goes on where the first one stopped.
  EXPECT_THAT(Run({"capture", "--file", file, "--keys", keys}).err,
              HasSubstr("Captured 0 records; 3 were captured before"));
}

TEST_F(RunTest, AFileThatIsNotJsonIsRefused) {
  Enrol();
  EXPECT_EQ(Run({"capture", "--file", directory_.File("none")}).code, 7);
  EXPECT_EQ(Run({"capture", "--file", directory_.path()}).code, 3);
  EXPECT_EQ(Run({"capture", "--file", "-"}, "{\"sessionReport\": ").code, 3);
  EXPECT_EQ(Run({"capture", "--file", "-"}, "").code, 3);
  const Result json = Run({"--json", "capture", "--file", "-"}, "no json");
  EXPECT_EQ(json.code, 3);
  EXPECT_THAT(json.err, AllOf(StartsWith("{"), HasSubstr("\"exitCode\":3")));
}

TEST_F(RunTest, EditsVoidsAndLists) {
  Enrol();
  const std::string id = Capture({"capture", "--title", "Circle", "--date", "2026-05"});
  EXPECT_EQ(Run({"edit", id, "--learned", "no", "--set", "venue.locality=Kilifi"}).code, 0);
  auto record = Parse<v1::ClientRecord>(Run({"show", id, "--json"}).out);
  EXPECT_EQ(record.record().session_report().learned_from_each_other(), v1::YES_NO_NO);
  EXPECT_EQ(record.record().session_report().venue().locality(), "Kilifi");
  EXPECT_EQ(record.record().session_report().title().text(), "Circle");
  // Nothing to change, no such record, no such field.
  EXPECT_EQ(Run({"edit", id, "--learned", "no"}).code, 8);
  EXPECT_EQ(Run({"edit", MintId("rep", clock_, random_), "--title", "x"}).code, 7);
  EXPECT_EQ(Run({"edit", id, "--set", "venu.locality=x"}).code, 3);

  EXPECT_THAT(Run({"list"}).out, AllOf(HasSubstr("Circle"), HasSubstr("2026-05")));
  EXPECT_EQ(Run({"void", id, "--reason", "twice"}).code, 0);
  EXPECT_THAT(Run({"list"}).out, IsEmpty());
  EXPECT_THAT(Run({"list", "--voided"}).out, HasSubstr("void"));
  EXPECT_EQ(Run({"void", id, "--undo"}).code, 0);
  EXPECT_THAT(Run({"list"}).out, HasSubstr("Circle"));
  EXPECT_EQ(Run({"list", "unicorns"}).code, 3);
}

TEST_F(RunTest, DraftsStayHereUntilTheyAreCaptured) {
  Enrol();
  const std::string draft = Capture({"draft", "save", "--title", "Half a thought"});
  EXPECT_EQ(Run({"draft", "save", "--id", draft, "--date", "2026-05"}).code, 0);
  EXPECT_THAT(Run({"draft", "list"}).out, AllOf(HasSubstr(draft), HasSubstr("Half a thought")));
  EXPECT_THAT(Run({"draft", "show", draft}).out, HasSubstr("2026-05-31"));
  EXPECT_EQ(Parse<v1::ClientStatus>(Run({"status", "--json"}).out).outbox(), 0u);
  const std::string report = Capture({"draft", "capture", draft});
  EXPECT_THAT(report, StartsWith("rep_"));
  EXPECT_THAT(Run({"draft", "list"}).out, IsEmpty());
  const std::string other = Capture({"draft", "save", "--title", "Never mind"});
  EXPECT_EQ(Run({"draft", "delete", other}).code, 0);
  EXPECT_EQ(Run({"draft", "delete", other}).code, 7);
}

TEST_F(RunTest, AsksAPersonAndAsksAgainWhenTheAnswerIsWrong) {
  Enrol();
  const std::string source = FirstLine(
      Run({"source"}, "hearsay\ninterview\n2026-07-15\nen\nKII-9\nZainabu\nyes\nno\nabout 7\n",
          /*terminal=*/true)
          .out);
  ASSERT_THAT(source, StartsWith("src_"));
  const Result asked = Run({"capture"},
                           "1\nminute 4\nCircle\n2026-02-30\n2026-05-07\nheld\n\nKilifi\nKE\n"
                           "Ocean Friends; Hill People\nyes\nyes\nunknown\n24\nwater; land\n\n"
                           "We met.\ncapture\n",
                           /*terminal=*/true);
  EXPECT_EQ(asked.code, 0) << asked.err;
  EXPECT_THAT(asked.err, HasSubstr("expected a date"));
  const auto record = Parse<v1::ClientRecord>(Run({"show", FirstLine(asked.out), "--json"}).out);
  const v1::SessionReport& report = record.record().session_report();
  EXPECT_EQ(report.citations(0).source_id(), source);
  EXPECT_EQ(report.dates().earliest(), "2026-05-07");
  EXPECT_EQ(report.participating_teams_size(), 2);
  EXPECT_EQ(report.learned_from_each_other(), v1::YES_NO_NOT_RECORDED);
  EXPECT_EQ(report.topics_size(), 2);
  EXPECT_EQ(report.learning_outcomes_size(), 0);
  // The input ends: nothing half-asked is captured.
  EXPECT_EQ(Run({"capture"}, "1\nminute 4\n", true).code, 130);
  EXPECT_EQ(Parse<v1::ClientStatus>(Run({"status", "--json"}).out).outbox(), 2u);
}

TEST_F(RunTest, ColoursAreForTerminalsAlone) {
  Enrol();
  const std::string id = Capture({"capture", "--title", "Circle"});
  EXPECT_THAT(Run({"show", id}).out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(Run({"show", id}, "", true).out, HasSubstr("\x1b[1m"));
}

TEST_F(RunTest, AnotherProgramsFileIsLeftAlone) {
  test::WriteFile(database_,
                  "this is not a database, and it is longer than a header of SQLite is "
                  "supposed to be, so that there is no doubt about it at all");
  const std::string before = test::ReadFile(database_);
  EXPECT_NE(Run({"status"}).code, 0);
  EXPECT_EQ(test::ReadFile(database_), before);
}

TEST_F(RunTest, HintsComeFromTheDevicesOwnReports) {
  Enrol();
  const std::vector<std::string> common = {"--date",    "2026-05-07",   "--place", "Kilifi",
                                           "--country", "KE",           "--held",  "held",
                                           "--team",    "Ocean Friends"};
  std::vector<std::string> first = {"capture", "--title", "Learning Circle of the coast"};
  first.insert(first.end(), common.begin(), common.end());
  const std::string one = Capture(first);
  const std::string two = Capture(first);
  const Result hints = Run({"hints", two});
  EXPECT_EQ(hints.code, 0);
  EXPECT_THAT(hints.out, HasSubstr(one));
  EXPECT_EQ(Run({"hints", two, "--same", one}).code, 0);
  const auto record = Parse<v1::ClientRecord>(Run({"show", two, "--json"}).out);
  ASSERT_EQ(record.record().session_report().hint_answers_size(), 1);
  EXPECT_EQ(record.record().session_report().hint_answers(0).answer(), v1::HintAnswer::ANSWER_SAME);
}

}  // namespace
}  // namespace baraza::client
