// Properties of the merge over random histories. A failure names its seed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/base/random.h"
#include "core/model/merge.h"
#include "tests/unit/core/model/operation_factory.h"
#include "tests/unit/core/model/random_record.h"

namespace baraza {
namespace {

using testing::Author;
using testing::RecordIn;
using testing::RecordWriter;

using Report = v1::SessionReport;

template <typename T>
void Shuffle(std::vector<T>& items, Random& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.Uniform(i)]);
}

// A random history of one report: several people, each seeing some past state, editing, voiding,
// redacting.
class HistoryMaker {
 public:
  explicit HistoryMaker(uint64_t seed) : random_(seed) {}

  std::vector<Operation> Make() {
    operations_ = {writer_.Create(testing::Collector(), testing::FullReport())};
    const size_t edits = 1 + random_.Uniform(14);
    for (size_t i = 0; i < edits; ++i) AddEdit();
    return operations_;
  }

  // A report that somebody may have written, with fields that this schema does not know.
  Report MakeReport() {
    Report report = testing::FullReport();
    for (size_t changes = random_.Uniform(8); changes > 0; --changes) Change(report);
    if (random_.Uniform(2) == 0) {
      const auto add_unknown = [&](google::protobuf::Message* message) {
        message->GetReflection()->MutableUnknownFields(message)->AddVarint(
            static_cast<int>(501 + random_.Uniform(400)), random_.Uniform(3));
      };
      add_unknown(&report);
      add_unknown(report.mutable_title());
      add_unknown(report.add_participating_teams());
      report.mutable_participating_teams()->rbegin()->set_element_id("0");
    }
    return report;
  }

  Random& random() { return random_; }
  const std::string& record_id() const { return writer_.record_id(); }

 private:
  // A prefix of some random linear order that starts with the creation: what one device has seen.
  // Closed under parents, as a device that pulls in order has it.
  std::vector<Operation> Seen() {
    const size_t count = 1 + random_.Uniform(operations_.size());
    std::vector<Operation> seen = {operations_[0]};
    std::set<std::string> ids = {writer_.record_id()};
    for (size_t i = 1; i < operations_.size() && seen.size() < count; ++i) {
      if (random_.Uniform(3) == 0) continue;
      const auto& parents = operations_[i].header.parent_op_ids();
      if (!std::all_of(parents.begin(), parents.end(),
                       [&](const std::string& id) { return ids.count(id) != 0; })) {
        continue;
      }
      ids.insert(operations_[i].header.op_id());
      seen.push_back(operations_[i]);
    }
    return seen;
  }

  Author SomeAuthor() {
    switch (random_.Uniform(8)) {
      case 0:
        return testing::Officer();
      case 1:
        return testing::Stranger();
      case 2:
        return testing::Colleague();
      case 3:
      case 4:
        return testing::Lead();
      default:
        return testing::Collector();
    }
  }

  void AddEdit() {
    const std::vector<Operation> seen = Seen();
    if (random_.Uniform(10) == 0) {
      const Operation& named = operations_[random_.Uniform(operations_.size())];
      operations_.push_back(
          writer_.Redact(random_.Uniform(4) == 0 ? testing::Collector() : testing::Officer(), seen,
                         named.header.op_id(),
                         {random_.Uniform(2) == 0 ? v1::PRIVACY_PROGRAMME : v1::PRIVACY_TEAM}));
      return;
    }
    const Report before = RecordIn<Report>(MergeOperations(seen));
    Report after = before;
    Change(after);
    if (after.SerializeAsString() == before.SerializeAsString()) return;
    operations_.push_back(writer_.Edit(SomeAuthor(), seen, after));
  }

  void Change(Report& report) {
    // Few values, so that equal ones meet.
    const std::string value(1, static_cast<char>('a' + random_.Uniform(3)));
    switch (random_.Uniform(9)) {
      case 0:
        report.mutable_title()->set_text(value);
        break;
      case 1:
        report.clear_title();
        break;
      case 2:
        report.mutable_narrative()->set_text(value);
        break;
      case 3: {
        v1::ParticipatingTeam* team = nullptr;
        for (v1::ParticipatingTeam& had : *report.mutable_participating_teams()) {
          if (had.element_id() == value) team = &had;
        }
        if (team == nullptr) team = report.add_participating_teams();
        team->set_element_id(value);
        team->set_unregistered_name(value + std::to_string(random_.Uniform(3)));
        break;
      }
      case 4:
        if (!report.participating_teams().empty()) {
          report.mutable_participating_teams()->DeleteSubrange(
              random_.Uniform(report.participating_teams_size()), 1);
        }
        break;
      case 5:
        report.mutable_void_mark()->set_voided(random_.Uniform(2) == 0);
        break;
      case 6: {
        auto* unknown = report.GetReflection()->MutableUnknownFields(&report);
        unknown->DeleteByNumber(900);
        unknown->AddLengthDelimited(900, value);
        break;
      }
      case 7:
        report.mutable_review()->set_stage(static_cast<v1::ReportStage>(1 + random_.Uniform(3)));
        break;
      default:
        report.set_sensitivity(random_.Uniform(2) == 0 ? v1::PRIVACY_TEAM : v1::PRIVACY_PROGRAMME);
        break;
    }
  }

