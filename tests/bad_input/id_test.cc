// Ids that are none.

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/ids.h"
#include "core/model/record_types.h"
#include "tests/bad_input/inputs.h"

namespace baraza::bad_input {
namespace {

constexpr char kSuffix[] = "01k7v8xq9hfx5r2mz3c4d5e6f7";
constexpr char kAlphabet[] = "id suffix: expected lower-case Crockford base32, got ";
constexpr char kForm[] = "expected an id of the form prefix_suffix, got ";
constexpr char kFirst[] = "id suffix: expected a first character of at most '7'";

// Bad id -> how the message begins. Five rules: the alphabet, the first character, the length, the
// characters of a prefix and its length.
using Table = std::map<std::string, std::string>;

Table BadIds() {
  Table table;
  // Every character that the alphabet does not have, at some place of its own, and some at every
  // place.
  const std::string alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  for (int c = 0; c < 256; ++c) {
    // "_" ends the prefix.
    if (alphabet.find(static_cast<char>(c)) != std::string::npos || c == '_') continue;
    std::string id = absl::StrCat("rep_", kSuffix);
    id[4 + 1 + c % 25] = static_cast<char>(c);
    table[id] = kAlphabet;
  }
  for (size_t at = 1; at < 26; ++at) {
    for (const char c : std::string("iloUZ-. \x80")) {
      std::string id = absl::StrCat("rep_", kSuffix);
      id[4 + at] = c;
      table[id] = kAlphabet;
    }
  }
  for (const char c : std::string("89abcdefghjkmnpqrstvwxyz")) {
    std::string id = absl::StrCat("rep_", kSuffix);
    id[4] = c;
    table[id] = kFirst;
  }
  for (size_t size = 0; size < 64; ++size) {
    if (size == 26) continue;
    table[absl::StrCat("rep_", std::string(size, '0'))] =
        absl::StrCat("id suffix: expected 26 characters, got ", size);
  }
  // Prefixes.
  for (int c = 0; c < 256; ++c) {
    if (absl::ascii_islower(static_cast<unsigned char>(c)) || c == '_') continue;
    std::string id = absl::StrCat("rep_", kSuffix);
    id[c % 3] = static_cast<char>(c);
    table[id] = kForm;
  }
  for (const std::string& prefix :
       {std::string(), std::string("_"), std::string("_rep"), std::string("rep_"),
        std::string(64, 'a'), std::string("_a_")}) {
    table[absl::StrCat(prefix, "_", kSuffix)] = kForm;
  }
  table[kSuffix] = kForm;
  table[""] = kForm;
  table["rep"] = kForm;
  return table;
}

TEST(BadIdTest, EachIsRefusedForItsRule) {
  const Table table = BadIds();
  Inputs inputs;
  for (const auto& [id, message] : table) {
    inputs.Add(id);
    const absl::StatusOr<absl::string_view> prefix = IdPrefix(id);
    EXPECT_EQ(prefix.status().code(), absl::StatusCode::kInvalidArgument) << id;
    EXPECT_EQ(prefix.status().message().substr(0, message.size()), message) << id;
    EXPECT_EQ(ValidateId(id, "rep").code(), absl::StatusCode::kInvalidArgument) << id;
    EXPECT_EQ(RecordTypeOfId(id).status().code(), absl::StatusCode::kInvalidArgument) << id;
  }
  inputs.ExpectEnough();
}

// Two rules.
TEST(BadIdTest, AnElementIdOfAnotherByteOrLengthIsRefused) {
  Inputs inputs;
  const auto expect = [&inputs](const std::string& id) {
    inputs.Add(id);
    const absl::Status status = ValidateElementId(id);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << id;
    const std::string start = "expected an element id of 1 to 8 characters of [0-9A-Za-z_-], got ";
    EXPECT_EQ(status.message().substr(0, start.size()), start) << id;
  };
  for (int c = 0; c < 256; ++c) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-') continue;
    for (size_t at = 0; at < 3; ++at) {
      std::string id = "abc";
      id[at] = static_cast<char>(c);
      expect(id);
    }
  }
  for (size_t size = 0; size < 40; ++size) {
    if (size >= 1 && size <= 8) continue;
    expect(std::string(size, 'a'));
  }
  inputs.ExpectEnough();
}

}  // namespace
}  // namespace baraza::bad_input
