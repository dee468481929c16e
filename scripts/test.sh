#!/bin/bash
# Builds and tests the project. The last line is `N passed, N failed`, summed over all runs of ctest.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

usage() {
  cat <<'END'
usage: scripts/test.sh [--quick | --all]

  --quick   release build and its tests without the end-to-end ones
  (none)    what CI runs: release build with all tests, checks of the sources,
            the tests under address and thread sanitizers, fuzzing for 10 s
            a target (scripts/fuzz.sh), clang-tidy on what
            changed and on the code that reads what others send
  --all     the same with clang-tidy on everything and the long tests

Missing Debian packages are installed. Packages of npm, of fixed versions and
checksums, are put under build/tools: for the dashboards' tests, and without
--quick for those of manifests, kubectl among them. JOBS=N sets the number of parallel jobs.
END
}

tier=default
case "${1:-}" in
  "") ;;
  --quick) tier=quick ;;
  --all) tier=all ;;
  -h | --help) usage && exit 0 ;;
  *) usage >&2 && exit 2 ;;
esac
[[ $# -le 1 ]] || { usage >&2 && exit 2; }

passed=0
failed=0
current=
advice=

finish() {
  local status=$?
  if [[ $status -ne 0 ]]; then
    printf '\nfailed: %s\n' "${current:-start}" >&2
    [[ -z $advice ]] || printf '%s\n' "$advice" >&2
    # A step that is no run of ctest has failed.
    [[ $failed -gt 0 ]] || failed=1
  fi
  echo "$passed passed, $failed failed"
}
trap finish EXIT

# step NAME ADVICE COMMAND...: announces, runs and times one step; what it prints stays on the screen.
step() {
  current=$1
  advice=$2
  shift 2
  local start=$SECONDS
  say "$current"
  "$@"
  say "$current: done in $((SECONDS - start)) s"
}

# build PRESET MIB CMAKE_OPTION...
build() {
  local preset=$1 mib=$2
  shift 2
  configure "$preset" "$@"
  # The tests are listed by running them, so this needs the same as running them.
  for_preset "$preset" cmake --build --preset "$preset" --parallel "$(jobs_for "$mib")"
}

# run_tests PRESET CTEST_OPTION...: runs, counts, and shows what did not pass.
run_tests() {
  local preset=$1 log=build/$1.ctest.log status=0 summary
  shift
  for_preset "$preset" ctest --preset "$preset" --no-tests=error --parallel "$(jobs_for 500)" "$@" |
    tee "$log" | LC_ALL=C grep --text --line-buffered -vE '^ *[0-9]+/[0-9]+ Test .* Passed |^ +Start +[0-9]+: ' || status=$?
  # 98% tests passed, 2 tests failed out of 91
  summary=$(sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+)$/\1 \2/p' "$log")
  if [[ -n $summary ]]; then
    failed=$((failed + ${summary% *}))
    passed=$((passed + ${summary#* } - ${summary% *}))
  fi
  return "$status"
}

check_scripts() {
  # shellcheck disable=SC2046 # No script has a space in its name.
  shellcheck -x $(grep -rlE '^#!/bin/(ba)?sh|^# shellcheck shell=' scripts bench .ci deploy tests 2>/dev/null)
}

# Files that changed since the main branch, or not committed yet.
changed_sources() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD~1 2>/dev/null || true)
  {
    [[ -z $base ]] || git diff --name-only --diff-filter=d "$base"
    git ls-files --others --exclude-standard
  } 2>/dev/null | grep -E '^(src|tests|bench)/.*\.cc$' || true
}

# tidy FILE...: clang-tidy on those that the release build compiles.
tidy() {
  local file files=()
  for file in "$@"; do
    # Version 14 does not know the coroutines of this standard library.
    ! grep -qE '^#include <boost/asio/(awaitable|co_spawn)' "$file" || continue
    ! grep -qF "$PWD/$file\"" build/release/compile_commands.json || files+=("$file")
  done
  [[ ${#files[@]} -gt 0 ]] || return 0
  echo "${#files[@]} files"
  printf '%s\n' "${files[@]}" |
    xargs -P "$(jobs_for 1000)" -n 1 clang-tidy -p build/release --quiet 2>build/clang-tidy.log |
    tee build/clang-tidy.txt
}

tidy_short() {
  # Of what did not change, only what reads the words of others.
  local files
  mapfile -t files < <({
    changed_sources
    ls src/api/json_{parser,reader}.cc src/api/decode.cc src/base/{file,text,url,money,timestamp}.cc \
      src/config/key*.cc src/http/{body_reader,head_guard,gzip_decoder}.cc \
      src/server/{http_message,http_query,http_request_parser,sd_filter,tasks_route,web_config}.cc src/tasks/*.cc 2>/dev/null
  } | sort -u)
  tidy "${files[@]}"
}

tidy_all() {
  local files
  mapfile -t files < <(find src tests bench -name '*.cc' 2>/dev/null | sort)
  tidy "${files[@]}"
}

packages() {
  if [[ $tier == quick ]]; then
    need_packages build package test
  else
    need_packages build package test lint
    [[ $tier != all ]] || need_packages image
  fi
  need_tools
  need_node_packages tests/grafana/schema
  if [[ $tier != quick ]]; then
    need_node_packages tests/deploy
    need_kubectl
  fi
}

mkdir -p build
rerun='Run one again with: ctest --preset release -R NAME, or the test program under build/release/bin itself.'
step "packages" "" packages
# With the benchmark programs, so that they cannot rot.
step "release build" "" build release 1000 -DSERVERSPACE_BENCHMARKS=ON

if [[ $tier == quick ]]; then
  step "release tests" "$rerun" run_tests release -LE long -E '^(e2e|deploy)/'
  exit 0
fi

step "shell scripts" "" check_scripts
step "release tests" "$rerun" run_tests release -LE long
for sanitizer in asan tsan; do
  step "$sanitizer build" "" build "$sanitizer" 2200
  step "$sanitizer tests" "${rerun//release/$sanitizer}" run_tests "$sanitizer" -LE 'lint|long'
done
# With the same dice each time: what it finds is of the change, and not of chance.
step "fuzzing" "An input that ends a target is a fault: make it a test of the code that read it." \
  env SEED=1 scripts/fuzz.sh 10
if [[ $tier == all ]]; then
  step "clang-tidy on all sources" "" tidy_all
  # A project without long tests yet is none without tests.
  if ctest --preset release -N -L long | grep -qE '^Total Tests: [1-9]'; then
    step "long tests" "$rerun" run_tests release -L long
  fi
else
  step "clang-tidy" "" tidy_short
fi
