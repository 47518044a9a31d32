#include "core/match/candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "tests/unit/core/match/report_builder.h"

namespace baraza {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

BlockLimits TinyLimits() {
  BlockLimits limits;
  limits.place_alone = 3;
  limits.day_alone = 2;
  limits.team_alone = 2;
  limits.document_alone = 4;
  limits.crowded_day = 6;
  limits.crowded_month = 9;
  limits.crowded_ever = 12;
  limits.crowded_no_day = 4;
  limits.leaders = 2;
  return limits;
}

// An index that settles what is affected after every change, as its user has to.
class Blocks {
 public:
  explicit Blocks(const BlockLimits& limits) : index_(limits) {}

  void Add(uint32_t number, const BlockRecord& record) {
    records_[number] = record;
    // Unique, and of the record's own: not of the number of a slot.
    index_.Add(number, record, (number * uint64_t{7919}) % 1009);
    Settle({number});
  }
  void Remove(uint32_t number) {
    index_.Remove(number, records_.at(number));
    records_.erase(number);
    Settle({});
  }

  std::vector<uint32_t> Of(uint32_t number) {
    std::vector<uint32_t> dense;
    index_.Find(records_.at(number), number, dense_, dense);
    CandidateIndex::SparseScratch scratch;
    std::vector<uint32_t> sparse;
    index_.Find(records_.at(number), number, scratch, sparse);
    EXPECT_EQ(dense, sparse);
    return dense;
  }
  // Who is a candidate of whom.
  std::set<std::pair<uint32_t, uint32_t>> Pairs() {
    std::set<std::pair<uint32_t, uint32_t>> pairs;
    for (const auto& [number, record] : records_) {
      for (const uint32_t other : Of(number)) pairs.insert({number, other});
    }
    for (const auto& [a, left] : records_) {
      for (const auto& [b, right] : records_) {
        if (a == b) continue;
        EXPECT_EQ(index_.AreCandidates(left, a, right, b), pairs.count({a, b}) > 0)
            << a << " " << b;
      }
    }
    return pairs;
  }
  // What one finds that is not in the index.
  std::vector<uint32_t> OfProbe(const BlockRecord& record) {
    std::vector<uint32_t> found;
    index_.Find(record, CandidateIndex::kNoNumber, dense_, found);
    return found;
  }
  std::set<uint32_t> TakeSettled() { return std::exchange(settled_, {}); }
  const std::map<uint32_t, BlockRecord>& records() const { return records_; }
  const CandidateIndex& index() const { return index_; }

 private:
  void Settle(std::vector<uint32_t> numbers) {
    while (true) {
      for (const uint32_t number : index_.TakeAffected()) numbers.push_back(number);
      if (numbers.empty()) return;
      for (const uint32_t number : std::exchange(numbers, {})) {
        settled_.insert(number);
        const auto record = records_.find(number);
        if (record == records_.end() || !index_.MayBeHeldBack(number)) continue;
        index_.UpdateHeldBack(number, record->second);
      }
    }
  }

