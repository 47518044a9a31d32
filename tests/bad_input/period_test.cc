// Periods that are none: each differs in one place from one that is.

#include "core/indicator/period.h"

#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bad_input/inputs.h"

namespace baraza::bad_input {
namespace {

constexpr char kForms[] =
    "2026, 2026-Q3, 2026-07, FY2026 or 2026-07-01..2026-09-30 (years 0001 to 9998)";
constexpr char kOrder[] = "a first day that is not after the last day";
constexpr char kLength[] = "at most 50 years";

// Bad period -> what is expected instead. Some ten rules, of the forms, of each number in them and
// of intervals.
using Table = std::map<std::string, std::string>;

constexpr const char* kGood[] = {"2026", "2026-Q3", "2026-07", "FY2026", "2026-07-01..2026-09-30"};

// Something that cannot stand at a place of a good one.
void AddWrongCharacters(Table& table) {
  for (const std::string good : kGood) {
    for (size_t at = 0; at < good.size(); ++at) {
      for (const char* wrong : {"x", "/", " ", "\xD9\xA3", "+"}) {
        std::string bad = good;
        bad.replace(at, 1, wrong);
        table[bad] = kForms;
      }
      // One that is missing, or there twice.
      std::string less = good;
      less.erase(at, 1);
      table[less] = kForms;
      std::string more = good;
      more.insert(at, 1, good[at]);
      table[more] = kForms;
    }
    for (const char* around : {" ", "\n", "0", "-", ".", "Z"}) {
      table[absl::StrCat(around, good)] = kForms;
      table[absl::StrCat(good, around)] = kForms;
    }
  }
  // What the removals and doublings above make another good period of.
  table.erase("2026-07-01..2026-09-30");
}

void AddNumbersOutOfRange(Table& table) {
  for (const char* year : {"0000", "9999"}) {
    table[year] = kForms;
    table[absl::StrCat("FY", year)] = kForms;
    table[absl::StrCat(year, "-Q1")] = kForms;
    table[absl::StrCat(year, "-01")] = kForms;
  }
  for (const char quarter : std::string("056789"))
    table[absl::StrCat("2026-Q", std::string(1, quarter))] = kForms;
  table["2026-00"] = kForms;
  for (int month = 13; month < 100; ++month) table[absl::StrFormat("2026-%02d", month)] = kForms;
}

void AddDaysThatAreNone(Table& table) {
  const auto both = [&table](const std::string& day) {
    table[absl::StrCat(day, "..2027-12-31")] = kForms;
    table[absl::StrCat("1990-01-01..", day)] = kForms;
  };
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int month = 1; month <= 12; ++month) {
    both(absl::StrFormat("2026-%02d-00", month));
    both(absl::StrFormat("2026-%02d-%02d", month, kDays[month - 1] + 1));
    both(absl::StrFormat("2026-%02d-99", month));
  }
  for (const char* month : {"00", "13", "99"}) both(absl::StrCat("2026-", month, "-01"));
  for (const char* day : {"1900-02-29", "2100-02-29", "2023-02-29", "2024-02-30", "0000-01-01"})
    both(day);
}

void AddIntervals(Table& table) {
  for (const char* bad :
       {"..", "2026-07-01..", "..2026-07-01", "2026..2027", "2026-07..2026-08", "2026-Q1..2026-Q2",
        "2026-07-01...2026-09-30", "2026-07-01..2026-09-30..2026-10-01", "2026-07-01.2026-09-30",
        "2026-07-01-2026-09-30", "2026-07-01 .. 2026-09-30", "2026-07-01..9999-01-01",
        "FY2026..FY2027", "2026-07-01..today"}) {
    table[bad] = kForms;
  }
  for (int days = 1; days <= 28; ++days) {
    table[absl::StrFormat("2026-03-%02d..2026-02-%02d", days, days)] = kOrder;
  }
  for (int year = 1; year <= 40; ++year) {
    table[absl::StrFormat("%04d-01-01..%04d-01-01", 2000 + year, 2050 + year)] = kLength;
  }
  table["0001-01-01..9998-12-31"] = kLength;
  table["2024-02-29..2074-03-01"] = kLength;
}

TEST(BadPeriodTest, EachIsRefusedForItsRule) {
  Table table;
  AddWrongCharacters(table);
  AddNumbersOutOfRange(table);
  AddDaysThatAreNone(table);
  AddIntervals(table);
  for (const char* bad : {"", "FY", "FY26", "fy2026", "26", "Q3-2026", "2026Q3", "2026-q3",
                          "2026-7", "07-2026", "2026-W10", "2026-H1", "this year", "2026-07-01",
                          "-2026", "+2026", "2026.0", "0x7EA", "2,026"}) {
    table[bad] = kForms;
  }
  Inputs inputs;
  for (const auto& [text, expected] : table) {
    inputs.Add(text);
    const absl::StatusOr<Period> period = ParsePeriod(text, 7);
    ASSERT_FALSE(period.ok()) << text;
    EXPECT_EQ(period.status().code(), absl::StatusCode::kInvalidArgument) << text;
    const std::string start =
        absl::StrCat("period: expected ", expected, text.empty() ? "" : ", got ");
    EXPECT_EQ(period.status().message().substr(0, start.size()), start) << text;
  }
  inputs.ExpectEnough();
}

TEST(BadPeriodTest, AFiscalYearNeedsAMonthToStartIn) {
  for (const int month : {-1, 0, 13, 100}) {
    const absl::StatusOr<Period> period = ParsePeriod("FY2026", month);
    EXPECT_EQ(period.status().message(),
              absl::StrCat("fiscal_year_start_month: expected 1 .. 12, got ", month));
  }
}

}  // namespace
}  // namespace baraza::bad_input
