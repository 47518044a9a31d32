#include "core/match/rulings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace baraza {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MatchRuling Ruling(const std::string& id, bool same, std::vector<std::string> reports,
                   uint64_t lamport) {
  MatchRuling ruling;
  ruling.ruling_id = id;
  ruling.same = same;
  ruling.report_ids = std::move(reports);
  ruling.lamport = lamport;
  ruling.id_hash = Sha256(id);
  return ruling;
}

TEST(RulingClosure, SaysNothingWithoutRulings) {
  const RulingClosure closure;
  EXPECT_FALSE(closure.Names("a"));
  EXPECT_EQ(closure.ClassOf("a"), "a");
  EXPECT_THAT(closure.TiedTo("a"), IsEmpty());
  EXPECT_EQ(closure.Of("a", "b").effect, v1::RULING_EFFECT_UNSPECIFIED);
}

TEST(RulingClosure, SameIsTransitiveAndDifferentHoldsForAllThatAreTied) {
  const RulingClosure closure({Ruling("r1", true, {"b", "a"}, 1), Ruling("r2", true, {"b", "c"}, 2),
                               Ruling("r3", false, {"c", "d"}, 3)});
  EXPECT_EQ(closure.ClassOf("c"), "a");
  EXPECT_THAT(closure.TiedTo("b"), ElementsAre("a", "b", "c"));
  EXPECT_EQ(closure.Of("a", "c").effect, v1::RULING_EFFECT_SAME);
  EXPECT_EQ(closure.Of("a", "b").ruling_id, "r1");
  EXPECT_EQ(closure.Of("d", "a").effect, v1::RULING_EFFECT_DIFFERENT);
  EXPECT_EQ(closure.Of("d", "a").ruling_id, "r3");
  EXPECT_THAT(closure.set_aside(), IsEmpty());
}

TEST(RulingClosure, TheGreatestIsTakenFirst) {
  // r3 parts a and c; r2 and r1 together would tie them: the lower of the two is set aside.
  const RulingClosure closure({Ruling("r1", true, {"a", "b"}, 1), Ruling("r2", true, {"b", "c"}, 2),
                               Ruling("r3", false, {"a", "c"}, 3)});
  EXPECT_THAT(closure.set_aside(), ElementsAre("r1"));
  EXPECT_EQ(closure.Of("b", "c").effect, v1::RULING_EFFECT_SAME);
  // What the taken ones amount to decides, not the one that was set aside.
  EXPECT_EQ(closure.Of("a", "b").effect, v1::RULING_EFFECT_DIFFERENT);
  EXPECT_EQ(closure.Of("a", "b").ruling_id, "r3");
}

TEST(RulingClosure, EqualClocksAreSettledByTheHash) {
  const MatchRuling same = Ruling("x", true, {"a", "b"}, 5);
  const MatchRuling different = Ruling("y", false, {"a", "b"}, 5);
  const bool same_wins = different.id_hash < same.id_hash;
  for (const auto& order :
       {std::vector<MatchRuling>{same, different}, std::vector<MatchRuling>{different, same}}) {
    const RulingClosure closure(order);
    EXPECT_EQ(closure.Of("a", "b").effect,
              same_wins ? v1::RULING_EFFECT_SAME : v1::RULING_EFFECT_DIFFERENT);
    EXPECT_THAT(closure.set_aside(), ElementsAre(same_wins ? "y" : "x"));
  }
}

TEST(RulingClosure, ARulingOverThreeIsTakenWholeOrNotAtAll) {
  const RulingClosure closure(
      {Ruling("r1", true, {"a", "b", "c"}, 1), Ruling("r2", false, {"b", "c"}, 2)});
  EXPECT_THAT(closure.set_aside(), ElementsAre("r1"));
  EXPECT_EQ(closure.ClassOf("b"), "b");
  EXPECT_EQ(closure.Of("a", "b").effect, v1::RULING_EFFECT_SET_ASIDE);
}

TEST(RulingClosure, PartedClassesStayPartedWhenTheyGrow) {
  // Taken in order: d-b parted, then a tied to b, then a-d must be refused.
  const RulingClosure closure({Ruling("r3", false, {"d", "b"}, 9),
                               Ruling("r2", true, {"a", "b"}, 8),
                               Ruling("r1", true, {"a", "d"}, 7)});
  EXPECT_THAT(closure.set_aside(), ElementsAre("r1"));
  EXPECT_THAT(closure.PartedFrom("a"), ElementsAre("d"));
  EXPECT_THAT(closure.PartedFrom("d"), ElementsAre("a"));
}

