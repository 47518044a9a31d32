#ifndef BARAZA_CLIENT_LIB_CLI_COMMANDS_H_
#define BARAZA_CLIENT_LIB_CLI_COMMANDS_H_

#include <CLI/App.hpp>

#include "client_lib/cli/context.h"

namespace baraza::client {

// Each declares the commands of one file; `cli` must outlive `app`.

inline constexpr char kDeviceGroup[] = "On a device";
inline constexpr char kOfficeGroup[] = "For the office";

void AddEnrolCommand(CLI::App& app, Cli& cli);
void AddCaptureCommands(CLI::App& app, Cli& cli);
void AddDraftCommands(CLI::App& app, Cli& cli);
void AddEditCommands(CLI::App& app, Cli& cli);
void AddShowCommands(CLI::App& app, Cli& cli);
void AddFollowUpCommands(CLI::App& app, Cli& cli);
void AddHintsCommand(CLI::App& app, Cli& cli);
void AddSyncCommand(CLI::App& app, Cli& cli);
void AddStatusCommands(CLI::App& app, Cli& cli);

void AddCountCommand(CLI::App& app, Cli& cli);
void AddSessionCommands(CLI::App& app, Cli& cli);
void AddReviewCommands(CLI::App& app, Cli& cli);
void AddPublishCommands(CLI::App& app, Cli& cli);
void AddExportCommands(CLI::App& app, Cli& cli);
void AddProgrammeCommands(CLI::App& app, Cli& cli);
void AddCredentialCommands(CLI::App& app, Cli& cli);

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLI_COMMANDS_H_
