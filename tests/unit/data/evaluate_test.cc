#include <gtest/gtest.h>

#include <sstream>

#include "tests/data/csv.h"
#include "tests/data/evaluate/score.h"

namespace baraza::testdata {
namespace {

using Of = std::map<std::string, std::string>;

TEST(Evaluate, WhatIsFoundAsItIsIsPerfect) {
  const Of truth = {{"r1", "S1"}, {"r2", "S1"}, {"r3", "S2"}};
  const Evaluation evaluation =
      Evaluate(truth, {{"r1", "a"}, {"r2", "a"}, {"r3", "b"}}, {{"S1", "plain"}}, {});
  EXPECT_EQ(evaluation.all.F1(), 1.0);
  EXPECT_EQ(evaluation.all.ExactShare(), 1.0);
  EXPECT_EQ(evaluation.all.CountError(), 0.0);
  EXPECT_EQ(evaluation.of_scenario.at("plain").true_pairs, 1);
}

// S1 = {r1 r2 r3}, S2 = {r4 r5}, S3 = {r6}. Found: {r1 r2}, {r3 r4 r5}, {r6}.
TEST(Evaluate, PairsByHand) {
  const Of truth = {{"r1", "S1"}, {"r2", "S1"}, {"r3", "S1"},
                    {"r4", "S2"}, {"r5", "S2"}, {"r6", "S3"}};
  const Of found = {{"r1", "a"}, {"r2", "a"}, {"r3", "b"}, {"r4", "b"}, {"r5", "b"}, {"r6", "c"}};
  const Of scenario = {{"S1", "series"}, {"S2", "plain"}, {"S3", "plain"}};
  const Evaluation evaluation = Evaluate(truth, found, scenario, {});
  const Agreement& all = evaluation.all;
  EXPECT_EQ(all.true_pairs, 4);    // 12 13 23 45
  EXPECT_EQ(all.found_pairs, 4);   // 12 34 35 45
  EXPECT_EQ(all.common_pairs, 2);  // 12 45
  EXPECT_EQ(all.Precision(), 0.5);
  EXPECT_EQ(all.Recall(), 0.5);
  EXPECT_EQ(all.F1(), 0.5);
  EXPECT_EQ(all.true_sessions, 3);
  EXPECT_EQ(all.exact_sessions, 1);
  EXPECT_EQ(all.found_sessions, 3);
  const Agreement& series = evaluation.of_scenario.at("series");
  EXPECT_EQ(series.true_pairs, 3);
  EXPECT_EQ(series.common_pairs, 1);
  EXPECT_EQ(series.found_pairs, 3);  // 12 and the two wrong ones
  EXPECT_EQ(series.found_sessions, 1);
  const Agreement& plain = evaluation.of_scenario.at("plain");
  EXPECT_EQ(plain.found_pairs, 3);  // 45 and the two wrong ones
  EXPECT_EQ(plain.common_pairs, 1);
  EXPECT_EQ(plain.exact_sessions, 1);
}

TEST(Evaluate, WhatWasNotFoundStandsAlone) {
  const Of truth = {{"r1", "S1"}, {"r2", "S1"}};
  const Agreement all = Evaluate(truth, {{"r1", "a"}, {"r9", "a"}}, {}, {}).all;
  EXPECT_EQ(all.found_pairs, 0);
  EXPECT_EQ(all.Precision(), 1.0);
  EXPECT_EQ(all.Recall(), 0.0);
  EXPECT_EQ(all.CountError(), 1.0);
}

TEST(Evaluate, AmbiguousSessionsCountNeitherWay) {
  const Of truth = {{"r1", "S1"}, {"r2", "S2"}, {"r3", "S3"}};
  const Of found = {{"r1", "a"}, {"r2", "a"}, {"r3", "a"}};
  EXPECT_EQ(Evaluate(truth, found, {}, {}).all.found_pairs, 3);
  EXPECT_EQ(Evaluate(truth, found, {}, {{"S2", "S1"}}).all.found_pairs, 2);
}

TEST(Csv, QuotedFields) {
  std::istringstream in("a,\"b, \"\"c\"\"\",\n\"two\nlines\",d\r\n");
  std::vector<std::string> row;
  ASSERT_TRUE(ReadCsvRow(in, row));
  EXPECT_EQ(row, (std::vector<std::string>{"a", "b, \"c\"", ""}));
  ASSERT_TRUE(ReadCsvRow(in, row));
  EXPECT_EQ(row, (std::vector<std::string>{"two\nlines", "d"}));
  EXPECT_FALSE(ReadCsvRow(in, row));
}

}  // namespace
}  // namespace baraza::testdata
