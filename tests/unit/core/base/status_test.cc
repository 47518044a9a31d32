#include "core/base/status.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/cord.h"

namespace baraza {
namespace {

TEST(RecordError, NamesRecordFieldExpectedAndGot) {
  EXPECT_EQ(RecordError(absl::StatusCode::kNotFound, "rep_1", "venue.country", "a country", "XX"),
            absl::NotFoundError("rep_1: venue.country: expected a country, got XX"));
  EXPECT_EQ(InvalidField("", "date", "a date", ""),
            absl::InvalidArgumentError("date: expected a date"));
}

TEST(RecordError, ShortensAtACharacterAndKeepsToOneLine) {
  std::string got(79, 'a');
  got += "\xc3\xa9";  // Its second byte would be the 81st.
  got += "tail";
  const absl::Status status = InvalidField("r", "f", "x", got);
  EXPECT_EQ(status.message(), "r: f: expected x, got " + std::string(79, 'a') + "... (85 bytes)");
  EXPECT_EQ(InvalidField("r", "f", "x", "a\nb").message(), "r: f: expected x, got a?b");
}

TEST(Annotate, KeepsCodeAndPayload) {
  absl::Status status = absl::DataLossError("damage");
  status.SetPayload("type", absl::Cord("payload"));
  const absl::Status annotated = Annotate(status, "device.db");
  EXPECT_EQ(annotated.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(annotated.message(), "device.db: damage");
  EXPECT_TRUE(annotated.GetPayload("type").has_value());
  EXPECT_TRUE(Annotate(absl::OkStatus(), "x").ok());
}

absl::StatusOr<std::unique_ptr<int>> Make(int value) {
  if (value < 0) return absl::OutOfRangeError("negative");
  return std::make_unique<int>(value);
}

absl::Status Use(int value, int* out) {
  BARAZA_ASSIGN_OR_RETURN(std::unique_ptr<int> made, Make(value));
  BARAZA_ASSIGN_OR_RETURN(made, Make(*made + 1));
  BARAZA_RETURN_IF_ERROR(Make(10 - *made).status());
  *out = *made;
  return absl::OkStatus();
}

TEST(Macros, PassValuesAndErrors) {
  int out = 0;
  EXPECT_TRUE(Use(3, &out).ok());
  EXPECT_EQ(out, 4);
  EXPECT_EQ(Use(-1, &out).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Use(10, &out).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(out, 4);
}

}  // namespace
}  // namespace baraza
