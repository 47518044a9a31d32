#include "core/indicator/icu_format.h"

#include <unicode/dtitvfmt.h>
#include <unicode/dtptngen.h>
#include <unicode/fieldpos.h>
#include <unicode/fmtable.h>
#include <unicode/locid.h>
#include <unicode/msgfmt.h>
#include <unicode/smpdtfmt.h>
#include <unicode/strenum.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

#include "core/base/civil_date.h"

namespace baraza {
namespace {

icu::UnicodeString Unicode(absl::string_view utf8) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
}

std::string Utf8(const icu::UnicodeString& text) {
  std::string result;
  text.toUTF8String(result);
  return result;
}

// ICU fails here only on a pattern of ours or on missing data of its own.
void AbortOn(UErrorCode error) {
  if (U_FAILURE(error)) std::abort();
}

const icu::Locale& LocaleOf(Language language) {
  static const std::array<icu::Locale, kLanguageCount> locales = {
      icu::Locale("en"), icu::Locale("fr"), icu::Locale("es"), icu::Locale("pt"),
      icu::Locale("cs")};
  return locales[static_cast<size_t>(language)];
}

// Noon, so that no rounding can reach another day; civil days have no time zone, UTC stands in.
UDate NoonOf(absl::CivilDay day) { return (CivilDayToDays(day) + 0.5) * 86400000.0; }

// Formatters take up to a millisecond to build and are not thread-safe in use.
template <typename T, typename Make>
T& Cached(Language language, absl::string_view key, Make make) {
  constexpr size_t kMostFormatters = 256;
  thread_local std::map<std::pair<Language, std::string>, std::unique_ptr<T>> cache;
  std::pair<Language, std::string> full_key(language, std::string(key));
  auto found = cache.find(full_key);
  if (found == cache.end()) {
    if (cache.size() >= kMostFormatters) cache.clear();
    found = cache.emplace(std::move(full_key), make()).first;
  }
  return *found->second;
}

icu::MessageFormat& MessageFormatOf(Language language, absl::string_view pattern) {
  return Cached<icu::MessageFormat>(language, pattern, [&] {
    UErrorCode error = U_ZERO_ERROR;
    UParseError parse_error;
    auto format = std::make_unique<icu::MessageFormat>(Unicode(pattern), LocaleOf(language),
                                                       parse_error, error);
    AbortOn(error);
    return format;
  });
}

}  // namespace

MessageArgument TextArgument(absl::string_view key, absl::string_view text) {
  return {std::string(key), std::string(text), false, 0};
}

MessageArgument NumberArgument(absl::string_view key, int64_t number) {
  return {std::string(key), std::string(), true, number};
}

std::string FormatMessage(Language language, absl::string_view pattern,
                          const std::vector<MessageArgument>& arguments) {
  icu::MessageFormat& format = MessageFormatOf(language, pattern);
  std::vector<icu::UnicodeString> names;
  std::vector<icu::Formattable> values;
  names.reserve(arguments.size());
  values.reserve(arguments.size());
  for (const MessageArgument& argument : arguments) {
    names.push_back(Unicode(argument.key));
    if (argument.is_number) {
      values.emplace_back(argument.number);
    } else {
      values.emplace_back(Unicode(argument.text));
    }
  }
  UErrorCode error = U_ZERO_ERROR;
  icu::UnicodeString result;
  format.format(names.data(), values.data(), static_cast<int32_t>(values.size()), result, error);
  AbortOn(error);
  return Utf8(result);
}

std::vector<std::string> MessageArgumentNames(Language language, absl::string_view pattern) {
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<icu::StringEnumeration> names(
      MessageFormatOf(language, pattern).getFormatNames(error));
  std::vector<std::string> result;
  if (U_FAILURE(error) || names == nullptr) return result;
  while (const icu::UnicodeString* name = names->snext(error)) result.push_back(Utf8(*name));
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

std::string FormatDay(Language language, absl::CivilDay day, absl::string_view format,
                      bool is_pattern) {
  icu::SimpleDateFormat& formatter = Cached<icu::SimpleDateFormat>(language, format, [&] {
    UErrorCode error = U_ZERO_ERROR;
    icu::UnicodeString pattern = Unicode(format);
    if (!is_pattern) {
      std::unique_ptr<icu::DateTimePatternGenerator> generator(
          icu::DateTimePatternGenerator::createInstance(LocaleOf(language), error));
      AbortOn(error);
      pattern = generator->getBestPattern(pattern, error);
      AbortOn(error);
    }
    auto made = std::make_unique<icu::SimpleDateFormat>(pattern, LocaleOf(language), error);
    AbortOn(error);
    made->setTimeZone(*icu::TimeZone::getGMT());
    return made;
  });
  icu::UnicodeString result;
  formatter.format(NoonOf(day), result);
  return Utf8(result);
}

std::string FormatDayInterval(Language language, absl::CivilDay first, absl::CivilDay last,
                              absl::string_view skeleton) {
  icu::DateIntervalFormat& formatter = Cached<icu::DateIntervalFormat>(language, skeleton, [&] {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::DateIntervalFormat> made(
        icu::DateIntervalFormat::createInstance(Unicode(skeleton), LocaleOf(language), error));
    AbortOn(error);
    made->setTimeZone(*icu::TimeZone::getGMT());
    return made;
  });
  UErrorCode error = U_ZERO_ERROR;
  const icu::DateInterval interval(NoonOf(first), NoonOf(last));
  icu::FieldPosition ignored(icu::FieldPosition::DONT_CARE);
  icu::UnicodeString result;
  formatter.format(&interval, result, ignored, error);
  AbortOn(error);
  return Utf8(result);
}

std::string CountryName(Language language, absl::string_view code) {
  icu::UnicodeString result;
  icu::Locale("", std::string(code).c_str()).getDisplayCountry(LocaleOf(language), result);
  return result.isEmpty() ? std::string(code) : Utf8(result);
}

}  // namespace baraza
