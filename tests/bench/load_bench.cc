#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "baraza/v1/sync_service.grpc.pb.h"
#include "client_lib/client.h"
#include "client_lib/sync/grpc/channel.h"
#include "client_lib/sync/grpc/grpc_transport.h"
#include "core/base/ids.h"
#include "core/base/mutex.h"
#include "core/base/thread_annotations.h"
#include "core/model/limits.h"
#include "core/model/operation.h"
#include "core/model/operation_batch.h"
#include "sync_server/limits.h"
#include "tests/bench/bench_server.h"
#include "tests/bench/benches.h"
#include "tests/bench/workload.h"
#include "tests/network/fault_proxy.h"

namespace baraza::bench {
namespace {

constexpr int kReportsOfARush = 3;
constexpr absl::Duration kRush = absl::Minutes(1);
constexpr int kRushThreads = 48;
constexpr int kLineReports = 100;

// A device and the one request that it has to send.
struct Sender {
  v1::EnrolResponse enrolment;
  v1::SyncRequest request;
};

Sender MakeSender(BenchServer& server, const v1::EnrolResponse& enrolment, int first, int reports,
                  int total, bool packed) {
  Sender sender;
  sender.enrolment = enrolment;
  const v1::Membership& membership = enrolment.membership();
  v1::SyncRequest& request = sender.request;
  request.set_device_id(MintId("dev", server.clock(), server.random()));
  request.set_database_incarnation(std::string(server::kIncarnationBytes, 'r'));
  request.set_protocol_version(kProtocolVersion);
  request.set_schema_level(kSchemaLevel);
  request.set_min_schema_level(kMinSchemaLevel);
  request.set_max_schema_level(kSchemaLevel);
  request.set_max_response_bytes(client::kMinResponseBytes);
  request.mutable_state()->set_software_version("bench");
  for (int i = 0; i < reports; ++i) {
    OperationStamp stamp;
    stamp.op_id = MintId("rep", server.clock(), server.random());
    stamp.record_id = stamp.op_id;
    stamp.record_type = v1::RECORD_TYPE_SESSION_REPORT;
    stamp.programme_id = membership.programme_id();
    stamp.team_id = membership.team_id();
    stamp.author_id = membership.person_id();
    stamp.author_role = membership.role();
    stamp.lamport = 1'000 + static_cast<uint64_t>(i);
    stamp.device_time_ms = absl::ToUnixMillis(server.clock().Now());
    v1::WireOperation operation =
        Check(BuildOperation(stamp, nullptr, ReportNumber(first + i, total, server.places())),
              "operation")
            .wire;
    operation.set_device_seq(static_cast<uint64_t>(i + 1));
    *request.add_operations() = std::move(operation);
  }
  if (packed) PackOperations(request);
  return sender;
}

// Every device comes at a moment of one minute, on a connection of its own, and tries again as a
// real one does.
void BenchRush(BenchServer& server, int devices) {
  Progress(absl::StrCat("load: ", devices, " devices in one minute"));
  const int total = devices * kReportsOfARush;
  std::vector<Sender> senders;
  // Persons are few, devices many: what a device costs the server is its own row.
  std::vector<v1::EnrolResponse> enrolments;
  for (int i = 0; i < 16; ++i) {
    enrolments.push_back(server.EnrolCollector(i, MintId("dev", server.clock(), server.random())));
  }
  for (int i = 0; i < devices; ++i) {
    senders.push_back(MakeSender(server, enrolments[static_cast<size_t>(i) % enrolments.size()],
                                 i * kReportsOfARush, kReportsOfARush, total, /*packed=*/true));
  }
  const double before = static_cast<double>(SelfStatusKib("VmRSS"));
  Mutex mutex;
  std::vector<double> seconds;
  std::atomic<int> next{0};
  std::atomic<int> retries{0};
  std::atomic<int> accepted{0};
  const absl::Duration start = Now();
  std::vector<std::thread> threads;
  for (int i = 0; i < kRushThreads; ++i) {
    threads.emplace_back([&] {
      for (int number = next++; number < devices; number = next++) {
        Sender& sender = senders[static_cast<size_t>(number)];
        const absl::Duration due = start + kRush * number / devices;
        if (due > Now()) absl::SleepFor(due - Now());
        client::Connection connection;
        connection.address = server.address();
        connection.credential = sender.enrolment.credential();
        const auto transport = Check(client::GrpcTransport::Create(connection), "transport");
        int attempts = 0;
        while (true) {
          const auto response = transport->Sync(sender.request, client::kRequestDeadline);
          if (response.ok()) {
            for (const v1::OperationResult& result : response->results()) {
              if (result.outcome() == v1::OPERATION_OUTCOME_ACCEPTED) ++accepted;
            }
            break;
          }
          ++retries;
          if (++attempts > 20) Check(response.status(), "rush");
          absl::SleepFor(absl::Milliseconds(500 * attempts));
        }
        const double took = absl::ToDoubleSeconds(Now() - due);
        MutexLock lock(mutex);
        seconds.push_back(took);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double all = SecondsSince(start);
  if (accepted != total) {
    Check(absl::InternalError(absl::StrCat(accepted.load(), " of ", total)), "rush");
  }
  Print("rush_devices", devices, "devices");
  Print("rush_all_synced", all, "s", absl::ToDoubleSeconds(kRush));
  MutexLock lock(mutex);
  Print("rush_device_median", Quantile(seconds, 0.5), "s");
  Print("rush_device_p99", Quantile(seconds, 0.99), "s");
  Print("rush_retries", retries, "calls");
  Print("rush_memory_growth", (static_cast<double>(SelfStatusKib("VmRSS")) - before) / 1024, "MiB");
}

// So many calls under way at a time, each answered one followed by the next at once, whatever the
// answer; nobody waits as long as he was asked to.
struct Flood {
  int64_t accepted = 0;
  int64_t refused = 0;
  int64_t refused_without_hint = 0;
  int64_t failed = 0;
  double seconds = 0;
  std::vector<std::string> acknowledged;
};

Flood RunFlood(BenchServer& server, std::vector<Sender>& senders, size_t& next_sender, int at_once,
               absl::Duration length) {
  struct Shared {
    Mutex mutex;
    CondVar changed;
    Flood flood BARAZA_GUARDED_BY(mutex);
    int under_way BARAZA_GUARDED_BY(mutex) = 0;
    bool over BARAZA_GUARDED_BY(mutex) = false;
  } shared;
  // A connection takes server::kMaxConcurrentStreams calls.
  std::vector<std::unique_ptr<v1::SyncService::Stub>> stubs;
  for (int i = 0; i * server::kMaxConcurrentStreams < at_once; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stubs.push_back(v1::SyncService::NewStub(grpc::CreateCustomChannel(
        server.address(), grpc::InsecureChannelCredentials(), arguments)));
  }
  struct Call {
    grpc::ClientContext context;
    v1::SyncResponse response;
  };
  std::atomic<size_t> sender{next_sender};
  std::function<void(size_t)> begin = [&](size_t line) {
    const size_t number = sender++;
    {
      MutexLock lock(shared.mutex);
      if (shared.over || number >= senders.size()) {
        --shared.under_way;
        shared.changed.NotifyAll();
        return;
      }
    }
    auto* const call = new Call;
    client::PrepareCall(call->context, absl::Seconds(60), senders[number].enrolment.credential());
    stubs[line]->async()->Sync(
        &call->context, &senders[number].request, &call->response,
        [&, line, call](const grpc::Status& status) {
          const std::unique_ptr<Call> owned(call);
          {
            MutexLock lock(shared.mutex);
            if (status.ok()) {
              for (const v1::OperationResult& result : call->response.results()) {
                if (result.outcome() != v1::OPERATION_OUTCOME_ACCEPTED) continue;
                ++shared.flood.accepted;
                shared.flood.acknowledged.push_back(result.op_id());
              }
            } else if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
              ++shared.flood.refused;
              if (status.error_details().empty()) ++shared.flood.refused_without_hint;
            } else {
              ++shared.flood.failed;
            }
          }
          begin(line);
        });
  };
  const absl::Duration start = Now();
  {
    MutexLock lock(shared.mutex);
    shared.under_way = at_once;
  }
  for (int i = 0; i < at_once; ++i) begin(static_cast<size_t>(i) % stubs.size());
  absl::SleepFor(length);
  MutexLock lock(shared.mutex);
  shared.flood.seconds = SecondsSince(start);
  const int64_t accepted = shared.flood.accepted;
  shared.over = true;
  while (shared.under_way > 0) shared.changed.Wait(shared.mutex);
  next_sender = sender;
  if (next_sender >= senders.size()) {
    Check(absl::InternalError("more requests were answered than there are"), "flood");
  }
  Flood flood = std::move(shared.flood);
  // What came after the time is up is no part of the rate, but was acknowledged all the same.
  flood.accepted = accepted;
  return flood;
}

void BenchOverload(BenchServer& server, int requests, absl::Duration length) {
  Progress("load: overload");
  const v1::EnrolResponse enrolment =
      server.EnrolCollector(0, MintId("dev", server.clock(), server.random()));
  std::vector<Sender> senders;
  for (int i = 0; i < requests; ++i) {
    // Packing takes these callers longer than the server takes to unpack.
    senders.push_back(MakeSender(server, enrolment, i, 1, requests, /*packed=*/false));
  }
  size_t next = 0;
  std::vector<std::string> acknowledged;
  const auto keep = [&](const Flood& flood) {
    acknowledged.insert(acknowledged.end(), flood.acknowledged.begin(), flood.acknowledged.end());
  };
  // What it does best, over ever more calls at once.
  double peak = 0;
  int at_peak = 0;
  for (const int at_once : {16, 64, 256, 1024}) {
    const Flood flood = RunFlood(server, senders, next, at_once, length);
    keep(flood);
    const double rate = static_cast<double>(flood.accepted) / flood.seconds;
    Print(absl::StrCat("load_goodput_", at_once), rate, "reports/s");
    if (rate > peak) {
      peak = rate;
      at_peak = at_once;
    }
  }
  // More than the queue takes, ten times what it does best with.
  const int at_once = std::max(10 * at_peak, static_cast<int>(2 * server::kMaxQueuedWorks));
  const double before = static_cast<double>(SelfStatusKib("VmRSS"));
  const Flood flood = RunFlood(server, senders, next, at_once, length);
  keep(flood);
  Print("overload_calls_at_once", at_once, "calls");
  Print("overload_goodput", static_cast<double>(flood.accepted) / flood.seconds, "reports/s", peak);
  Print("overload_refused", static_cast<double>(flood.refused), "calls");
  Print("overload_refused_without_hint", static_cast<double>(flood.refused_without_hint), "calls");
  Print("overload_failed_otherwise", static_cast<double>(flood.failed), "calls");
  Print("overload_memory_growth", (static_cast<double>(SelfStatusKib("VmRSS")) - before) / 1024,
        "MiB");
  int64_t lost = 0;
  for (const std::string& op_id : acknowledged) {
    const auto found = Check(server.host().store().FindOperation(op_id), "log");
    if (!found.has_value()) ++lost;
  }
  Print("overload_acknowledged_lost", static_cast<double>(lost), "reports");
}

// 2G: 50 kbit/s, 600 ms there and back, two segments of a hundred lost.
void BenchLine(const Run& run, BenchServer& server) {
  Progress("load: 100 reports over 2G");
  test::FaultProxy proxy(server.address());
  proxy.SetLine({50'000 / 8, absl::Milliseconds(300), 20});
  client::Client::Options options;
  options.path = absl::StrCat(run.directory, "/line.db");
  options.software_version = "bench";
  const auto client = Check(client::Client::Open(options), "client");
  const v1::EnrolResponse enrolment = server.EnrolCollector(3, client->DeviceId());
  Check(client->Bind(enrolment, proxy.address(), ""), "bind");
  const auto transport =
      Check(client::GrpcTransport::Create(*client->GetConnection()), "transport");
  client->SetTransport(transport.get());
  // The register first: an office's Wi-Fi.
  proxy.SetLine({});
  Check(client->Sync().status(), "first sync");
  proxy.SetLine({50'000 / 8, absl::Milliseconds(300), 20});
  for (int i = 0; i < kLineReports; ++i) {
    v1::Record record;
    *record.mutable_session_report() = ReportNumber(i * 7, kLineReports * 7, server.places());
    Check(client->Capture(record).status(), "capture");
  }
  const test::FaultProxy::Counters before = proxy.counters();
  const absl::Duration start = Now();
  const v1::SyncSummary summary = Check(client->Sync(), "sync");
  Print("line_2g_100_reports", SecondsSince(start), "s");
  if (summary.accepted() != kLineReports) Check(absl::InternalError("not all accepted"), "sync");
  const test::FaultProxy::Counters after = proxy.counters();
  Print("line_2g_bytes_up", static_cast<double>(after.bytes_up - before.bytes_up), "bytes");
  Print("line_2g_bytes_down", static_cast<double>(after.bytes_down - before.bytes_down), "bytes");
  Print("line_2g_round_trips", summary.progress().round_trips(), "round trips");
}

}  // namespace

void BenchLoad(const Run& run) {
  {
    const std::string directory = absl::StrCat(run.directory, "/line");
    std::filesystem::create_directory(directory);
    BenchServer server(directory);
    BenchLine(run, server);
  }
  {
    const std::string directory = absl::StrCat(run.directory, "/rush");
    std::filesystem::create_directory(directory);
    BenchServer server(directory);
    BenchRush(server, run.sizes.rush_devices);
  }
  const std::string directory = absl::StrCat(run.directory, "/overload");
  std::filesystem::create_directory(directory);
  BenchServer server(directory);
  BenchOverload(server, run.sizes.overload_requests, run.sizes.overload_time);
}

}  // namespace baraza::bench
