// The acceptance test of the product: the hand-written coalition of examples/ goes through the real
// programs (server on loopback, one device per collector, captured while the server is down, then
// synced), and what comes out is held against examples/expected.json, which was worked out by hand
// before any of this code existed.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "baraza/v1/client.pb.h"
#include "baraza/v1/figure.pb.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/session.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "tests/e2e/cli.h"
#include "tests/e2e/server_process.h"
#include "tests/e2e/snapshot.h"
#include "tests/testing/temp_dir.h"

namespace baraza::e2e {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Value;
using ::testing::HasSubstr;

using Reports = std::set<std::string>;

Value ReadJson(const std::string& path) {
  Value value;
  const auto status = google::protobuf::util::JsonStringToMessage(test::ReadFile(path), &value);
  EXPECT_TRUE(status.ok()) << path << ": " << status.ToString();
  return value;
}

const Value& At(const Value& object, const std::string& name) {
  static const Value* const nothing = new Value;
  const auto& fields = object.struct_value().fields();
  const auto found = fields.find(name);
  EXPECT_TRUE(found != fields.end()) << "expected.json has no " << name;
  return found == fields.end() ? *nothing : found->second;
}

std::set<std::string> Strings(const Value& list) {
  std::set<std::string> strings;
  for (const Value& value : list.list_value().values()) strings.insert(value.string_value());
  return strings;
}

class ExamplesTest : public ::testing::Test {
 protected:
  ExamplesTest()
      : server_(directory_.path()),
        admin_("admin", directory_.path()),
        keys_file_(directory_.File("keys.json")) {}

  // Record ids by the keys of examples/.
  std::map<std::string, std::string> Keys() const {
    std::map<std::string, std::string> keys;
    const Value json = ReadJson(keys_file_);
    for (const auto& [key, value] : json.struct_value().fields()) keys[key] = value.string_value();
    return keys;
  }

