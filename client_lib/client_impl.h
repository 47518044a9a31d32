#ifndef BARAZA_CLIENT_LIB_CLIENT_IMPL_H_
#define BARAZA_CLIENT_LIB_CLIENT_IMPL_H_

#include <memory>
#include <string>
#include <vector>

#include "client_lib/client.h"
#include "core/base/ids.h"
#include "core/base/mutex.h"
#include "core/model/operation.h"
#include "core/model/register.h"
#include "core/model/validate.h"

namespace baraza::client {

// A random source made safe for several threads.
class LockedRandom final : public Random {
 public:
  explicit LockedRandom(Random& random) : random_(random) {}
  void Fill(absl::Span<uint8_t> out) override {
    MutexLock lock(mutex_);
    random_.Fill(out);
  }

 private:
  Mutex mutex_;
  Random& random_ BARAZA_GUARDED_BY(mutex_);
};

// What the parts of the client share. `mutex` guards the store and everything derived from it; it
// is never held while the transport, an observer or a wait runs.
class Client::Impl {
 public:
  Impl(Options given, Clock& used_clock, Random& used_random)
      : options(std::move(given)),
        clock(used_clock),
        random(used_random),
        minter(used_clock, random) {}

  int64_t WallMs() const { return absl::ToUnixMillis(clock.Now()); }

  // --- Writing records (client_records.cc) -------------------------------------------------------

  // What becomes of a report's review stage when its team changes it.
  enum class ReviewRule {
    kSubmit,   // Captured or edited: submitted (again).
    kKeep,     // As it was.
    kAsGiven,  // The person chose it.
  };

  struct Change {
    std::string record_id;
    // Null for a creation.
    const v1::RecordState* before = nullptr;
    // Of the type of `before`. With values of class DEVICE.
    std::unique_ptr<google::protobuf::Message> after;
    std::vector<RestatedField> restated;
    ReviewRule review = ReviewRule::kSubmit;
    std::string draft_id;
    std::vector<std::string> replaces;
  };
  absl::StatusOr<v1::ClientRecord> Apply(Change change) BARAZA_REQUIRES(mutex);
  absl::StatusOr<v1::ClientRecord> Create(const v1::Record& record, std::string draft_id,
                                          std::vector<std::string> replaces) BARAZA_REQUIRES(mutex);
  absl::StatusOr<v1::ClientRecord> Modify(absl::string_view record_id, const v1::Record& after,
                                          const EditOptions& edit,
                                          std::vector<std::string> replaces) BARAZA_REQUIRES(mutex);

  // --- Observers (client.cc) ---------------------------------------------------------------------

  // Tells the observers that the status, and these records if any, changed.
  void Notify(absl::Span<const std::string> record_ids) BARAZA_EXCLUDES(mutex);
  // Notify for what a call made of one record; passes the result on.
  absl::StatusOr<v1::ClientRecord> Notified(absl::StatusOr<v1::ClientRecord> result)
      BARAZA_EXCLUDES(mutex);
  absl::StatusOr<v1::ClientStatus> StatusNow() BARAZA_REQUIRES(mutex);

  // Open questions and follow-ups (client_follow_ups.cc).
  absl::StatusOr<std::vector<v1::FollowUpEntry>> FollowUps() BARAZA_REQUIRES(mutex);

  // --- Advice (client_advice.cc) -----------------------------------------------------------------

  struct Advice;
  absl::StatusOr<Advice*> CurrentAdvice() BARAZA_REQUIRES(mutex);
  absl::StatusOr<v1::Record> RecordOrDraft(absl::string_view id) BARAZA_REQUIRES(mutex);
  // A report that is not captured yet is the own team's and person's.
  void FillIn(v1::SessionReport& report) BARAZA_REQUIRES(mutex);
  absl::StatusOr<std::vector<v1::DuplicateHint>> Hints(v1::SessionReport report,
                                                       absl::string_view own_id)
      BARAZA_REQUIRES(mutex);
  absl::StatusOr<v1::WillItCount> Outlook(v1::SessionReport report, absl::string_view indicator_id)
      BARAZA_REQUIRES(mutex);

  // Waits until `duration` has passed: true; CancelSync: false.
  bool WaitUnlessCancelled(absl::Duration duration) BARAZA_EXCLUDES(mutex);

  const Options options;
  Clock& clock;
  LockedRandom random;
  IdMinter minter;

  Mutex mutex;
  CondVar cancelled_or_done;
  std::unique_ptr<DeviceStore> store BARAZA_GUARDED_BY(mutex);
  SyncTransport* transport BARAZA_GUARDED_BY(mutex) = nullptr;
  std::shared_ptr<Advice> advice BARAZA_GUARDED_BY(mutex);
  bool syncing BARAZA_GUARDED_BY(mutex) = false;
  bool cancel BARAZA_GUARDED_BY(mutex) = false;
  v1::SyncPhase phase BARAZA_GUARDED_BY(mutex) = v1::SYNC_PHASE_IDLE;
  std::string last_error BARAZA_GUARDED_BY(mutex);

  Mutex observers_mutex;
  std::vector<std::shared_ptr<ClientObserver>> observers BARAZA_GUARDED_BY(observers_mutex);
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLIENT_IMPL_H_
