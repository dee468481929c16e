#!/usr/bin/env python3
"""Measures the main job as a user has it: the real programs on loopback.

main_job.py BIN_DIR [--minutes N]

From the start to the first data, what rest costs, and how little the others notice of a project that hangs. Scrapes against
those of other servers are the matter of compare.sh. Absolute times are of this machine in this minute.
"""

import argparse
import statistics
import time

import measure
import stack


def measure_small(bin_dir, directory, minutes):
    with stack.Simulator(bin_dir, directory, "--servers", "100") as simulator:
        api_seconds = []
        for _ in range(5):
            started = time.monotonic()
            with stack.Exporter(bin_dir, directory, environment=stack.environment_of(simulator)) as exporter:
                exporter.await_ready()
                api_seconds.append(time.monotonic() - started)
        print(f"start to ready, one project with 100 servers: {statistics.median(api_seconds) * 1000:.0f} ms (median of 5)")
        with stack.Exporter(bin_dir, directory, environment=stack.environment_of(simulator)) as exporter:
            exporter.await_ready()
            simulator.control("DELETE", "requests")
            started, cpu = time.monotonic(), measure.cpu_seconds(exporter.pid)
            peak = 0
            while time.monotonic() - started < minutes * 60:
                exporter.get(headers=stack.OPEN_METRICS)
                peak = max(peak, measure.status_of(exporter.pid, "VmRSS"))
                time.sleep(1)
            seconds = time.monotonic() - started
            calls = simulator.control("GET", "requests")["total"]
            print(
                f"  over {seconds:.0f} s at a scrape a second: RSS at most {peak / 1024:.1f} MiB, "
                f"{measure.status_of(exporter.pid, 'Threads')} threads, {calls / seconds * 60:.2f} API calls a minute, "
                f"{(measure.cpu_seconds(exporter.pid) - cpu) / seconds * 100:.2f} % of a core"
            )


def measure_hang(bin_dir, directory, seconds):
    """How late the reads of nine projects come while the tenth hangs, against when it does not."""
    intervals = "collectors: { project: { interval: 10s }, servers: { interval: 10s } }"
    for hangs in (False, True):
        with stack.Simulator(bin_dir, directory, "--projects", "10") as simulator:
            config = stack.config_of(simulator, directory, intervals)
            if hangs:
                simulator.control("POST", "faults", {"kind": "hang_headers", "project": "project-0"})
            with stack.Exporter(bin_dir, directory, "--config.file", config) as exporter:
                ages = []
                started = time.monotonic()
                while time.monotonic() - started < seconds:
                    samples = exporter.samples()
                    for series, value in samples.items():
                        if series.startswith("serverspace_collector_last_success") and '"project-0"' not in series:
                            ages.append(time.time() - float(value))
                    time.sleep(0.5)
                print(
                    f"ages of the other nine projects' data, 10 s interval, one project {'hanging' if hangs else 'well   '}: "
                    f"median {statistics.median(ages):.2f} s, at most {max(ages):.2f} s"
                )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin_dir")
    parser.add_argument("--minutes", type=float, default=3)
    options = parser.parse_args()
    for job in (
        lambda directory: measure_small(options.bin_dir, directory, options.minutes),
        lambda directory: measure_hang(options.bin_dir, directory, options.minutes * 30),
    ):
        with stack.scratch() as directory:
            job(directory)


if __name__ == "__main__":
    main()
