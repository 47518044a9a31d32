#include "sync_server/commands/model.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"
#include "core/match/batch.h"
#include "core/match/fit.h"
#include "core/match/model.h"
#include "core/match/score.h"
#include "sync_server/services/data_dir.h"

namespace baraza::server {
namespace {

constexpr size_t kMaxModelBytes = 1 << 20;
constexpr size_t kMaxTruthBytes = size_t{1} << 30;
// Of a larger component the pairs that were not compared are too many, and too alike.
constexpr size_t kLargestComponent = 60;

// One programme: its reports, compared, and what they are about in truth.
struct Labelled {
  MatchInputs inputs;
  std::map<std::string, std::string> session_of;
};

absl::StatusOr<Labelled> ReadLabelled(const std::string& folder, const Complain& complain) {
  Labelled labelled;
  const std::filesystem::path at(folder);
  const std::string registered = (at / "register.jsonl").string();
  if (std::filesystem::exists(registered)) {
    BARAZA_RETURN_IF_ERROR(ReadRegister(registered, complain, labelled.inputs));
  }
  BARAZA_RETURN_IF_ERROR(ReadReports((at / "reports.jsonl").string(), complain, labelled.inputs));
  BARAZA_ASSIGN_OR_RETURN(const std::string truth,
                          ReadWholeFile((at / "truth.csv").string(), kMaxTruthBytes));
  for (const absl::string_view line : absl::StrSplit(truth, '\n', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> row = absl::StrSplit(line, absl::MaxSplits(',', 1));
    labelled.session_of.insert(row);
  }
  return labelled;
}

// Whether the two are on one session; a report that the truth does not know is on one of its own.
bool SameSession(const Labelled& labelled, const std::string& a, const std::string& b) {
  const auto left = labelled.session_of.find(a);
  const auto right = labelled.session_of.find(b);
  return left != labelled.session_of.end() && right != labelled.session_of.end() &&
         left->second == right->second;
}

absl::StatusOr<v1::MatchModel> ReadModel(const std::string& path) {
  BARAZA_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(path, kMaxModelBytes));
  return ParseModel(text);
}

struct ComparedPair {
  std::string left, right;
  PairLevels levels;
  bool same = false;
};

std::vector<ComparedPair> Compared(const Labelled& labelled, const MatchIndex& index) {
  std::vector<ComparedPair> pairs;
  for (const MatchIndex::ComparedPair& pair : index.ComparedPairs()) {
    const auto left = index.FindFeatures(pair.left_report_id);
    const auto right = index.FindFeatures(pair.right_report_id);
    pairs.push_back({pair.left_report_id, pair.right_report_id, Compare(*left, *right),
                     SameSession(labelled, pair.left_report_id, pair.right_report_id)});
  }
  return pairs;
}

// Of the components that positive scores make: pairs within that were not compared.
void CountNeverCompared(const Labelled& labelled, const std::vector<ComparedPair>& pairs,
                        const Scorer& scorer, FitOptions& options) {
  std::map<std::string, size_t> number;
  for (const ComparedPair& pair : pairs) {
    number.try_emplace(pair.left, number.size());
    number.try_emplace(pair.right, number.size());
  }
  std::vector<size_t> root(number.size());
  std::iota(root.begin(), root.end(), size_t{0});
  const auto find = [&root](size_t node) {
    while (root[node] != node) node = root[node] = root[root[node]];
    return node;
  };
  std::set<std::pair<size_t, size_t>> compared;
  for (const ComparedPair& pair : pairs) {
    const size_t left = number[pair.left];
    const size_t right = number[pair.right];
    compared.insert(std::minmax(left, right));
    if (scorer.Score(pair.levels) > 0) root[find(left)] = find(right);
  }
  std::map<size_t, std::vector<const std::pair<const std::string, size_t>*>> members;
  for (const auto& entry : number) members[find(entry.second)].push_back(&entry);
  for (const auto& [top, reports] : members) {
    if (reports.size() > kLargestComponent) continue;
    for (size_t i = 0; i < reports.size(); ++i) {
      for (size_t j = i + 1; j < reports.size(); ++j) {
        if (compared.count(std::minmax(reports[i]->second, reports[j]->second)) > 0) continue;
        if (SameSession(labelled, reports[i]->first, reports[j]->first)) {
          ++options.never_compared_same;
        } else {
          ++options.never_compared_different;
        }
      }
    }
  }
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

// One line of the file of mistakes.
std::string MistakeRow(absl::string_view kind, const v1::PairExplanation& pair) {
  std::string weights;
  std::string left;
  std::string right;
  for (const v1::FieldComparison& field : pair.fields()) {
    absl::StrAppend(&weights, weights.empty() ? "" : " ", field.level(), "@",
                    v1::MatchField_Name(field.field()).substr(12), "=", field.milli_nats());
    absl::StrAppend(&left, left.empty() ? "" : " | ", field.left());
    absl::StrAppend(&right, right.empty() ? "" : " | ", field.right());
  }
  return absl::StrCat(
      kind, ",", pair.left_report_id(), ",", pair.right_report_id(), ",",
      pair.never_compared() ? "never_compared" : absl::StrCat(pair.score_milli_nats()), ",",
      Quoted(weights), ",", Quoted(left), ",", Quoted(right), "\n");
}

void AddToCalibration(int32_t score, double chance, bool same,
                      std::map<int32_t, CalibrationBin>& bins) {
  // A thousand milli-nats wide; whatever is beyond +-8 nats is as good as certain.
  const int32_t from =
      static_cast<int32_t>(std::floor(std::clamp(score, -8000, 7999) / 1000.0)) * 1000;
  CalibrationBin& bin = bins[from];
  bin.from_milli_nats = from;
  ++bin.pairs;
  bin.same += same ? 1 : 0;
  bin.expected += chance;
}

}  // namespace

absl::StatusOr<ModelFitSummary> FitModelFiles(const ModelFitOptions& options,
                                              const Complain& complain) {
  BARAZA_ASSIGN_OR_RETURN(const v1::MatchModel toward, ReadModel(options.toward));
  ModelFitSummary summary;
  std::vector<Labelled> programmes;
  std::vector<std::vector<ComparedPair>> compared;
  std::vector<LabelledLevels> levels;
  for (const std::string& folder : options.data) {
    BARAZA_ASSIGN_OR_RETURN(Labelled labelled, ReadLabelled(folder, complain));
    BARAZA_ASSIGN_OR_RETURN(const MatchIndex index,
                            IndexReports(labelled.inputs.reports, labelled.inputs.reg,
                                         labelled.inputs.sources, toward));
    summary.reports += static_cast<int64_t>(index.report_count());
    compared.push_back(Compared(labelled, index));
    for (const ComparedPair& pair : compared.back()) {
      ++summary.pairs;
      summary.same_pairs += pair.same ? 1 : 0;
      levels.push_back({pair.levels, pair.same ? 1 : 0, pair.same ? 0 : 1});
    }
    labelled.inputs = MatchInputs();
    programmes.push_back(std::move(labelled));
  }
  levels = Grouped(std::move(levels));
  FitOptions fit;
  fit.version = options.version;
  fit.pull = options.pull;
  fit.lean_milli_nats = options.lean_milli_nats;
  BARAZA_ASSIGN_OR_RETURN(v1::MatchModel model, FitModel(levels, toward, fit));
  // What weight a pair has that was not compared shows only when the others have theirs.
  const Scorer scorer(model);
  for (size_t i = 0; i < programmes.size(); ++i) {
    CountNeverCompared(programmes[i], compared[i], scorer, fit);
  }
  BARAZA_ASSIGN_OR_RETURN(model, FitModel(levels, toward, fit));
  const std::string text = FormatModel(
      model,
      absl::StrCat("Fitted by scripts/fit-model: logistic regression over the levels of ",
                   summary.pairs, " compared pairs, ", summary.same_pairs,
                   " of them on one session,\nof ", summary.reports,
                   " generated reports; pulled toward models/reasoned.textproto, which says what "
                   "the numbers mean.\nDo not edit: a changed number is a new version, and every "
                   "programme decides when to adopt it."));
  if (!options.check) {
    BARAZA_RETURN_IF_ERROR(WriteWholeFile(options.out, text, /*secret=*/false));
    return summary;
  }
  BARAZA_ASSIGN_OR_RETURN(const std::string there, ReadWholeFile(options.out, kMaxModelBytes));
  if (there != text) {
    return absl::FailedPreconditionError(
        absl::StrCat(options.out, " is not what the data give; fit it anew"));
  }
  return summary;
}

absl::StatusOr<ModelEvaluation> EvaluateModelFiles(const ModelEvaluateOptions& options,
                                                   const Complain& complain) {
  v1::MatchModel model = ShippedModel();
  if (!options.model.empty()) {
    BARAZA_ASSIGN_OR_RETURN(model, ReadModel(options.model));
  }
  ModelEvaluation evaluation;
  std::map<int32_t, CalibrationBin> bins;
  std::string mistakes =
      "kind,left_report_id,right_report_id,score_milli_nats,weights,left,right\n";
  for (const std::string& folder : options.data) {
    BARAZA_ASSIGN_OR_RETURN(const Labelled labelled, ReadLabelled(folder, complain));
    BARAZA_ASSIGN_OR_RETURN(
        const MatchIndex index,
        IndexReports(labelled.inputs.reports, labelled.inputs.reg, labelled.inputs.sources, model));
    evaluation.reports += static_cast<int64_t>(index.report_count());
    for (const MatchIndex::ComparedPair& pair : index.ComparedPairs()) {
      const bool same = SameSession(labelled, pair.left_report_id, pair.right_report_id);
      const double chance = 1 / (1 + std::exp(-pair.score / 1000.0));
      ++evaluation.compared_pairs;
      evaluation.compared_true_pairs += same ? 1 : 0;
      evaluation.log_loss -= std::log(std::max(1e-12, same ? chance : 1 - chance));
      AddToCalibration(pair.score, chance, same, bins);
    }
    // Pairs on one session that came apart, and pairs put together that are not.
    std::map<std::string, std::vector<std::string>> reports_of;
    for (const auto& [report, session] : labelled.session_of) {
      if (index.ClusterOf(report) != nullptr) reports_of[session].push_back(report);
    }
    const auto note = [&](absl::string_view kind, const std::string& a,
                          const std::string& b) -> absl::Status {
      if (options.mistakes.empty()) return absl::OkStatus();
      BARAZA_ASSIGN_OR_RETURN(const v1::PairExplanation pair, index.Explain(a, b));
      absl::StrAppend(&mistakes, MistakeRow(kind, pair));
      return absl::OkStatus();
    };
    for (const auto& [session, reports] : reports_of) {
      for (size_t i = 0; i < reports.size(); ++i) {
        for (size_t j = i + 1; j < reports.size(); ++j) {
          ++evaluation.true_pairs;
          if (index.ClusterOf(reports[i]) == index.ClusterOf(reports[j])) continue;
          ++evaluation.missed_pairs;
          BARAZA_RETURN_IF_ERROR(note("missed", reports[i], reports[j]));
        }
      }
    }
    for (const Cluster& cluster : index.Clusters()) {
      for (size_t i = 0; i < cluster.report_ids.size(); ++i) {
        for (size_t j = i + 1; j < cluster.report_ids.size(); ++j) {
          if (SameSession(labelled, cluster.report_ids[i], cluster.report_ids[j])) continue;
          ++evaluation.wrong_pairs;
          BARAZA_RETURN_IF_ERROR(note("wrong", cluster.report_ids[i], cluster.report_ids[j]));
        }
      }
    }
  }
  if (evaluation.compared_pairs > 0) {
    evaluation.log_loss /= static_cast<double>(evaluation.compared_pairs);
  }
  for (const auto& [from, bin] : bins) evaluation.calibration.push_back(bin);
  if (!options.mistakes.empty()) {
    BARAZA_RETURN_IF_ERROR(WriteWholeFile(options.mistakes, mistakes, /*secret=*/false));
  }
  return evaluation;
}

}  // namespace baraza::server
