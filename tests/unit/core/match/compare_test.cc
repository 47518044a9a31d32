#include "core/match/compare.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/unit/core/match/report_builder.h"

namespace baraza {
namespace {

// The name of a field's level, which must be the same from both sides.
std::string LevelOf(v1::MatchField field, const Rep& a, const Rep& b,
                    const std::map<std::string, v1::Source>& sources = {}) {
  const Register reg = TestRegister();
  const ReportFeatures left = a.Features(reg, sources);
  const ReportFeatures right = b.Features(reg, sources);
  const uint8_t level = Compare(left, right).level[field];
  EXPECT_EQ(level, Compare(right, left).level[field]);
  return std::string(LevelNames(field)[level]);
}

std::string Date(const Rep& a, const Rep& b) { return LevelOf(v1::MATCH_FIELD_DATE, a, b); }
std::string Place(const Rep& a, const Rep& b) { return LevelOf(v1::MATCH_FIELD_PLACE, a, b); }
std::string Title(const Rep& a, const Rep& b) { return LevelOf(v1::MATCH_FIELD_TITLE, a, b); }
std::string Teams(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return LevelOf(v1::MATCH_FIELD_TEAMS, Rep("a").Teams(a), Rep("b").Teams(b));
}

Rep Month(const std::string& first, const std::string& last) {
  return Rep("m").Dates(first, last, v1::DATE_PRECISION_MONTH);
}

TEST(CompareDates, Levels) {
  const Rep day = Rep("a").Day("2026-03-05");
  EXPECT_EQ(Date(day, Rep("b")), "missing");
  EXPECT_EQ(Date(day, Rep("b").Day("2026-03-05")), "same_day");
  EXPECT_EQ(Date(day, Rep("b").Day("2026-03-06")), "one_day_apart");
  EXPECT_EQ(Date(day, Rep("b").Dates("2026-03-04", "2026-03-06")), "overlapping");
  EXPECT_EQ(Date(day, Rep("b").Dates("2026-03-05", "2026-03-06")), "same_start");
  EXPECT_EQ(Date(day, Rep("b").Day("2026-05-03")), "day_month_swapped");
  EXPECT_EQ(Date(day, Rep("b").Day("2026-03-08")), "few_days_apart");
  EXPECT_EQ(Date(day, Rep("b").Day("2026-03-12")), "about_a_week_apart");
  EXPECT_EQ(Date(day, Rep("b").Day("2026-04-05")), "far_apart");
  EXPECT_EQ(Date(day, Rep("b").Day("2025-03-05")), "far_apart");
  EXPECT_EQ(Date(day, Month("2026-03-01", "2026-03-31")), "within_month");
  EXPECT_EQ(Date(day, Month("2026-04-01", "2026-04-30")), "ranges_do_not_meet");
  EXPECT_EQ(Date(Month("2026-03-01", "2026-03-31"), Month("2026-03-01", "2026-03-31")),
            "same_month");
  EXPECT_EQ(Date(day, Rep("b").Dates("2026-01-01", "2026-03-31", v1::DATE_PRECISION_QUARTER)),
            "within_quarter");
  EXPECT_EQ(Date(day, Rep("b").Dates("2026-01-01", "2026-12-31", v1::DATE_PRECISION_YEAR)),
            "within_year");
  EXPECT_EQ(Date(day, Rep("b").Dates("2026-02-20", "2026-03-10", v1::DATE_PRECISION_UNKNOWN)),
            "within_month");
  EXPECT_EQ(Date(Month("2026-03-01", "2026-03-31"),
                 Rep("b").Dates("2026-01-01", "2026-03-31", v1::DATE_PRECISION_QUARTER)),
            "ranges_overlap");
}

TEST(ComparePlaces, Levels) {
  const Rep kisumu = Rep("a").Place("Kisumu", "", "KE");
  EXPECT_EQ(Place(kisumu, Rep("b")), "missing");
  EXPECT_EQ(Place(kisumu, Rep("b").Place("KISUMU")), "same_locality");
  EXPECT_EQ(Place(kisumu, Rep("b").Place("Kisummu")), "similar_spelling");
  EXPECT_EQ(Place(kisumu, Rep("b").Place("Nakuru")), "other_name");
  EXPECT_EQ(Place(Rep("a").Place("Kisumu").Title("Forum on land rights"),
                  Rep("b").Place("Nakuru").Title("Land rights forum")),
            "other_name_titles_alike");
  EXPECT_EQ(Place(kisumu, Rep("b").Place("Entebbe", "", "UG")), "different_country");
  EXPECT_EQ(Place(kisumu, Rep("b").Place("", "Nyanza Hall, Kisumu")), "same_locality");
  EXPECT_EQ(Place(Rep("a").Place("Praha"), Rep("b").Place("Prague")), "same_locality");
  EXPECT_EQ(Place(Rep("a").Place("Aix-la-Chapelle"), Rep("b").Place("Aquisgrán")), "same_locality");
  EXPECT_EQ(
      Place(Rep("a").Place("Kisumu", "Nyanza Hall"), Rep("b").Place("Kisumu", "Salle Nyanza")),
      "same_venue");
  EXPECT_EQ(Place(Rep("a").Place("Kisumu", "Nyanza Hall"), Rep("b").Place("Kisumu", "Grand Hotel")),
            "different_venue");
  EXPECT_EQ(Place(Rep("a").Place("Kisumu East"), Rep("b").Place("Kisumu West")), "other_name");
  EXPECT_EQ(Place(Rep("a").Place("Kisauni"), Rep("b").Place("Kisauni Mombasa")),
            "similar_spelling");
}

TEST(ComparePlaces, AnotherTownOnAnotherDayIsATour) {
  const Rep kisumu = Rep("a").Place("Kisumu").Title("Land rights forum").Day("2026-03-05");
  EXPECT_EQ(Place(kisumu, Rep("b").Place("Nakuru").Title("Land rights forum").Day("2026-03-06")),
            "other_name_another_day");
  EXPECT_EQ(Place(kisumu, Rep("b").Place("Nakuru").Day("2026-03-08")), "other_name_another_day");
  // Not known to be another day.
  EXPECT_EQ(Place(kisumu, Rep("b").Place("Nakuru").Title("Land rights forum")),
            "other_name_titles_alike");
  EXPECT_EQ(Place(kisumu, Rep("b").Place("Nakuru").Title("Land rights forum").Day("2026-05-03")),
            "other_name_titles_alike");
  // One day later in a town whose name is spelled alike.
  EXPECT_EQ(Place(kisumu, Rep("b").Place("Kisummu").Day("2026-03-06")), "similar_spelling");
}

TEST(ComparePlaces, AHousesNameDoesNotMakeTwoTownsOne) {
  const auto place = [](const Rep& a, const Rep& b) { return Place(a, b); };
  // Every town may have one.
  EXPECT_EQ(place(Rep("a").Place("Kisumu", "Red Cross Hall"),
                  Rep("b").Place("Mombasa", "Red Cross Hall")),
            "loosely_alike");
  EXPECT_EQ(place(Rep("a").Place("Kisumu", "Teachers' Centre"),
                  Rep("b").Place("Mombasa", "Teachers' Centre")),
            "other_name");
  EXPECT_EQ(place(Rep("a").Place("Kisumu", "Red Cross Hall").Day("2026-03-05"),
                  Rep("b").Place("Mombasa", "Red Cross Hall").Day("2026-03-06")),
            "other_name_another_day");
  EXPECT_EQ(place(Rep("a").Place("", "Red Cross Hall"), Rep("b").Place("", "Red Cross Hall")),
            "same_venue");
}

TEST(ComparePlaces, ATownThatIsCalledAsACountry) {
  EXPECT_EQ(Place(Rep("a").Place("Salvador"), Rep("b").Place("Salvador", "", "BR")),
            "same_locality");
  EXPECT_EQ(Place(Rep("a").Place("Lebanon", "", "US"), Rep("b").Place("Lebanon", "", "US")),
            "same_locality");
  // Just the country.
  EXPECT_EQ(Place(Rep("a").Place("Kenya"), Rep("b").Place("Kisumu", "", "KE")), "missing");
}

TEST(ComparePlaces, WhatNamesOfPlacesBeginWith) {
  EXPECT_EQ(Place(Rep("a").Place("St. Louis"), Rep("b").Place("Saint-Louis")), "same_locality");
  EXPECT_EQ(Place(Rep("a").Place("St. Gallen"), Rep("b").Place("Saint-Gall")), "same_locality");
  EXPECT_EQ(Place(Rep("a").Place("Ft Portal"), Rep("b").Place("Fort Portal")), "same_locality");
}

TEST(ComparePlaces, WiderPlaces) {
  const Rep austin = Rep("a").Place("Austin, TX", "", "US");
  EXPECT_EQ(Place(austin, Rep("b").Place("Austin", "", "US")), "same_locality");
  // A state in common is no town in common.
  EXPECT_EQ(Place(austin, Rep("b").Place("Dallas, TX", "", "US")), "other_name");
  EXPECT_EQ(Place(Rep("a").Place("Kisauni, Mombasa"), Rep("b").Place("Mombasa")), "same_locality");
  EXPECT_EQ(Place(Rep("a").Place("Kisauni, Mombasa"), Rep("b").Place("Likoni, Mombasa")),
            "different_venue");
}

TEST(ComparePlaces, SlipsOfTheFinger) {
  EXPECT_EQ(Place(Rep("a").Place("Mwanza"), Rep("b").Place("Mwanxa")), "similar_spelling");
  EXPECT_EQ(Place(Rep("a").Place("Kigoma"), Rep("b").Place("Kioma")), "similar_spelling");
  EXPECT_EQ(Place(Rep("a").Place("Puno"), Rep("b").Place("Pune")), "loosely_alike");
  // What people call a town for short; and by a name that none of the five languages has.
  EXPECT_EQ(Place(Rep("a").Place("Cbba"), Rep("b").Place("Cochabamba, BO")), "loosely_alike");
  EXPECT_EQ(Place(Rep("a").Place("Belgrad"), Rep("b").Place("Beograd")), "same_locality");
  // The next stop of a tour may look so, too.
  EXPECT_EQ(
      Place(Rep("a").Place("Aba").Day("2026-03-05"), Rep("b").Place("Abakaliki").Day("2026-03-06")),
      "other_name_another_day");
}

TEST(ComparePlaces, OnlineIsNoPlace) {
  EXPECT_EQ(Place(Rep("a").Place("Online"), Rep("b").Place("Kisumu")), "missing");
  EXPECT_EQ(Place(Rep("a").Place("En ligne", "Zoom"), Rep("b").Place("online")), "missing");
}

TEST(ComparePlaces, WherePeopleJoinedAnOnlineSessionFromSaysNothing) {
  const auto rep = [](const char* town, const char* country, v1::Modality modality,
                      const char* day = "2026-03-05", const char* title = "Land rights forum") {
    Rep report = Rep(town).Place(town, "", country).Day(day).Title(title);
    report.report().set_modality(modality);
    return report;
  };
  const Rep kisumu = rep("Kisumu", "KE", v1::MODALITY_ONLINE);
  EXPECT_EQ(Place(kisumu, rep("Entebbe", "UG", v1::MODALITY_ONLINE)), "missing");
  EXPECT_EQ(Place(kisumu, rep("Nakuru", "KE", v1::MODALITY_ONLINE, "2026-03-06")), "missing");
  EXPECT_EQ(Place(kisumu, rep("Nakuru", "KE", v1::MODALITY_HYBRID)), "missing");
  EXPECT_EQ(Place(kisumu, rep("Kisumu", "KE", v1::MODALITY_ONLINE)), "same_locality");
  EXPECT_EQ(Place(kisumu, rep("Entebbe", "UG", v1::MODALITY_IN_PERSON)), "different_country");
  EXPECT_EQ(Place(kisumu, Rep("b").Place("Entebbe", "", "UG")), "different_country");
  // Two rooms that are joined; not two stops of a tour.
  const Rep room = rep("Kisumu", "KE", v1::MODALITY_HYBRID);
  EXPECT_EQ(Place(room, rep("Entebbe", "UG", v1::MODALITY_HYBRID)), "missing");
  EXPECT_EQ(Place(room, rep("Nakuru", "KE", v1::MODALITY_HYBRID, "2026-03-06")),
            "other_name_another_day");
  EXPECT_EQ(Place(room, rep("Nakuru", "KE", v1::MODALITY_HYBRID, "2026-03-05", "Seed fair")),
            "other_name");
}

TEST(ComparePlaces, CodesAndCoordinates) {
  Rep a("a"), b("b"), far("c");
  a.report().mutable_venue()->set_p_code("KE042");
  b.report().mutable_venue()->set_p_code("KE042");
  EXPECT_EQ(Place(a, b), "same_p_code");
  Rep p("p"), q("q");
  p.report().mutable_venue()->mutable_coordinates()->set_latitude(-0.10);
  q.report().mutable_venue()->mutable_coordinates()->set_latitude(-0.13);
  far.report().mutable_venue()->mutable_coordinates()->set_latitude(-0.60);
  EXPECT_EQ(Place(p, q), "near");
  EXPECT_EQ(Place(p, far), "different_place");
}

// Taveuni in Fiji lies on either side of 180 degrees.
TEST(ComparePlaces, CoordinatesOnEitherSideOf180Degrees) {
  const auto at = [](double longitude) {
    Rep rep("a");
    rep.report().mutable_venue()->mutable_coordinates()->set_latitude(-16.85);
    rep.report().mutable_venue()->mutable_coordinates()->set_longitude(longitude);
    return rep;
  };
  EXPECT_EQ(Place(at(179.98), at(-179.99)), "near");
  EXPECT_EQ(Place(at(179.98), at(-179.50)), "different_place");
}

TEST(CompareTitles, OneLanguage) {
  const Rep land = Rep("a").Title("Farmers' exchange on land rights and seeds", "en");
  EXPECT_EQ(Title(land, Rep("b")), "missing");
  EXPECT_EQ(Title(land, Rep("b").Title("Exchange of farmers: land rights & seed", "en")),
            "very_similar");
  EXPECT_EQ(Title(land, Rep("b").Title("farmers' EXCHANGE on land rights and seeds", "en")),
            "same");
  EXPECT_EQ(Title(land, Rep("b").Title("Land rights and seeds", "en")), "similar");
  EXPECT_EQ(Title(land, Rep("b").Title("Youth forum about elections and radio", "en")),
            "different");
  EXPECT_EQ(Title(Rep("a").Title("Monthly meeting", "en"), Rep("b").Title("Monthly meeting", "en")),
            "somewhat_similar");
}

TEST(CompareTitles, ThatNameNoSubject) {
  EXPECT_EQ(Title(Rep("a").Title("Meeting", "en"), Rep("b").Title("Water forum", "en")), "missing");
  EXPECT_EQ(Title(Rep("a").Title("Meeting", "en"), Rep("b").Title("Réunion", "fr")), "missing");
}

TEST(CompareTitles, AMisspeltTownIsNoSubjectInCommon) {
  const auto about = [](const char* id, const char* title, const char* language) {
    return Rep(id).Place("Arequipa").Title(title, language);
  };
  EXPECT_EQ(Title(about("a", "Seminario de Arequippa sobre la sequía", "es"),
                  about("b", "Table ronde d'Arequippa sur l'énergie solaire", "fr")),
            Title(about("a", "Seminario sobre la sequía", "es"),
                  about("b", "Table ronde sur l'énergie solaire", "fr")));
}

TEST(CompareTitles, OfUnknownLanguageMayBeInTwo) {
  EXPECT_EQ(Title(Rep("a").Title("Zmrzlina"), Rep("b").Title("Elections", "en")),
            "other_language_half_understood");
  EXPECT_EQ(Title(Rep("a").Title("Zmrzlina"), Rep("b").Title("Kites", "en")), "other_language");
  EXPECT_EQ(Title(Rep("a").Title("Zmrzlina", "cs"), Rep("b").Title("Volby", "cs")),
            "different_not_understood");
  EXPECT_EQ(Title(Rep("a").Title("Voda", "cs"), Rep("b").Title("Volby", "cs")), "different");
}

TEST(CompareTitles, RelatedSubjectsDoNotContradict) {
  const Rep floods = Rep("a").Title("Living with floods", "en");
  EXPECT_EQ(Title(floods, Rep("b").Title("The river", "en")), "related");
  EXPECT_EQ(Title(Rep("b").Title("Le fleuve", "fr"), floods), "related");
  EXPECT_EQ(Title(Rep("a").Title("Floods", "en"), Rep("b").Title("Elections", "en")), "different");
  // With words beside it that nobody understood too, but not beside a subject in common.
  EXPECT_EQ(Title(Rep("a").Title("Floods and zmrzlina", "cs"),
                  Rep("b").Title("The river and kites", "en")),
            "related");
  EXPECT_EQ(Title(Rep("a").Title("Floods and elections", "en"),
                  Rep("b").Title("The river and elections", "en")),
            "slightly_similar");
}

TEST(CompareTitles, AcrossLanguages) {
  const Rep en = Rep("a").Title("Exchange on land rights and water", "en");
  EXPECT_EQ(Title(en, Rep("b").Title("Échange sur les droits fonciers et l'eau", "fr")),
            "very_alike_across_languages");
  EXPECT_EQ(Title(en, Rep("b").Title("Intercambio sobre tierra y agua", "es")),
            "very_alike_across_languages");
  EXPECT_EQ(Title(en, Rep("b").Title("Troca sobre direitos à terra e água", "pt")),
            "very_alike_across_languages");
  EXPECT_EQ(Title(en, Rep("b").Title("Výměna zkušeností o vodě", "cs")),
            "very_alike_across_languages");
  EXPECT_EQ(Title(en, Rep("b").Title("Taller sobre agua, escuelas y elecciones", "es")),
            "alike_across_languages");
  // Words that nobody translated speak neither way.
  EXPECT_EQ(Title(Rep("a").Title("Kite flyers' exchange", "en"),
                  Rep("b").Title("Journée des cerfs-volants", "fr")),
            "other_language");
  EXPECT_EQ(Title(en, Rep("b").Title("Journée des cerfs-volants", "fr")),
            "other_language_half_understood");
  // Both understood, and about different things.
  EXPECT_EQ(Title(en, Rep("b").Title("Foro sobre salud y elecciones", "es")), "different");
}

TEST(CompareMarkers, Levels) {
  const auto marker = [](const char* a, const char* b) {
    return LevelOf(v1::MATCH_FIELD_MARKER, Rep("a").Title(a), Rep("b").Title(b));
  };
  EXPECT_EQ(marker("Forum", "Foro"), "missing");
  EXPECT_EQ(marker("Coast forum #4", "Quatrième forum de la côte"), "same");
  EXPECT_EQ(marker("Coast forum, session A", "Coast forum, session B"), "different");
  EXPECT_EQ(marker("Coast forum #4", "Coast forum #5"), "different");
  EXPECT_EQ(marker("Coast forum #4", "Coast forum"), "one_sided_titles_alike");
  EXPECT_EQ(marker("Coast forum #4", "Land rights"), "one_sided");
  // Who counts the rooms of one day in another way; and who means another one.
  EXPECT_EQ(marker("Seeds, session 2", "Semences - groupe B"), "missing");
  EXPECT_EQ(marker("Seeds, part 2", "Seeds #2"), "missing");
  EXPECT_EQ(marker("Seeds, session 2", "Seeds, group C"), "one_sided_titles_alike");
  EXPECT_EQ(marker("4th coast forum, session 2", "Coast forum, group B"), "one_sided_titles_alike");
  EXPECT_EQ(marker("Session 4, part 1", "Session 4, part 2"), "different");
  EXPECT_EQ(marker("March meeting", "Réunion d'avril"), "different");
  EXPECT_EQ(marker("March meeting", "Meeting"), "missing");
  // A series does not meet twice a day; groups do.
  const auto on_one_day = [](const char* a, const char* b) {
    return LevelOf(v1::MATCH_FIELD_MARKER, Rep("a").Title(a).Day("2026-03-05"),
                   Rep("b").Title(b).Day("2026-03-05"));
  };
  EXPECT_EQ(on_one_day("Coast forum #4", "Coast forum"), "one_sided_same_day");
  EXPECT_EQ(on_one_day("Coast forum #4", "Coast forum #5"), "different");
  EXPECT_EQ(on_one_day("Coast forum, group A", "Coast forum"), "one_sided_titles_alike");
  EXPECT_EQ(on_one_day("Coast forum, day 1", "Coast forum"), "missing");
  // A number after a sign for one is not a day of the month that follows.
  EXPECT_EQ(marker("Kikao č. 14 (červenec)", "Kikao #14"), "same");
}

TEST(CompareTeams, Levels) {
  EXPECT_EQ(Teams({}, {"tem_a"}), "missing");
  EXPECT_EQ(Teams({"tem_a", "tem_b"}, {"tem_b", "tem_a"}), "same");
  EXPECT_EQ(Teams({"tem_a", "tem_b", "tem_c"}, {"tem_a", "tem_b"}), "most");
  EXPECT_EQ(Teams({"tem_a", "tem_b", "tem_c", "tem_d"}, {"tem_a", "tem_b", "tem_e", "tem_f"}),
            "some");
  EXPECT_EQ(Teams({"tem_a"}, {"tem_a", "tem_b"}), "one");
  EXPECT_EQ(Teams({"tem_a", "tem_b", "tem_c"}, {"tem_c", "tem_d", "tem_e"}), "one_of_many");
  // Three in common are more than two.
  EXPECT_EQ(Teams({"tem_a", "tem_b", "tem_c"}, {"tem_c", "tem_b", "tem_a"}), "same_of_many");
  EXPECT_EQ(Teams({"tem_a", "tem_b", "tem_c"}, {"tem_a", "tem_b", "tem_c", "tem_d"}),
            "most_of_many");
  EXPECT_EQ(Teams({"tem_a", "tem_b", "tem_c", "tem_d", "tem_e"},
                  {"tem_a", "tem_b", "tem_c", "tem_f", "tem_g"}),
            "some_of_many");
  EXPECT_EQ(Teams({"tem_a", "tem_b"}, {"tem_c", "tem_d"}), "none");
  EXPECT_EQ(Teams({"tem_a"}, {"tem_c", "tem_d"}), "none_of_few");
  // Each names just itself.
  EXPECT_EQ(Teams({"tem_a"}, {"tem_b"}), "missing");
  // A name not in the register never proves that teams differ.
  EXPECT_EQ(Teams({"Amis"}, {"tem_c", "tem_d"}), "missing");
  EXPECT_EQ(Teams({"Amis du Lac", "tem_a"}, {"amis du lac", "tem_a"}), "same");
  // A slip of the finger in a name of the register, or in its alias.
  EXPECT_EQ(Teams({"Umja wa Pwani", "tem_b"}, {"tem_b", "tem_a"}), "same");
}

TEST(CompareOthers, OrganiserParticipantsIssueModalityReporter) {
  const auto organiser = [](const char* a, const char* b) {
    Rep left("a"), right("b");
    left.report().mutable_organiser()->set_team_id(a);
    right.report().mutable_organiser()->set_team_id(b);
    return LevelOf(v1::MATCH_FIELD_ORGANISER, left, right);
  };
  EXPECT_EQ(organiser("tem_a", "tem_a"), "same");
  EXPECT_EQ(organiser("tem_a", "tem_b"), "same_organisation");
  EXPECT_EQ(organiser("tem_a", "tem_c"), "different");
  // Held together, and each says that it organised.
  const auto held_together = [](const Rep& with_a, const Rep& with_c) {
    Rep left = with_a, right = with_c;
    left.report().mutable_organiser()->set_team_id("tem_a");
    right.report().mutable_organiser()->set_team_id("tem_c");
    return LevelOf(v1::MATCH_FIELD_ORGANISER, left, right);
  };
  EXPECT_EQ(held_together(Rep("a").Teams({"tem_a", "tem_c"}), Rep("b").Teams({"tem_c", "tem_a"})),
            "each_there");
  EXPECT_EQ(held_together(Rep("a").Teams({"tem_a", "tem_c"}), Rep("b").Teams({"tem_c"})),
            "different");
  Rep named("a"), team("b");
  named.report().mutable_organiser()->set_unregistered_name("Somebody");
  team.report().mutable_organiser()->set_team_id("tem_a");
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_ORGANISER, named, team), "missing");

