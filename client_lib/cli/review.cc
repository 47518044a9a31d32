#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "baraza/v1/programme_service.grpc.pb.h"
#include "baraza/v1/review_service.grpc.pb.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/json_input.h"
#include "client_lib/cli/names.h"
#include "client_lib/cli/office.h"
#include "client_lib/cli/render.h"
#include "core/base/ids.h"
#include "core/base/status.h"

namespace baraza::client {

namespace {

struct State {
  std::vector<std::string> reports;
  std::string reason;
  std::string definition;
  std::vector<std::string> assignments;
  std::string ruling;
  std::string report;
  std::string message;
  std::string team;
  std::string question;
  std::string indicator;
  std::string period;
  std::string sample;
  std::string answer;
  int32_t size = 50;
  uint32_t limit = 0;
};

v1::LocalText Local(const Cli& cli, const std::string& text) {
  v1::LocalText local;
  if (text.empty()) return local;
  local.set_text(text);
  local.set_language(cli.Language());
  return local;
}

std::string NewRequestId(const Cli& cli) {
  return MintId("req", cli.env().clock, cli.env().random);
}

absl::Status Queue(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  const Reader reader{reg, cli.Language()};
  v1::ListReviewQueueRequest request;
  request.set_parent(office->Programme());
  uint32_t shown = 0;
  do {
    BARAZA_ASSIGN_OR_RETURN(const v1::ListReviewQueueResponse page,
                            office->Call<v1::ReviewService>(
                                &v1::ReviewService::StubInterface::ListReviewQueue, request));
    for (const v1::ReviewItem& item : page.items()) {
      if (state.limit > 0 && shown == state.limit) return absl::OkStatus();
      ++shown;
      if (cli.json) {
        cli.PrintJson(item);
        continue;
      }
      if (!item.set_aside_ruling_id().empty()) {
        cli.out() << "! ruling " << item.set_aside_ruling_id()
                  << " contradicts others and was set aside\n";
        continue;
      }
      PrintQuestion(cli, item.question(), reader, "");
      if (item.has_pair()) {
        cli.out() << "    " << item.pair().left_report_id() << "  " << item.pair().right_report_id()
                  << absl::StrFormat("  %+.1f\n", item.pair().score_milli_nats() / 1000.0);
      } else {
        cli.out() << "    " << item.question().report_id() << "\n";
      }
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (shown == 0) {
    cli.Note("Nothing waits for a decision.");
  } else {
    cli.Note(
        "Look closer with: baraza explain rep_... rep_...; decide with: baraza review same ...");
  }
  return absl::OkStatus();
}

absl::Status PrintView(const Cli& cli, const v1::RecordView& view, absl::string_view what) {
  if (cli.json) {
    cli.PrintJson(view);
  } else {
    cli.out() << view.record_id() << "  " << what << "\n";
  }
  return absl::OkStatus();
}

absl::Status Rule(Cli& cli, const State& state, v1::RulingKind kind) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  v1::CreateRulingRequest request;
  request.set_parent(office->Programme());
  request.set_request_id(NewRequestId(cli));
  v1::Ruling& ruling = *request.mutable_ruling();
  ruling.set_kind(kind);
  for (const std::string& report : state.reports) ruling.add_report_ids(report);
  if (!state.reason.empty()) *ruling.mutable_reason() = Local(cli, state.reason);
  if (!state.definition.empty()) ruling.set_definition_id(state.definition);
  if (kind == v1::RULING_KIND_OVERRIDE) {
    v1::Record values;
    values.mutable_session_report();
    for (const std::string& assignment : state.assignments) {
      auto patch = PatchOfAssignment(assignment);
      if (!patch.ok()) return Annotate(patch.status(), "--set");
      auto patched = PatchRecord(values, *patch);
      if (!patched.ok()) return Annotate(patched.status(), "--set");
      values = *std::move(patched);
    }
    *ruling.mutable_override_values() = values.session_report();
  }
  BARAZA_ASSIGN_OR_RETURN(
      const v1::RecordView view,
      office->Call<v1::ReviewService>(&v1::ReviewService::StubInterface::CreateRuling, request));
  return PrintView(cli, view, "ruled; take it back with: baraza review withdraw");
}

absl::Status Withdraw(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  v1::WithdrawRulingRequest request;
  request.set_name(office->Name("records", state.ruling));
  if (!state.reason.empty()) *request.mutable_reason() = Local(cli, state.reason);
  BARAZA_ASSIGN_OR_RETURN(
      const v1::RecordView view,
      office->Call<v1::ReviewService>(&v1::ReviewService::StubInterface::WithdrawRuling, request));
  return PrintView(cli, view, "withdrawn");
}

absl::Status Rulings(Cli& cli) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  const Reader reader{reg, cli.Language()};
  v1::ListRulingsRequest request;
  request.set_parent(office->Programme());
  do {
    BARAZA_ASSIGN_OR_RETURN(
        const v1::ListRulingsResponse page,
        office->Call<v1::ReviewService>(&v1::ReviewService::StubInterface::ListRulings, request));
    for (const v1::RecordView& view : page.rulings()) {
      if (cli.json) {
        cli.PrintJson(view);
      } else {
        cli.out() << view.record_id() << "  " << TitleOf(view.record(), reader)
                  << (view.voided() ? "  [withdrawn]" : "") << "\n";
      }
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status Questions(Cli& cli) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  const Reader reader{reg, cli.Language()};
  v1::ListFollowUpsRequest request;
  request.set_parent(office->Programme());
  do {
    BARAZA_ASSIGN_OR_RETURN(
        const v1::ListFollowUpsResponse page,
        office->Call<v1::ReviewService>(&v1::ReviewService::StubInterface::ListFollowUps, request));
    if (cli.json) {
      cli.PrintJson(page);
    } else {
      for (const v1::RecordView& view : page.follow_ups()) {
        cli.out() << view.record_id() << "  " << TitleOf(view.record(), reader)
                  << (view.record().follow_up().has_answer() ? "  [answered]" : "") << "\n";
      }
      for (const v1::OpenQuestion& question : page.open_questions()) {
        PrintQuestion(cli, question, reader, "");
        cli.out() << "    " << question.report_id() << "\n";
      }
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status AskTeam(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  v1::CreateFollowUpRequest request;
  request.set_parent(office->Programme());
  request.set_request_id(NewRequestId(cli));
  v1::FollowUp& follow_up = *request.mutable_follow_up();
  follow_up.set_report_id(state.report);
  follow_up.mutable_question()->set_code("free");
  *follow_up.mutable_text() = Local(cli, state.question);
  if (!state.team.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
    BARAZA_ASSIGN_OR_RETURN(const std::string id, TeamByTypedName(reg, state.team));
    follow_up.set_addressed_team_id(id);
  }
  BARAZA_ASSIGN_OR_RETURN(
      const v1::RecordView view,
      office->Call<v1::ReviewService>(&v1::ReviewService::StubInterface::CreateFollowUp, request));
  return PrintView(cli, view, "asked; it comes down with the team's next sync");
}

// Without what the matcher made of the pair, which would lead whoever looks.
void PrintSample(const Cli& cli, const v1::RecordView& view) {
  const v1::ReviewSample& sample = view.record().review_sample();
  if (cli.json) {
    v1::RecordView shown = view;
    v1::ReviewSample& blind = *shown.mutable_record()->mutable_review_sample();
    blind.clear_stratum();
    blind.clear_stratum_size();
    blind.clear_inclusion_probability();
    cli.PrintJson(shown);
  } else if (sample.report_ids_size() == 2) {
    cli.out() << view.record_id() << "  " << sample.report_ids(0) << "  " << sample.report_ids(1)
              << "\n";
  }
}

constexpr char kHowToAnswer[] =
    "Read both reports of a pair: baraza explain rep_... rep_...; then say what you found:\n"
    "baraza review answer rvs_... same | different | unsure";

absl::Status Draw(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  BARAZA_ASSIGN_OR_RETURN(const std::string indicator_id,
                          IndicatorByName(reg, state.indicator, cli.Language()));
  v1::DrawReviewSampleRequest request;
  request.set_name(
      absl::StrCat(office->Name("indicators", indicator_id), "/figures/", state.period));
  request.set_size(state.size);
  BARAZA_ASSIGN_OR_RETURN(const v1::DrawReviewSampleResponse drawn,
                          office->Call<v1::ReviewService>(
                              &v1::ReviewService::StubInterface::DrawReviewSample, request));
  for (const v1::RecordView& view : drawn.samples()) PrintSample(cli, view);
  cli.Note(absl::StrCat("Drawn at random: ", drawn.samples_size(), " of the ", drawn.decisions(),
                        " decisions that the figure rests on.\n", kHowToAnswer));
  return absl::OkStatus();
}

absl::Status Drawn(Cli& cli) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  v1::ListRecordsRequest request;
  request.set_parent(office->Programme());
  request.set_type(v1::RECORD_TYPE_REVIEW_SAMPLE);
  int open = 0;
  int answered = 0;
  do {
    BARAZA_ASSIGN_OR_RETURN(const v1::ListRecordsResponse page,
                            office->Call<v1::ProgrammeService>(
                                &v1::ProgrammeService::StubInterface::ListRecords, request));
    for (const v1::RecordView& view : page.records()) {
      if (view.record().review_sample().has_outcome()) {
        ++answered;
        continue;
      }
      ++open;
      PrintSample(cli, view);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.Note(absl::StrCat(open, " open, ", answered, " answered.",
                        open > 0 ? absl::StrCat("\n", kHowToAnswer) : ""));
  return absl::OkStatus();
}

absl::Status Answer(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  v1::AnswerReviewSampleRequest request;
  request.set_name(office->Name("records", state.sample));
  request.set_outcome(state.answer == "same"        ? v1::RULING_KIND_SAME
                      : state.answer == "different" ? v1::RULING_KIND_DIFFERENT
                                                    : v1::RULING_KIND_UNSURE);
  BARAZA_ASSIGN_OR_RETURN(const v1::RecordView view,
                          office->Call<v1::ReviewService>(
                              &v1::ReviewService::StubInterface::AnswerReviewSample, request));
  return PrintView(cli, view,
                   "noted for the interval; it changes no session (baraza review same does)");
}

absl::Status Endorse(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  for (const std::string& report : state.reports) {
    v1::EndorseReportRequest request;
    request.set_name(office->Name("records", report));
    const absl::StatusOr<v1::RecordView> view =
        office->Call<v1::ReviewService>(&v1::ReviewService::StubInterface::EndorseReport, request);
    if (!view.ok()) return Annotate(view.status(), report);
    BARAZA_RETURN_IF_ERROR(PrintView(cli, *view, "endorsed"));
  }
  return absl::OkStatus();
}

absl::Status Return(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  v1::ReturnReportRequest request;
  request.set_name(office->Name("records", state.report));
  *request.mutable_message() = Local(cli, state.message);
  BARAZA_ASSIGN_OR_RETURN(
      const v1::RecordView view,
      office->Call<v1::ReviewService>(&v1::ReviewService::StubInterface::ReturnReport, request));
  return PrintView(cli, view, "returned; its author sees why with the next sync");
}

}  // namespace

void AddReviewCommands(CLI::App& app, Cli& cli) {
  auto state = std::make_shared<State>();
  CLI::App* review =
      app.add_subcommand("review", "Decide what only a person can: rulings and questions")
          ->group(kOfficeGroup);
  review->require_subcommand(0, 1);
  review->fallthrough();
  review->footer(
      "Examples:\n"
      "  baraza review                                   (what waits, the weightiest first)\n"
      "  baraza review same rep_... rep_... --reason \"same minutes\"\n"
      "  baraza review does-not-count rep_... --reason \"a board meeting\"\n"
      "  baraza review override rep_... --set learnedFromEachOther=YES_NO_YES --reason \"...\"\n"
      "  baraza review withdraw rul_...                  (exactly as if it had not been)\n"
      "  baraza review ask rep_... --team Cauca --question \"Who was there?\"\n"
      "How far off may the count be? Review pairs drawn at random:\n"
      "  baraza review draw --period 2026-Q3 --size 50\n"
      "  baraza review answer rvs_... same");
  review->add_option("--limit", state->limit, "At most so many");
  review->callback([&cli, state] {
    if (!cli.action()) cli.SetAction([&cli, state] { return Queue(cli, *state); });
  });
  CLI::App* queue = review->add_subcommand("queue", "What waits for a decision");
  queue->callback([&cli, state] { cli.SetAction([&cli, state] { return Queue(cli, *state); }); });

  const auto add_ruling = [&](const char* name, const char* help, v1::RulingKind kind, int least,
                              int most) {
    CLI::App* command = review->add_subcommand(name, help);
    command->add_option("reports", state->reports, "Ids of reports")
        ->required()
        ->expected(least, most);
    command->add_option("--reason", state->reason, "Why; your team and the office see it")
        ->required(kind != v1::RULING_KIND_UNSURE);
    if (kind == v1::RULING_KIND_COUNTS || kind == v1::RULING_KIND_DOES_NOT_COUNT) {
      command->add_option("--definition", state->definition, "By this definition only (id)");
    }
    if (kind == v1::RULING_KIND_OVERRIDE) {
      command->add_option("--set", state->assignments, "FIELD=VALUE; repeatable")
          ->allow_extra_args(false)
          ->required();
    }
    command->callback([&cli, state, kind] {
      cli.SetAction([&cli, state, kind] { return Rule(cli, *state, kind); });
    });
  };
  add_ruling("same", "These reports describe one session", v1::RULING_KIND_SAME, 2, 1000);
  add_ruling("different", "These two describe different sessions", v1::RULING_KIND_DIFFERENT, 2, 2);
  add_ruling("unsure", "Looked at, cannot tell", v1::RULING_KIND_UNSURE, 2, 2);
  add_ruling("counts", "The session of this report counts", v1::RULING_KIND_COUNTS, 1, 1);
  add_ruling("does-not-count", "It does not", v1::RULING_KIND_DOES_NOT_COUNT, 1, 1);
  add_ruling("override", "Replace consolidated values of its session", v1::RULING_KIND_OVERRIDE, 1,
             1);
  CLI::App* withdraw = review->add_subcommand("withdraw", "Take a ruling back");
  withdraw->add_option("ruling", state->ruling, "Its id")->required();
  withdraw->add_option("--reason", state->reason, "Why");
  withdraw->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return Withdraw(cli, *state); }); });
  CLI::App* rulings = review->add_subcommand("rulings", "All rulings");
  rulings->callback([&cli] { cli.SetAction([&cli] { return Rulings(cli); }); });
  CLI::App* questions = review->add_subcommand("questions", "What teams were, or could be, asked");
  questions->callback([&cli] { cli.SetAction([&cli] { return Questions(cli); }); });
  CLI::App* ask = review->add_subcommand("ask", "Ask a team about a report");
  ask->add_option("report", state->report, "Id of the report")->required();
  ask->add_option("--question", state->question, "The question")->required();
  ask->add_option("--team", state->team, "Whom to ask (default: the report's own team)");
  ask->callback([&cli, state] { cli.SetAction([&cli, state] { return AskTeam(cli, *state); }); });

  CLI::App* draw = review->add_subcommand(
      "draw", "Draw pairs at random from the decisions that a figure rests on");
  draw->add_option("--indicator", state->indicator,
                   "By title, donor or id; not needed when there is one");
  draw->add_option("--period", state->period, "The period")->required();
  draw->add_option("--size", state->size, "How many pairs, 20 to 200")->capture_default_str();
  draw->callback([&cli, state] { cli.SetAction([&cli, state] { return Draw(cli, *state); }); });
  CLI::App* drawn = review->add_subcommand("drawn", "Drawn pairs that nobody has answered yet");
  drawn->callback([&cli] { cli.SetAction([&cli] { return Drawn(cli); }); });
  CLI::App* answer = review->add_subcommand("answer", "Say what you found about a drawn pair");
  answer->add_option("sample", state->sample, "Its id")->required();
  answer->add_option("outcome", state->answer, "same, different or unsure")
      ->required()
      ->check(CLI::IsMember({"same", "different", "unsure"}));
  answer->callback([&cli, state] { cli.SetAction([&cli, state] { return Answer(cli, *state); }); });

  auto stage = std::make_shared<State>();
  CLI::App* endorse =
      app.add_subcommand("endorse", "Endorse reports: for indicators that count from there on")
          ->group(kOfficeGroup);
  endorse->footer("Example:\n  baraza endorse rep_... rep_...");
  endorse->add_option("reports", stage->reports, "Ids of reports")->required();
  endorse->callback(
      [&cli, stage] { cli.SetAction([&cli, stage] { return Endorse(cli, *stage); }); });
  CLI::App* return_command =
      app.add_subcommand("return", "Send a report back to its author, with a message")
          ->group(kOfficeGroup);
  return_command->footer("Example:\n  baraza return rep_... --message \"Which day was it?\"");
  return_command->add_option("report", stage->report, "Id of the report")->required();
  return_command->add_option("--message", stage->message, "What is missing")->required();
  return_command->callback(
      [&cli, stage] { cli.SetAction([&cli, stage] { return Return(cli, *stage); }); });
}

}  // namespace baraza::client
