#include "core/model/name_spellings.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baraza {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(NameSpellingsTest, FindsWhatIsOneSlipAway) {
  NameSpellings names;
  names.Add("kilifi women");
  names.Add("kilifi womon");
  names.Add("kwale fishers");
  EXPECT_THAT(names.Like("kilifi women"), ElementsAre("kilifi womon"));
  EXPECT_THAT(names.Like("kilifi wmen"), ElementsAre("kilifi women"));
  EXPECT_THAT(names.Like("kwale fihsers"), ElementsAre("kwale fishers"));
  EXPECT_THAT(names.Like("kwale farmers"), IsEmpty());
  names.Remove("kwale fishers");
  EXPECT_THAT(names.Like("kwale fihsers"), IsEmpty());
}

TEST(NameSpellingsTest, OfTheShortestAndTheLongestToo) {
  for (const size_t size : {NameSpellings::kShortest, NameSpellings::kLongest}) {
    const std::string name(size, 'a');
    std::string slipped = name;
    slipped[size / 2] = 'b';
    NameSpellings names;
    names.Add(name);
    EXPECT_THAT(names.Like(slipped), ElementsAre(name));
  }
}

TEST(NameSpellingsTest, ALongerOneIsNotLookedForWithEachByteLeftOut) {
  const std::string name(NameSpellings::kLongest + 1, 'a');
  std::string slipped = name;
  slipped[3] = 'b';
  NameSpellings names;
  names.Add(name);
  EXPECT_THAT(names.Like(slipped), IsEmpty());
  names.Remove(name);
  // One byte shorter, and within a slip of what was never filed.
  EXPECT_THAT(names.Like(name.substr(1)), IsEmpty());
}

}  // namespace
}  // namespace baraza
