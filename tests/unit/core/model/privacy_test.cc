#include "core/model/privacy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "baraza/v1/figure.pb.h"
#include "baraza/v1/session.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/model/schema_rules.h"
#include "tests/unit/core/model/operation_factory.h"

namespace baraza {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using testing::Collector;
using testing::FullReport;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RecordIn;
using testing::RecordWriter;
using testing::TestId;

constexpr v1::Privacy kClasses[] = {v1::PRIVACY_PUBLIC, v1::PRIVACY_PROGRAMME, v1::PRIVACY_TEAM};

// Puts a string that is found nowhere else into every string of a message, and notes its class. The
// classes are worked out here on their own, straight from the options.
class Canaries {
 public:
  void Plant(Message& message, v1::Privacy inherited, int depth = 0) {
    const Descriptor* descriptor = message.GetDescriptor();
    const Reflection* reflection = message.GetReflection();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* field = descriptor->field(i);
      v1::Privacy privacy = field->options().GetExtension(v1::privacy);
      if (privacy == v1::PRIVACY_UNSPECIFIED) privacy = inherited;
      // One inside a stricter one is never seen without it.
      const v1::Privacy effective = std::max(privacy, inherited_floor_);
      // Members of a union displace one another.
      if (field->real_containing_oneof() != nullptr &&
          reflection->HasOneof(message, field->real_containing_oneof())) {
        continue;
      }
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        const std::string canary = "canary-" + std::to_string(++count_) + "-";
        classes_[canary] = effective;
        if (field->is_repeated()) {
          reflection->AddString(&message, field, canary);
        } else {
          reflection->SetString(&message, field, canary);
        }
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && depth < 4) {
        const v1::Privacy outer = inherited_floor_;
        inherited_floor_ = effective;
        Plant(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                   : *reflection->MutableMessage(&message, field),
              privacy, depth + 1);
        inherited_floor_ = outer;
      }
    }
  }

  const std::map<std::string, v1::Privacy>& classes() const { return classes_; }

 private:
  int count_ = 0;
  v1::Privacy inherited_floor_ = v1::PRIVACY_PUBLIC;
  std::map<std::string, v1::Privacy> classes_;
};

TEST(FilterMessageTest, EveryStringOfEveryRecordKeepsItsClass) {
  for (const v1::RecordType type : AllRecordTypes()) {
    for (const v1::Privacy greatest : kClasses) {
      const std::unique_ptr<Message> record = NewRecord(type);
      Canaries canaries;
      canaries.Plant(*record, v1::PRIVACY_PROGRAMME);
      ASSERT_GT(canaries.classes().size(), 2u);
      FilterMessage(*record, greatest);
      const std::string bytes = record->SerializeAsString();
      for (const auto& [canary, privacy] : canaries.classes()) {
        EXPECT_EQ(bytes.find(canary) != std::string::npos, privacy <= greatest)
            << v1::RecordType_Name(type) << " " << v1::Privacy_Name(greatest) << " "
            << v1::Privacy_Name(privacy) << " " << canary;
      }
    }
  }
}

TEST(FilterMessageTest, AnswersWithoutClassesAreForTheProgramme) {
  for (const v1::Privacy greatest : kClasses) {
    v1::Session session;
    Canaries canaries;
    canaries.Plant(session, v1::PRIVACY_PROGRAMME);
    FilterMessage(session, greatest);
    const std::string bytes = session.SerializeAsString();
    for (const auto& [canary, privacy] : canaries.classes()) {
      EXPECT_EQ(bytes.find(canary) != std::string::npos, privacy <= greatest) << canary;
    }
  }
  v1::Figure figure;
  figure.set_value(14);
  figure.add_claims()->set_source_id(TestId("src", 1));
  figure.mutable_qualitative()->add_individual_successes()->set_text("a name");
  figure.mutable_qualitative()->set_attendances(3);
  v1::Figure programme = figure;
  FilterMessage(programme, v1::PRIVACY_PROGRAMME);
  EXPECT_TRUE(programme.claims().empty());
  EXPECT_TRUE(programme.qualitative().individual_successes().empty());
  EXPECT_EQ(programme.qualitative().attendances(), 3u);
  FilterMessage(figure, v1::PRIVACY_PUBLIC);
  EXPECT_EQ(figure.value(), 14u);
  EXPECT_FALSE(figure.has_qualitative());
}

TEST(FilterMessageTest, UnknownFieldsAreDroppedAtEveryDepth) {
  v1::SessionReport report = FullReport();
  report.GetReflection()->MutableUnknownFields(&report)->AddLengthDelimited(900, "unknown-outer");
  v1::LocalText* title = report.mutable_title();
  title->GetReflection()->MutableUnknownFields(title)->AddLengthDelimited(9, "unknown-inner");
  v1::ParticipatingTeam* team = report.mutable_participating_teams(0);
  team->GetReflection()->MutableUnknownFields(team)->AddLengthDelimited(9, "unknown-item");
  FilterMessage(report, v1::PRIVACY_TEAM);
  EXPECT_THAT(report.SerializeAsString(), Not(HasSubstr("unknown-")));
  EXPECT_EQ(report.title().text(), "Coast forum");
  EXPECT_FALSE(report.has_private_notes());
}

