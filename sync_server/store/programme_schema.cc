#include "sync_server/store/programme_schema.h"

namespace baraza::server {
namespace {

// Indexes are kept few, since ingest pays for each: the log has its position, the op id and the
// record; results stand in their key.
constexpr char kFirst[] = R"sql(
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
  id INTEGER PRIMARY KEY,
  device_id TEXT NOT NULL UNIQUE,
  person_id TEXT NOT NULL,
  credential_id TEXT NOT NULL,
  incarnation BLOB NOT NULL,
  acknowledged_seq INTEGER NOT NULL DEFAULT 0,
  stored_count INTEGER NOT NULL DEFAULT 0,
  quarantine_bytes INTEGER NOT NULL DEFAULT 0,
  quarantine_rows INTEGER NOT NULL DEFAULT 0,
  last_seen_ms INTEGER NOT NULL DEFAULT 0,
  state BLOB NOT NULL DEFAULT x''
) STRICT;

-- Operations as received. `hash` covers the header and every part by their SHA-256 and survives
-- redaction; an erased part keeps its own SHA-256 within `wire`.
CREATE TABLE log (
  position INTEGER PRIMARY KEY,
  op_id TEXT NOT NULL UNIQUE,
  record_id TEXT NOT NULL,
  record_type INTEGER NOT NULL,
  device INTEGER NOT NULL REFERENCES device (id),
  lamport INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  hash BLOB NOT NULL,
  wire BLOB NOT NULL
) STRICT;
CREATE INDEX log_record ON log (record_id);

-- What a device was told about its sequence numbers. Accepted: where the log holds it.
CREATE TABLE accepted (
  device INTEGER NOT NULL,
  device_seq INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (device, device_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device (id),
  device_seq INTEGER NOT NULL,
  hash BLOB NOT NULL,
  op_id TEXT NOT NULL,
  reason INTEGER NOT NULL,
  field TEXT NOT NULL,
  message TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (device, device_seq)
) STRICT;

-- What REDACT operations name, also while the operation named has not come.
CREATE TABLE redaction (
  op_id TEXT NOT NULL,
  by_op_id TEXT NOT NULL,
  record_id TEXT NOT NULL,
  classes BLOB NOT NULL,
  PRIMARY KEY (op_id, by_op_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE desk_request (
  person_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  op_id TEXT NOT NULL,
  record_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  fingerprint BLOB NOT NULL,
  PRIMARY KEY (person_id, request_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE record_state (
  id INTEGER PRIMARY KEY,
  record_id TEXT NOT NULL UNIQUE,
  type INTEGER NOT NULL,
  state BLOB NOT NULL
) STRICT;
CREATE INDEX record_state_type ON record_state (type, record_id);

CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL UNIQUE,
  session BLOB NOT NULL
) STRICT;

-- One row per audience and object. A removed object keeps an empty row, so that devices hear of it.
-- `generation`: the rebuild that last put it. `day` is NULL for what does not age.
CREATE TABLE feed (
  position INTEGER PRIMARY KEY,
  audience TEXT NOT NULL,
  object TEXT NOT NULL,
  day INTEGER,
  action INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  payload BLOB NOT NULL,
  UNIQUE (audience, object)
) STRICT;
CREATE INDEX feed_audience ON feed (audience, position);
CREATE INDEX feed_day ON feed (audience, day, object) WHERE day IS NOT NULL;
)sql";

}  // namespace

const Schema& ProgrammeSchema() {
  static const Schema* const schema = new Schema{
      .application_id = 0x42615001,  // "BaP" and a 1: a Baraza programme.
      .migrations = {kFirst},
  };
  return *schema;
}

}  // namespace baraza::server
