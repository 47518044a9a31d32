#include "tests/e2e/desk.h"

#include <chrono>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace baraza::e2e {

Desk::Desk(const std::string& address, const std::string& ca, std::string credential)
    : credential_(std::move(credential)) {
  if (!address.empty()) Dial(address, ca);
}

void Desk::Dial(const std::string& address, const std::string& ca) {
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  if (ca.empty()) {
    credentials = grpc::InsecureChannelCredentials();
  } else {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ca;
    credentials = grpc::SslCredentials(options);
  }
  grpc::ChannelArguments arguments;
  // A channel of its own, which does not remember how an earlier server ended.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(64 << 20);
  channel_ = grpc::CreateCustomChannel(address, credentials, arguments);
}

void Desk::Prepare(grpc::ClientContext& context) const {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  if (!credential_.empty()) {
    context.AddMetadata("authorization", absl::StrCat("Bearer ", credential_));
  }
}

absl::StatusOr<v1::EnrolResponse> Desk::Enrol(const std::string& code,
                                              const std::string& device_id) {
  v1::EnrolRequest request;
  request.set_secret(ReadCode(code).secret());
  request.set_device_id(device_id);
  request.set_label("test");
  credential_.clear();
  auto response = Call<v1::EnrolmentService>(&v1::EnrolmentService::Stub::Enrol, request);
  if (response.ok()) {
    credential_ = response->credential();
    membership_ = response->membership();
  }
  return response;
}

std::string Desk::NewCode(const std::string& person_id) {
  v1::CreateEnrolmentCodeRequest request;
  request.set_parent(Programme());
  request.set_person_id(person_id);
  const auto response =
      Call<v1::EnrolmentService>(&v1::EnrolmentService::Stub::CreateEnrolmentCode, request);
  EXPECT_TRUE(response.ok()) << response.status();
  return response.ok() ? response->code() : "";
}

std::string Desk::Create(const v1::Record& record) {
  v1::CreateRecordRequest request;
  request.set_parent(Programme());
  *request.mutable_record() = record;
  const auto view = Call<v1::ProgrammeService>(&v1::ProgrammeService::Stub::CreateRecord, request);
  EXPECT_TRUE(view.ok()) << view.status() << "\n" << record.ShortDebugString();
  return view.ok() ? view->record_id() : "";
}

absl::StatusOr<v1::Figure> Desk::Figure(const std::string& indicator, const std::string& period,
                                        int64_t position, const std::string& as_of) {
  v1::GetFigureRequest request;
  request.set_name(FigureName(indicator, period));
  request.set_as_of(as_of);
  request.set_min_log_position(position);
  return Call<v1::IndicatorService>(&v1::IndicatorService::Stub::GetFigure, request);
}

v1::EnrolmentCode ReadCode(const std::string& text) {
  v1::EnrolmentCode code;
  std::string bytes;
  const bool read = absl::StartsWith(text, "baraza1:") &&
                    absl::WebSafeBase64Unescape(text.substr(8), &bytes) &&
                    code.ParseFromString(bytes);
  EXPECT_TRUE(read) << "not an enrolment code";
  return code;
}

}  // namespace baraza::e2e
