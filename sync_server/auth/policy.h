#ifndef BARAZA_SYNC_SERVER_AUTH_POLICY_H_
#define BARAZA_SYNC_SERVER_AUTH_POLICY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baraza/v1/sync_service.pb.h"
#include "baraza/v1/types.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace baraza::server {

// Who may call what: one table, deny by default. What a caller then sees of an answer is
// core/model/privacy's business.

// A set of roles, one bit each.
using RoleSet = uint32_t;
constexpr RoleSet RoleBit(v1::Role role) { return RoleSet{1} << static_cast<uint32_t>(role); }

struct RpcPolicy {
  // "baraza.v1.SyncService.Sync", as the descriptor has it.
  absl::string_view method;
  // Whoever holds one of these roles. Zero together with `unauthenticated`: anybody.
  RoleSet roles = 0;
  bool unauthenticated = false;
  // A suspended credential may call it too (its pushes go to the quarantine).
  bool while_suspended = false;
  // The request field that names the programme ("name", "parent"); empty: the request names none,
  // and the handler holds whatever the request refers to against the caller's programme.
  absl::string_view programme_field;
};

// The table, sorted by method.
absl::Span<const RpcPolicy> Policies();

// Null: there is no such RPC, which means "denied".
const RpcPolicy* FindPolicy(absl::string_view method);

// Every service of baraza.v1, from the generated descriptors.
std::vector<const google::protobuf::ServiceDescriptor*> AllServices();

// OK when the table has exactly one entry for every RPC of `services` and none beside, and each
// programme field is a string of its request. The server does not start otherwise.
absl::Status CheckPolicies(absl::Span<const google::protobuf::ServiceDescriptor* const> services,
                           absl::Span<const RpcPolicy> policies);

// Whether this caller may call this method on this request: PERMISSION_DENIED when the role may not
// or the programme is not the caller's (whether or not it exists); INVALID_ARGUMENT when the
// programme field is no resource name. `membership` is null for a caller without a credential:
// UNAUTHENTICATED unless the method is open.
absl::Status Authorize(const RpcPolicy& policy, const v1::Membership* membership, bool suspended,
                       const google::protobuf::Message& request);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_AUTH_POLICY_H_
