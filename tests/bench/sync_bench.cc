#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "baraza/v1/indicator_service.grpc.pb.h"
#include "client_lib/limits.h"
#include "client_lib/sync/grpc/grpc_transport.h"
#include "core/base/ids.h"
#include "core/model/limits.h"
#include "core/model/operation.h"
#include "core/sqlite/database.h"
#include "core/sqlite/transaction.h"
#include "sync_server/limits.h"
#include "sync_server/store/programme_schema.h"
#include "tests/bench/bench_server.h"
#include "tests/bench/benches.h"
#include "tests/bench/workload.h"

namespace baraza::bench {
namespace {

constexpr int kRowsPerTransaction = 1'000;
constexpr int kMaxFailures = 20;
constexpr char kAsOf[] = "2024-12-01";

struct Device {
  std::string device_id;
  std::string incarnation;
  v1::EnrolResponse enrolment;
  // Batches as the engine sends them once it has ramped up.
  std::vector<v1::SyncRequest> batches;
  size_t reports = 0;
};

// The device that tells of every `devices`-th report of `total`, from `number` on.
Device MakeDevice(BenchServer& server, int number, int devices, int total,
                  size_t batch_operations = client::kMaxBatchOperations) {
  Device device;
  device.device_id = MintId("dev", server.clock(), server.random());
  device.incarnation = std::string(server::kIncarnationBytes, static_cast<char>('A' + number % 26));
  device.enrolment = server.EnrolCollector(number, device.device_id);
  const v1::Membership& membership = device.enrolment.membership();
  size_t bytes = 0;
  // Neighbouring numbers tell of one session: they come from different devices.
  for (int index = number; index < total; index += devices) {
    OperationStamp stamp;
    stamp.op_id = MintId("rep", server.clock(), server.random());
    stamp.record_id = stamp.op_id;
    stamp.record_type = v1::RECORD_TYPE_SESSION_REPORT;
    stamp.programme_id = membership.programme_id();
    stamp.team_id = membership.team_id();
    stamp.author_id = membership.person_id();
    stamp.author_role = membership.role();
    stamp.lamport = 1'000 + ++device.reports;
    stamp.device_time_ms = absl::ToUnixMillis(server.clock().Now());
    v1::WireOperation operation =
        Check(BuildOperation(stamp, nullptr, ReportNumber(index, total, server.places())),
              "operation")
            .wire;
    operation.set_device_seq(device.reports);
    const size_t size = operation.ByteSizeLong();
    if (device.batches.empty() || bytes + size > client::kMaxBatchBytes ||
        static_cast<size_t>(device.batches.back().operations_size()) >= batch_operations) {
      v1::SyncRequest& batch = device.batches.emplace_back();
      batch.set_device_id(device.device_id);
      batch.set_database_incarnation(device.incarnation);
      batch.set_protocol_version(kProtocolVersion);
      batch.set_schema_level(kSchemaLevel);
      batch.set_min_schema_level(kMinSchemaLevel);
      batch.set_max_schema_level(kSchemaLevel);
      batch.set_max_response_bytes(client::kMinResponseBytes);
      batch.mutable_state()->set_software_version("bench");
      bytes = 0;
    }
    bytes += size;
    *device.batches.back().add_operations() = std::move(operation);
  }
  return device;
}

// Sends what the device has, each batch once the one before is acknowledged; how many operations
// were accepted. `then` is called after each batch.
int Push(const Device& device, const std::string& address,
         const std::function<void()>& then = nullptr) {
  client::Connection connection;
  connection.address = address;
  connection.credential = device.enrolment.credential();
  const auto transport = Check(client::GrpcTransport::Create(connection), "transport");
  int accepted = 0;
  int failures = 0;
  v1::Cursor cursor;
  for (v1::SyncRequest request : device.batches) {
    while (request.operations_size() > 0) {
      *request.mutable_cursor() = cursor;
      const auto response = transport->Sync(request, client::kRequestDeadline);
      if (!response.ok()) {
        if (++failures > kMaxFailures) Check(response.status(), "sync");
        absl::SleepFor(absl::Milliseconds(200));
        continue;
      }
      cursor = response->next_cursor();
      for (const v1::OperationResult& result : response->results()) {
        if (result.outcome() != v1::OPERATION_OUTCOME_ACCEPTED) {
          Check(absl::InternalError(result.message()), "sync: rejected");
        }
        accepted += result.replayed() ? 0 : 1;
      }
      request.mutable_operations()->DeleteSubrange(0, response->results_size());
      if (response->retry_after_ms() > 0) {
        absl::SleepFor(absl::Milliseconds(response->retry_after_ms()));
      }
    }
    if (then) then();
  }
  return accepted;
}

// The reference: the rows that the server stores for these operations, made beforehand, inserted
// into the same tables and indexes by one connection, 1,000 operations a transaction.
class BareInserts {
 public:
  explicit BareInserts(const std::string& path, const std::vector<Device>& devices) {
    DatabaseOptions options;
    options.schema = server::ProgrammeSchema();
    options.cache_kib = server::kWriterCacheKib;
    database_ = Check(Database::Open(path, options), "open");
    Statement insert = Check(
        database_->Prepare("INSERT INTO device (device_id, person_id, credential_id, incarnation)"
                           " VALUES (?1, ?2, ?3, ?4)"),
        "prepare");
    for (const Device& device : devices) {
      insert.BindAll(device.device_id, device.enrolment.membership().person_id(),
                     device.enrolment.credential_id(), Blob{device.incarnation});
      Check(insert.Run(), "insert");
      rows_of_devices_.push_back(database_->LastInsertRowId());
    }
  }

