#include "sync_server/commands/offline.h"

#include <optional>
#include <utility>

#include "core/base/status.h"
#include "sync_server/auth/grants.h"

namespace baraza::server {

absl::StatusOr<std::unique_ptr<OfflineProgramme>> OfflineProgramme::Open(
    const std::string& path, const std::string& programme_id, bool create, Clock& clock,
    Random& random) {
  ProgrammeStore::Options options;
  options.create = create;
  options.programme_id = programme_id;
  BARAZA_ASSIGN_OR_RETURN(std::unique_ptr<ProgrammeStore> store,
                          ProgrammeStore::Open(path, options, clock, random));
  return std::unique_ptr<OfflineProgramme>(new OfflineProgramme(std::move(store), clock, random));
}

absl::StatusOr<v1::RecordState> OfflineProgramme::Create(const ProgrammeEntry& programme,
                                                         v1::RecordType type,
                                                         const std::string& record_id,
                                                         const google::protobuf::Message& record) {
  const PersonGrant grant = OperatorGrant(programme);
  Caller caller;
  caller.grant.programme_id = programme.programme_id;
  caller.grant.person_id = programme.operator_person_id;
  caller.grant.roles = grant.roles;
  caller.membership = grant.membership;
  std::optional<absl::StatusOr<Desk::Outcome>> outcome;
  desk_.Append(caller, type, record_id, nullptr, record, "",
               [&outcome](absl::StatusOr<Desk::Outcome> result) { outcome = std::move(result); });
  while (commit_.Flush() > 0) {
  }
  if (!outcome.has_value()) return absl::InternalError("the desk did not answer");
  BARAZA_RETURN_IF_ERROR(outcome->status());
  return std::move(**outcome).state;
}

absl::Status OfflineProgramme::Project(bool rebuild,
                                       const std::function<void(int64_t, int64_t)>& progress) {
  Projection projection(*store_, commit_);
  if (!rebuild) {
    BARAZA_ASSIGN_OR_RETURN(rebuild, projection.Load());
  }
  if (rebuild) {
    std::optional<absl::Status> rebuilt;
    projection.Rebuild([&rebuilt](absl::Status status) { rebuilt = std::move(status); });
    while (commit_.Flush() > 0) {
    }
    if (!rebuilt.has_value()) return absl::InternalError("the rebuild did not begin");
    BARAZA_RETURN_IF_ERROR(*rebuilt);
  }
  BARAZA_ASSIGN_OR_RETURN(const int64_t end, store_->LogPosition());
  while (true) {
    std::optional<absl::StatusOr<bool>> more;
    projection.Step([&more](absl::StatusOr<bool> result) { more = std::move(result); });
    while (commit_.Flush() > 0) {
    }
    if (!more.has_value()) return absl::InternalError("the projection did not step");
    BARAZA_RETURN_IF_ERROR(more->status());
    if (progress) progress(projection.watermark(), end);
    if (!**more) return absl::OkStatus();
  }
}

}  // namespace baraza::server
