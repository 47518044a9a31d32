#include "core/indicator/phrasing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/indicator/coded_text.h"
#include "core/indicator/icu_format.h"
#include "core/indicator/texts.h"
#include "tests/unit/core/indicator/indicator_test_support.h"

namespace baraza {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Texts, EveryCodeInEveryLanguageWithTheSameArguments) {
  const std::vector<std::string> codes = KnownCodes();
  EXPECT_TRUE(std::is_sorted(codes.begin(), codes.end()));
  EXPECT_EQ(std::adjacent_find(codes.begin(), codes.end()), codes.end());
  for (size_t i = 0; i < kLanguageCount; ++i) {
    const Language language = static_cast<Language>(i);
    ASSERT_EQ(TextsOf(language).size(), codes.size()) << CodeOf(language);
    for (const std::string& code : codes) {
      const absl::string_view pattern = PatternOf(language, code);
      ASSERT_FALSE(pattern.empty()) << CodeOf(language) << " " << code;
      EXPECT_EQ(pattern.find('\''), absl::string_view::npos) << code << ": quotes patterns";
      EXPECT_EQ(MessageArgumentNames(language, pattern),
                MessageArgumentNames(Language::kEnglish, PatternOf(Language::kEnglish, code)))
          << CodeOf(language) << " " << code;
      // Plural arguments must be the ones that are passed as numbers.
      for (const std::string& name : MessageArgumentNames(language, pattern)) {
        if (pattern.find("{" + name + ", plural") != absl::string_view::npos) {
          EXPECT_TRUE(IsNumberArgument(name)) << code << " " << name;
        }
      }
    }
  }
}

// Formats every pattern with every count that a plural rule could tell apart.
TEST(Texts, EveryCodeFormatsWithNothingLeftOver) {
  for (const absl::string_view language : PhrasingLanguages()) {
    for (const std::string& code : KnownCodes()) {
      for (const char* count : {"0", "1", "2", "5", "21"}) {
        v1::CodedText text;
        text.set_code(code);
        for (const std::string& name :
             MessageArgumentNames(Language::kEnglish, PatternOf(Language::kEnglish, code))) {
          v1::CodedText::Argument* argument = text.add_arguments();
          argument->set_key(name);
          argument->set_value(IsNumberArgument(name) ? count : "VALUE");
        }
        const std::string rendered = RenderText(text, language, nullptr);
        EXPECT_EQ(rendered.find('{'), std::string::npos) << rendered;
        EXPECT_EQ(rendered.find("=VALUE"), std::string::npos) << rendered;
        for (const v1::CodedText::Argument& argument : text.arguments()) {
          if (argument.key() == "modality") continue;
          if (argument.value() == "VALUE") {
            EXPECT_THAT(rendered, HasSubstr("VALUE")) << code;
          }
        }
      }
    }
  }
}

// Every code that core/match/explain.h documents.
TEST(Texts, KnowsTheMatchersCodes) {
  for (const char* code : {"same_dates",
                           "dates_overlap",
                           "dates_one_day_apart",
                           "dates_days_apart",
                           "dates_swapped",
                           "date_within_month",
                           "date_within_quarter",
                           "date_within_year",
                           "same_month",
                           "date_ranges_overlap",
                           "dates_do_not_meet",
                           "same_place_code",
                           "same_venue",
                           "same_place",
                           "place_spelled_alike",
                           "places_near",
                           "venues_differ",
                           "places_differ",
                           "countries_differ",
                           "same_title",
                           "titles_alike",
                           "titles_somewhat_alike",
                           "titles_alike_across_languages",
                           "titles_differ_in_language",
                           "titles_related",
                           "titles_differ",
                           "same_topics",
                           "topics_in_common",
                           "topics_in_title",
                           "topics_related",
                           "topics_differ",
                           "subjects_in_common",
                           "same_marker",
                           "markers_differ",
                           "marker_on_one_side",
                           "same_teams",
                           "teams_in_common",
                           "teams_differ",
                           "same_organiser",
                           "same_organisation_organises",
                           "organisers_both_there",
                           "organisers_differ",
                           "same_participants",
                           "participants_close",
                           "participants_differ",
                           "same_women",
                           "women_differ",
                           "same_duration",
                           "durations_differ",
                           "same_file",
                           "same_document",
                           "same_issue",
                           "related_issues",
                           "issues_differ",
                           "modalities_differ",
                           "same_author",
                           "same_reporting_team",
                           "same_passage",
                           "passages_apart",
                           "same_source",
                           "collector_said_same",
                           "collector_said_different",
                           "collectors_disagree",
                           "whole_and_part",
                           "same_whole",
                           "wholes_differ",
                           "part_on_one_side"}) {
    EXPECT_FALSE(PatternOf(Language::kEnglish, code).empty()) << code;
  }
}

TEST(RenderText, SpeaksOfTeamsIssuesDaysCountriesAndPeriodsByName) {
  const Register reg = SmallRegister();
  EXPECT_EQ(RenderText(Coded("team_took_part", {{"team_id", "tem_b"}}), "en", &reg),
            "Did Team b take part?");
  EXPECT_EQ(RenderText(Coded("team_took_part", {{"team_id", "tem_zzz"}}), "en", &reg),
            "Did tem_zzz take part?");
  EXPECT_THAT(RenderText(Coded("off_issue", {{"issue_id", "iss_meals"}}), "fr", &reg),
              HasSubstr("Question meals"));
  EXPECT_THAT(RenderText(Coded("off_issue", {{"issue_id", "iss_meals"}}), "cs", &reg),
              HasSubstr("Issue meals"));
  EXPECT_THAT(RenderText(Coded("other_country", {{"country", "CZ"}}), "cs", &reg),
              HasSubstr("Česko"));
  EXPECT_THAT(
      RenderText(Coded("straddles_period", {{"earliest", "2026-06-24"}, {"latest", "2026-07-06"}}),
                 "es", &reg),
      HasSubstr("24 de junio de 2026"));
  EXPECT_THAT(RenderText(Coded("counted_elsewhere", {{"period", "2026-Q2"}}), "fr-CD", &reg),
              HasSubstr("le deuxième trimestre 2026"));
  EXPECT_THAT(RenderText(Coded("counted_elsewhere", {{"period", "FY2026"}}), "en", &reg),
              HasSubstr("July 2025"));
  EXPECT_THAT(RenderText(Coded("other_modality", {{"modality", "online"}}), "cs", &reg),
              HasSubstr("online"));
}

