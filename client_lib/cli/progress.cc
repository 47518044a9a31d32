#include "client_lib/cli/progress.h"

#include <algorithm>
#include <string>

namespace baraza::client {

namespace {

constexpr absl::Duration kRedraw = absl::Milliseconds(100);
constexpr uint64_t kWidth = 30;

}  // namespace

Progress::Progress(const Cli& cli, absl::string_view what)
    : cli_(cli), what_(what), begun_(cli.env().clock.Monotonic()), drawn_(begun_) {}

Progress::~Progress() {
  if (visible_) cli_.err() << "\r\x1b[K" << std::flush;
}

void Progress::Show(uint64_t done, uint64_t total) {
  if (!cli_.env().err_is_terminal || cli_.json) return;
  const absl::Duration now = cli_.env().clock.Monotonic();
  if (now - begun_ < kProgressAfter || (visible_ && now - drawn_ < kRedraw)) return;
  visible_ = true;
  drawn_ = now;
  cli_.err() << "\r\x1b[K" << what_ << " ";
  if (total > 0) {
    const uint64_t filled = std::min(done, total) * kWidth / total;
    cli_.err() << "[" << std::string(filled, '#') << std::string(kWidth - filled, '.') << "] "
               << done << "/" << total;
  } else {
    cli_.err() << done;
  }
  cli_.err() << std::flush;
}

}  // namespace baraza::client
