#include "core/base/status.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/json_input.h"
#include "client_lib/cli/names.h"

namespace baraza::client {

namespace {

std::string Lower(absl::string_view name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

std::string When(int64_t ms) {
  return ms == 0 ? "never"
                 : absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::FromUnixMillis(ms),
                                    absl::UTCTimeZone());
}

absl::Status Status(Cli& cli) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.Device());
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientStatus status, client->Status());
  if (cli.json) {
    cli.PrintJson(status);
    return absl::OkStatus();
  }
  BARAZA_ASSIGN_OR_RETURN(const Register* reg, cli.LocalRegister());
  BARAZA_ASSIGN_OR_RETURN(const std::string path, cli.DatabasePath());
  const std::string language = cli.Language();
  cli.out() << "database      " << path << (status.read_only() ? "  (disk full: read only)" : "")
            << "\n"
            << "device        " << status.device_id() << "\n";
  if (!status.enrolled()) {
    cli.out() << "enrolled      no\n";
    cli.Note("Next: baraza enrol --code-file -");
    return absl::OkStatus();
  }
  const v1::Membership& member = status.membership();
  cli.out() << "enrolled as   " << NameOf(*reg, member.person_id(), language) << ", "
            << Lower(v1::Role_Name(member.role()), "ROLE_");
  if (!member.team_id().empty()) cli.out() << ", " << NameOf(*reg, member.team_id(), language);
  cli.out() << "\n"
            << "server        " << status.server_address() << "\n"
            << "not sent yet  " << status.outbox();
  if (status.oldest_pending_ms() != 0) {
    cli.out() << "  (the oldest from " << When(status.oldest_pending_ms()) << ")";
  }
  cli.out() << "\n"
            << "drafts        " << status.drafts() << "\n"
            << "questions     " << status.open_questions()
            << (status.open_questions() > 0 ? "  (baraza follow-ups)" : "") << "\n"
            << "returned      " << status.returned_reports() << "\n"
            << "conflicts     " << status.conflicts() << "\n"
            << "quarantined   " << status.quarantined()
            << (status.quarantined() > 0 ? "  (baraza quarantine)" : "") << "\n"
            << "last sync     " << When(status.last_sync_ms()) << "\n";
  const int64_t skew_minutes = status.clock_skew_ms() / 60'000;
  if (skew_minutes < -5 || skew_minutes > 5) {
    cli.out() << "clock         wrong by " << skew_minutes
              << " minutes; nothing depends on it, but do set it\n";
  }
  if (status.phase() == v1::SYNC_PHASE_PAUSED_AUTHENTICATION) {
    cli.out() << "sync          paused: the server does not know this credential; enrol again\n";
  } else if (status.phase() == v1::SYNC_PHASE_PAUSED_UPDATE) {
    cli.out() << "sync          paused: this program is too old or too new for the server\n";
  } else if (status.phase() == v1::SYNC_PHASE_PAUSED_SUSPENDED) {
    cli.out() << "sync          paused: the office suspended this device\n";
  }
  if (!status.last_error().empty()) cli.out() << "last error    " << status.last_error() << "\n";
  return absl::OkStatus();
}

struct QuarantineState {
  std::string op_id;
  std::string file;
};

absl::Status Quarantine(Cli& cli) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.Device());
  BARAZA_ASSIGN_OR_RETURN(const std::vector<v1::QuarantineEntry> entries, client->Quarantine());
  for (const v1::QuarantineEntry& entry : entries) {
    if (cli.json) {
      cli.PrintJson(entry);
      continue;
    }
    cli.out() << entry.op_id() << "  "
              << Lower(v1::RejectionReason_Name(entry.reason()), "REJECTION_REASON_") << "\n    "
              << entry.message() << "\n";
  }
  if (entries.empty()) {
    cli.Note("Empty: the server took everything.");
  } else {
    cli.Note(
        "Nothing is lost. baraza quarantine recapture OP --file CORRECTED sends it anew,\n"
        "baraza quarantine dismiss OP takes it off this list.");
  }
  return absl::OkStatus();
}

absl::Status Dismiss(Cli& cli, const std::string& op_id) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.Device());
  BARAZA_RETURN_IF_ERROR(client->DismissQuarantined(op_id));
  cli.Note("Dismissed.");
  return absl::OkStatus();
}

absl::Status Recapture(Cli& cli, const QuarantineState& state) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.EnrolledDevice());
  std::optional<v1::Record> corrected;
  if (!state.file.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const std::string text, ReadInput(cli, state.file));
    BARAZA_ASSIGN_OR_RETURN(const std::vector<google::protobuf::Value> values,
                            ParseJsonValues(text));
    auto record = RecordOfValue(values.front());
    if (!record.ok()) return Annotate(record.status(), state.file);
    corrected = *std::move(record);
  }
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord record,
                          client->RecaptureQuarantined(state.op_id, corrected));
  if (cli.json) {
    cli.PrintJson(record);
  } else {
    cli.out() << record.state().record_id() << "\n";
    cli.Note("Captured anew; baraza sync sends it.");
  }
  return absl::OkStatus();
}

}  // namespace

void AddStatusCommands(CLI::App& app, Cli& cli) {
  CLI::App* status =
      app.add_subcommand("status", "Who this device is and what waits")->group(kDeviceGroup);
  status->callback([&cli] { cli.SetAction([&cli] { return Status(cli); }); });

  auto state = std::make_shared<QuarantineState>();
  CLI::App* quarantine = app.add_subcommand("quarantine", "What the server did not take, and why")
                             ->group(kDeviceGroup);
  quarantine->require_subcommand(0, 1);
  quarantine->fallthrough();
  quarantine->footer(
      "Examples:\n"
      "  baraza quarantine\n"
      "  baraza quarantine recapture op_... --file corrected.json\n"
      "  baraza quarantine dismiss op_...");
  quarantine->callback([&cli] {
    if (!cli.action()) cli.SetAction([&cli] { return Quarantine(cli); });
  });
  CLI::App* dismiss = quarantine->add_subcommand("dismiss", "Take an entry off the list");
  dismiss->add_option("op", state->op_id, "Its op_id")->required();
  dismiss->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return Dismiss(cli, state->op_id); }); });
  CLI::App* recapture = quarantine->add_subcommand("recapture", "Send its content anew");
  recapture->add_option("op", state->op_id, "Its op_id")->required();
  recapture->add_option("--file", state->file,
                        "JSON of the whole corrected record; - is the input");
  recapture->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return Recapture(cli, *state); }); });
}

}  // namespace baraza::client
