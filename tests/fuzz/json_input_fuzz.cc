// Files of records as people write them, records as JSON, patches and key files.

#include "absl/strings/str_cat.h"
#include "client_lib/cli/json_input.h"
#include "core/model/json.h"
#include "core/model/record_types.h"
#include "core/model/validate.h"
#include "tests/fuzz/target.h"

namespace baraza::fuzz {
namespace {

const client::KeyMap& Keys() {
  static const auto* const keys = new client::KeyMap{{"@a", "src_00000000000000000000000001"},
                                                     {"@team-1", "tem_00000000000000000000000001"}};
  return *keys;
}

void CheckRefusal(const absl::Status& status) {
  FUZZ_CHECK(status.code() == absl::StatusCode::kInvalidArgument ||
                 status.code() == absl::StatusCode::kResourceExhausted,
             +status.ToString());
  FUZZ_CHECK(!status.message().empty());
}

// A record that was read can be written and read again, and is the same.
void CheckRecord(const v1::Record& record) {
  const google::protobuf::Message* member = Member(record);
  FUZZ_CHECK(member != nullptr);
  FUZZ_CHECK(ValidateRecord(*member).ok());
  for (const bool pretty : {false, true}) {
    const std::string json = RecordToJson(*member, pretty);
    const auto again = RecordFromJson(RecordTypeOf(*member->GetDescriptor()), json);
    // Writing may make it longer or more nested than what may be read.
    if (!again.ok()) {
      FUZZ_CHECK(again.status().code() == absl::StatusCode::kResourceExhausted,
                 +again.status().ToString());
      continue;
    }
    FUZZ_CHECK((*again)->SerializeAsString() == member->SerializeAsString(), +json);
  }
}

void OneInput(absl::string_view text) {
  const auto entries = client::ParseRecordFile(text);
  if (!entries.ok()) {
    CheckRefusal(entries.status());
  } else {
    for (const client::RecordEntry& entry : *entries) {
      const absl::StatusOr<v1::Record> record = client::RecordOfEntry(entry, Keys());
      if (!record.ok()) {
        CheckRefusal(record.status());
        continue;
      }
      CheckRecord(*record);
      // The record of an entry as a patch of itself changes nothing.
      const auto& fields = entry.record.struct_value().fields();
      google::protobuf::Value patch = fields.begin()->second;
      if (!client::ResolveKeys(Keys(), patch).ok() || !patch.has_struct_value()) continue;
      const absl::StatusOr<v1::Record> patched = client::PatchRecord(*record, patch);
      if (patched.ok()) CheckRecord(*patched);
    }
  }
  if (const auto keys = client::ParseKeys(text); keys.ok()) {
    const auto again = client::ParseKeys(client::KeysToJson(*keys));
    FUZZ_CHECK(again.ok() && *again == *keys, +client::KeysToJson(*keys));
  } else {
    CheckRefusal(keys.status());
  }
  if (const auto patch = client::PatchOfAssignment(text); patch.ok()) {
    v1::Record record;
    record.mutable_session_report()->mutable_title()->set_text("Coast forum");
    const absl::StatusOr<v1::Record> patched = client::PatchRecord(record, *patch);
    patched.ok() ? CheckRecord(*patched) : CheckRefusal(patched.status());
  } else {
    CheckRefusal(patch.status());
  }
  const auto report = RecordFromJson(v1::RECORD_TYPE_SESSION_REPORT, text);
  if (!report.ok()) CheckRefusal(report.status());
}

std::vector<std::string> Seeds() {
  return {
      R"({"sessionReport":{"title":{"text":"Coast forum","language":"en"},"dates":{"earliest":"2026-03-05","precision":"DATE_PRECISION_DAY"},"heldStatus":"HELD_STATUS_HELD"}})",
      R"({"sources":[{"key":"@a","record":{"source":{"kind":"SOURCE_KIND_DOCUMENT","date":"2026-03-09"}},"reports":[{"key":"@b","record":{"sessionReport":{"citations":[{"elementId":"c1","sourceId":"@a"}]}}}]}]})",
      R"([{"key":"@team-1","record":{"team":{"title":"Pwani","aliases":["a","b"]}}},{"issue":{"title":{"values":[{"text":"land"}]}}}])",
      "\xEF\xBB\xBF{\"organisation\":{\"title\":\"x\"}}\n{\"team\":{\"title\":\"y\"}}\n",
      R"({"sessionReport":{"participants":{"total":40,"women":41}}})",
      R"({"sessionReport":{"venue":{"coordinates":{"latitude":-4.05,"longitude":1e3}}}})",
      R"({"ruling":{"kind":"RULING_KIND_SAME","reportIds":["rep_00000000000000000000000001","rep_00000000000000000000000002"]}})",
      R"({"@a":"src_00000000000000000000000001","@b":"x"})",
      "venue.country=KE",
      "participants.total=12",
      "title={\"text\":\"x\"}",
      "dates.earliest=",
      R"({"sessionReport":{"title":{"text":"\ud83d\ude00 \u0000","contry":1}}})",
      R"({"indicator":{"countries":["KE","ke"],"fiscalYearStartMonth":7}})",
      "[[[[[[[[[[1]]]]]]]]]]",
      "1e999",
  };
}

const Registration registration({"json_input", &OneInput, &Seeds});

}  // namespace
}  // namespace baraza::fuzz
