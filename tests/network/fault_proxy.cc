#include "tests/network/fault_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <deque>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace baraza::test {
namespace {

constexpr size_t kSegment = 1400;
// In flight in one direction; more is not read from whoever sends.
constexpr size_t kMostInFlight = 64 << 10;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int PortOf(const std::string& address) {
  int port = 0;
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) std::abort();
  return port;
}

void Prepare(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

}  // namespace

struct FaultProxy::Pair {
  // One direction.
  struct Way {
    struct Segment {
      absl::Time due;
      std::string bytes;
    };
    std::deque<Segment> in_flight;
    size_t bytes_in_flight = 0;
    int64_t taken = 0;
    absl::Time free_at;   // When the line has carried what it was given.
    bool ended = false;   // Nothing more comes.
    bool closed = false;  // And the other side was told.
  };
  int device = -1;
  int server = -1;
  Way up;
  Way down;
};

FaultProxy::FaultProxy(std::string target) : target_(std::move(target)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (listener_ < 0 || bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 512) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      pipe2(wake_, O_CLOEXEC | O_NONBLOCK) != 0) {
    std::abort();
  }
  Prepare(listener_);
  address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  thread_ = std::thread([this] { Loop(); });
}

FaultProxy::~FaultProxy() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  (void)!write(wake_[1], "x", 1);
  thread_.join();
  for (const auto& pair : pairs_) Close(*pair, false);
  close(listener_);
  close(wake_[0]);
  close(wake_[1]);
}

void FaultProxy::SetTarget(const std::string& target) {
  MutexLock lock(mutex_);
  target_ = target;
}

void FaultProxy::SetFault(Fault fault, int64_t after) {
  {
    MutexLock lock(mutex_);
    fault_ = fault;
    after_ = after;
  }
  (void)!write(wake_[1], "x", 1);
}

void FaultProxy::SetLine(const Line& line) {
  MutexLock lock(mutex_);
  line_ = line;
}

void FaultProxy::ResetAll() {
  {
    MutexLock lock(mutex_);
    reset_all_ = true;
  }
  (void)!write(wake_[1], "x", 1);
}

FaultProxy::Counters FaultProxy::counters() const {
  MutexLock lock(mutex_);
  return counters_;
}

void FaultProxy::Close(Pair& pair, bool reset) {
  for (int* const fd : {&pair.device, &pair.server}) {
    if (*fd < 0) continue;
    if (reset) {
      const linger now = {1, 0};
      setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    close(*fd);
    *fd = -1;
  }
  if (reset) {
    MutexLock lock(mutex_);
    ++counters_.resets;
  }
}

void FaultProxy::Accept() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    auto pair = std::make_unique<Pair>();
    pair->device = fd;
    Prepare(fd);
    std::string target;
    bool refuse = false;
    {
      MutexLock lock(mutex_);
      ++counters_.connections;
      target = target_;
      refuse = fault_ == Fault::kRefuse;
    }
    pair->server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(PortOf(target));
    // On loopback this answers at once, either way.
    if (refuse || pair->server < 0 ||
        connect(pair->server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      Close(*pair, true);
      continue;
    }
    Prepare(pair->server);
    pairs_.push_back(std::move(pair));
  }
}

