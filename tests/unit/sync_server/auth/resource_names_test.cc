#include "sync_server/auth/resource_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/testing/status_matchers.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using ::baraza::test::IsOkAndHolds;
using ::baraza::test::StatusIs;
using testing::TestId;

const std::string kProgramme = TestId("prg", 1);

TEST(ResourceNamesTest, WhatIsMadeIsTakenApart) {
  const std::string report = TestId("rep", 2), team = TestId("tem", 3),
                    indicator = TestId("ind", 4);
  EXPECT_THAT(ParseProgrammeName(ProgrammeName(kProgramme)), IsOkAndHolds(kProgramme));
  EXPECT_THAT(ParseRecordName(RecordName(kProgramme, team)), IsOkAndHolds(team));
  EXPECT_THAT(ParseSessionName(SessionName(kProgramme, report)), IsOkAndHolds(report));
  ASSERT_OK_AND_ASSIGN(const FigureResource figure,
                       ParseFigureName(FigureName(kProgramme, indicator, "2026-Q3")));
  EXPECT_EQ(figure.indicator_id, indicator);
  EXPECT_EQ(figure.period, "2026-Q3");
  for (const std::string& name :
       {ProgrammeName(kProgramme), RecordName(kProgramme, team), SessionName(kProgramme, report),
        FigureName(kProgramme, indicator, "2026-07-01..2026-09-30")}) {
    EXPECT_THAT(ProgrammeOf(name), IsOkAndHolds(kProgramme));
  }
}

TEST(ResourceNamesTest, EverythingElseIsRefused) {
  const std::string report = TestId("rep", 2);
  for (const std::string& name :
       {std::string(), std::string("programmes"), std::string("programmes/"),
        "programmes/" + report, "Programmes/" + kProgramme, "/programmes/" + kProgramme,
        "programmes/" + kProgramme + "/", "programmes/" + kProgramme + "x",
        "programmes/" + kProgramme + "\xff"}) {
    EXPECT_THAT(ParseProgrammeName(name), StatusIs(absl::StatusCode::kInvalidArgument)) << name;
  }
  for (const std::string& rest :
       {std::string("/sessions/"), "/sessions/" + TestId("src", 1), "/session/" + report,
        "/sessions/" + report + "/x", "/records/" + report, std::string("/sessions/%2e")}) {
    EXPECT_THAT(ParseSessionName("programmes/" + kProgramme + rest),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << rest;
  }
  EXPECT_THAT(ParseRecordName("programmes/" + kProgramme + "/records/../x"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseRecordName("programmes/" + kProgramme + "/records/rep_1"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseFigureName(FigureName(kProgramme, report, "2026")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseFigureName(FigureName(kProgramme, TestId("ind", 1), "")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace baraza::server
