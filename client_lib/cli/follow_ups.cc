#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/dates.h"
#include "client_lib/cli/names.h"
#include "client_lib/cli/render.h"
#include "core/base/ids.h"
#include "core/base/status.h"

namespace baraza::client {

namespace {

struct State {
  bool all = false;
  std::string id;
  bool yes = false;
  bool no = false;
  bool unknown = false;
  std::string date;
  std::string record;
  std::string number;
  std::string text;
};

absl::Status List(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.EnrolledDevice());
  BARAZA_ASSIGN_OR_RETURN(const std::vector<v1::FollowUpEntry> entries, client->FollowUps());
  BARAZA_ASSIGN_OR_RETURN(const Register* reg, cli.LocalRegister());
  const Reader reader{*reg, cli.Language()};
  int open = 0;
  for (const v1::FollowUpEntry& entry : entries) {
    if (entry.answered() && !state.all) continue;
    if (!entry.answered()) ++open;
    if (cli.json) {
      cli.PrintJson(entry);
      continue;
    }
    const v1::OpenQuestion& question = entry.question();
    const std::string& id = question.id().empty() ? question.follow_up_id() : question.id();
    const absl::StatusOr<v1::ClientRecord> report = client->Get(question.report_id());
    cli.out() << id << (entry.answered() ? "  [answered]" : "") << "\n";
    if (report.ok()) cli.out() << "    " << TitleOf(report->record(), reader) << "\n";
    v1::Record asked = entry.follow_up().record();
    *asked.mutable_follow_up()->mutable_question() = question.question();
    cli.out() << "    ? " << TitleOf(asked, reader) << "\n";
  }
  if (open == 0) {
    cli.Note("No open question; baraza sync fetches new ones.");
  } else {
    cli.Note(
        "Answer with: baraza follow-ups answer ID --yes (or --no, --date, --record, --unknown)");
  }
  return absl::OkStatus();
}

absl::Status Answer(Cli& cli, const State& state) {
  v1::FollowUp::Answer answer;
  if (state.yes) answer.set_yes_no(v1::YES_NO_YES);
  if (state.no) answer.set_yes_no(v1::YES_NO_NO);
  if (state.unknown) answer.set_unknown(true);
  if (!state.date.empty()) {
    auto dates = ParseSessionDates(state.date);
    if (!dates.ok()) return Annotate(dates.status(), "--date");
    *answer.mutable_dates() = *dates;
  }
  if (!state.number.empty()) {
    uint32_t number;
    if (!absl::SimpleAtoi(state.number, &number)) {
      return absl::InvalidArgumentError("--number: expected a whole number");
    }
    answer.set_number(number);
  }
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.EnrolledDevice());
  if (!state.record.empty()) {
    if (IdPrefix(state.record).ok()) {
      answer.set_record_id(state.record);
    } else {
      BARAZA_ASSIGN_OR_RETURN(const Register* reg, cli.LocalRegister());
      absl::StatusOr<std::string> id = TeamByTypedName(*reg, state.record);
      if (!id.ok()) id = IssueByName(*reg, state.record);
      if (!id.ok()) return Annotate(id.status(), "--record");
      answer.set_record_id(*id);
    }
  }
  if (!state.text.empty()) {
    answer.mutable_text()->set_text(state.text);
    answer.mutable_text()->set_language(cli.Language());
  }
  if (answer.ByteSizeLong() == 0) {
    return absl::InvalidArgumentError(
        "there is no answer: give --yes, --no, --unknown, --date, --record, --number or --text");
  }
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord record, client->AnswerFollowUp(state.id, answer));
  if (cli.json) {
    cli.PrintJson(record);
  } else {
    cli.out() << record.state().record_id() << "  answered\n";
    cli.Note("baraza sync sends it.");
  }
  return absl::OkStatus();
}

}  // namespace

void AddFollowUpCommands(CLI::App& app, Cli& cli) {
  auto state = std::make_shared<State>();
  CLI::App* follow_ups =
      app.add_subcommand("follow-ups", "Questions to your team that would settle something")
          ->group(kDeviceGroup);
  follow_ups->require_subcommand(0, 1);
  follow_ups->fallthrough();
  follow_ups->footer(
      "Examples:\n"
      "  baraza follow-ups\n"
      "  baraza follow-ups answer ID --yes\n"
      "  baraza follow-ups answer ID --date 2026-06-28\n"
      "  baraza follow-ups answer ID --record \"Equipo Cauca\"     (who is it?)\n"
      "  baraza follow-ups answer ID --unknown                   (nobody can tell)");
  follow_ups->add_flag("--all", state->all, "Answered ones as well");
  follow_ups->callback([&cli, state] {
    if (!cli.action()) cli.SetAction([&cli, state] { return List(cli, *state); });
  });
  CLI::App* list = follow_ups->add_subcommand("list", "The questions, open ones first");
  list->add_flag("--all", state->all, "Answered ones as well");
  list->callback([&cli, state] { cli.SetAction([&cli, state] { return List(cli, *state); }); });
  CLI::App* answer = follow_ups->add_subcommand("answer", "Answer one");
  answer->add_option("id", state->id, "Id of the question")->required();
  CLI::Option* yes = answer->add_flag("--yes", state->yes, "Yes");
  CLI::Option* no = answer->add_flag("--no", state->no, "No");
  CLI::Option* unknown = answer->add_flag("--unknown", state->unknown, "We cannot tell");
  yes->excludes(no)->excludes(unknown);
  no->excludes(unknown);
  answer->add_option("--date", state->date, "2026-06-28, 2026-06, ... (as in baraza capture)");
  answer->add_option("--record", state->record, "A team or an issue, by name or id");
  answer->add_option("--number", state->number, "A number");
  answer->add_option("--text", state->text, "In words");
  answer->callback([&cli, state] { cli.SetAction([&cli, state] { return Answer(cli, *state); }); });
}

}  // namespace baraza::client
