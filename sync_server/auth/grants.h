#ifndef BARAZA_SYNC_SERVER_AUTH_GRANTS_H_
#define BARAZA_SYNC_SERVER_AUTH_GRANTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "baraza/v1/record.pb.h"
#include "core/model/operation.h"
#include "sync_server/store/programme_store.h"
#include "sync_server/store/registry_store.h"

namespace baraza::server {

// What a Person record grants: its place now from the merged state, and every team and role that an
// administrator ever gave from the operations (redundant by design: a registry restored from an
// older backup comes out the same). INVALID_ARGUMENT when `state` is no person.
absl::StatusOr<PersonGrant> GrantOf(const v1::RecordState& state,
                                    absl::Span<const Operation> operations);

// Brings the registry's entry of one person up to date. Returns whether anything changed.
absl::StatusOr<bool> ApplyPerson(const v1::RecordState& state, ProgrammeStore& store,
                                 RegistryStore& registry);

// Brings the registry up to date with the Person records of a programme; returns how many entries
// changed.
absl::StatusOr<int> ReconcileGrants(ProgrammeStore& store, RegistryStore& registry);

// The author for what the operator of the machine does in a programme.
PersonGrant OperatorGrant(const ProgrammeEntry& programme);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_AUTH_GRANTS_H_
