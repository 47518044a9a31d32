#ifndef BARAZA_CLIENT_LIB_CLI_OFFICE_H_
#define BARAZA_CLIENT_LIB_CLI_OFFICE_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baraza/v1/programme_service.pb.h"
#include "baraza/v1/sync_service.pb.h"
#include "client_lib/client.h"
#include "core/model/register.h"

namespace baraza::client {

// Asks the server with a device's credential. One call at a time, each with a deadline. The
// credential goes into the call's metadata and nowhere else.
class Office {
 public:
  // Makes the channel; nothing is sent yet. INVALID_ARGUMENT: plaintext to an address that is not
  // loopback.
  static absl::StatusOr<std::unique_ptr<Office>> Connect(const Connection& connection,
                                                         const v1::Membership& membership,
                                                         absl::Duration timeout);

  const v1::Membership& membership() const { return membership_; }

  // "programmes/{programme}".
  std::string Programme() const;
  // "programmes/{programme}/{collection}/{id}".
  std::string Name(absl::string_view collection, absl::string_view id) const;

  // office.Call<v1::SessionService>(&v1::SessionService::StubInterface::GetSession, request).
  template <typename Service, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Service::StubInterface::*method)(grpc::ClientContext*,
                                                                               const Request&,
                                                                               Response*),
                                const Request& request) {
    const std::unique_ptr<typename Service::Stub> stub = Service::NewStub(channel_);
    grpc::ClientContext context;
    Prepare(context);
    Response response;
    typename Service::StubInterface& interface = *stub;
    const grpc::Status status = (interface.*method)(&context, request, &response);
    if (!status.ok()) return ToStatus(status);
    return response;
  }

  // One record; NOT_FOUND also for one that the caller may not see.
  absl::StatusOr<v1::RecordView> GetRecord(const std::string& id);
  // The whole register as the server has it, for names that the device has not pulled yet.
  absl::StatusOr<Register> FetchRegister();

 private:
  Office(std::shared_ptr<grpc::Channel> channel, std::string credential, v1::Membership membership,
         absl::Duration timeout);

  void Prepare(grpc::ClientContext& context) const;
  static absl::Status ToStatus(const grpc::Status& status);

  std::shared_ptr<grpc::Channel> channel_;
  std::string credential_;
  v1::Membership membership_;
  absl::Duration timeout_;
};

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_CLI_OFFICE_H_