  const auto total = [](uint32_t a, uint32_t b) {
    return LevelOf(v1::MATCH_FIELD_PARTICIPANTS, Rep("a").Total(a), Rep("b").Total(b));
  };
  EXPECT_EQ(total(41, 41), "same");
  EXPECT_EQ(total(40, 40), "same_round");
  EXPECT_EQ(total(40, 42), "close");
  EXPECT_EQ(total(40, 50), "similar");
  EXPECT_EQ(total(40, 70), "unlike");
  EXPECT_EQ(total(40, 100), "far");
  EXPECT_EQ(total(0, 0), "same_round");
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_PARTICIPANTS, Rep("a"), Rep("b").Total(0)), "missing");

  const auto issue = [](const char* a, const char* b) {
    return LevelOf(v1::MATCH_FIELD_ISSUE, Rep("a").Issue(a), Rep("b").Issue(b));
  };
  EXPECT_EQ(issue("iss_land", "iss_land"), "same");
  EXPECT_EQ(issue("iss_land", "iss_water"), "related");
  EXPECT_EQ(issue("iss_land", "iss_youth"), "different");
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_ISSUE, Rep("a").Issue("iss_land").Title("Forum on land rights"),
                    Rep("b").Issue("iss_youth").Title("Land rights forum")),
            "different_titles_alike");

  Rep online("a"), in_person("b"), hybrid("c");
  online.report().set_modality(v1::MODALITY_ONLINE);
  in_person.report().set_modality(v1::MODALITY_IN_PERSON);
  hybrid.report().set_modality(v1::MODALITY_HYBRID);
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_MODALITY, online, in_person), "different");
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_MODALITY, online, hybrid), "partly_online");
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_MODALITY, online, online), "same");

  const auto reporter = [](const Rep& a, const Rep& b) {
    return LevelOf(v1::MATCH_FIELD_REPORTER, a, b);
  };
  EXPECT_EQ(reporter(Rep("a").By("tem_a", "per_1"), Rep("b").By("tem_a", "per_1")), "same_author");
  EXPECT_EQ(reporter(Rep("a").By("tem_a", "per_1"), Rep("b").By("tem_a", "per_2")), "same_team");
  EXPECT_EQ(reporter(Rep("a").By("tem_a", "per_1"), Rep("b").By("tem_b", "per_2")),
            "different_teams");

  const auto topic = [](const char* a, const char* b) {
    return LevelOf(v1::MATCH_FIELD_TOPIC, Rep("a").Topic(a), Rep("b").Topic(b));
  };
  EXPECT_EQ(topic("water", "l'eau"), "same_titles_silent");
  const auto titled = [](const char* topic, const char* title) {
    return Rep("a").Topic(topic).Title(title, "en");
  };
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_TOPIC, titled("water", "Forum on land rights"),
                    titled("water", "Land rights forum")),
            "same");
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_TOPIC, titled("water", "Forum on land rights"),
                    titled("water", "Forum on elections")),
            "same_titles_differ");
  // A motto, whose topics are what the other is called by.
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_TOPIC, titled("inheritance of widows", "What is mine is mine"),
                    Rep("b").Title("Inheritance of widows: a round table", "en")),
            "in_other_title");
  // Titles with a subject in common speak for themselves.
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_TOPIC, titled("inheritance of widows", "Widows, seeds, courts"),
                    Rep("b").Title("Inheritance of widows: a round table", "en")),
            "same_many_titles_differ");
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_TOPIC, titled("water", "What is mine is mine"),
                    Rep("b").Title("Water: a round table", "en")),
            "same_titles_differ");
  // One subject is chosen for many sessions, the same two for few.
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_TOPIC, titled("water, seeds", "What is mine is mine"),
                    titled("seeds, water", "Song of the lake")),
            "same_many_titles_differ");
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_TOPIC, titled("water, seeds, courts", "What is mine is mine"),
                    titled("seeds, courts, water", "Song of the lake")),
            "same_many_titles_differ");
  EXPECT_EQ(topic("water, land, seeds, health, elections", "agua"), "some_in_common");
  EXPECT_EQ(topic("water", "elections"), "different");
  EXPECT_EQ(topic("the river", "inondations"), "related");
  // What is related speaks for neither; the same topics then speak for themselves.
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_TOPIC, titled("water", "Living with floods"),
                    titled("water", "The river")),
            "same_titles_silent");
}

