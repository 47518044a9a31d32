#ifndef BARAZA_CORE_INDICATOR_FIGURE_H_
#define BARAZA_CORE_INDICATOR_FIGURE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "baraza/v1/figure.pb.h"
#include "baraza/v1/indicator.pb.h"
#include "baraza/v1/review.pb.h"
#include "baraza/v1/session.pb.h"
#include "core/indicator/brief_session.h"
#include "core/indicator/period.h"
#include "core/indicator/qualify.h"
#include "core/model/register.h"

namespace baraza {

struct FigureInput {
  IndicatorContext context;
  Period period;
  // Sessions that certainly start after this day are left out.
  absl::CivilDay as_of;
  // Every session whose start range meets the period, and every one without a bound; more does no
  // harm. With CARRY_FORWARD also those that meet a published period of this indicator. Each holds
  // its qualification for this indicator; one without is undetermined.
  std::vector<std::shared_ptr<const BriefSession>> sessions;
  // Doubtful pairs of these sessions; a side that is not among `sessions` lies outside the period.
  // Effect and question are filled in by the figure.
  std::vector<std::shared_ptr<const v1::DoubtfulPair>> doubtful_pairs;
  // Of this indicator, voided ones left out.
  std::vector<v1::PublishedFigure> published;
  // Drawn for this figure under `model_version`, in the order of their ids, voided ones left out.
  // Not owned.
  std::vector<const v1::ReviewSample*> samples;
  // Those that speak of some day of the period, or of no period, stand beside the figure.
  std::vector<v1::Claim> claims;
  // For titles, targets and the programme. Not owned; may be null.
  const Register* register_ = nullptr;
  std::string model_version;
  int64_t log_position = 0;
  // 32 bytes.
  std::string operations_sha256;
  // The id of the session that now holds a report, "" when none does. Tells a published session
  // that lies elsewhere now from one whose first report was voided. Empty: looked up among
  // `sessions`.
  std::function<std::string(absl::string_view report_id)> session_of_report;
};

// The indicator's value for the period, with its range and trace (CONTRACTS section 7).
//
// Each session that could lie in the period stands in exactly one of counted, excluded,
// undetermined and waiting_for_stage; each list is sorted by (start day, session id). value =
// |counted|. low <= value <= high always: low counts each group of counted sessions that doubtful
// pairs tie together once (and not at all when the group reaches out of the period); high adds the
// undetermined sessions and one for each doubtful split. With nothing open low == value == high.
//
// Published figures: the latest of each period holds (one that is restated by another does not). A
// session that the latest figure of another period counts is not counted again, unless one of the
// two periods contains the other (a year may sum up its quarters). By the CARRY_FORWARD rule a
// session that its published period lacks counts in the first unpublished period of the indicator's
// scheme after it. |counted| == |published sessions| - |withdrawn| + |late| whenever there is a
// publication.
//
// The interval is that of interval.h, from the sampled review of this figure. A sampled decision
// that was found wrong counts as put right once the sessions say what was found.
//
// Overlaps are left to the caller (OverlapWith). Pure; the order of the input lists changes
// nothing. `figure` comes empty; with thousands of sessions it belongs on an arena. Any thread.
void ComputeFigure(const FigureInput& input, v1::Figure& figure);

// The record to publish for `figure`: everything but id and reason; `restates` names the figure's
// latest publication, if any.
v1::PublishedFigure FreezeFigure(const v1::Figure& figure);

// The question to ask of a session that lies in no one period for certain. Any thread.
v1::OpenQuestion DateQuestion(const v1::Session& session);

// Whether a session stands where the indicator counts from: any of its reports is endorsed, when it
// asks for that. Any thread.
bool HasReachedStage(const BriefSession& session, const v1::Indicator& indicator);

// The month, 1 .. 12, in which the indicator's fiscal year starts: its own, else the programme's,
// else 1. `reg` may be null. Pass it to ParsePeriod for this indicator's periods.
int FiscalYearStartMonth(const v1::Indicator& indicator, const Register* reg);

// How many sessions both figures count.
uint32_t CountOverlap(const v1::Figure& a, const v1::Figure& b);

// The overlap entry of `other` (asked for by `donor_id`) in a figure that counts `figure`'s
// sessions.
v1::Overlap OverlapWith(const v1::Figure& figure, const v1::Figure& other,
                        absl::string_view donor_id);

// The distinct questions whose answers could move the figure: those of the undetermined sessions
// and of the doubtful pairs with an effect. Zero in a figure without its trace.
uint32_t OpenQuestionCount(const v1::Figure& figure);

// The figures that hold: of each period the latest one, by restatement, then (log position, id).
std::vector<const v1::PublishedFigure*> LatestPublished(
    const std::vector<v1::PublishedFigure>& published);

}  // namespace baraza

#endif  // BARAZA_CORE_INDICATOR_FIGURE_H_
