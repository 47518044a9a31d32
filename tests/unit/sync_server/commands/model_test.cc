#include "sync_server/commands/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/match/model.h"
#include "tests/data/generator/generate.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace baraza::server {
namespace {

using ::baraza::test::StatusIs;

class ModelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    test::WriteFile(dir_.File("toward.textproto"), FormatModel(ShippedModel(), ""));
  }
  std::string Labelled(const std::string& name, uint64_t seed,
                       const testdata::Vocabulary& vocabulary) {
    const std::string folder = dir_.File(name);
    std::filesystem::create_directories(folder);
    std::ofstream reports(folder + "/reports.jsonl");
    std::ofstream register_lines(folder + "/register.jsonl");
    std::ofstream truth(folder + "/truth.csv");
    std::ofstream scenarios(folder + "/scenario.csv");
    testdata::GenerateOptions options;
    options.seed = seed;
    options.sessions = 300;
    options.vocabulary = &vocabulary;
    testdata::Generate(options, {&reports, &register_lines, &truth, &scenarios});
    return folder;
  }
  ModelFitOptions Fit(std::vector<std::string> data, const std::string& out) {
    ModelFitOptions options;
    options.data = std::move(data);
    options.toward = dir_.File("toward.textproto");
    options.version = "test-1";
    options.out = dir_.File(out);
    return options;
  }
  absl::StatusOr<ModelFitSummary> Run(const ModelFitOptions& options) {
    return FitModelFiles(options, [](absl::string_view line) {
      ADD_FAILURE() << "not taken: " << std::string(line);
    });
  }

  test::TempDir dir_;
};

TEST_F(ModelTest, TheSameDataGiveTheSameFile) {
  const std::vector<std::string> data = {Labelled("a", 1, testdata::VocabularyA()),
                                         Labelled("b", 2, testdata::VocabularyA())};
  ASSERT_OK_AND_ASSIGN(const ModelFitSummary summary, Run(Fit(data, "one")));
  EXPECT_GT(summary.reports, 1000);
  EXPECT_GT(summary.same_pairs, 500);
  EXPECT_GT(summary.pairs, 2 * summary.same_pairs);
  ASSERT_TRUE(Run(Fit(data, "two")).ok());
  EXPECT_EQ(test::ReadFile(dir_.File("one")), test::ReadFile(dir_.File("two")));
  const auto model = ParseModel(test::ReadFile(dir_.File("one")));
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->version(), "test-1");

  ModelFitOptions check = Fit(data, "one");
  check.check = true;
  EXPECT_TRUE(Run(check).ok());
  test::WriteFile(dir_.File("one"), test::ReadFile(dir_.File("one")) + "\n");
  EXPECT_THAT(Run(check), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ModelTest, EvaluationCountsWhatCameOutWrong) {
  ModelEvaluateOptions options;
  options.data = {Labelled("b", 3, testdata::VocabularyB())};
  options.mistakes = dir_.File("mistakes.csv");
  ASSERT_OK_AND_ASSIGN(const ModelEvaluation found,
                       EvaluateModelFiles(options, [](absl::string_view) {}));
  EXPECT_GT(found.true_pairs, 300);
  EXPECT_LE(found.compared_true_pairs, found.true_pairs);
  EXPECT_GT(found.compared_true_pairs, found.true_pairs * 9 / 10);
  EXPECT_LT(found.missed_pairs, found.true_pairs / 5);
  int64_t pairs = 0;
  int64_t same = 0;
  for (const CalibrationBin& bin : found.calibration) {
    pairs += bin.pairs;
    same += bin.same;
    EXPECT_LE(bin.expected, static_cast<double>(bin.pairs));
  }
  EXPECT_EQ(pairs, found.compared_pairs);
  EXPECT_EQ(same, found.compared_true_pairs);
  // A head, and a line for each.
  const std::string mistakes = test::ReadFile(dir_.File("mistakes.csv"));
  EXPECT_GE(std::count(mistakes.begin(), mistakes.end(), '\n'),
            1 + found.missed_pairs + found.wrong_pairs);
}

TEST_F(ModelTest, WithoutATruthThereIsNothingToFit) {
  const std::string folder = Labelled("a", 1, testdata::VocabularyA());
  std::filesystem::remove(folder + "/truth.csv");
  EXPECT_THAT(Run(Fit({folder}, "one")), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace baraza::server
