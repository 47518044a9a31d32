#ifndef BARAZA_CORE_MODEL_REGISTER_H_
#define BARAZA_CORE_MODEL_REGISTER_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "baraza/v1/record.pb.h"
#include "core/model/name_spellings.h"
#include "core/model/name_words.h"

namespace baraza {

// The initials of a folded name, with and without its words of up to three letters: {"clrn"},
// {"rfdp", "rfp"}. Three to seven letters each.
std::set<std::string> InitialsOf(absl::string_view folded);

// Whether a Programme record is that of the programme that it belongs to. Another one is not taken
// any more (JudgeOperation), and one that was taken earlier is of no account.
bool IsAboutItsProgramme(const v1::RecordState& state);

// The register records of one programme as they stand: who works on what, and how it is counted.
// Invariant: what it holds depends on the last state applied per record only. Copies share the
// records and are cheap, so a reader works on a snapshot of its own; not thread-safe while Apply
// runs. Pointers live as long as any copy that holds the record.
class Register {
 public:
  // Takes in the state of a Programme, Organisation, Team, Person, Project, Donor, Issue,
  // SessionDefinition, Indicator or Target: a voided or not created one, and bytes that do not
  // parse, take it out; any other type is ignored.
  void Apply(const v1::RecordState& state);

  // Whether the record of that id, of one of these types, is registered (and not voided).
  bool Contains(absl::string_view id) const;

  // nullptr: not registered (or voided).
  const v1::Programme* FindProgramme() const;
  const v1::Organisation* FindOrganisation(absl::string_view id) const;
  const v1::Team* FindTeam(absl::string_view id) const;
  const v1::Person* FindPerson(absl::string_view id) const;
  const v1::Project* FindProject(absl::string_view id) const;
  const v1::Donor* FindDonor(absl::string_view id) const;
  const v1::Issue* FindIssue(absl::string_view id) const;
  const v1::SessionDefinition* FindDefinition(absl::string_view id) const;
  const v1::Indicator* FindIndicator(absl::string_view id) const;
  const v1::Target* FindTarget(absl::string_view id) const;

  // All of a kind, ascending by id.
  std::vector<const v1::Organisation*> Organisations() const;
  std::vector<const v1::Team*> Teams() const;
  std::vector<const v1::Person*> Persons() const;
  std::vector<const v1::Project*> Projects() const;
  std::vector<const v1::Donor*> Donors() const;
  std::vector<const v1::Issue*> Issues() const;
  std::vector<const v1::SessionDefinition*> Definitions() const;
  std::vector<const v1::Indicator*> Indicators() const;
  std::vector<const v1::Target*> Targets() const;

  // The ids of teams that an answer was read from, each at least once, also of those that were
  // looked for and are not registered: it stays as it is while none of them changes and no team
  // gets or loses a name like the one asked for.
  using TeamsRead = std::vector<std::string>;

  // The team that `team_id` is now: follows merged_into. A team in or leading to a cycle, and one
  // that is not registered, resolves to itself; one whose chain leaves the register to the last
  // registered team before that. Adds to `read` unless that is null.
  std::string ResolveTeam(absl::string_view team_id, TeamsRead* read = nullptr) const;

  // Whether any team, also a merged one, is called so: by its title or an alias, by FoldText.
  bool IsTeamName(absl::string_view name) const;

  // The resolved id of the team that `name` names: equal to a title or alias (also of a merged
  // team) by FoldText. Empty when there is none, or when two different teams bear it. Adds to
  // `read` unless that is null.
  std::string TeamByName(absl::string_view name, TeamsRead* read = nullptr) const;

  // The resolved id of the only team that bears a name within one slip of the finger of `name` (at
  // least 8 letters, by FoldText), or whose title has the initials that `name` is ("CLRN" for
  // "Coast Land Rights Network"; with or without its words of up to three letters); where there is
  // none, of the only one that bears a name of which `name` is a part or that is a part of it, by
  // NameWords ("Coast Network", "Coast Land Rights Network (CLRN)"). Empty when there is none, when
  // two teams do, and when a team is named just so. A guess: for evidence that other evidence can
  // outweigh, never for a reference. Adds to `read` unless that is null.
  std::string LikelyTeamOf(absl::string_view name, TeamsRead* read = nullptr) const;

  // The organisation of the resolved team; empty when unknown.
  std::string OrganisationOf(absl::string_view team_id) const;

  // Whether a session on `session_issue` is within `scope` of the advocated issue. UNSPECIFIED
  // reads as WITH_RELATED, ANY covers everything. Relations are directed and not transitive.
  bool IssueCovers(absl::string_view advocated, absl::string_view session_issue,
                   v1::IssueScope scope) const;

  // Ids in the state's record that are not known: those of register types are looked up here,
  // others asked of `known_record` (reports, sources, figures). The owning team and the issue block
  // the count of a report; other teams, projects, sources and reports do not. Sorted.
  std::vector<v1::Finding> CheckReferences(
      const v1::RecordState& state,
      const std::function<bool(absl::string_view)>& known_record) const;

 private:
  template <typename T>
  using Table = std::map<std::string, std::shared_ptr<const T>, std::less<>>;

  template <typename T>
  void Put(Table<T>& table, const v1::RecordState& state);
  // The one team that all of these are now; empty when there are several or none.
  std::string OnlyTeamOf(const std::set<std::string>& team_ids, TeamsRead* read) const;
  // All that bear one of the names.
  std::set<std::string> BearersOf(const std::vector<std::string>& folded_names) const;
  void IndexTeamNames(const v1::Team& team, bool add);
  bool IsRegistered(v1::RecordType type, absl::string_view id, bool* is_register_type) const;

  Table<v1::Programme> programmes_;
  Table<v1::Organisation> organisations_;
  Table<v1::Team> teams_;
  Table<v1::Person> persons_;
  Table<v1::Project> projects_;
  Table<v1::Donor> donors_;
  Table<v1::Issue> issues_;
  Table<v1::SessionDefinition> definitions_;
  Table<v1::Indicator> indicators_;
  Table<v1::Target> targets_;
  // Folded title or alias -> teams that bear it.
  std::map<std::string, std::set<std::string>, std::less<>> team_names_;
  // Initials of titles -> teams that bear them.
  std::map<std::string, std::set<std::string>, std::less<>> team_initials_;
  // The keys of team_names_, to look up what is nearly one of them.
  struct NearNames {
    NameSpellings by_spelling;
    NameWords by_words;
  };
  // Shared by copies until one of them changes its teams.
  std::shared_ptr<NearNames> near_names_ = std::make_shared<NearNames>();
};

}  // namespace baraza

#endif  // BARAZA_CORE_MODEL_REGISTER_H_
