#include "core/match/similarity.h"

#include <gtest/gtest.h>

#include <string>

namespace baraza {
namespace {

TEST(JaroWinkler, PublishedValues) {
  // Winkler (1990), as printed: 0.961, 0.840, 0.813.
  EXPECT_NEAR(JaroWinkler("martha", "marhta"), 961, 2);
  EXPECT_NEAR(JaroWinkler("dwayne", "duane"), 840, 2);
  EXPECT_NEAR(JaroWinkler("dixon", "dicksonx"), 813, 2);
}

TEST(JaroWinkler, EndsOfTheScale) {
  EXPECT_EQ(JaroWinkler("", ""), 0);
  EXPECT_EQ(JaroWinkler("a", ""), 0);
  EXPECT_EQ(JaroWinkler("kisumu", "kisumu"), 1000);
  EXPECT_EQ(JaroWinkler("abc", "xyz"), 0);
}

TEST(JaroWinkler, SymmetricAndSafeOnLongStrings) {
  const std::string words[] = {"kisumu",
                               "kisummu",
                               "aab",
                               "aba",
                               "mombasa",
                               std::string(500, 'a'),
                               std::string(63, 'b') + "c",
                               std::string(64, 'b')};
  for (const std::string& a : words) {
    for (const std::string& b : words) {
      EXPECT_EQ(JaroWinkler(a, b), JaroWinkler(b, a)) << a << " " << b;
      EXPECT_LE(JaroWinkler(a, b), 1000);
      EXPECT_GE(JaroWinkler(a, b), 0);
    }
  }
}

TEST(SpelledAlike, TyposButNotNeighbours) {
  EXPECT_TRUE(SpelledAlike("kisumu", "kisummu"));
  EXPECT_TRUE(SpelledAlike("mombasa", "mombassa"));
  EXPECT_FALSE(SpelledAlike("kisumu east", "kisumu west"));
  EXPECT_FALSE(SpelledAlike("ward 4", "ward 5"));
  EXPECT_FALSE(SpelledAlike("nakuru", "nairobi"));
  EXPECT_FALSE(SpelledAlike("goma", "roma"));
  EXPECT_FALSE(SpelledAlike("", ""));
}

TEST(IsShortFor, WhatPeopleCallATownForShort) {
  EXPECT_TRUE(IsShortFor("ktm", "kathmandu"));
  EXPECT_TRUE(IsShortFor("cbba", "cochabamba"));
  EXPECT_TRUE(IsShortFor("pp", "phnom penh"));
  EXPECT_TRUE(IsShortFor("dar", "dar es salaam"));
  EXPECT_TRUE(IsShortFor("rio", "rio de janeiro"));
  EXPECT_TRUE(IsShortFor("guate", "ciudad de guatemala"));
  EXPECT_FALSE(IsShortFor("kathmandu", "ktm"));
  EXPECT_FALSE(IsShortFor("ktm", "kampala"));
  EXPECT_FALSE(IsShortFor("lima", "lilongwe mama"));  // a name of its own
  EXPECT_FALSE(IsShortFor("cali", "calabar imo"));
  // Towns beside one another.
  EXPECT_FALSE(IsShortFor("ho", "hohoe"));
  EXPECT_FALSE(IsShortFor("wa", "walewale"));
  EXPECT_FALSE(IsShortFor("bo", "bonthe"));
  EXPECT_FALSE(IsShortFor("b", "beira"));
  EXPECT_FALSE(IsShortFor("fez", "fes"));
  EXPECT_FALSE(IsShortFor("", "beira"));
  EXPECT_FALSE(IsShortFor("mwanza", "mwanza region"));
}

}  // namespace
}  // namespace baraza