TEST(CompareWomen, Levels) {
  const auto counted = [](uint32_t total, uint32_t women) {
    Rep rep("r");
    rep.Total(total).report().mutable_participants()->set_women(women);
    return rep;
  };
  const auto women = [](const Rep& a, const Rep& b) {
    return LevelOf(v1::MATCH_FIELD_WOMEN, a, b);
  };
  EXPECT_EQ(women(counted(31, 17), counted(31, 17)), "same_and_total");
  EXPECT_EQ(women(counted(31, 17), counted(34, 17)), "same");
  EXPECT_EQ(women(counted(31, 17), counted(31, 19)), "close");
  EXPECT_EQ(women(counted(90, 50), counted(90, 41)), "close");
  EXPECT_EQ(women(counted(90, 50), counted(90, 39)), "unlike");
  EXPECT_EQ(women(counted(31, 17), Rep("b").Total(31)), "missing");
  // The totals have said that already.
  EXPECT_EQ(women(counted(31, 17), counted(60, 40)), "missing");
  // Where the men are told, the others are not.
  Rep men("m");
  men.Total(31).report().mutable_participants()->set_men(14);
  EXPECT_EQ(women(counted(31, 17), men), "same_and_total");
  men.report().mutable_participants()->set_other_gender(1);
  EXPECT_EQ(women(counted(31, 17), men), "missing");
  // More men than people.
  Rep wrong("w");
  wrong.Total(10).report().mutable_participants()->set_men(14);
  EXPECT_EQ(women(counted(31, 17), wrong), "missing");
  // Nobody tells how many came.
  Rep left("l"), right("r");
  left.report().mutable_participants()->set_women(17);
  right.report().mutable_participants()->set_women(17);
  EXPECT_EQ(women(left, right), "same");
}

