#!/usr/bin/env bash
# usage: scripts/bench/kills.sh [KILLS]
#
# Kills a process that stores in a cache on disk at 1,000 random moments (or KILLS), and checks after
# each what it left. Needs the dev build: cmake --preset dev && cmake --build --preset dev
set -euo pipefail
cd "$(dirname "$0")/../.."

CACHEGAUGE_KILLS=${1:-1000} exec build/dev/tests/disk/disk_kill_test --gtest_filter='*sqlite'
