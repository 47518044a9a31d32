// A device as an app is one: the client library and its gRPC transport, in a process of its own, so
// that its memory can be read.
//
//   bench_field_client capture DATABASE ADDRESS ENROLMENT PLACES N   binds and captures N reports
//   bench_field_client idle DATABASE            opens; prints resident KiB
//   bench_field_client sync DATABASE            syncs; prints resident KiB before, the greatest
//                                               resident KiB, operations taken and seconds
//   bench_field_client digests DATABASE PLACES N   takes in N digests, as a sync would
//   bench_field_client hints DATABASE PLACES N CAPTURES   asks for a hint, then captures and asks
//   as
//                                               often; prints ms of the first hint and the median
//                                               of those after a capture
//
// ENROLMENT is an EnrolResponse in hex, PLACES "team,team;issue,issue".

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "client_lib/client.h"
#include "client_lib/store/device_store.h"
#include "client_lib/sync/grpc/grpc_transport.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "tests/bench/measure.h"
#include "tests/bench/workload.h"

namespace {

using baraza::bench::Check;
using baraza::bench::Places;
using baraza::bench::SelfStatusKib;

long long Kib(const char* key) { return static_cast<long long>(SelfStatusKib(key)); }

Places PlacesIn(const char* argument) {
  const std::pair<std::string, std::string> lists =
      absl::StrSplit(argument, absl::MaxSplits(';', 1));
  return {absl::StrSplit(lists.first, ','), absl::StrSplit(lists.second, ',')};
}

void Capture(baraza::client::Client& device, char** argv) {
  baraza::v1::EnrolResponse enrolment;
  if (!enrolment.ParseFromString(absl::HexStringToBytes(argv[4]))) {
    Check(absl::InvalidArgumentError("not an EnrolResponse"), "enrolment");
  }
  Check(device.Bind(enrolment, argv[3], ""), "bind");
  const Places places = PlacesIn(argv[5]);
  const int count = std::atoi(argv[6]);
  for (int i = 0; i < count; ++i) {
    Check(device.Capture(baraza::bench::RecordNumber(i, count, places)).status(), "capture");
  }
}

void Sync(baraza::client::Client& device) {
  const auto connection = device.GetConnection();
  if (!connection.has_value()) Check(absl::FailedPreconditionError("not bound"), "sync");
  const auto transport = Check(baraza::client::GrpcTransport::Create(*connection), "transport");
  device.SetTransport(transport.get());
  const long long before = Kib("VmRSS");
  const absl::Duration start = baraza::bench::Now();
  const auto summary = Check(device.Sync(), "sync");
  std::printf("%lld %lld %u %.6f\n", before, Kib("VmHWM"), summary.accepted(),
              baraza::bench::SecondsSince(start));
  device.SetTransport(nullptr);
}

// One report of each session of the workload; the other one is what "hints" captures.
void TakeInDigests(const std::string& database, const Places& places, int count) {
  baraza::SystemClock clock;
  baraza::SystemRandom random;
  baraza::IdMinter minter(clock, random);
  baraza::client::DeviceStore::Options options;
  options.path = database;
  const auto store = Check(baraza::client::DeviceStore::Open(options, minter, random), "open");
  baraza::v1::SyncResponse response;
  baraza::v1::Cursor& cursor = *response.mutable_next_cursor();
  cursor = store->cursor();
  for (int i = 0; i < count; ++i) {
    const baraza::v1::SessionReport report =
        baraza::bench::ReportNumber(2 * i + 1, 2 * count, places);
    baraza::v1::FeedPayload payload;
    baraza::v1::SessionDigest& digest = *payload.mutable_digest();
    digest.set_report_id(minter.Mint("rep"));
    // What a server tells other teams of a session.
    baraza::v1::SessionReport& facts = *digest.mutable_facts();
    *facts.mutable_title() = report.title();
    facts.set_issue_id(report.issue_id());
    *facts.mutable_dates() = report.dates();
    *facts.mutable_venue() = report.venue();
    facts.set_modality(report.modality());
    *facts.mutable_participating_teams() = report.participating_teams();
    *facts.mutable_topics() = report.topics();
    facts.mutable_participants()->set_total(report.participants().total());
    baraza::v1::FeedItem& item = *response.add_feed();
    cursor.set_position(cursor.position() + 1);
    item.set_position(cursor.position());
    item.set_action(baraza::v1::FeedItem::ACTION_UPSERT);
    item.set_object("digest:" + digest.report_id());
    item.set_payload(payload.SerializeAsString());
  }
  Check(store->ApplyFeed(response).status(), "digests");
}

void Hints(baraza::client::Client& device, const Places& places, int count, int captures) {
  const auto hint = [&](int i) {
    const baraza::v1::Record draft = baraza::bench::RecordNumber(2 * i, 2 * count, places);
    const absl::Duration start = baraza::bench::Now();
    const auto hints = Check(device.DuplicateHints(draft), "hints");
    const double seconds = baraza::bench::SecondsSince(start);
    if (hints.empty()) Check(absl::InternalError("no hint at a session that is known"), "hints");
    return seconds * 1e3;
  };
  const double cold = hint(0);
  std::vector<double> after_capture;
  for (int i = 0; i < captures; ++i) {
    Check(device.Capture(baraza::bench::RecordNumber(2 * i, 2 * count, places)).status(),
          "capture");
    after_capture.push_back(hint(i + 1));
  }
  std::printf("%.6f %.6f\n", cold, baraza::bench::Quantile(after_capture, 0.5));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc > 2 ? argv[1] : "";
  if (command != "idle" && command != "sync" && !(command == "capture" && argc == 7) &&
      !(command == "digests" && argc == 5) && !(command == "hints" && argc == 6)) {
    std::fprintf(stderr,
                 "usage: bench_field_client capture|idle|sync|digests|hints DATABASE ...\n");
    return 2;
  }
  if (command == "digests") {
    TakeInDigests(argv[2], PlacesIn(argv[3]), std::atoi(argv[4]));
    return 0;
  }
  baraza::client::Client::Options options;
  options.path = argv[2];
  options.software_version = "bench";
  const auto device = Check(baraza::client::Client::Open(options), "open");
  if (command == "capture") {
    Capture(*device, argv);
  } else if (command == "idle") {
    std::printf("%lld\n", Kib("VmRSS"));
  } else if (command == "hints") {
    Hints(*device, PlacesIn(argv[3]), std::atoi(argv[4]), std::atoi(argv[5]));
  } else {
    Sync(*device);
  }
  return 0;
}