TEST(CompareDurations, Levels) {
  const auto duration = [](uint32_t a, uint32_t b) {
    Rep left("a"), right("b");
    if (a > 0) left.report().mutable_dates()->set_duration_minutes(a);
    if (b > 0) right.report().mutable_dates()->set_duration_minutes(b);
    return LevelOf(v1::MATCH_FIELD_DURATION, left, right);
  };
  EXPECT_EQ(duration(180, 180), "same");
  EXPECT_EQ(duration(180, 150), "close");
  EXPECT_EQ(duration(180, 120), "unlike");
  EXPECT_EQ(duration(180, 60), "far");
  EXPECT_EQ(duration(180, 0), "missing");
  EXPECT_EQ(duration(0, 0), "missing");
}

TEST(CompareSubjects, CountWhatTheWholeReportsHaveInCommon) {
  const auto told = [](const char* title, const char* outcome) {
    Rep rep("r");
    rep.Title(title).report().add_learning_outcomes()->set_text(outcome);
    return rep;
  };
  const auto subjects = [](const Rep& a, const Rep& b) {
    return LevelOf(v1::MATCH_FIELD_SUBJECTS, a, b);
  };
  const Rep motto = told("What is mine is mine", "Nous avons parlé de l'eau et des semences.");
  EXPECT_EQ(subjects(motto, told("Song of the lake", "It was all about seeds.")), "one");
  EXPECT_EQ(subjects(motto, told("Song of the lake", "Seeds, and water.")), "two");
  EXPECT_EQ(
      subjects(told("Meeting", "Water, seeds, elections."), told("Setkání", "Voda, osivo, volby.")),
      "three");
  EXPECT_EQ(subjects(told("Meeting", "Water, seeds, elections, refugees."),
                     told("Setkání", "Voda, osivo, volby, uprchlíci.")),
            "many");
  EXPECT_EQ(subjects(told("", "Water."), told("", "Elections.")), "none");
  // That the titles differ is said already.
  EXPECT_EQ(subjects(told("Round table on land", "Water."), told("Forum on courts", "Elections.")),
            "none_titles_differ");
  // Titles alike, and topics that are the same, have spoken.
  EXPECT_EQ(subjects(told("Forum on land", "Water."), told("Forum on land", "Elections.")),
            "missing");
  EXPECT_EQ(
      subjects(told("Meeting", "Seeds.").Topic("water"), told("Meeting", "Seeds.").Topic("water")),
      "missing");
  EXPECT_EQ(subjects(motto, Rep("b").Title("Umoja")), "missing");
  // What only a team may read does not: how many are in common is told to others.
  Rep private_account("p");
  private_account.Title("Umoja").report().mutable_narrative()->set_text("It was all about seeds.");
  EXPECT_EQ(subjects(motto, private_account), "missing");
}

