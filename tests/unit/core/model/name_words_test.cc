#include "core/model/name_words.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/model/name_spellings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baraza {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(NameWordsTest, FindsWhatHasAllItsWordsInTheirOrder) {
  NameWords names;
  names.Add("haki ardhi network");
  names.Add("observatorio do porto e da cidade");
  EXPECT_THAT(names.Like("haki network"), ElementsAre("haki ardhi network"));
  EXPECT_THAT(names.Like("observatorio do porto"),
              ElementsAre("observatorio do porto e da cidade"));
  EXPECT_THAT(names.Like("porto cidade"), ElementsAre("observatorio do porto e da cidade"));
  EXPECT_THAT(names.Like("network haki"), IsEmpty());
  EXPECT_THAT(names.Like("haki water network"), IsEmpty());
  // One word, or one and a short one, is too little.
  EXPECT_THAT(names.Like("haki"), IsEmpty());
  EXPECT_THAT(names.Like("observatorio do"), IsEmpty());
}

TEST(NameWordsTest, FindsWhatStandsInItWithoutAnythingBetween) {
  NameWords names;
  names.Add("red rio limpio");
  names.Add("limpio");
  EXPECT_THAT(names.Like("red rio limpio rrl"), ElementsAre("red rio limpio"));
  EXPECT_THAT(names.Like("equipo de la red rio limpio"), ElementsAre("red rio limpio"));
  EXPECT_THAT(names.Like("red rio muy limpio"), IsEmpty());
  EXPECT_THAT(names.Like("red rio"), ElementsAre("red rio limpio"));
}

TEST(NameWordsTest, EveryWordCounts) {
  NameWords names;
  names.Add("water users association 12");
  names.Add("groupe de femmes a");
  names.Add("women network");
  names.Add("network of women farmers for the defence of land and water in north kivu");
  EXPECT_THAT(names.Like("water users association 3"), IsEmpty());
  EXPECT_THAT(names.Like("users association 12"), ElementsAre("water users association 12"));
  EXPECT_THAT(names.Like("groupe de femmes b"), IsEmpty());
  EXPECT_THAT(names.Like("groupe femmes"), ElementsAre("groupe de femmes a"));
  EXPECT_THAT(
      names.Like("network of women farmers for the defence of land and water in south kivu"),
      IsEmpty());
  EXPECT_THAT(
      names.Like("network of women farmers north kivu"),
      ElementsAre("network of women farmers for the defence of land and water in north kivu"));
  // A name of two words stands in too many others.
  EXPECT_THAT(names.Like("kisumu women network"), IsEmpty());
}

TEST(NameWordsTest, WordsThatManyNamesHaveFindNone) {
  NameWords names;
  for (size_t i = 0; i < NameWords::kMostNames; ++i) names.Add(absl::StrCat("women group ", i));
  EXPECT_EQ(names.Like("women group").size(), NameWords::kMostNames);
  names.Add("women group last");
  EXPECT_THAT(names.Like("women group"), IsEmpty());
  EXPECT_THAT(names.Like("group last"), ElementsAre("women group last"));
  names.Remove("women group 0");
  EXPECT_EQ(names.Like("women group").size(), NameWords::kMostNames);
}

TEST(NameWordsTest, NeverItselfAndNotWhatIsGone) {
  NameWords names;
  names.Add("haki ardhi network");
  EXPECT_THAT(names.Like("haki ardhi network"), IsEmpty());
  names.Add("haki ardhi network kilifi");
  EXPECT_THAT(names.Like("haki network"),
              ElementsAre("haki ardhi network", "haki ardhi network kilifi"));
  names.Remove("haki ardhi network");
  EXPECT_THAT(names.Like("haki network"), ElementsAre("haki ardhi network kilifi"));
}

TEST(NameWordsTest, OneOfManyWordsCostsNoMoreThanItsFirstOnes) {
  std::string name = "word0";
  for (int i = 1; i < 30; ++i) absl::StrAppend(&name, " word", i);
  NameWords names;
  names.Add(name);
  EXPECT_EQ(NameWords::KeysOf(name).size(),
            NameWords::kMostWords * (NameWords::kMostWords - 1) / 2);
  EXPECT_THAT(names.Like("word0 word7"), ElementsAre(name));
  EXPECT_THAT(names.Like("word0 word8"), IsEmpty());
  const std::string longer(NameSpellings::kLongest, 'a');
  names.Add(absl::StrCat(longer, " bbb"));
  EXPECT_THAT(NameWords::KeysOf(absl::StrCat(longer, " bbb")), IsEmpty());
  EXPECT_THAT(names.Like(absl::StrCat(longer, " bbb ccc")), IsEmpty());
}

// What the incremental index relies on: a change of a name that a look-up may find has a key of it.
TEST(NameWordsTest, WhatMayBeFoundSharesAKey) {
  const std::vector<std::string> names = {"haki ardhi network",
                                          "haki network",
                                          "red rio limpio",
                                          "red rio limpio rrl",
                                          "equipo red rio limpio",
                                          "ardhi network",
                                          "haki",
                                          "rio limpio",
                                          "network haki ardhi rrl",
                                          "red de rio",
                                          "aaa aaa",
                                          "aaa aaa aaa",
                                          "aaa bbb aaa bbb",
                                          "bbb aaa",
                                          "aaa bbb",
                                          "de la red rio limpio",
                                          "haki ardhi 12",
                                          "one two three",
                                          "three four five",
                                          "one two three four five six seven eight nine ten",
                                          "the one two three four five six seven eight nine ten"};
  int found = 0;
  for (const std::string& name : names) {
    NameWords filed;
    filed.Add(name);
    const std::vector<std::string> keys = NameWords::KeysOf(name);
    for (const std::string& asked : names) {
      if (filed.Like(asked).empty()) continue;
      ++found;
      const std::vector<std::string> of_like = NameWords::KeysOfLike(asked);
      EXPECT_TRUE(std::find_first_of(keys.begin(), keys.end(), of_like.begin(), of_like.end()) !=
                  keys.end())
          << asked << " in " << name;
    }
  }
  EXPECT_GE(found, 12);
}

}  // namespace
}  // namespace baraza
