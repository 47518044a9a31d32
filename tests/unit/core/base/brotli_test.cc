#include "core/base/brotli.h"

#include <gtest/gtest.h>

#include <string>

#include "core/base/random.h"
#include "tests/testing/status_matchers.h"

namespace baraza {
namespace {

using test::StatusIs;

std::string Noise(size_t bytes) {
  SeededRandom random(7);
  std::string noise(bytes, '\0');
  random.Fill(absl::MakeSpan(reinterpret_cast<uint8_t*>(noise.data()), noise.size()));
  return noise;
}

class BrotliTest : public testing::TestWithParam<BrotliEffort> {};

TEST_P(BrotliTest, GivesBackWhatWentIn) {
  for (const std::string& bytes :
       {std::string(), std::string("x"), std::string(100'000, 'x'), Noise(1), Noise(300'000),
        std::string("Les comités de l'eau ont comparé leurs cahiers de comptes.")}) {
    const std::string stream = BrotliCompress(bytes, GetParam());
    const absl::StatusOr<std::string> back = BrotliDecompress(stream, bytes.size());
    ASSERT_OK(back) << bytes.size();
    EXPECT_EQ(*back, bytes);
  }
}

TEST_P(BrotliTest, MakesRepetitionsSmall) {
  EXPECT_LT(BrotliCompress(std::string(100'000, 'x'), GetParam()).size(), 100u);
}

TEST_P(BrotliTest, StopsAtTheLimit) {
  const std::string stream = BrotliCompress(std::string(50'000'000, 'x'), GetParam());
  ASSERT_LT(stream.size(), 1'000u);
  EXPECT_THAT(BrotliDecompress(stream, 1'000'000), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_OK(BrotliDecompress(stream, 50'000'000));
}

TEST_P(BrotliTest, RefusesEveryBeginningOfAStream) {
  const std::string stream = BrotliCompress(Noise(500), GetParam());
  for (size_t length = 0; length < stream.size(); ++length) {
    EXPECT_THAT(BrotliDecompress(absl::string_view(stream).substr(0, length), 10'000),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << length;
  }
  EXPECT_THAT(BrotliDecompress(stream + "x", 10'000), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(BrotliNoiseTest, NoiseIsAnErrorOrAStreamButNeverACrash) {
  SeededRandom random(11);
  for (int i = 0; i < 2'000; ++i) {
    std::string noise(1 + random.Uniform(200), '\0');
    random.Fill(absl::MakeSpan(reinterpret_cast<uint8_t*>(noise.data()), noise.size()));
    const absl::StatusOr<std::string> bytes = BrotliDecompress(noise, 1'000);
    EXPECT_TRUE(!bytes.ok() || bytes->size() <= 1'000u);
  }
}

INSTANTIATE_TEST_SUITE_P(Efforts, BrotliTest,
                         testing::Values(BrotliEffort::kQuick, BrotliEffort::kSmallest));

}  // namespace
}  // namespace baraza
