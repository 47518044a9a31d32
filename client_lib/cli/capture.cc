#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/json_input.h"
#include "client_lib/cli/names.h"
#include "client_lib/cli/progress.h"
#include "client_lib/cli/render.h"
#include "client_lib/cli/report_form.h"
#include "core/base/status.h"
#include "core/model/record_types.h"

namespace baraza::client {

namespace {

struct FileOptions {
  std::string json_file;
  std::string keys_file;
};

absl::string_view CapturedName(const v1::Record& record) {
  return RecordTypeName(RecordTypeOf(*Member(record)->GetDescriptor()));
}

// What the device can say about a report that was just captured.
absl::Status Advise(Cli& cli, Client& client, const v1::ClientRecord& captured) {
  if (cli.json || !captured.record().has_session_report()) return absl::OkStatus();
  BARAZA_ASSIGN_OR_RETURN(const Register* reg, cli.LocalRegister());
  const Reader reader{*reg, cli.Language()};
  BARAZA_ASSIGN_OR_RETURN(const v1::WillItCount answer,
                          client.WillItCountFor(captured.state().record_id()));
  PrintWillItCount(cli, answer, reader);
  BARAZA_ASSIGN_OR_RETURN(const std::vector<v1::DuplicateHint> hints,
                          client.DuplicateHintsFor(captured.state().record_id()));
  if (!hints.empty()) {
    cli.out() << "It may be the same session as:\n";
    for (const v1::DuplicateHint& hint : hints) {
      cli.out() << "  " << hint.report_id() << "  "
                << SessionLine(hint.facts().title(), hint.facts().dates(), PlaceOf(hint.facts()))
                << "\n";
    }
    cli.out() << "Nothing to do if so; tell what you know with: baraza hints "
              << captured.state().record_id() << "\n";
  }
  return absl::OkStatus();
}

absl::Status CaptureOne(Cli& cli, Client& client, const v1::Record& record) {
  BARAZA_ASSIGN_OR_RETURN(const v1::ClientRecord captured, client.Capture(record));
  if (cli.json) {
    cli.PrintJson(captured);
    return absl::OkStatus();
  }
  cli.out() << captured.state().record_id() << "\n";
  BARAZA_RETURN_IF_ERROR(Advise(cli, client, captured));
  cli.Note(record.has_source()
               ? absl::StrCat("Next: baraza capture --source ", captured.state().record_id())
               : "Kept on this device; baraza sync sends it.");
  return absl::OkStatus();
}

// Captures every record of a file. What is wrong is reported entry by entry, the rest goes through.
absl::Status CaptureFile(Cli& cli, Client& client, const FileOptions& options,
                         v1::RecordType only_type) {
  BARAZA_ASSIGN_OR_RETURN(const std::string text, ReadInput(cli, options.json_file));
  KeyMap keys;
  if (!options.keys_file.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const std::string json, ReadInput(cli, options.keys_file));
    auto parsed = ParseKeys(json);
    if (!parsed.ok()) return Annotate(parsed.status(), options.keys_file);
    keys = *std::move(parsed);
  }
  auto entries = ParseRecordFile(text);
  if (!entries.ok()) return Annotate(entries.status(), options.json_file);
  Progress progress(cli, "Capturing");
  size_t captured = 0;
  size_t known = 0;
  std::vector<absl::Status> errors;
  absl::Status stop;
  for (size_t i = 0; i < entries->size() && stop.ok(); ++i) {
    progress.Show(i, entries->size());
    const RecordEntry& entry = (*entries)[i];
    if (!entry.key.empty() && keys.count(entry.key) > 0) {
      ++known;
      continue;
    }
    absl::Status status;
    const absl::StatusOr<v1::Record> record = RecordOfEntry(entry, keys);
    if (!record.ok()) {
      status = record.status();
    } else if (only_type != v1::RECORD_TYPE_UNSPECIFIED &&
               RecordTypeOf(*Member(*record)->GetDescriptor()) != only_type) {
      status = absl::InvalidArgumentError(absl::StrCat(entry.where, ": expected a ",
                                                       RecordTypeName(only_type), ", got a ",
                                                       CapturedName(*record)));
    } else {
      const absl::StatusOr<v1::ClientRecord> result = client.Capture(*record);
      if (result.ok()) {
        ++captured;
        if (!entry.key.empty()) keys[entry.key] = result->state().record_id();
        if (cli.json) {
          cli.PrintJson(*result);
        } else {
          cli.out() << result->state().record_id()
                    << (entry.key.empty() ? "" : absl::StrCat("  ", entry.key)) << "\n";
        }
      } else if (absl::IsInvalidArgument(result.status())) {
        status = Annotate(result.status(), entry.where);
      } else {
        stop = Annotate(result.status(), entry.where);
      }
    }
    if (!status.ok()) errors.push_back(status);
  }
  // Keys are written whatever happened: the next run goes on where this one stopped.
  if (!options.keys_file.empty() && captured > 0) {
    BARAZA_RETURN_IF_ERROR(WritePrivateFile(options.keys_file, KeysToJson(keys)));
  }
  BARAZA_RETURN_IF_ERROR(stop);
  cli.Note(absl::StrCat("Captured ", captured, captured == 1 ? " record" : " records",
                        known > 0 ? absl::StrCat("; ", known, " were captured before") : "",
                        errors.empty() ? "." : absl::StrCat("; ", errors.size(), " are wrong:")));
  for (const absl::Status& error : errors) cli.err() << "baraza: " << error.message() << "\n";
  if (!errors.empty()) cli.SetExitCode(ExitCode::kInvalidInput);
  return absl::OkStatus();
}

absl::Status Source(Cli& cli, SourceForm form, const FileOptions& file) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.EnrolledDevice());
  if (!file.json_file.empty()) return CaptureFile(cli, *client, file, v1::RECORD_TYPE_SOURCE);
  if (form.Empty()) {
    if (!cli.env().in_is_terminal) {
      return absl::InvalidArgumentError(
          "there is nobody to ask: say with options what the source is, or give --json FILE");
    }
    BARAZA_RETURN_IF_ERROR(PromptSource(cli, form));
  }
  v1::Record record;
  BARAZA_RETURN_IF_ERROR(ApplySourceForm(form, cli.Language(), *record.mutable_source()));
  return CaptureOne(cli, *client, record);
}

