#ifndef BARAZA_TESTS_NETWORK_FAULT_PROXY_H_
#define BARAZA_TESTS_NETWORK_FAULT_PROXY_H_

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "core/base/thread_annotations.h"

namespace baraza::test {

// A line between a device and a server on loopback that can be made bad: it forwards TCP in a
// thread of its own. What is set holds for the connections that there are and for those to come.
// Safe from any thread.
class FaultProxy {
 public:
  enum class Fault {
    kNone,
    kRefuse,         // New connections are reset at once, those that there are as well.
    kResetUp,        // Reset once `after` bytes have come from the device.
    kResetDown,      // Reset once `after` bytes have come from the server: they do not arrive.
    kBlackHole,      // Nothing arrives anywhere, nobody is told.
    kDropResponses,  // What the device says arrives, what the server says does not.
    kHalfClose,      // After `after` bytes from the device its end is closed towards the server.
  };

  // How a line is when nothing is wrong with it.
  struct Line {
    // Bytes a second in each direction; 0: as fast as it goes.
    int64_t bytes_per_second = 0;
    // How long a byte takes in each direction.
    absl::Duration delay;
    // How often in a thousand a segment of 1,400 bytes gets lost and comes `delay` * 2 + 200 ms
    // later, as TCP sends it again.
    int lost_per_mille = 0;
  };

  // Forwards to `target`, "127.0.0.1:<port>". Listens when this returns.
  explicit FaultProxy(std::string target);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  // Where it listens.
  const std::string& address() const { return address_; }

  void SetTarget(const std::string& target);
  void SetFault(Fault fault, int64_t after = 0);
  void SetLine(const Line& line);
  // Resets every connection that there is.
  void ResetAll();

  struct Counters {
    int64_t connections = 0;
    int64_t resets = 0;
    int64_t bytes_up = 0;    // That came from devices.
    int64_t bytes_down = 0;  // That came from the server.
  };
  Counters counters() const;

 private:
  struct Pair;

  void Loop();
  void Accept();
  // False: the pair is to be closed.
  bool Pump(Pair& pair);
  bool Take(Pair& pair, bool up);
  bool Give(Pair& pair, bool up);
  void Close(Pair& pair, bool reset);

  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::string address_;
  std::list<std::unique_ptr<Pair>> pairs_;  // Of the thread.
  uint64_t segments_ = 0;                   // Of the thread.

  mutable Mutex mutex_;
  std::string target_ BARAZA_GUARDED_BY(mutex_);
  Fault fault_ BARAZA_GUARDED_BY(mutex_) = Fault::kNone;
  int64_t after_ BARAZA_GUARDED_BY(mutex_) = 0;
  Line line_ BARAZA_GUARDED_BY(mutex_);
  bool reset_all_ BARAZA_GUARDED_BY(mutex_) = false;
  bool stopping_ BARAZA_GUARDED_BY(mutex_) = false;
  Counters counters_ BARAZA_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace baraza::test

#endif  // BARAZA_TESTS_NETWORK_FAULT_PROXY_H_
