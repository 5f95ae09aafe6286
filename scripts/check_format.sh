#!/usr/bin/env bash
# usage: scripts/check_format.sh [--fix]     is every C++ file as .clang-format has it?
set -euo pipefail
cd "$(dirname "$0")/.."

# New files count before they are added; deleted ones are still listed until they are committed.
files() {
  git ls-files -z --cached --others --exclude-standard -- '*.cc' '*.h' |
    while IFS= read -r -d '' file; do
      if [[ -f $file ]]; then printf '%s\0' "$file"; fi
    done
}

if [[ ${1:-} == --fix ]]; then
  files | xargs -0 -r clang-format -i
  exit
fi
command -v clang-format >/dev/null || {
  echo "check_format.sh: no clang-format on PATH; run scripts/install_deps.sh test" >&2
  exit 1
}
# shellcheck disable=SC2016  # the inner shell expands it
bad=$(files | xargs -0 -r -n 1 -P "$(nproc)" sh -c \
  'clang-format --dry-run --Werror "$1" >/dev/null 2>&1 || echo "$1"' sh | sort)
[[ -z $bad ]] || {
  printf '%s\n' "$bad"
  echo "check_format.sh: these are not formatted; run scripts/check_format.sh --fix" >&2
  exit 1
}
