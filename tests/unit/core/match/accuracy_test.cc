#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/data/evaluate/score.h"
#include "tests/data/generator/text.h"
#include "tests/evaluation/labelled_programme.h"

namespace baraza {
namespace {

using testdata::Agreement;

// What docs/matching.md claims, on fewer sessions and with a margin for that. The vocabulary is not
// the one that the model was fitted on.
struct Claim {
  const char* name;
  testdata::Noise noise;
  double f1, exact, count_error;
};

class Accuracy : public ::testing::TestWithParam<Claim> {};

TEST_P(Accuracy, OnUnseenReports) {
  testdata::GenerateOptions options;
  options.seed = 4711;
  options.sessions = 1500;
  options.vocabulary = &testdata::VocabularyB();
  options.noise = GetParam().noise;
  const LabelledProgramme programme = GenerateProgramme(options);
  const testdata::Evaluation found =
      testdata::Evaluate(programme.session_of, Matched(programme), programme.scenario_of, {});
  EXPECT_GE(found.all.F1(), GetParam().f1);
  EXPECT_GE(found.all.ExactShare(), GetParam().exact);
  EXPECT_LE(std::abs(found.all.CountError()), GetParam().count_error);
  // What the established tools put into one: each of a series counts.
  const Agreement& series = found.of_scenario.at("series");
  EXPECT_GE(series.F1(), GetParam().f1 - 0.01);
  EXPECT_LE(std::abs(series.CountError()), 2 * GetParam().count_error + 0.01);
  EXPECT_GE(found.of_scenario.at("cross_language").F1(), GetParam().f1 - 0.03);
}

INSTANTIATE_TEST_SUITE_P(Noise, Accuracy,
                         ::testing::Values(Claim{"low", testdata::kLowNoise, 0.98, 0.96, 0.015},
                                           Claim{"medium", testdata::kMediumNoise, 0.965, 0.93,
                                                 0.02},
                                           Claim{"high", testdata::kHighNoise, 0.91, 0.83, 0.08}),
                         [](const auto& info) { return info.param.name; });

// ---- what must not matter

class Unmoved : public ::testing::Test {
 protected:
  void SetUp() override {
    testdata::GenerateOptions options;
    options.seed = 12;
    options.sessions = 250;
    programme_ = GenerateProgramme(options);
    before_ = Matched(programme_);
  }
  template <typename Change>
  void ExpectUnmovedBy(Change&& change) {
    for (v1::SessionReport& report : programme_.reports) change(report);
    EXPECT_EQ(Matched(programme_), before_);
  }
  template <typename Change>
  static void ForEachText(v1::SessionReport& report, Change&& change) {
    change(*report.mutable_title()->mutable_text());
    for (auto& topic : *report.mutable_topics()) change(*topic.mutable_text());
    if (report.has_venue()) {
      change(*report.mutable_venue()->mutable_name());
      change(*report.mutable_venue()->mutable_locality());
    }
    for (auto& team : *report.mutable_participating_teams()) {
      if (!team.unregistered_name().empty()) change(*team.mutable_unregistered_name());
    }
    if (report.has_part_of()) change(*report.mutable_part_of()->mutable_title()->mutable_text());
  }

  LabelledProgramme programme_;
  std::map<std::string, std::string> before_;
};

TEST_F(Unmoved, ByLostDiacritics) {
  ExpectUnmovedBy([](v1::SessionReport& report) {
    ForEachText(report, [](std::string& text) { text = testdata::WithoutDiacritics(text); });
  });
}

TEST_F(Unmoved, ByExtraWhitespace) {
  ExpectUnmovedBy([](v1::SessionReport& report) {
    ForEachText(report, [](std::string& text) {
      if (!text.empty()) text = "  " + testdata::Replaced(text, " ", "  \t") + "\n";
    });
  });
}

TEST_F(Unmoved, ByTheOrderOfTeams) {
  ExpectUnmovedBy([](v1::SessionReport& report) {
    auto& teams = *report.mutable_participating_teams();
    std::reverse(teams.begin(), teams.end());
  });
}

TEST_F(Unmoved, ByTheRegionInALanguageTag) {
  ExpectUnmovedBy([](v1::SessionReport& report) {
    std::string& title = *report.mutable_title()->mutable_language();
    if (title == "pt") title = "pt-MZ";
    if (title == "en") title = "EN";
    if (report.language() == "fr") report.set_language("fr-SN");
  });
}

TEST_F(Unmoved, ByTheOrderOfReports) {
  std::reverse(programme_.reports.begin(), programme_.reports.end());
  EXPECT_EQ(Matched(programme_), before_);
}

}  // namespace
}  // namespace baraza
