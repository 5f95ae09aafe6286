#!/usr/bin/env bash
# usage: scripts/install_deps.sh [build|test|record|fuzz]
#
# Installs the Debian packages that building (the default), testing, recording the sample trace or
# fuzzing needs. Asks dpkg first, so it returns at once when nothing is missing, and installs only what is
# missing, so no package that was there is upgraded and no running server is touched.
set -euo pipefail

say() { printf '==> %s\n' "$*" >&2; }
die() {
  printf 'install_deps.sh: %s\n' "$*" >&2
  exit 1
}

build=(g++ cmake ninja-build ccache pkg-config
  libbenchmark-dev libcxxopts-dev nlohmann-json3-dev libfmt-dev libhiredis-dev libmemcached-dev
  libsqlite3-dev liblmdb-dev librocksdb-dev libpq-dev libcurl4-openssl-dev zlib1g-dev liblzma-dev
  libzstd-dev libgtest-dev
  libjs-chart.js
  redis-server memcached postgresql)
tests=(clang clang-format clang-tidy git python3 python3-jsonschema python3-prometheus-client
  prometheus libxml2-utils cmark-gfm libbenchmark-tools python3-scipy chromium valgrind)
record=(strace python3 zstd)
fuzz=(clang)
servers=(redis-server memcached postgresql prometheus)

case ${1:-build} in
  build) wanted=("${build[@]}") ;;
  test)
    wanted=("${build[@]}" "${tests[@]}")
    # A node from elsewhere is as good as Debian's, whose npm brings hundreds of packages.
    command -v node >/dev/null || wanted+=(nodejs)
    command -v npm >/dev/null || wanted+=(npm)
    ;;
  record) wanted=("${build[@]}" "${record[@]}") ;;
  fuzz) wanted=("${build[@]}" "${fuzz[@]}") ;;
  *) die "unknown set \"$1\"; valid: build, test, record, fuzz" ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  die "this is no Debian system. Install what these Debian packages hold, then build with
  cmake --preset release && cmake --build --preset release
  ${wanted[*]}"
fi

# dpkg-query fails when it does not know a package at all; its list is right all the same.
installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null || true)
missing=()
for package in "${wanted[@]}"; do
  grep -qxF "$package installed" <<<"$installed" || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || die "missing packages, and neither root nor sudo is at hand. Run as root:
  apt-get install --no-install-recommends ${missing[*]}"
  as_root=(sudo)
fi

say "Installing ${#missing[@]} packages with apt-get: ${missing[*]}"
# Debian starts the services of a package as it installs it. We want the programs alone:
# SYSTEMD_OFFLINE turns systemctl's starts into nothing, RUNLEVEL does it where init scripts rule.
quiet_apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive SYSTEMD_OFFLINE=1 RUNLEVEL=1
  PREVLEVEL=N apt-get -q -o DPkg::Lock::Timeout=120)
"${quiet_apt[@]}" update >&2
"${quiet_apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2

# Nor should a server that we brought here listen after the next boot.
for server in "${servers[@]}"; do
  [[ " ${missing[*]} " == *" $server "* ]] || continue
  say "Leaving the $server service disabled (enable it with: systemctl enable --now $server)"
  if command -v systemctl >/dev/null; then
    "${as_root[@]}" systemctl disable "$server" >/dev/null 2>&1 || true
  else
    "${as_root[@]}" update-rc.d "$server" disable >/dev/null 2>&1 || true
  fi
done
