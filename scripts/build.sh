#!/usr/bin/env bash
# Builds build/PRESET (default: release). Does not install anything: scripts/install-deps.sh does.
#
#   scripts/build.sh [release|asan|tsan|fuzz] [--target "NAME..."] [cmake -D options...]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$root"

preset=release
case "${1:-}" in
  -h | --help) sed -n '2,4p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
  release | asan | tsan | fuzz) preset=$1; shift ;;
esac
target=()
if [ "${1:-}" = --target ]; then
  read -r -a target <<<"--target ${2:?--target takes names}"
  shift 2
fi
mkdir -p build
log=build/configure-$preset.log
cmake --preset "$preset" "$@" >"$log" 2>&1 || { cat "$log" >&2; fail "cmake --preset $preset failed"; }
cmake --build "build/$preset" -j "$(job_count)" "${target[@]}"
