#ifndef BARAZA_TESTS_E2E_DESK_H_
#define BARAZA_TESTS_E2E_DESK_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "baraza/v1/enrolment_service.grpc.pb.h"
#include "baraza/v1/indicator_service.grpc.pb.h"
#include "baraza/v1/programme_service.grpc.pb.h"
#include "baraza/v1/review_service.grpc.pb.h"
#include "baraza/v1/session_service.grpc.pb.h"
#include "baraza/v1/sync_service.grpc.pb.h"

namespace baraza::e2e {

// Somebody with a credential, or without one, who calls a running server by the generated stubs
// alone: an implementation of the API that shares nothing with the product's clients.
class Desk {
 public:
  // `ca` is PEM; empty: plaintext. An empty address: Dial before the first call. Sends nothing yet.
  Desk(const std::string& address, const std::string& ca, std::string credential);

  // Ends the channel and dials again: a server that was started anew listens elsewhere.
  void Dial(const std::string& address, const std::string& ca = "");
  // Ends the channel; Dial before the next call.
  void HangUp() { channel_ = nullptr; }

  void SetMembership(const v1::Membership& membership) { membership_ = membership; }
  const v1::Membership& membership() const { return membership_; }
  std::string Programme() const { return "programmes/" + membership_.programme_id(); }
  std::string RecordName(const std::string& id) const { return Programme() + "/records/" + id; }
  std::string SessionName(const std::string& id) const { return Programme() + "/sessions/" + id; }
  std::string FigureName(const std::string& indicator, const std::string& period) const {
    return Programme() + "/indicators/" + indicator + "/figures/" + period;
  }

  // desk.Call<v1::SessionService>(&v1::SessionService::Stub::GetSession, request)
  template <typename Service, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                                const Request& request) {
    const auto stub = Service::NewStub(channel_);
    grpc::ClientContext context;
    Prepare(context);
    Response response;
    const grpc::Status status = ((*stub).*method)(&context, request, &response);
    if (status.ok()) return response;
    return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  }

  // Enrols with a code as `device_id`; on success this desk has that credential from then on.
  absl::StatusOr<v1::EnrolResponse> Enrol(const std::string& code, const std::string& device_id);
  // A code for a person, dialling the server's own address. Fails the test on an error.
  std::string NewCode(const std::string& person_id);
  // Creates a record; its id. Fails the test on an error.
  std::string Create(const v1::Record& record);
  // The figure as of the end of 2026, once the server has taken in its log up to `position`.
  absl::StatusOr<v1::Figure> Figure(const std::string& indicator, const std::string& period,
                                    int64_t position, const std::string& as_of = "2027-01-31");

 private:
  void Prepare(grpc::ClientContext& context) const;

  std::shared_ptr<grpc::Channel> channel_;
  std::string credential_;
  v1::Membership membership_;
};

// The content of "baraza1:..."; fails the test when it is none.
v1::EnrolmentCode ReadCode(const std::string& text);

}  // namespace baraza::e2e

#endif  // BARAZA_TESTS_E2E_DESK_H_
