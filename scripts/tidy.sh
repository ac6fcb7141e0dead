#!/usr/bin/env bash
# Reads sources with clang-tidy and the tree's .clang-tidy, over the compile commands of a build.
#
#   scripts/tidy.sh [options] [FILE or FOLDER...]     # no path: what differs from main's last push, committed or not
#
# --all         every source of the program (half an hour of one core: 3 to 20 s a file)
# --jobs N      default: as many as the machine bears
# --build DIR   a configured build directory (default build/release)
# A header counts as its own .cpp, or as the first source that includes it. Exit 1: there are findings.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$root"

build=build/release
jobs=$(job_count)
all=no
while [ $# -gt 0 ]; do
  case "$1" in
    --all) all=yes ;;
    --jobs) jobs=${2:?--jobs takes a number}; shift ;;
    --build) build=${2:?--build takes a folder}; shift ;;
    -h | --help) sed -n '2,9p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
    -*) fail "unknown option $1 (see --help)" ;;
    *) break ;;
  esac
  shift
done
[ -f "$build/compile_commands.json" ] || fail "no $build/compile_commands.json: run scripts/build.sh first"

program_folders=(common config policy dal proxy cli)
public_headers=include  # which sources include from there: "fairlead/tenant.h"

changed_files() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD)
  { git diff --name-only --diff-filter=d "$base"; git ls-files --others --exclude-standard; } | sort -u
}

# The source that makes the compiler read a header.
source_of_header() {
  local own=${1%.h}.cpp
  if [ -f "$own" ]; then
    echo "$own"
  else
    grep -rlF --include='*.cpp' "\"${1#"$public_headers/"}\"" "${program_folders[@]}" | head -n 1 || true
  fi
}

if [ "$all" = yes ]; then
  candidates=$(git ls-files -- "${program_folders[@]}")
elif [ $# -gt 0 ]; then
  candidates=$(git ls-files --cached --others --exclude-standard -- "$@")
else
  candidates=$(changed_files)
fi

known=$(mktemp)
trap 'rm -f "$known"' EXIT
"$python" - "$build/compile_commands.json" "$root" >"$known" <<'PYTHON'
import json, os, sys
for entry in json.load(open(sys.argv[1])):
    print(os.path.relpath(os.path.join(entry["directory"], entry["file"]), sys.argv[2]))
PYTHON
mapfile -t sources < <(
  for file in $candidates; do
    case "$file" in
      *.cpp) echo "$file" ;;
      *.h) [ "$all" = yes ] || source_of_header "$file" ;;
    esac
  done | sort -u | grep -xFf "$known" || true
)
[ ${#sources[@]} -gt 0 ] || { say "tidy: nothing to read"; exit 0; }

say "tidy: ${#sources[@]} files, $jobs at a time"
# The compile commands are gcc's; an option that clang does not know is no finding, nor are braces that gcc lets us
# leave out.
if printf '%s\0' "${sources[@]}" | xargs -0 -n 1 -P "$jobs" \
  clang-tidy --quiet -p "$build" --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-missing-braces 2>/dev/null; then
  say "tidy: nothing found"
else
  fail "clang-tidy has findings, above"
fi