absl::Status Capture(Cli& cli, ReportForm form, const FileOptions& file, bool as_draft) {
  BARAZA_ASSIGN_OR_RETURN(Client * client, cli.EnrolledDevice());
  if (!file.json_file.empty()) {
    return CaptureFile(cli, *client, file, v1::RECORD_TYPE_UNSPECIFIED);
  }
  bool draft = as_draft;
  if (form.Empty()) {
    if (!cli.env().in_is_terminal) {
      return absl::InvalidArgumentError(
          "there is nobody to ask: say with options what happened, or give --json FILE");
    }
    BARAZA_RETURN_IF_ERROR(PromptReport(cli, form));
    if (form.Empty()) return absl::CancelledError("nothing was answered, nothing was captured");
    const std::string answer =
        Ask(cli, "Capture it now, keep it as a draft, or throw it away? (capture, draft, no)")
            .value_or("draft");
    if (answer == "no" || answer == "n") return absl::CancelledError("thrown away");
    draft = draft || answer.substr(0, 1) == "d";
  }
  BARAZA_ASSIGN_OR_RETURN(const Register* reg, cli.LocalRegister());
  v1::Record record;
  std::string note;
  BARAZA_RETURN_IF_ERROR(
      ApplyReportForm(form, *reg, cli.Language(), *record.mutable_session_report(), &note));
  if (!note.empty()) cli.Note(note.substr(0, note.size() - 1));
  if (!draft) return CaptureOne(cli, *client, record);
  v1::Draft fresh;
  *fresh.mutable_record() = record;
  BARAZA_ASSIGN_OR_RETURN(const v1::Draft saved, client->SaveDraft(fresh));
  if (cli.json) {
    cli.PrintJson(saved);
  } else {
    cli.out() << saved.draft_id() << "\n";
    cli.Note(absl::StrCat("Next: baraza draft capture ", saved.draft_id()));
  }
  return absl::OkStatus();
}

}  // namespace

void AddCaptureCommands(CLI::App& app, Cli& cli) {
  struct State {
    SourceForm source_form;
    ReportForm report_form;
    FileOptions source_file;
    FileOptions report_file;
    bool draft = false;
  };
  auto state = std::make_shared<State>();
  CLI::App* source = app.add_subcommand("source", "Record an interview, a document, an observation")
                         ->group(kDeviceGroup);
  source->footer(
      "Capture starts with the source: it often tells of several sessions.\n"
      "Examples:\n"
      "  baraza source                     (asks question by question)\n"
      "  baraza source --kind interview --date 2026-07-15 --language pt --informant KII-07 \\\n"
      "                --claims \"about 7\" --claims-period 2026-Q2\n"
      "  baraza source --kind document --date 2026-04-20 --document-title \"Minutes no. 4\"\n"
      "  baraza source --file source.json");
  AddSourceOptions(*source, state->source_form);
  source->add_option("--file", state->source_file.json_file,
                     "JSON: one record, an array or one a line; - is the input");
  source->callback([&cli, state] {
    cli.SetAction([&cli, state] { return Source(cli, state->source_form, state->source_file); });
  });

  CLI::App* capture = app.add_subcommand("capture", "Report a session; works without a network")
                          ->group(kDeviceGroup);
  capture->footer(
      "Leave out what you do not know: unknown is not zero and not \"no\".\n"
      "Examples:\n"
      "  baraza capture                    (asks question by question)\n"
      "  baraza capture --source src_... --locator \"p. 3\" --title \"Learning Circle\" \\\n"
      "    --date 2026-05-07 --held held --issue \"land rights\" --mode online \\\n"
      "    --team \"Equipo Cauca\" --team \"Zambezia team\" --present yes --shared yes --learned "
      "yes\n"
      "  baraza capture --file reports.json\n"
      "A file holds {\"source\": {...}} and {\"sessionReport\": {...}}, as an array or one a "
      "line.\n"
      "With --keys, records may name each other by \"@key\" (see examples/README.md).");
  AddReportOptions(*capture, state->report_form);
  capture->add_flag("--draft", state->draft, "Keep it as a draft: it is not sent");
  capture->add_option("--file", state->report_file.json_file,
                      "JSON: one record, an array or one a line; - is the input");
  capture
      ->add_option("--keys", state->report_file.keys_file,
                   "A file {\"@key\": \"id\"}; read, and written with the new ids")
      ->check(CLI::ExistingFile);
  capture->callback([&cli, state] {
    cli.SetAction([&cli, state] {
      return Capture(cli, state->report_form, state->report_file, state->draft);
    });
  });
}

}  // namespace baraza::client
