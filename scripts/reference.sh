#!/usr/bin/env bash
# Writes the reference of the public headers into build/reference/html, with doxygen. Fails when a public name has no
# documentation, or a type does not tell what fails, who may use it and how long it lives; says which.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$root"

command -v doxygen >/dev/null || fail "doxygen is missing: scripts/install-deps.sh test"
rm -rf build/reference
mkdir -p build/reference
doxygen docs/Doxyfile
"$python" scripts/check-reference.py build/reference/xml
say "build/reference/html/index.html"
