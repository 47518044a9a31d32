#ifndef BARAZA_CLIENT_LIB_SYNC_GRPC_ENROLMENT_CLIENT_H_
#define BARAZA_CLIENT_LIB_SYNC_GRPC_ENROLMENT_CLIENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baraza/v1/enrolment_service.pb.h"

namespace baraza::client {

// Reads "baraza1:" and base64url, with or without padding, white space around it allowed.
// INVALID_ARGUMENT for anything else; the code itself is never quoted.
absl::StatusOr<v1::EnrolmentCode> DecodeEnrolmentCode(absl::string_view code);

// What Client::Bind takes.
struct Enrolment {
  v1::EnrolResponse response;
  std::string address;
  std::string ca_certificate;
};

// Trades a one-time code for a credential, at the address that the code names. `device_id` is
// Client::DeviceId(), `label` what the office sees ("Amina's phone"). Blocks, at most `deadline`.
// Errors are the server's (an unknown, used or expired code is UNAUTHENTICATED or NOT_FOUND there)
// or those of OpenChannel. When the answer is lost the code is used up: ask for another one.
absl::StatusOr<Enrolment> Enrol(absl::string_view code, absl::string_view device_id,
                                absl::string_view label, absl::Duration deadline);

}  // namespace baraza::client

#endif  // BARAZA_CLIENT_LIB_SYNC_GRPC_ENROLMENT_CLIENT_H_
