#ifndef BARAZA_CLIENT_LIB_SYNC_SYNC_ENGINE_H_
#define BARAZA_CLIENT_LIB_SYNC_SYNC_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "baraza/v1/client.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "client_lib/limits.h"
#include "client_lib/store/device_store.h"
#include "client_lib/sync/backoff.h"
#include "core/base/random.h"

namespace baraza::client {

// One run of sync, sans I/O: it says what to do next and is told how that went. No clock, no
// threads, no network; the same store, random numbers and answers give the same instructions.
//
//              Next                    OnResponse: all sent and read
//   kReady ----------> kInFlight ----------------------------------> kDone
//     ^  ^                |  |
//     |  |   OnResponse:  |  | OnError: UNAUTHENTICATED; directives
//     |  +----------------+  | SUSPENDED (once all is sent), UPDATE_SOFTWARE
//     |      more to do   |  +-------------------------------------> kPaused
//     |                   |
//     | OnWaited          | OnError: UNAVAILABLE, DEADLINE_EXCEEDED, ...;
//     |                   v OnResponse with retry_after or nothing moved
//     +---------------- kWaiting ----------------------------------> kFailed
//                                   attempts used up; an error that
//                                   trying again does not mend
//
// Invariants: what a response says is in the store, committed, before the next instruction; own
// operations go in the order of their device_seq; nothing is dropped on any error; a request that
// was not answered is sent again with the same op ids.
//
// Lives in one thread at a time; its owner guards it together with the store.
class SyncEngine {
 public:
  struct Options {
    std::string software_version;
    // Failures in a row before the run gives up; 0: never.
    int max_attempts = kDefaultSyncAttempts;
  };

  // Send this, within the deadline, then call OnResponse or OnError.
  struct Send {
    v1::SyncRequest request;
    absl::Duration deadline;
  };
  // Wait, then call OnWaited.
  struct Wait {
    absl::Duration duration;
  };
  // Everything is sent and read.
  struct Done {};
  // Needs a person; everything is kept. `phase` is one of the PAUSED ones.
  struct Paused {
    v1::SyncPhase phase;
    absl::Status status;
  };
  // Gave up for now; everything is kept.
  struct Failed {
    absl::Status status;
  };
  using Instruction = std::variant<Send, Wait, Done, Paused, Failed>;

  // `store` and `random` must outlive it.
  SyncEngine(DeviceStore& store, Random& random, Options options);

  // What to do now. `wall_time_ms` (the device's clock, data only) goes into the request. Asking
  // again before the answer gives the same instruction, with a request made anew.
  Instruction Next(int64_t wall_time_ms);

  // The answer to the last Send. `wall_time_ms` tells the skew of this device's clock. An error is
  // that of the store (RESOURCE_EXHAUSTED: the disk is full); the run is over then.
  absl::Status OnResponse(const v1::SyncResponse& response, int64_t wall_time_ms);

  // The last Send failed; `status` is not OK.
  void OnError(const absl::Status& status);

  // The last Wait is over.
  void OnWaited();

  // What has been done so far, also after a failure.
  const v1::SyncSummary& summary() const { return summary_; }

  // Ids of records that the run has changed since the last call, sorted.
  std::vector<std::string> TakeChangedRecords();

 private:
  enum class State { kReady, kInFlight, kWaiting, kDone, kPaused, kFailed };

  absl::StatusOr<v1::SyncRequest> MakeRequest(int64_t wall_time_ms);
  absl::Status Apply(const v1::SyncResponse& response, int64_t wall_time_ms);
  // What follows an answer that is in the store.
  absl::Status Decide(const v1::SyncResponse& response, int64_t wall_time_ms);
  absl::Status TakeNewDeviceId();
  void Grow(const v1::SyncLimits& limits);
  void Shrink();
  void Retry(const absl::Status& status);
  void Fail(absl::Status status);
  void Pause(v1::SyncPhase phase, absl::Status status);
  void SetPhase(v1::SyncPhase phase) { summary_.mutable_progress()->set_phase(phase); }

  DeviceStore& store_;
  const Options options_;
  Backoff backoff_;
  State state_ = State::kReady;
  absl::Status status_;
  v1::SyncPhase paused_phase_ = v1::SYNC_PHASE_UNSPECIFIED;
  absl::Duration wait_;

  size_t batch_bytes_ = kFirstBatchBytes;
  uint32_t response_bytes_ = kFirstResponseBytes;
  // Of the request in flight.
  size_t sent_operations_ = 0;
  size_t sent_bytes_ = 0;

  // Of the last answer.
  bool moved_ = false;
  int device_ids_taken_ = 0;
  int idle_round_trips_ = 0;
  int losing_round_trips_ = 0;
  v1::SyncSummary summary_;
  absl::btree_set<std::string> changed_records_;
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_SYNC_SYNC_ENGINE_H_
