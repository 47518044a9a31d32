#include "sync_server/commands/match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/model/limits.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using ::baraza::test::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TestId;

class MatchTest : public ::testing::Test {
 protected:
  std::string ReportLine(uint64_t n, const std::string& title, const std::string& date) {
    return absl::StrCat(
        R"({"id":")", TestId("rep", n), R"(","title":{"text":")", title,
        R"(","language":"en"},"issueId":")", TestId("iss", 1), R"(","dates":{"earliest":")", date,
        R"(","precision":"DATE_PRECISION_DAY"},"venue":{"locality":"Kilifi",)",
        R"("country":"KE"},"participatingTeams":[{"elementId":"a","teamId":")", TestId("tem", 1),
        R"("},{"elementId":"b","teamId":")", TestId("tem", 2), "\"}]}\n");
  }
  absl::StatusOr<MatchSummary> Match() {
    MatchOptions options;
    options.reports = dir_.File("reports.jsonl");
    options.clusters = dir_.File("clusters.csv");
    options.pairs = dir_.File("pairs.csv");
    options.register_file = register_;
    return MatchFiles(options,
                      [this](absl::string_view complaint) { complaints_.emplace_back(complaint); });
  }
  void WriteReports(const std::string& lines) {
    test::WriteFile(dir_.File("reports.jsonl"), lines);
  }

  test::TempDir dir_;
  std::string register_;
  std::vector<std::string> complaints_;
};

TEST_F(MatchTest, ReportsOfOneDayAndPlaceAreOneSession) {
  WriteReports(ReportLine(1, "Learning day on water points", "2026-08-04") +
               ReportLine(3, "Budget hearing follow-up", "2026-11-20") + "\n" +
               ReportLine(2, "Learning day on water points", "2026-08-04"));
  ASSERT_OK_AND_ASSIGN(const MatchSummary summary, Match());
  EXPECT_EQ(summary.reports, 3);
  EXPECT_EQ(summary.sessions, 2);
  EXPECT_EQ(summary.bad_lines, 0);
  EXPECT_EQ(test::ReadFile(dir_.File("clusters.csv")),
            absl::StrCat("report_id,session_id\n", TestId("rep", 1), ",", TestId("rep", 1), "\n",
                         TestId("rep", 2), ",", TestId("rep", 1), "\n", TestId("rep", 3), ",",
                         TestId("rep", 3), "\n"));
  EXPECT_THAT(test::ReadFile(dir_.File("pairs.csv")),
              AllOf(HasSubstr("left_report_id,right_report_id,score_milli_nats,together\n"),
                    HasSubstr(absl::StrCat(TestId("rep", 1), ",", TestId("rep", 2), ",")),
                    HasSubstr(",true\n")));
}

TEST_F(MatchTest, BadLinesAreNamedAndTheOthersGoThrough) {
  WriteReports(
      absl::StrCat(ReportLine(1, "Learning day", "2026-08-04"),
                   "{not json\n",                                                       // 2
                   ReportLine(2, "Impossible", "2026-02-31"),                           // 3
                   "{\"id\":\"rep_1\"}\n",                                              // 4
                   ReportLine(1, "Again", "2026-08-04"),                                // 5
                   "{\"id\":\"", TestId("tem", 1), "\",\"title\":\"A\"}\n",             // 6
                   "{\"id\":\"", TestId("rep", 9), "\",\"heldStatus\":\"NO_SUCH\"}\n",  // 7
                   std::string(kMaxJsonBytes * 2, 'x'), "\n",                           // 8
                   "{\"sessionReport\":", ReportLine(4, "Wrapped", "2026-09-01").substr(0, 0),
                   "{\"id\":\"", TestId("rep", 4), "\"}}\n"));  // 9
  ASSERT_OK_AND_ASSIGN(const MatchSummary summary, Match());
  EXPECT_EQ(summary.reports, 2);
  EXPECT_EQ(summary.bad_lines, 7);
  ASSERT_EQ(complaints_.size(), 7u);
  for (size_t i = 0; i < complaints_.size(); ++i) {
    EXPECT_THAT(complaints_[i], HasSubstr(absl::StrCat("reports.jsonl:", i + 2, ": ")));
  }
  EXPECT_THAT(complaints_[1], AllOf(HasSubstr(TestId("rep", 2)), HasSubstr("dates.earliest"),
                                    HasSubstr("2026-02-31")));
  EXPECT_THAT(complaints_[3], HasSubstr(TestId("rep", 1)));
  EXPECT_THAT(complaints_[4], HasSubstr("session report"));
}

TEST_F(MatchTest, TheRegisterComesInEitherForm) {
  register_ = dir_.File("register.jsonl");
  test::WriteFile(
      register_,
      absl::StrCat("{\"team\":{\"id\":\"", TestId("tem", 1),
                   "\",\"title\":\"Kilifi team\",\"aliases\":[\"KLF\"]}}\n", "{\"id\":\"",
                   TestId("tem", 2), "\",\"title\":\"Kwale\"}\n", "{\"id\":\"", TestId("src", 1),
                   "\",\"kind\":\"SOURCE_KIND_DOCUMENT\"}\n", "{\"title\":\"whose?\"}\n",
                   "{\"id\":\"", TestId("tem", 2), "\"}\n", "{\"team\":{\"title\":\"no id\"}}\n"));
  WriteReports(ReportLine(1, "Learning day", "2026-08-04"));
  ASSERT_OK_AND_ASSIGN(const MatchSummary summary, Match());
  EXPECT_EQ(summary.reports, 1);
  EXPECT_EQ(summary.bad_lines, 3);
  EXPECT_THAT(complaints_,
              ElementsAre(HasSubstr("register.jsonl:4:"), HasSubstr("register.jsonl:5:"),
                          HasSubstr("register.jsonl:6:")));
}

TEST_F(MatchTest, FilesThatAreNotThere) {
  EXPECT_THAT(Match(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("reports.jsonl")));
}

}  // namespace
}  // namespace baraza::server
