#include "sync_server/auth/policy.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "absl/strings/str_cat.h"
#include "baraza/v1/enrolment_service.pb.h"
#include "baraza/v1/indicator_service.pb.h"
#include "baraza/v1/programme_service.pb.h"
#include "baraza/v1/review_service.pb.h"
#include "baraza/v1/session_service.pb.h"
#include "core/base/status.h"
#include "sync_server/auth/resource_names.h"

namespace baraza::server {
namespace {

constexpr RoleSet kAdministrator = RoleBit(v1::ROLE_ADMINISTRATOR);
constexpr RoleSet kOffice = RoleBit(v1::ROLE_ME_OFFICER) | kAdministrator;
constexpr RoleSet kOfficeAndAuditor = kOffice | RoleBit(v1::ROLE_AUDITOR);
// An auditor's computer reads through the services; it has nothing to push.
constexpr RoleSet kWriters = kOffice | RoleBit(v1::ROLE_COLLECTOR) | RoleBit(v1::ROLE_TEAM_LEAD);
constexpr RoleSet kMembers = kWriters | RoleBit(v1::ROLE_AUDITOR);

constexpr RpcPolicy Open(absl::string_view method) { return {method, 0, true, false, ""}; }
constexpr RpcPolicy Own(absl::string_view method, RoleSet roles) {
  return {method, roles, false, false, ""};
}
constexpr RpcPolicy OwnEvenSuspended(absl::string_view method, RoleSet roles) {
  return {method, roles, false, true, ""};
}
constexpr RpcPolicy OnName(absl::string_view method, RoleSet roles) {
  return {method, roles, false, false, "name"};
}
constexpr RpcPolicy OnParent(absl::string_view method, RoleSet roles) {
  return {method, roles, false, false, "parent"};
}

constexpr RpcPolicy kPolicies[] = {
    OnParent("baraza.v1.EnrolmentService.CreateEnrolmentCode", kAdministrator),
    Open("baraza.v1.EnrolmentService.Enrol"),
    OwnEvenSuspended("baraza.v1.EnrolmentService.GetMembership", kMembers),
    OnParent("baraza.v1.EnrolmentService.ListCredentials", kAdministrator),
    Own("baraza.v1.EnrolmentService.RevokeCredential", kAdministrator),
    Own("baraza.v1.EnrolmentService.SuspendCredential", kAdministrator),
    OnName("baraza.v1.IndicatorService.GetFigure", kMembers),
    OnParent("baraza.v1.IndicatorService.ListFigures", kMembers),
    OnParent("baraza.v1.IndicatorService.ListPublishedFigures", kMembers),
    OnName("baraza.v1.IndicatorService.PublishFigure", kOffice),
    OnName("baraza.v1.IndicatorService.RestateFigure", kOffice),
    OnParent("baraza.v1.ProgrammeService.CreateRecord", kOffice),
    OnName("baraza.v1.ProgrammeService.GetRecord", kMembers),
    OnParent("baraza.v1.ProgrammeService.ListQuarantine", kOfficeAndAuditor),
    OnParent("baraza.v1.ProgrammeService.ListRecords", kMembers),
    OnName("baraza.v1.ProgrammeService.RedactRecord", kOffice),
    OnName("baraza.v1.ProgrammeService.UpdateRecord", kOffice),
    OnName("baraza.v1.ProgrammeService.VoidRecord", kOffice),
    OnName("baraza.v1.ReviewService.AnswerReviewSample", kOffice),
    OnParent("baraza.v1.ReviewService.CreateFollowUp", kOffice),
    OnParent("baraza.v1.ReviewService.CreateRuling", kOffice),
    OnName("baraza.v1.ReviewService.DrawReviewSample", kOffice),
    OnName("baraza.v1.ReviewService.EndorseReport", kOffice),
    OnParent("baraza.v1.ReviewService.ListFollowUps", kMembers),
    OnParent("baraza.v1.ReviewService.ListReviewQueue", kOfficeAndAuditor),
    OnParent("baraza.v1.ReviewService.ListRulingHistories", kOfficeAndAuditor),
    OnParent("baraza.v1.ReviewService.ListRulings", kOfficeAndAuditor),
    OnName("baraza.v1.ReviewService.ReturnReport", kOffice),
    OnName("baraza.v1.ReviewService.WithdrawRuling", kOffice),
    OnParent("baraza.v1.SessionService.ExplainPair", kMembers),
    OnName("baraza.v1.SessionService.ExplainSession", kMembers),
    OnName("baraza.v1.SessionService.GetSession", kMembers),
    OnParent("baraza.v1.SessionService.ListSessions", kMembers),
    OwnEvenSuspended("baraza.v1.SyncService.Sync", kWriters),
};

constexpr bool StrictlySorted() {
  for (size_t i = 1; i < std::size(kPolicies); ++i) {
    if (!(kPolicies[i - 1].method < kPolicies[i].method)) return false;
  }
  return true;
}
static_assert(StrictlySorted(), "FindPolicy searches by bisection");

}  // namespace

absl::Span<const RpcPolicy> Policies() { return kPolicies; }

const RpcPolicy* FindPolicy(absl::string_view method) {
  const RpcPolicy* found = std::lower_bound(
      std::begin(kPolicies), std::end(kPolicies), method,
      [](const RpcPolicy& policy, absl::string_view wanted) { return policy.method < wanted; });
  return found != std::end(kPolicies) && found->method == method ? found : nullptr;
}

std::vector<const google::protobuf::ServiceDescriptor*> AllServices() {
  // One message of each file links the file's descriptor in.
  const google::protobuf::Descriptor* const messages[] = {
      v1::EnrolRequest::descriptor(),      v1::GetFigureRequest::descriptor(),
      v1::GetRecordRequest::descriptor(),  v1::ListReviewQueueRequest::descriptor(),
      v1::GetSessionRequest::descriptor(), v1::SyncRequest::descriptor(),
  };
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const google::protobuf::Descriptor* message : messages) {
    const google::protobuf::FileDescriptor* file = message->file();
    for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  return services;
}

absl::Status CheckPolicies(absl::Span<const google::protobuf::ServiceDescriptor* const> services,
                           absl::Span<const RpcPolicy> policies) {
  std::map<std::string, const RpcPolicy*> left;
  for (const RpcPolicy& policy : policies) {
    if (!left.emplace(std::string(policy.method), &policy).second) {
      return absl::InternalError(absl::StrCat("RPC ", policy.method, " has two policies"));
    }
    if ((policy.roles == 0) != policy.unauthenticated) {
      return absl::InternalError(absl::StrCat("RPC ", policy.method, ": the policy names no role"));
    }
  }
  for (const google::protobuf::ServiceDescriptor* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      const google::protobuf::MethodDescriptor* method = service->method(i);
      const auto found = left.find(method->full_name());
      if (found == left.end()) {
        return absl::InternalError(absl::StrCat("RPC ", method->full_name(), " has no policy"));
      }
      const absl::string_view field_name = found->second->programme_field;
      const google::protobuf::Descriptor* request = method->input_type();
      if (!field_name.empty()) {
        const google::protobuf::FieldDescriptor* field =
            request->FindFieldByName(std::string(field_name));
        if (field == nullptr || field->is_repeated() ||
            field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
          return absl::InternalError(
              absl::StrCat("RPC ", method->full_name(), " has no string field ", field_name));
        }
      } else if (request->FindFieldByName("name") != nullptr ||
                 request->FindFieldByName("parent") != nullptr) {
        return absl::InternalError(
            absl::StrCat("RPC ", method->full_name(), ": the policy overlooks the resource name"));
      }
      left.erase(found);
    }
  }
  if (!left.empty()) {
    return absl::InternalError(
        absl::StrCat("there is a policy for ", left.begin()->first, ", but no such RPC"));
  }
  return absl::OkStatus();
}

absl::Status Authorize(const RpcPolicy& policy, const v1::Membership* membership, bool suspended,
                       const google::protobuf::Message& request) {
  if (policy.unauthenticated) return absl::OkStatus();
  if (membership == nullptr) {
    return absl::UnauthenticatedError("this call needs a credential: enrol first");
  }
  if (suspended && !policy.while_suspended) {
    return absl::PermissionDeniedError("this credential is suspended; ask an administrator");
  }
  if (membership->role() <= v1::ROLE_UNSPECIFIED || membership->role() > v1::Role_MAX ||
      (policy.roles & RoleBit(membership->role())) == 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(policy.method, " is not for ", v1::Role_Name(membership->role())));
  }
  if (policy.programme_field.empty()) return absl::OkStatus();
  const google::protobuf::FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName(std::string(policy.programme_field));
  const std::string name = request.GetReflection()->GetString(request, field);
  absl::StatusOr<std::string> programme = ProgrammeOf(name);
  if (!programme.ok()) return Annotate(programme.status(), policy.programme_field);
  // The same answer for a programme that exists and for one that does not.
  if (*programme != membership->programme_id()) {
    return absl::PermissionDeniedError("this credential is for another programme");
  }
  return absl::OkStatus();
}

}  // namespace baraza::server
