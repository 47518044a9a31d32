#include "sync_server/consolidation/ruling_book.h"

#include <algorithm>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace baraza::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::RecordState StateOf(const std::string& id, v1::RulingKind kind,
                        const std::vector<std::string>& reports, const std::string& author,
                        uint64_t lamport, bool withdrawn = false,
                        const std::string& definition = "") {
  v1::Ruling ruling;
  ruling.set_id(id);
  ruling.set_kind(kind);
  for (const std::string& report : reports) ruling.add_report_ids(report);
  ruling.mutable_reason()->set_text("because " + id);
  if (!definition.empty()) ruling.set_definition_id(definition);
  if (withdrawn) ruling.mutable_void_mark()->set_voided(true);
  v1::RecordState state;
  state.set_record_id(id);
  state.set_type(v1::RECORD_TYPE_RULING);
  state.set_author_id(author);
  state.set_record(ruling.SerializeAsString());
  state.set_created(true);
  state.set_voided(withdrawn);
  state.set_created_lamport(lamport);
  return state;
}

v1::RecordState Same(const std::string& id, const std::string& author, uint64_t lamport,
                     bool withdrawn = false) {
  return StateOf(id, v1::RULING_KIND_SAME, {"a", "b"}, author, lamport, withdrawn);
}

std::vector<std::string> InEffect(const RulingBook& book) {
  std::vector<std::string> ids;
  for (const auto& [id, booked] : book.rulings()) {
    if (book.IsInEffect(id)) ids.push_back(id);
  }
  return ids;
}

TEST(RulingBook, WithoutApprovalARulingIsInEffectUntilItIsWithdrawn) {
  RulingBook book;
  book.Apply(Same("r1", "ada", 1));
  EXPECT_THAT(InEffect(book), ElementsAre("r1"));
  ASSERT_EQ(book.MatchRulings().size(), 1u);
  EXPECT_EQ(book.MatchRulings()[0].ruling_id, "r1");
  EXPECT_TRUE(book.MatchRulings()[0].same);
  EXPECT_FALSE(book.WaitsForApproval("r1"));
  book.Apply(Same("r1", "ada", 1, /*withdrawn=*/true));
  EXPECT_THAT(InEffect(book), IsEmpty());
  EXPECT_THAT(book.MatchRulings(), IsEmpty());
  // It is still known who ruled what.
  ASSERT_NE(book.Find("r1"), nullptr);
  EXPECT_EQ(book.Find("r1")->author_id, "ada");
  EXPECT_THAT(book.Naming("a"), ElementsAre("r1"));
}

TEST(RulingBook, WhatDoesNotBearOnTheDecisionDoesNotMakeAnotherOne) {
  RulingBook book;
  book.RequireApproval(true);
  book.Apply(Same("r1", "ada", 1));
  book.Apply(StateOf("r2", v1::RULING_KIND_SAME, {"b", "a", "b"}, "ben", 2, false, "def_1"));
  EXPECT_THAT(InEffect(book), ElementsAre("r1"));
  // Of a verdict the definition is what it is about.
  book.Apply(StateOf("r3", v1::RULING_KIND_COUNTS, {"a"}, "ada", 3));
  book.Apply(StateOf("r4", v1::RULING_KIND_COUNTS, {"a"}, "ben", 4, false, "def_1"));
  EXPECT_THAT(InEffect(book), ElementsAre("r1"));
}

TEST(RulingBook, WithApprovalItTakesASecondPersonWhoSaysTheSame) {
  RulingBook book;
  EXPECT_TRUE(book.RequireApproval(true));
  EXPECT_FALSE(book.RequireApproval(true));
  book.Apply(Same("r1", "ada", 1));
  EXPECT_THAT(InEffect(book), IsEmpty());
  EXPECT_TRUE(book.WaitsForApproval("r1"));
  // The same person again is no second one.
  book.Apply(Same("r2", "ada", 2));
  EXPECT_THAT(InEffect(book), IsEmpty());
  // Nor is somebody who says something else, or somebody whom nobody knows.
  book.Apply(StateOf("r3", v1::RULING_KIND_SAME, {"a", "b", "c"}, "ben", 3));
  book.Apply(StateOf("r4", v1::RULING_KIND_DIFFERENT, {"a", "b"}, "ben", 4));
  book.Apply(Same("r5", "", 5));
  EXPECT_THAT(InEffect(book), IsEmpty());
  EXPECT_THAT(book.SayingTheSame("r1"), ElementsAre("r1", "r2", "r5"));
  // In whatever order the reports are named, and for whatever reason.
  book.Apply(StateOf("r6", v1::RULING_KIND_SAME, {"b", "a"}, "ben", 6));
  EXPECT_THAT(InEffect(book), ElementsAre("r1", "r2"));
  EXPECT_EQ(book.StandsBy("r6"), "r2");
  EXPECT_FALSE(book.WaitsForApproval("r6"));
  EXPECT_TRUE(book.WaitsForApproval("r3"));
}

