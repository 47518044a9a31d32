#include "core/indicator/phrasing.h"

#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/civil_date.h"
#include "core/indicator/figure.h"
#include "core/indicator/icu_format.h"
#include "core/indicator/locale.h"
#include "core/indicator/texts.h"

namespace baraza {
namespace {

// The guidance's sentence before and after "[specify the time period]".
struct Sentence {
  absl::string_view before;
  absl::string_view after;
};
constexpr std::array<Sentence, kLanguageCount> kSentences = {{
    {"the number of sharing and learning sessions on the advocated issue facilitated in ", ""},
    {"nombre de sessions de partage et d'apprentissage sur la question défendue qui ont été "
     "facilitées en ",
     ""},
    {"número de sesiones de intercambio y aprendizaje sobre el tema objeto de incidencia "
     "facilitadas en ",
     ""},
    {"número de sessões de partilha e aprendizagem facilitadas em ",
     " sobre a questão alvo de advocacia"},
    {"počet advokačních setkání zaměřených na sdílení a učení během ", ""},
}};

struct Headline {
  // {value}; also with {low} and {high}; also with {questions}.
  absl::string_view settled;
  absl::string_view range;
  absl::string_view open;
};
constexpr std::array<Headline, kLanguageCount> kHeadlines = {{
    {"{value, number}", "{value, number}; between {low, number} and {high, number}",
     "{value, number}; between {low, number} and {high, number} until "
     "{questions, plural, one{# question is answered} other{# questions are answered}}"},
    {"{value, number}", "{value, number}\u202f; entre {low, number} et {high, number}",
     "{value, number}\u202f; entre {low, number} et {high, number} tant que "
     "{questions, plural, one{# question reste sans réponse} "
     "other{# questions restent sans réponse}}"},
    {"{value, number}", "{value, number}; entre {low, number} y {high, number}",
     "{value, number}; entre {low, number} y {high, number} hasta que se "
     "{questions, plural, one{responda # pregunta} other{respondan # preguntas}}"},
    {"{value, number}", "{value, number}; entre {low, number} e {high, number}",
     "{value, number}; entre {low, number} e {high, number} até "
     "{questions, plural, one{que # pergunta seja respondida} "
     "other{que # perguntas sejam respondidas}}"},
    {"{value, number}", "{value, number}; mezi {low, number} a {high, number}",
     "{value, number}; mezi {low, number} a {high, number}, dokud "
     "{questions, plural, one{nebude zodpovězena # otázka} few{nebudou zodpovězeny # otázky} "
     "other{nebude zodpovězeno # otázek}}"},
}};

// In the wanted language, else in English, else in whichever there is.
std::string TitleIn(const v1::MultilingualText& title, Language language) {
  std::string best;
  int best_rank = 0;
  for (const v1::LocalText& value : title.values()) {
    if (value.text().empty()) continue;
    int rank = 1;
    // A tag that is not ours reads as English; here it must not.
    const bool english = absl::StartsWithIgnoreCase(value.language(), "en");
    if (english) rank = 2;
    if (LanguageOf(value.language()) == language && (language != Language::kEnglish || english)) {
      rank = 3;
    }
    if (rank > best_rank) {
      best = value.text();
      best_rank = rank;
    }
  }
  return best;
}

// The title of a registered record; "" when there is none.
std::string TitleOf(absl::string_view id, Language language, const Register& reg) {
  if (absl::StartsWith(id, "tem_")) {
    const v1::Team* team = reg.FindTeam(id);
    return team == nullptr ? std::string() : team->title();
  }
  if (absl::StartsWith(id, "org_")) {
    const v1::Organisation* organisation = reg.FindOrganisation(id);
    return organisation == nullptr ? std::string() : organisation->title();
  }
  if (absl::StartsWith(id, "iss_")) {
    const v1::Issue* issue = reg.FindIssue(id);
    return issue == nullptr ? std::string() : TitleIn(issue->title(), language);
  }
  if (absl::StartsWith(id, "prj_")) {
    const v1::Project* project = reg.FindProject(id);
    return project == nullptr ? std::string() : project->title();
  }
  if (absl::StartsWith(id, "dnr_")) {
    const v1::Donor* donor = reg.FindDonor(id);
    return donor == nullptr ? std::string() : donor->title();
  }
  return std::string();
}

int FiscalYearStart(const Register* reg) {
  const v1::Programme* programme = reg == nullptr ? nullptr : reg->FindProgramme();
  return programme != nullptr && programme->has_fiscal_year_start_month()
             ? static_cast<int>(programme->fiscal_year_start_month())
             : 1;
}

MessageArgument Readable(const v1::CodedText::Argument& argument, Language language,
                         const Register* reg) {
  const std::string& key = argument.key();
  const std::string& value = argument.value();
  int64_t number = 0;
  if (IsNumberArgument(key) && absl::SimpleAtoi(value, &number)) return NumberArgument(key, number);
  if (key == "period") {
    const absl::StatusOr<Period> period = ParsePeriod(value, FiscalYearStart(reg));
    if (period.ok()) return TextArgument(key, FormatPeriodLocalized(*period, CodeOf(language)));
  } else if (key == "country") {
    return TextArgument(key, CountryName(language, value));
  } else if (const absl::StatusOr<absl::CivilDay> day = ParseCivilDay(value); day.ok()) {
    return TextArgument(key, FormatDay(language, *day, "yMMMMd"));
  } else if (reg != nullptr) {
    if (const std::string title = TitleOf(value, language, *reg); !title.empty()) {
      return TextArgument(key, title);
    }
  }
  return TextArgument(key, value);
}

}  // namespace

absl::Span<const absl::string_view> PhrasingLanguages() { return kLanguageCodes; }

std::string IndicatorSentence(absl::string_view language, const Period& period) {
  const Language spoken = LanguageOf(language);
  const Sentence& sentence = kSentences[static_cast<size_t>(spoken)];
  return absl::StrCat(sentence.before, FormatPeriodInSentence(period, CodeOf(spoken)),
                      sentence.after);
}

v1::MultilingualText IndicatorSentences(const Period& period) {
  // Five sentences cost more than a whole figure otherwise does, and periods are few.
  using Key = std::tuple<std::string, absl::CivilDay, absl::CivilDay>;
  constexpr size_t kMostPeriods = 256;
  thread_local std::map<Key, v1::MultilingualText> cache;
  const Key key(period.text, period.start, period.end);
  if (const auto found = cache.find(key); found != cache.end()) return found->second;
  v1::MultilingualText sentences;
  for (const absl::string_view language : kLanguageCodes) {
    v1::LocalText* sentence = sentences.add_values();
    sentence->set_language(std::string(language));
    sentence->set_text(IndicatorSentence(language, period));
  }
  if (cache.size() >= kMostPeriods) cache.clear();
  return cache.emplace(key, std::move(sentences)).first->second;
}

std::string FigureHeadline(const v1::Figure& figure, absl::string_view language) {
  const Language spoken = LanguageOf(language);
  const Headline& headline = kHeadlines[static_cast<size_t>(spoken)];
  const uint32_t questions = OpenQuestionCount(figure);
  absl::string_view pattern = headline.settled;
  if (figure.low() != figure.high()) pattern = questions == 0 ? headline.range : headline.open;
  return FormatMessage(
      spoken, pattern,
      {NumberArgument("value", figure.value()), NumberArgument("low", figure.low()),
       NumberArgument("high", figure.high()), NumberArgument("questions", questions)});
}

std::string RenderText(const v1::CodedText& text, absl::string_view language, const Register* reg) {
  const Language spoken = LanguageOf(language);
  const absl::string_view pattern = PatternOf(spoken, text.code());
  std::vector<MessageArgument> arguments;
  arguments.reserve(static_cast<size_t>(text.arguments_size()));
  for (const v1::CodedText::Argument& argument : text.arguments()) {
    arguments.push_back(Readable(argument, spoken, reg));
  }
  if (!pattern.empty()) return FormatMessage(spoken, pattern, arguments);
  std::string raw = text.code();
  for (const v1::CodedText::Argument& argument : text.arguments()) {
    absl::StrAppend(&raw, " ", argument.key(), "=", argument.value());
  }
  return raw;
}

std::vector<std::string> KnownCodes() {
  std::vector<std::string> codes;
  for (const TextEntry& entry : EnglishTexts()) codes.emplace_back(entry.code);
  return codes;
}

}  // namespace baraza