TEST(ComparePassages, OfOneSource) {
  const auto passage = [](const Rep& a, const Rep& b) {
    return LevelOf(v1::MATCH_FIELD_PASSAGE, a, b);
  };
  EXPECT_EQ(passage(Rep("a").Cite("s", "p. 1"), Rep("b").Cite("s", "p. 2")), "different_passages");
  EXPECT_EQ(passage(Rep("a").Cite("s", "p. 1"), Rep("b").Cite("s", "page 1")), "same_passage");
  EXPECT_EQ(
      passage(Rep("a").Cite("s", "", "we met in May"), Rep("b").Cite("s", "", "then in June")),
      "different_passages");
  EXPECT_EQ(passage(Rep("a").Cite("s"), Rep("b").Cite("s", "p. 2")), "same_source");
  EXPECT_EQ(passage(Rep("a").Cite("s", "p. 1"), Rep("b").Cite("t", "p. 2")), "missing");
  // One page may hold two passages.
  EXPECT_EQ(passage(Rep("a").Cite("s", "p. 1", "first"), Rep("b").Cite("s", "p. 1", "second")),
            "same_source");
  // A passage in common outweighs others apart.
  EXPECT_EQ(passage(Rep("a").Cite("s", "p. 1").Cite("s", "p. 3"), Rep("b").Cite("s", "p. 1")),
            "same_passage");
}

