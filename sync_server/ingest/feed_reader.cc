#include "sync_server/ingest/feed_reader.h"

#include <string>
#include <utility>

#include "absl/time/civil_time.h"
#include "core/base/civil_date.h"
#include "core/base/status.h"
#include "core/model/limits.h"
#include "sync_server/ingest/audience.h"
#include "sync_server/limits.h"

namespace baraza::server {
namespace {

// The first day whose digests are still of use.
int32_t FirstDigestDay(absl::Time now) {
  const absl::CivilDay today = absl::ToCivilDay(now, absl::UTCTimeZone());
  // The same day of the month, 13 months back; past the end of a short month: its last day.
  const absl::CivilMonth month = absl::CivilMonth(today) - kDigestMonths;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  const absl::CivilDay day =
      std::min(absl::CivilDay(month.year(), month.month(), 1) + (today.day() - 1), last);
  return CivilDayToDays(day);
}

bool SameScope(const v1::Cursor& cursor, const v1::Cursor& now) {
  return cursor.epoch() == now.epoch() && cursor.scope_hash() == now.scope_hash() &&
         cursor.schema_level() == now.schema_level() && cursor.position() >= 0;
}

}  // namespace

Viewer ViewerOf(const v1::Membership& membership) {
  return Viewer{.role = membership.role(),
                .scope = membership.scope(),
                .team_id = membership.team_id(),
                .organisation_id = membership.organisation_id()};
}

v1::Privacy GreatestClassOf(absl::string_view audience, const v1::Membership& membership) {
  const Viewer viewer = ViewerOf(membership);
  if (audience == kOfficeAudience) return GreatestClassFor(viewer, "", "");
  const absl::string_view team = TeamOfAudience(audience);
  if (team.empty()) return std::min(v1::PRIVACY_PROGRAMME, GreatestClassFor(viewer, "", ""));
  // A team that is not the caller's own is heard of because it lies in the caller's scope.
  return GreatestClassFor(viewer, team,
                          team == membership.team_id() ? membership.organisation_id()
                                                       : membership.scope().organisation_id());
}

absl::Status ReadFeedInto(ProgrammeStore& store, const Caller& caller, const v1::Cursor& cursor,
                          absl::Time now, size_t max_bytes, v1::SyncResponse* response) {
  v1::Cursor next;
  next.set_epoch(store.epoch());
  next.set_scope_hash(std::string(ScopeHash(caller.audiences, caller.membership).AsBytes()));
  next.set_schema_level(kSchemaLevel);
  const bool reset = !SameScope(cursor, next);

  FeedQuery query;
  query.audiences = caller.audiences;
  query.after = reset ? 0 : cursor.position();
  query.first_day = FirstDigestDay(now);
  query.max_dated_per_audience = kMaxDigestsPerIssue;
  query.max_bytes = max_bytes;
  query.max_rows = kMaxResponseItems;

  FeedPage page;
  uint64_t lamport_max = 0;
  BARAZA_RETURN_IF_ERROR(store.Read([&](StoreReads& reads) -> absl::Status {
    BARAZA_ASSIGN_OR_RETURN(page, reads.ReadFeed(query));
    BARAZA_ASSIGN_OR_RETURN(lamport_max, reads.LamportMax());
    return absl::OkStatus();
  }));

  for (FeedRow& row : page.rows) {
    std::string payload;
    if (row.action == v1::FeedItem::ACTION_UPSERT) {
      // The projection has filtered already. Here it is done again by what the caller is, so that
      // one mistake there does not show a value to the wrong people.
      v1::FeedPayload parsed;
      if (!parsed.ParseFromString(row.payload)) continue;
      FilterMessage(parsed, GreatestClassOf(row.audience, caller.membership));
      payload = parsed.SerializeAsString();
    }
    v1::FeedItem& item = *response->add_feed();
    item.set_position(row.position);
    item.set_action(row.action);
    item.set_object(std::move(row.object));
    item.set_payload(std::move(payload));
  }
  next.set_position(page.next_position);
  *response->mutable_next_cursor() = std::move(next);
  response->set_has_more(page.has_more);
  response->set_feed_reset(reset);
  response->set_lamport_max(lamport_max);
  return absl::OkStatus();
}

}  // namespace baraza::server
