#include "core/model/schema_rules.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/model/record_types.h"
#include "google/protobuf/descriptor.pb.h"

namespace baraza {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::vector<const Descriptor*> Records() {
  std::vector<const Descriptor*> records;
  for (const v1::RecordType type : AllRecordTypes()) records.push_back(RecordDescriptor(type));
  return records;
}

// The fields of a record that break the rules of options.proto; a function, so that the rules can
// be shown to have power.
std::vector<std::string> Breaches(const Descriptor& record) {
  std::vector<std::string> breaches;
  for (int i = 0; i < record.field_count(); ++i) {
    const FieldDescriptor* field = record.field(i);
    const auto breach = [&](const char* what) {
      breaches.push_back(field->full_name() + ": " + what);
    };
    const v1::Privacy privacy = field->options().GetExtension(v1::privacy);
    const v1::MergeRule merge = field->options().GetExtension(v1::merge);
    if (privacy == v1::PRIVACY_UNSPECIFIED) breach("no privacy class");
    if (!field->is_repeated() && !field->has_presence() && merge != v1::MERGE_RULE_DERIVED) {
      breach("no presence: set and cleared could not be told apart");
    }
    if (field->is_map()) breach("a map has no canonical bytes");
    if (merge == v1::MERGE_RULE_DERIVED && field->name() != "id" && field->name() != "team_id" &&
        field->name() != "author_id") {
      breach("derived, but nothing derives it");
    }
    if (merge == v1::MERGE_RULE_ELEMENTS &&
        (!field->is_repeated() || field->message_type() == nullptr ||
         field->message_type()->FindFieldByName("element_id") == nullptr)) {
      breach("elements without element_id");
    }
  }
  return breaches;
}

TEST(SchemaRulesTest, EveryFieldOfARecordSaysWhoMaySeeItAndHowItMerges) {
  for (const Descriptor* record : Records()) {
    EXPECT_EQ(Breaches(*record), std::vector<std::string>()) << record->full_name();
  }
  // Messages that are no records break them.
  EXPECT_FALSE(Breaches(*v1::LocalText::descriptor()).empty());
  EXPECT_FALSE(Breaches(*v1::RecordState::descriptor()).empty());
}

TEST(SchemaRulesTest, EveryRecordHasIdVoidMarkAndSensitivity) {
  for (const Descriptor* record : Records()) {
    ASSERT_NE(record->FindFieldByNumber(3), nullptr) << record->full_name();
    EXPECT_EQ(record->FindFieldByNumber(1)->name(), "id");
    EXPECT_EQ(record->FindFieldByNumber(2)->message_type(), v1::VoidMark::descriptor());
    EXPECT_EQ(RulesOf(record).sensitivity, record->FindFieldByNumber(3));
  }
}

TEST(SchemaRulesTest, EveryConstraintNamesAFieldOfTheSchema) {
  const google::protobuf::DescriptorPool* pool = google::protobuf::DescriptorPool::generated_pool();
  for (const std::string& name : ConstrainedFieldNames()) {
    EXPECT_NE(pool->FindFieldByName(name), nullptr) << name;
  }
}

TEST(SchemaRulesTest, EveryReferenceNamesAKnownPrefix) {
  for (const Descriptor* record : Records()) {
    for (const FieldRules& rules : RulesOf(record).fields) {
      if (!rules.field->options().HasExtension(v1::refers_to)) continue;
      bool known = false;
      for (const v1::RecordType type : AllRecordTypes()) {
        known = known || IdPrefixOf(type) == rules.id_prefix;
      }
      EXPECT_TRUE(known) << rules.field->full_name();
    }
  }
}

TEST(SchemaRulesTest, ReadsOptionsOffTheSchema) {
  const MessageRules* report = RulesOfType(v1::RECORD_TYPE_SESSION_REPORT);
  ASSERT_NE(report, nullptr);
  EXPECT_EQ(report->Find(10)->authority, v1::AUTHORITY_AUTHOR_TEAM_OR_OFFICE);
  EXPECT_EQ(report->Find(12)->authority, v1::AUTHORITY_AUTHOR_TEAM);
  EXPECT_EQ(report->Find(21)->merge, v1::MERGE_RULE_ELEMENTS);
  EXPECT_EQ(report->Find(15)->merge, v1::MERGE_RULE_WHOLE);
  EXPECT_EQ(report->Find(38)->max_bytes, 32768u);
  EXPECT_EQ(report->Find(60)->privacy, v1::PRIVACY_DEVICE);
  EXPECT_EQ(report->Find(59), nullptr);
  EXPECT_EQ(RulesOfType(v1::RECORD_TYPE_TEAM)->record_authority, v1::AUTHORITY_OFFICE);
  EXPECT_EQ(RulesOfType(static_cast<v1::RecordType>(99)), nullptr);
}

}  // namespace
}  // namespace baraza
