#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "baraza/v1/indicator_service.grpc.pb.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/names.h"
#include "client_lib/cli/office.h"
#include "core/base/ids.h"
#include "core/base/status.h"

namespace baraza::client {

namespace {

struct State {
  std::string indicator, period, reason;
  int64_t expected = 0;
  bool list = false;
};

absl::StatusOr<std::string> FigureName(const Cli& cli, Office& office, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office.FetchRegister());
  BARAZA_ASSIGN_OR_RETURN(const std::string id,
                          IndicatorByName(reg, state.indicator, cli.Language()));
  return absl::StrCat(office.Name("indicators", id), "/figures/", state.period);
}

void PrintPublished(const Cli& cli, const v1::PublishedFigure& figure) {
  if (cli.json) {
    cli.PrintJson(figure);
    return;
  }
  cli.out() << figure.id() << "  " << figure.period() << ": " << figure.value();
  if (figure.low() != figure.high()) {
    cli.out() << " (between " << figure.low() << " and " << figure.high() << ")";
  }
  cli.out() << "  as of " << figure.as_of();
  if (!figure.restates().empty()) {
    cli.out() << "  restates " << figure.restates() << ": " << figure.reason().text();
  }
  cli.out() << "\n";
}

absl::Status Publish(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  if (state.list) {
    v1::ListPublishedFiguresRequest request;
    request.set_parent(office->Programme());
    do {
      BARAZA_ASSIGN_OR_RETURN(
          const v1::ListPublishedFiguresResponse page,
          office->Call<v1::IndicatorService>(
              &v1::IndicatorService::StubInterface::ListPublishedFigures, request));
      for (const v1::PublishedFigure& figure : page.figures()) PrintPublished(cli, figure);
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return absl::OkStatus();
  }
  if (state.indicator.empty() || state.period.empty()) {
    return absl::InvalidArgumentError("give --indicator and --period, or --list");
  }
  v1::PublishFigureRequest request;
  BARAZA_ASSIGN_OR_RETURN(*request.mutable_name(), FigureName(cli, *office, state));
  request.set_expected_log_position(state.expected);
  request.set_request_id(MintId("req", cli.env().clock, cli.env().random));
  BARAZA_ASSIGN_OR_RETURN(const v1::PublishedFigure figure,
                          office->Call<v1::IndicatorService>(
                              &v1::IndicatorService::StubInterface::PublishFigure, request));
  PrintPublished(cli, figure);
  cli.Note("It is frozen. A later change: baraza restate --reason \"...\"");
  return absl::OkStatus();
}

absl::Status Restate(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  v1::RestateFigureRequest request;
  BARAZA_ASSIGN_OR_RETURN(*request.mutable_name(), FigureName(cli, *office, state));
  request.mutable_reason()->set_text(state.reason);
  request.mutable_reason()->set_language(cli.Language());
  request.set_expected_log_position(state.expected);
  request.set_request_id(MintId("req", cli.env().clock, cli.env().random));
  BARAZA_ASSIGN_OR_RETURN(const v1::PublishedFigure figure,
                          office->Call<v1::IndicatorService>(
                              &v1::IndicatorService::StubInterface::RestateFigure, request));
  PrintPublished(cli, figure);
  return absl::OkStatus();
}

}  // namespace

void AddPublishCommands(CLI::App& app, Cli& cli) {
  auto state = std::make_shared<State>();
  CLI::App* publish =
      app.add_subcommand("publish", "Freeze a figure as it stands, with its sessions and reports")
          ->group(kOfficeGroup);
  publish->footer(
      "Examples:\n"
      "  baraza publish --indicator Nordlys --period 2026-Q2 --expect 214\n"
      "  baraza publish --list\n"
      "--expect is the log position that `baraza count` showed: if anything changed since, "
      "nothing\n"
      "is published.");
  publish->add_option("--indicator", state->indicator, "By title, donor or id");
  publish->add_option("--period", state->period, "2026-Q2, 2026, ...");
  publish->add_option("--expect", state->expected, "The log position that you looked at");
  publish->add_flag("--list", state->list, "What was published");
  publish->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return Publish(cli, *state); }); });

  auto restate_state = std::make_shared<State>();
  CLI::App* restate =
      app.add_subcommand("restate", "Publish a figure anew, saying why")->group(kOfficeGroup);
  restate->footer(
      "Example:\n"
      "  baraza restate --indicator Nordlys --period 2026-Q2 --reason \"two late reports\"");
  restate->add_option("--indicator", restate_state->indicator, "By title, donor or id")->required();
  restate->add_option("--period", restate_state->period, "2026-Q2, 2026, ...")->required();
  restate->add_option("--reason", restate_state->reason, "Why; it is published")->required();
  restate->add_option("--expect", restate_state->expected, "The log position that you looked at");
  restate->callback([&cli, restate_state] {
    cli.SetAction([&cli, restate_state] { return Restate(cli, *restate_state); });
  });
}

}  // namespace baraza::client