  // Batch number `batch` of each device.
  void InsertBatch(const std::vector<Device>& devices, size_t batch) {
    for (size_t d = 0; d < devices.size(); ++d) {
      if (batch >= devices[d].batches.size()) continue;
      for (const v1::WireOperation& wire : devices[d].batches[batch].operations()) {
        Operation operation = Check(ParseOperation(wire), "parse");
        pending_.push_back({rows_of_devices_[d], wire.device_seq(), wire.SerializeAsString(),
                            std::move(operation.header), operation.hash});
        if (pending_.size() == kRowsPerTransaction) Flush();
      }
    }
    Flush();
  }

  double seconds() const { return seconds_; }
  int rows() const { return rows_; }

 private:
  struct Row {
    int64_t device;
    uint64_t device_seq;
    std::string wire;
    v1::Header header;
    Sha256Digest hash;
  };

  void Flush() {
    if (pending_.empty()) return;
    const absl::Duration start = Now();
    Transaction transaction = Check(Transaction::Begin(*database_), "begin");
    {
      Statement log = Check(
          database_->Prepare("INSERT INTO log (op_id, record_id, record_type, device, lamport,"
                             " received_ms, hash, wire)"
                             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
          "prepare");
      Statement accepted =
          Check(database_->Prepare(
                    "INSERT INTO accepted (device, device_seq, position) VALUES (?1, ?2, ?3)"),
                "prepare");
      for (const Row& row : pending_) {
        log.BindAll(row.header.op_id(), row.header.record_id(),
                    static_cast<int>(row.header.record_type()), row.device, row.header.lamport(),
                    row.header.device_time_ms(), Blob{row.hash.AsBytes()}, Blob{row.wire});
        Check(log.Run(), "insert");
        accepted.BindAll(row.device, row.device_seq, database_->LastInsertRowId());
        Check(accepted.Run(), "insert");
      }
    }
    Check(transaction.Commit(), "commit");
    seconds_ += SecondsSince(start);
    rows_ += static_cast<int>(pending_.size());
    pending_.clear();
  }

  std::unique_ptr<Database> database_;
  std::vector<int64_t> rows_of_devices_;
  std::vector<Row> pending_;
  double seconds_ = 0;
  int rows_ = 0;
};

// Waits until sessions and figures stand at `position`, or the time is over.
void AwaitWatermark(BenchServer& server, int64_t position, absl::Duration until) {
  while (server.host().projection().watermark() < position && Now() < until) {
    absl::SleepFor(absl::Milliseconds(20));
  }
}

void BenchFigure(BenchServer& server, const Sizes& sizes) {
  const int calls = sizes.figure_calls;
  Progress(absl::StrCat("figure: ", calls, " calls"));
  v1::IndicatorService::Stub stub(server.channel());
  v1::IndicatorService::Stub gzip_stub(server.gzip_channel());
  v1::GetFigureRequest request;
  request.set_name(absl::StrCat("programmes/", server.programme_id(), "/indicators/",
                                server.indicator_id(), "/figures/", kQuarter));
  request.set_as_of(kAsOf);
  uint32_t value = 0;
  size_t bytes = 0;
  const auto call_ms_by = [&](v1::IndicatorService::Stub& by) {
    const absl::Duration start = Now();
    google::protobuf::Arena arena;
    auto& figure = *google::protobuf::Arena::CreateMessage<v1::Figure>(&arena);
    Check(server.CallInto(by, &v1::IndicatorService::Stub::GetFigure, request, figure),
          "get figure");
    const double ms = SecondsSince(start) * 1e3;
    value = figure.value();
    bytes = figure.ByteSizeLong();
    return ms;
  };
  std::vector<double> call_ms;
  std::vector<double> gzip_ms;
  std::vector<double> computing_ms;
  std::vector<double> changed_ms;
  for (int i = 0; i < calls; ++i) {
    call_ms.push_back(call_ms_by(stub));
    gzip_ms.push_back(call_ms_by(gzip_stub));
    const absl::Duration start = Now();
    google::protobuf::Arena arena;
    Check(server.host().projection().GetFigure(
              server.indicator_id(), kQuarter, absl::CivilDay(2024, 12, 1),
              *google::protobuf::Arena::CreateMessage<v1::Figure>(&arena)),
          "figure");
    computing_ms.push_back(SecondsSince(start) * 1e3);
  }
  // One more account of an earlier session, then the figure as soon as it is taken in.
  const int more = std::max(1, calls / 4);
  const Device late = MakeDevice(server, sizes.devices, std::max(1, sizes.reports / more),
                                 sizes.reports, /*batch_operations=*/1);
  Push(late, server.address(), [&] {
    AwaitWatermark(server, Check(server.host().store().LogPosition(), "position"),
                   Now() + sizes.patience);
    changed_ms.push_back(call_ms_by(stub));
  });
  constexpr double kTargetMs = 20;
  Print("figure_median", Quantile(call_ms, 0.5), "ms", kTargetMs);
  Print("figure_p99", Quantile(call_ms, 0.99), "ms", kTargetMs);
  Print("figure_computing_p99", Quantile(computing_ms, 0.99), "ms", kTargetMs);
  Print("figure_changed_p99", Quantile(changed_ms, 0.99), "ms", kTargetMs);
  Print("figure_gzip_median", Quantile(gzip_ms, 0.5), "ms");
  Print("figure_gzip_p99", Quantile(gzip_ms, 0.99), "ms");
  Print("figure_sessions", value, "sessions");
  Print("figure_size", static_cast<double>(bytes) / 1024, "KiB");
}

}  // namespace

void BenchSync(const Run& run) {
  const Sizes& sizes = run.sizes;
  Progress(absl::StrCat("sync: making ", sizes.reports, " reports on ", sizes.devices, " devices"));
  const std::string data = absl::StrCat(run.directory, "/server");
  std::filesystem::create_directory(data);
  BenchServer server(data);
  std::vector<Device> devices;
  size_t batches = 0;
  size_t bytes = 0;
  for (int i = 0; i < sizes.devices; ++i) {
    devices.push_back(MakeDevice(server, i, sizes.devices, sizes.reports));
    batches = std::max(batches, devices.back().batches.size());
    for (const v1::SyncRequest& batch : devices.back().batches) bytes += batch.ByteSizeLong();
  }
  // Half of the reference before, half after, so that neighbours who come and go meet both.
  BareInserts bare(absl::StrCat(run.directory, "/bare.db"), devices);
  Progress("sync: bare inserts, first half");
  for (size_t batch = 0; batch < batches; batch += 2) bare.InsertBatch(devices, batch);

  Progress("sync: all devices push");
  server::ProgrammeHost& host = server.host();
  const int64_t position_before = Check(host.store().LogPosition(), "position");
  const absl::Duration start = Now();
  std::atomic<int> accepted{0};
  std::vector<std::thread> threads;
  threads.reserve(devices.size());
  for (const Device& device : devices) {
    threads.emplace_back([&] { accepted += Push(device, server.address()); });
  }
  for (std::thread& thread : threads) thread.join();
  const double acknowledged_seconds = SecondsSince(start);
  if (accepted != sizes.reports) {
    Check(absl::InternalError(absl::StrCat(accepted.load(), " reports were accepted")), "sync");
  }
  const int64_t end = position_before + sizes.reports;
  Progress(absl::StrCat("sync: acknowledged in ", acknowledged_seconds,
                        " s; consolidated so far: ", host.projection().watermark()));
  AwaitWatermark(server, end, start + sizes.patience);
  const double consolidated_seconds = SecondsSince(start);
  const int64_t consolidated = std::min(host.projection().watermark(), end) - position_before;

  Progress("sync: bare inserts, second half");
  for (size_t batch = 1; batch < batches; batch += 2) bare.InsertBatch(devices, batch);
  const double bare_rate = bare.rows() / bare.seconds();
  Print("sync_operation_bytes", static_cast<double>(bytes) / sizes.reports, "bytes");
  Print("sync_acknowledged", sizes.reports / acknowledged_seconds, "reports/s", bare_rate);
  Print("sync_consolidated", static_cast<double>(consolidated) / consolidated_seconds, "reports/s",
        bare_rate);
  Print("sync_consolidated_reports", static_cast<double>(consolidated), "reports", sizes.reports);
  BenchFigure(server, sizes);
}

}  // namespace baraza::bench
