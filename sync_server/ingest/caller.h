#ifndef BARAZA_SYNC_SERVER_INGEST_CALLER_H_
#define BARAZA_SYNC_SERVER_INGEST_CALLER_H_

#include <string>
#include <vector>

#include "baraza/v1/sync_service.pb.h"
#include "core/model/validate.h"

namespace baraza::server {

// Who calls, as auth found out from the credential.
struct Caller {
  // Everything ever granted to the person: operations are judged by it, so that what was written
  // before a move to another team is still taken.
  AuthorGrant grant;
  // The place in the programme now: decides what may be read.
  v1::Membership membership;
  bool suspended = false;
  std::string credential_id;
  // Sorted, from ingest/audience.h.
  std::vector<std::string> audiences;
};

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_INGEST_CALLER_H_