bool FaultProxy::Take(Pair& pair, bool up) {
  Pair::Way& way = up ? pair.up : pair.down;
  const int from = up ? pair.device : pair.server;
  while (!way.ended && way.bytes_in_flight < kMostInFlight) {
    char buffer[kSegment];
    const ssize_t got = recv(from, buffer, sizeof buffer, 0);
    if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    if (got == 0) {
      way.ended = true;
      return true;
    }
    way.taken += got;
    const absl::Time now = absl::Now();
    MutexLock lock(mutex_);
    (up ? counters_.bytes_up : counters_.bytes_down) += got;
    if (fault_ == Fault::kBlackHole || (fault_ == Fault::kDropResponses && !up)) continue;
    if (fault_ == Fault::kResetUp && up && way.taken > after_) return false;
    if (fault_ == Fault::kResetDown && !up && way.taken > after_) return false;
    if (fault_ == Fault::kHalfClose && up && way.taken > after_) {
      way.ended = true;
      return true;
    }
    Pair::Way::Segment segment;
    way.free_at = std::max(way.free_at, now);
    if (line_.bytes_per_second > 0) {
      way.free_at += absl::Seconds(1) * got / line_.bytes_per_second;
    }
    segment.due = way.free_at + line_.delay;
    // The same segments each time: which one gets lost is no matter of chance.
    segments_ = segments_ * 6364136223846793005 + 1442695040888963407;
    if (static_cast<int>((segments_ >> 33) % 1000) < line_.lost_per_mille) {
      segment.due += 2 * line_.delay + absl::Milliseconds(200);
    }
    // TCP keeps the order: what follows a lost segment waits for it.
    if (!way.in_flight.empty()) segment.due = std::max(segment.due, way.in_flight.back().due);
    segment.bytes.assign(buffer, static_cast<size_t>(got));
    way.bytes_in_flight += segment.bytes.size();
    way.in_flight.push_back(std::move(segment));
  }
  return true;
}

bool FaultProxy::Give(Pair& pair, bool up) {
  Pair::Way& way = up ? pair.up : pair.down;
  const int to = up ? pair.server : pair.device;
  const absl::Time now = absl::Now();
  while (!way.in_flight.empty() && way.in_flight.front().due <= now) {
    std::string& bytes = way.in_flight.front().bytes;
    const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    way.bytes_in_flight -= static_cast<size_t>(sent);
    bytes.erase(0, static_cast<size_t>(sent));
    if (bytes.empty()) way.in_flight.pop_front();
  }
  if (way.ended && way.in_flight.empty() && !way.closed) {
    shutdown(to, SHUT_WR);
    way.closed = true;
  }
  return true;
}

bool FaultProxy::Pump(Pair& pair) {
  if (!Take(pair, true) || !Take(pair, false) || !Give(pair, true) || !Give(pair, false)) {
    Close(pair, true);
    return false;
  }
  if (pair.up.closed && pair.down.closed) {
    Close(pair, false);
    return false;
  }
  return true;
}

void FaultProxy::Loop() {
  while (true) {
    std::vector<pollfd> polled = {{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    absl::Time next = absl::InfiniteFuture();
    for (const auto& pair : pairs_) {
      for (const bool up : {true, false}) {
        const Pair::Way& way = up ? pair->up : pair->down;
        if (!way.ended && way.bytes_in_flight < kMostInFlight) {
          polled.push_back({up ? pair->device : pair->server, POLLIN, 0});
        }
        if (way.in_flight.empty()) continue;
        const absl::Time due = way.in_flight.front().due;
        next = std::min(next, due);
        // Due and still here: the other side takes no more at the moment.
        if (due <= absl::Now()) polled.push_back({up ? pair->server : pair->device, POLLOUT, 0});
      }
    }
    const absl::Duration left = next - absl::Now();
    const int wait_ms =
        next == absl::InfiniteFuture()
            ? 1000
            : static_cast<int>(std::clamp<int64_t>(absl::ToInt64Milliseconds(left) + 1, 1, 1000));
    poll(polled.data(), polled.size(), wait_ms);
    char drained[64];
    while (read(wake_[0], drained, sizeof drained) > 0) {
    }
    bool reset = false;
    {
      MutexLock lock(mutex_);
      if (stopping_) return;
      reset = reset_all_ || fault_ == Fault::kRefuse;
      reset_all_ = false;
    }
    if (reset) {
      for (const auto& pair : pairs_) Close(*pair, true);
      pairs_.clear();
    }
    Accept();
    pairs_.remove_if([this](const std::unique_ptr<Pair>& pair) { return !Pump(*pair); });
  }
}

}  // namespace baraza::test
