#!/usr/bin/env bash
# usage: scripts/bench/throughput.sh [--rounds N] [--csv]     requests/s and CPU of null, lru, redis
#
# Builds the release preset if need be; throughput.py says what is measured.
set -euo pipefail
root=$(realpath "$(dirname "$0")/../..")
"$root/scripts/install_deps.sh" build
[[ -f $root/build/release/build.ninja ]] || (cd "$root" && cmake --preset release >/dev/null)
ninja -C "$root/build/release" --quiet cachegauge
CACHEGAUGE=$root/build/release/cachegauge exec python3 "$root/scripts/bench/throughput.py" "$@"
