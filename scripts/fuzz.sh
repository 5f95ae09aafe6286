#!/usr/bin/env bash
# usage: scripts/fuzz.sh [--runs N] [FORMAT…]     libFuzzer over the readers of traces
#
# Builds the preset `fuzz` with clang, AddressSanitizer and UBSan, and hands each reader (and
# `detect`, which finds the format) N inputs, 100000 unless said, that grow out of tests/cases/fuzz/.
# An input that crashes, takes more than 10 s or more than 2 GiB ends the run with 1, and stays in
# build/fuzz/found/; what was learned otherwise stays in build/fuzz/corpus/.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=100000
formats=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --runs)
      runs=${2:?--runs takes a number}
      shift
      ;;
    -*)
      printf 'fuzz.sh: unknown option %s; usage: scripts/fuzz.sh [--runs N] [FORMAT…]\n' "$1" >&2
      exit 2
      ;;
    *) formats+=("$1") ;;
  esac
  shift
done
if [[ ${#formats[@]} -eq 0 ]]; then
  mapfile -t formats < <(ls tests/cases/fuzz)
fi

scripts/install_deps.sh fuzz
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target "${formats[@]/#/fuzz_}"

total=0
for format in "${formats[@]}"; do
  learned=build/fuzz/corpus/$format
  log=build/fuzz/$format.log
  mkdir -p "$learned" build/fuzz/found
  if ! "build/fuzz/tests/fuzz/fuzz_$format" -runs="$runs" -max_len=4096 -timeout=10 \
    -rss_limit_mb=2048 -entropic=0 -print_final_stats=1 -artifact_prefix="build/fuzz/found/$format-" \
    "$learned" "tests/cases/fuzz/$format" >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    printf 'fuzz.sh: %s failed; the input is in build/fuzz/found/\n' "$format" >&2
    exit 1
  fi
  executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  peak=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
  printf '%-14s %10d inputs, peak %d MiB\n' "$format" "$executed" "$peak"
  total=$((total + executed))
done
printf '%-14s %10d inputs without a crash, hang or unbounded allocation\n' total "$total"
