#include <memory>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "baraza/v1/session_service.grpc.pb.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/names.h"
#include "client_lib/cli/office.h"
#include "client_lib/cli/render.h"
#include "core/base/status.h"
#include "core/model/json.h"

namespace baraza::client {

namespace {

struct ListState {
  std::string period, issue, team;
  uint32_t limit = 0;
};

std::string QualifiesName(v1::Qualifies qualifies) {
  return absl::AsciiStrToLower(absl::StripPrefix(v1::Qualifies_Name(qualifies), "QUALIFIES_"));
}

// "Nordlys Fund: ", for short.
std::string AskedBy(const v1::Qualification& qualification, const Reader& reader) {
  const v1::Indicator* indicator = reader.reg.FindIndicator(qualification.indicator_id());
  if (indicator == nullptr) return "";
  return absl::StrCat(
      NameOf(reader.reg,
             indicator->donor_id().empty() ? qualification.indicator_id() : indicator->donor_id(),
             reader.language),
      ": ");
}

absl::Status Sessions(Cli& cli, const ListState& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  const Reader reader{reg, cli.Language()};
  v1::ListSessionsRequest request;
  request.set_parent(office->Programme());
  request.set_period(state.period);
  if (!state.issue.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const std::string id, IssueByName(reg, state.issue));
    request.set_issue_id(id);
  }
  if (!state.team.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const std::string id, TeamByTypedName(reg, state.team));
    request.set_team_id(id);
  }
  uint32_t shown = 0;
  do {
    BARAZA_ASSIGN_OR_RETURN(const v1::ListSessionsResponse page,
                            office->Call<v1::SessionService>(
                                &v1::SessionService::StubInterface::ListSessions, request));
    for (const v1::Session& session : page.sessions()) {
      if (state.limit > 0 && shown == state.limit) return absl::OkStatus();
      ++shown;
      if (cli.json) {
        cli.PrintJson(session);
        continue;
      }
      cli.out() << session.session_id() << "  "
                << SessionLine(session.values().title(), session.values().dates(),
                               PlaceOf(session.values()));
      if (session.members_size() > 1) cli.out() << "  " << session.members_size() << " reports";
      for (const v1::Qualification& qualification : session.qualifications()) {
        cli.out() << "  " << AskedBy(qualification, reader)
                  << QualifiesName(qualification.qualifies());
      }
      cli.out() << "\n";
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (shown == 0) cli.Note("There is none.");
  return absl::OkStatus();
}

struct ExplainState {
  std::string left, right;
  bool weights = false;
};

absl::Status ExplainPair(Cli& cli, Office& office, const ExplainState& state) {
  v1::ExplainPairRequest request;
  request.set_parent(office.Programme());
  request.set_left_report_id(state.left);
  request.set_right_report_id(state.right);
  BARAZA_ASSIGN_OR_RETURN(
      const v1::PairExplanation pair,
      office.Call<v1::SessionService>(&v1::SessionService::StubInterface::ExplainPair, request));
  if (cli.json) {
    cli.PrintJson(pair);
    return absl::OkStatus();
  }
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office.FetchRegister());
  PrintPair(cli, pair, Reader{reg, cli.Language()}, true, "");
  return absl::OkStatus();
}

absl::Status Explain(Cli& cli, const ExplainState& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  if (!state.right.empty()) return ExplainPair(cli, *office, state);
  v1::ExplainSessionRequest request;
  request.set_name(office->Name("sessions", state.left));
  BARAZA_ASSIGN_OR_RETURN(const v1::Session session,
                          office->Call<v1::SessionService>(
                              &v1::SessionService::StubInterface::ExplainSession, request));
  if (cli.json) {
    cli.PrintJson(session);
    return absl::OkStatus();
  }
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  const Reader reader{reg, cli.Language()};
  cli.Heading(
      SessionLine(session.values().title(), session.values().dates(), PlaceOf(session.values())));
  cli.out() << "  session " << session.session_id() << ", " << session.independent_sources()
            << " independent sources\n";
  cli.Heading("Reports");
  for (const v1::SessionMember& member : session.members()) {
    cli.out() << "  " << member.report_id() << "  "
              << SessionLine(member.title(), member.dates(),
                             NameOf(reg, member.team_id(), reader.language))
              << "\n";
  }
  if (session.pairs_size() > 0) cli.Heading("Why they are one session");
  for (const v1::PairExplanation& pair : session.pairs()) {
    cli.out() << "  " << pair.left_report_id() << "  " << pair.right_report_id() << "\n";
    PrintPair(cli, pair, reader, state.weights, "    ");
  }
  cli.Heading("Teams");
  for (const v1::TeamPresence& team : session.teams()) {
    cli.out() << "  "
              << (team.team_id().empty()
                      ? absl::StrCat(team.unregistered_name(), " (not registered)")
                      : NameOf(reg, team.team_id(), reader.language))
              << ": "
              << (team.contested() ? "contested"
                                   : absl::AsciiStrToLower(absl::StripPrefix(
                                         v1::YesNo_Name(team.present()), "YES_NO_")))
              << "\n";
  }
  bool first = true;
  for (const v1::ConsolidatedField& field : session.fields()) {
    if (!field.contested() && field.alternatives_size() == 0) continue;
    if (std::exchange(first, false)) cli.Heading("Where accounts differ");
    cli.out() << "  " << field.field() << (field.contested() ? ": contested" : "") << "\n";
    for (const v1::ConsolidatedField::Alternative& other : field.alternatives()) {
      cli.out() << "    also " << RecordToJson(other.value()) << "\n";
    }
  }
  cli.Heading("Does it count?");
  for (const v1::Qualification& qualification : session.qualifications()) {
    cli.out() << "  "
              << (qualification.indicator_id().empty()
                      ? "by the definition"
                      : NameOf(reg, qualification.indicator_id(), reader.language))
              << ": " << QualifiesName(qualification.qualifies());
    if (!qualification.ruling_id().empty()) cli.out() << " by ruling " << qualification.ruling_id();
    cli.out() << "\n";
    if (qualification.reasons_size() > 0) {
      cli.out() << "      " << Sentences(qualification.reasons(), reader) << "\n";
    }
    for (const v1::OpenQuestion& question : qualification.questions()) {
      PrintQuestion(cli, question, reader, "      ");
    }
  }
  return absl::OkStatus();
}

}  // namespace

