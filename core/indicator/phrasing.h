#ifndef BARAZA_CORE_INDICATOR_PHRASING_H_
#define BARAZA_CORE_INDICATOR_PHRASING_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/figure.pb.h"
#include "baraza/v1/types.pb.h"
#include "core/indicator/period.h"
#include "core/model/register.h"

namespace baraza {

// What people read, in the five languages of the guidance. A language is a BCP 47 tag, of which the
// first part decides; one we do not speak reads as English. All functions are pure and may be
// called from any thread; results depend on the ICU version.

// "en", "fr", "es", "pt", "cs".
absl::Span<const absl::string_view> PhrasingLanguages();

// The guidance's own phrasing of the indicator (IndiKit, "Advocacy Sharing and Learning Sessions")
// with the period in it.
std::string IndicatorSentence(absl::string_view language, const Period& period);

// IndicatorSentence in all five languages.
v1::MultilingualText IndicatorSentences(const Period& period);

// "14", or "14; between 13 and 16 until 3 questions are answered". A figure without its trace does
// not know how many questions there are and leaves them out.
std::string FigureHeadline(const v1::Figure& figure, absl::string_view language);

// A statement in code form as a sentence. Ids of teams, organisations, issues, projects and donors
// are given by their titles in `reg` (may be null), dates, countries and periods by ICU. An unknown
// code gives the code with its arguments.
std::string RenderText(const v1::CodedText& text, absl::string_view language, const Register* reg);

// Every code that RenderText knows, sorted.
std::vector<std::string> KnownCodes();

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_PHRASING_H_
