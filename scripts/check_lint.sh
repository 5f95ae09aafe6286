#!/usr/bin/env bash
# usage: scripts/check_lint.sh [BUILD_DIR [BASE]]     clang-tidy on what changed since BASE
#
# BUILD_DIR (build/release) must be configured. BASE is the merge base with the upstream branch or,
# without one, the commit before HEAD. What is not committed counts as changed. A changed header is
# linted through the changed files that include it or, without any, through the first file that does.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}

if [[ ! -f $build/compile_commands.json ]]; then
  printf 'check_lint.sh: no %s/compile_commands.json; configure first: cmake --preset %s\n' \
    "$build" "$(basename "$build")" >&2
  exit 1
fi

# g++ 12 lays out the frame of such a coroutine wrongly (harness/core/coroutine.h).
awaits=$(git ls-files --cached --others --exclude-standard -- '*.cc' '*.h' |
  xargs perl -0777 -ne 'while (/\b(if|while) (\((?:[^()]++|(?2))*+\))/g) {
    my ($kind, $condition, $line) = ($1, $2, 1 + substr($_, 0, $-[0]) =~ tr/\n//);
    print "$ARGV:$line: co_await in the condition of $kind: await into a variable first\n"
      if $condition =~ /co_await/;
  }')
if [[ -n $awaits ]]; then
  printf '%s\n' "$awaits" >&2
  exit 1
fi

default_base() {
  local upstream head
  head=$(git rev-parse HEAD)
  for upstream in '@{upstream}' origin/HEAD origin/main; do
    upstream=$(git merge-base HEAD "$upstream" 2>/dev/null) || continue
    # On the main branch itself the merge base is HEAD, and what counts is its last commit.
    [[ $upstream != "$head" ]] || continue
    printf '%s\n' "$upstream"
    return
  done
  git rev-parse --verify --quiet 'HEAD~1' || git hash-object -t tree /dev/null
}
base=${2:-$(default_base)}

mapfile -t changed < <({
  git diff --name-only --diff-filter=d "$base" -- '*.cc' '*.h'
  git ls-files --others --exclude-standard -- '*.cc' '*.h'
} | sort -u)

includers() { git grep -l --untracked -F "#include \"$1\"" -- '*.cc' || true; }

declare -A units=()
for file in "${changed[@]}"; do
  [[ $file == *.cc ]] && units[$file]=1
done
for file in "${changed[@]}"; do
  [[ $file == *.h ]] || continue
  mapfile -t through < <(includers "$file")
  for unit in "${through[@]}"; do
    [[ -z ${units[$unit]:-} ]] || continue 2
  done
  [[ ${#through[@]} -eq 0 ]] || units[${through[0]}]=1
done

# A file that this configuration does not build (a backend that was not found) has no command.
lint=()
for unit in "${!units[@]}"; do
  if grep -qF "\"file\": \"$PWD/$unit\"" "$build/compile_commands.json"; then
    lint+=("$unit")
  else
    printf 'check_lint.sh: %s is not part of %s, skipped\n' "$unit" "$build" >&2
  fi
done
[[ ${#lint[@]} -gt 0 ]] || exit 0

printf '==> clang-tidy on %d files changed since %.12s\n' "${#lint[@]}" "$base" >&2
# clang-tidy counts the warnings it hid in system headers on stderr; errors are on stdout.
printf '%s\0' "${lint[@]}" | sort -z |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy -p "$build" --quiet 2> >(grep -v 'warnings generated' >&2)
