#include "sync_server/ingest/audience.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sync_server/testing/programme_fixture.h"

namespace baraza::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::Membership MembershipOf(v1::Role role) {
  v1::Membership membership;
  membership.set_role(role);
  return membership;
}

TEST(AudienceTest, CollectorHearsTheProgrammeTheTeamAndItsIssues) {
  v1::Membership membership = MembershipOf(v1::ROLE_COLLECTOR);
  membership.set_team_id("tem_a");
  EXPECT_THAT(AudiencesFor(membership, {"iss_2", "iss_1"}, {"iss_1", "iss_2", "iss_3"}),
              ElementsAre("i:iss_1", "i:iss_2", "p", "t:tem_a"));
}

TEST(AudienceTest, TeamWithoutIssuesHearsOfAll) {
  v1::Membership membership = MembershipOf(v1::ROLE_TEAM_LEAD);
  membership.set_team_id("tem_a");
  EXPECT_THAT(AudiencesFor(membership, {}, {"iss_1", "iss_2"}),
              ElementsAre("i:iss_1", "i:iss_2", "p", "t:tem_a"));
}

TEST(AudienceTest, OfficeHearsWhatItsScopeHolds) {
  v1::Membership membership = MembershipOf(v1::ROLE_ME_OFFICER);
  membership.mutable_scope()->set_programme(true);
  EXPECT_THAT(AudiencesFor(membership, {}, {"iss_1"}), ElementsAre("i:iss_1", "o", "p"));

  membership.mutable_scope()->set_organisation_id("org_a");
  EXPECT_THAT(AudiencesFor(membership, {}, {"iss_1"}, {"tem_b", "tem_a"}),
              ElementsAre("i:iss_1", "p", "t:tem_a", "t:tem_b"));
}

TEST(AudienceTest, NobodyWithoutARoleHearsAnything) {
  v1::Membership membership = MembershipOf(v1::ROLE_UNSPECIFIED);
  membership.set_team_id("tem_a");
  EXPECT_THAT(AudiencesFor(membership, {"iss_1"}, {"iss_1"}), IsEmpty());
}

TEST(AudienceTest, ScopeHashChangesWithAudiencesRoleAndTeamButNotWithTheirOrder) {
  v1::Membership lead = MembershipOf(v1::ROLE_TEAM_LEAD);
  v1::Membership collector = MembershipOf(v1::ROLE_COLLECTOR);
  v1::Membership moved = collector;
  moved.set_team_id("tem_b");
  EXPECT_EQ(ScopeHash({"a", "b"}, collector), ScopeHash({"b", "a"}, collector));
  EXPECT_NE(ScopeHash({"a", "b"}, collector), ScopeHash({"ab"}, collector));
  EXPECT_NE(ScopeHash({"a"}, collector), ScopeHash({"a"}, lead));
  EXPECT_NE(ScopeHash({"a"}, collector), ScopeHash({"a"}, moved));
}

TEST(AudienceTest, TeamOfAudience) {
  EXPECT_EQ(TeamOfAudience(TeamAudience("tem_a")), "tem_a");
  EXPECT_EQ(TeamOfAudience("p"), "");
  EXPECT_EQ(TeamOfAudience(IssueAudience("iss_1")), "");
}

}  // namespace
}  // namespace baraza::server
