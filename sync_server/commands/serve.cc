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
#include "sync_server/services/self_dial.h"

namespace baraza::server {
namespace {

// Unanswered dials in a row that end the program.
constexpr int kMaxUnanswered = 3;
constexpr absl::Duration kAnswerTime = absl::Seconds(10);

// Descriptors in use; 0 when the system does not say.
int64_t OpenFiles() {
  std::error_code error;
  std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return 0;
  return std::distance(std::filesystem::begin(entries), std::filesystem::end(entries));
}

}  // namespace

absl::Status ServeUntilSignal(const ServerOptions& options, const std::string& port_file,
                              absl::Duration watch) {
  // Threads inherit the mask, so the signals stay for sigtimedwait below.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  // A file at its limit is a full disk, and no reason to die.
  signal(SIGXFSZ, SIG_IGN);

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
  const std::string self = SelfAddress(options.listen, server->port());
  // An address that does not answer from the start cannot be dialled from here for some other
  // reason.
  const bool dials = DialSelf(self, server->tls(), kAnswerTime).ok();
  if (!dials) log.Write(LogLevel::kWarning, "unanswered", {{"times", int64_t{0}}});
  int unanswered = 0;
  absl::Status ended;
  while (true) {
    const timespec wait = absl::ToTimespec(watch);
    const int received = sigtimedwait(&signals, nullptr, &wait);
    if (received > 0) break;
    if (errno != EAGAIN && errno != EINTR) break;
    const int64_t open_files = OpenFiles();
    if (file_limit > 0 && open_files > static_cast<int64_t>(file_limit / 10 * 8)) {
      log.Write(LogLevel::kWarning, "open_files",
                {{"open", open_files}, {"limit", static_cast<int64_t>(file_limit)}});
    }
    if (!dials) continue;
    unanswered = DialSelf(self, server->tls(), kAnswerTime).ok() ? 0 : unanswered + 1;
    if (unanswered == 0) continue;
    log.Write(LogLevel::kWarning, "unanswered", {{"times", int64_t{unanswered}}});
    if (unanswered == kMaxUnanswered) {
      ended = absl::UnavailableError(
          absl::StrCat("nobody is answered on ", self, " any more; start the server again"));
      break;
    }
  }
  server->Stop(kDrainTime);
  if (!port_file.empty()) {
    std::error_code ignored;
    std::filesystem::remove(port_file, ignored);
  }
  return ended;
}

}  // namespace baraza::server
