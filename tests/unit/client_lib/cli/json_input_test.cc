#include "client_lib/cli/json_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"

namespace baraza::client {
namespace {

using ::baraza::test::StatusIs;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kReport[] = R"({"sessionReport": {"title": {"text": "Circle", "language": "en"}}})";

TEST(JsonInput, OneAnArrayAndLinesAreTheSame) {
  const std::string one = kReport;
  for (const std::string& text :
       {one, "[" + one + "]", one + "\n", "\xEF\xBB\xBF" + one, "  \n" + one}) {
    EXPECT_THAT(ParseJsonValues(text), ::baraza::test::IsOkAndHolds(SizeIs(1))) << text;
  }
  EXPECT_THAT(ParseJsonValues(one + "\n" + one + "\n" + one),
              ::baraza::test::IsOkAndHolds(SizeIs(3)));
  EXPECT_THAT(ParseJsonValues("[" + one + ",\n" + one + "]"),
              ::baraza::test::IsOkAndHolds(SizeIs(2)));
  EXPECT_THAT(ParseJsonValues(R"({"source": {"notes": {"text": "a \"}{\\ b"}}}{"source": {}})"),
              ::baraza::test::IsOkAndHolds(SizeIs(2)));
}

TEST(JsonInput, BrokenJsonNamesTheEntry) {
  EXPECT_THAT(ParseJsonValues(std::string(kReport) + "\n{\"source\": "),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("entry 2")));
  EXPECT_THAT(ParseJsonValues(""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseJsonValues("{\"source\": {\"notes\": \"\xFF\"}}"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("UTF-8")));
}

TEST(JsonInput, ADevicesFileIsFlattenedSourceFirst) {
  ASSERT_OK_AND_ASSIGN(const std::vector<RecordEntry> entries, ParseRecordFile(R"({
    "device": {"label": "a phone"},
    "sources": [
      {"key": "@s1", "record": {"source": {}}, "reports": [
        {"key": "@r1", "record": {"sessionReport": {}}},
        {"key": "@r2", "record": {"sessionReport": {}}}]},
      {"key": "@s2", "record": {"source": {}}}]})"));
  ASSERT_THAT(entries, SizeIs(4));
  EXPECT_EQ(entries[0].key, "@s1");
  EXPECT_EQ(entries[1].key, "@r1");
  EXPECT_EQ(entries[2].key, "@r2");
  EXPECT_EQ(entries[3].key, "@s2");
  EXPECT_EQ(entries[2].where, "entry 1, source 1, report 2");
}

TEST(JsonInput, KeysBecomeIdsAtAnyDepthAndProseStays) {
  ASSERT_OK_AND_ASSIGN(const std::vector<RecordEntry> entries, ParseRecordFile(R"({
    "key": "@r", "record": {"sessionReport": {
      "issueId": "@land",
      "participatingTeams": [{"elementId": "t1", "teamId": "@pwani"}],
      "narrative": {"text": "@ noon we met. Mail: @Home", "language": "en"}}}})"));
  const KeyMap keys = {{"@land", "iss_01hzzzzzzzzzzzzzzzzzzzzzzz"},
                       {"@pwani", "tem_01hzzzzzzzzzzzzzzzzzzzzzzz"}};
  ASSERT_OK_AND_ASSIGN(const v1::Record record, RecordOfEntry(entries[0], keys));
  EXPECT_EQ(record.session_report().issue_id(), "iss_01hzzzzzzzzzzzzzzzzzzzzzzz");
  EXPECT_EQ(record.session_report().participating_teams(0).team_id(),
            "tem_01hzzzzzzzzzzzzzzzzzzzzzzz");
  EXPECT_EQ(record.session_report().narrative().text(), "@ noon we met. Mail: @Home");
  EXPECT_THAT(RecordOfEntry(entries[0], {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("@land")));
}

TEST(JsonInput, WrongValuesNameEntryAndField) {
  ASSERT_OK_AND_ASSIGN(
      const std::vector<RecordEntry> entries,
      ParseRecordFile(
          R"({"sessionReport": {"dates": {"earliest": "2026-02-30", "precision": "DATE_PRECISION_DAY"}}}
             {"sessionReport": {"heldStatus": "HELD_STATUS_MAYBE"}}
             {"sesionReport": {}}
             {"source": {}, "sessionReport": {}}
             {"sessionReport": {"tittle": {}}})"));
  ASSERT_THAT(entries, SizeIs(5));
  EXPECT_THAT(RecordOfEntry(entries[0], {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       ::testing::AllOf(HasSubstr("entry 1"), HasSubstr("earliest"))));
  for (size_t i = 1; i < entries.size(); ++i) {
    EXPECT_THAT(RecordOfEntry(entries[i], {}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("entry")))
        << i;
  }
}

TEST(JsonInput, APatchChangesWhatItNames) {
  v1::Record record;
  v1::SessionReport& report = *record.mutable_session_report();
  report.mutable_venue()->set_name("Hall");
  report.mutable_venue()->set_country("KE");
  report.set_held_status(v1::HELD_STATUS_HELD);
  report.add_topics()->set_text("old");
  for (const char* assignment : {"venue.name=Library", "held_status=HELD_STATUS_CANCELLED",
                                 "topics=[{\"text\": \"new\"}]", "venue.country="}) {
    ASSERT_OK_AND_ASSIGN(const google::protobuf::Value patch, PatchOfAssignment(assignment));
    ASSERT_OK_AND_ASSIGN(record, PatchRecord(record, patch));
  }
  EXPECT_EQ(record.session_report().venue().name(), "Library");
  EXPECT_EQ(record.session_report().venue().country(), "");
  EXPECT_EQ(record.session_report().held_status(), v1::HELD_STATUS_CANCELLED);
  ASSERT_THAT(record.session_report().topics(), SizeIs(1));
  EXPECT_EQ(record.session_report().topics(0).text(), "new");
  EXPECT_THAT(PatchOfAssignment("no equals sign"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(PatchOfAssignment("=3"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(PatchOfAssignment("a..b=3"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(JsonInput, KeysSurviveTheRoundTrip) {
  const KeyMap keys = {{"@a", "tem_1"}, {"@b", "iss_\"2\""}};
  EXPECT_THAT(ParseKeys(KeysToJson(keys)), ::baraza::test::IsOkAndHolds(keys));
  EXPECT_THAT(ParseKeys(KeysToJson({})), ::baraza::test::IsOkAndHolds(KeyMap()));
}

TEST(JsonInput, AKeyWithoutAnIdIsRefused) {
  for (const char* id : {"7", "true", "null", "{}", "[]", "[\"tem_1\"]"}) {
    EXPECT_EQ(ParseKeys(absl::StrCat("{\"@a\": \"tem_1\", \"@b\": ", id, "}")).status(),
              absl::InvalidArgumentError("expected {\"@key\": \"id\", ...}"));
  }
}

}  // namespace
}  // namespace baraza::client
