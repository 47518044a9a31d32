#ifndef BARAZA_SYNC_SERVER_COMMANDS_SERVE_H_
#define BARAZA_SYNC_SERVER_COMMANDS_SERVE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "sync_server/services/server.h"

namespace baraza::server {

// Serves until SIGTERM or SIGINT, then stops in good order: calls end, everything commits, logs are
// checkpointed. `port_file` (may be empty) is written once the server listens. Every `watch` it
// looks after itself: how many files are open, and whether somebody who dials is answered; when
// nobody was three times in a row it stops with UNAVAILABLE, for whoever supervises it to start it
// again. To be called before any thread is started.
absl::Status ServeUntilSignal(const ServerOptions& options, const std::string& port_file,
                              absl::Duration watch);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_SERVE_H_
