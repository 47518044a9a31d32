#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "client_lib/cli/cli.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/context.h"
#include "client_lib/cli/exit_code.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace baraza::client {

namespace {

void ReportError(const Cli& cli, const absl::Status& status) {
  const std::string next = NextStep(status);
  if (cli.json) {
    google::protobuf::Struct error;
    auto& fields = *error.mutable_fields();
    fields["error"].set_string_value(absl::StatusCodeToString(status.code()));
    fields["exitCode"].set_number_value(static_cast<int>(ExitCodeOf(status)));
    fields["message"].set_string_value(std::string(status.message()));
    if (!next.empty()) fields["next"].set_string_value(next);
    std::string text;
    (void)google::protobuf::util::MessageToJsonString(error, &text);
    cli.err() << text << "\n";
    return;
  }
  cli.err() << "baraza: " << status.message() << "\n";
  if (!next.empty()) cli.err() << next << "\n";
}

}  // namespace

int RunCli(const std::vector<std::string>& arguments, const CliEnvironment& environment) {
  Cli cli(environment);
  CLI::App app(
      "Baraza counts gatherings honestly: capture reports of sharing and learning sessions\n"
      "without a network, sync them when there is one, and see what the coalition's count is\n"
      "made of.",
      "baraza");
  app.footer(absl::StrCat(
      "A first day:\n"
      "  baraza enrol --code-file -          (paste the code you were given)\n"
      "  baraza sync\n"
      "  baraza source --kind interview --date 2026-07-15 --informant KII-07\n"
      "  baraza capture                      (asks you question by question)\n"
      "  baraza sync\n"
      "  baraza count --indicator Nordlys --period 2026-Q3\n\n"
      "BARAZA_DB names the database when --db does not. `baraza COMMAND --help` has examples.\n\n",
      ExitCodeHelp()));
  app.require_subcommand(1);
  app.fallthrough();
  app.set_help_all_flag("--help-all", "The help of every command");
  app.set_version_flag("--version", std::string(SoftwareVersion()));
  app.add_option("--db", cli.db_option,
                 "Database file (default: BARAZA_DB, else XDG_DATA_HOME/baraza/baraza.db)");
  app.add_flag("--json", cli.json,
               "Answer in JSON (the proto3 form), one object a line; errors too");
  app.add_option("--lang", cli.language_option, "Language of answers: en, fr, es, pt, cs");
  app.add_option("--timeout", cli.timeout_seconds, "Seconds to wait for the server")
      ->check(CLI::Range(1, 3600));

  AddEnrolCommand(app, cli);
  AddCaptureCommands(app, cli);
  AddDraftCommands(app, cli);
  AddEditCommands(app, cli);
  AddShowCommands(app, cli);
  AddFollowUpCommands(app, cli);
  AddHintsCommand(app, cli);
  AddSyncCommand(app, cli);
  AddStatusCommands(app, cli);
  AddCountCommand(app, cli);
  AddSessionCommands(app, cli);
  AddReviewCommands(app, cli);
  AddPublishCommands(app, cli);
  AddExportCommands(app, cli);
  AddProgrammeCommands(app, cli);
  AddCredentialCommands(app, cli);

  try {
    // CLI11 takes them in reverse.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, environment.out, environment.err);
    return code == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  if (!cli.action()) {
    environment.err << app.help();
    return static_cast<int>(ExitCode::kUsage);
  }
  const absl::Status status = cli.action()();
  if (!status.ok()) {
    ReportError(cli, status);
    return static_cast<int>(ExitCodeOf(status));
  }
  return static_cast<int>(cli.exit_code());
}

}  // namespace baraza::client
