#ifndef BARAZA_CLIENT_LIB_SYNC_GRPC_CHANNEL_H_
#define BARAZA_CLIENT_LIB_SYNC_GRPC_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client_lib/limits.h"

namespace baraza::client {

// Whether "host:port" names this very machine: localhost, 127.0.0.0/8 or ::1. Nothing is resolved.
bool IsLoopbackAddress(absl::string_view address);

// What a channel compresses. gzip takes some 25 ms a megabyte: less than a network takes to carry
// what it saves, many times more than loopback does.
enum class Compression { kGzip, kNone };

// A channel to "host:port": TLS that trusts just the CA certificate (PEM), or plaintext when that
// is empty, to loopback addresses only (else INVALID_ARGUMENT). Keepalive while calls are under
// way, no retries of gRPC's own, messages of at most `max_message_bytes` either way. With kNone the
// server is asked not to compress either. Nothing is dialled yet. Any thread.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(
    absl::string_view address, absl::string_view ca_certificate,
    size_t max_message_bytes = kMaxMessageBytes, Compression compression = Compression::kGzip);

// The deadline and, if not empty, the credential of one call. The credential travels as metadata,
// "authorization: Bearer ...", so plaintext must be loopback, as OpenChannel sees to.
void PrepareCall(grpc::ClientContext& context, absl::Duration deadline,
                 absl::string_view credential);

// The same code and message.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_SYNC_GRPC_CHANNEL_H_
