#ifndef BARAZA_SYNC_SERVER_SERVICES_RPC_H_
#define BARAZA_SYNC_SERVER_SERVICES_RPC_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "google/protobuf/message.h"
#include "sync_server/auth/authenticator.h"
#include "sync_server/auth/enrolment.h"
#include "sync_server/auth/policy.h"
#include "sync_server/services/admission.h"
#include "sync_server/services/event_log.h"
#include "sync_server/services/programme_host.h"
#include "sync_server/store/registry_store.h"

namespace baraza::server {

// What every service stands on. Everything outlives the gRPC server.
struct ServiceContext {
  Clock& clock;
  EventLog& log;
  RegistryStore& registry;
  Authenticator& authenticator;
  Enrolment& enrolment;
  // By programme id; fixed while the server runs.
  std::map<std::string, std::unique_ptr<ProgrammeHost>>& hosts;
  // What enrolment codes tell devices to dial when the administrator names nothing else; empty:
  // where the server listens.
  std::string public_address;
  std::string listen_host;
  // Known once the server listens.
  std::atomic<int> port{0};
  // PEM; empty: plaintext.
  std::string ca_certificate;

  std::string PublicAddress() const;
};

// One call that was let in.
struct Call {
  // Of an unauthenticated call: empty.
  Caller caller;
  // The caller's programme; null for an unauthenticated call.
  ProgrammeHost* host = nullptr;
  // Who failed enrolments are held against: see RateLimit.
  std::string peer;
  // How long the caller still waits, at most kMaxPositionWait.
  absl::Duration patience;
};

// The one place where a status becomes gRPC's; messages are ours and hold no report content.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The untyped part of Serve.
class RpcGate {
 public:
  // `admission` may be null: the call is let in however many there are.
  RpcGate(ServiceContext& context, grpc::CallbackServerContext* rpc, absl::string_view method,
          Admission* admission);

  // Authentication, then policy, then room: whoever gets past it may make this call. Nobody who is
  // not known takes a place or moves the turns of those who are. Once.
  absl::StatusOr<Call> Admit(const google::protobuf::Message& request);

  // Logs the end of the call and finishes it.
  void Finish(const absl::Status& status);

  grpc::ServerUnaryReactor* reactor() { return reactor_; }

 private:
  void LogEnd(const absl::Status& status);

  ServiceContext& context_;
  grpc::CallbackServerContext* const rpc_;
  grpc::ServerUnaryReactor* const reactor_;
  const std::string method_;
  Admission* const admission_;
  const absl::Duration started_;
  enum class Room { kNotAsked, kTaken, kRefused } room_ = Room::kNotAsked;
  std::string programme_id_;
  // Whose place was taken.
  std::string place_of_;
};

// Drops what no answer may hold: unknown fields, and values that never leave a device.
void CleanAnswer(google::protobuf::Message& answer);

// Answers one unary call: `handler` is called if the caller may make it, and calls its last
// argument exactly once, in whatever thread, having filled the response if that says OK; request
// and response live until then. `admission`: see RpcGate. The only way from gRPC to a handler, so
// that no call is served without a policy.
template <typename Request, typename Response>
using FillingHandler = std::function<void(const Call&, const Request&, Response&,
                                          std::function<void(const absl::Status&)>)>;

template <typename Request, typename Response>
grpc::ServerUnaryReactor* ServeFilling(ServiceContext& context, grpc::CallbackServerContext* rpc,
                                       absl::string_view method, const Request* request,
                                       Response* response,
                                       const FillingHandler<Request, Response>& handler,
                                       Admission* admission = nullptr) {
  auto gate = std::make_shared<RpcGate>(context, rpc, method, admission);
  grpc::ServerUnaryReactor* const reactor = gate->reactor();
  absl::StatusOr<Call> call = gate->Admit(*request);
  if (!call.ok()) {
    gate->Finish(call.status());
    return reactor;
  }
  handler(*call, *request, *response, [gate, response](const absl::Status& status) {
    if (status.ok()) CleanAnswer(*response);
    gate->Finish(status);
  });
  return reactor;
}

// The same for a handler that hands its answer over.
template <typename Request, typename Response>
using Handler =
    std::function<void(const Call&, const Request&, std::function<void(absl::StatusOr<Response>)>)>;

template <typename Request, typename Response>
grpc::ServerUnaryReactor* Serve(ServiceContext& context, grpc::CallbackServerContext* rpc,
                                absl::string_view method, const Request* request,
                                Response* response, const Handler<Request, Response>& handler,
                                Admission* admission = nullptr) {
  return ServeFilling<Request, Response>(
      context, rpc, method, request, response,
      [&handler](const Call& call, const Request& in, Response& out,
                 std::function<void(const absl::Status&)> done) {
        handler(call, in, [&out, done = std::move(done)](absl::StatusOr<Response> answer) {
          if (answer.ok()) out = *std::move(answer);
          done(answer.status());
        });
      },
      admission);
}

// The same for a handler that answers at once.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* ServeNow(
    ServiceContext& context, grpc::CallbackServerContext* rpc, absl::string_view method,
    const Request* request, Response* response,
    const std::function<absl::StatusOr<Response>(const Call&, const Request&)>& handler) {
  return Serve<Request, Response>(
      context, rpc, method, request, response,
      [&handler](const Call& call, const Request& in,
                 const std::function<void(absl::StatusOr<Response>)>& done) {
        done(handler(call, in));
      });
}

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_SERVICES_RPC_H_
