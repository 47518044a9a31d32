#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "tests/bench/benches.h"
#include "tests/bench/measure.h"

namespace baraza::bench {
namespace {

using Results = std::map<std::string, double>;

Results RunOf(size_t reports) {
  Results results;
  const std::string output = RunProgram({BARAZA_BENCH_MATCH, absl::StrCat(reports)});
  for (const absl::string_view line : absl::StrSplit(output, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    double value = 0;
    if (words.size() != 2 || !absl::SimpleAtod(words[1], &value)) {
      Check(absl::InternalError(std::string(line)), "bench_match");
    }
    results[std::string(words[0])] = value;
  }
  return results;
}

// One panel of the plot: both axes logarithmic, with a dashed line through the first point that
// says "in proportion".
class Panel {
 public:
  Panel(double left, const std::string& title, const std::string& unit)
      : left_(left), title_(title), unit_(unit) {}

  void Add(double x, double y) { points_.push_back({x, y}); }

  std::string Svg() const {
    double most = 0;
    double least = points_[0].second;
    for (const auto& [x, y] : points_) {
      most = std::max(most, y);
      least = std::min(least, y);
    }
    const double proportional = points_[0].second * points_.back().first / points_[0].first;
    low_x_ = std::floor(std::log10(points_[0].first));
    high_x_ = std::ceil(std::log10(points_.back().first));
    low_y_ = std::floor(std::log10(least));
    high_y_ = std::ceil(std::log10(std::max(most, proportional)));
    std::string svg = absl::StrFormat(
        "<text x=\"%.0f\" y=\"24\" font-size=\"14\">%s (%s)</text>\n"
        "<rect x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" fill=\"none\" "
        "stroke=\"#888\"/>\n",
        left_, title_, unit_, left_, kTop, kWidth, kHeight);
    for (double decade = low_x_; decade <= high_x_; ++decade) {
      absl::StrAppendFormat(&svg, "<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%s</text>\n",
                            X(std::pow(10, decade)), kTop + kHeight + 16, Label(decade));
    }
    for (double decade = low_y_; decade <= high_y_; ++decade) {
      const double y = Y(std::pow(10, decade));
      absl::StrAppendFormat(
          &svg,
          "<line x1=\"%.0f\" y1=\"%.1f\" x2=\"%.0f\" y2=\"%.1f\" stroke=\"#ddd\"/>\n"
          "<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
          left_, y, left_ + kWidth, y, left_ - 6, y + 4, Label(decade));
    }
    absl::StrAppendFormat(&svg,
                          "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#888\" "
                          "stroke-dasharray=\"4 4\"/>\n",
                          X(points_[0].first), Y(points_[0].second), X(points_.back().first),
                          Y(proportional));
    std::string line;
    for (const auto& [x, y] : points_) {
      absl::StrAppendFormat(&line, "%.1f,%.1f ", X(x), Y(y));
      absl::StrAppendFormat(&svg,
                            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"#06c\"/>\n"
                            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                            X(x), Y(y), X(x) - 6, Y(y) - 6,
                            y < 100 ? absl::StrFormat("%.2g", y) : absl::StrFormat("%.0f", y));
    }
    absl::StrAppend(&svg, "<polyline points=\"", line, "\" fill=\"none\" stroke=\"#06c\"/>\n");
    return svg;
  }

 private:
  static constexpr double kTop = 40;
  static constexpr double kWidth = 320;
  static constexpr double kHeight = 260;

  static std::string Label(double decade) {
    if (decade >= 6) return absl::StrFormat("%.0f M", std::pow(10, decade - 6));
    if (decade >= 4) return absl::StrFormat("%.0f k", std::pow(10, decade - 3));
    return absl::StrFormat("%g", std::pow(10, decade));
  }
  double X(double x) const {
    return left_ + kWidth * (std::log10(x) - low_x_) / (high_x_ - low_x_);
  }
  double Y(double y) const {
    return kTop + kHeight * (high_y_ - std::log10(y)) / (high_y_ - low_y_);
  }

  const double left_;
  const std::string title_;
  const std::string unit_;
  std::vector<std::pair<double, double>> points_;
  mutable double low_x_ = 0, high_x_ = 1, low_y_ = 0, high_y_ = 1;
};

void Plot(const std::string& path, const std::vector<Results>& runs) {
  Panel seconds(60, "Time of a full consolidation by the matcher", "s");
  Panel memory(470, "Greatest memory", "MiB");
  for (const Results& run : runs) {
    seconds.Add(run.at("reports"), run.at("total_seconds"));
    memory.Add(run.at("reports"), run.at("peak_mib"));
  }
  std::ofstream out(path);
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"820\" height=\"350\" "
         "font-family=\"sans-serif\" font-size=\"11\">\n"
         "<rect width=\"820\" height=\"350\" fill=\"white\"/>\n"
      << seconds.Svg() << memory.Svg()
      << "<text x=\"60\" y=\"342\">reports; the dashed line is growth in proportion</text>\n"
         "</svg>\n";
  out.close();
  if (!out) Check(absl::DataLossError(absl::StrCat("cannot write ", path)), "plot");
}

}  // namespace

void BenchMatch(const Run& run) {
  constexpr double kTargetSeconds = 60;
  constexpr double kTargetMib = 2048;
  std::vector<Results> runs;
  for (const int reports : run.sizes.match_reports) {
    Progress(absl::StrCat("match: ", reports, " reports"));
    const Results& results = runs.emplace_back(RunOf(static_cast<size_t>(reports)));
    const std::string name = absl::StrCat("match_", reports, "_");
    const bool largest = reports == run.sizes.match_reports.back();
    const auto target = [&](double value) {
      return largest && reports >= 1'000'000 ? std::optional<double>(value) : std::nullopt;
    };
    Print(name + "features", results.at("features_per_second"), "reports/s");
    Print(name + "seconds", results.at("total_seconds"), "s", target(kTargetSeconds));
    Print(name + "cpu_seconds", results.at("total_cpu"), "s");
    Print(name + "peak", results.at("peak_mib"), "MiB", target(kTargetMib));
    Print(name + "candidates", results.at("candidates"), "pairs/report");
    Print(name + "scored", results.at("scored"), "pairs/report");
    Print(name + "completeness", results.at("completeness"), "of true pairs");
    Print(name + "arrival", results.at("arrival_mean_ms"), "ms", target(1));
    Print(name + "arrival_cpu", results.at("arrival_cpu_ms"), "ms");
    Print(name + "arrival_p99", results.at("arrival_p99_ms"), "ms");
    // A device has ten thousand digests at most.
    Print(name + "hint", results.at("hint_median_ms"), "ms",
          reports == 10'000 ? std::optional<double>(20) : std::nullopt);
    Print(name + "hint_p99", results.at("hint_p99_ms"), "ms");
    if (!largest) continue;
    for (const auto& [key, value] : results) {
      if (absl::StartsWith(key, "completeness_")) Print(name + key, value, "of true pairs");
    }
  }
  if (!run.plot.empty()) Plot(run.plot, runs);
}

}  // namespace baraza::bench
