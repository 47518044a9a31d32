// The hand-written coalition in examples/ held against its hand-worked truth, with the sessions
// given: consolidation, qualification and figures without a matcher.

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "baraza/v1/record.pb.h"
#include "core/indicator/figure.h"
#include "tests/unit/core/indicator/indicator_test_support.h"

namespace baraza {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

std::string ReadText(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// A JSON file of any shape; an array comes back under "items".
Struct ReadJson(const std::string& path) {
  std::string text = ReadText(path);
  if (!text.empty() && text[0] == '[') text = "{\"items\":" + text + "}";
  Struct parsed;
  const auto status = google::protobuf::util::JsonStringToMessage(text, &parsed);
  EXPECT_TRUE(status.ok()) << path << ": " << status.ToString();
  return parsed;
}

const Value& At(const Struct& object, const std::string& key) {
  static const Value none;
  const auto found = object.fields().find(key);
  return found == object.fields().end() ? none : found->second;
}

v1::Record RecordOfValue(const Value& value) {
  std::string text;
  v1::Record record;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(value, &text).ok());
  const auto status = google::protobuf::util::JsonStringToMessage(text, &record);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return record;
}

// Keys stand for ids: "@team-tana" becomes "tem_team-tana", and so on.
Value WithIds(const Value& value, const std::map<std::string, std::string>& ids) {
  Value result = value;
  if (value.kind_case() == Value::kStringValue) {
    const auto found = ids.find(value.string_value());
    if (found != ids.end()) result.set_string_value(found->second);
  } else if (value.kind_case() == Value::kListValue) {
    for (Value& item : *result.mutable_list_value()->mutable_values()) item = WithIds(item, ids);
  } else if (value.kind_case() == Value::kStructValue) {
    for (auto& [key, item] : *result.mutable_struct_value()->mutable_fields()) {
      item = WithIds(item, ids);
    }
  }
  return result;
}

class Examples : public testing::Test {
 protected:
  void SetUp() override {
    const Struct programme = ReadJson("examples/programme.json");
    const std::map<std::string, std::string> prefixes = {
        {"programme", "prg"}, {"organisation", "org"},      {"team", "tem"},
        {"person", "per"},    {"project", "prj"},           {"donor", "dnr"},
        {"issue", "iss"},     {"sessionDefinition", "def"}, {"indicator", "ind"},
        {"target", "tgt"}};
    for (const Value& item : At(programme, "items").list_value().values()) {
      const Struct& record = At(item.struct_value(), "record").struct_value();
      ids_[KeyOf(item)] = prefixes.at(record.fields().begin()->first) + "_" + KeyOf(item).substr(1);
    }
    std::vector<Struct> devices;
    for (const char* path :
         {"examples/device-1.json", "examples/device-2.json", "examples/device-3.json"}) {
      devices.push_back(ReadJson(path));
      for (const Value& source : At(devices.back(), "sources").list_value().values()) {
        ids_[KeyOf(source)] = "src_" + KeyOf(source).substr(1);
        for (const Value& report : At(source.struct_value(), "reports").list_value().values()) {
          ids_[KeyOf(report)] = "rep_" + KeyOf(report).substr(1);
        }
      }
    }
    for (const Value& item : At(programme, "items").list_value().values()) Register_(item);
    const Value expected_value = [] {
      Value value;
      *value.mutable_struct_value() = ReadJson("examples/expected.json");
      return value;
    }();
    expected_ = WithIds(expected_value, ids_).struct_value();
    std::set<std::string> endorsed;
    for (const Value& id : At(expected_, "endorsed").list_value().values()) {
      endorsed.insert(id.string_value());
    }
    for (const Struct& device : devices) ReadDevice(device, endorsed);
    Consolidate_();
  }

  static std::string KeyOf(const Value& item) {
    return At(item.struct_value(), "key").string_value();
  }

