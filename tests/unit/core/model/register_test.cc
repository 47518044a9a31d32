#include "core/model/register.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/model/operation_factory.h"

namespace baraza {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::TestId;

template <typename T>
v1::RecordState StateOf(uint32_t number, T record) {
  v1::RecordState state;
  state.set_type(RecordTypeOf(*T::descriptor()));
  state.set_record_id(TestId(IdPrefixOf(state.type()), number));
  state.set_created(true);
  record.set_id(state.record_id());
  state.set_record(record.SerializeAsString());
  return state;
}

v1::RecordState TeamState(uint32_t number, const std::string& title,
                          std::vector<std::string> aliases = {}, uint32_t merged_into = 0,
                          uint32_t organisation = 0) {
  v1::Team team;
  team.set_title(title);
  for (const std::string& alias : aliases) team.add_aliases(alias);
  if (merged_into != 0) team.set_merged_into(TestId("tem", merged_into));
  if (organisation != 0) team.set_organisation_id(TestId("org", organisation));
  return StateOf(number, team);
}

TEST(RegisterTest, UpsertsVoidsAndIgnores) {
  Register reg;
  EXPECT_EQ(reg.FindProgramme(), nullptr);
  EXPECT_EQ(reg.FindTeam(TestId("tem", 1)), nullptr);
  reg.Apply(StateOf(1, v1::Programme()));
  reg.Apply(TeamState(2, "Bahari"));
  reg.Apply(TeamState(1, "Pwani"));
  reg.Apply(StateOf(1, v1::SessionReport()));
  ASSERT_NE(reg.FindProgramme(), nullptr);
  ASSERT_EQ(reg.Teams().size(), 2u);
  EXPECT_EQ(reg.Teams()[0]->title(), "Pwani");
  reg.Apply(TeamState(1, "Pwani Forum"));
  EXPECT_EQ(reg.FindTeam(TestId("tem", 1))->title(), "Pwani Forum");
  v1::RecordState voided = TeamState(1, "Pwani Forum");
  voided.set_voided(true);
  reg.Apply(voided);
  EXPECT_EQ(reg.FindTeam(TestId("tem", 1)), nullptr);
  EXPECT_EQ(reg.TeamByName("Pwani Forum"), "");
  reg.Apply(TeamState(1, "Pwani"));
  v1::RecordState uncreated = TeamState(1, "Pwani");
  uncreated.set_created(false);
  reg.Apply(uncreated);
  EXPECT_EQ(reg.FindTeam(TestId("tem", 1)), nullptr);
}

TEST(RegisterTest, EveryRegisterTypeIsHeld) {
  Register reg;
  reg.Apply(StateOf(1, v1::Organisation()));
  reg.Apply(StateOf(1, v1::Person()));
  reg.Apply(StateOf(1, v1::Project()));
  reg.Apply(StateOf(1, v1::Donor()));
  reg.Apply(StateOf(1, v1::Issue()));
  reg.Apply(StateOf(1, v1::SessionDefinition()));
  reg.Apply(StateOf(1, v1::Indicator()));
  reg.Apply(StateOf(1, v1::Target()));
  EXPECT_NE(reg.FindOrganisation(TestId("org", 1)), nullptr);
  EXPECT_NE(reg.FindPerson(TestId("per", 1)), nullptr);
  EXPECT_NE(reg.FindProject(TestId("prj", 1)), nullptr);
  EXPECT_NE(reg.FindDonor(TestId("dnr", 1)), nullptr);
  EXPECT_NE(reg.FindIssue(TestId("iss", 1)), nullptr);
  EXPECT_NE(reg.FindDefinition(TestId("def", 1)), nullptr);
  EXPECT_NE(reg.FindIndicator(TestId("ind", 1)), nullptr);
  EXPECT_NE(reg.FindTarget(TestId("tgt", 1)), nullptr);
  EXPECT_EQ(reg.Organisations().size() + reg.Persons().size() + reg.Projects().size() +
                reg.Donors().size() + reg.Issues().size() + reg.Definitions().size() +
                reg.Indicators().size() + reg.Targets().size(),
            8u);
}

TEST(RegisterTest, CopiesAreSnapshots) {
  Register reg;
  reg.Apply(TeamState(1, "Pwani"));
  const Register snapshot = reg;
  reg.Apply(TeamState(1, "Bahari"));
  EXPECT_EQ(snapshot.FindTeam(TestId("tem", 1))->title(), "Pwani");
  EXPECT_EQ(snapshot.TeamByName("pwani"), TestId("tem", 1));
  EXPECT_EQ(snapshot.TeamByName("bahari"), "");
  EXPECT_EQ(reg.TeamByName("bahari"), TestId("tem", 1));
}

TEST(RegisterTest, NamesOneSlipAway) {
  Register reg;
  reg.Apply(TeamState(1, "Umoja wa Pwani", {"Pwani Coast Team"}));
  reg.Apply(TeamState(2, "Delta"));
  EXPECT_EQ(reg.LikelyTeamOf("Umja wa Pwani"), TestId("tem", 1));    // left out
  EXPECT_EQ(reg.LikelyTeamOf("Umooja wa Pwani"), TestId("tem", 1));  // added
  EXPECT_EQ(reg.LikelyTeamOf("Umoxa wa Pwani"), TestId("tem", 1));   // another
  EXPECT_EQ(reg.LikelyTeamOf("Umoja aw Pwani"), TestId("tem", 1));   // exchanged
  EXPECT_EQ(reg.LikelyTeamOf("pwani coast TEAN"), TestId("tem", 1));
  EXPECT_EQ(reg.LikelyTeamOf("Umoxa wa Pwami"), "");     // two slips
  EXPECT_EQ(reg.LikelyTeamOf("Umoja wa Pwani"), "");     // not a slip: its name
  EXPECT_EQ(reg.LikelyTeamOf("Delto"), "");              // too short to tell
  EXPECT_EQ(reg.LikelyTeamOf("UWP"), TestId("tem", 1));  // its initials
  EXPECT_EQ(reg.LikelyTeamOf("PCT"), "");                // an alias has none
  reg.Apply(TeamState(9, "Red de Mujeres del Pacífico Sur"));
  EXPECT_EQ(reg.LikelyTeamOf("RDMDPS"), TestId("tem", 9));
  EXPECT_EQ(reg.LikelyTeamOf("rmps"), "");  // "red" counts as a small word
  // Two teams it could be.
  reg.Apply(TeamState(3, "Umojo wa Pwani"));
  EXPECT_EQ(reg.LikelyTeamOf("Umoj wa Pwani"), "");
  // A copy keeps what it saw; the name that is gone is gone.
  const Register snapshot = reg;
  reg.Apply(TeamState(3, "Echo Foxtrot"));
  EXPECT_EQ(reg.LikelyTeamOf("Umoj wa Pwani"), TestId("tem", 1));
  EXPECT_EQ(snapshot.LikelyTeamOf("Umoj wa Pwani"), "");
}

TEST(RegisterTest, NamesByAPartOfTheirWordsOrMore) {
  Register reg;
  reg.Apply(TeamState(1, "Haki Ardhi Network", {"Red Tierra y Derechos"}));
  reg.Apply(TeamState(2, "Umoja wa Pwani"));
  EXPECT_EQ(reg.LikelyTeamOf("Haki Network"), TestId("tem", 1));
  EXPECT_EQ(reg.LikelyTeamOf("Haki Ardhi Network (HAN), Kilifi"), TestId("tem", 1));
  EXPECT_EQ(reg.LikelyTeamOf("red tierra derechos"), TestId("tem", 1));
  EXPECT_EQ(reg.LikelyTeamOf("Haki"), "");
  EXPECT_EQ(reg.LikelyTeamOf("Haki Pwani"), "");
  // A slip of the finger is the likelier reading.
  reg.Apply(TeamState(3, "Haki Networks"));
  EXPECT_EQ(reg.LikelyTeamOf("Haki Network"), TestId("tem", 3));
  reg.Apply(TeamState(3, "Haki Jamii"));
  EXPECT_EQ(reg.LikelyTeamOf("Haki Network"), TestId("tem", 1));
  // Two teams it could be.
  reg.Apply(TeamState(4, "Haki Maji Network"));
  EXPECT_EQ(reg.LikelyTeamOf("Haki Network"), "");
  EXPECT_EQ(reg.LikelyTeamOf("Ardhi Network"), TestId("tem", 1));
  const Register snapshot = reg;
  reg.Apply(TeamState(4, "Delta"));
  EXPECT_EQ(reg.LikelyTeamOf("Haki Network"), TestId("tem", 1));
  EXPECT_EQ(snapshot.LikelyTeamOf("Haki Network"), "");
}

TEST(RegisterTest, MergersAreFollowedAndCyclesAreNot) {
  Register reg;
  reg.Apply(TeamState(1, "one", {}, 2));
  reg.Apply(TeamState(2, "two", {}, 3));
  reg.Apply(TeamState(3, "three", {}, 0, 1));
  reg.Apply(TeamState(4, "four", {}, 5));
  reg.Apply(TeamState(5, "five", {}, 4));
  reg.Apply(TeamState(6, "six", {}, 4));
  reg.Apply(TeamState(7, "seven", {}, 99));
  reg.Apply(TeamState(8, "eight", {}, 8));
  EXPECT_EQ(reg.ResolveTeam(TestId("tem", 1)), TestId("tem", 3));
  EXPECT_EQ(reg.ResolveTeam(TestId("tem", 3)), TestId("tem", 3));
  EXPECT_EQ(reg.ResolveTeam(TestId("tem", 4)), TestId("tem", 4));
  EXPECT_EQ(reg.ResolveTeam(TestId("tem", 5)), TestId("tem", 5));
  EXPECT_EQ(reg.ResolveTeam(TestId("tem", 6)), TestId("tem", 6));
  EXPECT_EQ(reg.ResolveTeam(TestId("tem", 7)), TestId("tem", 7));
  EXPECT_EQ(reg.ResolveTeam(TestId("tem", 8)), TestId("tem", 8));
  EXPECT_EQ(reg.ResolveTeam("unknown"), "unknown");
  EXPECT_EQ(reg.OrganisationOf(TestId("tem", 1)), TestId("org", 1));
  EXPECT_EQ(reg.OrganisationOf(TestId("tem", 4)), "");
  EXPECT_EQ(reg.OrganisationOf("unknown"), "");
}

TEST(RegisterTest, NamesFoldAndAmbiguousOnesNameNobody) {
  Register reg;
  reg.Apply(TeamState(1, "Équipe de la Côte", {"Pwani", "EC"}));
  reg.Apply(TeamState(2, "Bahari", {"Marine team"}));
  reg.Apply(TeamState(3, "Old Marine Team!", {"marine TEAM"}, 2));
  reg.Apply(TeamState(4, "Lamu", {"ec"}));
  EXPECT_EQ(reg.TeamByName("equipe de la cote"), TestId("tem", 1));
  EXPECT_EQ(reg.TeamByName("PWANI"), TestId("tem", 1));
  EXPECT_EQ(reg.TeamByName("EC"), "");
  // Two bear it, and both are one team now.
  EXPECT_EQ(reg.TeamByName("Marine Team"), TestId("tem", 2));
  EXPECT_EQ(reg.TeamByName("old marine team"), TestId("tem", 2));
  EXPECT_EQ(reg.TeamByName("nobody"), "");
  EXPECT_EQ(reg.TeamByName(" ?! "), "");
  // The order of arrival is of no matter.
  Register other;
  for (const auto& state :
       {TeamState(4, "Lamu", {"ec"}), TeamState(3, "Old Marine Team!", {"marine TEAM"}, 2),
        TeamState(2, "Bahari", {"Marine team"}),
        TeamState(1, "Équipe de la Côte", {"Pwani", "EC"})}) {
    other.Apply(state);
  }
  EXPECT_EQ(other.TeamByName("EC"), "");
  EXPECT_EQ(other.TeamByName("Marine Team"), TestId("tem", 2));
}

TEST(RegisterTest, IssuesCoverByDirectedRelations) {
  Register reg;
  v1::Issue water;
  water.add_related_issue_ids(TestId("iss", 2));
  v1::Issue land;
  land.add_related_issue_ids(TestId("iss", 3));
  reg.Apply(StateOf(1, water));
  reg.Apply(StateOf(2, land));
  reg.Apply(StateOf(3, v1::Issue()));
  const auto covers = [&](uint32_t a, uint32_t b, v1::IssueScope scope) {
    return reg.IssueCovers(TestId("iss", a), TestId("iss", b), scope);
  };
  EXPECT_TRUE(covers(1, 1, v1::ISSUE_SCOPE_EXACT));
  EXPECT_FALSE(covers(1, 2, v1::ISSUE_SCOPE_EXACT));
  EXPECT_TRUE(covers(1, 2, v1::ISSUE_SCOPE_WITH_RELATED));
  EXPECT_TRUE(covers(1, 2, v1::ISSUE_SCOPE_UNSPECIFIED));
  EXPECT_FALSE(covers(2, 1, v1::ISSUE_SCOPE_WITH_RELATED));
  EXPECT_FALSE(covers(1, 3, v1::ISSUE_SCOPE_WITH_RELATED));
  EXPECT_TRUE(covers(1, 3, v1::ISSUE_SCOPE_ANY));
  EXPECT_FALSE(reg.IssueCovers("", "", v1::ISSUE_SCOPE_EXACT));
}

TEST(RegisterTest, UnknownReferencesAreFindings) {
  v1::SessionReport report;
  report.set_issue_id(TestId("iss", 1));
  report.add_project_ids(TestId("prj", 1));
  v1::ParticipatingTeam* team = report.add_participating_teams();
  team->set_element_id("a");
  team->set_team_id(TestId("tem", 2));
  v1::Citation* citation = report.add_citations();
  citation->set_element_id("c");
  citation->set_source_id(TestId("src", 1));
  v1::RecordState state = StateOf(1, report);
  state.set_team_id(TestId("tem", 1));
  Register reg;
  const auto fields = [&](bool source_known) {
    std::vector<std::string> lines;
    for (const v1::Finding& finding :
         reg.CheckReferences(state, [&](absl::string_view) { return source_known; })) {
      EXPECT_EQ(finding.kind(), v1::Finding::KIND_UNKNOWN_REFERENCE);
      lines.push_back(finding.field() + (finding.blocks_count() ? " blocks" : ""));
    }
    return lines;
  };
  EXPECT_THAT(fields(false),
              ElementsAre("citations.source_id", "issue_id blocks", "participating_teams.team_id",
                          "project_ids", "team_id blocks"));
  EXPECT_THAT(fields(true), ElementsAre("issue_id blocks", "participating_teams.team_id",
                                        "project_ids", "team_id blocks"));
  // They resolve when the register has caught up.
  reg.Apply(TeamState(1, "Pwani"));
  reg.Apply(StateOf(1, v1::Issue()));
  EXPECT_THAT(fields(true), ElementsAre("participating_teams.team_id", "project_ids"));
  reg.Apply(TeamState(2, "Bahari"));
  reg.Apply(StateOf(1, v1::Project()));
  EXPECT_THAT(fields(true), IsEmpty());
}

}  // namespace
}  // namespace baraza
