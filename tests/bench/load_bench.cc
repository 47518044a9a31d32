#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "baraza/v1/sync_service.grpc.pb.h"
#include "client_lib/client.h"
#include "client_lib/sync/grpc/channel.h"
#include "client_lib/sync/grpc/grpc_transport.h"
#include "core/base/ids.h"
#include "core/base/mutex.h"
#include "core/base/retry_hint.h"
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

// Lines of callers: each has one call under way or is waiting for its turn, and begins the next as
// soon as it may.
struct Flood {
  int64_t accepted = 0;
  int64_t refused = 0;
  int64_t refused_without_hint = 0;
  int64_t failed = 0;
  double seconds = 0;
  std::vector<std::string> acknowledged;

  double Rate() const { return static_cast<double>(accepted) / seconds; }
};

// What a caller does that was refused: waits as asked, as devices do, or calls again at once.
enum class Refused { kWaits, kCallsAgain };

class FloodRun {
 public:
  // `next_sender` is moved past the senders that were used.
  FloodRun(BenchServer& server, std::vector<Sender>& senders, size_t& next_sender, int lines,
           Refused refused)
      : senders_(senders), next_sender_(next_sender), lines_(lines), refused_(refused) {
    // A connection takes server::kMaxConcurrentStreams calls.
    for (int i = 0; i * server::kMaxConcurrentStreams < lines; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      stubs_.push_back(v1::SyncService::NewStub(grpc::CreateCustomChannel(
          server.address(), grpc::InsecureChannelCredentials(), arguments)));
    }
  }

  // Counts what is answered in `length` after `warm_up`; what was acknowledged before and after is
  // no part of the rate, but in the list.
  Flood Run(absl::Duration warm_up, absl::Duration length) {
    {
      MutexLock lock(mutex_);
      under_way_ = lines_;
    }
    std::thread waker([this] { WakeWaiting(); });
    for (int i = 0; i < lines_; ++i) Begin(static_cast<size_t>(i), nullptr);
    absl::SleepFor(warm_up);
    Flood before;
    {
      MutexLock lock(mutex_);
      before = flood_;
    }
    const absl::Duration start = Now();
    absl::SleepFor(length);
    Flood flood;
    {
      MutexLock lock(mutex_);
      flood = flood_;
      flood.seconds = SecondsSince(start);
      over_ = true;
      changed_.NotifyAll();
      while (under_way_ > 0) changed_.Wait(mutex_);
      flood.acknowledged = std::move(flood_.acknowledged);
      if (next_sender_ >= senders_.size()) {
        Check(absl::InternalError("more requests were answered than there are"), "flood");
      }
    }
    waker.join();
    flood.accepted -= before.accepted;
    flood.refused -= before.refused;
    flood.refused_without_hint -= before.refused_without_hint;
    flood.failed -= before.failed;
    return flood;
  }

 private:
  // One request until it is answered.
  struct Call {
    size_t line = 0;
    size_t sender = 0;
    std::unique_ptr<grpc::ClientContext> context;
    v1::SyncResponse response;
  };

  // `again`: a call that was refused; null: the next one.
  void Begin(size_t line, std::unique_ptr<Call> again) {
    {
      MutexLock lock(mutex_);
      if (over_ || (again == nullptr && next_sender_ >= senders_.size())) {
        --under_way_;
        changed_.NotifyAll();
        return;
      }
      if (again == nullptr) {
        again = std::make_unique<Call>();
        again->line = line;
        again->sender = next_sender_++;
      }
    }
    Call* const call = again.release();
    const Sender& sender = senders_[call->sender];
    call->context = std::make_unique<grpc::ClientContext>();
    client::PrepareCall(*call->context, absl::Seconds(60), sender.enrolment.credential());
    stubs_[line % stubs_.size()]->async()->Sync(
        call->context.get(), &sender.request, &call->response,
        [this, call](const grpc::Status& status) { End(std::unique_ptr<Call>(call), status); });
  }

  void End(std::unique_ptr<Call> call, const grpc::Status& status) {
    const size_t line = call->line;
    const bool refused = status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
    if (!refused) {
      Count(*call, status);
      Begin(line, nullptr);
      return;
    }
    const auto& metadata = call->context->GetServerTrailingMetadata();
    const auto hint = metadata.find(kRetryHintMetadata);
    uint32_t ms = 0;
    const bool hinted =
        hint != metadata.end() &&
        absl::SimpleAtoi(absl::string_view(hint->second.data(), hint->second.size()), &ms);
    {
      MutexLock lock(mutex_);
      ++flood_.refused;
      if (!hinted) ++flood_.refused_without_hint;
      if (refused_ == Refused::kWaits) {
        waiting_.emplace(Now() + absl::Milliseconds(ms), std::move(call));
        return;
      }
    }
    Begin(line, std::move(call));
  }