  void Register_(const Value& item) {
    v1::Record record = RecordOfValue(WithIds(At(item.struct_value(), "record"), ids_));
    const std::string id = ids_[KeyOf(item)];
    switch (record.record_case()) {
#define BARAZA_PUT(kCase, member, TYPE)                       \
  case v1::Record::kCase:                                     \
    record.mutable_##member()->set_id(id);                    \
    PutRecord(reg_, v1::RECORD_TYPE_##TYPE, record.member()); \
    if (v1::RECORD_TYPE_##TYPE == v1::RECORD_TYPE_PERSON) {   \
      team_of_[id] = record.person().team_id();               \
    }                                                         \
    break
      BARAZA_PUT(kProgramme, programme, PROGRAMME);
      BARAZA_PUT(kOrganisation, organisation, ORGANISATION);
      BARAZA_PUT(kTeam, team, TEAM);
      BARAZA_PUT(kPerson, person, PERSON);
      BARAZA_PUT(kProject, project, PROJECT);
      BARAZA_PUT(kDonor, donor, DONOR);
      BARAZA_PUT(kIssue, issue, ISSUE);
      BARAZA_PUT(kSessionDefinition, session_definition, SESSION_DEFINITION);
      BARAZA_PUT(kIndicator, indicator, INDICATOR);
      BARAZA_PUT(kTarget, target, TARGET);
#undef BARAZA_PUT
      default:
        FAIL() << KeyOf(item);
    }
  }

  void ReadDevice(const Struct& device, const std::set<std::string>& endorsed) {
    const std::string person =
        ids_[At(At(device, "device").struct_value(), "person").string_value()];
    for (const Value& item : At(device, "sources").list_value().values()) {
      v1::Source source = RecordOfValue(WithIds(At(item.struct_value(), "record"), ids_)).source();
      source.set_id(ids_[KeyOf(item)]);
      source.set_team_id(team_of_[person]);
      for (const Value& value : At(item.struct_value(), "reports").list_value().values()) {
        MemberReport member;
        member.report =
            RecordOfValue(WithIds(At(value.struct_value(), "record"), ids_)).session_report();
        member.report.set_id(ids_[KeyOf(value)]);
        member.report.set_team_id(team_of_[person]);
        member.report.set_author_id(person);
        member.report.mutable_review()->set_stage(endorsed.count(member.report.id()) > 0
                                                      ? v1::REPORT_STAGE_ENDORSED
                                                      : v1::REPORT_STAGE_SUBMITTED);
        member.sources = {source};
        reports_[member.report.id()] = member;
      }
    }
  }

  void Consolidate_() {
    std::map<std::string, std::string> session_of;
    for (const Value& value : At(expected_, "sessions").list_value().values()) {
      const std::string name = At(value.struct_value(), "session").string_value();
      std::vector<MemberReport> members;
      for (const Value& id : At(value.struct_value(), "reports").list_value().values()) {
        ASSERT_EQ(reports_.count(id.string_value()), 1u) << id.string_value();
        members.push_back(reports_[id.string_value()]);
      }
      sessions_.push_back(Consolidate(members, reg_));
      names_[sessions_.back().session_id()] = name;
      for (const MemberReport& member : members) {
        session_of[member.report.id()] = sessions_.back().session_id();
      }
    }
    for (v1::Session& session : sessions_) {
      const std::string& whole = session.values().part_of().report_id();
      if (!whole.empty()) session.set_part_of_session_id(session_of.at(whole));
    }
  }

  std::set<std::string> NamesOf(const google::protobuf::RepeatedPtrField<v1::FigureSession>& list) {
    std::set<std::string> names;
    for (const v1::FigureSession& session : list) names.insert(names_[session.session_id()]);
    return names;
  }

  static std::set<std::string> Texts(const Value& list, const std::string& key = "") {
    std::set<std::string> texts;
    for (const Value& value : list.list_value().values()) {
      texts.insert(key.empty() ? value.string_value()
                               : At(value.struct_value(), key).string_value());
    }
    return texts;
  }

  Register reg_;
  std::map<std::string, std::string> ids_;
  std::map<std::string, std::string> team_of_;
  std::map<std::string, MemberReport> reports_;
  Struct expected_;
  std::vector<v1::Session> sessions_;
  std::map<std::string, std::string> names_;
};

TEST_F(Examples, FiguresAreThoseWorkedOutByHand) {
  // The words of the truth for what our codes call otherwise.
  const Struct& truth = expected_;
  int compared = 0;
  for (const Value& value : At(truth, "figures").list_value().values()) {
    const Struct& wanted = value.struct_value();
    const std::string indicator_id = At(wanted, "indicator").string_value();
    const std::string period = At(wanted, "period").string_value();
    SCOPED_TRACE(indicator_id + " " + period);
    const v1::Indicator* indicator = reg_.FindIndicator(indicator_id);
    ASSERT_NE(indicator, nullptr);
    FigureInput input = InputFor(ContextOf(*indicator, reg_), period, reg_);
    input.as_of = absl::CivilDay(2026, 10, 15);
    AddSessions(input, sessions_);
    const v1::Figure figure = FigureOf(input);
    EXPECT_EQ(figure.value(), At(wanted, "value").number_value());
    EXPECT_EQ(figure.low(), At(wanted, "low").number_value());
    EXPECT_EQ(figure.high(), At(wanted, "high").number_value());
    EXPECT_EQ(NamesOf(figure.counted()), Texts(At(wanted, "counted")));
    EXPECT_EQ(NamesOf(figure.excluded()), Texts(At(wanted, "excluded"), "session"));
    EXPECT_EQ(NamesOf(figure.undetermined()), Texts(At(wanted, "undetermined"), "session"));
    EXPECT_EQ(NamesOf(figure.waiting_for_stage()), Texts(At(wanted, "waiting_for_endorsement")));
    std::map<std::string, std::pair<std::vector<std::string>, std::vector<std::string>>> found;
    for (const auto* list : {&figure.excluded(), &figure.undetermined()}) {
      for (const v1::FigureSession& session : *list) {
        found[names_[session.session_id()]] = {CodesOf(session.reasons()),
                                               QuestionCodes(session.questions())};
      }
    }
    for (const char* list : {"excluded", "undetermined"}) {
      for (const Value& entry : At(wanted, list).list_value().values()) {
        const std::string name = At(entry.struct_value(), "session").string_value();
        EXPECT_THAT(found[name].first,
                    testing::Contains(At(entry.struct_value(), "reason").string_value()))
            << name;
        const std::string question = At(entry.struct_value(), "question").string_value();
        if (!question.empty()) {
          EXPECT_THAT(found[name].second, testing::ElementsAre(question)) << name;
        }
      }
    }
    const Struct& participants = At(wanted, "participants").struct_value();
    EXPECT_EQ(figure.qualitative().sessions_with_participants(),
              At(participants, "sessions").number_value());
    EXPECT_EQ(figure.qualitative().attendances(), At(participants, "attendances").number_value());
    ++compared;
  }
  EXPECT_EQ(compared, 6);
}

}  // namespace
}  // namespace baraza
