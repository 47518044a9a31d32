#include "core/indicator/period.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/civil_date.h"

namespace baraza {
namespace {

using ::testing::HasSubstr;

struct Form {
  const char* text;
  int fiscal_month;
  const char* start;
  const char* end;
  PeriodForm form;
};

class PeriodForms : public testing::TestWithParam<Form> {};

TEST_P(PeriodForms, IsHalfOpen) {
  const Form& form = GetParam();
  const absl::StatusOr<Period> period = ParsePeriod(form.text, form.fiscal_month);
  ASSERT_TRUE(period.ok()) << period.status();
  EXPECT_EQ(period->text, form.text);
  EXPECT_EQ(FormatCivilDay(period->start), form.start);
  EXPECT_EQ(FormatCivilDay(period->end), form.end);
  EXPECT_EQ(period->form, form.form);
}

INSTANTIATE_TEST_SUITE_P(
    All, PeriodForms,
    testing::Values(
        Form{"2026", 7, "2026-01-01", "2027-01-01", PeriodForm::kYear},
        Form{"2026-Q1", 7, "2026-01-01", "2026-04-01", PeriodForm::kQuarter},
        Form{"2026-Q3", 1, "2026-07-01", "2026-10-01", PeriodForm::kQuarter},
        Form{"2026-Q4", 1, "2026-10-01", "2027-01-01", PeriodForm::kQuarter},
        Form{"2026-07", 1, "2026-07-01", "2026-08-01", PeriodForm::kMonth},
        Form{"2026-12", 1, "2026-12-01", "2027-01-01", PeriodForm::kMonth},
        Form{"2024-02", 1, "2024-02-01", "2024-03-01", PeriodForm::kMonth},
        Form{"FY2026", 1, "2026-01-01", "2027-01-01", PeriodForm::kFiscalYear},
        Form{"FY2026", 2, "2025-02-01", "2026-02-01", PeriodForm::kFiscalYear},
        Form{"FY2026", 7, "2025-07-01", "2026-07-01", PeriodForm::kFiscalYear},
        Form{"FY2026", 12, "2025-12-01", "2026-12-01", PeriodForm::kFiscalYear},
        Form{"2026-07-01..2026-09-30", 1, "2026-07-01", "2026-10-01", PeriodForm::kInterval},
        Form{"2024-02-29..2024-02-29", 1, "2024-02-29", "2024-03-01", PeriodForm::kInterval},
        Form{"2024-02-29..2074-02-28", 1, "2024-02-29", "2074-03-01", PeriodForm::kInterval},
        Form{"2000-01-01..2049-12-31", 1, "2000-01-01", "2050-01-01", PeriodForm::kInterval},
        Form{"0001", 1, "0001-01-01", "0002-01-01", PeriodForm::kYear},
        Form{"9998", 1, "9998-01-01", "9999-01-01", PeriodForm::kYear}));

TEST(Period, RejectsEverythingElseAndNamesTheForms) {
  for (const char* text : {"",
                           "26",
                           "20260",
                           "2026-",
                           "2026-Q",
                           "2026-Q0",
                           "2026-Q5",
                           "2026-q3",
                           "2026-13",
                           "2026-00",
                           "2026-7",
                           "2026Q3",
                           "FY",
                           "FY26",
                           "fy2026",
                           "FY20266",
                           "FY0000",
                           "0000",
                           "9999",
                           " 2026",
                           "2026 ",
                           "2026-07-01",
                           "2026-07-01..",
                           "..2026-07-01",
                           "2026-07-01..2026-09-31",
                           "2026-02-29..2026-03-01",
                           "2026-07-01...2026-07-02",
                           "2026-07-01..9999-01-01",
                           "Q3-2026"}) {
    const absl::StatusOr<Period> period = ParsePeriod(text, 1);
    ASSERT_FALSE(period.ok()) << text;
    EXPECT_EQ(period.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(period.status().message()), HasSubstr("2026-Q3")) << text;
    EXPECT_THAT(std::string(period.status().message()), HasSubstr("FY2026")) << text;
  }
}

TEST(Period, RejectsReversedAndTooLong) {
  EXPECT_THAT(std::string(ParsePeriod("2026-07-02..2026-07-01", 1).status().message()),
              HasSubstr("not after the last day"));
  EXPECT_THAT(std::string(ParsePeriod("2000-01-01..2050-01-01", 1).status().message()),
              HasSubstr("50 years"));
  EXPECT_THAT(std::string(ParsePeriod("2024-02-29..2074-03-01", 1).status().message()),
              HasSubstr("50 years"));
}

TEST(Period, FiscalMonthMattersForFiscalYearsOnly) {
  EXPECT_FALSE(ParsePeriod("FY2026", 0).ok());
  EXPECT_FALSE(ParsePeriod("FY2026", 13).ok());
  EXPECT_FALSE(ParsePeriod("FY0001", 2).ok());
  EXPECT_TRUE(ParsePeriod("2026", 0).ok());
}

// Every day of many years lies in exactly one quarter and one fiscal year.
TEST(Period, QuartersTileTheYears) {
  absl::CivilDay day(2023, 1, 1);
  for (int year = 2023; year < 2030; ++year) {
    for (int quarter = 1; quarter <= 4; ++quarter) {
      const Period period = *ParsePeriod(absl::StrCat(year, "-Q", quarter), 1);
      EXPECT_EQ(period.start, day);
      day = period.end;
    }
    EXPECT_EQ(ParsePeriod(absl::StrCat(year), 1)->end, day);
  }
  for (int month = 1; month <= 12; ++month) {
    EXPECT_EQ(ParsePeriod("FY2024", month)->end, ParsePeriod("FY2025", month)->start);
  }
}

TEST(Period, TheMachinesTimeZoneIsIrrelevant) {
  const char* before = std::getenv("TZ");
  const std::string saved = before == nullptr ? "" : before;
  std::vector<std::string> seen;
  for (const char* zone : {"Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Sao_Paulo", "UTC"}) {
    setenv("TZ", zone, 1);
    tzset();
    const Period period = *ParsePeriod("2026-03-29..2026-10-25", 1);
    seen.push_back(absl::StrCat(FormatCivilDay(period.start), FormatCivilDay(period.end),
                                FormatPeriodLocalized(period, "en")));
  }
  if (before == nullptr) {
    unsetenv("TZ");
  } else {
    setenv("TZ", saved.c_str(), 1);
  }
  tzset();
  for (const std::string& one : seen) EXPECT_EQ(one, seen.front());
  EXPECT_THAT(seen.front(), HasSubstr("March 29"));
  EXPECT_THAT(seen.front(), HasSubstr("October 25, 2026"));
}

// ICU writes thin spaces around dashes in some languages; people do not type them.
std::string Plain(std::string text) {
  for (const std::string space : {"\u2009", "\u202f", "\u00a0"}) {
    for (size_t at; (at = text.find(space)) != std::string::npos;) {
      text.replace(at, space.size(), " ");
    }
  }
  return text;
}

struct Named {
  const char* text;
  const char* language;
  const char* name;
  const char* in_sentence;
};

class PeriodNames : public testing::TestWithParam<Named> {};

TEST_P(PeriodNames, AsPeopleSayThem) {
  const Named& named = GetParam();
  const Period period = *ParsePeriod(named.text, 7);
  EXPECT_EQ(Plain(FormatPeriodLocalized(period, named.language)), named.name);
  EXPECT_EQ(Plain(FormatPeriodInSentence(period, named.language)), named.in_sentence);
}

INSTANTIATE_TEST_SUITE_P(
    All, PeriodNames,
    testing::Values(
        Named{"2026", "en", "2026", "2026"}, Named{"2026", "cs", "2026", "roku 2026"},
        Named{"2026-Q3", "en", "the third quarter of 2026", "the third quarter of 2026"},
        Named{"2026-Q3", "fr", "le troisième trimestre 2026", "juillet – septembre 2026"},
        Named{"2026-Q3", "es", "el tercer trimestre de 2026", "el tercer trimestre de 2026"},
        Named{"2026-Q1", "es", "el primer trimestre de 2026", "el primer trimestre de 2026"},
        Named{"2026-Q3", "pt", "o terceiro trimestre de 2026", "julho – setembro de 2026"},
        Named{"2026-Q3", "cs", "3. čtvrtletí 2026", "3. čtvrtletí 2026"},
        Named{"2026-07", "en", "July 2026", "July 2026"},
        Named{"2026-07", "fr-SN", "juillet 2026", "juillet 2026"},
        Named{"2026-07", "es", "julio de 2026", "julio de 2026"},
        Named{"2026-07", "pt-MZ", "julho de 2026", "julho de 2026"},
        Named{"2026-07", "cs", "červenec 2026", "července 2026"},
        Named{"FY2026", "en", "fiscal year 2026 (July 2025 – June 2026)",
              "fiscal year 2026 (July 2025 – June 2026)"},
        Named{"2026-07-01..2026-09-30", "en", "July – September 2026", "July – September 2026"},
        Named{"2026-07-01..2026-09-15", "en", "July 1 – September 15, 2026",
              "the period July 1 – September 15, 2026"},
        Named{"2026-07-01..2026-09-15", "sw", "July 1 – September 15, 2026",
              "the period July 1 – September 15, 2026"}));

}  // namespace
}  // namespace baraza
