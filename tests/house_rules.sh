#!/usr/bin/env bash
# Fails on an include that runs against the direction of the house, and on what must be injected being called directly.
#
#   house_rules.sh ROOT      one line "file:line: rule: text" for each violation
set -euo pipefail
cd "$1"

rooms=()
for room in core client_lib sync_server; do
  if [[ -d $room ]]; then rooms+=("$room"); fi
done
((${#rooms[@]} > 0)) || { echo "house_rules: no code in $1" >&2; exit 2; }

mapfile -t files < <(find "${rooms[@]}" -name '*.h' -o -name '*.cc' | sort)

awk '
function violation(rule) {
  printf "%s:%d: %s: %s\n", FILENAME, FNR, rule, $0
  violations++
}
function under(path, folder) { return index(path, folder "/") == 1 }
# Whether a file in the room may include `path`, which names one of the three rooms or the tests.
function may_include(path) {
  if (under(path, "tests")) return 0
  if (under(FILENAME, "core/base")) return under(path, "core/base")
  if (under(FILENAME, "core/sqlite")) return path ~ /^core\/(base|sqlite)\//
  if (under(FILENAME, "core/model")) return path ~ /^core\/(base|model)\//
  if (under(FILENAME, "core/match")) return path ~ /^core\/(base|model|match)\//
  if (under(FILENAME, "core/indicator")) return path ~ /^core\/(base|model|match|indicator)\//
  if (under(FILENAME, "core")) return under(path, "core")
  if (under(path, "core")) return 1
  if (under(FILENAME, "client_lib/cli")) return under(path, "client_lib")
  if (under(FILENAME, "client_lib")) return under(path, "client_lib") && !under(path, "client_lib/cli")
  return under(FILENAME, "sync_server") && under(path, "sync_server")
}

FNR == 1 {
  grpc_allowed = under(FILENAME, "client_lib/sync/grpc") || under(FILENAME, "client_lib/cli") ||
                 (under(FILENAME, "sync_server") && FILENAME !~ /^sync_server\/(ingest|store|consolidation)\//)
  sql_allowed = FILENAME ~ /^(core\/sqlite|client_lib\/store|sync_server\/store)\//
  injected = (under(FILENAME, "core") || under(FILENAME, "client_lib/sync") || under(FILENAME, "sync_server/ingest")) &&
             !under(FILENAME, "client_lib/sync/grpc") && FILENAME !~ /^core\/base\/(clock|random)\.cc$/
}

/TODO|FIXME|XXX/ { violation("unfinished") }

{ code = $0; sub(/\/\/.*/, "", code) }

code ~ /^[ \t]*#[ \t]*include/ {
  path = code
  sub(/^[ \t]*#[ \t]*include[ \t]*[<"]/, "", path)
  sub(/[>"].*/, "", path)
  if (path ~ /^(core|client_lib|sync_server|tests)\// && !may_include(path)) violation("include against the direction")
  if (path ~ /^\.\.?\// || (code ~ /"/ && path !~ /\//)) violation("include not relative to the root")
  if ((path ~ /^grpc/ || path ~ /\.grpc\.pb\.h$/) && !grpc_allowed) violation("gRPC outside its rooms")
  if (path ~ /^sqlite3/ && !under(FILENAME, "core/sqlite")) violation("sqlite3 outside core/sqlite")
  if (path ~ /^(thread|future|random)$/ && injected) violation("must be injected")
  next
}

injected && code ~ /(system|steady|high_resolution|utc)_clock|random_device|std::j?thread|std::async|pthread_create|this_thread|absl::Now\(|absl::SleepFor|(^|[^A-Za-z0-9_.>])(s?rand|time|clock|gettimeofday|clock_gettime|getrandom|sleep|usleep)[ \t]*\(|randombytes_/ &&
  code !~ /::(time|clock)\(/ { violation("must be injected") }

!sql_allowed && code ~ /(^|["( \t])(SELECT [A-Za-z0-9_*(]|INSERT (INTO|OR) |UPDATE [a-z_]+ SET|DELETE FROM |CREATE (TEMP |UNIQUE |VIRTUAL )?(TABLE|INDEX|TRIGGER|VIEW) |DROP (TABLE|INDEX) |ALTER TABLE |PRAGMA [a-z_]|BEGIN (IMMEDIATE|DEFERRED|EXCLUSIVE))/ {
  violation("SQL outside the stores")
}

END { exit violations > 0 }
' "${files[@]}"
