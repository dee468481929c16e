#!/bin/bash
# Compares the exporter with nginx and with exporters made with client_golang and prometheus-cpp.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

usage() {
  cat <<'END'
usage: bench/compare.sh [--quick] [--rounds N] [--seconds N] [CASE...]

Prints tables in Markdown: scrapes at 100, 1000, 10000 and 50000 servers and at
1000 projects of 20, of this exporter, nginx (plain and gzip_static) with the
same bytes, and exporters made with client_golang and prometheus-cpp with the
same series; then what the exporter itself takes. It takes half an hour;
--quick measures scrapes at 1000 servers alone, CASE those at another number or
PROJECTSxSERVERS.

Missing Debian packages are installed. Two cores are needed, and nothing else
should run on them; as root this runs before what does.
END
}

case "${1:-}" in
  -h | --help) usage && exit 0 ;;
esac

need_packages build test bench
[[ $(nproc) -ge 2 ]] || fail "this needs two cores: one for the server, one for the clients"
mkdir -p build/bench
configure release -DSERVERSPACE_BENCHMARKS=ON
cmake --build --preset release --parallel "$(jobs_for 1000)" \
  --target serverspace_exporter serverspace_simulator bench_prometheus_cpp_exporter >&2 || fail "the build failed"
# With the libraries of Debian, which are no modules.
GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS=-mod=mod GOCACHE=$PWD/build/bench/go \
  go build -o build/bench/client_golang bench/exporters/client_golang.go

python3 bench/compare.py build/release/bin build/bench/client_golang "$@"
[[ $# -gt 0 ]] || python3 bench/figures.py build/release/bin
