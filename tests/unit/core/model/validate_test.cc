#include "core/model/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/model/limits.h"
#include "google/protobuf/text_format.h"
#include "tests/unit/core/model/operation_factory.h"

namespace baraza {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestId;

template <typename T>
T Text(const std::string& text) {
  T record;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &record)) << text;
  return record;
}

std::string MessageOf(const google::protobuf::Message& record) {
  return std::string(ValidateRecord(record).message());
}

// "" when valid, else the field that is named.
template <typename T>
std::string BadField(const std::string& text) {
  const absl::Status status = ValidateRecord(Text<T>(text));
  if (status.ok()) return "";
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::string message(status.message());
  const size_t start = message.find(": ") + 2;
  return message.substr(start, message.find(": expected") - start);
}

std::string BadReport(const std::string& text) { return BadField<v1::SessionReport>(text); }

TEST(ValidateRecordTest, WhatIsMissingIsLegal) {
  for (const v1::RecordType type : AllRecordTypes()) {
    EXPECT_TRUE(ValidateRecord(*NewRecord(type)).ok()) << v1::RecordType_Name(type);
  }
  EXPECT_TRUE(ValidateRecord(testing::FullReport()).ok());
  EXPECT_EQ(BadReport("dates {} venue {} participants {} organiser {} part_of {}"), "");
  EXPECT_EQ(BadReport("issue_id: '' language: '' dates { earliest: '' latest: '2026-01-01' }"), "");
}

TEST(ValidateRecordTest, NamesTheRecordByItsIdWhenItHasOne) {
  v1::SessionReport report = testing::FullReport();
  report.mutable_dates()->set_earliest("2026-02-30");
  EXPECT_EQ(ValidateRecord(report).message(),
            "SessionReport: dates.earliest: expected a date of the calendar as yyyy-mm-dd, got "
            "\"2026-02-30\"");
  report.set_id(TestId("rep", 7));
  EXPECT_THAT(MessageOf(report), ::testing::StartsWith(TestId("rep", 7)));
  report.set_id("a name that somebody put here");
  EXPECT_THAT(MessageOf(report), Not(HasSubstr("somebody")));
}

TEST(ValidateRecordTest, Dates) {
  EXPECT_EQ(BadReport("dates { earliest: '2024-02-29' }"), "");
  EXPECT_EQ(BadReport("dates { earliest: '2026-02-29' }"), "dates.earliest");
  EXPECT_EQ(BadReport("dates { latest: '2026-13-01' }"), "dates.latest");
  EXPECT_EQ(BadReport("dates { latest: '26-01-01' }"), "dates.latest");
  EXPECT_EQ(BadReport("dates { earliest: '2026-03-05' latest: '2026-03-04' }"), "dates.latest");
  EXPECT_EQ(BadReport("dates { earliest: '2026-03-05' latest: '2026-03-05' }"), "");
  const auto span = [](const char* precision, const char* earliest, const char* latest) {
    return BadReport(std::string("dates { precision: DATE_PRECISION_") + precision +
                     " earliest: '" + earliest + "' latest: '" + latest + "' }");
  };
  EXPECT_EQ(span("MONTH", "2026-03-01", "2026-03-31"), "");
  EXPECT_EQ(span("MONTH", "2026-03-10", "2026-03-20"), "");
  EXPECT_EQ(span("MONTH", "2026-06-16", "2026-07-15"), "");
  EXPECT_EQ(span("MONTH", "2026-03-01", "2026-04-01"), "dates.precision");
  EXPECT_EQ(span("QUARTER", "2026-07-01", "2026-09-30"), "");
  EXPECT_EQ(span("QUARTER", "2026-07-01", "2026-10-01"), "dates.precision");
  EXPECT_EQ(span("YEAR", "2024-01-01", "2024-12-31"), "");
  EXPECT_EQ(span("YEAR", "2025-07-01", "2026-06-30"), "");
  EXPECT_EQ(span("YEAR", "2024-01-01", "2026-12-31"), "dates.precision");
  EXPECT_EQ(span("UNKNOWN", "2020-01-01", "2026-12-31"), "");
  EXPECT_EQ(BadReport("dates { duration_minutes: 0 }"), "dates.duration_minutes");
  EXPECT_EQ(BadReport("dates { duration_minutes: 100001 }"), "dates.duration_minutes");
  EXPECT_EQ(BadReport("dates { duration_minutes: 100000 }"), "");
  EXPECT_EQ(BadReport("dates { time_zone: 'Africa/Nairobi' }"), "");
  EXPECT_EQ(BadReport("dates { time_zone: 'East Africa Time' }"), "dates.time_zone");
}

