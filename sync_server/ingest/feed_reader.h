#ifndef BARAZA_SYNC_SERVER_INGEST_FEED_READER_H_
#define BARAZA_SYNC_SERVER_INGEST_FEED_READER_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "baraza/v1/sync_service.pb.h"
#include "core/model/privacy.h"
#include "sync_server/ingest/caller.h"
#include "sync_server/store/programme_store.h"

namespace baraza::server {

// How `membership` looks at records.
Viewer ViewerOf(const v1::Membership& membership);

// The strictest class that the caller may see of what `audience` holds.
v1::Privacy GreatestClassOf(absl::string_view audience, const v1::Membership& membership);

// Puts the feed after `cursor` into the response: items, next cursor, has_more, feed_reset, and
// lamport_max as of the same moment. The feed starts anew (position 0) when the cursor is empty or
// its epoch, scope or schema level is not today's. Digests of sessions more than 13 months before
// `now` are left out. The items take at most about `max_bytes`, though one always fits.
absl::Status ReadFeedInto(ProgrammeStore& store, const Caller& caller, const v1::Cursor& cursor,
                          absl::Time now, size_t max_bytes, v1::SyncResponse* response);

}  // namespace baraza::server

#endif  // BARAZA_SYNC_SERVER_INGEST_FEED_READER_H_
