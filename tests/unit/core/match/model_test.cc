#include "core/match/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "core/match/compare.h"
#include "core/match/features.h"

namespace baraza {
namespace {

using ::testing::HasSubstr;

TEST(Model, TheShippedOneIsValid) {
  const v1::MatchModel& model = ShippedModel();
  EXPECT_TRUE(ValidateModel(model).ok()) << ValidateModel(model);
  EXPECT_EQ(model.fields_size(), kMatchFieldCount - 1);
  EXPECT_FALSE(model.version().empty());
}

TEST(Model, EveryFieldOfTheSchemaHasLevelsThatFit) {
  for (int field = 1; field < kMatchFieldCount; ++field) {
    ASSERT_TRUE(v1::MatchField_IsValid(field));
    const auto names = LevelNames(static_cast<v1::MatchField>(field));
    ASSERT_GE(names.size(), 2u) << field;
    EXPECT_LE(names.size(), static_cast<size_t>(kMaxLevels)) << field;
    EXPECT_EQ(names[0], "missing");
  }
  EXPECT_FALSE(v1::MatchField_IsValid(kMatchFieldCount)) << "a new field needs levels";
  EXPECT_TRUE(LevelNames(v1::MATCH_FIELD_UNSPECIFIED).empty());
}

TEST(Model, NothingMayOutweighTheDateOfASeries) {
  // What a recurring series looks like: everything agrees but the date.
  int64_t rest = ShippedModel().prior_milli_nats();
  int32_t week = 0;
  for (const auto& field : ShippedModel().fields()) {
    int32_t best = 0;
    for (const auto& level : field.levels()) {
      best = std::max(best, level.milli_nats());
      if (level.level() == "about_a_week_apart") week = level.milli_nats();
    }
    const bool evidence_of_another_kind =
        field.field() == v1::MATCH_FIELD_DATE || field.field() == v1::MATCH_FIELD_DOCUMENT ||
        field.field() == v1::MATCH_FIELD_PASSAGE || field.field() == v1::MATCH_FIELD_HINT_ANSWER;
    if (!evidence_of_another_kind) rest += best;
  }
  EXPECT_LT(rest + week, -1000);
}

TEST(Model, ErrorsNameTheFieldAndLevel) {
  const auto message = [](const v1::MatchModel& model) {
    return std::string(ValidateModel(model).message());
  };
  v1::MatchModel model = ShippedModel();
  model.clear_version();
  EXPECT_THAT(message(model), HasSubstr("version"));

  model = ShippedModel();
  model.set_feature_version("0");
  EXPECT_THAT(message(model), HasSubstr("feature_version"));
  model.set_feature_version(FeatureVersion());
  EXPECT_TRUE(ValidateModel(model).ok());

  model = ShippedModel();
  model.mutable_fields(0)->mutable_levels(1)->set_level("sme_day");
  EXPECT_THAT(message(model), HasSubstr("MATCH_FIELD_DATE.sme_day"));

  model = ShippedModel();
  model.mutable_fields(0)->mutable_levels()->RemoveLast();
  EXPECT_THAT(message(model), HasSubstr("MATCH_FIELD_DATE"));

  model = ShippedModel();
  *model.mutable_fields(0)->add_levels() = model.fields(0).levels(0);
  EXPECT_THAT(message(model), HasSubstr("MATCH_FIELD_DATE.missing"));

  model = ShippedModel();
  model.mutable_fields(1)->mutable_levels(1)->set_milli_nats(100'001);
  EXPECT_THAT(message(model), HasSubstr("MATCH_FIELD_PLACE"));

  model = ShippedModel();
  model.mutable_fields()->RemoveLast();
  EXPECT_THAT(message(model), HasSubstr("fields"));

  model = ShippedModel();
  model.set_never_compared_milli_nats(1);
  EXPECT_THAT(message(model), HasSubstr("never_compared"));

  model = ShippedModel();
  model.set_block_split_threshold(7);
  EXPECT_THAT(message(model), HasSubstr("block_split_threshold"));
}

TEST(Model, ParsesTextAndSaysWhereItIsWrong) {
  const auto parsed = ParseModel(ShippedModel().DebugString());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->DebugString(), ShippedModel().DebugString());
  const auto broken = ParseModel("version: \"x\"\nnonsense: 3");
  EXPECT_EQ(broken.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(broken.status().message()), HasSubstr("line 2"));
}

}  // namespace
}  // namespace baraza