TEST(ValidateRecordTest, VenueAndLanguages) {
  EXPECT_EQ(BadReport("venue { country: 'KE' }"), "");
  EXPECT_EQ(BadReport("venue { country: 'ke' }"), "venue.country");
  EXPECT_EQ(BadReport("venue { country: 'KEN' }"), "venue.country");
  EXPECT_EQ(BadReport("venue { coordinates { latitude: -4.05 longitude: 39.67 } }"), "");
  EXPECT_EQ(BadReport("venue { coordinates { latitude: 90.01 } }"), "venue.coordinates.latitude");
  EXPECT_EQ(BadReport("venue { coordinates { longitude: -180.5 } }"),
            "venue.coordinates.longitude");
  EXPECT_EQ(BadReport("venue { coordinates { latitude: nan } }"), "venue.coordinates.latitude");
  v1::SessionReport precise = Text<v1::SessionReport>("venue { coordinates { latitude: 4.0517 } }");
  EXPECT_THAT(MessageOf(precise), HasSubstr("rounded"));
  EXPECT_THAT(MessageOf(precise), Not(HasSubstr("4.05")));
  for (const char* good : {"en", "sw-KE", "zh-Hant-TW", "ber"}) {
    EXPECT_EQ(BadReport(std::string("language: '") + good + "'"), "") << good;
  }
  for (const char* bad : {"e", "en_GB", "en-", "english language", "e1", "en-toolongsubtag"}) {
    EXPECT_EQ(BadReport(std::string("language: '") + bad + "'"), "language") << bad;
  }
  EXPECT_EQ(BadReport("topics { language: '?' }"), "topics.language");
  EXPECT_EQ(BadField<v1::Programme>("languages: 'en' languages: ''"), "languages");
  EXPECT_EQ(BadField<v1::Issue>("title { values { language: 'en' } values { language: 'en' } }"),
            "title.values.language");
}

TEST(ValidateRecordTest, Participants) {
  EXPECT_EQ(BadReport("participants { total: 20 women: 12 men: 8 }"), "");
  EXPECT_EQ(BadReport("participants { women: 12 }"), "");
  EXPECT_EQ(BadReport("participants { total: 0 women: 0 }"), "");
  EXPECT_EQ(BadReport("participants { total: 20 women: 21 }"), "participants.women");
  EXPECT_EQ(BadReport("participants { total: 20 with_disability: 21 }"),
            "participants.with_disability");
  EXPECT_EQ(BadReport("participants { total: 1000001 }"), "participants.total");
}

TEST(ValidateRecordTest, Ids) {
  const std::string team = TestId("tem", 1);
  EXPECT_EQ(BadReport("organiser { team_id: '" + team + "' }"), "");
  EXPECT_EQ(BadReport("organiser { organisation_id: '" + team + "' }"),
            "organiser.organisation_id");
  EXPECT_EQ(BadReport("issue_id: '" + team + "'"), "issue_id");
  EXPECT_EQ(BadReport("project_ids: ''"), "project_ids");
  EXPECT_EQ(BadReport("part_of { report_id: 'rep_1' }"), "part_of.report_id");
  EXPECT_EQ(BadReport("id: '" + team + "'"), "id");
  EXPECT_EQ(BadReport("team_id: '" + team + "'"), "");
  EXPECT_EQ(BadReport("citations { element_id: 'a' source_id: '" + team + "' }"),
            "citations.source_id");
  EXPECT_EQ(BadReport("citations { element_id: 'a' } citations { element_id: 'a' }"),
            "citations.element_id");
  EXPECT_EQ(BadReport("citations { element_id: 'nine chars' }"), "citations.element_id");
  EXPECT_EQ(BadReport("citations { }"), "citations.element_id");
  EXPECT_EQ(BadField<v1::Person>("scope { team_id: 'x' }"), "scope.team_id");
  EXPECT_EQ(BadField<v1::FollowUp>("answer { record_id: '" + team + "' }"), "");
  EXPECT_EQ(BadField<v1::FollowUp>("answer { record_id: 'x' }"), "answer.record_id");
}

