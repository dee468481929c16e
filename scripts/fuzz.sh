#!/bin/bash
# Builds the fuzz targets and lets each search for inputs that it cannot take.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

usage() {
  cat <<'END'
usage: scripts/fuzz.sh [SECONDS [TARGET...]]

Each target runs for SECONDS, 10 unless given: those named, or all of tests/fuzz.
What was found to be new stays under build/fuzz/corpus and is gone on from; an
input that ends a target is kept under build/fuzz/findings, and the command that
shows it again is printed. Make each finding a test. JOBS=N runs as many at once;
SEED=N begins all with the same dice, so that a run can be repeated.
END
}

[[ ${1:-} != -h && ${1:-} != --help ]] || { usage && exit 0; }
seconds=${1:-10}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { usage >&2 && exit 2; }
targets=("${@:2}")

need_packages build fuzz
configure fuzz
say "build of the fuzz targets"
cmake --build --preset fuzz --parallel "$(jobs_for 1500)"
python3 tests/fuzz/seeds.py . build/fuzz/seeds

if [[ ${#targets[@]} -eq 0 ]]; then
  for source in tests/fuzz/*_fuzz.cc; do
    targets+=("$(basename "$source" _fuzz.cc)")
  done
fi

# run TARGET: the last line tells how it went.
run() {
  local target=$1 work=build/fuzz
  mkdir -p "$work/corpus/$target" "$work/findings/$target"
  if "${at_fixed_addresses[@]}" "$work/bin/${target}_fuzz" -seed="${SEED:-0}" -max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$work/findings/$target/" "$work/corpus/$target" "$work/seeds/$target" \
    >"$work/$target.log" 2>&1; then
    printf '%-14s %s runs, %s\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$target.log")" \
      "$(grep -oE 'cov: [0-9]+' "$work/$target.log" | tail -n 1)"
  else
    printf '%-14s FAILED:\n' "$target"
    tail -n 40 "$work/$target.log"
    printf 'again: %s %s\n' "$work/bin/${target}_fuzz" "$(sed -n 's/.*Test unit written to //p' "$work/$target.log")"
    return 1
  fi
}

say "${#targets[@]} targets for $seconds s each"
status=0
running=0
for target in "${targets[@]}"; do
  if [[ $running -ge $(jobs_for 1500) ]]; then
    wait -n || status=1
    running=$((running - 1))
  fi
  run "$target" &
  running=$((running + 1))
done
while [[ $running -gt 0 ]]; do
  wait -n || status=1
  running=$((running - 1))
done
exit "$status"
