#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/progress.h"
#include "client_lib/sync/grpc/grpc_transport.h"
#include "core/base/status.h"

namespace baraza::client {

namespace {

absl::Status Sync(Cli& cli, int attempts) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.EnrolledDevice());
  const std::optional<Connection> connection = client->GetConnection();
  if (!connection.has_value()) return NotEnrolledError();
  BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<SyncTransport> transport,
                          GrpcTransport::Create(*connection));
  client->SetTransport(transport.get());
  absl::StatusOr<v1::SyncSummary> summary;
  {
    Progress progress(cli, "Syncing");
    Client::SyncOptions options;
    options.max_attempts = attempts;
    options.progress = [&progress](const v1::SyncProgress& step) {
      progress.Show(step.operations_sent() + step.items_received(),
                    step.operations_total() > step.operations_sent()
                        ? step.operations_total() + step.items_received()
                        : 0);
    };
    summary = client->Sync(options);
  }
  client->SetTransport(nullptr);
  if (!summary.ok()) return summary.status();
  cli.ForgetRegister();
  if (summary->rejected() > 0) cli.SetExitCode(ExitCode::kRejected);
  if (cli.json) {
    cli.PrintJson(*summary);
    return absl::OkStatus();
  }
  const v1::SyncProgress& progress = summary->progress();
  cli.out() << "Sent " << summary->accepted() << ", received " << progress.items_received() << " ("
            << progress.bytes_sent() << " bytes out, " << progress.bytes_received() << " in, "
            << progress.round_trips() << " round trips).\n";
  if (summary->sent_again() > 0) {
    cli.out() << "The server had been restored; " << summary->sent_again()
              << " that it had lost were sent again.\n";
  }
  if (summary->took_new_device_id()) {
    cli.out() << "This database is a copy of another one; it has a device id of its own now.\n";
  }
  if (summary->unreadable_items() > 0) {
    cli.out() << summary->unreadable_items()
              << " items are of a newer version; update this program to see them.\n";
  }
  if (summary->rejected() > 0) {
    cli.out() << "The server did not take " << summary->rejected()
              << "; nothing is lost. Next: baraza quarantine\n";
  }
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientStatus status, client->Status());
  if (status.open_questions() > 0) {
    cli.Note(absl::StrCat("Open questions: ", status.open_questions(), " (baraza follow-ups)"));
  }
  if (status.returned_reports() > 0) {
    cli.Note(absl::StrCat("Returned reports: ", status.returned_reports(), " (baraza list)"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddSyncCommand(CLI::App& app, Cli& cli) {
  auto attempts = std::make_shared<int>(kDefaultSyncAttempts);
  CLI::App* sync =
      app.add_subcommand("sync", "Send what was captured, fetch what is new")->group(kDeviceGroup);
  sync->footer(
      "May be stopped and run again at any time: nothing is lost and nothing counts twice.\n"
      "Examples:\n"
      "  baraza sync\n"
      "  baraza sync --attempts 1          (in a script: do not wait for the network)");
  sync->add_option("--attempts", *attempts, "Give up after so many failures in a row")
      ->check(CLI::Range(1, 1000));
  sync->callback(
      [&cli, attempts] { cli.SetAction([&cli, attempts] { return Sync(cli, *attempts); }); });
}

}  // namespace baraza::client
