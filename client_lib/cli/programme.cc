#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "baraza/v1/programme_service.grpc.pb.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/json_input.h"
#include "client_lib/cli/office.h"
#include "client_lib/cli/progress.h"
#include "client_lib/cli/render.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/json.h"
#include "core/model/record_types.h"

namespace baraza::client {

namespace {

struct State {
  std::string file = "-";
  std::string keys_file;
  std::string id;
  std::string type;
  std::string reason;
  std::vector<std::string> assignments;
  bool undo = false;
  bool voided = false;
};

absl::StatusOr<v1::RecordView> Create(Cli& cli, Office& office, const v1::Record& record) {
  v1::CreateRecordRequest request;
  request.set_parent(office.Programme());
  *request.mutable_record() = record;
  request.set_request_id(MintId("req", cli.env().clock, cli.env().random));
  return office.Call<v1::ProgrammeService>(&v1::ProgrammeService::StubInterface::CreateRecord,
                                           request);
}

absl::StatusOr<v1::RecordView> Update(Office& office, const std::string& id,
                                      const v1::Record& record, const std::string& etag) {
  v1::UpdateRecordRequest request;
  request.set_name(office.Name("records", id));
  *request.mutable_record() = record;
  request.set_etag(etag);
  return office.Call<v1::ProgrammeService>(&v1::ProgrammeService::StubInterface::UpdateRecord,
                                           request);
}

void PrintView(const Cli& cli, const v1::RecordView& view, absl::string_view what) {
  if (cli.json) {
    cli.PrintJson(view);
  } else {
    cli.out() << view.record_id() << "  " << what << "\n";
  }
}

absl::Status Load(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const std::string text, ReadInput(cli, state.file));
  KeyMap keys;
  if (!state.keys_file.empty()) {
    const absl::StatusOr<std::string> before = ReadInput(cli, state.keys_file);
    if (before.ok()) {
      auto parsed = ParseKeys(*before);
      if (!parsed.ok()) return Annotate(parsed.status(), state.keys_file);
      keys = *std::move(parsed);
    } else if (!absl::IsNotFound(before.status())) {
      return before.status();
    }
  }
  auto entries = ParseRecordFile(text);
  if (!entries.ok()) return Annotate(entries.status(), state.file);
  Progress progress(cli, "Loading");
  absl::Status failed;
  size_t created = 0;
  for (size_t i = 0; i < entries->size(); ++i) {
    progress.Show(i, entries->size());
    const RecordEntry& entry = (*entries)[i];
    if (!entry.key.empty() && keys.count(entry.key) > 0) continue;
    const absl::StatusOr<v1::Record> record = RecordOfEntry(entry, keys);
    if (!record.ok()) {
      failed = record.status();
      break;
    }
    // The programme itself is there already: it is what one is enrolled in.
    const absl::StatusOr<v1::RecordView> view =
        record->has_programme() ? Update(*office, office->membership().programme_id(), *record, "")
                                : Create(cli, *office, *record);
    if (!view.ok()) {
      failed = Annotate(view.status(), absl::StrCat(entry.where, " ", entry.key));
      break;
    }
    ++created;
    if (!entry.key.empty()) keys[entry.key] = view->record_id();
    PrintView(cli, *view, entry.key);
  }
  if (!state.keys_file.empty()) {
    BARAZA_RETURN_IF_ERROR(WritePrivateFile(state.keys_file, KeysToJson(keys)));
  }
  BARAZA_RETURN_IF_ERROR(failed);
  cli.Note(absl::StrCat(created, " of ", entries->size(), " records were created."));
  return absl::OkStatus();
}

absl::Status CreateFromFile(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const std::string text, ReadInput(cli, state.file));
  auto entries = ParseRecordFile(text);
  if (!entries.ok()) return Annotate(entries.status(), state.file);
  for (const RecordEntry& entry : *entries) {
    BARAZA_ASSIGN_OR_RETURN(const v1::Record record, RecordOfEntry(entry, {}));
    const absl::StatusOr<v1::RecordView> view = Create(cli, *office, record);
    if (!view.ok()) return Annotate(view.status(), entry.where);
    PrintView(cli, *view, "created");
  }
  return absl::OkStatus();
}