  test::TempDir directory_;
  ServerProcess server_;
  CommandLine admin_;
  const std::string keys_file_;
};

TEST_F(ExamplesTest, TheCoalitionIsCountedAsItWasByHand) {
  server_.Init();
  ASSERT_FALSE(HasFailure());
  ASSERT_TRUE(server_.Start());
  admin_.Enrol(server_.administrator_code(), server_.address());
  admin_.Ok({"programme", "load", "examples/programme.json", "--keys", keys_file_});
  ASSERT_FALSE(HasFailure());

  // Everybody enrols and fetches the register while there is a network.
  std::vector<CommandLine> devices;
  for (int number = 1; number <= 3; ++number) {
    const std::string file = absl::StrCat("examples/device-", number, ".json");
    const std::string person = Keys()[At(At(ReadJson(file), "device"), "person").string_value()];
    devices.emplace_back(absl::StrCat("device-", number), directory_.path());
    devices.back().Enrol(admin_.Ok({"enrol-code", person}), server_.address());
    devices.back().Ok({"sync"});
  }
  ASSERT_FALSE(HasFailure());
  EXPECT_EQ(server_.Stop().code, 0);

  // No network: sync says so and keeps everything, capture goes on.
  const RunResult offline = devices[0].Run({"sync", "--attempts", "1"});
  EXPECT_EQ(offline.ending.code, 5) << offline.err;
  EXPECT_THAT(offline.err, HasSubstr("kept"));
  uint32_t captured = 0;
  for (size_t i = 0; i < devices.size(); ++i) {
    devices[i].Ok({"capture", "--file", absl::StrCat("examples/device-", i + 1, ".json"), "--keys",
                   keys_file_});
    const auto status = devices[i].Json<v1::ClientStatus>({"status"});
    ASSERT_EQ(status.size(), 1u);
    EXPECT_GT(status[0].outbox(), 0u);
    captured += status[0].outbox();
  }
  ASSERT_FALSE(HasFailure());

  server_.ListenOnTheSamePort();
  ASSERT_TRUE(server_.Start());
  for (const CommandLine& device : devices) {
    device.Ok({"sync"});
    const auto status = device.Json<v1::ClientStatus>({"status"});
    ASSERT_EQ(status.size(), 1u);
    EXPECT_EQ(status[0].outbox(), 0u);
    EXPECT_EQ(status[0].quarantined(), 0u);
  }
  const std::map<std::string, std::string> keys = Keys();
  const Value expected = ReadJson("examples/expected.json");
  std::vector<std::string> endorse = {"endorse"};
  for (const std::string& key : Strings(At(expected, "endorsed"))) endorse.push_back(keys.at(key));
  admin_.Ok(endorse);
  ASSERT_FALSE(HasFailure());

  // How far the count has to have come is known from the file of a server at rest.
  EXPECT_EQ(server_.Stop().code, 0);
  int64_t position = 0;
  {
    Snapshot files(server_.ProgrammeFile(), directory_.path());
    EXPECT_EQ(files.Integrity(), "ok");
    position = files.Int("SELECT max(position) FROM log");
    EXPECT_EQ(files.Int("SELECT count(*) FROM quarantine"), 0);
    EXPECT_EQ(
        files.Int(absl::StrCat("SELECT count(DISTINCT record_id) FROM log WHERE record_type IN (",
                               v1::RECORD_TYPE_SESSION_REPORT, ", ", v1::RECORD_TYPE_SOURCE, ")")),
        captured);
  }
  ASSERT_TRUE(server_.Start());

  // --- Every report is in the session that it was in
  // ----------------------------------------------
  std::map<std::string, Reports> truth;            // Session's name -> report ids.
  std::map<Reports, std::string> name_of_cluster;  // The inverse.
  std::map<std::string, std::string> name_of_report;
  std::map<std::string, std::string> key_of;
  for (const auto& [key, id] : keys) key_of[id] = key;
  for (const Value& session : At(expected, "sessions").list_value().values()) {
    const std::string name = At(session, "session").string_value();
    for (const std::string& key : Strings(At(session, "reports"))) {
      truth[name].insert(keys.at(key));
      name_of_report[keys.at(key)] = name;
    }
    name_of_cluster[truth[name]] = name;
  }
  // Waits for the projection first.
  admin_.Ok({"count", "--indicator", keys.at("@indicator-nordlys"), "--period", "2026-Q2",
             "--brief", "--min-log-position", absl::StrCat(position)});
  std::set<Reports> clusters;
  for (const v1::Session& session : admin_.Json<v1::Session>({"sessions"})) {
    Reports reports;
    std::string line;
    for (const v1::SessionMember& member : session.members()) {
      reports.insert(member.report_id());
      absl::StrAppend(&line, " ", key_of[member.report_id()], " (",
                      name_of_report[member.report_id()], ")");
    }
    EXPECT_TRUE(name_of_cluster.count(reports) > 0) << "no such session:" << line;
    clusters.insert(reports);
  }
  EXPECT_EQ(clusters.size(), truth.size());

  // --- Every figure ------------------------------------------------------------------------------
  const auto name_of = [&](const v1::FigureSession& session) {
    const Reports reports(session.report_ids().begin(), session.report_ids().end());
    const auto found = name_of_cluster.find(reports);
    return found == name_of_cluster.end() ? absl::StrCat("?", key_of[session.session_id()])
                                          : found->second;
  };
  for (const Value& wanted : At(expected, "figures").list_value().values()) {
    const std::string indicator = At(wanted, "indicator").string_value();
    const std::string period = At(wanted, "period").string_value();
    SCOPED_TRACE(absl::StrCat(indicator, " ", period));
    const auto answers = admin_.Json<v1::Figure>(
        {"count", "--indicator", keys.at(indicator), "--period", period, "--as-of",
         At(expected, "as_of").string_value(), "--min-log-position", absl::StrCat(position)});
    ASSERT_EQ(answers.size(), 1u);
    const v1::Figure& figure = answers[0];
    EXPECT_EQ(figure.value(), At(wanted, "value").number_value());
    // Doubt about a pair may widen the range, never move it past the truth.
    EXPECT_LE(figure.low(), figure.value());
    EXPECT_LE(figure.value(), figure.high());
    EXPECT_LE(figure.low(), At(wanted, "low").number_value());
    EXPECT_GE(figure.high(), At(wanted, "high").number_value());

    std::set<std::string> counted;
    for (const v1::FigureSession& session : figure.counted()) counted.insert(name_of(session));
    EXPECT_EQ(counted, Strings(At(wanted, "counted")));

    std::set<std::string> waiting;
    for (const v1::FigureSession& session : figure.waiting_for_stage()) {
      waiting.insert(name_of(session));
    }
    EXPECT_EQ(waiting, Strings(At(wanted, "waiting_for_endorsement")));

    // The reason that was found by hand is among those given.
    std::map<std::string, std::set<std::string>> excluded;
    for (const v1::FigureSession& session : figure.excluded()) {
      for (const v1::CodedText& reason : session.reasons()) {
        excluded[name_of(session)].insert(reason.code());
      }
    }
    EXPECT_EQ(excluded.size(), static_cast<size_t>(figure.excluded_size()));
    std::set<std::string> excluded_by_hand;
    for (const Value& entry : At(wanted, "excluded").list_value().values()) {
      const std::string name = At(entry, "session").string_value();
      excluded_by_hand.insert(name);
      EXPECT_EQ(excluded[name].count(At(entry, "reason").string_value()), 1u)
          << name << ": " << ::testing::PrintToString(excluded[name]);
    }
    for (const auto& [name, reasons] : excluded) {
      EXPECT_EQ(excluded_by_hand.count(name), 1u) << name << " should not be excluded";
    }

    std::map<std::string, std::set<std::string>> undetermined;
    std::map<std::string, std::set<std::string>> questions;
    for (const v1::FigureSession& session : figure.undetermined()) {
      const std::string name = name_of(session);
      undetermined[name];
      for (const v1::CodedText& reason : session.reasons()) {
        undetermined[name].insert(reason.code());
      }
      for (const v1::OpenQuestion& question : session.questions()) {
        questions[name].insert(question.question().code());
      }
    }
    std::set<std::string> undetermined_by_hand;
    for (const Value& entry : At(wanted, "undetermined").list_value().values()) {
      const std::string name = At(entry, "session").string_value();
      undetermined_by_hand.insert(name);
      EXPECT_EQ(undetermined[name].count(At(entry, "reason").string_value()), 1u)
          << name << ": " << ::testing::PrintToString(undetermined[name]);
      EXPECT_EQ(questions[name].count(At(entry, "question").string_value()), 1u)
          << name << ": " << ::testing::PrintToString(questions[name]);
    }
    for (const auto& [name, reasons] : undetermined) {
      EXPECT_EQ(undetermined_by_hand.count(name), 1u) << name << " should not be undetermined";
    }

    std::set<std::string> claims;
    for (const v1::Claim& claim : figure.claims()) claims.insert(key_of[claim.source_id()]);
    EXPECT_EQ(claims, Strings(At(wanted, "claims")));
    const Value& participants = At(wanted, "participants");
    EXPECT_EQ(figure.qualitative().sessions_with_participants(),
              At(participants, "sessions").number_value());
    EXPECT_EQ(figure.qualitative().attendances(), At(participants, "attendances").number_value());

    // The sentence, in all five languages.
    std::set<std::string> languages;
    for (const v1::LocalText& sentence : figure.sentence().values()) {
      EXPECT_FALSE(sentence.text().empty());
      languages.insert(sentence.language());
    }
    EXPECT_EQ(languages, (std::set<std::string>{"cs", "en", "es", "fr", "pt"}));
  }

  // What both donors count is said.
  const Value& both = At(expected, "both_indicators_count");
  for (const auto& [period, sessions] : both.struct_value().fields()) {
    const auto answers =
        admin_.Json<v1::Figure>({"count", "--indicator", keys.at("@indicator-nordlys"), "--period",
                                 period, "--as-of", At(expected, "as_of").string_value()});
    ASSERT_EQ(answers.size(), 1u);
    uint32_t overlap = 0;
    for (const v1::Overlap& other : answers[0].overlaps()) {
      if (other.indicator_id() == keys.at("@indicator-rivages")) overlap = other.sessions();
    }
    EXPECT_EQ(overlap, Strings(sessions).size()) << period;
  }

  // Nothing that stays on a device, and no account of anybody, is in the log.
  EXPECT_EQ(server_.Stop().code, 0);

  // A prior of its own: estimated while no server runs, adopted by the office, in force at once.
  const RunResult prior = server_.Command({"model", "prior"});
  EXPECT_EQ(prior.ending.code, 0) << prior.err;
  const size_t record = prior.out.find("{\"modelAdoption\"");
  ASSERT_NE(record, std::string::npos) << prior.out;
  const std::string adoption = prior.out.substr(record, prior.out.find("'", record) - record);
  ASSERT_TRUE(server_.Start());
  EXPECT_EQ(admin_.Run({"programme", "create"}, adoption).ending.code, 0);
  EXPECT_THAT(admin_.Ok({"programme", "list", "ModelAdoption"}), HasSubstr("fitted-"));
  EXPECT_EQ(server_.Stop().code, 0);
  EXPECT_EQ(server_.Command({"verify"}).ending.code, 0);

  const std::string log = server_.Log();
  for (const char* content : {"Kisauni", "Mombasa", "Learning Circle", "Amina"}) {
    EXPECT_EQ(log.find(content), std::string::npos) << content;
  }
}

}  // namespace
}  // namespace baraza::e2e
