// Files of records with one bad entry among good ones: the message names the entry, the record, the
// field and the rule.

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client_lib/cli/json_input.h"
#include "core/model/record_types.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/util/json_util.h"
#include "tests/bad_input/bad_records.h"

namespace baraza::bad_input {
namespace {

const google::protobuf::LogSilencer silence;

constexpr char kGood[] = R"({"key":"@good","record":{"organisation":{"title":"Coast"}}})";

TEST(BadJsonFileTest, TheEntryTheRecordTheFieldAndTheRuleAreNamed) {
  size_t inputs = 0;
  for (const BadRecord& bad : BadRecords()) {
    if (bad.reason == v1::REJECTION_REASON_INVALID_UTF8) continue;
    v1::Record record;
    MutableMember(record, bad.type)->CopyFrom(*bad.record);
    std::string json;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(record, &json).ok());
    const std::string what = absl::StrCat(RecordTypeName(bad.type), ".", bad.path, ": ", bad.rule);
    const auto entries = client::ParseRecordFile(
        absl::StrCat(kGood, "\n{\"key\":\"@bad-1\",\"record\":", json, "}\n", kGood));
    ASSERT_TRUE(entries.ok()) << what << entries.status();
    ASSERT_EQ(entries->size(), 3u) << what;
    EXPECT_TRUE(client::RecordOfEntry((*entries)[0], {}).ok());
    EXPECT_TRUE(client::RecordOfEntry((*entries)[2], {}).ok());
    const absl::Status status = client::RecordOfEntry((*entries)[1], {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << what;
    EXPECT_TRUE(absl::StartsWith(status.message(),
                                 absl::StrCat("entry 2 (@bad-1): ", RecordTypeName(bad.type), ": ",
                                              bad.path, ": expected ", bad.expected, ", got ")))
        << what << ": " << status;
    ++inputs;
  }
  EXPECT_GE(inputs, 500u);
  RecordProperty("inputs", static_cast<int>(inputs));
}

// A file cut off anywhere, or with a byte in it that JSON has no use for there, is refused as a
// whole, naming the entry.
TEST(BadJsonFileTest, AFileThatIsNoJsonIsRefusedWithItsEntry) {
  const std::string good = kGood;
  size_t inputs = 0;
  for (size_t size = 1; size < good.size(); ++size) {
    const absl::Status status =
        client::ParseRecordFile(absl::StrCat(good, "\n", good.substr(0, size))).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << size;
    EXPECT_TRUE(absl::StartsWith(status.message(), "entry 2: expected JSON: ")) << status;
    ++inputs;
  }
  for (size_t at = 0; at <= good.size(); ++at) {
    for (const char* bytes : {"\x01", "\xFF", "\xC3", "\xED\xA0\x80", "\xF5\x80\x80\x80"}) {
      std::string bad = good;
      bad.insert(at, bytes);
      const absl::Status status = client::ParseRecordFile(bad).status();
      // Protobuf lets control characters stand in strings.
      if (*bytes == '\x01' && status.ok()) continue;
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << at;
      EXPECT_TRUE(absl::StartsWith(status.message(), "entry ")) << status;
      if (*bytes != '\x01') {
        EXPECT_TRUE(absl::StrContains(status.message(), "expected UTF-8")) << at << status;
      }
      ++inputs;
    }
  }
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"", "expected JSON, got nothing"},
           {" \n\t", "expected JSON, got nothing"},
           {"{\"sources\":1}", "entry 1: sources: expected a list"},
           {"{\"key\":\"a\",\"record\":{}}",
            "entry 1: key: expected \"@\" and letters a-z, digits or hyphens"},
           {"{\"key\":\"@\",\"record\":{}}",
            "entry 1: key: expected \"@\" and letters a-z, digits or hyphens"},
           {"{\"key\":\"@A\",\"record\":{}}",
            "entry 1: key: expected \"@\" and letters a-z, digits or hyphens"},
           {"{\"key\":7,\"record\":{}}",
            "entry 1: key: expected \"@\" and letters a-z, digits or hyphens"},
           {"{\"sources\":[{\"key\":\"@a_b\",\"record\":{}}]}",
            "entry 1, source 1: key: expected \"@\" and letters a-z, digits or hyphens"},
           {"{\"sources\":[{\"record\":{},\"reports\":[{\"record\":{},\"key\":\"@?\"}]}]}",
            "entry 1, source 1, report 1: key: expected \"@\" and letters a-z, digits or "
            "hyphens"}}) {
    EXPECT_EQ(client::ParseRecordFile(text).status().message(), message) << text;
    ++inputs;
  }
  EXPECT_GE(inputs, 300u);
  RecordProperty("inputs", static_cast<int>(inputs));
}

}  // namespace
}  // namespace baraza::bad_input
