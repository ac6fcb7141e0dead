#!/usr/bin/env bash
# Writes what is generated in docs/: the tables of docs/sql-support.md, from the guard's own lists.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$root"

scripts/build.sh release --target unit_policy
program=$(find build/release -name unit_policy -type f -perm -u+x | head -n 1)
[ -n "$program" ] || fail "the build left no unit_policy"
FAIRLEAD_WRITE_DOCS=1 "$program" --gtest_brief=1 --gtest_filter='sql_support_document.*'
say "docs/sql-support.md is up to date"
