#include "core/base/civil_date.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace baraza {
namespace {

TEST(CivilDate, DaysCountFromTheEpoch) {
  EXPECT_EQ(CivilDayToDays(absl::CivilDay(1970, 1, 1)), 0);
  EXPECT_EQ(CivilDayToDays(absl::CivilDay(1969, 12, 31)), -1);
  EXPECT_EQ(CivilDayToDays(absl::CivilDay(2000, 3, 1)), 11017);
  EXPECT_EQ(CivilDayToDays(absl::CivilDay(1, 1, 1)), kMinCivilDays);
  EXPECT_EQ(CivilDayToDays(absl::CivilDay(9999, 12, 31)), kMaxCivilDays);
}

TEST(CivilDate, EveryDayOfFourCenturiesGoesThereAndBack) {
  for (int32_t days = CivilDayToDays(absl::CivilDay(1800, 1, 1));
       days <= CivilDayToDays(absl::CivilDay(2200, 1, 1)); ++days) {
    const absl::CivilDay day = CivilDayFromDays(days);
    ASSERT_EQ(CivilDayToDays(day), days);
    absl::StatusOr<absl::CivilDay> parsed = ParseCivilDay(FormatCivilDay(day));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    ASSERT_EQ(*parsed, day);
  }
}

TEST(CivilDate, LeapDays) {
  EXPECT_TRUE(ParseCivilDay("2024-02-29").ok());
  EXPECT_TRUE(ParseCivilDay("2000-02-29").ok());
  EXPECT_FALSE(ParseCivilDay("1900-02-29").ok());
  EXPECT_FALSE(ParseCivilDay("2026-02-29").ok());
}

TEST(CivilDate, ImpossibleDatesAndOtherFormsAreErrors) {
  for (const char* text : {"2026-02-30", "2026-13-01", "2026-00-10", "2026-04-31", "2026-01-00",
                           "0000-01-01", "2026-1-01", "2026-01-1", "26-01-01", "2026/01/01",
                           "2026-01-01T00:00", " 2026-01-01", "2026-01-01 ", "+026-01-01", "",
                           "2026-0a-01", "-001-01-01", "20260101", "2026-01-0\xc3\xa9"}) {
    absl::StatusOr<absl::CivilDay> parsed = ParseCivilDay(text);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_THAT(std::string(ParseCivilDay("2026-02-30").status().message()),
              testing::HasSubstr("2026-2-30"));
}

TEST(CivilDate, NumbersOutOfRangeDoNotWrapIntoADate) {
  EXPECT_FALSE(MakeCivilDay(10000, 1, 1).ok());
  EXPECT_FALSE(MakeCivilDay(2026, int64_t{1} << 32, 1).ok());
  EXPECT_FALSE(MakeCivilDay(2026, (int64_t{1} << 32) + 1, 1).ok());
  EXPECT_FALSE(MakeCivilDay(2026, -1, 1).ok());
  EXPECT_TRUE(MakeCivilDay(9999, 12, 31).ok());
}

TEST(CivilDate, FormatsWithLeadingZeros) {
  EXPECT_EQ(FormatCivilDay(absl::CivilDay(33, 4, 3)), "0033-04-03");
}

}  // namespace
}  // namespace baraza
