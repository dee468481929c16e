#!/bin/bash
# Builds the exporter and runs it on loopback: against a simulated API, or with a key against the real one.
set -euo pipefail
# Paths that the caller gives start from there.
caller=$PWD
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

usage() {
  cat <<'END'
usage: scripts/run.sh [--stack] [--story] [--once] [--port N] [--servers N] [--bin DIR]

  --stack      with Prometheus, the shipped rules and Alertmanager, against the
               simulator; messages are printed as they come
  --story      the same, and within two minutes a task fails, money runs low and
               returns, a server hangs and one is blocked
  --once       print the figures and end; else run until Ctrl-C
  --port N     listen on 127.0.0.1:N instead of a free port
  --servers N  servers in the simulated project (default 12)
  --bin DIR    take the programs from there instead of building them

With SERVERSPACE_API_KEY_FILE, SERVERSPACE_API_KEY, SERVERSPACE_PROJECTS_DIR or
SERVERSPACE_CONFIG_FILE in the environment the real API is asked, with GET
requests only; else a simulator plays it. Missing Debian packages are installed.
END
}

# number OPTION VALUE MAX
number() {
  [[ ${2:-} =~ ^[0-9]{1,7}$ && $((10#$2)) -le $3 ]] || fail "$1 needs a number up to $3"
}

stack=no
story=no
once=no
port=0
servers=12
bin=
while [[ $# -gt 0 ]]; do
  case "$1" in
    --stack) stack=yes ;;
    --story)
      stack=yes
      story=yes
      ;;
    --once) once=yes ;;
    --port)
      number "$1" "${2:-}" 65535
      port=$((10#$2))
      shift
      ;;
    --servers)
      number "$1" "${2:-}" 100000
      servers=$((10#$2))
      shift
      ;;
    --bin)
      [[ -n ${2:-} ]] || fail "--bin needs a directory"
      bin=$(cd "$caller" && cd "$2" 2>/dev/null && pwd) || fail "--bin: there is no directory $2"
      [[ -x $bin/serverspace_exporter ]] || fail "--bin: $2 holds no serverspace_exporter"
      shift
      ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

simulated=yes
for name in SERVERSPACE_API_KEY SERVERSPACE_API_KEY_FILE SERVERSPACE_KEY SERVERSPACE_PROJECTS_DIR SERVERSPACE_CONFIG_FILE; do
  [[ -n ${!name:-} ]] || continue
  if [[ $stack == yes ]]; then
    say "$name is not used: --stack and --story play with the simulator"
  else
    simulated=no
  fi
done

if [[ -z $bin ]]; then
  need_packages build run
  say "building (the first time takes some minutes)"
  configure release
  targets=(serverspace_exporter)
  [[ $simulated == no ]] || targets+=(serverspace_simulator)
  cmake --build --preset release --parallel "$(jobs_for 1000)" --target "${targets[@]}" >&2 || fail "the build failed"
  bin=$PWD/build/release/bin
fi

umask 077
if [[ $stack == yes ]]; then
  need_tools
  export PATH
  arguments=(--port "$port" --servers "$servers")
  [[ $story == no ]] || arguments+=(--story)
  [[ $once == no ]] || arguments+=(--once)
  exec env PYTHONDONTWRITEBYTECODE=1 python3 tests/e2e/show_stack.py "$bin" "${arguments[@]}"
fi

work=$(mktemp -d)
children=()

cleanup() {
  local pid try
  trap - EXIT INT TERM
  for pid in "${children[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${children[@]}"; do
    # Both stop by themselves within 5 s.
    for ((try = 0; try < 100; try++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# wait_for SECONDS PID WHAT CONDITION...: until the condition holds; fails when the process ends or time is up.
wait_for() {
  local deadline=$((SECONDS + $1)) pid=$2 what=$3
  shift 3
  until "$@"; do
    if ! kill -0 "$pid" 2>/dev/null; then
      tail -n 20 "$work"/*.log >&2
      fail "$what has ended"
    fi
    if [[ $SECONDS -ge $deadline ]]; then
      tail -n 20 "$work"/*.log >&2
      fail "$what is not ready"
    fi
    sleep 0.1
  done
}

get() { curl -fsS --noproxy '*' --max-time 10 "$1"; }
is_ready() { get "$url/-/ready" >/dev/null 2>&1; }

if [[ $simulated == yes ]]; then
  # What is set for a real exporter has no say in the simulated one.
  unset "${!SERVERSPACE_@}"
  "$bin/serverspace_simulator" --listen 127.0.0.1:0 --servers "$servers" --port-file "$work/api.port" \
    --ca-out "$work/ca.pem" --keys-dir "$work/keys" >"$work/simulator.log" 2>&1 &
  children+=($!)
  wait_for 30 $! "the simulator" test -s "$work/api.port"
  keys=("$work"/keys/*)
  SERVERSPACE_HOST="https://127.0.0.1:$(<"$work/api.port")"
  export SERVERSPACE_HOST SERVERSPACE_API_KEY_FILE="${keys[0]}" SERVERSPACE_CA_FILE="$work/ca.pem" SERVERSPACE_PROJECT=demo
  # Only the name of the proxy would matter here, and loopback needs none.
  export NO_PROXY='*'
fi

(
  cd "$caller"
  exec "$bin/serverspace_exporter" --web.listen-address "127.0.0.1:$port" --web.port-file "$work/web.port" \
    --log.level warn 2>"$work/exporter.log"
) &
exporter=$!
children+=("$exporter")
wait_for 30 "$exporter" "the exporter" test -s "$work/web.port"
url="http://$(head -n 1 "$work/web.port")"
wait_for 60 "$exporter" "the exporter" is_ready

# Ready means that money and servers are known. The figures below are of everything, so each collector must have run.
count() { grep -c "^$1{" "$work/metrics" || true; }
have_all_run() {
  get "$url/metrics" >"$work/metrics" &&
    [[ $(count serverspace_collector_last_attempt_timestamp_seconds) -eq $(count serverspace_collector_interval_seconds) ]]
}
so_far=
for ((try = 0; try < 300; try++)); do
  ! have_all_run || break
  sleep 0.1
done
have_all_run || so_far=" so far: some collectors have not ended"

# sum METRIC: over all its series; nothing if there is none.
sum() {
  awk -v name="$1" '{ metric = $1; sub(/[{].*/, "", metric) }
    metric == name { total += $NF; found = 1 } END { if (found) print total }' "$work/metrics"
}
# Printed as they are: sums of money are exact in the exporter and must not become floating point here.
balances() {
  sed -nE 's/^serverspace_project_balance\{([^}]*,)?currency="([^"]*)"[^}]*\} (.*)$/\3 \2/p' "$work/metrics" |
    paste -sd ';' | sed 's/;/, /g'
}
row() { printf '  %-24s %s\n' "$1" "${2:-not known}"; }

echo "$url/metrics"
row balance "$(balances)"
servers_seen=$(sum serverspace_servers)
row servers "$servers_seen"
disks=$(count serverspace_server_volume_size_bytes)
row disks "${servers_seen:+$disks}"
row "operations in progress" "$(sum serverspace_operations_in_progress)"
row "series" "$(grep -vc '^#' "$work/metrics" || true)$so_far"

if [[ $(count serverspace_up) -eq 0 || $(sum serverspace_up) -ne $(count serverspace_up) ]]; then
  cat "$work/exporter.log" >&2
  fail "the API does not answer as expected (see the lines above)"
fi
if [[ $once == no ]]; then
  echo "running until Ctrl-C"
  tail -n +1 -f "$work/exporter.log" >&2 &
  children+=($!)
  wait "$exporter" || fail "the exporter has ended"
fi