  SeededRandom random_;
  RecordWriter<Report> writer_;
  std::vector<Operation> operations_;
};

TEST(MergePropertyTest, AnyOrderAndAnyRepetitionGiveTheSameBytes) {
  int with_conflicts = 0;
  int with_findings = 0;
  int voided = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    HistoryMaker maker(seed);
    std::vector<Operation> operations = maker.Make();
    // Some never arrive.
    if (seed % 3 == 0) {
      operations.erase(operations.begin() + maker.random().Uniform(operations.size()));
    }
    if (operations.empty()) continue;
    const v1::RecordState expected = MergeOperations(operations);
    with_conflicts += expected.conflicts_size() > 0;
    with_findings += expected.findings_size() > 0;
    voided += expected.voided();
    for (int round = 0; round < 4; ++round) {
      std::vector<Operation> shuffled = operations;
      const size_t repeats = maker.random().Uniform(4);
      for (size_t i = 0; i < repeats; ++i) {
        Operation again = operations[maker.random().Uniform(operations.size())];
        again.wire.set_device_seq(i + 100);
        shuffled.push_back(again);
      }
      Shuffle(shuffled, maker.random());
      ASSERT_EQ(MergeOperations(shuffled).SerializeAsString(), expected.SerializeAsString());
    }
  }
  // The histories are worth something.
  EXPECT_GT(with_conflicts, 50);
  EXPECT_GT(with_findings, 50);
  EXPECT_GT(voided, 20);
}

// The state of a creation, made from the record at hand, is the merge of the operation, and the
// record becomes the state's.
void ExpectStateIsTheMerge(const Operation& creation, const google::protobuf::Message& record) {
  const std::unique_ptr<google::protobuf::Message> at_hand(record.New());
  at_hand->CopyFrom(record);
  const v1::RecordState state = StateOfCreation(creation, at_hand.get());
  ASSERT_EQ(state.SerializeAsString(), MergeOperations({creation}).SerializeAsString());
  ASSERT_EQ(at_hand->SerializeAsString(), state.record());
}

TEST(MergePropertyTest, TheStateOfACreationIsItsMerge) {
  const std::vector<Author> authors = {testing::Collector(), testing::Lead(), testing::Officer(),
                                       testing::Administrator(), testing::Auditor()};
  int valid = 0;
  int with_findings = 0;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    HistoryMaker maker(seed);
    Report report = maker.MakeReport();
    if (maker.random().Uniform(2) == 0) report.DiscardUnknownFields();
    if (!ValidateRecord(report).ok()) continue;
    ++valid;
    RecordWriter<Report> writer;
    const Operation creation =
        writer.Create(authors[maker.random().Uniform(authors.size())], report);
    with_findings += MergeOperations({creation}).findings_size() > 0;
    ExpectStateIsTheMerge(creation, report);
  }
  EXPECT_GT(valid, 200);
  EXPECT_GT(with_findings, 50);
}

TEST(MergePropertyTest, TheStateOfAnyTypesCreationIsItsMerge) {
  const std::vector<Author> authors = {testing::Collector(), testing::Lead(), testing::Officer(),
                                       testing::Administrator(), testing::Auditor()};
  int valid = 0;
  SeededRandom random(1);
  for (const v1::RecordType type : AllRecordTypes()) {
    for (int round = 0; round < 100; ++round) {
      SCOPED_TRACE(absl::StrCat(RecordTypeName(type), " ", round));
      const std::unique_ptr<google::protobuf::Message> record = NewRecord(type);
      testing::FillRandomly(random, *record);
      if (!ValidateRecord(*record).ok()) continue;
      const std::string id = testing::TestId(IdPrefixOf(type), 1);
      const auto creation = BuildOperation(
          testing::StampFor(authors[random.Uniform(authors.size())], type, id, id, 7), nullptr,
          *record);
      if (!creation.ok()) continue;
      ++valid;
      ExpectStateIsTheMerge(testing::Parsed(creation), *record);
    }
  }
  EXPECT_GT(valid, 500);
}

