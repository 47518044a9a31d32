#include "client_lib/store/schema.h"

namespace baraza::client {
namespace {

// "Bdev".
constexpr int32_t kApplicationId = 0x42646576;

// operations: what was captured here. Never deleted; device_seq has no gaps. fate is an
// OperationTable::Fate, result a v1::OperationResult, parts a v1::WireOperation with nothing else.
// The values of the columns before the blobs are read without touching overflow pages.
//
// feed_operations: what the own team captured elsewhere. feed: all else that was sent, by its
// object; kind is the member of v1::FeedPayload. generation tells what the feed's present start
// has re-sent.
//
// records: the merge of a record's operations, or the state that was sent. attention: 1 returned,
// 2 conflict. A record id begins with its type, so the primary key also serves lists by type.
// state is NULL while the record has its creating operation only, which says the same: most records
// never have another.
//
// local_values: what has class DEVICE.
constexpr char kVersion1[] = R"sql(
CREATE TABLE meta (
  key TEXT PRIMARY KEY NOT NULL,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE operations (
  device_seq INTEGER PRIMARY KEY,
  op_id TEXT NOT NULL UNIQUE,
  record_id TEXT NOT NULL,
  lamport INTEGER NOT NULL,
  device_time_ms INTEGER NOT NULL,
  answered INTEGER NOT NULL DEFAULT 0,
  fate INTEGER NOT NULL DEFAULT 0,
  dismissed INTEGER NOT NULL DEFAULT 0,
  result BLOB,
  header BLOB NOT NULL,
  parts BLOB NOT NULL
) STRICT;
CREATE INDEX operations_by_record ON operations (record_id);
CREATE INDEX operations_unanswered ON operations (device_seq) WHERE answered = 0;
CREATE INDEX operations_quarantined ON operations (device_seq)
  WHERE fate >= 2 AND dismissed = 0;

CREATE TABLE feed_operations (
  op_id TEXT PRIMARY KEY NOT NULL,
  record_id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  lamport INTEGER NOT NULL,
  header BLOB NOT NULL,
  parts BLOB NOT NULL
) STRICT;
CREATE INDEX feed_operations_by_record ON feed_operations (record_id);

CREATE TABLE feed (
  object TEXT PRIMARY KEY NOT NULL,
  kind INTEGER NOT NULL,
  record_id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  payload BLOB NOT NULL
) STRICT;
CREATE INDEX feed_by_kind ON feed (kind, object);
CREATE INDEX feed_by_record ON feed (record_id) WHERE record_id != '';

CREATE TABLE records (
  record_id TEXT PRIMARY KEY NOT NULL,
  team_id TEXT NOT NULL,
  voided INTEGER NOT NULL,
  attention INTEGER NOT NULL,
  state BLOB NOT NULL
) STRICT;
CREATE INDEX records_attention ON records (attention) WHERE attention != 0;

CREATE TABLE local_values (
  record_id TEXT PRIMARY KEY NOT NULL,
  record BLOB NOT NULL
) STRICT;

CREATE TABLE drafts (
  draft_id TEXT PRIMARY KEY NOT NULL,
  updated_ms INTEGER NOT NULL,
  draft BLOB NOT NULL
) STRICT;
)sql";

// A capture's commit writes each page that it touches, and touched twelve. A creating operation's
// id is its record's, so op_id finds it; records without their state fit into one small tree.
constexpr char kVersion2[] = R"sql(
DROP INDEX operations_by_record;
CREATE INDEX operations_by_record ON operations (record_id) WHERE record_id != op_id;

CREATE TABLE records_2 (
  record_id TEXT PRIMARY KEY NOT NULL,
  team_id TEXT NOT NULL,
  voided INTEGER NOT NULL,
  attention INTEGER NOT NULL,
  state BLOB
) STRICT, WITHOUT ROWID;
INSERT INTO records_2 SELECT record_id, team_id, voided, attention, state FROM records;
DROP TABLE records;
ALTER TABLE records_2 RENAME TO records;
CREATE INDEX records_attention ON records (attention) WHERE attention != 0;
)sql";

// Operations are answered in their order but for exceptions: those without an answer are found
// behind the last of an unbroken run, and a capture, which has none, writes a page less.
constexpr char kVersion3[] = R"sql(
DROP INDEX operations_unanswered;
CREATE INDEX operations_answered ON operations (device_seq) WHERE answered = 1;
)sql";

}  // namespace

const Schema& DeviceSchema() {
  static const Schema* const schema = new Schema{kApplicationId, {kVersion1, kVersion2, kVersion3}};
  return *schema;
}

}  // namespace baraza::client
