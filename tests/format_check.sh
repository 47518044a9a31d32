#!/usr/bin/env bash
# Fails if a committed or added C++ file is not as .clang-format has it.
set -euo pipefail
cd "$1"
mapfile -t files < <(git ls-files --cached --others --exclude-standard -- '*.h' '*.cc')
((${#files[@]} > 0)) || { echo "format_check: no files" >&2; exit 2; }
printf '%s\0' "${files[@]}" | xargs -0 -n 20 -P "$(nproc)" clang-format --dry-run -Werror --style=file
