#include "sync_server/commands/serve.h"

#include <signal.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/status.h"
#include "sync_server/limits.h"
#include "sync_server/services/data_dir.h"
#include "sync_server/services/event_log.h"

namespace baraza::server {
namespace {

constexpr time_t kWatchSeconds = 30;

// Descriptors in use; 0 when the system does not say.
int64_t OpenFiles() {
  std::error_code error;
  std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return 0;
  return std::distance(std::filesystem::begin(entries), std::filesystem::end(entries));
}

}  // namespace

absl::Status ServeUntilSignal(const ServerOptions& options, const std::string& port_file) {
  // Threads inherit the mask, so the signals stay for sigtimedwait below.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  SystemClock clock;
  SystemRandom random;
  // As long as the process: gRPC's own threads may have a last word after the server is gone.
  static EventLog& log = *new EventLog(*new SystemClock, StandardErrorSink());
  RedirectLibraryLogs(log);
  const uint64_t file_limit = RaiseOpenFileLimit();
  if (file_limit < kWantedOpenFiles) {
    log.Write(LogLevel::kWarning, "open_file_limit", {{"limit", static_cast<int64_t>(file_limit)}});
  }
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<Server> server,
                          Server::Start(options, clock, random, log));
  if (!port_file.empty()) {
    BARAZA_RETURN_IF_ERROR(
        WriteWholeFile(port_file, absl::StrCat(server->port(), "\n"), /*secret=*/false));
  }
  while (true) {
    const timespec wait{kWatchSeconds, 0};
    const int received = sigtimedwait(&signals, nullptr, &wait);
    if (received > 0) break;
    if (errno != EAGAIN && errno != EINTR) break;
    const int64_t open_files = OpenFiles();
    if (file_limit > 0 && open_files > static_cast<int64_t>(file_limit / 10 * 8)) {
      log.Write(LogLevel::kWarning, "open_files",
                {{"open", open_files}, {"limit", static_cast<int64_t>(file_limit)}});
    }
  }
  server->Stop(kDrainTime);
  if (!port_file.empty()) {
    std::error_code ignored;
    std::filesystem::remove(port_file, ignored);
  }
  return absl::OkStatus();
}

}  // namespace baraza::server
