#!/usr/bin/env bash
# usage: scripts/record_build_trace.sh [OUTPUT.csv.zst [PRESET…]]
#
# Records every file that the compiler, the assembler and the linker read while this project is
# built from nothing, one preset after another, without ccache: the sample trace that ships in
# workloads/samples/. The build happens in a copy of the tree, so nothing here is touched. On two
# cores a preset takes some minutes. OUTPUT is relative to the repository.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install_deps.sh record

output=$(realpath -m "${1:-workloads/samples/compiler-opens.csv.zst}")
presets=("${@:2}")
[[ ${#presets[@]} -gt 0 ]] || presets=(release dev)

say() { printf '==> %s\n' "$*" >&2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/record-build.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work"/{tree,calls,tmp}

git ls-files -z --cached --others --exclude-standard -- . ':!workloads/samples/*.zst' |
  while IFS= read -r -d '' file; do
    if [[ -f $file ]]; then printf '%s\0' "$file"; fi
  done | tar --null --files-from=- -cf - | tar -xf - -C "$work/tree"

# A CCACHE that is set but false keeps CMake from looking for it; the variable stops a compiler that
# is itself a link to ccache. The build asks each test program for its tests, and the leak detector
# cannot work in what strace follows.
export CCACHE_DISABLE=1 ASAN_OPTIONS=detect_leaks=0 TMPDIR=$work/tmp
cd "$work/tree"
for preset in "${presets[@]}"; do
  say "Configuring $preset"
  cmake --preset "$preset" -DCCACHE=OFF -DCACHEGAUGE_WERROR=OFF >"$work/configure.log" || {
    cat "$work/configure.log"
    exit 1
  }
done
for preset in "${presets[@]}"; do
  say "Building $preset under strace"
  # A file of calls for each process (-ff), of those that succeed (-z), with the paths of
  # descriptors (-y).
  strace -ff --seccomp-bpf -y -z -ttt -qq --signal=none -s 1 -o "$work/calls/$preset" \
    -e trace=execve,open,openat,openat2,fstat,newfstatat \
    ninja -C "build/$preset" >"$work/build.log" || {
    tail -n 40 "$work/build.log"
    exit 1
  }
done

python3 scripts/calls_to_trace.py "$work/calls" --tree "$work/tree" --tmp "$work/tmp" \
  >"$work/trace.csv"
mkdir -p "$(dirname "$output")"
zstd -q -f -19 "$work/trace.csv" -o "$output"
say "Wrote $output ($(stat -c %s "$output") bytes)"
say "Its counts belong in workloads/samples/README.md"