TEST(RulingBook, WithdrawnByEitherItWaitsAgain) {
  for (const bool first : {true, false}) {
    RulingBook book;
    book.RequireApproval(true);
    book.Apply(Same("r1", "ada", 1));
    book.Apply(Same("r2", "ben", 2));
    EXPECT_THAT(InEffect(book), ElementsAre("r1"));
    book.Apply(first ? Same("r1", "ada", 1, true) : Same("r2", "ben", 2, true));
    EXPECT_THAT(InEffect(book), IsEmpty());
    EXPECT_TRUE(book.WaitsForApproval(first ? "r2" : "r1"));
    EXPECT_FALSE(book.WaitsForApproval(first ? "r1" : "r2")) << "it is withdrawn";
  }
}

TEST(RulingBook, NobodyAloneLiftsWhatTwoSaidOverALaterContradiction) {
  RulingBook book;
  book.RequireApproval(true);
  book.Apply(Same("r1", "ada", 1));
  book.Apply(Same("r2", "ben", 2));
  book.Apply(StateOf("r3", v1::RULING_KIND_DIFFERENT, {"a", "b"}, "cleo", 3));
  book.Apply(StateOf("r4", v1::RULING_KIND_DIFFERENT, {"a", "b"}, "dan", 4));
  const auto holds = [&] { return RulingClosure(book.MatchRulings()).Of("a", "b").ruling_id; };
  EXPECT_EQ(holds(), "r3");
  book.Apply(Same("r5", "ada", 5));
  EXPECT_EQ(holds(), "r3");
  book.Apply(Same("r6", "ben", 6));
  EXPECT_EQ(holds(), "r5");
}

TEST(RulingBook, UnsureMovesNothingAndNeedsNobody) {
  RulingBook book;
  book.RequireApproval(true);
  book.Apply(StateOf("r1", v1::RULING_KIND_UNSURE, {"a", "b"}, "ada", 1));
  EXPECT_THAT(InEffect(book), IsEmpty());
  EXPECT_FALSE(book.WaitsForApproval("r1"));
}

TEST(RulingBook, WhatIsRuledOnASessionNeedsTheSameDefinition) {
  RulingBook book;
  book.RequireApproval(true);
  const std::vector<std::string> reports = {"a"};
  book.Apply(StateOf("r1", v1::RULING_KIND_COUNTS, reports, "ada", 1, false, "def_1"));
  book.Apply(StateOf("r2", v1::RULING_KIND_COUNTS, reports, "ben", 2));
  EXPECT_THAT(book.OnSession(reports), IsEmpty());
  book.Apply(StateOf("r3", v1::RULING_KIND_COUNTS, reports, "ben", 3, false, "def_1"));
  ASSERT_EQ(book.OnSession(reports).size(), 1u);
  EXPECT_EQ(book.OnSession(reports)[0].ruling.id(), "r1");
  book.RequireApproval(false);
  EXPECT_EQ(book.OnSession(reports).size(), 3u);
}

TEST(RulingBook, TheOrderOfArrivalDoesNotMatter) {
  std::vector<v1::RecordState> states = {
      Same("r1", "ada", 2), Same("r2", "ben", 2), Same("r3", "ada", 2),
      StateOf("r4", v1::RULING_KIND_DIFFERENT, {"a", "b"}, "cleo", 3),
      Same("r5", "cleo", 1, /*withdrawn=*/true)};
  RulingBook expected;
  expected.RequireApproval(true);
  for (const auto& state : states) expected.Apply(state);
  std::vector<size_t> order = {0, 1, 2, 3, 4};
  do {
    RulingBook book;
    for (size_t i = 0; i < order.size(); ++i) {
      if (i == order.size() / 2) book.RequireApproval(true);
      book.Apply(states[order[i]]);
      // Taken in once more it is what it was.
      book.Apply(states[order[i]]);
    }
    EXPECT_EQ(InEffect(book), InEffect(expected));
    EXPECT_EQ(book.MatchRulings(), expected.MatchRulings());
    EXPECT_EQ(book.SayingTheSame("r1"), expected.SayingTheSame("r1"));
    // What all stand by is the one of highest rank in effect.
    std::string greatest;
    for (const std::string& id : book.SayingTheSame("r1")) {
      if (book.IsInEffect(id)) greatest = id;
    }
    EXPECT_EQ(book.StandsBy("r1"), greatest);
    EXPECT_NE(greatest, "");
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(RulingBook, WhoIsUnsureOfAPairIsSoUntilThatIsWithdrawn) {
  RulingBook book;
  book.Apply(StateOf("r1", v1::RULING_KIND_UNSURE, {"b", "a"}, "ada", 1));
  book.Apply(Same("r2", "ben", 2));
  book.Apply(StateOf("r3", v1::RULING_KIND_UNSURE, {"a", "b"}, "", 3));
  EXPECT_TRUE(book.IsUnsure("ada", "a", "b"));
  EXPECT_TRUE(book.IsUnsure("ada", "b", "a"));
  EXPECT_FALSE(book.IsUnsure("ada", "a", "c"));
  EXPECT_FALSE(book.IsUnsure("ben", "a", "b"));
  EXPECT_FALSE(book.IsUnsure("", "a", "b"));
  book.Apply(StateOf("r1", v1::RULING_KIND_UNSURE, {"b", "a"}, "ada", 1, /*withdrawn=*/true));
  EXPECT_FALSE(book.IsUnsure("ada", "a", "b"));
}

}  // namespace
}  // namespace baraza::server