TEST(CompareDocuments, OneDocumentUnderTwoSources) {
  v1::Source s, t, generic, generic_too;
  s.set_kind(v1::SOURCE_KIND_DOCUMENT);
  s.set_document_reference("KE/CF/2026/014");
  t = s;
  generic.set_kind(v1::SOURCE_KIND_DOCUMENT);
  generic.set_document_title("Annual report 2026");
  generic_too = generic;
  const std::map<std::string, v1::Source> sources = {
      {"s", s}, {"t", t}, {"g", generic}, {"h", generic_too}};
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_DOCUMENT, Rep("a").Cite("s"), Rep("b").Cite("t"), sources),
            "same_document");
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_DOCUMENT, Rep("a").Cite("g"), Rep("b").Cite("h"), sources),
            "missing");
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_PASSAGE, Rep("a").Cite("s", "p. 1"), Rep("b").Cite("t", "p. 2"),
                    sources),
            "different_passages");
  // Minutes that both cite as a whole; a report on a year tells of several sessions, and so does a
  // page with two passages.
  const auto passage = [&](const Rep& a, const Rep& b) {
    return LevelOf(v1::MATCH_FIELD_PASSAGE, a, b, sources);
  };
  EXPECT_EQ(passage(Rep("a").Cite("s"), Rep("b").Cite("s")), "missing");
  EXPECT_EQ(passage(Rep("a").Cite("s", "p. 1"), Rep("b").Cite("s")), "missing");
  EXPECT_EQ(passage(Rep("a").Cite("g"), Rep("b").Cite("g")), "same_source");
  EXPECT_EQ(passage(Rep("a").Cite("s", "p. 1", "first"), Rep("b").Cite("s", "p. 1", "second")),
            "same_source");
  Rep x("a"), y("b");
  for (Rep* rep : {&x, &y}) {
    v1::MeansOfVerification* proof = rep->report().add_means_of_verification();
    proof->set_kind(v1::MeansOfVerification::KIND_ATTENDANCE_LIST);
    proof->set_sha256(std::string(32, 'h'));
  }
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_DOCUMENT, x, y), "same_file");
  y.report().mutable_means_of_verification(0)->set_kind(v1::MeansOfVerification::KIND_PHOTO);
  EXPECT_EQ(LevelOf(v1::MATCH_FIELD_DOCUMENT, x, y), "missing");
}

