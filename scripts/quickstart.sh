#!/usr/bin/env bash
# usage: scripts/quickstart.sh
#
# From a bare Debian machine to a first answer: installs what is missing, builds, and replays the
# recorded file opens of a compiler through four in-process caches, Redis and Memcached. Leaves
# report.json in the repository's root. Nothing that runs on this machine is touched: both servers
# are private to the run.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '==> %s\n' "$*" >&2; }

scripts/install_deps.sh build
say "Configuring (preset release)"
cmake --preset release
say "Building (the first time takes a few minutes)"
cmake --build --preset release --target cachegauge

# The budget is below what the trace touches, so every bounded cache has to evict. A miss costs what
# a read from a fast disk does: on the two servers it is waited for in real time.
run=(build/release/cachegauge run workloads/samples/compiler-opens.csv.zst
  lru lfu fifo unbounded redis memcached
  --memory 32MiB --origin sleep:latency=200us --out report.json --force)
say "Replaying one trace through six caches: ${run[*]}"
"${run[@]}"

cat >&2 <<'TXT'

==> The whole report is in report.json. From here:
    build/release/cachegauge run YOUR_TRACE lru redis --memory 64MiB    your own traffic
    build/release/cachegauge list adapters                              what can be measured
    build/release/cachegauge run --help                                 every option
TXT
