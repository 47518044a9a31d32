#!/usr/bin/env bash
# Matches the reports of this folder and fails if what comes out is farther from the truth than it was, with a margin.
#
#   check.sh BARAZA_SERVER MATCH_EVALUATE
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[[ $# == 2 ]] || { sed -n '4p' "$0" | cut -c3- >&2; exit 2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/baraza-match-XXXXXX")
trap 'rm -rf "$work"' EXIT
"$1" match --reports "$here/reports.jsonl" --register "$here/register.jsonl" --clusters "$work/clusters.csv"
"$2" --truth "$here/truth.csv" --scenarios "$here/scenario.csv" --clusters "$work/clusters.csv" \
  --least-f1 0.965 --least-exact 0.915 --most-count-error 2
