// A word is planted in every field of every record; what comes down to whom is searched for it.

#include "core/model/privacy.h"

#include "absl/strings/match.h"
#include "baraza/v1/options.pb.h"
#include "core/model/record_types.h"
#include "tests/scenarios/scenario_test.h"

namespace baraza::testing {
namespace {

using PrivacyTest = ScenarioTest;

std::string Canary(const google::protobuf::FieldDescriptor& field) {
  return absl::StrCat("canary-", field.containing_type()->name(), "-", field.name());
}

// Writes canaries into the texts of a report or source, whatever their class.
void PlantCanaries(google::protobuf::Message& message) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto* field = message.GetDescriptor()->field(i);
    if (field->options().GetExtension(v1::merge) == v1::MERGE_RULE_DERIVED) continue;
    if (field->options().HasExtension(v1::refers_to)) continue;
    if (field->type() == google::protobuf::FieldDescriptor::TYPE_MESSAGE) {
      if (field->message_type() != v1::LocalText::descriptor()) continue;
      auto* text = field->is_repeated() ? reflection->AddMessage(&message, field)
                                        : reflection->MutableMessage(&message, field);
      static_cast<v1::LocalText*>(text)->set_text(Canary(*field));
    }
  }
}

TEST_F(PrivacyTest, NothingIsSentToWhomItIsNotFor) {
  World world(NewDirectory());
  Phone& author = world.AddPhone("author", "pwani");
  Phone& colleague = world.AddPhone("colleague", "pwani");
  Phone& stranger = world.AddPhone("stranger", "sahel");

  v1::Record source_record;
  v1::Source& source = *source_record.mutable_source();
  PlantCanaries(source);
  source.set_kind(v1::SOURCE_KIND_KEY_INFORMANT_INTERVIEW);
  source.set_informant_name("canary-Source-informant_name");
  source.set_informant_contact("canary-Source-informant_contact");
  source.set_informant_reference("canary-Source-informant_reference");
  const std::string source_id = Captured(author, source_record);

  v1::Record report_record = CountingReport(world, "x", "2026-07-07", {"sahel"});
  v1::SessionReport& report = *report_record.mutable_session_report();
  PlantCanaries(report);
  v1::Citation& citation = *report.add_citations();
  citation.set_element_id("c1");
  citation.set_source_id(source_id);
  citation.mutable_passage()->set_text("canary-SessionReport-citations");
  Captured(author, report_record);

  // The stranger reports the same session, so that its consolidated state comes down to it.
  v1::Record same = CountingReport(world, report.title().text(), "2026-07-07", {"pwani"});
  const std::string theirs = Captured(stranger, same);
  world.SyncAll();
  world.SyncAll();
  auto session = stranger.client().GetSession(theirs);
  ASSERT_TRUE(session.ok()) << session.status();
  ASSERT_EQ(session->members_size(), 2) << "the two reports must be one session for this test";

  int classes_seen[5] = {};
  for (const google::protobuf::Message* message :
       {static_cast<const google::protobuf::Message*>(&source),
        static_cast<const google::protobuf::Message*>(&report)}) {
    for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
      const auto* field = message->GetDescriptor()->field(i);
      const std::string canary = Canary(*field);
      const v1::Privacy privacy = field->options().GetExtension(v1::privacy);
      const bool planted = absl::StrContains(message->SerializeAsString(), canary);
      if (!planted) continue;
      ++classes_seen[privacy];
      SCOPED_TRACE(canary);
      if (privacy == v1::PRIVACY_DEVICE) {
        EXPECT_FALSE(absl::StrContains(author.sent(), canary)) << "left the phone";
        EXPECT_FALSE(absl::StrContains(colleague.received(), canary));
      } else {
        EXPECT_TRUE(absl::StrContains(author.sent(), canary));
        EXPECT_TRUE(absl::StrContains(colleague.received(), canary)) << "kept from the own team";
      }
      if (privacy >= v1::PRIVACY_TEAM) {
        EXPECT_FALSE(absl::StrContains(stranger.received(), canary)) << "sent to another team";
      }
    }
  }
  EXPECT_GT(classes_seen[v1::PRIVACY_PROGRAMME], 5);
  EXPECT_GT(classes_seen[v1::PRIVACY_TEAM], 2);
  EXPECT_GT(classes_seen[v1::PRIVACY_DEVICE], 2);
}

TEST_F(PrivacyTest, ASensitiveReportReachesNoOtherTeam) {
  World world(NewDirectory());
  Phone& author = world.AddPhone("author", "pwani");
  Phone& stranger = world.AddPhone("stranger", "sahel");
  v1::Record record = CountingReport(world, "canary-title", "2026-07-07", {"sahel"});
  record.mutable_session_report()->set_sensitivity(v1::PRIVACY_TEAM);
  record.mutable_session_report()->mutable_venue()->set_name("canary-venue");
  record.mutable_session_report()->add_topics()->set_text("canary-topic");
  Captured(author, record);
  Captured(stranger, CountingReport(world, "canary-title", "2026-07-07", {"pwani"}));
  world.SyncAll();
  world.SyncAll();
  EXPECT_EQ(world.Figure().value(), 1u);
  EXPECT_FALSE(absl::StrContains(stranger.received(), "canary-venue"));
  EXPECT_FALSE(absl::StrContains(stranger.received(), "canary-topic"));
  EXPECT_TRUE(absl::StrContains(author.sent(), "canary-venue"));
}

TEST_F(PrivacyTest, ARedactedPassageIsGoneFromServerAndPhones) {
  World world(NewDirectory());
  Phone& author = world.AddPhone("author", "pwani");
  Phone& colleague = world.AddPhone("colleague", "pwani");
  v1::Record record;
  record.mutable_source()->set_kind(v1::SOURCE_KIND_KEY_INFORMANT_INTERVIEW);
  record.mutable_source()->mutable_notes()->set_text("canary-consent-withdrawn");
  record.mutable_source()->set_language("en");
  const std::string id = Captured(author, record);
  world.SyncAll();
  auto before = colleague.client().Get(id);
  ASSERT_TRUE(before.ok());
  EXPECT_EQ(before->record().source().notes().text(), "canary-consent-withdrawn");

  v1::Redaction redaction;
  redaction.set_op_id(id);
  redaction.add_classes(v1::PRIVACY_TEAM);
  absl::StatusOr<server::Desk::Outcome> outcome = absl::UnknownError("not answered");
  world.desk().Redact(
      world.office(), id, {redaction}, "",
      [&](absl::StatusOr<server::Desk::Outcome> done) { outcome = std::move(done); });
  world.Settle();
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  world.SyncAll();
  for (Phone* phone : {&author, &colleague}) {
    auto after = phone->client().Get(id);
    ASSERT_TRUE(after.ok()) << after.status();
    EXPECT_FALSE(after->record().source().has_notes());
    EXPECT_EQ(after->record().source().language(), "en");
    EXPECT_FALSE(absl::StrContains(after->SerializeAsString(), "canary-consent-withdrawn"));
  }
  auto operations = world.store().OperationsOf(id);
  ASSERT_TRUE(operations.ok());
  for (const Operation& operation : *operations) {
    EXPECT_FALSE(absl::StrContains(operation.wire.SerializeAsString(), "canary-consent-withdrawn"));
  }
}

}  // namespace
}  // namespace baraza::testing