absl::Status Show(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const v1::RecordView view, office->GetRecord(state.id));
  if (cli.json) {
    cli.PrintJson(view);
  } else if (const google::protobuf::Message* record = Member(view.record()); record != nullptr) {
    cli.out() << RecordToJson(*record, true);
  }
  return absl::OkStatus();
}

absl::Status Change(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const v1::RecordView current, office->GetRecord(state.id));
  const google::protobuf::Message* before = Member(current.record());
  if (before == nullptr) return absl::NotFoundError(absl::StrCat("there is no record ", state.id));
  v1::UpdateRecordRequest request;
  request.set_name(office->Name("records", state.id));
  request.set_etag(current.etag());
  v1::Record after = current.record();
  std::vector<google::protobuf::Value> patches;
  if (state.file != "-" || state.assignments.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const std::string text, ReadInput(cli, state.file));
    BARAZA_ASSIGN_OR_RETURN(patches, ParseJsonValues(text));
  }
  for (const std::string& assignment : state.assignments) {
    auto patch = PatchOfAssignment(assignment);
    if (!patch.ok()) return Annotate(patch.status(), "--set");
    patches.push_back(*std::move(patch));
  }
  for (const google::protobuf::Value& patch : patches) {
    BARAZA_ASSIGN_OR_RETURN(after, PatchRecord(after, patch));
    for (const auto& [name, value] : patch.struct_value().fields()) {
      const google::protobuf::Descriptor& descriptor = *before->GetDescriptor();
      for (int i = 0; i < descriptor.field_count(); ++i) {
        if (name == descriptor.field(i)->json_name() || name == descriptor.field(i)->name()) {
          request.mutable_update_mask()->add_paths(descriptor.field(i)->name());
        }
      }
    }
  }
  *request.mutable_record() = after;
  BARAZA_ASSIGN_OR_RETURN(const v1::RecordView view,
                          office->Call<v1::ProgrammeService>(
                              &v1::ProgrammeService::StubInterface::UpdateRecord, request));
  PrintView(cli, view, "changed");
  return absl::OkStatus();
}

absl::Status Void(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  v1::VoidRecordRequest request;
  request.set_name(office->Name("records", state.id));
  request.set_voided(!state.undo);
  if (!state.reason.empty()) {
    request.mutable_reason()->set_text(state.reason);
    request.mutable_reason()->set_language(cli.Language());
  }
  BARAZA_ASSIGN_OR_RETURN(const v1::RecordView view,
                          office->Call<v1::ProgrammeService>(
                              &v1::ProgrammeService::StubInterface::VoidRecord, request));
  PrintView(cli, view, state.undo ? "in use again" : "taken out of use");
  return absl::OkStatus();
}

