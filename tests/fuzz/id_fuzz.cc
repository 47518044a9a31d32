// Ids of records and elements.

#include "core/base/ids.h"
#include "core/model/record_types.h"
#include "tests/fuzz/target.h"

namespace baraza::fuzz {
namespace {

void OneInput(absl::string_view text) {
  const absl::StatusOr<absl::string_view> prefix = IdPrefix(text);
  const absl::StatusOr<v1::RecordType> type = RecordTypeOfId(text);
  if (!prefix.ok()) {
    FUZZ_CHECK(prefix.status().code() == absl::StatusCode::kInvalidArgument);
    FUZZ_CHECK(prefix.status().message().size() < 400);
    FUZZ_CHECK(!type.ok());
  } else {
    FUZZ_CHECK(text.size() <= kMaxIdLength);
    FUZZ_CHECK(text.substr(0, prefix->size()) == *prefix);
    FUZZ_CHECK(ValidateId(text, *prefix).ok());
    const absl::string_view suffix = text.substr(prefix->size() + 1);
    const absl::StatusOr<Uuid> uuid = DecodeIdSuffix(suffix);
    FUZZ_CHECK(uuid.ok());
    FUZZ_CHECK(EncodeIdSuffix(*uuid) == suffix);
  }
  if (type.ok()) FUZZ_CHECK(IdPrefixOf(*type) == *prefix);
  for (const char* wanted : {"rep", "tem", "op", ""}) {
    const bool valid = ValidateId(text, wanted).ok();
    FUZZ_CHECK(valid == (prefix.ok() && *prefix == wanted) || *wanted == '\0');
  }
  if (const absl::StatusOr<Uuid> uuid = DecodeIdSuffix(text); uuid.ok()) {
    FUZZ_CHECK(EncodeIdSuffix(*uuid) == text);
  }
  if (ValidateElementId(text).ok()) {
    FUZZ_CHECK(!text.empty() && text.size() <= kMaxElementIdLength);
  }
}

std::vector<std::string> Seeds() {
  return {"rep_01k7v8xq9hfx5r2mz3c4d5e6f7",
          "op_7zzzzzzzzzzzzzzzzzzzzzzzzz",
          "a_b_00000000000000000000000000",
          "rep_81k7v8xq9hfx5r2mz3c4d5e6f7",
          "rep_01K7V8XQ9HFX5R2MZ3C4D5E6F7",
          "rep_01k7v8xq9hfx5r2mz3c4d5e6fi",
          "_01k7v8xq9hfx5r2mz3c4d5e6f7",
          "rep_",
          "t1",
          "a-b_C9xx"};
}

const Registration registration({"id", &OneInput, &Seeds});

}  // namespace
}  // namespace baraza::fuzz
