#include "core/model/authority.h"

namespace baraza {
namespace {

bool IsAuthorTeam(const v1::Header& header, const v1::Header& creation) {
  if (header.author_id() == creation.author_id()) return true;
  return header.author_role() == v1::ROLE_TEAM_LEAD && !header.team_id().empty() &&
         header.team_id() == creation.team_id();
}

}  // namespace

bool IsOffice(v1::Role role) {
  return role == v1::ROLE_ME_OFFICER || role == v1::ROLE_ADMINISTRATOR;
}

bool MayWrite(v1::Role role) {
  return role == v1::ROLE_COLLECTOR || role == v1::ROLE_TEAM_LEAD || IsOffice(role);
}

bool MayChange(v1::Authority authority, const v1::Header& header, const v1::Header& creation,
               absl::string_view addressed_team_id) {
  const v1::Role role = header.author_role();
  if (!MayWrite(role)) return false;
  switch (authority) {
    case v1::AUTHORITY_UNSPECIFIED:
    case v1::AUTHORITY_AUTHOR_TEAM:
      return IsAuthorTeam(header, creation);
    case v1::AUTHORITY_OFFICE:
      return IsOffice(role);
    case v1::AUTHORITY_ADMINISTRATOR:
      return role == v1::ROLE_ADMINISTRATOR;
    case v1::AUTHORITY_AUTHOR_TEAM_OR_OFFICE:
      return IsOffice(role) || IsAuthorTeam(header, creation);
    case v1::AUTHORITY_ADDRESSEE:
      return IsOffice(role) || header.author_id() == creation.author_id() ||
             (!header.team_id().empty() &&
              (header.team_id() == creation.team_id() || header.team_id() == addressed_team_id));
    default:
      return false;
  }
}

bool MayCreate(v1::Authority authority, const v1::Header& creation) {
  return authority == v1::AUTHORITY_ADDRESSEE ? MayWrite(creation.author_role())
                                              : MayChange(authority, creation, creation, "");
}

bool MaySetStage(v1::Role role, v1::ReportStage stage, bool creating) {
  switch (stage) {
    case v1::REPORT_STAGE_UNSPECIFIED:
      return false;
    case v1::REPORT_STAGE_SUBMITTED:
      return creating || !IsOffice(role);
    case v1::REPORT_STAGE_RETURNED:
    case v1::REPORT_STAGE_ENDORSED:
      return IsOffice(role);
    default:
      return true;
  }
}

}  // namespace baraza
