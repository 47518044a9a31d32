#ifndef BARAZA_SYNC_SERVER_SERVICES_ADMISSION_H_
#define BARAZA_SYNC_SERVER_SERVICES_ADMISSION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "sync_server/limits.h"

namespace baraza::server {

// Lets so many calls in at a time and sends the others away with a turn: each is told to come back
// when those before it will have been served, at the pace at which calls have ended lately. Who
// keeps to it is sent away once or twice, and the server is neither idle nor flooded meanwhile.
//
// No caller takes more than a share of the places, so that one whose program runs wild keeps nobody
// else out; beyond it he is refused without a turn.
//
// Safe from any thread. `clock` must outlive it; its monotonic time counts.
class Admission {
 public:
  // At most `limit` calls at a time, of one caller at most `share`; both more than 0.
  Admission(int limit, int share, Clock& clock) : limit_(limit), share_(share), clock_(clock) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // nullopt: let in; one Leave of the same caller must follow. Else the call is refused, and this
  // is how long its caller had best wait: at least kMinTurn, at most kMaxTurn.
  std::optional<absl::Duration> Enter(const std::string& caller);
  void Leave(const std::string& caller);

  // How many were refused since this last said so, for the server's log: at most one number a
  // kRefusalReportPeriod, so that a flood does not fill the disk. nullopt: nothing to say now.
  std::optional<int64_t> TakeRefusals();

 private:
  const int limit_;
  const int share_;
  Clock& clock_;
  Mutex mutex_;
  int under_way_ BARAZA_GUARDED_BY(mutex_) = 0;
  // Of those who have any.
  std::map<std::string, int> under_way_of_ BARAZA_GUARDED_BY(mutex_);
  // Calls that end in a second when there are enough of them.
  double pace_ BARAZA_GUARDED_BY(mutex_) = kFirstPace;
  // What is being counted for it.
  absl::Duration window_began_ BARAZA_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  int64_t left_in_window_ BARAZA_GUARDED_BY(mutex_) = 0;
  int fewest_in_window_ BARAZA_GUARDED_BY(mutex_) = 0;
  // The moment of the last turn that was given out.
  absl::Duration last_turn_ BARAZA_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  int64_t refusals_ BARAZA_GUARDED_BY(mutex_) = 0;
  absl::Duration reported_ BARAZA_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_ADMISSION_H_
