#include "core/match/blocking.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/core/match/report_builder.h"

namespace baraza {
namespace {

bool Share(const Rep& a, const Rep& b, KeyFamily family) {
  const ReportFeatures left = a.Features();
  const ReportFeatures right = b.Features();
  const bool coarse = HasCoarseDate(left) || HasCoarseDate(right);
  const std::vector<BlockKey> keys = BlockKeys(right, family);
  for (const BlockKey& key : BlockKeys(left, family)) {
    if (key.needs_coarse && !coarse) continue;
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) return true;
  }
  return false;
}

TEST(BlockKeys, DayAndTeam) {
  const Rep a = Rep("a").Day("2026-03-05").Teams({"tem_a", "tem_b"});
  EXPECT_TRUE(Share(a, Rep("b").Day("2026-03-05").Teams({"tem_b", "tem_c"}), KeyFamily::kDayTeam));
  EXPECT_TRUE(Share(a, Rep("b").Day("2026-03-06").Teams({"Alfa"}), KeyFamily::kDayTeam));
  EXPECT_TRUE(
      Share(a, Rep("b").Dates("2026-03-06", "2026-03-08").Teams({"tem_a"}), KeyFamily::kDayTeam));
  // Day and month exchanged.
  EXPECT_TRUE(Share(a, Rep("b").Day("2026-05-03").Teams({"tem_a"}), KeyFamily::kDayTeam));
  EXPECT_FALSE(Share(a, Rep("b").Day("2026-03-09").Teams({"tem_a"}), KeyFamily::kDayTeam));
  EXPECT_FALSE(Share(a, Rep("b").Day("2026-03-05").Teams({"tem_c"}), KeyFamily::kDayTeam));
}

TEST(BlockKeys, DayAndTeamOfOneUnregisteredName) {
  const Rep a = Rep("a").Day("2026-03-05").Teams({"Amis du Lac"});
  EXPECT_TRUE(Share(a, Rep("b").Day("2026-03-05").Teams({"amis du lac"}), KeyFamily::kDayTeam));
}

TEST(BlockKeys, DayAndPlace) {
  const Rep a = Rep("a").Day("2026-03-05").Place("Kisumu").Issue("iss_land");
  EXPECT_TRUE(Share(a, Rep("b").Day("2026-03-06").Place("Kissumu").Issue("iss_land"),
                    KeyFamily::kDayPlace));
  EXPECT_TRUE(Share(a, Rep("b").Day("2026-03-06").Place("", "Hall, Kisumu").Issue("iss_water"),
                    KeyFamily::kDayPlace));
  EXPECT_FALSE(Share(a, Rep("b").Day("2026-03-06").Place("Nakuru"), KeyFamily::kDayPlace));
  Rep p("p"), q("q");
  p.Day("2026-03-05").report().mutable_venue()->set_p_code("KE042");
  q.Day("2026-03-05").report().mutable_venue()->set_p_code("ke042");
  EXPECT_TRUE(Share(p, q, KeyFamily::kDayPlace));
}

TEST(BlockKeys, CoordinatesAcrossTheBorderOfACell) {
  for (int centi = 0; centi < 12; ++centi) {
    Rep p("p"), q("q");
    p.Day("2026-03-05")
        .report()
        .mutable_venue()
        ->mutable_coordinates()
        ->set_latitude(-0.05 + centi / 100.0);
    q.Day("2026-03-05")
        .report()
        .mutable_venue()
        ->mutable_coordinates()
        ->set_latitude(centi / 100.0);
    EXPECT_TRUE(Share(p, q, KeyFamily::kDayPlace)) << centi;
  }
}

TEST(BlockKeys, DayAndTitleWithoutTeamsAndPlace) {
  EXPECT_TRUE(Share(Rep("a").Day("2026-03-05").Title("Seeds and water"),
                    Rep("b").Day("2026-03-05").Title("Échange sur les semences"),
                    KeyFamily::kDayTitle));
}

TEST(BlockKeys, CoarseDatesMeetDaysByMonth) {
  const Rep month = Rep("a")
                        .Dates("2026-03-01", "2026-03-31", v1::DATE_PRECISION_MONTH)
                        .Teams({"tem_a"})
                        .Place("Kisumu")
                        .Title("Water forum");
  const Rep day =
      Rep("b").Day("2026-03-20").Teams({"tem_a"}).Place("Kisumu").Title("Fórum da água");
  EXPECT_TRUE(Share(month, day, KeyFamily::kMonthTeam));
  EXPECT_TRUE(Share(month, day, KeyFamily::kMonthPlace));
  EXPECT_TRUE(Share(month, day, KeyFamily::kMonthTitle));
  EXPECT_FALSE(Share(month, day, KeyFamily::kDayTeam));
  const Rep other_month = Rep("c").Day("2026-04-20").Teams({"tem_a"});
  EXPECT_FALSE(Share(month, other_month, KeyFamily::kMonthTeam));
  // Two that know their day are not compared by month.
  EXPECT_FALSE(Share(day, Rep("d").Day("2026-03-06").Teams({"tem_a"}), KeyFamily::kMonthTeam));
  const Rep quarter =
      Rep("e").Dates("2026-01-01", "2026-03-31", v1::DATE_PRECISION_QUARTER).Teams({"tem_a"});
  EXPECT_TRUE(Share(quarter, day, KeyFamily::kMonthTeam));
  EXPECT_TRUE(Share(quarter, month, KeyFamily::kMonthTeam));
}

TEST(BlockKeys, UndatedReportsMeetByTitleWithTeamOrPlace) {
  const Rep undated = Rep("a").Title("Water forum").Teams({"tem_a"});
  EXPECT_TRUE(Share(undated, Rep("b").Day("2026-03-20").Title("Agua").Teams({"tem_a"}),
                    KeyFamily::kUndated));
  EXPECT_FALSE(Share(undated, Rep("b").Day("2026-03-20").Title("Agua").Teams({"tem_b"}),
                     KeyFamily::kUndated));
  EXPECT_FALSE(Share(Rep("c").Day("2026-03-21").Title("Water").Teams({"tem_a"}),
                     Rep("b").Day("2026-06-20").Title("Agua").Teams({"tem_a"}),
                     KeyFamily::kUndated));
}

TEST(BlockKeys, OnePassageOfOneSource) {
  EXPECT_TRUE(Share(Rep("a").Cite("src_1", "p. 4"), Rep("b").Cite("src_1", "page 4"),
                    KeyFamily::kDocument));
  EXPECT_FALSE(
      Share(Rep("a").Cite("src_1", "p. 4"), Rep("b").Cite("src_1", "p. 5"), KeyFamily::kDocument));
}

TEST(BlockKeys, ALongSessionHasABoundedNumber) {
  const ReportFeatures features =
      Rep("a").Dates("2020-01-01", "2029-12-31").Teams({"tem_a", "tem_b"}).Features();
  EXPECT_LT(BlockKeys(features).size(), 300u);
  EXPECT_TRUE(HasCoarseDate(features));
}

TEST(FinerKeys, AreNeverEmpty) { EXPECT_EQ(FinerKeys(Rep("a").Features()).size(), 1u); }

}  // namespace
}  // namespace baraza
