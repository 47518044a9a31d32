#include "sync_server/services/admission.h"

#include <algorithm>
#include <utility>

#include "sync_server/limits.h"

namespace baraza::server {

std::optional<absl::Duration> Admission::Enter(const std::string& caller) {
  MutexLock lock(mutex_);
  const auto own = under_way_of_.find(caller);
  const bool has_share = own != under_way_of_.end() && own->second >= share_;
  if (under_way_ < limit_ && !has_share) {
    ++under_way_;
    ++under_way_of_[caller];
    return std::nullopt;
  }
  ++refusals_;
  if (has_share) return kMinTurn;
  const absl::Duration now = clock_.Monotonic();
  last_turn_ = std::clamp(last_turn_ + absl::Seconds(1 / (kTurnsPerEnd * pace_)), now + kMinTurn,
                          now + kMaxTurn);
  return last_turn_ - now;
}

void Admission::Leave(const std::string& caller) {
  MutexLock lock(mutex_);
  --under_way_;
  const auto own = under_way_of_.find(caller);
  if (--own->second == 0) under_way_of_.erase(own);
  fewest_in_window_ = std::min(fewest_in_window_, under_way_);
  ++left_in_window_;
  const absl::Duration now = clock_.Monotonic();
  const absl::Duration length = now - window_began_;
  if (length < kPaceWindow) return;
  const double measured = static_cast<double>(left_in_window_) / absl::ToDoubleSeconds(length);
  if (measured > pace_) {
    pace_ = measured;
  } else if (fewest_in_window_ >= limit_ / 2) {
    // Fewer than that at hand say what was asked for, not what the server can do.
    pace_ = std::max((pace_ + measured) / 2, kLeastPace);
  }
  window_began_ = now;
  left_in_window_ = 0;
  fewest_in_window_ = under_way_;
}

std::optional<int64_t> Admission::TakeRefusals() {
  MutexLock lock(mutex_);
  const absl::Duration now = clock_.Monotonic();
  if (refusals_ == 0 || now - reported_ < kRefusalReportPeriod) return std::nullopt;
  reported_ = now;
  return std::exchange(refusals_, 0);
}

}  // namespace baraza::server
