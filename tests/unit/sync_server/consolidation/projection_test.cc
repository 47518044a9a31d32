#include "sync_server/consolidation/projection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using test::StatusIs;
using testing::MemberOf;
using testing::ProgrammeServer;
using testing::TestDevice;

// A projection that is stepped by hand, so that what was worked out need not be durable yet.
class ProjectionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(projection_.Load());
    v1::Team team;
    team.set_title("Kilifi team");
    ASSERT_OK(server_.Append(testing::OfficeMember(9, v1::ROLE_ADMINISTRATOR), v1::RECORD_TYPE_TEAM,
                             testing::TestId("tem", 1), nullptr, team));
  }

  // Works one chunk out without making it durable.
  void WorkOut() {
    projection_.Step([](const absl::StatusOr<bool>& more) { EXPECT_OK(more); });
  }

  void Settle() {
    WorkOut();
    server_.Pump();
  }

  static v1::SessionReport Account() {
    v1::SessionReport report = testing::Report(1);
    report.mutable_venue()->set_locality("Kilifi");
    report.mutable_participants()->set_total(31);
    for (const char* name : {"Marafiki", "Umoja", "Wavuvi"}) {
      v1::ParticipatingTeam& team = *report.add_participating_teams();
      team.set_element_id(std::string(1, *name));
      team.set_unregistered_name(name);
    }
    return report;
  }

  test::TempDir dir_;
  ProgrammeServer server_{dir_.File("programme.db")};
  Projection projection_{server_.store(), server_.commit()};
  TestDevice device_{1, MemberOf(1, 1)};
};

TEST_F(ProjectionTest, WhatReadersDoNotKnowYetIsNotExplained) {
  const std::string first = device_.Capture(Account());
  const std::string second = device_.Capture(Account());
  server_.Push(device_);
  Settle();
  ASSERT_OK(projection_.ExplainPair(first, second));
  ASSERT_OK_AND_ASSIGN(const v1::Session pair, projection_.ExplainSession(first));
  EXPECT_EQ(pair.pairs_size(), 1);

  v1::SessionReport hush = Account();
  hush.set_sensitivity(v1::PRIVACY_TEAM);
  const std::string third = device_.Capture(hush);
  server_.Push(device_, 2);
  WorkOut();
  EXPECT_THAT(projection_.ExplainPair(first, third), StatusIs(absl::StatusCode::kNotFound));
  // Nor is what readers know by an older, more open state: they would judge it by that.
  EXPECT_THAT(projection_.ExplainPair(first, second), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK_AND_ASSIGN(const v1::Session before, projection_.ExplainSession(first));
  EXPECT_EQ(before.members_size(), 2);
  EXPECT_EQ(before.pairs_size(), 0);
  server_.Pump();
  EXPECT_OK(projection_.ExplainPair(first, third));
  ASSERT_OK_AND_ASSIGN(const v1::Session after, projection_.ExplainSession(first));
  EXPECT_EQ(after.sensitivity(), v1::PRIVACY_TEAM);
  EXPECT_EQ(after.pairs_size(), 3);
}

TEST_F(ProjectionTest, AReportThatIsNewlyOfASessionIsExplainedWithItsChunk) {
  const std::string first = device_.Capture(Account());
  const std::string second = device_.Capture(Account());
  server_.Push(device_);
  Settle();
  const std::string third = device_.Capture(Account());
  server_.Push(device_, 2);
  WorkOut();
  EXPECT_OK(projection_.ExplainPair(first, second));
  EXPECT_THAT(projection_.ExplainPair(first, third), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK_AND_ASSIGN(const v1::Session before, projection_.ExplainSession(first));
  EXPECT_EQ(before.pairs_size(), 1);
  server_.Pump();
  EXPECT_OK(projection_.ExplainPair(first, third));
}

TEST_F(ProjectionTest, ARebuildNeedsNothingLoaded) {
  const std::string first = device_.Capture(Account());
  device_.Capture(Account());
  server_.Push(device_);
  Settle();
  ASSERT_OK_AND_ASSIGN(const v1::Session before, projection_.GetSession(first));
  ASSERT_EQ(before.members_size(), 2);

  Projection anew(server_.store(), server_.commit());
  anew.Rebuild([](const absl::Status& status) { EXPECT_OK(status); });
  server_.Pump();
  bool more = true;
  while (more) {
    more = false;
    anew.Step([&more](const absl::StatusOr<bool>& result) {
      EXPECT_OK(result);
      more = result.value_or(false);
    });
    server_.Pump();
  }
  EXPECT_EQ(anew.watermark(), projection_.watermark());
  EXPECT_EQ(anew.model_version(), projection_.model_version());
  ASSERT_OK_AND_ASSIGN(const v1::Session after, anew.GetSession(first));
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
}

}  // namespace
}  // namespace baraza::server
