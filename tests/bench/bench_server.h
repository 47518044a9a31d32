#ifndef BARAZA_TESTS_BENCH_BENCH_SERVER_H_
#define BARAZA_TESTS_BENCH_BENCH_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "baraza/v1/record.pb.h"
#include "client_lib/sync/grpc/channel.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "sync_server/services/event_log.h"
#include "sync_server/services/server.h"
#include "tests/bench/workload.h"

namespace baraza::bench {

// The whole server in this process, listening on a free port of loopback, with one programme: four
// organisations, sixteen teams, four issues, an indicator by quarters over all issues. Ends the
// program when something fails.
class BenchServer {
 public:
  // `directory` exists and is empty.
  explicit BenchServer(const std::string& directory);
  BenchServer(const BenchServer&) = delete;
  BenchServer& operator=(const BenchServer&) = delete;

  const std::string& address() const { return address_; }
  const std::string& programme_id() const { return administrator_.membership().programme_id(); }
  const std::string& indicator_id() const { return indicator_id_; }
  const Places& places() const { return places_; }
  server::ProgrammeHost& host() { return *server_->host(programme_id()); }
  Clock& clock() { return clock_; }
  Random& random() { return random_; }

  // A new collector of team number `team`, enrolled with `device_id`.
  v1::EnrolResponse EnrolCollector(int team, const std::string& device_id);

  // Calls one method as the administrator, by `stub` on a channel of Channel().
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Stub& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) {
    Response response;
    const absl::Status status = CallInto(stub, method, request, response);
    if (!status.ok()) return status;
    return response;
  }

  // Fills `response`, which may be on an arena.
  template <typename Stub, typename Request, typename Response>
  absl::Status CallInto(Stub& stub,
                        grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const Request& request, Response& response) {
    grpc::ClientContext context;
    client::PrepareCall(context, absl::Seconds(60), administrator_.credential());
    const grpc::Status status = (stub.*method)(&context, request, &response);
    return status.ok() ? absl::OkStatus() : client::FromGrpc(status);
  }
  // As the office opens it to a server on its own machine: nothing is compressed.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // As the office opens it to a server elsewhere: gzip.
  const std::shared_ptr<grpc::Channel>& gzip_channel() const { return gzip_channel_; }

 private:
  std::string Create(const v1::Record& record);
  v1::EnrolResponse Enrol(const std::string& code, const std::string& device_id);

  SystemClock clock_;
  SystemRandom random_;
  server::EventLog log_;
  std::unique_ptr<server::Server> server_;
  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
  std::shared_ptr<grpc::Channel> gzip_channel_;
  v1::EnrolResponse administrator_;
  std::string indicator_id_;
  Places places_;
};

}  // namespace baraza::bench

#endif  // BARAZA_TESTS_BENCH_BENCH_SERVER_H_
