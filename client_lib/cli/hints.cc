#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/render.h"
#include "core/base/status.h"

namespace baraza::client {

namespace {

struct State {
  std::string id;
  std::string same;
  std::string different;
  std::string unsure;
  bool weights = false;
};

absl::Status Answer(Cli& cli, Client& client, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord current, client.Get(state.id));
  if (!current.record().has_session_report()) {
    return absl::InvalidArgumentError(absl::StrCat(state.id, ": expected the id of a report"));
  }
  v1::Record after = current.record();
  const auto put = [&after](const std::string& other, v1::HintAnswer::Answer answer) {
    if (other.empty()) return;
    v1::SessionReport& report = *after.mutable_session_report();
    for (v1::HintAnswer& given : *report.mutable_hint_answers()) {
      if (given.other_report_id() == other) {
        given.set_answer(answer);
        return;
      }
    }
    v1::HintAnswer& fresh = *report.add_hint_answers();
    fresh.set_other_report_id(other);
    fresh.set_answer(answer);
  };
  put(state.same, v1::HintAnswer::ANSWER_SAME);
  put(state.different, v1::HintAnswer::ANSWER_DIFFERENT);
  put(state.unsure, v1::HintAnswer::ANSWER_UNSURE);
  Client::EditOptions options;
  options.base_heads.assign(current.state().heads().begin(), current.state().heads().end());
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord edited, client.Edit(state.id, after, options));
  if (cli.json) {
    cli.PrintJson(edited);
  } else {
    cli.out() << state.id << "  answered\n";
    cli.Note("It is evidence for the server, not a ruling. baraza sync sends it.");
  }
  return absl::OkStatus();
}

absl::Status Hints(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.EnrolledDevice());
  if (!state.same.empty() || !state.different.empty() || !state.unsure.empty()) {
    return Answer(cli, *client, state);
  }
  BARAZA_ASSIGN_OR_RETURN(const std::vector<v1::DuplicateHint> hints,
                          client->DuplicateHintsFor(state.id));
  BARAZA_ASSIGN_OR_RETURN(const Register* reg, cli.LocalRegister());
  const Reader reader{*reg, cli.Language()};
  for (const v1::DuplicateHint& hint : hints) {
    if (cli.json) {
      cli.PrintJson(hint);
      continue;
    }
    cli.out() << hint.report_id() << "  "
              << SessionLine(hint.facts().title(), hint.facts().dates(), PlaceOf(hint.facts()))
              << "\n";
    PrintPair(cli, hint.explanation(), reader, state.weights, "    ");
  }
  if (hints.empty()) {
    cli.Note("Nothing on this device looks like the same session.");
  } else {
    cli.Note(absl::StrCat("If you know: baraza hints ", state.id,
                          " --same rep_... (or --different, --unsure)"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddHintsCommand(CLI::App& app, Cli& cli) {
  auto state = std::make_shared<State>();
  CLI::App* hints =
      app.add_subcommand("hints", "Sessions known here that may be the same as this one")
          ->group(kDeviceGroup);
  hints->footer(
      "Report it all the same: the server counts each session once.\n"
      "Examples:\n"
      "  baraza hints rep_...\n"
      "  baraza hints rep_... --same rep_...        (you know that it is the same session)");
  hints->add_option("id", state->id, "Id of a report or a draft")->required();
  hints->add_option("--same", state->same, "This other report tells of the same session");
  hints->add_option("--different", state->different, "This other report tells of another session");
  hints->add_option("--unsure", state->unsure, "You cannot tell");
  hints->add_flag("--weights", state->weights, "Show what each field weighs");
  hints->callback([&cli, state] { cli.SetAction([&cli, state] { return Hints(cli, *state); }); });
}

}  // namespace baraza::client
