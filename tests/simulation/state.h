#ifndef BARAZA_TESTS_SIMULATION_STATE_H_
#define BARAZA_TESTS_SIMULATION_STATE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/operation.pb.h"
#include "sync_server/consolidation/projection.h"
#include "sync_server/store/programme_store.h"

namespace baraza::sim {

// Everything that must depend on the set of operations alone, as text: records, sessions, what the
// matcher says of the pairs in them, what the feed holds and the figure. Not in it: positions in
// log and feed, times of arrival, epochs.
absl::StatusOr<std::string> StateOf(server::ProgrammeStore& store,
                                    const server::Projection& projection);

// The same of these operations, put into an empty store in this order and consolidated.
absl::StatusOr<std::string> StateOf(absl::Span<const v1::WireOperation> operations, uint64_t seed);

// The first line in which two texts differ, shortened.
std::string FirstDifference(absl::string_view a, absl::string_view b);

}  // namespace baraza::sim

#endif  // BARAZA_TESTS_SIMULATION_STATE_H_
