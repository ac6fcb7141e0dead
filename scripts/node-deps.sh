#!/usr/bin/env bash
# Puts the node drivers of the interop test into build/node, as tests/interop/node/package-lock.json pins it.
# Fast and offline once it is there.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
from=$root/tests/interop/node
to=$root/build/node
mkdir -p "$to"
if [ -d "$to/node_modules/pg" ] && [ -d "$to/node_modules/mysql2" ] && cmp -s "$from/package-lock.json" "$to/package-lock.json"; then exit 0; fi
rm -rf "$to/node_modules"
cp "$from/package.json" "$from/package-lock.json" "$to/"
cd "$to"
npm ci --no-audit --no-fund --ignore-scripts --loglevel=error || {
  rm -rf node_modules
  fail "npm could not install the packages of tests/interop/node/package.json"
}
