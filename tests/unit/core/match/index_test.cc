#include "core/match/index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/match/batch.h"
#include "core/match/blocking.h"
#include "core/match/explain.h"
#include "core/match/model.h"
#include "core/match/score.h"
#include "tests/unit/core/match/report_builder.h"

namespace baraza {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

MatchIndex IndexOf(const std::vector<Rep>& reports) {
  MatchIndex index(ShippedModel());
  const Register reg = TestRegister();
  for (const Rep& report : reports) index.Upsert(report.Features(reg));
  index.Refresh();
  return index;
}

size_t Sessions(const std::vector<Rep>& reports) { return IndexOf(reports).Clusters().size(); }

MatchRuling Rule(const std::string& id, bool same, std::vector<std::string> reports,
                 uint64_t lamport = 1) {
  MatchRuling ruling;
  ruling.ruling_id = id;
  ruling.same = same;
  ruling.report_ids = std::move(reports);
  ruling.lamport = lamport;
  ruling.id_hash = Sha256(id);
  return ruling;
}

Rep Coast(const std::string& id, const std::string& day) {
  return Rep(id)
      .Title("Coast forum on land rights", "en")
      .Day(day)
      .Place("Mombasa", "", "KE")
      .Teams({"tem_a", "tem_b", "tem_c"})
      .Issue("iss_land")
      .Total(40)
      .By("tem_a", "per_1");
}

// ---- the cases that the established tools fail on

TEST(HardCases, TwoTeamsTwoLanguagesADayApart) {
  EXPECT_EQ(Sessions({Coast("rep_1", "2026-03-05"),
                      Rep("rep_2")
                          .Title("Forum de la côte sur les droits fonciers", "fr")
                          .Day("2026-03-06")
                          .Place("Mombassa")
                          .Teams({"Alfa", "tem_b", "tem_d"})
                          .Issue("iss_land")
                          .By("tem_b", "per_2")}),
            1u);
}

TEST(HardCases, AMonthlySeriesCountsTwelveTimes) {
  std::vector<Rep> reports;
  for (int month = 1; month <= 12; ++month) {
    const std::string day = absl::StrCat("2026-", month < 10 ? "0" : "", month, "-05");
    reports.push_back(Coast(absl::StrCat("rep_a", month), day));
    reports.push_back(Coast(absl::StrCat("rep_b", month), day).By("tem_b", "per_2"));
  }
  EXPECT_EQ(Sessions(reports), 12u);
}

TEST(HardCases, AWeeklySeriesToo) {
  EXPECT_EQ(Sessions({Coast("rep_1", "2026-03-02"), Coast("rep_2", "2026-03-09").By("tem_b", "p"),
                      Coast("rep_3", "2026-03-16").By("tem_c", "q")}),
            3u);
}

TEST(HardCases, TwoSessionsInOneTownOnOneDay) {
  EXPECT_EQ(
      Sessions({Coast("rep_1", "2026-03-05"), Rep("rep_2")
                                                  .Title("Youth radio and elections workshop", "en")
                                                  .Day("2026-03-05")
                                                  .Place("Mombasa")
                                                  .Teams({"tem_d", "tem_e"})
                                                  .By("tem_d", "per_2")}),
      2u);
  EXPECT_EQ(Sessions({Coast("rep_1", "2026-03-05").Title("Coast forum on land rights, session A"),
                      Coast("rep_2", "2026-03-05")
                          .Title("Coast forum on land rights, session B")
                          .By("tem_b", "per_2")}),
            2u);
}

TEST(HardCases, OneTitleElsewhereIsARoadshow) {
  EXPECT_EQ(Sessions({Coast("rep_1", "2026-03-05").By("tem_a", "per_1"),
                      Rep("rep_2")
                          .Title("Coast forum on land rights", "en")
                          .Day("2026-03-06")
                          .Place("Lodwar")
                          .Teams({"tem_a", "tem_e"})
                          .By("tem_e", "per_2")}),
            2u);
}

TEST(HardCases, AConferenceAndItsSessions) {
  const auto conference = [](const std::string& id) {
    return Rep(id)
        .Title("National conference on water", "en")
        .Dates("2026-03-05", "2026-03-06")
        .Place("Nakuru", "Rift Hotel")
        .Teams({"tem_a", "tem_b", "tem_c", "tem_d"});
  };
  EXPECT_EQ(
      Sessions({conference("rep_1").By("tem_a", "per_1"), conference("rep_2").By("tem_b", "q"),
                Rep("rep_3")
                    .Title("Savings and seeds", "en")
                    .Day("2026-03-05")
                    .Place("Nakuru", "Rift Hotel")
                    .Teams({"tem_a", "tem_b"})
                    .PartOf("rep_1", "National conference on water")
                    .By("tem_a", "per_1"),
                Rep("rep_4")
                    .Title("Elections and radio", "en")
                    .Day("2026-03-05")
                    .Place("Nakuru", "Rift Hotel")
                    .Teams({"tem_a", "tem_b"})
                    .PartOf("rep_1", "National conference on water")
                    .By("tem_b", "q"),
                Rep("rep_5")
                    .Title("Semences et épargne", "fr")
                    .Day("2026-03-05")
                    .Place("Nakuru", "Rift Hotel")
                    .Teams({"tem_a", "tem_b"})
                    .PartOf("rep_1", "National conference on water")
                    .By("tem_c", "r")}),
      3u);
}

TEST(HardCases, DayAndMonthExchanged) {
  EXPECT_EQ(Sessions({Coast("rep_1", "2026-03-05"), Coast("rep_2", "2026-05-03").By("tem_b", "q")}),
            1u);
}

TEST(HardCases, OnlyTheMonthIsKnown) {
  EXPECT_EQ(Sessions({Coast("rep_1", "2026-03-05"),
                      Coast("rep_2", "")
                          .By("tem_b", "q")
                          .Dates("2026-03-01", "2026-03-31", v1::DATE_PRECISION_MONTH)}),
            1u);
}

TEST(HardCases, OneInterviewThatTellsOfFiveSessions) {
  std::vector<Rep> reports;
  for (int i = 1; i <= 5; ++i) {
    reports.push_back(Coast(absl::StrCat("rep_", i), "")
                          .Dates("2026-03-01", "2026-03-31", v1::DATE_PRECISION_MONTH)
                          .Cite("src_1", absl::StrCat("minute ", 10 * i)));
  }
  EXPECT_EQ(Sessions(reports), 5u);
}

TEST(HardCases, ReportsWithNothingInThemStayApart) {
  EXPECT_EQ(Sessions({Rep("rep_1"), Rep("rep_2"), Rep("rep_3")}), 3u);
}

TEST(HardCases, AHintAnswerIsEvidence) {
  // Too little to tell by itself ...
  const auto one = [] {
    return Rep("rep_1")
        .Title("Seed exchange", "en")
        .Day("2026-03-05")
        .Place("Kisumu")
        .By("tem_a", "per_1");
  };
  const auto two = [] {
    return Rep("rep_2")
        .Title("Women and water", "en")
        .Day("2026-03-05")
        .Place("Kisumu")
        .By("tem_b", "per_2");
  };
  EXPECT_EQ(Sessions({one(), two()}), 2u);
  EXPECT_EQ(Sessions({one(), two().Hint("rep_1", v1::HintAnswer::ANSWER_SAME)}), 1u);
  // ... and no proof against a different marker.
  EXPECT_EQ(Sessions({one().Title("Seed exchange #1"),
                      two().Title("Seed exchange #2").Hint("rep_1", v1::HintAnswer::ANSWER_SAME)}),
            2u);
}

// ---- the index

TEST(MatchIndex, NamesASessionByItsSmallestReport) {
  MatchIndex index(ShippedModel());
  index.Upsert(Coast("rep_5", "2026-03-05").Features());
  index.Upsert(Coast("rep_7", "2026-03-05").By("tem_b", "q").Features());
  MatchIndex::Change change = index.Refresh();
  EXPECT_THAT(change.dissolved_session_ids, IsEmpty());
  ASSERT_THAT(change.clusters, SizeIs(1));
  EXPECT_THAT(change.clusters[0].report_ids, ElementsAre("rep_5", "rep_7"));
  EXPECT_EQ(index.ClusterOf("rep_7")->session_id, "rep_5");

  index.Upsert(Coast("rep_3", "2026-03-06").By("tem_c", "r").Features());
  change = index.Refresh();
  EXPECT_THAT(change.dissolved_session_ids, ElementsAre("rep_5"));
  ASSERT_THAT(change.clusters, SizeIs(1));
  EXPECT_EQ(change.clusters[0].session_id, "rep_3");

  index.Remove("rep_3");
  index.Remove("rep_7");
  index.Remove("unknown");
  change = index.Refresh();
  EXPECT_THAT(change.dissolved_session_ids, ElementsAre("rep_3"));
  ASSERT_THAT(change.clusters, SizeIs(1));
  EXPECT_THAT(change.clusters[0].report_ids, ElementsAre("rep_5"));
  EXPECT_EQ(index.ClusterOf("rep_7"), nullptr);
  EXPECT_EQ(index.report_count(), 1u);
  change = index.Refresh();
  EXPECT_THAT(change.clusters, IsEmpty());
  EXPECT_THAT(change.dissolved_session_ids, IsEmpty());
}

TEST(MatchIndex, AnEditCanSplitASession) {
  MatchIndex index =
      IndexOf({Coast("rep_1", "2026-03-05"), Coast("rep_2", "2026-03-05").By("tem_b", "q")});
  ASSERT_EQ(index.Clusters().size(), 1u);
  index.Upsert(Coast("rep_2", "2026-04-05").By("tem_b", "q").Features());
  const MatchIndex::Change change = index.Refresh();
  EXPECT_THAT(change.clusters, SizeIs(2));
  EXPECT_EQ(index.Clusters().size(), 2u);
}

TEST(MatchIndex, RulingsWinAndWithdrawingRestores) {
  MatchIndex index =
      IndexOf({Coast("rep_1", "2026-03-05"), Coast("rep_2", "2026-03-05").By("tem_b", "q"),
               Coast("rep_3", "2026-09-05")});
  const std::vector<Cluster> before = index.Clusters();
  ASSERT_EQ(before.size(), 2u);
  index.SetRulings(
      {Rule("rul_1", false, {"rep_1", "rep_2"}, 2), Rule("rul_2", true, {"rep_2", "rep_3"}, 1)});
  index.Refresh();
  EXPECT_EQ(index.ClusterOf("rep_1")->report_ids, std::vector<std::string>{"rep_1"});
  EXPECT_THAT(index.ClusterOf("rep_3")->report_ids, ElementsAre("rep_2", "rep_3"));
  EXPECT_EQ(index.Explain("rep_1", "rep_2")->ruling_effect(), v1::RULING_EFFECT_DIFFERENT);
  EXPECT_EQ(index.Explain("rep_3", "rep_2")->ruling_id(), "rul_2");
  EXPECT_EQ(index.Explain("rep_3", "rep_1")->ruling_effect(), v1::RULING_EFFECT_DIFFERENT);
  EXPECT_THAT(index.DoubtfulPairsOf("rep_1"), IsEmpty());
  index.SetRulings({});
  index.Refresh();
  EXPECT_EQ(index.Clusters(), before);
}

TEST(MatchIndex, ARulingPartsIdenticalReports) {
  MatchIndex index = IndexOf(
      {Coast("rep_1", "2026-03-05"), Coast("rep_2", "2026-03-05"), Coast("rep_3", "2026-03-05")});
  ASSERT_EQ(index.Clusters().size(), 1u);
  index.SetRulings({Rule("rul_1", false, {"rep_1", "rep_3"})});
  index.Refresh();
  EXPECT_EQ(index.Clusters().size(), 2u);
  EXPECT_NE(index.ClusterOf("rep_1"), index.ClusterOf("rep_3"));
}

TEST(MatchIndex, ARulingOutlivesAnAbsentReport) {
  MatchIndex index = IndexOf({Coast("rep_1", "2026-03-05"), Coast("rep_2", "2026-06-05")});
  index.SetRulings({Rule("r", true, {"rep_1", "rep_9"}), Rule("s", true, {"rep_9", "rep_2"})});
  index.Refresh();
  EXPECT_EQ(index.Clusters().size(), 1u);
}

TEST(MatchIndex, ContradictingRulingsAreSetAside) {
  MatchIndex index = IndexOf({Coast("rep_1", "2026-03-05"), Coast("rep_2", "2026-03-05")});
  index.SetRulings(
      {Rule("rul_1", true, {"rep_1", "rep_2"}, 1), Rule("rul_2", false, {"rep_1", "rep_2"}, 2)});
  index.Refresh();
  EXPECT_EQ(index.Clusters().size(), 2u);
  EXPECT_THAT(index.ContradictingRulings(), ElementsAre(RulingContradiction{"rul_1", {"rul_2"}}));
}

// What is left out of a sample is what rulings settle: one that was set aside settles nothing.
TEST(MatchIndex, APairWhoseRulingWasSetAsideIsADecisionOfTheMatcher) {
  MatchIndex index = IndexOf(
      {Coast("rep_1", "2026-03-05"), Coast("rep_2", "2026-03-05"), Coast("rep_3", "2026-03-05")});
  const auto pairs = [&] {
    std::vector<std::pair<std::string, std::string>> found;
    for (const MatchIndex::ReviewLink& link : index.ReviewLinks({"rep_1", "rep_2", "rep_3"})) {
      found.emplace_back(link.left_report_id, link.right_report_id);
    }
    return found;
  };
  const auto higher = Rule("rul_1", false, {"rep_1", "rep_2"}, 2);
  index.SetRulings({higher});
  index.Refresh();
  const auto without = pairs();
  EXPECT_FALSE(without.empty());
  index.SetRulings({higher, Rule("rul_2", true, {"rep_1", "rep_2", "rep_3"}, 1)});
  index.Refresh();
  EXPECT_EQ(index.ContradictingRulings().size(), 1u);
  EXPECT_EQ(pairs(), without);
}

TEST(MatchIndex, ThousandsOfIdenticalReportsAreOneNode) {
  MatchIndex index(ShippedModel());
  const ReportFeatures features = Coast("rep_0", "2026-03-05").Features();
  for (int i = 0; i < 2000; ++i) {
    ReportFeatures copy = features;
    copy.report_id = absl::StrCat("rep_", i);
    copy.report_hash = static_cast<uint64_t>(i) + 1;
    index.Upsert(copy);
  }
  index.Upsert(Coast("rep_x", "2026-03-06").By("tem_b", "q").Features());
  index.Refresh();
  EXPECT_EQ(index.Clusters().size(), 1u);
  EXPECT_LE(index.stats().scored_pairs, 2u);
  EXPECT_EQ(index.stats().kept_pairs, 1u);
  EXPECT_THAT(index.ExplainCluster("rep_0"), SizeIs(MatchIndex::kMaxExplainedPairs));
}

TEST(MatchIndex, ALargeBlockIsSplitForAllAndStillFindsDuplicates) {
  // 400 sessions of one team on one day: what they are about tells them apart.
  MatchIndex index(ShippedModel());
  const Register reg = TestRegister();
  const auto rep = [](int i, const char* suffix) {
    return Rep(absl::StrCat("rep_", i, suffix))
        .Title(absl::StrCat("Topic", std::string(1, 'a' + i % 26),
                            std::string(1, 'a' + i / 26 % 26), "qx gathering"),
               "en")
        .Day("2026-03-05")
        .Teams({"tem_a", "tem_b"});
  };
  for (int i = 0; i < 400; ++i) {
    index.Upsert(rep(i, "a").By("tem_a", "p").Features(reg));
    index.Upsert(rep(i, "b").By("tem_b", "q").Features(reg));
  }
  index.Refresh();
  for (int i = 0; i < 400; ++i) {
    ASSERT_EQ(index.ClusterOf(absl::StrCat("rep_", i, "a")),
              index.ClusterOf(absl::StrCat("rep_", i, "b")))
        << i;
  }
}

TEST(MatchIndex, AnArrivalRescoresItselfOnly) {
  MatchIndex index(ShippedModel());
  const Register reg = TestRegister();
  for (int month = 1; month <= 12; ++month) {
    for (int day = 2; day <= 28; day += 5) {
      index.Upsert(
          Coast(absl::StrCat("rep_", month, "_", day),
                absl::StrCat("2026-", month < 10 ? "0" : "", month, "-", day < 10 ? "0" : "", day))
              .Features(reg));
    }
  }
  index.Refresh();
  const MatchIndex::Stats before = index.stats();
  index.Upsert(Coast("rep_new", "2026-06-12").By("tem_b", "q").Features(reg));
  const MatchIndex::Change change = index.Refresh();
  const MatchIndex::Stats after = index.stats();
  EXPECT_EQ(after.rescored_reports - before.rescored_reports, 1u);
  EXPECT_LE(after.scored_pairs - before.scored_pairs, 4u);
  EXPECT_LE(after.reclustered_reports - before.reclustered_reports, 2u);
  EXPECT_THAT(change.clusters, SizeIs(1));
}

TEST(MatchIndex, KnowsWhatDependsOnTheRegister) {
  MatchIndex index = IndexOf({Coast("rep_1", "2026-03-05"),
                              Coast("rep_2", "2026-03-05").Teams({"tem_d"}).Issue("iss_youth")});
  EXPECT_THAT(index.ReportsDependingOn({"tem_d"}), ElementsAre("rep_2"));
  EXPECT_THAT(index.ReportsDependingOn({"tem_a", "iss_youth"}), ElementsAre("rep_1", "rep_2"));
  // Other words for the same, and gone.
  index.Upsert(Coast("rep_2", "2026-03-05").Features());
  EXPECT_THAT(index.ReportsDependingOn({"tem_d"}), IsEmpty());
  index.Remove("rep_1");
  EXPECT_THAT(index.ReportsDependingOn({"tem_a"}), ElementsAre("rep_2"));
}

// ---- input made to hurt

std::vector<ReportFeatures> NearlyIdentical(int count) {
  std::vector<ReportFeatures> reports;
  const Register reg = TestRegister();
  for (int i = 0; i < count; ++i) {
    reports.push_back(Coast(absl::StrCat("rep_", 10000 + i), "2026-03-05")
                          .Total(static_cast<uint32_t>(10'000 + i))
                          .Features(reg));
  }
  return reports;
}

TEST(Adversarial, ThousandsOfNearlyIdenticalReportsFromOneDevice) {
  constexpr int kReports = 10'000;
  const std::vector<ReportFeatures> reports = NearlyIdentical(kReports);
  MatchIndex index(ShippedModel());
  for (const ReportFeatures& report : reports) index.Upsert(report);
  index.Refresh();
  // Four leaders for each, and no more.
  EXPECT_LE(index.stats().candidate_pairs, 4u * kReports);
  EXPECT_LE(index.stats().kept_pairs, 4u * kReports);
  EXPECT_EQ(index.Clusters().size(), 1u);
  const auto held = index.WhatWasHeldBack();
  ASSERT_THAT(held, SizeIs(2));
  EXPECT_EQ(held[0].reason, MatchIndex::HeldBack::Reason::kCrowdedBlock);
  EXPECT_THAT(held[0].report_ids, SizeIs(kReports));
  EXPECT_THAT(held[0].compared_with, SizeIs(4));
  EXPECT_EQ(held[1].reason, MatchIndex::HeldBack::Reason::kLargeComponent);
  EXPECT_THAT(held[1].report_ids, SizeIs(kReports));
  // The other way round, in parts.
  MatchIndex other(ShippedModel());
  for (int i = kReports - 1; i >= 0; --i) {
    other.Upsert(reports[i]);
    if (i % 500 == 0) other.Refresh();
  }
  EXPECT_EQ(other.Clusters(), index.Clusters());
  EXPECT_EQ(other.WhatWasHeldBack()[0].compared_with, held[0].compared_with);
  // Back to a size that is compared in full.
  for (int i = 100; i < kReports; ++i) other.Remove(reports[i].report_id);
  other.Refresh();
  EXPECT_THAT(other.WhatWasHeldBack(), IsEmpty());
  EXPECT_EQ(other.Clusters().size(), 1u);
}

// By what is known of its date.
enum class Known { kDay, kMonth, kQuarter, kYear, kNothing };

Rep Crowding(const std::string& id, Known known, const std::vector<std::string>& teams, int i) {
  Rep rep(id);
  rep.Title("Coast forum on land rights", "en")
      .Place("Mombasa", "", "KE")
      .Teams(teams)
      .Total(static_cast<uint32_t>(100'000 + i))
      .By("tem_a", "per_1");
  if (known == Known::kDay) rep.Day("2026-03-05");
  if (known == Known::kMonth) {
    rep.Dates("2026-03-01", "2026-03-31", v1::DATE_PRECISION_MONTH);
  } else if (known == Known::kQuarter) {
    rep.Dates("2026-01-01", "2026-03-31", v1::DATE_PRECISION_QUARTER);
  } else if (known == Known::kYear) {
    rep.Dates("2026-01-01", "2026-12-31", v1::DATE_PRECISION_YEAR);
  }
  return rep;
}

class CrowdOf : public ::testing::TestWithParam<Known> {
 protected:
  static constexpr int kReports = 3'000;

  // Of reports that are all alike but for their teams. At most so many sessions come out.
  void ExpectFewPairs(const std::function<std::vector<std::string>(int)>& teams, size_t sessions) {
    std::vector<ReportFeatures> reports;
    const Register reg = TestRegister();
    for (int i = 0; i < kReports; ++i) {
      reports.push_back(
          Crowding(absl::StrCat("rep_", 10'000 + i), GetParam(), teams(i), i).Features(reg));
    }
    MatchIndex index(ShippedModel());
    for (const ReportFeatures& report : reports) index.Upsert(report);
    index.Refresh();
    EXPECT_LE(index.stats().candidate_pairs, 5u * kReports);
    EXPECT_LE(index.stats().kept_pairs, 5u * kReports);
    EXPECT_LE(index.Clusters().size(), sessions);
    std::set<std::string> held;
    for (const MatchIndex::HeldBack& each : index.WhatWasHeldBack()) {
      if (each.reason != MatchIndex::HeldBack::Reason::kCrowdedBlock) continue;
      held.insert(each.report_ids.begin(), each.report_ids.end());
    }
    EXPECT_THAT(held, SizeIs(kReports));
    // The other way round, and the last few one by one: most are compared with a few only, and who
    // comes to lead with those that it leads.
    MatchIndex other(ShippedModel());
    for (int i = kReports - 1; i >= 5; --i) {
      other.Upsert(reports[i]);
      if (i % 1'000 == 0) other.Refresh();
    }
    other.Refresh();
    const uint64_t before = other.stats().candidate_pairs;
    for (int i = 4; i >= 0; --i) {
      other.Upsert(reports[i]);
      other.Refresh();
    }
    EXPECT_LE(other.stats().candidate_pairs - before, kReports);
    EXPECT_EQ(other.stats().kept_pairs, index.stats().kept_pairs);
    EXPECT_EQ(other.Clusters(), index.Clusters());
  }
};

TEST_P(CrowdOf, AFewTeamsEachBesideANameOfItsOwn) {
  static constexpr const char* kTeams[] = {"tem_a", "tem_b", "tem_c"};
  ExpectFewPairs(
      [](int i) {
        return std::vector<std::string>{kTeams[i % 3], absl::StrCat("Friends of ", 10'000 + i)};
      },
      10);
}

TEST_P(CrowdOf, SeveralNames) {
  ExpectFewPairs(
      [](int i) { return std::vector<std::string>{absl::StrCat("Group number ", i % 8)}; }, 8);
}

std::string NameOf(const ::testing::TestParamInfo<Known>& info) {
  static constexpr const char* kNames[] = {"Day", "Month", "Quarter", "Year", "Undated"};
  return kNames[static_cast<size_t>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(Adversarial, CrowdOf,
                         ::testing::Values(Known::kDay, Known::kMonth, Known::kQuarter,
                                           Known::kYear, Known::kNothing),
                         NameOf);

TEST(Adversarial, AChainOfFiftyThousandDoesNotBecomeOneSession) {
  // A dozen reports a day for eleven years, each of which may be the same as those of the day
  // before and after, or with day and month exchanged: one component.
  constexpr int kDays = 4200;
  constexpr int kADay = 12;
  constexpr size_t kReports = size_t{kDays} * kADay;
  MatchIndex index(ShippedModel());
  const Register reg = TestRegister();
  const auto id = [](int day, int i) { return absl::StrCat("rep_", 10'000 + day, "_", i); };
  for (int day = 0; day < kDays; ++day) {
    const std::string date = absl::FormatCivilTime(absl::CivilDay(2015, 1, 1) + day);
    for (int i = 0; i < kADay; ++i) {
      index.Upsert(Coast(id(day, i), date)
                       .Total(static_cast<uint32_t>(40 + i))
                       .By("tem_b", absl::StrCat("per_", i))
                       .Features(reg));
    }
  }
  index.SetRulings({Rule("rul_1", false, {id(170, 0), id(170, 1)})});
  index.Refresh();
  const auto held = index.WhatWasHeldBack();
  ASSERT_FALSE(held.empty());
  EXPECT_EQ(held.back().reason, MatchIndex::HeldBack::Reason::kLargeComponent);
  EXPECT_THAT(held.back().report_ids, SizeIs(kReports));
  EXPECT_LE(index.stats().kept_pairs, 50 * kReports);
  EXPECT_NE(index.ClusterOf(id(170, 0)), index.ClusterOf(id(170, 1)));
  EXPECT_GE(index.Clusters().size(), size_t{kDays} / 7);
  for (const Cluster& cluster : index.Clusters()) {
    EXPECT_LE(cluster.report_ids.size(), size_t{20} * kADay) << cluster.session_id;
  }
}

TEST(Adversarial, AHugeTitleIsCutToABoundedRecord) {
  std::string title;
  while (title.size() < 100'000) absl::StrAppend(&title, "vody č", title.size(), " ");
  Rep rep = Coast("rep_1", "2026-03-05");
  rep.Title(title, "cs");
  for (int i = 0; i < 2000; ++i) rep.Topic(absl::StrCat("topic", i));
  const ReportFeatures features = rep.Features();
  EXPECT_LE(features.title.size(), 64u);
  EXPECT_LE(features.topics.size(), 64u);
  EXPECT_LE(features.shown.title.size(), 1024u);
  EXPECT_LE(features.shown.topics.size(), 1024u);
  MatchIndex index(ShippedModel());
  index.Upsert(features);
  index.Upsert(Coast("rep_2", "2026-03-05").By("tem_b", "q").Title(title, "cs").Features());
  index.Refresh();
  EXPECT_EQ(index.Clusters().size(), 1u);
}

TEST(Adversarial, ReportsWithNothingInThemCostNothing) {
  MatchIndex index(ShippedModel());
  const Register reg = TestRegister();
  for (int i = 0; i < 3000; ++i) {
    index.Upsert(Rep(absl::StrCat("rep_", i)).By("tem_a", "per_1").Features(reg));
    if (i % 10 == 0) index.Refresh();
  }
  index.Refresh();
  EXPECT_EQ(index.Clusters().size(), 3000u);
  EXPECT_EQ(index.stats().candidate_pairs, 0u);
  EXPECT_EQ(index.stats().reclustered_reports, 3000u);
}

TEST(MatchIndex, DoubtIsAPairForAPersonToLookAt) {
  // The same town and day, titles apart, two teams of four: nobody can tell.
  MatchIndex index = IndexOf({Coast("rep_1", "2026-03-05").Teams({"tem_d"}),
                              Rep("rep_2")
                                  .Title("Savings circles meet", "en")
                                  .Day("2026-03-05")
                                  .Place("Mombasa")
                                  .Teams({"tem_b", "tem_c", "tem_e", "tem_f"})
                                  .By("tem_e", "q")});
  ASSERT_LT(std::abs(index.Explain("rep_1", "rep_2")->score_milli_nats()),
            ShippedModel().undecided_milli_nats());
  const auto pairs = index.DoubtfulPairsOf("rep_1");
  ASSERT_THAT(pairs, SizeIs(1));
  EXPECT_EQ(pairs[0].left_report_id, "rep_1");
  EXPECT_EQ(pairs[0].right_report_id, "rep_2");
  EXPECT_EQ(pairs[0].together, index.Clusters().size() == 1);
  if (!pairs[0].together) {
    EXPECT_EQ(index.DoubtfulPairsOf("rep_2"), pairs);
  }
  EXPECT_THAT(index.DoubtfulPairsOf("unknown"), IsEmpty());
  index.SetRulings({Rule("rul_1", true, {"rep_1", "rep_2"})});
  index.Refresh();
  EXPECT_THAT(index.DoubtfulPairsOf("rep_1"), IsEmpty());
}

TEST(MatchIndex, HintsForADraft) {
  const MatchIndex index = IndexOf(
      {Coast("rep_1", "2026-03-05"), Coast("rep_2", "2026-03-06"), Coast("rep_3", "2026-09-05")});
  const auto hints = index.Candidates(Coast("", "2026-03-05").By("tem_b", "q").Features(), 10);
  ASSERT_THAT(hints, SizeIs(2));
  EXPECT_EQ(hints[0].report_id, "rep_1");
  EXPECT_EQ(hints[1].report_id, "rep_2");
  EXPECT_GT(hints[0].score, hints[1].score);
  EXPECT_THAT(index.Candidates(Coast("", "2026-03-05").By("tem_b", "q").Features(), 1), SizeIs(1));
  // Its own stored state is no duplicate.
  EXPECT_THAT(index.Candidates(Coast("rep_3", "2026-09-05").Features(), 10), IsEmpty());
}

TEST(MatchIndex, ExplainsAPair) {
  const MatchIndex index =
      IndexOf({Coast("rep_2", "2026-03-05"), Coast("rep_1", "2026-03-06").By("tem_b", "q")});
  const auto explanation = index.Explain("rep_2", "rep_1");
  ASSERT_TRUE(explanation.ok());
  EXPECT_EQ(explanation->left_report_id(), "rep_1");
  EXPECT_FALSE(explanation->never_compared());
  EXPECT_EQ(explanation->model_version(), ShippedModel().version());
  std::vector<std::string> codes;
  for (const auto& part : explanation->sentence()) codes.push_back(part.code());
  EXPECT_THAT(codes, UnorderedElementsAre("same_teams", "same_title", "dates_one_day_apart",
                                          "same_place", "same_participants", "same_issue"));
  // Strongest first, and nothing is stronger than all the teams.
  EXPECT_EQ(codes.front(), "same_teams");
  EXPECT_EQ(explanation->fields(0).left(), "2026-03-06");
  EXPECT_EQ(explanation->fields(0).right(), "2026-03-05");
  EXPECT_THAT(index.ExplainCluster("rep_1"), SizeIs(1));
  EXPECT_EQ(index.Explain("rep_1", "nobody").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(index.Explain("rep_1", "rep_1").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Batch, MatchesAndRefusesWhatIsNoSet) {
  std::vector<v1::SessionReport> reports = {Coast("rep_1", "2026-03-05").report(),
                                            Coast("rep_2", "2026-03-05").By("tem_b", "q").report(),
                                            Coast("rep_3", "2026-03-05").report()};
  reports[2].mutable_void_mark()->set_voided(true);
  const auto clusters = MatchReports(reports, TestRegister(), {}, ShippedModel());
  ASSERT_TRUE(clusters.ok()) << clusters.status();
  ASSERT_THAT(*clusters, SizeIs(1));
  EXPECT_THAT((*clusters)[0].report_ids, ElementsAre("rep_1", "rep_2"));
  const auto index = IndexReports(reports, TestRegister(), {}, ShippedModel());
  ASSERT_THAT(index->ComparedPairs(), SizeIs(1));
  EXPECT_TRUE(index->ComparedPairs()[0].together);

  reports.push_back(reports[0]);
  EXPECT_EQ(MatchReports(reports, TestRegister(), {}, ShippedModel()).status().code(),
            absl::StatusCode::kInvalidArgument);
  reports.back().clear_id();
  EXPECT_EQ(MatchReports(reports, TestRegister(), {}, ShippedModel()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace baraza
