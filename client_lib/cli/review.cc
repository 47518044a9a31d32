#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "baraza/v1/programme_service.grpc.pb.h"
#include "baraza/v1/review_service.grpc.pb.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/json_input.h"
#include "client_lib/cli/names.h"
#include "client_lib/cli/office.h"
#include "client_lib/cli/render.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "google/protobuf/util/json_util.h"

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
  bool confirmed = false;
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

std::string LowerName(const std::string& name, absl::string_view prefix) {
  std::string lower = absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
  std::replace(lower.begin(), lower.end(), '_', '-');
  return lower;
}

// Who and when; who is not told to everybody.
std::string ByWhom(const std::string& author_id, int64_t device_time_ms, const Reader& reader) {
  return absl::StrCat(
      author_id.empty() ? "somebody" : NameOf(reader.reg, author_id, reader.language), ", ",
      absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::FromUnixMillis(device_time_ms),
                       absl::UTCTimeZone()));
}

std::string JsonOf(const v1::SessionReport& values) {
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(values, &json);
  return json;
}

// "same rep_... rep_...: in effect".
std::string RulingLine(const v1::StandingRuling& ruling) {
  std::string line = absl::StrCat(ruling.ruling_id(), "  ",
                                  LowerName(v1::RulingKind_Name(ruling.kind()), "RULING_KIND_"),
                                  " ", absl::StrJoin(ruling.report_ids(), " "));
  if (!ruling.definition_id().empty()) absl::StrAppend(&line, " by ", ruling.definition_id());
  switch (ruling.standing()) {
    case v1::RULING_STANDING_IN_EFFECT:
      return line + ": in effect";
    case v1::RULING_STANDING_SET_ASIDE:
      return line + ": set aside";
    case v1::RULING_STANDING_WAITS_FOR_APPROVAL:
      return line + ": waits for a second person";
    case v1::RULING_STANDING_WITHDRAWN:
      return line + ": withdrawn";
    default:
      return line;
  }
}

void PrintRuling(const Cli& cli, const v1::StandingRuling& ruling, const Reader& reader) {
  cli.out() << "    " << RulingLine(ruling) << "\n        "
            << ByWhom(ruling.author_id(), ruling.device_time_ms(), reader);
  if (!ruling.reason().text().empty()) cli.out() << ": " << ruling.reason().text();
  cli.out() << "\n";
  if (ruling.has_override_values()) {
    cli.out() << "        sets " << JsonOf(ruling.override_values()) << "\n";
  }
}

// "count -1, range 1 (2 indicators)".
std::string MovementOf(const v1::ReviewItem& item) {
  const v1::CountMovement& movement = item.movement();
  std::vector<std::string> parts;
  if (movement.down() > 0 && movement.up() > 0) {
    parts.push_back(absl::StrCat("count -", movement.down(), " to +", movement.up()));
  } else if (movement.down() > 0) {
    parts.push_back(absl::StrCat("count -", movement.down()));
  } else if (movement.up() > 0) {
    parts.push_back(absl::StrCat("count +", movement.up()));
  }
  if (movement.range() > 0) parts.push_back(absl::StrCat("range ", movement.range()));
  if (parts.empty()) return "moves no count now";
  return absl::StrCat(absl::StrJoin(parts, ", "),
                      item.figures_affected() > 1
                          ? absl::StrCat(" (", item.figures_affected(), " indicators)")
                          : "");
}

