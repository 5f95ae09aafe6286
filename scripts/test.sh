#!/usr/bin/env bash
# usage: scripts/test.sh
#
# Everything that has to hold before a change lands: format, layers, lint, and the tests in three
# builds: all of them in release and in asan (with UBSan), those labelled `threads` in tsan. Goes on
# after a failure, so that one run shows every one. Its last lines are ctest's totals, and after
# them what failed.
#   CI=true                  a missing redis-server or memcached is a failure, not a skip, and
#                            nothing is expected of ccache
#   CACHEGAUGE_TRACES=DIR    real traces to test with; ../shared/traces where that exists
set -euo pipefail
cd "$(dirname "$0")/.."

unity=()
if [[ ${CI:-} == true ]]; then
  export REQUIRE_SERVERS=1
  unity=(-D CMAKE_UNITY_BUILD=ON)  # nothing was compiled before: several files at once
fi
if [[ -z ${CACHEGAUGE_TRACES:-} && -d ../shared/traces ]]; then
  CACHEGAUGE_TRACES=$(realpath ../shared/traces)
  export CACHEGAUGE_TRACES
fi

say() { printf '==> %s\n' "$*"; }
failed=()

check() {
  local name=$1
  shift
  say "Checking $name"
  "$@" || failed+=("$name")
}

# g++ 12's ThreadSanitizer stops with "unexpected memory mapping" where the kernel places mappings
# more randomly than it knows, so its programs run without that. A build runs them too, to list
# their tests.
run_in() {
  local preset=$1
  shift
  if [[ $preset == tsan ]] && setarch "$(uname -m)" -R true 2>/dev/null; then
    setarch "$(uname -m)" -R "$@"
  else
    "$@"
  fi
}

build() {
  say "Building $1"
  mkdir -p "build/$1"
  rm -f "build/$1/ctest.log"
  local preset=$1
  shift
  cmake --preset "$preset" "${unity[@]}" &&
    run_in "$preset" cmake --build --preset "$preset" "$@" && return
  failed+=("build of $preset")
  return 1
}

run_tests() {
  local preset=$1
  shift
  say "Testing $preset"
  # A test says what it takes in halves of a processor (tests/CMakeLists.txt).
  run_in "$preset" ctest --test-dir "build/$preset" -j "$(($(nproc) * 2))" --output-on-failure \
    --no-tests=error "$@" 2>&1 | tee "build/$preset/ctest.log" || failed+=("tests in $preset")
}

# ctest's closing lines, from its totals on.
totals() { sed -n '/tests passed,/,$p' "build/$1/ctest.log"; }

scripts/install_deps.sh test
check format scripts/check_format.sh
check layers scripts/check_layers.py
# Of a build that is only configured: clang-tidy takes no headers that another compiler prepared.
lint() { cmake --preset dev >/dev/null && scripts/check_lint.sh build/dev; }
check lint lint
release_built=no
if build release; then release_built=yes; fi
if build tsan --target threads_tests; then run_tests tsan -L threads; fi
if build asan; then run_tests asan; fi
if [[ $release_built == yes ]]; then run_tests release; fi

shown=release
for preset in tsan asan release; do
  [[ -f build/$preset/ctest.log ]] || continue
  say "$preset: $(totals "$preset" | head -n 1)"
  if [[ " ${failed[*]} " == *"tests in $preset "* ]]; then shown=$preset; fi
done
[[ ! -f build/$shown/ctest.log ]] || totals "$shown"
if [[ ${#failed[@]} -gt 0 ]]; then
  say "FAILED:$(printf ' %s,' "${failed[@]}" | sed 's/,$//')"
  exit 1
fi
