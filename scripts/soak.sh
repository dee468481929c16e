#!/bin/bash
# Runs the stress or the soak of tests/stress for as long as wanted.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

usage() {
  cat <<'END'
usage: scripts/soak.sh stress|soak [--minutes N] [--seed N] [--preset NAME]

  stress   the program as it is, and threads that scrape, reload, break the API
           and end it at any moment; most telling with --preset tsan
  soak     days of the exporter's life in minutes on a faster clock, with
           faults, reloads and restarts, compared with the simulator

The seed is printed; without one it is random. 20 minutes and the preset release
unless told otherwise. The last lines tell what was done and how it ended.
END
}

test=
minutes=20
seed=$RANDOM
preset=release
while [[ $# -gt 0 ]]; do
  case "$1" in
    stress) test='StressTest.*' ;;
    soak) test='SoakTest.*' ;;
    --minutes | --seed | --preset)
      [[ $# -ge 2 ]] || { usage >&2 && exit 2; }
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done
[[ -n $test && $minutes =~ ^[0-9]*[.]?[0-9]+$ && $seed =~ ^[0-9]+$ ]] || { usage >&2 && exit 2; }

need_packages build test
configure "$preset"
# The tests are listed by running them, so this needs the same as running them.
for_preset "$preset" cmake --build --preset "$preset" --target stress_test --parallel "$(jobs_for 2200)"
say "$test for $minutes min with seed $seed"
SERVERSPACE_STRESS_MINUTES=$minutes SERVERSPACE_STRESS_SEED=$seed \
  for_preset "$preset" "build/$preset/bin/stress_test" --gtest_filter="$test"
