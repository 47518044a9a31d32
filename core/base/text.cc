#include "core/base/text.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>
#include <unicode/uvernum.h>
#include <unicode/uversion.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace baraza {
namespace {

// The same outcome as the ICU path for ASCII, at a fraction of its cost.
std::string FoldAscii(absl::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  bool gap = false;
  for (const char raw : text) {
    const unsigned char c = static_cast<unsigned char>(raw);
    if (absl::ascii_isalnum(c)) {
      if (gap && !folded.empty()) folded.push_back(' ');
      gap = false;
      folded.push_back(absl::ascii_tolower(c));
    } else {
      gap = true;
    }
  }
  return folded;
}

const icu::Normalizer2& NfkcCasefold() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCCasefoldInstance(error);
  if (U_FAILURE(error)) std::abort();  // ICU's own data is missing: the installation is broken.
  return *normalizer;
}

// The letters that Any-Latin makes of a soft sign, an ayin or a hamza are not the ends of words:
// without the removal Latin-ASCII would turn them into apostrophes, and "Харьков" would become two
// words.
constexpr char kToAsciiRules[] = "Any-Latin; [\\u02B9-\\u02C1] Remove; Latin-ASCII; Lower";

// A transliterator keeps state while it works, so each thread has its own. Building one costs
// milliseconds.
const icu::Transliterator& ToAscii() {
  thread_local const std::unique_ptr<icu::Transliterator> transliterator = [] {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> made(icu::Transliterator::createInstance(
        icu::UnicodeString::fromUTF8(kToAsciiRules), UTRANS_FORWARD, error));
    if (U_FAILURE(error) || made == nullptr) std::abort();
    return made;
  }();
  return *transliterator;
}

// Latin text with its punctuation, as casefolded and composed text of our five languages is: there
// every character is transliterated by itself, so a table stands in for the transliterator at a
// fortieth of its cost.
constexpr UChar kFirstTabled = 0x80;
constexpr UChar kPunctuationStart = 0x2000;
constexpr UChar kPunctuationEnd = 0x2070;
constexpr UChar kLatinEnd = 0x250;

bool IsTabled(UChar c) { return c < kLatinEnd || (c >= kPunctuationStart && c < kPunctuationEnd); }

// What ToAscii makes of a tabled character.
const icu::UnicodeString& TabledAscii(UChar c) {
  thread_local const std::vector<icu::UnicodeString> table = [] {
    std::vector<icu::UnicodeString> made;
    const auto add = [&made](UChar from, UChar to) {
      for (UChar each = from; each < to; ++each) {
        made.emplace_back(each);
        ToAscii().transliterate(made.back());
      }
    };
    add(kFirstTabled, kLatinEnd);
    add(kPunctuationStart, kPunctuationEnd);
    return made;
  }();
  return c < kLatinEnd ? table[c - kFirstTabled]
                       : table[kLatinEnd - kFirstTabled + c - kPunctuationStart];
}

icu::UnicodeString Transliterated(const icu::UnicodeString& folded) {
  icu::UnicodeString ascii;
  for (int32_t i = 0; i < folded.length(); ++i) {
    const UChar c = folded.charAt(i);
    if (!IsTabled(c)) {
      icu::UnicodeString whole = folded;
      ToAscii().transliterate(whole);
      return whole;
    }
    if (c < kFirstTabled) {
      ascii.append(c);
    } else {
      ascii.append(TabledAscii(c));
    }
  }
  return ascii;
}

bool IsWordCharacter(UChar32 c) { return u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0; }

}  // namespace

bool IsValidUtf8(absl::string_view bytes) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  const size_t size = bytes.size();
  size_t i = 0;
  while (i < size) {
    if (data[i] < 0x80) {
      ++i;
      continue;
    }
    UChar32 c;
    U8_NEXT(data, i, size, c);
    if (c < 0) return false;
  }
  return true;
}

std::string FoldText(absl::string_view utf8) {
  const bool ascii = std::all_of(utf8.begin(), utf8.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return FoldAscii(utf8);

  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
  const icu::UnicodeString casefolded = NfkcCasefold().normalize(text, error);
  if (U_FAILURE(error)) std::abort();  // Only memory can run out here.
  const icu::UnicodeString folded = Transliterated(casefolded);

  icu::UnicodeString collapsed;
  bool gap = false;
  for (int32_t i = 0; i < folded.length();) {
    const UChar32 c = folded.char32At(i);
    i += U16_LENGTH(c);
    if (IsWordCharacter(c)) {
      if (gap && !collapsed.isEmpty()) collapsed.append(static_cast<UChar>(' '));
      gap = false;
      collapsed.append(c);
    } else {
      gap = true;
    }
  }
  std::string result;
  collapsed.toUTF8String(result);
  return result;
}

std::vector<std::string> FoldedTokens(absl::string_view utf8) {
  return absl::StrSplit(FoldText(utf8), ' ', absl::SkipEmpty());
}

std::string IcuVersion() {
  UVersionInfo version;
  u_getVersion(version);
  return absl::StrCat(static_cast<int>(version[0]), ".", static_cast<int>(version[1]));
}

}  // namespace baraza
