#include "sync_server/auth/grants.h"

#include <utility>
#include <vector>

#include "baraza/v1/register.pb.h"
#include "core/base/status.h"
#include "core/model/merge.h"

namespace baraza::server {

absl::StatusOr<PersonGrant> GrantOf(const v1::RecordState& state,
                                    absl::Span<const Operation> operations) {
  BARAZA_ASSIGN_OR_RETURN(const v1::Person person, RecordAs<v1::Person>(state));
  PersonGrant grant;
  grant.active = state.created() && !state.voided();
  grant.membership.set_programme_id(state.programme_id());
  grant.membership.set_person_id(state.record_id());
  grant.membership.set_team_id(person.team_id());
  grant.membership.set_organisation_id(person.organisation_id());
  grant.membership.set_role(person.role());
  if (person.has_scope()) *grant.membership.mutable_scope() = person.scope();
  const auto add = [&grant](const v1::Person& granted) {
    if (!granted.team_id().empty()) grant.team_ids.insert(granted.team_id());
    if (v1::Role_IsValid(granted.role()) && granted.role() != v1::ROLE_UNSPECIFIED) {
      grant.roles.insert(granted.role());
    }
  };
  add(person);
  for (const Operation& operation : operations) {
    // The server held the header's role against the credential when it took the operation in; what
    // others wrote into a Person record has no effect, and must not grant anything either.
    if (operation.header.author_role() != v1::ROLE_ADMINISTRATOR) continue;
    for (const PartDelta& part : operation.deltas) {
      v1::Person granted;
      if (granted.ParseFromString(part.delta.record())) add(granted);
    }
  }
  return grant;
}

absl::StatusOr<bool> ApplyPerson(const v1::RecordState& state, ProgrammeStore& store,
                                 RegistryStore& registry) {
  BARAZA_ASSIGN_OR_RETURN(const std::vector<Operation> operations,
                          store.OperationsOf(state.record_id()));
  BARAZA_ASSIGN_OR_RETURN(const PersonGrant grant, GrantOf(state, operations));
  return registry.PutPerson(grant);
}

absl::StatusOr<int> ReconcileGrants(ProgrammeStore& store, RegistryStore& registry) {
  std::vector<v1::RecordState> persons;
  BARAZA_RETURN_IF_ERROR(
      store.ForEachRecordState(v1::RECORD_TYPE_PERSON, [&persons](const v1::RecordState& state) {
        persons.push_back(state);
        return absl::OkStatus();
      }));
  int changed = 0;
  for (const v1::RecordState& state : persons) {
    BARAZA_ASSIGN_OR_RETURN(const bool person_changed, ApplyPerson(state, store, registry));
    if (person_changed) ++changed;
  }
  return changed;
}

PersonGrant OperatorGrant(const ProgrammeEntry& programme) {
  PersonGrant grant;
  grant.membership.set_programme_id(programme.programme_id);
  grant.membership.set_person_id(programme.operator_person_id);
  grant.membership.set_role(v1::ROLE_ADMINISTRATOR);
  grant.membership.mutable_scope()->set_programme(true);
  grant.roles.insert(v1::ROLE_ADMINISTRATOR);
  return grant;
}

}  // namespace baraza::server