TEST(ValidateRecordTest, OtherRecords) {
  EXPECT_EQ(BadField<v1::Programme>("fiscal_year_start_month: 13"), "fiscal_year_start_month");
  EXPECT_EQ(BadField<v1::Indicator>("fiscal_year_start_month: 0"), "fiscal_year_start_month");
  EXPECT_EQ(BadField<v1::Indicator>("countries: 'ke'"), "countries");
  EXPECT_EQ(BadField<v1::Indicator>("from_stage: REPORT_STAGE_RETURNED"), "from_stage");
  EXPECT_EQ(BadField<v1::Indicator>("baseline: inf"), "baseline");
  EXPECT_EQ(BadField<v1::SessionDefinition>("min_distinct: 101"), "min_distinct");
  EXPECT_EQ(BadField<v1::SessionDefinition>("questions { code: 'Not A Code' }"), "questions.code");
  EXPECT_EQ(BadField<v1::ModelAdoption>("prior_milli_nats: -100001"), "prior_milli_nats");
  EXPECT_EQ(BadField<v1::ReviewSample>("inclusion_probability: 0"), "inclusion_probability");
  EXPECT_EQ(BadField<v1::ReviewSample>("inclusion_probability: 1.1"), "inclusion_probability");
  EXPECT_EQ(BadField<v1::ReviewSample>("inclusion_probability: 1"), "");
  EXPECT_EQ(BadField<v1::ReviewSample>("stratum_size: 4294967295"), "stratum_size");
  EXPECT_EQ(BadField<v1::ReviewSample>("figure_value: 0"), "figure_value");
  EXPECT_EQ(BadField<v1::PublishedFigure>("value: 5 low: 6"), "low");
  EXPECT_EQ(BadField<v1::PublishedFigure>("value: 5 high: 4"), "high");
  EXPECT_EQ(BadField<v1::PublishedFigure>("operations_sha256: 'x'"), "operations_sha256");
  EXPECT_EQ(BadField<v1::PublishedFigure>("log_position: -1"), "log_position");
  EXPECT_EQ(BadField<v1::Source>("claimed_counts { at_least: 5 at_most: 4 }"),
            "claimed_counts.at_most");
  EXPECT_EQ(BadField<v1::Source>(
                "claimed_counts { period_start: '2026-02-01' period_end: '2026-01-31' }"),
            "claimed_counts.period_end");
  EXPECT_EQ(BadField<v1::Source>("consent { withdrawn_on: 'yesterday' }"), "consent.withdrawn_on");
  EXPECT_EQ(BadField<v1::FollowUp>("question { arguments { key: 'b' } arguments { key: 'a' } }"),
            "question.arguments.key");
  const std::string one = "report_ids: '" + TestId("rep", 1) + "' ";
  const std::string two = "report_ids: '" + TestId("rep", 2) + "' ";
  const std::string three = "report_ids: '" + TestId("rep", 3) + "' ";
  EXPECT_EQ(BadField<v1::Ruling>("kind: RULING_KIND_SAME " + one), "report_ids");
  EXPECT_EQ(BadField<v1::Ruling>("kind: RULING_KIND_SAME " + one + two + three), "");
  EXPECT_EQ(BadField<v1::Ruling>("kind: RULING_KIND_SAME " + one + one), "report_ids");
  EXPECT_EQ(BadField<v1::Ruling>("kind: RULING_KIND_DIFFERENT " + one + two + three), "report_ids");
  EXPECT_EQ(BadField<v1::Ruling>("kind: RULING_KIND_COUNTS " + one), "");
  EXPECT_EQ(BadField<v1::Team>("sensitivity: PRIVACY_DEVICE"), "sensitivity");
}

TEST(ValidateRecordTest, SizesAndUtf8) {
  v1::SessionReport report;
  report.mutable_title()->set_text(std::string(kDefaultMaxStringBytes + 1, 'x'));
  EXPECT_EQ(ValidateRecord(report).message(),
            "SessionReport: title.text: expected at most 4096 bytes, got 4097");
  report.Clear();
  report.mutable_narrative()->set_text(std::string(32768, 'x'));
  EXPECT_TRUE(ValidateRecord(report).ok());
  report.mutable_narrative()->set_text(std::string(32769, 'x'));
  EXPECT_FALSE(ValidateRecord(report).ok());
  report.Clear();
  report.mutable_title()->set_text("caf\xe9");
  EXPECT_EQ(ValidateRecord(report).message(),
            "SessionReport: title.text: expected UTF-8, got other bytes");
  report.Clear();
  for (int i = 0; i < kMaxRepeated; ++i) report.add_topics();
  EXPECT_TRUE(ValidateRecord(report).ok());
  report.add_topics();
  EXPECT_FALSE(ValidateRecord(report).ok());
}

TEST(ValidateRecordTest, UnknownEnumValuesAreCarried) {
  v1::SessionReport report;
  report.set_modality(static_cast<v1::Modality>(42));
  report.mutable_review()->set_stage(static_cast<v1::ReportStage>(9));
  EXPECT_TRUE(ValidateRecord(report).ok());
}

}  // namespace
}  // namespace baraza
