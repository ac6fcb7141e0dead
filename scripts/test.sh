#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test with one ctest; ends with ctest's summary line.
#
#   scripts/test.sh [--fast] [--sanitize asan|tsan] [--fuzz-seconds N] [--tidy] [-- ctest options]
#
# --fast              only the release build: no sanitizer build, no fuzzing, no server test marked long
# --sanitize KIND     everything, integration included, on that sanitizer's build alone
# --fuzz-seconds N    how long each fuzz target runs (default 10; 0: no fuzzing)
# --tidy              clang-tidy over every source too (scripts/tidy.sh --all; half an hour of one core)
# After "--": options for ctest, e.g. `-- -R isolation` or `-- -L unit`.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$root"

modules="config;policy;dal;proxy"
fast=no
fuzz=no
sanitize=
fuzz_seconds=10
tidy=no
while [ $# -gt 0 ]; do
  case "$1" in
    --fast) fast=yes ;;
    --sanitize)
      sanitize=${2:-}
      case "$sanitize" in asan | tsan) ;; *) fail "--sanitize takes asan or tsan" ;; esac
      shift
      ;;
    --fuzz-seconds)
      fuzz_seconds=${2:-}
      case "$fuzz_seconds" in '' | *[!0-9]*) fail "--fuzz-seconds takes a number" ;; esac
      shift
      ;;
    --tidy) tidy=yes ;;
    -h | --help) sed -n '2,10p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
    --) shift; break ;;
    *) fail "unknown option $1 (see --help)" ;;
  esac
  shift
done

step() { printf '== %s (%ds)\n' "$1" "$SECONDS"; }

step "packages"
scripts/install-deps.sh base test

builds=()
if [ -n "$sanitize" ]; then
  step "build $sanitize"
  scripts/build.sh "$sanitize" -DFAIRLEAD_SERVER_TESTS=all -DFAIRLEAD_TEST_MODULES="$modules"
  builds=("$sanitize")
else
  step "build release"
  # The library's fault tests, all engines and styles, are run once: where a leak would show.
  scripts/build.sh release -DFAIRLEAD_LIBRARY_FAULTS="$fast"
  builds=(release)
  if [ "$fast" = no ]; then
    # Of the server tests only the library's, which run in its user's process, and under TSan only dal: the others take
    # several times as long (--sanitize asan, --sanitize tsan). The fuzz targets' build has ASan and UBSan anyway.
    targets="unit_${modules//;/ unit_} integration_library library_client"
    if [ "$fuzz_seconds" -gt 0 ]; then
      targets+=" $(cd tests/fuzz && echo *_fuzz.cpp | sed 's/\.cpp//g')"
      fuzz=yes
    fi
    step "build asan and fuzz"
    scripts/build.sh fuzz --target "$targets" -DFAIRLEAD_SERVER_TESTS=library -DFAIRLEAD_TEST_MODULES="$modules"
    step "build tsan"
    scripts/build.sh tsan --target "unit_dal integration_library" \
      -DFAIRLEAD_SERVER_TESTS=library -DFAIRLEAD_LIBRARY_FAULTS=OFF -DFAIRLEAD_TEST_MODULES=dal
    builds+=(fuzz tsan)
  fi
fi

tidied=0
if [ "$tidy" = yes ]; then
  step "clang-tidy"
  scripts/tidy.sh --all --build "build/${builds[0]}" || tidied=1
fi

step "node driver"
scripts/node-deps.sh || say "no node driver: its interop test will say so"

# One runner over all builds, so that there is one list and one summary. Fuzz targets are no part of a build's own
# tests: each runs for a moment over its kept corpus, with one seed so that the suite is the same everywhere (run the
# programs by hand to explore), and what it finds stays under build/fuzz.
mkdir -p build/all
{
  for build in "${builds[@]}"; do printf 'subdirs("%s/build/%s")\n' "$root" "$build"; done
  if [ "$fuzz" = yes ]; then
    for source in tests/fuzz/*_fuzz.cpp; do
      name=$(basename "$source" .cpp)
      mkdir -p "build/fuzz/new/$name" "tests/fuzz/corpus/$name"
      printf 'add_test("fuzz.%s" "%s/build/fuzz/tests/fuzz/%s" "-seed=1" "-max_total_time=%s" "-timeout=20" "-artifact_prefix=%s/build/fuzz/%s-" "%s/build/fuzz/new/%s" "%s/tests/fuzz/corpus/%s")\n' \
        "$name" "$root" "$name" "$fuzz_seconds" "$root" "$name" "$root" "$name" "$root" "$name"
      printf 'set_tests_properties("fuzz.%s" PROPERTIES LABELS "fuzz")\n' "$name"
    done
  fi
} >build/all/CTestTestfile.cmake
options=(--output-on-failure --no-label-summary --timeout 900 -j "$(nproc)")
[ "$fast" = no ] || export FAIRLEAD_FAST=1

step "tests"
status=0
ctest --test-dir build/all "${options[@]}" "$@" 2>&1 | tee build/test.log || status=$?
# Again, close to the end: what failed stands far up, and a machine's log may keep only the last lines.
[ "$status" = 0 ] || grep -E '^(FAILED|ERROR) |: Failure$|ERROR: [A-Za-z]+Sanitizer|WARNING: ThreadSanitizer' build/test.log | cut -c -400 | tail -n 12 || true
say "the whole output: build/test.log (${SECONDS}s)"
grep -E '^[0-9]+% tests passed' build/test.log | tail -n 1 || { say "ctest ran no test"; status=1; }
[ "$tidied" = 0 ] || say "clang-tidy has findings (further up)"
exit $((status != 0 ? status : tidied))