void PrintItem(const Cli& cli, const v1::ReviewItem& item, const Reader& reader) {
  if (!item.set_aside_ruling_id().empty()) {
    cli.out() << "! these rulings contradict one another; withdraw the wrong side  ["
              << MovementOf(item) << "]\n";
    for (const v1::StandingRuling& ruling : item.contradiction()) PrintRuling(cli, ruling, reader);
    return;
  }
  if (item.waiting_size() > 0) {
    cli.out() << "+ waits until somebody else approves  [" << MovementOf(item) << "]\n";
    for (const v1::StandingRuling& ruling : item.waiting()) PrintRuling(cli, ruling, reader);
    return;
  }
  PrintQuestion(cli, item.question(), reader, "");
  cli.out() << "    ";
  if (item.has_pair()) {
    cli.out() << item.pair().left_report_id() << "  " << item.pair().right_report_id()
              << absl::StrFormat("  %+.1f", item.pair().score_milli_nats() / 1000.0);
  } else {
    cli.out() << item.question().report_id();
  }
  cli.out() << "  [" << MovementOf(item) << "]\n";
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
      } else {
        PrintItem(cli, item, reader);
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

// Every ruling on these reports with what was done with it; `take` answers whether to go on.
absl::Status ForEachHistory(Office& office, const std::vector<std::string>& reports,
                            const std::function<bool(const v1::RulingHistory&)>& take) {
  v1::ListRulingHistoriesRequest request;
  request.set_parent(office.Programme());
  for (const std::string& report : reports) request.add_report_ids(report);
  do {
    BARAZA_ASSIGN_OR_RETURN(const v1::ListRulingHistoriesResponse page,
                            office.Call<v1::ReviewService>(
                                &v1::ReviewService::StubInterface::ListRulingHistories, request));
    for (const v1::RulingHistory& history : page.histories()) {
      if (!take(history)) return absl::OkStatus();
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status History(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  const Reader reader{reg, cli.Language()};
  int shown = 0;
  BARAZA_RETURN_IF_ERROR(
      ForEachHistory(*office, state.reports, [&](const v1::RulingHistory& history) {
        ++shown;
        if (cli.json) {
          cli.PrintJson(history);
          return true;
        }
        cli.out() << RulingLine(history.ruling()) << "\n";
        for (const v1::RulingEvent& event : history.events()) {
          cli.out() << "    " << LowerName(v1::RulingEvent::Kind_Name(event.kind()), "KIND_")
                    << " by " << ByWhom(event.author_id(), event.device_time_ms(), reader);
          if (!event.reason().text().empty()) cli.out() << ": " << event.reason().text();
          cli.out() << "\n";
        }
        return true;
      }));
  if (shown == 0) cli.Note("Nobody has ruled on this.");
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

// Writes the ruling and says what it does now.
absl::Status CreateRuling(Cli& cli, Office& office, const v1::Ruling& ruling) {
  v1::CreateRulingRequest request;
  request.set_parent(office.Programme());
  request.set_request_id(NewRequestId(cli));
  *request.mutable_ruling() = ruling;
  BARAZA_ASSIGN_OR_RETURN(
      const v1::RecordView view,
      office.Call<v1::ReviewService>(&v1::ReviewService::StubInterface::CreateRuling, request));
  std::vector<std::string> reports(ruling.report_ids().begin(), ruling.report_ids().end());
  reports.resize(std::min<size_t>(reports.size(), 2));
  v1::RulingStanding standing = v1::RULING_STANDING_UNSPECIFIED;
  // It is written already: not to know how it stands is no failure.
  ForEachHistory(office, reports, [&](const v1::RulingHistory& history) {
    if (history.ruling().ruling_id() != view.record_id()) return true;
    standing = history.ruling().standing();
    return false;
  }).IgnoreError();
  switch (standing) {
    case v1::RULING_STANDING_WAITS_FOR_APPROVAL:
      return PrintView(cli, view, "ruled; waits until somebody else says: baraza review approve");
    case v1::RULING_STANDING_SET_ASIDE:
      return PrintView(cli, view, "ruled, but set aside: it contradicts others; see baraza review");
    default:
      return PrintView(cli, view, "ruled; take it back with: baraza review withdraw");
  }
}

absl::Status Rule(Cli& cli, const State& state, v1::RulingKind kind) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  v1::Ruling ruling;
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
  return CreateRuling(cli, *office, ruling);
}

// Rules the same as another.
absl::Status Approve(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const v1::RecordView view, office->GetRecord(state.ruling));
  if (!view.record().has_ruling() || view.voided()) {
    return absl::FailedPreconditionError(
        absl::StrCat(state.ruling, ": expected a ruling that stands, got ",
                     view.voided() ? "one that was withdrawn" : "something else"));
  }
  v1::Ruling ruling = view.record().ruling();
  if (ruling.author_id() == office->membership().person_id()) {
    return absl::FailedPreconditionError(
        absl::StrCat(state.ruling, ": expected the ruling of somebody else, got your own"));
  }
  if (ruling.has_override_values() && !state.confirmed) {
    return absl::FailedPreconditionError(absl::StrCat(
        state.ruling, " sets ", JsonOf(ruling.override_values()), " on the session of ",
        ruling.report_ids(0), "; look at it, and say --yes to approve it"));
  }
  ruling.clear_id();
  ruling.clear_void_mark();
  ruling.clear_author_id();
  ruling.clear_reason();
  if (!state.reason.empty()) *ruling.mutable_reason() = Local(cli, state.reason);
  return CreateRuling(cli, *office, ruling);
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
    "Read both reports of a pair: baraza review drawn rvs_...; then say what you found:\n"
    "baraza review answer rvs_... same | different | unsure";

// Both reports of a drawn pair, whole, and nothing of what the matcher makes of them: the interval
// holds only if whoever answers has not been told.
absl::Status ReadDrawn(Cli& cli, const std::string& sample_id) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  const Reader reader{reg, cli.Language()};
  BARAZA_ASSIGN_OR_RETURN(const v1::RecordView sample, office->GetRecord(sample_id));
  if (!sample.record().has_review_sample()) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a drawn pair (rvs_...), got \"", sample_id.substr(0, 40), "\""));
  }
  for (const std::string& report_id : sample.record().review_sample().report_ids()) {
    absl::StatusOr<v1::RecordView> view = office->GetRecord(report_id);
    if (!view.ok()) return Annotate(view.status(), report_id);
    v1::SessionReport& report = *view->mutable_record()->mutable_session_report();
    if (cli.json) {
      report.clear_hint_answers();
      cli.PrintJson(*view);
      continue;
    }
    cli.Heading(absl::StrCat(report_id, view->voided() ? "  [void]" : ""));
    cli.out() << ReportText(report, reader, "  ");
    for (const v1::Citation& citation : report.citations()) {
      const absl::StatusOr<v1::RecordView> source = office->GetRecord(citation.source_id());
      // One that is not for this reader, or that has not come yet, stays an id.
      if (!source.ok()) continue;
      cli.out() << "  source " << citation.source_id() << ": " << TitleOf(source->record(), reader)
                << "\n";
    }
  }
  cli.Note(absl::StrCat("What did you find?  baraza review answer ", sample_id,
                        " same | different | unsure"));
  return absl::OkStatus();
}

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
      "  baraza review approve rul_...                   (where two people have to agree)\n"
      "  baraza review history rep_...                   (who ruled what on its session)\n"
      "  baraza review ask rep_... --team Cauca --question \"Who was there?\"\n"
      "How far off may the count be? Review pairs drawn at random:\n"
      "  baraza review draw --period 2026-Q3 --size 50\n"
      "  baraza review drawn rvs_...                     (read both reports)\n"
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
  CLI::App* approve = review->add_subcommand(
      "approve", "Rule the same as somebody else, where the programme asks for two people");
  approve->add_option("ruling", state->ruling, "Its id")->required();
  approve->add_option("--reason", state->reason, "Why");
  approve->add_flag("--yes", state->confirmed, "Also one that replaces values of a session");
  approve->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return Approve(cli, *state); }); });
  CLI::App* history = review->add_subcommand(
      "history", "Who ruled what and when on a session or a pair, and who withdrew it");
  history->add_option("reports", state->reports, "One report of the session, or two reports")
      ->required()
      ->expected(1, 2);
  history->callback(
      [&cli, state] { cli.SetAction([&cli, state] { return History(cli, *state); }); });
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
  CLI::App* drawn = review->add_subcommand(
      "drawn", "Drawn pairs that nobody has answered yet; of one, both reports to read");
  drawn->footer(
      "Examples:\n"
      "  baraza review drawn            (what is left)\n"
      "  baraza review drawn rvs_...    (both reports of that pair, whole)\n"
      "Answer before you look at baraza explain: it says what the matcher thinks, and the\n"
      "interval rests on answers of people who were not told.");
  drawn->add_option("sample", state->sample, "Its id; both of its reports are shown");
  drawn->callback([&cli, state] {
    cli.SetAction([&cli, state] {
      return state->sample.empty() ? Drawn(cli) : ReadDrawn(cli, state->sample);
    });
  });
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
