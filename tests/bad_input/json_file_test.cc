// Files of records with one bad entry among good ones: the message names the entry, the record, the
// field and the rule.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client_lib/cli/json_input.h"
#include "core/model/record_types.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/util/json_util.h"
#include "tests/bad_input/bad_records.h"
#include "tests/bad_input/inputs.h"

namespace baraza::bad_input {
namespace {

const google::protobuf::LogSilencer silence;

constexpr char kGood[] = R"({"key":"@good","record":{"organisation":{"title":"Coast"}}})";

TEST(BadJsonFileTest, TheEntryTheRecordTheFieldAndTheRuleAreNamed) {
  Inputs inputs;
  for (const BadRecord& bad : BadRecords()) {
    if (bad.reason == v1::REJECTION_REASON_INVALID_UTF8) continue;
    v1::Record record;
    MutableMember(record, bad.type)->CopyFrom(*bad.record);
    std::string json;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(record, &json).ok());
    const std::string what = absl::StrCat(RecordTypeName(bad.type), ".", bad.path, ": ", bad.rule);
    const std::string text =
        absl::StrCat(kGood, "\n{\"key\":\"@bad-1\",\"record\":", json, "}\n", kGood);
    inputs.Add(text);
    const auto entries = client::ParseRecordFile(text);
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
  }
  inputs.ExpectEnough();
}

// Files of which the parser says, and of an entry of which it says, how the message begins.
class BadJsonFile : public ::testing::Test {
 protected:
  void ExpectFile(const std::string& text, const std::string& start) {
    inputs_.Add(text);
    ExpectStart(client::ParseRecordFile(text).status(), text, start);
  }

  // The text parses, and its entry of that index (from 0) is bad.
  void ExpectEntry(const std::string& text, size_t index, const std::string& start) {
    inputs_.Add(text);
    const auto entries = client::ParseRecordFile(text);
    ASSERT_TRUE(entries.ok()) << text << entries.status();
    ASSERT_GT(entries->size(), index) << text;
    for (size_t i = 0; i < entries->size(); ++i) {
      const absl::Status status = client::RecordOfEntry((*entries)[i], {}).status();
      if (i == index) {
        ExpectStart(status, text, start);
      } else {
        EXPECT_TRUE(status.ok()) << text << ": " << status;
      }
    }
  }

  static void ExpectStart(const absl::Status& status, const std::string& text,
                          const std::string& start) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_TRUE(absl::StartsWith(status.message(), start)) << text << ": " << status;
  }

  void TextThatBreaksOff();
  void BytesThatAreNotUtf8();
  void MembersOfAnotherKind();
  void KeysThatAreNone();
  void KeysThatNobodyHas();
  void RecordsThatAreNone();

  Inputs inputs_;
};

void BadJsonFile::TextThatBreaksOff() {
  const std::string good = kGood;
  for (size_t size = 1; size < good.size(); ++size) {
    const std::string cut = good.substr(0, size);
    ExpectFile(absl::StrCat(good, "\n", cut), "entry 2: expected JSON: ");
    ExpectFile(absl::StrCat("[", good, ",", cut), "entry 1: expected JSON: ");
  }
  for (const char* text : {"}", "]", ")", ",", ":", "nul", "tru", "@good", "{]", "[}", "{,}",
                           "{\"a\"}", "{\"a\":}", "{\"a\" 1}", "[1 2]", "{a b}"}) {
    for (size_t before = 0; before < 3; ++before) {
      std::string file;
      for (size_t i = 0; i < before; ++i) absl::StrAppend(&file, good, "\n");
      ExpectFile(absl::StrCat(file, text), absl::StrCat("entry ", before + 1, ": expected JSON: "));
    }
  }
  for (const char* text : {"", " ", " \n\t", "\n\r\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF \n", "[]"}) {
    ExpectFile(text, "expected JSON, got nothing");
  }
}

void BadJsonFile::BytesThatAreNotUtf8() {
  const std::string good = kGood;
  for (size_t at = 0; at <= good.size(); ++at) {
    for (const char* bytes : {"\xFF", "\xC3", "\xED\xA0\x80", "\xF5\x80\x80\x80"}) {
      std::string bad = good;
      bad.insert(at, bytes);
      // What follows the last bracket is an entry of its own.
      ExpectFile(bad, absl::StrCat("entry ", at < good.size() ? 1 : 2, ": expected UTF-8"));
    }
  }
}

