#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/json_input.h"
#include "client_lib/cli/report_form.h"
#include "core/base/status.h"
#include "core/model/record_types.h"

namespace baraza::client {

namespace {

struct EditState {
  std::string id;
  ReportForm form;
  std::vector<std::string> assignments;
  std::string file;
  std::string choose_op;
  std::string choose_field;
  std::string choose_element;
};

absl::Status PrintChanged(Cli& cli, const v1::ClientRecord& record, absl::string_view what) {
  if (cli.json) {
    cli.PrintJson(record);
  } else {
    cli.out() << record.state().record_id() << "  " << what << "\n";
    cli.Note("baraza sync sends the change.");
  }
  return absl::OkStatus();
}

absl::Status ResolveConflict(Cli& cli, Client& client, const EditState& state) {
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord current, client.Get(state.id));
  const google::protobuf::Message* record = Member(current.record());
  const google::protobuf::FieldDescriptor* field =
      record == nullptr ? nullptr : record->GetDescriptor()->FindFieldByName(state.choose_field);
  if (record != nullptr && field == nullptr) {
    field = record->GetDescriptor()->FindFieldByCamelcaseName(state.choose_field);
  }
  if (field == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("--field: expected a field of the record, got \"", state.choose_field, "\""));
  }
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord resolved,
                          client.ResolveConflict(state.id, static_cast<uint32_t>(field->number()),
                                                 state.choose_element, state.choose_op));
  return PrintChanged(cli, resolved, "conflict resolved");
}

absl::Status Edit(Cli& cli, const EditState& state) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.EnrolledDevice());
  if (!state.choose_op.empty()) return ResolveConflict(cli, *client, state);
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord current, client->Get(state.id));
  v1::Record after = current.record();
  if (!state.file.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const std::string text, ReadInput(cli, state.file));
    BARAZA_ASSIGN_OR_RETURN(const std::vector<google::protobuf::Value> values,
                            ParseJsonValues(text));
    for (const google::protobuf::Value& patch : values) {
      auto patched = PatchRecord(after, patch);
      if (!patched.ok()) return Annotate(patched.status(), state.file);
      after = *std::move(patched);
    }
  }
  for (const std::string& assignment : state.assignments) {
    auto patch = PatchOfAssignment(assignment);
    if (!patch.ok()) return Annotate(patch.status(), "--set");
    auto patched = PatchRecord(after, *patch);
    if (!patched.ok()) return Annotate(patched.status(), "--set");
    after = *std::move(patched);
  }
  if (!state.form.Empty()) {
    if (!after.has_session_report()) {
      return absl::InvalidArgumentError(
          "these options are for reports; change other records with --set or --file");
    }
    BARAZA_ASSIGN_OR_RETURN(const Register* reg, cli.LocalRegister());
    std::string note;
    BARAZA_RETURN_IF_ERROR(
        ApplyReportForm(state.form, *reg, cli.Language(), *after.mutable_session_report(), &note));
    if (!note.empty()) cli.Note(note.substr(0, note.size() - 1));
  }
  Client::EditOptions options;
  options.base_heads.assign(current.state().heads().begin(), current.state().heads().end());
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord edited, client->Edit(state.id, after, options));
  return PrintChanged(cli, edited, "changed");
}

struct VoidState {
  std::string id;
  std::string reason;
  bool undo = false;
};

absl::Status Void(Cli& cli, const VoidState& state) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.EnrolledDevice());
  if (state.undo) {
    BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord record, client->Unvoid(state.id));
    return PrintChanged(cli, record, "in use again");
  }
  v1::LocalText reason;
  reason.set_text(state.reason);
  if (!state.reason.empty()) reason.set_language(cli.Language());
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord record, client->Void(state.id, reason));
  return PrintChanged(cli, record, "taken out of use");
}

}  // namespace

void AddEditCommands(CLI::App& app, Cli& cli) {
  auto edit_state = std::make_shared<EditState>();
  CLI::App* edit = app.add_subcommand("edit", "Change a record")->group(kDeviceGroup);
  edit->footer(
      "Only what you name changes; what others changed meanwhile stays.\n"
      "Examples:\n"
      "  baraza edit rep_... --learned yes --participants 24\n"
      "  baraza edit rep_... --set venue.country=KE --set venue.pCode=    (empty clears)\n"
      "  baraza edit src_... --file changes.json    (RFC 7396: {\"notes\": null})\n"
      "  baraza edit rep_... --choose op_... --field dates    (settles a conflict: baraza show)");
  edit->add_option("id", edit_state->id, "Id of the record")->required();
  AddReportOptions(*edit, edit_state->form);
  edit->add_option("--set", edit_state->assignments, "FIELD=VALUE; repeatable")
      ->allow_extra_args(false)
      ->group("Any record");
  edit->add_option("--file", edit_state->file, "A JSON merge patch; - is the input")
      ->group("Any record");
  CLI::Option* choose =
      edit->add_option("--choose", edit_state->choose_op,
                       "Settle a conflict with the value that this operation gave")
          ->group("Conflicts");
  CLI::Option* field =
      edit->add_option("--field", edit_state->choose_field, "The field that has the conflict")
          ->group("Conflicts");
  edit->add_option("--element", edit_state->choose_element, "The element, in a list")
      ->group("Conflicts");
  choose->needs(field);
  edit->callback(
      [&cli, edit_state] { cli.SetAction([&cli, edit_state] { return Edit(cli, *edit_state); }); });

  auto void_state = std::make_shared<VoidState>();
  CLI::App* void_command =
      app.add_subcommand("void", "Take a record out of use, or back with --undo")
          ->group(kDeviceGroup);
  void_command->footer(
      "Nothing is deleted: the record stays in the log and leaves the count.\n"
      "Example:\n"
      "  baraza void rep_... --reason \"entered twice by mistake\"");
  void_command->add_option("id", void_state->id, "Id of the record")->required();
  void_command->add_option("--reason", void_state->reason,
                           "Why; everybody in the programme sees it");
  void_command->add_flag("--undo", void_state->undo, "Take the void back");
  void_command->callback(
      [&cli, void_state] { cli.SetAction([&cli, void_state] { return Void(cli, *void_state); }); });
}

}  // namespace baraza::client