  CandidateIndex index_;
  std::map<uint32_t, BlockRecord> records_;
  std::set<uint32_t> settled_;
  CandidateIndex::DenseScratch dense_;
};

BlockRecord Of(const Rep& rep) { return MakeBlockRecord(rep.Features()); }

// With none of the days so quiet that everybody is compared.
BlockLimits BusyDays() {
  BlockLimits limits;
  limits.day_alone = 0;
  return limits;
}

TEST(CandidateIndex, OnQuietDaysEverybodyIsCompared) {
  BlockLimits limits;
  limits.day_alone = 2;
  Blocks blocks(limits);
  blocks.Add(1, Of(Rep("a").Day("2026-03-05")));
  blocks.Add(2, Of(Rep("b").Day("2026-03-08").Teams({"tem_b"})));
  blocks.Add(3, Of(Rep("c").Day("2026-03-09").Place("Kisumu")));
  blocks.Add(4, Of(Rep("d").Day("2026-05-03").Title("Land rights")));
  blocks.Add(5, Of(Rep("e").Dates("2026-03-01", "2026-03-31", v1::DATE_PRECISION_MONTH)));
  EXPECT_THAT(blocks.Of(1), ElementsAre(2, 4));
  EXPECT_THAT(blocks.Of(2), ElementsAre(1, 3));
  EXPECT_THAT(blocks.Of(5), IsEmpty());
  // A third on the fifth of March: the day is not quiet any more, for whoever stood there either.
  blocks.Add(6, Of(Rep("f").Day("2026-03-05")));
  blocks.TakeSettled();
  blocks.Add(7, Of(Rep("g").Day("2026-03-05")));
  EXPECT_THAT(blocks.TakeSettled(), IsSupersetOf({1u, 6u, 7u}));
  EXPECT_THAT(blocks.Of(1), IsEmpty());
  EXPECT_THAT(blocks.Of(2), ElementsAre(3));
  blocks.Remove(6);
  EXPECT_THAT(blocks.Of(1), ElementsAre(2, 4, 7));
}

TEST(CandidateIndex, AProbeFindsWhatItWillBeComparedWith) {
  BlockLimits limits;
  limits.day_alone = 2;
  Blocks blocks(limits);
  blocks.Add(1, Of(Rep("a").Day("2026-03-05")));
  blocks.Add(2, Of(Rep("b").Day("2026-03-05")));
  blocks.Add(3, Of(Rep("c").Day("2026-03-08")));
  // On a day that nobody stands on, at the ends of a session, on the swapped day, and on one that
  // is quiet no more with it.
  const BlockRecord probes[] = {Of(Rep("p").Day("2026-03-06")),
                                Of(Rep("p").Dates("2026-03-09", "2026-03-11")),
                                Of(Rep("p").Day("2026-05-03")), Of(Rep("p").Day("2026-03-05")),
                                Of(Rep("p").Day("2026-03-12"))};
  for (size_t i = 0; i < std::size(probes); ++i) {
    const std::vector<uint32_t> found = blocks.OfProbe(probes[i]);
    EXPECT_EQ(found.empty(), i >= 3) << i;
    blocks.Add(9, probes[i]);
    EXPECT_EQ(blocks.Of(9), found) << i;
    blocks.Remove(9);
  }
}

TEST(CandidateIndex, OnePartIsEnoughInASmallBlock) {
  Blocks blocks(BusyDays());
  blocks.Add(1, Of(Rep("a").Day("2026-03-05").Teams({"tem_a", "tem_b"})));
  blocks.Add(2, Of(Rep("b").Day("2026-03-08").Teams({"tem_b", "tem_c"})));
  blocks.Add(3, Of(Rep("c").Day("2026-03-09").Teams({"tem_a"})));
  blocks.Add(4, Of(Rep("d").Day("2026-03-05")));
  EXPECT_THAT(blocks.Of(1), ElementsAre(2));
  EXPECT_THAT(blocks.Of(2), ElementsAre(1));
  EXPECT_THAT(blocks.Of(4), IsEmpty());
}

TEST(CandidateIndex, InALargeBlockAPairNeedsMoreInCommon) {
  Blocks blocks(TinyLimits());
  for (uint32_t i = 0; i < 5; ++i) {
    blocks.Add(i, Of(Rep("a")
                         .Day("2026-03-05")
                         .Teams({"tem_a"})
                         .Place(absl::StrCat("Town", std::string(4, static_cast<char>('b' + i))))));
  }
  EXPECT_THAT(blocks.Of(0), IsEmpty());
  blocks.Add(9, Of(Rep("b").Day("2026-03-06").Teams({"tem_a"}).Place("Townbbbb")));
  EXPECT_THAT(blocks.Of(9), ElementsAre(0));
  // Two fewer, and the block is small again.
  blocks.Remove(0);
  blocks.Remove(1);
  blocks.Remove(2);
  EXPECT_THAT(blocks.Of(9), ElementsAre(3, 4));
}

// Each of a cohort is compared with the two leaders, and these with all of it.
void ExpectOfTheirLeadersOnly(Blocks& blocks, const CandidateIndex::HeldBackCohort& cohort) {
  ASSERT_EQ(cohort.leaders, 2u);
  for (size_t i = 0; i < cohort.numbers.size(); ++i) {
    EXPECT_EQ(blocks.Of(cohort.numbers[i]).size(), i < 2 ? cohort.numbers.size() - 1 : 2u)
        << cohort.numbers[i];
  }
}

TEST(CandidateIndex, OfACrowdEachIsComparedWithItsLeadersOnly) {
  Blocks blocks(TinyLimits());
  for (uint32_t i = 0; i < 30; ++i) {
    blocks.Add(i, Of(Rep("a").Day("2026-03-05").Teams({"tem_a", "tem_b"}).Place("Kisumu")));
  }
  const auto held = blocks.index().HeldBack();
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0].numbers.size(), 30u);
  ExpectOfTheirLeadersOnly(blocks, held[0]);
  // What is rarer than the crowd brings together.
  blocks.Add(40, Of(Rep("b").Day("2026-03-05").Teams({"tem_a", "tem_f"}).Place("Kisumu")));
  blocks.Add(41, Of(Rep("c").Day("2026-03-06").Teams({"tem_b", "tem_f"}).Place("Kisumu")));
  EXPECT_THAT(blocks.Of(41), ::testing::Contains(40));
  while (!blocks.records().empty()) blocks.Remove(blocks.records().begin()->first);
  EXPECT_THAT(blocks.index().HeldBack(), IsEmpty());
}

