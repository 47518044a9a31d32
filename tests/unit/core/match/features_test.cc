#include "core/match/features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/civil_date.h"
#include "core/base/text.h"
#include "core/match/lexicon.h"
#include "core/match/place.h"
#include "core/match/title.h"
#include "tests/unit/core/match/report_builder.h"

namespace baraza {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = Marker::Kind;

std::vector<Marker> Markers(absl::string_view title) { return ReadTitle(title, {}).markers; }

TEST(Title, StopWordsOfFiveLanguagesAreLeftOut) {
  for (const char* title :
       {"of the and with", "de la et avec les", "de los y con", "do da e com os", "ve na se pro"}) {
    EXPECT_THAT(ReadTitle(title, {}).words, IsEmpty()) << title;
  }
}

TEST(Title, OneSubjectInFiveLanguagesIsOneWord) {
  const std::vector<std::vector<std::string>> rows = {
      {"land", "foncier", "tierra", "terras", "půda"},
      {"water", "l'eau", "agua", "água", "voda"},
      {"meeting", "réunion", "encuentro", "encontro", "setkání"},
      {"workshop", "atelier", "taller", "oficina", "dílna"},
      {"sharing", "partage", "compartir", "partilha", "sdílení"},
      {"learning", "apprentissage", "aprendizaje", "aprendizagem", "učení"},
      {"accountability", "redevabilité", "rendición de cuentas", "prestação de contas",
       "odpovědnost"},
      {"health", "santé", "salud", "saúde", "zdraví"},
      {"women", "femmes", "mujeres", "mulheres", "ženy"},
      {"climate", "climat", "clima", "clima", "klima"},
      {"seeds", "semences", "semillas", "sementes", "osivo"},
      {"school", "école", "escuela", "escola", "škola"}};
  for (const auto& row : rows) {
    const auto expected = ReadTitle(row[0], {}).words;
    ASSERT_EQ(expected.size(), 1u) << row[0];
    for (const std::string& word : row) {
      const auto words = ReadTitle(word, {}).words;
      ASSERT_EQ(words.size(), 1u) << word;
      EXPECT_EQ(words[0].hash, expected[0].hash) << word;
      EXPECT_TRUE(words[0].concept_word) << word;
    }
  }
}

TEST(Title, SubjectsWeighMoreThanTheKindOfOccasion) {
  EXPECT_EQ(ReadTitle("workshop", {}).words[0].weight, 1);
  EXPECT_EQ(ReadTitle("water", {}).words[0].weight, 3);
  EXPECT_EQ(ReadTitle("Umoja", {}).words[0].weight, 3);
  // The venue's own name adds nothing to the place.
  const std::vector<std::string> place = {"kisumu"};
  EXPECT_EQ(ReadTitle("Kisumu", place).words[0].weight, 1);
}

TEST(Title, TellsItsLanguage) {
  EXPECT_EQ(ReadTitle("Exchange with the farmers of the coast", {}).language, "en");
  EXPECT_EQ(ReadTitle("Échange avec les paysans sur la côte", {}).language, "fr");
  EXPECT_EQ(ReadTitle("Intercambio con los campesinos y las mujeres", {}).language, "es");
  EXPECT_EQ(ReadTitle("Troca com os camponeses nas comunidades", {}).language, "pt");
  EXPECT_EQ(ReadTitle("Setkání pro ženy ve městě", {}).language, "cs");
  EXPECT_EQ(ReadTitle("Umoja", {}).language, "");
}

TEST(Title, HashtagsAreTheWordsTheyAreMadeOf) {
  const auto words = [](absl::string_view title) { return ReadTitle(title, {}).words; };
  EXPECT_EQ(words("#LandRightsForWomen"), words("land rights for women"));
  EXPECT_EQ(words("#DroitsFonciers2026 #Kisumu"), words("droits fonciers 2026, Kisumu"));
  EXPECT_EQ(words("#PozemkováPráva"), words("pozemková práva"));
  EXPECT_NE(words("#landrightsforwomen"), words("land rights for women"));
  // Capitals alone part no words, and outside of a hashtag none do.
  EXPECT_EQ(words("#UNHCR"), words("unhcr"));
  EXPECT_EQ(words("#EDUCAÇÃO"), words("educação"));
  EXPECT_EQ(words("#SAÚDE"), words("saúde"));
  EXPECT_EQ(words("Debrief on #COP28"), words("Debrief on COP28"));
  EXPECT_THAT(Markers("Debrief on #COP28"), IsEmpty());
  EXPECT_EQ(words("LandRights"), words("landrights"));
  EXPECT_THAT(Markers("Coast forum #4"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_EQ(ReadWords("#LandRights"), ReadWords("land rights"));
}

TEST(Title, Markers) {
  EXPECT_THAT(Markers("Coast forum, session B"), ElementsAre(Marker{Kind::kLetter, 2}));
  EXPECT_THAT(Markers("Coast forum, session b"), ElementsAre(Marker{Kind::kLetter, 2}));
  EXPECT_THAT(Markers("Coast forum #4"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_THAT(Markers("Coast forum no. 4"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_THAT(Markers("Forum de la côte n° 4"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_THAT(Markers("Foro de la costa nº 4"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_THAT(Markers("Session 4: water"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_THAT(Markers("Sesión IV"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_THAT(Markers("Sesión V: agua"), ElementsAre(Marker{Kind::kNumber, 5}));
  EXPECT_THAT(Markers("4th coast forum"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_THAT(Markers("4. setkání koalice"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_THAT(Markers("Quatrième rencontre"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_THAT(Markers("Cuarto encuentro"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_THAT(Markers("4º encontro"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_THAT(Markers("Échange sur l'eau, 2e partie"), ElementsAre(Marker{Kind::kPart, 2}));
  EXPECT_THAT(Markers("Water exchange, part 2"), ElementsAre(Marker{Kind::kPart, 2}));
  EXPECT_THAT(Markers("Výměna o vodě, část II"), ElementsAre(Marker{Kind::kPart, 2}));
  EXPECT_THAT(Markers("Jour 2 de la conférence"), ElementsAre(Marker{Kind::kDay, 2}));
  EXPECT_THAT(Markers("Grupo B"), ElementsAre(Marker{Kind::kLetter, 2}));
  EXPECT_THAT(Markers("SÉANCE DE BILAN – GROUPE D"), ElementsAre(Marker{Kind::kLetter, 4}));
  EXPECT_THAT(Markers("March meeting"), ElementsAre(Marker{Kind::kMonth, 3}));
  EXPECT_THAT(Markers("Setkání v březnu"), ElementsAre(Marker{Kind::kMonth, 3}));
  EXPECT_THAT(Markers("Encuentro del 5 de marzo de 2026"), ElementsAre(Marker{Kind::kMonth, 3}));
}

TEST(Title, WhatLooksLikeAMarkerButIsNone) {
  EXPECT_THAT(Markers("12 teams share lessons"), IsEmpty());
  EXPECT_THAT(Markers("Réunion du groupe d"), IsEmpty());
  EXPECT_THAT(Markers("Reunião e partilha"), IsEmpty());
  EXPECT_THAT(Markers("REUNIAO E PARTILHA"), IsEmpty());
  EXPECT_THAT(Markers("Rencontre à Lomé"), IsEmpty());
  EXPECT_THAT(Markers("Forum 2026"), IsEmpty());
  EXPECT_THAT(Markers("Setkání v Praze i v Brně"), IsEmpty());
  EXPECT_THAT(Markers("Water and land"), IsEmpty());
}

TEST(Title, NumbersThatCountSomethingElse) {
  for (const char* title :
       {"Réunion plateforme foncière 14/05", "Meeting 2024-05-14", "Atelier (14-15/05)",
        "Budget hearing FY24/25", "Targets of output 1.2", "Meeting at 10:30",
        "Community forum (SDG 5)", "Forum on Art. 27", "Discussion of Act No. 27",
        "Lessons from COVID-19", "Workshop (final) 2", "Report of group of 20",
        "Visita a Cobán, A.V.", "Plan B", "Lack of vitamin A", "Women&#39;s land rights"}) {
    EXPECT_THAT(Markers(title), IsEmpty()) << title;
  }
  // Beside these the others still count.
  EXPECT_THAT(Markers("Coast forum #4, 14/05"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_THAT(Markers("COVID-19 workshop 3"), ElementsAre(Marker{Kind::kNumber, 3}));
  EXPECT_THAT(Markers("Session-2"), ElementsAre(Marker{Kind::kNumber, 2}));
  EXPECT_THAT(Markers("Water exchange, part 2/5"), ElementsAre(Marker{Kind::kPart, 2}));
  EXPECT_THAT(Markers("Learning exchange A"), ElementsAre(Marker{Kind::kLetter, 1}));
  EXPECT_THAT(Markers("Learning session no. 3/2024"), ElementsAre(Marker{Kind::kNumber, 3}));
  EXPECT_THAT(Markers("Setkání č. 4/2024"), ElementsAre(Marker{Kind::kNumber, 4}));
  EXPECT_THAT(Markers("Session 2/4 on land"), ElementsAre(Marker{Kind::kNumber, 2}));
  EXPECT_THAT(Markers("Conference, day 1/2"), ElementsAre(Marker{Kind::kDay, 1}));
  EXPECT_NE(Markers("Water, module 1.2"), Markers("Water, module 1.3"));
  EXPECT_THAT(Markers("Training on advocacy level 2"), ElementsAre(Marker{Kind::kNumber, 2}));
  EXPECT_THAT(Markers("Training for cohort-2"), ElementsAre(Marker{Kind::kNumber, 2}));
}

TEST(Title, WordsThatSayWhatFileItIsAreLeftOut) {
  const auto plain = ReadTitle("Community land rights", {}).words;
  EXPECT_EQ(ReadTitle("Fwd: Community land rights (final).docx", {}).words, plain);
  EXPECT_EQ(ReadTitle("Community land rights – DRAFT v2, signed", {}).words, plain);
}

TEST(Title, EntitiesAreTheSignsThatTheyStandFor) {
  EXPECT_EQ(ReadTitle("Women&#39;s &eacute;lections &amp; land", {}).words,
            ReadTitle("Women's élections & land", {}).words);
  EXPECT_EQ(ReadTitle("Women&rsquo;s land", {}).whole, ReadTitle("Women's land", {}).whole);
  EXPECT_EQ(ReadTitle("R&#233;union &#xe9;lections", {}).words,
            ReadTitle("Réunion élections", {}).words);
  EXPECT_THAT(Markers("Session &amp;#39;water&amp;#39;"), IsEmpty());
  // No entity.
  EXPECT_EQ(ReadTitle("Q&A; then lunch", {}).words, ReadTitle("Q&A, then lunch", {}).words);
}

TEST(Title, TheTeamThatItBeginsOrEndsWithIsNotWhatItIsAbout) {
  const auto words = [](const char* title) { return Rep("rep_1").Title(title).Features().title; };
  const auto plain = words("Webinar: community radio");
  EXPECT_EQ(words("Alfa: Webinar: community radio"), plain);
  EXPECT_EQ(words("Re: Alfa: Webinar: community radio"), plain);
  EXPECT_EQ(words("Webinar: community radio (Alfa)"), plain);
  EXPECT_THAT(Rep("rep_1").Title("Alfa: 3").Features().markers,
              ElementsAre(Marker{Kind::kNumber, 3}));
  EXPECT_NE(words("Zebra: Webinar: community radio"), plain) << "no team of the register";
  EXPECT_THAT(Rep("rep_1").Title("Zebra: community radio").Features().register_keys,
              Contains("name zebra"));
}

TEST(Title, ThePlaceAtTheEndIsNoSubject) {
  for (const char* title : {"Report of the meeting, Praha", "Meeting Praha 2026",
                            "Meeting in Prague, Czechia, 5 March"}) {
    for (const WeightedToken& word : ReadTitle(title, {}).words) EXPECT_EQ(word.weight, 1) << title;
  }
  const auto of = ReadTitle("The Paris agreement", {}).words;
  EXPECT_THAT(of, Contains(::testing::Field(&WeightedToken::weight, 3)));
}

TEST(Place, ExonymsAndSpellings) {
  const auto name = [](const std::string& locality) {
    const ReportFeatures features = Rep("rep_1").Place(locality).Features();
    return features.localities.empty() ? "" : features.localities[0].folded;
  };
  EXPECT_EQ(name("Praha"), name("Prague"));
  EXPECT_EQ(name("Genève"), name("Ginebra"));
  EXPECT_EQ(name("Ciudad de México"), name("Mexico City"));
  EXPECT_EQ(name("Town of Kisumu"), "kisumu");
  EXPECT_EQ(name("Kisumu (Kenya)"), "kisumu");
  EXPECT_EQ(NameSkeleton("kisumu"), NameSkeleton("kisummu"));
  EXPECT_EQ(NameSkeleton("quelimane"), NameSkeleton("kelimane"));
  EXPECT_EQ(NameSkeleton("wajir"), NameSkeleton("vajir"));
  EXPECT_NE(NameSkeleton("kisumu"), NameSkeleton("nakuru"));
  const ReportFeatures kenya = Rep("rep_1").Place("Kisumu, Quênia").Features();
  EXPECT_EQ(kenya.country, Rep("rep_2").Place("Lodwar", "", "ke").Features().country);
}

TEST(Teams, AliasesMergersAndNamesNotInTheRegister) {
  Register reg = TestRegister();
  v1::Team old = MakeTeam("tem_z", "Zulu", "org_3", {"Z-team"});
  old.set_merged_into("tem_a");
  PutTeam(reg, old);
  const auto teams = Rep("rep_1").Teams({"tem_a"}).Features(reg).teams;
  EXPECT_EQ(Rep("rep_2").Teams({"ALFA"}).Features(reg).teams, teams);
  EXPECT_EQ(Rep("rep_3").Teams({"uwp"}).Features(reg).teams, teams);
  EXPECT_EQ(Rep("rep_4").Teams({"tem_z"}).Features(reg).teams, teams);
  EXPECT_EQ(Rep("rep_5").Teams({"z team"}).Features(reg).teams, teams);
  EXPECT_EQ(Rep("rep_6").Teams({"coletivo raizes"}).Features(reg).teams,
            Rep("rep_7").Teams({"tem_c"}).Features(reg).teams);
  PutTeam(reg, MakeTeam("tem_n", "Haki Ardhi Network", "org_3"));
  EXPECT_EQ(Rep("rep_9").Teams({"Haki Network (Kilifi)"}).Features(reg).unregistered_teams.size(),
            1u);
  EXPECT_EQ(Rep("rep_9").Teams({"Haki network"}).Features(reg).teams,
            Rep("rep_7").Teams({"tem_n"}).Features(reg).teams);
  const ReportFeatures unknown = Rep("rep_8").Teams({"Friends of the lake"}).Features(reg);
  EXPECT_THAT(unknown.teams, IsEmpty());
  EXPECT_EQ(unknown.unregistered_teams.size(), 1u);
}

TEST(Teams, ThoseWhoWereThere) {
  Rep rep("rep_1");
  rep.By("tem_a", "per_1").Teams({"tem_b", "tem_c"});
  EXPECT_EQ(rep.Features().teams.size(), 2u);
  rep.report().set_reporting_team_present(v1::YES_NO_YES);
  EXPECT_EQ(rep.Features().teams.size(), 3u);
  rep.report().mutable_participating_teams(0)->set_present(v1::YES_NO_NO);
  EXPECT_EQ(rep.Features().teams.size(), 2u);
  rep.report().mutable_organiser()->set_team_id("tem_d");
  rep.report().add_facilitated_by()->set_team_id("tem_e");
  EXPECT_EQ(rep.Features().teams.size(), 4u);
}

TEST(Documents, GenericOnesHaveNoWeight) {
  const auto document = [](const std::string& title, const std::string& reference) {
    v1::Source source;
    source.set_id("src_1");
    source.set_kind(v1::SOURCE_KIND_DOCUMENT);
    source.set_document_title(title);
    source.set_document_reference(reference);
    return Rep("rep_1")
        .Cite("src_1")
        .Features(TestRegister(), {{"src_1", source}})
        .citations[0]
        .document;
  };
  EXPECT_EQ(document("Annual report 2026", ""), 0u);
  EXPECT_EQ(document("Rapport annuel 2026", ""), 0u);
  EXPECT_EQ(document("Minutes", ""), 0u);
  EXPECT_EQ(document("Informe trimestral 3", ""), 0u);
  EXPECT_NE(document("Minutes of the coast forum no. 4", ""), 0u);
  EXPECT_NE(document("Annual report", "KE/CF/2026/014"), 0u);
  EXPECT_NE(document("", "KE/CF/2026/014"), document("", "KE/CF/2026/015"));
  EXPECT_EQ(document("Minutes of the Coast Forum no. 4", ""),
            document("Coast forum No 4 (minutes)", ""));
}

TEST(Citations, LocatorsByWhatTheyPointAt) {
  const auto locator = [](const std::string& text) {
    return Rep("rep_1").Cite("src_1", text).Features().citations[0].locator;
  };
  EXPECT_EQ(locator("p. 4"), locator("Page 4"));
  EXPECT_EQ(locator("strana 4"), locator("4"));
  EXPECT_NE(locator("p. 4"), locator("p. 5"));
  EXPECT_EQ(locator(""), 0u);
}

TEST(Dates, IntervalPrecisionAndSwap) {
  const auto day = [](int y, int m, int d) { return CivilDayToDays(absl::CivilDay(y, m, d)); };
  const DateFeatures one = Rep("r").Day("2026-03-05").Features().date;
  EXPECT_EQ(one.grain, DateGrain::kDay);
  EXPECT_EQ(one.first, day(2026, 3, 5));
  EXPECT_EQ(one.last, day(2026, 3, 5));
  EXPECT_EQ(one.swapped_first, day(2026, 5, 3));
  EXPECT_EQ(Rep("r").Day("2026-03-13").Features().date.swapped_first, DateFeatures::kNoSwap);
  EXPECT_EQ(Rep("r").Day("2026-03-03").Features().date.swapped_first, DateFeatures::kNoSwap);
  const DateFeatures month =
      Rep("r").Dates("2026-03-01", "2026-03-31", v1::DATE_PRECISION_MONTH).Features().date;
  EXPECT_EQ(month.grain, DateGrain::kMonth);
  EXPECT_EQ(month.last, day(2026, 3, 31));
  EXPECT_EQ(Rep("r").Dates("", "").Features().date.grain, DateGrain::kUnknown);
  EXPECT_EQ(Rep("r").Dates("2026-03-01", "", v1::DATE_PRECISION_UNKNOWN).Features().date.grain,
            DateGrain::kUnknown);
}

TEST(Register, KnowsWhichReportsAChangeTouches) {
  Register reg = TestRegister();
  v1::Team old = MakeTeam("tem_z", "Zulu", "org_3");
  old.set_merged_into("tem_y");
  v1::Team between = MakeTeam("tem_y", "Yankee", "org_3");
  between.set_merged_into("tem_a");
  PutTeam(reg, old);
  PutTeam(reg, between);
  const ReportFeatures by_id = Rep("r").Teams({"tem_z"}).Features(reg);
  EXPECT_TRUE(DependsOn(by_id, "tem_z"));
  EXPECT_TRUE(DependsOn(by_id, "tem_y"));
  EXPECT_TRUE(DependsOn(by_id, "tem_a"));
  EXPECT_FALSE(DependsOn(by_id, "tem_b"));
  // A team that is registered after the report arrived.
  const ReportFeatures by_name = Rep("r").Teams({"Les Amis du Lac"}).Features(reg);
  const v1::Team late = MakeTeam("tem_l", "Amis", "org_3", {"les amis du lac"});
  EXPECT_TRUE(DependsOn(by_name, RegisterKeysOf(late)));
  EXPECT_FALSE(DependsOn(by_name, RegisterKeysOf(old)));
  // One of whose name it is a part, and one whose name is a part of it.
  EXPECT_TRUE(DependsOn(by_name, RegisterKeysOf(MakeTeam("tem_m", "Les Amis du Grand Lac", "o"))));
  EXPECT_TRUE(DependsOn(by_name, RegisterKeysOf(MakeTeam("tem_m", "Amis du Lac", "o"))));
  EXPECT_FALSE(DependsOn(by_name, RegisterKeysOf(MakeTeam("tem_m", "Lac des Amis", "o"))));
  v1::Issue issue;
  issue.set_id("iss_land");
  EXPECT_TRUE(DependsOn(Rep("r").Issue("iss_land").Features(reg), RegisterKeysOf(issue)));
}

TEST(Features, WhatMakesNoDifferenceMakesNone) {
  const Register reg = TestRegister();
  const auto fingerprint = [&](const std::string& title, const std::string& place,
                               const std::vector<std::string>& teams) {
    return Rep("rep_1")
        .Title(title, "fr")
        .Place(place)
        .Teams(teams)
        .Day("2026-03-05")
        .Features(reg)
        .fingerprint;
  };
  const auto expected =
      fingerprint("Échange sur l'eau à Lomé", "Lomé", {"tem_a", "tem_b", "tem_c"});
  EXPECT_EQ(fingerprint("ECHANGE  sur l’eau   a Lome ", " lome", {"tem_a", "tem_b", "tem_c"}),
            expected);
  EXPECT_EQ(fingerprint("Échange sur l'eau à Lomé", "Lomé", {"tem_c", "tem_a", "tem_b"}), expected);
  EXPECT_EQ(fingerprint("Échange sur l'eau à Lomé", "LOMÉ", {"UWP", "bravo", "tem_c", "tem_a"}),
            expected);
  EXPECT_NE(fingerprint("Échange sur l'eau à Lomé", "Lomé", {"tem_a", "tem_b"}), expected);
  EXPECT_NE(fingerprint("Échange sur la terre à Lomé", "Lomé", {"tem_a", "tem_b", "tem_c"}),
            expected);
}

std::vector<uint64_t> Subjects(absl::string_view text) {
  std::vector<uint64_t> subjects;
  AppendSubjects(text, subjects);
  return subjects;
}

TEST(Subjects, AreTheSameInFiveLanguages) {
  for (const std::vector<const char*>& row : std::vector<std::vector<const char*>>{
           // Of lexicon.txt, of themes.txt, and a concept of the one with words of the other.
           {"water", "l'eau", "agua", "água", "voda"},
           {"leaflets", "dépliants", "folletos", "folhetos", "letáky"},
           {"petition", "pétition", "hojas de firmas", "petição", "petiční archy"}}) {
    const std::vector<uint64_t> expected = Subjects(row[0]);
    ASSERT_EQ(expected.size(), 1u) << row[0];
    EXPECT_NE(Lexicon::Get().SubjectName(expected[0]), "") << row[0];
    for (const char* word : row) EXPECT_EQ(Subjects(word), expected) << word;
  }
}

TEST(Subjects, HowPeopleMetAndWordsNotKnownAreNone) {
  EXPECT_THAT(Subjects("Toutes les équipes, mais pas les autres"), IsEmpty());
  EXPECT_THAT(Subjects("Cotonou, Ilhéus, Praia"), IsEmpty());
  EXPECT_THAT(Subjects("Workshop of the teams in Kisumu, Umoja hall"), IsEmpty());
  EXPECT_THAT(Subjects(""), IsEmpty());
  EXPECT_EQ(Lexicon::Get().SubjectName(1), "");
}

// A theme makes no title or topic differ from another.
TEST(Subjects, ThemesAreNoWordsOfTitles) {
  const std::vector<WeightedToken> words = ReadTitle("leaflets", {}).words;
  ASSERT_EQ(words.size(), 1u);
  EXPECT_FALSE(words[0].concept_word);
}

TEST(Subjects, OfALongAccountTheBeginning) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "word ";
  EXPECT_THAT(Subjects(text + "water"), IsEmpty());
  Rep rep("r");
  for (int i = 0; i < 900; ++i) rep.report().add_learning_outcomes()->set_text("water seeds");
  EXPECT_EQ(rep.Features().subjects.size(), 2u);
}

TEST(Features, ShowTheWordsAsWritten) {
  const ReportFeatures features = Rep("r")
                                      .Title("Échange nº 4")
                                      .Place("Lomé", "Salle Ébène")
                                      .Teams({"tem_c", "Les Amis"})
                                      .Day("2026-03-05")
                                      .Features();
  EXPECT_EQ(features.shown.title, "Échange nº 4");
  EXPECT_THAT(features.shown.place, HasSubstr("Salle Ébène"));
  EXPECT_THAT(features.shown.teams, HasSubstr("Coletivo Raízes"));
  EXPECT_THAT(features.shown.teams, HasSubstr("Les Amis"));
  EXPECT_EQ(features.shown.date, "2026-03-05");
  EXPECT_EQ(features.shown.markers, "#4");
}

TEST(Features, SurviveHugeAndHostileText) {
  Rep rep("r");
  rep.Title(std::string(100'000, 'x') + " " + std::string(100'000, '#')).Place("\xff\xfe,,,;(((");
  for (int i = 0; i < 900; ++i) rep.Teams({"name " + std::to_string(i)});
  const ReportFeatures features = rep.Features();
  EXPECT_LE(features.unregistered_teams.size(), 64u);
  EXPECT_LE(features.title.size(), 64u);
}

TEST(Features, VersionNamesLexiconAndIcu) {
  EXPECT_THAT(FeatureVersion(), HasSubstr("lexicon."));
  EXPECT_THAT(FeatureVersion(), HasSubstr(IcuVersion()));
}

}  // namespace
}  // namespace baraza