TEST(CompareHints, Answers) {
  using Answer = v1::HintAnswer;
  const auto hint = [](const Rep& a, const Rep& b) {
    return LevelOf(v1::MATCH_FIELD_HINT_ANSWER, a, b);
  };
  EXPECT_EQ(hint(Rep("a").Hint("b", Answer::ANSWER_SAME), Rep("b")), "said_same");
  EXPECT_EQ(hint(Rep("a").Hint("b", Answer::ANSWER_DIFFERENT), Rep("b")), "said_different");
  EXPECT_EQ(hint(Rep("a").Hint("b", Answer::ANSWER_UNSURE), Rep("b")), "unsure");
  EXPECT_EQ(
      hint(Rep("a").Hint("b", Answer::ANSWER_SAME), Rep("b").Hint("a", Answer::ANSWER_DIFFERENT)),
      "disagree");
  EXPECT_EQ(hint(Rep("a").Hint("c", Answer::ANSWER_SAME), Rep("b")), "missing");
}

TEST(ComparePartOf, Levels) {
  const auto part = [](const Rep& a, const Rep& b) {
    return LevelOf(v1::MATCH_FIELD_PART_OF, a, b);
  };
  EXPECT_EQ(part(Rep("a"), Rep("b")), "missing");
  EXPECT_EQ(part(Rep("a").PartOf("b"), Rep("b")), "whole_and_part");
  EXPECT_EQ(part(Rep("a").Title("Seeds").PartOf("", "National water conference"),
                 Rep("b").Title("National water conference")),
            "whole_and_part");
  EXPECT_EQ(part(Rep("a").PartOf("c"), Rep("b").PartOf("c")), "same_whole");
  EXPECT_EQ(part(Rep("a").PartOf("", "National water conference"),
                 Rep("b").PartOf("", "Youth and elections summit")),
            "different_wholes");
  EXPECT_EQ(
      part(Rep("a").PartOf("", "Assembly of teams"), Rep("b").PartOf("", "ASSEMBLY OF TEAMS")),
      "same_whole");
  EXPECT_EQ(
      part(Rep("a").PartOf("", "Partners' day"), Rep("b").PartOf("", "Partners' day, Kisumu")),
      "same_whole");
  EXPECT_EQ(
      part(Rep("a").PartOf("", "Learning day"), Rep("b").PartOf("", "Learning days on water")),
      "missing");
  // Two languages, told by the stop words.
  EXPECT_EQ(part(Rep("a").PartOf("", "Le rendez-vous de la rivière"),
                 Rep("b").PartOf("", "Gathering of the valley at the sluice")),
            "missing");
  EXPECT_EQ(part(Rep("a").PartOf("", "Conference"), Rep("b").PartOf("", "Congress")), "missing");
  EXPECT_EQ(part(Rep("a").PartOf("", "Women's health forum"),
                 Rep("b").PartOf("", "Youth and elections summit")),
            "different_wholes");
  EXPECT_EQ(part(Rep("a").PartOf("c"), Rep("b")), "one_sided");
  EXPECT_EQ(part(Rep("a").PartOf("c").Day("2026-03-05"), Rep("b").Day("2026-03-05")), "one_sided");
  EXPECT_EQ(
      part(Rep("a").PartOf("c").Day("2026-03-05"), Rep("b").Dates("2026-03-04", "2026-03-06")),
      "one_sided_within");
}