TEST(RenderText, CountsByTheLanguagesRules) {
  const auto few = [](const char* n, const char* language) {
    return RenderText(Coded("dates_days_apart", {{"days", n}}), language, nullptr);
  };
  EXPECT_EQ(few("1", "en"), "1 day apart");
  EXPECT_EQ(few("3", "en"), "3 days apart");
  EXPECT_EQ(few("3", "fr"), "à 3 jours d’écart");
  EXPECT_EQ(few("1", "cs"), "s rozdílem 1 dne");
  EXPECT_EQ(few("3", "cs"), "s rozdílem 3 dní");
}

TEST(RenderText, UnknownCodeGivesItselfWithItsArguments) {
  EXPECT_EQ(RenderText(Coded("new_code", {{"b", "2"}, {"a", "1"}}), "fr", nullptr),
            "new_code a=1 b=2");
}

TEST(RenderText, BracesInAnArgumentAreText) {
  EXPECT_THAT(RenderText(Coded("who_is", {{"name", "{x, plural} 'y'"}}), "en", nullptr),
              HasSubstr("{x, plural} 'y'"));
}

TEST(IndicatorSentence, IsTheGuidancesOwn) {
  const Period july = PeriodOf("2026-07");
  EXPECT_EQ(IndicatorSentence("en", july),
            "the number of sharing and learning sessions on the advocated issue facilitated in "
            "July 2026");
  EXPECT_EQ(IndicatorSentence("fr", july),
            "nombre de sessions de partage et d'apprentissage sur la question défendue qui ont "
            "été facilitées en juillet 2026");
  EXPECT_EQ(IndicatorSentence("es", july),
            "número de sesiones de intercambio y aprendizaje sobre el tema objeto de incidencia "
            "facilitadas en julio de 2026");
  EXPECT_EQ(IndicatorSentence("pt", july),
            "número de sessões de partilha e aprendizagem facilitadas em julho de 2026 sobre a "
            "questão alvo de advocacia");
  EXPECT_EQ(IndicatorSentence("cs", july),
            "počet advokačních setkání zaměřených na sdílení a učení během července 2026");
  EXPECT_EQ(IndicatorSentence("sw", july), IndicatorSentence("en", july));
  const v1::MultilingualText all = IndicatorSentences(PeriodOf("2026-Q3"));
  ASSERT_EQ(all.values_size(), 5);
  EXPECT_EQ(all.values(0).text(), IndicatorSentence("en", PeriodOf("2026-Q3")));
  EXPECT_THAT(all.values(0).text(), HasSubstr("facilitated in the third quarter of 2026"));
  EXPECT_EQ(all.values(4).language(), "cs");
  EXPECT_EQ(IndicatorSentences(PeriodOf("2026-Q3")).SerializeAsString(), all.SerializeAsString());
}

v1::Figure FigureWith(uint32_t questions) {
  v1::Figure figure;
  figure.set_value(14);
  figure.set_low(questions == 0 ? 14 : 13);
  figure.set_high(14 + questions);
  for (uint32_t i = 0; i < questions; ++i) {
    figure.add_undetermined()->add_questions()->set_id("q" + std::to_string(i));
  }
  return figure;
}

TEST(Headline, InFiveLanguagesByTheirPluralRules) {
  EXPECT_EQ(FigureHeadline(FigureWith(0), "en"), "14");
  EXPECT_EQ(FigureHeadline(FigureWith(1), "en"),
            "14; between 13 and 15 until 1 question is answered");
  EXPECT_EQ(FigureHeadline(FigureWith(3), "en"),
            "14; between 13 and 17 until 3 questions are answered");
  EXPECT_THAT(FigureHeadline(FigureWith(1), "fr"), HasSubstr("1 question reste sans réponse"));
  EXPECT_THAT(FigureHeadline(FigureWith(2), "fr"), HasSubstr("2 questions restent sans réponse"));
  EXPECT_THAT(FigureHeadline(FigureWith(1), "es"), HasSubstr("hasta que se responda 1 pregunta"));
  EXPECT_THAT(FigureHeadline(FigureWith(2), "pt"),
              HasSubstr("até que 2 perguntas sejam respondidas"));
  EXPECT_THAT(FigureHeadline(FigureWith(1), "cs"), HasSubstr("nebude zodpovězena 1 otázka"));
  EXPECT_THAT(FigureHeadline(FigureWith(3), "cs"), HasSubstr("nebudou zodpovězeny 3 otázky"));
  EXPECT_THAT(FigureHeadline(FigureWith(5), "cs"), HasSubstr("nebude zodpovězeno 5 otázek"));
  // Without the trace nobody knows how many.
  v1::Figure bare = FigureWith(3);
  bare.clear_undetermined();
  EXPECT_EQ(FigureHeadline(bare, "en"), "14; between 13 and 17");
}

}  // namespace
}  // namespace baraza
