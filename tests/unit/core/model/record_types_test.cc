#include "core/model/record_types.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/unit/core/model/operation_factory.h"

namespace baraza {
namespace {

using testing::TestId;

TEST(RecordTypesTest, EveryTypeOfTheEnumIsAMember) {
  std::set<int> types;
  for (const v1::RecordType type : AllRecordTypes()) types.insert(type);
  for (int value = v1::RecordType_MIN; value <= v1::RecordType_MAX; ++value) {
    if (value == v1::RECORD_TYPE_UNSPECIFIED || !v1::RecordType_IsValid(value)) continue;
    EXPECT_TRUE(types.count(value)) << value;
  }
  EXPECT_EQ(types.size(), 18u);
}

TEST(RecordTypesTest, PrefixesAreDistinctAndLeadBack) {
  std::set<std::string> prefixes;
  for (const v1::RecordType type : AllRecordTypes()) {
    const std::string prefix(IdPrefixOf(type));
    EXPECT_EQ(prefix.size(), 3u) << v1::RecordType_Name(type);
    EXPECT_TRUE(prefixes.insert(prefix).second) << prefix;
    const auto back = RecordTypeOfId(TestId(prefix, 7));
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(*back, type);
    EXPECT_EQ(RecordTypeOf(*RecordDescriptor(type)), type);
    EXPECT_EQ(NewRecord(type)->GetDescriptor(), RecordDescriptor(type));
  }
}

TEST(RecordTypesTest, UnknownTypesAreNothing) {
  const auto unknown = static_cast<v1::RecordType>(99);
  EXPECT_EQ(RecordDescriptor(unknown), nullptr);
  EXPECT_EQ(NewRecord(unknown), nullptr);
  EXPECT_EQ(IdPrefixOf(unknown), "");
  EXPECT_EQ(RecordDescriptor(v1::RECORD_TYPE_UNSPECIFIED), nullptr);
  EXPECT_EQ(NewRecord(static_cast<v1::RecordType>(-1)), nullptr);
  EXPECT_EQ(RecordTypeOf(*v1::LocalText::descriptor()), v1::RECORD_TYPE_UNSPECIFIED);
  EXPECT_FALSE(RecordTypeOfId(TestId("op", 1)).ok());
  EXPECT_FALSE(RecordTypeOfId("rep_short").ok());
}

TEST(RecordTypesTest, MembersOfTheUnion) {
  v1::Record record;
  EXPECT_EQ(Member(record), nullptr);
  auto* team = static_cast<v1::Team*>(MutableMember(record, v1::RECORD_TYPE_TEAM));
  team->set_title("Coast");
  EXPECT_EQ(record.team().title(), "Coast");
  EXPECT_EQ(Member(record), &record.team());
  MutableMember(record, v1::RECORD_TYPE_ISSUE);
  EXPECT_FALSE(record.has_team());
  EXPECT_EQ(MutableMember(record, static_cast<v1::RecordType>(99)), nullptr);
}

}  // namespace
}  // namespace baraza