TEST(FilterMessageTest, SensitivityMakesARecordStricter) {
  v1::SessionReport report = FullReport();
  EXPECT_FALSE(IsSensitive(report));
  report.set_sensitivity(v1::PRIVACY_PROGRAMME);
  EXPECT_FALSE(IsSensitive(report));
  report.set_sensitivity(v1::PRIVACY_TEAM);
  EXPECT_TRUE(IsSensitive(report));
  v1::SessionReport programme = report;
  FilterMessage(programme, v1::PRIVACY_PROGRAMME);
  EXPECT_EQ(programme.SerializeAsString(), "");
  v1::SessionReport team = report;
  FilterMessage(team, v1::PRIVACY_TEAM);
  EXPECT_EQ(team.title().text(), "Coast forum");
  // It never makes one less strict.
  report.set_sensitivity(v1::PRIVACY_PUBLIC);
  FilterMessage(report, v1::PRIVACY_PROGRAMME);
  EXPECT_FALSE(report.has_narrative());
  EXPECT_TRUE(report.has_title());
  // Inside another message it is the inner one that goes.
  v1::Record record;
  *record.mutable_session_report() = FullReport();
  record.mutable_session_report()->set_sensitivity(v1::PRIVACY_TEAM);
  FilterMessage(record, v1::PRIVACY_PROGRAMME);
  EXPECT_EQ(record.session_report().SerializeAsString(), "");
  // A class of a newer schema is taken as strict.
  report.set_sensitivity(static_cast<v1::Privacy>(9));
  EXPECT_TRUE(IsSensitive(report));
}

TEST(FilterMessageTest, SensitiveElementsGoWhole) {
  v1::SessionReport report = FullReport();
  v1::MeansOfVerification* agenda = report.add_means_of_verification();
  agenda->set_element_id("age");
  FilterMessage(report, v1::PRIVACY_PROGRAMME);
  ASSERT_EQ(report.means_of_verification_size(), 2);
  EXPECT_EQ(report.means_of_verification(0).element_id(), "min");
  EXPECT_EQ(report.means_of_verification(1).element_id(), "age");
}

TEST(FilterMessageTest, SeesIntoSerializedRecords) {
  RecordWriter<v1::SessionReport> writer;
  const Operation created = writer.Create(Collector(), FullReport());
  const v1::RecordState base = MergeOperations({created});
  v1::SessionReport left = RecordIn<v1::SessionReport>(base);
  left.mutable_narrative()->set_text("left secret");
  left.mutable_title()->set_text("left title");
  v1::SessionReport right = left;
  right.mutable_narrative()->set_text("right secret");
  right.mutable_title()->set_text("right title");
  v1::RecordState state = MergeOperations({created, writer.Edit(Collector(), {created}, left),
                                           writer.Edit(testing::Lead(), {created}, right)});
  ASSERT_EQ(state.conflicts_size(), 2);
  v1::RecordState team = state;
  FilterMessage(team, v1::PRIVACY_TEAM);
  EXPECT_EQ(team.conflicts_size(), 2);
  EXPECT_THAT(team.SerializeAsString(), HasSubstr("left secret"));
  FilterMessage(state, v1::PRIVACY_PROGRAMME);
  EXPECT_THAT(state.SerializeAsString(), Not(HasSubstr("secret")));
  EXPECT_THAT(state.SerializeAsString(), HasSubstr("left title"));
  EXPECT_THAT(state.SerializeAsString(), HasSubstr("right title"));
  EXPECT_EQ(state.conflicts_size(), 1);
  FilterMessage(state, v1::PRIVACY_PUBLIC);
  EXPECT_THAT(state.SerializeAsString(), Not(HasSubstr("title")));

  // A feed item is bytes, in which an operation is bytes, in which records are.
  v1::FeedPayload payload;
  *payload.mutable_operation() = created.wire;
  v1::FeedItem item;
  item.set_payload(payload.SerializeAsString());
  EXPECT_THAT(item.payload(), HasSubstr("We met in the hall"));
  FilterMessage(item, v1::PRIVACY_PROGRAMME);
  EXPECT_THAT(item.payload(), Not(HasSubstr("We met in the hall")));
  EXPECT_THAT(item.payload(), HasSubstr("Coast forum"));
  v1::FeedRecord record;
  record.set_type(v1::RECORD_TYPE_SESSION_REPORT);
  record.set_record(FullReport().SerializeAsString());
  FilterMessage(record, v1::PRIVACY_PROGRAMME);
  EXPECT_THAT(record.record(), Not(HasSubstr("We met in the hall")));
  EXPECT_THAT(record.record(), HasSubstr("Coast forum"));
  // What cannot be judged is not shown.
  record.set_type(static_cast<v1::RecordType>(99));
  FilterMessage(record, v1::PRIVACY_TEAM);
  EXPECT_EQ(record.record(), "");
}

