#ifndef BARAZA_CLIENT_LIB_STORE_RECORD_VIEW_H_
#define BARAZA_CLIENT_LIB_STORE_RECORD_VIEW_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "baraza/v1/record.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/model/operation.h"

namespace baraza::client {

// What a device shows of a record, from what it holds of it. Pure functions.

// The state that was sent, as it stands.
v1::RecordState StateFromFeed(const v1::FeedRecord& record, const std::string& programme_id);

// The record's current state; nullopt when the device holds nothing of it.
//
// With its creating operation the record is the merge of its operations. Without it, own
// operations on a record that was sent as a state (an answered follow-up, say) are laid over that
// state: it is taken for the creating operation, from which they descend. Operations that the sent
// state already contains are left out: those that are not `pending` and whose lamport it has
// passed.
std::optional<v1::RecordState> ViewOfRecord(std::vector<Operation> operations,
                                            const absl::btree_set<std::string>& pending,
                                            const std::optional<v1::FeedRecord>& sent,
                                            const std::string& programme_id);

// `heads` and all operations that they descend from. ABORTED if a head is not among `operations`.
absl::StatusOr<std::vector<Operation>> AncestorsOf(absl::Span<const Operation> operations,
                                                   absl::Span<const std::string> heads);

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_STORE_RECORD_VIEW_H_
