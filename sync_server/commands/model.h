#ifndef BARAZA_SYNC_SERVER_COMMANDS_MODEL_H_
#define BARAZA_SYNC_SERVER_COMMANDS_MODEL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sync_server/commands/match_inputs.h"

namespace baraza::server {

// Labelled reports are folders with reports.jsonl, register.jsonl (may be missing) and truth.csv
// (report_id,session_id): one programme each.

struct ModelFitOptions {
  std::vector<std::string> data;
  // Model (protobuf text) that the weights are pulled toward, and that gives what is not fitted.
  std::string toward;
  double pull = 20;
  int32_t lean_milli_nats = 0;
  std::string version;
  // Model to write.
  std::string out;
  // Compare instead: FAILED_PRECONDITION unless `out` holds just what would be written.
  bool check = false;
};

struct ModelFitSummary {
  int64_t reports = 0;
  int64_t pairs = 0;
  int64_t same_pairs = 0;
};

// Fits a model on the compared pairs of all programmes. The same bytes for the same input.
absl::StatusOr<ModelFitSummary> FitModelFiles(const ModelFitOptions& options,
                                              const Complain& complain);

struct ModelEvaluateOptions {
  std::vector<std::string> data;
  // Empty: the shipped one.
  std::string model;
  // CSV of the pairs that came out wrong, with the weight of every field. Empty: not written.
  std::string mistakes;
};

// Pairs whose odds the model puts into one range, and how many of them are on one session.
struct CalibrationBin {
  int32_t from_milli_nats = 0;
  int64_t pairs = 0;
  int64_t same = 0;
  // Sum of the model's probabilities.
  double expected = 0;
};

struct ModelEvaluation {
  int64_t reports = 0;
  int64_t compared_pairs = 0;
  int64_t true_pairs = 0;
  // True pairs that were compared.
  int64_t compared_true_pairs = 0;
  // Mean negative logarithm of the probability given to what is true, over compared pairs.
  double log_loss = 0;
  // Pairs after clustering.
  int64_t missed_pairs = 0;
  int64_t wrong_pairs = 0;
  std::vector<CalibrationBin> calibration;
};

absl::StatusOr<ModelEvaluation> EvaluateModelFiles(const ModelEvaluateOptions& options,
                                                   const Complain& complain);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_COMMANDS_MODEL_H_