absl::Status List(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  const Reader reader{reg, cli.Language()};
  bool known = state.type.empty();
  for (const v1::RecordType type : AllRecordTypes()) {
    const bool is_register = type <= v1::RECORD_TYPE_ISSUE ||
                             type == v1::RECORD_TYPE_SESSION_DEFINITION ||
                             type == v1::RECORD_TYPE_INDICATOR || type == v1::RECORD_TYPE_TARGET;
    if (state.type.empty() ? !is_register : state.type != RecordTypeName(type)) continue;
    known = true;
    v1::ListRecordsRequest request;
    request.set_parent(office->Programme());
    request.set_type(type);
    request.set_page_size(kMaxPageSize);
    request.set_show_voided(state.voided);
    do {
      BARAZA_ASSIGN_OR_RETURN(const v1::ListRecordsResponse page,
                              office->Call<v1::ProgrammeService>(
                                  &v1::ProgrammeService::StubInterface::ListRecords, request));
      for (const v1::RecordView& view : page.records()) {
        if (cli.json) {
          cli.PrintJson(view);
        } else {
          cli.out() << view.record_id() << "  " << TitleOf(view.record(), reader)
                    << (view.voided() ? "  [void]" : "") << "\n";
        }
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
  }
  if (!known) {
    return absl::InvalidArgumentError(absl::StrCat("expected Team, Issue, Indicator, ..., got \"",
                                                   state.type.substr(0, 40), "\""));
  }
  return absl::OkStatus();
}

absl::Status ServerQuarantine(Cli& cli) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  v1::ListQuarantineRequest request;
  request.set_parent(office->Programme());
  do {
    BARAZA_ASSIGN_OR_RETURN(const v1::ListQuarantineResponse page,
                            office->Call<v1::ProgrammeService>(
                                &v1::ProgrammeService::StubInterface::ListQuarantine, request));
    for (const v1::QuarantinedOperation& operation : page.operations()) {
      if (cli.json) {
        cli.PrintJson(operation);
      } else {
        cli.out() << operation.device_id() << " #" << operation.device_seq() << "  "
                  << operation.reason() << ", " << operation.size_bytes()
                  << " bytes: " << operation.message() << "\n";
      }
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace

void AddProgrammeCommands(CLI::App& app, Cli& cli) {
  auto state = std::make_shared<State>();
  CLI::App* programme =
      app.add_subcommand("programme", "The register: teams, issues, people, indicators")
          ->group(kOfficeGroup);
  programme->require_subcommand(1);
  programme->fallthrough();
  programme->footer(
      "Examples:\n"
      "  baraza programme load examples/programme.json --keys keys.json\n"
      "  echo '{\"team\": {\"title\": \"Equipo Sur\"}}' | baraza programme create\n"
      "  baraza programme update tem_... --set 'aliases=[\"Sur\"]'\n"
      "  baraza programme list Team");
  CLI::App* load = programme->add_subcommand(
      "load", "Create the records of a file, each {\"key\", \"record\"}; may be run again");
  load->add_option("file", state->file, "The file; - is the input")->required();
  load->add_option("--keys", state->keys_file,
                   "Where to keep which id each key got; what is in it is not created again");
  load->callback([&cli, state] { cli.SetAction([&cli, state] { return Load(cli, *state); }); });
  CLI::App* create = programme->add_subcommand("create", "Create records from JSON");
  create->add_option("file", state->file, "{\"team\": {...}}; - is the input");
  create->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return CreateFromFile(cli, *state); }); });
  CLI::App* list = programme->add_subcommand("list", "What is in the register");
  list->add_option("type", state->type, "Team, Issue, Indicator, ... (default: all)");
  list->add_flag("--voided", state->voided, "Also what was taken out of use");
  list->callback([&cli, state] { cli.SetAction([&cli, state] { return List(cli, *state); }); });
  CLI::App* show = programme->add_subcommand("show", "One record as the server has it");
  show->add_option("id", state->id, "Its id")->required();
  show->callback([&cli, state] { cli.SetAction([&cli, state] { return Show(cli, *state); }); });
  CLI::App* update = programme->add_subcommand("update", "Change a record");
  update->add_option("id", state->id, "Its id")->required();
  update->add_option("--set", state->assignments, "FIELD=VALUE; repeatable; empty clears")
      ->allow_extra_args(false);
  update->add_option("--file", state->file, "A JSON merge patch; - is the input");
  update->callback([&cli, state] { cli.SetAction([&cli, state] { return Change(cli, *state); }); });
  CLI::App* void_command = programme->add_subcommand("void", "Take a record out of use");
  void_command->add_option("id", state->id, "Its id")->required();
  void_command->add_option("--reason", state->reason, "Why");
  void_command->add_flag("--undo", state->undo, "Take the void back");
  void_command->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return Void(cli, *state); }); });
  CLI::App* quarantine =
      programme->add_subcommand("quarantine", "What devices sent and the server could not take");
  quarantine->callback([&cli] { cli.SetAction([&cli] { return ServerQuarantine(cli); }); });
}

}  // namespace baraza::client
