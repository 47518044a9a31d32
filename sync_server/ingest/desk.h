#ifndef BARAZA_SYNC_SERVER_INGEST_DESK_H_
#define BARAZA_SYNC_SERVER_INGEST_DESK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/operation.pb.h"
#include "baraza/v1/record.pb.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "google/protobuf/message.h"
#include "sync_server/ingest/caller.h"
#include "sync_server/ingest/group_commit.h"
#include "sync_server/store/programme_store.h"

namespace baraza::server {

// Changes with every operation on the record: the hash of its heads, in hexadecimal.
std::string EtagOf(const v1::RecordState& state);

// Mints operations for people who work at the server: the same operations, judged by the same rules
// and kept in the same log as those of devices, with the device id "desk". Safe from any thread.
class Desk {
 public:
  struct Outcome {
    v1::RecordState state;  // Merged, with the new operation.
    int64_t position = 0;   // Where the log holds the operation: a min_log_position for reads.
    std::string op_id;
    bool replayed = false;  // The request was carried out before; `state` is today's.
  };
  using Done = std::function<void(absl::StatusOr<Outcome>)>;

  // All must outlive the desk, and the desk every request.
  Desk(ProgrammeStore& store, GroupCommit& commit, Clock& clock, Random& random);
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // Creates (`record_id` empty, or one that is not in the log while `before` is null) or changes a
  // record: the operation says what differs between `before` (as the caller read it) and `after`.
  // `request_id` (may be empty) makes it idempotent: for the same person and request the first
  // result is answered. `etag` (may be empty) must be that of the record now. The messages are
  // copied. Calls `done` once, after the commit. Errors: INVALID_ARGUMENT naming the field;
  // NOT_FOUND; ABORTED: another etag; FAILED_PRECONDITION: nothing changes; PERMISSION_DENIED: the
  // caller's role may not write this; ALREADY_EXISTS: the request id stands for another request.
  void Append(const Caller& caller, v1::RecordType type, absl::string_view record_id,
              const google::protobuf::Message* before, const google::protobuf::Message& after,
              absl::string_view request_id, Done done, absl::string_view etag = "");

  // Erases parts of operations of a record. Errors as above; NOT_FOUND names an operation that the
  // record does not have.
  void Redact(const Caller& caller, absl::string_view record_id,
              absl::Span<const v1::Redaction> redactions, absl::string_view request_id, Done done);

 private:
  struct Request;

  void Submit(std::shared_ptr<Request> request, Done done);
  absl::Status Write(Request& request, StoreWriter& writer);

  ProgrammeStore& store_;
  GroupCommit& commit_;
  Clock& clock_;
  IdMinter ids_;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_INGEST_DESK_H_
