#!/usr/bin/env python3
"""Measures memory and refreshes of the real exporter against the simulator.

memory.py BIN_DIR [--seconds N]

For 100 and 50 000 servers: resident memory at rest and at its peak, CPU time of a refresh from the body to the published page.
Then 20 projects whose lists are 60 MiB each, all at once: the peak, and what becomes of the runs.
"""

import argparse
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "e2e"))
import stack  # noqa: E402
from measure import cpu_seconds, mib  # noqa: E402

MIB = 1 << 20
INTERVAL_SECONDS = 10


def sum_of(samples, pattern):
    return sum(float(value) for series, value in samples.items() if re.match(pattern, series))


def measure_servers(bin_dir, directory, servers, seconds):
    fast = f"collectors: {{ servers: {{ interval: {INTERVAL_SECONDS}s }} }}"
    with stack.Simulator(bin_dir, directory, "--servers", str(servers)) as simulator:
        config = stack.config_of(simulator, directory, fast)
        with stack.Exporter(bin_dir, directory, "--config.file", config) as exporter:
            exporter.await_ready()
            first = mib(exporter.pid, "VmHWM")
            cpu, runs = cpu_seconds(exporter.pid), simulator.control("GET", "requests")
            rest = []
            started = time.monotonic()
            while time.monotonic() - started < seconds:
                rest.append(mib(exporter.pid, "VmRSS"))
                # A change, so that every refresh makes a new page.
                simulator.control("POST", "projects/project-0/servers", {"count": 1})
                time.sleep(INTERVAL_SECONDS / 2)
            asked = sum(row["count"] for row in simulator.control("GET", "requests")["requests"] if row["route"] == "/servers")
            before = sum(row["count"] for row in runs["requests"] if row["route"] == "/servers")
            refreshes = max(asked - before, 1)
            print(
                f"{servers} servers: RSS {sorted(rest)[len(rest) // 2]:.1f} MiB at rest, peak {first:.1f} MiB at the first refresh, "
                f"{mib(exporter.pid, 'VmHWM'):.1f} MiB over {refreshes} more; "
                f"{(cpu_seconds(exporter.pid) - cpu) / refreshes:.3f} s of CPU a refresh"
            )


def measure_flood(bin_dir, directory, seconds):
    with stack.Simulator(bin_dir, directory, "--projects", "20", "--servers", "1") as simulator:
        simulator.control("POST", "faults", {"kind": "huge_body", "route": "/servers", "bytes": 60 * MIB})
        simulator.control("POST", "faults", {"kind": "huge_body", "route": "/project", "bytes": 60 * MIB})
        config = stack.config_of(simulator, directory)
        with stack.Exporter(bin_dir, directory, "--config.file", config) as exporter:
            time.sleep(seconds)
            samples = exporter.samples()
            errors = {
                reason: sum_of(samples, rf'serverspace_collector_errors_total.*reason="{reason}"')
                for reason in ("bad_response", "timeout", "other")
            }
            no_room = sum_of(samples, r'serverspace_api_requests_total.*code="no_room"')
            print(
                f"20 projects with answers of 60 MiB: peak {mib(exporter.pid, 'VmHWM'):.1f} MiB, "
                f"RSS {mib(exporter.pid, 'VmRSS'):.1f} MiB after {seconds:.0f} s; failed runs {errors}, found no room {no_room:.0f}"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin_dir")
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    for measure in (
        lambda directory: measure_servers(options.bin_dir, directory, 100, options.seconds),
        lambda directory: measure_servers(options.bin_dir, directory, 50_000, options.seconds),
        lambda directory: measure_flood(options.bin_dir, directory, 30),
    ):
        with stack.scratch() as directory:
            measure(directory)


if __name__ == "__main__":
    main()
