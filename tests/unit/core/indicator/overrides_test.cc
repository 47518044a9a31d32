#include "core/indicator/overrides.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/indicator/indicator_test_support.h"

namespace baraza {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "weaker < stronger ..." for each.
std::vector<std::string> Lines(const std::vector<SessionRuling>& rulings,
                               const Register& reg = Register()) {
  std::vector<const SessionRuling*> overrides;
  for (const SessionRuling& ruling : rulings) overrides.push_back(&ruling);
  std::vector<std::string> lines;
  for (const OverrideContradiction& found : ContradictingOverrides(overrides, reg)) {
    std::string line = absl::StrCat(found.weaker->ruling.id(), " <");
    for (const SessionRuling* stronger : found.stronger) {
      absl::StrAppend(&line, " ", stronger->ruling.id());
    }
    lines.push_back(line);
  }
  return lines;
}

SessionRuling With(const std::string& id, uint64_t lamport,
                   const std::function<void(v1::SessionReport&)>& fill,
                   const std::string& report_id = "rep_1") {
  SessionRuling ruling = Ruling(id, v1::RULING_KIND_OVERRIDE, report_id, lamport);
  fill(*ruling.ruling.mutable_override_values());
  return ruling;
}

TEST(OverridesTest, OtherFieldsAndEqualValuesStandBesideOneAnother) {
  EXPECT_THAT(
      Lines({With("rul_1", 1, [](auto& values) { values.set_held_status(v1::HELD_STATUS_HELD); }),
             With("rul_2", 2, [](auto& values) { values.set_modality(v1::MODALITY_ONLINE); }),
             With("rul_3", 3, [](auto& values) { values.set_held_status(v1::HELD_STATUS_HELD); })}),
      IsEmpty());
}

TEST(OverridesTest, EachFieldsStrongestHolds) {
  EXPECT_THAT(
      Lines({With("rul_1", 1,
                  [](auto& values) {
                    values.set_held_status(v1::HELD_STATUS_HELD);
                    values.set_modality(v1::MODALITY_ONLINE);
                  }),
             With("rul_2", 2, [](auto& values) { values.set_modality(v1::MODALITY_IN_PERSON); }),
             With("rul_3", 3,
                  [](auto& values) { values.set_held_status(v1::HELD_STATUS_CANCELLED); }),
             With("rul_4", 4, [](auto& values) { values.set_modality(v1::MODALITY_HYBRID); })}),
      ElementsAre("rul_2 < rul_4", "rul_1 < rul_4 rul_3"));
}

TEST(OverridesTest, TheOrderOfAListIsNoContradictionAndALongerListIsOne) {
  const auto teams = [](std::vector<std::string> ids) {
    return [ids](v1::SessionReport& values) {
      for (const std::string& id : ids) AddTeam(values, id);
    };
  };
  EXPECT_THAT(Lines({With("rul_1", 1, teams({"tem_a", "tem_b"})),
                     With("rul_2", 2, teams({"tem_b", "tem_a"}))}),
              IsEmpty());
  EXPECT_THAT(Lines({With("rul_1", 1, teams({"tem_a", "tem_b"})),
                     With("rul_2", 2, teams({"tem_b", "tem_a", "tem_c"}))}),
              ElementsAre("rul_1 < rul_2"));
}

TEST(OverridesTest, ATeamByItsIdAndByItsNameIsOneTeam) {
  Register reg = SmallRegister();
  const auto by_id = [](v1::SessionReport& values) {
    AddTeam(values, "tem_a");
    values.mutable_organiser()->set_team_id("tem_b");
  };
  const auto by_name = [](v1::SessionReport& values) {
    AddName(values, " TEAM  a", v1::YES_NO_UNSPECIFIED);
    values.mutable_organiser()->set_unregistered_name("team b");
  };
  EXPECT_THAT(Lines({With("rul_1", 1, by_id), With("rul_2", 2, by_name)}, reg), IsEmpty());
  EXPECT_THAT(Lines({With("rul_1", 1, by_id), With("rul_2", 2, by_name)}),
              ElementsAre("rul_1 < rul_2"));
  const auto nobody = [](const char* name) {
    return [name](v1::SessionReport& values) { AddName(values, name); };
  };
  EXPECT_THAT(Lines({With("rul_1", 1, nobody("Réseau")), With("rul_2", 2, nobody("reseau "))}, reg),
              IsEmpty());
  EXPECT_THAT(Lines({With("rul_1", 1, nobody("Réseau")), With("rul_2", 2, nobody("Rivière"))}, reg),
              ElementsAre("rul_1 < rul_2"));
  EXPECT_THAT(
      Lines({With("rul_1", 1, by_id),
             With("rul_2", 2, [](auto& values) { AddTeam(values, "tem_a", v1::YES_NO_NO); })},
            reg),
      ElementsAre("rul_1 < rul_2"));
}

TEST(OverridesTest, OfOnesOwnTeamEachReportSpeaksForItself) {
  const auto present = [](v1::YesNo present) {
    return [present](v1::SessionReport& values) { values.set_reporting_team_present(present); };
  };
  EXPECT_THAT(Lines({With("rul_1", 1, present(v1::YES_NO_YES)),
                     With("rul_2", 2, present(v1::YES_NO_NO), "rep_2")}),
              IsEmpty());
  EXPECT_THAT(
      Lines({With("rul_1", 1, present(v1::YES_NO_YES)), With("rul_2", 2, present(v1::YES_NO_NO))}),
      ElementsAre("rul_1 < rul_2"));
}

TEST(OverridesTest, AStrongerListOfTeamsSaysOfEachWhetherItWasThere) {
  const auto present = [](v1::SessionReport& values) {
    values.set_reporting_team_present(v1::YES_NO_YES);
  };
  const auto teams = [](v1::SessionReport& values) { AddTeam(values, "tem_b"); };
  EXPECT_THAT(Lines({With("rul_1", 1, present), With("rul_2", 2, teams)}),
              ElementsAre("rul_1 < rul_2"));
  EXPECT_THAT(Lines({With("rul_1", 2, present), With("rul_2", 1, teams)}), IsEmpty());
}

TEST(OverridesTest, DatesWithoutADurationLeaveTheOneThatIsThere) {
  const auto dates = [](const char* day, uint32_t minutes) {
    return [day, minutes](v1::SessionReport& values) {
      SetDay(values, day);
      if (minutes > 0) values.mutable_dates()->set_duration_minutes(minutes);
    };
  };
  EXPECT_THAT(
      Lines({With("rul_1", 1, dates("2026-03-05", 90)), With("rul_2", 2, dates("2026-03-05", 0))}),
      IsEmpty());
  EXPECT_THAT(
      Lines({With("rul_1", 1, dates("2026-03-05", 90)), With("rul_2", 2, dates("2026-03-05", 60))}),
      ElementsAre("rul_1 < rul_2"));
}

TEST(OverridesTest, WhatIsNoConsolidatedValueContradictsNothing) {
  EXPECT_THAT(Lines({With("rul_1", 1, [](auto& values) { values.set_import_key("a"); }),
                     With("rul_2", 2, [](auto& values) { values.set_import_key("b"); })}),
              IsEmpty());
}

}  // namespace
}  // namespace baraza
