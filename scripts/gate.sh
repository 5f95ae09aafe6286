#!/usr/bin/env bash
# usage: scripts/gate.sh counts|instructions [--update-baseline]
#
# This project's own gate: the local caches on a small workload, against the baselines and rules in
# tests/cases/gate/. `counts` are hits, evictions and bytes per item, which are the same in every
# build. `instructions` per request are of the release build by g++, within 5 %; they take valgrind.
# --update-baseline writes the baseline anew, for a change that is meant: commit it with that.
#   CACHEGAUGE=PATH   the program (build/release/cachegauge)
set -euo pipefail
cd "$(dirname "$0")/.."

workload=zipf:keys=10k,requests=50k,value=lognormal,set=1,get=9
adapters=(lru fifo s3fifo arc sieve lfu)
program=${CACHEGAUGE:-build/release/cachegauge}
what=${1:-}
flags=()
case $what in
  counts) ;;
  instructions)
    adapters=(lru s3fifo)
    flags=(--instructions 5k)
    if [[ ${CI:-} != true ]] && ! command -v valgrind >/dev/null; then
      echo "skipped: no valgrind (apt-get install valgrind)"
      exit 77
    fi
    ;;
  *)
    sed -n 's/^# usage: /usage: /p' "$0" >&2
    exit 2
    ;;
esac

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$program" run "$workload" "${adapters[@]/%/:entries=1k}" --fills on-miss --warmup 20% --skip-floors \
  "${flags[@]}" --out "$folder/now.json" >/dev/null
"$program" gate --candidate "$folder/now.json" --baseline "tests/cases/gate/$what.baseline.json" \
  --rules "tests/cases/gate/$what.rules.json" "${@:2}"
