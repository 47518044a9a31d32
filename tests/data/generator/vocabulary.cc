#include "tests/data/generator/vocabulary.h"

namespace baraza::testdata {

const Phrase kMonths[12] = {
    {{"January", "janvier", "enero", "janeiro", "leden"}},
    {{"February", "février", "febrero", "fevereiro", "únor"}},
    {{"March", "mars", "marzo", "março", "březen"}},
    {{"April", "avril", "abril", "abril", "duben"}},
    {{"May", "mai", "mayo", "maio", "květen"}},
    {{"June", "juin", "junio", "junho", "červen"}},
    {{"July", "juillet", "julio", "julho", "červenec"}},
    {{"August", "août", "agosto", "agosto", "srpen"}},
    {{"September", "septembre", "septiembre", "setembro", "září"}},
    {{"October", "octobre", "octubre", "outubro", "říjen"}},
    {{"November", "novembre", "noviembre", "novembro", "listopad"}},
    {{"December", "décembre", "diciembre", "dezembro", "prosinec"}},
};
const Phrase kWeekly = {{"weekly", "hebdomadaire", "semanal", "semanal", "týdenní"}};
const Phrase kMonthly = {{"monthly", "mensuelle", "mensual", "mensal", "měsíční"}};
const Phrase kQuarterly = {
    {"quarterly", "trimestrielle", "trimestral", "trimestral", "čtvrtletní"}};
const Phrase kYearly = {{"annual", "annuelle", "anual", "anual", "výroční"}};
const Phrase kSessionLetter = {{"Session {}|Group {}", "Session {}|Groupe {}", "Sesión {}|Grupo {}",
                                "Sessão {}|Grupo {}", "Sekce {}|Skupina {}"}};
const Phrase kPartNumber = {
    {"part {}", "partie {}|{}e partie", "parte {}", "parte {}|{}ª parte", "část {}|{}. část"}};
const Phrase kEditionNumber = {
    {"#{}|no. {}", "n° {}|#{}", "n.º {}|#{}", "n.º {}|#{}", "č. {}|#{}"}};
const Phrase kDayNumber = {{"day {}", "jour {}", "día {}", "dia {}", "den {}"}};
const Phrase kGenericTitle = {
    {"Meeting|Field report|Session|Sharing and learning session",
     "Réunion|Compte rendu|Séance|Séance de partage", "Reunión|Informe de campo|Sesión|Actividad",
     "Reunião|Relatório de campo|Sessão|Actividade", "Schůzka|Zpráva|Setkání|Akce"}};
const Phrase kMinutes = {{"Minutes", "Compte rendu", "Acta", "Acta", "Zápis"}};
const Phrase kMinutesOf = {{"Minutes of: ", "Compte rendu : ", "Acta: ", "Acta: ", "Zápis: "}};
const Phrase kGenericDocument = {
    {"Annual report 2025|Quarterly report|Field visit report|Programme report",
     "Rapport annuel 2025|Rapport trimestriel|Rapport d'activités",
     "Informe anual 2025|Informe trimestral|Informe de actividades",
     "Relatório anual 2025|Relatório trimestral|Relatório de actividades",
     "Výroční zpráva 2025|Čtvrtletní zpráva|Zpráva o činnosti"}};

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string_view> WaysToSay(const Phrase& phrase, Language language) {
  return Split(phrase.text[language], '|');
}

}  // namespace baraza::testdata
