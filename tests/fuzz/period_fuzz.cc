// Period parsing: the first byte chooses the month in which a fiscal year starts, the rest is the
// period.

#include "absl/strings/str_cat.h"
#include "core/indicator/period.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/target.h"

namespace baraza::fuzz {
namespace {

void OneInput(absl::string_view bytes) {
  Choices choices(bytes);
  const int start_month = choices.Byte() % 16 - 1;
  const absl::string_view text = choices.Rest();
  const absl::StatusOr<Period> period = ParsePeriod(text, start_month);
  if (!period.ok()) {
    FUZZ_CHECK(period.status().code() == absl::StatusCode::kInvalidArgument);
    FUZZ_CHECK(period.status().message().size() < 400);
    return;
  }
  FUZZ_CHECK(period->text == text);
  FUZZ_CHECK(period->start < period->end);
  FUZZ_CHECK(period->start.year() >= 1 && period->end.year() <= 9999);
  FUZZ_CHECK(period->end <= absl::CivilDay(period->start.year() + kMaxPeriodYears,
                                           period->start.month(), period->start.day()));
  FUZZ_CHECK(*ParsePeriod(period->text, start_month) == *period);
  for (const char* language : {"en", "fr", "es", "pt", "cs", "sw", ""}) {
    FUZZ_CHECK(!FormatPeriodLocalized(*period, language).empty());
    FUZZ_CHECK(!FormatPeriodInSentence(*period, language).empty());
  }
}

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const char* text :
       {"2026", "2026-Q3", "2026-07", "FY2026", "2026-07-01..2026-09-30", "2024-02-29..2024-02-29",
        "1976-01-01..2025-12-31", "9998-12", "0001", "FY0001", "2026-Q5", "2026-13",
        "2026-02-30..2026-03-01", "2026-03-01..2026-02-01", "", "FY"}) {
    // Two for each: without a fiscal year, and one that starts in July.
    seeds.push_back(absl::StrCat("\x01", text));
    seeds.push_back(absl::StrCat("\x08", text));
  }
  return seeds;
}

const Registration registration({"period", &OneInput, &Seeds});

}  // namespace
}  // namespace baraza::fuzz
