#include "core/model/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "core/model/limits.h"
#include "tests/unit/core/model/operation_factory.h"

namespace baraza {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

absl::Status Read(const std::string& json) {
  v1::SessionReport report;
  return RecordFromJson(json, &report);
}

TEST(JsonTest, ReadsBothNamingsAndWritesLowerCamelCase) {
  const char* const camel = R"({"title":{"text":"Forum"},"heldStatus":"HELD_STATUS_HELD",)"
                            R"("participants":{"total":0}})";
  const char* const snake = R"({"title": {"text": "Forum"}, "held_status": "HELD_STATUS_HELD",
                               "participants": {"total": 0}})";
  v1::SessionReport a;
  v1::SessionReport b;
  ASSERT_TRUE(RecordFromJson(camel, &a).ok());
  ASSERT_TRUE(RecordFromJson(snake, &b).ok());
  EXPECT_EQ(a.SerializeAsString(), b.SerializeAsString());
  EXPECT_TRUE(a.participants().has_total());
  EXPECT_THAT(RecordToJson(a), HasSubstr(R"("heldStatus":"HELD_STATUS_HELD")"));
  EXPECT_THAT(RecordToJson(a), HasSubstr(R"("total":0)"));
  EXPECT_THAT(RecordToJson(a, true), HasSubstr("\n"));
}

TEST(JsonTest, WhatIsWrittenIsReadBack) {
  for (const v1::RecordType type : AllRecordTypes()) {
    const auto record = RecordFromJson(type, "{}");
    ASSERT_TRUE(record.ok()) << record.status();
    EXPECT_EQ(RecordToJson(**record), "{}");
  }
  const v1::SessionReport report = testing::FullReport();
  v1::SessionReport back;
  ASSERT_TRUE(RecordFromJson(RecordToJson(report), &back).ok());
  EXPECT_EQ(back.SerializeAsString(), report.SerializeAsString());
}

TEST(JsonTest, ErrorsNameTheField) {
  EXPECT_EQ(Read(R"({"dates":{"earliest":"2026-02-31"}})").message(),
            "SessionReport: dates.earliest: expected a date of the calendar as yyyy-mm-dd, got "
            "\"2026-02-31\"");
  EXPECT_EQ(Read(R"({"heldStatus":"HELD_STATUS_MAYBE"})").message(),
            "SessionReport: held_status: expected a name that the schema has, got "
            "\"HELD_STATUS_MAYBE\"");
  EXPECT_EQ(Read(R"({"topics":[{"txt":"x"}]})").message(),
            "SessionReport: topics[0].txt: expected a field of the schema, got an unknown name");
  EXPECT_EQ(Read(R"({"titel":{"text":"x"}})").message(),
            "SessionReport: titel: expected a field of the schema, got an unknown name");
  EXPECT_EQ(Read(R"({"venue":{"contry":"KE"}})").message(),
            "SessionReport: venue.contry: expected a field of the schema, got an unknown name");
  EXPECT_THAT(
      std::string(Read(R"({"participants":{"total":"John said many"}})").message()),
      StartsWith("SessionReport: participants.total: expected a value of the field's type"));
  EXPECT_THAT(std::string(Read(R"({"participants":{"total":-1}})").message()),
              StartsWith("SessionReport: participants.total: expected"));
}

TEST(JsonTest, AnObjectAListOrNullInAnothersPlaceNamesTheField) {
  const auto error = [](const std::string& json) { return std::string(Read(json).message()); };
  const auto message = [](const char* field) {
    return absl::StrCat("SessionReport: ", field,
                        ": expected a value of the field's type, got another");
  };
  EXPECT_EQ(error(R"({"title":"Forum"})"), message("title"));
  EXPECT_EQ(error(R"({"title":[{"text":"Forum"}]})"), message("title"));
  EXPECT_EQ(error(R"({"title":{"text":{}}})"), message("title.text"));
  EXPECT_EQ(error(R"({"dates":{"earliest":["2026-03-05"]}})"), message("dates.earliest"));
  EXPECT_EQ(error(R"({"participating_teams":[null]})"), message("participating_teams[0]"));
  EXPECT_EQ(error(R"({"participatingTeams":[[]]})"), message("participating_teams[0]"));
  // Null is no value, and one value is a list of one.
  EXPECT_EQ(error(R"({"title":null,"participatingTeams":null})"), "");
  EXPECT_EQ(error(R"({"participatingTeams":{"elementId":"a"}})"), "");
}

TEST(JsonTest, ErrorsHoldNoContent) {
  for (const char* json :
       {R"({"participants":{"total":"John said many"}})", R"({"heldStatus":"John said no"})",
        R"({"title": "John"})", R"({"title": {"text": "John})", R"({"title": {"text": "John"} x)",
        R"({"narrative": {"text": 5, "language": "John"}})", R"(["John"])", R"("John")",
        R"({"projectIds": ["John"]})", R"({"dates": ["John"]})"}) {
    const absl::Status status = Read(json);
    EXPECT_FALSE(status.ok()) << json;
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << json;
    // An id in bad form may be shown: it could not be prose.
    if (std::string(json).find("projectIds") == std::string::npos) {
      EXPECT_THAT(std::string(status.message()), Not(HasSubstr("John"))) << json;
    }
  }
}

TEST(JsonTest, Limits) {
  EXPECT_EQ(Read(std::string(kMaxJsonBytes + 1, ' ')).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Read(std::string(100000, '[')).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Read(R"({"title":{"text":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ \" {{{{"}})").code(),
            absl::StatusCode::kOk);
  EXPECT_EQ(Read("{\"title\":{\"text\":\"caf\xe9\"}}").message(),
            "SessionReport: expected JSON in UTF-8, got other bytes");
  EXPECT_FALSE(Read("").ok());
  EXPECT_FALSE(RecordFromJson(static_cast<v1::RecordType>(99), "{}").ok());
}

TEST(JsonTest, AFailedReadLeavesNothingBehind) {
  v1::SessionReport report = testing::FullReport();
  EXPECT_FALSE(RecordFromJson(R"({"title":{"text":"x"},"language":"?"})", &report).ok());
  EXPECT_EQ(report.SerializeAsString(), "");
}

}  // namespace
}  // namespace baraza