// "National water conference" of which a session was a part may be the series that the session is
// one of.
TEST(ComparePartOf, ASeriesIsNoWhole) {
  const auto of_forum = [](const char* title = "Seeds") {
    return Rep("a").Title(title).PartOf("", "National water conference");
  };
  const auto forum = [](const char* title = "National water conference") {
    return Rep("b").Title(title);
  };
  const auto part = [](const Rep& a, const Rep& b) {
    return LevelOf(v1::MATCH_FIELD_PART_OF, a, b);
  };
  EXPECT_EQ(part(of_forum(), forum()), "whole_and_part");
  // On one day, and as many came: one session under two names.
  EXPECT_EQ(part(of_forum().Day("2026-03-05").Total(27), forum().Day("2026-03-05").Total(28)),
            "one_sided");
  EXPECT_EQ(part(of_forum().Day("2026-03-05").Total(27), forum().Day("2026-03-05").Total(90)),
            "whole_and_part");
  EXPECT_EQ(part(of_forum().Day("2026-03-05").Total(27),
                 forum().Dates("2026-03-04", "2026-03-06").Total(27)),
            "whole_and_part");
  // The seventh of one is the seventh of the other.
  EXPECT_EQ(part(of_forum("Seeds #7"), forum("National water conference #7")), "one_sided");
  EXPECT_EQ(part(of_forum("Seeds #2"), forum("National water conference #7")), "whole_and_part");
}

}  // namespace
}  // namespace baraza
