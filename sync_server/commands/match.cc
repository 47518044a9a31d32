#include "sync_server/commands/match.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/match/batch.h"
#include "core/match/model.h"
#include "sync_server/commands/match_inputs.h"
#include "sync_server/services/data_dir.h"

namespace baraza::server {
namespace {

constexpr size_t kMaxModelBytes = 1 << 20;

}  // namespace

absl::StatusOr<MatchSummary> MatchFiles(const MatchOptions& options, const Complain& complain) {
  v1::MatchModel model = ShippedModel();
  if (!options.model.empty()) {
    BARAZA_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(options.model, kMaxModelBytes));
    BARAZA_ASSIGN_OR_RETURN(model, ParseModel(text));
  }
  MatchInputs inputs;
  if (!options.register_file.empty()) {
    BARAZA_RETURN_IF_ERROR(ReadRegister(options.register_file, complain, inputs));
  }
  BARAZA_RETURN_IF_ERROR(ReadReports(options.reports, complain, inputs));
  BARAZA_ASSIGN_OR_RETURN(const MatchIndex index,
                          IndexReports(inputs.reports, inputs.reg, inputs.sources, model));
  MatchSummary summary;
  summary.bad_lines = inputs.bad_lines;
  // Ids are of a fixed alphabet: nothing to quote.
  std::map<std::string, std::string> session_of;
  for (const Cluster& cluster : index.Clusters()) {
    ++summary.sessions;
    for (const std::string& report : cluster.report_ids) session_of[report] = cluster.session_id;
  }
  summary.reports = static_cast<int64_t>(session_of.size());
  std::string clusters = "report_id,session_id\n";
  for (const auto& [report, session] : session_of) {
    absl::StrAppend(&clusters, report, ",", session, "\n");
  }
  BARAZA_RETURN_IF_ERROR(WriteWholeFile(options.clusters, clusters, /*secret=*/false));
  if (!options.pairs.empty()) {
    std::string pairs = "left_report_id,right_report_id,score_milli_nats,together\n";
    for (const MatchIndex::ComparedPair& pair : index.ComparedPairs()) {
      ++summary.compared_pairs;
      absl::StrAppend(&pairs, pair.left_report_id, ",", pair.right_report_id, ",", pair.score, ",",
                      pair.together ? "true" : "false", "\n");
    }
    BARAZA_RETURN_IF_ERROR(WriteWholeFile(options.pairs, pairs, /*secret=*/false));
  }
  return summary;
}

}  // namespace baraza::server