// Of a record inside a record, some stays on the device too.
TEST(MergePropertyTest, TheStateOfAnOverrideIsItsMerge) {
  v1::Ruling ruling;
  ruling.set_kind(v1::RULING_KIND_OVERRIDE);
  ruling.add_report_ids(testing::TestId("rep", 1));
  ruling.mutable_override_values()->mutable_title()->set_text("The forum");
  ruling.mutable_override_values()->mutable_private_notes()->set_text("stays here");
  RecordWriter<v1::Ruling> writer;
  ExpectStateIsTheMerge(writer.Create(testing::Officer(), ruling), ruling);
}

// Erasing what a REDACT names, on some copies, at any time, changes nothing but the bytes.
TEST(MergePropertyTest, RedactionAndErasureCommute) {
  int erasures = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    HistoryMaker maker(seed);
    const std::vector<Operation> operations = maker.Make();
    const v1::RecordState expected = MergeOperations(operations);
    std::vector<Operation> erased = operations;
    for (const Operation& redaction : operations) {
      if (redaction.header.author_role() != v1::ROLE_ME_OFFICER) continue;
      for (const v1::Redaction& named : redaction.header.redactions()) {
        for (Operation& operation : erased) {
          if (operation.header.op_id() != named.op_id()) continue;
          v1::WireOperation wire = operation.wire;
          if (EraseParts(wire, {named.classes(0)})) ++erasures;
          operation = testing::Parsed(wire);
        }
      }
    }
    ASSERT_EQ(MergeOperations(erased).SerializeAsString(), expected.SerializeAsString());
    erased.insert(erased.end(), operations.begin(), operations.end());
    Shuffle(erased, maker.random());
    ASSERT_EQ(MergeOperations(erased).SerializeAsString(), expected.SerializeAsString());
  }
  EXPECT_GT(erasures, 20);
}

// Whoever may, and has seen everything, gets exactly what they typed, and leaves no conflict in
// what they set.
TEST(MergePropertyTest, AnEditOnTopOfEverythingStands) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    HistoryMaker maker(seed);
    std::vector<Operation> operations = maker.Make();
    RecordWriter<Report> writer;
    const v1::RecordState state = MergeOperations(operations);
    Report after = RecordIn<Report>(state);
    after.mutable_title()->set_text("settled " + std::to_string(seed));
    after.clear_narrative();
    after.mutable_participating_teams()->Clear();
    OperationStamp stamp = writer.NextStamp(testing::Collector(), state);
    stamp.op_id = testing::TestId("op", 5000);
    const Report before = RecordIn<Report>(state);
    operations.push_back(testing::Parsed(BuildOperation(stamp, &before, after)));
    Shuffle(operations, maker.random());
    const v1::RecordState merged = MergeOperations(operations);
    ASSERT_EQ(merged.record(), after.SerializeAsString());
    for (const v1::Conflict& conflict : merged.conflicts()) {
      EXPECT_NE(conflict.field(), "title");
    }
    EXPECT_EQ(merged.heads_size(), 1);
  }
}

// An operation that nobody may write changes findings, heads and counts, never values.
TEST(MergePropertyTest, WithoutAuthorityNoValueChanges) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    HistoryMaker maker(seed);
    std::vector<Operation> operations = maker.Make();
    RecordWriter<Report> writer;
    const v1::RecordState state = MergeOperations(operations);
    const Report before = RecordIn<Report>(state);
    Report after = before;
    after.mutable_title()->set_text("not theirs");
    after.mutable_void_mark()->set_voided(!state.voided());
    after.mutable_participating_teams()->Clear();
    OperationStamp stamp = writer.NextStamp(testing::Stranger(), state);
    stamp.op_id = testing::TestId("op", 5000);
    operations.push_back(testing::Parsed(BuildOperation(stamp, &before, after)));
    const v1::RecordState merged = MergeOperations(operations);
    ASSERT_EQ(merged.record(), state.record());
    ASSERT_EQ(merged.voided(), state.voided());
    EXPECT_EQ(merged.conflicts_size(), state.conflicts_size());
    EXPECT_GT(merged.findings_size(), state.findings_size());
  }
}

// With two operations under one id, which the server never lets in, the result still depends on the
// set alone.
TEST(MergePropertyTest, AReusedIdDoesNotDependOnOrder) {
  RecordWriter<Report> writer;
  Report first;
  first.mutable_title()->set_text("first");
  Report second;
  second.mutable_title()->set_text("second");
  const Operation a = writer.Create(testing::Collector(), first);
  const Operation b = writer.Create(testing::Collector(), second);
  EXPECT_EQ(MergeOperations({a, b}).SerializeAsString(),
            MergeOperations({b, a}).SerializeAsString());
  EXPECT_EQ(MergeOperations({a, b}).operation_count(), 1u);
}

}  // namespace
}  // namespace baraza
