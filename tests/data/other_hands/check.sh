#!/usr/bin/env bash
# Matches the reports of a set and fails if what comes out is farther from the truth than it was, with a margin.
#
#   check.sh BARAZA_SERVER MATCH_EVALUATE SET LEAST_F1 LEAST_EXACT MOST_COUNT_ERROR
#
# SET is a folder beside this file; the other three are as match_evaluate takes them.
set -euo pipefail
[[ $# == 6 ]] || { sed -n '4p' "$0" | cut -c3- >&2; exit 2; }
from=$(cd "$(dirname "$0")" && pwd)/$3
work=$(mktemp -d "${TMPDIR:-/tmp}/baraza-match-XXXXXX")
trap 'rm -rf "$work"' EXIT
"$1" match --reports "$from/reports.jsonl" --register "$from/register.jsonl" --clusters "$work/clusters.csv"
"$2" --truth "$from/truth.csv" --scenarios "$from/scenario.csv" --clusters "$work/clusters.csv" \
  --least-f1 "$4" --least-exact "$5" --most-count-error "$6"
