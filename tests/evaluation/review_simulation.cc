#include "tests/evaluation/review_simulation.h"

#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "core/indicator/figure.h"
#include "core/indicator/interval.h"
#include "core/match/batch.h"
#include "core/match/model.h"
#include "sync_server/consolidation/review_draw.h"

namespace baraza {
namespace {

constexpr char kIndicator[] = "ind_all";
constexpr char kPeriod[] = "2026";

// A figure's input in which every cluster is a session that counts.
FigureInput InputOf(const MatchIndex& index) {
  FigureInput input;
  input.context.indicator.set_id(kIndicator);
  const absl::StatusOr<Period> period = ParsePeriod(kPeriod, 1);
  if (!period.ok()) std::abort();
  input.period = *period;
  input.as_of = absl::CivilDay(2027, 1, 1);
  const auto day = static_cast<int32_t>(absl::CivilDay(2026, 7, 1) - absl::CivilDay(1970, 1, 1));
  std::set<std::pair<std::string, std::string>> in_doubt;
  for (const Cluster& cluster : index.Clusters()) {
    auto session = std::make_shared<v1::Session>();
    session->set_session_id(cluster.session_id);
    for (const std::string& report : cluster.report_ids) {
      session->add_members()->set_report_id(report);
    }
    session->set_start_earliest_day(day);
    session->set_start_latest_day(day);
    v1::Qualification& qualification = *session->add_qualifications();
    qualification.set_indicator_id(kIndicator);
    qualification.set_qualifies(v1::QUALIFIES_YES);
    input.sessions.push_back(std::make_shared<const BriefSession>(session));
    for (const MatchIndex::DoubtfulPair& pair : index.DoubtfulPairsOf(cluster.session_id)) {
      if (!in_doubt.emplace(pair.left_report_id, pair.right_report_id).second) continue;
      auto doubt = std::make_shared<v1::DoubtfulPair>();
      doubt->set_left_report_id(pair.left_report_id);
      doubt->set_right_report_id(pair.right_report_id);
      doubt->set_left_session_id(index.ClusterOf(pair.left_report_id)->session_id);
      doubt->set_right_session_id(index.ClusterOf(pair.right_report_id)->session_id);
      input.doubtful_pairs.push_back(std::move(doubt));
    }
  }
  return input;
}

ReviewedProgramme::Bounds BoundsOf(const v1::Figure& figure) {
  return {figure.interval().low(), figure.interval().high(), figure.interval().sampled_pairs()};
}

}  // namespace

ReviewedProgramme Review(const LabelledProgramme& programme, uint32_t reviewed, uint64_t seed) {
  const absl::StatusOr<MatchIndex> index =
      IndexReports(programme.reports, programme.reg, programme.sources, ShippedModel());
  if (!index.ok()) std::abort();
  FigureInput input = InputOf(*index);
  v1::Figure figure;
  ComputeFigure(input, figure);

  ReviewedProgramme result;
  result.value = figure.value();
  std::set<std::string> truth;
  for (const auto& [report, session] : programme.session_of) truth.insert(session);
  result.truth = static_cast<uint32_t>(truth.size());
  for (const v1::DoubtfulPair& pair : figure.doubtful_pairs())
    result.doubtful += pair.effect() != 0;
  result.before = BoundsOf(figure);

  std::vector<std::string> session_ids;
  for (const auto& session : input.sessions) session_ids.emplace_back(session->id);
  const std::vector<MatchIndex::ReviewLink> links = index->ReviewLinks(session_ids);
  const auto is_same = [&](const std::string& left, const std::string& right) {
    return programme.session_of.at(left) == programme.session_of.at(right);
  };
  for (const MatchIndex::ReviewLink& link : links) {
    result.decisions.push_back(
        {ReviewStratumOf(link.together, link.score),
         is_same(link.left_report_id, link.right_report_id) != link.together});
  }

  SeededRandom random(seed);
  server::ReviewDraw draw = server::DrawReview(figure, links, {}, reviewed, random);
  for (v1::ReviewSample& sample : draw.samples) {
    sample.set_outcome(is_same(sample.report_ids(0), sample.report_ids(1))
                           ? v1::RULING_KIND_SAME
                           : v1::RULING_KIND_DIFFERENT);
    input.samples.push_back(&sample);
  }
  v1::Figure after;
  ComputeFigure(input, after);
  result.after = BoundsOf(after);
  return result;
}

}  // namespace baraza