TEST(FilterMessageTest, ConflictsOfASensitiveRecordGoToo) {
  RecordWriter<v1::SessionReport> writer;
  v1::SessionReport report = FullReport();
  report.set_sensitivity(v1::PRIVACY_TEAM);
  const Operation created = writer.Create(Collector(), report);
  v1::SessionReport left = RecordIn<v1::SessionReport>(MergeOperations({created}));
  left.mutable_title()->set_text("left title");
  v1::SessionReport right = left;
  right.mutable_title()->set_text("right title");
  v1::RecordState state = MergeOperations({created, writer.Edit(Collector(), {created}, left),
                                           writer.Edit(testing::Lead(), {created}, right)});
  ASSERT_EQ(state.conflicts_size(), 1);
  FilterMessage(state, v1::PRIVACY_PROGRAMME);
  EXPECT_THAT(state.SerializeAsString(), Not(HasSubstr("title")));
}

TEST(FilterPartsTest, LeavesOutWholePartsAndTouchesNothingElse) {
  RecordWriter<v1::SessionReport> writer;
  const v1::WireOperation wire = writer.Create(Collector(), FullReport()).wire;
  const v1::WireOperation programme = FilterParts(wire, v1::PRIVACY_PROGRAMME);
  ASSERT_EQ(programme.parts_size(), 1);
  EXPECT_EQ(programme.parts(0).SerializeAsString(), wire.parts(0).SerializeAsString());
  EXPECT_EQ(programme.header(), wire.header());
  EXPECT_EQ(FilterParts(wire, v1::PRIVACY_TEAM).SerializeAsString(), wire.SerializeAsString());
  EXPECT_EQ(FilterParts(wire, v1::PRIVACY_PUBLIC).parts_size(), 0);
  v1::WireOperation unclassified = wire;
  unclassified.mutable_parts(0)->clear_privacy();
  EXPECT_EQ(FilterParts(unclassified, v1::PRIVACY_TEAM).parts_size(), 1);
}

TEST(GreatestClassForTest, RolesAndScopes) {
  const std::string team = TestId("tem", 1);
  const std::string organisation = TestId("org", 1);
  const auto greatest = [&](v1::Role role, const std::string& scope, const std::string& own_team) {
    Viewer viewer;
    viewer.role = role;
    viewer.team_id = own_team;
    if (scope == "programme") viewer.scope.set_programme(true);
    if (scope == "no programme") viewer.scope.set_programme(false);
    if (scope.substr(0, 3) == "tem") viewer.scope.set_team_id(scope);
    if (scope.substr(0, 3) == "org") viewer.scope.set_organisation_id(scope);
    return GreatestClassFor(viewer, team, organisation);
  };
  const std::string other_team = TestId("tem", 2);
  EXPECT_EQ(GreatestClassFor(Viewer(), team, organisation), v1::PRIVACY_PUBLIC);
  EXPECT_EQ(greatest(static_cast<v1::Role>(77), "programme", team), v1::PRIVACY_PUBLIC);
  for (const v1::Role role : {v1::ROLE_COLLECTOR, v1::ROLE_TEAM_LEAD}) {
    EXPECT_EQ(greatest(role, "", team), v1::PRIVACY_TEAM);
    EXPECT_EQ(greatest(role, "programme", other_team), v1::PRIVACY_PROGRAMME);
    EXPECT_EQ(greatest(role, "", ""), v1::PRIVACY_PROGRAMME);
  }
  for (const v1::Role role : {v1::ROLE_ME_OFFICER, v1::ROLE_ADMINISTRATOR, v1::ROLE_AUDITOR}) {
    EXPECT_EQ(greatest(role, "programme", ""), v1::PRIVACY_TEAM);
    EXPECT_EQ(greatest(role, organisation, ""), v1::PRIVACY_TEAM);
    EXPECT_EQ(greatest(role, team, ""), v1::PRIVACY_TEAM);
    EXPECT_EQ(greatest(role, "no programme", team), v1::PRIVACY_PROGRAMME);
    EXPECT_EQ(greatest(role, TestId("org", 2), team), v1::PRIVACY_PROGRAMME);
    EXPECT_EQ(greatest(role, other_team, team), v1::PRIVACY_PROGRAMME);
    EXPECT_EQ(greatest(role, "", team), v1::PRIVACY_PROGRAMME);
  }
  // What nobody owns is nobody's own.
  Viewer teamless;
  teamless.role = v1::ROLE_COLLECTOR;
  EXPECT_EQ(GreatestClassFor(teamless, "", ""), v1::PRIVACY_PROGRAMME);
  teamless.role = v1::ROLE_ME_OFFICER;
  teamless.scope.set_team_id("");
  EXPECT_EQ(GreatestClassFor(teamless, "", ""), v1::PRIVACY_PROGRAMME);
}

TEST(FilterRecordBytesTest, RefusesWhatItCannotJudge) {
  EXPECT_FALSE(FilterRecordBytes(static_cast<v1::RecordType>(99), "", v1::PRIVACY_TEAM).ok());
  EXPECT_FALSE(FilterRecordBytes(v1::RECORD_TYPE_TEAM, "\xff", v1::PRIVACY_TEAM).ok());
}

}  // namespace
}  // namespace baraza
