#include "core/match/blocking.h"

#include <gtest/gtest.h>

#include "tests/unit/core/match/report_builder.h"

namespace baraza {
namespace {

bool Share(const Rep& a, const Rep& b, KeyFamily family) {
  const BlockRecord left = MakeBlockRecord(a.Features());
  const BlockRecord right = MakeBlockRecord(b.Features());
  const bool share = ShareKey(left, right, family);
  EXPECT_EQ(share, ShareKey(right, left, family));
  return share;
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

TEST(BlockKeys, CoordinatesOnEitherSideOf180Degrees) {
  for (int centi = 0; centi <= 5; ++centi) {
    Rep p("p"), q("q");
    v1::Coordinates& west = *p.Day("2026-03-05").report().mutable_venue()->mutable_coordinates();
    west.set_latitude(-16.85);
    west.set_longitude(180 - centi / 100.0);
    v1::Coordinates& east = *q.Day("2026-03-05").report().mutable_venue()->mutable_coordinates();
    east.set_latitude(-16.85);
    east.set_longitude(-180 + (5 - centi) / 100.0);
    EXPECT_TRUE(Share(p, q, KeyFamily::kDayPlace)) << centi;
  }
}

TEST(BlockKeys, DayAndTitleWithoutTeamsAndPlace) {
  EXPECT_TRUE(Share(Rep("a").Day("2026-03-05").Title("Seeds and water"),
                    Rep("b").Day("2026-03-05").Title("Échange sur les semences"),
                    KeyFamily::kDayWord));
}

TEST(BlockKeys, TopicsOfATitleThatNamesNoSubject) {
  const Rep titled = Rep("a").Day("2026-03-05").Title("Forum on land rights", "en");
  EXPECT_TRUE(Share(titled, Rep("b").Day("2026-03-05").Topic("land"), KeyFamily::kDayWord));
  EXPECT_TRUE(Share(titled, Rep("b").Day("2026-03-05").Title("Monthly meeting").Topic("land"),
                    KeyFamily::kDayWord));
  // What the title names goes before.
  EXPECT_FALSE(Share(titled, Rep("b").Day("2026-03-05").Title("Elections").Topic("land"),
                     KeyFamily::kDayWord));
  // And such a title as a whole, with topics or without.
  EXPECT_TRUE(Share(Rep("a").Day("2026-03-05").Title("Monthly meeting"),
                    Rep("b").Day("2026-03-05").Title("Monthly meeting").Topic("land"),
                    KeyFamily::kDayWord));
}

TEST(BlockKeys, CoarseDatesMeetDaysByMonth) {
  const Rep month = Rep("a")
                        .Dates("2026-03-01", "2026-03-31", v1::DATE_PRECISION_MONTH)
                        .Teams({"tem_a"})
                        .Place("Kisumu")
                        .Title("Water forum");
  const Rep day =
      Rep("b").Day("2026-03-20").Teams({"tem_a"}).Place("Kisumu").Title("Fórum da água");
  EXPECT_TRUE(Share(month, day, KeyFamily::kMonth));
  EXPECT_FALSE(Share(month, day, KeyFamily::kDayTeam));
  const Rep other_month = Rep("c").Day("2026-04-20").Teams({"tem_a"});
  EXPECT_FALSE(Share(month, other_month, KeyFamily::kMonth));
  // Two that know their day are not compared by month.
  EXPECT_FALSE(Share(day, Rep("d").Day("2026-03-06").Teams({"tem_a"}), KeyFamily::kMonth));
  const Rep quarter =
      Rep("e").Dates("2026-01-01", "2026-03-31", v1::DATE_PRECISION_QUARTER).Teams({"tem_a"});
  EXPECT_TRUE(Share(quarter, day, KeyFamily::kMonth));
  EXPECT_TRUE(Share(quarter, month, KeyFamily::kMonth));
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

TEST(BlockKeys, TwoInCommon) {
  const Rep a =
      Rep("a").Day("2026-03-05").Teams({"tem_a", "tem_b"}).Place("Kisumu").Title("Water and seeds");
  const Rep two_teams = Rep("b").Day("2026-03-06").Teams({"tem_a", "tem_b"});
  EXPECT_TRUE(Share(a, two_teams, KeyFamily::kDayTwoTeams));
  EXPECT_FALSE(Share(a, two_teams, KeyFamily::kDayPlaceTeam));
  const Rep place_team = Rep("b").Day("2026-03-06").Teams({"tem_b", "tem_c"}).Place("Kisumu");
  EXPECT_TRUE(Share(a, place_team, KeyFamily::kDayPlaceTeam));
  EXPECT_FALSE(Share(a, place_team, KeyFamily::kDayTwoTeams));
  const Rep place_word = Rep("b").Day("2026-03-06").Place("Kisumu").Title("Agua");
  EXPECT_TRUE(Share(a, place_word, KeyFamily::kDayPlaceWord));
  const Rep team_words = Rep("b").Day("2026-03-06").Teams({"tem_b"}).Title("Agua y semillas");
  EXPECT_TRUE(Share(a, team_words, KeyFamily::kDayTeamWords));
  EXPECT_FALSE(Share(a, team_words, KeyFamily::kDayThreeWords));
}

TEST(BlockRecord, ALongSessionMeetsOthersByMonth) {
  const BlockRecord half_a_year =
      MakeBlockRecord(Rep("a").Dates("2026-01-01", "2026-06-30").Teams({"tem_a"}).Features());
  EXPECT_EQ(half_a_year.time, BlockTime::kCoarse);
  EXPECT_EQ(half_a_year.last_month - half_a_year.first_month, 5);
  // Too long to say anything.
  EXPECT_EQ(MakeBlockRecord(Rep("a").Dates("2020-01-01", "2029-12-31").Features()).time,
            BlockTime::kUndated);
}

TEST(BlockRecord, KnowsItsDatesFromOthers) {
  const auto dates = [](const Rep& rep) { return MakeBlockRecord(rep.Features()).dates; };
  const Rep a = Rep("a").Day("2026-03-05").Teams({"tem_a"}).Title("Water");
  EXPECT_EQ(dates(a), dates(Rep("b").Day("2026-03-05").Teams({"tem_b"}).Title("Seeds")));
  EXPECT_NE(dates(a), dates(Rep("b").Day("2026-03-06").Teams({"tem_a"}).Title("Water")));
  EXPECT_NE(dates(Rep("a").Dates("2026-03-01", "2026-03-31", v1::DATE_PRECISION_MONTH)),
            dates(Rep("a").Dates("2026-01-01", "2026-03-31", v1::DATE_PRECISION_QUARTER)));
}

}  // namespace
}  // namespace baraza
