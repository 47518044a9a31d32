#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "baraza/v1/indicator_service.grpc.pb.h"
#include "baraza/v1/session_service.grpc.pb.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/csv.h"
#include "client_lib/cli/dates.h"
#include "client_lib/cli/names.h"
#include "client_lib/cli/office.h"
#include "client_lib/cli/progress.h"
#include "client_lib/cli/render.h"
#include "core/base/status.h"
#include "core/indicator/phrasing.h"

namespace baraza::client {

namespace {

struct State {
  std::string format = "csv";
  std::string output = "-";
  std::string period;
  std::string indicator;
  std::string as_of;
};

// Writes to the standard output or, whole or not at all, to a file that its owner alone can read.
absl::Status Deliver(Cli& cli, const State& state, const std::string& content) {
  if (state.output == "-") {
    cli.out() << content;
    return absl::OkStatus();
  }
  BARAZA_RETURN_IF_ERROR(WritePrivateFile(state.output, content));
  cli.Note(absl::StrCat("Written: ", state.output));
  return absl::OkStatus();
}

std::string YesNoName(v1::YesNo value) {
  return absl::AsciiStrToLower(absl::StripPrefix(v1::YesNo_Name(value), "YES_NO_"));
}

std::string Texts(const google::protobuf::RepeatedPtrField<v1::LocalText>& texts) {
  std::vector<std::string> parts;
  for (const v1::LocalText& text : texts) parts.push_back(text.text());
  return absl::StrJoin(parts, " | ");
}

// Unknown is an empty cell, never 0.
std::string Known(bool known, uint32_t number) { return known ? absl::StrCat(number) : ""; }

std::vector<std::string> SessionRow(const v1::Session& session, const Reader& reader) {
  const v1::SessionReport& values = session.values();
  std::vector<std::string> reports;
  for (const v1::SessionMember& member : session.members()) reports.push_back(member.report_id());
  std::vector<std::string> teams;
  for (const v1::TeamPresence& team : session.teams()) {
    if (team.present() != v1::YES_NO_YES) continue;
    teams.push_back(team.team_id().empty() ? team.unregistered_name()
                                           : NameOf(reader.reg, team.team_id(), reader.language));
  }
  std::vector<std::string> verdicts;
  for (const v1::Qualification& qualification : session.qualifications()) {
    verdicts.push_back(absl::StrCat(
        qualification.indicator_id().empty()
            ? ""
            : absl::StrCat(NameOf(reader.reg, qualification.indicator_id(), reader.language), ": "),
        absl::AsciiStrToLower(
            absl::StripPrefix(v1::Qualifies_Name(qualification.qualifies()), "QUALIFIES_"))));
  }
  const v1::Participants& people = values.participants();
  return {
      session.session_id(),
      values.title().text(),
      values.dates().earliest(),
      values.dates().latest(),
      absl::AsciiStrToLower(
          absl::StripPrefix(v1::DatePrecision_Name(values.dates().precision()), "DATE_PRECISION_")),
      values.venue().name(),
      values.venue().locality(),
      values.venue().country(),
      absl::AsciiStrToLower(absl::StripPrefix(v1::Modality_Name(values.modality()), "MODALITY_")),
      values.issue_id().empty() ? "" : NameOf(reader.reg, values.issue_id(), reader.language),
      absl::StrJoin(teams, " | "),
      Known(people.has_total(), people.total()),
      Known(people.has_women(), people.women()),
      Known(people.has_men(), people.men()),
      YesNoName(values.experiences_shared()),
      YesNoName(values.learned_from_each_other()),
      Texts(values.topics()),
      Texts(values.learning_outcomes()),
      Texts(values.training_needs()),
      absl::StrCat(session.independent_sources()),
      absl::StrJoin(verdicts, " | "),
      absl::StrJoin(reports, " ")};
}

absl::Status ExportSessions(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  const Reader reader{reg, cli.Language()};
  v1::ListSessionsRequest request;
  request.set_parent(office->Programme());
  request.set_period(state.period);
  const bool csv = state.format == "csv" && !cli.json;
  std::string content;
  if (csv) {
    content = CsvRow({"session_id",
                      "title",
                      "earliest",
                      "latest",
                      "precision",
                      "venue",
                      "locality",
                      "country",
                      "modality",
                      "issue",
                      "teams",
                      "participants",
                      "women",
                      "men",
                      "experiences_shared",
                      "learned_from_each_other",
                      "topics",
                      "learning_outcomes",
                      "training_needs",
                      "independent_sources",
                      "qualifies",
                      "report_ids"});
  }
  Progress progress(cli, "Sessions");
  uint64_t done = 0;
  do {
    BARAZA_ASSIGN_OR_RETURN(const v1::ListSessionsResponse page,
                            office->Call<v1::SessionService>(
                                &v1::SessionService::StubInterface::ListSessions, request));
    for (const v1::Session& session : page.sessions()) {
      absl::StrAppend(&content, csv ? CsvRow(SessionRow(session, reader)) : JsonLine(session));
    }
    done += static_cast<uint64_t>(page.sessions_size());
    progress.Show(done, 0);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return Deliver(cli, state, content);
}

void AddFigureRows(const google::protobuf::RepeatedPtrField<v1::FigureSession>& sessions,
                   absl::string_view status, const Reader& reader, std::string& content) {
  for (const v1::FigureSession& session : sessions) {
    std::vector<std::string> questions;
    for (const v1::OpenQuestion& question : session.questions()) {
      questions.push_back(RenderText(question.question(), reader.language, &reader.reg));
    }
    absl::StrAppend(&content,
                    CsvRow({std::string(status), session.session_id(), session.title().text(),
                            FormatSessionDates(session.dates()), session.place(),
                            Sentences(session.reasons(), reader), absl::StrJoin(questions, " | "),
                            absl::StrJoin(session.report_ids(), " ")}));
  }
}

absl::Status ExportFigure(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  const Reader reader{reg, cli.Language()};
  BARAZA_ASSIGN_OR_RETURN(const std::string id,
                          IndicatorByName(reg, state.indicator, cli.Language()));
  v1::GetFigureRequest request;
  request.set_name(absl::StrCat(office->Name("indicators", id), "/figures/", state.period));
  request.set_as_of(state.as_of);
  BARAZA_ASSIGN_OR_RETURN(
      const v1::Figure figure,
      office->Call<v1::IndicatorService>(&v1::IndicatorService::StubInterface::GetFigure, request));
  if (state.format == "json" || cli.json) return Deliver(cli, state, JsonLine(figure));
  std::string content = CsvRow(
      {"status", "session_id", "title", "dates", "place", "reasons", "questions", "report_ids"});
  AddFigureRows(figure.counted(), "counted", reader, content);
  AddFigureRows(figure.excluded(), "excluded", reader, content);
  AddFigureRows(figure.undetermined(), "undetermined", reader, content);
  AddFigureRows(figure.waiting_for_stage(), "waiting for endorsement", reader, content);
  return Deliver(cli, state, content);
}

}  // namespace

void AddExportCommands(CLI::App& app, Cli& cli) {
  auto state = std::make_shared<State>();
  CLI::App* command =
      app.add_subcommand("export", "Sessions or a figure as CSV or JSON")->group(kOfficeGroup);
  command->require_subcommand(1);
  command->fallthrough();
  command->footer(
      "Examples:\n"
      "  baraza export sessions --period 2026-Q3 --output sessions.csv\n"
      "  baraza export figure --indicator Nordlys --period 2026-Q3 --format json\n"
      "CSV is UTF-8 by RFC 4180; unknown is an empty cell; what a spreadsheet would take for a\n"
      "formula gets an apostrophe in front.");
  CLI::App* sessions = command->add_subcommand("sessions", "A row for each session");
  sessions->add_option("--period", state->period, "2026-Q3, 2026, ... (default: all)");
  CLI::App* figure = command->add_subcommand("figure", "A row for each session of a figure");
  figure->add_option("--indicator", state->indicator, "By title, donor or id")->required();
  figure->add_option("--period", state->period, "2026-Q3, 2026, ...")->required();
  figure->add_option("--as-of", state->as_of, "Leave out sessions after this day");
  for (CLI::App* sub : {sessions, figure}) {
    sub->add_option("--format", state->format, "csv or json")
        ->check(CLI::IsMember({"csv", "json"}));
    sub->add_option("--output", state->output, "A file instead of the standard output");
  }
  sessions->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return ExportSessions(cli, *state); }); });
  figure->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return ExportFigure(cli, *state); }); });
}

}  // namespace baraza::client
