#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/ids.h"
#include "tests/bench/bench_server.h"
#include "tests/bench/benches.h"

namespace baraza::bench {
namespace {

constexpr double kMaxMemoryKib = 64 * 1024;
constexpr double kMaxHintMs = 20;
// The most that a server sends; see docs/protocol.md.
constexpr int kDigests = 10'000;

double MedianSeconds(int runs, const std::vector<std::string>& arguments) {
  std::vector<double> seconds;
  for (int i = 0; i < runs; ++i) {
    const absl::Duration start = Now();
    RunProgram(arguments);
    seconds.push_back(SecondsSince(start));
  }
  return Quantile(seconds, 0.5);
}

double MiBOf(const std::string& file) {
  return static_cast<double>(std::filesystem::file_size(file)) / (1 << 20);
}

}  // namespace

void BenchField(const Run& run) {
  Progress("field: size and start of the program");
  const std::string stripped = absl::StrCat(run.directory, "/baraza");
  RunProgram({"strip", "-o", stripped, BARAZA_BENCH_CLI});
  Print("client_stripped_size", MiBOf(stripped), "MiB");

  Progress(absl::StrCat("field: a device with ", run.sizes.field_reports, " reports to send"));
  const std::string data = absl::StrCat(run.directory, "/server");
  std::filesystem::create_directory(data);
  BenchServer server(data);
  const std::string database = absl::StrCat(run.directory, "/device.db");
  // The device id of the enrolment need not be the database's: a person may have several.
  const std::string places = absl::StrCat(absl::StrJoin(server.places().team_ids, ","), ";",
                                          absl::StrJoin(server.places().issue_ids, ","));
  const auto capture = [&](const std::string& file, int team, int reports) {
    const v1::EnrolResponse enrolment =
        server.EnrolCollector(team, MintId("dev", server.clock(), server.random()));
    RunProgram({BARAZA_BENCH_FIELD_CLIENT, "capture", file, server.address(),
                absl::BytesToHexString(enrolment.SerializeAsString()), places,
                absl::StrCat(reports)});
  };
  capture(database, 0, run.sizes.field_reports);

  Print("client_start_version", MedianSeconds(run.sizes.starts, {stripped, "--version"}) * 1e3,
        "ms");
  Print("client_start_status",
        MedianSeconds(run.sizes.starts, {stripped, "--db", database, "status"}) * 1e3, "ms");

  const double idle =
      std::strtod(RunProgram({BARAZA_BENCH_FIELD_CLIENT, "idle", database}).c_str(), nullptr);
  Print("client_memory_idle", idle, "KiB", kMaxMemoryKib);
  std::istringstream answer(RunProgram({BARAZA_BENCH_FIELD_CLIENT, "sync", database}));
  double before = 0;
  double greatest = 0;
  double accepted = 0;
  double seconds = 0;
  answer >> before >> greatest >> accepted >> seconds;
  if (accepted != run.sizes.field_reports) {
    Check(absl::InternalError(absl::StrCat(accepted, " reports were taken")), "sync");
  }
  Print("client_memory_sync", greatest, "KiB", kMaxMemoryKib);
  Print("client_sync_rate", accepted / seconds, "reports/s");

  Progress(absl::StrCat("field: hints on a device with ", kDigests, " digests"));
  const std::string other = absl::StrCat(run.directory, "/other.db");
  capture(other, 1, 0);
  // For the register.
  RunProgram({BARAZA_BENCH_FIELD_CLIENT, "sync", other});
  RunProgram({BARAZA_BENCH_FIELD_CLIENT, "digests", other, places, absl::StrCat(kDigests)});
  std::istringstream hints(
      RunProgram({BARAZA_BENCH_FIELD_CLIENT, "hints", other, places, absl::StrCat(kDigests),
                  absl::StrCat(run.sizes.hint_captures)}));
  double cold = 0;
  double after_capture = 0;
  hints >> cold >> after_capture;
  Print("client_hint_cold", cold, "ms");
  Print("client_hint_after_capture", after_capture, "ms", kMaxHintMs);
}

}  // namespace baraza::bench
