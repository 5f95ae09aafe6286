#!/usr/bin/env bash
# usage: scripts/bench/steady.sh [--duration 10m] [--rate 20000] [--adapters lru,redis]
#
# Whether a long run holds flat memory, and its series adds up. Builds the release preset if need
# be; steady.py says what is measured.
set -euo pipefail
root=$(realpath "$(dirname "$0")/../..")
"$root/scripts/install_deps.sh" build
[[ -f $root/build/release/build.ninja ]] || (cd "$root" && cmake --preset release >/dev/null)
ninja -C "$root/build/release" --quiet cachegauge
exec python3 "$root/scripts/bench/steady.py" "$root/build/release/cachegauge" "$@"
