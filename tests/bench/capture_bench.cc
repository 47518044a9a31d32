#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client_lib/client.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "core/model/operation.h"
#include "core/sqlite/database.h"
#include "core/sqlite/transaction.h"
#include "tests/bench/benches.h"
#include "tests/bench/workload.h"

namespace baraza::bench {
namespace {

// Captures and bare inserts take turns in blocks, so that both meet the same neighbours.
constexpr int kBlock = 50;

Places SomePlaces(Clock& clock, Random& random) {
  Places places;
  for (int i = 0; i < 16; ++i) places.team_ids.push_back(MintId("tem", clock, random));
  for (int i = 0; i < 4; ++i) places.issue_ids.push_back(MintId("iss", clock, random));
  return places;
}

}  // namespace

void BenchCapture(const Run& run) {
  Progress(absl::StrCat("capture: ", run.sizes.captures, " reports, each durable"));
  SystemClock clock;
  SystemRandom random;
  const Places places = SomePlaces(clock, random);
  v1::EnrolResponse enrolment;
  enrolment.set_credential("none");
  enrolment.set_credential_id(MintId("crd", clock, random));
  v1::Membership& membership = *enrolment.mutable_membership();
  membership.set_programme_id(MintId("prg", clock, random));
  membership.set_person_id(MintId("per", clock, random));
  membership.set_team_id(places.team_ids.front());
  membership.set_role(v1::ROLE_COLLECTOR);
  membership.mutable_scope()->set_team_id(places.team_ids.front());

  client::Client::Options options;
  options.path = absl::StrCat(run.directory, "/device.db");
  const std::unique_ptr<client::Client> device = Check(client::Client::Open(options), "open");
  Check(device->Bind(enrolment, "127.0.0.1:1", ""), "bind");

  // One connection, WAL, synchronous=FULL, one row a commit, prepared once.
  const std::unique_ptr<Database> bare =
      Check(Database::Open(absl::StrCat(run.directory, "/bare.db")), "open");
  Check(bare->Execute("CREATE TABLE operation (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL)"),
        "create table");
  Statement insert = Check(bare->Prepare("INSERT INTO operation (bytes) VALUES (?1)"), "prepare");

  const int count = run.sizes.captures / kBlock * kBlock;
  double capture_seconds = 0;
  double bare_seconds = 0;
  std::vector<double> capture_ms;
  std::vector<double> bare_ms;
  for (int block = 0; block < count; block += kBlock) {
    std::vector<v1::Record> records;
    std::vector<std::string> operations;
    for (int i = block; i < block + kBlock; ++i) {
      records.push_back(RecordNumber(i, count, places));
      OperationStamp stamp;
      stamp.op_id = MintId("rep", clock, random);
      stamp.record_id = stamp.op_id;
      stamp.record_type = v1::RECORD_TYPE_SESSION_REPORT;
      stamp.programme_id = membership.programme_id();
      stamp.team_id = membership.team_id();
      stamp.author_id = membership.person_id();
      stamp.author_role = membership.role();
      stamp.lamport = static_cast<uint64_t>(i) + 1;
      stamp.device_time_ms = absl::ToUnixMillis(clock.Now());
      operations.push_back(
          Check(BuildOperation(stamp, nullptr, records.back().session_report()), "operation")
              .wire.SerializeAsString());
    }
    const auto capture_block = [&] {
      for (const v1::Record& record : records) {
        const absl::Duration start = Now();
        Check(device->Capture(record).status(), "capture");
        capture_ms.push_back(SecondsSince(start) * 1e3);
        capture_seconds += capture_ms.back() / 1e3;
      }
    };
    const auto bare_block = [&] {
      for (const std::string& bytes : operations) {
        const absl::Duration start = Now();
        insert.BindAll(Blob{bytes});
        Check(insert.Run(), "insert");
        bare_ms.push_back(SecondsSince(start) * 1e3);
        bare_seconds += bare_ms.back() / 1e3;
      }
    };
    // A B B A: neither always comes first.
    if (block / kBlock % 2 == 0) {
      capture_block();
      bare_block();
    } else {
      bare_block();
      capture_block();
    }
  }
  Print("capture_durable", capture_seconds * 1e3 / count, "ms", bare_seconds * 1e3 / count);
  Print("capture_durable_median", Quantile(capture_ms, 0.5), "ms", Quantile(bare_ms, 0.5));
  Print("capture_durable_p99", Quantile(capture_ms, 0.99), "ms", Quantile(bare_ms, 0.99));
}

}  // namespace baraza::bench