TEST(CandidateIndex, WhoKnowsNoDayCrowdsAMonthSooner) {
  for (const bool dated : {true, false}) {
    Blocks blocks(TinyLimits());
    const auto no_day = [&](const std::vector<std::string>& teams) {
      Rep rep("a");
      rep.Place("Kisumu").Title("Water").Teams(teams);
      if (dated) rep.Dates("2026-03-01", "2026-03-31", v1::DATE_PRECISION_MONTH);
      return Of(rep);
    };
    for (uint32_t i = 0; i < 5; ++i) {
      blocks.Add(i, Of(Rep("b")
                           .Place("Kisumu")
                           .Title("Water")
                           .Day(absl::StrCat("2026-03-0", 1 + i))
                           .Teams({"tem_b"})));
    }
    for (uint32_t i = 10; i < 14; ++i) blocks.Add(i, no_day({"tem_a"}));
    // Nine in all, four of which know no day.
    EXPECT_EQ(blocks.Of(10).size(), 8u);
    EXPECT_THAT(blocks.Of(0), IsSupersetOf({10u, 11u, 12u, 13u}));
    EXPECT_THAT(blocks.index().HeldBack(), IsEmpty());
    // A fifth has a team of its own, which is no reason to compare it with nobody.
    blocks.Remove(4);
    blocks.Add(14, no_day({"tem_a", "tem_f"}));
    const auto held = blocks.index().HeldBack();
    ASSERT_EQ(held.size(), 1u);
    EXPECT_EQ(held[0].numbers.size(), 5u);
    ExpectOfTheirLeadersOnly(blocks, held[0]);
    EXPECT_THAT(blocks.Of(0), ::testing::Not(::testing::Contains(10)));
    blocks.Remove(12);
    EXPECT_EQ(blocks.Of(10).size(), 7u);
    EXPECT_THAT(blocks.index().HeldBack(), IsEmpty());
  }
}

// Everything that the class comment promises, on crowded little worlds.
TEST(CandidateIndex, IsSymmetricAndDependsOnTheSetAlone) {
  static const char* const kTitles[] = {"Land rights", "Water and seeds", "Youth, water, peace",
                                        "Meeting", ""};
  static const char* const kPlaces[] = {"Kisumu", "Mombasa", ""};
  static const char* const kTeams[] = {"tem_a", "tem_b", "tem_c", "tem_d"};
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    SeededRandom random(seed);
    const Register reg = TestRegister();
    const auto make = [&] {
      Rep rep("a");
      const uint64_t kind = random.Uniform(10);
      if (kind == 0) {
        rep.Dates("2026-03-01", "2026-03-31", v1::DATE_PRECISION_MONTH);
      } else if (kind == 1) {
        rep.Dates("2026-01-01", "2026-12-31", v1::DATE_PRECISION_YEAR);
      } else if (kind == 2) {
        rep.Dates(absl::StrCat("2026-03-0", 1 + random.Uniform(5)),
                  absl::StrCat("2026-03-0", 6 + random.Uniform(4)));
      } else if (kind > 3) {
        rep.Day(absl::StrCat("2026-0", 3 + random.Uniform(3), "-0", 3 + random.Uniform(4)));
      }
      rep.Title(kTitles[random.Uniform(5)]).Place(kPlaces[random.Uniform(3)]);
      for (uint64_t i = random.Uniform(3); i > 0; --i) rep.Teams({kTeams[random.Uniform(4)]});
      if (random.Uniform(4) == 0) rep.Cite("src_1", absl::StrCat("p. ", random.Uniform(2)));
      return MakeBlockRecord(rep.Features(reg));
    };
    Blocks blocks(TinyLimits());
    std::set<std::pair<uint32_t, uint32_t>> before;
    for (int step = 0; step < 160; ++step) {
      const uint32_t number = static_cast<uint32_t>(random.Uniform(60));
      if (blocks.records().count(number) > 0) {
        blocks.Remove(number);
      } else {
        blocks.Add(number, make());
      }
      const auto pairs = blocks.Pairs();
      for (const auto& [a, b] : pairs) {
        ASSERT_EQ(pairs.count({b, a}), 1u) << "seed " << seed << " step " << step;
      }
      // Nothing changed but at what was announced.
      const std::set<uint32_t> settled = blocks.TakeSettled();
      std::vector<std::pair<uint32_t, uint32_t>> changed;
      std::set_symmetric_difference(before.begin(), before.end(), pairs.begin(), pairs.end(),
                                    std::back_inserter(changed));
      for (const auto& [a, b] : changed) {
        if (a == number || b == number) continue;
        ASSERT_TRUE(settled.count(a) > 0 || settled.count(b) > 0)
            << "seed " << seed << " step " << step << ": " << a << ", " << b;
      }
      before = pairs;
      if (step % 20 != 19) continue;
      Blocks rebuilt(TinyLimits());
      for (auto it = blocks.records().rbegin(); it != blocks.records().rend(); ++it) {
        rebuilt.Add(it->first, it->second);
      }
      ASSERT_EQ(rebuilt.Pairs(), pairs) << "seed " << seed << " step " << step;
    }
  }
}

}  // namespace
}  // namespace baraza