void AddSessionCommands(CLI::App& app, Cli& cli) {
  auto list_state = std::make_shared<ListState>();
  CLI::App* sessions = app.add_subcommand("sessions", "The consolidated sessions, each one once")
                           ->group(kOfficeGroup);
  sessions->footer("Examples:\n  baraza sessions --period 2026-Q3 --team Cauca");
  sessions->add_option("--period", list_state->period, "2026-Q3, 2026, ...");
  sessions->add_option("--issue", list_state->issue, "By name or id");
  sessions->add_option("--team", list_state->team, "By name or id");
  sessions->add_option("--limit", list_state->limit, "At most so many");
  sessions->callback([&cli, list_state] {
    cli.SetAction([&cli, list_state] { return Sessions(cli, *list_state); });
  });

  auto explain_state = std::make_shared<ExplainState>();
  CLI::App* explain =
      app.add_subcommand("explain", "Why reports are one session, and whether it counts")
          ->group(kOfficeGroup);
  explain->footer(
      "Examples:\n"
      "  baraza explain rep_...              (the session that this report tells of)\n"
      "  baraza explain rep_... rep_...      (why two reports are, or are not, one session)");
  explain->add_option("report", explain_state->left, "Id of a report")->required();
  explain->add_option("other", explain_state->right, "Id of another one");
  explain->add_flag("--weights", explain_state->weights, "Show what each field weighs");
  explain->callback([&cli, explain_state] {
    cli.SetAction([&cli, explain_state] { return Explain(cli, *explain_state); });
  });
}

}  // namespace baraza::client
