#include <zlib.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client_lib/client.h"
#include "core/base/brotli.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "core/model/operation_batch.h"
#include "google/protobuf/util/json_util.h"
#include "tests/bench/benches.h"

namespace baraza::bench {
namespace {

// The reference, as gRPC 1.51 does it (message_compress.cc): zlib's default level, a gzip header,
// 15 bits of window, memLevel 8.
std::string Gzip(const std::string& bytes) {
  z_stream stream = {};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 | 16, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    Check(absl::InternalError("deflateInit2"), "gzip");
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (code != Z_STREAM_END) Check(absl::InternalError("deflate"), "gzip");
  return out;
}

std::vector<v1::SessionReport> ReadFixture() {
  std::ifstream file(BARAZA_BENCH_PROSE);
  std::vector<v1::SessionReport> reports;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty()) continue;
    const auto parsed = google::protobuf::util::JsonStringToMessage(line, &reports.emplace_back());
    if (!parsed.ok()) {
      Check(absl::InvalidArgumentError(
                absl::StrCat("line ", reports.size(), ": ", std::string(parsed.message()))),
            BARAZA_BENCH_PROSE);
    }
  }
  if (reports.empty()) Check(absl::NotFoundError("no reports"), BARAZA_BENCH_PROSE);
  return reports;
}

// Every text that a person wrote in words.
void AppendProse(const v1::SessionReport& report, std::string& prose) {
  absl::StrAppend(&prose, report.narrative().text(), "\n");
  for (const v1::LocalText& text : report.learning_outcomes()) {
    absl::StrAppend(&prose, text.text(), "\n");
  }
}

// A server that takes everything, and keeps it.
class TakesAll final : public client::SyncTransport {
 public:
  absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request, absl::Duration) override {
    v1::SyncResponse response;
    for (const v1::WireOperation& operation : request.operations()) {
      v1::Header header;
      if (!header.ParseFromString(operation.header())) return absl::InternalError("header");
      v1::OperationResult& result = *response.add_results();
      result.set_device_seq(operation.device_seq());
      result.set_op_id(header.op_id());
      result.set_outcome(v1::OPERATION_OUTCOME_ACCEPTED);
      response.set_acknowledged_device_seq(operation.device_seq());
      *all_.add_operations() = operation;
    }
    v1::SyncRequest rest = request;
    rest.clear_operations();
    all_.MergeFrom(rest);
    response.set_server_epoch("epoch");
    return response;
  }
  void Cancel() override {}

  // Everything sent, as one request.
  const v1::SyncRequest& all() const { return all_; }

 private:
  v1::SyncRequest all_;
};

}  // namespace

void BenchWire(const Run& run) {
  std::vector<v1::SessionReport> reports = ReadFixture();
  Progress(absl::StrCat("wire: one batch of the fixture's ", reports.size(), " reports"));
  SystemClock clock;
  SystemRandom random;
  std::vector<std::string> teams;
  for (int i = 0; i < 6; ++i) teams.push_back(MintId("tem", clock, random));
  std::vector<std::string> issues;
  for (int i = 0; i < 3; ++i) issues.push_back(MintId("iss", clock, random));
  v1::EnrolResponse enrolment;
  enrolment.set_credential("none");
  enrolment.set_credential_id(MintId("crd", clock, random));
  v1::Membership& membership = *enrolment.mutable_membership();
  membership.set_programme_id(MintId("prg", clock, random));
  membership.set_person_id(MintId("per", clock, random));
  membership.set_team_id(teams[0]);
  membership.set_role(v1::ROLE_COLLECTOR);
  membership.mutable_scope()->set_team_id(teams[0]);

  TakesAll transport;
  client::Client::Options options;
  options.path = absl::StrCat(run.directory, "/device.db");
  options.transport = &transport;
  options.software_version = "baraza bench";
  const std::unique_ptr<client::Client> device = Check(client::Client::Open(options), "open");
  Check(device->Bind(enrolment, "127.0.0.1:1", ""), "bind");

  std::string prose;
  size_t prose_bytes = 0;
  for (size_t i = 0; i < reports.size(); ++i) {
    AppendProse(reports[i], prose);
    v1::Record record;
    v1::SessionReport& report = *record.mutable_session_report();
    report = reports[i];
    // What the app fills in by choice from lists.
    report.set_issue_id(issues[i % issues.size()]);
    for (const size_t team : {size_t{0}, 1 + i % (teams.size() - 1)}) {
      v1::ParticipatingTeam& participant = *report.add_participating_teams();
      participant.set_team_id(teams[team]);
      participant.set_present(v1::YES_NO_YES);
    }
    Check(device->Capture(record).status(), "capture");
  }
  prose_bytes = prose.size();
  Check(device->Sync().status(), "sync");

  const double count = static_cast<double>(reports.size());
  const std::string request = transport.all().SerializeAsString();
  v1::SyncRequest packed = transport.all();
  PackOperations(packed);
  const double wire = static_cast<double>(packed.ByteSizeLong()) / count;
  const double prose_alone =
      static_cast<double>(BrotliCompress(prose, BrotliEffort::kSmallest).size()) / count;
  Print("wire_bytes_per_report", wire, "bytes", prose_alone);
  Print("wire_share_ours", (wire - prose_alone) / wire, "share");
  Print("wire_gzip_bytes_per_report", static_cast<double>(Gzip(request).size()) / count, "bytes",
        static_cast<double>(Gzip(prose).size()) / count);
  Print("wire_uncompressed_bytes_per_report", static_cast<double>(request.size()) / count, "bytes",
        static_cast<double>(prose_bytes) / count);
}

}  // namespace baraza::bench
