#include "core/match/model.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"
#include "core/match/compare.h"
#include "core/match/features.h"

namespace baraza {

extern const char kShippedModelText[];

namespace {

constexpr int32_t kMaxWeight = 100'000;

// Keeps the first error and where it stands.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty())
      text_ = absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

absl::Status CheckWeight(absl::string_view field, int32_t weight) {
  if (weight >= -kMaxWeight && weight <= kMaxWeight) return absl::OkStatus();
  return InvalidField("MatchModel", field, "-100000 to 100000 milli-nats", absl::StrCat(weight));
}

absl::Status CheckField(const v1::MatchModel::FieldWeights& weights) {
  const std::string field = v1::MatchField_Name(weights.field());
  const auto names = LevelNames(weights.field());
  if (names.empty()) return InvalidField("MatchModel", "fields.field", "a field to compare", field);
  std::set<std::string> seen;
  for (const auto& level : weights.levels()) {
    const std::string path = absl::StrCat(field, ".", level.level());
    if (std::find(names.begin(), names.end(), absl::string_view(level.level())) == names.end()) {
      return InvalidField("MatchModel", path, "a level of the field", "an unknown one");
    }
    if (!seen.insert(level.level()).second) {
      return InvalidField("MatchModel", path, "one weight", "two");
    }
    BARAZA_RETURN_IF_ERROR(CheckWeight(path, level.milli_nats()));
  }
  if (seen.size() != names.size()) {
    return InvalidField("MatchModel", field, absl::StrCat("all ", names.size(), " levels"),
                        absl::StrCat(seen.size()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateModel(const v1::MatchModel& model) {
  if (model.version().empty()) return InvalidField("MatchModel", "version", "a name", "none");
  // A model is fitted to one schema of records; lexicon and ICU may move on under it, and are named
  // with every figure.
  const std::string features = FeatureVersion();
  const std::vector<std::string> schema = absl::StrSplit(features, absl::MaxSplits('+', 1));
  if (model.feature_version() != schema[0] && model.feature_version() != features) {
    return InvalidField("MatchModel", "feature_version", features, model.feature_version());
  }
  BARAZA_RETURN_IF_ERROR(CheckWeight("prior_milli_nats", model.prior_milli_nats()));
  BARAZA_RETURN_IF_ERROR(
      CheckWeight("never_compared_milli_nats", model.never_compared_milli_nats()));
  if (model.never_compared_milli_nats() > 0) {
    return InvalidField("MatchModel", "never_compared_milli_nats", "at most 0",
                        absl::StrCat(model.never_compared_milli_nats()));
  }
  BARAZA_RETURN_IF_ERROR(CheckWeight("undecided_milli_nats", model.undecided_milli_nats()));
  if (model.undecided_milli_nats() < 0) {
    return InvalidField("MatchModel", "undecided_milli_nats", "at least 0",
                        absl::StrCat(model.undecided_milli_nats()));
  }
  if (model.block_split_threshold() < 8 || model.block_split_threshold() > 100'000) {
    return InvalidField("MatchModel", "block_split_threshold", "8 to 100000",
                        absl::StrCat(model.block_split_threshold()));
  }
  BARAZA_RETURN_IF_ERROR(CheckWeight("lean_milli_nats", model.lean_milli_nats()));
  if (model.fitted_pairs() < 0 || model.fitted_same_pairs() < 0 ||
      model.fitted_same_pairs() > model.fitted_pairs()) {
    return InvalidField("MatchModel", "fitted_same_pairs", "0 to fitted_pairs",
                        absl::StrCat(model.fitted_same_pairs(), " of ", model.fitted_pairs()));
  }
  std::set<int> seen;
  for (const auto& weights : model.fields()) {
    if (!seen.insert(weights.field()).second) {
      return InvalidField("MatchModel", v1::MatchField_Name(weights.field()), "one entry", "two");
    }
    BARAZA_RETURN_IF_ERROR(CheckField(weights));
  }
  if (seen.size() != kMatchFieldCount - 1) {
    return InvalidField("MatchModel", "fields", absl::StrCat("all ", kMatchFieldCount - 1),
                        absl::StrCat(seen.size()));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::MatchModel> ParseModel(absl::string_view textproto) {
  v1::MatchModel model;
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(std::string(textproto), &model)) {
    return InvalidField("MatchModel", "", "protobuf text form", error.text());
  }
  BARAZA_RETURN_IF_ERROR(ValidateModel(model));
  return model;
}

std::string FormatModel(const v1::MatchModel& model, absl::string_view comment) {
  std::string text =
      "# proto-file: baraza/v1/match.proto\n# proto-message: baraza.v1.MatchModel\n#\n";
  for (const absl::string_view line : absl::StrSplit(comment, '\n')) {
    absl::StrAppend(&text, line.empty() ? "#" : "# ", line, "\n");
  }
  // Versions and levels are of a plain alphabet (ValidateModel's callers wrote them): escaping is
  // for whatever else somebody puts there.
  absl::StrAppend(&text, "\nversion: \"", absl::CEscape(model.version()), "\"\nfeature_version: \"",
                  absl::CEscape(model.feature_version()),
                  "\"\nprior_milli_nats: ", model.prior_milli_nats(),
                  "\nnever_compared_milli_nats: ", model.never_compared_milli_nats(),
                  "\nundecided_milli_nats: ", model.undecided_milli_nats(),
                  "\nblock_split_threshold: ", model.block_split_threshold(), "\n");
  if (model.fitted_pairs() > 0) {
    absl::StrAppend(&text, "fitted_pairs: ", model.fitted_pairs(),
                    "\nfitted_same_pairs: ", model.fitted_same_pairs(),
                    "\nlean_milli_nats: ", model.lean_milli_nats(), "\n");
  }
  std::vector<const v1::MatchModel::FieldWeights*> fields;
  for (const auto& weights : model.fields()) fields.push_back(&weights);
  std::sort(fields.begin(), fields.end(),
            [](const auto* a, const auto* b) { return a->field() < b->field(); });
  for (const auto* weights : fields) {
    absl::StrAppend(&text, "fields {\n  field: ", v1::MatchField_Name(weights->field()), "\n");
    for (const auto& level : weights->levels()) {
      absl::StrAppend(&text, "  levels { level: \"", absl::CEscape(level.level()),
                      "\" milli_nats: ", level.milli_nats(), " }\n");
    }
    absl::StrAppend(&text, "}\n");
  }
  return text;
}

const v1::MatchModel& ShippedModel() {
  static const v1::MatchModel* const model = [] {
    auto parsed = ParseModel(kShippedModelText);
    if (!parsed.ok()) std::abort();  // It is part of the binary, and tests read it.
    return new v1::MatchModel(*std::move(parsed));
  }();
  return *model;
}

}  // namespace baraza