void BadJsonFile::MembersOfAnotherKind() {
  for (const char* value : {"1", "\"x\"", "\"\"", "true", "null", "{}", "{\"record\":{}}"}) {
    ExpectFile(absl::StrCat("{\"sources\":", value, "}"), "entry 1: sources: expected a list");
    ExpectFile(absl::StrCat(kGood, "{\"sources\":", value, "}"),
               "entry 2: sources: expected a list");
    const std::string reports = absl::StrCat("{\"record\":{},\"reports\":", value, "}");
    ExpectFile(absl::StrCat("{\"sources\":[", reports, "]}"),
               "entry 1, source 1: reports: expected a list");
    ExpectFile(absl::StrCat("{\"sources\":[", kGood, ",", reports, "]}"),
               "entry 1, source 2: reports: expected a list");
  }
}

void BadJsonFile::KeysThatAreNone() {
  std::vector<std::string> keys = {"7", "true", "null", "{}", "[]", "[\"@a\"]", "\"\"", "\"@\""};
  for (char c = ' '; c < 0x7F; ++c) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '"' || c == '\\') {
      continue;
    }
    keys.push_back(absl::StrCat("\"@a", std::string(1, c), "b\""));
    if (c != '@') keys.push_back(absl::StrCat("\"", std::string(1, c), "a\""));
  }
  constexpr char kRule[] = ": key: expected \"@\" and letters a-z, digits or hyphens";
  for (const std::string& key : keys) {
    const std::string entry = absl::StrCat("{\"record\":{},\"key\":", key, "}");
    ExpectFile(absl::StrCat(kGood, entry), absl::StrCat("entry 2", kRule));
    ExpectFile(absl::StrCat("{\"sources\":[", entry, "]}"),
               absl::StrCat("entry 1, source 1", kRule));
    ExpectFile(
        absl::StrCat("{\"sources\":[{\"record\":{},\"reports\":[", kGood, ",", entry, "]}]}"),
        absl::StrCat("entry 1, source 1, report 2", kRule));
  }
}

// Wherever a key may stand, it names a record that came before.
void BadJsonFile::KeysThatNobodyHas() {
  for (const v1::RecordType type : AllRecordTypes()) {
    for (const Path& path : PathsOf(type)) {
      if (path.back()->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) continue;
      std::string head, tail;
      for (const auto* field : path) {
        absl::StrAppend(&head, "{\"", field->json_name(), "\":", field->is_repeated() ? "[" : "");
        tail.insert(0, field->is_repeated() ? "]}" : "}");
      }
      const std::string kind = v1::Record::descriptor()->FindFieldByNumber(type)->json_name();
      ExpectEntry(absl::StrCat(kGood, "{\"record\":{\"", kind, "\":", head, "\"@no-such\"", tail,
                               "}}", kGood),
                  1, "entry 2: the key @no-such is not known here: a record comes after those");
    }
  }
}

void BadJsonFile::RecordsThatAreNone() {
  for (const char* record : {"7", "\"x\"", "true", "null", "{}", "[]", "[{}]",
                             "{\"source\":{},\"session_report\":{}}"}) {
    ExpectEntry(absl::StrCat(kGood, "{\"key\":\"@bad\",\"record\":", record, "}"), 1,
                "entry 2 (@bad): expected one record, such as ");
  }
  const google::protobuf::Descriptor& kinds = *v1::Record::descriptor();
  for (int i = 0; i < kinds.field_count(); ++i) {
    std::string upper = kinds.field(i)->json_name();
    upper[0] = static_cast<char>(upper[0] - 'a' + 'A');
    for (const std::string& name : {upper, absl::StrCat(kinds.field(i)->name(), "_"),
                                    absl::StrCat(" ", kinds.field(i)->name()),
                                    absl::StrCat("RECORD_TYPE_", kinds.field(i)->name())}) {
      ExpectEntry(
          absl::StrCat(kGood, "{\"", name, "\":{}}", kGood), 1,
          absl::StrCat("entry 2: expected the name of a kind of record, got \"", name, "\""));
    }
    for (const char* value : {"7", "\"x\"", "[]", "true"}) {
      ExpectEntry(absl::StrCat("{\"", kinds.field(i)->json_name(), "\":", value, "}"), 0,
                  absl::StrCat("entry 1: ", kinds.field(i)->message_type()->name(),
                               ": expected JSON, got"));
    }
  }
}

// A dozen rules. Most inputs break that of well-formed text at another byte, or that of a key with
// another character or in another field.
TEST_F(BadJsonFile, EachIsRefusedWithItsEntryAndItsRule) {
  TextThatBreaksOff();
  BytesThatAreNotUtf8();
  MembersOfAnotherKind();
  KeysThatAreNone();
  KeysThatNobodyHas();
  RecordsThatAreNone();
  inputs_.ExpectEnough();
}

}  // namespace
}  // namespace baraza::bad_input
