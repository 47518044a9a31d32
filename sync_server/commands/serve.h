#ifndef BARAZA_SYNC_SERVER_COMMANDS_SERVE_H_
#define BARAZA_SYNC_SERVER_COMMANDS_SERVE_H_

#include <string>

#include "absl/status/status.h"
#include "sync_server/services/server.h"

namespace baraza::server {

// Serves until SIGTERM or SIGINT, then stops in good order: calls end, everything commits, logs are
// checkpointed. `port_file` (may be empty) is written once the server listens. To be called before
// any thread is started.
absl::Status ServeUntilSignal(const ServerOptions& options, const std::string& port_file);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_SERVE_H_
