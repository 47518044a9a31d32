#include "core/base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace baraza {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

TEST(FoldText, AsciiLosesCaseAndPunctuation) {
  EXPECT_EQ(FoldText("  Land   Rights, Session #4 (Part-B) "), "land rights session 4 part b");
  EXPECT_EQ(FoldText(""), "");
  EXPECT_EQ(FoldText(" \t\n--"), "");
  EXPECT_EQ(FoldText(std::string("a\0b", 3)), "a b");
}

TEST(FoldText, LatinLettersLoseTheirMarks) {
  EXPECT_EQ(FoldText("Réunion à Łódź"), "reunion a lodz");
  EXPECT_EQ(FoldText("Příliš žluťoučký kůň"), "prilis zlutoucky kun");
  EXPECT_EQ(FoldText("São Tomé — Año nuevo"), "sao tome ano nuevo");
  EXPECT_EQ(FoldText("STRASSE straße"), "strasse strasse");
  EXPECT_EQ(FoldText("Œuvre ﬁn Ⅷ ½"), FoldText("oeuvre fin viii 1 2"));
}

TEST(FoldText, ComposedAndDecomposedAreOne) {
  EXPECT_EQ(FoldText("Caf\u00e9"), FoldText("Cafe\u0301"));
  EXPECT_EQ(FoldText("\uff21\uff22\uff23"), "abc");  // Full width.
}

TEST(FoldText, OtherScriptsBecomeLatin) {
  EXPECT_EQ(FoldText("Москва"), "moskva");
  // The soft sign does not cut a word in two.
  EXPECT_EQ(FoldText("Харьков"), "harkov");
  EXPECT_EQ(FoldedTokens("العربية").size(), 1u);
  EXPECT_THAT(FoldText("اجتماع الفريق"), MatchesRegex("[a-z]+ [a-z]+"));
  EXPECT_EQ(FoldText("Αθήνα"), "athena");
  EXPECT_THAT(FoldText("नैरोबी"), MatchesRegex("[a-z]+"));
}

TEST(FoldText, ApostrophesAndSpacesOfEveryKindSeparate) {
  EXPECT_EQ(FoldText("l'eau l\u2019eau"), "l eau l eau");
  EXPECT_EQ(FoldText("a\u00a0b\u2003c\u200bd"), FoldText("a b cd"));
}

// The quick way for ASCII must agree with ICU's: a non-ASCII blank at the end forces the long one.
TEST(FoldText, TheAsciiPathAgreesWithIcu) {
  std::string all;
  for (char c = 0x20; c < 0x7f; ++c) {
    EXPECT_EQ(FoldText(std::string(1, c)), FoldText(std::string(1, c) + "\u3000")) << c;
    all.push_back(c);
  }
  EXPECT_EQ(FoldText(all), FoldText(all + "\u3000"));
}

// So must the table for Latin text: a word in another script at the end forces the transliterator.
TEST(FoldText, TheLatinTableAgreesWithIcu) {
  const auto utf8 = [](char32_t c) {
    if (c < 0x80) return std::string(1, static_cast<char>(c));
    if (c < 0x800) {
      return std::string{static_cast<char>(0xc0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3f))};
    }
    return std::string{static_cast<char>(0xe0 | (c >> 12)),
                       static_cast<char>(0x80 | ((c >> 6) & 0x3f)),
                       static_cast<char>(0x80 | (c & 0x3f))};
  };
  const auto check = [](const std::string& text) {
    EXPECT_EQ(FoldText(text + " z"), FoldText(text + " \u0437")) << text;
  };
  std::string all;
  for (char32_t c = 0x21; c < 0x2070; c = c == 0x24f ? 0x2000 : c + 1) {
    check(utf8(c));
    check("n" + utf8(c) + "m");
    check(utf8(c) + "\u0301");
    all += utf8(c);
  }
  check(all);
}

TEST(FoldText, IsIdempotent) {
  for (const char* text :
       {"Réunion à Łódź", "Харьков", "اجتماع الفريق", "l\u2019\u00e9t\u00e9", "東京 会議"}) {
    EXPECT_EQ(FoldText(FoldText(text)), FoldText(text)) << text;
  }
}

TEST(FoldText, IllFormedUtf8DoesNotStopIt) {
  EXPECT_EQ(FoldText("caf\xc3 bar"), "caf bar");
  EXPECT_EQ(FoldText("\xff\xfe"), "");
}

TEST(FoldedTokens, AreTheWords) {
  EXPECT_THAT(FoldedTokens("Partage — l'Équipe, l'équipe!"),
              ElementsAre("partage", "l", "equipe", "l", "equipe"));
  EXPECT_THAT(FoldedTokens("…"), IsEmpty());
}

TEST(IsValidUtf8, AcceptsWhatIsWellFormedOnly) {
  for (const char* good : {"", "abc", "\u00e9", "\u20ac", "\U0001F600", "\U0010FFFF"}) {
    EXPECT_TRUE(IsValidUtf8(good)) << good;
  }
  EXPECT_TRUE(IsValidUtf8(absl::string_view("a\0b", 3)));
  for (const char* bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                          "\xf4\x90\x80\x80", "\xff", "abc\xe2\x82", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(IsValidUtf8(bad));
  }
}

TEST(IcuVersion, IsMajorAndMinor) { EXPECT_THAT(IcuVersion(), MatchesRegex("[0-9]+\\.[0-9]+")); }

}  // namespace
}  // namespace baraza
