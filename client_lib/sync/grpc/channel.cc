#include "client_lib/sync/grpc/channel.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"

namespace baraza::client {
namespace {

// A dead connection is noticed within a minute and a half, at two small packets a minute.
constexpr absl::Duration kKeepalive = absl::Seconds(60);
constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(30);
// The engine decides when to try again; the channel must not refuse to dial for longer than that.
constexpr absl::Duration kReconnectBackoff = absl::Seconds(1);

int Ms(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

bool IsIpv4Loopback(absl::string_view host) {
  const std::vector<absl::string_view> numbers = absl::StrSplit(host, '.');
  if (numbers.size() != 4 || numbers[0] != "127") return false;
  return std::all_of(numbers.begin(), numbers.end(), [](absl::string_view number) {
    uint32_t value = 0;
    return absl::SimpleAtoi(number, &value) && value <= 255 && number.size() <= 3;
  });
}

}  // namespace

bool IsLoopbackAddress(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos) return false;
  uint32_t port = 0;
  if (!absl::SimpleAtoi(address.substr(colon + 1), &port) || port == 0 || port > 65535) {
    return false;
  }
  const absl::string_view host = address.substr(0, colon);
  return absl::EqualsIgnoreCase(host, "localhost") || host == "[::1]" || IsIpv4Loopback(host);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(absl::string_view address,
                                                           absl::string_view ca_certificate,
                                                           size_t max_message_bytes,
                                                           Compression compression) {
  const bool loopback = IsLoopbackAddress(address);
  if (ca_certificate.empty() && !loopback) {
    return InvalidField("connection", "ca_certificate",
                        "a CA certificate, for an address that is not loopback", "none");
  }
  grpc::ChannelArguments arguments;
  const int limit =
      static_cast<int>(std::min<size_t>(max_message_bytes, std::numeric_limits<int>::max()));
  arguments.SetMaxReceiveMessageSize(limit);
  arguments.SetMaxSendMessageSize(limit);
  if (compression == Compression::kGzip) {
    arguments.SetCompressionAlgorithm(GRPC_COMPRESS_GZIP);
  } else {
    // What is not enabled is not offered to the server.
    arguments.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1 << GRPC_COMPRESS_NONE);
  }
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Ms(kKeepalive));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Ms(kKeepaliveTimeout));
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, Ms(kReconnectBackoff));
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, Ms(kReconnectBackoff));
  // Channels of one process do not wait for one another's failed attempts.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // What is on this machine is not behind a proxy.
  if (loopback) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);

  std::shared_ptr<grpc::ChannelCredentials> credentials;
  if (ca_certificate.empty()) {
    credentials = grpc::InsecureChannelCredentials();
  } else {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = std::string(ca_certificate);
    credentials = grpc::SslCredentials(options);
  }
  return grpc::CreateCustomChannel(std::string(address), credentials, arguments);
}

void PrepareCall(grpc::ClientContext& context, absl::Duration deadline,
                 absl::string_view credential) {
  // A span from now, so that a wall clock that jumps does not matter.
  context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                   gpr_time_from_millis(absl::ToInt64Milliseconds(deadline), GPR_TIMESPAN)));
  if (!credential.empty()) {
    context.AddMetadata("authorization", absl::StrCat("Bearer ", credential));
  }
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace baraza::client
