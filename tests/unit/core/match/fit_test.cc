#include "core/match/fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/match/model.h"
#include "core/match/score.h"

namespace baraza {
namespace {

PairLevels Levels(std::initializer_list<std::pair<v1::MatchField, uint8_t>> levels) {
  PairLevels made;
  for (const auto& [field, level] : levels) made.level[field] = level;
  return made;
}

FitOptions Options(double pull = 1) {
  FitOptions options;
  options.version = "test-1";
  options.pull = pull;
  return options;
}

v1::MatchModel Fit(const std::vector<LabelledLevels>& pairs, const FitOptions& options) {
  const auto model = FitModel(pairs, ShippedModel(), options);
  EXPECT_TRUE(model.ok()) << model.status();
  EXPECT_TRUE(ValidateModel(*model).ok());
  return *model;
}

int32_t Weight(const v1::MatchModel& model, v1::MatchField field, int level) {
  return Scorer(model).Weight(field, level);
}

constexpr auto kDate = v1::MATCH_FIELD_DATE;
constexpr auto kTitle = v1::MATCH_FIELD_TITLE;
constexpr auto kTopic = v1::MATCH_FIELD_TOPIC;
constexpr auto kTeams = v1::MATCH_FIELD_TEAMS;
constexpr auto kOrganiser = v1::MATCH_FIELD_ORGANISER;

TEST(Fit, TheOddsOfASingleLevelAreItsScore) {
  const std::vector<LabelledLevels> pairs = {
      {Levels({{kDate, level::kSameDay}}), 900, 100},
      {Levels({{kDate, level::kOneDayApart}}), 200, 800},
  };
  const v1::MatchModel model = Fit(pairs, Options(0.001));
  const Scorer scorer(model);
  EXPECT_NEAR(scorer.Score(pairs[0].levels), 1000 * std::log(9.0), 30);
  EXPECT_NEAR(scorer.Score(pairs[1].levels), 1000 * std::log(0.25), 30);
}

// Topic repeats what the title says: together they weigh what one of them does.
TEST(Fit, FieldsThatSayTheSameShareIt) {
  const std::vector<LabelledLevels> pairs = {
      {Levels({{kTitle, level::kSameTitle}, {kTopic, level::kSameTopics}}), 900, 100},
      {Levels({{kTitle, level::kDifferentTitle}, {kTopic, level::kDifferentTopics}}), 100, 900},
  };
  const Scorer scorer(Fit(pairs, Options(0.001)));
  EXPECT_NEAR(scorer.Score(pairs[0].levels), 1000 * std::log(9.0), 40);
  EXPECT_LT(scorer.Weight(kTitle, level::kSameTitle) + scorer.Weight(kTopic, level::kSameTopics),
            1000 * std::log(81.0));
}

TEST(Fit, WhatWasNeverSeenStaysAsItWas) {
  const v1::MatchModel model = Fit({{Levels({{kTeams, level::kSameTeams}}), 90, 10},
                                    {Levels({{kTeams, level::kNoTeamInCommon}}), 10, 90}},
                                   Options());
  for (const auto& weights : ShippedModel().fields()) {
    if (weights.field() == kTeams) continue;
    for (int level = 1; level < weights.levels_size(); ++level) {
      EXPECT_EQ(Weight(model, weights.field(), level),
                Weight(ShippedModel(), weights.field(), level))
          << weights.field() << " " << level;
    }
  }
}

TEST(Fit, MissingWeighsNothingButInTheDate) {
  std::vector<LabelledLevels> pairs = {{Levels({{kDate, level::kSameDay}}), 500, 100},
                                       {Levels({}), 10, 200}};
  const v1::MatchModel model = Fit(pairs, Options());
  for (int field = 1; field < kMatchFieldCount; ++field) {
    if (field == kDate) continue;
    EXPECT_EQ(Weight(model, static_cast<v1::MatchField>(field), 0), 0) << field;
  }
  EXPECT_LT(Weight(model, kDate, level::kDateMissing), Weight(model, kDate, level::kSameDay));
}

// By the pairs alone, one team in common would speak louder than all of them.
TEST(Fit, LevelsStayInOrder) {
  const v1::MatchModel model = Fit({{Levels({{kTeams, level::kSameTeams}}), 60, 40},
                                    {Levels({{kTeams, level::kOneTeam}}), 95, 5},
                                    {Levels({{kTeams, level::kNoTeamInCommon}}), 10, 90}},
                                   Options(0.001));
  EXPECT_GE(Weight(model, kTeams, level::kSameTeams), Weight(model, kTeams, level::kMostTeams));
  EXPECT_GE(Weight(model, kTeams, level::kMostTeams), Weight(model, kTeams, level::kSomeTeams));
  EXPECT_GE(Weight(model, kTeams, level::kSomeTeams), Weight(model, kTeams, level::kOneTeam));
  EXPECT_GT(Weight(model, kTeams, level::kOneTeam), Weight(model, kTeams, level::kNoTeamInCommon));
}

// The pairs say that organisers who are each among the other's teams speak against more than those
// who differ do, which is held: the free one gives way.
TEST(Fit, AHeldLevelStaysWhenItsNeighbourIsOutOfOrder) {
  const int32_t held = Weight(ShippedModel(), kOrganiser, level::kDifferentOrganiser);
  const v1::MatchModel model =
      Fit({{Levels({}), 500, 500}, {Levels({{kOrganiser, level::kEachOrganiserThere}}), 5, 9995}},
          Options(0.001));
  EXPECT_EQ(Weight(model, kOrganiser, level::kDifferentOrganiser), held);
  EXPECT_EQ(Weight(model, kOrganiser, level::kEachOrganiserThere), held);
}

TEST(Fit, AStrongPullKeepsTheWeights) {
  const std::vector<LabelledLevels> pairs = {{Levels({{kTitle, level::kSameTitle}}), 1, 99},
                                             {Levels({{kTitle, level::kDifferentTitle}}), 99, 1}};
  const int32_t before = Weight(ShippedModel(), kTitle, level::kSameTitle);
  const int32_t kept = Weight(Fit(pairs, Options(1e6)), kTitle, level::kSameTitle);
  const int32_t moved = Weight(Fit(pairs, Options(1)), kTitle, level::kSameTitle);
  EXPECT_NEAR(kept, before, 20);
  EXPECT_LT(moved, before - 500);
}

TEST(Fit, PairsNeverComparedWeighTheirOddsButNeverFor) {
  const std::vector<LabelledLevels> pairs = {{Levels({{kDate, level::kSameDay}}), 50, 50}};
  FitOptions options = Options(1);
  options.never_compared_same = 1000;
  options.never_compared_different = 4000;
  EXPECT_NEAR(Fit(pairs, options).never_compared_milli_nats(), 1000 * std::log(0.25), 20);
  options.never_compared_same = 9000;
  EXPECT_EQ(Fit(pairs, options).never_compared_milli_nats(), 0);
}

TEST(Fit, TheOrderOfPairsDoesNotMatter) {
  std::vector<LabelledLevels> pairs;
  for (uint8_t date = 1; date < 8; ++date) {
    for (uint8_t title = 0; title < 8; ++title) {
      pairs.push_back({Levels({{kDate, date}, {kTitle, title}}), 17 * (9 - date) % 13,
                       5 * (title + date) % 11});
    }
  }
  const v1::MatchModel forward = Fit(Grouped(pairs), Options(5));
  std::reverse(pairs.begin(), pairs.end());
  EXPECT_EQ(FormatModel(Fit(Grouped(pairs), Options(5)), ""), FormatModel(forward, ""));
}

TEST(Fit, OneKindOfPairsIsNotEnough) {
  const std::vector<LabelledLevels> pairs = {{Levels({}), 10, 0}};
  EXPECT_EQ(FitModel(pairs, ShippedModel(), Options()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Fit, EqualLevelsAreAddedUp) {
  const auto grouped = Grouped(
      {{Levels({{kDate, 1}}), 1, 0}, {Levels({{kDate, 2}}), 0, 1}, {Levels({{kDate, 1}}), 0, 4}});
  ASSERT_EQ(grouped.size(), 2u);
  EXPECT_EQ(grouped[0].same, 1);
  EXPECT_EQ(grouped[0].different, 4);
}

TEST(Fit, TheTextFormReadsBack) {
  const std::string text = FormatModel(ShippedModel(), "one\n\ntwo");
  const auto parsed = ParseModel(text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->DebugString(), ShippedModel().DebugString());
}

}  // namespace
}  // namespace baraza
