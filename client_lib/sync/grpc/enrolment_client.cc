#include "client_lib/sync/grpc/enrolment_client.h"

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "baraza/v1/enrolment_service.grpc.pb.h"
#include "client_lib/limits.h"
#include "client_lib/sync/grpc/channel.h"
#include "core/base/status.h"

namespace baraza::client {
namespace {

constexpr absl::string_view kCodePrefix = "baraza1:";

absl::Status BadCode(absl::string_view got) {
  return InvalidField("enrolment code", "", "\"baraza1:\" and base64url, as the office gave it",
                      got);
}

}  // namespace

absl::StatusOr<v1::EnrolmentCode> DecodeEnrolmentCode(absl::string_view code) {
  code = absl::StripAsciiWhitespace(code);
  if (code.size() > kMaxEnrolmentCodeBytes) return BadCode(absl::StrCat(code.size(), " bytes"));
  if (!absl::ConsumePrefix(&code, kCodePrefix)) return BadCode("another beginning");
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(code, &bytes)) return BadCode("other characters");
  v1::EnrolmentCode decoded;
  if (!decoded.ParseFromString(bytes)) return BadCode("a part of it, or a mistyped one");
  if (decoded.address().empty() || decoded.secret().empty()) return BadCode("a part of it");
  return decoded;
}

absl::StatusOr<Enrolment> Enrol(absl::string_view code, absl::string_view device_id,
                                absl::string_view label, absl::Duration deadline) {
  BARAZA_ASSIGN_OR_RETURN(const v1::EnrolmentCode decoded, DecodeEnrolmentCode(code));
  BARAZA_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                          OpenChannel(decoded.address(), decoded.ca_certificate()));
  v1::EnrolRequest request;
  request.set_secret(decoded.secret());
  request.set_device_id(std::string(device_id));
  request.set_label(std::string(label));

  grpc::ClientContext context;
  PrepareCall(context, deadline, "");
  Enrolment enrolment;
  const grpc::Status status =
      v1::EnrolmentService::NewStub(channel)->Enrol(&context, request, &enrolment.response);
  if (!status.ok()) return Annotate(FromGrpc(status), "enrol");
  enrolment.address = decoded.address();
  enrolment.ca_certificate = decoded.ca_certificate();
  return enrolment;
}

}  // namespace baraza::client
