#include "sync_server/services/enrolment_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "sync_server/auth/resource_names.h"
#include "sync_server/services/paging.h"

namespace baraza::server {
namespace {

// The registry's entry with what the programme's store knows of its devices: those that took a new
// device id by themselves, and what each said last.
v1::Credential ToProto(const CredentialEntry& entry, const std::vector<DeviceRow>& devices) {
  v1::Credential credential;
  credential.set_credential_id(entry.credential_id);
  credential.set_person_id(entry.person_id);
  credential.set_label(entry.label);
  credential.set_state(entry.state);
  credential.set_created_ms(entry.created_ms);
  int64_t last_seen_ms = entry.last_seen_ms;
  std::vector<std::string> ids = entry.device_ids;
  int64_t state_ms = -1;
  for (const DeviceRow& device : devices) {
    if (device.credential_id != entry.credential_id) continue;
    ids.push_back(device.device_id);
    last_seen_ms = std::max(last_seen_ms, device.last_seen_ms);
    if (device.last_seen_ms > state_ms) {
      state_ms = device.last_seen_ms;
      *credential.mutable_device_state() = device.state;
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  credential.mutable_device_ids()->Assign(ids.begin(), ids.end());
  credential.set_last_seen_ms(last_seen_ms);
  return credential;
}

}  // namespace

grpc::ServerUnaryReactor* EnrolmentServiceImpl::CreateEnrolmentCode(
    grpc::CallbackServerContext* rpc, const v1::CreateEnrolmentCodeRequest* request,
    v1::CreateEnrolmentCodeResponse* response) {
  return ServeNow<v1::CreateEnrolmentCodeRequest, v1::CreateEnrolmentCodeResponse>(
      context_, rpc, "baraza.v1.EnrolmentService.CreateEnrolmentCode", request, response,
      [this](const Call& call, const v1::CreateEnrolmentCodeRequest& in)
          -> absl::StatusOr<v1::CreateEnrolmentCodeResponse> {
        BARAZA_RETURN_IF_ERROR(ParseProgrammeName(in.parent()).status());
        Enrolment::CodeRequest code;
        code.programme_id = call.host->programme_id();
        code.person_id = in.person_id();
        code.created_by = call.caller.grant.person_id;
        code.lifetime = absl::Seconds(in.lifetime_seconds());
        code.address = in.address().empty() ? context_.PublicAddress() : in.address();
        code.ca_certificate = context_.ca_certificate;
        return context_.enrolment.CreateCode(code);
      });
}

grpc::ServerUnaryReactor* EnrolmentServiceImpl::Enrol(grpc::CallbackServerContext* rpc,
                                                      const v1::EnrolRequest* request,
                                                      v1::EnrolResponse* response) {
  return ServeNow<v1::EnrolRequest, v1::EnrolResponse>(
      context_, rpc, "baraza.v1.EnrolmentService.Enrol", request, response,
      [this](const Call& call, const v1::EnrolRequest& in) -> absl::StatusOr<v1::EnrolResponse> {
        BARAZA_ASSIGN_OR_RETURN(Enrolment::Enrolled enrolled,
                                context_.enrolment.Enrol(in, call.peer));
        const auto host = context_.hosts.find(enrolled.credential.programme_id);
        if (host == context_.hosts.end()) {
          return absl::UnavailableError("this programme is not served at the moment");
        }
        v1::EnrolResponse out;
        out.set_credential(std::move(enrolled.token));
        out.set_credential_id(enrolled.credential.credential_id);
        Caller caller;
        caller.membership = std::move(enrolled.person.membership);
        host->second->Complete(caller);
        *out.mutable_membership() = std::move(caller.membership);
        out.set_server_epoch(host->second->store().epoch());
        return out;
      });
}

absl::StatusOr<v1::Credential> EnrolmentServiceImpl::SetState(const Call& call,
                                                              const std::string& credential_id,
                                                              v1::CredentialState state) {
  BARAZA_RETURN_IF_ERROR(ValidateId(credential_id, "crd"));
  const absl::StatusOr<CredentialEntry> known = context_.registry.GetCredential(credential_id);
  // One answer for an unknown credential and for another programme's.
  if (!known.ok() || known->programme_id != call.host->programme_id()) {
    return absl::PermissionDeniedError("this programme has no such credential");
  }
  BARAZA_ASSIGN_OR_RETURN(const CredentialEntry changed,
                          context_.registry.SetCredentialState(credential_id, state));
  BARAZA_ASSIGN_OR_RETURN(const std::vector<DeviceRow> devices, call.host->store().ListDevices());
  return ToProto(changed, devices);
}

grpc::ServerUnaryReactor* EnrolmentServiceImpl::SuspendCredential(
    grpc::CallbackServerContext* rpc, const v1::SuspendCredentialRequest* request,
    v1::Credential* response) {
  return ServeNow<v1::SuspendCredentialRequest, v1::Credential>(
      context_, rpc, "baraza.v1.EnrolmentService.SuspendCredential", request, response,
      [this](const Call& call, const v1::SuspendCredentialRequest& in) {
        return SetState(
            call, in.credential_id(),
            in.suspended() ? v1::CREDENTIAL_STATE_SUSPENDED : v1::CREDENTIAL_STATE_ACTIVE);
      });
}

grpc::ServerUnaryReactor* EnrolmentServiceImpl::RevokeCredential(
    grpc::CallbackServerContext* rpc, const v1::RevokeCredentialRequest* request,
    v1::Credential* response) {
  return ServeNow<v1::RevokeCredentialRequest, v1::Credential>(
      context_, rpc, "baraza.v1.EnrolmentService.RevokeCredential", request, response,
      [this](const Call& call, const v1::RevokeCredentialRequest& in) {
        return SetState(call, in.credential_id(), v1::CREDENTIAL_STATE_REVOKED);
      });
}

grpc::ServerUnaryReactor* EnrolmentServiceImpl::ListCredentials(
    grpc::CallbackServerContext* rpc, const v1::ListCredentialsRequest* request,
    v1::ListCredentialsResponse* response) {
  return ServeNow<v1::ListCredentialsRequest, v1::ListCredentialsResponse>(
      context_, rpc, "baraza.v1.EnrolmentService.ListCredentials", request, response,
      [this](const Call& call,
             const v1::ListCredentialsRequest& in) -> absl::StatusOr<v1::ListCredentialsResponse> {
        BARAZA_RETURN_IF_ERROR(ParseProgrammeName(in.parent()).status());
        BARAZA_ASSIGN_OR_RETURN(const int page_size, PageSize(in.page_size()));
        BARAZA_ASSIGN_OR_RETURN(const std::string after, PagePosition(in));
        BARAZA_ASSIGN_OR_RETURN(
            std::vector<CredentialEntry> entries,
            context_.registry.ListCredentials(call.host->programme_id(), after, page_size + 1));
        BARAZA_ASSIGN_OR_RETURN(const std::vector<DeviceRow> devices,
                                call.host->store().ListDevices());
        v1::ListCredentialsResponse out;
        for (const CredentialEntry& entry : entries) {
          if (out.credentials_size() == page_size) {
            out.set_next_page_token(PageToken(in, out.credentials(page_size - 1).credential_id()));
            break;
          }
          *out.add_credentials() = ToProto(entry, devices);
        }
        return out;
      });
}

grpc::ServerUnaryReactor* EnrolmentServiceImpl::GetMembership(
    grpc::CallbackServerContext* rpc, const v1::GetMembershipRequest* request,
    v1::Membership* response) {
  return ServeNow<v1::GetMembershipRequest, v1::Membership>(
      context_, rpc, "baraza.v1.EnrolmentService.GetMembership", request, response,
      [](const Call& call, const v1::GetMembershipRequest&) -> absl::StatusOr<v1::Membership> {
        return call.caller.membership;
      });
}

}  // namespace baraza::server