  void Count(const Call& call, const grpc::Status& status) {
    MutexLock lock(mutex_);
    if (!status.ok()) {
      ++flood_.failed;
      return;
    }
    for (const v1::OperationResult& result : call.response.results()) {
      if (result.outcome() != v1::OPERATION_OUTCOME_ACCEPTED) continue;
      ++flood_.accepted;
      flood_.acknowledged.push_back(result.op_id());
    }
  }

  void WakeWaiting() {
    while (true) {
      std::vector<std::unique_ptr<Call>> due;
      {
        MutexLock lock(mutex_);
        while (!waiting_.empty() && (over_ || waiting_.begin()->first <= Now())) {
          due.push_back(std::move(waiting_.begin()->second));
          waiting_.erase(waiting_.begin());
        }
        if (due.empty() && over_ && under_way_ == 0) return;
      }
      for (std::unique_ptr<Call>& call : due) {
        const size_t line = call->line;
        Begin(line, std::move(call));
      }
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  std::vector<Sender>& senders_;
  size_t& next_sender_;
  const int lines_;
  const Refused refused_;
  std::vector<std::unique_ptr<v1::SyncService::Stub>> stubs_;
  Mutex mutex_;
  CondVar changed_;
  Flood flood_ BARAZA_GUARDED_BY(mutex_);
  // Lines that have not ended.
  int under_way_ BARAZA_GUARDED_BY(mutex_) = 0;
  bool over_ BARAZA_GUARDED_BY(mutex_) = false;
  // By the moment of their turn.
  std::multimap<absl::Duration, std::unique_ptr<Call>> waiting_ BARAZA_GUARDED_BY(mutex_);
};

void BenchOverload(BenchServer& server, int requests, absl::Duration length) {
  Progress("load: overload");
  // So many that none of them has its share of the server's places.
  std::vector<v1::EnrolResponse> enrolments;
  for (int i = 0; i < server::kMaxSyncsAtOnce / 2; ++i) {
    enrolments.push_back(
        server.EnrolCollector(i % 16, MintId("dev", server.clock(), server.random())));
  }
  std::vector<Sender> senders;
  for (int i = 0; i < requests; ++i) {
    // Packing takes these callers longer than the server takes to unpack.
    senders.push_back(MakeSender(server, enrolments[static_cast<size_t>(i) % enrolments.size()], i,
                                 1, requests, /*packed=*/false));
  }
  size_t next = 0;
  std::vector<std::string> acknowledged;
  // As long: the first crowd takes seconds to get through.
  const absl::Duration warm_up = length;
  const auto run = [&](int lines, Refused refused) {
    Flood flood = FloodRun(server, senders, next, lines, refused).Run(warm_up, length);
    acknowledged.insert(acknowledged.end(), flood.acknowledged.begin(), flood.acknowledged.end());
    return flood;
  };
  // With how many callers it does best.
  double peak = 0;
  int at_peak = 0;
  for (const int lines : {16, 64, 256, 1024}) {
    const double rate = run(lines, Refused::kWaits).Rate();
    Print(absl::StrCat("load_goodput_", lines), rate, "reports/s");
    if (rate > peak) {
      peak = rate;
      at_peak = lines;
    }
  }
  // Ten times as many as that, and as it lets in. Held against the best just before and just after:
  // the programme grows, and consolidating it takes its share of the machine.
  const int lines = 10 * std::max(at_peak, server::kMaxSyncsAtOnce);
  Print("overload_callers", lines, "callers");
  double best = run(at_peak, Refused::kWaits).Rate();
  const struct {
    const char* name;
    Refused refused;
  } kinds[] = {{"overload", Refused::kWaits}, {"impatient", Refused::kCallsAgain}};
  for (const auto& kind : kinds) {
    const double before = static_cast<double>(SelfStatusKib("VmRSS"));
    const Flood flood = run(lines, kind.refused);
    const double memory = (static_cast<double>(SelfStatusKib("VmRSS")) - before) / 1024;
    const double best_after = run(at_peak, Refused::kWaits).Rate();
    const auto print = [&](const char* what, double value, const char* unit) {
      Print(absl::StrCat(kind.name, what), value, unit);
    };
    Print(absl::StrCat(kind.name, "_goodput"), flood.Rate(), "reports/s", (best + best_after) / 2);
    print("_refused", static_cast<double>(flood.refused), "calls");
    print("_refused_without_hint", static_cast<double>(flood.refused_without_hint), "calls");
    print("_failed_otherwise", static_cast<double>(flood.failed), "calls");
    print("_memory_growth", memory, "MiB");
    best = best_after;
  }
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
