#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "baraza/v1/indicator_service.grpc.pb.h"
#include "baraza/v1/session_service.grpc.pb.h"
#include "client_lib/cli/commands.h"
#include "client_lib/cli/dates.h"
#include "client_lib/cli/names.h"
#include "client_lib/cli/office.h"
#include "client_lib/cli/progress.h"
#include "client_lib/cli/render.h"
#include "core/base/status.h"
#include "core/indicator/figure.h"
#include "core/indicator/phrasing.h"

namespace baraza::client {

namespace {

struct State {
  std::string indicator;
  std::string period;
  std::string as_of;
  bool brief = false;
  bool weights = false;
  int64_t min_log_position = 0;
};

void PrintSession(const Cli& cli, const v1::FigureSession& session, const Reader& reader) {
  cli.out() << "  " << SessionLine(session.title(), session.dates(), session.place());
  if (session.report_ids_size() > 1) cli.out() << "  " << session.report_ids_size() << " reports";
  cli.out() << "\n";
  if (session.reasons_size() > 0) {
    cli.out() << "      " << Sentences(session.reasons(), reader) << "\n";
  }
  for (const v1::OpenQuestion& question : session.questions()) {
    PrintQuestion(cli, question, reader, "      ");
  }
}

void PrintSessions(const Cli& cli, absl::string_view heading,
                   const google::protobuf::RepeatedPtrField<v1::FigureSession>& sessions,
                   const Reader& reader) {
  if (sessions.empty()) return;
  cli.out() << "\n";
  cli.Heading(absl::StrCat(heading, " (", sessions.size(), ")"));
  for (const v1::FigureSession& session : sessions) PrintSession(cli, session, reader);
}

void PrintTexts(const Cli& cli, absl::string_view what,
                const google::protobuf::RepeatedPtrField<v1::LocalText>& texts) {
  if (texts.empty()) return;
  cli.out() << "  " << what << ":\n";
  for (const v1::LocalText& text : texts) {
    cli.out() << "    - " << text.text()
              << (text.language().empty() ? "" : absl::StrCat("  [", text.language(), "]")) << "\n";
  }
}

// Why the counted sessions that have several reports are one session each.
absl::Status PrintMerged(Cli& cli, Office& office, const v1::Figure& figure, const Reader& reader,
                         bool weights) {
  Progress progress(cli, "Explaining");
  bool first = true;
  int done = 0;
  for (const v1::FigureSession& session : figure.counted()) {
    progress.Show(static_cast<uint64_t>(done++), static_cast<uint64_t>(figure.counted_size()));
    if (session.report_ids_size() < 2) continue;
    v1::ExplainSessionRequest request;
    request.set_name(office.Name("sessions", session.session_id()));
    BARAZA_ASSIGN_OR_RETURN(const v1::Session explained,
                            office.Call<v1::SessionService>(
                                &v1::SessionService::StubInterface::ExplainSession, request));
    if (first) {
      cli.out() << "\n";
      cli.Heading("Merged, and why");
      first = false;
    }
    cli.out() << "  " << SessionLine(session.title(), session.dates(), session.place()) << "\n";
    for (const v1::SessionMember& member : explained.members()) {
      cli.out() << "      " << member.report_id() << "  " << FormatSessionDates(member.dates())
                << "  " << member.title().text() << "  ["
                << NameOf(reader.reg, member.team_id(), reader.language) << "]\n";
    }
    for (const v1::PairExplanation& pair : explained.pairs()) {
      PrintPair(cli, pair, reader, weights, "        ");
    }
  }
  return absl::OkStatus();
}

void PrintQualitative(const Cli& cli, const v1::QualitativeSide& side, const Reader& reader) {
  cli.out() << "\n";
  cli.Heading("The qualitative side");
  if (side.sessions_with_participants() > 0) {
    cli.out() << "  participants: " << side.attendances() << " in "
              << side.sessions_with_participants() << " sessions";
    if (side.attendances_women() + side.attendances_men() > 0) {
      cli.out() << " (known of them: " << side.attendances_women() << " women, "
                << side.attendances_men() << " men)";
    }
    cli.out() << "; who came twice is counted twice\n";
  }
  if (side.team_ids_size() > 0) {
    cli.out() << "  teams: ";
    for (int i = 0; i < side.team_ids_size(); ++i) {
      cli.out() << (i == 0 ? "" : "; ") << NameOf(reader.reg, side.team_ids(i), reader.language);
    }
    cli.out() << "\n";
  }
  PrintTexts(cli, "topics", side.topics());
  PrintTexts(cli, "learning outcomes", side.learning_outcomes());
  PrintTexts(cli, "benefits", side.benefits());
  PrintTexts(cli, "training needs", side.training_needs());
  PrintTexts(cli, "collective successes", side.collective_successes());
  PrintTexts(cli, "individual successes", side.individual_successes());
}

void PrintClaims(const Cli& cli, const v1::Figure& figure) {
  if (figure.claims_size() == 0) return;
  cli.out() << "\n";
  cli.Heading("What sources claim (never added)");
  for (const v1::Claim& claim : figure.claims()) {
    const v1::ClaimedCount& count = claim.claimed_count();
    cli.out() << "  " << (count.approximate() ? "about " : "");
    if (count.has_at_least()) cli.out() << count.at_least();
    if (count.has_at_most() && count.at_most() != count.at_least()) {
      cli.out() << (count.has_at_least() ? " to " : "at most ") << count.at_most();
    }
    if (!count.period_start().empty() || !count.period_end().empty()) {
      cli.out() << ", " << count.period_start() << ".." << count.period_end();
    }
    if (!count.wording().text().empty()) cli.out() << ": \"" << count.wording().text() << "\"";
    cli.out() << "  " << claim.source_id() << "\n";
  }
}

void PrintReconciliation(const Cli& cli, const v1::Reconciliation& r) {
  std::string lines;
  const auto add = [&lines](absl::string_view what, int count) {
    if (count > 0) absl::StrAppend(&lines, "  ", count, "  ", what, "\n");
  };
  add("straddle the period's border", r.straddling_session_ids_size());
  add("have no usable date", r.undated_session_ids_size());
  add("lie in the future", r.future_session_ids_size());
  add("were published here and do not count now", r.withdrawn_session_ids_size());
  add("came after the figure was published", r.late_session_ids_size());
  add("are counted in another published period", r.counted_elsewhere_session_ids_size());
  add("are carried forward from earlier periods", r.carried_forward_session_ids_size());
  if (lines.empty()) return;
  cli.out() << "\n";
  cli.Heading("Why periods need not sum up");
  cli.out() << lines;
}

void PrintInterval(const Cli& cli, const v1::StatisticalInterval& interval, const Reader& reader) {
  cli.out() << "\n";
  cli.Heading("How far off duplicates may put it (95 % interval)");
  cli.out() << absl::StrFormat("  %.0f to %.0f. ", interval.low(), interval.high())
            << RenderText(interval.note(), reader.language, &reader.reg) << "\n";
}

absl::Status Count(Cli& cli, const State& state) {
  BARAZA_ASSIGN_OR_RETURN(Office * office, cli.Desk());
  BARAZA_ASSIGN_OR_RETURN(const Register reg, office->FetchRegister());
  const Reader reader{reg, cli.Language()};
  BARAZA_ASSIGN_OR_RETURN(const std::string indicator_id,
                          IndicatorByName(reg, state.indicator, reader.language));
  v1::GetFigureRequest request;
  request.set_name(
      absl::StrCat(office->Name("indicators", indicator_id), "/figures/", state.period));
  request.set_as_of(state.as_of);
  request.set_min_log_position(state.min_log_position);
  BARAZA_ASSIGN_OR_RETURN(
      const v1::Figure figure,
      office->Call<v1::IndicatorService>(&v1::IndicatorService::StubInterface::GetFigure, request));
  if (cli.json) {
    cli.PrintJson(figure);
    return absl::OkStatus();
  }
  const v1::Indicator* indicator = reg.FindIndicator(indicator_id);
  cli.Heading(absl::StrCat(
      indicator == nullptr ? indicator_id : InLanguage(indicator->title(), reader.language), ", ",
      figure.period()));
  cli.out() << "\n  ";
  cli.Heading(FigureHeadline(figure, reader.language));
  cli.out() << "\n";
  if (figure.has_target()) cli.out() << "  target " << figure.target() << "\n";
  if (figure.has_baseline()) cli.out() << "  baseline " << figure.baseline() << "\n";
  if (figure.has_published()) {
    cli.out() << "  published as " << figure.published().value() << " on "
              << figure.published().as_of() << "\n";
  }
  if (state.brief) return absl::OkStatus();
  PrintSessions(cli, "Counted", figure.counted(), reader);
  BARAZA_RETURN_IF_ERROR(PrintMerged(cli, *office, figure, reader, state.weights));
  PrintSessions(cli, "Excluded, and why", figure.excluded(), reader);
  PrintSessions(cli, "Undetermined, and what would settle it", figure.undetermined(), reader);
  if (figure.doubtful_pairs_size() > 0) {
    cli.out() << "\n";
    cli.Heading("One session or two?");
    for (const v1::DoubtfulPair& pair : figure.doubtful_pairs()) {
      cli.out() << "  " << pair.left_report_id() << "  " << pair.right_report_id();
      // Who sees nothing but his own team's is not told it.
      if (pair.score_milli_nats() != 0) {
        cli.out() << absl::StrFormat("  %+.1f,", pair.score_milli_nats() / 1000.0);
      }
      cli.out() << absl::StrFormat("  would change the count by %+d\n", pair.effect());
      PrintQuestion(cli, pair.question(), reader, "      ");
    }
  }
  PrintInterval(cli, figure.interval(), reader);
  for (const v1::HeldBack& held : figure.held_back()) {
    cli.out() << "  " << RenderText(held.reason(), reader.language, &reader.reg) << "\n";
  }
  PrintSessions(cli, "Would count once endorsed", figure.waiting_for_stage(), reader);
  PrintReconciliation(cli, figure.reconciliation());
  PrintClaims(cli, figure);
  for (const v1::Overlap& overlap : figure.overlaps()) {
    if (overlap.sessions() == 0) continue;
    cli.out() << "\n  " << overlap.sessions() << " of these sessions also count for "
              << NameOf(reg, overlap.donor_id(), reader.language) << "\n";
  }
  PrintQualitative(cli, figure.qualitative(), reader);
  cli.out() << "\n";
  cli.Heading("The indicator");
  for (const v1::LocalText& sentence : figure.sentence().values()) {
    cli.out() << "  " << sentence.language() << "  " << sentence.text() << ": " << figure.value()
              << "\n";
  }
  cli.out() << "\n  as of " << figure.as_of() << ", matching model " << figure.model_version()
            << ", ICU " << figure.icu_version() << ", log position " << figure.log_position()
            << "\n";
  if (OpenQuestionCount(figure) > 0) cli.Note("Next: baraza review settles questions.");
  return absl::OkStatus();
}

}  // namespace

void AddCountCommand(CLI::App& app, Cli& cli) {
  auto state = std::make_shared<State>();
  CLI::App* count = app.add_subcommand("count",
                                       "The figure of an indicator for a period, with "
                                       "everything behind it")
                        ->group(kOfficeGroup);
  count->footer(
      "Periods: 2026, 2026-Q3, 2026-07, FY2026, 2026-07-01..2026-09-30\n"
      "Examples:\n"
      "  baraza count --indicator Nordlys --period 2026-Q3\n"
      "  baraza count --indicator ind_... --period 2026 --brief\n"
      "  baraza count --period 2026-Q3 --json");
  count->add_option("--indicator", state->indicator,
                    "By title, donor or id; not needed when there is one");
  count->add_option("--period", state->period, "The period")->required();
  count->add_option("--as-of", state->as_of,
                    "Leave out sessions after this day (default: the server's today)");
  count->add_flag("--brief", state->brief, "The headline only");
  count->add_flag("--weights", state->weights, "Show what each field weighed in merging");
  count->add_option("--min-log-position", state->min_log_position,
                    "Wait until the count has taken in this much");
  count->callback([&cli, state] { cli.SetAction([&cli, state] { return Count(cli, *state); }); });
}

}  // namespace baraza::client
