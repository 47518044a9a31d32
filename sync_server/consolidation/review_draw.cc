#include "sync_server/consolidation/review_draw.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "core/indicator/interval.h"

namespace baraza::server {
namespace {

using Pair = std::pair<std::string, std::string>;

template <typename T>
void Shuffle(std::vector<T>& items, Random& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.Uniform(i)]);
}

absl::flat_hash_set<absl::string_view> CountedReports(const v1::Figure& figure) {
  absl::flat_hash_set<absl::string_view> reports;
  for (const v1::FigureSession& session : figure.counted()) {
    reports.insert(session.report_ids().begin(), session.report_ids().end());
  }
  return reports;
}

// Pairs in doubt per counted session.
double DoubtShare(const v1::Figure& figure) {
  const auto doubtful =
      std::count_if(figure.doubtful_pairs().begin(), figure.doubtful_pairs().end(),
                    [](const v1::DoubtfulPair& pair) { return pair.effect() != 0; });
  return figure.value() == 0 ? 0 : static_cast<double>(doubtful) / figure.value();
}

}  // namespace

ReviewDraw DrawReview(const v1::Figure& figure, absl::Span<const MatchIndex::ReviewLink> links,
                      absl::Span<const v1::ReviewSample> earlier, uint32_t size, Random& random) {
  const size_t strata = ReviewStrata().size();
  // Every decision of each stratum; those that were not drawn yet.
  std::vector<uint32_t> sizes(strata);
  std::vector<std::vector<const MatchIndex::ReviewLink*>> open(strata);
  std::set<Pair> drawn;
  for (const v1::ReviewSample& sample : earlier) {
    const std::optional<size_t> at = FindReviewStratum(sample.stratum());
    if (!at.has_value() || sample.report_ids_size() != 2) continue;
    const auto [left, right] = std::minmax(sample.report_ids(0), sample.report_ids(1));
    sizes[*at] += drawn.emplace(left, right).second;
  }
  const absl::flat_hash_set<absl::string_view> counted = CountedReports(figure);
  for (const MatchIndex::ReviewLink& link : links) {
    if (!counted.contains(link.left_report_id) || !counted.contains(link.right_report_id)) continue;
    if (drawn.count({link.left_report_id, link.right_report_id}) > 0) continue;
    const size_t at = ReviewStratumOf(link.together, link.score);
    ++sizes[at];
    open[at].push_back(&link);
  }

  std::vector<uint32_t> available;
  available.reserve(strata);
  for (const auto& stratum : open) available.push_back(static_cast<uint32_t>(stratum.size()));
  const std::vector<uint32_t> wanted = AllocateReview(available, DoubtShare(figure), size);
  ReviewDraw draw;
  for (size_t i = 0; i < strata; ++i) {
    draw.decisions += sizes[i];
    Shuffle(open[i], random);
    for (uint32_t j = 0; j < wanted[i]; ++j) {
      const MatchIndex::ReviewLink& link = *open[i][j];
      v1::ReviewSample& sample = draw.samples.emplace_back();
      sample.add_report_ids(link.left_report_id);
      sample.add_report_ids(link.right_report_id);
      sample.set_stratum(std::string(ReviewStrata()[i].name));
      sample.set_inclusion_probability(static_cast<double>(wanted[i]) / available[i]);
      sample.set_model_version(figure.model_version());
      sample.set_indicator_id(figure.indicator_id());
      sample.set_period(figure.period());
      sample.set_stratum_size(sizes[i]);
      sample.set_figure_value(figure.value());
    }
  }
  Shuffle(draw.samples, random);
  return draw;
}

}  // namespace baraza::server
