#include "sync_server/commands/match_inputs.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "baraza/v1/record.pb.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/model/json.h"
#include "core/model/limits.h"
#include "core/model/record_types.h"

namespace baraza::server {
namespace {

// Reads one line; of one longer than a record may be just the beginning, so that the parser refuses
// it and memory stays bounded. False at the end.
bool ReadLine(std::istream& in, std::string& line) {
  line.clear();
  std::streambuf& buffer = *in.rdbuf();
  bool any = false;
  for (int c = buffer.sbumpc(); c != std::char_traits<char>::eof(); c = buffer.sbumpc()) {
    any = true;
    if (c == '\n') return true;
    if (line.size() <= kMaxJsonBytes) line.push_back(static_cast<char>(c));
  }
  return any;
}

// Calls `take` with every line that is not blank; what it refuses goes to `complain`.
absl::StatusOr<int64_t> ForEachLine(const std::string& path, const Complain& complain,
                                    const std::function<absl::Status(const std::string&)>& take) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  int64_t bad = 0;
  int64_t number = 0;
  std::string line;
  while (ReadLine(in, line)) {
    ++number;
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    const absl::Status taken = take(line);
    if (taken.ok()) continue;
    ++bad;
    complain(absl::StrCat(path, ":", number, ": ", taken.message()));
  }
  if (in.bad()) return absl::DataLossError(absl::StrCat("cannot read ", path, " to its end"));
  return bad;
}

// The id of a bare record, if the line is one.
std::string BareId(const std::string& line) {
  google::protobuf::Struct object;
  if (line.size() > kMaxJsonBytes ||
      !google::protobuf::util::JsonStringToMessage(line, &object).ok()) {
    return "";
  }
  const auto id = object.fields().find("id");
  return id == object.fields().end() ? "" : id->second.string_value();
}

// A record in either form; `bare_type` is what a bare one without a telling id is read as.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> ReadRecord(const std::string& line,
                                                                      v1::RecordType bare_type) {
  const std::string id = BareId(line);
  const absl::StatusOr<v1::RecordType> type = RecordTypeOfId(id);
  if (type.ok()) return RecordFromJson(*type, line);
  v1::Record record;
  const absl::Status parsed = RecordFromJson(line, &record);
  if (parsed.ok() && Member(record) != nullptr) {
    std::unique_ptr<google::protobuf::Message> member(Member(record)->New());
    member->CopyFrom(*Member(record));
    return member;
  }
  // What is wrong with it as the record that it was meant to be says more.
  if (bare_type != v1::RECORD_TYPE_UNSPECIFIED) return RecordFromJson(bare_type, line);
  if (!parsed.ok()) return parsed;
  return InvalidField("", "", "a record with an id, or {\"team\": {...}}", "neither");
}

std::string IdOf(const google::protobuf::Message& record) {
  return record.GetReflection()->GetString(record, record.GetDescriptor()->FindFieldByName("id"));
}

}  // namespace

absl::Status ReadRegister(const std::string& path, const Complain& complain, MatchInputs& inputs) {
  std::set<std::string> seen;
  BARAZA_ASSIGN_OR_RETURN(
      const int64_t bad,
      ForEachLine(path, complain, [&inputs, &seen](const std::string& line) -> absl::Status {
        BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<google::protobuf::Message> record,
                                ReadRecord(line, v1::RECORD_TYPE_UNSPECIFIED));
        const v1::RecordType type = RecordTypeOf(*record->GetDescriptor());
        const std::string id = IdOf(*record);
        BARAZA_RETURN_IF_ERROR(ValidateId(id, IdPrefixOf(type)));
        if (type == v1::RECORD_TYPE_SESSION_REPORT) {
          return InvalidField(id, "", "a record of the register or a source", "a session report");
        }
        if (!seen.insert(id).second) return InvalidField(id, "id", "one line for it", "another");
        if (type == v1::RECORD_TYPE_SOURCE) {
          inputs.sources[id] = static_cast<const v1::Source&>(*record);
          return absl::OkStatus();
        }
        v1::RecordState state;
        state.set_record_id(id);
        state.set_type(type);
        state.set_record(record->SerializeAsString());
        state.set_created(true);
        inputs.reg.Apply(state);
        return absl::OkStatus();
      }));
  inputs.bad_lines += bad;
  return absl::OkStatus();
}

absl::Status ReadReports(const std::string& path, const Complain& complain, MatchInputs& inputs) {
  std::set<std::string> seen;
  BARAZA_ASSIGN_OR_RETURN(
      const int64_t bad,
      ForEachLine(path, complain, [&inputs, &seen](const std::string& line) -> absl::Status {
        BARAZA_ASSIGN_OR_RETURN(const std::unique_ptr<google::protobuf::Message> record,
                                ReadRecord(line, v1::RECORD_TYPE_SESSION_REPORT));
        if (RecordTypeOf(*record->GetDescriptor()) != v1::RECORD_TYPE_SESSION_REPORT) {
          return InvalidField(IdOf(*record), "", "a session report",
                              record->GetDescriptor()->name());
        }
        const std::string id = IdOf(*record);
        BARAZA_RETURN_IF_ERROR(Annotate(ValidateId(id, "rep"), "id"));
        if (!seen.insert(id).second) return InvalidField(id, "id", "one line for it", "another");
        inputs.reports.push_back(static_cast<const v1::SessionReport&>(*record));
        return absl::OkStatus();
      }));
  inputs.bad_lines += bad;
  return absl::OkStatus();
}

}  // namespace baraza::server
