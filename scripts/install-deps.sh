#!/usr/bin/env bash
# Installs the Debian 12 packages that Fairlead needs, and only those that are missing.
#
#   scripts/install-deps.sh [base] [test] [bench]      no argument: base and test
#
# base: build and run; test: the test suite and its tools; bench: what bench/ compares with.
# Root, or a user with sudo. When nothing is missing this touches neither apt nor the network.
set -euo pipefail

base_packages=(g++ cmake ninja-build ccache pkg-config ca-certificates
  libboost1.81-dev libssl-dev libpq-dev libmariadb-dev libmariadb-dev-compat
  libpg-query-dev libprotobuf-c-dev libidn-dev zlib1g-dev libzstd-dev libtomlplusplus-dev libcli11-dev
  libspdlog-dev libfmt-dev nlohmann-json3-dev prometheus-cpp-dev
  libgtest-dev libgmock-dev
  postgresql-15 postgresql-client-15 mariadb-server mariadb-client
  openssl python3 python3-psycopg python3-pymysql util-linux)
test_packages=(python3-pytest python3-psycopg2 python3-asyncpg python3-sqlalchemy python3-mysqldb python3-cryptography
  mariadb-test-data doxygen binutils
  clang clang-format clang-tidy libclang-rt-14-dev)
bench_packages=(pgbouncer haproxy sysbench strace)

usage() { sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//'; }

wanted=()
add_group() {
  case "$1" in
    base)
      wanted+=("${base_packages[@]}")
      # Any Node.js will do (the drivers need only a runtime); Debian's own when there is none.
      command -v node >/dev/null || wanted+=(nodejs)
      command -v npm >/dev/null || wanted+=(npm)
      ;;
    test) wanted+=("${test_packages[@]}") ;;
    bench) wanted+=("${bench_packages[@]}") ;;
    -h | --help) usage; exit 0 ;;
    *) echo "install-deps.sh: unknown group '$1' (base, test, bench)" >&2; exit 2 ;;
  esac
}
[ $# -gt 0 ] || set -- base test
for group in "$@"; do add_group "$group"; done

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

command -v dpkg-query >/dev/null || {
  echo "install-deps.sh: this is not Debian; install by hand: ${wanted[*]}" >&2
  exit 1
}
missing=()
for package in "${wanted[@]}"; do is_installed "$package" || missing+=("$package"); done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=()
elif command -v sudo >/dev/null; then
  as_root=(sudo)
else
  echo "install-deps.sh: run me as root, or install sudo. Missing: ${missing[*]}" >&2
  exit 1
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 || {
    echo "install-deps.sh: apt-get $* failed:" >&2
    tail -n 30 "$log" >&2
    exit 1
  }
}

# Packages with a service start it when they are installed. Nothing of ours uses those services (we run private
# servers), so none is started; a policy that the machine already has is left alone.
policy=/usr/sbin/policy-rc.d
made_policy=no
cleanup() {
  [ "$made_policy" = no ] || "${as_root[@]}" rm -f "$policy"
  rm -f "$log"
}
log=$(mktemp)
trap cleanup EXIT
if [ ! -e "$policy" ]; then
  made_policy=yes
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
fi

echo "installing: ${missing[*]}"
apt update
# Without this Debian would create and start a system cluster that nobody asked for.
if ! is_installed postgresql-common; then
  apt install postgresql-common
  "${as_root[@]}" sed -i "s/^#\?create_main_cluster.*/create_main_cluster = false/" \
    /etc/postgresql-common/createcluster.conf
fi
apt install "${missing[@]}"
# Not at the next boot either.
if [ -d /run/systemd/system ]; then
  for service in mariadb pgbouncer haproxy; do
    case " ${missing[*]} " in *" $service "* | *" $service-server "*) "${as_root[@]}" systemctl disable --quiet "$service" || true ;; esac
  done
fi
