#!/usr/bin/env bash
# Formats every source with clang-format and the tree's .clang-format.
#
#   scripts/format.sh check    # names what differs, exit 1
#   scripts/format.sh fix
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mapfile -t sources < <(git ls-files '*.h' '*.cpp')
case "${1:-check}" in
  check) clang-format --dry-run --Werror "${sources[@]}" ;;
  fix) clang-format -i "${sources[@]}" ;;
  *) sed -n '2,5p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac
