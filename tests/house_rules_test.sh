#!/usr/bin/env bash
# Holds house_rules.sh to its word: each violation is planted alone in an empty house and must be found.
set -uo pipefail
rules=$(cd "$(dirname "$0")" && pwd)/house_rules.sh
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
failures=0
cases=0

# check FOUND|CLEAN FILE LINE
check() {
  cases=$((cases + 1))
  rm -rf "${house:?}"/*
  mkdir -p "$house/$(dirname "$2")"
  printf '%s\n' "$3" >"$house/$2"
  output=$(bash "$rules" "$house" 2>&1)
  status=$?
  if [[ $1 == FOUND && ($status != 1 || $output != "$2:1: "*) ]] || [[ $1 == CLEAN && $status != 0 ]]; then
    echo "expected $1, got status $status for $2: $3 ${output:+($output)}"
    failures=$((failures + 1))
  fi
}

check FOUND core/base/a.cc '#include "core/model/a.h"'
check FOUND core/base/a.cc '#include "core/sqlite/a.h"'
check FOUND core/sqlite/a.cc '#include "core/model/a.h"'
check FOUND core/model/a.h '#include "core/match/a.h"'
check FOUND core/model/a.h '#include "core/sqlite/a.h"'
check FOUND core/match/a.cc '#include "core/indicator/a.h"'
check FOUND core/indicator/a.cc '#include "client_lib/a.h"'
check FOUND core/indicator/a.cc '#  include "sync_server/a.h"'
check FOUND client_lib/a.cc '#include "sync_server/store/a.h"'
check FOUND client_lib/store/a.cc '#include "client_lib/cli/a.h"'
check FOUND sync_server/a.cc '#include "client_lib/a.h"'
check FOUND sync_server/a.cc '#include "tests/testing/a.h"'
check FOUND core/base/a.cc '#include "clock.h"'
check FOUND core/base/a.cc '#include "../base/clock.h"'
check CLEAN core/indicator/a.cc '#include "core/match/a.h"'
check CLEAN core/match/a.cc '#include "baraza/v1/record.pb.h"'
check CLEAN client_lib/cli/a.cc '#include "client_lib/a.h"'
check CLEAN sync_server/ingest/a.cc '#include "core/sqlite/a.h"'

check FOUND core/model/a.cc '#include <grpcpp/grpcpp.h>'
check FOUND core/model/a.cc '#include "baraza/v1/sync_service.grpc.pb.h"'
check FOUND client_lib/sync/a.cc '#include <grpcpp/channel.h>'
check FOUND sync_server/ingest/a.cc '#include "grpcpp/grpcpp.h"'
check CLEAN client_lib/sync/grpc/a.cc '#include <grpcpp/channel.h>'
check CLEAN sync_server/services/a.cc '#include "baraza/v1/sync_service.grpc.pb.h"'

check FOUND core/model/a.cc 'auto t = std::chrono::system_clock::now();'
check FOUND core/base/ids.cc 'auto t = std::chrono::steady_clock::now();'
check FOUND core/base/ids.cc 'std::random_device device;'
check FOUND client_lib/sync/a.cc 'std::thread thread(f);'
check FOUND client_lib/sync/a.cc '#include <thread>'
check FOUND sync_server/ingest/a.cc 'absl::Time now = absl::Now();'
check FOUND sync_server/ingest/a.cc 'int dice = rand() % 6;'
check FOUND core/match/a.cc 'seed = time(nullptr);'
check FOUND core/match/a.cc 'randombytes_buf(p, 4);'
check CLEAN core/base/clock.cc 'return absl::Now();'
check CLEAN core/base/random.cc 'randombytes_buf(out.data(), out.size());'
check CLEAN core/model/a.cc 'int operand(3); auto t = clock.Now(); // not system_clock'
check CLEAN core/model/a.cc 'x = report.time(); y = report->clock(); set_time(3);'
check CLEAN sync_server/store/a.cc 'std::thread writer(f);'

check FOUND core/match/a.cc 'db.Prepare("SELECT id FROM t");'
check FOUND sync_server/ingest/a.cc '  "INSERT INTO t VALUES (?1)"'
check FOUND client_lib/a.cc 'UPDATE op SET x = 1'
check FOUND client_lib/a.cc '#include <sqlite3.h>'
check FOUND sync_server/store/a.cc '#include <sqlite3.h>'
check CLEAN sync_server/store/a.cc 'db.Prepare("SELECT id FROM t");'
check CLEAN client_lib/store/a.cc '  "DELETE FROM t WHERE id = ?1"'
check CLEAN core/sqlite/a.cc '#include <sqlite3.h>'
check CLEAN core/match/a.cc '// SELECT is a word in a comment'

check FOUND core/match/a.cc '// TODO: later'

echo "$cases cases, $failures failed"
((failures == 0))
