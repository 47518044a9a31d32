#include "client_lib/cli/dates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/status_matchers.h"

namespace baraza::client {
namespace {

using ::baraza::test::StatusIs;
using ::testing::HasSubstr;

void ExpectDates(const char* text, const char* earliest, const char* latest,
                 v1::DatePrecision precision, const char* shown) {
  SCOPED_TRACE(text);
  ASSERT_OK_AND_ASSIGN(const v1::SessionDates dates, ParseSessionDates(text));
  EXPECT_EQ(dates.earliest(), earliest);
  EXPECT_EQ(dates.latest(), latest);
  EXPECT_EQ(dates.precision(), precision);
  EXPECT_EQ(FormatSessionDates(dates), shown);
}

TEST(Dates, EveryFormThatAPersonMayType) {
  ExpectDates("2026-05-13", "2026-05-13", "2026-05-13", v1::DATE_PRECISION_DAY, "2026-05-13");
  ExpectDates("2026-06-29..2026-07-01", "2026-06-29", "2026-07-01", v1::DATE_PRECISION_DAY,
              "2026-06-29..2026-07-01");
  ExpectDates("2024-02", "2024-02-01", "2024-02-29", v1::DATE_PRECISION_MONTH, "2024-02");
  ExpectDates("2026-Q2", "2026-04-01", "2026-06-30", v1::DATE_PRECISION_QUARTER,
              "some day of 2026-04-01..2026-06-30");
  ExpectDates("2026", "2026-01-01", "2026-12-31", v1::DATE_PRECISION_YEAR,
              "some day of 2026-01-01..2026-12-31");
  ExpectDates("2026-06-24..2026-07-06?", "2026-06-24", "2026-07-06", v1::DATE_PRECISION_MONTH,
              "some day of 2026-06-24..2026-07-06");
  ExpectDates("unknown", "", "", v1::DATE_PRECISION_UNKNOWN, "undated");
}

TEST(Dates, AnythingElseNamesTheForms) {
  for (const char* text : {"", "yesterday", "2026-02-30", "13.5.2026", "2026-07-06..2026-06-24",
                           "2026-13", "2026-Q5", "?"}) {
    EXPECT_THAT(ParseSessionDates(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2026-Q2")))
        << text;
  }
}

}  // namespace
}  // namespace baraza::client
