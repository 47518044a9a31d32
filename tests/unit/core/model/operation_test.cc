#include "core/model/operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/model/limits.h"
#include "tests/unit/core/model/operation_factory.h"

namespace baraza {
namespace {

using testing::Collector;
using ::testing::ElementsAre;
using testing::FullReport;
using ::testing::HasSubstr;
using testing::Officer;
using testing::RecordWriter;
using testing::StampFor;
using testing::TestId;

std::vector<v1::Privacy> ClassesOf(const Operation& operation) {
  std::vector<v1::Privacy> classes;
  for (const v1::Part& part : operation.wire.parts()) classes.push_back(part.privacy());
  return classes;
}

v1::SessionReport RecordOfPart(const Operation& operation, v1::Privacy privacy) {
  v1::SessionReport report;
  for (const PartDelta& part : operation.deltas) {
    if (part.privacy == privacy) {
      EXPECT_TRUE(report.ParseFromString(part.delta.record()));
    }
  }
  return report;
}

TEST(BuildOperationTest, PutsEachFieldIntoThePartOfItsClass) {
  RecordWriter<v1::SessionReport> writer;
  const Operation created = writer.Create(Collector(), FullReport());
  EXPECT_THAT(ClassesOf(created), ElementsAre(v1::PRIVACY_PROGRAMME, v1::PRIVACY_TEAM));
  const v1::SessionReport programme = RecordOfPart(created, v1::PRIVACY_PROGRAMME);
  EXPECT_EQ(programme.title().text(), "Coast forum");
  EXPECT_FALSE(programme.has_review());
  EXPECT_FALSE(programme.has_narrative());
  ASSERT_EQ(programme.means_of_verification_size(), 1);
  EXPECT_EQ(programme.means_of_verification(0).element_id(), "min");
  const v1::SessionReport team = RecordOfPart(created, v1::PRIVACY_TEAM);
  EXPECT_TRUE(team.has_review());
  ASSERT_EQ(team.means_of_verification_size(), 1);
  EXPECT_EQ(team.means_of_verification(0).element_id(), "pho");
  // What stays on the device is nowhere in the bytes.
  EXPECT_THAT(created.wire.SerializeAsString(), ::testing::Not(HasSubstr("stays here")));
}

TEST(BuildOperationTest, SensitivityRaisesEveryField) {
  RecordWriter<v1::SessionReport> writer;
  v1::SessionReport report = FullReport();
  report.set_sensitivity(v1::PRIVACY_TEAM);
  EXPECT_THAT(ClassesOf(writer.Create(Collector(), report)), ElementsAre(v1::PRIVACY_TEAM));
  report.set_sensitivity(v1::PRIVACY_DEVICE);
  EXPECT_EQ(BuildOperation(
                StampFor(Collector(), writer.type(), writer.record_id(), writer.record_id(), 1),
                nullptr, report)
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(BuildOperationTest, CarriesJustWhatChanges) {
  RecordWriter<v1::SessionReport> writer;
  const Operation created = writer.Create(Collector(), FullReport());
  v1::SessionReport after = FullReport();
  after.mutable_title()->set_text("Coast forum, second day");
  after.clear_held_status();
  after.mutable_participating_teams()->Clear();
  const Operation edit = writer.Edit(Collector(), {created}, after);
  ASSERT_EQ(edit.deltas.size(), 1u);
  const v1::Delta& delta = edit.deltas[0].delta;
  v1::SessionReport changed;
  ASSERT_TRUE(changed.ParseFromString(delta.record()));
  v1::SessionReport expected;
  *expected.mutable_title() = after.title();
  EXPECT_EQ(changed.SerializeAsString(), expected.SerializeAsString());
  EXPECT_THAT(delta.cleared_fields(), ElementsAre(11u));
  ASSERT_EQ(delta.removed_elements_size(), 1);
  EXPECT_EQ(delta.removed_elements(0).field_number(), 21u);
  EXPECT_EQ(delta.removed_elements(0).element_id(), "a");
}

TEST(BuildOperationTest, RefusesWhatCannotBe) {
  RecordWriter<v1::SessionReport> writer;
  const v1::SessionReport report = FullReport();
  const auto stamp = StampFor(Collector(), writer.type(), writer.record_id(), TestId("op", 1), 2,
                              {writer.record_id()});
  EXPECT_EQ(BuildOperation(stamp, &report, report).status().code(),
            absl::StatusCode::kFailedPrecondition);
  // A new record under an edit's id, and an edit under the record's.
  EXPECT_EQ(BuildOperation(stamp, nullptr, report).status().code(),
            absl::StatusCode::kInvalidArgument);
  auto as_creation = stamp;
  as_creation.op_id = writer.record_id();
  EXPECT_EQ(BuildOperation(as_creation, &report, report).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(BuildOperation(stamp, &report, v1::Team()).status().code(),
            absl::StatusCode::kInvalidArgument);
  v1::SessionReport twice = report;
  *twice.add_participating_teams() = report.participating_teams(0);
  EXPECT_THAT(std::string(BuildOperation(stamp, &report, twice).status().message()),
              HasSubstr("participating_teams.element_id"));
  v1::SessionReport huge = report;
  huge.mutable_narrative()->set_text(std::string(kMaxOperationBytes, 'x'));
  EXPECT_EQ(BuildOperation(stamp, &report, huge).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(BuildOperationTest, ImmutableFieldsCannotBeEdited) {
  RecordWriter<v1::Ruling> writer;
  v1::Ruling ruling;
  ruling.set_kind(v1::RULING_KIND_SAME);
  ruling.add_report_ids(TestId("rep", 1));
  ruling.add_report_ids(TestId("rep", 2));
  const v1::RecordState state = MergeOperations({writer.Create(Officer(), ruling)});
  v1::Ruling before = testing::RecordIn<v1::Ruling>(state);
  v1::Ruling after = before;
  after.set_kind(v1::RULING_KIND_DIFFERENT);
  const auto stamp = writer.NextStamp(Officer(), state);
  EXPECT_THAT(std::string(BuildOperation(stamp, &before, after).status().message()),
              HasSubstr("kind"));
  after = before;
  after.mutable_void_mark()->set_voided(true);
  EXPECT_TRUE(BuildOperation(stamp, &before, after).ok());
}

TEST(BuildOperationTest, AnOverridesDeviceFieldsStayBehind) {
  RecordWriter<v1::Ruling> writer;
  v1::Ruling ruling;
  ruling.set_kind(v1::RULING_KIND_OVERRIDE);
  ruling.add_report_ids(TestId("rep", 1));
  ruling.mutable_override_values()->mutable_title()->set_text("The forum");
  ruling.mutable_override_values()->mutable_private_notes()->set_text("stays here");
  const Operation created = writer.Create(Officer(), ruling);
  EXPECT_THAT(created.wire.SerializeAsString(), ::testing::Not(HasSubstr("stays here")));
  EXPECT_THAT(created.wire.SerializeAsString(), HasSubstr("The forum"));
}

TEST(BuildOperationTest, ParentsAreSortedAndBounded) {
  RecordWriter<v1::SessionReport> writer;
  std::vector<std::string> heads;
  for (int i = 100; i > 0; --i) heads.push_back(TestId("op", i));
  heads.push_back(TestId("op", 50));
  v1::SessionReport before;
  const auto wire = BuildOperation(
      StampFor(Collector(), writer.type(), writer.record_id(), TestId("op", 200), 9, heads),
      &before, FullReport());
  const Operation operation = testing::Parsed(wire);
  ASSERT_EQ(operation.header.parent_op_ids_size(), kMaxParents);
  EXPECT_EQ(operation.header.parent_op_ids(0), TestId("op", 37));
  EXPECT_EQ(operation.header.parent_op_ids(63), TestId("op", 100));
}

TEST(OperationHashTest, IsOverHeaderAndPartsOnly) {
  RecordWriter<v1::SessionReport> writer;
  const Operation created = writer.Create(Collector(), FullReport());
  v1::WireOperation restamped = created.wire;
  restamped.set_device_seq(42);
  EXPECT_EQ(OperationHash(restamped), created.hash);

  v1::WireOperation other = created.wire;
  other.mutable_header()->append("x");
  EXPECT_NE(OperationHash(other), created.hash);
  other = created.wire;
  other.mutable_parts(0)->mutable_delta()->append("x");
  EXPECT_NE(OperationHash(other), created.hash);
  other = created.wire;
  other.mutable_parts(1)->set_privacy(v1::PRIVACY_DEVICE);
  EXPECT_NE(OperationHash(other), created.hash);
  other = created.wire;
  other.mutable_parts()->RemoveLast();
  EXPECT_NE(OperationHash(other), created.hash);
}

TEST(OperationHashTest, ErasingAPartKeepsIt) {
  RecordWriter<v1::SessionReport> writer;
  const Operation created = writer.Create(Collector(), FullReport());
  v1::WireOperation erased = created.wire;
  EXPECT_TRUE(EraseParts(erased, {v1::PRIVACY_TEAM}));
  EXPECT_FALSE(EraseParts(erased, {v1::PRIVACY_TEAM}));
  EXPECT_EQ(OperationHash(erased), created.hash);
  EXPECT_THAT(erased.SerializeAsString(), ::testing::Not(HasSubstr("We met in the hall")));
  const auto parsed = ParseOperation(erased);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->deltas.size(), 1u);
}

TEST(OperationHashTest, IsAConstantOfTheProtocol) {
  v1::WireOperation wire;
  wire.set_header("header");
  v1::Part* part = wire.add_parts();
  part->set_privacy(v1::PRIVACY_PROGRAMME);
  part->set_delta("delta");
  const std::string summary =
      std::string(Sha256("header").AsBytes()) + '\x02' + std::string(Sha256("delta").AsBytes());
  EXPECT_EQ(OperationHash(wire), Sha256(summary));
}

TEST(ParseOperationTest, NamesWhatIsWrong) {
  RecordWriter<v1::SessionReport> writer;
  const v1::WireOperation good = writer.Create(Collector(), FullReport()).wire;
  const auto error = [](const v1::WireOperation& wire) {
    return std::string(ParseOperation(wire).status().message());
  };
  v1::WireOperation wire = good;
  wire.clear_header();
  EXPECT_THAT(error(wire), HasSubstr("header"));
  wire = good;
  wire.mutable_header()->resize(wire.header().size() - 3);
  EXPECT_THAT(error(wire), HasSubstr("header: expected a serialized message"));
  wire = good;
  wire.mutable_parts()->SwapElements(0, 1);
  EXPECT_THAT(error(wire), HasSubstr("ascending"));
  wire = good;
  wire.mutable_parts(1)->set_privacy(v1::PRIVACY_PROGRAMME);
  EXPECT_THAT(error(wire), HasSubstr("ascending"));
  wire = good;
  wire.mutable_parts(1)->set_privacy(v1::PRIVACY_DEVICE);
  EXPECT_THAT(error(wire), HasSubstr("PUBLIC, PROGRAMME or TEAM"));
  wire = good;
  wire.mutable_parts(1)->clear_delta();
  EXPECT_THAT(error(wire), HasSubstr("neither"));
  wire = good;
  wire.mutable_parts(1)->set_redacted_sha256("short");
  EXPECT_THAT(error(wire), HasSubstr("both"));
  wire.mutable_parts(1)->clear_delta();
  EXPECT_THAT(error(wire), HasSubstr("32 bytes"));
  wire = good;
  wire.mutable_parts(1)->mutable_delta()->append(std::string(kMaxOperationBytes, 'x'));
  EXPECT_THAT(error(wire), HasSubstr("at most 65536 bytes"));
}

TEST(BuildRedactionTest, NamesPartsAndHasNone) {
  RecordWriter<v1::SessionReport> writer;
  const Operation created = writer.Create(Collector(), FullReport());
  const Operation redaction =
      writer.Redact(Officer(), {created}, created.header.op_id(), {v1::PRIVACY_TEAM});
  EXPECT_TRUE(redaction.wire.parts().empty());
  ASSERT_EQ(redaction.header.redactions_size(), 1);
  const auto stamp = writer.NextStamp(Officer(), MergeOperations({created}));
  EXPECT_FALSE(BuildRedaction(stamp, {}).ok());
  v1::Redaction device;
  device.set_op_id(created.header.op_id());
  EXPECT_FALSE(BuildRedaction(stamp, {device}).ok());
  device.add_classes(v1::PRIVACY_DEVICE);
  EXPECT_FALSE(BuildRedaction(stamp, {device}).ok());
}

}  // namespace
}  // namespace baraza
