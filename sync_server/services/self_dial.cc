#include "sync_server/services/self_dial.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <chrono>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace baraza::server {
namespace {

std::shared_ptr<grpc::ChannelCredentials> AnyCertificate() {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_verifier(std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace

absl::Status DialSelf(const std::string& address, bool tls, absl::Duration patience) {
  grpc::ChannelArguments arguments;
  // A connection of its own, not one that is there already.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const std::shared_ptr<grpc::Channel> channel = grpc::CreateCustomChannel(
      address, tls ? AnyCertificate() : grpc::InsecureChannelCredentials(), arguments);
  if (channel->WaitForConnected(std::chrono::system_clock::now() +
                                absl::ToChronoMilliseconds(patience))) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat("nobody answers on ", address));
}

std::string SelfAddress(const std::string& listen, int port) {
  if (absl::StartsWith(listen, "unix:")) return listen;
  std::string host = listen.substr(0, listen.rfind(':'));
  // gRPC's [::] takes IPv4 as well, and is 0.0.0.0 where there is no IPv6.
  if (host.empty() || host == "0.0.0.0" || host == "[::]") host = "127.0.0.1";
  return absl::StrCat(host, ":", port);
}

}  // namespace baraza::server
