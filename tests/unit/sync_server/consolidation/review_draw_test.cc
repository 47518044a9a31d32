#include "sync_server/consolidation/review_draw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/indicator/interval.h"

namespace baraza::server {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

v1::Figure FigureOfPairs(int sessions) {
  v1::Figure figure;
  figure.set_indicator_id("ind_1");
  figure.set_period("2026-Q3");
  figure.set_model_version("m/1");
  for (int i = 0; i < sessions; ++i) {
    v1::FigureSession& session = *figure.add_counted();
    session.set_session_id(absl::StrCat("a", i));
    session.add_report_ids(absl::StrCat("a", i));
    session.add_report_ids(absl::StrCat("b", i));
  }
  figure.set_value(static_cast<uint32_t>(sessions));
  return figure;
}

MatchIndex::ReviewLink Within(int session, int32_t score = 4000) {
  return {absl::StrCat("a", session), absl::StrCat("b", session), score, true};
}
MatchIndex::ReviewLink Between(int left, const std::string& right, int32_t score = -2000) {
  return {absl::StrCat("a", left), right, score, false};
}

TEST(DrawReview, RecordsWhatTheEstimateNeeds) {
  std::vector<MatchIndex::ReviewLink> links;
  for (int i = 0; i < 40; ++i) links.push_back(Within(i));
  for (int i = 0; i < 10; ++i) links.push_back(Between(i, absl::StrCat("a", i + 20)));
  SeededRandom random(1);
  const ReviewDraw draw = DrawReview(FigureOfPairs(40), links, {}, 20, random);
  EXPECT_EQ(draw.decisions, 50u);
  ASSERT_THAT(draw.samples, SizeIs(20));
  std::map<std::string, int> drawn;
  for (const v1::ReviewSample& sample : draw.samples) ++drawn[sample.stratum()];
  ASSERT_THAT(drawn, SizeIs(2));
  for (const v1::ReviewSample& sample : draw.samples) {
    const size_t stratum = *FindReviewStratum(sample.stratum());
    const uint32_t size = ReviewStrata()[stratum].together ? 40 : 10;
    EXPECT_EQ(sample.stratum_size(), size);
    EXPECT_DOUBLE_EQ(sample.inclusion_probability(),
                     static_cast<double>(drawn[sample.stratum()]) / size);
    EXPECT_EQ(sample.report_ids_size(), 2);
    EXPECT_EQ(sample.indicator_id(), "ind_1");
    EXPECT_EQ(sample.period(), "2026-Q3");
    EXPECT_EQ(sample.model_version(), "m/1");
    EXPECT_EQ(sample.figure_value(), 40u);
    EXPECT_FALSE(sample.has_outcome());
    EXPECT_TRUE(sample.id().empty());
  }
}

TEST(DrawReview, JoiningWithASessionThatDoesNotCountChangesNothing) {
  SeededRandom random(1);
  const ReviewDraw draw =
      DrawReview(FigureOfPairs(3), {Between(0, "elsewhere"), Between(0, "b1")}, {}, 20, random);
  EXPECT_EQ(draw.decisions, 1u);
  ASSERT_THAT(draw.samples, SizeIs(1));
  EXPECT_EQ(draw.samples[0].report_ids(1), "b1");
}

TEST(DrawReview, NoPairIsDrawnTwiceAndTheStratumStaysAsLargeAsItIs) {
  std::vector<MatchIndex::ReviewLink> links;
  for (int i = 0; i < 50; ++i) links.push_back(Within(i));
  const v1::Figure figure = FigureOfPairs(50);
  SeededRandom random(7);
  std::vector<v1::ReviewSample> all;
  std::set<std::string> pairs;
  for (int round = 0; round < 3; ++round) {
    const ReviewDraw draw = DrawReview(figure, links, all, 20, random);
    EXPECT_EQ(draw.decisions, 50u);
    for (const v1::ReviewSample& sample : draw.samples) {
      EXPECT_TRUE(pairs.insert(sample.report_ids(0)).second) << sample.report_ids(0);
      EXPECT_EQ(sample.stratum_size(), 50u);
      all.push_back(sample);
    }
  }
  EXPECT_THAT(all, SizeIs(50));
  EXPECT_THAT(DrawReview(figure, links, all, 20, random).samples, IsEmpty());
}

// Within a stratum every decision comes with the same probability, and none goes with another.
TEST(DrawReview, IsASimpleRandomSampleOfEachStratum) {
  constexpr int kLinks = 30;
  constexpr int kRounds = 3000;
  std::vector<MatchIndex::ReviewLink> links;
  for (int i = 0; i < kLinks; ++i) links.push_back(Within(i));
  const v1::Figure figure = FigureOfPairs(kLinks);
  SeededRandom random(11);
  std::map<std::string, int> drawn;
  std::map<std::string, int> first;
  int both = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::set<std::string> now;
    const ReviewDraw draw = DrawReview(figure, links, {}, 10, random);
    for (const v1::ReviewSample& sample : draw.samples) now.insert(sample.report_ids(0));
    ASSERT_THAT(now, SizeIs(10));
    for (const std::string& report : now) ++drawn[report];
    ++first[draw.samples[0].report_ids(0)];
    both += now.count("a0") > 0 && now.count("a1") > 0;
  }
  // Five standard deviations of a binomial count.
  for (int i = 0; i < kLinks; ++i) {
    EXPECT_NEAR(drawn[absl::StrCat("a", i)], kRounds / 3.0, 130);
    EXPECT_NEAR(first[absl::StrCat("a", i)], kRounds / 30.0, 50);
  }
  EXPECT_NEAR(both, kRounds * (10.0 * 9) / (30 * 29), 85);
}

}  // namespace
}  // namespace baraza::server
