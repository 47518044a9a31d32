#ifndef BARAZA_SYNC_SERVER_COMMANDS_PROGRAM_H_
#define BARAZA_SYNC_SERVER_COMMANDS_PROGRAM_H_

namespace baraza::server {

// baraza-server: reads flags, environment and configuration file, runs the command, returns the
// exit code.
int RunProgram(int argc, const char* const* argv);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_PROGRAM_H_
