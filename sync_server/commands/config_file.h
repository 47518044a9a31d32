#ifndef BARAZA_SYNC_SERVER_COMMANDS_CONFIG_FILE_H_
#define BARAZA_SYNC_SERVER_COMMANDS_CONFIG_FILE_H_

#include <string>

#include "absl/status/status.h"

namespace CLI {
class App;
}

namespace baraza::server {

// Gives the options of `command` that neither flag nor environment has set their values from a TOML
// file: keys are the long names of options without the dashes, those of one command in a table of
// its name, those for all at the top. INVALID_ARGUMENT for a file that is no TOML, a key that no
// command has, or a value of the wrong kind.
absl::Status ApplyConfigFile(const std::string& path, CLI::App& program, CLI::App& command);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_CONFIG_FILE_H_