TEST(RulingClosure, WhatWasSetAsideNamesWhatItContradicts) {
  using Against = std::vector<RulingContradiction>;
  // One pair, said both ways.
  EXPECT_EQ(RulingClosure({Ruling("r1", true, {"a", "b"}, 1), Ruling("r2", false, {"a", "b"}, 2)})
                .Contradictions(),
            (Against{{"r1", {"r2"}}}));
  EXPECT_EQ(RulingClosure({Ruling("r1", false, {"a", "b"}, 1), Ruling("r2", true, {"a", "b"}, 2)})
                .Contradictions(),
            (Against{{"r1", {"r2"}}}));
  // By a chain: a is b, b is c, so a is c. Highest rank first.
  EXPECT_EQ(RulingClosure({Ruling("r1", false, {"a", "c"}, 1), Ruling("r2", true, {"b", "c"}, 2),
                           Ruling("r3", true, {"a", "b"}, 3), Ruling("r4", true, {"c", "x"}, 4)})
                .Contradictions(),
            (Against{{"r1", {"r3", "r2"}}}));
  // A tie between two tied sets that are parted further out.
  EXPECT_EQ(RulingClosure({Ruling("r1", true, {"b", "c"}, 1), Ruling("r2", true, {"a", "b"}, 2),
                           Ruling("r3", true, {"c", "d"}, 3), Ruling("r4", false, {"a", "d"}, 4)})
                .Contradictions(),
            (Against{{"r1", {"r4", "r3", "r2"}}}));
  // What is of lower rank, or was set aside itself, contradicts nothing.
  EXPECT_EQ(RulingClosure({Ruling("r1", false, {"a", "b"}, 1), Ruling("r2", false, {"a", "b"}, 2),
                           Ruling("r3", true, {"a", "b"}, 3), Ruling("r0", true, {"a", "b"}, 0)})
                .Contradictions(),
            (Against{{"r1", {"r3"}}, {"r2", {"r3"}}}));
}

TEST(RulingClosure, WithoutWhatItContradictsARulingStands) {
  uint64_t state = 7;
  const auto pick = [&state](uint64_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % n;
  };
  int seen = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<MatchRuling> rulings;
    for (int i = 0; i < 9; ++i) {
      const std::string a(1, static_cast<char>('a' + pick(6)));
      const std::string b(1, static_cast<char>('a' + pick(6)));
      if (a != b) rulings.push_back(Ruling(absl::StrCat("r", i), pick(3) > 0, {a, b}, pick(5)));
    }
    const RulingClosure closure(rulings);
    ASSERT_EQ(closure.Contradictions().size(), closure.set_aside().size());
    for (const RulingContradiction& contradiction : closure.Contradictions()) {
      ++seen;
      ASSERT_FALSE(contradiction.against.empty());
      std::vector<MatchRuling> alone;
      for (const MatchRuling& ruling : rulings) {
        if (ruling.ruling_id == contradiction.ruling_id ||
            std::find(contradiction.against.begin(), contradiction.against.end(),
                      ruling.ruling_id) != contradiction.against.end()) {
          alone.push_back(ruling);
        }
      }
      // Among themselves they contradict one another, and none of them can be done without.
      EXPECT_THAT(RulingClosure(alone).set_aside(), ElementsAre(contradiction.ruling_id));
      for (size_t i = 0; i < alone.size(); ++i) {
        std::vector<MatchRuling> fewer = alone;
        fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(i));
        EXPECT_THAT(RulingClosure(fewer).set_aside(), IsEmpty()) << "round " << round;
      }
    }
  }
  EXPECT_GT(seen, 100);
}

TEST(RulingClosure, OrderOfInputDoesNotMatter) {
  std::vector<MatchRuling> rulings = {
      Ruling("r1", true, {"a", "b"}, 1), Ruling("r2", true, {"b", "c"}, 2),
      Ruling("r3", false, {"a", "c"}, 2), Ruling("r4", true, {"c", "d"}, 4)};
  const RulingClosure expected(rulings);
  std::sort(rulings.begin(), rulings.end(),
            [](const auto& a, const auto& b) { return a.ruling_id < b.ruling_id; });
  do {
    const RulingClosure closure(rulings);
    EXPECT_EQ(closure.set_aside(), expected.set_aside());
    for (const char* id : {"a", "b", "c", "d"}) {
      EXPECT_EQ(closure.ClassOf(id), expected.ClassOf(id));
      EXPECT_EQ(closure.PartedFrom(id), expected.PartedFrom(id));
    }
  } while (std::next_permutation(rulings.begin(), rulings.end(), [](const auto& a, const auto& b) {
    return a.ruling_id < b.ruling_id;
  }));
}

}  // namespace
}  // namespace baraza
