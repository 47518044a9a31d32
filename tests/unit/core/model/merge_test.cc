#include "core/model/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/limits.h"
#include "tests/unit/core/model/operation_factory.h"

namespace baraza {
namespace {

using testing::Administrator;
using testing::Auditor;
using testing::Author;
using testing::Colleague;
using testing::Collector;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FindingsOf;
using testing::FullReport;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Lead;
using testing::Officer;
using testing::Parsed;
using testing::RecordIn;
using testing::RecordWriter;
using testing::StampFor;
using testing::Stranger;
using testing::TestId;

using Report = v1::SessionReport;

Report TitledReport(const std::string& title) {
  Report report;
  report.mutable_title()->set_text(title);
  return report;
}

Report Retitled(const v1::RecordState& state, const std::string& title) {
  Report report = RecordIn<Report>(state);
  report.mutable_title()->set_text(title);
  return report;
}

std::string TitleOf(const v1::RecordState& state) { return RecordIn<Report>(state).title().text(); }

TEST(MergeTest, CreationFillsStateAndDerivedFields) {
  RecordWriter<Report> writer;
  const v1::RecordState state = MergeOperations({writer.Create(Collector(), FullReport(), 5)});
  EXPECT_EQ(state.record_id(), writer.record_id());
  EXPECT_EQ(state.type(), v1::RECORD_TYPE_SESSION_REPORT);
  EXPECT_EQ(state.programme_id(), testing::ProgrammeId());
  EXPECT_EQ(state.team_id(), Collector().team_id);
  EXPECT_EQ(state.author_id(), Collector().person_id);
  EXPECT_TRUE(state.created());
  EXPECT_FALSE(state.voided());
  EXPECT_EQ(state.created_lamport(), 5u);
  EXPECT_EQ(state.lamport(), 5u);
  EXPECT_EQ(state.operation_count(), 1u);
  EXPECT_EQ(state.created_device_time_ms(), 1'767'225'600'000);
  EXPECT_THAT(state.heads(), ElementsAre(writer.record_id()));
  EXPECT_THAT(state.findings(), IsEmpty());

  Report expected = FullReport();
  expected.clear_private_notes();
  expected.set_id(writer.record_id());
  expected.set_team_id(Collector().team_id);
  expected.set_author_id(Collector().person_id);
  EXPECT_EQ(state.record(), expected.SerializeAsString());
}

TEST(MergeTest, AnEditGivesExactlyWhatItsAuthorMeant) {
  RecordWriter<Report> writer;
  const Operation created = writer.Create(Collector(), FullReport());
  Report after = RecordIn<Report>(MergeOperations({created}));
  after.mutable_title()->set_text("Another");
  after.clear_dates();
  after.clear_participating_teams();
  after.mutable_means_of_verification(1)->set_sensitive(false);
  after.add_topics()->set_text("water");
  const Operation edit = writer.Edit(Collector(), {created}, after);
  const v1::RecordState state = MergeOperations({created, edit});
  EXPECT_EQ(state.record(), after.SerializeAsString());
  EXPECT_FALSE(RecordIn<Report>(state).has_dates());
  EXPECT_THAT(state.heads(), ElementsAre(edit.header.op_id()));
  EXPECT_THAT(state.conflicts(), IsEmpty());
}

TEST(MergeTest, SetToADefaultIsPresentAndNotCleared) {
  RecordWriter<Report> writer;
  Report report;
  report.set_held_status(v1::HELD_STATUS_UNSPECIFIED);
  report.mutable_participants()->set_total(0);
  report.mutable_venue();
  const v1::RecordState state = MergeOperations({writer.Create(Collector(), report)});
  const Report merged = RecordIn<Report>(state);
  EXPECT_TRUE(merged.has_held_status());
  EXPECT_TRUE(merged.participants().has_total());
  EXPECT_TRUE(merged.has_venue());
  EXPECT_FALSE(merged.has_modality());
}

TEST(MergeTest, ConcurrentEditsConflictStayVisibleAndAreResolved) {
  RecordWriter<Report> writer;
  const Operation created = writer.Create(Collector(), TitledReport("first"));
  const v1::RecordState base = MergeOperations({created});
  const Operation left = writer.Edit(Collector(), {created}, Retitled(base, "left"));
  const Operation right = writer.Edit(Lead(), {created}, Retitled(base, "right"));
  const v1::RecordState both = MergeOperations({created, left, right});
  ASSERT_EQ(both.conflicts_size(), 1);
  const v1::Conflict& conflict = both.conflicts(0);
  EXPECT_EQ(conflict.field(), "title");
  EXPECT_EQ(conflict.field_number(), 12u);
  // Equal lamports: the hash of the op id decides, not the op id.
  const bool left_wins = left.id_hash > right.id_hash;
  EXPECT_EQ(TitleOf(both), left_wins ? "left" : "right");
  EXPECT_EQ(conflict.winner().op_id(), (left_wins ? left : right).header.op_id());
  ASSERT_EQ(conflict.losers_size(), 1);
  Report lost;
  ASSERT_TRUE(lost.ParseFromString(conflict.losers(0).value()));
  EXPECT_EQ(lost.title().text(), left_wins ? "right" : "left");
  EXPECT_THAT(both.heads(), ElementsAre(left.header.op_id(), right.header.op_id()));

  // The loser is chosen.
  const Operation chosen =
      writer.Edit(Collector(), {created, left, right}, Retitled(both, lost.title().text()));
  const v1::RecordState resolved = MergeOperations({created, left, right, chosen});
  EXPECT_THAT(resolved.conflicts(), IsEmpty());
  EXPECT_EQ(TitleOf(resolved), lost.title().text());

  // Or the winner is confirmed, which changes no value.
  const RestatedField title{Report::kTitleFieldNumber, ""};
  const Operation confirmed =
      writer.Edit(Collector(), {created, left, right}, RecordIn<Report>(both), {title});
  const v1::RecordState standing = MergeOperations({created, left, right, confirmed});
  EXPECT_THAT(standing.conflicts(), IsEmpty());
  EXPECT_EQ(TitleOf(standing), TitleOf(both));

  // An edit of another field resolves nothing.
  Report other = RecordIn<Report>(both);
  other.set_language("sw");
  const Operation elsewhere = writer.Edit(Collector(), {created, left, right}, other);
  EXPECT_EQ(MergeOperations({created, left, right, elsewhere}).conflicts_size(), 1);
}

TEST(MergeTest, EqualValuesDoNotConflict) {
  RecordWriter<Report> writer;
  const Operation created = writer.Create(Collector(), TitledReport("first"));
  const v1::RecordState base = MergeOperations({created});
  const Operation left = writer.Edit(Collector(), {created}, Retitled(base, "same"));
  const Operation right = writer.Edit(Lead(), {created}, Retitled(base, "same"));
  EXPECT_THAT(MergeOperations({created, left, right}).conflicts(), IsEmpty());
}

TEST(MergeTest, ConcurrentEditsOfDifferentFieldsBothStand) {
  RecordWriter<Report> writer;
  const Operation created = writer.Create(Collector(), TitledReport("first"));
  const v1::RecordState base = MergeOperations({created});
  Report dated = RecordIn<Report>(base);
  dated.mutable_dates()->set_earliest("2026-03-05");
  const Operation left = writer.Edit(Collector(), {created}, dated);
  const Operation right = writer.Edit(Lead(), {created}, Retitled(base, "second"));
  const v1::RecordState state = MergeOperations({created, left, right});
  EXPECT_EQ(TitleOf(state), "second");
  EXPECT_EQ(RecordIn<Report>(state).dates().earliest(), "2026-03-05");
  EXPECT_THAT(state.conflicts(), IsEmpty());
}

TEST(MergeTest, AWholeFieldIsNeverMixedFromTwo) {
  RecordWriter<Report> writer;
  Report report;
  report.mutable_dates()->set_earliest("2026-01-31");
  const Operation created = writer.Create(Collector(), report);
  Report left = RecordIn<Report>(MergeOperations({created}));
  left.mutable_dates()->set_earliest("2026-02-10");
  Report right = RecordIn<Report>(MergeOperations({created}));
  right.mutable_dates()->set_latest("2026-02-01");
  const Operation a = writer.Edit(Collector(), {created}, left);
  const Operation b = writer.Edit(Lead(), {created}, right);
  const v1::RecordState state = MergeOperations({created, a, b});
  const v1::SessionDates dates = RecordIn<Report>(state).dates();
  EXPECT_TRUE(dates.earliest() == "2026-02-10" ? dates.latest().empty()
                                               : dates.latest() == "2026-02-01");
  EXPECT_EQ(state.conflicts_size(), 1);
}

TEST(MergeTest, ElementsAreAddedAndRemovedOneByOne) {
  RecordWriter<Report> writer;
  Report report;
  const auto add = [](Report& to, const std::string& id, uint32_t team) {
    v1::ParticipatingTeam* added = to.add_participating_teams();
    added->set_element_id(id);
    added->set_team_id(TestId("tem", team));
  };
  add(report, "b", 2);
  add(report, "d", 4);
  const Operation created = writer.Create(Collector(), report);
  const Report base = RecordIn<Report>(MergeOperations({created}));
  Report left = base;
  add(left, "c", 3);
  left.mutable_participating_teams()->DeleteSubrange(1, 1);  // d
  Report right = base;
  add(right, "a", 1);
  const Operation x = writer.Edit(Collector(), {created}, left);
  const Operation y = writer.Edit(Lead(), {created}, right);
  const v1::RecordState state = MergeOperations({created, x, y});
  std::vector<std::string> ids;
  const Report merged = RecordIn<Report>(state);
  for (const v1::ParticipatingTeam& team : merged.participating_teams()) {
    ids.push_back(team.element_id());
  }
  EXPECT_THAT(ids, ElementsAre("a", "b", "c"));
  EXPECT_THAT(state.conflicts(), IsEmpty());
}

TEST(MergeTest, RemovingAnElementThatAnotherEditsIsAConflict) {
  RecordWriter<Report> writer;
  Report report;
  v1::ParticipatingTeam* team = report.add_participating_teams();
  team->set_element_id("a");
  team->set_unregistered_name("Sauti");
  const Operation created = writer.Create(Collector(), report);
  Report without = RecordIn<Report>(MergeOperations({created}));
  Report renamed = without;
  without.clear_participating_teams();
  renamed.mutable_participating_teams(0)->set_unregistered_name("Sauti ya Pwani");
  const Operation remove = writer.Edit(Collector(), {created}, without);
  const Operation rename = writer.Edit(Lead(), {created}, renamed);
  const v1::RecordState state = MergeOperations({created, remove, rename});
  ASSERT_EQ(state.conflicts_size(), 1);
  EXPECT_EQ(state.conflicts(0).element_id(), "a");
  const bool removed = remove.id_hash > rename.id_hash;
  EXPECT_EQ(RecordIn<Report>(state).participating_teams_size(), removed ? 0 : 1);
  EXPECT_EQ(state.conflicts(0).winner().value().empty(), removed);
  EXPECT_EQ(state.conflicts(0).losers(0).value().empty(), !removed);

  // Confirming the removal.
  const Operation confirmed =
      writer.Edit(Collector(), {created, remove, rename}, without, {{21, "a"}});
  const v1::RecordState settled = MergeOperations({created, remove, rename, confirmed});
  EXPECT_THAT(settled.conflicts(), IsEmpty());
  EXPECT_EQ(RecordIn<Report>(settled).participating_teams_size(), 0);
}

TEST(MergeTest, TheClockOfAPhoneIn2099DoesNotWin) {
  RecordWriter<Report> writer;
  const Operation created = writer.Create(Collector(), TitledReport("first"));
  const v1::RecordState base = MergeOperations({created});
  // Its id would sort last and its time is far ahead; its lamport is behind.
  const Report before = RecordIn<Report>(base);
  OperationStamp ahead = StampFor(Lead(), writer.type(), writer.record_id(),
                                  "op_7zzzzzzzzzzzzzzzzzzzzzzzzz", 2, {writer.record_id()});
  ahead.device_time_ms = 4'100'000'000'000;
  const Operation phone = Parsed(BuildOperation(ahead, &before, Retitled(base, "2099")));
  OperationStamp later = StampFor(Collector(), writer.type(), writer.record_id(), TestId("op", 1),
                                  3, {writer.record_id()});
  later.device_time_ms = 0;
  const Operation office = Parsed(BuildOperation(later, &before, Retitled(base, "1970")));
  EXPECT_EQ(TitleOf(MergeOperations({created, phone, office})), "1970");

  // With equal lamports the hash decides, so that over many ids neither end of time is favoured.
  int late_ids_won = 0;
  for (uint32_t i = 1; i <= 64; ++i) {
    OperationStamp early = later;
    early.lamport = 2;
    early.op_id = TestId("op", i);
    const Operation other = Parsed(BuildOperation(early, &before, Retitled(base, "early")));
    late_ids_won += TitleOf(MergeOperations({created, phone, other})) == "2099";
  }
  EXPECT_GT(late_ids_won, 0);
  EXPECT_EQ(late_ids_won == 64, false);
}

TEST(MergeTest, LaterEditsDoNotUnvoid) {
  RecordWriter<Report> writer;
  const Operation created = writer.Create(Collector(), TitledReport("first"));
  Report voided = RecordIn<Report>(MergeOperations({created}));
  voided.mutable_void_mark()->set_voided(true);
  voided.mutable_void_mark()->mutable_reason()->set_text("typed twice");
  const Operation void_op = writer.Edit(Collector(), {created}, voided);
  EXPECT_TRUE(MergeOperations({created, void_op}).voided());
  // Concurrent with the void, and after it.
  const v1::RecordState base = MergeOperations({created});
  const Operation beside = writer.Edit(Lead(), {created}, Retitled(base, "beside"));
  const Operation after = writer.Edit(Lead(), {created, void_op},
                                      Retitled(MergeOperations({created, void_op}), "after"));
  const v1::RecordState state = MergeOperations({created, void_op, beside, after});
  EXPECT_TRUE(state.voided());
  EXPECT_EQ(TitleOf(state), "after");
  // Only a later voided = false does.
  Report restored = RecordIn<Report>(state);
  restored.mutable_void_mark()->set_voided(false);
  const Operation unvoid = writer.Edit(Lead(), {created, void_op, beside, after}, restored);
  EXPECT_FALSE(MergeOperations({created, void_op, beside, after, unvoid}).voided());
}

TEST(MergeTest, AWithdrawnRulingStandsAgainByItsAuthorOnly) {
  const Author other = {TestId("per", 77), "", v1::ROLE_ME_OFFICER};
  for (const bool by_author : {true, false}) {
    RecordWriter<v1::Ruling> writer;
    v1::Ruling ruling;
    ruling.set_kind(v1::RULING_KIND_COUNTS);
    ruling.add_report_ids(TestId("rep", 1));
    const Operation created = writer.Create(Officer(), ruling);
    v1::Ruling withdrawn = RecordIn<v1::Ruling>(MergeOperations({created}));
    withdrawn.mutable_void_mark()->set_voided(true);
    // Anybody of the office may withdraw it.
    const Operation withdrawal = writer.Edit(other, {created}, withdrawn);
    EXPECT_TRUE(MergeOperations({created, withdrawal}).voided());
    v1::Ruling restored = withdrawn;
    restored.mutable_void_mark()->set_voided(false);
    const Operation unvoid =
        writer.Edit(by_author ? Officer() : other, {created, withdrawal}, restored);
    v1::Ruling cleared = withdrawn;
    cleared.clear_void_mark();
    const Operation clear =
        writer.Edit(by_author ? Officer() : other, {created, withdrawal}, cleared);
    EXPECT_EQ(MergeOperations({created, withdrawal, unvoid}).voided(), !by_author);
    EXPECT_EQ(MergeOperations({created, withdrawal, clear}).voided(), !by_author);
  }
}

TEST(MergeTest, UnknownFieldsAreCarriedThroughAnOlderSchema) {
  RecordWriter<Report> writer;
  Report newer = TitledReport("first");
  auto* unknown = newer.GetReflection()->MutableUnknownFields(&newer);
  unknown->AddLengthDelimited(900, "from a newer client");
  unknown->AddVarint(901, 7);
  newer.mutable_venue()
      ->GetReflection()
      ->MutableUnknownFields(newer.mutable_venue())
      ->AddVarint(77, 1);
  newer.set_modality(static_cast<v1::Modality>(42));
  const Operation created = writer.Create(Collector(), newer);
  const v1::RecordState state = MergeOperations({created});
  const Report merged = RecordIn<Report>(state);
  EXPECT_EQ(merged.GetReflection()->GetUnknownFields(merged).field_count(), 2);
  EXPECT_EQ(merged.modality(), 42);

  // An older client edits the title: both stay, also when its form dropped what it did not know.
  const Operation edit = writer.Edit(Collector(), {created}, Retitled(state, "second"));
  Report dropped = Retitled(state, "third");
  dropped.GetReflection()->MutableUnknownFields(&dropped)->Clear();
  const Operation blind = writer.Edit(Collector(), {created, edit}, dropped);
  for (const PartDelta& part : edit.deltas) {
    EXPECT_THAT(part.delta.cleared_fields(), IsEmpty());
    EXPECT_THAT(part.delta.record(), ::testing::Not(HasSubstr("newer client")));
  }
  const v1::RecordState after = MergeOperations({created, edit, blind});
  EXPECT_EQ(TitleOf(after), "third");
  const Report carried = RecordIn<Report>(after);
  ASSERT_EQ(carried.GetReflection()->GetUnknownFields(carried).field_count(), 2);
  EXPECT_THAT(after.record(), HasSubstr("from a newer client"));
  EXPECT_EQ(carried.venue().GetReflection()->GetUnknownFields(carried.venue()).field_count(), 1);

  // The newer client changes and clears what only it knows.
  Report changed = carried;
  auto* fields = changed.GetReflection()->MutableUnknownFields(&changed);
  fields->Clear();
  fields->AddLengthDelimited(900, "changed");
  fields->AddVarint(901, 7);
  Operation update = writer.Edit(Collector(), {created, edit, blind}, changed);
  const v1::RecordState updated = MergeOperations({created, edit, blind, update});
  EXPECT_THAT(updated.record(), HasSubstr("changed"));
  EXPECT_THAT(updated.record(), ::testing::Not(HasSubstr("from a newer client")));
}

TEST(MergeTest, AMissingCreationBlocks) {
  RecordWriter<Report> writer;
  const Operation created = writer.Create(Collector(), TitledReport("first"));
  const Operation edit =
      writer.Edit(Collector(), {created}, Retitled(MergeOperations({created}), "second"));
  const v1::RecordState state = MergeOperations({edit});
  EXPECT_FALSE(state.created());
  EXPECT_EQ(state.record_id(), writer.record_id());
  EXPECT_EQ(TitleOf(state), "");
  EXPECT_THAT(FindingsOf(state),
              ElementsAre("KIND_CREATION_MISSING " + writer.record_id() + "  blocks",
                          "KIND_PARENT_MISSING " + edit.header.op_id() + " "));
  // It resolves when the creation comes.
  EXPECT_THAT(MergeOperations({edit, created}).findings(), IsEmpty());
}

TEST(MergeTest, AMissingParentCountsAsNotKnown) {
  RecordWriter<Report> writer;
  const Operation created = writer.Create(Collector(), TitledReport("first"));
  const Operation middle =
      writer.Edit(Collector(), {created}, Retitled(MergeOperations({created}), "middle"));
  const Operation last = writer.Edit(Collector(), {created, middle},
                                     Retitled(MergeOperations({created, middle}), "last"));
  const v1::RecordState state = MergeOperations({created, last});
  EXPECT_EQ(TitleOf(state), "last");
  EXPECT_EQ(state.conflicts_size(), 1);
  EXPECT_THAT(FindingsOf(state), ElementsAre("KIND_PARENT_MISSING " + last.header.op_id() + " "));
  const v1::RecordState whole = MergeOperations({last, created, middle});
  EXPECT_THAT(whole.conflicts(), IsEmpty());
  EXPECT_THAT(whole.findings(), IsEmpty());
}

TEST(MergeTest, ALamportThatRanBackwardsMakesNoConflict) {
  RecordWriter<Report> writer;
  const Operation created = writer.Create(Collector(), TitledReport("first"), 10);
  const v1::RecordState base = MergeOperations({created});
  const Report before = RecordIn<Report>(base);
  const Operation child =
      Parsed(BuildOperation(StampFor(Collector(), writer.type(), writer.record_id(),
                                     TestId("op", 1), 2, {writer.record_id()}),
                            &before, Retitled(base, "child")));
  const v1::RecordState state = MergeOperations({created, child});
  EXPECT_EQ(TitleOf(state), "first");
  EXPECT_THAT(state.conflicts(), IsEmpty());
}

TEST(MergeTest, ACycleOfParentsEnds) {
  RecordWriter<Report> writer;
  const Operation created = writer.Create(Collector(), TitledReport("first"));
  const v1::RecordState base = MergeOperations({created});
  const Report before = RecordIn<Report>(base);
  const auto edit = [&](uint32_t id, uint32_t parent, uint64_t lamport, const char* title) {
    return Parsed(BuildOperation(StampFor(Collector(), writer.type(), writer.record_id(),
                                          TestId("op", id), lamport, {TestId("op", parent)}),
                                 &before, Retitled(base, title)));
  };
  const v1::RecordState state =
      MergeOperations({created, edit(1, 2, 5, "one"), edit(2, 1, 6, "two")});
  EXPECT_EQ(TitleOf(state), "two");
}

struct AuthorityCase {
  Author author;
  bool facts;
  bool review;
};

TEST(MergeTest, OnlyTheAuthorAndTheirLeadChangeFacts) {
  const AuthorityCase cases[] = {{Collector(), true, true},   {Lead(), true, true},
                                 {Colleague(), false, false}, {Stranger(), false, false},
                                 {Officer(), false, true},    {Administrator(), false, true},
                                 {Auditor(), false, false}};
  for (const AuthorityCase& c : cases) {
    SCOPED_TRACE(v1::Role_Name(c.author.role) + " " + c.author.person_id);
    RecordWriter<Report> writer;
    Report first = TitledReport("first");
    first.mutable_review()->set_stage(v1::REPORT_STAGE_SUBMITTED);
    const Operation created = writer.Create(Collector(), first);
    Report changed = Retitled(MergeOperations({created}), "changed");
    const bool office =
        c.author.role == v1::ROLE_ME_OFFICER || c.author.role == v1::ROLE_ADMINISTRATOR;
    changed.mutable_review()->set_stage(office ? v1::REPORT_STAGE_RETURNED
                                               : v1::REPORT_STAGE_SUBMITTED);
    changed.mutable_review()->mutable_message()->set_text("please look");
    const Operation edit = writer.Edit(c.author, {created}, changed);
    const v1::RecordState state = MergeOperations({created, edit});
    EXPECT_EQ(TitleOf(state), c.facts ? "changed" : "first");
    EXPECT_EQ(RecordIn<Report>(state).review().message().text(), c.review ? "please look" : "");
    const std::string finding = "KIND_NOT_AUTHORISED " + edit.header.op_id() + " ";
    std::vector<std::string> expected;
    if (!c.review) expected.push_back(finding + "review");
    if (!c.facts) expected.push_back(finding + "title");
    EXPECT_EQ(FindingsOf(state), expected);
    EXPECT_THAT(state.conflicts(), IsEmpty());
  }
}

TEST(MergeTest, AReviewStageNeedsItsSide) {
  RecordWriter<Report> writer;
  const Operation created = writer.Create(Collector(), FullReport());
  const v1::RecordState base = MergeOperations({created});
  Report endorsed = RecordIn<Report>(base);
  endorsed.mutable_review()->set_stage(v1::REPORT_STAGE_ENDORSED);
  const Operation by_author = writer.Edit(Collector(), {created}, endorsed);
  EXPECT_EQ(RecordIn<Report>(MergeOperations({created, by_author})).review().stage(),
            v1::REPORT_STAGE_SUBMITTED);
  const Operation by_office = writer.Edit(Officer(), {created}, endorsed);
  EXPECT_EQ(RecordIn<Report>(MergeOperations({created, by_office})).review().stage(),
            v1::REPORT_STAGE_ENDORSED);
}

TEST(MergeTest, RegisterRecordsAreCreatedByTheOffice) {
  v1::Team team;
  team.set_title("Coast");
  for (const Author& author : {Collector(), Lead(), Auditor()}) {
    RecordWriter<v1::Team> writer;
    const v1::RecordState state = MergeOperations({writer.Create(author, team)});
    EXPECT_FALSE(state.created());
    EXPECT_EQ(RecordIn<v1::Team>(state).title(), "");
    EXPECT_THAT(FindingsOf(state),
                ElementsAre("KIND_NOT_AUTHORISED " + writer.record_id() + "  blocks"));
  }
  RecordWriter<v1::Team> writer;
  EXPECT_TRUE(MergeOperations({writer.Create(Officer(), team)}).created());
  RecordWriter<v1::Person> person;
  EXPECT_FALSE(MergeOperations({person.Create(Officer(), v1::Person())}).created());
  EXPECT_TRUE(MergeOperations({person.Create(Administrator(), v1::Person())}).created());
}

TEST(MergeTest, FollowUpsAreAnsweredByTheTeamsTheyConcern) {
  v1::FollowUp question;
  question.set_addressed_team_id(Stranger().team_id);
  question.mutable_question()->set_code("held");
  for (const auto& [author, allowed] : std::vector<std::pair<Author, bool>>{
           {Colleague(), true},
           {Stranger(), true},
           {Officer(), true},
           {{TestId("per", 9), TestId("tem", 3), v1::ROLE_TEAM_LEAD}, false},
           {Auditor(), false}}) {
    RecordWriter<v1::FollowUp> writer;
    const Operation created = writer.Create(Collector(), question);
    v1::FollowUp answered = RecordIn<v1::FollowUp>(MergeOperations({created}));
    answered.mutable_answer()->set_yes_no(v1::YES_NO_YES);
    const Operation answer = writer.Edit(author, {created}, answered);
    const v1::RecordState state = MergeOperations({created, answer});
    EXPECT_EQ(RecordIn<v1::FollowUp>(state).has_answer(), allowed) << author.person_id;
    EXPECT_EQ(FindingsOf(state).empty(), allowed);
  }
  RecordWriter<v1::FollowUp> writer;
  EXPECT_FALSE(MergeOperations({writer.Create(Auditor(), question)}).created());
}

TEST(MergeTest, ImmutableValuesComeFromTheCreationOnly) {
  RecordWriter<v1::Ruling> writer;
  v1::Ruling ruling;
  ruling.set_kind(v1::RULING_KIND_COUNTS);
  ruling.add_report_ids(TestId("rep", 1));
  const Operation created = writer.Create(Officer(), ruling);
  // BuildOperation refuses this; another program might not.
  v1::Ruling forged;
  forged.set_kind(v1::RULING_KIND_DOES_NOT_COUNT);
  Operation edit = created;
  edit.header.set_op_id(TestId("op", 1));
  edit.header.set_lamport(9);
  edit.header.add_parent_op_ids(writer.record_id());
  v1::Delta delta;
  delta.set_record(forged.SerializeAsString());
  delta.add_cleared_fields(v1::Ruling::kReportIdsFieldNumber);
  edit.wire.set_header(edit.header.SerializeAsString());
  edit.wire.mutable_parts(0)->set_delta(delta.SerializeAsString());
  edit = Parsed(edit.wire);
  const v1::RecordState state = MergeOperations({created, edit});
  EXPECT_EQ(RecordIn<v1::Ruling>(state).kind(), v1::RULING_KIND_COUNTS);
  EXPECT_EQ(RecordIn<v1::Ruling>(state).report_ids_size(), 1);
  EXPECT_THAT(FindingsOf(state),
              ElementsAre("KIND_IMMUTABLE_FIELD " + edit.header.op_id() + " kind",
                          "KIND_IMMUTABLE_FIELD " + edit.header.op_id() + " report_ids"));
}

TEST(MergeTest, RedactionEmptiesFieldsWhateverComesFirst) {
  RecordWriter<Report> writer;
  const Operation created = writer.Create(Collector(), FullReport());
  const Operation redaction =
      writer.Redact(Officer(), {created}, writer.record_id(), {v1::PRIVACY_TEAM});
  const v1::RecordState before_erasure = MergeOperations({created, redaction});
  EXPECT_EQ(RecordIn<Report>(before_erasure).narrative().text(), "");
  EXPECT_EQ(RecordIn<Report>(before_erasure).means_of_verification_size(), 1);
  EXPECT_EQ(TitleOf(before_erasure), "Coast forum");
  EXPECT_TRUE(before_erasure.created());
  EXPECT_THAT(FindingsOf(before_erasure), ElementsAre("KIND_REDACTED " + writer.record_id() + " "));
  // Byte for byte the same once the bytes are gone.
  v1::WireOperation erased = created.wire;
  ASSERT_TRUE(EraseParts(erased, {v1::PRIVACY_TEAM}));
  const Operation empty = Parsed(erased);
  EXPECT_EQ(MergeOperations({empty, redaction}).SerializeAsString(),
            before_erasure.SerializeAsString());
  // Copies with and without the bytes are one operation.
  EXPECT_EQ(MergeOperations({created, empty, redaction}).SerializeAsString(),
            before_erasure.SerializeAsString());
}

TEST(MergeTest, OnlyTheOfficeRedacts) {
  RecordWriter<Report> writer;
  const Operation created = writer.Create(Collector(), FullReport());
  const Operation redaction =
      writer.Redact(Collector(), {created}, writer.record_id(), {v1::PRIVACY_TEAM});
  const v1::RecordState state = MergeOperations({created, redaction});
  EXPECT_EQ(RecordIn<Report>(state).narrative().text(), "We met in the hall.");
  EXPECT_THAT(FindingsOf(state),
              ElementsAre("KIND_NOT_AUTHORISED " + redaction.header.op_id() + " redactions"));
}

TEST(MergeTest, ARecordThatBreaksARuleOnlyAsAWholeIsAFinding) {
  RecordWriter<Report> writer;
  std::vector<Operation> operations = {writer.Create(Collector(), TitledReport("first"))};
  for (int batch = 0; batch < 3; ++batch) {
    Report more = RecordIn<Report>(MergeOperations(operations));
    for (int i = 0; i < 400; ++i) {
      v1::ParticipatingTeam* team = more.add_participating_teams();
      team->set_element_id("t" + std::to_string(batch * 400 + i));
      team->set_team_id(TestId("tem", i + 1));
    }
    operations.push_back(writer.Edit(Collector(), operations, more));
  }
  EXPECT_THAT(FindingsOf(MergeOperations(operations)),
              ElementsAre("KIND_INVALID_VALUE  participating_teams blocks"));
}

TEST(MergeTest, ARecordTypeOfANewerSchemaIsCarriedUnread) {
  const auto type = static_cast<v1::RecordType>(99);
  v1::Header header;
  header.set_op_id(TestId("new", 1));
  header.set_record_id(TestId("new", 1));
  header.set_record_type(type);
  header.set_programme_id(testing::ProgrammeId());
  header.set_author_id(Officer().person_id);
  header.set_author_role(v1::ROLE_ME_OFFICER);
  header.set_lamport(1);
  header.set_schema_level(2);
  v1::Delta delta;
  delta.set_record(TitledReport("whatever this is").SerializeAsString());
  v1::WireOperation wire;
  wire.set_header(header.SerializeAsString());
  wire.add_parts()->set_privacy(v1::PRIVACY_TEAM);
  wire.mutable_parts(0)->set_delta(delta.SerializeAsString());
  const v1::RecordState state = MergeOperations({Parsed(wire)});
  EXPECT_EQ(state.type(), type);
  EXPECT_TRUE(state.created());
  EXPECT_EQ(state.record(), delta.record());
  EXPECT_EQ(RecordOf(state).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(MergeTest, ReadsRecordsOfTheRightTypeOnly) {
  RecordWriter<Report> writer;
  v1::RecordState state = MergeOperations({writer.Create(Collector(), TitledReport("first"))});
  EXPECT_EQ(RecordAs<v1::Team>(state).status().code(), absl::StatusCode::kInvalidArgument);
  const auto record = RecordOf(state);
  ASSERT_TRUE(record.ok());
  EXPECT_EQ((*record)->GetDescriptor(), Report::descriptor());
  state.set_record("\xff");
  EXPECT_EQ(RecordOf(state).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(RecordAs<Report>(state).status().code(), absl::StatusCode::kDataLoss);
}

TEST(MergeTest, NothingAtAllIsAnEmptyState) {
  EXPECT_EQ(MergeOperations({}).SerializeAsString(), "");
}

}  // namespace
}  // namespace baraza
