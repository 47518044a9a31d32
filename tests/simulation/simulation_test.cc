// The simulator itself: repeatable, with faults that happen, and able to shrink; and every plan
// that ever failed. The many seeds are run by the program `simulate`.

#include "tests/simulation/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tests/simulation/oracle.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/shrink.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza::sim {
namespace {

using ::baraza::test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string TraceOf(const Plan& plan) {
  std::ostringstream trace;
  trace << Simulate(plan, &trace).violation;
  return trace.str();
}

TEST(Simulation, TheSameSeedIsTheSameRun) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    const Plan plan = Plan::FromSeed(seed);
    const std::string trace = TraceOf(plan);
    EXPECT_THAT(trace, HasSubstr("#1 "));
    EXPECT_EQ(trace, TraceOf(plan)) << "seed " << seed;
  }
}

TEST(Simulation, EveryKindOfFaultHappens) {
  Tally tally;
  for (uint64_t seed = 1; seed <= 80; ++seed) {
    const Outcome outcome = Simulate(Plan::FromSeed(seed));
    EXPECT_EQ(outcome.violation, "") << "seed " << seed;
    tally.Add(outcome.tally);
  }
  EXPECT_EQ(tally.runs, 80);
  EXPECT_GT(tally.captured, 500);
  EXPECT_GT(tally.acknowledged, 500);
  EXPECT_GT(tally.refused, 3);
  EXPECT_GT(tally.messages_lost, 20);
  EXPECT_GT(tally.messages_doubled, 5);
  EXPECT_GT(tally.kills, 40);
  EXPECT_GT(tally.power_cuts, 40);
  EXPECT_GT(tally.io_faults, 40);
  EXPECT_GT(tally.restores, 10);
  EXPECT_GT(tally.copies, 10);
  EXPECT_GT(tally.forks, 100);
}

TEST(Plan, ReadsBackWhatItWrites) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const std::string text = Plan::FromSeed(seed).ToText();
    ASSERT_OK_AND_ASSIGN(const Plan again, Plan::Parse(text));
    EXPECT_EQ(again.ToText(), text);
  }
  EXPECT_THAT(Plan::Parse("seed 1\n\n12 capture\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 3")));
  EXPECT_THAT(Plan::Parse("7 sync phone1 after=soon"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 1")));
}

TEST(Shrink, LeavesJustWhatItTakes) {
  Plan plan = Plan::FromSeed(4);
  plan.phones = 4;
  const auto add = [&](int64_t at, const char* verb) { plan.steps.push_back({at, verb, "x", {}}); };
  add(10, "first");
  for (int i = 0; i < 40; ++i) add(20 + i, "noise");
  add(90, "second");
  const Plan small = Shrink(plan, [](const Plan& some) {
    std::string verbs;
    for (const Step& step : some.steps) verbs += step.verb + " ";
    const size_t first = verbs.find("first ");
    return some.phones >= 2 && first != std::string::npos &&
           verbs.find("second ", first) != std::string::npos;
  });
  ASSERT_EQ(small.steps.size(), 2u);
  EXPECT_EQ(small.steps[0].verb, "first");
  EXPECT_EQ(small.steps[1].verb, "second");
  EXPECT_EQ(small.phones, 2);
  EXPECT_EQ(small.length_ms, 91);
}

TEST(Oracle, ASessionCountsOnceForAsLongAsOneOfItsReportsStands) {
  Oracle oracle;
  const auto capture = [&](int session, bool counts) {
    Oracle::Deed deed;
    deed.session = session;
    deed.counts = counts;
    return oracle.Begin(deed);
  };
  const int first = capture(1, true);
  const int second = capture(1, true);
  const int other = capture(2, true);
  const int cancelled = capture(3, false);
  Oracle::Deed taken_back;
  taken_back.kind = Oracle::Kind::kVoid;
  taken_back.of = first;
  const int gone = oracle.Begin(taken_back);
  EXPECT_EQ(oracle.SessionsThatCount({first, second, other, cancelled}), 2);
  EXPECT_EQ(oracle.SessionsThatCount({first, second, gone}), 1);
  EXPECT_EQ(oracle.SessionsThatCount({first, other, gone}), 1);
  EXPECT_EQ(oracle.SessionsThatCount({}), 0);
}

TEST(Oracle, WhatAnyDiskStillHasIsRequired) {
  Oracle oracle;
  oracle.Done(oracle.Begin({}), "phone1", "a");
  oracle.TakeImage("phone1", "image");
  oracle.Done(oracle.Begin({}), "phone1", "b");
  oracle.Copy("phone1", "clone");
  oracle.Done(oracle.Begin({}), "phone1", "c");
  oracle.Begin({});  // Nobody said OK.
  EXPECT_THAT(oracle.Required(), ElementsAre("a", "b", "c"));
  oracle.PutBack("phone1", "image");
  EXPECT_THAT(oracle.Required(), ElementsAre("a", "b"));
  oracle.Wipe("clone");
  EXPECT_THAT(oracle.Required(), ElementsAre("a"));
  // The server has it by now; a restored one does not.
  oracle.BackUpServer("backup", {});
  oracle.Acknowledged("a");
  oracle.Wipe("phone1");
  EXPECT_THAT(oracle.Required(), ElementsAre("a"));
  oracle.RestoreServer("backup");
  EXPECT_THAT(oracle.Required(), IsEmpty());
}

// Each file is a plan that once broke a promise, shrunk; its first line says which.
TEST(Regressions, Hold) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator("tests/simulation/regressions")) {
    if (entry.path().extension() == ".plan") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  EXPECT_GE(files.size(), 2u);
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    ASSERT_OK_AND_ASSIGN(const Plan plan, Plan::Parse(test::ReadFile(file)));
    EXPECT_FALSE(plan.steps.empty());
    EXPECT_EQ(Simulate(plan).violation, "");
  }
}

}  // namespace
}  // namespace baraza::sim
