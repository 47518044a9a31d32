// A device as an app is one: the client library and its gRPC transport, in a process of its own, so
// that its memory can be read.
//
//   bench_field_client capture DATABASE ADDRESS ENROLMENT PLACES N   binds and captures N reports
//   bench_field_client idle DATABASE            opens; prints resident KiB
//   bench_field_client sync DATABASE            syncs; prints resident KiB before, the greatest
//                                               resident KiB, operations taken and seconds
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
#include "client_lib/sync/grpc/grpc_transport.h"
#include "tests/bench/measure.h"
#include "tests/bench/workload.h"

namespace {

using baraza::bench::Check;
using baraza::bench::SelfStatusKib;

long long Kib(const char* key) { return static_cast<long long>(SelfStatusKib(key)); }

void Capture(baraza::client::Client& device, char** argv) {
  baraza::v1::EnrolResponse enrolment;
  if (!enrolment.ParseFromString(absl::HexStringToBytes(argv[4]))) {
    Check(absl::InvalidArgumentError("not an EnrolResponse"), "enrolment");
  }
  Check(device.Bind(enrolment, argv[3], ""), "bind");
  const std::pair<std::string, std::string> lists =
      absl::StrSplit(argv[5], absl::MaxSplits(';', 1));
  const baraza::bench::Places places{absl::StrSplit(lists.first, ','),
                                     absl::StrSplit(lists.second, ',')};
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

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc > 2 ? argv[1] : "";
  if (command != "idle" && command != "sync" && !(command == "capture" && argc == 7)) {
    std::fprintf(stderr, "usage: bench_field_client capture|idle|sync DATABASE ...\n");
    return 2;
  }
  baraza::client::Client::Options options;
  options.path = argv[2];
  options.software_version = "bench";
  const auto device = Check(baraza::client::Client::Open(options), "open");
  if (command == "capture") {
    Capture(*device, argv);
  } else if (command == "idle") {
    std::printf("%lld\n", Kib("VmRSS"));
  } else {
    Sync(*device);
  }
  return 0;
}
