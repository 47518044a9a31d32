#include "sync_server/services/rpc.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/base/retry_hint.h"
#include "core/base/status.h"
#include "core/model/privacy.h"
#include "sync_server/limits.h"

namespace baraza::server {
namespace {

constexpr char kForwardedFor[] = "x-forwarded-for";
constexpr size_t kMaxForwardedBytes = 64;

// Who calls: the other end of the connection, or, when that is a program on this machine that ends
// TLS for the server, whom it says that it speaks for. Nobody elsewhere is believed.
std::string PeerOf(const grpc::CallbackServerContext& rpc) {
  std::string peer = rpc.peer();
  // gRPC writes the brackets of an IPv6 address percent-encoded.
  if (!absl::StartsWith(peer, "ipv4:127.") && !absl::StartsWith(peer, "ipv6:%5B::1%5D:") &&
      !absl::StartsWith(peer, "ipv6:[::1]:")) {
    return peer;
  }
  const auto [first, last] = rpc.client_metadata().equal_range(kForwardedFor);
  if (first == last) return peer;
  const grpc::string_ref value = std::prev(last)->second;
  const absl::string_view all(value.data(), value.size());
  // The nearest one is the last.
  const absl::string_view nearest = absl::StripAsciiWhitespace(all.substr(all.rfind(',') + 1));
  if (nearest.empty() || nearest.size() > kMaxForwardedBytes) return peer;
  return absl::StrCat("forwarded:", nearest, ":0");
}

}  // namespace

std::string ServiceContext::PublicAddress() const {
  return public_address.empty() ? absl::StrCat(listen_host, ":", port.load()) : public_address;
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  std::string message(status.message());
  if (const std::optional<absl::Duration> after = RetryHint(status); after.has_value()) {
    absl::StrAppend(&message, "; try again in ", absl::ToInt64Milliseconds(*after), " ms");
  }
  // Both sides number the canonical codes alike.
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message);
}

RpcGate::RpcGate(ServiceContext& context, grpc::CallbackServerContext* rpc,
                 absl::string_view method, Admission* admission)
    : context_(context),
      rpc_(rpc),
      reactor_(rpc->DefaultReactor()),
      method_(method),
      admission_(admission),
      started_(context.clock.Monotonic()) {}

absl::StatusOr<Call> RpcGate::Admit(const google::protobuf::Message& request) {
  const RpcPolicy* policy = FindPolicy(method_);
  if (policy == nullptr) return absl::PermissionDeniedError("this call is not allowed to anybody");
  Call call;
  call.peer = PeerOf(*rpc_);
  const auto deadline = rpc_->deadline();
  call.patience = deadline == std::chrono::system_clock::time_point::max()
                      ? kMaxPositionWait
                      : std::clamp(absl::FromChrono(deadline) - absl::Now(), absl::ZeroDuration(),
                                   kMaxPositionWait);
  if (policy->unauthenticated) {
    BARAZA_RETURN_IF_ERROR(Authorize(*policy, nullptr, false, request));
    return call;
  }
  const auto header = rpc_->client_metadata().find("authorization");
  if (header == rpc_->client_metadata().end()) {
    return Authorize(*policy, nullptr, false, request);
  }
  BARAZA_ASSIGN_OR_RETURN(call.caller, context_.authenticator.Authenticate(absl::string_view(
                                           header->second.data(), header->second.size())));
  programme_id_ = call.caller.membership.programme_id();
  BARAZA_RETURN_IF_ERROR(
      Authorize(*policy, &call.caller.membership, call.caller.suspended, request));
  const auto host = context_.hosts.find(programme_id_);
  if (host == context_.hosts.end()) {
    return absl::UnavailableError("this programme is not served at the moment");
  }
  if (admission_ != nullptr) {
    const auto turn = admission_->Enter(call.caller.credential_id);
    if (turn.has_value()) {
      room_ = Room::kRefused;
      return WithRetryHint(absl::ResourceExhaustedError("more devices sync than the server takes"),
                           *turn);
    }
    room_ = Room::kTaken;
    place_of_ = call.caller.credential_id;
  }
  call.host = host->second.get();
  call.host->Complete(call.caller);
  return call;
}

void RpcGate::Finish(const absl::Status& status) {
  // A flood does not fill the disk: refusals are told as a number, now and then.
  if (room_ != Room::kRefused) LogEnd(status);
  if (room_ != Room::kNotAsked) {
    if (const auto refusals = admission_->TakeRefusals(); refusals.has_value()) {
      context_.log.Write(LogLevel::kWarning, "overloaded",
                         {{"method", method_}, {"refused", *refusals}});
    }
  }
  if (const std::optional<absl::Duration> after = RetryHint(status); after.has_value()) {
    rpc_->AddTrailingMetadata(kRetryHintMetadata, absl::StrCat(absl::ToInt64Milliseconds(*after)));
  }
  // Before the answer goes: whoever has it may call again at once.
  if (room_ == Room::kTaken) admission_->Leave(place_of_);
  reactor_->Finish(ToGrpcStatus(status));
}

void RpcGate::LogEnd(const absl::Status& status) {
  const int64_t duration_ms = absl::ToInt64Milliseconds(context_.clock.Monotonic() - started_);
  const bool ours = status.code() == absl::StatusCode::kInternal ||
                    status.code() == absl::StatusCode::kDataLoss ||
                    status.code() == absl::StatusCode::kUnknown;
  context_.log.Write(ours ? LogLevel::kError : LogLevel::kInfo, "rpc",
                     {{"method", method_},
                      {"code", absl::StatusCodeToString(status.code())},
                      {"duration_ms", duration_ms},
                      {"programme", programme_id_}});
}

void CleanAnswer(google::protobuf::Message& answer) {
  // The feed was filtered for its audience when it was made, payload by payload.
  if (answer.GetDescriptor() == v1::SyncResponse::descriptor()) return;
  FilterMessage(answer, v1::PRIVACY_TEAM);
}

}  // namespace baraza::server
