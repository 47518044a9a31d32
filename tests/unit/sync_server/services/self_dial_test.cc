#include "sync_server/services/self_dial.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "sync_server/auth/certificates.h"
#include "tests/testing/status_matchers.h"

namespace baraza::server {
namespace {

using ::baraza::test::StatusIs;

TEST(SelfDial, HearsAServerWithAndWithoutTls) {
  SystemRandom random;
  ASSERT_OK_AND_ASSIGN(const KeyPair authority, MakeAuthority("test", random));
  ASSERT_OK_AND_ASSIGN(const KeyPair certificate,
                       MakeServerCertificate(authority, {"elsewhere.example"}, random));
  for (const bool tls : {false, true}) {
    std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
    if (tls) {
      grpc::SslServerCredentialsOptions options(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
      options.pem_key_cert_pairs.push_back({certificate.private_key, certificate.certificate});
      credentials = grpc::SslServerCredentials(options);
    }
    grpc::CallbackGenericService service;
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port);
    builder.RegisterCallbackGenericService(&service);
    const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    ASSERT_NE(server, nullptr);
    EXPECT_OK(DialSelf(absl::StrCat("127.0.0.1:", port), tls, absl::Seconds(30)));
    EXPECT_THAT(DialSelf(absl::StrCat("127.0.0.1:", port), !tls, absl::Milliseconds(300)),
                StatusIs(absl::StatusCode::kUnavailable));
    server->Shutdown();
  }
}

// The kernel takes the connection, and nobody ever accepts it.
TEST(SelfDial, AListenerThatAcceptsNothingIsDeaf) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(fd, 16), 0);
  ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  EXPECT_THAT(
      DialSelf(absl::StrCat("127.0.0.1:", ntohs(address.sin_port)), false, absl::Milliseconds(300)),
      StatusIs(absl::StatusCode::kUnavailable));
  close(fd);
}

TEST(SelfDial, AllAddressesAreDialledOnLoopback) {
  EXPECT_EQ(SelfAddress("0.0.0.0:7443", 7443), "127.0.0.1:7443");
  EXPECT_EQ(SelfAddress("[::]:0", 9), "127.0.0.1:9");
  EXPECT_EQ(SelfAddress("[::1]:0", 9), "[::1]:9");
  EXPECT_EQ(SelfAddress("127.0.0.1:0", 12), "127.0.0.1:12");
  EXPECT_EQ(SelfAddress("10.0.0.7:1", 1), "10.0.0.7:1");
  EXPECT_EQ(SelfAddress("unix:/run/baraza", 0), "unix:/run/baraza");
}

}  // namespace
}  // namespace baraza::server
