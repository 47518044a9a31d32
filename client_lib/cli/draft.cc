#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/json_input.h"
#include "client_lib/cli/render.h"
#include "client_lib/cli/report_form.h"
#include "core/base/status.h"
#include "core/model/json.h"
#include "core/model/record_types.h"

namespace baraza::client {

namespace {

struct State {
  ReportForm form;
  std::string file;
  std::string id;
};

absl::Status Save(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.Device());
  v1::Draft draft;
  if (!state.id.empty()) {
    BARAZA_ASSIGN_OR_RETURN(draft, client->GetDraft(state.id));
  }
  if (!state.file.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const std::string text, ReadInput(cli, state.file));
    BARAZA_ASSIGN_OR_RETURN(const std::vector<google::protobuf::Value> values,
                            ParseJsonValues(text));
    if (values.size() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat(state.file, ": expected one record, got ", values.size()));
    }
    BARAZA_ASSIGN_OR_RETURN(*draft.mutable_record(), RecordOfValue(values.front()));
  }
  if (!state.form.Empty()) {
    BARAZA_ASSIGN_OR_RETURN(const Register* reg, cli.LocalRegister());
    std::string note;
    BARAZA_RETURN_IF_ERROR(ApplyReportForm(state.form, *reg, cli.Language(),
                                           *draft.mutable_record()->mutable_session_report(),
                                           &note));
    if (!note.empty()) cli.Note(note.substr(0, note.size() - 1));
  }
  if (Member(draft.record()) == nullptr) {
    return absl::InvalidArgumentError("there is nothing to save: give options or --file");
  }
  BARAZA_ASSIGN_OR_RETURN(const v1::Draft saved, client->SaveDraft(draft));
  if (cli.json) {
    cli.PrintJson(saved);
  } else {
    cli.out() << saved.draft_id() << "\n";
  }
  return absl::OkStatus();
}

absl::Status List(Cli& cli) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.Device());
  BARAZA_ASSIGN_OR_RETURN(const std::vector<v1::Draft> drafts, client->ListDrafts());
  BARAZA_ASSIGN_OR_RETURN(const Register* reg, cli.LocalRegister());
  const Reader reader{*reg, cli.Language()};
  for (const v1::Draft& draft : drafts) {
    if (cli.json) {
      cli.PrintJson(draft);
    } else {
      cli.out() << draft.draft_id() << "  "
                << absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixMillis(draft.updated_ms()),
                                    absl::UTCTimeZone())
                << "  " << TitleOf(draft.record(), reader) << "\n";
    }
  }
  if (drafts.empty()) cli.Note("No drafts. baraza capture --draft keeps one.");
  return absl::OkStatus();
}

absl::Status Show(Cli& cli, const std::string& id) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.Device());
  BARAZA_ASSIGN_OR_RETURN(const v1::Draft draft, client->GetDraft(id));
  if (cli.json) {
    cli.PrintJson(draft);
    return absl::OkStatus();
  }
  const google::protobuf::Message* record = Member(draft.record());
  if (record != nullptr) cli.out() << RecordToJson(*record, true) << "\n";
  return absl::OkStatus();
}

absl::Status Delete(Cli& cli, const std::string& id) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.Device());
  BARAZA_RETURN_IF_ERROR(client->DeleteDraft(id));
  cli.Note("Deleted.");
  return absl::OkStatus();
}

absl::Status CaptureDraft(Cli& cli, const std::string& id) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.EnrolledDevice());
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord captured, client->CaptureDraft(id));
  if (cli.json) {
    cli.PrintJson(captured);
  } else {
    cli.out() << captured.state().record_id() << "\n";
    cli.Note("Kept on this device; baraza sync sends it.");
  }
  return absl::OkStatus();
}

}  // namespace

void AddDraftCommands(CLI::App& app, Cli& cli) {
  auto state = std::make_shared<State>();
  CLI::App* draft = app.add_subcommand("draft", "Half-finished reports; they stay on this device")
                        ->group(kDeviceGroup);
  draft->require_subcommand(1);
  draft->fallthrough();
  draft->footer(
      "Examples:\n"
      "  baraza draft save --title \"Learning Circle\" --date 2026-05\n"
      "  baraza draft list\n"
      "  baraza draft save --id drf_... --learned yes\n"
      "  baraza draft capture drf_...");
  CLI::App* save = draft->add_subcommand("save", "Make a draft, or change one with --id");
  AddReportOptions(*save, state->form);
  save->add_option("--id", state->id, "The draft to change");
  save->add_option("--file", state->file, "JSON of one record; - is the input");
  save->callback([&cli, state] { cli.SetAction([&cli, state] { return Save(cli, *state); }); });
  CLI::App* list = draft->add_subcommand("list", "All drafts, the oldest first");
  list->callback([&cli] { cli.SetAction([&cli] { return List(cli); }); });
  CLI::App* show = draft->add_subcommand("show", "One draft");
  show->add_option("id", state->id, "Its id")->required();
  show->callback([&cli, state] { cli.SetAction([&cli, state] { return Show(cli, state->id); }); });
  CLI::App* remove = draft->add_subcommand("delete", "Throw a draft away");
  remove->add_option("id", state->id, "Its id")->required();
  remove->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return Delete(cli, state->id); }); });
  CLI::App* capture = draft->add_subcommand("capture", "Turn a draft into a report");
  capture->add_option("id", state->id, "Its id")->required();
  capture->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return CaptureDraft(cli, state->id); }); });
}

}  // namespace baraza::client
