// Enrolment codes, as the phone and the server read them, and the credential in a call's headers.

#include "baraza/v1/enrolment_service.pb.h"
#include "client_lib/sync/grpc/enrolment_client.h"
#include "sync_server/auth/secret.h"
#include "tests/fuzz/target.h"

namespace baraza::fuzz {
namespace {

void OneInput(absl::string_view text) {
  const absl::StatusOr<v1::EnrolmentCode> by_phone = client::DecodeEnrolmentCode(text);
  const absl::StatusOr<v1::EnrolmentCode> by_server = server::DecodeEnrolmentCode(text);
  for (const absl::Status& status : {by_phone.status(), by_server.status()}) {
    if (status.ok()) continue;
    FUZZ_CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    // Whoever holds it is enrolled: no part of it is repeated.
    FUZZ_CHECK(status.message().size() < 200);
  }
  if (by_server.ok()) {
    const std::string again = server::EncodeEnrolmentCode(*by_server);
    const absl::StatusOr<v1::EnrolmentCode> decoded = server::DecodeEnrolmentCode(again);
    FUZZ_CHECK(decoded.ok());
    FUZZ_CHECK(decoded->SerializeAsString() == by_server->SerializeAsString());
    // What the server takes for a code a phone can use, if it says where to call.
    FUZZ_CHECK(by_server->address().empty() || by_phone.ok());
  }
  if (by_phone.ok() && by_server.ok()) {
    FUZZ_CHECK(by_phone->SerializeAsString() == by_server->SerializeAsString());
  }
  if (server::HashOfAuthorization(text).has_value()) FUZZ_CHECK(text.size() > 7);
}

std::vector<std::string> Seeds() {
  v1::EnrolmentCode code;
  code.set_address("baraza.example.org:7443");
  code.set_secret(std::string(32, 's'));
  code.set_ca_certificate("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
  const std::string whole = server::EncodeEnrolmentCode(code);
  return {whole,
          " " + whole + "==\n",
          whole.substr(0, whole.size() / 2),
          "baraza1:",
          "baraza2:" + whole.substr(8),
          "baraza1:!!!!",
          "Bearer " + server::TokenOf(std::string(32, 't')),
          "bearer  "};
}

const Registration registration({"enrolment_code", &OneInput, &Seeds});

}  // namespace
}  // namespace baraza::fuzz
